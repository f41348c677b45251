//! One table of the grammar's file: reads keys and notes what is wrong with them under their path.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{GrammarErrors, GrammarProblem};

/// Longest part of somebody's text that a message repeats, in characters.
const CLIP: usize = 40;

/// What was found to be wrong so far.
#[derive(Default)]
pub(super) struct Problems(Vec<GrammarProblem>);

impl Problems {
    pub(super) fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(GrammarProblem { key: key.into(), message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_errors(self) -> GrammarErrors {
        GrammarErrors(self.0)
    }
}

/// A table and its path in the file.
pub(super) struct Section<'a> {
    path: String,
    table: &'a Table,
}

impl<'a> Section<'a> {
    pub(super) fn root(table: &'a Table) -> Self {
        Self { path: String::new(), table }
    }

    /// A table at a path of its own, for entries of arrays.
    pub(super) fn at(path: String, table: &'a Table) -> Self {
        Self { path, table }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.keys().map(String::as_str)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    pub(super) fn key(&self, key: &str) -> String {
        let key = clipped(key);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn problem(&self, key: &str, message: impl Into<String>, problems: &mut Problems) {
        problems.add(self.key(key), message);
    }

    /// Notes every key that is not one of `known`.
    pub(super) fn only(&self, known: &[&str], problems: &mut Problems) {
        for key in self.keys().filter(|key| !known.contains(key)) {
            self.problem(
                key,
                format!("this key is not known here; known are {}", known.join(", ")),
                problems,
            );
        }
    }

    /// The value of a key that has to be there, as `wanted` describes it.
    pub(super) fn required<T: DeserializeOwned>(
        &self,
        key: &str,
        wanted: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        if self.get(key).is_none() {
            self.problem(key, format!("it is missing; give {wanted}"), problems);
        }
        self.optional(key, wanted, problems)
    }

    /// The value of a key that may be left out.
    pub(super) fn optional<T: DeserializeOwned>(
        &self,
        key: &str,
        wanted: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        let value = self.get(key)?;
        let read = value.clone().try_into();
        if read.is_err() {
            let found = clipped(&value.to_string());
            self.problem(key, format!("it has to be {wanted}, found `{found}`"), problems);
        }
        read.ok()
    }

    /// A text that is not blank.
    pub(super) fn words(&self, key: &str, problems: &mut Problems) -> Option<String> {
        let text: String = self.required(key, "a text", problems)?;
        if text.trim().is_empty() {
            self.problem(key, "the text is empty; give it words", problems);
            return None;
        }
        Some(text)
    }

    /// A table that has to be there.
    pub(super) fn table(
        &self,
        key: &str,
        wanted: &str,
        problems: &mut Problems,
    ) -> Option<Section<'a>> {
        if self.get(key).is_none() {
            self.problem(key, format!("it is missing; give {wanted}"), problems);
        }
        self.optional_table(key, wanted, problems)
    }

    /// A table that may be left out.
    pub(super) fn optional_table(
        &self,
        key: &str,
        wanted: &str,
        problems: &mut Problems,
    ) -> Option<Section<'a>> {
        let value = self.get(key)?;
        let Some(table) = value.as_table() else {
            let found = clipped(&value.to_string());
            self.problem(key, format!("it has to be a table, {wanted}, found `{found}`"), problems);
            return None;
        };
        Some(Section { path: self.key(key), table })
    }
}

/// The beginning of somebody's text, for messages.
pub(super) fn clipped(text: &str) -> String {
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(CLIP).collect();
    if characters.next().is_some() { format!("{beginning}…") } else { beginning }
}
