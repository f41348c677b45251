//! What makes a drawn shape no shape: corners that coincide, edges that cross, points in a row.
//! Reckoned in `f64`, so that the answer does not hang on rounding at picture sizes.

use giaolo_domain::PixelPoint;

/// The smallest area of a zone, in square pixels.
const MIN_AREA: f64 = 4.0;

type Point = (f64, f64);

pub(super) fn point(p: PixelPoint) -> Point {
    (f64::from(p.x), f64::from(p.y))
}

/// Twice the signed area of the triangle: positive where `c` lies to one side of `a` to `b`,
/// negative on the other, 0 in a row.
pub(super) fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Distance in pixels from the line through both points.
pub(super) fn distance_from_line([a, b]: [PixelPoint; 2], p: PixelPoint) -> f32 {
    let (from, to) = (point(a), point(b));
    (turn(from, to, point(p)).abs() / (to.0 - from.0).hypot(to.1 - from.1)) as f32
}

/// The triangle's smallest height as a share of its longest side: 0 for three points in a row.
pub(super) fn slenderness(a: Point, b: Point, c: Point) -> f64 {
    let side = |p: Point, q: Point| (p.0 - q.0).hypot(p.1 - q.1);
    let longest = side(a, b).max(side(b, c)).max(side(c, a));
    if longest > 0.0 { turn(a, b, c).abs() / (longest * longest) } else { 0.0 }
}

/// Why these corners do not bound an area, or nothing where they do. Corners are counted from 1.
pub(super) fn polygon_problem(corners: &[PixelPoint]) -> Option<String> {
    let points: Vec<Point> = corners.iter().copied().map(point).collect();
    let count = points.len();
    if points.first() == points.last() {
        return Some(
            "the last corner repeats the first; leave it out, a zone closes by itself".to_owned(),
        );
    }
    if let Some(at) = points.windows(2).position(|pair| pair[0] == pair[1]) {
        return Some(format!(
            "corners {} and {} are the same point; leave one out",
            at + 1,
            at + 2
        ));
    }
    let edge = |i: usize| (points[i], points[(i + 1) % count]);
    for first in 0..count {
        let (a, b) = edge(first);
        let (_, c) = edge((first + 1) % count);
        let folds_back =
            turn(a, b, c) == 0.0 && (b.0 - a.0) * (c.0 - b.0) + (b.1 - a.1) * (c.1 - b.1) < 0.0;
        if folds_back {
            return Some(format!(
                "the edge turns back on itself at corner {}; give the corners in order around the zone",
                (first + 1) % count + 1
            ));
        }
        for second in first + 2..count {
            let neighbours = first == 0 && second == count - 1;
            if !neighbours && meet((a, b), edge(second)) {
                return Some(format!(
                    "the edge after corner {} meets the edge after corner {}; give the corners in order around the zone",
                    first + 1,
                    second + 1
                ));
            }
        }
    }
    let area = (1..count.saturating_sub(1))
        .map(|i| turn(points[0], points[i], points[i + 1]))
        .sum::<f64>()
        .abs()
        / 2.0;
    (area < MIN_AREA).then(|| {
        format!("the zone has an area of {area:.1} square pixels, at least {MIN_AREA} are needed")
    })
}

/// Whether two edges have a point in common.
fn meet((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let (c_side, d_side) = (turn(a, b, c), turn(a, b, d));
    let (a_side, b_side) = (turn(c, d, a), turn(c, d, b));
    let opposite = |p: f64, q: f64| (p > 0.0 && q < 0.0) || (p < 0.0 && q > 0.0);
    if opposite(c_side, d_side) && opposite(a_side, b_side) {
        return true;
    }
    let between = |from: Point, to: Point, p: Point| {
        (from.0.min(to.0)..=from.0.max(to.0)).contains(&p.0)
            && (from.1.min(to.1)..=from.1.max(to.1)).contains(&p.1)
    };
    (c_side == 0.0 && between(a, b, c))
        || (d_side == 0.0 && between(a, b, d))
        || (a_side == 0.0 && between(c, d, a))
        || (b_side == 0.0 && between(c, d, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polygon_is_refused_for_its_reason_only() {
        type Case = (&'static str, &'static [[f32; 2]], Option<&'static str>);
        let cases: &[Case] = &[
            ("square", &[[0., 0.], [9., 0.], [9., 9.], [0., 9.]], None),
            ("concave", &[[0., 0.], [9., 0.], [9., 9.], [5., 3.], [0., 9.]], None),
            ("corner on a straight edge", &[[0., 0.], [5., 0.], [9., 0.], [9., 9.]], None),
            ("bow tie", &[[0., 0.], [9., 9.], [9., 0.], [0., 9.]], Some("meets the edge")),
            (
                "corner on another edge",
                &[[0., 0.], [9., 0.], [9., 9.], [4., 0.], [0., 9.]],
                Some("meets the edge"),
            ),
            (
                "spike",
                &[[0., 0.], [9., 0.], [4., 0.], [4., 9.]],
                Some("turns back on itself at corner 2"),
            ),
            ("closed twice", &[[0., 0.], [9., 0.], [9., 9.], [0., 0.]], Some("repeats the first")),
            (
                "same corner twice",
                &[[0., 0.], [9., 0.], [9., 0.], [0., 9.]],
                Some("corners 2 and 3 are the same"),
            ),
            ("in a row", &[[0., 0.], [4., 4.], [9., 9.]], Some("turns back")),
            ("a crumb", &[[0., 0.], [1., 0.], [1., 1.], [0., 1.]], Some("area of 1.0")),
        ];
        for (name, corners, expected) in cases {
            let corners: Vec<PixelPoint> = corners.iter().copied().map(PixelPoint::from).collect();
            let found = polygon_problem(&corners);
            match expected {
                None => assert_eq!(found, None, "{name}"),
                Some(part) => assert!(
                    found.as_deref().is_some_and(|found| found.contains(part)),
                    "{name}: {found:?}"
                ),
            }
        }
    }
}
