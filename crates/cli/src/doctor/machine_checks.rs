use protoplast_planner::{Node, Quoted, bytes, count_of};

use crate::doctor::amount::{handed_out, has_cpus, in_cpus, to_start_with};
use crate::doctor::facts::{Limits, Machine};
use crate::doctor::finding::Finding;

impl Machine {
    /// Reports the CPUs and memory of the machine and the limits of the container.
    pub(crate) fn findings(&self, subject: &str) -> Vec<Finding> {
        let cpus = count_of(self.cpus().into(), "CPU");
        let Some(limits) = self.limits else {
            return vec![self.unread().of(&format!("{subject}: {cpus}"))];
        };
        let memory = bytes(limits.memory_bytes);
        let of_container = [limits.quota_cpus.map(in_cpus), limits.limit_bytes.map(bytes)];
        let of_container: Vec<_> = of_container.into_iter().flatten().collect();
        let of_container = match of_container.as_slice() {
            [] => "no limit of a container was found".to_owned(),
            some => format!("its container allows {}", some.join(" and ")),
        };
        vec![Finding::ok(format!("{cpus}, {memory}; {of_container}")).of(subject)]
    }

    /// Compares what Ray counts on a node with what its processes may use.
    pub(crate) fn against(&self, node: &Node) -> Vec<Finding> {
        let mut found = Vec::new();
        let counted_cpus = count_of(node.cpus().into(), "CPU");
        let real = self.usable_cpus();
        if !has_cpus(real, node.cpus().into()) {
            found.push(Finding::problem(
                format!(
                    "Ray counts {counted_cpus}, but its processes may use {}, so workers share CPUs",
                    in_cpus(real),
                ),
                format!("{}, or give it more CPUs", to_start_with(real)),
            ));
        }
        match self.limits.map(Limits::usable_bytes) {
            None => found.push(self.unread()),
            Some(real) if real < node.memory_bytes() => {
                let (ray, real_text) = (bytes(node.memory_bytes()), bytes(real));
                found.push(Finding::problem(
                    format!(
                        "Ray counts {ray} of memory, but its processes may use {real_text}, so the \
                         kernel may kill workers that stay within their share"
                    ),
                    format!(
                        "start it with less memory, such as 'ray start --memory={}'",
                        handed_out(real)
                    ),
                ));
            }
            Some(_) => {}
        }
        found
    }

    /// How many CPUs the process may use.
    fn cpus(&self) -> u32 {
        self.allowed.len() as u32
    }

    /// The CPUs that the process may use, or its quota if that is less.
    fn usable_cpus(&self) -> f64 {
        let quota = self.limits.and_then(|limits| limits.quota_cpus);
        quota.into_iter().fold(self.cpus().into(), f64::min)
    }

    /// Unknown limits count as not checked.
    fn unread(&self) -> Finding {
        Finding::unchecked(
            format!(
                "its memory and the limits of its container are not known: {}",
                Quoted(&self.reason)
            ),
            "remove the cause, then run the check again",
        )
    }
}

impl Limits {
    pub(crate) fn usable_bytes(self) -> u64 {
        self.limit_bytes.unwrap_or(u64::MAX).min(self.memory_bytes)
    }
}
