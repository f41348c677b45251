//! The end-to-end DETR family (RT-DETR, D-FINE and others): a fixed number of boxes, each once.

use super::{Named, RawBox, at_least_classes, best_class, centred, sigmoid, three};
use crate::registry::RoadUserDetector;

pub(super) fn decode(
    outputs: &[Named<'_>],
    detector: &RoadUserDetector,
    size: (u32, u32),
) -> Result<Vec<Vec<RawBox>>, String> {
    let [(_, boxes), (_, scores)] = outputs else { return Err("two outputs expected".to_owned()) };
    let [batch, count, four] = three("boxes", boxes, "[B, N, 4]")?;
    let [score_batch, score_count, classes] = three("scores", scores, "[B, N, classes]")?;
    if four != 4 || score_batch != batch || score_count != count {
        return Err(format!(
            "outputs `boxes` {:?} and `scores` {:?} do not belong together",
            boxes.shape(),
            scores.shape()
        ));
    }
    at_least_classes(detector, classes, "scores")?;
    let (width, height) = (size.0 as f32, size.1 as f32);
    let found = (0..batch).map(|b| {
        (0..count)
            .filter_map(|n| {
                let (class, score) = best_class(detector, classes, |c| sigmoid(scores[[b, n, c]]))?;
                let v = |i| boxes[[b, n, i]];
                let bbox = centred(v(0) * width, v(1) * height, v(2) * width, v(3) * height);
                Some(RawBox { bbox, class, score })
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
        let boxes = Array::from_shape_vec((1, 1, 4), vec![0.5, 0.5, 0.25, 0.5]).unwrap().into_dyn();
        let scores = Array::from_shape_vec((1, 1, 2), vec![2.0, -3.0]).unwrap().into_dyn();
        let outputs = [("boxes", boxes.view()), ("scores", scores.view())];
        let found = decode(&outputs, &detector("detr"), (64, 32)).unwrap();
        assert_eq!(found[0][0].bbox, PixelBox::new(24.0, 8.0, 40.0, 24.0));
        assert_eq!(found[0][0].class, Pedestrian);
        assert!((found[0][0].score - 0.8808).abs() < 1e-3);
    }
}
