//! A small town made by hand: three cameras, a day of readings, made-up plates.

use giaolo_domain::{
    CameraId, ClockSource, MediaTime, PixelBox, PlateChar, PlateLayout, PlatePlace, PlateReading,
    PlateVerdict, RoadUserClass, TimeOrigin, TrackId, Unreadable, UtcTime,
};

use super::samples::{at, frame_time, new_run, scene};
use crate::{Access, Camera, NewRun, Point, ReadingRow, Register, RunId, Store, Unit, UnitKind};

pub(super) const NOON: &str = "2026-11-24T05:00:00Z";

pub(super) fn access() -> Access {
    Access::new(at(NOON), "nguyen.van.a", "tìm xe gây tai nạn", Some("VA-17")).unwrap()
}

pub(super) fn run_of(camera: &str, source: &str, start: &str) -> NewRun {
    NewRun {
        camera: CameraId::new(camera),
        origin: TimeOrigin {
            start: at(start),
            clock: ClockSource::Operator,
            uncertainty_s: Some(0.5),
        },
        ..new_run(source)
    }
}

pub(super) async fn begin_at(store: &Store, camera: &str, source: &str, start: &str) -> RunId {
    store.put_scene_version(&scene(camera)).await.unwrap();
    store.begin_run(&run_of(camera, source, start)).await.unwrap()
}

/// A sure reading in the first seconds of a run.
pub(super) fn sure(track: u64, plate: &str) -> ReadingRow {
    let best =
        PlatePlace { at: frame_time(track * 25), bbox: PixelBox::new(10.5, 2.0, 80.0, 30.1) };
    ReadingRow {
        track: TrackId(track),
        class: RoadUserClass::Motorbike,
        first: MediaTime(best.at.time.0 - 400_000),
        last: MediaTime(best.at.time.0 + 600_000),
        reading: PlateReading {
            verdict: PlateVerdict::Sure,
            unreadable: None,
            text: plate.to_owned(),
            printed: format!("{}-{}", &plate[..2.min(plate.len())], &plate[2.min(plate.len())..]),
            kind: Some("moto".to_owned()),
            manual: false,
            score: 0.993,
            characters: plate
                .chars()
                .map(|symbol| PlateChar {
                    symbol,
                    score: 0.987,
                    doubtful: false,
                    read_as: None,
                    others: Vec::new(),
                })
                .collect(),
            raw: plate.to_owned(),
            alternatives: Vec::new(),
            layout: Some(PlateLayout::TwoLine),
            colour: None,
            looks: 3,
            votes: 2,
            width_px: 78.4,
            best: Some(best),
            doubts: Vec::new(),
        },
    }
}

/// A reading with doubtful characters: their places, and what else may stand there.
pub(super) fn doubtful(track: u64, plate: &str, doubts: &[(usize, char)]) -> ReadingRow {
    let mut row = sure(track, plate);
    row.reading.verdict = PlateVerdict::Doubtful;
    row.reading.score = 0.6;
    for (place, other) in doubts {
        let character = &mut row.reading.characters[*place];
        character.doubtful = true;
        character.score = 0.6;
        character.others.push((*other, 0.3));
    }
    row
}

pub(super) fn unreadable(track: u64) -> ReadingRow {
    let mut row = sure(track, "61");
    row.reading = PlateReading::unreadable(Unreadable::TooSmall);
    row
}

/// What the register knows: C1 and C2 at surveyed points, C3 at none.
pub(super) fn register() -> Register {
    let point = |id: &str, position| Point {
        id: id.to_owned(),
        name: format!("ngã tư {id}"),
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
        points: vec![point("TU15", Some((11.06, 106.79))), point("TU16", None)],
        cameras: vec![
            camera("TU15-C1", Some("TU15")),
            camera("TU16-C1", Some("TU16")),
            camera("TU99-C1", None),
        ],
    }
}

/// Runs of the three cameras from 07:00, 08:00 and 09:00 in Viet Nam, with their readings.
pub(super) async fn fill(store: &Store) -> [RunId; 3] {
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let first = begin_at(store, "TU15-C1", "sáng", "2026-11-24T00:00:00Z").await;
    let second = begin_at(store, "TU16-C1", "tám giờ", "2026-11-24T01:00:00Z").await;
    let third = begin_at(store, "TU99-C1", "chín giờ", "2026-11-24T02:00:00Z").await;
    let readings = [
        (
            first,
            vec![
                sure(1, "61A12345"),
                sure(2, "61B112345"),
                doubtful(3, "61A12845", &[(5, '3')]),
                sure(4, "59T146101"),
                unreadable(5),
                sure(6, "61A12346"),
            ],
        ),
        (
            second,
            vec![
                sure(1, "61A12345"),
                doubtful(2, "61A12345", &[(2, '4')]),
                doubtful(3, "61B12340", &[(2, '8'), (7, '8')]),
                sure(4, "80441NG02"),
            ],
        ),
        (third, vec![sure(1, "61A12345"), sure(2, "61AB26659")]),
    ];
    for (run, rows) in readings {
        assert_eq!(store.insert_readings(run, &rows, at(NOON)).await.unwrap(), []);
    }
    [first, second, third]
}

pub(super) fn time(hour: u32) -> Option<UtcTime> {
    Some(at(&format!("2026-11-24T{hour:02}:00:00Z")))
}
