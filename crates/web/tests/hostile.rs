//! Hostile and broken requests: each gets words and a code, none a fault, and nothing of it is stored.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use common::{Client, PASSWORD, Town};
use giaolo_store::Role;
use giaolo_web::routes;
use serde_json::{Value, json};

/// An error as `docs/design/web.md` says, and no fault.
fn is_said(what: &str, answer: &common::Answer, expected: u16) {
    assert_eq!(answer.status.as_u16(), expected, "{what}: {}", answer.text());
    let error = &answer.json()["error"];
    for key in ["code", "vi", "en"] {
        let said = error[key].as_str().unwrap_or_default();
        assert!(!said.is_empty() && said.len() < 600, "{what}: {key} is `{said}`");
    }
    assert!(error.as_object().unwrap().contains_key("field"), "{what}");
    assert!(error.as_object().unwrap().contains_key("retry_after_s"), "{what}");
}

async fn raw(
    town: &Town,
    client: &Client,
    path: &str,
    kind: &str,
    body: Vec<u8>,
) -> common::Answer {
    let request = client.request(Method::POST, path).header(header::CONTENT_TYPE, kind);
    town.answer(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn what_cannot_be_read_is_said_so() {
    let town = Town::new().await;
    let an = town.signed_in("an", &Role::ALL).await;
    let json = "application/json";
    let deep = |open: &str| open.repeat(200_000).into_bytes();
    let path = "/api/v1/session/password";
    let large = json!({ "old": "x".repeat(10 << 20), "new": PASSWORD }).to_string().into_bytes();
    let bodies: [(&str, &str, Vec<u8>, u16); 9] = [
        ("no JSON", json, b"old=1&new=2".to_vec(), 400),
        ("empty", json, Vec::new(), 400),
        ("another type", "text/plain", b"{}".to_vec(), 400),
        ("no text", json, vec![b'"', 0xff, 0xfe, b'"'], 400),
        ("deep lists", json, deep("["), 400),
        ("deep objects", json, deep("{\"a\":"), 400),
        ("a list", json, b"[1,2,3,4]".to_vec(), 400),
        ("wrong types", json, b"{\"old\": 1e999, \"new\": {}}".to_vec(), 400),
        ("ten megabytes", json, large, 413),
    ];
    for (what, kind, body, status) in bodies {
        is_said(what, &raw(&town, &an, path, kind, body).await, status);
    }
    is_said("wrong method", &town.send(&an, Method::PUT, path, None).await, 405);
    is_said("unknown", &town.get(&an, "/api/v1/nothing").await, 404);
    is_said("unknown", &town.get(&an, "/api/v2/cases").await, 404);
    is_said("unknown", &town.get(&an, "/api").await, 404);
    is_said("posted page", &town.post(&an, "/review", json!({})).await, 405);
    is_said("an asset of another build", &town.get(&an, "/assets/old-1234.js").await, 404);
}

#[tokio::test]
async fn no_field_of_any_route_takes_more_than_it_may() {
    let town = Town::new().await;
    town.account("an", &Role::ALL, &[]).await;
    let long = "n".repeat(900_000);
    let texts: [&str; 8] = [
        "\u{0}",
        "<script>alert(1)</script>",
        "'; DROP TABLE cases; --",
        "=HYPERLINK(\"http://x\")",
        "../../../etc/passwd",
        "\u{202e}\u{feff}\u{1b}[2J",
        "",
        &long,
    ];
    let keys = [
        "name",
        "full_name",
        "password",
        "old",
        "new",
        "code",
        "plate",
        "reason",
        "note",
        "case",
        "after",
        "decision",
    ];
    let changes = || routes().filter(|route| !matches!(route.method, Method::GET | Method::DELETE));
    assert!(changes().count() > 8);
    for route in changes() {
        let path = route
            .path
            .replace("{id}", &town.cases[0])
            .replace("{name}", "an")
            .replace("{plate}", "61B123411");
        for text in texts {
            let mut body: serde_json::Map<String, Value> =
                keys.iter().map(|key| ((*key).to_owned(), json!(text))).collect();
            body.insert("version".to_owned(), json!(1));
            body.insert("roles".to_owned(), json!([]));
            body.insert("units".to_owned(), json!([text]));
            // Wrong passwords lock and slow down, which is another test's matter.
            let client = town.session("an").await;
            town.pass(1_000);
            let client = if town.get(&client, "/api/v1/session").await.json()["account"].is_null() {
                town.session("an").await
            } else {
                client
            };
            let size = body.iter().map(|(_, value)| value.to_string().len()).sum::<usize>();
            let answer = town.send(&client, route.method.clone(), &path, Some(body.into())).await;
            let what = format!("{} {path} with {:.20}", route.method, text);
            if answer.status.is_success() {
                assert!(
                    route.path.ends_with("/open") || route.path.ends_with("/note"),
                    "{what}: {}",
                    answer.text()
                );
                continue;
            }
            if size > 1 << 20 {
                assert!(matches!(answer.status.as_u16(), 413), "{what}: {}", answer.text());
                continue;
            }
            assert!(answer.status.is_client_error(), "{what}: {}", answer.text());
            is_said(&what, &answer, answer.status.as_u16());
        }
    }
    let whole = town.app.store.audit_verify().await.unwrap();
    assert!(whole.broken.is_none());
}

#[tokio::test]
async fn names_have_an_end_and_people_may_be_called_what_they_are() {
    let town = Town::new().await;
    let admin = town.signed_in("admin", &[Role::Administrator]).await;
    let made = async |name: &str, full_name: &str| {
        let account = json!({
            "name": name, "full_name": full_name, "password": "một mật khẩu tạm", "roles": [],
        });
        town.post(&admin, "/api/v1/accounts", account).await
    };
    for name in ["", "An", "a b", "an\u{0}", "../an", "a/b", "ân", &"a".repeat(61)] {
        let answer = made(name, "An").await;
        is_said(name, &answer, 422);
        assert_eq!(answer.json()["error"]["field"], "name");
    }
    for full_name in ["", "  ", "a\u{0}b", &"â".repeat(101)] {
        is_said(full_name, &made("an", full_name).await, 422);
    }
    let shown = made("an", "<b>Nguyễn</b> Văn & \"An\"").await;
    assert_eq!(shown.status, StatusCode::CREATED);
    assert_eq!(shown.json()["full_name"], "<b>Nguyễn</b> Văn & \"An\"");
    is_said(
        "no such unit",
        &{
            let units = json!({ "units": ["Phường Không Có"] });
            town.send(&admin, Method::PATCH, "/api/v1/accounts/an", Some(units)).await
        },
        422,
    );
    is_said(
        "the last administrator",
        &{
            let change = json!({ "roles": ["analyst"] });
            town.send(&admin, Method::PATCH, "/api/v1/accounts/admin", Some(change)).await
        },
        409,
    );
}
