//! Reading requests: axum's extractors, with this crate's errors in place of axum's plain text.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A JSON body.
pub struct Body<T>(pub T);

/// The query of an address.
pub struct Params<T>(pub T);

/// The variable part of a path.
pub struct PathOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(wrong_body(&rejection)),
        }
    }
}

fn wrong_body(rejection: &JsonRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::too_large();
    }
    match rejection {
        // It tells the key and what would be right, and repeats no value of more than a word.
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            ApiError::malformed(shortened(&rejection.body_text()))
        }
        JsonRejection::MissingJsonContentType(_) => {
            ApiError::malformed("the body must be JSON, with `content-type: application/json`")
        }
        _ => ApiError::malformed("the body could not be read"),
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let wrong =
            |rejection: QueryRejection| ApiError::malformed(shortened(&rejection.body_text()));
        Query::from_request_parts(parts, state).await.map(|Query(query)| Self(query)).map_err(wrong)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Nothing that is there has a control character in its name.
        let path = parts.uri.path();
        let is_control = |rest: &&str| matches!(rest.as_bytes().first(), Some(b'0' | b'1'));
        if path.split('%').skip(1).any(|rest| is_control(&rest)) {
            return Err(ApiError::not_found());
        }
        // A path that is no text or no id names nothing that is there.
        let wrong = |_: PathRejection| ApiError::not_found();
        Path::from_request_parts(parts, state).await.map(|Path(path)| Self(path)).map_err(wrong)
    }
}

/// Foreign text may be long; whoever sent it knows it already.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
