//! YOLOX as exported without its decoder: offsets and logarithms on three grids (Ge et al. 2021,
//! section 2.1; `demo_utils.demo_postprocess` of the reference code).

use super::{Named, RawBox, at_least_classes, best_class, centred, three};
use crate::registry::RoadUserDetector;

const STRIDES: [u32; 3] = [8, 16, 32];

pub(super) fn decode(
    outputs: &[Named<'_>],
    detector: &RoadUserDetector,
    size: (u32, u32),
) -> Result<Vec<Vec<RawBox>>, String> {
    let [(_, output)] = outputs else { return Err("one output expected".to_owned()) };
    let [batch, count, channels] = three("output", output, "[B, N, 5 + classes]")?;
    let classes = channels
        .checked_sub(5)
        .filter(|&classes| classes > 0)
        .ok_or_else(|| format!("output `output` has {channels} channels, expected 5 + classes"))?;
    at_least_classes(detector, classes, "output")?;
    let places: Vec<(f32, f32, f32)> = STRIDES
        .iter()
        .flat_map(|&stride| {
            let (columns, rows) = (size.0 / stride, size.1 / stride);
            (0..rows)
                .flat_map(move |y| (0..columns).map(move |x| (x as f32, y as f32, stride as f32)))
        })
        .collect();
    if places.len() != count {
        return Err(format!(
            "output `output` has {count} places, an input of {}x{} has {}",
            size.0,
            size.1,
            places.len()
        ));
    }
    let found = (0..batch).map(|b| {
        places
            .iter()
            .enumerate()
            .filter_map(|(n, &(x, y, stride))| {
                let v = |i| output[[b, n, i]];
                let (class, score) = best_class(detector, classes, |c| v(4) * v(5 + c))?;
                let bbox = centred(
                    (v(0) + x) * stride,
                    (v(1) + y) * stride,
                    v(2).exp() * stride,
                    v(3).exp() * stride,
                );
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
    use giaolo_domain::{PixelBox, RoadUserClass::Motorbike};
    use ndarray::Array;

    #[test]
    fn recorded_tensors_give_their_boxes() {
        // 64x32: 8x4 + 4x2 + 2x1 = 42 places of 7 numbers; the second place of stride 16 speaks.
        let mut values = vec![0.0f32; 42 * 7];
        let at = (32 + 1) * 7;
        values[at..at + 7].copy_from_slice(&[0.5, 0.5, 0.0, 2.0f32.ln(), 0.9, 0.1, 1.0]);
        let output = Array::from_shape_vec((1, 42, 7), values).unwrap().into_dyn();
        let found = decode(&[("output", output.view())], &detector("yolox"), (64, 32)).unwrap();
        assert_eq!(found[0].len(), 1);
        assert_eq!(found[0][0].class, Motorbike);
        assert!((found[0][0].score - 0.9).abs() < 1e-6);
        let wanted = PixelBox::new(16.0, -8.0, 32.0, 24.0);
        assert!(found[0][0].bbox.iou(&wanted) > 0.999, "{:?}", found[0][0].bbox);

        let error = decode(&[("output", output.view())], &detector("yolox"), (64, 64)).unwrap_err();
        assert!(error.contains("42 places"), "{error}");
    }
}
