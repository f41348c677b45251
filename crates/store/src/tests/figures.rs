//! Tables of counts, cameras, the auditor's list and the import of the register.

use std::sync::Arc;

use giaolo_domain::{CameraId, LineId, MediaTime, MovementId, RoadUserClass, UtcTime, Way};

use super::{
    accounts::now,
    cases::{TOWN, denied},
    samples::{at, begin, end, new_run, scene},
    town::register,
};
use crate::{
    AuditEntry, AuditFilter, Bin, Cell, Count, CountBy, CountQuery, CountRow, CoverageSpan,
    PeakHour, PointCells, QUARTER_US, Refusal, RunId, Scope, Store, UnitCells,
};

const MIDNIGHT: &str = "2026-11-23T17:00:00Z";

fn quarter(number: i64) -> UtcTime {
    at(MIDNIGHT).plus(MediaTime(number * QUARTER_US))
}

fn row(number: i64, line: &str, class: RoadUserClass, count: u64) -> CountRow {
    CountRow {
        line: LineId::new(line),
        way: Way::Forward,
        movement: None,
        class,
        quarter: quarter(number),
        count: Count::Known(count),
        coverage: 1.0,
    }
}

/// Stores rows with the coverage that they tell.
async fn put(store: &Store, run: RunId, rows: &[CountRow]) {
    let mut spans: Vec<CoverageSpan> = Vec::new();
    for row in rows.iter().filter(|row| row.coverage > 0.0) {
        let until = row.quarter.plus(MediaTime((row.coverage * QUARTER_US as f64) as i64));
        if !spans.iter().any(|span| span.from == row.quarter) {
            spans.push(CoverageSpan { from: row.quarter, until });
        }
    }
    store.replace_counts(run, rows, &spans).await.unwrap();
    store.finish_run(run, &end()).await.unwrap();
}

fn query(bin: Bin, by: CountBy, until: i64) -> CountQuery {
    CountQuery {
        cameras: vec![CameraId::new("TU15-C1")],
        lines: Vec::new(),
        from: quarter(0),
        until: quarter(until),
        bin,
        by,
    }
}

fn known(count: u64, coverage: f64) -> Cell {
    Cell { count: Some(count), coverage, overlapping: false }
}

const GAP: Cell = Cell { count: None, coverage: 0.0, overlapping: false };

pub(super) async fn gaps_are_gaps(store: Arc<Store>) {
    use RoadUserClass::{Car, Motorbike};
    let run = begin(&store, "sang").await;
    let mut half = row(2, "bac", Motorbike, 5);
    half.coverage = 0.5;
    let mut none = row(3, "bac", Motorbike, 0);
    (none.count, none.coverage) = (Count::NotAnalysed, 0.0);
    let mut left = row(0, "bac", Car, 4);
    left.movement = Some(MovementId::new("re-trai"));
    let rows = [
        row(0, "bac", Motorbike, 10),
        row(0, "bac", Car, 1),
        left,
        row(1, "bac", Motorbike, 20),
        half,
        none,
        row(6, "bac", Motorbike, 0),
        row(0, "nam", Car, 3),
    ];
    put(&store, run, &rows).await;

    let table = store.count_table(&query(Bin::Quarter, CountBy::Line, 8), &TOWN).await.unwrap();
    assert_eq!(table.bins, (0..8).map(quarter).collect::<Vec<_>>());
    let cells = |number: usize| &table.rows[number].cells[..];
    assert_eq!((table.rows.len(), table.rows[0].line.as_str()), (2, "bac"));
    let bac = [known(15, 1.0), known(20, 1.0), known(5, 0.5), GAP, GAP, GAP, known(0, 1.0), GAP];
    assert_eq!(cells(0), bac);
    assert_eq!(cells(1), [known(3, 1.0), GAP, GAP, GAP, GAP, GAP, GAP, GAP]);
    assert_eq!(table.peak, None, "no hour was watched whole");

    let table = store.count_table(&query(Bin::Hour, CountBy::Class, 8), &TOWN).await.unwrap();
    let told: Vec<_> =
        table.rows.iter().map(|r| (r.line.as_str(), r.class.unwrap(), r.cells.clone())).collect();
    let hour = |first: u64, covered: f64, second: Cell| vec![known(first, covered), second];
    let expected = [
        ("bac", Car, hour(5, 0.625, known(0, 0.25))),
        ("bac", Motorbike, hour(35, 0.625, known(0, 0.25))),
        ("nam", Car, hour(3, 0.25, GAP)),
    ];
    assert_eq!(told, expected);

    let table = store.count_table(&query(Bin::Day, CountBy::Movement, 8), &TOWN).await.unwrap();
    let told: Vec<_> = table
        .rows
        .iter()
        .map(|r| (r.line.as_str(), r.movement.as_ref().map(MovementId::as_str), r.cells[0].count))
        .collect();
    let expected =
        [("bac", None, Some(36)), ("bac", Some("re-trai"), Some(4)), ("nam", None, Some(3))];
    assert_eq!((told, table.bins), (expected.to_vec(), vec![quarter(0)]));

    let day = store.last_counted_day(&[], &TOWN).await.unwrap();
    assert_eq!(day, Some((quarter(0), quarter(96))));
    let elsewhere = Scope { units: Some(vec!["Thái Hòa".to_owned()]) };
    assert_eq!(store.last_counted_day(&[], &elsewhere).await.unwrap(), None);
    let mut all = query(Bin::Day, CountBy::Line, 8);
    all.cameras.clear();
    assert_eq!(store.count_table(&all, &TOWN).await.unwrap().rows.len(), 2);
    assert_eq!(store.count_table(&all, &elsewhere).await.unwrap().rows, []);
    all.lines = vec![LineId::new("nam"), LineId::new("' OR 1=1 --")];
    assert_eq!(store.count_table(&all, &TOWN).await.unwrap().rows.len(), 1);
    for (from, until) in [(5, 5), (5, 4), (0, 20_000)] {
        let mut wrong = query(Bin::Quarter, CountBy::Line, until);
        wrong.from = quarter(from);
        let refused = store.count_table(&wrong, &TOWN).await;
        assert!(matches!(denied(refused), Refusal::Invalid { .. }), "{from} {until}");
    }
}

pub(super) async fn sources_speak_once(store: Arc<Store>) {
    use RoadUserClass::{Car, Motorbike};
    // Two analyses of one source: the newer speaks, as a whole.
    let first = begin(&store, "sang").await;
    put(&store, first, &[row(0, "bac", Motorbike, 10), row(1, "bac", Motorbike, 10)]).await;
    let second = begin(&store, "sang").await;
    put(&store, second, &[row(0, "bac", Motorbike, 12)]).await;
    // Another source of a neighbouring quarter, and one that shows the first quarter again.
    let third = begin(&store, "toi").await;
    put(&store, third, &[row(2, "bac", Car, 7)]).await;
    let line = async || {
        let query = query(Bin::Quarter, CountBy::Line, 3);
        store.count_table(&query, &TOWN).await.unwrap().rows[0].cells.clone()
    };
    assert_eq!(line().await, [known(12, 1.0), GAP, known(7, 1.0)]);
    let fourth = begin(&store, "ban sao").await;
    put(&store, fourth, &[row(0, "bac", Motorbike, 12)]).await;
    let overlapping = Cell { count: None, coverage: 1.0, overlapping: true };
    assert_eq!(line().await, [overlapping, GAP, known(7, 1.0)]);
    let by_hour = query(Bin::Hour, CountBy::Line, 4);
    let hour = store.count_table(&by_hour, &TOWN).await.unwrap().rows[0].cells.clone();
    assert_eq!(hour, [Cell { coverage: 0.5, ..overlapping }]);
}

pub(super) async fn the_peak_is_a_whole_hour(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let counts = [10, 20, 40, 30, 10, 90];
    let mut rows: Vec<_> = (0..)
        .zip(counts)
        .map(|(number, count)| row(number, "bac", RoadUserClass::Motorbike, count))
        .collect();
    // The busiest quarter was watched for half of it only: nobody knows how busy its hour was.
    rows[5].coverage = 0.5;
    put(&store, run, &rows).await;
    for bin in [Bin::Quarter, Bin::Day] {
        let table = store.count_table(&query(bin, CountBy::Line, 96), &TOWN).await.unwrap();
        let expected = PeakHour { from: quarter(0), count: 100, factor: Some(0.625) };
        let tied_later = table.peak.unwrap();
        assert_eq!(tied_later, expected, "{bin:?}");
    }
}

pub(super) async fn cameras_tell_their_coverage(store: Arc<Store>) {
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let run = begin(&store, "sang").await;
    let hours = |from: i64, until: i64| CoverageSpan {
        from: now().plus(MediaTime(from * 3_600_000_000)),
        until: now().plus(MediaTime(until * 3_600_000_000)),
    };
    // Partly before the thirty days; then 36 hours of which another source shows 12 again.
    store.replace_counts(run, &[], &[hours(-900, -708), hours(-72, -36)]).await.unwrap();
    store.finish_run(run, &end()).await.unwrap();
    let again = begin(&store, "ban sao").await;
    store.replace_counts(again, &[], &[hours(-48, -36)]).await.unwrap();
    let cameras = store.camera_list(&TOWN, now()).await.unwrap();
    assert_eq!(
        cameras.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(),
        ["TU15-C1", "TU16-C1", "TU99-C1"]
    );
    let camera = &cameras[0];
    assert!((camera.coverage_30_days.unwrap() - 48.0 / 720.0).abs() < 1e-9, "{camera:?}");
    let last = camera.last_run.as_ref().unwrap();
    assert_eq!((last.source.as_str(), last.frames), ("sang.mp4", 1500));
    assert_eq!(camera.point.as_ref().unwrap().position, Some((11.06, 106.79)));
    assert_eq!((&cameras[2].point, &cameras[2].last_run), (&None, &None));
    assert_eq!(cameras[2].coverage_30_days, None);
}

pub(super) async fn the_auditor_finds(store: Arc<Store>) {
    for number in 0..30 {
        let entry = AuditEntry {
            at: now().plus(MediaTime(number)),
            who: format!("nguoi-{}", number % 3),
            action: ["case.confirm", "case.reject", "plates.search"][number as usize % 3]
                .to_owned(),
            subject: format!("v-{}", number % 5),
            detail: serde_json::json!({ "n": number }),
        };
        store.audit_append(&entry).await.unwrap();
    }
    let text = |text: &str| Some(text.to_owned());
    let any = AuditFilter::default;
    let cases = [
        (any(), 30),
        (AuditFilter { who: text("nguoi-1"), ..any() }, 10),
        (AuditFilter { action: text("case.*"), ..any() }, 20),
        (AuditFilter { action: text("case.confirm"), ..any() }, 10),
        (AuditFilter { action: text("case"), ..any() }, 0),
        (AuditFilter { subject: text("v-2"), action: text("case.reject"), ..any() }, 2),
        (AuditFilter { subject: text("' OR 1=1 --"), ..any() }, 0),
        (
            AuditFilter {
                from: Some(now().plus(MediaTime(5))),
                until: Some(now().plus(MediaTime(9))),
                ..any()
            },
            4,
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(store.audit_count(&filter).await.unwrap(), expected, "{filter:?}");
        let mut found = Vec::new();
        while let page = store.audit_list(&filter, found.last().copied(), 7).await.unwrap()
            && !page.is_empty()
        {
            found.extend(page.into_iter().map(|entry| entry.sequence));
        }
        assert_eq!(found.len() as u64, expected, "{filter:?}");
        assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
    }
}

pub(super) async fn the_register_is_imported_whole(store: Arc<Store>) {
    let unit = |name: &str, kind: &str| UnitCells {
        name: name.to_owned(),
        kind: kind.to_owned(),
        successor: "phường Tân Khánh".to_owned(),
    };
    let point = |point: &str, camera: &str| PointCells {
        point: point.to_owned(),
        camera: camera.to_owned(),
        name: "Ngã tư Miếu Ông Cù".to_owned(),
        unit: "Thái Hòa".to_owned(),
        latitude: "10.972".to_owned(),
        longitude: "106.746".to_owned(),
        role: "nhìn từ phía sau".to_owned(),
        source_class: "state_security_camera".to_owned(),
        state: "working".to_owned(),
    };
    let units = [unit("Thái Hòa", "ward")];
    let mut wrong = vec![
        point("TU01", "TU01-C1"),
        point("TU01", "TU01-C1"),
        point("../x", ""),
        point("TU02", "TU02-C1"),
    ];
    wrong[2].state = "<script>".to_owned();
    wrong[2].unit = "Nơi nào đó".to_owned();
    wrong[2].latitude = "95".to_owned();
    wrong[3].name = "=HYPERLINK(\"http://x\")".to_owned();
    wrong.push(PointCells { name: "khác".to_owned(), ..point("TU01", "TU01-C3") });
    wrong.push(PointCells { name: "x".repeat(10_000_000), ..point("TU03", "TU03-C1") });
    wrong.push(PointCells { longitude: String::new(), ..point("TU04", "TU04-C1") });
    let doubled = [unit("Thái Hòa", "ward"), unit("Thái Hòa", "district"), unit("", "")];
    let import = store.import_register(&doubled, &wrong, "admin", now()).await.unwrap();
    let told: Vec<_> =
        import.problems.iter().map(|p| format!("{} {} {}", p.table, p.row, p.column)).collect();
    let expected = [
        "units 2 name",
        "units 2 kind",
        "units 3 name",
        "units 3 kind",
        "points 2 camera_id",
        "points 3 point_id",
        "points 3 unit_2022",
        "points 3 lat",
        "points 3 camera_id",
        "points 3 state",
        "points 4 name_vi",
        "points 5 point_id",
        "points 6 name_vi",
        "points 7 lat",
    ];
    assert_eq!(told, expected);
    assert_eq!(store.cameras().await.unwrap(), []);
    assert_eq!(store.audit_entries(0, 9).await.unwrap(), []);

    let right = [point("TU01", "TU01-C1"), point("TU01", "TU01-C2")];
    let import = store.import_register(&units, &right, "admin", now()).await.unwrap();
    assert_eq!((import.problems.len(), import.register.points.len()), (0, 1));
    let mut silent = point("TU01", "TU01-C1");
    (silent.state, silent.source_class) = (String::new(), String::new());
    store.import_register(&[], &[silent], "admin", now()).await.unwrap();
    let cameras = store.camera_list(&TOWN, now()).await.unwrap();
    assert_eq!((cameras.len(), cameras[0].state.as_deref()), (2, Some("working")));
    assert_eq!(cameras[0].source_class.as_deref(), Some("state_security_camera"));
    store.put_scene_version(&scene("TU01-C1")).await.unwrap();
    let mut run = new_run("sang");
    run.camera = CameraId::new("TU01-C1");
    store.begin_run(&run).await.unwrap();
    assert_eq!(store.audit_entries(0, 9).await.unwrap()[0].entry.action, "register.import");
}
