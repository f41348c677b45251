//! The routes about people: signing in, accounts, the audit log, what changes, and this description.

use axum::{
    http::Method,
    routing::{delete, get, patch, post},
};
use giaolo_store::Role;

use super::{Gives, Needs, PAGE, Route, json, listed};
use crate::{
    accounts::{self, AccountPatch, AccountRequest, AccountShape},
    audit::{self, AuditQuery, AuditShape, AuditVerdict},
    docs, events,
    health::{self, Health},
    session::{self, FirstRunRequest, PasswordChange, SessionAnswer, SignIn},
};

const ADMINISTRATOR: Needs = Needs::Roles(&[Role::Administrator]);
const AUDITOR: Needs = Needs::Roles(&[Role::Auditor]);

/// The table.
pub static ROUTES: &[Route] = &[
    Route::new(
        Method::GET,
        "/healthz",
        Needs::Nobody,
        "Whether the program and its database answer",
        json::<Health>(),
        || get(health::healthz),
    ),
    Route::new(
        Method::GET,
        "/api/v1/session",
        Needs::Nobody,
        "Who is signed in",
        json::<SessionAnswer>(),
        || get(session::read),
    ),
    Route::new(
        Method::POST,
        "/api/v1/session",
        Needs::Nobody,
        "Sign in",
        json::<SessionAnswer>(),
        || post(session::sign_in),
    )
    .body::<SignIn>(),
    Route::new(
        Method::DELETE,
        "/api/v1/session",
        Needs::Nobody,
        "Sign out",
        Gives::Nothing,
        || delete(session::sign_out),
    ),
    Route::new(
        Method::POST,
        "/api/v1/session/password",
        Needs::SignedIn,
        "Choose another password; ends every other session",
        json::<SessionAnswer>(),
        || post(session::change_password),
    )
    .body::<PasswordChange>(),
    Route::new(
        Method::POST,
        "/api/v1/first-run",
        Needs::Nobody,
        "Make the first administrator, with the code that `giaolo serve` printed",
        json::<SessionAnswer>(),
        || post(session::first_run),
    )
    .body::<FirstRunRequest>(),
    Route::new(
        Method::GET,
        "/api/v1/accounts",
        ADMINISTRATOR,
        "All accounts",
        listed::<AccountShape>(),
        || get(accounts::list),
    ),
    Route::new(
        Method::POST,
        "/api/v1/accounts",
        ADMINISTRATOR,
        "Make an account",
        json::<AccountShape>(),
        || post(accounts::create),
    )
    .body::<AccountRequest>(),
    Route::new(
        Method::GET,
        "/api/v1/accounts/{name}",
        ADMINISTRATOR,
        "One account",
        json::<AccountShape>(),
        || get(accounts::one),
    ),
    Route::new(
        Method::PATCH,
        "/api/v1/accounts/{name}",
        ADMINISTRATOR,
        "Change an account; all but its name ends its sessions",
        json::<AccountShape>(),
        || patch(accounts::change),
    )
    .body::<AccountPatch>(),
    Route::new(
        Method::GET,
        "/api/v1/audit",
        AUDITOR,
        "The audit log, newest first",
        listed::<AuditShape>(),
        || get(audit::list),
    )
    .query::<AuditQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/audit/verify",
        AUDITOR,
        "Whether the audit log is whole",
        json::<AuditVerdict>(),
        || get(audit::verify),
    ),
    Route::new(
        Method::GET,
        "/api/v1/audit/export",
        AUDITOR,
        "The whole audit log, one JSON object a line",
        Gives::Bytes(&["application/x-ndjson"]),
        || get(audit::export),
    ),
    Route::new(
        Method::GET,
        "/api/v1/events",
        Needs::SignedIn,
        "What changes, as server-sent events: `case`, `cases`, `cameras`, `counts`",
        Gives::Bytes(&["text/event-stream"]),
        || get(events::listen),
    ),
    Route::new(
        Method::GET,
        "/api/v1/openapi.json",
        Needs::SignedIn,
        "This description",
        Gives::Bytes(&["application/json"]),
        || get(docs::openapi),
    ),
    Route::new(
        Method::GET,
        "/api/docs",
        Needs::SignedIn,
        "This description as a page",
        PAGE,
        || get(docs::page),
    ),
];
