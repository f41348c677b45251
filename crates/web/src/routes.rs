//! Every route of the interface, once: who may use it, what it takes and gives, what it is for, and
//! its handler.
//!
//! The router, its checks, `openapi.json`, the page at `/api/docs` and the test that walks every route
//! with every role are all made from [`ROUTES`]. A route that is not in this table does not exist.

use std::borrow::Cow;

use axum::{
    Router,
    http::Method,
    middleware,
    routing::{MethodRouter, delete, get, patch, post},
};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{RefOr, Schema, path::Parameter, path::ParameterIn},
};

use giaolo_store::Role;

use crate::{
    accounts::{self, AccountPatch, AccountRequest, AccountShape},
    app::App,
    audit::{self, AuditVerdict},
    caller,
    cases::{
        self, CaseItem, CaseListQuery,
        acts::{self, DecisionRequest, Held, NoteRequest, PlateRequest},
        proof,
    },
    docs, events, health,
    plates::{self, JourneyRequest, PlateSearch},
    session::{self, FirstRunRequest, PasswordChange, SessionAnswer, SignIn},
    shapes::Listed,
};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody, signed in or not.
    Nobody,
    /// Whoever is signed in, also an account without a role or with a password to change.
    SignedIn,
    /// An account with some role.
    AnyRole,
    /// An account with one of these roles.
    Roles(&'static [Role]),
}

/// A JSON value as `openapi.json` describes it.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The type's name.
    pub name: fn() -> Cow<'static, str>,
    /// Itself.
    pub schema: fn() -> RefOr<Schema>,
    /// The types within.
    pub others: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    pub(crate) const fn of<T: ToSchema>() -> Self {
        Self { name: T::name, schema: T::schema, others: T::schemas }
    }
}

/// What a route answers when all is well.
#[derive(Clone, Copy)]
pub enum Gives {
    /// JSON.
    Json(Shape),
    /// Nothing (204).
    Nothing,
    /// Bytes of these media types.
    Bytes(&'static [&'static str]),
}

/// A route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, `{…}` for what varies.
    pub path: &'static str,
    /// Who may use it.
    pub needs: Needs,
    /// What it is for, in one line.
    pub about: &'static str,
    /// What its query takes.
    pub query: Option<fn() -> Vec<Parameter>>,
    /// What its body is.
    pub body: Option<Shape>,
    /// What it gives.
    pub gives: Gives,
    /// Its handler.
    pub handler: fn() -> MethodRouter<App>,
}

impl Route {
    const fn new(
        method: Method,
        path: &'static str,
        needs: Needs,
        about: &'static str,
        gives: Gives,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self { method, path, needs, about, query: None, body: None, gives, handler }
    }

    const fn query<T: IntoParams>(mut self) -> Self {
        self.query = Some(|| T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    const fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(Shape::of::<T>());
        self
    }
}

const fn json<T: ToSchema>() -> Gives {
    Gives::Json(Shape::of::<T>())
}

const ADMINISTRATOR: Needs = Needs::Roles(&[Role::Administrator]);

const AUDITOR: Needs = Needs::Roles(&[Role::Auditor]);
const OFFICERS: Needs = Needs::Roles(&[Role::Reviewer, Role::Approver]);

/// JSON whose keys `docs/design/web.md` gives.
const OBJECT: Gives = Gives::Bytes(&["application/json"]);
const PAGE: Gives = Gives::Bytes(&["text/html"]);

/// The table.
pub static ROUTES: &[Route] = &[
    Route::new(
        Method::GET,
        "/healthz",
        Needs::Nobody,
        "Whether the program and its database answer",
        json::<health::Health>(),
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
        json::<Listed<AccountShape>>(),
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
        "/api/v1/cases",
        OFFICERS,
        "The queue",
        json::<Listed<CaseItem>>(),
        || get(cases::list),
    )
    .query::<CaseListQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/cases/{id}",
        OFFICERS,
        "One case with everything that decides it",
        OBJECT,
        || get(cases::one),
    ),
    Route::new(
        Method::POST,
        "/api/v1/cases/{id}/open",
        OFFICERS,
        "Hold a case for two minutes; call again while it is on the screen",
        json::<Held>(),
        || post(acts::open),
    ),
    Route::new(
        Method::DELETE,
        "/api/v1/cases/{id}/open",
        OFFICERS,
        "Let a case go before its two minutes are over",
        Gives::Nothing,
        || delete(acts::release),
    ),
    Route::new(
        Method::POST,
        "/api/v1/cases/{id}/decision",
        OFFICERS,
        "Confirm, reject or reopen; gives the case",
        OBJECT,
        || post(acts::decide),
    )
    .body::<DecisionRequest>(),
    Route::new(
        Method::POST,
        "/api/v1/cases/{id}/plate",
        OFFICERS,
        "Say what the plate is; gives the case",
        OBJECT,
        || post(acts::plate),
    )
    .body::<PlateRequest>(),
    Route::new(
        Method::POST,
        "/api/v1/cases/{id}/note",
        OFFICERS,
        "Add a note to the history; gives the case",
        OBJECT,
        || post(acts::note),
    )
    .body::<NoteRequest>(),
    Route::new(
        Method::GET,
        "/api/v1/cases/{id}/files/{file}",
        OFFICERS,
        "A file of the evidence; takes ranges",
        Gives::Bytes(&["image/jpeg", "video/mp4", "application/octet-stream"]),
        || get(proof::file),
    ),
    Route::new(
        Method::GET,
        "/api/v1/cases/{id}/evidence.zip",
        Needs::Roles(&[Role::Reviewer, Role::Approver, Role::Auditor]),
        "The signed evidence as a zip that `giaolo evidence verify` accepts",
        Gives::Bytes(&["application/zip"]),
        || get(proof::zip),
    ),
    Route::new(
        Method::POST,
        "/api/v1/plates/search",
        OFFICERS,
        "Vehicles by their plate; the reason goes into the audit log",
        OBJECT,
        || post(plates::search),
    )
    .body::<PlateSearch>(),
    Route::new(
        Method::POST,
        "/api/v1/plates/{plate}/journey",
        OFFICERS,
        "Where a plate was read; the reason goes into the audit log",
        OBJECT,
        || post(plates::journey),
    )
    .body::<JourneyRequest>(),
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

/// The routes with their checks.
pub fn router(app: &App) -> Router<App> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let check = middleware::from_fn_with_state((app.clone(), route.needs), caller::check);
        router.route(route.path, (route.handler)().route_layer(check))
    })
}
