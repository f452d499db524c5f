use crate::query::explain_text::Operator;
use crate::quoted::Quoted;

/// How many batches of an async UDF a Daft process awaits at once if the user sets no limit
/// (`DEFAULT_MAX_INFLIGHT_TASKS` in `async_udf.rs`, Daft 0.6.8 to 0.7.26).
const DEFAULT_AT_ONCE: u64 = 64;

/// An async UDF that the workers of a query await.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsyncUdf {
    /// The name of the UDF.
    pub operator: String,
    /// The `max_concurrency` that the user has set, if any.
    pub max_concurrency: Option<u64>,
}

impl AsyncUdf {
    /// Finds the async UDFs of a distributed plan.
    pub(crate) fn of_plan(operators: &[Operator]) -> Vec<Self> {
        let awaited = operators.iter().filter(|operator| operator.is_awaited());
        awaited
            .map(|operator| Self {
                operator: operator.udf_name(),
                max_concurrency: operator.properties().and_then(max_concurrency),
            })
            .collect()
    }

    /// The name, as messages show it.
    pub(crate) fn name(&self) -> Quoted<'_> {
        Quoted(&self.operator)
    }

    /// How many of the UDF's batches a Daft process awaits at once.
    pub(crate) fn at_once(&self) -> u64 {
        self.max_concurrency.unwrap_or(DEFAULT_AT_ONCE)
    }
}

fn max_concurrency(properties: &str) -> Option<u64> {
    let mut each = properties.trim_matches(['{', '}']).split(',');
    each.find_map(|property| property.strip_prefix("concurrency=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    #[test]
    fn async_udfs_are_found_with_their_limit() {
        let of = |properties: &str| {
            let text = format!("* UDF g:\n|   Properties = {{ {properties} }}\n");
            AsyncUdf::of_plan(&operators(&text)).pop().map(|async_udf| async_udf.max_concurrency)
        };
        assert_eq!(of("concurrency = 2, on_error = raise, async = true"), Some(Some(2)));
        assert_eq!(of("async = true, scalar = false"), Some(None));
        assert_eq!(of("concurrency = 2, async = false"), None);
        assert_eq!(of("use_process = true, async = true"), None, "processes of its own");
    }
}
