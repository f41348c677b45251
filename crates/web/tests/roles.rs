//! Every route of the router with every role, with none, and with nobody signed in.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{Method, StatusCode};
use common::{Client, Town};
use giaolo_store::Role;
use giaolo_web::{Needs, Route, routes};
use serde_json::json;

#[tokio::test]
async fn nothing_is_reachable_without_a_role_that_needs_it() {
    let town = Town::new().await;
    for role in Role::ALL {
        town.account(role.as_str(), &[role], &[]).await;
    }
    town.account("none", &[], &[]).await;
    let mut wrong = Vec::new();
    for route in routes() {
        let path = filled(route.path, &town.cases[0]);
        let answer = ask(&town, &Client::default(), route, &path).await;
        let open = route.needs == Needs::Nobody;
        if (answer == StatusCode::UNAUTHORIZED) == open {
            wrong.push(format!("a stranger at {} {}: {answer}", route.method, route.path));
        }
        for role in Role::ALL.into_iter().map(Some).chain([None]) {
            let name = role.map_or("none", Role::as_str);
            // A fresh session each time: some routes end it.
            let client = town.session(name).await;
            let answer = ask(&town, &client, route, &path).await;
            let may = match route.needs {
                Needs::Nobody | Needs::SignedIn => true,
                Needs::AnyRole => role.is_some(),
                Needs::Roles(roles) => role.is_some_and(|role| roles.contains(&role)),
            };
            let refused = matches!(answer, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            let no_code = route.path == "/api/v1/first-run";
            if (refused == may && !no_code) || (answer.is_server_error()) {
                wrong.push(format!("{name} at {} {}: {answer}", route.method, route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn ask(town: &Town, client: &Client, route: &Route, path: &str) -> StatusCode {
    let body = (route.method != Method::GET).then(|| json!({}));
    // Time for the buckets to fill: this test asks more than any person.
    town.pass(1);
    town.send(client, route.method.clone(), path, body).await.status
}

fn filled(path: &str, case: &str) -> String {
    path.replace("{file}", "act.jpg")
        .replace("{plate}", "61B123411")
        .replace("{name}", "none")
        .replace("{id}", if path.contains("/cameras/") { "TU15-C1" } else { case })
}

/// The table is the router; this is what it must say, written down once more by hand.
#[test]
fn what_is_open_to_whom_changes_only_on_purpose() {
    let of = |needs: Needs| -> Vec<String> {
        let of_these = routes().filter(|route| route.needs == needs);
        of_these.map(|route| format!("{} {}", route.method, route.path)).collect()
    };
    assert_eq!(
        of(Needs::Nobody),
        [
            "GET /healthz",
            "GET /api/v1/session",
            "POST /api/v1/session",
            "DELETE /api/v1/session",
            "POST /api/v1/first-run",
        ]
    );
    assert_eq!(
        of(Needs::SignedIn),
        [
            "POST /api/v1/session/password",
            "GET /api/v1/events",
            "GET /api/v1/openapi.json",
            "GET /api/docs",
        ]
    );
    for route in routes() {
        let Needs::Roles(roles) = route.needs else { continue };
        let officers = [Role::Reviewer, Role::Approver];
        let expected: &[Role] = match route.path {
            path if path.starts_with("/api/v1/accounts") => &[Role::Administrator],
            path if path.starts_with("/api/v1/audit") => &[Role::Auditor],
            path if path.starts_with("/api/v1/stats") => &[Role::Analyst, Role::Approver],
            path if path.ends_with("/evidence.zip") => {
                &[Role::Reviewer, Role::Approver, Role::Auditor]
            }
            "/api/v1/review/quality" => &[Role::Reviewer, Role::Approver, Role::Operator],
            path if path.contains("/scene") => &[Role::Operator],
            _ => &officers,
        };
        assert_eq!(roles, expected, "{} {}", route.method, route.path);
    }
}
