/// How far a quota may be below a whole number of CPUs and still count as it: it is written in microseconds of
/// a period, which are rounded.
const ROUNDING: f64 = 0.01;

/// The tenths of the memory that Ray hands out by default; the rest is for its object store and the system.
const HANDED_OUT_TENTHS: u64 = 7;

/// Whether there are as many CPUs as Ray counts.
pub(crate) fn has_cpus(real: f64, counted: u64) -> bool {
    real + ROUNDING >= counted as f64
}

/// Formats an amount of CPUs: `1.5 CPUs`.
pub(crate) fn in_cpus(amount: f64) -> String {
    let text = format!("{amount:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {}", if text == "1" { "CPU" } else { "CPUs" })
}

/// The whole CPUs of an amount.
pub(crate) fn whole(real: f64) -> u64 {
    (real + ROUNDING).floor() as u64
}

/// How to start a node with no more CPUs than there are. A node without a whole CPU has no worker.
pub(crate) fn to_start_with(real: f64) -> String {
    format!("start it with 'ray start --num-cpus={}'", whole(real))
}

/// How much of this memory Ray may hand out.
pub(crate) fn handed_out(real: u64) -> u64 {
    real / 10 * HANDED_OUT_TENTHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_cpu_does_not_count() {
        assert!(has_cpus(2.0, 2) && has_cpus(1.9999, 2) && has_cpus(0.0, 0));
        for less in [1.01, 1.5, 1.98] {
            assert!(!has_cpus(less, 2), "{less}");
        }
        assert_eq!(to_start_with(1.01), "start it with 'ray start --num-cpus=1'");
        assert_eq!(to_start_with(1.9999), "start it with 'ray start --num-cpus=2'");
    }

    #[test]
    fn amounts_have_at_most_two_decimals() {
        let texts = [8.0, 1.0, 1.5, 1.01, 0.25].map(in_cpus);
        assert_eq!(texts, ["8 CPUs", "1 CPU", "1.5 CPUs", "1.01 CPUs", "0.25 CPUs"]);
    }
}
