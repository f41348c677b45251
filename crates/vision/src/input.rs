//! From a frame to the model's input: which parts of the picture, at what scale, in which numbers.
//!
//! Pixels are spent on the road: the scene's region is cropped before scaling, and cut into tiles
//! where that asks for more detail. Each part is scaled with its shape kept and centred on grey.

use std::sync::Arc;

use giaolo_domain::{PixelBox, PixelRect};
use giaolo_media::{Frame, Scaler};

use crate::{
    error::VisionError,
    registry::{Channels, InputFormat},
};

/// Share of a tile that it has in common with its neighbour, so that nobody is cut in two.
const TILE_OVERLAP: f32 = 0.15;

/// One part of the picture in one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The part of the picture.
    pub source: PixelRect,
    /// Input pixels for each picture pixel.
    pub scale: f32,
    /// Where the part begins in the input.
    pub left: u32,
    /// Where the part begins in the input.
    pub top: u32,
    /// Its width there.
    pub width: u32,
    /// Its height there.
    pub height: u32,
}

impl View {
    /// A box in input pixels as a box in picture pixels, inside the part.
    pub fn to_picture(&self, bbox: &PixelBox) -> PixelBox {
        let (x, y) = (self.source.x as f32, self.source.y as f32);
        let map = |v: f32, inset: u32, scale: f32| (v - inset as f32) / scale;
        let (sx, sy) = (
            self.width as f32 / self.source.width as f32,
            self.height as f32 / self.source.height as f32,
        );
        PixelBox::new(
            map(bbox.x1, self.left, sx),
            map(bbox.y1, self.top, sy),
            map(bbox.x2, self.left, sx),
            map(bbox.y2, self.top, sy),
        )
        .clamped(self.source.width as f32, self.source.height as f32)
        .translated(x, y)
    }

    /// Whether a box touches an inner edge of its part, where another tile sees the rest of it.
    pub(crate) fn is_cut(&self, bbox: &PixelBox, picture: (u32, u32)) -> bool {
        const EDGE: f32 = 2.0;
        let (left, top) = (self.source.x as f32, self.source.y as f32);
        let (right, bottom) = (left + self.source.width as f32, top + self.source.height as f32);
        (left > 0.0 && bbox.x1 < left + EDGE)
            || (top > 0.0 && bbox.y1 < top + EDGE)
            || (right < picture.0 as f32 && bbox.x2 > right - EDGE)
            || (bottom < picture.1 as f32 && bbox.y2 > bottom - EDGE)
    }
}

/// Which parts of the pictures of one camera become inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct InputPlan {
    /// Width and height of the pictures.
    pub picture: (u32, u32),
    /// Width and height of the inputs.
    pub size: (u32, u32),
    /// One for each input; all of them make one batch.
    pub views: Vec<View>,
}

impl InputPlan {
    /// Cuts `region` (the whole picture where it is `None`) into tiles and fits each into the input.
    pub fn new(
        picture: (u32, u32),
        region: Option<PixelBox>,
        tiles: (u32, u32),
        size: (u32, u32),
    ) -> Self {
        let (width, height) = (picture.0 as f32, picture.1 as f32);
        let region =
            region.unwrap_or(PixelBox::new(0.0, 0.0, width, height)).clamped(width, height);
        let (across, down) = (tiles.0.max(1), tiles.1.max(1));
        let spans_x = spans(region.x1, region.x2, across);
        let spans_y = spans(region.y1, region.y2, down);
        let views = spans_y
            .iter()
            .flat_map(|&(y1, y2)| spans_x.iter().map(move |&(x1, x2)| (x1, y1, x2, y2)))
            .map(|(x1, y1, x2, y2)| fit(even_rect(x1, y1, x2, y2, picture), size))
            .collect();
        Self { picture, size, views }
    }

    /// Numbers in one batch.
    pub fn batch_len(&self) -> usize {
        self.views.len() * 3 * self.size.0 as usize * self.size.1 as usize
    }
}

fn spans(from: f32, to: f32, count: u32) -> Vec<(f32, f32)> {
    let count_f = count as f32;
    // n tiles of length l with an overlap of o * l cover n * l - (n - 1) * o * l.
    let length = (to - from) / (count_f - (count_f - 1.0) * TILE_OVERLAP);
    (0..count)
        .map(|i| {
            let start = from + i as f32 * length * (1.0 - TILE_OVERLAP);
            (start, (start + length).min(to))
        })
        .collect()
}

/// Whole pixels, on the chroma grid, inside the picture.
fn even_rect(x1: f32, y1: f32, x2: f32, y2: f32, picture: (u32, u32)) -> PixelRect {
    let even = |v: f32| (v.max(0.0) as u32) & !1;
    let (x, y) = (even(x1).min(picture.0 - 1), even(y1).min(picture.1 - 1));
    let right = (x2.ceil().max(0.0) as u32).clamp(x + 1, picture.0);
    let bottom = (y2.ceil().max(0.0) as u32).clamp(y + 1, picture.1);
    PixelRect { x, y, width: right - x, height: bottom - y }
}

fn fit(source: PixelRect, size: (u32, u32)) -> View {
    let scale = (size.0 as f32 / source.width as f32).min(size.1 as f32 / source.height as f32);
    let width = ((source.width as f32 * scale).round() as u32).clamp(1, size.0);
    let height = ((source.height as f32 * scale).round() as u32).clamp(1, size.1);
    View { source, scale, left: (size.0 - width) / 2, top: (size.1 - height) / 2, width, height }
}

/// A frame's inputs, ready to run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Batch x channels x height x width.
    pub tensor: Vec<f32>,
    /// The scaled parts as bytes, one after another, each as planes of red, green and blue.
    pub planes: Vec<u8>,
    /// What they are.
    pub plan: Arc<InputPlan>,
}

/// Makes inputs; one for each thread.
pub struct Preparer {
    plan: Arc<InputPlan>,
    /// The number for each byte, by channel of the model.
    values: [[f32; 256]; 3],
    channels: Channels,
    pad: u8,
    scaler: Scaler,
}

impl Preparer {
    /// For pictures of `plan` and a model with this input.
    pub fn new(plan: InputPlan, format: &InputFormat) -> Self {
        let values = std::array::from_fn(|channel| {
            std::array::from_fn(|byte| {
                (byte as f32 * format.scale - format.mean[channel]) / format.std[channel]
            })
        });
        Self {
            plan: Arc::new(plan),
            values,
            channels: format.channels,
            pad: format.pad.unwrap_or(0),
            scaler: Scaler::new(),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<InputPlan> {
        &self.plan
    }

    /// Buffers for one frame, grey where no picture will be.
    pub fn empty(&self) -> Prepared {
        let area = (self.plan.size.0 * self.plan.size.1) as usize;
        let mut tensor = vec![0.0; self.plan.batch_len()];
        for (channel, plane) in tensor.chunks_exact_mut(area).enumerate() {
            plane.fill(self.values[channel % 3][usize::from(self.pad)]);
        }
        let bytes = self.plan.views.iter().map(|v| 3 * (v.width * v.height) as usize).sum();
        Prepared { tensor, planes: vec![0; bytes], plan: Arc::clone(&self.plan) }
    }

    /// Fills `prepared`, which came from [`Self::empty`], from a frame.
    ///
    /// # Errors
    /// Where the frame cannot be scaled: another size, or pixels of an unknown kind.
    pub fn fill(&mut self, frame: &Frame, prepared: &mut Prepared) -> Result<(), VisionError> {
        let (input_width, input_height) = (self.plan.size.0 as usize, self.plan.size.1 as usize);
        let area = input_width * input_height;
        let mut bytes = prepared.planes.as_mut_slice();
        for (view, tensor) in self.plan.views.iter().zip(prepared.tensor.chunks_exact_mut(3 * area))
        {
            let (width, height) = (view.width as usize, view.height as usize);
            let (planes, rest) = bytes.split_at_mut(3 * width * height);
            bytes = rest;
            self.scaler.rgb_planes(frame, view.source, view.width, view.height, planes)?;
            for (colour, plane) in planes.chunks_exact(width * height).enumerate() {
                let channel = match self.channels {
                    Channels::Rgb => colour,
                    Channels::Bgr => 2 - colour,
                };
                let values = &self.values[channel];
                let rows = tensor[channel * area..(channel + 1) * area]
                    .chunks_exact_mut(input_width)
                    .skip(view.top as usize);
                for (target, source) in rows.zip(plane.chunks_exact(width)) {
                    let target = &mut target[view.left as usize..view.left as usize + width];
                    for (number, byte) in target.iter_mut().zip(source) {
                        *number = values[usize::from(*byte)];
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_picture_is_centred_and_boxes_come_back() {
        let plan = InputPlan::new((1600, 1200), None, (1, 1), (640, 384));
        let view = plan.views[0];
        assert_eq!((view.width, view.height, view.left, view.top), (512, 384, 64, 0));
        let back = view.to_picture(&PixelBox::new(64.0, 0.0, 576.0, 384.0));
        assert_eq!(back, PixelBox::new(0.0, 0.0, 1600.0, 1200.0));
    }

    #[test]
    fn tiles_cover_the_region_and_overlap() {
        let region = PixelBox::new(100.0, 200.0, 1100.0, 800.0);
        let plan = InputPlan::new((1280, 960), Some(region), (2, 2), (640, 384));
        assert_eq!(plan.views.len(), 4);
        let first = plan.views[0].source;
        let last = plan.views[3].source;
        assert_eq!((first.x, first.y), (100, 200));
        assert!(last.x + last.width >= 1100 && last.y + last.height >= 800);
        assert!(last.x < first.x + first.width, "neighbours must overlap");
        assert!(plan.views.iter().all(|v| v.source.x + v.source.width <= 1280));
    }

    #[test]
    fn odd_and_tiny_pictures_still_make_inputs() {
        for picture in [(1, 1), (3, 5), (641, 479)] {
            let plan = InputPlan::new(picture, None, (1, 1), (320, 192));
            let view = plan.views[0];
            assert_eq!((view.source.width, view.source.height), picture);
            assert!(view.width >= 1 && view.height >= 1);
        }
    }
}
