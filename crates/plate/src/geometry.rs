//! How two lines of text stand to each other, along the text's own direction: plates may be tilted.

use giaolo_domain::{PixelPoint, ReadChar, TextLine};

/// The lower line's middle is so far below the upper one's, in mean heights.
const STACK_DOWN: (f32, f32) = (0.5, 2.2);
/// The middles of both lines are so far apart along the text, in widths of the wider line.
const STACK_ALONG: f32 = 0.6;
/// Height of one line over the other's: the characters of both lines have one size, but boxes of
/// short lines are loose.
const STACK_HEIGHTS: (f32, f32) = (0.5, 2.0);
/// Width of the lower line over the upper one's: `29-B1` over `123.45`, `80-441` over `NG-02`.
const STACK_WIDTHS: (f32, f32) = (0.5, 3.0);
/// Widest gap between two parts of one line, and deepest overlap, in mean heights.
const BESIDE_GAP: (f32, f32) = (-0.4, 2.0);
/// How far two parts of one line are above each other, in mean heights.
const BESIDE_DOWN: f32 = 0.4;
const BESIDE_HEIGHTS: (f32, f32) = (0.6, 1.7);
/// Cosine of the most that the directions of two lines differ: 25°, as boxes of two or three
/// characters are often askew.
const LIKE_DIRECTION: f32 = 0.9;
/// Cosine of the most that a plate's line is tilted: 40°, far more than a parked motorbike leans.
const UPRIGHT: f32 = 0.76;

/// Whether a line has a place and a size, and reads from left to right.
pub(crate) fn is_usable(line: &TextLine) -> bool {
    let finite = line.corners.iter().all(|corner| corner.x.is_finite() && corner.y.is_finite());
    let sized = line.width() >= 1.0 && line.height() >= 1.0;
    finite && sized && direction(line).x >= UPRIGHT
}

/// Whether `lower` stands under `upper` as the second line of a plate.
pub(crate) fn stands_under(lower: &TextLine, upper: &TextLine) -> bool {
    let height = (upper.height() + lower.height()) / 2.0;
    let apart = offset(upper, lower);
    let down = apart.y / height;
    let along = apart.x.abs() / upper.width().max(lower.width());
    within(down, STACK_DOWN)
        && along <= STACK_ALONG
        && within(lower.height() / upper.height(), STACK_HEIGHTS)
        && within(lower.width() / upper.width(), STACK_WIDTHS)
        && alike(upper, lower)
}

/// Whether `right` goes on with the line that `left` begins.
pub(crate) fn stands_beside(right: &TextLine, left: &TextLine) -> bool {
    let height = (left.height() + right.height()) / 2.0;
    let apart = offset(left, right);
    let gap = apart.x - (left.width() + right.width()) / 2.0;
    within(gap / height, BESIDE_GAP)
        && apart.y.abs() / height <= BESIDE_DOWN
        && within(right.height() / left.height(), BESIDE_HEIGHTS)
        && alike(left, right)
}

/// Both parts as one line. Characters keep their places on it.
pub(crate) fn joined(left: &TextLine, right: &TextLine) -> TextLine {
    let gap = (offset(left, right).x - (left.width() + right.width()) / 2.0).max(0.0);
    let width = left.width() + gap + right.width();
    let moved = |read: &ReadChar, start: f32, length: f32| ReadChar {
        at: (start + read.at * length) / width,
        ..read.clone()
    };
    let mut chars: Vec<ReadChar> =
        left.chars.iter().map(|read| moved(read, 0.0, left.width())).collect();
    chars.extend(right.chars.iter().map(|read| moved(read, left.width() + gap, right.width())));
    TextLine {
        corners: [left.corners[0], right.corners[1], right.corners[2], left.corners[3]],
        found: left.found.min(right.found),
        chars,
        cut: left.cut || right.cut,
    }
}

fn within(value: f32, (from, to): (f32, f32)) -> bool {
    (from..=to).contains(&value)
}

fn alike(a: &TextLine, b: &TextLine) -> bool {
    let (a, b) = (direction(a), direction(b));
    a.x * b.x + a.y * b.y >= LIKE_DIRECTION
}

/// From the middle of one line to the other's, along (x) and across (y) the wider line's direction.
fn offset(from: &TextLine, to: &TextLine) -> PixelPoint {
    let along = if from.width() >= to.width() { direction(from) } else { direction(to) };
    let (a, b) = (from.centre(), to.centre());
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    PixelPoint { x: dx * along.x + dy * along.y, y: dy * along.x - dx * along.y }
}

/// The unit vector along the text; zero where the corners coincide.
pub(crate) fn direction(line: &TextLine) -> PixelPoint {
    let [tl, tr, br, bl] = line.corners;
    let (x, y) = (tr.x - tl.x + br.x - bl.x, tr.y - tl.y + br.y - bl.y);
    let length = x.hypot(y);
    if length > 0.0 { PixelPoint { x: x / length, y: y / length } } else { PixelPoint::default() }
}
