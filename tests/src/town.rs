//! A small town in a database, made through the store: four cameras and a morning of readings, all of
//! made-up plates.
//!
//! | plate | where and when (24 November 2026, Viet Nam) |
//! | --- | --- |
//! | 61A-123.45 | TU15 at 07:01, TU16 at 07:13, the unsurveyed TU99 a third of a second later |
//! | 61-B1 234.56 | TU15 at 07:02; at TU16 at 07:14 doubtful: it may be 61-B1 284.56 |
//! | 61A-128.45 | TU15 at 07:03, doubtful: it may be 61A-123.45 |
//! | 61A-123.46 | TU15 at 07:04 |
//! | 59-T1 461.01 | TU15 at 07:05 by both its cameras, two and a half kilometres further ten seconds later |
//! | 61C-999.99 | TU99, in a recording of which nobody knows when it was made |

use std::path::Path;

use giaolo_domain::{
    CameraId, ClockSource, FrameTime, MediaTime, PixelBox, PlateChar, PlateLayout, PlatePlace,
    PlateReading, PlateVerdict, RoadUserClass, RuleId, TimeOrigin, TrackId, Unreadable, UtcTime,
    Verdict, ViolationKind,
};
use giaolo_store::{
    AlertRow, Camera, EvidenceRow, Insertion, NewRun, Point, ReadingRow, Register, RunId,
    SceneVersion, Store, Unit, UnitKind, ViolationRow,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::results::{block_on, database_in};

/// The violation that the motorbike 61-B1 234.56 is a candidate for.
pub const VIOLATION: &str = "TU15-C1-stop-line-2";

/// A moment, from text.
pub fn at(text: &str) -> UtcTime {
    UtcTime::parse(text).unwrap()
}

/// Makes the town in `giaolo.db` in a folder and returns its URL.
pub fn town_in(folder: &Path) -> String {
    let database = database_in(folder);
    block_on(async {
        let store = Store::open(&database).await.unwrap();
        fill(&store).await;
        store.close().await;
    });
    database
}

/// The town in a database that is empty.
pub async fn fill(store: &Store) {
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let first = begin(store, "TU15-C1", "Ngã tư Miếu Ông Cù", Some("2026-11-24T00:00:00Z")).await;
    let rows = [
        car(1, "61A-123.45", 60.0),
        motorbike(2, "61-B1 234.56", 120.0),
        doubtful(car(3, "61A-128.45", 180.0), 5, '3'),
        car(4, "61A-123.46", 240.0),
        motorbike(5, "59-T1 461.01", 300.0),
        unreadable(6),
    ];
    store.insert_readings(first, &rows, at("2026-11-24T00:10:00Z")).await.unwrap();
    insert_violation(store, first).await;
    let beside = begin(store, "TU15-C2", "Ngã tư Miếu Ông Cù", Some("2026-11-24T00:00:00Z")).await;
    let rows = [motorbike(1, "59-T1 461.01", 300.2)];
    store.insert_readings(beside, &rows, at("2026-11-24T00:10:00Z")).await.unwrap();
    let second = begin(store, "TU16-C1", "Ngã ba Bình Hóa", Some("2026-11-24T00:00:00Z")).await;
    let rows = [
        car(1, "61A-123.45", 780.0),
        doubtful(motorbike(2, "61-B1 234.56", 840.0), 5, '8'),
        motorbike(3, "59-T1 461.01", 310.0),
    ];
    store.insert_readings(second, &rows, at("2026-11-24T00:20:00Z")).await.unwrap();
    let third = begin(store, "TU99-C1", "Cầu Thạnh Hội", Some("2026-11-24T00:00:00Z")).await;
    let rows = [car(1, "61A-123.45", 780.3)];
    store.insert_readings(third, &rows, at("2026-11-24T00:20:00Z")).await.unwrap();
    let undated = begin(store, "TU99-C1", "Cầu Thạnh Hội", None).await;
    let rows = [car(1, "61C-999.99", 12.0)];
    store.insert_readings(undated, &rows, at("2026-11-24T00:20:00Z")).await.unwrap();
}

/// Another minute of TU15-C1, begun at 07:30, in which this plate is read; the alerts that it raised.
pub async fn read_once_more(store: &Store, reading: ReadingRow) -> Vec<AlertRow> {
    let run = begin(store, "TU15-C1", "Ngã tư Miếu Ông Cù", Some("2026-11-24T00:30:00Z")).await;
    let now = UtcTime::from_micros(
        std::time::UNIX_EPOCH.elapsed().expect("a clock after 1970").as_micros() as i64,
    );
    store.insert_reading(run, &reading, now).await.unwrap()
}

/// A sure reading of a car.
pub fn car(track: u64, printed: &str, second: f64) -> ReadingRow {
    sure(track, printed, second, RoadUserClass::Car)
}

/// A sure reading of a motorbike.
pub fn motorbike(track: u64, printed: &str, second: f64) -> ReadingRow {
    sure(track, printed, second, RoadUserClass::Motorbike)
}

/// The same with one doubtful character, which may be `other`.
pub fn doubtful(mut row: ReadingRow, place: usize, other: char) -> ReadingRow {
    row.reading.verdict = PlateVerdict::Doubtful;
    row.reading.score = 0.62;
    let character = &mut row.reading.characters[place];
    character.doubtful = true;
    character.score = 0.62;
    character.others.push((other, 0.31));
    row
}

fn sure(track: u64, printed: &str, second: f64, class: RoadUserClass) -> ReadingRow {
    let text: String = printed.chars().filter(char::is_ascii_alphanumeric).collect();
    let time = MediaTime::from_seconds(second);
    let frame = (second * 20.0) as u64;
    let best = PlatePlace {
        at: FrameTime { frame, time },
        bbox: PixelBox::new(410.0, 302.0, 488.0, 341.0),
    };
    let character = |symbol| PlateChar {
        symbol,
        score: 0.99,
        doubtful: false,
        read_as: None,
        others: Vec::new(),
    };
    ReadingRow {
        track: TrackId(track),
        class,
        first: MediaTime(time.0 - 400_000),
        last: MediaTime(time.0 + 600_000),
        reading: PlateReading {
            verdict: PlateVerdict::Sure,
            unreadable: None,
            characters: text.chars().map(character).collect(),
            raw: text.clone(),
            text,
            printed: printed.to_owned(),
            kind: None,
            manual: false,
            score: 0.99,
            alternatives: Vec::new(),
            layout: Some(PlateLayout::TwoLine),
            colour: None,
            looks: 2,
            votes: 2,
            width_px: 78.0,
            best: Some(best),
            doubts: Vec::new(),
        },
    }
}

fn unreadable(track: u64) -> ReadingRow {
    let reading = PlateReading::unreadable(Unreadable::TooSmall);
    ReadingRow { reading, ..motorbike(track, "61-B1 234.56", 360.0) }
}

fn register() -> Register {
    let point = |id: &str, name: &str, position| Point {
        id: id.to_owned(),
        name: name.to_owned(),
        unit: Some("Uyên Hưng".to_owned()),
        position,
    };
    let camera = |id: &str, point: Option<&str>| Camera {
        id: CameraId::new(id),
        point: point.map(str::to_owned),
        role: None,
    };
    Register {
        units: vec![Unit { name: "Uyên Hưng".to_owned(), kind: UnitKind::Ward, successor: None }],
        points: vec![
            point("TU15", "Ngã tư Miếu Ông Cù", Some((11.06, 106.79))),
            point("TU16", "Ngã ba Bình Hóa", Some((11.08, 106.80))),
        ],
        cameras: vec![
            camera("TU15-C1", Some("TU15")),
            camera("TU15-C2", Some("TU15")),
            camera("TU16-C1", Some("TU16")),
            camera("TU99-C1", None),
        ],
    }
}

/// A run that began at that time, by an operator's word and good to a twentieth of a second.
async fn begin(store: &Store, camera: &str, place: &str, start: Option<&str>) -> RunId {
    let toml = format!("[scene]\ncamera = \"{camera}\"\nplace = \"{place}\"\nsize = [1280, 720]\n");
    let scene = SceneVersion {
        camera: CameraId::new(camera),
        sha256: sha256(&toml),
        toml,
        created_at: at("2026-11-23T00:00:00Z"),
        who: "test".to_owned(),
        note: String::new(),
    };
    store.put_scene_version(&scene).await.unwrap();
    let origin = start.map_or(TimeOrigin::UNKNOWN, |start| TimeOrigin {
        start: at(start),
        clock: ClockSource::Operator,
        uncertainty_s: Some(0.05),
    });
    let source = format!("{camera} {}", start.unwrap_or("undated"));
    let run = NewRun {
        camera: CameraId::new(camera),
        source_sha256: sha256(&source),
        source_name: source,
        scene_sha256: scene.sha256,
        model: "none".to_owned(),
        program_version: "0".to_owned(),
        started_at: at("2026-11-24T00:30:00Z"),
        origin,
    };
    store.begin_run(&run).await.unwrap()
}

async fn insert_violation(store: &Store, run: RunId) {
    let act = FrameTime { frame: 2_400, time: MediaTime::from_seconds(120.0) };
    let violation = ViolationRow {
        id: VIOLATION.to_owned(),
        run,
        camera: CameraId::new("TU15-C1"),
        kind: ViolationKind::StopLine,
        rule: RuleId::new("stop"),
        track: TrackId(2),
        class: RoadUserClass::Motorbike,
        verdict: Verdict::Sure,
        act,
        act_at: at("2026-11-24T00:02:00Z"),
        facts: json!({}),
        created_at: at("2026-11-24T00:10:00Z"),
    };
    let evidence = EvidenceRow {
        violation_id: VIOLATION.to_owned(),
        sequence: 1,
        folder: "00000001".to_owned(),
        manifest_sha256: sha256("manifest"),
        previous_sha256: None,
    };
    let inserted = store.insert_violation_with_evidence(&violation, &evidence, "test").await;
    assert_eq!(inserted.unwrap(), Insertion::Inserted);
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
