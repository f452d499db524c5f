use crate::query::explain_text::Operator;

/// How Daft writes an operator that writes to files, to a catalog or through Python code (0.5.22 to 0.7.26).
const SINK: &str = "Sink:";
/// The function that writes each row to a file of its own.
pub(crate) const UPLOAD: &str = "url_upload(";

/// Whether a plan writes, given the operators of the distributed plan. A plan without operators could not be
/// read, and may write.
pub(crate) fn writes(operators: &[Operator]) -> bool {
    operators.is_empty() || operators.iter().any(Operator::writes)
}

impl Operator {
    fn writes(&self) -> bool {
        self.header().starts_with(SINK)
            || self.header().contains(UPLOAD)
            || self.lines.iter().any(|line| line.contains(UPLOAD))
    }
}

#[cfg(test)]
mod tests {
    use crate::query::explain_text::operators;

    fn writes(plan: &str) -> bool {
        super::writes(&operators(plan))
    }

    const SOURCE: &str = "|\n* InMemorySource:\n|   Schema = a#Int64\n";

    #[test]
    fn a_plan_with_a_sink_writes() {
        for sink in [
            "Sink: Parquet",
            "Sink: Csv",
            "Sink: Iceberg(Some(\"a.b\"))",
            "Sink: DeltaLake(s3://a)",
            "Sink: Lance(/a)",
            "Sink: DataSink(mine)",
        ] {
            assert!(
                writes(&format!("* {sink}\n|   Output schema = path#Utf8\n{SOURCE}")),
                "{sink}"
            );
            assert!(writes(&format!("* Project: col(0: a)\n|\n* {sink}\n{SOURCE}")), "{sink}");
        }
    }

    #[test]
    fn a_plan_with_an_upload_writes() {
        for upload in [
            "* Project: col(0: a), url_upl\n|     oad(col(1: b), lit(\"/tmp\")) as u\n",
            "* Group-By Aggregate: col(0: a)\n|   Aggregations = sum(url_upload(col(1: b)))\n",
        ] {
            assert!(writes(&format!("{upload}{SOURCE}")), "{upload}");
        }
    }

    #[test]
    fn a_plan_without_either_does_not_write() {
        assert!(!writes(&SOURCE.replacen("|\n", "", 1)));
        assert!(!writes("* Project: col(0: a), col(1: Sink) as a\n|   Resource request = None\n"));
    }

    #[test]
    fn an_unreadable_plan_may_write() {
        assert!(writes(""));
        assert!(writes("PanicException: no plan"));
    }
}
