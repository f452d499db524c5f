use crate::show::svg::figure::{Figure, Point};
use crate::show::svg::style::SMALL;

/// The most ticks of an axis.
const MOST_TICKS: u64 = 12;

/// The ticks of an axis: times and their labels.
pub(super) fn ticks(wall_us: u64) -> Vec<(u64, String)> {
    let least = (wall_us / MOST_TICKS).max(1);
    let power = 10_u64.pow(least.ilog10());
    let step = [1, 2, 5, 10].map(|factor| power.saturating_mul(factor));
    let step = step.into_iter().find(|step| *step >= least).unwrap_or(least);
    let (unit, name) = match wall_us {
        2_000_000.. => (1_000_000_u128, "s"),
        2_000.. => (1_000, "ms"),
        _ => (1, "µs"),
    };
    // As many as the step needs.
    let needed = |decimals: &u32| (u128::from(step) * 10_u128.pow(*decimals)).is_multiple_of(unit);
    let decimals = (0..6).find(needed).unwrap_or(6) as usize;
    let text = |time: u64| format!("{:.decimals$} {name}", time as f64 / unit as f64);
    (0..=wall_us / step).map(|tick| (tick * step, text(tick * step))).collect()
}

/// Draws an axis for a plot of this width, with lines of this height below it.
pub(super) fn axis(wall_us: u64, width: u32, height: u32) -> Figure {
    let mut all = Figure::default();
    let mut lines = Vec::new();
    for (time, text) in ticks(wall_us) {
        // No more than the width, because a tick is no later than the end.
        let x = (u128::from(time) * u128::from(width) / u128::from(wall_us.max(1))) as u32;
        let label = Figure::line(text, SMALL);
        let left = x.saturating_sub(label.width / 2).min(width.saturating_sub(label.width));
        all.add(Point(left, 0), label);
        lines.push((Point(x, SMALL.line), Point(1, height)));
    }
    all.add(Point(0, 0), Figure::bars(lines, "grid"));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let texts = |wall| -> Vec<String> { ticks(wall).into_iter().map(|tick| tick.1).collect() };
        assert_eq!(texts(0), ["0 µs"]);
        assert_eq!(texts(3), ["0 µs", "1 µs", "2 µs", "3 µs"]);
        assert_eq!(texts(4_000_000)[..3], ["0.0 s", "0.5 s", "1.0 s"]);
        assert_eq!(texts(10_000_000).len(), 11);
        assert_eq!(texts(2_100_000)[..2], ["0.0 s", "0.2 s"]);
        assert_eq!(texts(1_500_000)[..2], ["0 ms", "200 ms"]);
        assert_eq!(texts(2_500)[1], "0.5 ms");
        for wall in [1, 7, 999, 123_456, 10_u64.pow(12), u64::MAX] {
            assert!((1..=14).contains(&ticks(wall).len()), "{wall}: {:?}", ticks(wall));
        }
    }
}
