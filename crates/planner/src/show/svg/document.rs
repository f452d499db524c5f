use std::fmt::{self, Write};

use super::figure::{Figure, Point, Shape};
use super::style::{Background, GAP, ROOT, rules};
use super::text::escaped;

/// Writes a figure as an SVG page, with a margin.
pub(crate) fn written(figure: &Figure, title: &str) -> String {
    written_with(figure, title, &rules(Background::OfPage, "", ""))
}

/// Writes a figure as an SVG page with these rules, with a margin.
pub(crate) fn written_with(figure: &Figure, title: &str, rules: &str) -> String {
    let mut page = String::new();
    let margin = Point(2 * GAP, 2 * GAP);
    let size = Point(figure.width + 2 * margin.0, figure.height + 2 * margin.1);
    // Writing to a string does not fail.
    let _ = head(&mut page, size, title, rules);
    let _ = body(&mut page, figure, margin);
    page.push_str("</svg>\n");
    page
}

fn head(page: &mut String, Point(width, height): Point, title: &str, rules: &str) -> fmt::Result {
    write!(
        page,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{ROOT}\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <style>\n{rules}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        title = escaped(title),
    )
}

/// Writes the shapes of a figure whose corner is at `origin`.
fn body(page: &mut String, figure: &Figure, origin: Point) -> fmt::Result {
    for shape in &figure.shapes {
        match shape {
            Shape::Frame { at, size: Point(width, height), class } => {
                let Point(x, y) = origin.by(*at);
                writeln!(
                    page,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
                )?;
            }
            Shape::Units { at, size: Point(width, height), class } => {
                write!(page, "<path class=\"{class}\" d=\"")?;
                for Point(x, y) in at.iter().map(|at| origin.by(*at)) {
                    write!(page, "M{x} {y}h{width}v{height}h-{width}z")?;
                }
                page.write_str("\"/>\n")?;
            }
            Shape::Bars { all, class } => {
                write!(page, "<path class=\"{class}\" d=\"")?;
                for (at, Point(width, height)) in all {
                    let Point(x, y) = origin.by(*at);
                    write!(page, "M{x} {y}h{width}v{height}h-{width}z")?;
                }
                page.write_str("\"/>\n")?;
            }
            Shape::Text { at, font, text } => {
                let Point(x, y) = origin.by(*at);
                let (class, text) = (font.class, escaped(text));
                writeln!(page, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>")?;
            }
            Shape::Part { at, figure, hint: None } => body(page, figure, origin.by(*at))?,
            Shape::Part { at, figure, hint: Some(hint) } => {
                writeln!(page, "<g><title>{}</title>", escaped(hint))?;
                body(page, figure, origin.by(*at))?;
                page.write_str("</g>\n")?;
            }
        }
    }
    Ok(())
}

impl Point {
    fn by(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}
