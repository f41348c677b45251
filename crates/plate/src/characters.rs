//! The characters of plates: the normal form of a text, and sets of letters and digits.

use std::fmt;

/// The normal form of a text: upper case, Đ as D, without spaces, dots, dashes and other separators.
///
/// Everything else stays as it is, so that a text with characters that no plate has is still seen
/// to be none.
pub fn normal_form(text: &str) -> String {
    text.chars().filter_map(normal_character).collect()
}

/// A character in the normal form; `None` for a separator.
pub(crate) fn normal_character(symbol: char) -> Option<char> {
    if is_separator(symbol) {
        return None;
    }
    match symbol {
        'Đ' | 'đ' | 'Ð' | 'ð' => Some('D'),
        // Only characters with one upper-case form: `ß` would become two.
        _ => {
            let mut upper = symbol.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => Some(single),
                _ => Some(symbol),
            }
        }
    }
}

/// Whether a character only separates, on plates and where people write plates down.
pub(crate) fn is_separator(symbol: char) -> bool {
    symbol.is_whitespace()
        || matches!(
            symbol,
            '.' | '-' | '_' | ',' | ':' | ';' | '/' | '\\' | '|' | '\'' | '"' | '`' | '~' | '^'
        )
        || matches!(
            symbol,
            '·' | '•' | '∙' | '●' | '‧' | '・' | '。' | '‐'..='―' | '−' | '－' | '¯' | '°' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}'
        )
}

/// A set of digits and upper-case letters, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CharSet(u64);

impl CharSet {
    pub(crate) const DIGITS: Self = Self((1 << 10) - 1);

    /// The set of one character; empty where it is neither a digit nor an upper-case letter.
    pub(crate) fn of(symbol: char) -> Self {
        match bit(symbol) {
            Some(bit) => Self(1 << bit),
            None => Self(0),
        }
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn contains(self, symbol: char) -> bool {
        bit(symbol).is_some_and(|bit| self.0 & (1 << bit) != 0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it holds digits only.
    pub(crate) const fn is_digits(self) -> bool {
        self.0 & !Self::DIGITS.0 == 0
    }
}

impl fmt::Debug for CharSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters: String =
            ('0'..='9').chain('A'..='Z').filter(|c| self.contains(*c)).collect();
        f.debug_tuple("CharSet").field(&characters).finish()
    }
}

fn bit(symbol: char) -> Option<u32> {
    match symbol {
        '0'..='9' => Some(symbol as u32 - '0' as u32),
        'A'..='Z' => Some(10 + symbol as u32 - 'A' as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms() {
        let cases = [
            ("61A-123.45", "61A12345"),
            (" 59-t1 461.01\n", "59T146101"),
            ("80-441-NG-02", "80441NG02"),
            ("29-MĐ 123.45", "29MD12345"),
            ("29mđ1·23•45", "29MD12345"),
            ("30–AB — 266−59", "30AB26659"),
            ("", ""),
            ("...---", ""),
            // What is no plate stays recognisably none.
            ("ĐT: 0912#", "DT0912#"),
            ("京A12345", "京A12345"),
            ("straße", "STRAßE"),
        ];
        for (text, normal) in cases {
            assert_eq!(normal_form(text), normal, "{text:?}");
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = CharSet::of('A').with(CharSet::of('7'));
        assert!(set.contains('A') && set.contains('7'));
        assert!(!set.contains('B') && !set.contains('a') && !set.contains('Đ'));
        assert!(CharSet::of('é').is_empty());
        assert!(CharSet::of('7').is_digits() && !set.is_digits());
    }
}
