//! What is logged of a request: an id that the answer carries too, method, path, status, time.
//!
//! Never a query (plates and names stand there), a body, a cookie or a header. A panic in a handler is
//! logged here and answered in words; the server goes on.

use std::{any::Any, time::Instant};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use crate::{error::ApiError, secret};

/// The header with a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id and logs how it went.
pub async fn requests(request: Request, next: Next) -> Response {
    let id: String = secret::token().unwrap_or_default().chars().take(12).collect();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", id, method = %request.method(), path);
    async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let ms = began.elapsed().as_millis() as u64;
        if response.status().is_server_error() {
            tracing::warn!(status, ms, "answered");
        } else {
            tracing::debug!(status, ms, "answered");
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// A handler panicked.
pub fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let said = cause.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("without a word");
    tracing::error!(panic = said, "a handler panicked");
    ApiError::fault().into_response()
}
