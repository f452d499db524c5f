//! Measures in pixels, and colours for light and dark backgrounds.

/// The gap between neighbouring boxes, and between a box and its content.
pub(super) const GAP: u32 = 8;

/// The greatest width of boxes side by side.
pub(super) const PAGE_WIDTH: u32 = 1360;

/// The side of the square of a CPU.
pub(super) const CPU_SIDE: u32 = 9;

/// The sides of the box of a GPU.
pub(super) const GPU_WIDTH: u32 = 12;
pub(super) const GPU_HEIGHT: u32 = 9;

/// The size of the bar that shows a worker's memory against its limit.
pub(super) const METER_WIDTH: u32 = 88;
pub(super) const METER_HEIGHT: u32 = 5;

/// The gap between the squares of CPUs, and of GPUs.
pub(super) const UNIT_GAP: u32 = 2;

/// How a text is set: its class, and its measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    pub(super) class: &'static str,
    /// The width of a letter, in tenths of a pixel: 0.61 of the size, or a whole pixel if a renderer rounds to
    /// that.
    pub(super) letter_tenths: u32,
    /// The distance from one line to the next.
    pub(super) line: u32,
}

pub(super) const TITLE: Font = Font { class: "title", letter_tenths: 100, line: 22 };
pub(super) const STRONG: Font = Font { class: "strong", letter_tenths: 80, line: 18 };
pub(super) const PLAIN: Font = Font { class: "plain", letter_tenths: 75, line: 16 };
pub(super) const SMALL: Font = Font { class: "small", letter_tenths: 70, line: 15 };

/// The class of the whole picture. Every rule names it, because a notebook puts the picture into its own page.
pub(super) const ROOT: &str = "protoplast-picture";

/// The rules; `$` stands for the class of the whole picture.
pub(super) const RULES: &str = "\
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
@media (prefers-color-scheme:dark){
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
}
";
