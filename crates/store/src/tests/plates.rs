//! Plate search, the way of a plate, and what is written down about both.

use std::sync::Arc;

use giaolo_domain::{CameraId, ClockSource, PlateVerdict, TrackId};
use giaolo_plate::Pattern;
use serde_json::json;

use super::{
    samples::{at, begin, end, evidence, violation},
    town::{NOON, access, begin_at, doubtful, fill, run_of, sure, time, unreadable},
};
use crate::{Access, PlateMatch, PlateQuery, ReadingRow, Store, StoreError};

fn query(pattern: &str) -> PlateQuery {
    PlateQuery::new(Pattern::parse(pattern).unwrap())
}

/// Camera, track and how of each hit.
async fn search(store: &Store, query: &PlateQuery) -> Vec<(String, u64, PlateMatch)> {
    let page = store.search_plates(query, &access()).await.unwrap();
    assert_eq!(page.found as usize, page.hits.len(), "one page holds them all");
    assert_eq!((page.next, page.looked_back_to), (None, None));
    let hit = |hit: crate::PlateHit| {
        (hit.reading.camera.as_str().to_owned(), hit.reading.row.track.0, hit.how)
    };
    page.hits.into_iter().map(hit).collect()
}

pub(super) async fn stored_as_given(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let mut rows = [sure(3, "61A12345"), doubtful(1, "61A12845", &[(5, '3')]), unreadable(2)];
    rows[0].reading.colour = Some(giaolo_domain::PlateColour::Blue);
    rows[1].reading.manual = true;
    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
    let stored = store.readings_of_run(run).await.unwrap();
    let given: Vec<&ReadingRow> = stored.iter().map(|reading| &reading.row).collect();
    assert_eq!(given, [&rows[1], &rows[2], &rows[0]], "by track");
    assert_eq!(stored[0].read_at, at("2026-11-24T00:00:01Z"), "of the best look");
    assert_eq!(stored[1].read_at, stored[1].last_at, "without a look, the track's end");
    assert_eq!(stored[0].clock, ClockSource::Operator);

    // A later word on a track takes the earlier one's place, with all that it was found by.
    let better = sure(1, "61A12345");
    assert_eq!(store.insert_reading(run, &better, at(NOON)).await.unwrap(), []);
    let now = store.reading_of_track(run, TrackId(1)).await.unwrap().unwrap();
    assert_eq!(now.row, better);
    assert_eq!(search(&store, &query("61A12845")).await, []);
    assert_eq!(store.reading_of_track(run, TrackId(9)).await.unwrap(), None);

    // A run that takes the work over begins with none; a finished one takes no more.
    let again = begin(&store, "sang").await;
    assert_eq!(store.readings_of_run(again).await.unwrap(), []);
    store.insert_readings(again, &rows, at(NOON)).await.unwrap();
    let refused = store.insert_reading(run, &better, at(NOON)).await;
    assert!(matches!(refused, Err(StoreError::NotRunning { .. })), "{refused:?}");
    store.finish_run(again, &end()).await.unwrap();
    let refused = store.insert_reading(again, &better, at(NOON)).await;
    assert!(matches!(refused, Err(StoreError::NotRunning { .. })), "{refused:?}");
}

pub(super) async fn contradictions_are_refused(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    type Spoil = fn(&mut ReadingRow);
    let cases: [(&str, Spoil); 14] = [
        ("lower case", |r| r.reading.text = "61a12345".to_owned()),
        ("separator", |r| r.reading.text = "61A-12345".to_owned()),
        ("wildcard", |r| r.reading.text = "61A1234?".to_owned()),
        ("percent", |r| r.reading.text = "61A1234%".to_owned()),
        ("Vietnamese letter", |r| r.reading.text = "61Đ12345".to_owned()),
        ("quote", |r| r.reading.text = "61A';--".to_owned()),
        ("seventeen characters", |r| r.reading.text = "6".repeat(17)),
        ("sure of nothing", |r| r.reading.text = String::new()),
        ("not printed", |r| r.reading.printed = String::new()),
        ("other characters", |r| r.reading.characters[0].symbol = '7'),
        ("score of none", |r| r.reading.score = f32::NAN),
        ("score of two", |r| r.reading.characters[1].others.push(('7', 2.0))),
        ("more votes than looks", |r| r.reading.votes = 4),
        ("endless box", |r| {
            if let Some(best) = &mut r.reading.best {
                best.bbox.x2 = f32::INFINITY;
            }
        }),
    ];
    let mut wrong: Vec<(&str, ReadingRow)> = Vec::new();
    for (name, spoil) in cases {
        let mut row = sure(1, "61A12345");
        spoil(&mut row);
        wrong.push((name, row));
    }
    let mut told = unreadable(1);
    told.reading.text = "61A12345".to_owned();
    wrong.push(("unreadable with a text", told));
    let mut reversed = sure(1, "61A12345");
    reversed.last.0 = reversed.first.0 - 1;
    wrong.push(("ends before it begins", reversed));
    for (name, row) in wrong {
        let rows = [sure(2, "61A99999"), row];
        let refused = store.insert_readings(run, &rows, at(NOON)).await;
        assert!(matches!(refused, Err(StoreError::Value { .. })), "{name}: {refused:?}");
    }
    let twice = [sure(1, "61A12345"), sure(1, "61A12346")];
    assert!(store.insert_readings(run, &twice, at(NOON)).await.is_err());
    assert_eq!(store.readings_of_run(run).await.unwrap(), [], "all or none");
}

pub(super) async fn found_in_the_town(store: Arc<Store>) {
    fill(&store).await;
    use PlateMatch::{Doubtful, DoubtfulOneWrong, Possible, PossibleOneWrong, Sure, SureOneWrong};
    let (c1, c2, c3) = ("TU15-C1", "TU16-C1", "TU99-C1");
    let exact =
        vec![(c3, 1, Sure), (c2, 1, Sure), (c1, 1, Sure), (c2, 2, Doubtful), (c1, 3, Possible)];
    let with = |more: &[(&'static str, u64, PlateMatch)]| {
        let mut all = exact.clone();
        all.extend_from_slice(more);
        all
    };
    type Hits = Vec<(&'static str, u64, PlateMatch)>;
    let cases: Vec<(&str, bool, Hits)> = vec![
        ("61A12345", false, exact.clone()),
        ("61a-123.45", false, exact.clone()),
        ("61A12345", true, with(&[(c1, 6, SureOneWrong)])),
        ("61A1284?", false, vec![(c1, 3, Doubtful)]),
        ("6141234*", false, vec![(c2, 2, Possible)]),
        ("61B11 234?", false, vec![(c1, 2, Sure)]),
        ("61B1 234*", false, vec![(c2, 3, Doubtful)]),
        (
            "61?1 234*",
            false,
            vec![
                (c3, 1, Sure),
                (c2, 1, Sure),
                (c1, 6, Sure),
                (c1, 1, Sure),
                (c2, 3, Doubtful),
                (c2, 2, Doubtful),
                (c1, 3, Possible),
            ],
        ),
        ("61B12348", false, vec![(c2, 3, Possible)]),
        ("61C12348", true, vec![(c2, 3, PossibleOneWrong)]),
        ("61C12340", true, vec![(c2, 3, DoubtfulOneWrong)]),
        ("*461*", false, vec![(c1, 4, Sure)]),
        ("*6659", false, vec![(c3, 2, Sure)]),
        ("*6?01", false, vec![(c1, 4, Sure)]),
        ("59T1*", false, vec![(c1, 4, Sure)]),
        ("59T?*1", false, vec![(c1, 4, Sure)]),
        ("59X146101", false, vec![]),
        ("59X146101", true, vec![(c1, 4, SureOneWrong)]),
        ("59X1461*", true, vec![(c1, 4, SureOneWrong)]),
        ("58X146101", true, vec![]),
        ("80441NG02", false, vec![(c2, 4, Sure)]),
        ("80441NG0", true, vec![]),
    ];
    for (pattern, one_wrong, expected) in cases {
        let asked = PlateQuery { one_wrong, ..query(pattern) };
        let found = search(&store, &asked).await;
        let found: Hits = found
            .iter()
            .map(|(camera, track, how)| {
                let camera = [c1, c2, c3].into_iter().find(|c| c == camera).unwrap();
                (camera, *track, *how)
            })
            .collect();
        assert_eq!(found, expected, "{pattern}, one wrong: {one_wrong}");
    }
}

pub(super) async fn when_where_and_how_sure(store: Arc<Store>) {
    fill(&store).await;
    let exact = || query("61A12345");
    let cameras = |names: &[&str]| names.iter().map(|name| CameraId::new(*name)).collect();
    let cases = [
        (PlateQuery { from: time(1), ..exact() }, 3),
        (PlateQuery { until: time(1), ..exact() }, 2),
        (PlateQuery { from: time(1), until: time(2), ..exact() }, 2),
        (PlateQuery { cameras: cameras(&["TU16-C1", "TU99-C1"]), ..exact() }, 3),
        (PlateQuery { cameras: cameras(&["nowhere'--"]), ..exact() }, 0),
        (PlateQuery { verdicts: vec![PlateVerdict::Sure], ..exact() }, 3),
        (PlateQuery { verdicts: vec![PlateVerdict::Doubtful], ..exact() }, 2),
        (PlateQuery { verdicts: vec![PlateVerdict::Unreadable], ..exact() }, 0),
    ];
    for (asked, hits) in cases {
        assert_eq!(search(&store, &asked).await.len(), hits, "{asked:?}");
    }
    let backwards = PlateQuery { from: time(2), until: time(2), ..exact() };
    let refused = store.search_plates(&backwards, &access()).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");

    // Pages follow on one another, without gap or double, whatever their size.
    let all = search(&store, &PlateQuery { one_wrong: true, ..exact() }).await;
    for limit in [1, 2, 4, 0] {
        let mut asked = PlateQuery { one_wrong: true, limit, ..exact() };
        let mut seen = Vec::new();
        loop {
            let page = store.search_plates(&asked, &access()).await.unwrap();
            assert_eq!(page.found as usize, all.len());
            assert!(page.hits.len() <= limit.max(1) as usize);
            seen.extend(page.hits.into_iter().map(|hit| {
                (hit.reading.camera.as_str().to_owned(), hit.reading.row.track.0, hit.how)
            }));
            asked.after = page.next;
            if asked.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "pages of {limit}");
    }
}

/// What fits thousands of plates is answered from the newest readings, and the answer says so.
pub(super) async fn broad_patterns_say_how_far(store: Arc<Store>) {
    fill(&store).await;
    let run = begin_at(&store, "TU99-C1", "một ngày", "2026-11-25T00:00:00Z").await;
    let plate = |n: u64| format!("61C{n:05}");
    let mut rows: Vec<ReadingRow> = (1..=150).map(|n| sure(n, &plate(n))).collect();
    rows.push(doubtful(151, "99Z99999", &[(0, '6'), (1, '1')]));
    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
    // All 151 and those of the town but 59T1-461.01 and 80-441-NG-02: the walk reached the start.
    let page = store.search_plates(&query("61*"), &access()).await.unwrap();
    assert_eq!((page.found, page.looked_back_to), (151 + 9, None));
    assert_eq!(page.hits[0].reading.row.track, TrackId(150));
    let one_day = PlateQuery { until: time(23), ..query("*6*") };
    let page = store.search_plates(&one_day, &access()).await.unwrap();
    assert_eq!((page.found, page.looked_back_to), (10, None), "and 59T1-461.01");

    let more: Vec<ReadingRow> = (152..=700).map(|n| sure(n, &plate(n % 120))).collect();
    store.insert_readings(run, &more, at(NOON)).await.unwrap();
    let page = store.search_plates(&query("61*"), &access()).await.unwrap();
    assert_eq!(page.found, 500);
    // Track 201 is the 500th from the end; its best look was at its 25th frame a second.
    assert_eq!(page.looked_back_to, Some(at("2026-11-25T00:03:21Z")));
    assert_eq!(page.hits[0].reading.row.track, TrackId(700), "newest first");
    // The same plate so often that not all of its readings can be ranked.
    let often: Vec<ReadingRow> = (701..=1300).map(|n| sure(n, "61D00001")).collect();
    store.insert_readings(run, &often, at(NOON)).await.unwrap();
    let page = store.search_plates(&query("61D00001"), &access()).await.unwrap();
    assert_eq!((page.found, page.looked_back_to.is_some()), (501, true));
    let way = store.journey(&query("61D00001").pattern, None, None, &access()).await.unwrap();
    assert_eq!(way.looked_back_to, page.looked_back_to);
}

pub(super) async fn one_run_speaks(store: Arc<Store>) {
    let first = begin_at(&store, "TU15-C1", "sáng", "2026-11-24T00:00:00Z").await;
    store.insert_readings(first, &[sure(1, "61A12345")], at(NOON)).await.unwrap();
    store.finish_run(first, &end()).await.unwrap();
    // A better model reads otherwise; until it is through, the first run speaks.
    let mut better = run_of("TU15-C1", "sáng", "2026-11-24T00:00:00Z");
    better.model = "better".to_owned();
    let second = store.begin_run(&better).await.unwrap();
    store.insert_readings(second, &[sure(7, "61A12346")], at(NOON)).await.unwrap();
    assert_eq!(search(&store, &query("61A12345")).await.len(), 1);
    assert_eq!(search(&store, &query("61A12346")).await.len(), 0);
    store.finish_run(second, &end()).await.unwrap();
    assert_eq!(search(&store, &query("61A12345")).await.len(), 0);
    assert_eq!(search(&store, &query("61A1234*")).await.len(), 1);
}

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
    store.search_plates(&asked, &access()).await.unwrap();
    let plate = Pattern::parse("61A12345").unwrap();
    store.journey(&plate, None, time(1), &access()).await.unwrap();
    let entries = store.audit_entries(before, 10).await.unwrap();
    assert_eq!(entries.len(), 2);
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
