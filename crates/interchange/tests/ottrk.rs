//! `.ottrk`: real files of OTVision and OTAnalytics, the forms that versions have, broken files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{at, bzip2, dataset, files_below, frame, seen};
use giaolo_domain::{CameraId, PixelBox, RoadUserClass, TimeOrigin, TrackId, UtcTime};
use giaolo_interchange::{
    BoxOrigin, FrameTracks, OttrkSource, OttrkTracks, OttrkWriter, ReadOptions, class_of_name,
    read_ottrk,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(document: &Value) -> Result<OttrkTracks, String> {
    read_bytes(document.to_string().as_bytes(), &ReadOptions::default())
}

fn read_bytes(bytes: &[u8], options: &ReadOptions) -> Result<OttrkTracks, String> {
    read_ottrk(bytes, "t.ottrk", options).map_err(|e| e.to_string())
}

fn record(frame: u64, track: u64) -> Value {
    json!({
        "class": "car", "confidence": 0.5, "x": 10.0, "y": 20.0, "w": 30.0, "h": 40.0,
        "frame": frame, "occurrence": 1_577_836_800.0 + frame as f64 * 0.05,
        "input_file_path": "a.otdet", "interpolated-detection": false,
        "first": false, "finished": false, "track-id": track,
    })
}

fn document(records: &[Value]) -> Value {
    json!({
        "metadata": {
            "otdet_version": "1.2",
            "video": {
                "filename": "Cam1_FR20_2020-01-01_00-00-00", "filetype": ".mp4",
                "width": 800, "height": 600, "recorded_fps": 20.0, "number_of_frames": 60,
                "recorded_start_date": 1_577_836_800.05,
            },
            "detection": { "normalized_bbox": false },
        },
        "data": { "detections": records },
    })
}

fn source() -> OttrkSource {
    OttrkSource {
        video: "Cam1_FR20_2020-01-01_00-00-00.mp4".to_owned(),
        size: (800, 600),
        fps: 20.0,
        frames: 200,
        origin: TimeOrigin {
            start: UtcTime::parse("2020-02-20T13:11:00.123457Z").unwrap(),
            ..TimeOrigin::UNKNOWN
        },
        model: "nanodet-g".to_owned(),
        program_version: "0.1.0".to_owned(),
        run_id: "run".to_owned(),
    }
}

fn written(source: OttrkSource, frames: &[FrameTracks]) -> Vec<u8> {
    let mut writer = OttrkWriter::new(source).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    let mut bytes = Vec::new();
    assert_eq!(writer.finish(&mut bytes).unwrap(), []);
    bytes
}

#[test]
fn all_real_files_are_read_and_come_back_from_our_own() {
    let Some(folder) = dataset("otc") else { return };
    let mut told = 0;
    let files = files_below(&folder, ".ottrk");
    assert!(files.len() >= 29, "{}", files.len());
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let tracks = read_bytes(&bytes, &ReadOptions::default()).unwrap_or_else(|error| {
            // One file has neither a version nor a box near enough to an edge to tell.
            assert!(error.contains("`otdet_version` is `ignored`"), "{error}");
            told += 1;
            let options = ReadOptions { box_origin: Some(BoxOrigin::Centre), ..Default::default() };
            read_bytes(&bytes, &options).unwrap()
        });
        let info = tracks.info().clone();
        assert_eq!(info.size, Some((800, 600)), "{}", path.display());
        assert_eq!(info.fps, 20.0);
        let frames: Vec<FrameTracks> = tracks.collect();
        for frame in &frames {
            let expected_us = frame.at.frame as i64 * 50_000;
            assert!((frame.at.time.0 - expected_us).abs() <= 1, "{:?}", frame.at);
            for seen in &frame.tracks {
                let PixelBox { x1, y1, x2, y2 } = seen.bbox;
                let inside = x1 >= -1.0 && y1 >= -1.0 && x2 <= 801.0 && y2 <= 601.0;
                assert!(inside, "{}: {seen:?}", path.display());
            }
        }
        let ours = OttrkSource { origin: info.origin, ..source() };
        let back: Vec<FrameTracks> =
            read_bytes(&written(ours, &frames), &ReadOptions::default()).unwrap().collect();
        assert_eq!(back, frames, "{}", path.display());
    }
    assert_eq!(told, 1);
}

#[test]
fn real_frames_boxes_and_classes_are_those_of_otanalytics() {
    let Some(folder) = dataset("otc/groundtruther") else {
        return;
    };
    let path = &files_below(&folder, ".ottrk")[0];
    let tracks = read_bytes(&std::fs::read(path).unwrap(), &ReadOptions::default()).unwrap();
    assert_eq!(tracks.info().camera, CameraId::from("Testvideo"));
    assert_eq!(tracks.info().frames, Some(200));
    assert_eq!(tracks.info().skipped.total(), 0);
    let frames: BTreeMap<u64, FrameTracks> = tracks.map(|f| (f.at.frame, f)).collect();
    let text = std::fs::read_to_string(folder.join("expected-events-131100.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let events = expected["events"].as_array().unwrap();
    assert_eq!(events.len(), 7);
    for event in events {
        let number = event["frame"].as_u64().unwrap() - 1;
        let track = TrackId(event["road_user"].as_str().unwrap().parse().unwrap());
        let tracks = &frames[&number].tracks;
        let seen = tracks.iter().find(|seen| seen.track == track).unwrap();
        // The sections' offset is the middle of the box.
        let middle = seen.bbox.centre();
        assert!((f64::from(middle.x) - event["at"][0].as_f64().unwrap()).abs() < 0.01);
        assert!((f64::from(middle.y) - event["at"][1].as_f64().unwrap()).abs() < 0.01);
        let class = class_of_name(event["class"].as_str().unwrap());
        assert_eq!(Some(seen.class), class, "{event}");
    }
}

#[test]
fn real_files_with_a_track_in_two_places_lose_those_observations_and_say_so() {
    let Some(folder) = dataset("otc/otvision/tests/data/track/default") else {
        return;
    };
    let path = folder.join("Testvideo_Cars-Truck_FR20_2020-01-01_00-00-00.ottrk");
    let tracks = read_bytes(&std::fs::read(path).unwrap(), &ReadOptions::default()).unwrap();
    let info = tracks.info();
    assert_eq!(info.skipped.in_two_places, 114);
    assert!(info.notes.iter().any(|note| note.en.contains("114 observations left out")));
}

#[test]
fn a_record_becomes_an_observation() {
    let tracks = read(&document(&[record(1, 7), record(3, 7)])).unwrap();
    assert_eq!(tracks.info().camera, CameraId::from("Cam1"));
    assert_eq!(tracks.info().origin.start, UtcTime::parse("2020-01-01T00:00:00.05Z").unwrap());
    let expected: Vec<FrameTracks> = [at(0, 0), at(2, 100_000)]
        .map(|at| {
            let mut seen = seen(at, 7, [10.0, 20.0, 40.0, 60.0]);
            seen.score = 0.5;
            frame(at, vec![seen])
        })
        .to_vec();
    assert_eq!(tracks.collect::<Vec<_>>(), expected);
}

#[test]
fn forms_of_other_versions_give_the_same() {
    let plain: Vec<FrameTracks> = read(&document(&[record(1, 7)])).unwrap().collect();
    let mut centres = document(&[record(1, 7)]);
    centres["metadata"]["otdet_version"] = json!("1.0");
    centres["metadata"]["video"]["width"] = json!(800.0);
    centres["metadata"]["video"]["recorded_start_date"] = json!("2020-01-01 00:00:00.050000");
    let entry = &mut centres["data"]["detections"][0];
    entry["x"] = json!(25.0);
    entry["y"] = json!(40.0);
    entry["occurrence"] = json!("2020-01-01 00:00:00.050000");
    let mut shares = document(&[record(1, 7)]);
    shares["metadata"]["detection"]["normalized_bbox"] = json!(true);
    let entry = &mut shares["data"]["detections"][0];
    for (key, value, of) in
        [("x", 10.0, 800.0), ("y", 20.0, 600.0), ("w", 30.0, 800.0), ("h", 40.0, 600.0)]
    {
        entry[key] = json!(value / of);
    }
    for other in [centres, shares] {
        let frames: Vec<FrameTracks> = read(&other).unwrap().collect();
        assert_eq!(frames[0].at, plain[0].at);
        let (a, b) = (frames[0].tracks[0].bbox, plain[0].tracks[0].bbox);
        assert!(a.iou(&b) > 0.9999, "{a:?} {b:?}");
    }
}

#[test]
fn a_version_that_is_none_is_judged_by_the_boxes_or_refused() {
    let with_x = |x: f64| {
        let mut document = document(&[record(1, 7)]);
        document["metadata"]["otdet_version"] = json!("ignored");
        document["data"]["detections"][0]["x"] = json!(x);
        read(&document)
    };
    // 30 wide: as corners 770 ends at 800, as centres it would end at 785; and so on.
    for (x, left) in [(2.0, Some(2.0)), (785.0, Some(770.0)), (400.0, None), (900.0, None)] {
        match with_x(x) {
            Ok(tracks) => {
                assert!(
                    tracks.info().notes[0].en.contains("only then all boxes lie in the picture")
                );
                let frames: Vec<FrameTracks> = tracks.collect();
                assert_eq!(Some(frames[0].tracks[0].bbox.x1), left, "{x}");
            }
            Err(error) => {
                assert_eq!(left, None, "{x}: {error}");
                assert!(
                    error.contains("`otdet_version` is `ignored`; it must be like 1.2"),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn a_track_has_one_class_and_what_is_no_road_user_is_counted() {
    let with = |frame, track, class: &str, confidence: f64| {
        let mut record = record(frame, track);
        record["class"] = json!(class);
        record["confidence"] = json!(confidence);
        record
    };
    let tracks = read(&document(&[
        with(1, 1, "truck", 0.9),
        with(2, 1, "delivery_van", 0.5),
        with(3, 1, "car", 0.5),
        with(1, 2, "train", 0.9),
        with(2, 2, "bus", 0.3),
        with(3, 3, "traffic light", 0.2),
    ]))
    .unwrap();
    let skipped: Vec<(String, u64)> = tracks.info().skipped.by_class.clone().into_iter().collect();
    let expected = [("bus", 1), ("traffic light", 1), ("train", 1)];
    assert_eq!(skipped, expected.map(|(name, count)| (name.to_owned(), count)));
    let classes: Vec<RoadUserClass> = tracks.flat_map(|f| f.tracks).map(|t| t.class).collect();
    assert_eq!(classes, [RoadUserClass::Car; 3]);
}

#[test]
fn several_videos_are_counted_on_in_the_order_of_their_times() {
    let of = |video: &str, frame: u64, seconds: f64| {
        let mut record = record(frame, 1);
        record["input_file_path"] = json!(video);
        record["occurrence"] = json!(1_577_836_800.05 + seconds);
        record
    };
    let tracks = read(&document(&[
        of("second.otdet", 1, 0.15),
        of("first.otdet", 1, 0.0),
        of("first.otdet", 3, 0.1),
        of("second.otdet", 2, 0.2),
    ]))
    .unwrap();
    assert_eq!(tracks.info().frames, None);
    assert!(tracks.info().notes[0].en.contains("joins 2 videos"));
    let ats: Vec<_> = tracks.map(|f| f.at).collect();
    let expected = [(0, 0), (2, 100_000), (3, 150_000), (4, 200_000)];
    assert_eq!(ats, expected.map(|(frame, t_us)| at(frame, t_us)));
}

#[test]
fn a_start_that_contradicts_the_frame_numbers_is_not_believed() {
    let mut document = document(&[record(11, 1)]);
    document["metadata"]["video"]["recorded_start_date"] = json!(1_577_833_200.0);
    let mut tracks = read(&document).unwrap();
    assert_eq!(tracks.next().unwrap().at, at(10, 500_000));
}

#[test]
fn broken_files_are_named() {
    let change = |pointer: &str, value: Value| {
        let mut document = document(&[record(1, 1), record(2, 1)]);
        *document.pointer_mut(pointer).unwrap() = value;
        document.to_string()
    };
    let second = "/data/detections/1";
    let without = |pointer: &str, key: &str| {
        let mut document = document(&[record(1, 1), record(2, 1)]);
        let object = document.pointer_mut(pointer).unwrap();
        object.as_object_mut().unwrap().remove(key);
        document.to_string()
    };
    let field = |key: &str, value: Value| change(&format!("{second}/{key}"), value);
    let plain = document(&[record(1, 1)]).to_string();
    for (text, says) in [
        (String::new(), "EOF"),
        ("[]".to_owned(), "an object with `metadata` and `data`"),
        (plain[..plain.len() - 9].to_owned(), "EOF"),
        (format!("{plain} x"), "trailing characters"),
        (without("", "metadata"), "missing field `metadata`"),
        (without("", "data"), "missing field `data`"),
        (without("/data", "detections"), "missing field `detections`"),
        (without("/metadata", "otdet_version"), "missing field `otdet_version`"),
        (without("/metadata/video", "width"), "missing field `width`"),
        (without(second, "x"), "record 1 of data.detections: missing field `x`"),
        (without(second, "track-id"), "record 1 of data.detections: missing field `track-id`"),
        (
            change("/metadata/video/width", json!(0)),
            "`video.width` is 0; it must be a whole number of pixels",
        ),
        (change("/metadata/video/height", json!(600.5)), "`video.height` is 600.5"),
        (change("/metadata/video/recorded_fps", json!(0)), "`video.recorded_fps` is 0"),
        (change("/metadata/video/recorded_fps", json!(1e-300)), "`video.recorded_fps` is "),
        (change("/metadata/video/number_of_frames", json!(-1)), "`video.number_of_frames` is -1"),
        (
            change("/metadata/video/recorded_start_date", json!("once")),
            "`video.recorded_start_date` is once",
        ),
        (field("w", json!(0)), "record 1 of data.detections: `w` is 0; a box has a size above 0"),
        (field("h", json!(-5)), "`h` is -5"),
        (field("x", json!(1e30)), "`x, y, w, h` is x 1000000000000000000000000000000"),
        (field("confidence", json!(1.5)), "`confidence` is 1.5"),
        (field("frame", json!(0)), "`frame` is 0; frames count from 1"),
        (field("frame", json!(1.5)), "`frame` is 1.5"),
        (
            field("frame", json!(1_000_000_000)),
            "`frame` is 1000000000; frames count from 1 and end before 100000000",
        ),
        (field("occurrence", json!("soon")), "`occurrence` is soon"),
        (
            field("occurrence", json!(1_577_836_700.0)),
            "`occurrence` is 1577836700; record 0 of frame 1",
        ),
        (field("occurrence", json!(1e14)), "`occurrence` is 1"),
        (field("track-id", json!(-1)), "record 1 of data.detections: "),
        (field("class", json!(3)), "record 1 of data.detections: "),
        (plain.replace("30.0", "NaN"), "record 0 of data.detections: "),
        (plain.replace("30.0", "1e999"), "record 0 of data.detections: "),
    ] {
        let error = read_bytes(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        assert!(error.starts_with("t.ottrk: ") && error.contains(says), "{says}\n{error}");
    }
}

#[test]
fn compression_that_is_cut_damaged_or_a_bomb_is_named() {
    let packed = bzip2(document(&[record(1, 1)]).to_string().as_bytes());
    let options = ReadOptions::default();
    assert_eq!(read_bytes(&packed, &options).unwrap().count(), 1);
    for cut in [4, 20, packed.len() / 2, packed.len() - 1] {
        let error = read_bytes(&packed[..cut], &options).unwrap_err();
        assert!(error.contains("the bzip2 data is cut short or damaged"), "{cut}: {error}");
    }
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0x55;
    let error = read_bytes(&damaged, &options).unwrap_err();
    assert!(error.contains("the bzip2 data is cut short or damaged"), "{error}");

    let bomb = bzip2(&vec![b' '; 30_000_000]);
    assert!(bomb.len() < 1000, "{}", bomb.len());
    let small = ReadOptions { max_bytes: 1_000_000, ..options };
    let error = read_bytes(&bomb, &small).unwrap_err();
    assert!(error.contains("has more than 1000000 bytes decompressed"), "{error}");
}

#[test]
fn the_writer_gives_otanalytics_the_keys_it_reads() {
    let frames = [at(0, 0), at(1, 50_000)].map(|at| {
        let mut seen = seen(at, 4, [1.5, 2.25, 11.5, 22.25]);
        seen.predicted = at.frame == 1;
        frame(at, vec![seen])
    });
    let bytes = written(source(), &frames);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut bzip2::read::BzDecoder::new(&bytes[..]), &mut text).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let metadata = &document["metadata"];
    assert_eq!(metadata["otdet_version"], "1.3");
    assert_eq!(metadata["ottrk_version"], "1.1");
    assert_eq!(metadata["video"]["filename"], "Cam1_FR20_2020-01-01_00-00-00");
    assert_eq!(metadata["video"]["filetype"], ".mp4");
    assert_eq!(metadata["video"]["length"], "0:00:10");
    assert_eq!(metadata["video"]["recorded_start_date"], 1_582_204_260.123_457);
    assert_eq!(metadata["detection"]["model"]["classes"]["2"], "motorcyclist");
    assert_eq!(metadata["tracking"]["tracking_run_id"], "run");
    let expected = |first: bool| {
        json!({
            "class": "car", "confidence": 0.75, "x": 1.5, "y": 2.25, "w": 10.0, "h": 20.0,
            "frame": if first { 1 } else { 2 },
            "occurrence": if first { 1_582_204_260.123_457 } else { 1_582_204_260.173_457 },
            "input_file_path": "Cam1_FR20_2020-01-01_00-00-00.mp4",
            "interpolated-detection": !first, "first": first, "finished": !first, "track-id": 4,
        })
    };
    assert_eq!(document["data"]["detections"], json!([expected(true), expected(false)]));
    let Some(folder) = dataset("otc/groundtruther") else {
        return;
    };
    let real = std::fs::read(&files_below(&folder, ".ottrk")[0]).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut bzip2::read::BzDecoder::new(&real[..]), &mut text).unwrap();
    let real: Value = serde_json::from_str(&text).unwrap();
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    for pointer in [
        "",
        "/metadata",
        "/metadata/video",
        "/metadata/detection",
        "/metadata/detection/model",
        "/metadata/tracking",
        "/data",
        "/data/detections/0",
    ] {
        let (ours, theirs) = (document.pointer(pointer).unwrap(), real.pointer(pointer).unwrap());
        assert_eq!(keys(ours), keys(theirs), "{pointer}");
    }
}

#[test]
fn the_writer_refuses_disorder_and_says_which_names_otanalytics_cannot_use() {
    let mut writer = OttrkWriter::new(source()).unwrap();
    writer.push(&frame(at(3, 0), vec![])).unwrap();
    let error = writer.push(&frame(at(3, 0), vec![])).unwrap_err().to_string();
    assert!(error.contains(".ottrk cannot be written: frame 3"), "{error}");
    for (video, good) in
        [("TU15C1_x.mp4", true), ("clip.mp4", false), ("_a.mp4", false), ("a_b", false)]
    {
        let named = OttrkSource { video: video.to_owned(), ..source() };
        let notes = OttrkWriter::new(named).unwrap().finish(Vec::new()).unwrap();
        assert_eq!(notes.is_empty(), good, "{video}");
    }
    for (size, fps) in [((0, 600), 20.0), ((800, 600), f64::NAN), ((800, 600), 0.0)] {
        assert!(OttrkWriter::new(OttrkSource { size, fps, ..source() }).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_an_error_or_frames_in_order(text in "\\PC{0,200}") {
        let _ = read_bytes(text.as_bytes(), &ReadOptions::default());
    }

    #[test]
    fn a_damaged_file_never_panics(
        at in any::<prop::sample::Index>(),
        replacement in prop::sample::select(vec!["", "-", "9", "e9", "\"", "null", "{", "[", ".0"]),
    ) {
        let mut text = document(&[record(1, 1), record(1, 2), record(2, 1)]).to_string();
        let position = at.index(text.len());
        text.replace_range(position..=position, replacement);
        if let Ok(tracks) = read_bytes(text.as_bytes(), &ReadOptions::default()) {
            let frames: Vec<FrameTracks> = tracks.collect();
            for pair in frames.windows(2) {
                prop_assert!(pair[0].at < pair[1].at);
            }
        }
    }

    #[test]
    fn boxes_scores_and_times_come_back_exactly(
        edges in (0.0f32..700.0, 0.0f32..500.0, 0.01f32..100.0, 0.01f32..100.0),
        score in 0.0f32..=1.0,
        t_us in 0i64..50_000_000,
    ) {
        let (x, y, w, h) = edges;
        let at = at(t_us as u64 / 50_000, t_us);
        let mut seen = seen(at, 1, [x, y, x + w, y + h]);
        prop_assume!(seen.bbox.is_proper());
        seen.score = score;
        let frames = [frame(at, vec![seen])];
        let back = read_bytes(&written(source(), &frames), &ReadOptions::default()).unwrap();
        prop_assert_eq!(back.collect::<Vec<_>>(), frames);
    }
}
