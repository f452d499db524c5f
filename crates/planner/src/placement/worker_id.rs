//! The ids of workers that have a part of a node.

const CPU_MARK: &str = "_cpu_";

/// The id of the worker whose first CPU is `cpu`: `{NodeID}_cpu_{cpu_index}`.
pub(crate) fn cpu_worker_id(node: &str, cpu: u32) -> String {
    format!("{node}{CPU_MARK}{cpu}")
}

/// Splits `{NodeID}_cpu_{cpu_index}`; returns None for any form that [`cpu_worker_id`] does not write.
pub(crate) fn split_cpu(id: &str) -> Option<(&str, u32)> {
    // The mark is searched from the end, over the digits alone: ids are long, indices are short.
    let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (rest, index) = id.split_at(id.len() - digits);
    let node = rest.strip_suffix(CPU_MARK)?;
    if index.is_empty() || (index.len() > 1 && index.starts_with('0')) {
        return None;
    }
    Some((node, index.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_written_form_is_read() {
        assert_eq!(split_cpu(&cpu_worker_id("a", 12)), Some(("a", 12)));
        assert_eq!(split_cpu("a_cpu_1_cpu_0"), Some(("a_cpu_1", 0)));
        for other in
            ["a", "", "a_cpu_", "a_cpu_01", "a_cpu_-1", "a_cpu_1x", "a_cpu_99999999999", "7"]
        {
            assert_eq!(split_cpu(other), None, "{other}");
        }
    }
}
