//! Groups of many rows whose values Daft gathers from all over memory.

use crate::measured::SCATTERED_PERCENT;
use crate::query::columns::scanned;
use crate::query::explain_text::Operator;
use crate::query::scan_files::local_parquet;

/// How Daft writes the keys, the columns and the estimated rows of an operator, without spaces.
const KEYS: &str = "Groupby=";
const COLUMNS: &str = "Outputschema=";
const ROWS: &str = "Stats={Approxnumrows=";

/// The type whose values Daft gathers by row. It adds up integers and floats as they come
/// (`daft-recordbatch/src/ops/inline_agg.rs`, 0.7.10 to 0.7.26).
const GATHERED: &str = "#Decimal128(";

/// Operators that give each row to the next operator, or do not.
const BY_ROW: [&str; 2] = ["Project", "Filter"];

/// A grouping of a scan's rows, of which each group's values are gathered from where they are in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheredGroups {
    /// One of the files that are read, which is on the driver's disk.
    pub file: String,
    /// The columns of the file that are the keys.
    pub keys: Vec<String>,
    /// The rows that are grouped, as Daft estimates them.
    pub rows: u64,
}

impl GatheredGroups {
    /// Whether the rows of most groups are far apart, so that a partial aggregation of a batch leaves most rows.
    ///
    /// # Arguments
    ///
    /// * `rows`: the rows of a batch.
    /// * `keys`: how many keys these have.
    pub fn are_scattered(rows: u64, keys: u64) -> bool {
        rows > 0 && keys.saturating_mul(100) >= rows.saturating_mul(SCATTERED_PERCENT)
    }
}

/// Returns the grouping of a query that gathers most rows, of those that group a scan of Parquet files by its
/// own columns; None if there is none.
///
/// # Arguments
///
/// * `logical`: the operators of the optimized logical plan.
pub(crate) fn gathered_groups(logical: &[Operator]) -> Option<GatheredGroups> {
    let groupings = (0..logical.len()).filter_map(|at| of_grouping(logical.get(at..)?));
    groupings.max_by_key(|groups| groups.rows)
}

/// Reads an operator and those below it.
fn of_grouping(operators: &[Operator]) -> Option<GatheredGroups> {
    let (grouping, below) = operators.split_first()?;
    let keys = grouping.described(KEYS)?;
    let keys: Option<Vec<&str>> =
        keys.split(',').map(|key| key.strip_prefix("col(")?.strip_suffix(')')).collect();
    let keys = keys?;
    if !gathers(grouping.described(COLUMNS)?, &keys) {
        return None;
    }
    let scan = below.iter().find(|operator| !BY_ROW.contains(&operator.squeezed_kind()))?;
    let columns = scanned(scan);
    if !scan.header().starts_with("NumScanTasks=")
        || scan.depth != grouping.depth
        || !keys.iter().all(|key| columns.contains_key(*key))
    {
        return None;
    }
    let rows = scan.described(ROWS)?.split("Approx").next()?;
    let rows: String = rows.chars().filter(char::is_ascii_digit).collect();
    Some(GatheredGroups {
        file: scan.lines.iter().find_map(|line| local_parquet(line))?,
        keys: keys.into_iter().map(str::to_owned).collect(),
        rows: rows.parse().ok()?,
    })
}

/// Whether a column that is no key has values that are gathered.
fn gathers(columns: &str, keys: &[&str]) -> bool {
    let before: Vec<&str> = columns.split(GATHERED).collect();
    let named = before.iter().take(before.len().saturating_sub(1));
    let mut names = named.map(|text| text.rsplit(',').next().unwrap_or(text));
    names.any(|name| !keys.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    /// The text of a plan of Daft 0.7.26.
    fn plan(keys: &str, columns: &str, file: &str) -> String {
        format!(
            "* Project: col(v)\n|   Stats = {{ Approx num rows = 1, Approx size bytes = 8 B }}\n|\n\
             * Aggregation: mean(col(v)) as v.local_mean()\n|   Group by = {keys}\n|   Output schema = \
             {columns}\n|   Stats = {{ Approx num rows = 30,819,888, Approx size bytes = 1 B }}\n|\n\
             * Project: col(v), col(k)\n|\n* Num Scan Tasks = 16\n|   Schema: {{k#Int64, \
             v#Decimal128(15,\n|     2), s#Utf8}}\n|   Scan Tasks: [\n|   {{File {{{file}}}}}\n|   ]\n\
             |   Stats = {{ Approx num rows = 38,524,861, Approx size bytes =\n|     857.89 MiB }}\n"
        )
    }

    const COLUMNS: &str = "k#Int64, v.local_mean()#Decimal128(38, 6)";
    const FILE: &str = "file:///d/a.parquet";

    fn groups(text: &str) -> Option<GatheredGroups> {
        gathered_groups(&operators(text))
    }

    #[test]
    fn decimals_by_columns_of_a_scan_are_gathered() {
        let found = groups(&plan("col(k)", COLUMNS, FILE)).expect("a grouping");
        assert_eq!(found.file, "/d/a.parquet");
        assert_eq!((&found.keys[..], found.rows), (&["k".to_owned()][..], 38_524_861));
        let two = groups(&plan("col(k), col(s)", COLUMNS, FILE)).expect("a grouping");
        assert_eq!(two.keys, ["k", "s"]);
    }

    #[test]
    fn groups_of_which_a_batch_has_one_row_each_are_scattered() {
        assert!(GatheredGroups::are_scattered(1000, 500));
        assert!(!GatheredGroups::are_scattered(1000, 499));
        assert!(!GatheredGroups::are_scattered(0, 0));
    }

    #[test]
    fn other_groupings_are_not() {
        for (keys, columns, file) in [
            ("col(k)", "k#Int64, v#Float64", FILE),
            ("col(v)", "v#Decimal128(15, 2), k#Int64", FILE),
            ("col(k) + lit(1)", COLUMNS, FILE),
            ("col(made)", COLUMNS, FILE),
            ("col(k)", COLUMNS, "s3://d/a.parquet"),
            ("col(k)", COLUMNS, "file:///d/a.csv"),
        ] {
            assert_eq!(groups(&plan(keys, columns, file)), None, "{keys} {columns} {file}");
        }
        let joined = plan("col(k)", COLUMNS, FILE).replace("Project: col(v), col(k)", "Join: x");
        assert_eq!(groups(&joined), None);
        assert_eq!(groups(""), None);
    }
}
