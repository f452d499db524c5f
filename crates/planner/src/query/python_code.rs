use crate::query::explain_text::Operator;

const ACTOR: &str = "ActorUDF";

/// How Daft writes the other settings of a UDF (since 0.6.14).
const PROPERTIES: &str = "Properties=";
/// How Daft writes that it awaits a UDF, and that a UDF runs in processes of its own.
const ASYNC: &str = "async=true";
const OWN_PROCESS: &str = "use_process=true";

/// A sink written in Python, before Daft 0.7.2 and since.
const SINKS: [&str; 2] = ["DataSink", "Sink:DataSink("];
const SCAN: &str = "ScanTaskSource";
/// The beginning of a task of a scan, and of one that reads files; all others run Python code of Daft or of a
/// user.
const TASK: &str = "{";
pub(crate) const OF_FILES: &str = "{File{";
/// The beginning of a task that queries a database through a connection in Python. The rest of the line can
/// hold a password.
const OF_DATABASE: &str = "{Database{";

impl Operator {
    /// Returns what follows `UDF` if the operator is a UDF: `UDF Executor:` before 0.6.6, `UDF: name` before
    /// 0.7.2, then `UDF name:`, with `Builtin` before it if the name is not the class's own.
    fn udf(&self) -> Option<&str> {
        let name = self.name.strip_prefix("Builtin ").unwrap_or(&self.name);
        name.strip_prefix("UDF").filter(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
    }

    pub(crate) fn is_udf(&self) -> bool {
        self.udf().is_some()
    }

    pub(crate) fn is_actor(&self) -> bool {
        self.header().starts_with(ACTOR)
    }

    /// Whether the operator runs Python code: it is a UDF, a source or sink in Python, or calls a UDF.
    pub(crate) fn is_python(&self) -> bool {
        let header = self.header();
        self.is_udf()
            || self.is_actor()
            || SINKS.iter().any(|sink| header.starts_with(sink))
            || self.python_task().is_some()
            || calls_udf(header)
            || !self.is_scan() && self.lines.iter().any(|line| calls_udf(line))
    }

    /// Whether the operator is a UDF that a worker calls in its own process, and waits for.
    pub(crate) fn is_function(&self) -> bool {
        self.is_udf() && self.holds_gil()
    }

    /// The name of an operator that runs Python code: a UDF's own name, or the source or operator.
    pub(crate) fn python_name(&self) -> String {
        match self.python_task() {
            _ if self.is_udf() || self.is_actor() => self.udf_name(),
            Some(task) if task.starts_with(OF_DATABASE) => "Database".to_owned(),
            Some(task) => task.trim_matches(['{', '}']).to_owned(),
            None => self.kind().to_owned(),
        }
    }

    pub(crate) fn udf_name(&self) -> String {
        let own = self.udf().or_else(|| self.name.strip_prefix(ACTOR)).unwrap_or(&self.name);
        let own = own.trim_matches([' ', ':']);
        if !matches!(own, "" | "Executor") {
            return own.to_owned();
        }
        // `UDF name = expression`, and `UDF = name` of actors (before 0.6.6).
        let described = self.described("UDF").map(|line| line.trim_start_matches('='));
        described.and_then(|line| line.split('=').next()).unwrap_or(own).to_owned()
    }

    pub(crate) fn is_scan(&self) -> bool {
        self.header().starts_with(SCAN)
    }

    fn python_task(&self) -> Option<&str> {
        let mut tasks = self.lines.iter().filter(|line| self.is_scan() && line.starts_with(TASK));
        tasks.find(|task| !task.starts_with(OF_FILES)).map(String::as_str)
    }

    /// Whether the operator runs concurrently within a task, so that rows of several files are mixed.
    pub(crate) fn is_concurrent(&self) -> bool {
        self.is_actor() || self.has_own_process() || self.has_property(ASYNC)
    }

    pub(crate) fn has_own_process(&self) -> bool {
        self.has_property(OWN_PROCESS)
    }

    /// Whether the operator is an async UDF that a worker awaits itself. Code that waits holds no GIL.
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_udf() && self.has_property(ASYNC) && !self.has_own_process()
    }

    fn has_property(&self, property: &str) -> bool {
        self.properties().is_some_and(|properties| properties.contains(property))
    }

    pub(crate) fn properties(&self) -> Option<&str> {
        self.lines.iter().rev().find_map(|line| line.strip_prefix(PROPERTIES))
    }
}

/// Whether the text of an expression calls a UDF: `py_udf(...)`, or since 0.7 `name-123456-0(...)`, with two
/// numbers (`udf_v2.py`). Daft moves most UDF calls into operators of their own, but not those in keys and
/// aggregations.
fn calls_udf(text: &str) -> bool {
    text.contains("py_udf(")
        || text.match_indices('(').any(|(at, _)| text.get(..at).is_some_and(ends_with_two_numbers))
}

/// Whether the text ends with a name and two numbers, joined by hyphens.
fn ends_with_two_numbers(text: &str) -> bool {
    before_number(text).and_then(before_number).is_some_and(|name| {
        name.ends_with(|last: char| last.is_alphanumeric() || "_>".contains(last))
    })
}

fn before_number(text: &str) -> Option<&str> {
    let rest = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)?.strip_suffix('-')
}

#[cfg(test)]
mod tests {
    use crate::query::explain_text::operators;

    fn python(text: &str) -> Option<String> {
        let operators = operators(text);
        operators.first().filter(|operator| operator.is_python()).map(super::Operator::python_name)
    }

    #[test]
    fn sources_in_python_are_python_code() {
        let of = |task: &str| {
            python(&format!("* ScanTaskSource:\n|   Scan Tasks: [\n|   {task}\n|   ]\n"))
        };
        assert_eq!(of("{daft.io.__shim:_batches}").as_deref(), Some("daft.io.__shim:_batches"));
        assert_eq!(of("{my.reader:read}").as_deref(), Some("my.reader:read"));
        assert_eq!(of("{Database {postgresql://me:secret@host}}").as_deref(), Some("Database"));
        assert_eq!(of("{File {file:///a.parquet}}"), None);
        assert_eq!(of("{File {file:///f-1-1(a).parquet}, ...}"), None);
    }

    #[test]
    fn sinks_in_python_are_python_code() {
        assert_eq!(python("* DataSink:\n|   Schema = a\n").as_deref(), Some("DataSink"));
        assert_eq!(python("* Sink: DataSink(mine)\n").as_deref(), Some("Sink"));
        assert_eq!(python("* Sink: Parquet\n"), None);
    }

    #[test]
    fn udfs_within_other_operators_are_python_code() {
        for (plan, name) in [
            (
                "* Group-By Aggregate: col(0: a)\n|   Aggregations = py_udf(col(0: a))\n",
                "Group-By Aggregate",
            ),
            ("* Group-By Aggregate: m.f-965002-0(col(0: a)) as k\n", "Group-By Aggregate"),
            ("* Sort\n|   Sort by: m.<lambda>-96-\n|     12(col(0: a))\n", "Sort"),
        ] {
            assert_eq!(python(plan).as_deref(), Some(name), "{plan}");
        }
        for native in
            ["* Sort\n|   Sort by: abs-1(a), f(b), col(1-2), -1-1(x)\n", "* Project: sum(a)\n"]
        {
            assert_eq!(python(native), None, "{native}");
        }
    }
}
