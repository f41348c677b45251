//! The colours of a road user's upper part, from the pixels that the model saw anyway.

use giaolo_domain::{Appearance, PixelBox};

use crate::input::View;

/// Samples along each side of a field: an eighth of a box is some pixels wide.
const SAMPLES: usize = 4;

/// Mean colours of three rows of two fields from head to waist. `planes` are the view's own, red,
/// green, blue, one after another; `bbox` is in input pixels.
pub(crate) fn appearance(planes: &[u8], view: &View, bbox: &PixelBox) -> Appearance {
    let (width, height) = (view.width as usize, view.height as usize);
    let tall = (1.3 * bbox.width()).min(0.9 * bbox.height());
    let mut fields = [0u8; 18];
    for row in 0..3 {
        for column in 0..2 {
            let mut sums = [0u32; 3];
            for i in 0..SAMPLES {
                for j in 0..SAMPLES {
                    let part = |k: usize| (k as f32 + 0.5) / SAMPLES as f32;
                    let x = bbox.x1 + bbox.width() * (0.2 + 0.3 * (column as f32 + part(j)));
                    let y = bbox.y1 + tall * (0.08 + 0.3 * (row as f32 + part(i)));
                    let x = ((x - view.left as f32).max(0.0) as usize).min(width - 1);
                    let y = ((y - view.top as f32).max(0.0) as usize).min(height - 1);
                    for (channel, sum) in sums.iter_mut().enumerate() {
                        *sum += u32::from(planes[channel * width * height + y * width + x]);
                    }
                }
            }
            let at = (row * 2 + column) * 3;
            for (channel, sum) in sums.into_iter().enumerate() {
                fields[at + channel] = (sum / (SAMPLES * SAMPLES) as u32) as u8;
            }
        }
    }
    Appearance(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::PixelRect;

    #[test]
    fn a_white_shirt_is_not_a_black_one() {
        let source = PixelRect { x: 0, y: 0, width: 80, height: 80 };
        let view = View { source, scale: 1.0, left: 0, top: 0, width: 80, height: 80 };
        let mut planes = vec![0u8; 3 * 80 * 80];
        for plane in planes.chunks_exact_mut(80 * 80) {
            for row in plane.chunks_exact_mut(80) {
                row[40..].fill(255);
            }
        }
        let black = appearance(&planes, &view, &PixelBox::new(5.0, 10.0, 35.0, 70.0));
        let white = appearance(&planes, &view, &PixelBox::new(45.0, 10.0, 75.0, 70.0));
        assert_eq!(black, Appearance([0; 18]));
        assert_eq!(white, Appearance([255; 18]));
        assert_eq!(black.difference(&white), 255.0);
        // Off the picture is not a reason to panic.
        let _ = appearance(&planes, &view, &PixelBox::new(-50.0, -50.0, 900.0, 900.0));
    }
}
