//! What officers do to a case. Each names the version that was on the screen; the database refuses what
//! the law forbids, and writes everything into the audit log.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use giaolo_domain::UtcTime;
use giaolo_store::{Answer, CaseMove, Decision, PlateEdit, RejectReason, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{detail::shown, law};
use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::{Body, PathOf},
};

/// Until when a case is held.
#[derive(Serialize, ToSchema)]
pub struct Held {
    #[schema(value_type = String)]
    held_until: UtcTime,
}

/// What is decided.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// It is what the rule says.
    Confirm,
    /// It is not.
    Reject,
    /// A rejected one is looked at again; the note says why.
    Reopen,
}

/// A decision.
#[derive(Deserialize, ToSchema)]
pub struct DecisionRequest {
    /// The case's version that was on the screen.
    version: u64,
    decision: Decided,
    /// For a rejection: `not_a_violation`, `wrong_vehicle`, `plate_unreadable`, `priority_vehicle`,
    /// `officer_directing`, `signal_fault`, `poor_picture`, `duplicate`, `other`.
    #[schema(value_type = Option<String>)]
    reason: Option<RejectReason>,
    /// In one's own words; `other` and `reopen` need it.
    #[serde(default)]
    note: String,
    /// `no`, `yes` or `unknown` by the question's code; to confirm each must be `no`.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    answers: BTreeMap<String, Answer>,
    /// From the first still to the key.
    seconds: Option<f64>,
}

/// A plate as a person reads it.
#[derive(Deserialize, ToSchema)]
pub struct PlateRequest {
    /// The case's version that was on the screen.
    version: u64,
    /// `61A12345`, `61-B1 234.56`.
    plate: String,
    /// Why.
    reason: String,
}

/// A note.
#[derive(Deserialize, ToSchema)]
pub struct NoteRequest {
    /// 1 to 2000 characters.
    note: String,
}

/// `POST /api/v1/cases/{id}/open`
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> ApiResult<Json<Held>> {
    let scope = caller.account.scope();
    let held_until = app.store.case_open(&id, caller.name(), &scope, app.now()).await?;
    Ok(Json(Held { held_until }))
}

/// `DELETE /api/v1/cases/{id}/open`
pub async fn release(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> ApiResult<StatusCode> {
    app.store.case_release(&id, caller.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/cases/{id}/decision`
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
    Body(asked): Body<DecisionRequest>,
) -> ApiResult<Json<Value>> {
    let scope = caller.account.scope();
    let who = caller.name().to_owned();
    let at = app.now();
    let step = match asked.decision {
        Decided::Confirm => Step::Confirm,
        Decided::Reject => Step::Reject,
        Decided::Reopen => {
            let moved = CaseMove { who, version: asked.version, note: asked.note, at };
            app.store.reopen(&id, &moved, &scope).await?;
            return shown(&app, &caller, &id).await;
        }
    };
    let kind = app.store.case(&id, &scope, at).await?.row.kind;
    law::must_answer(kind, &asked.answers, step == Step::Confirm)?;
    let decision = Decision {
        who,
        version: asked.version,
        decision: step,
        reason: asked.reason,
        note: asked.note,
        answers: asked.answers,
        seconds: asked.seconds,
        at,
    };
    app.store.decide(&id, &decision, &scope).await?;
    shown(&app, &caller, &id).await
}

/// `POST /api/v1/cases/{id}/plate`
pub async fn plate(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
    Body(asked): Body<PlateRequest>,
) -> ApiResult<Json<Value>> {
    let plate = giaolo_plate::normal_form(&asked.plate);
    let kinds = app.settings.grammar.recognise(&plate);
    let Some(kind) = kinds.first() else {
        let vi = "Biển số này không đúng mẫu biển số Việt Nam.";
        return Err(ApiError::refused("plate", vi, "this is no Vietnamese number plate"));
    };
    let edit = PlateEdit {
        who: caller.name().to_owned(),
        version: asked.version,
        shown: kind.printed.clone(),
        plate,
        reason: asked.reason,
        at: app.now(),
    };
    app.store.edit_plate(&id, &edit, &caller.account.scope()).await?;
    shown(&app, &caller, &id).await
}

/// `POST /api/v1/cases/{id}/note`
pub async fn note(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
    Body(asked): Body<NoteRequest>,
) -> ApiResult<Json<Value>> {
    let scope = caller.account.scope();
    app.store.case_note(&id, caller.name(), &asked.note, &scope, app.now()).await?;
    shown(&app, &caller, &id).await
}
