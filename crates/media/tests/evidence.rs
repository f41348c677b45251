//! Clips and frames out of the ring are what the first decoding gave: the same pixels, the same
//! stamps, nothing lost to a slow consumer.

mod common;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use common::{Read, Recipe, millis, pixels, print_of, read_all, record};
use ffmpeg::format::Pixel;
use giaolo_domain::MediaTime;
use giaolo_media::{
    FileSource, Frame, MediaError, MediaWarning, OpenOptions, Packet, PacketRing, PacketSpan,
    RingLimits, Scaler, StreamCodec, VideoWriter, decode_span, probe, write_clip,
};

const EVERYTHING: RingLimits = RingLimits { seconds: 3600.0, bytes: usize::MAX };

fn ring_of(packets: &[Packet], limits: RingLimits) -> PacketRing {
    let mut ring = PacketRing::new(limits);
    for packet in packets {
        ring.push(packet.clone());
    }
    ring
}

/// The codecs and containers of the field, with B-frames where the codec has them.
fn recordings(folder: &Path) -> Vec<(String, Read)> {
    let cases = [
        ("libx264", 3, "mp4"),
        // With open groups of pictures: some frames before a keyframe need the group before.
        ("libx264", 2, "ts"),
        ("libx264", 2, "avi"),
        ("libx265", 2, "mkv"),
        ("mpeg4", 2, "avi"),
        ("mjpeg", 0, "avi"),
    ];
    let mut recordings = Vec::new();
    for (encoder, b_frames, container) in cases {
        let name = format!("{encoder}.{container}");
        let path = folder.join(&name);
        record(
            &path,
            &Recipe {
                encoder,
                b_frames,
                format: match encoder {
                    "mjpeg" => Pixel::YUVJ420P,
                    _ => Pixel::YUV420P,
                },
                frames: 75,
                encoder_options: match (encoder, container) {
                    ("libx264", "ts") => vec![("x264-params", "open-gop=1:scenecut=0")],
                    _ => Vec::new(),
                },
                ..Recipe::default()
            },
        );
        recordings.push((name, read_all(&path)));
    }
    recordings
}

#[test]
fn a_clip_shows_the_very_frames_of_its_span() {
    let folder = tempfile::tempdir().unwrap();
    for (name, read) in recordings(folder.path()) {
        let ring = ring_of(&read.packets, EVERYTHING);
        for (from, to) in [(0, 400), (1000, 1500), (1490, 1900), (2000, 9000)] {
            let span = ring.span(millis(from), millis(to)).unwrap();
            let path = folder.path().join(format!("{name}-{from}.mp4"));
            let info = write_clip(&read.source.codec(), &span, &path).unwrap();

            let original: Vec<(MediaTime, u64)> = read
                .frames
                .iter()
                .map(|decoded| (decoded.frame.stamp().time, pixels(&decoded.frame)))
                .filter(|(time, _)| (info.start..=info.end).contains(time))
                .collect();
            let clip = read_all(&path);
            let what = format!("{name} {from}..{to}");
            assert!(clip.end.is_ok(), "{what}: {:?}", clip.end);
            // Pictures before the first keyframe of an open group stay in the file and are cut off.
            let warnings = clip.source.warnings();
            let cut_off = |w: &_| matches!(w, MediaWarning::PacketsWithoutFrame { .. });
            assert!(warnings.iter().all(cut_off), "{what}: {warnings:?}");
            assert_eq!(clip.frames.len(), original.len(), "{what}");
            assert_eq!(info.frames as usize, original.len(), "{what}");
            for (shown, (time, hash)) in clip.frames.iter().zip(&original) {
                assert_eq!(pixels(&shown.frame), *hash, "{what} at {time:?}");
                let off = shown.frame.stamp().time.0 - (time.0 - info.start.0);
                assert!(off.abs() <= 20, "{what}: {off} µs off");
            }
            assert!(info.start <= millis(from), "{what}");
            assert_eq!(info.lead_in.0, from * 1000 - info.start.0, "{what}");
            assert!(info.end > millis(to.min(74 * 40) - 40), "{what}: {info:?}");
        }
    }
}

#[test]
fn frames_decoded_again_are_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    for (name, read) in recordings(folder.path()) {
        let ring = ring_of(&read.packets, EVERYTHING);
        for wanted in [vec![33], vec![50, 31, 44, 44, 45], vec![0, 74], (20..60).collect()] {
            let times: Vec<MediaTime> = wanted
                .iter()
                .map(|&number: &usize| read.frames[number].frame.stamp().time)
                .collect();
            let from = *times.iter().min().unwrap();
            let to = *times.iter().max().unwrap();
            let span = ring.span(from, to).unwrap();
            let mut again = Vec::new();
            decode_span(&read.source.codec(), &span, &times, &mut |frame| {
                again.push(print_of(&frame));
            })
            .unwrap();
            let mut numbers = wanted.clone();
            numbers.sort_unstable();
            numbers.dedup();
            let first: Vec<_> =
                numbers.iter().map(|&number| print_of(&read.frames[number].frame)).collect();
            assert_eq!(again, first, "{name} {wanted:?}");
        }
    }
}

#[test]
fn a_frame_that_is_not_in_the_span_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    record(&path, &Recipe::default());
    let read = read_all(&path);
    let ring = ring_of(&read.packets, EVERYTHING);
    let span = ring.span(millis(1000), millis(1200)).unwrap();
    let wanted = [millis(1040), millis(1041)];
    let mut found = 0;
    let error = decode_span(&read.source.codec(), &span, &wanted, &mut |_| found += 1).unwrap_err();
    assert_eq!(found, 1);
    assert!(error.to_string().contains("1.041000 s"), "{error}");
}

#[test]
fn a_rotated_recording_gives_a_clip_that_is_turned_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("turned.mp4");
    let matrix = Some([0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30]);
    record(&path, &Recipe { matrix, ..Recipe::default() });
    let read = read_all(&path);
    let span = ring_of(&read.packets, EVERYTHING).span(millis(0), millis(500)).unwrap();
    let clip = folder.path().join("clip.mp4");
    write_clip(&read.source.codec(), &span, &clip).unwrap();
    let info = probe(&clip).unwrap();
    assert_eq!((info.rotation_degrees, info.width, info.height), (90, 64, 96));

    let mut again = None;
    let wanted = [read.frames[5].frame.stamp().time];
    decode_span(&read.source.codec(), &span, &wanted, &mut |frame| again = Some(print_of(&frame)))
        .unwrap();
    assert_eq!(again, Some(print_of(&read.frames[5].frame)));
}

#[test]
fn the_ring_lets_go_of_whole_groups_and_says_when_it_has_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.mp4");
    record(&path, &Recipe { frames: 250, gop: 10, ..Recipe::default() });
    let packets = read_all(&path).packets;

    // Ten seconds of video, a ring of two.
    let ring = ring_of(&packets, RingLimits { seconds: 2.0, bytes: usize::MAX });
    let held = |from, to| ring.span(millis(from), millis(to));
    assert!(held(1000, 1500).is_none(), "let go long ago");
    for from in [7960, 8200, 9900] {
        let span = held(from, 9960).unwrap();
        assert!(span.packets()[0].is_key() && span.start() <= millis(from), "{from}");
        assert!(span.end() >= millis(9960));
    }
    assert!(ring.dropped() >= 180, "{}", ring.dropped());

    // Bytes are a hard limit, also where it leaves less time.
    let limit = 4 * packets.iter().map(Packet::size).max().unwrap();
    let ring = ring_of(&packets, RingLimits { seconds: 3600.0, bytes: limit });
    assert!(ring.bytes() <= limit);
    assert!(ring.span(millis(9960), millis(9960)).is_some());

    // One group larger than the limit leaves nothing, and that is said.
    let ring = ring_of(&packets, RingLimits { seconds: 2.0, bytes: 10 });
    assert!(ring.span(millis(9960), millis(9960)).is_none());
    assert_eq!(ring.bytes(), 0);
}

#[test]
fn a_span_ends_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.mp4");
    record(&path, &Recipe { b_frames: 3, ..Recipe::default() });
    let packets = read_all(&path).packets;
    let ring = ring_of(&packets, EVERYTHING);
    for to in (0..1960).step_by(40) {
        let span: PacketSpan = ring.span(millis(0), millis(to)).unwrap();
        let mut times: Vec<i64> = span.packets().iter().map(|p| p.pts().0 / 40_000).collect();
        times.sort_unstable();
        let unbroken: Vec<i64> = (0..times.len() as i64).collect();
        assert_eq!(times, unbroken, "to {to} ms");
        assert!(times.len() as i64 > to / 40, "to {to} ms");
    }
}

#[test]
fn a_clip_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    record(&path, &Recipe::default());
    let read = read_all(&path);
    let span = ring_of(&read.packets, EVERYTHING).span(millis(0), millis(500)).unwrap();
    let target = folder.path().join("no-such-folder/clip.mp4");
    let error = write_clip(&read.source.codec(), &span, &target).unwrap_err();
    assert!(error.to_string().contains("no-such-folder"), "{error}");
    assert!(matches!(error, MediaError::Write { .. }));

    // mp4 cannot hold this codec: the header fails after the file was created.
    let raw = folder.path().join("raw.avi");
    record(&raw, &Recipe { encoder: "ffvhuff", b_frames: 0, ..Recipe::default() });
    let read = read_all(&raw);
    let span = ring_of(&read.packets, EVERYTHING).span(millis(0), millis(500)).unwrap();
    let target = folder.path().join("clip.mp4");
    assert!(write_clip(&read.source.codec(), &span, &target).is_err());
    assert!(!target.exists());
}

#[test]
fn a_slow_consumer_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    record(&path, &Recipe { frames: 120, ..Recipe::default() });
    let expected: Vec<_> = read_all(&path).frames.iter().map(|d| print_of(&d.frame)).collect();

    let (sender, receiver) = sync_channel(2);
    let worker = std::thread::spawn(move || {
        let mut source = FileSource::open(&path, &OpenOptions::default()).unwrap();
        while let Some(decoded) = source.next().unwrap() {
            sender.send(decoded).unwrap();
        }
    });
    let mut given = Vec::new();
    for decoded in receiver {
        std::thread::sleep(Duration::from_millis(2));
        given.push(print_of(&decoded.frame));
    }
    worker.join().unwrap();
    assert_eq!(given, expected);
}

/// Frames, packets and their makers cross threads in the pipeline.
#[test]
fn what_the_pipeline_moves_between_threads_may_move() {
    fn moves<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    moves::<FileSource>();
    moves::<Scaler>();
    moves::<VideoWriter>();
    is_shared::<Frame>();
    is_shared::<Packet>();
    is_shared::<StreamCodec>();
    is_shared::<PacketSpan>();
}
