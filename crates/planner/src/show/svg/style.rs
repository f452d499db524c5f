//! Measures in pixels, and colours for light and dark backgrounds.

/// The gap between neighbouring boxes, and between a box and its content.
pub(crate) const GAP: u32 = 8;

/// The greatest width of boxes side by side.
pub(crate) const PAGE_WIDTH: u32 = 1360;

/// The side of the square of a CPU.
pub(crate) const CPU_SIDE: u32 = 9;

/// The sides of the box of a GPU.
pub(crate) const GPU_WIDTH: u32 = 12;
pub(crate) const GPU_HEIGHT: u32 = 9;

/// The size of the bar that shows a worker's memory against its limit.
pub(crate) const METER_WIDTH: u32 = 88;
pub(crate) const METER_HEIGHT: u32 = 5;

/// The gap between the squares of CPUs, and of GPUs.
pub(crate) const UNIT_GAP: u32 = 2;

/// How a text is set: its class, and its measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Font {
    pub(crate) class: &'static str,
    /// The width of a letter, in tenths of a pixel: 0.61 of the size, or a whole pixel if a renderer rounds to
    /// that.
    pub(crate) letter_tenths: u32,
    /// The distance from one line to the next.
    pub(crate) line: u32,
}

pub(crate) const TITLE: Font = Font { class: "title", letter_tenths: 100, line: 22 };
pub(crate) const STRONG: Font = Font { class: "strong", letter_tenths: 80, line: 18 };
pub(crate) const PLAIN: Font = Font { class: "plain", letter_tenths: 75, line: 16 };
pub(crate) const SMALL: Font = Font { class: "small", letter_tenths: 70, line: 15 };

/// The class of the whole picture. Every rule names it, because a notebook puts the picture into its own page.
pub(crate) const ROOT: &str = "protoplast-picture";

/// The rules for a light background; `$` stands for the class of the whole picture.
const LIGHT: &str = "\
$ text{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2328;white-space:pre}
$ .title{font-size:16px;font-weight:bold}
$ .strong{font-size:13px;font-weight:bold}
$ .plain{font-size:12px}
$ .small{font-size:11px;fill:#59636e}
$ .page{fill:#ffffff}
$ .node{fill:#f6f8fa;stroke:#8c959f}
$ .numa{fill:#e6eaef;stroke:#afb8c1}
$ .worker{fill:#ddf4ff;stroke:#54aeff}
$ .free{fill:none;stroke:#8c959f;stroke-dasharray:4 3}
$ .cpu{fill:#0969da}
$ .gpu{fill:#1a7f37}
$ .idle{fill:#afb8c1}
$ .fleet{fill:none;stroke:#8c959f}
$ .silent{fill:#fff8c5;stroke:#d4a72c}
$ .dead{fill:#ffebe9;stroke:#cf222e}
$ .mute{fill:#bf8700}
$ .lost{fill:#cf222e}
$ .used{fill:#8250df}
$ .over{fill:#bf8700}
";

/// The rules that a dark background changes.
const DARK: &str = "\
$ text{fill:#e6edf3}
$ .small{fill:#9198a1}
$ .page{fill:#0d1117}
$ .node{fill:#151b23;stroke:#656c76}
$ .numa{fill:#262c36;stroke:#3d444d}
$ .worker{fill:#12294a;stroke:#1f6feb}
$ .free{stroke:#656c76}
$ .cpu{fill:#58a6ff}
$ .gpu{fill:#3fb950}
$ .idle{fill:#656c76}
$ .fleet{stroke:#656c76}
$ .silent{fill:#3b2e0a;stroke:#9e6a03}
$ .dead{fill:#3c1618;stroke:#da3633}
$ .mute{fill:#d29922}
$ .lost{fill:#f85149}
$ .used{fill:#a371f7}
$ .over{fill:#d29922}
";

/// Which background a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Background {
    /// That of the page in which the picture stands.
    OfPage,
    /// A light or a dark one, whatever the page has.
    Light,
    Dark,
}

/// The rules of a picture.
///
/// # Arguments
///
/// * `light`, `dark`: the rules of what only this picture has.
pub(crate) fn rules(background: Background, light: &str, dark: &str) -> String {
    let all = match background {
        Background::OfPage => {
            format!("{LIGHT}{light}@media (prefers-color-scheme:dark){{\n{DARK}{dark}}}\n")
        }
        Background::Light => format!("{LIGHT}{light}"),
        Background::Dark => format!("{LIGHT}{light}{DARK}{dark}"),
    };
    all.replace('$', &format!(".{ROOT}"))
}
