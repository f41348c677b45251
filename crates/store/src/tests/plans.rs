//! The questions that people ask all day must not read whole tables.

use std::sync::Arc;

use giaolo_domain::ViolationKind;

use super::{
    case_lists::make_cases,
    samples::{at, begin, crossing, violation},
};
use crate::{
    CaseFilter, CaseOrder, CaseState, Page, Scope, Store, ViolationFilter, case_find::case_query,
    value::Value, violations::violations_query,
};

/// Enough rows that reading them all would be the worse plan.
async fn fill(store: &Store) {
    let run = begin(store, "sang").await;
    let crossings: Vec<_> = (1..=8000)
        .map(|number| {
            let mut crossing = crossing(number);
            crossing.line = format!("line-{}", number % 20).as_str().into();
            crossing
        })
        .collect();
    store.insert_crossings(run, &crossings).await.unwrap();
    let columns = [
        "id",
        "run",
        "camera",
        "kind",
        "rule",
        "track",
        "class",
        "verdict",
        "act_frame",
        "act_media_us",
        "act_at_us",
        "facts",
        "created_at_us",
    ];
    let rows = (1..=8000)
        .map(|number| {
            let row = violation(run, number);
            vec![
                Value::text(row.id),
                run.value(),
                Value::text(row.camera.as_str()),
                Value::word(row.kind).unwrap(),
                Value::text(row.rule.as_str()),
                Value::unsigned(row.track.0).unwrap(),
                Value::word(row.class).unwrap(),
                Value::word(row.verdict).unwrap(),
                Value::unsigned(row.act.frame).unwrap(),
                Value::Integer(Some(row.act.time.0)),
                Value::time(row.act_at),
                Value::Json(row.facts),
                Value::time(row.created_at),
            ]
        })
        .collect();
    let mut transaction = store.database.begin("filling").await.unwrap();
    transaction.insert_rows("violations", &columns, rows).await.unwrap();
    transaction.commit().await.unwrap();
    make_cases(store).await;
    let mut transaction = store.database.begin("analysing").await.unwrap();
    transaction.execute("ANALYZE", Vec::new()).await.unwrap();
    transaction.commit().await.unwrap();
}

pub(super) async fn indexes_are_used(store: Arc<Store>) {
    fill(&store).await;
    let all = ViolationFilter::default;
    let one_minute = (at("2026-11-24T00:01:00Z"), at("2026-11-24T00:02:00Z"));
    let page = Page { after: Some((one_minute.1, "x".to_owned())), limit: 50 };
    let filters = [
        (all(), "violations_by_time"),
        (ViolationFilter { kind: Some(ViolationKind::StopLine), ..all() }, "violations_by_"),
        (ViolationFilter { camera: Some("TU15-C1".into()), ..all() }, "violations_by_"),
        (
            ViolationFilter {
                camera: Some("TU15-C1".into()),
                kind: Some(ViolationKind::StopLine),
                from: Some(one_minute.0),
                until: Some(one_minute.1),
                ..all()
            },
            "violations_by_",
        ),
    ];
    for (filter, index) in filters {
        let (sql, values) = violations_query(&filter, &page).unwrap();
        let plan = store.plan(&sql, values).await.unwrap();
        assert!(plan.contains(index), "{filter:?}: {plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN v\n"), "{filter:?}: {plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
    }

    let sql = "SELECT * FROM crossings
               WHERE camera = $1 AND line = $2 AND crossed_at_us >= $3 AND crossed_at_us < $4";
    let values = vec![
        Value::text("TU15-C1"),
        Value::text("line-7"),
        Value::time(one_minute.0),
        Value::time(one_minute.1),
    ];
    let plan = store.plan(sql, values).await.unwrap();
    assert!(plan.contains("crossings_by_place_and_time"), "{plan}");

    // Each part of an order, of one state and of all of them, for a scope and without.
    let orders = [
        (CaseOrder::Rank, 0, "cases_by_due"),
        (CaseOrder::Rank, 1, "cases_by_due"),
        (CaseOrder::Rank, 2, "cases_by_doubt"),
        (CaseOrder::Newest, 0, "cases_by_time"),
        (CaseOrder::Oldest, 0, "cases_by_time"),
        (CaseOrder::Due, 0, "cases_by_due"),
    ];
    let unit = Scope { units: Some(vec!["Uyên Hưng".to_owned()]) };
    for (order, part, index) in orders {
        for (states, scope) in [(vec![CaseState::Flagged], &Scope::TOWN), (Vec::new(), &unit)] {
            let of_all = states.is_empty();
            let filter = CaseFilter { states, ..CaseFilter::default() };
            let (sql, values) =
                case_query(&filter, scope, order, part, at("2026-11-24T00:01:00Z")).unwrap();
            let plan = store.plan(&sql, values).await.unwrap();
            assert!(plan.contains(index), "{order:?} {part}: {plan}");
            // What PostgreSQL expects nothing of (a unit without cases, a state without any) it may
            // sort; SQLite must not sort any state's cases.
            let sqlite = matches!(store.database.pool, crate::db::Pool::Sqlite(_));
            if sqlite || !of_all {
                assert!(!plan.contains("Seq Scan on cases"), "{order:?} {part}: {plan}");
                assert!(!plan.contains("SCAN c\n"), "{order:?} {part}: {plan}");
            }
            if sqlite {
                assert!(plan.contains("COVERING INDEX"), "{order:?} {part}: {plan}");
            }
        }
    }
}
