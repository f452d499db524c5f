use crate::error::Error;
use crate::query::explain_text::Operator;

/// What one task of a query asks of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRequest {
    /// The names of the UDFs that ask for it.
    pub operator: String,
    /// CPUs, at least 1: Daft gives no task fewer (`LocalPhysicalPlan::resource_request`, 0.5.22 to 0.7.26).
    pub cpus: f64,
    /// GPUs.
    pub gpus: f64,
    /// Memory, in bytes.
    pub memory_bytes: u64,
}

/// How Daft writes what an operator asks for, without spaces.
const REQUEST: &str = "Resourcerequest=";

impl ResourceRequest {
    /// Makes this the request of a task that runs the operators of both requests.
    pub(crate) fn join(&mut self, other: Self) {
        self.operator = format!("{}, {}", other.operator, self.operator);
        self.cpus = self.cpus.max(other.cpus);
        self.gpus = self.gpus.max(other.gpus);
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
    }
}

impl Operator {
    /// Reads what a UDF asks for.
    ///
    /// A literal of the user can look like a description, so only the last request of an operator counts, which
    /// is the one that Daft writes.
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
                // Daft takes the maximum of this value and 1.
                "num_cpus" => request.cpus = amount.max(1.0),
                "num_gpus" => request.gpus = amount,
                "memory_bytes" => request.memory_bytes = amount as u64,
                _ => return Err(unreadable()),
            }
        }
        Ok(request)
    }

    /// Whether an operator that is not a UDF asks for resources, which means that Daft has an operator that is
    /// unknown here.
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
