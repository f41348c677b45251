//! What `x`, `y` of an `.ottrk` are, and the boxes in our pixels.
//!
//! Half a box of difference would put every road user onto another lane, so nothing is assumed: the
//! version says it, or the caller, or the boxes themselves (only one reading keeps them all inside
//! the picture), or the file is refused.

use giaolo_domain::PixelBox;

use super::meta::Recording;
use crate::{BoxOrigin, Note, Result, error::FileName};

/// A detector's box may stand out of the picture by rounding.
const SLACK_PX: f64 = 1.0;

/// Position and size as they stand in the file.
#[derive(Clone, Copy)]
pub(super) struct RawBox {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

/// Which point `x`, `y` is in this file.
pub(super) fn origin<I: Iterator<Item = RawBox>>(
    boxes: impl Fn() -> I,
    recording: &Recording,
    told: Option<BoxOrigin>,
    file: &FileName,
    notes: &mut Vec<Note>,
) -> Result<BoxOrigin> {
    if let Some(origin) = told.or(recording.box_origin) {
        return Ok(origin);
    }
    let fits = |origin| boxes().all(|raw| is_inside(raw, origin, recording));
    let (origin, vi, en) = match (fits(BoxOrigin::TopLeft), fits(BoxOrigin::Centre)) {
        (true, false) => (BoxOrigin::TopLeft, "góc trên bên trái", "top left corners"),
        (false, true) => (BoxOrigin::Centre, "tâm", "centres"),
        _ => {
            return Err(file.value(
                "metadata",
                "otdet_version",
                format!("`{}`", recording.version),
                "it must be like 1.2, or the reader be told whether `x`, `y` is the centre (up to 1.0) or the top left corner of a box (later)",
            ));
        }
    };
    notes.push(Note::new(
        format!("phiên bản của tệp không nói x, y là điểm nào: lấy là {vi} vì chỉ khi đó mọi khung bao nằm trong ảnh"),
        format!("the file's version does not say what x, y are: taken as {en}, as only then all boxes lie in the picture"),
    ));
    Ok(origin)
}

/// The box in pixels of the picture.
pub(super) fn pixels(raw: RawBox, origin: BoxOrigin, recording: &Recording) -> PixelBox {
    let [x1, y1, x2, y2] = edges(raw, origin, recording);
    PixelBox::new(x1 as f32, y1 as f32, x2 as f32, y2 as f32)
}

fn is_inside(raw: RawBox, origin: BoxOrigin, recording: &Recording) -> bool {
    let [x1, y1, x2, y2] = edges(raw, origin, recording);
    let (width, height) = recording.size;
    x1 >= -SLACK_PX
        && y1 >= -SLACK_PX
        && x2 <= f64::from(width) + SLACK_PX
        && y2 <= f64::from(height) + SLACK_PX
}

fn edges(raw: RawBox, origin: BoxOrigin, recording: &Recording) -> [f64; 4] {
    let (width, height) = recording.size;
    let (across, down) =
        if recording.normalized { (f64::from(width), f64::from(height)) } else { (1.0, 1.0) };
    let (w, h) = (raw.w * across, raw.h * down);
    let (x, y) = (raw.x * across, raw.y * down);
    let (x1, y1) = match origin {
        BoxOrigin::TopLeft => (x, y),
        BoxOrigin::Centre => (x - w / 2.0, y - h / 2.0),
    };
    [x1, y1, x1 + w, y1 + h]
}
