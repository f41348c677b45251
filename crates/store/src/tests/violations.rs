//! Violations and evidence: once, together, in one chain.

use std::sync::Arc;

use giaolo_domain::{UtcTime, Verdict, ViolationKind};

use super::samples::{begin, evidence, new_run, sha256, violation};
use crate::{Insertion, Page, RunId, Store, StoreError, ViolationFilter, ViolationRow};

pub(super) const FIRST_PAGE: Page = Page { after: None, limit: 1000 };

async fn add(store: &Store, violation: &ViolationRow) -> Result<Insertion, StoreError> {
    let evidence = evidence(violation, store.chain_head().await?);
    store.insert_violation_with_evidence(violation, &evidence, "giaolo analyse").await
}

async fn add_new(store: &Store, violation: &ViolationRow) {
    let added = add(store, violation).await;
    assert_eq!(added.unwrap(), Insertion::Inserted);
}

/// Every violation has its evidence, the chain is one line, and the audit log tells each.
pub(super) async fn assert_whole(store: &Store, expected: usize) {
    let chain = store.evidence(0, u32::MAX).await.unwrap();
    assert_eq!(chain.len(), expected);
    let mut previous = None;
    for (place, link) in (1..).zip(&chain) {
        assert_eq!((link.sequence, &link.previous_sha256), (place, &previous));
        assert!(store.has_violation(&link.violation_id).await.unwrap());
        previous = Some(link.manifest_sha256.clone());
    }
    let everything = Page { after: None, limit: u32::MAX };
    let violations = store.violations(&ViolationFilter::default(), &everything).await;
    assert_eq!(violations.unwrap().len(), expected);
    assert_eq!(store.evidence_folders().await.unwrap().len(), expected);
    let report = store.audit_verify().await.unwrap();
    assert_eq!(report.broken, None);
    let found = "SELECT subject FROM audit WHERE action = 'violation.found'";
    let found = store.database.fetch("counting", found, Vec::new()).await;
    assert_eq!(found.unwrap().len(), expected);
}

pub(super) async fn stored_once(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    let found = violation(run, 1);
    assert!(!store.has_violation(&found.id).await.unwrap());
    assert_eq!(store.chain_head().await.unwrap(), None);
    assert_eq!(add(&store, &found).await.unwrap(), Insertion::Inserted);
    // Again, by another run and with other facts: the first stays.
    let mut again = found.clone();
    again.facts = serde_json::json!({});
    assert_eq!(add(&store, &again).await.unwrap(), Insertion::AlreadyThere);
    let all = store.violations(&ViolationFilter::default(), &FIRST_PAGE).await;
    assert_eq!(all.unwrap(), std::slice::from_ref(&found));
    let head = store.chain_head().await.unwrap();
    assert_eq!(head, Some((1, sha256(&found.id))));
    assert_whole(&store, 1).await;
}

pub(super) async fn chain_cannot_fork(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    add_new(&store, &violation(run, 1)).await;
    let second = violation(run, 2);
    let right = evidence(&second, store.chain_head().await.unwrap());
    let mut first_again = right.clone();
    first_again.previous_sha256 = None;
    first_again.sequence = 1;
    let mut gap = right.clone();
    gap.sequence = 3;
    let mut stranger = right.clone();
    stranger.previous_sha256 = Some(sha256("nothing here"));
    for wrong in [first_again, gap, stranger] {
        let refused = store.insert_violation_with_evidence(&second, &wrong, "giaolo").await;
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::ChainMoved { .. }), "{error}");
        assert!(error.to_string().contains("ends with number 1"), "{error}");
        assert_whole(&store, 1).await;
    }
    let stored = store.insert_violation_with_evidence(&second, &right, "giaolo").await;
    assert_eq!(stored.unwrap(), Insertion::Inserted);
    assert_whole(&store, 2).await;
}

pub(super) async fn concurrent_writers(store: Arc<Store>) {
    const WRITERS: u64 = 8;
    const EACH: u64 = 12;
    let run = begin(&store, "sang").await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 1..=EACH {
                    // Neighbours share half of their violations, as two runs of one file would.
                    let found = violation(run, writer / 2 * EACH + number);
                    while let Err(error) = add(&store, &found).await {
                        assert!(matches!(error, StoreError::ChainMoved { .. }), "{error:?}");
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_whole(&store, (WRITERS / 2 * EACH) as usize).await;
}

pub(super) async fn nothing_by_halves(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    add_new(&store, &violation(run, 1)).await;
    let second = violation(run, 2);
    let right = evidence(&second, store.chain_head().await.unwrap());

    let mut short_hash = right.clone();
    short_hash.manifest_sha256.pop();
    let mut taken_folder = right.clone();
    taken_folder.folder = violation(run, 1).id;
    let mut of_another = right.clone();
    of_another.violation_id = "another".to_owned();
    for evidence in [short_hash, taken_folder, of_another] {
        let refused = store.insert_violation_with_evidence(&second, &evidence, "giaolo").await;
        assert!(refused.is_err(), "{evidence:?}");
    }
    // Nobody: the audit entry is refused last, after both rows were written.
    let refused = store.insert_violation_with_evidence(&second, &right, "").await;
    assert!(refused.is_err());
    let mut other_camera = second.clone();
    other_camera.camera = "TU99-C1".into();
    let mut no_run = second.clone();
    no_run.run = RunId(i64::MAX);
    for violation in [other_camera, no_run] {
        let refused = store.insert_violation_with_evidence(&violation, &right, "giaolo").await;
        assert!(refused.is_err(), "{violation:?}");
    }
    assert!(!store.has_violation(&second.id).await.unwrap());
    assert_whole(&store, 1).await;
}

pub(super) async fn filters_and_pages(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    for number in 1..=24 {
        let mut found = violation(run, number);
        // Three acts in every instant, so that pages must be cut within one.
        found.act_at = UtcTime::from_micros(found.act_at.micros() / 120_000 * 120_000);
        add_new(&store, &found).await;
    }
    let everything = store.violations(&ViolationFilter::default(), &FIRST_PAGE).await.unwrap();
    let mut sorted = everything.clone();
    sorted.sort_by(|a, b| (b.act_at, &b.id).cmp(&(a.act_at, &a.id)));
    assert_eq!(everything, sorted);
    assert_eq!(everything.len(), 24);

    type Keeps = Box<dyn Fn(&ViolationRow) -> bool + Send>;
    let middle = everything[10].act_at;
    let all = ViolationFilter::default;
    let filters: Vec<(ViolationFilter, Keeps)> = vec![
        (all(), Box::new(|_| true)),
        (ViolationFilter { camera: Some("TU15-C1".into()), ..all() }, Box::new(|_| true)),
        (ViolationFilter { camera: Some("TU15".into()), ..all() }, Box::new(|_| false)),
        (
            ViolationFilter { kind: Some(ViolationKind::WrongWay), ..all() },
            Box::new(|v| v.kind == ViolationKind::WrongWay),
        ),
        (
            ViolationFilter { verdict: Some(Verdict::Insufficient), ..all() },
            Box::new(|v| v.verdict == Verdict::Insufficient),
        ),
        (ViolationFilter { run: Some(RunId(run.0 + 1)), ..all() }, Box::new(|_| false)),
        (
            ViolationFilter { source_sha256: Some(new_run("sang").source_sha256), ..all() },
            Box::new(|_| true),
        ),
        (ViolationFilter { source_sha256: Some(sha256("chieu")), ..all() }, Box::new(|_| false)),
        (ViolationFilter { from: Some(middle), ..all() }, Box::new(move |v| v.act_at >= middle)),
        (
            ViolationFilter {
                camera: Some("TU15-C1".into()),
                kind: Some(ViolationKind::RedLight),
                verdict: Some(Verdict::Sure),
                run: Some(run),
                until: Some(middle),
                ..all()
            },
            Box::new(move |v| {
                v.kind == ViolationKind::RedLight && v.verdict == Verdict::Sure && v.act_at < middle
            }),
        ),
    ];
    for (filter, keeps) in filters {
        let expected: Vec<_> = everything.iter().filter(|v| keeps(v)).cloned().collect();
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = Page { after, limit: 5 };
            let page = store.violations(&filter, &page).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.act_at, last.id.clone()));
            paged.extend(page);
        }
        assert_eq!(paged, expected, "{filter:?}");
    }
}

pub(super) async fn chains_are_not_changed(store: Arc<Store>) {
    let run = begin(&store, "sang").await;
    add_new(&store, &violation(run, 1)).await;
    for sql in [
        "UPDATE evidence SET folder = 'elsewhere'",
        "DELETE FROM evidence",
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM violations",
    ] {
        let mut transaction = store.database.begin("meddling").await.unwrap();
        assert!(transaction.execute(sql, Vec::new()).await.is_err(), "{sql}");
        drop(transaction);
        assert_whole(&store, 1).await;
    }
}
