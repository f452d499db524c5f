use super::colours::rules;
use super::lanes::lanes;
use super::parts::{MOST_LETTERS, advice, functions, lost, stages};
use crate::profile::analysis::Profile;
use crate::show::svg::document::written_with;
use crate::show::svg::figure::Figure;
use crate::show::svg::style::{self, Background, GAP, PLAIN, TITLE};
use crate::show::svg::text::{shortened, wrapped};

impl Profile {
    /// Draws the profile as SVG for a light or a dark background.
    ///
    /// It has a lane for each slot, or bands if they are many, and the figures, advice and what the colours
    /// stand for.
    pub fn to_svg(&self, dark: bool) -> String {
        self.drawn(if dark { Background::Dark } else { Background::Light })
    }

    /// Draws the profile as SVG.
    pub(in crate::profile) fn drawn(&self, background: Background) -> String {
        let heading = self.heading();
        let lines = heading.iter().flat_map(|line| wrapped(line, MOST_LETTERS));
        let title = Figure::line(shortened(&self.record.title, 130), TITLE);
        let lines = lines.map(|line| Figure::line(line, PLAIN));
        let parts = [
            Figure::stacked(std::iter::once(title).chain(lines), 0),
            advice(self),
            lost(self),
            lanes(self),
            stages(self),
            functions(self),
        ];
        let label = format!("{}: {}", self.record.title, heading.join(", "));
        let (light, dark) = rules();
        written_with(
            &Figure::stacked(parts, 2 * GAP),
            &shortened(&label, 500),
            &style::rules(background, &light, &dark),
        )
    }
}
