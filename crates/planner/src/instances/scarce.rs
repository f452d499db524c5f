use crate::udf_name::is_of_class;

/// A class UDF whose instances do not fit into every worker of a node, as an earlier query has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scarce {
    /// The name of the class, with its module: the beginning of the names of its methods.
    pub name: String,
    /// How many workers of a node have room for an instance.
    pub workers: u64,
    /// How many workers the node had.
    pub of: u64,
}

/// If at most one worker in so many has room for an instance, one copy with all threads of the node is worth
/// more: a model of that size spends its time in native code, which releases the GIL.
const RARE_PART: u64 = 8;

impl Scarce {
    /// Whether so few workers have room that one copy with all threads of the node is worth more.
    pub(crate) fn is_rare(&self) -> bool {
        self.workers.saturating_mul(RARE_PART) <= self.of
    }

    /// The scarcest of the classes that a query uses. `udfs` are the names of its UDFs.
    pub(crate) fn of_query<'a, 'b>(
        scarce: &'a [Self],
        udfs: impl Iterator<Item = &'b str> + Clone,
    ) -> Option<&'a Self> {
        let is_used = |scarce: &&Self| udfs.clone().any(|udf| is_of_class(udf, &scarce.name));
        scarce.iter().filter(is_used).min_by_key(|scarce| scarce.workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scarcest_class_of_the_query_counts() {
        let class = |name: &str, workers| Scarce { name: name.to_owned(), workers, of: 16 };
        let scarce = [class("m.A", 8), class("m.B", 2), class("m.C", 1)];
        let of = |udfs: &[&str]| {
            Scarce::of_query(&scarce, udfs.iter().copied()).map(|scarce| scarce.name.clone())
        };
        assert_eq!(of(&["m.A.__call__", "m.B.embed", "f"]).as_deref(), Some("m.B"));
        assert_eq!(of(&["m.A"]).as_deref(), Some("m.A"), "a class of `@daft.udf`");
        assert_eq!(of(&["m.AB.__call__", "m"]), None);
        assert_eq!(scarce.map(|scarce| scarce.is_rare()), [false, true, true]);
    }
}
