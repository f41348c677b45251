//! The `metadata` of an `.ottrk`: picture, frame rate, and which of the format's forms it has.

use giaolo_domain::UtcTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{BoxOrigin, Result, error::FileName};

/// The parts of `metadata` that reading needs. Everything else is the detector's and the tracker's
/// own affair.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub otdet_version: Value,
    pub video: Video,
    #[serde(default)]
    pub detection: Detection,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Detection {
    /// Boxes as shares of the picture instead of pixels.
    #[serde(default)]
    pub normalized_bbox: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Video {
    pub filename: String,
    #[serde(default)]
    pub filetype: String,
    /// Pixels; a float in files of OTVision 1.
    pub width: f64,
    /// Pixels; a float in files of OTVision 1.
    pub height: f64,
    pub recorded_fps: f64,
    #[serde(default)]
    pub actual_fps: Option<f64>,
    #[serde(default)]
    pub number_of_frames: Option<f64>,
    #[serde(default)]
    pub recorded_start_date: Option<Moment>,
}

/// A moment in either of the forms that OTVision has written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Moment {
    /// Seconds since 1970 UTC: `otdet_version` 1.2 and later.
    Seconds(f64),
    /// `2020-01-01 00:00:00.000000`, which OTAnalytics takes as UTC: before.
    Text(String),
}

impl Moment {
    /// In microseconds since 1970 UTC, or `None` for what is no moment.
    pub fn micros(&self) -> Option<i64> {
        match self {
            // Beyond this a double no longer holds whole microseconds: year 2255.
            Self::Seconds(seconds) if seconds.abs() < 9.0e9 => Some((seconds * 1e6).round() as i64),
            Self::Seconds(_) => None,
            Self::Text(text) => {
                let (date, time) = text.split_once(' ')?;
                UtcTime::parse(&format!("{date}T{time}Z")).ok().map(UtcTime::micros)
            }
        }
    }

    /// As it stands in the file.
    pub fn written(&self) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What is known of the recording once its values were checked.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub video: String,
    pub size: (u32, u32),
    pub fps: f64,
    pub frames: Option<u64>,
    pub start_us: Option<i64>,
    pub normalized: bool,
    pub box_origin: Option<BoxOrigin>,
    pub version: String,
}

const PLACE: &str = "metadata";

/// From a picture each quarter of an hour to the fastest of cameras.
const FPS: std::ops::RangeInclusive<f64> = 0.001..=100_000.0;

impl Metadata {
    /// Checks the values and finds which form the boxes have.
    pub fn recording(self, file: &FileName) -> Result<Recording> {
        let video = self.video;
        let size = (
            pixels(file, "video.width", video.width)?,
            pixels(file, "video.height", video.height)?,
        );
        let fps = video.actual_fps.unwrap_or(video.recorded_fps);
        if !FPS.contains(&fps) {
            let key = "video.recorded_fps";
            return Err(file.value(PLACE, key, fps, "it must be 0.001 to 100000"));
        }
        let frames = match video.number_of_frames {
            None => None,
            Some(count) if is_count(count) => Some(count as u64),
            Some(count) => {
                let expected = "it must be a whole number, 0 or more";
                return Err(file.value(PLACE, "video.number_of_frames", count, expected));
            }
        };
        let version = match self.otdet_version {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let start_us = match &video.recorded_start_date {
            None => None,
            Some(moment) => Some(moment.micros().ok_or_else(|| {
                let key = "video.recorded_start_date";
                file.value(PLACE, key, moment.written(), MOMENT_EXPECTED)
            })?),
        };
        Ok(Recording {
            video: format!("{}{}", video.filename, video.filetype),
            size,
            fps,
            frames,
            start_us,
            normalized: self.detection.normalized_bbox,
            box_origin: box_origin_of_version(&version),
            version,
        })
    }
}

/// What a moment must look like.
pub(super) const MOMENT_EXPECTED: &str =
    "it must be seconds since 1970 or a text like 2020-01-01 00:00:00.000000";

/// OTAnalytics shifts the boxes of `otdet_version` 1.0 and before by half their size: those were
/// centres. `None` where the version is no version.
fn box_origin_of_version(version: &str) -> Option<BoxOrigin> {
    let mut parts = version.split('.');
    let version: (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(if version <= (1, 0) { BoxOrigin::Centre } else { BoxOrigin::TopLeft })
}

fn is_count(value: f64) -> bool {
    value.fract() == 0.0 && (0.0..=1e15).contains(&value)
}

fn pixels(file: &FileName, key: &str, value: f64) -> Result<u32> {
    if value.fract() == 0.0 && (1.0..=100_000.0).contains(&value) {
        Ok(value as u32)
    } else {
        let expected = "it must be a whole number of pixels, 1 to 100000";
        Err(file.value(PLACE, key, value, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_both_forms_agree_and_others_are_none() {
        let text = Moment::Text("2020-02-20 12:31:00.050000".to_owned());
        let seconds = Moment::Seconds(1_582_201_860.05);
        assert_eq!(text.micros(), Some(1_582_201_860_050_000));
        assert_eq!(seconds.micros(), text.micros());
        for bad in [
            Moment::Text("yesterday".to_owned()),
            Moment::Text("2020-02-30 00:00:00".to_owned()),
            Moment::Seconds(f64::NAN),
            Moment::Seconds(1e300),
        ] {
            assert_eq!(bad.micros(), None, "{bad:?}");
        }
    }

    #[test]
    fn boxes_were_centres_up_to_version_1_0() {
        for (version, origin) in [
            ("1.0", Some(BoxOrigin::Centre)),
            ("0.9", Some(BoxOrigin::Centre)),
            ("1.1", Some(BoxOrigin::TopLeft)),
            ("1.3", Some(BoxOrigin::TopLeft)),
            ("2.0", Some(BoxOrigin::TopLeft)),
            ("ignored", None),
            ("1", None),
            ("1.0.1", Some(BoxOrigin::Centre)),
        ] {
            assert_eq!(box_origin_of_version(version), origin, "{version}");
        }
    }
}
