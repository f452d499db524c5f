use super::data::data;
use crate::profile::amounts::{count, duration, percent};
use crate::profile::analysis::Profile;
use crate::profile::picture::colours::{COLOURS, STAGES};
use crate::profile::picture::looks::{class, of_state};
use crate::profile::time::state::State;
use crate::show::svg::text::escaped;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The colours of the page itself, as `COLOURS`.
const PAGE: [(&str, &str, &str); 4] = [
    ("page", "#ffffff", "#0d1117"),
    ("text", "#1f2328", "#e6edf3"),
    ("muted", "#59636e", "#9198a1"),
    ("grid", "#d1d9e0", "#3d444d"),
];

/// How the lanes are used.
const HELP: &str = "Drag to zoom in, shift-drag to move, Ctrl and the wheel to zoom, double-click for all. \
                    Click a name with an arrow to unfold it.";

/// The most stages that have a line of their own.
const MOST_STAGES: usize = 40;

impl Profile {
    /// Draws the profile as a page of HTML that stands alone, for light and dark backgrounds.
    ///
    /// Its lanes can be zoomed, and say what they are if the pointer rests on them. Its script is in the page,
    /// and nothing is loaded. Without scripts the page shows the lanes of [`Profile::to_svg`].
    pub fn to_html(&self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{title}</title>\n\
             <style>\n{colours}{STYLE}</style>\n</head>\n<body>\n<div class=\"profile\">\n\
             <h1>{title}</h1>\n{heading}{advice}{lost}{lanes}{stages}{tables}\
             <script type=\"application/json\" class=\"data\">{data}</script>\n\
             <script>\n{SCRIPT}</script>\n</div>\n</body>\n</html>\n",
            title = escaped(&self.record.title),
            colours = colours(),
            heading = self
                .heading()
                .iter()
                .map(|line| format!("<p>{}</p>\n", escaped(line)))
                .collect::<String>(),
            advice = self.advice_list(),
            lost = self.lost_bar(),
            lanes = self.lanes_view(),
            stages = self.stage_list(),
            tables = self.tables().iter().map(|table| preformatted(table)).collect::<String>(),
            data = data(self),
        )
    }

    fn advice_list(&self) -> String {
        if self.advice.is_empty() {
            return String::new();
        }
        let item = |sentence: &str| format!("<li>{}</li>\n", escaped(sentence));
        let items: String = self.advice.iter().map(|advice| item(&advice.sentence)).collect();
        format!("<h2>advice</h2>\n<ul>\n{items}</ul>\n")
    }

    fn lost_bar(&self) -> String {
        let (mut bar, mut keys) = (String::new(), String::new());
        for lost in self.figures.lost.iter().filter(|lost| lost.slots_us > 0) {
            let class = match lost.state {
                State::Working => class(0),
                state => class(of_state(state)),
            };
            let (name, part) = (lost.state.name(), percent(lost.part));
            bar.push_str(&format!(
                "<i style=\"width:{:.3}%;background:var(--{class})\" title=\"{}\"></i>",
                lost.part * 100.0,
                escaped(&format!("{name} {part}: {}", duration(lost.slots_us))),
            ));
            keys.push_str(&key("span", class, &format!("{name} {part}")));
        }
        format!(
            "<h2>where the time of the slots went</h2>\n<div class=\"bar\">{bar}</div>\n<p>{keys}</p>\n"
        )
    }

    fn lanes_view(&self) -> String {
        let picture = self.drawn_lanes();
        format!(
            "<noscript>\n{picture}</noscript>\n<div class=\"lanes\" hidden=\"\">\n<h2>lanes \
             <button type=\"button\" class=\"closer\" aria-label=\"zoom in\">+</button> \
             <button type=\"button\" class=\"wider\" aria-label=\"zoom out\">−</button> \
             <button type=\"button\" class=\"all\">all</button></h2>\n<p class=\"muted\">{HELP}</p>\n\
             <div class=\"view\" tabindex=\"0\"><canvas class=\"canvas\"></canvas>\
             <div class=\"space\"></div></div>\n<div class=\"tip\" hidden=\"\"></div>\n</div>\n"
        )
    }

    fn stage_list(&self) -> String {
        let stages = self.figures.stages.iter().take(MOST_STAGES).enumerate();
        let items: String = stages
            .map(|(place, stage)| {
                let text = format!("{} ({})", stage.name, count(stage.tasks));
                key("li", class(place % STAGES), &text)
            })
            .collect();
        if items.is_empty() {
            return items;
        }
        format!("<h2>stages</h2>\n<ul class=\"stages\">\n{items}</ul>\n")
    }
}

fn colours() -> String {
    let all = || PAGE.iter().chain(&COLOURS);
    let light: String = all().map(|(name, light, _)| format!("--{name}:{light};")).collect();
    let dark: String = all().map(|(name, _, dark)| format!("--{name}:{dark};")).collect();
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )
}

fn key(element: &str, class: &str, text: &str) -> String {
    let square = format!("<i style=\"background:var(--{class})\"></i>");
    format!("<{element} class=\"key\">{square}{}</{element}>\n", escaped(text))
}

fn preformatted(table: &str) -> String {
    // The ends of lines stay; everything else is one line of a table.
    let lines: Vec<String> = table.lines().map(escaped).collect();
    format!("<pre>{}</pre>\n", lines.join("\n"))
}
