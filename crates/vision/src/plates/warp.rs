//! One line cut out of the crop, straight and upright.

use giaolo_domain::PixelPoint;
use opencv::{
    core::{self, Mat, Point2f, Scalar, Size, ToInputArray},
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
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_plate_render::{Camera, PlateMaker, Wear, photograph};
    use opencv::core::{MatTraitConst, MatTraitConstManual, Vec3b};

    /// Mean difference of two pictures of one size, in levels of 255.
    fn difference(a: &Mat, b: &Mat) -> f64 {
        let pairs = a.data_bytes().unwrap().iter().zip(b.data_bytes().unwrap());
        let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        sum / (a.total() * 3) as f64
    }

    #[test]
    fn a_turned_plate_is_cut_out_as_if_it_hung_straight() {
        let plate = PlateMaker::new(7).any();
        let cut = |camera: &Camera, corners_of: fn([PixelPoint; 4]) -> [PixelPoint; 4]| {
            let photo = photograph(&plate, &Wear::default(), camera).unwrap();
            let (width, height) = photo.picture.dimensions();
            let bytes = photo.picture.as_raw().as_slice();
            let picture =
                Mat::new_rows_cols_with_bytes::<Vec3b>(height as i32, width as i32, bytes).unwrap();
            let line = cut_line(&picture, &corners_of(photo.corners), 48).unwrap();
            let mut same = Mat::default();
            let size = Size::new(96, line.rows());
            imgproc::resize(&line, &mut same, size, 0.0, 0.0, imgproc::INTER_AREA).unwrap();
            same
        };
        let upright = |corners: [PixelPoint; 4]| {
            let [tl, tr, br, bl] = corners;
            let p = PixelPoint::new;
            [p(bl.x, tl.y), p(tr.x, tl.y), p(tr.x, br.y), p(bl.x, br.y)]
        };
        let straight = cut(&Camera::default(), |corners| corners);
        let camera = Camera { roll_deg: 14.0, yaw_deg: 10.0, ..Camera::default() };
        let apart = difference(&straight, &cut(&camera, |corners| corners));
        let not_warped = difference(&straight, &cut(&camera, upright));
        assert!(apart < 15.0 && not_warped > 3.0 * apart, "{apart} and {not_warped} levels");
    }

    #[test]
    fn no_corners_are_too_odd() {
        let picture = Mat::new_rows_cols_with_default(20, 30, core::CV_8UC3, Scalar::all(90.0));
        let picture = picture.unwrap();
        let p = PixelPoint::new;
        for corners in [
            [p(5.0, 5.0); 4],
            [p(-1e6, -1e6), p(1e6, -1e6), p(1e6, 1e6), p(-1e6, 1e6)],
            [p(0.0, 0.0), p(1e6, 0.0), p(1e6, 1.0), p(0.0, 1.0)],
            [p(0.0, 0.0), p(1.0, 0.0), p(1.0, 1e6), p(0.0, 1e6)],
        ] {
            let line = cut_line(&picture, &corners, 48).unwrap();
            assert_eq!(line.rows(), 48, "{corners:?}");
            assert!(line.cols() >= 16 && line.cols() <= MOST_PX as i32, "{corners:?}");
        }
    }
}
