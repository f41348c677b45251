//! One line cut out of the crop, straight and upright.

use giaolo_domain::PixelPoint;
use opencv::{
    core::{self, Mat, MatTraitConst, Point2f, Scalar, Size, ToInputArray},
    imgproc,
};

/// Most pixels along a side of what is cut out, whatever its corners say.
const MOST_PX: f32 = 2048.0;

/// The part of `picture` inside `corners` (top left, top right, bottom right, bottom left), scaled
/// to `height` pixels with its shape kept. It is warped at its own size first, so that no pixel of
/// the crop is lost where the line is higher than that.
pub(super) fn cut_line(
    picture: &impl ToInputArray,
    corners: &[PixelPoint; 4],
    height: u32,
) -> opencv::Result<Mat> {
    let [tl, tr, br, bl] = *corners;
    let longer = |a: (PixelPoint, PixelPoint), b: (PixelPoint, PixelPoint)| {
        a.0.distance(a.1).max(b.0.distance(b.1)).clamp(4.0, MOST_PX).floor()
    };
    let (across, down) = (longer((tl, tr), (bl, br)), longer((tl, bl), (tr, br)));
    let from = [tl, tr, br, bl].map(|p| Point2f::new(p.x, p.y));
    let to = [
        Point2f::new(0.0, 0.0),
        Point2f::new(across, 0.0),
        Point2f::new(across, down),
        Point2f::new(0.0, down),
    ];
    let map = imgproc::get_perspective_transform_slice(from, to, core::DECOMP_LU)?;
    let mut warped = Mat::default();
    imgproc::warp_perspective(
        picture,
        &mut warped,
        &map,
        Size::new(across as i32, down as i32),
        imgproc::INTER_CUBIC,
        core::BORDER_REPLICATE,
        Scalar::default(),
    )?;
    let width = (across * height as f32 / down).round().clamp(16.0, MOST_PX) as i32;
    let how = if down < height as f32 { imgproc::INTER_LINEAR } else { imgproc::INTER_AREA };
    let mut line = Mat::default();
    imgproc::resize(&warped, &mut line, Size::new(width, height as i32), 0.0, 0.0, how)?;
    debug_assert_eq!(line.rows(), height as i32);
    Ok(line)
}
