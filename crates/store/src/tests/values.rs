//! Values that one of the databases would bend, and values that nobody here wrote.

use std::sync::Arc;

use giaolo_domain::{LineId, TrackId};
use serde_json::json;

use super::{
    samples::{begin, crossing, evidence, track, violation},
    violations::FIRST_PAGE,
};
use crate::{Store, StoreError};

pub(super) async fn refused_alike(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let mut nan_speed = crossing(1);
    nan_speed.speed_kmh = Some(f32::NAN);
    let mut infinite_point = crossing(1);
    infinite_point.point.x = f32::INFINITY;
    let mut nul_in_name = crossing(1);
    nul_in_name.line = LineId::new("vach\0dung");
    let mut huge_track = crossing(1);
    huge_track.track = TrackId(u64::MAX);
    for wrong in [nan_speed, infinite_point, nul_in_name, huge_track] {
        let error = store.insert_crossings(run, std::slice::from_ref(&wrong)).await;
        assert!(matches!(error, Err(StoreError::Value { .. })), "{wrong:?}: {error:?}");
    }
    let mut nan_box = track(1);
    nan_box.first_box.x1 = f32::NAN;
    // A NaN is `null` in JSON: it must not come back as an unreadable track.
    assert!(store.insert_tracks(run, &[nan_box]).await.is_err());
    assert_eq!(store.tracks(run).await.unwrap(), []);
    for facts in [json!({ "a\0": 1 }), json!([["\0"]])] {
        let mut found = violation(run, 1);
        found.facts = facts;
        let proof = evidence(&found, None);
        let error = store.insert_violation_with_evidence(&found, &proof, "giaolo").await;
        assert!(matches!(error, Err(StoreError::Value { .. })), "{error:?}");
    }
    // What looks like SQL is only a name.
    let mut bobby = crossing(1);
    bobby.line = LineId::new("'); DROP TABLE crossings; --");
    store.insert_crossings(run, &[bobby.clone()]).await.unwrap();
    assert_eq!(store.crossings(run).await.unwrap()[0].crossing, bobby);
}

pub(super) async fn unknown_words_are_named(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let found = violation(run, 1);
    let proof = evidence(&found, None);
    let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo");
    assert!(stored.await.is_ok());
    let mut transaction = store.database.begin("meddling").await.unwrap();
    let sql = "UPDATE violations SET kind = 'flying'";
    transaction.execute(sql, Vec::new()).await.unwrap();
    transaction.commit().await.unwrap();
    let error = store.violations(&Default::default(), &FIRST_PAGE).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`flying`") && text.contains("`kind`"), "{text}");
}
