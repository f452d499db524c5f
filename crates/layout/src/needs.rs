use crate::error::Error;
use crate::plan_text::{Operator, operators};
use crate::scanned::local_files;
use crate::work::{PythonWork, partitions_in_memory};

/// What one task of a query asks of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The UDF or UDFs that ask for it, by name.
    pub operator: String,
    /// CPUs, at least 1: Daft gives a task no less (`LocalPhysicalPlan::resource_request`, 0.5.22 to
    /// 0.7.26).
    pub cpus: f64,
    /// GPUs.
    pub gpus: f64,
    /// Memory in bytes.
    pub memory_bytes: u64,
}

/// What a query needs, read from the text that Daft gives for its distributed plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Needs {
    /// What its tasks ask for. Neighbouring UDFs run in one task, which asks for the most of each.
    pub requests: Vec<Request>,
    /// The Python code that runs in its workers: UDFs, and sources and sinks written in Python.
    pub work: Vec<PythonWork>,
    /// The CPUs that its actor UDFs ask Ray for, all actors together.
    pub actor_cpus: f64,
    /// The operator whose answer depends on which rows a task has, so that its scans must stay as they are.
    pub counts_by_task: Option<String>,
    /// Whether several files in a task could change the answer: Python code that runs beside itself mixes
    /// their rows, and a limit takes those that come first.
    pub must_not_merge: bool,
    /// The files that its only scan reads, where they are on the driver's disk and Daft names all of them.
    pub files: Vec<String>,
}

/// How Daft writes what an operator asks for.
const REQUEST: &str = "Resource request = ";
/// What Daft prints for a scan task that is a Python function of Daft's or of a user's.
const PYTHON_SCAN: &str = "{daft.io.";

/// Operators that pass a task on, so that a UDF on each side of them runs in one task.
const PASSING: [&str; 4] = ["Project", "Filter", "Explode", "Sample"];

/// Operators that number, choose or mix the rows of each task by themselves (0.7.1 to 0.7.26).
const BY_TASK: [&str; 3] = ["MonotonicallyIncreasingId", "Sample", "RandomShuffle"];
/// Rows are taken from tasks as these offer them (`daft/execution/ray_distributed_limit.py`, 0.7.24).
const LIMIT: &str = "Limit";
/// How Daft writes of a UDF that it awaits.
const ASYNC: &str = "async = true";

impl Needs {
    /// Reads `DistributedPhysicalPlan.repr_ascii(False)`, and the same of the optimized logical plan, which
    /// alone says how many partitions tables in memory have; that may be empty.
    ///
    /// The text of a user's own literal can look like a description, so only the
    /// last request of an operator counts, which is where Daft writes its own.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadablePlan`] where the text has no operator, or a UDF without a readable request.
    pub fn read(text: &str, logical: &str) -> Result<Self, Error> {
        let operators = operators(text);
        if operators.is_empty() {
            return Err(Error::UnreadablePlan {
                line: text.lines().next().unwrap_or("").to_owned(),
            });
        }
        let in_memory = partitions_in_memory(&self::operators(logical));
        let mut needs = Self {
            work: PythonWork::of_plan(&operators, in_memory),
            files: local_files(&operators),
            ..Self::default()
        };
        // The depth of the chain of operators that the last request belongs to, while it goes on.
        let mut chain = None;
        for operator in &operators {
            if let Some(name) = operator.counts_by_task() {
                needs.counts_by_task = Some(name.to_owned());
            }
            needs.must_not_merge |= operator.is_concurrent() || operator.name.starts_with(LIMIT);
            if operator.is_actor() {
                // The actors hold the CPUs; the task that calls them is passed on.
                needs.actor_cpus += operator.request()?.cpus * operator.concurrency();
                if !needs.actor_cpus.is_finite() {
                    return Err(operator.unreadable("more actors than can be counted"));
                }
            } else if operator.is_udf() {
                let request = operator.request()?;
                match needs.requests.last_mut() {
                    Some(last) if chain == Some(operator.depth) => last.join(request),
                    _ => needs.requests.push(request),
                }
                chain = Some(operator.depth);
            } else if operator.asks_unknown() {
                return Err(operator.unreadable("a request of an unknown operator"));
            } else if chain != Some(operator.depth) || !operator.passes_tasks_on() {
                chain = None;
            }
        }
        Ok(needs)
    }
}

impl Request {
    /// Whether there is no worker that could not run it: each has a CPU at least.
    pub(crate) fn fits_any_worker(&self) -> bool {
        self.cpus <= 1.0 && self.gpus == 0.0 && self.memory_bytes == 0
    }

    fn join(&mut self, other: Self) {
        self.operator = format!("{}, {}", other.operator, self.operator);
        self.cpus = self.cpus.max(other.cpus);
        self.gpus = self.gpus.max(other.gpus);
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
    }
}

impl Operator {
    /// What follows `UDF`, where it is one: `UDF Executor:` before 0.6.6, `UDF: name` before 0.7.2, then
    /// `UDF name:`, with `Builtin` before it where the name is not the class's own.
    fn udf(&self) -> Option<&str> {
        let name = self.name.strip_prefix("Builtin ").unwrap_or(&self.name);
        name.strip_prefix("UDF").filter(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
    }

    fn is_udf(&self) -> bool {
        self.udf().is_some()
    }

    pub(crate) fn is_actor(&self) -> bool {
        self.name.starts_with("ActorUDF")
    }

    pub(crate) fn is_python(&self) -> bool {
        self.is_udf()
            || self.is_actor()
            || self.name.starts_with("DataSink")
            || self.lines.iter().any(|line| line.starts_with(PYTHON_SCAN))
    }

    /// What to call it where it runs Python code: a UDF's own name, or the source or sink.
    pub(crate) fn python_name(&self) -> String {
        let scan = self.lines.iter().find(|line| line.starts_with(PYTHON_SCAN));
        match scan {
            _ if self.is_udf() => self.udf_name(),
            Some(line) => line.trim_matches(['{', '}']).to_owned(),
            None => self.name.trim_end_matches(':').to_owned(),
        }
    }

    fn counts_by_task(&self) -> Option<&'static str> {
        BY_TASK.into_iter().find(|name| self.name.starts_with(name))
    }

    fn is_concurrent(&self) -> bool {
        self.is_actor() || self.has_own_process() || self.has_property(ASYNC)
    }

    fn passes_tasks_on(&self) -> bool {
        PASSING.iter().any(|name| self.name.starts_with(name))
    }

    /// A projection prints a request too, which Daft does not count.
    fn asks_unknown(&self) -> bool {
        !self.name.starts_with("Project")
            && self.lines.last().is_some_and(|line| line.starts_with(&format!("{REQUEST}{{")))
    }

    fn unreadable(&self, what: &str) -> Error {
        Error::UnreadablePlan { line: format!("{}: {what}", self.name) }
    }

    fn udf_name(&self) -> String {
        let own = self.udf().unwrap_or(&self.name).trim_matches([' ', ':']);
        if own != "Executor" {
            return own.to_owned();
        }
        let described = self.lines.iter().find_map(|line| line.strip_prefix("UDF "));
        described.and_then(|line| line.split(" = ").next()).unwrap_or(own).to_owned()
    }

    fn concurrency(&self) -> f64 {
        // `Properties = { batch_size = 3, concurrency = 2, ...` from 0.7.2 on, `Concurrency = 2` before.
        let after = self.lines.iter().find_map(|line| {
            let properties = line.strip_prefix("Properties = ");
            let value = properties.and_then(|rest| Some(rest.split_once("concurrency = ")?.1));
            value.or(line.strip_prefix("Concurrency = "))
        });
        let digits = after.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(1.0)
    }

    fn request(&self) -> Result<Request, Error> {
        let mut request =
            Request { operator: self.udf_name(), cpus: 1.0, gpus: 0.0, memory_bytes: 0 };
        let line = self
            .lines
            .iter()
            .rfind(|line| line.starts_with(REQUEST))
            .ok_or_else(|| self.unreadable("no resource request"))?;
        let unreadable = |line: &str| self.unreadable(line);
        let text = line.strip_prefix(REQUEST).unwrap_or_default().trim();
        if text == "None" {
            return Ok(request);
        }
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .ok_or_else(|| unreadable(line))?;
        for part in inner.split(',').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| unreadable(line))?;
            let amount: f64 = value.trim().parse().map_err(|_| unreadable(line))?;
            if !amount.is_finite() || amount < 0.0 {
                return Err(unreadable(line));
            }
            match name.trim() {
                // Daft takes the most of this and 1 (`LocalPhysicalPlan::resource_request`).
                "num_cpus" => request.cpus = amount.max(1.0),
                "num_gpus" => request.gpus = amount,
                "memory_bytes" => request.memory_bytes = amount as u64,
                _ => return Err(unreadable(line)),
            }
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Needs {
        Needs::read(text, "").expect("readable")
    }

    fn request(operator: &str, cpus: f64, gpus: f64, memory_bytes: u64) -> Request {
        Request { operator: operator.to_owned(), cpus, gpus, memory_bytes }
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
        let needs = read(WIDE);
        assert_eq!(needs.requests, [request("__main__.wide", 2.0, 0.0, 0)]);
        assert!(!needs.work.is_empty());
    }

    #[test]
    fn a_plan_of_0_5_is_read() {
        let needs = read(
            "* UDF Executor:\n|   UDF __main__.wide = py_udf(col(0: a)) as w\n|   Resource request = None\n\
             * ActorUDF:\n|   UDF = __main__.Act\n|   Concurrency = 3\n|   Resource request = { num_cpus = 2 }\n",
        );
        assert_eq!(needs.requests, [request("__main__.wide", 1.0, 0.0, 0)]);
        assert_eq!(needs.actor_cpus, 6.0);
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
            let needs = read(&format!("{line}{asks}"));
            assert_eq!(needs.requests, [request(name, 2.0, 0.0, 0)], "{line}");
            assert!(!needs.work.is_empty(), "{line}");
        }
        assert!(Needs::read(&format!("* NewUdfNode: x{asks}"), "").is_err());
        assert_eq!(read(&format!("* Project: x{asks}")).requests, []);
        assert_eq!(read("* UDFs\n|   Resource request = None\n").requests, []);
    }

    #[test]
    fn a_task_has_at_least_one_cpu() {
        let text = "* UDF a:\n|   Resource request = { num_cpus = 0, num_gpus = 1 }\n";
        assert_eq!(read(text).requests, [request("a", 1.0, 1.0, 0)]);
    }

    #[test]
    fn actors_are_counted_and_pass_tasks_on() {
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
        let needs = read(text);
        assert_eq!(needs.requests, [request("a, b", 4.0, 1.0, 0)]);
        assert_eq!(needs.actor_cpus, 8.0);
    }

    #[test]
    fn neighbouring_udfs_are_one_task() {
        let udf = |name: &str, asks: &str| {
            format!("* UDF {name}:\n|   Resource request = {{ {asks} }}\n|\n")
        };
        let filter = "* Filter: col(0: a)\n|\n";
        let text =
            udf("b", "num_gpus = 0.5") + filter + &udf("a", "num_cpus = 2, memory_bytes = 7");
        assert_eq!(read(&text).requests, [request("a, b", 2.0, 0.5, 7)]);
        let apart =
            udf("b", "num_gpus = 1") + "* RayShuffle: Hash\n|\n" + &udf("a", "num_cpus = 2");
        assert_eq!(read(&apart).requests.len(), 2);
    }

    #[test]
    fn branches_are_read_apart() {
        let text = "\
* BroadcastJoin
|\\
| * UDF left:
| |   Resource request = { num_cpus = 4 }
| |
| * ScanTaskSource:
| |   {daft.io.__internal:function}
|
* UDF right:
|   Resource request = { num_gpus = 1 }
";
        let needs = read(text);
        let names: Vec<_> =
            needs.requests.iter().map(|request| request.operator.as_str()).collect();
        assert_eq!(names, ["left", "right"]);
    }

    #[test]
    fn python_sources_count_as_python() {
        let of =
            |text: &str| read(text).work.into_iter().map(|work| work.operator).collect::<Vec<_>>();
        let shim = "* ScanTaskSource:\n|   Scan Tasks: [\n|   {daft.io.__shim:_get_record_batches}\n|   ]\n";
        assert_eq!(of(shim), ["daft.io.__shim:_get_record_batches"]);
        assert_eq!(of("* DataSink:\n|   Schema = a\n"), ["DataSink"]);
        assert_eq!(of("* ScanTaskSource:\n|   {File {file:///a.parquet}}\n"), [""; 0]);
    }

    #[test]
    fn long_requests_are_wrapped() {
        let text = "* UDF a:\n|   Resource request = { num_cpus = 100, num_gpus = 0.25, memory_bytes\n|     = 1073741824 }\n|\n";
        assert_eq!(read(text).requests, [request("a", 100.0, 0.25, 1_073_741_824)]);
    }

    #[test]
    fn a_users_own_text_is_not_taken_for_daft_s() {
        let literal = "* Project: lit(\"x\n|   * UDF y:\n|   Resource request = { num_cpus = 64 }\n|   \") as b\n|   Resource request = None\n|\n";
        assert_eq!(read(literal).requests, []);
        let inside = "* UDF a:\n|   Expr = a(lit(\"\n|   Resource request = { num_cpus = 64 }\"))\n|   Resource request = { num_cpus = 2 }\n";
        assert_eq!(read(inside).requests, [request("a", 2.0, 0.0, 0)]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for text in [
            "",
            "something else",
            "* UDF a:\n|   Expr = a\n",
            "* UDF a:\n|   Resource request = { num_cpus = many }\n",
            "* UDF a:\n|   Resource request = { num_cpus = -1 }\n",
            "* UDF a:\n|   Resource request = { num_cpus\n",
            "* UDF a:\n|   Resource request = { num_tpus = 1 }\n",
            &format!(
                "* ActorUDF:\n|   Concurrency = {}\n|   Resource request = None",
                "9".repeat(400)
            ),
        ] {
            assert!(matches!(Needs::read(text, ""), Err(Error::UnreadablePlan { .. })), "{text}");
        }
    }
}
