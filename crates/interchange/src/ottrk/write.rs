//! Writes an `.ottrk` in the form of OTVision's `otdet_version` 1.3 and `ottrk_version` 1.1, which
//! OTAnalytics reads.

use std::{collections::HashMap, io::Write};

use bzip2::{Compression, write::BzEncoder};
use giaolo_domain::{FrameTime, RoadUserClass, TimeOrigin, TrackObservation};
use serde::Serialize;
use serde_json::{Value, json};

use super::classes::name_of_class;
use crate::{FrameTracks, InterchangeError, Note, Result, frames::frame_problem};

const WHAT: &str = ".ottrk";

/// What the metadata of an `.ottrk` say.
#[derive(Clone, Debug, PartialEq)]
pub struct OttrkSource {
    /// The video's file name with its extension. OTAnalytics looks for it beside the `.ottrk` and
    /// takes what stands before the first `_` for the camera.
    pub video: String,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Frames a second.
    pub fps: f64,
    /// Frames of the video.
    pub frames: u64,
    /// When the first frame was taken.
    pub origin: TimeOrigin,
    /// The detector's name in the registry.
    pub model: String,
    /// This program's version.
    pub program_version: String,
    /// A name for this run; OTAnalytics tells tracks of different runs apart by it.
    pub run_id: String,
}

/// Collects frames and writes them as an `.ottrk`: a record says whether it is its track's last, so
/// nothing can be written before all is known. Holds 48 bytes for each observation.
///
/// Signal readings have no place in the format.
pub struct OttrkWriter {
    source: OttrkSource,
    observations: Vec<TrackObservation>,
    last: Option<FrameTime>,
}

impl OttrkWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// A size of zero or a frame rate that is not above zero.
    pub fn new(source: OttrkSource) -> Result<Self> {
        let (width, height) = source.size;
        if width == 0 || height == 0 || !(source.fps.is_finite() && source.fps > 0.0) {
            return Err(unwritable(format!(
                "the picture is {width}x{height} at {} frames a second; all three must be above 0",
                source.fps
            )));
        }
        Ok(Self { source, observations: Vec::new(), last: None })
    }

    /// Takes one frame.
    ///
    /// # Errors
    /// What [`crate::TracksWriter::write`] refuses.
    pub fn push(&mut self, frame: &FrameTracks) -> Result<()> {
        if let Some(problem) = frame_problem(frame, self.last) {
            return Err(unwritable(problem));
        }
        self.last = Some(frame.at);
        self.observations.extend_from_slice(&frame.tracks);
        Ok(())
    }

    /// Writes everything, compressed, and flushes. Gives back what a person should know before
    /// opening the file in OTAnalytics.
    ///
    /// # Errors
    /// A failure of `out`.
    pub fn finish(self, out: impl Write) -> Result<Vec<Note>> {
        let mut packed = BzEncoder::new(out, Compression::best());
        let document = json!({ "metadata": self.metadata() });
        let metadata = &document["metadata"];
        write!(packed, "{{\"metadata\": {metadata}, \"data\": {{\"detections\": [")
            .map_err(write_error)?;
        let mut last_of: HashMap<_, _> = HashMap::new();
        let mut first_of: HashMap<_, _> = HashMap::new();
        for (position, seen) in self.observations.iter().enumerate() {
            last_of.insert(seen.track, position);
            first_of.entry(seen.track).or_insert(position);
        }
        for (position, seen) in self.observations.iter().enumerate() {
            if position > 0 {
                packed.write_all(b", ").map_err(write_error)?;
            }
            let record = Record {
                first: first_of[&seen.track] == position,
                finished: last_of[&seen.track] == position,
                ..self.record(seen)
            };
            serde_json::to_writer(&mut packed, &record).map_err(|e| write_error(e.into()))?;
        }
        packed.write_all(b"]}}").map_err(write_error)?;
        let mut out = packed.finish().map_err(write_error)?;
        out.flush().map_err(write_error)?;
        Ok(self.notes())
    }

    fn record<'a>(&'a self, seen: &TrackObservation) -> Record<'a> {
        let edges = [seen.bbox.x1, seen.bbox.y1, seen.bbox.x2, seen.bbox.y2];
        let [x1, y1, x2, y2] = edges.map(f64::from);
        Record {
            class: name_of_class(seen.class),
            confidence: f64::from(seen.score),
            x: x1,
            y: y1,
            // In double precision, so that a reader who adds it to x gets our edge back.
            w: x2 - x1,
            h: y2 - y1,
            frame: seen.frame + 1,
            occurrence: self.seconds(seen.time.0),
            input_file_path: &self.source.video,
            interpolated: seen.predicted,
            first: false,
            finished: false,
            track: seen.track.0,
        }
    }

    /// Seconds since 1970 of a moment of the recording.
    fn seconds(&self, media_us: i64) -> f64 {
        let start_us = self.source.origin.start.micros();
        start_us.saturating_add(media_us) as f64 / 1e6
    }

    fn metadata(&self) -> Value {
        let source = &self.source;
        let (stem, extension) = match source.video.rsplit_once('.') {
            Some((stem, extension)) => (stem, format!(".{extension}")),
            None => (source.video.as_str(), String::new()),
        };
        let duration_s = source.frames as f64 / source.fps;
        let whole_s = duration_s as u64;
        let length = format!("{}:{:02}:{:02}", whole_s / 3600, whole_s / 60 % 60, whole_s % 60);
        let classes: serde_json::Map<String, Value> = RoadUserClass::ALL
            .into_iter()
            .map(|class| (class.index().to_string(), name_of_class(class).into()))
            .collect();
        let end_us = self.last.map_or(0, |at| at.time.0);
        json!({
            "otdet_version": "1.3",
            "video": {
                "filename": stem,
                "filetype": extension,
                "width": source.size.0,
                "height": source.size.1,
                "expected_duration": duration_s,
                "recorded_fps": source.fps,
                "actual_fps": source.fps,
                "number_of_frames": source.frames,
                "recorded_start_date": self.seconds(0),
                "length": length,
            },
            "detection": {
                "otvision_version": format!("giaolo {}", source.program_version),
                "model": {
                    "name": source.model,
                    "weights": source.model,
                    "iou_threshold": null,
                    "image_size": null,
                    "max_confidence": null,
                    "half_precision": false,
                    "classes": classes,
                },
                "chunksize": 1,
                "normalized_bbox": false,
            },
            "ottrk_version": "1.1",
            "tracking": {
                "otvision_version": format!("giaolo {}", source.program_version),
                "first_tracked_video_start": self.seconds(0),
                "last_tracked_video_end": self.seconds(end_us),
                "tracker": { "name": "giaolo" },
                "tracking_run_id": source.run_id,
                "frame_group": 0,
            },
        })
    }

    fn notes(&self) -> Vec<Note> {
        let host = self.source.video.split('_').next().unwrap_or_default();
        let named = host.len() < self.source.video.len()
            && host.ends_with(|c: char| c.is_ascii_alphanumeric())
            && self.source.video.contains('.');
        if named {
            return Vec::new();
        }
        let video = &self.source.video;
        vec![Note::new(
            format!("OTAnalytics cần tên video dạng CAMERA_....mp4, nhưng tên là `{video}`"),
            format!("OTAnalytics needs a video named like CAMERA_....mp4, this one is `{video}`"),
        )]
    }
}

#[derive(Serialize)]
struct Record<'a> {
    class: &'static str,
    confidence: f64,
    x: f64,
    y: f64,
    w: f64,
    h: f64,
    frame: u64,
    occurrence: f64,
    input_file_path: &'a str,
    #[serde(rename = "interpolated-detection")]
    interpolated: bool,
    first: bool,
    finished: bool,
    #[serde(rename = "track-id")]
    track: u64,
}

fn unwritable(problem: String) -> InterchangeError {
    InterchangeError::Unwritable { what: WHAT, problem }
}

fn write_error(source: std::io::Error) -> InterchangeError {
    InterchangeError::Write { what: WHAT, source }
}
