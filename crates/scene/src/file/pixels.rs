//! Takes points and boxes out of a scene file, which must lie in the picture that it was drawn on.

use giaolo_domain::{PixelBox, PixelPoint};

use super::problems::Problems;
use super::reader::Node;

/// How far outside the picture a point may lie, in pixels: a click on the very edge. It is moved
/// to the edge.
const EDGE_TOLERANCE: f64 = 2.0;

/// The picture that points must lie in; of no size where the file does not give one.
#[derive(Clone, Copy)]
pub(super) struct Picture(Option<(u32, u32)>);

impl Picture {
    pub(super) fn of(size: Option<(u32, u32)>) -> Self {
        Self(size)
    }

    fn place(self, x: f64, y: f64) -> Option<PixelPoint> {
        let Some((width, height)) = self.0 else {
            return Some(PixelPoint::new(x as f32, y as f32));
        };
        let (width, height) = (f64::from(width), f64::from(height));
        let near = |v: f64, end: f64| v >= -EDGE_TOLERANCE && v <= end + EDGE_TOLERANCE;
        (near(x, width) && near(y, height))
            .then(|| PixelPoint::new(x.clamp(0.0, width) as f32, y.clamp(0.0, height) as f32))
    }

    fn describe(self) -> String {
        self.0.map_or_else(String::new, |(width, height)| {
            format!("the picture of {width}x{height} (x from 0 to {width}, y from 0 to {height})")
        })
    }
}

impl Node<'_> {
    /// A point in the picture.
    pub(super) fn point(&self, picture: Picture, problems: &mut Problems) -> Option<PixelPoint> {
        let (x, y) = self.number_pair(problems)?;
        let point = picture.place(x, y);
        if point.is_none() {
            self.problem(format!("[{x}, {y}] lies outside {}", picture.describe()), problems);
        }
        point
    }

    /// Points in the picture, as many as `count` allows.
    pub(super) fn points(
        &self,
        picture: Picture,
        (least, most): (usize, usize),
        expected: &str,
        problems: &mut Problems,
    ) -> Option<Vec<PixelPoint>> {
        let nodes = self.items(expected, problems)?;
        if !(least..=most).contains(&nodes.len()) {
            self.wrong(expected, problems);
            return None;
        }
        // Every point is read before any is given up, so that each wrong one is named.
        let points: Vec<Option<PixelPoint>> =
            nodes.iter().map(|node| node.point(picture, problems)).collect();
        points.into_iter().collect()
    }

    /// A box in the picture, at least `min_side` pixels wide and high.
    pub(super) fn pixel_box(
        &self,
        picture: Picture,
        min_side: f32,
        problems: &mut Problems,
    ) -> Option<PixelBox> {
        let expected = "a box, `[left, top, right, bottom]` in pixels";
        let edges = self.exactly::<4>(expected, problems)?;
        let numbers = edges.each_ref().map(|edge| edge.number(problems));
        let [Some(x1), Some(y1), Some(x2), Some(y2)] = numbers else {
            return None;
        };
        let (Some(from), Some(to)) = (picture.place(x1, y1), picture.place(x2, y2)) else {
            self.problem(
                format!(
                    "[{x1}, {y1}, {x2}, {y2}] reaches outside {}; a box is `[left, top, right, bottom]`",
                    picture.describe()
                ),
                problems,
            );
            return None;
        };
        let found = PixelBox::new(from.x, from.y, to.x, to.y);
        if found.x2 - found.x1 >= min_side && found.y2 - found.y1 >= min_side {
            return Some(found);
        }
        self.problem(
            format!(
                "[{x1}, {y1}, {x2}, {y2}] is {} wide and {} high, at least {min_side} each is needed; \
                 a box is `[left, top, right, bottom]`",
                found.x2 - found.x1,
                found.y2 - found.y1
            ),
            problems,
        );
        None
    }
}
