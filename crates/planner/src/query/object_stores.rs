//! Which object stores a plan connects to. Each Daft process has a client for them with a limit of its own:
//! `max_connections` of its `IOConfig` for each of up to eight threads (`s3_like.rs`, `azure_blob.rs` and
//! `google_cloud.rs` in `daft-io`, 0.5.22 to 0.7.26).

use crate::query::explain_text::Operator;
use crate::query::python_code::OF_FILES;
use crate::query::sink::UPLOAD;

/// The schemes of the paths of these stores.
const SCHEMES: [&str; 8] = ["s3", "s3a", "s3n", "gs", "gcs", "az", "abfs", "abfss"];
/// How Daft writes the folder of a sink's files, without spaces.
const SINK: &str = "Rootdir=";
/// Functions that open connections of their own, to addresses in the rows.
const TRANSFERS: [&str; 2] = ["url_download(", UPLOAD];

/// The object stores that a plan reads from or writes to, by the scheme of their paths, each once.
pub(crate) fn stores(operators: &[Operator]) -> Vec<String> {
    let paths = operators.iter().flat_map(|operator| {
        let label = if operator.is_scan() { OF_FILES } else { SINK };
        let is_known = operator.is_scan() || operator.squeezed_kind() == "Sink";
        operator
            .lines
            .iter()
            .filter(move |_| is_known)
            .filter_map(move |line| line.strip_prefix(label))
    });
    let schemes = paths.filter_map(|path| Some(path.split_once("://")?.0));
    let mut found: Vec<String> =
        schemes.filter(|scheme| SCHEMES.contains(scheme)).map(str::to_owned).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a plan downloads from or uploads to addresses in its rows.
pub(crate) fn transfers(operators: &[Operator]) -> bool {
    let does = |text: &String| TRANSFERS.iter().any(|function| text.contains(function));
    operators.iter().any(|operator| does(&operator.header) || operator.lines.iter().any(does))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn found(text: &str) -> Vec<String> {
        stores(&operators(text))
    }

    #[test]
    fn the_object_stores_of_scans_and_sinks_are_named_once() {
        let scan = "* ScanTaskSource:\n|   Num Scan Tasks = 3\n|   {File {s3://d/a.parquet}}\n\
                    |   {File {s3://d/b.parquet}}\n|   {File {https://d/c}}\n";
        assert_eq!(found(scan), ["s3"]);
        assert_eq!(
            found(&format!("* Sink: Parquet\n|   Root dir = gs://d\n|\n{scan}")),
            ["gs", "s3"]
        );
        assert_eq!(found("* Sink: Parquet\n|   Root dir = file:///d\n"), [""; 0]);
        assert_eq!(found("* Filter: lit(\"\n|   {File {s3://\")\n"), [""; 0]);
    }

    #[test]
    fn downloads_and_uploads_are_found() {
        assert!(transfers(&operators("* Project: url_download(col(0: a)) as b\n")));
        assert!(transfers(&operators(
            "* Project:\n|   url_upload(col(0: a),\n|     lit(\"s3://b\"))\n"
        )));
        assert!(!transfers(&operators("* Project: col(0: url_download)\n")));
    }
}
