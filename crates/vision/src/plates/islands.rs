//! From a map of probabilities to lines: a rectangle around each island of probable pixels, moved
//! out to where the text ends (Liao et al., "Real-time scene text detection with differentiable
//! binarization", 2020, with rectangles of least area for polygons).

use giaolo_domain::{PixelPoint, TextLine};
use opencv::{
    core::{
        self, Mat, MatExprTraitConst, MatTraitConst, Point, Point2f, Rect, RotatedRect, Scalar,
        Size2f, Vector,
    },
    imgproc,
};

/// An island narrower than this, in pixels of the map, is a speck.
const LEAST_ISLAND_PX: f32 = 3.0;

/// Islands looked at of one map at most, so that a picture of noise costs no more than a crop.
const MOST_ISLANDS: usize = 1000;

/// When an island is a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    /// Probability from which a pixel belongs to an island.
    pub pixel: f32,
    /// Mean probability from which an island is a line.
    pub line: f32,
    /// Each side moves out by area times this over perimeter.
    pub unclip: f32,
}

/// Lines on a map of rows of `columns` values, corners in its pixels in no order, nothing read.
pub(super) fn lines(
    map: &[f32],
    columns: usize,
    thresholds: Thresholds,
) -> opencv::Result<Vec<TextLine>> {
    let rows = (map.len() / columns) as i32;
    let columns = columns as i32;
    let marked: Vec<u8> = map.iter().map(|&p| u8::from(p > thresholds.pixel)).collect();
    let marked = Mat::new_rows_cols_with_data(rows, columns, &marked)?;
    let map = Mat::new_rows_cols_with_data(rows, columns, map)?;
    let mut outlines = Vector::<Vector<Point>>::new();
    let (mode, method) = (imgproc::RETR_LIST, imgproc::CHAIN_APPROX_SIMPLE);
    imgproc::find_contours(&marked, &mut outlines, mode, method, Point::default())?;

    let mut lines = Vec::new();
    for outline in outlines.iter().take(MOST_ISLANDS) {
        if outline.len() < 4 {
            continue;
        }
        let island = imgproc::min_area_rect(&outline)?;
        if island.size.width.min(island.size.height) < LEAST_ISLAND_PX {
            continue;
        }
        let found = mean_inside(&map, &outline)?;
        if found >= thresholds.line {
            lines.push(TextLine {
                corners: grown(island, thresholds.unclip)?,
                found,
                chars: vec![],
                cut: false,
            });
        }
    }
    Ok(lines)
}

fn mean_inside(map: &impl MatTraitConst, outline: &Vector<Point>) -> opencv::Result<f32> {
    let bounds: Rect = imgproc::bounding_rect(outline)?;
    let mut inside = Mat::zeros(bounds.height, bounds.width, core::CV_8UC1)?.to_mat()?;
    let outlines: Vector<Vector<Point>> = Vector::from_iter([outline.clone()]);
    let to_bounds = Point::new(-bounds.x, -bounds.y);
    imgproc::fill_poly(&mut inside, &outlines, Scalar::all(1.0), imgproc::LINE_8, 0, to_bounds)?;
    Ok(core::mean(&map.roi(bounds)?, &inside)?[0] as f32)
}

fn grown(island: RotatedRect, unclip: f32) -> opencv::Result<[PixelPoint; 4]> {
    let Size2f { width, height } = island.size;
    let out = width * height * unclip / (2.0 * (width + height));
    let size = Size2f::new(width + 2.0 * out, height + 2.0 * out);
    let mut corners = [Point2f::default(); 4];
    RotatedRect::new(island.center, size, island.angle)?.points(&mut corners)?;
    Ok(corners.map(|p| PixelPoint { x: p.x, y: p.y }))
}

/// The corners of a line as its text reads, which is from left to right: top left, top right, bottom
/// right, bottom left. Text that runs down a picture is no plate's, whatever it is taken for.
pub(super) fn in_reading_order(mut corners: [PixelPoint; 4]) -> [PixelPoint; 4] {
    corners.sort_by(|a, b| a.x.total_cmp(&b.x));
    let by_height = |a: PixelPoint, b: PixelPoint| if a.y <= b.y { (a, b) } else { (b, a) };
    let (top_left, bottom_left) = by_height(corners[0], corners[1]);
    let (top_right, bottom_right) = by_height(corners[2], corners[3]);
    [top_left, top_right, bottom_right, bottom_left]
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds { pixel: 0.3, line: 0.5, unclip: 1.6 };

    fn map(islands: &[(usize, usize, usize, usize, f32)]) -> Vec<f32> {
        let mut map = vec![0.0; 96 * 64];
        for &(left, top, width, height, value) in islands {
            for y in top..top + height {
                map[y * 96 + left..][..width].fill(value);
            }
        }
        map
    }

    #[test]
    fn an_island_grows_to_its_line() {
        let found = lines(&map(&[(20, 30, 41, 11, 0.9)]), 96, THRESHOLDS).unwrap();
        let [line] = found.as_slice() else { panic!("{found:?}") };
        assert!((line.found - 0.9).abs() < 1e-5);
        let [tl, _, br, _] = in_reading_order(line.corners);
        // 40 by 10 between the middles of its outermost pixels: 400 * 1.6 / 100 = 6.4 outwards.
        for (is, wanted) in [(tl.x, 13.6), (tl.y, 23.6), (br.x, 66.4), (br.y, 46.4)] {
            assert!((is - wanted).abs() < 0.1, "{line:?}");
        }
    }

    #[test]
    fn specks_faint_islands_and_noise_are_no_lines() {
        for (what, map) in [
            ("nothing", map(&[])),
            ("a speck", map(&[(20, 30, 2, 2, 0.9)])),
            ("a hair", map(&[(20, 30, 40, 2, 0.9)])),
            ("faint", map(&[(20, 30, 41, 11, 0.4)])),
            ("not a number", vec![f32::NAN; 96 * 64]),
            ("a chessboard", (0..96 * 64).map(|i| ((i + i / 96) % 2) as f32).collect()),
        ] {
            assert_eq!(lines(&map, 96, THRESHOLDS).unwrap(), vec![], "{what}");
        }
    }

    #[test]
    fn corners_read_from_left_to_right_however_they_come() {
        let p = |x, y| PixelPoint { x, y };
        let line = [p(0.0, 10.0), p(50.0, 0.0), p(52.0, 12.0), p(2.0, 22.0)];
        for turn in 0..4 {
            let mut turned = line;
            turned.rotate_left(turn);
            assert_eq!(in_reading_order(turned), line);
        }
    }
}
