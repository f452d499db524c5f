use std::collections::BTreeSet;

/// The fewest characters of an id that are shown.
const SHORTEST: usize = 8;

/// Shortens ids of nodes, as far as they stay different.
pub(crate) struct ShortIds {
    length: usize,
}

impl ShortIds {
    /// Finds the shortest length at which these ids differ.
    pub(crate) fn of<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let ids: BTreeSet<&str> = ids.collect();
        let longest = ids.iter().map(|id| id.len()).max().unwrap_or(0);
        let differ = |length: &usize| {
            let short: BTreeSet<_> = ids.iter().map(|id| beginning(id, *length)).collect();
            short.len() == ids.len()
        };
        let length = (SHORTEST..longest).find(differ).unwrap_or(longest.max(SHORTEST));
        Self { length }
    }

    /// The beginning of an id.
    pub(crate) fn short<'a>(&self, id: &'a str) -> &'a str {
        beginning(id, self.length)
    }
}

/// The first bytes of a text; the whole text if a character would be split.
fn beginning(id: &str, length: usize) -> &str {
    id.get(..length).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_short_as_their_differences_allow() {
        let nodes = ["0123456789ab", "0123456789cd", "x"];
        let ids = ShortIds::of(nodes.into_iter());
        assert_eq!(nodes.map(|id| ids.short(id)), ["0123456789a", "0123456789c", "x"]);
        let one = ShortIds::of(std::iter::once("0123456789ab"));
        assert_eq!(one.short("0123456789ab"), "01234567");
        assert_eq!(ShortIds::of(["é"; 2].into_iter()).short("éééééé"), "éééé");
    }
}
