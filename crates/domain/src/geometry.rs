//! Points and boxes on the picture, points on the road, and the way from one to the other.

use serde::{Deserialize, Serialize};

/// A point on the picture in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 2]", into = "[f32; 2]")]
pub struct PixelPoint {
    /// To the right of the left edge.
    pub x: f32,
    /// Below the top edge.
    pub y: f32,
}

impl PixelPoint {
    /// A point at `x`, `y` pixels.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Distance in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point a share `t` of the way towards `other`.
    pub fn lerp(self, other: Self, t: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }
}

impl From<[f32; 2]> for PixelPoint {
    fn from([x, y]: [f32; 2]) -> Self {
        Self { x, y }
    }
}

impl From<PixelPoint> for [f32; 2] {
    fn from(p: PixelPoint) -> Self {
        [p.x, p.y]
    }
}

/// An axis-aligned box on the picture, `x1 <= x2` and `y1 <= y2`, in pixels.
///
/// Serialised as `[x1, y1, x2, y2]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
pub struct PixelBox {
    /// Left edge.
    pub x1: f32,
    /// Top edge.
    pub y1: f32,
    /// Right edge.
    pub x2: f32,
    /// Bottom edge.
    pub y2: f32,
}

impl PixelBox {
    /// A box from its edges.
    pub const fn new(x1: f32, y1: f32, x2: f32, y2: f32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Width in pixels, never negative.
    pub fn width(&self) -> f32 {
        (self.x2 - self.x1).max(0.0)
    }

    /// Height in pixels, never negative.
    pub fn height(&self) -> f32 {
        (self.y2 - self.y1).max(0.0)
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// The side of the square of the same area: the box's size as one length, in pixels.
    pub fn scale(&self) -> f32 {
        self.area().sqrt()
    }

    /// The middle of the bottom edge: where a road user stands on the road.
    pub fn ground_point(&self) -> PixelPoint {
        PixelPoint::new((self.x1 + self.x2) * 0.5, self.y2)
    }

    /// The centre.
    pub fn centre(&self) -> PixelPoint {
        self.at_share(0.5, 0.5)
    }

    /// The point a share `x` from the left and a share `y` from the top edge.
    pub fn at_share(&self, x: f32, y: f32) -> PixelPoint {
        PixelPoint::new(self.x1 + self.width() * x, self.y1 + self.height() * y)
    }

    /// Area shared with `other`.
    pub fn intersection_area(&self, other: &Self) -> f32 {
        let w = self.x2.min(other.x2) - self.x1.max(other.x1);
        let h = self.y2.min(other.y2) - self.y1.max(other.y1);
        w.max(0.0) * h.max(0.0)
    }

    /// Intersection over union, 0 for empty boxes.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection_area(other);
        let all = self.area() + other.area() - shared;
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// The share of this box's area that lies within `other`.
    pub fn share_within(&self, other: &Self) -> f32 {
        let area = self.area();
        if area > 0.0 { self.intersection_area(other) / area } else { 0.0 }
    }

    /// The smallest box around both.
    pub fn union(&self, other: &Self) -> Self {
        Self::new(
            self.x1.min(other.x1),
            self.y1.min(other.y1),
            self.x2.max(other.x2),
            self.y2.max(other.y2),
        )
    }

    /// The box moved by `dx`, `dy`.
    pub fn translated(&self, dx: f32, dy: f32) -> Self {
        Self::new(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)
    }

    /// The part of the box inside a picture of `width` x `height` pixels.
    pub fn clamped(&self, width: f32, height: f32) -> Self {
        Self::new(
            self.x1.clamp(0.0, width),
            self.y1.clamp(0.0, height),
            self.x2.clamp(0.0, width),
            self.y2.clamp(0.0, height),
        )
    }

    /// Whether every edge is a finite number and the box has an area.
    pub fn is_proper(&self) -> bool {
        [self.x1, self.y1, self.x2, self.y2].iter().all(|v| v.is_finite())
            && self.x2 > self.x1
            && self.y2 > self.y1
    }
}

impl From<[f32; 4]> for PixelBox {
    fn from([x1, y1, x2, y2]: [f32; 4]) -> Self {
        Self { x1, y1, x2, y2 }
    }
}

impl From<PixelBox> for [f32; 4] {
    fn from(b: PixelBox) -> Self {
        [b.x1, b.y1, b.x2, b.y2]
    }
}

/// A rectangle of whole pixels inside a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PixelRect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

/// A point on the road in metres, in the plane of the scene's calibration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoadPoint {
    /// Metres along the calibration's first axis.
    pub x_m: f64,
    /// Metres along its second axis.
    pub y_m: f64,
}

impl RoadPoint {
    /// Distance in metres.
    pub fn distance_m(self, other: Self) -> f64 {
        (self.x_m - other.x_m).hypot(self.y_m - other.y_m)
    }
}

/// The projective map from the picture to the road plane, row-major 3x3 (Hartley and Zisserman,
/// *Multiple View Geometry*, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoadTransform(pub [[f64; 3]; 3]);

impl RoadTransform {
    /// Where a picture point lies on the road, or `None` at and beyond the horizon.
    pub fn road_point(&self, p: PixelPoint) -> Option<RoadPoint> {
        let (x, y) = (f64::from(p.x), f64::from(p.y));
        let row = |r: &[f64; 3]| r[0] * x + r[1] * y + r[2];
        let w = row(&self.0[2]);
        (w.abs() > 1e-9).then(|| RoadPoint { x_m: row(&self.0[0]) / w, y_m: row(&self.0[1]) / w })
    }
}

/// Whether `p` lies inside the polygon (even-odd rule; a point on the left or top edge counts in).
pub fn polygon_contains(polygon: &[PixelPoint], p: PixelPoint) -> bool {
    let mut inside = false;
    let mut previous = match polygon.last() {
        Some(last) => *last,
        None => return false,
    };
    for &corner in polygon {
        let spans = (corner.y > p.y) != (previous.y > p.y);
        if spans {
            let at_x =
                corner.x + (p.y - corner.y) * (previous.x - corner.x) / (previous.y - corner.y);
            if p.x < at_x {
                inside = !inside;
            }
        }
        previous = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_box() -> impl Strategy<Value = PixelBox> {
        (0.0f32..1000.0, 0.0f32..1000.0, 1.0f32..300.0, 1.0f32..300.0)
            .prop_map(|(x, y, w, h)| PixelBox::new(x, y, x + w, y + h))
    }

    proptest! {
        #[test]
        fn iou_is_symmetric_and_a_share(a in any_box(), b in any_box()) {
            let iou = a.iou(&b);
            prop_assert!((0.0..=1.0001).contains(&iou));
            prop_assert!((iou - b.iou(&a)).abs() < 1e-6);
            prop_assert!((a.iou(&a) - 1.0).abs() < 1e-5);
        }

        #[test]
        fn a_union_holds_both(a in any_box(), b in any_box()) {
            let both = a.union(&b);
            prop_assert!(a.share_within(&both) > 0.999 && b.share_within(&both) > 0.999);
        }
    }

    #[test]
    fn a_point_is_inside_a_concave_polygon_only_where_it_is() {
        let u_shape: Vec<PixelPoint> = [
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 10.0],
            [7.0, 10.0],
            [7.0, 3.0],
            [3.0, 3.0],
            [3.0, 10.0],
            [0.0, 10.0],
        ]
        .map(PixelPoint::from)
        .to_vec();
        for (point, inside) in
            [([1.0, 9.0], true), ([5.0, 9.0], false), ([5.0, 1.0], true), ([11.0, 1.0], false)]
        {
            assert_eq!(polygon_contains(&u_shape, point.into()), inside, "{point:?}");
        }
        assert!(!polygon_contains(&[], PixelPoint::new(0.0, 0.0)));
    }

    #[test]
    fn the_horizon_has_no_road_point() {
        let map = RoadTransform([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.01, -1.0]]);
        assert!(map.road_point(PixelPoint::new(5.0, 100.0)).is_none());
        assert!(map.road_point(PixelPoint::new(5.0, 200.0)).is_some());
    }
}
