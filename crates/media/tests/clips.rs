//! Every clip of the shared data set, where it is there: counted, cut, decoded again.

mod common;

use std::path::PathBuf;

use common::{pixels, print_of, read_all};
use giaolo_domain::MediaTime;
use giaolo_media::{FileSource, OpenOptions, PacketRing, RingLimits, decode_span, write_clip};

/// The clips, or nothing with a printed line where the data set is absent.
fn clips() -> Vec<PathBuf> {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/datasets/clips"));
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no clips at ../shared/datasets/clips");
        return Vec::new();
    };
    let mut clips: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
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
        while let Some(decoded) = source.next().unwrap() {
            let stamp = decoded.frame.stamp();
            assert_eq!(stamp.frame, frames, "{name}");
            assert!(last.is_none_or(|last| last < stamp.time), "{name}");
            last = Some(stamp.time);
            frames += 1;
        }
        if let Some((_, expected)) = FRAMES.iter().find(|(known, _)| *known == name) {
            assert_eq!(frames, *expected, "{name}");
        }
    }
}

/// Half a second out of the middle of each clip: as a film and as single frames, bit for bit.
#[test]
fn real_clips_are_cut_and_decoded_again_without_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    for path in clips() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut source = FileSource::open(&path, &OpenOptions::default()).unwrap();
        let mut ring = PacketRing::new(RingLimits { seconds: 3600.0, bytes: usize::MAX });
        let middle = source.info().duration.unwrap().0 / 2;
        let mut frames = Vec::new();
        while let Some(decoded) = source.next().unwrap() {
            decoded.packets.into_iter().for_each(|packet| ring.push(packet));
            let time = decoded.frame.stamp().time.0;
            if (middle - 250_000..=middle + 250_000).contains(&time) {
                frames.push(print_of(&decoded.frame));
            }
            // Packets run ahead of frames, so the window is whole a little after it.
            if time > middle + 2_000_000 {
                break;
            }
        }
        let times: Vec<MediaTime> = frames.iter().map(|(stamp, _)| stamp.time).collect();
        let (from, to) = (times[0], times[times.len() - 1]);
        let span = ring.span(from, to).unwrap();

        let mut again = Vec::new();
        decode_span(&source.codec(), &span, &times, &mut |f| again.push(print_of(&f))).unwrap();
        assert_eq!(again, frames, "{name}");

        let target = folder.path().join(format!("{name}.mp4"));
        let info = write_clip(&source.codec(), &span, &target).unwrap();
        let clip = read_all(&target);
        assert!(clip.end.is_ok(), "{name}: {:?}", clip.end);
        for (stamp, hash) in &frames {
            let at = stamp.time.0 - info.start.0;
            let shown = clip.frames.iter().find(|shown| {
                // A clip's clock has 1/90000 s.
                (shown.frame.stamp().time.0 - at).abs() <= 20
            });
            let shown = shown.map(|shown| pixels(&shown.frame));
            assert_eq!(shown, Some(*hash), "{name} at {stamp:?}");
        }
    }
}
