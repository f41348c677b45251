//! The way of a plate, what is written down about every look, and what may not go wrong beside it.

use std::sync::Arc;

use giaolo_domain::{CameraId, ClockSource};
use giaolo_plate::Pattern;
use serde_json::json;

use super::{
    plates::{query, search},
    samples::{at, begin, evidence, violation},
    town::{NOON, access, begin_at, fill, run_of, sure, time},
};
use crate::{Access, PlateMatch, PlateQuery, Store, StoreError};

pub(super) async fn a_way_through_the_town(store: Arc<Store>) {
    let [first, second, _] = fill(&store).await;
    // The track was cut at C1, and a recording without a clock shows the plate as well.
    let mut again = sure(40, "61A12345");
    again.first.0 = 3_000_000;
    again.last.0 = 4_000_000;
    store.insert_reading(first, &again, at(NOON)).await.unwrap();
    let mut timeless = run_of("TU16-C1", "không giờ", "1970-01-01T00:00:00Z");
    timeless.origin.clock = ClockSource::Unknown;
    let timeless = store.begin_run(&timeless).await.unwrap();
    store.insert_reading(timeless, &sure(1, "61A12345"), at(NOON)).await.unwrap();

    let plate = Pattern::parse("61A-123.45").unwrap();
    let way = store.journey(&plate, None, None, &access()).await.unwrap();
    let told: Vec<_> = way
        .sightings
        .iter()
        .map(|s| {
            let tracks: Vec<u64> = s.readings.iter().map(|r| r.row.track.0).collect();
            let point = s.point.as_ref().map(|point| point.id.as_str());
            (s.readings[0].run, tracks, s.how, point, s.gap_us)
        })
        .collect();
    let hour = 3_600_000_000;
    use PlateMatch::{Doubtful, Possible, Sure};
    let expected = [
        (timeless, vec![1], Sure, Some("TU16"), None),
        (first, vec![1, 40], Sure, Some("TU15"), None),
        (first, vec![3], Possible, Some("TU15"), Some(2_600_000 - 4_000_000)),
        (second, vec![1], Sure, Some("TU16"), Some(hour + 600_000 - 3_600_000)),
        (second, vec![2], Doubtful, Some("TU16"), Some(0)),
    ];
    assert_eq!(told[..5], expected);
    assert_eq!((told[5].1.as_slice(), told[5].3), (&[1_u64][..], None), "C3 has no point");
    assert_eq!((way.sure, way.doubtful, way.possible), (4, 1, 1));
    assert_eq!(way.sightings[1].point.as_ref().unwrap().position, Some((11.06, 106.79)));
    assert_eq!(way.sightings[0].point.as_ref().unwrap().position, None);

    let hour = store.journey(&plate, time(1), time(2), &access()).await.unwrap();
    assert_eq!((hour.sightings.len(), hour.sightings[0].gap_us), (2, None));
    let nobody = Pattern::parse("61A99999").unwrap();
    assert_eq!(store.journey(&nobody, None, None, &access()).await.unwrap().sightings, []);
    let many = Pattern::parse("61A1234*").unwrap();
    let refused = store.journey(&many, None, None, &access()).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

pub(super) async fn violations_are_joined(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    for number in [1, 2] {
        let found = violation(run, number);
        let proof = evidence(&found, store.chain_head().await.unwrap());
        let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo").await;
        assert!(stored.is_ok());
    }
    let rows = [sure(2, "61A12345"), sure(3, "61A12345")];
    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
    let page = store.search_plates(&query("61A12345"), &access()).await.unwrap();
    let violations: Vec<_> = page.hits.iter().map(|hit| hit.reading.violations.clone()).collect();
    assert_eq!(violations, [vec![], vec![violation(run, 2).id]]);
}

pub(super) async fn every_look_is_written_down(store: Arc<Store>) {
    let refused = [
        ("", "lý do", None),
        ("an", "", None),
        ("an", " \t\n", None),
        ("an", "x\0", None),
        ("an", "lý do", Some(" ")),
    ];
    for (who, reason, case) in refused {
        let refused = Access::new(at(NOON), who, reason, case);
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{who} {reason:?} {case:?}");
    }
    let access_of = |reason: &str| Access::new(at(NOON), " an ", reason, None);
    assert!(access_of(&"ý".repeat(501)).is_err());
    let longest = access_of(&format!(" {} ", "ý".repeat(500))).unwrap();
    assert_eq!((longest.who(), longest.reason().chars().count()), ("an", 500));

    fill(&store).await;
    let before = store.audit_verify().await.unwrap().entries;
    let asked = PlateQuery {
        one_wrong: true,
        from: time(0),
        cameras: vec![CameraId::new("TU15-C1")],
        limit: 2,
        ..query("61A-1234?")
    };
    let page = store.search_plates(&asked, &access()).await.unwrap();
    let plate = Pattern::parse("61A12345").unwrap();
    let way = store.journey(&plate, None, time(1), &access()).await.unwrap();
    assert_eq!((page.audit_sequence, way.audit_sequence), (before + 1, before + 2));
    let entries = store.audit_entries(before, 10).await.unwrap();
    let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, [page.audit_sequence, way.audit_sequence]);
    let search = &entries[0].entry;
    assert_eq!((search.who.as_str(), search.subject.as_str()), ("nguyen.van.a", "61A1234?"));
    assert_eq!((search.action.as_str(), search.at), ("plates.search", at(NOON)));
    let expected = json!({
        "reason": "tìm xe gây tai nạn", "case": "VA-17", "one_wrong": true,
        "from": time(0), "until": null, "cameras": ["TU15-C1"], "verdicts": [],
        "later_page": false, "found": 3, "hits": 2, "looked_back_to": null,
    });
    assert_eq!(search.detail, expected);
    assert_eq!(entries[1].entry.action, "plates.journey");
    assert_eq!(entries[1].entry.detail["reason"], json!("tìm xe gây tai nạn"));
    assert_eq!(store.audit_verify().await.unwrap().broken, None);
}

/// The statements of `docs/store.md` remove what is old, and only that.
pub(super) async fn removed_by_age(store: Arc<Store>) {
    fill(&store).await;
    let manual = include_str!("../../../../docs/store.md");
    let (_, statements) =
        manual.split_once("```sql\nDELETE FROM reading_forms").expect("the manual");
    let (statements, _) = statements.split_once("```").expect("the manual");
    let statements = format!("DELETE FROM reading_forms{statements}");
    let moment = time(1).unwrap().micros().to_string();
    let mut transaction = store.database.begin("removing").await.unwrap();
    let statements = statements.replace("< X", &format!("< {moment}"));
    for sql in statements.split(';').filter(|sql| !sql.trim().is_empty()) {
        transaction.execute(sql, Vec::new()).await.expect(sql);
    }
    transaction.commit().await.unwrap();
    let left = search(&store, &query("61A12345")).await;
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(search(&store, &query("61B112345")).await, []);
    let sql = "SELECT text FROM plates ORDER BY text";
    let rows = store.database.fetch("counting", sql, Vec::new()).await.unwrap();
    let texts: Vec<_> = rows.iter().map(|r| store.database.text(r, "text").unwrap()).collect();
    let expected = [
        "61412345",
        "61812340",
        "61812348",
        "61A12345",
        "61AB26659",
        "61B12340",
        "61B12348",
        "80441NG02",
    ];
    assert_eq!(texts, expected);
}

/// Two programs add the same plates in opposite order, and people search meanwhile.
pub(super) async fn two_writers(store: Arc<Store>) {
    let runs = [
        begin_at(&store, "TU15-C1", "sáng", "2026-11-24T00:00:00Z").await,
        begin_at(&store, "TU16-C1", "sáng", "2026-11-24T00:00:00Z").await,
    ];
    let plate = |n: u64| format!("61C{n:05}");
    let writers: Vec<_> = runs
        .into_iter()
        .map(|run| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for round in 0..10 {
                    let mut rows: Vec<_> =
                        (1..=40).map(|n| sure(n, &plate(round * 40 + n))).collect();
                    if run == runs[1] {
                        rows.reverse();
                    }
                    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
                    store.search_plates(&query("61C00001"), &access()).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    // The last word on each track stays, at both cameras.
    assert_eq!(search(&store, &query("61C0040*")).await.len(), 2);
    assert_eq!(search(&store, &query("61C00001")).await.len(), 0);
    let report = store.audit_verify().await.unwrap();
    assert_eq!((report.entries, report.broken), (2 + 20 + 2, None));
}

/// Whatever a person types is a plate or is refused; nothing else happens.
pub(super) async fn hostile_patterns(store: Arc<Store>) {
    fill(&store).await;
    let long = "6".repeat(5000);
    let stars = "*6".repeat(9);
    let typed = [
        "'; DROP TABLE plates; --",
        "61A12345' OR '1'='1",
        "%",
        "_",
        "61_",
        "61%",
        "[0-9]*",
        "\\",
        "\0",
        "61\u{0}A",
        "６１Ａ",
        "*",
        "?",
        "????????",
        "",
        &long,
        &stars,
        "*6*1*A*1*2*3*4*5*",
        "6?6?6?6?6?",
        "?1A12345",
        "*1A1234?",
    ];
    for typed in typed {
        let Ok(pattern) = Pattern::parse(typed) else { continue };
        let asked = PlateQuery { one_wrong: true, ..PlateQuery::new(pattern) };
        store.search_plates(&asked, &access()).await.expect(typed);
    }
    assert_eq!(search(&store, &query("61A12345")).await.len(), 5, "everything is still there");
}
