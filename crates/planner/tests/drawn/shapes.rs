//! Where the shapes of a picture lie.

#![allow(clippy::expect_used)]

use roxmltree::Node;

/// Left, top, right and bottom of a box, in pixels.
pub type Corners = [u32; 4];

pub fn number(element: Node<'_, '_>, name: &str) -> u32 {
    element.attribute(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}

pub fn of_rect(element: Node<'_, '_>) -> Corners {
    let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(element, name));
    [x, y, x + width, y + height]
}

/// The area of letters: no more than they take, from the top of the small ones to the baseline.
pub fn of_text(element: Node<'_, '_>) -> Corners {
    let letters = element.text().unwrap_or_default().chars().count() as u32;
    let (x, y) = (number(element, "x"), number(element, "y"));
    [x, y.saturating_sub(7), x + letters * 6, y]
}

/// The figures of a path, which are closed boxes.
pub fn of_units(element: Node<'_, '_>) -> Vec<Corners> {
    let figures = element.attribute("d").expect("figures").split('M').skip(1);
    figures.map(|figure| of_unit(figure).expect("a closed box")).collect()
}

fn of_unit(figure: &str) -> Option<Corners> {
    let (x, rest) = figure.split_once(' ')?;
    let (y, rest) = rest.split_once('h')?;
    let (width, rest) = rest.split_once('v')?;
    let (height, back) = rest.split_once('h')?;
    let numbers = [x, y, width, height].map(|number| number.parse::<u32>().ok());
    let [Some(x), Some(y), Some(width), Some(height)] = numbers else { return None };
    let is_closed = back == format!("-{width}z") && width > 0 && height > 0;
    is_closed.then_some([x, y, x + width, y + height])
}

pub fn encloses(outer: Corners, inner: Corners) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

pub fn overlap(one: Corners, other: Corners) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}
