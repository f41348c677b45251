//! Lines of `frame,id,class,x1,x2,y1,y2`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{dataset, files_below};
use giaolo_domain::{MediaTime, PixelBox, RoadUserClass, TrackId};
use giaolo_interchange::{FrameTracks, ReadOptions, TracksInfo, read_signal_text};
use proptest::prelude::*;

fn options() -> ReadOptions {
    ReadOptions { text_fps: Some(25.0), ..Default::default() }
}

fn read(text: &str) -> Result<(TracksInfo, Vec<FrameTracks>), String> {
    read_signal_text(text.as_bytes(), "t.txt", &options()).map_err(|e| e.to_string())
}

#[test]
fn lines_become_frames() {
    let (info, frames) = read(
        "2.0,4.0,0.0,2221.79,2392.32,497.218,825.45\n\
         2,3,5,100,200,50,150\r\n\n\
         50.0,4.0,0.0,2232.44,2397.68,484.611,804.829",
    )
    .unwrap();
    assert_eq!(info.fps, 25.0);
    assert!(info.notes[0].en.contains("every track is taken as motorbike"));
    let numbers: Vec<(u64, i64)> = frames.iter().map(|f| (f.at.frame, f.at.time.0)).collect();
    assert_eq!(numbers, [(2, 80_000), (50, 2_000_000)]);
    let first = &frames[0].tracks;
    assert_eq!([first[0].track, first[1].track], [TrackId(3), TrackId(4)]);
    assert_eq!(first[1].bbox, PixelBox::new(2221.79, 497.218, 2392.32, 825.45));
    assert_eq!(first[1].class, RoadUserClass::Motorbike);
    assert_eq!(first[1].time, MediaTime(80_000));
}

#[test]
fn boxes_given_by_corners_are_seen_to_be_so() {
    let (info, frames) = read("1,1,0,300,100,400,200\n2,1,0,301,100,401,200").unwrap();
    assert_eq!(frames[0].tracks[0].bbox, PixelBox::new(300.0, 100.0, 400.0, 200.0));
    assert!(info.notes[1].en.contains("x1,y1,x2,y2"));
}

#[test]
fn a_track_in_two_places_is_left_out_and_counted() {
    let (info, frames) =
        read("1,1,0,1,2,3,4\n1,1,0,5,6,7,8\n1,2,0,1,2,3,4\n2,1,0,1,2,3,4").unwrap();
    assert_eq!(info.skipped.in_two_places, 2);
    let tracks: Vec<u64> = frames.iter().flat_map(|f| &f.tracks).map(|t| t.track.0).collect();
    assert_eq!(tracks, [2, 1]);
}

#[test]
fn broken_lines_are_named() {
    for (text, says) in [
        ("1,1,0,1,2,3", "line 1: `number of fields` is 6; a line is `frame,id,class,x1,x2,y1,y2`"),
        ("1,1,0,1,2,3,4,5", "`number of fields` is 8"),
        ("1,1,0,1,2,3,4\n1,x,0,1,2,3,4", "line 2: `id` is `x`; it must be a number"),
        ("1,1,0,1,2,3,nan", "`y2` is `nan`"),
        ("1,1,0,1,2,inf,4", "`y1` is `inf`"),
        ("1,1,0,1,2,3,1e300", "`x1,x2,y1,y2` is [1.0, 2.0, 3.0, inf]"),
        ("1.5,1,0,1,2,3,4", "`frame` is 1.5"),
        ("-1,1,0,1,2,3,4", "`frame` is -1"),
        ("1e9,1,0,1,2,3,4", "`frame` is 1000000000; it must be a whole number from 0 to 100000000"),
        ("1,1e30,0,1,2,3,4", "`id` is 1"),
        ("2,1,0,1,2,3,4\n1,1,0,1,2,3,4", "line 2: `frame` is 1; frames ascend and 2 came before"),
        ("1,1,0,2,2,3,4", "line 1: `x1,x2,y1,y2` is [2.0, 2.0, 3.0, 4.0]"),
        ("1,1,0,1,2,4,3\n2,1,0,5,6,1,2", "`x1,x2,y1,y2` is [1.0, 2.0, 4.0, 3.0]"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.starts_with("t.txt: ") && error.contains(says), "{text}\n{error}");
    }
    let error = read_signal_text(&b"1,\xff"[..], "t.txt", &options()).unwrap_err();
    assert!(error.to_string().contains("byte 2: is not UTF-8 text"), "{error}");
}

#[test]
fn without_a_frame_rate_there_is_no_time() {
    for (fps, says) in [
        (None, "say how many frames a second"),
        (Some(0.0), "`fps` is 0"),
        (Some(f64::NAN), "`fps` is NaN"),
    ] {
        let options = ReadOptions { text_fps: fps, ..Default::default() };
        let error = read_signal_text(&b"1,1,0,1,2,3,4"[..], "t.txt", &options).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn real_tracks_are_read_and_their_bottoms_give_the_published_verdicts() {
    let Some(folder) = dataset("vn-signal-tracks") else {
        return;
    };
    let labels = std::fs::read_to_string(folder.join("labels.csv")).unwrap();
    let mut right = 0;
    for label in labels.lines().skip(1) {
        let fields: Vec<&str> = label.split(',').collect();
        let text = std::fs::read_to_string(folder.join(fields[0])).unwrap();
        let (info, frames) = read(&text).unwrap();
        assert_eq!(info.notes.len(), 1, "{label}");
        let observed: u64 = frames.iter().map(|f| f.tracks.len() as u64).sum();
        assert_eq!(observed + info.skipped.total(), fields[5].parse::<u64>().unwrap(), "{label}");
        let bottom = if fields[1] == "hanam" { 797.0 } else { 839.0 };
        let crossed = frames.iter().flat_map(|f| &f.tracks).any(|t| t.bbox.y2 < bottom);
        right += usize::from(crossed == (fields[6] == "1"));
        for seen in frames.iter().flat_map(|f| &f.tracks) {
            assert!(seen.bbox.x2 <= 2561.0 && seen.bbox.y2 <= 1921.0, "{label}: {seen:?}");
        }
    }
    let count = labels.lines().count() - 1;
    assert!(count >= 652 && right * 100 >= count * 99, "{right} of {count}");
    for path in files_below(&folder, ".txt") {
        read(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

proptest! {
    #[test]
    fn any_text_is_an_error_or_frames_in_order(text in "([0-9.,e-]{1,12},{0,1}){0,20}\n{0,1}") {
        let _ = read(&text);
    }

    #[test]
    fn damaged_lines_never_panic(
        rows in proptest::collection::vec(proptest::collection::vec(prop_oneof![-5i32..50, Just(i32::MAX)], 5..9), 0..8),
    ) {
        let lines: Vec<String> = rows
            .iter()
            .map(|row| row.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
            .collect();
        if let Ok((_, frames)) = read(&lines.join("\n")) {
            for pair in frames.windows(2) {
                prop_assert!(pair[0].at < pair[1].at);
            }
        }
    }
}
