//! Cameras and the points where they stand.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use giaolo_domain::{CameraId, UtcTime};
use giaolo_store::CameraRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::{Params, PathOf},
    review::SpanQuery,
    shapes::{Listed, PointShape},
};

/// A camera.
#[derive(Serialize, ToSchema)]
pub struct CameraItem {
    id: String,
    point: Option<PointShape>,
    role: Option<String>,
    /// What its material may be used for: `professional_device`, `traffic_surveillance_system`,
    /// `state_security_camera`, `citizen_data`.
    source_class: Option<String>,
    /// `working`, `waiting_for_repair`, `planned`, `offline`.
    state: Option<String>,
    last_run: Option<LastRunItem>,
    /// Cases that nobody, or only one officer, has decided.
    violations_open: u64,
    /// The share of the last 30 days that was analysed; `null` where nothing ever was.
    coverage_30_days: Option<f64>,
}

/// The last analysis that came to its end.
#[derive(Serialize, ToSchema)]
pub struct LastRunItem {
    source: String,
    #[schema(value_type = String)]
    finished_at: UtcTime,
    frames: u64,
}

/// A point with its cameras.
#[derive(Serialize, ToSchema)]
pub struct PointItem {
    #[serde(flatten)]
    point: PointShape,
    cameras: Vec<String>,
    violations_open: u64,
}

/// What of a camera's time was analysed.
#[derive(Serialize, ToSchema)]
pub struct CoverageAnswer {
    #[schema(value_type = String)]
    from: UtcTime,
    #[schema(value_type = String)]
    until: UtcTime,
    /// In order; those of different sources may touch or overlap.
    spans: Vec<CoverageItem>,
}

/// A span that was analysed.
#[derive(Serialize, ToSchema)]
pub struct CoverageItem {
    #[schema(value_type = String)]
    from: UtcTime,
    #[schema(value_type = String)]
    until: UtcTime,
}

/// `GET /api/v1/cameras`
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Json<Listed<CameraItem>>> {
    let cameras = app.store.camera_list(&caller.account.scope(), app.now()).await?;
    Ok(Json(Listed::whole(cameras.into_iter().map(CameraItem::of).collect())))
}

/// `GET /api/v1/cameras/{id}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> ApiResult<Json<CameraItem>> {
    let cameras = app.store.camera_list(&caller.account.scope(), app.now()).await?;
    let camera = cameras.into_iter().find(|camera| camera.id.as_str() == id);
    camera.map(|camera| Json(CameraItem::of(camera))).ok_or_else(ApiError::not_found)
}

/// `GET /api/v1/cameras/{id}/coverage`
pub async fn coverage(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
    Params(asked): Params<SpanQuery>,
) -> ApiResult<Json<CoverageAnswer>> {
    let id = CameraId::new(id);
    let cameras = app.store.camera_list(&caller.account.scope(), app.now()).await?;
    if cameras.iter().all(|camera| camera.id != id) {
        return Err(ApiError::not_found());
    }
    let (from, until) = asked.span(app.now());
    let spans = app.store.coverage(&id, from, until).await?.into_iter();
    let spans = spans.map(|span| CoverageItem { from: span.from, until: span.until });
    Ok(Json(CoverageAnswer { from, until, spans: spans.collect() }))
}

/// `GET /api/v1/points`: those that have cameras.
pub async fn points(State(app): State<App>, caller: Caller) -> ApiResult<Json<Listed<PointItem>>> {
    let mut points: BTreeMap<String, PointItem> = BTreeMap::new();
    for camera in app.store.camera_list(&caller.account.scope(), app.now()).await? {
        let Some(point) = camera.point else { continue };
        let item = points.entry(point.id.clone()).or_insert_with(|| PointItem {
            point: PointShape::of(point),
            cameras: Vec::new(),
            violations_open: 0,
        });
        item.cameras.push(camera.id.as_str().to_owned());
        item.violations_open += camera.violations_open;
    }
    Ok(Json(Listed::whole(points.into_values().collect())))
}

impl CameraItem {
    fn of(row: CameraRow) -> Self {
        Self {
            id: row.id.as_str().to_owned(),
            point: row.point.map(PointShape::of),
            role: row.role,
            source_class: row.source_class,
            state: row.state,
            last_run: row.last_run.map(|run| LastRunItem {
                source: run.source,
                finished_at: run.finished_at,
                frames: run.frames,
            }),
            violations_open: row.violations_open,
            coverage_30_days: row.coverage_30_days,
        }
    }
}
