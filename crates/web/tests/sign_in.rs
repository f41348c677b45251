//! Signing in and out, and everything that ends or refuses a session.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{Method, StatusCode, header};
use common::{Client, PASSWORD, Town};
use giaolo_store::Role;
use serde_json::{Value, json};

const SESSION: &str = "/api/v1/session";

#[tokio::test]
async fn the_first_administrator_is_made_once_and_only_with_the_code() {
    let town = Town::new().await;
    let stranger = Client::default();
    let session = town.get(&stranger, SESSION).await.json();
    assert_eq!((&session["account"], &session["first_run"]), (&Value::Null, &json!(true)));
    let code = town.app.first_run_code().await.unwrap().unwrap();
    let asked = |code: &str, password: &str| json!({ "code": code, "name": "an", "full_name": "Nguyễn Văn An", "password": password });
    let path = "/api/v1/first-run";
    let wrong = town.post(&stranger, path, asked("ABCD-EFGH-JKLM", PASSWORD)).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::FORBIDDEN, "wrong_code"));
    let weak = town.post(&stranger, path, asked(&code, "password1234")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = town.post(&stranger, path, asked(&code, PASSWORD)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert_eq!(made.json()["account"]["name"], "an");
    assert!(!made.text().contains(PASSWORD));
    let client = Client::of(&made);
    assert_eq!(town.get(&client, "/api/v1/accounts").await.json()["total"], 1);
    let again = town.post(&stranger, path, asked(&code, PASSWORD)).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "not_the_first"));
    assert_eq!(town.app.first_run_code().await.unwrap(), None);
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_long() {
    let town = Town::new().await;
    town.app.first_run_code().await.unwrap();
    let body = || json!({ "code": "x", "name": "an", "full_name": "An", "password": PASSWORD });
    for _ in 0..20 {
        let answer = town.post(&Client::default(), "/api/v1/first-run", body()).await;
        assert_eq!(answer.code(), "wrong_code");
    }
    let answer = town.post(&Client::default(), "/api/v1/first-run", body()).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.json()["error"]["retry_after_s"].as_u64().unwrap() >= 1);
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_session_is_a_strict_cookie_that_signing_out_ends() {
    let town = Town::new().await;
    town.account("an", &[Role::Reviewer], &[]).await;
    let (client, answer) = town.sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    // Plain HTTP on this machine; from elsewhere the cookie travels over TLS alone.
    assert!(!cookie.contains("Secure"), "{cookie}");
    let far = Client { address: Some([10, 0, 0, 7].into()), ..Client::default() };
    let body = json!({ "name": "an", "password": PASSWORD });
    let answer = town.post(&far, SESSION, body).await;
    assert!(answer.header("set-cookie").contains("; Secure"));

    let me = town.get(&client, SESSION).await.json();
    assert_eq!(me["account"]["roles"], json!(["reviewer"]));
    assert_eq!(me["csrf"].as_str(), client.csrf.as_deref());
    let answer = town.send(&client, Method::DELETE, SESSION, None).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(town.get(&client, "/api/v1/events").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(town.get(&client, SESSION).await.json()["account"], Value::Null);
}

#[tokio::test]
async fn wrong_name_wrong_password_and_disabled_account_get_one_answer() {
    let town = Town::new().await;
    town.account("an", &[Role::Reviewer], &[]).await;
    town.account("binh", &[Role::Reviewer], &[]).await;
    let off = giaolo_store::AccountChange { disabled: Some(true), ..Default::default() };
    town.account("admin", &[Role::Administrator], &[]).await;
    town.app.store.change_account("binh", &off, "admin", town.now()).await.unwrap();
    let mut answers = Vec::new();
    for (name, password) in [("an", "sai mật khẩu này"), ("khong-co", PASSWORD), ("binh", PASSWORD)]
    {
        let (_, answer) = town.sign_in(name, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(answer.header("set-cookie"), "");
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_name_whether_there_is_one_or_not() {
    let town = Town::new().await;
    town.account("an", &[Role::Reviewer], &[]).await;
    for name in ["an", "khong-co"] {
        for _ in 0..5 {
            assert_eq!(town.sign_in(name, "sai mật khẩu này").await.1.code(), "wrong_password");
        }
        let (_, locked) = town.sign_in(name, PASSWORD).await;
        assert_eq!(
            (locked.status, locked.code().as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "account_locked")
        );
        let seconds = locked.json()["error"]["retry_after_s"].as_u64().unwrap();
        assert!((800..=901).contains(&seconds), "{seconds}");
    }
    town.pass(901);
    assert_eq!(town.sign_in("an", PASSWORD).await.1.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_with_twenty_wrong_passwords_is_slowed_down_and_others_are_not() {
    let town = Town::new().await;
    town.account("an", &[Role::Reviewer], &[]).await;
    for number in 0..20 {
        town.sign_in(&format!("ten-{number}"), "sai mật khẩu này").await;
    }
    let (_, slowed) = town.sign_in("an", PASSWORD).await;
    assert_eq!(
        (slowed.status, slowed.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
    );
    let other = Client { address: Some([10, 0, 0, 7].into()), ..Client::default() };
    let body = || json!({ "name": "an", "password": PASSWORD });
    assert_eq!(town.post(&other, SESSION, body()).await.status, StatusCode::OK);
    town.pass(60);
    assert_eq!(town.sign_in("an", PASSWORD).await.1.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_needs_the_sessions_own_token() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Administrator]).await;
    let binh = town.signed_in("binh", &[Role::Administrator]).await;
    for csrf in [None, Some(String::new()), binh.csrf.clone(), Some("x".to_owned())] {
        let forged = Client { csrf, ..an.clone() };
        let path = "/api/v1/accounts/binh";
        let answer =
            town.send(&forged, Method::PATCH, path, Some(json!({ "disabled": true }))).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "wrong_csrf"));
        let answer = town.send(&forged, Method::DELETE, SESSION, None).await;
        assert_eq!(answer.code(), "wrong_csrf", "nobody else signs one out either");
        assert_eq!(town.get(&forged, "/api/v1/accounts").await.status, StatusCode::OK);
    }
    assert_eq!(town.get(&binh, SESSION).await.json()["account"]["name"], "binh");
}

#[tokio::test]
async fn sessions_end_idle_old_and_with_a_changed_account() {
    let town = Town::new().await;
    let admin = town.signed_in("admin", &[Role::Administrator]).await;
    let idle = town.signed_in("an", &[Role::Reviewer]).await;
    let is_in =
        async |client: &Client| !town.get(client, SESSION).await.json()["account"].is_null();
    town.pass(29 * 60);
    assert!(is_in(&idle).await && is_in(&admin).await);
    town.pass(29 * 60);
    assert!(is_in(&idle).await, "used in between");
    town.pass(31 * 60);
    assert!(!is_in(&idle).await && !is_in(&admin).await);

    let old = town.session("an").await;
    for _ in 0..30 {
        town.pass(25 * 60);
        is_in(&old).await;
    }
    assert!(!is_in(&old).await, "twelve hours are the end");

    let admin = town.session("admin").await;
    let changed = town.session("an").await;
    let path = "/api/v1/accounts/an";
    let answer =
        town.send(&admin, Method::PATCH, path, Some(json!({ "roles": ["analyst"] }))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(!is_in(&changed).await);
}

#[tokio::test]
async fn a_given_password_must_be_changed_before_anything_else() {
    let town = Town::new().await;
    let admin = town.signed_in("admin", &[Role::Administrator]).await;
    let account = json!({
        "name": "an", "full_name": "An", "password": "một mật khẩu tạm", "roles": ["analyst"],
    });
    let made = town.post(&admin, "/api/v1/accounts", account.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.json()["must_change_password"], true);
    assert_eq!(town.post(&admin, "/api/v1/accounts", account).await.code(), "account_there");

    let (client, _) = town.sign_in("an", "một mật khẩu tạm").await;
    assert_eq!(town.get(&client, "/api/v1/cameras").await.code(), "password_must_change");
    let path = "/api/v1/session/password";
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    for (old, new, code) in [
        ("không phải nó đâu", "mật khẩu mới của tôi", "wrong_password"),
        ("một mật khẩu tạm", "ngắn", "refused"),
        ("một mật khẩu tạm", "một mật khẩu tạm", "refused"),
    ] {
        assert_eq!(town.post(&client, path, change(old, new)).await.code(), code, "{new}");
    }
    let other = town.session("an").await;
    let changed =
        town.post(&client, path, change("một mật khẩu tạm", "mật khẩu mới của tôi")).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let renewed = Client::of(&changed);
    assert_eq!(town.get(&renewed, "/api/v1/cameras").await.status, StatusCode::OK);
    for ended in [&client, &other] {
        assert_eq!(town.get(ended, "/api/v1/cameras").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(town.sign_in("an", "một mật khẩu tạm").await.1.code(), "wrong_password");
}

#[tokio::test]
async fn every_answer_carries_its_headers_and_no_cache_keeps_it() {
    let town = Town::new().await;
    for path in ["/", "/healthz", "/api/v1/cases", "/api/v1/nothing", "/review/x"] {
        let answer = town.get(&Client::default(), path).await;
        assert!(answer.header("content-security-policy").contains("default-src 'self'"), "{path}");
        assert!(!answer.header("content-security-policy").contains("script-src 'unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("x-request-id").len(), 12);
        let keep = answer.headers.get(header::CACHE_CONTROL).unwrap();
        assert!(keep == "no-store" || keep == "no-cache", "{path}: {keep:?}");
    }
}
