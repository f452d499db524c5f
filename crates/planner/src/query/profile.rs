use crate::error::Error;
use crate::query::async_udf::AsyncUdf;
use crate::query::explain_text::{Operator, operators};
use crate::query::fusion::{certain_requests, requests};
use crate::query::object_stores::{stores, transfers};
use crate::query::python_stage::{PythonStage, in_memory_partitions};
use crate::query::resource_request::ResourceRequest;
use crate::query::scan_profile::ScanProfile;
use crate::query::sink::writes;
use crate::query::whole::gathered_groups::{GatheredGroups, gathered_groups};
use crate::query::whole::plan::{Bound, bound_to_tasks};
use crate::query::whole::write::{Writer, one_writer};

/// What a query needs, read from the text of its distributed plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryProfile {
    /// What the tasks certainly ask for. Neighbouring UDFs run in one task, which asks for the maximum of each
    /// resource.
    pub requests: Vec<ResourceRequest>,
    /// What the tasks ask for if UDFs that may run in one task do. A task is not refused as too large because
    /// of it.
    pub joined: Vec<ResourceRequest>,
    /// The operators whose Python code runs in the workers: UDFs, and sources and sinks written in Python.
    pub python_stages: Vec<PythonStage>,
    /// The async UDFs that the workers await.
    pub async_udfs: Vec<AsyncUdf>,
    /// The first UDF that runs in processes of its own, which end with each task (`use_process`).
    pub own_processes: Option<String>,
    /// The object stores that the query reads from or writes to, by the scheme of their paths, each once.
    pub stores: Vec<String>,
    /// Whether the query downloads from or uploads to addresses in its rows.
    pub transfers: bool,
    /// Whether the query writes, to files or to a sink.
    pub writes: bool,
    /// What the scans read, and how they may be split.
    pub scans: ScanProfile,
    /// What keeps one worker from running the whole query as one task, if anything does.
    pub bound_to_tasks: Option<Bound>,
    /// How one worker writes the rows that several tasks would write at the same time; None if there are no
    /// such rows.
    pub one_writer: Option<Writer>,
    /// The largest grouping of the query whose values Daft gathers, if it has one.
    pub gathered_groups: Option<GatheredGroups>,
}

impl QueryProfile {
    /// The names of the operators whose Python code runs in the workers, async code among them.
    pub(crate) fn python_code(&self) -> impl Iterator<Item = &str> + Clone {
        let stages = self.python_stages.iter().map(|stage| stage.operator.as_str());
        stages.chain(self.async_udfs.iter().map(|waits| waits.operator.as_str()))
    }

    /// Reads the text of the distributed plan, `DistributedPhysicalPlan.repr_ascii(False)`, and that of the
    /// optimized logical plan. Only the logical plan tells how many partitions in-memory tables have; it may be
    /// empty.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadablePlan`] if the text has no operator, or a UDF without a readable request.
    pub fn read(text: &str, logical: &str) -> Result<Self, Error> {
        let operators = operators(text);
        if operators.is_empty() {
            return Err(Error::UnreadablePlan {
                line: text.lines().next().unwrap_or("").to_owned(),
            });
        }
        let logical = self::operators(logical);
        let runs_udf = |operator: &&Operator| operator.is_udf() || operator.is_actor();
        let mut others = operators.iter().filter(|operator| !runs_udf(operator));
        if let Some(unknown) = others.find(|operator| operator.asks_unknown()) {
            return Err(unknown.unreadable("a request of an unknown operator"));
        }
        let (writes, transfers) = (writes(&operators), transfers(&operators));
        let one_writer = if writes { one_writer(&operators, &logical) } else { Ok(None) };
        let (one_writer, bound_by_write) = match one_writer {
            Ok(one_writer) => (one_writer, None),
            Err(why) => (None, Some(why)),
        };
        Ok(Self {
            requests: certain_requests(&operators)?,
            joined: requests(&operators)?,
            python_stages: PythonStage::of_plan(&operators, in_memory_partitions(&logical)),
            async_udfs: AsyncUdf::of_plan(&operators),
            own_processes: operators
                .iter()
                .find(|operator| operator.is_udf() && operator.has_own_process())
                .map(Operator::udf_name),
            stores: stores(&operators),
            transfers,
            writes,
            scans: ScanProfile::of_plan(&operators, &logical),
            bound_to_tasks: bound_to_tasks(&operators, &logical, bound_by_write, transfers),
            one_writer,
            gathered_groups: gathered_groups(&logical),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> QueryProfile {
        QueryProfile::read(text, "").expect("readable")
    }

    fn request(operator: &str, cpus: f64, gpus: f64, memory_bytes: u64) -> ResourceRequest {
        ResourceRequest { operator: operator.to_owned(), cpus, gpus, memory_bytes }
    }

    const WIDE: &str = "\
* UDF __main__.wide:
|   Expr = py_udf(col(0: a)) as w
|   Properties = { async = false, scalar = false }
|   Resource request = { num_cpus = 2 }
|
* IntoPartitions(Ray)
|   Num partitions = 2
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
";

    #[test]
    fn a_plan_of_0_7_is_read() {
        let profile = read(WIDE);
        assert_eq!(profile.requests, [request("__main__.wide", 2.0, 0.0, 0)]);
        assert!(!profile.python_stages.is_empty());
    }

    #[test]
    fn a_plan_of_0_5_is_read() {
        let profile = read(
            "* UDF Executor:\n|   UDF __main__.wide = py_udf(col(0: a)) as w\n|   Resource request = None\n\
             * ActorUDF:\n|   UDF = __main__.Act\n|   Concurrency = 3\n|   Resource request = { num_cpus = 2 }\n",
        );
        assert_eq!(profile.requests, [request("__main__.wide", 1.0, 0.0, 0)]);
    }

    #[test]
    fn every_release_s_name_for_a_udf_is_read() {
        let asks = "\n|   Expr = py_udf(a)\n|   Resource request = { num_cpus = 2 }\n";
        for (line, name) in [
            ("* UDF: __main__.wide", "__main__.wide"),
            ("* UDF __main__.wide:", "__main__.wide"),
            ("* Builtin UDF my_model:", "my_model"),
            ("* UDF\n|     a.very.long.name:", "a.very.long.name"),
        ] {
            let profile = read(&format!("{line}{asks}"));
            assert_eq!(profile.requests, [request(name, 2.0, 0.0, 0)], "{line}");
            assert!(!profile.python_stages.is_empty(), "{line}");
        }
        assert!(QueryProfile::read(&format!("* NewUdfNode: x{asks}"), "").is_err());
        assert_eq!(read(&format!("* Project: x{asks}")).requests, []);
        assert_eq!(read("* UDFs\n|   Resource request = None\n").requests, []);
    }

    #[test]
    fn a_task_has_at_least_one_cpu() {
        let text = "* UDF a:\n|   Resource request = { num_cpus = 0, num_gpus = 1 }\n";
        assert_eq!(read(text).requests, [request("a", 1.0, 1.0, 0)]);
    }

    #[test]
    fn tasks_go_on_above_actors() {
        let text = "\
* UDF b:
|   Resource request = { num_gpus = 1 }
|
* ActorUDF: act
|   Properties = { batch_size = 8, concurrency = 4, async = false, scalar =
|     false }
|   Resource request = { num_cpus = 2 }
|
* UDF a:
|   Resource request = { num_cpus = 4 }
";
        let profile = read(text);
        assert_eq!(profile.requests, [request("a, b", 4.0, 1.0, 0)]);
    }

    #[test]
    fn long_requests_are_wrapped() {
        let text = "* UDF a:\n|   Resource request = { num_cpus = 100, num_gpus = 0.25, memory_bytes\n|     = 1073741824 }\n|\n";
        assert_eq!(read(text).requests, [request("a", 100.0, 0.25, 1_073_741_824)]);
    }

    #[test]
    fn a_literal_of_the_user_is_not_read_as_daft_s_text() {
        let literal = "* Project: lit(\"x\n|   * UDF y:\n|   Resource request = { num_cpus = 64 }\n|   \") as b\n|   Resource request = None\n|\n";
        assert_eq!(read(literal).requests, []);
        let inside = "* UDF a:\n|   Expr = a(lit(\"\n|   Resource request = { num_cpus = 64 }\"))\n|   Resource request = { num_cpus = 2 }\n";
        assert_eq!(read(inside).requests, [request("a", 2.0, 0.0, 0)]);
    }

    #[test]
    fn unreadable_text_is_an_error() {
        for text in [
            "",
            "something else",
            "* UDF a:\n|   Expr = a\n",
            "* UDF a:\n|   Resource request = { num_cpus = many }\n",
            "* UDF a:\n|   Resource request = { num_cpus = -1 }\n",
            "* UDF a:\n|   Resource request = { num_cpus\n",
            "* UDF a:\n|   Resource request = { num_tpus = 1 }\n",
            "* ActorUDF:\n|   Resource request = { num_cpus = many }\n",
        ] {
            assert!(
                matches!(QueryProfile::read(text, ""), Err(Error::UnreadablePlan { .. })),
                "{text}"
            );
        }
    }
}
