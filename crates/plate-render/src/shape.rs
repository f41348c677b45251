//! Shapes as signed distances: below 0 inside, in the canvas's own unit.

pub(crate) use giaolo_domain::PixelPoint as Point;

/// Distance to a straight piece.
pub(crate) fn piece(p: Point, a: Point, b: Point) -> f32 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length2 = dx * dx + dy * dy;
    let t = if length2 > 0.0 { ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 } else { 0.0 };
    p.distance(a.lerp(b, t.clamp(0.0, 1.0)))
}

/// Distance to a rectangle with round corners.
pub(crate) fn rectangle(p: Point, x1: f32, y1: f32, x2: f32, y2: f32, radius: f32) -> f32 {
    let qx = (p.x - (x1 + x2) / 2.0).abs() - (x2 - x1) / 2.0 + radius;
    let qy = (p.y - (y1 + y2) / 2.0).abs() - (y2 - y1) / 2.0 + radius;
    qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - radius
}

/// Distance to a polygon (the sign by crossings of a ray).
pub(crate) fn polygon(p: Point, corners: &[Point]) -> f32 {
    let mut inside = false;
    let mut nearest = f32::INFINITY;
    let last = corners.iter().skip(corners.len().saturating_sub(1));
    for (&a, &b) in last.chain(corners).zip(corners) {
        nearest = nearest.min(piece(p, a, b));
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            inside = !inside;
        }
    }
    if inside { -nearest } else { nearest }
}
