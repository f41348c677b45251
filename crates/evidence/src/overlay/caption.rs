//! The words under an explained still: Vietnamese first, English under it, never a finding of guilt.

use giaolo_domain::{
    CameraId, ClockSource, PlateReading, Reason, SignalState, TimeOrigin, UtcTime, Verdict,
    Violation,
};

use super::{Colour, palette, plate_words::plate_words};
use crate::SourceClass;

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilingual {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Both texts.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

impl From<&Reason> for Bilingual {
    fn from(reason: &Reason) -> Self {
        Self::new(&reason.vi, &reason.en)
    }
}

/// A named fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionRow {
    /// Its name.
    pub label: Bilingual,
    /// What it is.
    pub value: Bilingual,
}

/// The panel's content.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// What kind of behaviour.
    pub title: Bilingual,
    /// Facts, in their order.
    pub rows: Vec<CaptionRow>,
    /// Why the rule fired.
    pub reasons: Vec<Bilingual>,
    /// Whether everything was seen; what is missing.
    pub verdict: Vec<Bilingual>,
    /// Colour of the verdict.
    pub verdict_colour: Colour,
    /// What the picture is, at the very bottom.
    pub footer: Bilingual,
}

/// What a caption is made from.
#[derive(Clone, Copy, Debug)]
pub struct CaptionSource<'a> {
    /// The place in words.
    pub place: &'a str,
    /// The point, where it is registered.
    pub point: Option<&'a str>,
    /// The camera.
    pub camera: &'a CameraId,
    /// What kind of source it is before the law.
    pub source_class: Option<SourceClass>,
    /// The source's clock.
    pub clock: &'a TimeOrigin,
    /// What the rule saw.
    pub violation: &'a Violation,
    /// What the head showed at the act, for rules about signals.
    pub signal: Option<SignalState>,
    /// What was read of its plate; `None` where plates were not read.
    pub plate: Option<&'a PlateReading>,
}

impl Caption {
    /// The words for a violation.
    pub fn of_violation(source: &CaptionSource<'_>) -> Self {
        let violation = source.violation;
        let row = |label_vi: &str, label_en: &str, value: Bilingual| CaptionRow {
            label: Bilingual::new(label_vi, label_en),
            value,
        };
        let mut rows = vec![
            row("Nơi", "Place", place(source)),
            row("Thời gian", "Time", time(source)),
            row("Đồng hồ", "Clock", clock(source.clock)),
        ];
        if let Some(signal) = signal(source) {
            rows.push(row("Tín hiệu", "Signal", signal));
        }
        rows.push(row("Đối tượng", "Road user", road_user(violation)));
        if let Some(reading) = source.plate {
            rows.push(row("Biển số", "Plate", plate_words(reading)));
        }
        rows.push(row("Khung hình", "Frames", frames(violation)));
        // What kind of source it is decides what it may be used for: it stands on every page.
        let class = source.source_class.map_or_else(
            || Bilingual::new("chưa khai báo loại nguồn", "kind of source not stated"),
            |class| Bilingual::new(class.vietnamese(), class.english()),
        );
        rows.push(row("Nguồn", "Source", class));
        let (verdict, verdict_colour) = verdict(violation);
        Self {
            title: Bilingual::new(violation.kind.vietnamese(), violation.kind.english()),
            rows,
            reasons: violation.reasons.iter().map(Bilingual::from).collect(),
            verdict,
            verdict_colour,
            footer: Bilingual::new(
                "Phần mềm phát hiện, chờ người có thẩm quyền kết luận. Ảnh này có vẽ thêm; ảnh gốc không bị vẽ nằm cùng thư mục.",
                "Proposed by software; an officer decides. This picture is drawn on; the clean stills are in the same folder.",
            ),
        }
    }
}

fn place(source: &CaptionSource<'_>) -> Bilingual {
    let mut vi = format!("{} · camera {}", source.place, source.camera);
    let mut en = format!("camera {}", source.camera);
    if let Some(point) = source.point {
        vi.push_str(&format!(" · điểm {point}"));
        en.push_str(&format!(" · point {point}"));
    }
    Bilingual::new(vi, en)
}

fn time(source: &CaptionSource<'_>) -> Bilingual {
    let at = source.violation.act.time;
    let seconds = at.seconds();
    if source.clock.clock == ClockSource::Unknown {
        return Bilingual::new(
            format!("không rõ ngày giờ; giây thứ {} của tệp", decimal_vi(seconds, 2)),
            format!("date and time unknown; second {seconds:.2} of the file"),
        );
    }
    let local = UtcTime::in_viet_nam(source.clock.start.plus(at));
    Bilingual::new(
        format!("{local} (UTC+7)"),
        format!("Viet Nam time; second {seconds:.2} of the source"),
    )
}

fn clock(origin: &TimeOrigin) -> Bilingual {
    let (vi, en) = match origin.clock {
        ClockSource::Operator => ("người vận hành nhập", "given by an operator"),
        ClockSource::ContainerMetadata => ("ghi trong tệp video", "from the video file"),
        ClockSource::FileModified => {
            ("ngày sửa tệp, chỉ để tham khảo", "the file's modification time, a hint only")
        }
        ClockSource::CameraRtcp => ("đồng hồ của camera", "the camera's clock"),
        ClockSource::Arrival => ("lúc dữ liệu đến máy chủ", "arrival at the server"),
        ClockSource::Unknown => ("không rõ", "unknown"),
    };
    match origin.uncertainty_s {
        Some(seconds) => Bilingual::new(
            format!("{vi}, sai số ±{} giây", decimal_vi(seconds, 1)),
            format!("{en}, ±{seconds:.1} s"),
        ),
        None => {
            Bilingual::new(format!("{vi}, không rõ sai số"), format!("{en}, uncertainty unknown"))
        }
    }
}

fn signal(source: &CaptionSource<'_>) -> Option<Bilingual> {
    let state = source.signal?;
    Some(match source.violation.red_for_s {
        Some(seconds) if state == SignalState::Red => Bilingual::new(
            format!("{}, đã đỏ {} giây", state.vietnamese(), decimal_vi(seconds, 1)),
            format!("{state}, for {seconds:.1} s"),
        ),
        _ => Bilingual::new(state.vietnamese(), state.as_str()),
    })
}

fn road_user(violation: &Violation) -> Bilingual {
    let percent = (violation.confidence * 100.0).round();
    Bilingual::new(
        format!(
            "{} · số {} · độ tin cậy {percent} %",
            violation.class.vietnamese(),
            violation.track
        ),
        format!("{}, track {}, {percent} % sure", violation.class, violation.track),
    )
}

fn frames(violation: &Violation) -> Bilingual {
    let Violation { before, act, after, .. } = violation;
    Bilingual::new(
        format!("trước {} · lúc {} · sau {}", before.frame, act.frame, after.frame),
        format!("before {}, at {}, after {}", before.frame, act.frame, after.frame),
    )
}

fn verdict(violation: &Violation) -> (Vec<Bilingual>, Colour) {
    match violation.verdict {
        Verdict::Sure => (
            vec![Bilingual::new(
                "Thấy đủ những gì quy tắc cần",
                "Everything that the rule needs was seen",
            )],
            palette::COMPLETE,
        ),
        Verdict::Insufficient => {
            let head = Bilingual::new("Chưa đủ căn cứ", "Insufficient");
            let missing = violation.insufficient.iter().map(Bilingual::from);
            (std::iter::once(head).chain(missing).collect(), palette::CAUTION)
        }
    }
}

/// With a comma, as Vietnamese texts write decimals.
fn decimal_vi(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('.', ",")
}
