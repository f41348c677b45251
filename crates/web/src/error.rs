//! What goes wrong, as people and programs are told: one shape for every error under `/api`, in
//! Vietnamese and English, with a stable code.
//!
//! What a person must not see (a path, SQL, a password in an address) goes to the log, never into an
//! answer.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An error as it is answered.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    words: Box<ErrorWords>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody<'a> {
    error: &'a ErrorWords,
}

/// What is said of an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorWords {
    /// Stable, for programs (`case_taken`).
    #[schema(value_type = String)]
    code: &'static str,
    /// For people, Vietnamese.
    #[schema(value_type = String)]
    vi: Cow<'static, str>,
    /// For people, English.
    #[schema(value_type = String)]
    en: Cow<'static, str>,
    /// Which field of the request is meant, where one is.
    #[schema(value_type = Option<String>)]
    field: Option<Cow<'static, str>>,
    /// Seconds after which to try again, where that helps.
    retry_after_s: Option<u64>,
}

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error of that status, code and words.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        let words =
            ErrorWords { code, vi: vi.into(), en: en.into(), field: None, retry_after_s: None };
        Self { status, words: Box::new(words) }
    }

    /// Names the field that is meant.
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.words.field = Some(field.into());
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.words.retry_after_s = Some(seconds);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.words.code
    }

    /// 400: the request cannot be read.
    pub fn malformed(en: impl Into<Cow<'static, str>>) -> Self {
        let vi = "Yêu cầu không đúng định dạng.";
        Self::new(StatusCode::BAD_REQUEST, "malformed", vi, en)
    }

    /// 422: understood, but a field says what it may not.
    pub fn refused(
        field: &'static str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", vi, en).field(field)
    }

    /// 422: what the law asks was not answered.
    pub fn question_open(vi: String, en: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "question_open", vi, en).field("answers")
    }

    /// 401: nobody is signed in, or no longer.
    pub fn not_signed_in() -> Self {
        let vi = "Bạn chưa đăng nhập, hoặc phiên làm việc đã hết. Hãy đăng nhập lại.";
        let en = "You are not signed in, or your session has ended. Sign in again.";
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", vi, en)
    }

    /// 403: signed in, but this is not theirs to do.
    pub fn no_role() -> Self {
        let vi = "Tài khoản của bạn không có quyền làm việc này.";
        let en = "Your account has no role that may do this.";
        Self::new(StatusCode::FORBIDDEN, "no_role", vi, en)
    }

    /// 403: a password that somebody else chose.
    pub fn password_must_change() -> Self {
        let vi = "Hãy đổi mật khẩu trước khi làm việc khác.";
        let en = "Change your password before anything else.";
        Self::new(StatusCode::FORBIDDEN, "password_must_change", vi, en)
    }

    /// 403: a change without the session's token, as another site's page would send it.
    pub fn wrong_csrf() -> Self {
        let vi = "Yêu cầu không đến từ trang này. Hãy tải lại trang.";
        let en = "The request lacks the session's token in `x-giaolo-csrf`. Load the page again.";
        Self::new(StatusCode::FORBIDDEN, "wrong_csrf", vi, en)
    }

    /// 404: not there, or not within the account's units; which of the two is not told.
    pub fn not_found() -> Self {
        let vi = "Không tìm thấy.";
        let en = "There is no such thing, or it is not within your units.";
        Self::new(StatusCode::NOT_FOUND, "not_found", vi, en)
    }

    /// 405.
    pub fn wrong_method() -> Self {
        let vi = "Địa chỉ này không nhận phương thức đó.";
        let en = "This address does not take that method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", vi, en)
    }

    /// 413.
    pub fn too_large() -> Self {
        let vi = "Dữ liệu gửi lên quá lớn: tối đa 1 MB.";
        let en = "What was sent is too large: at most 1 MB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", vi, en)
    }

    /// 429.
    pub fn too_many(seconds: u64) -> Self {
        let vi = "Quá nhiều yêu cầu. Hãy thử lại sau ít giây.";
        let en = "Too many requests. Try again in some seconds.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", vi, en).retry_after(seconds)
    }

    /// 503: the database does not answer.
    pub fn database_away() -> Self {
        let vi = "Cơ sở dữ liệu tạm thời không trả lời. Chưa có gì được ghi; hãy thử lại.";
        let en = "The database does not answer at the moment. Nothing was written; try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_away", vi, en).retry_after(5)
    }

    /// 500: a fault of this program or its machine; the log has the cause.
    pub fn fault() -> Self {
        let vi = "Máy chủ gặp lỗi và đã ghi lại. Việc vừa làm có thể chưa được lưu.";
        let en = "The server met a fault and has logged it. What you did may not be saved.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", vi, en)
    }

    /// Logs a cause that nobody outside may see, and answers [`Self::fault`].
    pub fn hidden(doing: &'static str, cause: &dyn std::error::Error) -> Self {
        tracing::error!(doing, cause = %causes(cause), "fault");
        Self::fault()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry = self.words.retry_after_s;
        let mut response = (self.status, Json(ErrorBody { error: &self.words })).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // An error is of this moment: no cache may give it again.
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response
    }
}

/// An error with the causes that it does not tell itself.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
