use crate::query::explain_text::{Operator, operators};
use crate::query::partition_sensitivity::PARQUET;
use crate::query::python_code::OF_FILES;

/// How Daft writes a task that reads one file from the driver's own disk, without spaces.
const LOCAL: (&str, &str) = ("{File{file://", "}}");

/// The files on the driver's disk that the only scan of a plan reads, each in a task of its own; empty if there
/// are several scans, if Daft does not list all files, or if a file is elsewhere.
///
/// Daft wraps a long path, and the line does not tell whether there was a space at its end. So all spaces are
/// removed. A path that has spaces then names no file, or one whose row groups differ from those that Daft
/// splits.
pub(crate) fn local_files(operators: &[Operator]) -> Vec<String> {
    let mut scans = operators.iter().filter_map(|scan| Some((scan, scan.scan_tasks()?)));
    let (Some((scan, tasks)), None) = (scans.next(), scans.next()) else { return Vec::new() };
    let files: Vec<_> = scan.lines.iter().filter_map(|line| in_task(line)).collect();
    if u64::try_from(files.len()) == Ok(tasks) { files } else { Vec::new() }
}

/// The Parquet file on the driver's disk that a line of a scan names, if it does.
pub(crate) fn local_parquet(line: &str) -> Option<String> {
    in_task(line).filter(|path| path.ends_with(PARQUET))
}

fn in_task(line: &str) -> Option<String> {
    let (before, after) = LOCAL;
    Some(line.strip_prefix(before)?.strip_suffix(after)?.to_owned())
}

/// Whether a plan scans files that are not on the driver's disk. A text that cannot be read scans none.
pub fn reads_remote_files(plan: &str) -> bool {
    any_elsewhere(&operators(plan))
}

/// Whether a scan of a plan reads a file that is not on the driver's disk.
pub(crate) fn any_elsewhere(operators: &[Operator]) -> bool {
    let local = LOCAL.0;
    let is_elsewhere = |line: &String| {
        line.strip_prefix(OF_FILES).is_some_and(|path| path.contains("://"))
            && !line.starts_with(local)
    };
    operators.iter().any(|scan| scan.is_scan() && scan.lines.iter().any(is_elsewhere))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn scan(tasks: u64, lines: &str) -> String {
        format!(
            "* ScanTaskSource:\n|   Num Scan Tasks = {tasks}\n|   Scan Tasks: [\n{lines}|   ]\n"
        )
    }

    const A: &str = "|   {File {file:///d/a/\n|     b.parquet}}\n";

    #[test]
    fn all_files_of_the_only_scan_are_read() {
        let files = |text: &str| local_files(&operators(text));
        assert_eq!(files(&scan(1, A)), ["/d/a/b.parquet"]);
        assert_eq!(files(&scan(2, &A.repeat(2))).len(), 2);
        assert_eq!(files(&scan(9, &A.repeat(6))), [""; 0], "Daft writes six of them");
        assert_eq!(files(&scan(1, "|   {File {s3://d/a.parquet}}\n")), [""; 0]);
        assert_eq!(files(&format!("{}|\n{}", scan(1, A), scan(1, A))), [""; 0]);
        assert_eq!(files("* InMemorySource:\n"), [""; 0]);
    }

    #[test]
    fn remote_files_are_found() {
        let elsewhere = |text: &str| reads_remote_files(text);
        assert!(!elsewhere(&scan(1, A)));
        assert!(elsewhere(&scan(1, "|   {File {s3://d/a.parquet}}\n")));
        assert!(elsewhere(&format!("{}|\n{}", scan(1, A), scan(1, "|   {File {https://d/a}}\n"))));
        assert!(!elsewhere("* Filter: lit(\"\n|   {File {s3://\")\n"));
    }
}
