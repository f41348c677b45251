//! The screens: `web/dist` as it was built in, and one page that says how to make it where it was not.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";

/// Shown in place of the screens by a program that was built without them.
const WITHOUT_SCREENS: &str = "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\">\
    <title>Giao Lộ</title><body style=\"font-family:sans-serif;max-width:40em;margin:3em auto\">\
    <h1>Giao Lộ</h1><p>Chương trình này được dựng mà chưa có giao diện. Hãy chạy <code>make web</code> \
    rồi dựng lại.</p><p>This program was built without its screens. Run <code>make web</code> and build \
    again; the interface for programs is at <a href=\"/api/docs\">/api/docs</a>.</p></body></html>";

/// Whatever no route takes: a file of the screens, a screen's own address, or nothing.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::wrong_method().into_response();
    }
    let name = path.trim_start_matches('/');
    let found = Dist::get(name).map(|file| (name, file));
    if found.is_none() && name.starts_with("assets/") {
        // Another build's file: its page, got as the answer, would be run as a script.
        return ApiError::not_found().into_response();
    }
    match found.or_else(|| Dist::get(INDEX).map(|file| (INDEX, file))) {
        Some((name, file)) => answer(name, file, request.headers()),
        None => (StatusCode::OK, Html(WITHOUT_SCREENS)).into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let etag: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{etag}\"");
    let keep = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known =
        asked.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content_type = [(header::CONTENT_TYPE, content_type(name))];
        (content_type, file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// Of the kinds that a build of the screens has.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
