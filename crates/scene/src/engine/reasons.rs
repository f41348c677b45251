//! Why a rule fired and what is missing, in plain words, Vietnamese and English.

use giaolo_domain::{Reason, RoadUserClass};

fn reason(code: &str, vi: String, en: String) -> Reason {
    Reason { code: code.to_owned(), vi, en }
}

/// Seconds with one decimal, as each language writes them.
fn seconds(value: f64) -> (String, String) {
    let en = format!("{value:.1}");
    (en.replace('.', ","), en)
}

pub(crate) fn red_at_crossing(head: &str, red_for_s: f64, from_start: bool) -> Reason {
    let (vi, en) = seconds(red_for_s);
    let (at_least_vi, at_least_en) =
        if from_start { ("ít nhất ", "at least ") } else { ("", "") };
    reason(
        "red_at_crossing",
        format!("Đèn “{head}” đỏ {at_least_vi}{vi} giây khi xe qua vạch dừng"),
        format!("Head “{head}” had been red for {at_least_en}{en} s at the stop line"),
    )
}

pub(crate) fn drives_on(line: &str, heights: f32) -> Reason {
    let (vi, en) = seconds(f64::from(heights));
    reason(
        "drives_on",
        format!("Xe đi tiếp qua vạch “{line}”, đã vượt {vi} lần chiều cao khung xe"),
        format!("It drove on over line “{line}”, {en} of its box heights past it"),
    )
}

pub(crate) fn stays_over_line(line: &str, dwell_s: f64) -> Reason {
    let (vi, en) = seconds(dwell_s);
    reason(
        "stays_over_line",
        format!("Xe qua vạch “{line}” rồi dừng lại ở đó ít nhất {vi} giây"),
        format!("It passed line “{line}” and stood there for at least {en} s"),
    )
}

pub(crate) fn against_lane(zone: &str, heights: f32, seconds_: f64) -> Reason {
    let (h_vi, h_en) = seconds(f64::from(heights));
    let (s_vi, s_en) = seconds(seconds_);
    reason(
        "against_lane",
        format!(
            "Xe đi ngược chiều làn “{zone}” {s_vi} giây, quãng đường {h_vi} lần chiều cao khung xe"
        ),
        format!("It went against lane “{zone}” for {s_en} s, over {h_en} of its box heights"),
    )
}

pub(crate) fn banned_movement(movement: &str) -> Reason {
    reason(
        "banned_movement",
        format!("Xe đi theo hướng bị cấm “{movement}”"),
        format!("It made the banned movement “{movement}”"),
    )
}

pub(crate) fn in_closed_zone(zone: &str, class: RoadUserClass, inside_s: f64) -> Reason {
    let (vi, en) = seconds(inside_s);
    reason(
        "in_closed_zone",
        format!("{} ở trong khu vực cấm “{zone}” {vi} giây", class.vietnamese()),
        format!("A {class} was in closed zone “{zone}” for {en} s"),
    )
}

pub(crate) fn at_rest(zone: &str, rest_s: f64) -> Reason {
    let (vi, en) = seconds(rest_s);
    reason(
        "at_rest",
        format!("Xe đứng yên trong khu vực “{zone}” {vi} giây"),
        format!("It stood still in zone “{zone}” for {en} s"),
    )
}

/// A gap in the sightings over the line in which one road user may have become another.
pub(crate) fn gap(gap_s: f64) -> Option<Reason> {
    /// Seconds from which a gap is a doubt: three frames of the slowest camera we take.
    const DOUBTFUL_GAP_S: f64 = 0.7;
    let (vi, en) = seconds(gap_s);
    (gap_s >= DOUBTFUL_GAP_S).then(|| {
        reason(
            "gap_over_line",
            format!("Xe bị che khuất {vi} giây khi qua vạch: chưa chắc cùng một xe"),
            format!("It was out of sight for {en} s at the line: perhaps not the same vehicle"),
        )
    })
}

pub(crate) fn lamp_unsure(head: &str, confidence: f32) -> Reason {
    let share = (confidence * 100.0).round();
    reason(
        "lamp_unsure",
        format!("Đèn “{head}” nhìn không rõ (tin cậy {share} %)"),
        format!("Head “{head}” is hard to see (confidence {share} %)"),
    )
}

pub(crate) fn few_sightings(seen: u32) -> Reason {
    reason(
        "few_sightings",
        format!("Xe chỉ được thấy trong {seen} khung hình"),
        format!("The vehicle was seen in {seen} frames only"),
    )
}

pub(crate) fn clock_unknown() -> Reason {
    reason(
        "clock_unknown",
        "Không rõ giờ ghi hình, mà quy tắc chỉ áp dụng theo giờ hoặc ngày".to_owned(),
        "The time of recording is unknown, and the rule holds by hour or date only".to_owned(),
    )
}
