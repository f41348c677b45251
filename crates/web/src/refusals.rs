//! What the store says no to, as people are told it in both languages.

use axum::http::StatusCode;
use giaolo_store::{Refusal, StoreError};

use crate::error::{ApiError, causes};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Denied(refusal) => denied(refusal),
            StoreError::Refused { what, problem } => {
                let vi = "Yêu cầu tra cứu biển số không hợp lệ; xem giải thích bằng tiếng Anh.";
                let en = format!("{what} {problem}");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", vi, en)
            }
            // What the value is, whoever sent it knows.
            StoreError::Value { problem, .. } => {
                let vi = "Có giá trị không lưu được.";
                let en = format!("a value cannot be stored: {problem}");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", vi, en)
            }
            error @ (StoreError::Open { .. }
            | StoreError::Query { .. }
            | StoreError::Full { .. }) => {
                tracing::warn!(cause = %causes(&error), "the database is away");
                Self::database_away()
            }
            error => Self::hidden("asking the database", &error),
        }
    }
}

fn denied(refusal: Refusal) -> ApiError {
    let en = refusal.to_string();
    let conflict = |code, vi: String| ApiError::new(StatusCode::CONFLICT, code, vi, en.clone());
    let refused =
        |code, vi: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, vi, en.clone());
    match refusal {
        Refusal::Invalid { field, .. } => {
            refused("refused", format!("Giá trị không hợp lệ: {field}.")).field(field)
        }
        Refusal::NotTheFirst => conflict(
            "not_the_first",
            "Đã có tài khoản; quản trị viên tạo các tài khoản sau.".into(),
        ),
        Refusal::AccountThere(_) => {
            conflict("account_there", "Tên tài khoản này đã có.".into()).field("name")
        }
        Refusal::NoAccount(_) | Refusal::NoCase(_) => ApiError::not_found(),
        Refusal::LastAdministrator(_) => conflict(
            "last_administrator",
            "Đây là quản trị viên cuối cùng; hãy tạo một quản trị viên khác trước.".into(),
        ),
        Refusal::AccountChanged(_) => {
            conflict("account_changed", "Tài khoản vừa được thay đổi; hãy đăng nhập lại.".into())
        }
        Refusal::CaseTaken { by, until } => {
            let vi = format!("Cán bộ {by} đang mở hồ sơ này (đến {}).", until.in_viet_nam());
            conflict("case_taken", vi)
        }
        Refusal::CaseChanged { .. } => conflict(
            "case_changed",
            "Hồ sơ đã thay đổi trong lúc bạn xem; hãy xem lại trước khi quyết định.".into(),
        ),
        Refusal::SameOfficer(_) => conflict(
            "same_officer",
            "Bạn đã quyết định hồ sơ này; người duyệt thứ hai phải là cán bộ khác.".into(),
        ),
        Refusal::NotAllowed { needs, .. } => {
            let vi =
                format!("Tài khoản của bạn không có quyền làm việc này (cần vai trò {needs}).");
            ApiError::new(StatusCode::FORBIDDEN, "no_role", vi, en)
        }
        Refusal::NoSuchStep { .. } => conflict(
            "no_such_step",
            "Ở trạng thái hiện tại, hồ sơ không thể chuyển bước này.".into(),
        ),
        Refusal::PlateNeeded => refused(
            "plate_needed",
            "Chưa biết chắc biển số; hãy xem và nhập biển số trước khi xác nhận.".into(),
        )
        .field("plate"),
        Refusal::Question(_) => refused(
            "question_open",
            "Còn câu hỏi chưa được trả lời là “không”, nên chưa thể xác nhận.".into(),
        )
        .field("answers"),
        _ => refused("refused", "Không thực hiện được.".into()),
    }
}
