//! Looking into the plates: never without a reason, and written into the audit log before the answer.
//!
//! An approver may look; a reviewer only for a case of his own units.

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use giaolo_domain::{CameraId, UtcTime};
use giaolo_plate::Pattern;
use giaolo_store::{Access, PlateQuery, Role, StoredReading};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    app::App,
    caller::Caller,
    cases,
    error::{ApiError, ApiResult},
    extract::{Body, PathOf},
    scope,
};

/// Cameras that one question may name.
const MOST_CAMERAS: usize = 500;

/// Which plate, where and when, and why it is asked for.
#[derive(Deserialize, ToSchema)]
pub struct PlateSearch {
    /// `61A12345`, `61?1 234*`.
    plate: String,
    /// Whether also plates with one other character count.
    #[serde(default)]
    one_wrong: bool,
    #[schema(value_type = Option<String>)]
    from: Option<UtcTime>,
    #[schema(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// Empty for all.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    cameras: Vec<CameraId>,
    /// Why, in one's own words.
    reason: String,
    /// The case that it is for; a reviewer must name one.
    case: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// When, and why it is asked for.
#[derive(Deserialize, ToSchema)]
pub struct JourneyRequest {
    #[schema(value_type = Option<String>)]
    from: Option<UtcTime>,
    #[schema(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// Why, in one's own words.
    reason: String,
    /// The case that it is for; a reviewer must name one.
    case: Option<String>,
}

/// `POST /api/v1/plates/search`
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<PlateSearch>,
) -> ApiResult<Json<Value>> {
    let access = access(&app, &caller, &asked.reason, asked.case.as_deref()).await?;
    let after = asked.after.as_deref().map(cases::cursor).transpose()?;
    let query = PlateQuery {
        one_wrong: asked.one_wrong,
        from: asked.from,
        until: asked.until,
        cameras: within(&app, &caller, asked.cameras).await?,
        after,
        limit: asked.limit.unwrap_or(50).clamp(1, 200),
        ..PlateQuery::new(pattern(&asked.plate)?)
    };
    let page = app.store.search_plates(&query, &access).await?;
    let next = page.next.as_ref().and_then(|next| serde_json::to_vec(next).ok());
    let items: Vec<Value> = page
        .hits
        .iter()
        .map(|hit| {
            let mut item = reading(&hit.reading);
            item["how"] = json!(hit.how);
            item
        })
        .collect();
    Ok(Json(json!({
        "items": items,
        "next": next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        "total": page.found,
        "looked_back_to": page.looked_back_to,
        "pattern": query.pattern.glob(),
        "audit_sequence": page.audit_sequence,
    })))
}

/// `POST /api/v1/plates/{plate}/journey`
pub async fn journey(
    State(app): State<App>,
    caller: Caller,
    PathOf(plate): PathOf<String>,
    Body(asked): Body<JourneyRequest>,
) -> ApiResult<Json<Value>> {
    let access = access(&app, &caller, &asked.reason, asked.case.as_deref()).await?;
    let pattern = pattern(&plate)?;
    let allowed = scope::cameras(&app, &caller).await?;
    let journey = app.store.journey(&pattern, asked.from, asked.until, &access).await?;
    let mut before_is_shown = false;
    let mut sightings = Vec::new();
    for sighting in &journey.sightings {
        let camera = sighting.readings.first().map(|reading| &reading.camera);
        let shown = allowed
            .as_ref()
            .is_none_or(|allowed| camera.is_some_and(|camera| allowed.contains(camera)));
        if shown {
            // A gap to a place that is not there would tell of it.
            let gap_s = sighting.gap_us.filter(|_| before_is_shown).map(|gap| gap as f64 / 1e6);
            sightings.push(json!({
                "how": sighting.how,
                "camera": camera,
                "point": sighting.point.as_ref().map(|point| json!({
                    "id": point.id,
                    "name": point.name,
                    "unit": point.unit,
                    "latitude": point.position.map(|position| position.0),
                    "longitude": point.position.map(|position| position.1),
                })),
                "first_at": sighting.first_at,
                "last_at": sighting.last_at,
                "gap_s": gap_s,
                "readings": sighting.readings.iter().map(reading).collect::<Vec<_>>(),
            }));
        }
        before_is_shown = shown;
    }
    Ok(Json(json!({
        "plate": journey.plate,
        "sightings": sightings,
        "looked_back_to": journey.looked_back_to,
        "audit_sequence": journey.audit_sequence,
    })))
}

async fn access(app: &App, caller: &Caller, reason: &str, case: Option<&str>) -> ApiResult<Access> {
    match case {
        Some(case) => scope::case_is_there(app, caller, case).await?,
        None if caller.account.has(Role::Approver) => {}
        None => {
            let vi = "Cán bộ xử lý chỉ được tra cứu biển số cho một hồ sơ cụ thể.";
            let en = "a reviewer looks into the plates only for a case; name it";
            return Err(ApiError::refused("case", vi, en));
        }
    }
    Ok(Access::new(app.now(), caller.name(), reason, case)?)
}

/// The cameras to look at: those asked for that are within the account's units; empty for all.
async fn within(app: &App, caller: &Caller, asked: Vec<CameraId>) -> ApiResult<Vec<CameraId>> {
    if asked.len() > MOST_CAMERAS {
        let vi = format!("Nhiều nhất {MOST_CAMERAS} camera.");
        return Err(ApiError::refused("cameras", vi, format!("at most {MOST_CAMERAS} cameras")));
    }
    let Some(allowed) = scope::cameras(app, caller).await? else { return Ok(asked) };
    let cameras: Vec<CameraId> = if asked.is_empty() {
        allowed.into_iter().collect()
    } else {
        asked.into_iter().filter(|camera| allowed.contains(camera)).collect()
    };
    // To the store none would mean all.
    if cameras.is_empty() { Err(ApiError::not_found()) } else { Ok(cameras) }
}

fn pattern(text: &str) -> ApiResult<Pattern> {
    Pattern::parse(text).map_err(|error| {
        let vi = "Đây không phải biển số hay mẫu biển số.";
        ApiError::refused("plate", vi, error.to_string())
    })
}

fn reading(stored: &StoredReading) -> Value {
    json!({
        "camera": stored.camera,
        "track": stored.row.track,
        "class": stored.row.class,
        "class_vi": stored.row.class.vietnamese(),
        "read_at": stored.read_at,
        "first_at": stored.first_at,
        "last_at": stored.last_at,
        "clock": stored.clock,
        "clock_uncertainty_s": stored.clock_uncertainty_s,
        "shown": stored.row.reading.shown(),
        "cases": stored.violations,
        "reading": stored.row.reading,
    })
}
