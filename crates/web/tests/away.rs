//! The database away for a while: clear words, nothing lost, and well again by itself.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use axum::http::StatusCode;
use common::Town;
use giaolo_store::Role;
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

#[tokio::test]
async fn requests_are_told_and_go_on_once_it_is_back() {
    let town = Town::impatient(Duration::from_millis(400)).await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let note = format!("/api/v1/cases/{}/note", town.cases[0]);
    let before = town.app.store.audit_verify().await.unwrap().entries;

    let mut other = SqliteConnectOptions::new()
        .filename(town.home.path().join("giaolo.db"))
        .connect()
        .await
        .unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for _ in 0..2 {
        let answer = town.post(&an, &note, json!({ "note": "một ghi chú" })).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert_eq!(answer.code(), "database_away");
        assert!(answer.json()["error"]["vi"].as_str().unwrap().contains("Cơ sở dữ liệu"));
        assert_eq!(answer.header("retry-after"), "5");
    }
    // Reading goes on beside a writer that hangs.
    assert_eq!(town.get(&an, "/api/v1/cases").await.status, StatusCode::OK);
    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();

    let mut answer = town.post(&an, &note, json!({ "note": "một ghi chú" })).await;
    for _ in 0..50 {
        if answer.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = town.post(&an, &note, json!({ "note": "một ghi chú" })).await;
    }
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let after = town.app.store.audit_verify().await.unwrap();
    assert_eq!(
        (after.entries, after.broken),
        (before + 1, None),
        "what was refused was not written"
    );
}
