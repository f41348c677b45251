//! The mistakes found while a scene file is read, and the words in which they are told.

use toml::de::DeValue;

use super::error::{SceneError, SceneErrors};

/// How many mistakes are listed.
const MAX_LISTED: usize = 100;
/// How many characters of a wrong value are shown.
const MAX_SHOWN: usize = 40;
/// The longest word that a likeness is looked for, in characters.
const MAX_WORD: usize = 64;

/// The mistakes found so far.
#[derive(Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
}

struct Problem {
    at: usize,
    key: String,
    message: String,
}

impl Problems {
    pub(super) fn add(&mut self, at: usize, key: &str, message: String) {
        self.found.push(Problem { at, key: key.to_owned(), message });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The mistakes with lines and columns instead of offsets into `text`.
    pub(super) fn into_errors(mut self, text: &str) -> SceneErrors {
        self.found.sort_by_key(|problem| problem.at);
        let more = self.found.len().saturating_sub(MAX_LISTED);
        self.found.truncate(MAX_LISTED);
        let errors = self
            .found
            .into_iter()
            .map(|problem| {
                let (line, column) = position(text, problem.at);
                SceneError { key: problem.key, line, column, message: problem.message }
            })
            .collect();
        SceneErrors { errors, more }
    }
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
    (line, column)
}

/// A value as an error names it.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", clipped(text)),
        DeValue::Integer(integer) => format!("`{}`", clipped(&integer.to_string())),
        DeValue::Float(float) => format!("`{}`", clipped(float.as_str())),
        DeValue::Boolean(boolean) => format!("`{boolean}`"),
        DeValue::Datetime(date) => format!("the date `{date}`"),
        DeValue::Array(array) if array.len() == 1 => "a list of 1 entry".to_owned(),
        DeValue::Array(array) => format!("a list of {} entries", array.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The first characters of a text, without line breaks.
pub(super) fn clipped(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MAX_SHOWN) {
        if matches!(character, '\'' | '"') {
            shown.push(character);
        } else {
            shown.extend(character.escape_debug());
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// "; did you mean `x`?" where one of the known words is near.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    if word.chars().count() > MAX_WORD {
        return String::new();
    }
    let written = word.to_lowercase().replace('-', "_");
    let nearest = known
        .iter()
        .map(|name| (strsim::osa_distance(&written, &name.to_lowercase()), *name))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        // Two slips at most, and no more than one in three characters.
        Some((distance, name)) if distance <= 2 && distance * 3 <= name.chars().count() => {
            format!("; did you mean `{name}`?")
        }
        _ => String::new(),
    }
}
