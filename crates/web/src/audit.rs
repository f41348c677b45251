//! The audit log, for the auditor: read, checked and taken away whole.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use giaolo_domain::UtcTime;
use giaolo_store::{AuditEntry, AuditFilter, StoredAuditEntry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::Params,
    shapes::Listed,
};

/// Entries read at once while the log is exported.
const PAGE: u32 = 1_000;

/// An entry.
#[derive(Serialize, ToSchema)]
pub struct AuditShape {
    sequence: u64,
    #[schema(value_type = String)]
    at: UtcTime,
    who: String,
    action: String,
    subject: String,
    #[schema(value_type = Object)]
    detail: Value,
    hash: String,
}

/// Whether the log is whole.
#[derive(Serialize, ToSchema)]
pub struct AuditVerdict {
    /// Whole entries from the start.
    entries: u64,
    whole: bool,
    /// Hash of the last whole entry: compare it with an earlier one.
    head: Option<String>,
    /// The first entry that does not hold, and why.
    problem: Option<String>,
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
pub struct AuditQuery {
    /// The account.
    who: Option<String>,
    /// `case.open`, `plates.search`, …
    action: Option<String>,
    /// What it was done to.
    subject: Option<String>,
    #[param(value_type = Option<String>)]
    from: Option<UtcTime>,
    #[param(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// 1 to 200.
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// `GET /api/v1/audit`: newest first.
pub async fn list(
    State(app): State<App>,
    Params(asked): Params<AuditQuery>,
) -> ApiResult<Json<Listed<AuditShape>>> {
    let filter = AuditFilter {
        who: asked.who,
        action: asked.action,
        subject: asked.subject,
        from: asked.from,
        until: asked.until,
    };
    let before: Option<u64> = match asked.after.as_deref().map(str::parse) {
        None => None,
        Some(Ok(before)) => Some(before),
        Some(Err(_)) => {
            return Err(ApiError::malformed("`after` is not a `next` of this list").field("after"));
        }
    };
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let entries = app.store.audit_list(&filter, before, limit).await?;
    let total = app.store.audit_count(&filter).await?;
    let is_full = entries.len() == limit as usize;
    let next = entries.last().filter(|_| is_full).map(|entry| entry.sequence.to_string());
    Ok(Json(Listed { items: entries.into_iter().map(shape).collect(), next, total }))
}

/// `GET /api/v1/audit/verify`
pub async fn verify(State(app): State<App>) -> ApiResult<Json<AuditVerdict>> {
    let report = app.store.audit_verify().await?;
    let problem =
        report.broken.map(|broken| format!("entry {}: {}", broken.sequence, broken.problem));
    let whole = problem.is_none();
    Ok(Json(AuditVerdict { entries: report.entries, whole, head: report.head, problem }))
}

/// `GET /api/v1/audit/export`: one JSON object a line, oldest first. An export is an entry itself.
pub async fn export(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let entry = AuditEntry {
        at: app.now(),
        who: caller.name().to_owned(),
        action: "audit.export".to_owned(),
        subject: "audit".to_owned(),
        detail: json!({}),
    };
    let until = app.store.audit_append(&entry).await?;
    let (give, given) = mpsc::channel::<Result<String, giaolo_store::StoreError>>(2);
    tokio::spawn(async move {
        let mut after = 0;
        while after < until {
            let page = app.store.audit_entries(after, PAGE).await.map(|page| {
                after = page.last().map_or(until, |entry| entry.sequence);
                page.into_iter().map(line).collect::<String>()
            });
            // An error ends the answer before its end, which the receiver notices.
            let failed = page.is_err();
            if give.send(page).await.is_err() || failed {
                return;
            }
        }
    });
    let mut response = Body::from_stream(ReceiverStream::new(given)).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/x-ndjson; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    let name = HeaderValue::from_static("attachment; filename=\"audit.jsonl\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn line(stored: StoredAuditEntry) -> String {
    serde_json::to_string(&shape(stored)).map(|line| line + "\n").unwrap_or_default()
}

fn shape(stored: StoredAuditEntry) -> AuditShape {
    AuditShape {
        sequence: stored.sequence,
        at: stored.entry.at,
        who: stored.entry.who,
        action: stored.entry.action,
        subject: stored.entry.subject,
        detail: stored.entry.detail,
        hash: stored.hash,
    }
}
