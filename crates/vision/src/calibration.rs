//! Picture to road: the projective map through the scene's surveyed points.

use giaolo_domain::RoadTransform;
use giaolo_scene::Calibration;
use opencv::{
    calib3d,
    core::{Mat, MatTraitConst, Point2d, Vector, no_array},
};

use crate::error::VisionError;

/// A solved calibration and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationFit {
    /// The map.
    pub transform: RoadTransform,
    /// Root mean square distance between mapped and surveyed points, in metres.
    pub rms_error_m: f64,
}

/// Solves the map by least squares over all points (OpenCV's `findHomography`, method 0: with a
/// handful of surveyed points an outlier is a mistake to be shown, not to be voted away).
///
/// # Errors
/// `Calibration` where the points do not determine a map.
pub fn calibrate(calibration: &Calibration) -> Result<CalibrationFit, VisionError> {
    let failed = |reason: String| VisionError::Calibration(reason);
    if on_a_line(calibration) {
        return Err(failed("the points lie on a line".to_owned()));
    }
    let picture: Vector<Point2d> = calibration
        .pairs
        .iter()
        .map(|(p, _)| Point2d::new(f64::from(p.x), f64::from(p.y)))
        .collect();
    let road: Vector<Point2d> =
        calibration.pairs.iter().map(|(_, r)| Point2d::new(r.x_m, r.y_m)).collect();
    let matrix: Mat = calib3d::find_homography(&picture, &road, &mut no_array(), 0, 3.0)
        .map_err(|error| failed(error.message))?;
    if matrix.rows() != 3 || matrix.cols() != 3 {
        return Err(failed("the points lie on a line or are too few".to_owned()));
    }
    let mut rows = [[0.0; 3]; 3];
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, value) in row.iter_mut().enumerate() {
            *value =
                *matrix.at_2d::<f64>(i as i32, j as i32).map_err(|error| failed(error.message))?;
        }
    }
    let transform = RoadTransform(rows);
    let mut squares = 0.0;
    for (pixel, surveyed) in &calibration.pairs {
        let mapped = transform
            .road_point(*pixel)
            .ok_or_else(|| failed(format!("point {pixel:?} maps to the horizon")))?;
        squares += mapped.distance_m(*surveyed).powi(2);
    }
    let rms_error_m = (squares / calibration.pairs.len() as f64).sqrt();
    if !rms_error_m.is_finite() {
        return Err(failed("the points do not determine a map".to_owned()));
    }
    Ok(CalibrationFit { transform, rms_error_m })
}

/// Whether all picture points lie on one line, for which OpenCV gives a map of nothing.
fn on_a_line(calibration: &Calibration) -> bool {
    let points: Vec<_> = calibration.pairs.iter().map(|(p, _)| *p).collect();
    let Some((first, rest)) = points.split_first() else { return true };
    let far = rest.iter().max_by(|a, b| first.distance(**a).total_cmp(&first.distance(**b)));
    let Some(far) = far else { return true };
    let (dx, dy) = (far.x - first.x, far.y - first.y);
    let length = dx.hypot(dy);
    // A pixel of doubt: that is how well a person places a point.
    rest.iter().all(|p| ((p.x - first.x) * dy - (p.y - first.y) * dx).abs() <= length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::{PixelPoint, RoadPoint};

    fn pairs(list: &[([f32; 2], [f64; 2])]) -> Calibration {
        Calibration {
            pairs: list
                .iter()
                .map(|&(p, [x_m, y_m])| (PixelPoint::from(p), RoadPoint { x_m, y_m }))
                .collect(),
        }
    }

    #[test]
    fn a_square_seen_in_perspective_is_square_on_the_road() {
        let fit = calibrate(&pairs(&[
            ([100.0, 400.0], [0.0, 0.0]),
            ([540.0, 400.0], [10.0, 0.0]),
            ([420.0, 200.0], [10.0, 20.0]),
            ([220.0, 200.0], [0.0, 20.0]),
        ]))
        .unwrap();
        assert!(fit.rms_error_m < 1e-6);
        let middle = fit.transform.road_point(PixelPoint::new(320.0, 400.0)).unwrap();
        assert!((middle.x_m - 5.0).abs() < 1e-6 && middle.y_m.abs() < 1e-6, "{middle:?}");
    }

    #[test]
    fn points_on_a_line_are_refused() {
        let line = pairs(&[
            ([0.0, 0.0], [0.0, 0.0]),
            ([10.0, 10.0], [1.0, 1.0]),
            ([20.0, 20.0], [2.0, 2.0]),
            ([30.0, 30.0], [3.0, 3.0]),
        ]);
        assert!(calibrate(&line).is_err());
    }
}
