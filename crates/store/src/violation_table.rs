//! Violations as numbers: by kind, rule, camera, point, unit, hour or state, with what people made of
//! them. No plates, no people.

use giaolo_domain::UtcTime;
use serde::{Deserialize, Serialize};

use crate::{CaseState, Scope, Store, StoreError, case_find::Conditions, value::Value};

/// What violations are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViolationBy {
    /// The kind of behaviour.
    Kind,
    /// The rule that fired.
    Rule,
    /// The camera.
    Camera,
    /// The point; cameras at none under the key `None`.
    Point,
    /// The unit; cameras at a point of none under the key `None`.
    Unit,
    /// The hour of the day in Viet Nam, `0` to `23`; only where a clock tells it.
    Hour,
    /// How far the case has come.
    State,
}

/// A row of a table of violations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViolationCount {
    /// Which kind, camera and so on; `None` where that is not known.
    pub key: Option<String>,
    /// Candidates.
    pub count: u64,
    /// Of them confirmed by two people.
    pub confirmed: u64,
    /// Of them rejected.
    pub rejected: u64,
}

impl Store {
    /// Candidates whose act fell into `[from, until)`, within a scope, counted by something; by key.
    pub async fn violation_table(
        &self,
        by: ViolationBy,
        scope: &Scope,
        from: Option<UtcTime>,
        until: Option<UtcTime>,
    ) -> Result<Vec<ViolationCount>, StoreError> {
        let db = &self.database;
        let (key, joined) = match by {
            ViolationBy::Kind => ("c.kind", ""),
            ViolationBy::Rule => ("c.rule", ""),
            ViolationBy::Camera => ("c.camera", ""),
            ViolationBy::Point => ("k.point", " JOIN cameras k ON k.id = c.camera"),
            ViolationBy::Unit => ("c.unit", ""),
            ViolationBy::State => ("c.state", ""),
            // 25,200 s: Viet Nam is seven hours ahead.
            ViolationBy::Hour => {
                ("CAST((c.act_at_us + 25200000000) / 3600000000 % 24 AS TEXT)", "")
            }
        };
        let states = |is: fn(CaseState) -> bool| {
            let words: Vec<String> = CaseState::ALL
                .into_iter()
                .filter(|state| is(*state))
                .map(|state| format!("'{}'", state.as_str()))
                .collect();
            words.join(", ")
        };
        let mut conditions = Conditions::default();
        // All states by name: the index begins with them.
        conditions.all.push(format!("c.state IN ({})", states(|_| true)));
        if let Some(from) = from {
            conditions.when("c.act_at_us >= ?", Value::time(from));
        }
        if let Some(until) = until {
            conditions.when("c.act_at_us < ?", Value::time(until));
        }
        if by == ViolationBy::Hour {
            conditions.all.push("c.clock_known = 1".to_owned());
        }
        conditions.scope(scope);
        let sql = format!(
            "SELECT {key} AS k1, count(*) AS cases,
                 count(CASE WHEN c.state IN ({}) THEN 1 END) AS confirmed,
                 count(CASE WHEN c.state = 'rejected' THEN 1 END) AS rejected
             FROM cases c{joined}{} GROUP BY {key}",
            states(CaseState::is_confirmed),
            conditions.sql()
        );
        let mut table = Vec::new();
        for row in db.fetch("counting violations", sql, conditions.values).await? {
            table.push(ViolationCount {
                key: db.maybe_text(&row, "k1")?,
                count: db.unsigned(&row, "cases")?,
                confirmed: db.unsigned(&row, "confirmed")?,
                rejected: db.unsigned(&row, "rejected")?,
            });
        }
        table.sort_by_key(|row| {
            (row.key.as_ref().map(String::len).filter(|_| by == ViolationBy::Hour), row.key.clone())
        });
        Ok(table)
    }
}
