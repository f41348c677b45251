//! The watch list and its alerts.

use std::sync::Arc;

use giaolo_domain::UtcTime;
use giaolo_plate::Pattern;

use super::{
    samples::{at, begin},
    town::{NOON, access, begin_at, doubtful, sure, unreadable},
};
use crate::{Access, AlertFilter, AlertId, AlertMatch, Store, StoreError, WatchEntry, WatchId};

const EVENING: &str = "2026-11-24T11:00:00Z";
const ALL: AlertFilter = AlertFilter { unseen: false, before: None, limit: 100 };

async fn watch(store: &Store, pattern: &str) -> WatchEntry {
    let pattern = Pattern::parse(pattern).unwrap();
    store.watch_add(&pattern, at(EVENING), &access()).await.unwrap()
}

fn access_at(time: UtcTime, who: &str) -> Access {
    Access::new(time, who, "trực ban", None).unwrap()
}

pub(super) async fn raised_once(store: Arc<Store>) {
    let exact = watch(&store, "61A-123.45").await;
    let pattern = watch(&store, "61A1 23??").await;
    let other = watch(&store, "61C99999").await;
    let run = begin(&store, "sang").await;
    use AlertMatch::{Doubtful, Possible, Sure};
    let cases = [
        (sure(1, "61A12345"), vec![(exact.id, Sure), (pattern.id, Sure)]),
        // Mended later: the alert is out already.
        (sure(1, "61A12345"), vec![]),
        (sure(2, "61A12399"), vec![(pattern.id, Sure)]),
        (doubtful(3, "61A12345", &[(0, '8')]), vec![(exact.id, Doubtful), (pattern.id, Doubtful)]),
        (doubtful(4, "61A12845", &[(5, '3')]), vec![(exact.id, Possible), (pattern.id, Possible)]),
        (doubtful(5, "61A12349", &[(7, '5')]), vec![(exact.id, Possible), (pattern.id, Doubtful)]),
        (sure(6, "61A12845"), vec![]),
        (unreadable(7), vec![]),
    ];
    for (row, expected) in cases {
        let raised = store.insert_reading(run, &row, at(NOON)).await.unwrap();
        let told: Vec<_> = raised.iter().map(|alert| (alert.watch.id, alert.how)).collect();
        assert_eq!(told, expected, "{} {}", row.track, row.reading.text);
        for alert in &raised {
            assert_eq!((alert.reading.clone(), alert.track), (row.reading.clone(), row.track));
            assert_eq!((alert.raised_at, alert.run, &alert.seen), (at(NOON), run, &None));
        }
    }
    let stored = store.alerts(&ALL, &access()).await.unwrap();
    assert_eq!(stored.len(), 9);
    assert!(stored.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
    assert!(stored.iter().all(|alert| alert.watch.id != other.id));

    // Another analysis takes the work over: its alerts move along and are not raised again.
    let again = begin(&store, "sang").await;
    let rows = [sure(1, "61A12345"), sure(9, "61A12345")];
    let raised = store.insert_readings(again, &rows, at(NOON)).await.unwrap();
    assert_eq!(raised.iter().map(|alert| alert.track.0).collect::<Vec<_>>(), [9, 9]);
    let stored = store.alerts(&ALL, &access()).await.unwrap();
    assert_eq!(stored.len(), 11);
    assert!(stored.iter().all(|alert| alert.run == again));
}

pub(super) async fn ends_when_it_must(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let expiring = watch(&store, "61A12345").await;
    let removed = watch(&store, "61A1234*").await;
    assert!(store.watch_remove(removed.id, &access_at(at(NOON), "le.b")).await.unwrap());
    assert!(!store.watch_remove(removed.id, &access_at(at(EVENING), "an")).await.unwrap());
    let before = at("2026-11-24T10:59:59.999999Z");
    let raised = store.insert_reading(run, &sure(1, "61A12345"), before).await.unwrap();
    assert_eq!(raised.iter().map(|alert| alert.watch.id).collect::<Vec<_>>(), [expiring.id]);
    let raised = store.insert_reading(run, &sure(2, "61A12345"), at(EVENING)).await.unwrap();
    assert_eq!(raised, [], "the end itself is not in force");

    let ids = |entries: Vec<WatchEntry>| entries.iter().map(|e| e.id).collect::<Vec<_>>();
    let listed = store.watch_list(false, &access_at(before, "an")).await.unwrap();
    assert_eq!(ids(listed), [expiring.id]);
    assert_eq!(store.watch_list(false, &access_at(at(EVENING), "an")).await.unwrap(), []);
    let all = store.watch_list(true, &access_at(at(EVENING), "an")).await.unwrap();
    assert_eq!(all[0].removed, Some((at(NOON), "le.b".to_owned())), "the first who did");
    assert_eq!(ids(all), [removed.id, expiring.id]);

    let refused = [
        ("61A12345", NOON, "is past"),
        ("61A12345", "2028-01-01T00:00:00Z", "366 days"),
        ("61A*", EVENING, "four characters"),
        ("??????", EVENING, ""),
    ];
    for (pattern, end, problem) in refused {
        let Ok(pattern) = Pattern::parse(pattern) else { continue };
        let error = store.watch_add(&pattern, at(end), &access()).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert!(store.watch_remove(WatchId(99), &access()).await.is_err());
    assert!(store.alert_seen(AlertId(99), &access()).await.is_err());
}

pub(super) async fn seen_by_the_first(store: Arc<Store>) {
    let entry = watch(&store, "61A12345").await;
    let run = begin(&store, "sang").await;
    let rows: Vec<_> = (1..=3).map(|track| sure(track, "61A12345")).collect();
    let raised = store.insert_readings(run, &rows, at(NOON)).await.unwrap();
    let second = raised[1].id;
    assert!(store.alert_seen(second, &access_at(at(NOON), "an")).await.unwrap());
    assert!(!store.alert_seen(second, &access_at(at(EVENING), "bình")).await.unwrap());
    let unseen = AlertFilter { unseen: true, ..ALL };
    let left = store.alerts(&unseen, &access()).await.unwrap();
    assert_eq!(left.iter().map(|a| a.id).collect::<Vec<_>>(), [raised[2].id, raised[0].id]);
    let page = AlertFilter { before: Some(raised[2].id), limit: 1, ..ALL };
    let page = store.alerts(&page, &access()).await.unwrap();
    assert_eq!(page[0].seen, Some((at(NOON), "an".to_owned())));
    assert_eq!((page.len(), &page[0].watch), (1, &entry));

    let actions: Vec<_> = store
        .audit_entries(0, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|stored| stored.entry.action)
        .filter(|action| !action.starts_with("scene"))
        .collect();
    let expected = ["watch.add", "alert.seen", "alert.seen", "alerts.list", "alerts.list"];
    assert_eq!(actions, expected);
    assert_eq!(store.audit_verify().await.unwrap().broken, None);
}

/// Entries come and go while two cameras read; nothing waits for ever and the log stays whole.
pub(super) async fn two_cameras_and_an_officer(store: Arc<Store>) {
    watch(&store, "61A12345").await;
    let runs = [
        begin_at(&store, "TU15-C1", "sáng", "2026-11-24T00:00:00Z").await,
        begin_at(&store, "TU16-C1", "sáng", "2026-11-24T00:00:00Z").await,
    ];
    let mut tasks = Vec::new();
    for run in runs {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let mut raised = 0;
            for track in 1..=20 {
                let row = sure(track, if track % 2 == 0 { "61A12345" } else { "61B54321" });
                raised += store.insert_reading(run, &row, at(NOON)).await.unwrap().len();
            }
            raised
        }));
    }
    let officer = Arc::clone(&store);
    tasks.push(tokio::spawn(async move {
        for _ in 0..10 {
            let entry = watch(&officer, "61C00000").await;
            officer.watch_remove(entry.id, &access()).await.unwrap();
        }
        0
    }));
    let mut raised = 0;
    for task in tasks {
        raised += task.await.unwrap();
    }
    assert_eq!(raised, 20);
    let report = store.audit_verify().await.unwrap();
    assert_eq!((report.entries, report.broken), (1 + 2 + 20, None));
}
