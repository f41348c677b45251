//! `tracks.jsonl`: what is written comes back bit for bit, and what is broken is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{at, frame, reads, seen};
use giaolo_domain::{
    CameraId, ClockSource, PixelBox, RoadUserClass, SignalState, TimeOrigin, TrackId,
    TrackObservation, UtcTime,
};
use giaolo_interchange::{
    FrameTracks, InterchangeError, ReadOptions, TracksHeader, TracksReader, TracksWriter,
};
use proptest::prelude::*;

fn header() -> TracksHeader {
    TracksHeader {
        camera: CameraId::from("TU15-C1"),
        size: (640, 480),
        fps: 29.97,
        frames: None,
        origin: TimeOrigin {
            start: UtcTime::parse("2026-11-24T07:30:00+07:00").unwrap(),
            clock: ClockSource::Operator,
            uncertainty_s: Some(0.5),
        },
    }
}

fn written(frames: &[FrameTracks]) -> Vec<u8> {
    let mut writer = TracksWriter::new(Vec::new(), &header()).unwrap();
    for frame in frames {
        writer.write(frame).unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<FrameTracks>, InterchangeError> {
    TracksReader::new(bytes, "t.jsonl", &ReadOptions::default())?.collect()
}

#[test]
fn a_file_looks_as_its_documentation_says() {
    let mut first = frame(at(25, 1_000_000), vec![]);
    first.signals = vec![reads("near", SignalState::Red, 0.974)];
    let mut second = frame(at(26, 1_040_000), vec![]);
    second.signals = vec![reads("near", SignalState::Red, 0.9701)];
    let third = {
        let at = at(27, 1_080_000);
        let mut car = seen(at, 3, [1.5, 2.0, 10.25, 20.0]);
        car.predicted = true;
        car.score = 0.0;
        frame(at, vec![car])
    };
    let text = String::from_utf8(written(&[first, second, third])).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"format":"giaolo-tracks","version":1,"camera":"TU15-C1","size":[640,480],"fps":29.97,"start":"2026-11-24T00:30:00.000000Z","clock":"operator","uncertainty_s":0.5}"#,
            "\n",
            r#"{"signal":"near","frame":25,"t_us":1000000,"state":"red","confidence":0.97}"#,
            "\n",
            r#"{"frame":26,"t_us":1040000}"#,
            "\n",
            r#"{"signal":"near","frame":27,"t_us":1080000,"state":null}"#,
            "\n",
            r#"{"frame":27,"t_us":1080000,"track":3,"box":[1.5,2.0,10.25,20.0],"class":"car","score":0.0,"predicted":true}"#,
            "\n",
        )
    );
}

#[test]
fn readings_stand_until_replaced_and_heads_come_and_go() {
    let mut frames: Vec<FrameTracks> = (0..5).map(|n| frame(at(n, n as i64), vec![])).collect();
    frames[1].signals =
        vec![reads("a", SignalState::Red, 0.9), reads("b", SignalState::Unlit, 0.5)];
    frames[2].signals = frames[1].signals.clone();
    frames[3].signals =
        vec![reads("a", SignalState::Green, 0.9), reads("b", SignalState::Unlit, 0.51)];
    frames[4].signals = vec![reads("b", SignalState::Unlit, 0.51)];
    assert_eq!(read(&written(&frames)).unwrap(), frames);
}

#[test]
fn the_header_comes_back() {
    let bytes = written(&[]);
    let reader = TracksReader::new(&bytes[..], "t.jsonl", &ReadOptions::default()).unwrap();
    assert_eq!(*reader.header(), header());
    assert_eq!(reader.info().size, Some((640, 480)));
    assert_eq!(reader.count(), 0);
}

fn any_box() -> impl Strategy<Value = PixelBox> {
    let edge = -1e6f32..1e6;
    (edge.clone(), edge.clone(), edge.clone(), edge)
        .prop_map(|(a, b, c, d)| PixelBox::new(a.min(b), c.min(d), a.max(b), c.max(d)))
        .prop_filter("a box has an area", PixelBox::is_proper)
}

fn any_frames() -> impl Strategy<Value = Vec<FrameTracks>> {
    let track = (any_box(), 0usize..6, 0.0f32..=1.0, any::<bool>());
    let step =
        (1u64..1000, 0i64..1_000_000, proptest::collection::btree_map(any::<u64>(), track, 0..6));
    proptest::collection::vec(step, 0..12).prop_map(|steps| {
        let (mut number, mut time) = (0, 0);
        let mut frames = Vec::new();
        for (step, duration, tracks) in steps {
            number += step;
            time += duration;
            let at = at(number, time);
            let observe = |(track, (bbox, class, score, predicted))| TrackObservation {
                frame: at.frame,
                time: at.time,
                track: TrackId(track),
                bbox,
                class: RoadUserClass::ALL[class],
                score,
                unlike: (score * 255.0 * 10.0).round() / 10.0,
                predicted,
            };
            frames.push(frame(at, tracks.into_iter().map(observe).collect()));
        }
        frames
    })
}

proptest! {
    #[test]
    fn every_frame_comes_back_bit_for_bit(frames in any_frames()) {
        let back = read(&written(&frames)).unwrap();
        prop_assert_eq!(&back, &frames);
        for (a, b) in back.iter().flat_map(|f| &f.tracks).zip(frames.iter().flat_map(|f| &f.tracks)) {
            prop_assert_eq!(a.bbox.x1.to_bits(), b.bbox.x1.to_bits());
            prop_assert_eq!(a.score.to_bits(), b.score.to_bits());
        }
    }

    #[test]
    fn a_damaged_file_never_panics_and_never_gives_disorder(
        frames in any_frames(),
        cut in 0.0f64..1.0,
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = written(&frames);
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        for (index, byte) in noise {
            if !bytes.is_empty() {
                let position = index.index(bytes.len());
                bytes[position] = byte;
            }
        }
        let Ok(reader) = TracksReader::new(&bytes[..], "t.jsonl", &ReadOptions::default()) else {
            return Ok(());
        };
        let good: Vec<FrameTracks> = reader.map_while(Result::ok).collect();
        for pair in good.windows(2) {
            prop_assert!(pair[0].at.frame < pair[1].at.frame && pair[0].at.time <= pair[1].at.time);
        }
    }
}

const HEADER: &str = r#"{"format":"giaolo-tracks","version":1,"camera":"c","size":[64,48],"fps":25.0,"start":"2026-11-24T00:30:00Z","clock":"unknown"}"#;
const CAR: &str =
    r#"{"frame":2,"t_us":80,"track":1,"box":[1.0,2.0,3.0,4.0],"class":"car","score":0.5}"#;

#[test]
fn broken_headers_are_named() {
    for (from, to, says) in [
        (HEADER, "", "line 1: is missing"),
        (HEADER, "{\"format\":\"gia", "line 1: is cut short"),
        (HEADER, "[1]", "line 1: "),
        (HEADER, "{}", "has no `format`"),
        ("giaolo-tracks", "other", "`format` is other; it must be giaolo-tracks"),
        (r#""version":1"#, r#""version":2"#, "`version` is 2; this program reads version 1"),
        (r#""version":1,"#, "", "`version` is absent"),
        (r#""camera":"c","#, "", "missing field `camera`"),
        ("[64,48]", "[64,0]", "`size` is [64, 0]; it must be [width, height]"),
        ("[64,48]", "[64]", "line 1: "),
        ("25.0", "0.0", "`fps` is 0; it must be above 0"),
        ("25.0", "NaN", "line 1: "),
        ("2026-11-24T00:30:00Z", "today", "`today` is not a time"),
        ("\"unknown\"", "\"sundial\"", "unknown variant `sundial`"),
        ("\"clock\"", "\"clok\"", "unknown field `clok`"),
    ] {
        let text = HEADER.replace(from, to);
        let error = read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("t.jsonl: ") && error.contains(says), "{text}\n{error}");
    }
}

#[test]
fn broken_lines_are_named() {
    let signal = r#"{"signal":"n","frame":2,"t_us":80,"state":"red","confidence":0.5}"#;
    for (lines, says) in [
        (CAR[..40].to_owned(), "line 2: is cut short"),
        ("null".to_owned(), "line 2: "),
        (CAR.replace("\"t_us\":80,", ""), "missing field `t_us`"),
        (
            CAR.replace("1.0,2.0,3.0,4.0", "1.0,2.0,1.0,4.0"),
            "`box` is [1.0, 2.0, 1.0, 4.0]; it must be [x1, y1, x2, y2]",
        ),
        (CAR.replace("1.0,2.0,3.0,4.0", "3.0,2.0,1.0,4.0"), "`box` is [3.0, 2.0, 1.0, 4.0]"),
        (CAR.replace("4.0]", "1e300]"), "line 2: number out of range"),
        (CAR.replace("4.0]", "NaN]"), "line 2: "),
        (CAR.replace("4.0]", "2e6]"), "within a million pixels"),
        (CAR.replace("0.5", "1.5"), "`score` is 1.5; it must be 0 to 1"),
        (CAR.replace("car", "tank"), "unknown variant `tank`"),
        (CAR.replace("\"box\":[1.0,2.0,3.0,4.0],", ""), "has no `box`"),
        (CAR.replace("\"track\":1,", ""), "has no `track`"),
        (CAR.replace("\"frame\":2", "\"frame\":-2"), "line 2: "),
        (
            CAR.replace("\"frame\":2", "\"frame\":1000000000"),
            "`frame` is 1000000000; frames above 100000000 are not believed",
        ),
        (CAR.replace("80", "-80"), "`t_us` is -80; it must be microseconds"),
        (CAR.replace("\"score\"", "\"scroe\""), "unknown field `scroe`"),
        (format!("{CAR}\n{CAR}"), "line 3: `track` is 1; that track was already given in frame 2"),
        (
            format!("{CAR}\n{}", CAR.replace("\"frame\":2", "\"frame\":1")),
            "line 3: `frame` is 1; frames ascend and 2 came before",
        ),
        (
            format!("{CAR}\n{}", CAR.replace("80", "81")),
            "line 3: `t_us` is 81; other lines of frame 2 say 80",
        ),
        (
            format!("{CAR}\n{}", CAR.replace("\"frame\":2,\"t_us\":80", "\"frame\":3,\"t_us\":79")),
            "line 3: `t_us` is 79; time never goes back",
        ),
        (format!("{signal}\n{signal}"), "line 3: `signal` is n; that head was already given"),
        (signal.replace("\"state\":\"red\",", ""), "has no `state`"),
        (signal.replace("\"red\"", "null"), "a head that was not read before cannot stop"),
        (signal.replace("0.5", "-0.5"), "`confidence` is -0.5"),
        (
            signal.replace("\"signal\":\"n\"", "\"signal\":\"n\",\"track\":1"),
            "both `signal` and `track`",
        ),
        (signal.replace("\"signal\":\"n\",", ""), "mixes keys"),
        ("x".repeat(70_000), "line 2: is longer than 65536 bytes"),
    ] {
        let error = read(format!("{HEADER}\n{lines}\n").as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("t.jsonl: ") && error.contains(says), "{lines}\n{error}");
    }
}

#[test]
fn blank_lines_and_a_missing_last_newline_do_no_harm() {
    let text = format!("{HEADER}\r\n\n{CAR}\n\n");
    assert_eq!(read(text.as_bytes()).unwrap().len(), 1);
    assert_eq!(read(format!("{HEADER}\n{CAR}").as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_file_with_fewer_frames_than_its_header_says_is_cut_short() {
    let header = HEADER.replace("\"fps\"", "\"frames\":2,\"fps\"");
    let whole = format!("{header}\n{CAR}\n{{\"frame\":3,\"t_us\":90}}\n");
    assert_eq!(read(whole.as_bytes()).unwrap().len(), 2);
    let error = read(format!("{header}\n{CAR}\n").as_bytes()).unwrap_err().to_string();
    assert!(error.contains("is the last of 1 frames, the header says 2"), "{error}");
}

#[test]
fn limits_hold() {
    let text = format!("{HEADER}\n{CAR}\n{}\n", CAR.replace("\"track\":1", "\"track\":2"));
    let read = |options: &ReadOptions| -> String {
        let reader = TracksReader::new(text.as_bytes(), "t.jsonl", options).unwrap();
        let frames: Result<Vec<_>, _> = reader.collect();
        frames.unwrap_err().to_string()
    };
    let error = read(&ReadOptions { max_bytes: 200, ..Default::default() });
    assert!(error.contains("more than 200 bytes"), "{error}");
    let error = read(&ReadOptions { max_tracks_per_frame: 1, ..Default::default() });
    assert!(error.contains("line 3: is observation 2 of frame 2"), "{error}");
}

#[test]
fn the_writer_refuses_what_the_reader_would() {
    let good = at(5, 100);
    let with = |change: fn(&mut FrameTracks)| {
        let mut frame = frame(good, vec![seen(good, 1, [1.0, 1.0, 2.0, 2.0])]);
        change(&mut frame);
        frame
    };
    for (frame, says) in [
        (with(|f| f.tracks[0].bbox.x2 = f32::NAN), "track 1 in frame 5 has the box"),
        (with(|f| f.tracks[0].score = f32::INFINITY), "has the score inf"),
        (with(|f| f.tracks[0].frame = 6), "is an observation of frame 6"),
        (with(|f| f.tracks.push(f.tracks[0])), "is there twice"),
        (with(|f| f.at = at(4, 90)), "frames must ascend"),
        (with(|f| f.at.time.0 = -1), "has the time -1"),
        (
            with(|f| f.signals = vec![reads("n", SignalState::Red, f32::NAN)]),
            "head n in frame 5 has the confidence NaN",
        ),
        (
            with(|f| f.signals = vec![reads("n", SignalState::Red, 1.0); 2]),
            "head n in frame 5 is there twice",
        ),
    ] {
        let mut writer = TracksWriter::new(Vec::new(), &header()).unwrap();
        writer.write(&common::frame(at(4, 90), vec![])).unwrap();
        let error = writer.write(&frame).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        let lines = writer.finish().unwrap();
        assert_eq!(lines.iter().filter(|b| **b == b'\n').count(), 2, "nothing of it is written");
    }
    let mut short = header();
    short.frames = Some(3);
    let writer = TracksWriter::new(Vec::new(), &short).unwrap();
    let error = writer.finish().unwrap_err().to_string();
    assert!(error.contains("says 3 frames, 0 were given"), "{error}");
}

/// Run optimised: `cargo test --release -p giaolo-interchange --test tracks_jsonl -- --ignored --nocapture`.
#[test]
#[ignore = "measures; its figure means something only in an optimised build"]
fn parsing_is_fast_enough_for_a_thousand_times_real_time() {
    let frames: Vec<FrameTracks> = (0..20_000u64)
        .map(|n| {
            let at = at(n, n as i64 * 40_000);
            let offset = n as f32 * 0.37;
            let tracks = (0..30)
                .map(|t| {
                    seen(at, t, [offset, 17.31 * t as f32, offset + 61.7, 17.31 * t as f32 + 99.9])
                })
                .collect();
            frame(at, tracks)
        })
        .collect();
    let bytes = written(&frames);
    let begun = std::time::Instant::now();
    let back = read(&bytes).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let rate = back.iter().map(|f| f.tracks.len()).sum::<usize>() as f64 / seconds;
    println!("{rate:.0} observations a second, {:.0} MB/s", bytes.len() as f64 / 1e6 / seconds);
    assert!(rate > 300_000.0, "{rate:.0} observations a second");
}
