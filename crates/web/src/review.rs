//! What waits for officers, what one did today, and how good candidates and decisions are.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use giaolo_domain::UtcTime;
use giaolo_store::{CaseState, RejectReason, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{app::App, caller::Caller, error::ApiResult, extract::Params};

/// The span where nobody says: 30 days.
const USUAL_SPAN_US: i64 = 30 * 24 * 3_600 * 1_000_000;

/// What waits, and what I did today.
#[derive(Serialize, ToSchema)]
pub struct Summary {
    /// Cases by state.
    states: BTreeMap<&'static str, u64>,
    due_today: u64,
    overdue: u64,
    /// Cases that wait for a second officer and that I may be.
    second_for_me: u64,
    my_day: MyDay,
}

/// What I decided today, in Viet Nam time.
#[derive(Serialize, ToSchema)]
pub struct MyDay {
    decided: u64,
    median_s: Option<f64>,
}

/// How good candidates and decisions were.
#[derive(Serialize, ToSchema)]
pub struct Quality {
    /// The share of second decisions that said the same as the first.
    agreement: Option<f64>,
    median_s: Option<f64>,
    p90_s: Option<f64>,
    rows: Vec<QualityItem>,
}

/// What became of the candidates of one rule at one line.
#[derive(Serialize, ToSchema)]
pub struct QualityItem {
    rule: String,
    kind: &'static str,
    camera: String,
    line: Option<String>,
    decided: u64,
    confirmed: u64,
    rejected: u64,
    /// The share of decided candidates that were right.
    precision: Option<f64>,
    /// Why they were rejected.
    #[schema(value_type = BTreeMap<String, u64>)]
    reasons: BTreeMap<RejectReason, u64>,
}

/// A span of time.
#[derive(Deserialize, IntoParams)]
pub struct SpanQuery {
    /// From this time; 30 days before `until` where nobody says.
    #[param(value_type = Option<String>)]
    from: Option<UtcTime>,
    /// Until this time; now where nobody says.
    #[param(value_type = Option<String>)]
    until: Option<UtcTime>,
}

impl SpanQuery {
    /// From and until.
    pub fn span(&self, now: UtcTime) -> (UtcTime, UtcTime) {
        let until = self.until.unwrap_or(now);
        let usual = UtcTime::from_micros(until.micros().saturating_sub(USUAL_SPAN_US));
        (self.from.unwrap_or(usual), until)
    }
}

/// `GET /api/v1/review/summary`
pub async fn summary(State(app): State<App>, caller: Caller) -> ApiResult<Json<Summary>> {
    let scope = caller.account.scope();
    let found = app.store.review_summary(caller.name(), &scope, app.now()).await?;
    let states = CaseState::ALL.into_iter();
    let states = states.map(|state| {
        let cases = found.states.get(&state).copied().unwrap_or_default();
        (state.as_str(), cases)
    });
    let mine = found.officers.iter().find(|officer| officer.who == caller.name());
    let approver = caller.account.has(Role::Approver);
    Ok(Json(Summary {
        states: states.collect(),
        due_today: found.due_today,
        overdue: found.overdue,
        second_for_me: if approver { found.second_for_me } else { 0 },
        my_day: MyDay {
            decided: mine.map_or(0, |officer| officer.decided),
            median_s: mine.and_then(|officer| officer.median_s),
        },
    }))
}

/// `GET /api/v1/review/quality`
pub async fn quality(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<SpanQuery>,
) -> ApiResult<Json<Quality>> {
    let (from, until) = asked.span(app.now());
    let found = app.store.review_quality(&caller.account.scope(), from, until).await?;
    let (agreement, median_s, p90_s) = (found.agreement(), found.median_s, found.p90_s);
    let rows = found.rows.into_iter().map(|row| QualityItem {
        precision: row.precision(),
        rule: row.rule.as_str().to_owned(),
        kind: row.kind.as_str(),
        camera: row.camera.as_str().to_owned(),
        line: row.line.map(|line| line.as_str().to_owned()),
        decided: row.confirmed + row.rejected,
        confirmed: row.confirmed,
        rejected: row.rejected,
        reasons: row.reasons,
    });
    Ok(Json(Quality { agreement, median_s, p90_s, rows: rows.collect() }))
}
