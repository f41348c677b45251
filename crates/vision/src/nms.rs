//! Non-maximum suppression: one box for each thing that was seen.
//!
//! Within groups, not classes: a small detector calls one lorry a truck, a bus and a car at once.
//! Riders sit close together, so two-wheelers are held apart more gently than in the textbooks.

use giaolo_domain::{ClassGroup, Detection};

/// Overlap (IoU) from which the weaker of two boxes of a group goes.
fn limit(group: ClassGroup) -> f32 {
    match group {
        ClassGroup::TwoWheeler => 0.55,
        ClassGroup::Pedestrian | ClassGroup::Car | ClassGroup::Heavy => 0.6,
    }
}

fn same_group(a: ClassGroup, b: ClassGroup) -> bool {
    let four = |g| matches!(g, ClassGroup::Car | ClassGroup::Heavy);
    a == b || (four(a) && four(b))
}

/// Keeps the best box of each place, best first; ties fall the same way in whatever order they come.
pub fn suppress(mut detections: Vec<Detection>) -> Vec<Detection> {
    detections.retain(|d| d.bbox.is_proper() && d.score.is_finite());
    detections.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.bbox.x1.total_cmp(&b.bbox.x1))
            .then(a.bbox.y1.total_cmp(&b.bbox.y1))
            .then(a.bbox.x2.total_cmp(&b.bbox.x2))
            .then(a.bbox.y2.total_cmp(&b.bbox.y2))
            .then(a.class.cmp(&b.class))
    });
    let mut kept: Vec<Detection> = Vec::new();
    for detection in detections {
        let group = detection.class.group();
        let covered = kept.iter().any(|k| {
            same_group(k.class.group(), group) && k.bbox.iou(&detection.bbox) > limit(group)
        });
        if !covered {
            kept.push(detection);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::RoadUserClass::{Car, Motorbike, Pedestrian, Truck};

    #[test]
    fn one_box_for_each_thing() {
        let seen = |class, score, x: f32| Detection {
            bbox: [x, 0.0, x + 100.0, 100.0].into(),
            class,
            score,
            appearance: None,
        };
        let boxes = vec![
            seen(Truck, 0.5, 2.0),
            seen(Car, 0.6, 0.0),
            seen(Pedestrian, 0.9, 1.0),
            seen(Motorbike, 0.4, 300.0),
            seen(Motorbike, 0.5, 330.0),
            seen(Motorbike, f32::NAN, 600.0),
        ];
        let kept: Vec<_> =
            suppress(boxes.clone()).into_iter().map(|d| (d.class, d.score)).collect();
        let wanted = vec![(Pedestrian, 0.9), (Car, 0.6), (Motorbike, 0.5), (Motorbike, 0.4)];
        assert_eq!(kept, wanted);
        let mut turned = boxes;
        turned.reverse();
        assert_eq!(suppress(turned).len(), kept.len());
    }
}
