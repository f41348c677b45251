//! What is bound to a statement: the four kinds of values that the schema's columns hold.
//!
//! What SQLite would bend silently is refused here, so that both databases behave alike: a float that is
//! not finite (SQLite makes it NULL) and a text with a NUL character (PostgreSQL cannot hold it, SQLite's
//! functions stop at it).

use giaolo_domain::UtcTime;
use serde::Serialize;

use crate::StoreError;

/// A value to bind: what the schema's columns can hold.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
    /// TEXT in SQLite, JSONB in PostgreSQL.
    Json(serde_json::Value),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    pub(crate) fn time(time: UtcTime) -> Self {
        Self::Integer(Some(time.micros()))
    }

    pub(crate) fn real(value: impl Into<f64>) -> Self {
        Self::Real(Some(value.into()))
    }

    pub(crate) fn unsigned(value: u64) -> Result<Self, StoreError> {
        signed(value).map(|value| Self::Integer(Some(value)))
    }

    /// The serialised name of an enum, or a struct as JSON text.
    pub(crate) fn word(value: impl Serialize) -> Result<Self, StoreError> {
        match serde_json::to_value(value) {
            Ok(serde_json::Value::String(word)) => Ok(Self::text(word)),
            Ok(other) => Err(unserialisable(format!("`{other}` is no word"))),
            Err(error) => Err(unserialisable(error.to_string())),
        }
    }

    pub(crate) fn json(value: impl Serialize) -> Result<Self, StoreError> {
        serde_json::to_value(value)
            .map(Self::Json)
            .map_err(|error| unserialisable(error.to_string()))
    }
}

/// `($1, $2), ($3, $4)`: the places of rows of values, bound in their order.
pub(crate) fn value_places(rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", places(row * columns, columns));
    (0..rows).map(row).collect::<Vec<String>>().join(", ")
}

/// `$4, $5, $6`: so many places after the first `bound` ones.
pub(crate) fn places(bound: usize, count: usize) -> String {
    (bound + 1..=bound + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// A count or frame number; both databases' integers end at 2^63.
pub(crate) fn signed(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Value {
        what: format!("the number {value}"),
        problem: format!("the largest that a database holds is {}", i64::MAX),
    })
}

fn unserialisable(problem: String) -> StoreError {
    StoreError::Value { what: "a value".to_owned(), problem }
}

/// Refuses what one of the databases would change or choke on.
pub(crate) fn check(values: &[Value]) -> Result<(), StoreError> {
    for value in values {
        let problem = match value {
            Value::Real(Some(number)) if !number.is_finite() => "it is not a finite number",
            Value::Text(Some(text)) if text.contains('\0') => "it holds a NUL character",
            Value::Json(json) if json_has_nul(json) => "it holds a NUL character",
            _ => continue,
        };
        return Err(StoreError::Value { what: format!("{value:?}"), problem: problem.to_owned() });
    }
    Ok(())
}

fn json_has_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(json_has_nul),
        serde_json::Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || json_has_nul(value))
        }
        _ => false,
    }
}
