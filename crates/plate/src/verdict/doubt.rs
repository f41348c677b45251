//! Why a reading is not sure, in words for people.

use giaolo_domain::{PlateReading, PlateVerdict, Reason};

use crate::interpret::Misfit;

/// The code of [`Doubt::FourDigits`].
const FOUR_DIGITS: &str = "plate_four_digits";

/// Whether further looks would change nothing: it is sure, or only doubted for what it is and not for
/// how it was read.
pub fn is_settled(reading: &PlateReading) -> bool {
    let by_kind = || reading.doubts.iter().all(|doubt| doubt.code == FOUR_DIGITS);
    match reading.verdict {
        PlateVerdict::Sure => true,
        PlateVerdict::Doubtful => by_kind(),
        PlateVerdict::Unreadable => false,
    }
}

/// One thing that keeps a reading from being sure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Doubt {
    /// Too few pixels, in the look that gave it.
    Narrow { width: f32, least: f32 },
    /// A character is not the one that was read.
    Corrected,
    /// Every look needed a character to be taken for junk.
    Junk(char),
    /// No look gave the whole text.
    NeverWhole,
    /// The vehicle, the layout, the colour or a gap speak against it.
    Misfit(Misfit),
    /// A character's score is below the bar.
    WeakCharacters,
    /// The whole text's probability is below the bar.
    Improbable,
    /// Another text is nearly as likely.
    RunnerUp(String),
    /// Too many looks say something else.
    Disagreement { votes: usize, looks: usize },
    /// Nothing but the colour makes it this kind.
    OnlyColour,
    /// A number of four digits: legal, and also what is left of five where one is hidden.
    FourDigits,
}

impl Doubt {
    pub(super) fn reason(&self) -> Reason {
        let (code, vi, en) = match self {
            Self::Narrow { width, least } => (
                "plate_narrow",
                format!("biển số chỉ rộng {width:.0} điểm ảnh, cần ít nhất {least:.0}"),
                format!("the plate is only {width:.0} pixels wide, at least {least:.0} are needed"),
            ),
            Self::Corrected => (
                "plate_corrected",
                "có ký tự được sửa theo quy tắc biển số, không đúng như máy đọc".to_owned(),
                "a character was corrected by the grammar of plates, it was not read so".to_owned(),
            ),
            Self::Junk(symbol) => (
                "plate_junk",
                format!(
                    "đã bỏ ký tự “{symbol}” ở đầu hoặc cuối dòng, có thể là ốc vít hoặc mép khung"
                ),
                format!("`{symbol}` at the end of a line was taken for a bolt or the frame's edge"),
            ),
            Self::NeverWhole => (
                "plate_never_whole",
                "không lần đọc nào cho trọn biển số này".to_owned(),
                "no look gave this whole text".to_owned(),
            ),
            Self::Misfit(misfit) => misfit_words(*misfit),
            Self::WeakCharacters => (
                "plate_weak_characters",
                "có ký tự không rõ".to_owned(),
                "some characters are not clear".to_owned(),
            ),
            Self::Improbable => (
                "plate_improbable",
                "độ tin cậy của cả biển số chưa đủ".to_owned(),
                "the whole text is not probable enough".to_owned(),
            ),
            Self::RunnerUp(printed) => (
                "plate_runner_up",
                format!("cũng có thể là {printed}"),
                format!("it may also be {printed}"),
            ),
            Self::Disagreement { votes, looks } => (
                "plate_looks_disagree",
                format!("chỉ {votes} trong {looks} lần đọc cho kết quả này"),
                format!("only {votes} of {looks} looks gave this text"),
            ),
            Self::FourDigits => (
                FOUR_DIGITS,
                "số chỉ có bốn chữ số: có thể là biển cũ, cũng có thể chữ số thứ năm bị che"
                    .to_owned(),
                "a number of four digits: an old plate, or a fifth digit is hidden".to_owned(),
            ),
            Self::OnlyColour => (
                "plate_only_colour",
                "chỉ màu nền cho biết đây là loại biển số này".to_owned(),
                "only the colour of the ground says that it is this kind of plate".to_owned(),
            ),
        };
        Reason { code: code.to_owned(), vi, en }
    }
}

fn misfit_words(misfit: Misfit) -> (&'static str, String, String) {
    let (code, vi, en) = match misfit {
        Misfit::Vehicle => (
            "plate_other_vehicle",
            "loại biển số không hợp với loại xe",
            "vehicles of this class carry no such plate",
        ),
        Misfit::Layout => (
            "plate_other_layout",
            "số dòng không hợp với loại biển số",
            "this kind of plate has another number of lines",
        ),
        Misfit::Colour => (
            "plate_other_colour",
            "màu nền không hợp với loại biển số",
            "this kind of plate has another colour",
        ),
        Misfit::SeriesLetter => (
            "plate_series_letter",
            "chữ sê-ri không có trên biển số màu này",
            "no plate of this colour has this series letter",
        ),
        Misfit::Gap => (
            "plate_gap",
            "có khoảng trống giữa hai ký tự hoặc dòng dưới lệch tâm, có thể thiếu một ký tự",
            "a gap between two characters or a lower line off centre, one may be missing",
        ),
        Misfit::Cut => (
            "plate_cut",
            "dòng chữ chạm mép vùng đọc, có thể thiếu ký tự",
            "a line reaches the edge of what was looked at, characters may be missing",
        ),
    };
    (code, vi.to_owned(), en.to_owned())
}
