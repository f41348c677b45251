//! YOLOv8, YOLOv11 and YOLOv12 as exported: one output, channels before places.

use super::{Named, RawBox, at_least_classes, best_class, centred, three};
use crate::registry::RoadUserDetector;

pub(super) fn decode(
    outputs: &[Named<'_>],
    detector: &RoadUserDetector,
) -> Result<Vec<Vec<RawBox>>, String> {
    let [(_, output)] = outputs else { return Err("one output expected".to_owned()) };
    let [batch, channels, count] = three("output", output, "[B, 4 + classes, N]")?;
    let classes = channels
        .checked_sub(4)
        .filter(|&classes| classes > 0)
        .ok_or_else(|| format!("output `output` has {channels} channels, expected 4 + classes"))?;
    at_least_classes(detector, classes, "output")?;
    let found = (0..batch).map(|b| {
        (0..count)
            .filter_map(|n| {
                let (class, score) = best_class(detector, classes, |c| output[[b, 4 + c, n]])?;
                let v = |i| output[[b, i, n]];
                Some(RawBox { bbox: centred(v(0), v(1), v(2), v(3)), class, score })
            })
            .collect()
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::detector;
    use super::*;
    use giaolo_domain::{PixelBox, RoadUserClass::Pedestrian};
    use ndarray::Array;

    #[test]
    fn recorded_tensors_give_their_boxes() {
        // Six channels of three places: x, y, w, h, pedestrian, motorbike.
        let values = vec![
            10.0, 20.0, 30.0, 10.0, 10.0, 10.0, 4.0, 4.0, 4.0, 8.0, 8.0, 8.0, 0.9, 0.1, 0.2, 0.1,
            0.1, 0.25,
        ];
        let output = Array::from_shape_vec((1, 6, 3), values).unwrap().into_dyn();
        let found = decode(&[("output", output.view())], &detector("yolov8")).unwrap();
        let bbox = PixelBox::new(8.0, 6.0, 12.0, 14.0);
        assert_eq!(found, vec![vec![RawBox { bbox, class: Pedestrian, score: 0.9 }]]);

        let flat = Array::from_shape_vec((1, 4, 3), vec![0.0; 12]).unwrap().into_dyn();
        assert!(decode(&[("output", flat.view())], &detector("yolov8")).is_err());
        let one = Array::from_shape_vec((1, 5, 3), vec![0.0; 15]).unwrap().into_dyn();
        let error = decode(&[("output", one.view())], &detector("yolov8")).unwrap_err();
        assert!(error.contains("1 classes"), "{error}");
    }
}
