//! NanoDet as our converter writes it: boxes decoded in the graph, scores after the sigmoid.

use giaolo_domain::PixelBox;

use super::{Named, RawBox, at_least_classes, best_class, three};
use crate::registry::RoadUserDetector;

pub(super) fn decode(
    outputs: &[Named<'_>],
    detector: &RoadUserDetector,
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
    let found = (0..batch).map(|b| {
        (0..count)
            .filter_map(|n| {
                let (class, score) = best_class(detector, classes, |c| scores[[b, n, c]])?;
                let edge = |i| boxes[[b, n, i]];
                Some(RawBox {
                    bbox: PixelBox::new(edge(0), edge(1), edge(2), edge(3)),
                    class,
                    score,
                })
            })
            .collect()
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::detector;
    use super::*;
    use giaolo_domain::RoadUserClass::Motorbike;
    use ndarray::Array;

    #[test]
    fn recorded_tensors_give_their_boxes() {
        let boxes =
            Array::from_shape_vec((1, 2, 4), vec![1.0, 2.0, 11.0, 22.0, 5.0, 5.0, 6.0, 6.0])
                .unwrap()
                .into_dyn();
        let scores =
            Array::from_shape_vec((1, 2, 2), vec![0.35, 0.8, 0.1, 0.2]).unwrap().into_dyn();
        let detector = detector("nanodet");
        let outputs = [("boxes", boxes.view()), ("scores", scores.view())];
        let found = decode(&outputs, &detector).unwrap();
        let bbox = PixelBox::new(1.0, 2.0, 11.0, 22.0);
        assert_eq!(found, vec![vec![RawBox { bbox, class: Motorbike, score: 0.8 }]]);

        let swapped = [("boxes", scores.view()), ("scores", boxes.view())];
        assert!(decode(&swapped, &detector).unwrap_err().contains("do not belong together"));
    }
}
