//! What several test files need.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use giaolo_domain::{
    FrameTime, HeadId, MediaTime, PixelBox, RoadUserClass, SignalReading, SignalState, TrackId,
    TrackObservation,
};
use giaolo_interchange::FrameTracks;

/// A folder of the shared data sets, or `None`, said aloud, where they are not.
pub fn dataset(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/datasets");
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: ../shared/datasets/{folder} is not here");
    None
}

/// All files below a folder whose name ends so, sorted.
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub fn at(frame: u64, t_us: i64) -> FrameTime {
    FrameTime { frame, time: MediaTime(t_us) }
}

pub fn seen(at: FrameTime, track: u64, edges: [f32; 4]) -> TrackObservation {
    TrackObservation {
        frame: at.frame,
        time: at.time,
        track: TrackId(track),
        bbox: PixelBox::from(edges),
        class: RoadUserClass::Car,
        score: 0.75,
        unlike: 0.0,
        predicted: false,
    }
}

pub fn frame(at: FrameTime, tracks: Vec<TrackObservation>) -> FrameTracks {
    FrameTracks { at, tracks, signals: Vec::new() }
}

pub fn reads(head: &str, state: SignalState, confidence: f32) -> (HeadId, SignalReading) {
    (HeadId::from(head), SignalReading { state, confidence })
}
