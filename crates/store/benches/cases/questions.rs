//! What people ask of cases and counts all day, and how long the store takes.

use std::time::Instant;

use giaolo_domain::{CameraId, LineId, MediaTime, UtcTime, ViolationKind};
use giaolo_store::{
    Bin, CaseFilter, CaseOrder, CaseState, CountBy, CountQuery, Decision, RejectReason, Scope,
    Step, Store, StoreError, ViolationBy,
};

use crate::{
    Failure,
    town::{BEGIN_US, CAMERAS, DAY_US, NOW_US},
};

const TIMES: usize = 20;

/// Times of one question, in milliseconds.
struct Times(Vec<f64>);

impl Times {
    fn say(mut self, question: &str) {
        self.0.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| self.0[(self.0.len() as f64 * share).ceil() as usize - 1];
        println!("| {question} | {:.1} | {:.1} | {:.1} |", at(0.5), at(0.95), at(1.0));
    }
}

async fn timed(
    question: &str,
    mut ask: impl AsyncFnMut(usize) -> Result<(), StoreError>,
) -> Result<(), Failure> {
    let mut times = Times(Vec::with_capacity(TIMES));
    for n in 0..TIMES {
        let began = Instant::now();
        ask(n).await?;
        times.0.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.say(question);
    Ok(())
}

pub async fn ask(store: &Store, days: i64) -> Result<(), Failure> {
    println!("| question | median ms | p95 | worst |\n| --- | ---: | ---: | ---: |");
    cases(store).await?;
    figures(store, days).await
}

async fn cases(store: &Store) -> Result<(), Failure> {
    let now = UtcTime::from_micros(NOW_US);
    let town = Scope::TOWN;
    let flagged = CaseFilter { states: vec![CaseState::Flagged], ..CaseFilter::default() };
    let camera = CaseFilter { camera: Some(CameraId::new("TU12-C1")), ..flagged.clone() };
    let nothing = CaseFilter { kind: Some(ViolationKind::Stopping), ..flagged.clone() };
    let plate = CaseFilter { plate: Some("61A123".to_owned()), ..CaseFilter::default() };
    let unit = Scope { units: Some(vec!["unit 3".to_owned()]) };
    let lists = [
        ("the queue, ranked", &flagged, &town, CaseOrder::Rank),
        ("the queue, newest first", &flagged, &town, CaseOrder::Newest),
        ("the queue, by due date", &flagged, &town, CaseOrder::Due),
        ("the queue of one unit", &flagged, &unit, CaseOrder::Rank),
        ("the queue of one camera", &camera, &town, CaseOrder::Rank),
        ("a kind that has no case", &nothing, &town, CaseOrder::Rank),
        ("all states, ranked", &CaseFilter::default(), &town, CaseOrder::Rank),
        ("plates that begin so", &plate, &town, CaseOrder::Newest),
    ];
    for (question, filter, scope, order) in lists {
        timed(question, async |_| {
            store.case_list(filter, scope, order, None, 50, now).await.map(drop)
        })
        .await?;
    }
    timed("how many are in the queue", async |_| store.case_count(&flagged, &town).await.map(drop))
        .await?;
    let mut page = store.case_list(&flagged, &town, CaseOrder::Rank, None, 50, now).await?;
    for _ in 0..20 {
        let after = page.next.as_ref();
        page = store.case_list(&flagged, &town, CaseOrder::Rank, after, 50, now).await?;
    }
    let after = page.next.as_ref();
    timed("the queue's 22nd page", async |_| {
        store.case_list(&flagged, &town, CaseOrder::Rank, after, 50, now).await.map(drop)
    })
    .await?;
    let ids: Vec<String> = page.cases.iter().map(|case| case.id.clone()).collect();
    timed("a case", async |n| store.case(&ids[n], &town, now).await.map(drop)).await?;
    timed("opening a case", async |n| {
        store.case_open(&ids[n], "officer", &town, now).await.map(drop)
    })
    .await?;
    let decision = Decision {
        who: "officer".to_owned(),
        version: 1,
        decision: Step::Reject,
        reason: Some(RejectReason::PoorPicture),
        note: String::new(),
        answers: Default::default(),
        seconds: Some(6.4),
        at: now,
    };
    timed("deciding a case", async |n| store.decide(&ids[n], &decision, &town).await.map(drop))
        .await?;
    timed("what waits today", async |_| {
        store.review_summary("officer", &town, now).await.map(drop)
    })
    .await?;
    let from = UtcTime::from_micros(BEGIN_US);
    let until = now.plus(MediaTime(DAY_US));
    timed("the quality of rules", async |_| {
        store.review_quality(&town, from, until).await.map(drop)
    })
    .await?;
    Ok(())
}

async fn figures(store: &Store, days: i64) -> Result<(), Failure> {
    let town = Scope::TOWN;
    let at = |day: i64| UtcTime::from_micros(BEGIN_US + day * DAY_US);
    let query = |cameras: Vec<CameraId>, from: i64, until: i64, bin: Bin, by: CountBy| CountQuery {
        cameras,
        lines: Vec::new(),
        from: at(from),
        until: at(until),
        bin,
        by,
    };
    let one = |n: usize| vec![CameraId::new(format!("TU{}-C1", 10 + n as i64 % CAMERAS))];
    let last = days - 1;
    timed("quarters of a camera's day, by class", async |n| {
        let query = query(one(n), last, days, Bin::Quarter, CountBy::Class);
        store.count_table(&query, &town).await.map(drop)
    })
    .await?;
    timed("hours of a camera, all days, by line", async |n| {
        let query = query(one(n), 0, days, Bin::Hour, CountBy::Line);
        store.count_table(&query, &town).await.map(drop)
    })
    .await?;
    timed("a line, all days, by class", async |n| {
        let mut query = query(one(n), 0, days, Bin::Day, CountBy::Class);
        query.lines = vec![LineId::new("bac")];
        store.count_table(&query, &town).await.map(drop)
    })
    .await?;
    timed("hours of every camera's day", async |_| {
        let query = query(Vec::new(), last, days, Bin::Hour, CountBy::Line);
        store.count_table(&query, &town).await.map(drop)
    })
    .await?;
    timed("every camera, all days, by class", async |_| {
        let query = query(Vec::new(), 0, days, Bin::Day, CountBy::Class);
        store.count_table(&query, &town).await.map(drop)
    })
    .await?;
    timed("the last day with counts", async |_| store.last_counted_day(&[], &town).await.map(drop))
        .await?;
    for by in [ViolationBy::Kind, ViolationBy::Unit, ViolationBy::Hour] {
        let question = format!("violations by {by:?}");
        timed(&question, async |_| store.violation_table(by, &town, None, None).await.map(drop))
            .await?;
    }
    timed("cameras", async |_| {
        store.camera_list(&town, UtcTime::from_micros(NOW_US)).await.map(drop)
    })
    .await?;
    Ok(())
}
