//! One case with everything that decides it.

use axum::{Json, extract::State};
use giaolo_domain::{PlateVerdict, Sanction};
use giaolo_evidence::FileRole;
use giaolo_store::{CaseDetail, CaseState, Role};
use serde_json::{Map, Value, json};

use super::{clip::Clip, law, list::CaseItem};
use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    evidence::{self, Sealed},
    extract::PathOf,
    mp4::{self, ClipLength},
};

/// `GET /api/v1/cases/{id}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> ApiResult<Json<Value>> {
    shown(&app, &caller, &id).await
}

/// A case as it is now, for whoever may see it.
///
/// # Errors
/// 404; 500 where its evidence is damaged.
pub async fn shown(app: &App, caller: &Caller, id: &str) -> ApiResult<Json<Value>> {
    let case = app.store.case(id, &caller.account.scope(), app.now()).await?;
    let sealed = evidence::of(app, &case.evidence).await?;
    let clip = sealed.manifest.files.iter().find(|file| file.role == FileRole::Clip);
    let clip = clip.map(|file| sealed.folder.join(&file.name));
    let length = tokio::task::spawn_blocking(move || mp4::length(&clip?)).await;
    let length = length.map_err(|error| ApiError::hidden("reading a clip", &error))?;
    let mut all = more(&case, &sealed, length, caller);
    let Ok(Value::Object(row)) = serde_json::to_value(CaseItem::of(case.row)) else {
        return Err(ApiError::fault());
    };
    all.extend(row);
    // The manifest names the place as it was called then; it is what the evidence shows.
    all.insert("place".to_owned(), json!(sealed.manifest.facts.place));
    Ok(Json(Value::Object(all)))
}

fn more(
    case: &CaseDetail,
    sealed: &Sealed,
    length: Option<ClipLength>,
    caller: &Caller,
) -> Map<String, Value> {
    let facts = &sealed.manifest.facts;
    let source_s = case.run.end.map(|end| end.media_duration.seconds());
    let clip = Clip::of(&sealed.manifest, length, source_s);
    let sanction: Option<&Sanction> = facts.violation.sanction.as_ref();
    // The clock decides which law held; without one nobody can say.
    let sanction = sanction.filter(|_| facts.clock.clock.tells_the_day());
    let reading = case.reading.as_ref().map(|stored| &stored.row.reading);
    let plate = case.row.plate.as_ref();
    let plate_text = plate.filter(|plate| plate.verdict == PlateVerdict::Sure);
    let still = |name: &str| facts.stills.iter().find(|still| still.file == name);
    let files = sealed.manifest.files.iter().map(|file| {
        json!({
            "name": file.name,
            "role": file.role,
            "frame": still(&file.name).map(|still| still.frame.frame),
            "taken_at": still(&file.name).map(|still| still.taken_at),
            "bytes": file.bytes,
            "sha256": file.sha256,
        })
    });
    let edits = case.plate_edits.iter().map(|edit| {
        json!({
            "at": edit.at,
            "who": edit.who,
            "from": edit.from,
            "to": edit.to,
            "reason": edit.reason,
        })
    });
    let questions = law::questions(case.row.kind).iter();
    let questions = questions.map(|q| json!({ "code": q.code, "vi": q.vi, "en": q.en }));
    let history = case.history.iter().map(|entry| {
        let entry = &entry.entry;
        json!({ "at": entry.at, "who": entry.who, "action": entry.action, "detail": entry.detail })
    });
    let same = case.same_vehicle.iter();
    let same = same.map(
        |row| json!({ "id": row.id, "act_at": row.act_at, "kind": row.kind, "state": row.state }),
    );
    let clocks = case.clocks.iter().map(|running| {
        let (vi, en) = clock_words(running.clock.as_str());
        json!({
            "code": running.clock.as_str(),
            "vi": vi,
            "en": en,
            "from": running.from,
            "due_at": running.due_at,
            "done": running.done,
        })
    });
    let whole = json!({
        "violation": facts.violation,
        "plate_reading": reading,
        "plate_text": plate_text.and_then(|plate| plate.text.clone()),
        "plate_edits": edits.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "clip": clip.json(),
        "track": clip.track(),
        "size": [facts.source.width, facts.source.height],
        "signal": clip.signal(),
        "clock": {
            "clock": facts.clock.clock,
            "uncertainty_s": facts.clock.uncertainty_s,
            "offset_s": null,
        },
        "source_class": facts.source_class,
        "source_class_vi": facts.source_class.map(giaolo_evidence::SourceClass::vietnamese),
        "manifest_sha256": sealed.manifest_sha256,
        "law": sanction.map(|sanction| law::law(sanction, case.row.act_at)),
        "route": law::route(sanction),
        "questions": questions.collect::<Vec<_>>(),
        "history": history.collect::<Vec<_>>(),
        "same_vehicle": same.collect::<Vec<_>>(),
        "clocks": clocks.collect::<Vec<_>>(),
        "may": may(case, caller),
    });
    match whole {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn clock_words(code: &str) -> (&'static str, &'static str) {
    match code {
        "identify" => (
            "Xác minh phương tiện và chủ phương tiện (10 ngày)",
            "Identify the vehicle and its owner (10 days)",
        ),
        "notify" => ("Gửi thông báo vi phạm (10 ngày)", "Send the notice (10 days)"),
        "answer" => ("Chủ phương tiện trả lời (20 ngày)", "The owner answers (20 days)"),
        _ => ("Thời hiệu xử phạt (1 năm)", "Limitation period (1 year)"),
    }
}

/// What this person may do to the case as it is now, and why not. The database decides in the end.
fn may(case: &CaseDetail, caller: &Caller) -> Value {
    let row = &case.row;
    let me = caller.name();
    let approver = caller.account.has(Role::Approver);
    let officer = approver || caller.account.has(Role::Reviewer);
    let held = row.held_by.as_ref().filter(|(by, _)| by != me);
    let is_mine = row.first_by.as_deref() == Some(me);
    let waits = row.state == CaseState::FirstConfirmed;
    let open = waits || row.state == CaseState::Flagged;
    let why_not = match (&row.state, held) {
        _ if !officer => {
            Some(("Bạn không có vai trò xử lý hồ sơ.", "You have no role that decides."))
        }
        (_, Some(_)) => {
            Some(("Cán bộ khác đang mở hồ sơ này.", "Another officer has this case open."))
        }
        _ if waits && is_mine => Some((
            "Bạn đã xác nhận lần đầu; người thứ hai phải là cán bộ khác.",
            "You confirmed it first; the second officer must be another person.",
        )),
        _ if waits && !approver => Some((
            "Chờ người duyệt xác nhận lần hai.",
            "It waits for an approver as the second officer.",
        )),
        (CaseState::Rejected, _) => Some(("Hồ sơ đã bị từ chối.", "The case is rejected.")),
        _ if !open => Some(("Hồ sơ đã được xác nhận.", "The case is confirmed already.")),
        _ => None,
    };
    let decide = why_not.is_none();
    json!({
        "decide": decide,
        "second": decide && waits,
        "edit_plate": officer && held.is_none() && row.state == CaseState::Flagged,
        "reopen": approver && held.is_none() && row.state == CaseState::Rejected,
        "why_not_vi": why_not.map(|words| words.0),
        "why_not_en": why_not.map(|words| words.1),
    })
}
