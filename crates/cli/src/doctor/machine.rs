use protoplast_layout::{Node, bytes, counted};

use crate::doctor::facts::Machine;
use crate::doctor::finding::Finding;

impl Machine {
    /// What there is, and what a container takes of it.
    pub(crate) fn findings(&self, subject: &str) -> Vec<Finding> {
        let cpus = counted(self.cpus.into(), "CPU");
        let memory = self.memory_bytes.map_or_else(String::new, |all| format!(", {}", bytes(all)));
        let limits =
            [self.quota_cpus.map(|quota| format!("{quota:.1} CPUs")), self.limit_bytes.map(bytes)];
        let limits: Vec<_> = limits.into_iter().flatten().collect();
        let limits = match limits.as_slice() {
            [] => "no limit of a container is seen".to_owned(),
            some => format!("its container allows {}", some.join(" and ")),
        };
        vec![Finding::ok(format!("{cpus}{memory}; {limits}")).of(subject)]
    }

    /// Holds what Ray counts on a node against what its processes may use.
    pub(crate) fn against(&self, node: &Node) -> Vec<Finding> {
        let mut found = Vec::new();
        let (counted_cpus, real) = (node.cpus(), self.real_cpus());
        if counted_cpus > real {
            found.push(Finding::problem(
                format!(
                    "Ray counts {}, but its processes may use {real}, so workers share CPUs",
                    counted(counted_cpus.into(), "CPU"),
                ),
                format!("start it with 'ray start --num-cpus={real}', or give it more CPUs"),
            ));
        }
        if let Some(real) = self.real_memory_bytes().filter(|real| *real < node.memory_bytes()) {
            let (ray, real_text) = (bytes(node.memory_bytes()), bytes(real));
            found.push(Finding::problem(
                format!(
                    "Ray counts {ray} of memory, but its processes may use {real_text}, so the kernel \
                     may end workers that keep to their share"
                ),
                format!("start it with less, such as 'ray start --memory={}'", real / 10 * 7),
            ));
        }
        found
    }

    /// The CPUs that are allowed, or that a quota comes to, rounded up.
    fn real_cpus(&self) -> u32 {
        match self.quota_cpus {
            Some(quota) => self.cpus.min(quota.ceil().max(1.0) as u32),
            None => self.cpus,
        }
    }

    fn real_memory_bytes(&self) -> Option<u64> {
        self.memory_bytes.into_iter().chain(self.limit_bytes).min()
    }
}
