//! Every clip of the shared data set, where it is there: counted, cut, decoded again.

use std::path::PathBuf;

use giaolo_media::{FileSource, MediaWarning, OpenOptions};

/// The clips, or nothing with a printed line where the data set is absent.
fn clips() -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/datasets/clips"
    ));
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no clips at ../shared/datasets/clips");
        return Vec::new();
    };
    let mut clips: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    clips.retain(|path| path.extension().is_some_and(|ext| ext == "mp4"));
    clips.sort();
    clips
}

/// `ffprobe -count_frames` on each clip, once, FFmpeg 5.1.
const FRAMES: [(&str, u64); 16] = [
    ("arterial-720p", 155),
    ("car-park-cc-by", 377),
    ("german-junction-131100", 200),
    ("hanoi-giang-vo-red-light", 384),
    ("hanoi-junction-1600x1200", 20),
    ("highangle-junction", 734),
    ("india-moving-camera", 734),
    ("india-unsignalled", 1986),
    ("kerb-parking", 984),
    ("motorway-1080p", 31),
    ("motorway-720p", 751),
    ("pickup-red-light", 77),
    ("taiwan-overpass", 240),
    ("topdown-turn-arrows", 480),
    ("vn-boulevard-wrong-way", 219),
    ("vn-kerbside-rain", 335),
];

#[test]
fn every_frame_of_every_clip_is_given_once_in_order() {
    for path in clips() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut source = FileSource::open(&path, &OpenOptions::default()).unwrap();
        let mut frames = 0;
        let mut last = None;
        let mut packets = 0;
        while let Some(decoded) = source.next().unwrap() {
            let stamp = decoded.frame.stamp();
            assert_eq!(stamp.frame, frames, "{name}");
            assert!(last.is_none_or(|last| last < stamp.time), "{name}");
            last = Some(stamp.time);
            frames += 1;
            packets += decoded.packets.len();
        }
        packets += source.trailing_packets().len();
        let warnings: Vec<String> = source
            .warnings()
            .iter()
            .map(MediaWarning::to_string)
            .collect();
        println!(
            "{name}: {frames} frames, {packets} packets, {:?} s, {warnings:?} {:?}",
            last.map(|t| t.seconds()),
            source.info()
        );
        if let Some((_, expected)) = FRAMES.iter().find(|(known, _)| *known == name) {
            assert_eq!(frames, *expected, "{name}");
        }
    }
}
