//! A plate's reading in words: sure ones as printed, doubtful ones never as if they were sure.

use giaolo_domain::{PlateReading, PlateVerdict};

use super::caption::Bilingual;

/// What a caption says of a plate.
pub(super) fn plate_words(reading: &PlateReading) -> Bilingual {
    let PlateReading { looks, votes, .. } = reading;
    let (mut vi, mut en) = match reading.verdict {
        PlateVerdict::Unreadable => {
            return reading.unreadable.map_or_else(
                || Bilingual::new("không đọc được", "unreadable"),
                |why| {
                    Bilingual::new(format!("không đọc được: {}", why.vietnamese()), why.english())
                },
            );
        }
        PlateVerdict::Sure => (
            format!("{} · máy đọc, {votes}/{looks} lần giống nhau", reading.printed),
            format!("{}, read by software, {votes} of {looks} looks agree", reading.printed),
        ),
        PlateVerdict::Doubtful => {
            let marked = doubtful_form(reading);
            (
                format!("{marked} · chưa chắc chắn, cần người đọc lại"),
                format!("{marked}, doubtful, a person has to read it"),
            )
        }
    };
    if reading.manual && reading.verdict == PlateVerdict::Sure {
        vi.push_str(", cần người xác nhận");
        en.push_str(", a person has to confirm it");
    }
    Bilingual::new(vi, en)
}

/// The printed form with a question mark for each doubtful character. Where none of them stands out,
/// the mark is at the end.
fn doubtful_form(reading: &PlateReading) -> String {
    let mut shown = reading.shown();
    if !shown.contains('?') {
        shown.push('?');
    }
    shown
}

#[cfg(test)]
mod tests {
    use giaolo_domain::{PlateChar, Unreadable};

    use super::*;

    fn reading(verdict: PlateVerdict, text: &str, printed: &str, doubts: &[usize]) -> PlateReading {
        let characters = text.chars().enumerate().map(|(position, symbol)| PlateChar {
            symbol,
            score: 0.9,
            doubtful: doubts.contains(&position),
            read_as: None,
            others: Vec::new(),
        });
        PlateReading {
            verdict,
            unreadable: None,
            text: text.to_owned(),
            printed: printed.to_owned(),
            characters: characters.collect(),
            looks: 3,
            votes: 2,
            ..PlateReading::unreadable(Unreadable::Blurred)
        }
    }

    #[test]
    fn a_doubtful_character_is_never_shown_as_if_it_were_sure() {
        let cases: [(&str, &str, &[usize], &str); 4] = [
            ("61A12345", "61A-123.45", &[1, 7], "6?A-123.4?"),
            ("59T146101", "59-T1 461.01", &[2], "59-?1 461.01"),
            // Too narrow to be sure of anything: no character stands out.
            ("61A12345", "61A-123.45", &[], "61A-123.45?"),
            ("29MD12345", "29-MĐ 123.45", &[3], "29-M? 123.45"),
        ];
        for (text, printed, doubts, expected) in cases {
            let doubtful = reading(PlateVerdict::Doubtful, text, printed, doubts);
            assert_eq!(doubtful_form(&doubtful), expected);
            let words = plate_words(&doubtful);
            assert!(words.vi.starts_with(&format!("{expected} ·")), "{}", words.vi);
            assert!(words.en.contains("doubtful"), "{}", words.en);
        }
    }

    #[test]
    fn a_sure_one_is_as_printed_and_an_unreadable_one_says_why() {
        let mut sure = reading(PlateVerdict::Sure, "61A12345", "61A-123.45", &[]);
        assert_eq!(plate_words(&sure).vi, "61A-123.45 · máy đọc, 2/3 lần giống nhau");
        sure.manual = true;
        assert!(plate_words(&sure).vi.ends_with("cần người xác nhận"));
        let words = plate_words(&PlateReading::unreadable(Unreadable::Covered));
        assert_eq!(words.vi, "không đọc được: biển số bị xe khác che");
        assert_eq!(words.en, "another vehicle covers the plate");
    }
}
