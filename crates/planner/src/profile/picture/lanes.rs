use super::axis::axis;
use super::blocks::{Block, blocks, parts};
use super::looks::{LOOKS, Looks, class};
use super::rows::{Group, Row, groups};
use crate::profile::amounts::{count, duration};
use crate::profile::analysis::Profile;
use crate::profile::time::lanes::Span;
use crate::profile::time::placed::Placed;
use crate::show::svg::figure::{Figure, Point, Shape};
use crate::show::svg::style::{PAGE_WIDTH, SMALL, STRONG};
use crate::show::svg::text::{shortened, width};

/// The width of the labels, and of what is beside them.
const LABELS: u32 = 200;
const PLOT: u32 = PAGE_WIDTH - LABELS;

/// How many letters of a label and of a heading are shown.
const MOST_LETTERS: u32 = 27;
const MOST_HEADING: u32 = 24;

/// The width of a column of a band.
const BAND_COLUMN: u32 = 4;

/// The most tasks that have a hint of their own.
const MOST_HINTS: usize = 1_500;

/// Draws the lanes, with an axis above them.
pub(super) fn lanes(profile: &Profile) -> Figure {
    let groups = groups(profile);
    if groups.iter().all(|group| group.rows.is_empty()) || profile.record.wall_us == 0 {
        return Figure::default();
    }
    let count: usize = groups.iter().map(|group| group.rows.len()).sum();
    let is_band = groups.iter().flat_map(|group| &group.rows).any(|row| row.lanes.len() > 1);
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let drawing = Drawing {
        profile,
        looks: Looks::of(profile),
        height: if is_band { (600 / count).clamp(14, 72) } else { (480 / count).clamp(12, 16) },
        hints: profile.record.tasks.len() <= MOST_HINTS,
    };
    let rows = Figure::stacked(groups.iter().map(|group| drawing.group(group)), 4);
    let mut all = Figure::default();
    all.add(Point(LABELS, 0), axis(profile.record.wall_us, PLOT, rows.height));
    all.add(Point(0, SMALL.line), rows);
    all
}

struct Drawing<'a> {
    profile: &'a Profile,
    looks: Looks,
    height: u32,
    hints: bool,
}

impl Drawing<'_> {
    fn group(&self, group: &Group<'_>) -> Figure {
        let heading = group.heading.as_deref().map(|name| shortened(name, MOST_HEADING));
        let heading = heading.map_or_else(Figure::default, |name| Figure::line(name, STRONG));
        let rows = group.rows.iter().map(|row| self.row(row));
        Figure::stacked(std::iter::once(heading).chain(rows), 1)
    }

    fn row(&self, row: &Row<'_>) -> Figure {
        let mut all = Figure::default();
        all.add(Point(0, 0), self.label(&row.label).with_hint(row.hint.clone()));
        let drawn = match row.lanes.as_slice() {
            [lane] => self.lane(&blocks(lane, &self.looks, self.profile.record.wall_us, PLOT)),
            lanes => self.band(lanes),
        };
        all.add(Point(LABELS, 0), drawn);
        all
    }

    /// A label as high as a row, in its middle.
    fn label(&self, text: &str) -> Figure {
        let text = shortened(text, MOST_LETTERS);
        // Letters are 8 pixels high.
        let at = Point(0, self.height / 2 + 4);
        let width = width(&text, SMALL);
        Figure { width, height: self.height, shapes: vec![Shape::Text { at, font: SMALL, text }] }
    }

    fn lane(&self, blocks: &[Block]) -> Figure {
        let mut by_look: [Vec<(Point, Point)>; LOOKS] = Default::default();
        let mut all = Figure::default();
        for block in blocks {
            let width = block.to - block.from;
            // A gap tells tasks apart.
            let drawn = if block.task.is_some() && width >= 3 { width - 1 } else { width };
            let bar = (Point(block.from, 0), Point(drawn, self.height));
            match block.task.filter(|_| self.hints).and_then(|task| self.hint(task)) {
                Some(hint) => {
                    let bar = Figure::bars(vec![bar], class(block.look)).with_hint(hint);
                    all.add(Point(0, 0), bar);
                }
                None => by_look.get_mut(block.look).into_iter().for_each(|bars| bars.push(bar)),
            }
        }
        for (look, bars) in by_look.into_iter().enumerate() {
            all.add(Point(0, 0), Figure::bars(bars, class(look)));
        }
        all
    }

    fn hint(&self, task: usize) -> Option<String> {
        let record = self.profile.record.tasks.get(task)?;
        let worked = Placed::of(task, record, u64::MAX).work_us();
        let rows = record.rows.map(|rows| format!(", {} rows", count(rows)));
        let failed = if record.failed { ", failed" } else { "" };
        Some(format!("{}: {}{}{failed}", record.name, duration(worked), rows.unwrap_or_default()))
    }

    /// Draws several lanes as one band: of each column the looks on top of each other, each as high as its part.
    fn band(&self, lanes: &[&[Span]]) -> Figure {
        let wall = self.profile.record.wall_us;
        let columns = parts(lanes, &self.looks, wall, PLOT / BAND_COLUMN);
        let mut by_look: [Vec<(Point, Point)>; LOOKS] = Default::default();
        for (place, column) in columns.iter().enumerate() {
            let x = place as u32 * BAND_COLUMN;
            let mut below = 0.0;
            for (part, bars) in column.iter().zip(&mut by_look) {
                // Rounds to no more than the height.
                let edge = |part: f64| (part.min(1.0) * f64::from(self.height)).round() as u32;
                let (bottom, top) = (edge(below), edge(below + part));
                below += part;
                if top <= bottom {
                    continue;
                }
                let bar = (Point(x, self.height - top), Point(BAND_COLUMN, top - bottom));
                match bars.last_mut() {
                    Some((at, size))
                        if at.0 + size.0 == x && at.1 == bar.0.1 && size.1 == bar.1.1 =>
                    {
                        size.0 += BAND_COLUMN;
                    }
                    _ => bars.push(bar),
                }
            }
        }
        let mut all = Figure::default();
        for (look, bars) in by_look.into_iter().enumerate() {
            all.add(Point(0, 0), Figure::bars(bars, class(look)));
        }
        all
    }
}
