use crate::cluster::node::Node;
use crate::error::Error;
use crate::query::explain_text::Operator;

/// What one task of a query asks of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRequest {
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

/// How Daft writes what an operator asks for, without spaces.
const REQUEST: &str = "Resourcerequest=";

impl ResourceRequest {
    /// Whether there is no worker that could not run it: each has a CPU at least.
    pub(crate) fn fits_any_worker(&self) -> bool {
        self.cpus <= 1.0 && self.gpus == 0.0 && self.memory_bytes == 0
    }

    /// Whether Daft may give a task to a worker of so many CPUs and GPUs: no more than these does it look at, and
    /// of GPUs only whether there is any.
    pub(crate) fn may_go_to(&self, cpus: u32, gpus: u32) -> bool {
        f64::from(cpus) >= self.cpus && (self.gpus == 0.0 || gpus > 0)
    }

    /// The same of a worker that has all of a node.
    pub(crate) fn is_held_by(&self, node: &Node) -> bool {
        self.may_go_to(node.cpus(), node.gpus())
    }

    /// How many of its tasks run at once on these CPUs and GPUs of a node. Stock Daft runs a task
    /// that asks for more GPUs than the node has on those that there are.
    pub(crate) fn tasks_at_once(&self, cpus: u32, gpus: u32, node: &Node) -> u32 {
        let by_cpus = (f64::from(cpus) / self.cpus.max(f64::MIN_POSITIVE)).floor();
        if self.gpus == 0.0 {
            return by_cpus as u32;
        }
        let by_gpus = (f64::from(gpus) / self.gpus.min(node.gpus().into())).floor();
        by_cpus.min(if gpus == 0 { 0.0 } else { by_gpus }) as u32
    }

    /// Makes it that of a task which runs another one's operators as well.
    pub(crate) fn join(&mut self, other: Self) {
        self.operator = format!("{}, {}", other.operator, self.operator);
        self.cpus = self.cpus.max(other.cpus);
        self.gpus = self.gpus.max(other.gpus);
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
    }
}

impl Operator {
    /// What a UDF asks for.
    ///
    /// The text of a user's own literal can look like a description, so only the last request of an
    /// operator counts, which is where Daft writes its own.
    pub(crate) fn request(&self) -> Result<ResourceRequest, Error> {
        let mut request =
            ResourceRequest { operator: self.udf_name(), cpus: 1.0, gpus: 0.0, memory_bytes: 0 };
        let text = self
            .lines
            .iter()
            .rev()
            .find_map(|line| line.strip_prefix(REQUEST))
            .ok_or_else(|| self.unreadable("no resource request"))?;
        if text == "None" {
            return Ok(request);
        }
        let unreadable = || self.unreadable(&format!("{REQUEST}{text}"));
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .ok_or_else(unreadable)?;
        for part in inner.split(',').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(unreadable)?;
            let amount: f64 = value.parse().map_err(|_| unreadable())?;
            if !amount.is_finite() || amount < 0.0 {
                return Err(unreadable());
            }
            match name {
                // Daft takes the most of this and 1 (`LocalPhysicalPlan::resource_request`).
                "num_cpus" => request.cpus = amount.max(1.0),
                "num_gpus" => request.gpus = amount,
                "memory_bytes" => request.memory_bytes = amount as u64,
                _ => return Err(unreadable()),
            }
        }
        Ok(request)
    }

    /// Whether it is no UDF, but asks for something, so that Daft has an operator that is not known here.
    pub(crate) fn asks_unknown(&self) -> bool {
        let asks = |line: &String| {
            line.strip_prefix(REQUEST)
                .is_some_and(|text| text.starts_with('{') && text.ends_with('}'))
        };
        // A projection prints a request too, which Daft does not count.
        !self.prints_expressions() && self.lines.last().is_some_and(asks)
    }

    pub(crate) fn unreadable(&self, what: &str) -> Error {
        Error::UnreadablePlan { line: format!("{}: {what}", self.name) }
    }
}
