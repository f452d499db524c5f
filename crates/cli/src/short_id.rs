use std::collections::BTreeSet;

/// How much of an id is shown at least, in characters.
const SHORTEST: usize = 8;

/// Ids of nodes, as far as people need them to tell one from the other.
pub(crate) struct ShortIds {
    length: usize,
}

impl ShortIds {
    /// The shortest length at which these ids differ.
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

/// The first bytes of a text; all of it where it cannot be cut there.
fn beginning(id: &str, length: usize) -> &str {
    id.get(..length).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_short_as_they_can_be_told_apart() {
        let fold_nodes = ["0123456789ab", "0123456789cd", "x"];
        let ids = ShortIds::of(fold_nodes.into_iter());
        assert_eq!(fold_nodes.map(|id| ids.short(id)), ["0123456789a", "0123456789c", "x"]);
        let one = ShortIds::of(std::iter::once("0123456789ab"));
        assert_eq!(one.short("0123456789ab"), "01234567");
        assert_eq!(ShortIds::of(["é"; 2].into_iter()).short("éééééé"), "éééé");
    }
}
