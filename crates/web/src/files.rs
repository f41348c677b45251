//! Sending a file of evidence, whole or in part: players ask for ranges, browsers ask whether it is
//! still the same.

use std::{io::SeekFrom, path::Path};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use giaolo_evidence::FileEntry;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::{
    error::{ApiError, ApiResult},
    evidence::damaged,
};

/// Up to this size a file is hashed before it is sent: stills, which decide a case.
const HASHED_UP_TO: u64 = 8 * 1024 * 1024;

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// First and last byte.
    From(u64, u64),
    /// Nothing that the file has.
    Beyond,
}

/// The answer to a request for a file of the evidence.
///
/// # Errors
/// 416 for a range that the file does not have; 500 where the disk fails or the file is another one.
pub async fn send(entry: &FileEntry, path: &Path, asked: &HeaderMap) -> ApiResult<Response> {
    let etag = format!("\"{}\"", entry.sha256);
    if is_known(asked, &etag) {
        return Ok(with_tags(StatusCode::NOT_MODIFIED.into_response(), &etag));
    }
    let (status, first, length) = match part(asked, &etag, entry.bytes) {
        Part::Whole => (StatusCode::OK, 0, entry.bytes),
        Part::From(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Part::Beyond => return Ok(beyond(entry.bytes)),
    };
    let failed = |error: std::io::Error| damaged(path, &error.to_string());
    let body = if length == entry.bytes && length <= HASHED_UP_TO {
        let bytes = tokio::fs::read(path).await.map_err(failed)?;
        if format!("{:x}", Sha256::digest(&bytes)) != entry.sha256 {
            return Err(damaged(path, "its content is not the manifest's"));
        }
        Body::from(bytes)
    } else {
        let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
        file.seek(SeekFrom::Start(first)).await.map_err(failed)?;
        Body::from_stream(ReaderStream::new(file.take(length)))
    };
    let mut response = with_tags((status, body).into_response(), &etag);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&entry.media_type)));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{}", first + length - 1, entry.bytes);
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(header::CONTENT_RANGE, range);
        }
    }
    Ok(response)
}

/// Evidence never changes, and no proxy keeps it.
pub fn with_tags(mut response: Response, etag: &str) -> Response {
    let headers = response.headers_mut();
    let keep = "private, max-age=3600, immutable";
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// What a browser may take a file for; a manifest cannot make it a page with scripts.
fn media_type(said: &str) -> &'static str {
    match said {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "video/mp4" => "video/mp4",
        "application/json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// Whether the browser has what the tag names already.
pub fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    let tags = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    tags.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag || tag.trim() == "*"))
}

/// One range is answered as such; anything else is allowed to be answered with the whole file.
fn part(asked: &HeaderMap, etag: &str, bytes: u64) -> Part {
    if asked.get(header::IF_RANGE).is_some_and(|tag| tag.as_bytes() != etag.as_bytes()) {
        return Part::Whole;
    }
    let range = asked.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((first, last)) = range
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (first, last) = match (first.trim().is_empty(), last.trim().is_empty()) {
        (false, true) => (number(first), bytes.checked_sub(1)),
        (false, false) => {
            (number(first), number(last).map(|last| last.min(bytes.saturating_sub(1))))
        }
        // The last so many bytes.
        (true, false) => match number(last) {
            Some(0) => return Part::Beyond,
            Some(length) => (Some(bytes.saturating_sub(length)), bytes.checked_sub(1)),
            None => return Part::Whole,
        },
        (true, true) => return Part::Whole,
    };
    match (first, last) {
        (Some(first), _) if first >= bytes => Part::Beyond,
        (Some(first), Some(last)) if first <= last => Part::From(first, last),
        _ => Part::Whole,
    }
}

fn beyond(bytes: u64) -> Response {
    let vi = "Khoảng dữ liệu yêu cầu không có trong tệp.";
    let en = "The file does not have that range.";
    let error = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range", vi, en);
    let mut response = error.into_response();
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{bytes}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            (None, Part::Whole),
            (Some("bytes=0-9"), Part::From(0, 9)),
            (Some("bytes=90-"), Part::From(90, 99)),
            (Some("bytes=90-1000"), Part::From(90, 99)),
            (Some("bytes=-10"), Part::From(90, 99)),
            (Some("bytes=-1000"), Part::From(0, 99)),
            (Some("bytes=-0"), Part::Beyond),
            (Some("bytes=100-"), Part::Beyond),
            (Some("bytes=99999999999999999999-"), Part::Whole),
            (Some("bytes=9-1"), Part::Whole),
            (Some("bytes=0-1,5-6"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
            (Some("lines=0-9"), Part::Whole),
            (Some("bytes=a-b"), Part::Whole),
        ];
        for (range, expected) in cases {
            let mut asked = HeaderMap::new();
            if let Some(range) = range {
                asked.insert(header::RANGE, range.parse().unwrap());
            }
            assert_eq!(part(&asked, "\"x\"", 100), expected, "{range:?}");
            asked.insert(header::IF_RANGE, "\"another\"".parse().unwrap());
            assert_eq!(part(&asked, "\"x\"", 100), Part::Whole, "{range:?}");
        }
        let mut asked = HeaderMap::new();
        asked.insert(header::RANGE, "bytes=0-".parse().unwrap());
        assert_eq!(part(&asked, "\"x\"", 0), Part::Beyond);
    }
}
