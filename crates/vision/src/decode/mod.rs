//! From a model's outputs to boxes in input pixels, one decoder for each family of models.

mod detr;
mod nanodet;
mod yolov8;
mod yolox;

use giaolo_domain::{PixelBox, RoadUserClass};
use ndarray::ArrayViewD;
use serde::Deserialize;

use crate::registry::RoadUserDetector;

/// How a model's outputs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decoder {
    /// `boxes` [B, N, 4] as corners in input pixels, `scores` [B, N, classes] after the sigmoid.
    Nanodet,
    /// `output` [B, N, 5 + classes]: centre and size on grids of stride 8, 16, 32, objectness,
    /// classes, all before decoding (centre as offset, size as logarithm).
    Yolox,
    /// `output` [B, 4 + classes, N]: centre and size in input pixels, class scores (YOLOv8, v11).
    Yolov8,
    /// `boxes` [B, N, 4] as centre and size in shares of the input, `scores` [B, N, classes] before
    /// the sigmoid; one box for each thing, no suppression needed.
    Detr,
}

/// One box in the pixels of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RawBox {
    pub bbox: PixelBox,
    pub class: RoadUserClass,
    pub score: f32,
}

/// An output tensor by the name that the decoder knows it by.
pub(crate) type Named<'a> = (&'static str, ArrayViewD<'a, f32>);

impl Decoder {
    /// The outputs that it reads, by its own names.
    pub(crate) const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::Nanodet | Self::Detr => &["boxes", "scores"],
            Self::Yolox | Self::Yolov8 => &["output"],
        }
    }

    /// The boxes of each input of a batch.
    ///
    /// # Errors
    /// Says which output has which shape and what was expected.
    pub(crate) fn decode(
        self,
        outputs: &[Named<'_>],
        detector: &RoadUserDetector,
        size: (u32, u32),
    ) -> Result<Vec<Vec<RawBox>>, String> {
        match self {
            Self::Nanodet => nanodet::decode(outputs, detector),
            Self::Yolox => yolox::decode(outputs, detector, size),
            Self::Yolov8 => yolov8::decode(outputs, detector),
            Self::Detr => detr::decode(outputs, detector, size),
        }
    }
}

/// The likeliest road user class at a place, if its score is high enough. `score_of` takes the
/// model's class number; comparing road user classes only keeps a rare class from hiding a rider.
fn best_class(
    detector: &RoadUserDetector,
    classes: usize,
    score_of: impl Fn(usize) -> f32,
) -> Option<(RoadUserClass, f32)> {
    let mut best: Option<(RoadUserClass, f32)> = None;
    for (&number, &class) in &detector.classes {
        if number >= classes {
            continue;
        }
        let score = score_of(number);
        if score >= detector.thresholds.score && best.is_none_or(|(_, most)| score > most) {
            best = Some((class, score));
        }
    }
    best
}

/// The three dimensions of an output.
fn three(name: &str, output: &ArrayViewD<'_, f32>, wanted: &str) -> Result<[usize; 3], String> {
    <[usize; 3]>::try_from(output.shape())
        .map_err(|_| format!("output `{name}` has shape {:?}, expected {wanted}", output.shape()))
}

fn at_least_classes(detector: &RoadUserDetector, classes: usize, name: &str) -> Result<(), String> {
    match detector.classes.keys().max() {
        Some(&most) if most >= classes => {
            Err(format!("output `{name}` has {classes} classes, the registry names class {most}"))
        }
        _ => Ok(()),
    }
}

fn centred(x: f32, y: f32, width: f32, height: f32) -> PixelBox {
    let (half_w, half_h) = (width * 0.5, height * 0.5);
    PixelBox::new(x - half_w, y - half_h, x + half_w, y + half_h)
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;
    use crate::registry::ModelEntry;

    /// A detector with classes 0 pedestrian, 1 motorbike, and a threshold of 0.3.
    pub(crate) fn detector(decoder: &str) -> RoadUserDetector {
        let entry = ModelEntry::parse(&format!(
            "name = \"m\"\ntask = \"detect-road-users\"\ntitle = \"\"\nsource = \"\"\nlicence = \"\"\n\
             decoder = \"{decoder}\"\ndefault_size = [64, 32]\ndefault_precision = \"fp32\"\n\
             [input]\nname = \"images\"\nchannels = \"rgb\"\nscale = 1.0\nmean = [0.0, 0.0, 0.0]\n\
             std = [1.0, 1.0, 1.0]\npad = 114\n[thresholds]\nscore = 0.3\n\
             [classes]\n0 = \"pedestrian\"\n1 = \"motorbike\"\n"
        ))
        .unwrap();
        entry.road_user_detector().unwrap().clone()
    }
}
