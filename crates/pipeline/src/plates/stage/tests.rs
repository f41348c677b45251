//! The stage as a whole: real frames and a real store, somebody else's eyes.

use std::{path::PathBuf, sync::Mutex};

use crossbeam_channel::bounded;
use giaolo_domain::{ClockSource, MediaTime, PixelBox, PixelRect};
use giaolo_store::{Access, NewRun, SceneVersion};
use image::{Rgb, RgbImage};

use super::{
    super::{
        desk::{
            Looked,
            tests::{FakeEyes, grammar, plate},
        },
        look::Crop,
    },
    *,
};
use crate::{metrics::Metrics, settings::PlateSettings};

/// Of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const CROP: PixelRect = PixelRect { x: 100, y: 60, width: 120, height: 60 };

fn at(frame: u64) -> FrameTime {
    FrameTime { frame, time: MediaTime(frame as i64 * 40_000) }
}

fn picture() -> RgbImage {
    RgbImage::from_fn(320, 240, |x, y| Rgb([x as u8, y as u8, 200]))
}

fn wish(track: u64, slot: u32) -> Wish {
    Wish {
        track: TrackId(track),
        class: RoadUserClass::Car,
        crop: CROP,
        slot,
        expected_px: 60.0,
        quality: 60.0,
        hindrance: None,
        oncoming: false,
    }
}

fn sight(frame: u64, wishes: Vec<Wish>, due: Vec<TrackId>) -> Sight {
    let boxes = wishes.iter().map(|wish| SeenBox {
        track: wish.track,
        class: wish.class,
        bbox: PixelBox::new(100.0, 40.0, 220.0, 120.0),
    });
    Sight::Frame(Sighted {
        at: at(frame),
        frame: (!wishes.is_empty()).then(|| Frame::from_rgb(&picture(), at(frame)).unwrap()),
        boxes: boxes.collect(),
        wishes,
        due,
    })
}

fn ended(track: u64, class: RoadUserClass, last: u64) -> Sight {
    let bbox = PixelBox::new(0.0, 0.0, 1.0, 1.0);
    let summary = TrackSummary {
        track: TrackId(track),
        class,
        class_share: 1.0,
        first_frame: 0,
        last_frame: last,
        first_time: at(0).time,
        last_time: at(last).time,
        detections: 9,
        mean_score: 0.9,
        first_box: bbox,
        last_box: bbox,
    };
    Sight::Ended(summary, Unreadable::TooSmall)
}

/// A store with a running analysis.
struct Town {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    store: Store,
    run: RunId,
    camera: CameraId,
    origin: TimeOrigin,
}

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("giaolo.db").display());
        let camera = CameraId::new("TU15-C1");
        let start = UtcTime::parse("2026-11-24T07:30:00+07:00").unwrap();
        let origin = TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: Some(1.0) };
        let (store, run) = runtime.block_on(async {
            let store = Store::open(&url).await.unwrap();
            let scene = SceneVersion {
                camera: camera.clone(),
                sha256: EMPTY_SHA256.to_owned(),
                toml: String::new(),
                created_at: start,
                who: "test".to_owned(),
                note: "test".to_owned(),
            };
            store.put_scene_version(&scene).await.unwrap();
            let run = NewRun {
                camera: camera.clone(),
                source_name: "test.mp4".to_owned(),
                source_sha256: "a".repeat(64),
                scene_sha256: EMPTY_SHA256.to_owned(),
                model: "none".to_owned(),
                program_version: "0".to_owned(),
                started_at: start,
                origin,
            };
            let run = store.begin_run(&run).await.unwrap();
            (store, run)
        });
        Self { folder, runtime, store, run, camera, origin }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("readings.jsonl")
    }

    /// Runs the stage over what the judge tells; the lines that it wrote, and its counts.
    fn told(
        &self,
        sights: Vec<Sight>,
        sees: impl FnMut(&Crop) -> Looked + 'static,
    ) -> (Vec<serde_json::Value>, PlateTotals) {
        let grammar = grammar();
        let metrics = Metrics::new().unwrap().camera("TU15-C1");
        let (tasks, _kept) = bounded(4);
        let stage = PlateStage {
            desk: Desk::new(FakeEyes::new(sees), &grammar, &PlateSettings::default()),
            store: &self.store,
            runtime: &self.runtime,
            run: self.run,
            camera: &self.camera,
            origin: self.origin,
            metrics: &metrics,
            readings: WholeFile::create(self.path()).unwrap(),
            tasks,
        };
        let (tell, told) = bounded(sights.len());
        sights.into_iter().for_each(|sight| tell.send(sight).unwrap());
        drop(tell);
        let Plated { readings, totals } = stage.run(&told).unwrap();
        readings.finish().unwrap();
        let text = std::fs::read_to_string(self.path()).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), totals)
    }
}

#[test]
fn crops_come_from_the_frame_and_readings_go_to_file_and_store() {
    let town = Town::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let sights = vec![
        sight(3, vec![wish(1, 0)], vec![]),
        sight(4, vec![wish(2, 0)], vec![]),
        sight(9, vec![], vec![TrackId(1)]),
        ended(3, RoadUserClass::Motorbike, 9),
        ended(4, RoadUserClass::Pedestrian, 9),
        ended(1, RoadUserClass::Car, 20),
        ended(2, RoadUserClass::Car, 20),
    ];
    let (lines, totals) = town.told(sights, move |crop| {
        noted.lock().unwrap().push((crop.at.frame, crop.picture.clone()));
        if crop.at.frame == 3 {
            Looked::Plate(plate(crop, "61A12345", 0.999, 100.0))
        } else {
            Looked::Nothing(Unreadable::NotAPlate)
        }
    });
    let cut = image::imageops::crop_imm(&picture(), 100, 60, 120, 60).to_image();
    assert_eq!(*seen.lock().unwrap(), [(3, cut.clone()), (4, cut)]);
    let said = |line: &serde_json::Value| {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        (line["track"].as_u64().unwrap(), text("verdict"), text("unreadable"), text("text"))
    };
    let owned = |track, verdict: &str, why: &str, text: &str| {
        (track, verdict.to_owned(), why.to_owned(), text.to_owned())
    };
    let said: Vec<_> = lines.iter().map(said).collect();
    assert_eq!(
        said,
        [
            owned(3, "unreadable", "too_small", ""),
            owned(1, "sure", "", "61A12345"),
            owned(2, "unreadable", "not_a_plate", ""),
        ]
    );
    assert_eq!(lines[1]["camera"], "TU15-C1");
    assert_eq!(lines[1]["read_at"], "2026-11-24T00:30:00.120000Z");
    assert_eq!(
        (lines[1]["best"]["frame"].as_u64(), lines[1]["class"].as_str()),
        (Some(3), Some("car"))
    );
    let stored = town.runtime.block_on(town.store.readings_of_run(town.run)).unwrap();
    let stored: Vec<_> = stored.iter().map(|s| (s.row.track.0, s.row.reading.verdict)).collect();
    use PlateVerdict::{Sure, Unreadable as No};
    assert_eq!(stored, [(1, Sure), (2, No), (3, No)]);
    assert_eq!((totals.vehicles, totals.looked_at, totals.looks, totals.sure), (3, 2, 2, 1));
    assert_eq!(totals.looks_per_vehicle, Some(1.0));
    assert_eq!(
        totals.unreadable.iter().collect::<Vec<_>>(),
        [(&"not_a_plate", &1), (&"too_small", &1)]
    );
}

#[test]
fn whoever_is_watched_for_is_told_before_it_has_passed() {
    let town = Town::new();
    let now = crate::clock::now();
    let access = Access::new(now, "officer", "stolen, reported today", None).unwrap();
    let pattern = giaolo_plate::Pattern::parse("61A12345").unwrap();
    let until = UtcTime::from_micros(now.micros() + 3_600_000_000);
    town.runtime.block_on(town.store.watch_add(&pattern, until, &access)).unwrap();
    let sights = vec![sight(3, vec![wish(1, 0)], vec![]), sight(9, vec![], vec![TrackId(1)])];
    let (lines, totals) =
        town.told(sights, |crop| Looked::Plate(plate(crop, "61A12345", 0.999, 100.0)));
    assert!(lines.is_empty(), "the track goes on: {lines:?}");
    assert_eq!(totals.alerts, 1);
}

#[test]
fn the_same_sights_give_the_same_lines() {
    let sights = || {
        let frames = (0..40).map(|frame| {
            let track = 1 + frame % 3;
            let due = if frame % 11 == 0 { vec![TrackId(track)] } else { vec![] };
            sight(frame, vec![wish(track, frame as u32 / 7)], due)
        });
        frames.chain((1..4).map(|track| ended(track, RoadUserClass::Car, 40))).collect()
    };
    let lines = || {
        let town = Town::new();
        town.told(sights(), |crop| Looked::Plate(plate(crop, "61A12345", 0.7, 50.0))).0
    };
    let first = lines();
    assert!(first.len() == 3 && first.iter().all(|line| line["text"] == "61A12345"), "{first:?}");
    assert_eq!(first, lines());
}
