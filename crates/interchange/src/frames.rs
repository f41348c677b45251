//! What every reader gives: frames with their tracks and signal readings, and what is known of the
//! file as a whole.

use std::collections::BTreeMap;

use giaolo_domain::{
    CameraId, FrameTime, HeadId, MediaTime, PixelBox, RoadUserClass, SignalReading, TimeOrigin,
    TrackObservation,
};

/// One frame: every road user in it and what each signal head showed.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameTracks {
    /// The frame and its time.
    pub at: FrameTime,
    /// The road users, each at most once: in the order of a `tracks.jsonl`, else ascending.
    pub tracks: Vec<TrackObservation>,
    /// The reading of each head that is read in this frame, in the order in which the heads first
    /// appeared. A reading stands until another replaces it: every frame lists them all.
    pub signals: Vec<(HeadId, SignalReading)>,
}

/// A reading as `tracks.jsonl` keeps it: its confidence to two decimals.
///
/// Whoever runs rules while writing tracks gives the rules this reading, not the raw one: else a
/// replay of the file could differ from the first run.
pub fn stored_reading(reading: SignalReading) -> SignalReading {
    SignalReading { state: reading.state, confidence: (reading.confidence * 100.0).round() / 100.0 }
}

/// The format that a file was found to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TracksFormat {
    /// Our own `tracks.jsonl`.
    Giaolo,
    /// OpenTrafficCam's `.ottrk`.
    Ottrk,
    /// Lines of `frame,id,class,x1,x2,y1,y2`.
    SignalText,
}

/// What a file says about all its frames.
#[derive(Clone, Debug, PartialEq)]
pub struct TracksInfo {
    /// Its format.
    pub format: TracksFormat,
    /// The camera; for files of others the video's or the file's name.
    pub camera: CameraId,
    /// Width and height of the picture; `None` where the file does not say.
    pub size: Option<(u32, u32)>,
    /// Frames a second, as the file or the caller says.
    pub fps: f64,
    /// Frames of the recording, where the file says.
    pub frames: Option<u64>,
    /// When the first frame was taken.
    pub origin: TimeOrigin,
    /// What was left out.
    pub skipped: Skipped,
    /// What a person should know about how the file was read.
    pub notes: Vec<Note>,
}

/// Observations of a file that did not become a [`TrackObservation`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Of tracks that are no road user of ours, by the file's own class name.
    pub by_class: BTreeMap<String, u64>,
    /// Of a track that stands in two places in one frame: which is right cannot be told, so none of
    /// them is used.
    pub in_two_places: u64,
}

impl Skipped {
    /// How many in all.
    pub fn total(&self) -> u64 {
        self.by_class.values().sum::<u64>() + self.in_two_places
    }
}

/// Something that could not be carried over or had to be read in a certain way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Note {
    pub(crate) fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// Which point of its box an `.ottrk` gives as `x`, `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxOrigin {
    /// The top left corner: `otdet_version` 1.1 and later.
    TopLeft,
    /// The centre: `otdet_version` 1.0 and before.
    Centre,
}

/// How much a reader believes and what it is told beside the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOptions {
    /// Most bytes to read, after decompression.
    pub max_bytes: u64,
    /// Highest frame number; more is a damaged file.
    pub max_frame: u64,
    /// Most observations in one frame; more is a damaged file.
    pub max_tracks_per_frame: usize,
    /// Overrides what an `.ottrk` gives as `x`, `y`; needed only where its version does not say.
    pub box_origin: Option<BoxOrigin>,
    /// Frames a second of a file that has none (`frame,id,class,x1,x2,y1,y2`).
    pub text_fps: Option<f64>,
    /// The class of the tracks in a file whose class codes are documented nowhere.
    pub text_class: RoadUserClass,
}

impl Default for ReadOptions {
    /// 2 GiB, 46 days at 25 frames a second, 10,000 road users in one picture; the rest unsaid.
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            max_frame: 100_000_000,
            max_tracks_per_frame: 10_000,
            box_origin: None,
            text_fps: None,
            text_class: RoadUserClass::Motorbike,
        }
    }
}

/// A pixel further out than this stands on no picture, and arithmetic on it would overflow.
const FARTHEST_PX: f32 = 1e6;
/// 31 years of recording.
const LONGEST_US: i64 = 1_000_000_000_000_000;

/// What a box must be, for errors.
pub(crate) const BOX_EXPECTED: &str =
    "it must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2, within a million pixels";
/// What a frame's time must be, for errors.
pub(crate) const TIME_EXPECTED: &str = "it must be microseconds from the first frame, 0 to 10^15";

/// Whether a box is one that the stages after this can reckon with.
pub(crate) fn is_box(bbox: PixelBox) -> bool {
    let edges: [f32; 4] = bbox.into();
    bbox.is_proper() && edges.iter().all(|edge| edge.abs() <= FARTHEST_PX)
}

/// Whether a time can be reckoned with.
pub(crate) fn is_time(time: MediaTime) -> bool {
    (0..=LONGEST_US).contains(&time.0)
}

/// What forbids writing `frame` after a frame at `last`, as a sentence.
pub(crate) fn frame_problem(frame: &FrameTracks, last: Option<FrameTime>) -> Option<String> {
    let at = frame.at;
    if !is_time(at.time) {
        let (number, time_us) = (at.frame, at.time.0);
        return Some(format!("frame {number} has the time {time_us}; {TIME_EXPECTED}"));
    }
    if let Some(last) = last
        && (at.frame <= last.frame || at.time < last.time)
    {
        return Some(format!(
            "frame {} at {} µs comes after frame {} at {} µs; frames must ascend",
            at.frame, at.time.0, last.frame, last.time.0
        ));
    }
    let tracks = frame.tracks.iter().enumerate();
    let track_problem = tracks.filter_map(|(position, seen)| {
        let problem = observation_problem(seen, at).or_else(|| {
            let before = &frame.tracks[..position];
            let twice = before.iter().any(|other| other.track == seen.track);
            twice.then(|| "is there twice".to_owned())
        })?;
        Some(format!("track {} in frame {} {problem}", seen.track, at.frame))
    });
    let heads = frame.signals.iter().enumerate();
    let head_problem = heads.filter_map(|(position, (head, reading))| {
        let confidence = reading.confidence;
        let before = &frame.signals[..position];
        let problem = if before.iter().any(|(other, _)| other == head) {
            "is there twice".to_owned()
        } else if !(0.0..=1.0).contains(&confidence) {
            format!("has the confidence {confidence}; it must be 0 to 1")
        } else {
            return None;
        };
        Some(format!("head {head} in frame {} {problem}", at.frame))
    });
    track_problem.chain(head_problem).next()
}

fn observation_problem(seen: &TrackObservation, at: FrameTime) -> Option<String> {
    if seen.frame != at.frame || seen.time != at.time {
        return Some(format!(
            "is an observation of frame {} at {} µs, not of {} µs",
            seen.frame, seen.time.0, at.time.0
        ));
    }
    if !is_box(seen.bbox) {
        let edges: [f32; 4] = seen.bbox.into();
        return Some(format!("has the box {edges:?}; {BOX_EXPECTED}"));
    }
    let score = seen.score;
    (!(0.0..=1.0).contains(&score)).then(|| format!("has the score {score}; it must be 0 to 1"))
}
