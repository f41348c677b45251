//! Runs, their tracks and crossings, and taking over.

use std::sync::Arc;

use giaolo_domain::{TimeOrigin, UtcTime};

use super::samples::{begin, crossing, end, evidence, new_run, scene, track, violation};
use crate::{Insertion, RunState, Store, StoreError};

pub(super) async fn begin_fill_finish(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let tracks: Vec<_> = (1..=30).map(track).collect();
    let crossings: Vec<_> = (1..=30).map(crossing).collect();
    store.insert_tracks(run, &tracks).await.unwrap();
    store.insert_crossings(run, &crossings).await.unwrap();
    store.insert_tracks(run, &[]).await.unwrap();
    store.finish_run(run, &end()).await.unwrap();

    assert_eq!(store.tracks(run).await.unwrap(), tracks);
    let stored = store.crossings(run).await.unwrap();
    let origin = new_run("sang").origin.start;
    assert_eq!(stored.len(), 30);
    for (stored, crossing) in stored.iter().zip(&crossings) {
        assert_eq!(&stored.crossing, crossing);
        assert_eq!(stored.crossed_at, origin.plus(crossing.at.time));
    }
    let row = store.run(run).await.unwrap().unwrap();
    assert_eq!((row.id, row.state), (run, RunState::Complete));
    assert_eq!(row.begun, new_run("sang"));
    assert_eq!(row.end, Some(end()));

    let mut no_clock = new_run("ai biết");
    no_clock.origin = TimeOrigin::UNKNOWN;
    let run = store.begin_run(&no_clock).await.unwrap();
    let row = store.run(run).await.unwrap().unwrap();
    assert_eq!((row.begun, row.end), (no_clock, None));
}

pub(super) async fn unknown_scene(store: Arc<Store>) {
    // Of another camera, so that the hash alone is not enough.
    store.put_scene_version(&scene("TU16-C1")).await.unwrap();
    let error = store.begin_run(&new_run("sang")).await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownScene { .. }), "{error}");
    assert!(error.to_string().contains("`TU15-C1`"), "{error}");
}

pub(super) async fn taken_over(store: Arc<Store>) {
    let old = begin(&store, "sang").await;
    store.insert_tracks(old, &[track(1)]).await.unwrap();
    store.insert_crossings(old, &[crossing(1)]).await.unwrap();
    let found = violation(old, 1);
    let proof = evidence(&found, None);
    let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo");
    assert_eq!(stored.await.unwrap(), Insertion::Inserted);

    let new = begin(&store, "sang").await;
    assert!(new > old, "a number is never used again");
    assert_eq!(store.tracks(new).await.unwrap(), []);
    assert_eq!(store.crossings(old).await.unwrap(), []);
    assert_eq!(store.run(old).await.unwrap(), None);
    assert_eq!(store.evidence_of(&found.id).await.unwrap(), Some(proof));
    let mut moved = found.clone();
    moved.run = new;
    let all = store.violations(&Default::default(), &super::violations::FIRST_PAGE).await;
    assert_eq!(all.unwrap(), [moved]);

    // The program that lost it finds out at its next word.
    for refused in [
        store.insert_tracks(old, &[track(2)]).await,
        store.insert_crossings(old, &[crossing(2)]).await,
        store.replace_counts(old, &[], &[]).await,
        store.finish_run(old, &end()).await,
        store.fail_run(old, UtcTime::from_micros(0), "cut off").await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::NotRunning { .. }), "{error}");
    }
    let late = violation(old, 2);
    let proof = evidence(&late, store.chain_head().await.unwrap());
    let error = store.insert_violation_with_evidence(&late, &proof, "giaolo").await;
    assert!(matches!(error, Err(StoreError::NotRunning { .. })), "{error:?}");

    // A failed run is taken over like a killed one.
    store.fail_run(new, UtcTime::from_micros(9), "disk full").await.unwrap();
    let row = store.run(new).await.unwrap().unwrap();
    assert_eq!(row.failure.as_deref(), Some("disk full"));
    let third = begin(&store, "sang").await;
    assert_eq!(store.run(new).await.unwrap(), None);
    assert!(third > new);
}

pub(super) async fn only_the_same_work(store: Arc<Store>) {
    let first = begin(&store, "sang").await;
    let mut other_model = new_run("sang");
    other_model.model = "yolox".to_owned();
    let other_model = store.begin_run(&other_model).await.unwrap();
    let other_source = begin(&store, "chieu").await;
    store.finish_run(first, &end()).await.unwrap();
    let again = begin(&store, "sang").await;
    for run in [first, other_model, other_source, again] {
        assert!(store.run(run).await.unwrap().is_some(), "{run}");
    }
}

pub(super) async fn over_is_over(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    store.finish_run(run, &end()).await.unwrap();
    for refused in [
        store.finish_run(run, &end()).await,
        store.fail_run(run, UtcTime::from_micros(0), "no").await,
        store.insert_tracks(run, &[track(1)]).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotRunning { .. })), "{refused:?}");
    }
}

pub(super) async fn begun_twice_at_once(store: Arc<Store>) {
    begin(&store, "sang").await;
    let begun: Vec<_> = (0..6)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.begin_run(&new_run("sang")).await })
        })
        .collect();
    let mut runs = Vec::new();
    for begun in begun {
        runs.push(begun.await.unwrap().unwrap());
    }
    let mut standing = 0;
    for run in runs {
        standing += usize::from(store.run(run).await.unwrap().is_some());
    }
    assert_eq!(standing, 1, "the last one has taken the work of all others over");
    let all = store.database.fetch("counting", "SELECT id FROM runs", Vec::new());
    assert_eq!(all.await.unwrap().len(), 1);
}

pub(super) async fn many_rows(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    // More values than either database binds in one statement.
    let tracks: Vec<_> = (1..=6000).map(track).collect();
    store.insert_tracks(run, &tracks).await.unwrap();
    assert_eq!(store.tracks(run).await.unwrap(), tracks);
}

pub(super) async fn batch_is_whole(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let twice = [crossing(1), crossing(2), crossing(1)];
    let error = store.insert_crossings(run, &twice).await.unwrap_err();
    assert!(error.to_string().contains("inserting crossings"), "{error}");
    assert_eq!(store.crossings(run).await.unwrap(), []);
    store.insert_crossings(run, &twice[..2]).await.unwrap();
    assert_eq!(store.crossings(run).await.unwrap().len(), 2);
}
