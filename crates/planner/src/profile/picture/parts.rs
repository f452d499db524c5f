use super::colours::STAGES;
use super::looks::{class, of_state};
use crate::bytes::bytes;
use crate::profile::amounts::{count, duration, percent};
use crate::profile::analysis::Profile;
use crate::profile::figures::functions::Function;
use crate::profile::figures::stages::Stage;
use crate::profile::time::state::State;
use crate::show::svg::arrange::in_rows;
use crate::show::svg::figure::{Figure, Point};
use crate::show::svg::style::{CPU_SIDE, GAP, PAGE_WIDTH, PLAIN, SMALL, STRONG};
use crate::show::svg::text::{shortened, wrapped};

/// How many letters fit on a line.
pub(super) const MOST_LETTERS: u32 = 176;

/// The most stages and the most sentences that are shown.
const MOST_LINES: usize = 12;

/// The height of the bar that shows where the time went.
const BAR_HEIGHT: u32 = 16;

/// Draws where the time of the slots went as one bar, with what its colours stand for.
pub(super) fn lost(profile: &Profile) -> Figure {
    let mut bar = Figure::default();
    let mut below = 0.0;
    let mut entries = Vec::new();
    // Rounds to no more than the width.
    let edge = |part: f64| (part.min(1.0) * f64::from(PAGE_WIDTH)).round() as u32;
    for lost in profile.figures.lost.iter().filter(|lost| lost.slots_us > 0) {
        let (from, to) = (edge(below), edge(below + lost.part));
        below += lost.part;
        let class = match lost.state {
            State::Working => class(0),
            state => class(of_state(state)),
        };
        let text = format!("{} {}", lost.state.name(), percent(lost.part));
        if to > from {
            let part = Figure::bars(vec![(Point(from, 0), Point(to - from, BAR_HEIGHT))], class);
            bar.add(Point(0, 0), part.with_hint(format!("{text}: {}", duration(lost.slots_us))));
        }
        let mut entry = key(class, text);
        entry.width += 2 * GAP;
        entries.push(entry);
    }
    if entries.is_empty() {
        return Figure::default();
    }
    let heading = Figure::line("where the time of the slots went", STRONG);
    Figure::stacked([heading, bar, in_rows(entries, PAGE_WIDTH, 0)], 4)
}

/// Draws what the colours of the stages stand for, with their figures.
pub(super) fn stages(profile: &Profile) -> Figure {
    let all = &profile.figures.stages;
    let line = |(place, stage)| key(class(place % STAGES), figures(stage));
    let lines = all.iter().take(MOST_LINES).enumerate().map(line);
    let more = all.len().saturating_sub(MOST_LINES);
    let rest = match more {
        0 => Figure::default(),
        _ => Figure::line(format!("and {more} more stages"), SMALL),
    };
    listed("stages", lines.chain([rest]).collect())
}

/// Writes the advice.
pub(super) fn advice(profile: &Profile) -> Figure {
    let sentences = profile.advice.iter().take(MOST_LINES);
    let lines =
        sentences.flat_map(|advice| wrapped(&format!("- {}", advice.sentence), MOST_LETTERS));
    listed("advice", lines.map(|line| Figure::line(line, PLAIN)).collect())
}

/// Writes the figures of the Python functions.
pub(super) fn functions(profile: &Profile) -> Figure {
    let line = |function: &Function| {
        let mut all = vec![
            shortened(&function.quoted(), MOST_LETTERS / 3),
            format!("{} tasks", count(function.tasks)),
            format!("work {}", duration(function.work_us)),
        ];
        all.extend(function.cpu_us.map(|cpu| format!("CPU {}", duration(cpu))));
        all.extend(function.gil.map(|gil| format!("GIL held {}", percent(gil.held))));
        all.extend(function.gil.map(|gil| format!("waited for {}", percent(gil.waited))));
        Figure::line(all.join(", "), SMALL)
    };
    listed(
        "Python functions",
        profile.figures.functions.iter().take(MOST_LINES).map(line).collect(),
    )
}

fn listed(heading: &str, lines: Vec<Figure>) -> Figure {
    match lines.iter().all(|line| line.height == 0) {
        true => Figure::default(),
        false => Figure::stacked(std::iter::once(Figure::line(heading, STRONG)).chain(lines), 0),
    }
}

fn figures(stage: &Stage) -> String {
    let mut all = vec![
        shortened(&stage.name, MOST_LETTERS / 3),
        format!("{} {}", count(stage.tasks), if stage.tasks == 1 { "task" } else { "tasks" }),
        format!("median {}", duration(stage.median_us)),
        format!("longest {}", duration(stage.longest_us)),
    ];
    all.extend(stage.cpu_us.map(|cpu| format!("CPU {}", duration(cpu))));
    all.extend(stage.rows.map(|rows| format!("{} rows", count(rows))));
    all.extend(stage.bytes.map(bytes));
    all.extend(stage.gil.map(|gil| format!("GIL held {}", percent(gil.held))));
    all.join(", ")
}

fn key(class: &'static str, text: String) -> Figure {
    let mut entry = Figure::default();
    let middle = (SMALL.line - CPU_SIDE) / 2;
    let square = Figure::units(vec![Point(0, 0)], Point(CPU_SIDE, CPU_SIDE), class);
    entry.add(Point(0, middle), square);
    entry.add(Point(CPU_SIDE + GAP, 0), Figure::line(text, SMALL));
    entry
}
