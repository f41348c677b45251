//! What can be set about finding and reading lines, and what is counted.

use crate::error::VisionError;

/// Settings of a plate reader.
#[derive(Clone, Debug, PartialEq)]
pub struct PlateReaderSettings {
    /// Name of the model that finds text, in the registry.
    pub detector: String,
    /// Name of the model that reads a line, in the registry.
    pub recogniser: String,
    /// The longer side of a crop is scaled to this many pixels before text is looked for, 32 to
    /// 2048; 320 for every crop, 480 for a track's best one.
    pub detector_side: u32,
    /// Probability from which a pixel belongs to text, 0 to 1.
    pub pixel_score: f32,
    /// Mean probability of its pixels from which a line is believed, 0 to 1.
    pub box_score: f32,
    /// The finder marks a line's middle; each side moves out by area times this over perimeter.
    pub unclip: f32,
    /// Score from which a character is one, 0 to 1. A low one keeps a character that is doubtful
    /// where it would be missing otherwise.
    pub char_score: f32,
    /// Score from which another character that may stand in a character's place is kept, 0 to 1.
    pub other_score: f32,
    /// Lines that are read of one crop at most; those that look most like a plate's.
    pub max_lines: usize,
    /// Which lines are read at all.
    pub geometry: LineGeometry,
}

/// What a line must look like to be read, before anything was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineGeometry {
    /// Least height in pixels of the crop.
    pub least_height_px: f32,
    /// Least width over height.
    pub least_aspect: f32,
    /// Most width over height.
    pub most_aspect: f32,
    /// Most height, as a share of the crop's.
    pub most_height_share: f32,
}

impl Default for PlateReaderSettings {
    fn default() -> Self {
        Self {
            detector: "ppocr-v6-det".to_owned(),
            recogniser: "ppocr-v4-rec".to_owned(),
            detector_side: 320,
            pixel_score: 0.3,
            box_score: 0.5,
            unclip: 1.6,
            char_score: 0.05,
            other_score: 0.02,
            max_lines: 6,
            geometry: LineGeometry::default(),
        }
    }
}

impl Default for LineGeometry {
    fn default() -> Self {
        Self { least_height_px: 6.0, least_aspect: 1.1, most_aspect: 12.0, most_height_share: 0.5 }
    }
}

impl PlateReaderSettings {
    pub(super) fn check(&self) -> Result<(), VisionError> {
        check_side(self.detector_side)?;
        for (key, value) in [
            ("pixel_score", self.pixel_score),
            ("box_score", self.box_score),
            ("char_score", self.char_score),
            ("other_score", self.other_score),
        ] {
            within(key, value, 0.0, 1.0, "from 0 to 1")?;
        }
        within("unclip", self.unclip, 0.0, 10.0, "from 0 to 10")?;
        let shape = &self.geometry;
        within("least_height_px", shape.least_height_px, 1.0, 1000.0, "from 1 to 1000 pixels")?;
        within("least_aspect", shape.least_aspect, 0.1, 100.0, "from 0.1 to 100")?;
        within(
            "most_aspect",
            shape.most_aspect,
            shape.least_aspect,
            100.0,
            "from least_aspect to 100",
        )?;
        within("most_height_share", shape.most_height_share, 0.0, 1.0, "from 0 to 1")
    }
}

pub(super) fn check_side(side: u32) -> Result<(), VisionError> {
    within("detector_side", side as f32, 32.0, 2048.0, "from 32 to 2048 pixels")
}

fn within(
    key: &'static str,
    value: f32,
    least: f32,
    most: f32,
    right: &'static str,
) -> Result<(), VisionError> {
    // Written so that NaN is out of range too.
    if value >= least && value <= most {
        Ok(())
    } else {
        Err(VisionError::Setting { key, value: value.to_string(), right })
    }
}

/// What a plate reader did since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlateTimings {
    /// Crops looked at.
    pub crops: u64,
    /// Lines of text found on them.
    pub lines_found: u64,
    /// Lines that were read.
    pub lines_read: u64,
    /// Time spent on finding, scaling and drawing boxes included, in microseconds.
    pub detector_us: u64,
    /// Time spent on reading, warping included, in microseconds.
    pub recogniser_us: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range_and_what_is_not_is_named() {
        PlateReaderSettings::default().check().unwrap();
        type Change = fn(&mut PlateReaderSettings);
        let wrong: [(&str, Change); 6] = [
            ("detector_side: 16", |s| s.detector_side = 16),
            ("detector_side: 4096", |s| s.detector_side = 4096),
            ("box_score: 1.5", |s| s.box_score = 1.5),
            ("pixel_score: NaN", |s| s.pixel_score = f32::NAN),
            ("unclip: -1", |s| s.unclip = -1.0),
            ("most_aspect: 1 is not from least_aspect", |s| s.geometry.most_aspect = 1.0),
        ];
        for (said, change) in wrong {
            let mut settings = PlateReaderSettings::default();
            change(&mut settings);
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
