//! What the law says of a case: the sanction as of the act, who may impose it, and what an officer must
//! ask before he confirms (`domain/procedure.md`, sections 4 and 9).

use std::collections::BTreeMap;

use giaolo_domain::{Sanction, UtcTime, ViolationKind};
use giaolo_store::Answer;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};

/// A question that the law asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its key in `answers`.
    pub code: &'static str,
    /// The question in Vietnamese.
    pub vi: &'static str,
    /// The question in English.
    pub en: &'static str,
}

const PRIORITY_VEHICLE: Question = Question {
    code: "priority_vehicle",
    vi: "Đây có phải xe ưu tiên đang làm nhiệm vụ, hoặc xe nhường đường cho xe ưu tiên?",
    en: "Is it a priority vehicle on duty, or one that made way for it?",
};
const OFFICER_DIRECTING: Question = Question {
    code: "officer_directing",
    vi: "Có người điều khiển giao thông đang ra hiệu lệnh tại hiện trường?",
    en: "Was an officer directing the traffic there?",
};
const SIGNAL_FAULT: Question = Question {
    code: "signal_fault",
    vi: "Đèn tín hiệu có bị tắt, hỏng hoặc đang nhấp nháy?",
    en: "Was the signal dark, broken or flashing?",
};

/// The questions of a kind of behaviour.
pub fn questions(kind: ViolationKind) -> &'static [Question] {
    match kind {
        ViolationKind::RedLight | ViolationKind::StopLine => {
            &[PRIORITY_VEHICLE, OFFICER_DIRECTING, SIGNAL_FAULT]
        }
        _ => &[PRIORITY_VEHICLE, OFFICER_DIRECTING],
    }
}

/// Holds answers to the questions of their case: a confirmation answers each.
///
/// # Errors
/// 422 for an answer to no question, or a question without an answer.
pub fn must_answer(
    kind: ViolationKind,
    answers: &BTreeMap<String, Answer>,
    all: bool,
) -> ApiResult<()> {
    let questions = questions(kind);
    let stray = answers.keys().find(|code| questions.iter().all(|asked| asked.code != *code));
    if stray.is_some() {
        let vi = "Có câu trả lời cho câu hỏi không có trong hồ sơ này.";
        return Err(ApiError::refused("answers", vi, "an answer is to no question of this case"));
    }
    let open = questions.iter().find(|asked| !answers.contains_key(asked.code));
    match open.filter(|_| all) {
        None => Ok(()),
        Some(open) => {
            let vi = format!("Chưa trả lời: {}", open.vi);
            let en = format!("not answered yet: {}", open.en);
            Err(ApiError::question_open(vi, en))
        }
    }
}

/// The sanction as screens show it.
pub fn law(sanction: &Sanction, as_of: UtcTime) -> Value {
    json!({
        "code": sanction.code,
        "behaviour_vi": sanction.behaviour_vi,
        "behaviour_en": sanction.behaviour_en,
        "article_vi": sanction.article_vi,
        "article_en": sanction.article_en,
        "fine_min": sanction.fine_min_vnd,
        "fine_max": sanction.fine_max_vnd,
        "points": sanction.points,
        "ward_police_chief_competent": sanction.ward_police_chief_competent,
        "valid_from": sanction.valid_from,
        "verified": sanction.verified,
        "as_of": as_of,
    })
}

/// Where a case goes once it is confirmed.
pub fn route(sanction: Option<&Sanction>) -> Value {
    let (vi, en) = match sanction.map(|sanction| sanction.ward_police_chief_competent) {
        Some(true) => (
            "Công an cấp xã nơi phát hiện (Trưởng Công an phường, xã có thẩm quyền). Chủ phương tiện ở \
             nơi khác: chuyển kết quả theo mẫu 03/73 đến Công an cấp xã nơi cư trú.",
            "The ward or commune police where it was detected (its chief may sanction it). An owner who \
             lives elsewhere: transfer form 03/73 to the ward or commune police there.",
        ),
        Some(false) => (
            "Cảnh sát giao thông (Đội, Trạm CSGT hoặc Phòng CSGT). Công an cấp xã chỉ phát hiện, xác \
             minh và chuyển kết quả theo mẫu 03/73.",
            "The traffic police (team, station or the Traffic Police Division). Ward police may detect, \
             verify and hand over with form 03/73.",
        ),
        None => (
            "Chưa xác định được điều luật tại thời điểm xảy ra hành vi, nên chưa xác định được cơ quan xử \
             lý.",
            "No row of the law is known for the time of the act, so it is not known who handles it.",
        ),
    };
    json!({ "who_vi": vi, "who_en": en })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_answers_every_question_of_its_kind_and_no_other() {
        let answers = |codes: &[&str]| -> BTreeMap<String, Answer> {
            codes.iter().map(|code| ((*code).to_owned(), Answer::No)).collect()
        };
        let red = ViolationKind::RedLight;
        let way = ViolationKind::WrongWay;
        let cases = [
            (red, vec!["priority_vehicle", "officer_directing", "signal_fault"], true, None),
            (red, vec!["priority_vehicle", "officer_directing"], true, Some("question_open")),
            (red, vec![], false, None),
            (way, vec!["priority_vehicle", "officer_directing"], true, None),
            (
                way,
                vec!["priority_vehicle", "officer_directing", "signal_fault"],
                true,
                Some("refused"),
            ),
            (way, vec!["<script>"], false, Some("refused")),
        ];
        for (kind, codes, all, code) in cases {
            let said = must_answer(kind, &answers(&codes), all).err().map(|error| error.code());
            assert_eq!(said, code, "{kind} {codes:?}");
        }
    }

    #[test]
    fn red_light_does_not_stay_with_the_ward() {
        let said = |competent: Option<bool>| {
            let sanction = competent.map(|competent| Sanction {
                code: "M01".to_owned(),
                behaviour_vi: String::new(),
                behaviour_en: String::new(),
                article_vi: String::new(),
                article_en: String::new(),
                fine_min_vnd: 1,
                fine_max_vnd: 2,
                points: None,
                ward_police_chief_competent: competent,
                valid_from: "2025-01-01".to_owned(),
                verified: true,
            });
            route(sanction.as_ref())["who_en"].as_str().unwrap().to_owned()
        };
        assert!(said(Some(false)).starts_with("The traffic police"));
        assert!(said(Some(true)).starts_with("The ward or commune police"));
        assert!(said(None).contains("not known"));
    }
}
