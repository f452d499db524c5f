use super::style::{Font, GAP};
use super::text::width;

/// A drawing of a known size in pixels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) shapes: Vec<Shape>,
}

/// A shape at a place within a figure.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// A box with round corners.
    Frame { at: Point, size: Point, class: &'static str },
    /// Boxes of one size.
    Units { at: Vec<Point>, size: Point, class: &'static str },
    /// Boxes of their own sizes, each with its place.
    Bars { all: Vec<(Point, Point)>, class: &'static str },
    /// A text; the place is that of its baseline.
    Text { at: Point, font: Font, text: String },
    /// Another figure, and the text that is shown if the pointer rests on it.
    Part { at: Point, figure: Figure, hint: Option<String> },
}

/// A place or a size: pixels to the right, and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point(pub(crate) u32, pub(crate) u32);

impl Figure {
    /// A line of text.
    pub(crate) fn line(text: impl Into<String>, font: Font) -> Self {
        let text = text.into();
        let baseline = font.line - font.line / 4;
        Self {
            width: width(&text, font),
            height: font.line,
            shapes: vec![Shape::Text { at: Point(0, baseline), font, text }],
        }
    }

    /// Boxes of one size, without frames.
    pub(crate) fn units(at: Vec<Point>, size: Point, class: &'static str) -> Self {
        let width = at.iter().map(|at| at.0 + size.0).max().unwrap_or(0);
        let height = at.iter().map(|at| at.1 + size.1).max().unwrap_or(0);
        Self { width, height, shapes: vec![Shape::Units { at, size, class }] }
    }

    /// Boxes of their own sizes, without frames; nothing if there are none.
    pub(crate) fn bars(all: Vec<(Point, Point)>, class: &'static str) -> Self {
        if all.is_empty() {
            return Self::default();
        }
        let width = all.iter().map(|(at, size)| at.0 + size.0).max().unwrap_or(0);
        let height = all.iter().map(|(at, size)| at.1 + size.1).max().unwrap_or(0);
        Self { width, height, shapes: vec![Shape::Bars { all, class }] }
    }

    /// Places figures one below the other; empty ones take no space.
    pub(crate) fn stacked(parts: impl IntoIterator<Item = Self>, gap: u32) -> Self {
        let mut all = Self::default();
        for part in parts.into_iter().filter(|part| part.height > 0) {
            let top = if all.height == 0 { 0 } else { all.height + gap };
            all.add(Point(0, top), part);
        }
        all
    }

    /// Puts a box around a figure, with at least this size inside.
    pub(crate) fn framed(self, class: &'static str, least: Point) -> Self {
        let size = Point(self.width.max(least.0) + 2 * GAP, self.height.max(least.1) + 2 * GAP);
        let mut framed = Self { width: size.0, height: size.1, shapes: Vec::new() };
        framed.shapes.push(Shape::Frame { at: Point(0, 0), size, class });
        framed.add(Point(GAP, GAP), self);
        framed
    }

    /// The same figure with a text that is shown if the pointer rests on it.
    pub(crate) fn with_hint(self, hint: String) -> Self {
        let Point(width, height) = self.size();
        let shapes = vec![Shape::Part { at: Point(0, 0), figure: self, hint: Some(hint) }];
        Self { width, height, shapes }
    }

    /// Adds a figure to this one, which grows to hold it.
    pub(crate) fn add(&mut self, at: Point, figure: Self) {
        self.width = self.width.max(at.0 + figure.width);
        self.height = self.height.max(at.1 + figure.height);
        self.shapes.push(Shape::Part { at, figure, hint: None });
    }

    /// The size.
    pub(crate) fn size(&self) -> Point {
        Point(self.width, self.height)
    }
}
