//! The queue.

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use giaolo_domain::{CameraId, UtcTime, Verdict, ViolationKind};
use giaolo_store::{CaseCursor, CaseFilter, CaseOrder, CaseRow, CaseState};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::Params,
    shapes::{Listed, PointShape},
};

/// The name that the still of the act has in every folder of evidence.
const STILL: &str = "act.jpg";
/// Cases on a page where nobody says.
const LIMIT: u32 = 50;

/// Which cases, and in which order.
#[derive(Deserialize, IntoParams)]
pub struct CaseListQuery {
    /// `flagged`, `first_confirmed`, …; several with commas.
    state: Option<String>,
    /// `red_light`, …
    #[param(value_type = Option<String>)]
    kind: Option<ViolationKind>,
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    point: Option<String>,
    /// `sure` or `insufficient`.
    #[param(value_type = Option<String>)]
    verdict: Option<Verdict>,
    /// How the plate begins.
    plate: Option<String>,
    /// The act at this time or later.
    #[param(value_type = Option<String>)]
    from: Option<UtcTime>,
    /// The act before this time.
    #[param(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// `rank`, `newest`, `oldest` or `due`.
    #[param(value_type = Option<String>)]
    order: Option<CaseOrder>,
    /// 1 to 200.
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A case as it stands in the queue.
#[derive(Serialize, ToSchema)]
pub struct CaseItem {
    id: String,
    #[schema(value_type = String)]
    state: CaseState,
    version: u64,
    #[schema(value_type = String)]
    kind: ViolationKind,
    kind_vi: &'static str,
    kind_en: &'static str,
    rule: String,
    line: Option<String>,
    #[schema(value_type = String)]
    verdict: Verdict,
    confidence: Option<f64>,
    camera: String,
    point: Option<PointShape>,
    /// The place in words; the camera's id where nobody has registered it.
    place: String,
    class: &'static str,
    class_vi: &'static str,
    #[schema(value_type = String)]
    act_at: UtcTime,
    /// Where not, `act_at` is a hint or counts from 1970.
    clock_known: bool,
    plate: Option<PlateItem>,
    /// The share of the plate's characters that are sure.
    sure_share: Option<f64>,
    group: String,
    group_size: u64,
    held_by: Option<String>,
    #[schema(value_type = Option<String>)]
    held_until: Option<UtcTime>,
    first_by: Option<String>,
    #[schema(value_type = Option<String>)]
    due_at: Option<UtcTime>,
    /// `identify`, `notify`, `answer` or `limitation`.
    due: Option<&'static str>,
    still: &'static str,
}

/// What is known of a case's plate.
#[derive(Serialize, ToSchema)]
pub struct PlateItem {
    /// `?` for each doubtful character; empty where it could not be read.
    shown: String,
    /// `sure`, `doubtful` or `unreadable`.
    verdict: &'static str,
    /// Whether a person has typed it.
    edited: bool,
}

/// `GET /api/v1/cases`
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<CaseListQuery>,
) -> ApiResult<Json<Listed<CaseItem>>> {
    let filter = CaseFilter {
        states: asked.state.as_deref().map(states).transpose()?.unwrap_or_default(),
        kind: asked.kind,
        camera: asked.camera,
        point: asked.point,
        verdict: asked.verdict,
        plate: asked.plate.as_deref().map(giaolo_plate::normal_form).filter(|p| !p.is_empty()),
        from: asked.from,
        until: asked.until,
    };
    let after: Option<CaseCursor> = asked.after.as_deref().map(cursor).transpose()?;
    let order = asked.order.unwrap_or_default();
    let limit = asked.limit.unwrap_or(LIMIT).clamp(1, 200);
    let scope = caller.account.scope();
    let now = app.now();
    let page = app.store.case_list(&filter, &scope, order, after.as_ref(), limit, now).await?;
    let total = app.store.case_count(&filter, &scope).await?;
    let next = page.next.as_ref().and_then(|next| serde_json::to_vec(next).ok());
    Ok(Json(Listed {
        items: page.cases.into_iter().map(CaseItem::of).collect(),
        next: next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        total,
    }))
}

impl CaseItem {
    /// As the store has it.
    pub fn of(row: CaseRow) -> Self {
        let place = match &row.point {
            Some(point) => point.name.clone(),
            None => row.camera.as_str().to_owned(),
        };
        let (held_by, held_until) = row.held_by.unzip();
        Self {
            id: row.id,
            state: row.state,
            version: row.version,
            kind: row.kind,
            kind_vi: row.kind.vietnamese(),
            kind_en: row.kind.english(),
            rule: row.rule.as_str().to_owned(),
            line: row.line.map(|line| line.as_str().to_owned()),
            verdict: row.verdict,
            confidence: row.confidence.map(|share| (share * 1e4).round() / 1e4),
            camera: row.camera.as_str().to_owned(),
            point: row.point.map(PointShape::of),
            place,
            class: row.class.as_str(),
            class_vi: row.class.vietnamese(),
            act_at: row.act_at,
            clock_known: row.clock_known,
            plate: row.plate.map(|plate| PlateItem {
                shown: plate.shown,
                verdict: plate.verdict.as_str(),
                edited: plate.edited,
            }),
            sure_share: row.sure_share,
            group: row.group,
            group_size: row.group_size,
            held_by,
            held_until,
            first_by: row.first_by,
            due_at: row.due.map(|(_, at)| at),
            due: row.due.map(|(clock, _)| clock.as_str()),
            still: STILL,
        }
    }
}

fn states(text: &str) -> ApiResult<Vec<CaseState>> {
    let state = |word: &str| {
        CaseState::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| {
            let known: Vec<&str> = CaseState::ALL.into_iter().map(CaseState::as_str).collect();
            ApiError::malformed(format!("a state is one of {}", known.join(", "))).field("state")
        })
    };
    text.split(',').filter(|word| !word.is_empty()).map(state).collect()
}

/// A place between two pages, as the page before gave it.
pub fn cursor<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    cursor.ok_or_else(|| ApiError::malformed("`after` is not a `next` of this list").field("after"))
}
