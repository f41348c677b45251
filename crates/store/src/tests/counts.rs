//! Counts: what is unknown is no number, and nothing counts twice.

use std::sync::Arc;

use giaolo_domain::{CameraId, LineId, MovementId, RoadUserClass, UtcTime, Way};

use super::samples::{at, begin, end};
use crate::{Count, CountRow, CoverageSpan, RunId, Store, StoreError};

const QUARTER: &str = "2026-11-24T00:15:00Z";

fn row(count: Count, coverage: f64) -> CountRow {
    CountRow {
        line: LineId::new("bac"),
        way: Way::Forward,
        movement: None,
        class: RoadUserClass::Motorbike,
        quarter: at(QUARTER),
        count,
        coverage,
    }
}

fn span(from: &str, until: &str) -> CoverageSpan {
    CoverageSpan {
        from: at(&format!("2026-11-24T{from}Z")),
        until: at(&format!("2026-11-24T{until}Z")),
    }
}

async fn all(store: &Store) -> Vec<CountRow> {
    let (from, until) = (at("2026-11-24T00:00:00Z"), at("2026-11-24T01:00:00Z"));
    let camera = CameraId::new("TU15-C1");
    store.counts(&camera, from, until).await.unwrap()
}

async fn put(store: &Store, run: RunId, count: u64, from: &str, until: &str) {
    let span = span(from, until);
    let share = (span.until.micros() - span.from.micros()) as f64 / crate::QUARTER_US as f64;
    let rows = [row(Count::Known(count), share)];
    store.replace_counts(run, &rows, &[span]).await.unwrap();
}

pub(super) async fn unknown_is_not_zero(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let mut nobody = row(Count::Known(0), 0.5);
    nobody.line = LineId::new("nam");
    let good = [row(Count::NotAnalysed, 0.0), nobody];
    store.replace_counts(run, &good, &[]).await.unwrap();
    assert_eq!(all(&store).await, good);

    let mut odd_quarter = row(Count::Known(1), 0.5);
    odd_quarter.quarter = UtcTime::from_micros(odd_quarter.quarter.micros() + 1);
    let wrong = [
        row(Count::Known(0), 0.0),
        row(Count::NotAnalysed, 0.5),
        row(Count::Overlapping, 0.5),
        row(Count::Known(7), f64::NAN),
        row(Count::Known(7), 1.5),
        row(Count::Known(7), -0.5),
        row(Count::Known(u64::MAX), 0.5),
        odd_quarter,
    ];
    for wrong in wrong {
        let refused = store.replace_counts(run, std::slice::from_ref(&wrong), &[]).await;
        assert!(refused.is_err(), "{wrong:?}");
        assert_eq!(all(&store).await, good, "after {wrong:?}");
    }
    let empty_span = span("00:20:00", "00:20:00");
    assert!(store.replace_counts(run, &[], &[empty_span]).await.is_err());
    let denied = row(Count::Known(0), 0.0);
    let error = store.replace_counts(run, &[denied], &[]).await.unwrap_err();
    assert!(matches!(error, StoreError::Value { .. }), "{error}");
    assert!(error.to_string().contains("`bac`"), "{error}");
}

pub(super) async fn replaced(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    put(&store, run, 3, "00:15:00", "00:20:00").await;
    let mut turning = row(Count::Known(2), 0.5);
    turning.movement = Some(MovementId::new("re-trai"));
    let rows = [row(Count::Known(5), 0.5), turning.clone()];
    store.replace_counts(run, &rows, &[]).await.unwrap();
    assert_eq!(all(&store).await, rows);
    // The same row twice, also where its movement is NULL.
    for twice in [row(Count::Known(1), 0.5), turning] {
        let rows = [twice.clone(), twice];
        assert!(store.replace_counts(run, &rows, &[]).await.is_err());
    }
    assert_eq!(all(&store).await, rows);
}

pub(super) async fn newest_complete_speaks(store: Arc<Store>) {
    let first = begin(&store, "sang").await;
    put(&store, first, 3, "00:15:00", "00:20:00").await;
    let counted = |rows: Vec<CountRow>| rows.into_iter().map(|row| row.count).collect::<Vec<_>>();
    assert_eq!(counted(all(&store).await), [Count::Known(3)], "while it runs");
    store.finish_run(first, &end()).await.unwrap();

    let second = begin(&store, "sang").await;
    put(&store, second, 4, "00:15:00", "00:20:00").await;
    assert_eq!(counted(all(&store).await), [Count::Known(3)], "second is not complete");
    store.finish_run(second, &end()).await.unwrap();
    assert_eq!(counted(all(&store).await), [Count::Known(4)], "second speaks, nothing doubles");
}

pub(super) async fn sources_add_up(store: Arc<Store>) {
    let first = begin(&store, "sang-1").await;
    put(&store, first, 3, "00:15:00", "00:20:00").await;
    let second = begin(&store, "sang-2").await;
    // Half a second of seam between two files of one recorder.
    put(&store, second, 4, "00:19:59.5", "00:29:59.5").await;
    let rows = all(&store).await;
    assert_eq!(rows, [row(Count::Known(7), 1.0)]);
    let camera = CameraId::new("TU15-C1");
    let cut = store.coverage(&camera, at(QUARTER), at("2026-11-24T00:21:00Z")).await;
    assert_eq!(cut.unwrap(), [span("00:15:00", "00:20:00"), span("00:19:59.5", "00:21:00")]);
}

pub(super) async fn overlapping_sources(store: Arc<Store>) {
    // One recording in two encodings: other bytes, the same riders.
    let first = begin(&store, "sang-h264").await;
    put(&store, first, 3, "00:20:00", "00:25:00").await;
    let second = begin(&store, "sang-h265").await;
    put(&store, second, 4, "00:21:00", "00:22:00").await;
    let third = begin(&store, "before").await;
    let mut before = row(Count::Known(9), 0.5);
    before.quarter = at("2026-11-24T00:00:00Z");
    let spans = [span("00:00:00", "00:07:30")];
    store.replace_counts(third, std::slice::from_ref(&before), &spans).await.unwrap();
    let rows = all(&store).await;
    assert_eq!(rows[0], before, "another quarter is not doubtful");
    assert_eq!(rows[1].count, Count::Overlapping);
    assert_eq!(rows.len(), 2);
}
