//! The audit log: whatever is changed behind its back is named.

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::samples::at;
use crate::{AuditEntry, Store, db::Pool};

fn entry(number: u64) -> AuditEntry {
    AuditEntry {
        at: at("2026-11-24T01:00:00Z"),
        who: "trần thị b".to_owned(),
        action: "case.confirmed".to_owned(),
        subject: format!("vi-pham-{number}"),
        detail: json!({ "z": "after a", "a": number, "quote": "\"\u{1f}" }),
    }
}

/// Runs SQL past the triggers, as somebody with the database's password could.
async fn meddle(store: &Store, sql: &str) {
    let off: &[&str] = match store.database.pool {
        Pool::Sqlite(_) => &[
            "DROP TRIGGER IF EXISTS audit_is_not_changed",
            "DROP TRIGGER IF EXISTS audit_is_not_removed",
        ],
        Pool::Postgres(_) => &["DROP TRIGGER IF EXISTS audit_is_not_changed ON audit"],
    };
    let mut transaction = store.database.begin("meddling").await.unwrap();
    for sql in off.iter().copied().chain([sql]) {
        transaction.execute(sql, Vec::new()).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

pub(super) async fn every_change_is_named(store: Arc<Store>) {
    for number in 1..=12 {
        assert_eq!(store.audit_append(&entry(number)).await.unwrap(), number);
    }
    let whole = store.audit_verify().await.unwrap();
    assert_eq!((whole.entries, &whole.broken), (12, &None));
    let entries = store.audit_entries(3, 2).await.unwrap();
    assert_eq!((entries[0].sequence, &entries[0].entry), (4, &entry(4)));
    assert_eq!(entries.len(), 2);

    // From the end to the start, so that each is the first that is broken.
    let changes = [
        ("UPDATE audit SET at_us = at_us + 1 WHERE sequence = 11", 11, "changed"),
        ("UPDATE audit SET who = 'ai đó' WHERE sequence = 10", 10, "changed"),
        ("UPDATE audit SET action = 'case.rejected' WHERE sequence = 9", 9, "changed"),
        ("UPDATE audit SET subject = 'x' WHERE sequence = 8", 8, "changed"),
        ("UPDATE audit SET detail = '{}' WHERE sequence = 7", 7, "changed"),
        (
            "UPDATE audit SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE sequence = 6",
            6,
            "changed",
        ),
        ("DELETE FROM audit WHERE sequence = 5", 5, "missing"),
        (
            "UPDATE audit SET previous_hash = substr(hash, 2) || '0' WHERE sequence = 4",
            4,
            "does not follow",
        ),
        ("UPDATE audit SET sequence = 100 WHERE sequence = 2", 2, "missing"),
        ("DELETE FROM audit WHERE sequence = 1", 1, "missing"),
    ];
    for (sql, sequence, problem) in changes {
        meddle(&store, sql).await;
        let report = store.audit_verify().await.unwrap();
        let broken = report.broken.expect(sql);
        assert_eq!((broken.sequence, report.entries), (sequence, sequence - 1), "{sql}");
        assert!(broken.problem.contains(problem), "{sql}: {}", broken.problem);
    }
    // A shortened log holds; only its length and head tell.
    meddle(&store, "DELETE FROM audit").await;
    let empty = store.audit_verify().await.unwrap();
    assert_eq!((empty.entries, empty.head, empty.broken), (0, None, None));
}

/// A hash written down by hand once: a log must verify for as long as it is kept.
pub(super) async fn hash_is_as_documented(store: Arc<Store>) {
    store.audit_append(&entry(1)).await.unwrap();
    let zeros = "0".repeat(64);
    let hashed = concat!(
        r#"[1,1795482000000000,"trần thị b","case.confirmed","vi-pham-1","#,
        r#""{\"a\":1,\"quote\":\"\\\"\\u001f\",\"z\":\"after a\"}","#,
    );
    let hashed = format!("{hashed}\"{zeros}\"]");
    let expected = format!("{:x}", Sha256::digest(hashed));
    assert_eq!(store.audit_entries(0, 1).await.unwrap()[0].hash, expected);
    assert_eq!(store.audit_verify().await.unwrap().head, Some(expected));
}

pub(super) async fn concurrent_writers(store: Arc<Store>) {
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..10 {
                    store.audit_append(&entry(writer * 10 + number)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = store.audit_verify().await.unwrap();
    assert_eq!((report.entries, report.broken), (80, None));
}
