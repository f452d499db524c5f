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
        let background = if dark { Background::Dark } else { Background::Light };
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
        self.written(&Figure::stacked(parts, 2 * GAP), background)
    }

    /// Draws the lanes alone, for the background of the page in which they stand.
    pub(in crate::profile) fn drawn_lanes(&self) -> String {
        self.written(&lanes(self), Background::OfPage)
    }

    fn written(&self, figure: &Figure, background: Background) -> String {
        let label = format!("{}: {}", self.record.title, self.heading().join(", "));
        let (light, dark) = rules();
        written_with(figure, &shortened(&label, 500), &style::rules(background, &light, &dark))
    }
}
