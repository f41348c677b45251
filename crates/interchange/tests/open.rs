//! Files are told apart by what is in them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::path::PathBuf;

use common::bzip2;
use giaolo_interchange::{ReadOptions, TracksFormat, open_tracks, open_tracks_with};

const OURS: &str = r#"{"format":"giaolo-tracks","version":1,"camera":"c","size":[64,48],"fps":25.0,"start":"2026-11-24T00:30:00Z","clock":"unknown"}
{"frame":2,"t_us":80}
"#;
const OTTRK: &str = r#"{"metadata": {"otdet_version": "1.2", "video": {"filename": "a_b", "filetype": ".mp4", "width": 8, "height": 6, "recorded_fps": 20.0}},
 "data": {"detections": [{"class": "car", "confidence": 0.5, "x": 1, "y": 1, "w": 1, "h": 1, "frame": 1, "occurrence": 5.0, "track-id": 1}]}}"#;
const TEXT: &str = "2.0,4.0,0.0,2221.79,2392.32,497.218,825.45\n";

fn file(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("tracks");
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn each_format_is_found_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let options = ReadOptions { text_fps: Some(25.0), ..Default::default() };
    for (bytes, format) in [
        (OURS.as_bytes().to_vec(), TracksFormat::Giaolo),
        (OTTRK.as_bytes().to_vec(), TracksFormat::Ottrk),
        (format!("\n  {OTTRK}").into_bytes(), TracksFormat::Ottrk),
        (bzip2(OTTRK.as_bytes()), TracksFormat::Ottrk),
        (TEXT.as_bytes().to_vec(), TracksFormat::SignalText),
    ] {
        let opened = open_tracks_with(&file(&folder, &bytes), &options).unwrap();
        assert_eq!(opened.info.format, format);
        assert_eq!(opened.frames.map(Result::unwrap).count(), 1, "{format:?}");
    }
}

#[test]
fn what_is_none_of_them_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, says) in [
        (&b""[..], "starts with nothing (it is empty); known are tracks.jsonl"),
        (b"\x00\x00\x00\x18ftypmp42", "starts with "),
        (b"frame,id", "starts with \"frame,id\""),
        (b"[]", "starts with \"[]\""),
        (b"{}", "missing field `data`"),
        (b"{\"format\":\"giaolo-tracks\"", "line 1: is cut short"),
        (TEXT.as_bytes(), "say how many frames a second it has"),
        (b"BZh91AY", "the bzip2 data is cut short or damaged"),
    ] {
        let path = file(&folder, bytes);
        let error = open_tracks(&path).err().expect("must be refused").to_string();
        assert!(error.starts_with(&path.display().to_string()) && error.contains(says), "{error}");
    }
    let missing = folder.path().join("nothing");
    let error = open_tracks(&missing).err().expect("must be refused").to_string();
    assert!(error.contains("nothing: cannot be read: "), "{error}");
    let error = open_tracks(folder.path()).err().expect("must be refused").to_string();
    assert!(error.contains("cannot be read: "), "{error}");
}
