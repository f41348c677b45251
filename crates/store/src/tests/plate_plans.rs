//! A search for plates must not read all plates, nor all readings.

use std::sync::Arc;

use giaolo_domain::CameraId;
use giaolo_plate::Pattern;

use super::{
    samples::at,
    town::{NOON, begin_at, doubtful, sure},
};
use crate::{PlateQuery, Store, db::Pool};

/// Readings of as many plates, most of the town's own province and every tenth doubtful.
async fn fill(store: &Store) {
    let run = begin_at(store, "TU15-C1", "ngày", "2026-11-24T00:00:00Z").await;
    let letters = b"ABCDEFGHKLMNPSTUVXYZ";
    let rows: Vec<_> = (1..=8000_u64)
        .map(|n| {
            let letter = char::from(letters[n as usize % letters.len()]);
            let plate = format!("61{letter}{}{:05}", n % 9 + 1, n * 7919 % 100_000);
            if n.is_multiple_of(10) { doubtful(n, &plate, &[(5, 'X')]) } else { sure(n, &plate) }
        })
        .collect();
    store.insert_readings(run, &rows, at(NOON)).await.unwrap();
}

async fn analyse(store: &Store) {
    let mut transaction = store.database.begin("analysing").await.unwrap();
    transaction.execute("ANALYZE", Vec::new()).await.unwrap();
    transaction.commit().await.unwrap();
}

pub(super) async fn nothing_is_walked(store: Arc<Store>) {
    fill(&store).await;
    if matches!(store.database.pool, Pool::Sqlite(_)) {
        // SQLite plans without statistics unless somebody makes them; a server makes its own.
        assert_plans(&store).await;
    }
    analyse(&store).await;
    assert_plans(&store).await;
}

async fn assert_plans(store: &Store) {
    let by_text = match store.database.pool {
        Pool::Sqlite(_) => "PRIMARY KEY",
        Pool::Postgres(_) => "plates_pkey",
    };
    let cases = [
        ("61A112345", false, by_text),
        ("61?112345", false, by_text),
        ("61?11234*", false, "plates_by_tail_4"),
        ("??A1123*", false, "plates_by_tail_3"),
        ("61A11*", false, by_text),
        ("*12345", false, "plates_by_end"),
        ("61?1??345", false, "plates_by_end"),
        ("61A112345", true, by_text),
        ("61?11234*", true, "plates_by_"),
    ];
    for (pattern, one_wrong, index) in cases {
        let asked = PlateQuery {
            one_wrong,
            from: Some(at("2026-11-24T00:01:00Z")),
            until: Some(at("2026-11-24T00:02:00Z")),
            ..PlateQuery::new(Pattern::parse(pattern).unwrap())
        };
        let at_camera = PlateQuery { cameras: vec![CameraId::new("TU15-C1")], ..asked.clone() };
        for asked in [asked, at_camera] {
            for step in store.search_plan(&asked).await.unwrap() {
                let plan = &step.plan;
                let by_index = match step.step {
                    "plates that fit" => plan.contains(index),
                    "plates with one wrong character" => {
                        plan.contains("plates_by_")
                            || plan.contains(by_text)
                            || plan.contains("ANY")
                    }
                    "readings of plates" => plan.contains("readings_by_plate"),
                    "what doubtful readings may be" => {
                        plan.contains("SEARCH f USING PRIMARY KEY")
                            || plan.contains("reading_forms_pkey")
                    }
                    "where too many plates fit" => {
                        plan.contains("readings_by_")
                            && !plan.contains("Sort")
                            && !plan.contains("TEMP B-TREE")
                    }
                    other => panic!("unknown step {other}"),
                };
                // For three hundred of a few thousand plates a server rightly reads them all.
                let few =
                    step.step == "plates with one wrong character" && asked.pattern.is_exact();
                let walks = (plan.contains("Seq Scan") && !few) || plan.contains("SCAN");
                assert!(by_index && !walks, "{pattern}, {}: {plan}", step.step);
            }
        }
    }
}
