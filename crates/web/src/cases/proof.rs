//! The proof of a case: its files one by one, and all of them as a zip that verifies anywhere.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use giaolo_store::AuditEntry;
use serde::Deserialize;
use serde_json::json;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    evidence,
    extract::{Params, PathOf},
    files,
    thumbs::WIDTHS,
};

/// How a file is asked for.
#[derive(Deserialize, IntoParams)]
pub struct FileQuery {
    /// Of a picture: a smaller JPEG of this width, 64 to 1280.
    width: Option<u32>,
}

/// `GET /api/v1/cases/{id}/files/{file}`
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    PathOf((id, name)): PathOf<(String, String)>,
    Params(query): Params<FileQuery>,
    asked: HeaderMap,
) -> ApiResult<Response> {
    let sealed = evidence::of_case(&app, &caller, &id).await?;
    let (entry, path) = sealed.file(&name).await?;
    match query.width {
        Some(width) if entry.media_type == "image/jpeg" => {
            let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
            let etag = format!("\"{}-{width}\"", entry.sha256);
            if files::is_known(&asked, &etag) {
                return Ok(files::with_tags(StatusCode::NOT_MODIFIED.into_response(), &etag));
            }
            let small = app.thumbs.get(entry, &path, width).await?;
            let kind = [(header::CONTENT_TYPE, "image/jpeg")];
            Ok(files::with_tags((kind, small.to_vec()).into_response(), &etag))
        }
        _ => files::send(entry, &path, &asked).await,
    }
}

/// `GET /api/v1/cases/{id}/evidence.zip`: taking it away is in the audit log.
pub async fn zip(
    State(app): State<App>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> ApiResult<Response> {
    let sealed = evidence::of_case(&app, &caller, &id).await?;
    let folder = sealed.folder.clone();
    let packed = tokio::task::spawn_blocking(move || {
        let room =
            tempfile::tempdir().map_err(|error| ApiError::hidden("packing evidence", &error))?;
        let out = room.path().join("evidence.zip");
        giaolo_evidence::export_zip(&folder, &out)
            .map_err(|error| evidence::damaged(&folder, &error.to_string()))?;
        // Open, it outlives its folder.
        std::fs::File::open(&out).map_err(|error| ApiError::hidden("packing evidence", &error))
    });
    let packed = packed.await.map_err(|error| ApiError::hidden("packing evidence", &error))??;
    let entry = AuditEntry {
        at: app.now(),
        who: caller.name().to_owned(),
        action: "case.export".to_owned(),
        subject: id.clone(),
        detail: json!({ "manifest_sha256": sealed.manifest_sha256 }),
    };
    app.store.audit_append(&entry).await?;
    let bytes =
        packed.metadata().map_err(|error| ApiError::hidden("packing evidence", &error))?.len();
    let stream = ReaderStream::new(tokio::fs::File::from_std(packed));
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    // An id is of letters, digits and dashes; one that is not names no evidence.
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.zip\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
