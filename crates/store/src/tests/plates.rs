//! Plate readings: what is stored, and what a search finds.

use std::{collections::BTreeSet, sync::Arc};

use giaolo_domain::{CameraId, ClockSource, PlateVerdict, TrackId};
use giaolo_plate::Pattern;

use super::{
    samples::{at, begin, end},
    town::{NOON, access, begin_at, doubtful, fill, run_of, sure, time, unreadable},
};
use crate::{PlateMatch, PlateQuery, ReadingRow, Store, StoreError};

pub(super) fn query(pattern: &str) -> PlateQuery {
    PlateQuery::new(Pattern::parse(pattern).unwrap())
}

/// Camera, track and how of each hit.
pub(super) async fn search(store: &Store, query: &PlateQuery) -> Vec<(String, u64, PlateMatch)> {
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

    let everywhere = PlateQuery { cameras: vec![CameraId::new("TU15-C1"); 51], ..exact() };
    let refused = store.search_plates(&everywhere, &access()).await;
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

/// Whatever index a pattern is looked up by, it finds what trying every plate finds.
pub(super) async fn found_as_by_trying_each(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let mut plates: Vec<String> = (1..=60_u64)
        .map(|n| {
            let letter = char::from(b"AB"[n as usize % 2]);
            let digit = if n.is_multiple_of(3) { String::new() } else { (n % 4).to_string() };
            format!("61{letter}{digit}{:05}", n * 7919 % 300)
        })
        .collect();
    plates.extend(
        ["1", "61", "99Z1", "80441NG02", "T8000101", "6161616161616161"].map(str::to_owned),
    );
    plates.sort();
    plates.dedup();
    let rows: Vec<_> = plates.iter().zip(1..).map(|(plate, n)| sure(n, plate)).collect();
    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
    let mut asked = 0;
    for plate in plates.iter().step_by(5) {
        for from in 0..=plate.len() {
            for until in from..=plate.len() {
                let (before, after) = (&plate[..from], &plate[until..]);
                let open = "?".repeat(until - from);
                let patterns = [
                    format!("{before}{open}{after}"),
                    format!("{before}*{after}"),
                    format!("*{}*", &plate[from..until]),
                    format!("?{before}{open}*"),
                ];
                // One of the four, so that the whole takes no minutes.
                let Ok(pattern) = Pattern::parse(&patterns[(from + until) % 4]) else { continue };
                let one_wrong = !(from + 2 * until).is_multiple_of(3);
                let fitting: BTreeSet<&str> = plates
                    .iter()
                    .filter(|plate| pattern.matches(plate, u32::from(one_wrong)))
                    .map(String::as_str)
                    .collect();
                let glob = pattern.glob();
                let query = PlateQuery { one_wrong, limit: 500, ..PlateQuery::new(pattern) };
                let page = store.search_plates(&query, &access()).await.unwrap();
                let found: BTreeSet<&str> =
                    page.hits.iter().map(|hit| hit.reading.row.reading.text.as_str()).collect();
                assert_eq!(found, fitting, "{glob}, one wrong: {one_wrong}");
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
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
