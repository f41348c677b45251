//! The routes about the work: cases, plates, review, statistics, cameras.

use axum::{
    http::Method,
    routing::{delete, get, post},
};
use giaolo_store::Role;

use super::{Gives, Needs, OBJECT, Route, json, listed};
use crate::{
    cameras::{self, CameraItem, CoverageAnswer, PointItem},
    cases::{
        self, CaseItem, CaseListQuery,
        acts::{self, DecisionRequest, Held, NoteRequest, PlateRequest},
        proof::{self, FileQuery},
    },
    plates::{self, JourneyRequest, PlateSearch},
    review::{self, Quality, SpanQuery, Summary},
    stats::{self, Counts, CountsQuery, Violations, ViolationsQuery},
};

const OFFICERS: Needs = Needs::Roles(&[Role::Reviewer, Role::Approver]);
const ANALYSTS: Needs = Needs::Roles(&[Role::Analyst, Role::Approver]);

/// The table.
pub static ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v1/cases", OFFICERS, "The queue", listed::<CaseItem>(), || {
        get(cases::list)
    })
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
    )
    .query::<FileQuery>(),
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
        "/api/v1/review/summary",
        OFFICERS,
        "What waits, and what I decided today",
        json::<Summary>(),
        || get(review::summary),
    ),
    Route::new(
        Method::GET,
        "/api/v1/review/quality",
        Needs::Roles(&[Role::Reviewer, Role::Approver, Role::Operator]),
        "How good candidates and decisions are, by rule, camera and line",
        json::<Quality>(),
        || get(review::quality),
    )
    .query::<SpanQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/stats/counts",
        ANALYSTS,
        "Counts by quarter, hour or day; `null` where nobody watched",
        json::<Counts>(),
        || get(stats::counts),
    )
    .query::<CountsQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/stats/violations",
        ANALYSTS,
        "Violations by kind, place, hour or outcome",
        json::<Violations>(),
        || get(stats::violations),
    )
    .query::<ViolationsQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/cameras",
        Needs::AnyRole,
        "Cameras",
        listed::<CameraItem>(),
        || get(cameras::list),
    ),
    Route::new(
        Method::GET,
        "/api/v1/cameras/{id}",
        Needs::AnyRole,
        "One camera",
        json::<CameraItem>(),
        || get(cameras::one),
    ),
    Route::new(
        Method::GET,
        "/api/v1/cameras/{id}/coverage",
        Needs::AnyRole,
        "What of a camera's time was analysed",
        json::<CoverageAnswer>(),
        || get(cameras::coverage),
    )
    .query::<SpanQuery>(),
    Route::new(
        Method::GET,
        "/api/v1/points",
        Needs::AnyRole,
        "Points with their cameras",
        listed::<PointItem>(),
        || get(cameras::points),
    ),
];
