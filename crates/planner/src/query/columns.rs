//! Which columns of a query come unchanged from its files, so that they are no larger than there.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::explain_text::Operator;

/// How Daft writes the columns of a scan, and those that a UDF passes through, without spaces.
const SCANNED: &str = "Schema:{";
const PASSED: &str = "PassthroughColumns=[";

/// Types whose values all have the same few bytes, as Daft prints them.
const FIXED: [&str; 10] =
    ["Int", "UInt", "Float", "Bool", "Date", "Time", "Duration", "Decimal", "Interval", "Null"];

/// The type of each column by its name, both without spaces.
pub(crate) type Columns = BTreeMap<String, String>;

/// Types whose values have any size, but are seldom large unless they contain one of the bulky types.
const MODEST: [&str; 3] = ["String", "List", "Struct"];
const BULKY: [&str; 5] = ["Binary", "Image", "Tensor", "Python", "File"];

/// The columns that every scan has and every UDF passes through.
///
/// A UDF that makes a column under the name of a scanned one does not pass that one through. An expression of
/// Daft may also make another column of the same name, which shows only in its type.
pub(crate) fn kept_columns(operators: &[Operator]) -> Columns {
    let scans = operators.iter().filter(|operator| operator.is_scan()).map(scanned);
    let same = |mut one: Columns, other: Columns| {
        one.retain(|name, of| other.get(name) == Some(of));
        one
    };
    let mut kept = scans.reduce(same).unwrap_or_default();
    for udf in operators.iter().filter(|operator| operator.is_udf() || operator.is_actor()) {
        let passed = passed(udf);
        kept.retain(|name, _| passed.contains(name.as_str()));
    }
    kept
}

/// The columns of a scan.
pub(crate) fn scanned(scan: &Operator) -> Columns {
    let columns = scan.described(SCANNED).unwrap_or_default().trim_end_matches('}');
    let column = |column: &str| {
        let (name, of) = column.split_once('#')?;
        // The logical name of strings, which a schema in Python has.
        Some((name.to_owned(), of.replace("Utf8", "String")))
    };
    columns.split(',').filter_map(column).collect()
}

fn passed(udf: &Operator) -> BTreeSet<&str> {
    let columns = udf.described(PASSED).unwrap_or_default().trim_end_matches(']');
    let names =
        columns.split(",col(").filter_map(|column| column.strip_suffix(')')?.split_once(':'));
    names.map(|(_, name)| name).collect()
}

/// How much larger the columns of a query may be than what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Growth {
    /// The columns are no larger, except for a few bytes per row.
    None,
    /// The columns are new text, lists or records: usually a few times as large.
    Some,
    /// The columns are pictures, documents or objects: any number of times as large.
    Much,
}

/// How much a column may have grown.
///
/// # Arguments
///
/// * `name`, `data_type`: the column, as Daft prints it.
/// * `kept`: the columns that come unchanged from the files.
pub(crate) fn growth(name: &str, data_type: &str, kept: &Columns) -> Growth {
    let squeezed = |text: &str| text.replace(char::is_whitespace, "");
    let is_fixed = FIXED.iter().any(|fixed| data_type.starts_with(fixed));
    if is_fixed || kept.get(&squeezed(name)) == Some(&squeezed(data_type)) {
        Growth::None
    } else if MODEST.iter().any(|modest| data_type.starts_with(modest))
        && !BULKY.iter().any(|bulky| data_type.contains(bulky))
    {
        Growth::Some
    } else {
        Growth::Much
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    const SCAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n\
                        |   Schema: {row#Int64, a text#Utf8, k#List[Int64]}\n";

    fn kept(above: &str) -> Vec<String> {
        kept_columns(&operators(&format!("{above}{SCAN}"))).into_keys().collect()
    }

    #[test]
    fn a_column_that_every_udf_passes_through_is_kept() {
        assert_eq!(kept(""), ["atext", "k", "row"]);
        let udf = |passed: &str| {
            format!(
                "* UDF f:\n|   Expr = f(col(1: a text)) as t\n|   Passthrough Columns = [{passed}]\n|\n"
            )
        };
        let all = udf("col(0: row), col(1: a text), col(2: k)");
        assert_eq!(kept(&all), ["atext", "k", "row"]);
        assert_eq!(kept(&udf("col(0: row)")), ["row"], "the text is another one");
        assert_eq!(kept(&format!("{}{all}", udf("col(2: k), col(3: t)"))), ["k"]);
        assert_eq!(kept("* UDF f:\n|   Expr = f(col(0: row))\n|\n"), [""; 0], "it does not say");
    }

    #[test]
    fn a_new_column_may_grow_depending_on_its_type() {
        let kept = Columns::from([("atext".to_owned(), "String".to_owned())]);
        let of = |data_type| growth("x", data_type, &kept);
        for fixed in
            ["Int64", "UInt8", "Float32", "Boolean", "Timestamp[us]", "Decimal[precision: 10]"]
        {
            assert_eq!(of(fixed), Growth::None, "{fixed}");
        }
        for modest in ["String", "List[Int64]", "Struct[a: Int64]"] {
            assert_eq!(of(modest), Growth::Some, "{modest}");
        }
        for bulky in ["Binary", "Image[MIXED]", "List[Binary]", "Embedding[Float32; 1536]", "New"] {
            assert_eq!(of(bulky), Growth::Much, "{bulky}");
        }
        assert_eq!(growth("a text", "String", &kept), Growth::None);
        let downloaded = growth("a text", "Binary", &kept);
        assert_eq!(downloaded, Growth::Much, "it has the name of its address");
    }
}
