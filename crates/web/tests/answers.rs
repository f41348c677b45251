//! Statistics, review, cameras, the audit log, the description and the screens.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{Method, StatusCode};
use common::{Client, HERE, Town, evidence::WIDTH};
use giaolo_store::Role;
use giaolo_web::routes;
use serde_json::{Value, json};

#[tokio::test]
async fn a_bin_that_nobody_watched_is_null_and_never_0() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Analyst]).await;
    let counts = town.get(&an, "/api/v1/stats/counts?camera=TU15-C1&bin=15min").await.json();
    let row = &counts["rows"][0];
    assert_eq!(row["key"]["line"], "stop");
    let bins = counts["bins"].as_array().unwrap();
    let at = bins.iter().position(|bin| bin == "2026-11-24T00:30:00.000000Z").unwrap();
    assert_eq!(row["cells"][at]["count"], 12);
    assert!((row["cells"][at]["coverage"].as_f64().unwrap() - 2.0 / 3.0).abs() < 0.01);
    assert_eq!(row["cells"][at + 1]["count"], Value::Null);
    let path = "/api/v1/stats/counts?from=2026-11-24T00:30:00Z&until=2026-11-24T01:00:00Z&bin=15min&format=csv";
    let csv = town.get(&an, path).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("counts.csv"));
    let text = csv.text();
    assert!(text.starts_with('\u{feff}'), "spreadsheets need the mark");
    assert!(text.contains("TU15-C1,stop,forward,,,12,0.66"), "{text}");
    assert!(text.contains("TU15-C1,stop,forward,,,,0.0000"), "{text}");
    for query in ["bin=week", "by=plate", "from=x", "format=exe"] {
        let answer = town.get(&an, &format!("/api/v1/stats/counts?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let long =
        "/api/v1/stats/counts?from=1990-01-01T00:00:00Z&until=2026-01-01T00:00:00Z&bin=15min";
    assert_eq!(town.get(&an, long).await.code(), "refused");
    let nowhere = town.get(&an, "/api/v1/stats/counts?camera=nowhere").await.json();
    assert_eq!((&nowhere["rows"], &nowhere["peak"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn violations_are_counted_by_what_became_of_them() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer, Role::Analyst]).await;
    let path = format!("/api/v1/cases/{}/decision", town.cases[0]);
    let rejected =
        json!({ "version": 1, "decision": "reject", "reason": "duplicate", "seconds": 4.0 });
    assert_eq!(town.post(&an, &path, rejected).await.status, StatusCode::OK);
    let rows = async |by: &str| {
        town.get(&an, &format!("/api/v1/stats/violations?by={by}")).await.json()["rows"].clone()
    };
    let row = |key: &str, count: u64, rejected: u64| json!({ "key": key, "count": count, "confirmed": 0, "rejected": rejected });
    assert_eq!(rows("kind").await, json!([row("red_light", 4, 1)]));
    assert_eq!(rows("camera").await, json!([row("TU15-C1", 3, 1), row("TU16-C1", 1, 0)]));
    assert_eq!(rows("hour").await, json!([row("7", 4, 1)]));
    let csv = town.get(&an, "/api/v1/stats/violations?by=kind&format=csv").await.text();
    assert!(csv.contains("red_light,4,0,1"), "{csv}");
    let summary = town.get(&an, "/api/v1/review/summary").await.json();
    assert_eq!(
        (&summary["states"]["flagged"], &summary["states"]["rejected"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(summary["my_day"], json!({ "decided": 1, "median_s": 4.0 }));
    town.pass(1);
    let quality = town.get(&an, "/api/v1/review/quality").await.json();
    assert_eq!(quality["rows"][0]["reasons"], json!({ "duplicate": 1 }));
    assert_eq!(
        (&quality["agreement"], &quality["rows"][0]["precision"]),
        (&Value::Null, &json!(0.0))
    );
}

#[tokio::test]
async fn cameras_and_points_are_those_of_ones_units() {
    let town = Town::new().await;
    town.account("an", &[Role::Operator], &[HERE]).await;
    let an = town.session("an").await;
    let whole = town.signed_in("binh", &[Role::Operator]).await;
    assert_eq!(town.get(&whole, "/api/v1/cameras").await.json()["total"], 2);
    let cameras = town.get(&an, "/api/v1/cameras").await.json();
    assert_eq!(cameras["total"], 1);
    let camera = &cameras["items"][0];
    assert_eq!((&camera["id"], &camera["violations_open"]), (&json!("TU15-C1"), &json!(3)));
    assert_eq!(camera["last_run"]["frames"], 6_000);
    assert_eq!(town.get(&an, "/api/v1/cameras/TU15-C1").await.json(), *camera);
    assert_eq!(
        town.get(&an, "/api/v1/points").await.json()["items"][0]["cameras"],
        json!(["TU15-C1"])
    );
    let spans = town.get(&an, "/api/v1/cameras/TU15-C1/coverage").await.json();
    assert_eq!(spans["spans"][0]["until"], "2026-11-24T00:40:00.000000Z");
    for path in ["TU16-C1", "TU16-C1/coverage", "nothing"] {
        let answer = town.get(&an, &format!("/api/v1/cameras/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_audit_log_is_read_by_what_is_asked() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Approver]).await;
    let auditor = town.signed_in("kiem", &[Role::Auditor]).await;
    let asked = json!({ "plate": "61B1*", "reason": "=tìm <b>xe</b>" });
    let found = town.post(&an, "/api/v1/plates/search", asked).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text());
    let list =
        async |query: &str| town.get(&auditor, &format!("/api/v1/audit?{query}")).await.json();
    let looks = list("action=plates.search&who=an").await;
    assert_eq!(looks["total"], 1);
    assert_eq!(looks["items"][0]["sequence"], found.json()["audit_sequence"]);
    assert_eq!(looks["items"][0]["detail"]["reason"], "=tìm <b>xe</b>");
    let first = list("limit=2").await;
    let next = list(&format!("limit=2&after={}", first["next"].as_str().unwrap())).await;
    let sequence = |page: &Value, at: usize| page["items"][at]["sequence"].as_u64().unwrap();
    assert_eq!(sequence(&next, 0) + 1, sequence(&first, 1));
    let answer = town.get(&auditor, "/api/v1/audit?after=x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let without =
        town.post(&an, "/api/v1/plates/search", json!({ "plate": "61B1*", "reason": " " })).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reviewer = town.signed_in("binh", &[Role::Reviewer]).await;
    let asked = json!({ "plate": "61B1*", "reason": "tìm xe" });
    let refused = town.post(&reviewer, "/api/v1/plates/search", asked).await;
    assert_eq!(refused.json()["error"]["field"], "case");
}

#[tokio::test]
async fn the_description_names_every_route_and_resolves() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[]).await;
    let openapi = town.get(&an, "/api/v1/openapi.json").await.json();
    for route in routes() {
        let method = route.method.as_str().to_lowercase();
        let operation = &openapi["paths"][route.path][&method];
        assert!(operation["summary"].is_string(), "{method} {}", route.path);
        assert_eq!(
            operation["requestBody"].is_object(),
            route.body.is_some(),
            "{method} {}",
            route.path
        );
    }
    let text = openapi.to_string();
    for (at, _) in text.match_indices("#/components/schemas/") {
        let name = text[at + 21..].split('"').next().unwrap();
        assert!(openapi["components"]["schemas"][name].is_object(), "{name} is not described");
    }
    let page = town.get(&an, "/api/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.text().contains("/api/v1/cases/{id}/decision") && !page.text().contains("<script")
    );
}

#[tokio::test]
async fn screens_have_addresses_and_small_pictures_are_small() {
    let town = Town::new().await;
    let stranger = Client::default();
    for path in ["/", "/review/x", "/stats?by=line"] {
        let answer = town.get(&stranger, path).await;
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(answer.text().contains("Giao Lộ"), "{path}");
    }
    let answer = town.send(&stranger, Method::HEAD, "/healthz", None).await;
    assert_eq!((answer.status, answer.bytes.len()), (StatusCode::OK, 0));
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let still = format!("/api/v1/cases/{}/files/act.jpg", town.cases[0]);
    for (width, expected) in [(1, WIDTH), (64, WIDTH), (9_999, WIDTH)] {
        let answer = town.get(&an, &format!("{still}?width={width}")).await;
        let picture = image::load_from_memory(&answer.bytes).unwrap();
        assert_eq!(picture.width(), expected, "{width}");
        assert!(answer.header("etag").contains('-'));
    }
    let clip = town.get(&an, &format!("{}?width=64", still.replace("act.jpg", "clip.mp4"))).await;
    assert_eq!(clip.header("content-type"), "video/mp4");
    assert_eq!(town.get(&an, &format!("{still}?width=-1")).await.status, StatusCode::BAD_REQUEST);
}
