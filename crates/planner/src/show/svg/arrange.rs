use super::figure::{Figure, Point};

/// Up to this many figures are placed in one row.
const SMALLEST_GRID: u32 = 4;

/// Places figures side by side, in rows no wider than `most` unless one figure is wider itself.
pub(crate) fn in_rows(figures: Vec<Figure>, most: u32, gap: u32) -> Figure {
    let mut all = Figure::default();
    let (mut left, mut top) = (0, 0);
    for figure in figures {
        if left > 0 && left + figure.width > most {
            (left, top) = (0, all.height + gap);
        }
        let next = left + figure.width + gap;
        all.add(Point(left, top), figure);
        left = next;
    }
    all
}

/// Places figures of one size in a grid that is wider than high, and no wider than `most`.
pub(crate) fn in_grid(figures: Vec<Figure>, most: u32, gap: u32) -> Figure {
    let width = figures.first().map_or(0, |figure| figure.width + gap).max(1);
    let count = u32::try_from(figures.len()).unwrap_or(u32::MAX);
    let columns = match count {
        0..=SMALLEST_GRID => count,
        // A power of two makes the figures easy to count.
        _ => count.saturating_mul(2).isqrt().next_power_of_two(),
    };
    let columns = columns.min((most + gap) / width).max(1);
    in_rows(figures, columns * width - gap.min(width), gap)
}

#[cfg(test)]
mod tests {
    use super::super::figure::Shape;
    use super::*;

    fn figures(sizes: &[(u32, u32)]) -> Vec<Figure> {
        let figure =
            |(width, height): &_| Figure { width: *width, height: *height, shapes: vec![] };
        sizes.iter().map(figure).collect()
    }

    fn places(figure: &Figure) -> Vec<(u32, u32)> {
        let place = |shape: &Shape| match shape {
            Shape::Part { at: Point(left, top), .. } => (*left, *top),
            other => panic!("{other:?}"),
        };
        figure.shapes.iter().map(place).collect()
    }

    #[test]
    fn rows_are_filled_and_never_overlap() {
        let rows = in_rows(figures(&[(40, 10), (40, 30), (40, 10), (500, 5), (10, 5)]), 100, 4);
        assert_eq!(places(&rows), [(0, 0), (44, 0), (0, 34), (0, 48), (0, 57)]);
        assert_eq!(rows.size(), Point(500, 62));
        assert_eq!(in_rows(Vec::new(), 100, 4).size(), Point(0, 0));
    }

    #[test]
    fn a_grid_is_wider_than_high() {
        let grid = |count, most| in_grid(figures(&vec![(40, 40); count]), most, 0).size();
        assert_eq!(grid(3, 1000), Point(120, 40));
        assert_eq!(grid(8, 1000), Point(160, 80));
        assert_eq!(grid(128, 1000), Point(640, 320));
        assert_eq!(grid(16, 80), Point(80, 320));
        assert_eq!(grid(2, 1), Point(40, 80));
        assert_eq!(grid(0, 100), Point(0, 0));
    }
}
