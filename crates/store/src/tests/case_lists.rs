//! Lists of cases: order, pages, filters, scope, groups; and what review makes of them.

use std::{collections::BTreeSet, sync::Arc};

use giaolo_domain::{MediaTime, Verdict, ViolationKind};

use super::{
    accounts::{minutes_later, new_account, now},
    cases::{TOWN, add_case, add_officers, decide, denied, move_on, state, version},
    samples::{begin, evidence, new_run, scene, violation},
    town::{doubtful, register, sure},
};
use crate::{
    CaseFilter, CaseMove, CaseOrder, CaseState, Decision, PlateEdit, Refusal, RejectReason, Role,
    RunId, Scope, Step, Store, db::Pool, viet_nam::DAY_US,
};

/// Ids in the order of a list, by pages of `limit`.
async fn listed(store: &Store, filter: &CaseFilter, order: CaseOrder, limit: u32) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let page =
            store.case_list(filter, &TOWN, order, after.as_ref(), limit, now()).await.unwrap();
        assert!(page.cases.len() <= limit as usize);
        ids.extend(page.cases.into_iter().map(|case| case.id));
        // A cursor travels as text.
        after = page
            .next
            .map(|next| serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap());
        if after.is_none() {
            return ids;
        }
    }
}

fn in_states(states: &[CaseState]) -> CaseFilter {
    CaseFilter { states: states.to_vec(), ..CaseFilter::default() }
}

async fn add_many(store: &Store, run: RunId) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 1..=24 {
        let reading = match number % 3 {
            0 => Some(sure(number, "61A12345")),
            1 => Some(doubtful(number, "61B12345", &[(7, '6')])),
            _ => None,
        };
        ids.push(add_case(store, run, number, reading).await);
    }
    ids
}

pub(super) async fn orders_and_pages(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let ids = add_many(&store, run).await;
    for limit in [1, 5, 200] {
        let oldest = listed(&store, &CaseFilter::default(), CaseOrder::Oldest, limit).await;
        assert_eq!(oldest, ids);
        let newest = listed(&store, &CaseFilter::default(), CaseOrder::Newest, limit).await;
        assert_eq!(newest, ids.iter().rev().cloned().collect::<Vec<_>>());
    }
    // Sureness before age: rule and plate sure, then rule alone, then plate alone, then neither.
    let sureness = |id: &String| {
        let number = ids.iter().position(|other| other == id).unwrap() + 1;
        (number.is_multiple_of(4), !number.is_multiple_of(3), number)
    };
    let mut expected = ids.clone();
    expected.sort_by_key(sureness);
    for limit in [1, 7, 200] {
        let ranked = listed(&store, &CaseFilter::default(), CaseOrder::Rank, limit).await;
        assert_eq!(ranked, expected, "{limit}");
    }
    // What is overdue comes first, then what is due today, each by its hour.
    for id in [&ids[2], &ids[5], &ids[8]] {
        decide(&store, id, "rev", Step::Confirm).await.unwrap();
    }
    let due = |id: &String, micros: i64| {
        format!("UPDATE cases SET due_at_us = {} WHERE id = '{id}'", now().micros() + micros)
    };
    let mut transaction = store.database.begin("meddling").await.unwrap();
    for sql in [due(&ids[8], -5), due(&ids[5], -9), due(&ids[2], 3_600_000_000)] {
        transaction.execute(sql, Vec::new()).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let first = [ids[5].clone(), ids[8].clone(), ids[2].clone()];
    let mut expected: Vec<String> = ids.iter().filter(|id| !first.contains(id)).cloned().collect();
    expected.sort_by_key(sureness);
    for limit in [1, 2, 3, 200] {
        let ranked = listed(&store, &CaseFilter::default(), CaseOrder::Rank, limit).await;
        assert_eq!((&ranked[..3], &ranked[3..]), (&first[..], &expected[..]), "{limit}");
    }
    let by_due = listed(&store, &CaseFilter::default(), CaseOrder::Due, 4).await;
    assert_eq!((&by_due[..3], by_due.len()), (&first[..], 24));
    decide(&store, &ids[0], "rev", Step::Reject).await.unwrap();
    let by_due = listed(&store, &CaseFilter::default(), CaseOrder::Due, 4).await;
    assert_eq!(by_due.last(), Some(&ids[0]), "a rejected one waits for nothing");

    let summary = store.review_summary("app", &TOWN, now()).await.unwrap();
    assert_eq!((summary.overdue, summary.due_today, summary.second_for_me), (2, 1, 3));
    assert_eq!(store.review_summary("rev", &TOWN, now()).await.unwrap().second_for_me, 0);
    assert_eq!(summary.states[&CaseState::Flagged], 20);
    assert_eq!((summary.officers.len(), summary.officers[0].decided), (1, 4));
    assert_eq!(summary.officers[0].median_s, Some(6.4));
}

pub(super) async fn filters(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let ids = add_many(&store, run).await;
    decide(&store, &ids[2], "rev", Step::Confirm).await.unwrap();
    let numbers =
        |numbers: &[usize]| numbers.iter().map(|n| ids[n - 1].clone()).collect::<Vec<_>>();
    let any = CaseFilter::default;
    let moment = violation(run, 7).act_at;
    let cases = [
        (in_states(&[CaseState::FirstConfirmed]), numbers(&[3])),
        (in_states(&[CaseState::Confirmed, CaseState::Sent]), Vec::new()),
        (CaseFilter { kind: Some(ViolationKind::ALL[1]), ..any() }, numbers(&[1, 7, 13, 19])),
        (
            CaseFilter { verdict: Some(Verdict::Insufficient), ..any() },
            numbers(&[4, 8, 12, 16, 20, 24]),
        ),
        (CaseFilter { camera: Some("TU16-C1".into()), ..any() }, Vec::new()),
        (CaseFilter { point: Some("TU15".to_owned()), ..any() }, Vec::new()),
        (
            CaseFilter { plate: Some("61A".to_owned()), ..any() },
            numbers(&[3, 6, 9, 12, 15, 18, 21, 24]),
        ),
        (CaseFilter { plate: Some("' OR 1=1 --%".to_owned()), ..any() }, Vec::new()),
        (CaseFilter { until: Some(moment), ..any() }, numbers(&[1, 2, 3, 4, 5, 6])),
        (
            CaseFilter { from: Some(moment), until: Some(moment.plus(MediaTime(1))), ..any() },
            numbers(&[7]),
        ),
    ];
    for (filter, expected) in cases {
        for order in [CaseOrder::Rank, CaseOrder::Newest, CaseOrder::Oldest, CaseOrder::Due] {
            let found: BTreeSet<_> = listed(&store, &filter, order, 3).await.into_iter().collect();
            assert_eq!(found, expected.iter().cloned().collect(), "{filter:?} {order:?}");
        }
        assert_eq!(store.case_count(&filter, &TOWN).await.unwrap(), expected.len() as u64);
    }
    assert_eq!(store.case_count(&any(), &TOWN).await.unwrap(), 24);
}

pub(super) async fn outside_ones_units_nothing_is_there(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let here = Scope { units: Some(vec!["Uyên Hưng".to_owned(), "Thái Hòa".to_owned()]) };
    let there = Scope { units: Some(vec!["Thái Hòa".to_owned()]) };
    let nowhere = Scope { units: Some(Vec::new()) };
    // Without a point a case is nobody's but the town's.
    assert_eq!(store.case_count(&CaseFilter::default(), &here).await.unwrap(), 0);
    // The register puts it into a unit.
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let case = store.case(&id, &here, now()).await.unwrap();
    assert_eq!(case.row.point.unwrap().unit.as_deref(), Some("Uyên Hưng"));
    assert_eq!(store.case_count(&CaseFilter::default(), &here).await.unwrap(), 1);
    assert_eq!(store.camera_list(&here, now()).await.unwrap().len(), 2);
    let (from, until) = (minutes_later(-10), minutes_later(10));
    let by = crate::ViolationBy::Kind;
    for scope in [there, nowhere] {
        assert_eq!(store.case_count(&CaseFilter::default(), &scope).await.unwrap(), 0);
        let any = CaseFilter::default();
        let page = store.case_list(&any, &scope, CaseOrder::Rank, None, 9, now()).await;
        assert_eq!(page.unwrap().cases, []);
        let gone = Refusal::NoCase(id.clone());
        assert_eq!(denied(store.case(&id, &scope, now()).await), gone);
        assert_eq!(denied(store.case_open(&id, "rev", &scope, now()).await), gone);
        assert_eq!(denied(store.case_note(&id, "rev", "x", &scope, now()).await), gone);
        let edit = PlateEdit {
            who: "rev".to_owned(),
            version: 1,
            plate: "61A12346".to_owned(),
            shown: "61A-123.46".to_owned(),
            reason: "x".to_owned(),
            at: now(),
        };
        assert_eq!(denied(store.edit_plate(&id, &edit, &scope).await), gone);
        let reject = Decision {
            who: "rev".to_owned(),
            version: 1,
            decision: Step::Reject,
            reason: Some(RejectReason::PoorPicture),
            note: String::new(),
            answers: Default::default(),
            seconds: None,
            at: now(),
        };
        assert_eq!(denied(store.decide(&id, &reject, &scope).await), gone);
        let again = CaseMove { who: "app".to_owned(), version: 1, note: "x".to_owned(), at: now() };
        assert_eq!(denied(store.reopen(&id, &again, &scope).await), gone);
        assert!(store.review_summary("rev", &scope, now()).await.unwrap().states.is_empty());
        assert_eq!(store.review_quality(&scope, from, until).await.unwrap().rows, []);
        assert_eq!(store.violation_table(by, &scope, None, None).await.unwrap(), []);
        assert_eq!(store.camera_list(&scope, now()).await.unwrap(), []);
    }
    assert_eq!(state(&store, &id).await, CaseState::Flagged);
}

pub(super) async fn the_same_vehicle_is_grouped(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    // Seconds of the act: a chain whose ends are more than two minutes apart, and one after it. They
    // come in another order than they happened.
    let mut ids = Vec::new();
    for (number, second) in [(1_u64, 0_i64), (3, 200), (2, 100), (4, 400)] {
        let mut reading = sure(number, "61A12345");
        reading.track = giaolo_domain::TrackId(number);
        store.insert_reading(run, &reading, now()).await.unwrap();
        let mut found = violation(run, number);
        found.act_at = new_run("sang").origin.start.plus(MediaTime(second * 1_000_000));
        let proof = evidence(&found, store.chain_head().await.unwrap());
        let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo").await;
        assert!(stored.is_ok());
        ids.push((second, found.id));
    }
    ids.sort();
    let group = async |place: usize| {
        let case = store.case(&ids[place].1, &TOWN, now()).await.unwrap();
        (case.row.group, case.row.group_size, case.same_vehicle.len())
    };
    for place in 0..3 {
        assert_eq!(group(place).await, (ids[0].1.clone(), 3, 3), "{place}");
    }
    assert_eq!(group(3).await, (ids[3].1.clone(), 1, 3));
    // The middle one turns out to be another vehicle: the chain falls apart.
    store.insert_reading(run, &sure(2, "61A99999"), now()).await.unwrap();
    for place in [0, 1, 2] {
        let (of, size, _) = group(place).await;
        assert_eq!((of, size), (ids[place].1.clone(), 1), "{place}");
    }
    // A doubtful plate puts nobody together; a person's word does.
    store.insert_reading(run, &doubtful(2, "61A12345", &[(7, '6')]), now()).await.unwrap();
    assert_eq!(group(1).await.1, 1);
    let edit = PlateEdit {
        who: "rev".to_owned(),
        version: version(&store, &ids[1].1).await,
        plate: "61A12345".to_owned(),
        shown: "61A-123.45".to_owned(),
        reason: "thấy rõ".to_owned(),
        at: now(),
    };
    store.edit_plate(&ids[1].1, &edit, &TOWN).await.unwrap();
    assert_eq!(group(1).await, (ids[0].1.clone(), 3, 3));
}

pub(super) async fn times_that_nobody_knows(store: Arc<Store>) {
    add_officers(&store).await;
    store.put_scene_version(&scene("TU15-C1")).await.unwrap();
    let mut run = new_run("khong gio");
    run.origin = giaolo_domain::TimeOrigin::UNKNOWN;
    let run = store.begin_run(&run).await.unwrap();
    let one = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let two = add_case(&store, run, 2, Some(sure(2, "61A12345"))).await;
    let case = store.case(&one, &TOWN, now()).await.unwrap();
    assert_eq!((case.row.clock_known, case.row.due, case.row.group_size), (false, None, 1));
    assert!(case.clocks.is_empty());
    assert_eq!(case.same_vehicle.iter().map(|other| &other.id).collect::<Vec<_>>(), [&two]);
    assert_eq!(listed(&store, &CaseFilter::default(), CaseOrder::Rank, 1).await, [one, two]);
    let hours = store.violation_table(crate::ViolationBy::Hour, &TOWN, None, None).await.unwrap();
    assert_eq!(hours, []);
}

pub(super) async fn quality_is_measured(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let mut ids = Vec::new();
    for number in [1, 7, 13, 19, 25] {
        ids.push(add_case(&store, run, number, Some(sure(number, "61A12345"))).await);
    }
    // Confirmed, rejected at once, rejected by the second, opened again, undecided.
    for id in [&ids[0], &ids[2], &ids[3]] {
        decide(&store, id, "rev", Step::Confirm).await.unwrap();
    }
    decide(&store, &ids[0], "app", Step::Confirm).await.unwrap();
    move_on(&store, &ids[0], "rev", Step::DraftNotice).await.unwrap();
    decide(&store, &ids[1], "rev", Step::Reject).await.unwrap();
    decide(&store, &ids[2], "app", Step::Reject).await.unwrap();
    decide(&store, &ids[3], "app", Step::Reject).await.unwrap();
    move_on(&store, &ids[3], "app", Step::Reopen).await.unwrap();
    let (from, until) = (minutes_later(-1), minutes_later(1));
    let quality = store.review_quality(&TOWN, from, until).await.unwrap();
    assert_eq!((quality.second, quality.agreed), (3, 1));
    assert_eq!(quality.agreement(), Some(1.0 / 3.0));
    assert_eq!((quality.median_s, quality.p90_s), (Some(6.4), Some(6.4)));
    let [row] = &quality.rows[..] else { panic!("{quality:?}") };
    assert_eq!((row.confirmed, row.rejected, row.precision()), (1, 2, Some(1.0 / 3.0)));
    assert_eq!((row.kind, row.camera.as_str()), (ViolationKind::ALL[1], "TU15-C1"));
    assert_eq!(row.reasons[&RejectReason::PoorPicture], 2);
    let before = store.review_quality(&TOWN, minutes_later(-9), from).await.unwrap();
    assert_eq!((before.rows.len(), before.agreement(), before.median_s), (0, None, None));
    let by_state =
        store.violation_table(crate::ViolationBy::State, &TOWN, None, None).await.unwrap();
    let told: Vec<_> =
        by_state.iter().map(|r| (r.key.as_deref(), r.count, r.confirmed, r.rejected)).collect();
    let expected = [
        (Some("flagged"), 2, 0, 0),
        (Some("notice_drafted"), 1, 1, 0),
        (Some("rejected"), 2, 0, 2),
    ];
    assert_eq!(told, expected);
    let hours = store.violation_table(crate::ViolationBy::Hour, &TOWN, None, None).await.unwrap();
    assert_eq!((hours[0].key.as_deref(), hours[0].count), (Some("7"), 5));
    // A day later nothing was decided "today".
    let next = now().plus(MediaTime(DAY_US));
    assert_eq!(store.review_summary("rev", &TOWN, next).await.unwrap().officers, []);
}

/// Makes the cases of all violations as the migration did for those that were there.
pub(super) async fn make_cases(store: &Store) {
    let migration = match store.database.pool {
        Pool::Sqlite(_) => include_str!("../../migrations/sqlite/0004_cases.sql"),
        Pool::Postgres(_) => include_str!("../../migrations/postgres/0004_cases.sql"),
    };
    let (_, filling) = migration.split_once("-- Cases for the violations that are there").unwrap();
    let (insert, update) = filling.split_once(";\n").unwrap();
    let (_, insert) = insert.split_once("INSERT").unwrap();
    let mut transaction = store.database.begin("migrating").await.unwrap();
    for sql in [format!("INSERT{insert}"), update.to_owned()] {
        transaction.execute(sql, Vec::new()).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Empties the table and lets the migration make it again: it must be what the program made.
pub(super) async fn made_for_what_is_there(store: Arc<Store>) {
    store
        .create_first_administrator(&new_account("admin", &[Role::Reviewer]), now())
        .await
        .unwrap();
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let run = begin(&store, "sang").await;
    add_many(&store, run).await;
    let mut unknown = new_run("khong gio");
    unknown.origin = giaolo_domain::TimeOrigin::UNKNOWN;
    let unknown = store.begin_run(&unknown).await.unwrap();
    add_case(&store, unknown, 25, Some(sure(25, "61A12345"))).await;
    let columns = "id, state, version, camera, kind, rule, line, class, verdict, confidence, act_at_us,
        clock_known, unit, plate, plate_verdict, plate_edited, vehicle, group_key, doubt, due, due_at_us";
    let sql = format!("SELECT {columns} FROM cases ORDER BY id");
    let table = async || {
        let rows = store.database.fetch("reading", sql.as_str(), Vec::new()).await.unwrap();
        let db = &store.database;
        let mut table = Vec::new();
        for row in &rows {
            for column in columns.split(',').map(str::trim) {
                let text = db.maybe_text(row, column).ok().flatten();
                let number = db.maybe_integer(row, column).ok().flatten();
                table.push((column.to_owned(), text, number));
            }
        }
        table
    };
    let made = table().await;
    assert_eq!(made.len(), 25 * 21);
    let of_table = if matches!(store.database.pool, Pool::Sqlite(_)) { "" } else { " ON cases" };
    let mut transaction = store.database.begin("emptying").await.unwrap();
    for sql in
        [format!("DROP TRIGGER cases_are_not_removed{of_table}"), "DELETE FROM cases".to_owned()]
    {
        transaction.execute(sql, Vec::new()).await.unwrap();
    }
    transaction.commit().await.unwrap();
    make_cases(&store).await;
    assert_eq!(table().await, made);
    // The shown form of a doubtful plate comes from its reading.
    let doubtful = CaseFilter { plate: Some("61B12345".to_owned()), ..CaseFilter::default() };
    let page = store.case_list(&doubtful, &TOWN, CaseOrder::Oldest, None, 9, now()).await.unwrap();
    assert_eq!(page.cases.len(), 8);
    for case in page.cases {
        let shown = case.plate.unwrap().shown;
        assert!(shown.contains('?'), "{shown}");
    }
}
