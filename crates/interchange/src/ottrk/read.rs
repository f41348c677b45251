//! Reads an `.ottrk`. Its records may stand in any order and a track's class is the whole track's,
//! so all of them are held (about 150 bytes each) before the first frame is given.

use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
};

use giaolo_domain::{
    CameraId, ClockSource, FrameTime, MediaTime, RoadUserClass, TimeOrigin, TrackId,
    TrackObservation, UtcTime,
};
use serde::de::DeserializeSeed;

use super::{
    boxes::{self, RawBox},
    classes::class_of_name,
    document::{DocumentSeed, Entry},
    meta::{MOMENT_EXPECTED, Recording},
};
use crate::{
    FrameTracks, InterchangeError, Note, ReadOptions, Result, Skipped, TracksFormat, TracksInfo,
    error::FileName,
    frames::{TIME_EXPECTED, is_box, is_time},
    input::Input,
};

/// The frames of an `.ottrk`, those with at least one track, in order. Within a frame tracks ascend.
#[derive(Debug)]
pub struct OttrkTracks {
    info: TracksInfo,
    observations: std::iter::Peekable<std::vec::IntoIter<TrackObservation>>,
}

impl OttrkTracks {
    /// What the file says about all its frames.
    pub fn info(&self) -> &TracksInfo {
        &self.info
    }
}

impl Iterator for OttrkTracks {
    type Item = FrameTracks;

    fn next(&mut self) -> Option<FrameTracks> {
        let first = self.observations.next()?;
        let mut tracks = vec![first];
        while let Some(more) = self.observations.next_if(|o| o.frame == first.frame) {
            tracks.push(more);
        }
        Some(FrameTracks {
            at: FrameTime { frame: first.frame, time: first.time },
            tracks,
            signals: Vec::new(),
        })
    }
}

/// Reads an `.ottrk`, in bzip2 or not. `name` stands in errors.
///
/// Frame n of the file is frame n - 1 here; where a file joins several videos, the later ones go on
/// counting. A frame's time is its `occurrence`, from the recording's start. Every observation of a
/// track has the class with the greatest sum of confidences over the whole track, as OTAnalytics
/// has it.
///
/// # Errors
/// Damaged compression, too many bytes, no JSON, missing keys, a version that does not say what `x`,
/// `y` are while the boxes do not tell either, and values that cannot be: each with its record.
pub fn read_ottrk(
    source: impl BufRead + Send,
    name: &str,
    options: &ReadOptions,
) -> Result<OttrkTracks> {
    let file = FileName(name.to_owned());
    let mut input = Input::new(source, &file, options.max_bytes)?;
    let mut records = Records {
        file: &file,
        max_frame: options.max_frame,
        list: Vec::new(),
        names: Names::default(),
        videos: Names::default(),
        failure: None,
    };
    let mut json = serde_json::Deserializer::from_reader(&mut input);
    let parsed = DocumentSeed(&mut records)
        .deserialize(&mut json)
        .and_then(|metadata| json.end().map(|()| metadata));
    let metadata = match parsed {
        Ok(metadata) => metadata,
        Err(e) => {
            let failure = input.cause().or(records.failure.take());
            return Err(failure.unwrap_or_else(|| file.form("JSON", e.to_string())));
        }
    };
    let recording = metadata.recording(&file)?;
    records.into_tracks(recording, options)
}

/// One entry of `data.detections`, its names as numbers.
struct Record {
    number: usize,
    class: u32,
    video: u32,
    /// As in the file, from 1.
    frame: u64,
    time_us: i64,
    track: u64,
    score: f32,
    bbox: RawBox,
    interpolated: bool,
}

#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: String) -> u32 {
        if let Some(&number) = self.numbers.get(&name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }
}

pub(super) struct Records<'f> {
    file: &'f FileName,
    max_frame: u64,
    list: Vec<Record>,
    names: Names,
    videos: Names,
    /// An error with its fields, which serde's own error type cannot carry.
    pub failure: Option<InterchangeError>,
}

/// A record, for errors.
pub(super) fn place(number: usize) -> String {
    format!("record {number} of data.detections")
}

impl Records<'_> {
    /// Takes the next entry.
    pub fn push(&mut self, number: usize, entry: Entry) -> Result<()> {
        let wrong = |key: &str, value: String, expected: &str| {
            Err(self.file.value(place(number), key, value, expected))
        };
        if entry.frame.fract() != 0.0 || !(1.0..=self.max_frame as f64).contains(&entry.frame) {
            let expected = format!("frames count from 1 and end before {}", self.max_frame);
            return wrong("frame", entry.frame.to_string(), &expected);
        }
        for (key, size) in [("w", entry.w), ("h", entry.h)] {
            if !(size.is_finite() && size > 0.0) {
                return wrong(key, size.to_string(), "a box has a size above 0");
            }
        }
        if !(0.0..=1.0).contains(&entry.confidence) {
            let value = entry.confidence.to_string();
            return wrong("confidence", value, "it must be 0 to 1");
        }
        let Some(time_us) = entry.occurrence.micros() else {
            return wrong("occurrence", entry.occurrence.written(), MOMENT_EXPECTED);
        };
        self.list.push(Record {
            number,
            class: self.names.number(entry.class),
            video: self.videos.number(entry.input_file_path),
            frame: entry.frame as u64,
            time_us,
            track: entry.track,
            score: entry.confidence as f32,
            bbox: RawBox { x: entry.x, y: entry.y, w: entry.w, h: entry.h },
            interpolated: entry.interpolated,
        });
        Ok(())
    }

    fn into_tracks(mut self, recording: Recording, options: &ReadOptions) -> Result<OttrkTracks> {
        let mut notes = Vec::new();
        let videos = self.join_videos(options.max_frame)?;
        if videos > 1 {
            notes.push(Note::new(
                format!("tệp ghép {videos} video: số khung hình được đánh tiếp từ video này sang video sau"),
                format!("the file joins {videos} videos: frame numbers go on from one to the next"),
            ));
        }
        let raw = || self.list.iter().map(|record| record.bbox);
        let origin = boxes::origin(raw, &recording, options.box_origin, self.file, &mut notes)?;
        self.list.sort_unstable_by_key(|record| (record.frame, record.track, record.number));
        self.check_times()?;
        let mut skipped = Skipped::default();
        let classes = self.vote(&mut skipped);
        skipped.in_two_places = self.drop_doubles();
        if skipped.in_two_places > 0 {
            let count = skipped.in_two_places;
            notes.push(Note::new(
                format!("{count} quan sát bị bỏ: một đường đi ở hai nơi trong cùng một khung hình"),
                format!("{count} observations left out: a track in two places in one frame"),
            ));
        }
        let start_us = self.start_us(&recording);
        let mut observations = Vec::with_capacity(self.list.len());
        for record in &self.list {
            let Some(Some(class)) = classes.get(&record.track) else {
                continue;
            };
            let bbox = boxes::pixels(record.bbox, origin, &recording);
            if !is_box(bbox) {
                let raw = record.bbox;
                let value = format!("x {}, y {}, w {}, h {}", raw.x, raw.y, raw.w, raw.h);
                let expected = "a box must be finite and have an area in pixels";
                return Err(self.file.value(place(record.number), "x, y, w, h", value, expected));
            }
            let time = MediaTime(record.time_us - start_us);
            if !is_time(time) {
                let value = format!("{} s after the start", time.seconds());
                return Err(self.file.value(
                    place(record.number),
                    "occurrence",
                    value,
                    TIME_EXPECTED,
                ));
            }
            observations.push(TrackObservation {
                frame: record.frame - 1,
                time,
                track: TrackId(record.track),
                bbox,
                class: *class,
                score: record.score,
                unlike: 0.0,
                predicted: record.interpolated,
            });
        }
        let camera = recording.video.split('_').next().unwrap_or_default();
        Ok(OttrkTracks {
            info: TracksInfo {
                format: TracksFormat::Ottrk,
                camera: CameraId::new(camera),
                size: Some(recording.size),
                fps: recording.fps,
                frames: recording.frames.filter(|_| videos <= 1),
                origin: TimeOrigin {
                    start: UtcTime::from_micros(start_us),
                    // OTVision takes it from the file's name, which a person or a camera gave.
                    clock: ClockSource::Operator,
                    uncertainty_s: None,
                },
                skipped,
                notes,
            },
            observations: observations.into_iter().peekable(),
        })
    }

    /// Numbers the frames of several videos on, in the order of their first moments. Gives how many
    /// videos there are.
    fn join_videos(&mut self, max_frame: u64) -> Result<usize> {
        let count = self.videos.names.len();
        if count <= 1 {
            return Ok(count);
        }
        let mut spans = vec![(i64::MAX, 0); count];
        for record in &self.list {
            let (first_us, frames) = &mut spans[record.video as usize];
            *first_us = record.time_us.min(*first_us);
            *frames = record.frame.max(*frames);
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&video| (spans[video].0, video));
        let mut before = vec![0; count];
        let mut total: u64 = 0;
        for video in order {
            before[video] = total;
            total = total.saturating_add(spans[video].1);
        }
        if total > max_frame {
            let expected = format!("frames above {max_frame} are not believed");
            return Err(self.file.value("data.detections", "frame", total, expected));
        }
        for record in &mut self.list {
            record.frame += before[record.video as usize];
        }
        Ok(count)
    }

    fn check_times(&self) -> Result<()> {
        for pair in self.list.windows(2) {
            let [before, next] = pair else { continue };
            let same_frame = before.frame == next.frame;
            if (same_frame && before.time_us != next.time_us) || before.time_us > next.time_us {
                let expected = format!(
                    "record {} of frame {} has {} and time never goes back",
                    before.number,
                    before.frame,
                    before.time_us as f64 / 1e6
                );
                let value = next.time_us as f64 / 1e6;
                return Err(self.file.value(place(next.number), "occurrence", value, expected));
            }
        }
        Ok(())
    }

    /// Each track's class by the sum of its confidences; `None` for what is no road user of ours.
    fn vote(&self, skipped: &mut Skipped) -> BTreeMap<u64, Option<RoadUserClass>> {
        const NONE: usize = RoadUserClass::ALL.len();
        let known: Vec<Option<RoadUserClass>> =
            self.names.names.iter().map(|n| class_of_name(n)).collect();
        let mut sums: BTreeMap<u64, [f64; NONE + 1]> = BTreeMap::new();
        for record in &self.list {
            let slot = known[record.class as usize].map_or(NONE, RoadUserClass::index);
            sums.entry(record.track).or_default()[slot] += f64::from(record.score);
        }
        let winner = |sums: &[f64; NONE + 1]| {
            let best = sums.iter().copied().fold(0.0, f64::max);
            let slot = sums.iter().position(|sum| *sum == best);
            slot.and_then(|slot| RoadUserClass::ALL.get(slot).copied())
        };
        let classes: BTreeMap<_, _> = sums.iter().map(|(t, s)| (*t, winner(s))).collect();
        for record in &self.list {
            if classes[&record.track].is_none() {
                let name = &self.names.names[record.class as usize];
                *skipped.by_class.entry(name.clone()).or_default() += 1;
            }
        }
        classes
    }

    /// Takes out every record of a track that has more than one in a frame, and counts them.
    fn drop_doubles(&mut self) -> u64 {
        let key = |record: &Record| (record.frame, record.track);
        let doubled: Vec<bool> = (0..self.list.len())
            .map(|at| {
                let same = |other: Option<&Record>| {
                    other.is_some_and(|other| key(other) == key(&self.list[at]))
                };
                same(at.checked_sub(1).and_then(|at| self.list.get(at)))
                    || same(self.list.get(at + 1))
            })
            .collect();
        let mut flags = doubled.iter();
        self.list.retain(|_| flags.next() == Some(&false));
        doubled.iter().filter(|double| **double).count() as u64
    }

    /// The moment of the first frame. The stated start holds unless the first record's frame number
    /// contradicts it, as in files whose start is off by a time zone.
    fn start_us(&self, recording: &Recording) -> i64 {
        let Some(first) = self.list.first() else {
            return recording.start_us.unwrap_or(0);
        };
        let by_number_s = (first.frame - 1) as f64 / recording.fps;
        let tolerance_s = 60.0 + by_number_s * 0.1;
        match recording.start_us {
            Some(start_us)
                if start_us <= first.time_us
                    && ((first.time_us - start_us) as f64 / 1e6 - by_number_s).abs()
                        <= tolerance_s =>
            {
                start_us
            }
            _ => first.time_us - (by_number_s * 1e6).round() as i64,
        }
    }
}
