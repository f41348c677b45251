//! Paths that are no recording, recordings that are cut or damaged: each is told, none is silent.

#![allow(clippy::unwrap_used, reason = "a test helper fails the test")]

mod common;

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Recipe, pixels, read_all, record};
use ffmpeg::format::Pixel;
use giaolo_domain::ClockSource;
use giaolo_media::{FileSource, MediaError, MediaWarning, OpenOptions, probe};

fn open_error(path: &Path) -> String {
    probe(path).unwrap_err().to_string()
}

#[test]
fn what_is_no_recording_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty.mp4"), b"").unwrap();
    fs::write(at("notes.txt"), b"a text is no video\n".repeat(50)).unwrap();
    fs::write(
        at("noise.mp4"),
        (0..5000u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes())
            .collect::<Vec<_>>(),
    )
    .unwrap();
    fs::write(
        at("list.m3u8"),
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    )
    .unwrap();
    fs::write(at("list.ffconcat"), "ffconcat version 1.0\nfile 'good.mp4'\n").unwrap();
    fs::write(at("cam.sdp"), "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n").unwrap();
    image::RgbImage::new(64, 64).save(at("photo.jpg")).unwrap();
    let cases: [(PathBuf, &str); 12] = [
        (at("missing.mp4"), "does not exist"),
        (folder.path().to_owned(), "is a folder"),
        (PathBuf::from("/dev/null"), "is a device or a pipe"),
        (PathBuf::from("rtsp://127.0.0.1/stream"), "looks like a network address"),
        (PathBuf::from("http://127.0.0.1/a.mp4"), "looks like a network address"),
        (at("empty.mp4"), "is not a video"),
        (at("notes.txt"), "is not a video"),
        (at("noise.mp4"), "is not a video"),
        (at("list.m3u8"), "is not a video"),
        (at("list.ffconcat"), "is not a video"),
        (at("cam.sdp"), "is not a video"),
        (at("photo.jpg"), "is not a video"),
    ];
    record(&at("good.mp4"), &Recipe::default());
    for (path, expected) in cases {
        let error = open_error(&path);
        assert!(error.contains(expected), "{error}");
        assert!(error.contains(&*path.to_string_lossy()), "{error}");
    }
}

#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locked.mp4");
    record(&path, &Recipe::default());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    let error = open_error(&path);
    assert!(error.contains("may not be read"), "{error}");
}

#[test]
fn a_name_that_looks_like_a_protocol_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["concat:a.mp4", "cam 1 %03d.mp4", "nút giao?.mp4"] {
        let path = folder.path().join(name);
        record(&folder.path().join("plain.mp4"), &Recipe::default());
        fs::rename(folder.path().join("plain.mp4"), &path).unwrap();
        assert_eq!(read_all(&path).frames.len(), 50, "{name}");
    }
}

/// Copies the first `share` of a file.
fn cut(path: &Path, share: f64) -> PathBuf {
    let bytes = fs::read(path).unwrap();
    let extension = path.extension().unwrap().to_string_lossy();
    let target = path.with_file_name(format!("cut.{extension}"));
    fs::write(&target, &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
    target
}

#[test]
fn a_cut_file_gives_its_frames_and_then_says_that_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    for (name, mux_options) in [
        ("a.mp4", vec![("movflags", "+faststart")]),
        ("fragmented.mp4", vec![("movflags", "+frag_keyframe+empty_moov")]),
        ("a.mkv", vec![]),
        ("a.avi", vec![]),
    ] {
        let whole = folder.path().join(name);
        record(&whole, &Recipe { frames: 100, mux_options, ..Recipe::default() });
        let original = read_all(&whole);
        assert!(original.end.is_ok(), "{name}: {:?}", original.end);

        let read = read_all(&cut(&whole, 0.6));
        let Err(error @ MediaError::CutShort { .. }) = &read.end else {
            panic!("{name}: {:?} after {} frames", read.end, read.frames.len());
        };
        assert!((20..95).contains(&read.frames.len()), "{name}: {}", read.frames.len());
        assert!(error.to_string().contains(&format!("{} frames", read.frames.len())), "{error}");
        // All but the last few, which the cut tore, are the frames of the whole file.
        for (cut, whole) in read.frames.iter().zip(&original.frames).rev().skip(8) {
            assert_eq!(cut.frame.stamp(), whole.frame.stamp(), "{name}");
            assert!(cut.corrupt || pixels(&cut.frame) == pixels(&whole.frame), "{name}");
        }
    }
}

#[test]
fn the_cut_is_said_once_and_then_there_is_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("a.mkv");
    record(&whole, &Recipe { frames: 100, ..Recipe::default() });
    let mut read = read_all(&cut(&whole, 0.5));
    assert!(read.end.is_err());
    assert!(read.source.next().unwrap().is_none());
}

#[test]
fn a_transport_stream_cut_in_mid_packet_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("a.ts");
    record(&whole, &Recipe { frames: 100, ..Recipe::default() });
    let mut bytes = fs::read(&whole).unwrap();
    bytes.truncate(bytes.len() / 188 / 2 * 188 + 100);
    let path = folder.path().join("cut.ts");
    fs::write(&path, &bytes).unwrap();
    let error = read_all(&path).end.unwrap_err().to_string();
    assert!(error.contains("100 of 188 bytes"), "{error}");
}

#[test]
fn an_mp4_without_its_index_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("a.mp4");
    record(&whole, &Recipe::default());
    let error = open_error(&cut(&whole, 0.7));
    assert!(error.contains("has no index"), "{error}");
    let whole = folder.path().join("b.mp4");
    record(&whole, &Recipe { mux_options: vec![("movflags", "+faststart")], ..Recipe::default() });
    let bytes = fs::read(&whole).unwrap();
    let at = bytes.windows(4).position(|w| w == b"moov").unwrap();
    let path = folder.path().join("head.mp4");
    fs::write(&path, &bytes[..at + 50]).unwrap();
    let error = open_error(&path);
    assert!(error.contains("has no index"), "{error}");
}

#[test]
fn a_recording_without_frames_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.mp4");
    record(&path, &Recipe { frames: 0, ..Recipe::default() });
    let error = open_error(&path);
    assert!(error.contains("has no video"), "{error}");

    // Packets that are no video: every sample overwritten.
    let path = folder.path().join("zeroed.mp4");
    record(&path, &Recipe { frames: 10, ..Recipe::default() });
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|w| w == b"mdat").unwrap() + 4;
    let size = u32::from_be_bytes(bytes[at - 8..at - 4].try_into().unwrap()) as usize;
    bytes[at..at - 8 + size].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let error = open_error(&path);
    assert!(error.contains("has no video frames"), "{error}");
}

#[test]
fn a_change_of_size_names_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    for (name, encoder, format) in
        [("grow.ts", "libx264", Pixel::YUV420P), ("grow.avi", "mjpeg", Pixel::YUVJ420P)]
    {
        let path = folder.path().join(name);
        record(
            &path,
            &Recipe {
                encoder,
                format,
                frames: 40,
                gop: 10,
                b_frames: 0,
                grows_at: Some(25),
                ..Recipe::default()
            },
        );
        let mut read = read_all(&path);
        assert_eq!(read.frames.len(), 25, "{name}");
        let error = read.end.unwrap_err().to_string();
        assert!(error.contains("from 96x64 to 192x128 at frame 25"), "{error}");
        assert!(read.source.next().unwrap().is_none(), "{name}");
    }
}

#[test]
fn damaged_packets_are_flagged_and_do_not_stop_the_source() {
    let folder = tempfile::tempdir().unwrap();
    // FFmpeg 5.1 does not notice damage inside an H.265 slice: its entropy coding decodes anything.
    let cases = [("a.mp4", "libx264", true), ("b.mp4", "mpeg4", true), ("c.mkv", "libx265", false)];
    for (name, encoder, noticed) in cases {
        let path = folder.path().join(name);
        record(
            &path,
            &Recipe {
                encoder,
                frames: 100,
                width: 320,
                height: 240,
                b_frames: 0,
                gop: 50,
                ..Recipe::default()
            },
        );
        let clean = read_all(&path);
        let bytes = fs::read(&path).unwrap();
        // The middle of the 31st packet.
        let packet = clean.packets[30].data();
        let at = bytes.windows(packet.len()).position(|w| w == packet).unwrap();
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start((at + packet.len() / 3) as u64)).unwrap();
        file.write_all(&vec![0xa5; packet.len() / 3]).unwrap();
        drop(file);

        let read = read_all(&path);
        assert!(read.end.is_ok(), "{name}: {:?}", read.end);
        assert!(read.frames.len() >= 99, "{name}: {}", read.frames.len());
        let told = read.source.warnings();
        let known = told.iter().any(|w| {
            matches!(
                w,
                MediaWarning::CorruptFrames { .. }
                    | MediaWarning::UndecodablePackets { .. }
                    | MediaWarning::PacketsWithoutFrame { .. }
            )
        });
        assert_eq!(known, noticed, "{name}: {told:?}");
        // The second group of pictures begins anew.
        let last = |read: &common::Read| pixels(&read.frames.last().unwrap().frame);
        assert_eq!(last(&read), last(&clean), "{name}");
        assert!(!read.frames.last().unwrap().corrupt, "{name}");
    }
}

#[test]
fn a_read_that_takes_too_long_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    record(&path, &Recipe::default());
    let options = OpenOptions { read_deadline: Duration::ZERO, ..OpenOptions::default() };
    let error = FileSource::open(&path, &options).err().unwrap();
    assert!(matches!(error, MediaError::ReadTimeout { .. }), "{error}");
}

#[test]
fn the_container_says_when_it_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dated.mp4");
    record(
        &path,
        &Recipe {
            metadata: vec![("creation_time", "2026-11-24T00:30:00.000000Z")],
            ..Recipe::default()
        },
    );
    let info = probe(&path).unwrap();
    assert_eq!(info.origin.clock, ClockSource::ContainerMetadata);
    assert_eq!(info.origin.start.to_string(), "2026-11-24T00:30:00.000000Z");
    assert_eq!(info.frames_hint, Some(50));
    assert_eq!(info.duration.unwrap().0, 2_000_000);
}

/// Random bytes in random places: an error or fewer frames, never a crash or a hang.
#[test]
fn no_damage_crashes_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let mut seed = 1u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for (name, encoder) in [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx265"),
        ("a.avi", "mpeg4"),
        ("a.ts", "libx264"),
        ("b.mp4", "mpeg4"),
    ] {
        let whole = folder.path().join(name);
        record(&whole, &Recipe { encoder, frames: 20, ..Recipe::default() });
        let clean = fs::read(&whole).unwrap();
        let path = folder.path().join(format!("damaged-{name}"));
        for _ in 0..40 {
            let mut bytes = clean.clone();
            for _ in 0..1 + random(20) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            fs::write(&path, &bytes).unwrap();
            let Ok(mut source) = FileSource::open(&path, &OpenOptions::default()) else {
                continue;
            };
            let mut last = None;
            while let Ok(Some(decoded)) = source.next() {
                let time = decoded.frame.stamp().time;
                assert!(last.is_none_or(|last| last < time), "{name}");
                last = Some(time);
                let _ = decoded.frame.rgb(decoded.frame.whole()).unwrap();
            }
            source.warnings();
        }
    }
}
