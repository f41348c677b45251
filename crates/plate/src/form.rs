//! One form of plates made concrete: which characters may stand at each position, what is printed
//! between them, and where the first line ends.
//!
//! A written form (`{code}{special}-|###.##`) with words becomes one [`Form`] for each word, so that
//! everything behind it works position by position.

use crate::characters::CharSet;

/// One concrete form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Index of its kind.
    pub(crate) kind: usize,
    /// What may stand at each position of the normal form.
    pub(crate) slots: Vec<CharSet>,
    /// What is printed before each position, and at last what is printed behind all.
    pub(crate) between: Vec<String>,
    /// The position where a province code begins.
    pub(crate) code_at: Option<usize>,
    /// How many positions stand on line 1 of a two-line plate.
    pub(crate) first_line: Option<usize>,
    /// The last run of digits, from and to: never all zeros.
    pub(crate) number: (usize, usize),
    /// The position where the series begins: the first letter set of the form.
    pub(crate) series_at: Option<usize>,
}

impl Form {
    /// `text` as it is printed on such a plate; it must have the form's length.
    pub(crate) fn print(&self, text: &[char]) -> String {
        let mut printed = String::with_capacity(text.len() + 4);
        for (symbol, before) in text.iter().zip(&self.between) {
            printed.push_str(before);
            printed.push(*symbol);
        }
        if let Some(behind) = self.between.get(text.len()) {
            printed.push_str(behind);
        }
        printed
    }

    /// Whether `text`'s last run of digits is all zeros, which is never issued.
    pub(crate) fn is_zero(&self, text: &[char]) -> bool {
        let (from, to) = self.number;
        from < to && text.get(from..to).is_some_and(|number| number.iter().all(|c| *c == '0'))
    }
}
