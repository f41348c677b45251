//! Finding cases: which, in which order, a page at a time.
//!
//! An order is one or more *parts*, one after the other (what is overdue, what is due today, the rest),
//! each read from an index of each state that is asked for. A page therefore costs its own length, not
//! that of the queue.

use giaolo_domain::{CameraId, UtcTime, Verdict, ViolationKind};
use serde::{Deserialize, Serialize};

use crate::{
    CaseRow, CaseState, Scope, Store, StoreError,
    value::{Value, places},
    viet_nam::next_midnight,
};

/// Which cases; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// In one of these states; empty for any.
    pub states: Vec<CaseState>,
    /// Of this kind.
    pub kind: Option<ViolationKind>,
    /// Of this camera.
    pub camera: Option<CameraId>,
    /// Of the cameras of this point.
    pub point: Option<String>,
    /// With this verdict of the rule.
    pub verdict: Option<Verdict>,
    /// Whose plate begins so, in normal form.
    pub plate: Option<String>,
    /// The act at this time or later.
    pub from: Option<UtcTime>,
    /// The act before this time.
    pub until: Option<UtcTime>,
}

/// Which comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseOrder {
    /// What is overdue, what is due today, then the surest, and of equally sure ones the oldest act.
    #[default]
    Rank,
    /// The newest act.
    Newest,
    /// The oldest act.
    Oldest,
    /// What is due next; what has no clock comes last.
    Due,
}

/// Where a page ended. Its fields are nobody's business but the store's; as JSON it can travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCursor {
    /// When the first page was asked for: what is overdue must not change between two pages.
    now_us: i64,
    part: usize,
    first: i64,
    second: i64,
    id: String,
}

/// A page of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct CasePage {
    /// The cases, in order.
    pub cases: Vec<CaseRow>,
    /// Where to go on; `None` at the end.
    pub next: Option<CaseCursor>,
}

/// One stretch of an order.
struct Part {
    /// A condition on `due_at_us` with `{now}` and `{midnight}`; empty for none.
    condition: &'static str,
    /// What it is ordered by, before `id`.
    keys: [&'static str; 2],
    descending: bool,
}

const BY_DUE: [&str; 2] = ["due_at_us", "0"];
const BY_AGE: [&str; 2] = ["act_at_us", "0"];

impl CaseOrder {
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Rank => &[
                Part { condition: "due_at_us < {now}", keys: BY_DUE, descending: false },
                Part {
                    condition: "due_at_us >= {now} AND due_at_us < {midnight}",
                    keys: BY_DUE,
                    descending: false,
                },
                Part {
                    condition: "(due_at_us IS NULL OR due_at_us >= {midnight})",
                    keys: ["doubt", "act_at_us"],
                    descending: false,
                },
            ],
            Self::Newest => &[Part { condition: "", keys: BY_AGE, descending: true }],
            Self::Oldest => &[Part { condition: "", keys: BY_AGE, descending: false }],
            Self::Due => &[
                Part { condition: "due_at_us IS NOT NULL", keys: BY_DUE, descending: false },
                Part { condition: "due_at_us IS NULL", keys: BY_AGE, descending: false },
            ],
        }
    }
}

impl Store {
    /// Cases that pass a filter and lie within a scope, at most `limit` (1 to 200), after `after`.
    pub async fn case_list(
        &self,
        filter: &CaseFilter,
        scope: &Scope,
        order: CaseOrder,
        after: Option<&CaseCursor>,
        limit: u32,
        now: UtcTime,
    ) -> Result<CasePage, StoreError> {
        let db = &self.database;
        let limit = limit.clamp(1, 200) as usize;
        let began = after.map_or(now, |cursor| UtcTime::from_micros(cursor.now_us));
        let mut found: Vec<CaseCursor> = Vec::new();
        let first_part = after.map_or(0, |cursor| cursor.part);
        for (number, part) in order.parts().iter().enumerate().skip(first_part) {
            let after = after.filter(|cursor| cursor.part == number);
            // One more than is shown tells whether there is a next page.
            let wanted = limit + 1 - found.len();
            let (sql, values) = part_query(filter, scope, part, after, wanted, began)?;
            for row in db.fetch("listing cases", sql, values).await? {
                found.push(CaseCursor {
                    now_us: began.micros(),
                    part: number,
                    first: db.integer(&row, "k1")?,
                    second: db.integer(&row, "k2")?,
                    id: db.text(&row, "id")?,
                });
            }
            if found.len() > limit {
                break;
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let ids: Vec<&str> = found.iter().map(|cursor| cursor.id.as_str()).collect();
        let cases = self.cases_by_id(&ids, now).await?;
        Ok(CasePage { cases, next: if more { found.pop() } else { None } })
    }

    /// How many cases pass a filter within a scope.
    pub async fn case_count(&self, filter: &CaseFilter, scope: &Scope) -> Result<u64, StoreError> {
        let db = &self.database;
        let mut conditions = Conditions::default();
        conditions.states(&filter.states);
        conditions.filter(filter, scope)?;
        let sql = format!("SELECT count(*) AS cases FROM cases c{}", conditions.sql());
        let rows = db.fetch("counting cases", sql, conditions.values).await?;
        let row = rows.first().ok_or_else(|| db.unreadable("cases", "no row"))?;
        db.unsigned(row, "cases")
    }
}

/// For its plan.
#[cfg(test)]
pub(crate) fn case_query(
    filter: &CaseFilter,
    scope: &Scope,
    order: CaseOrder,
    part: usize,
    now: UtcTime,
) -> Result<(String, Vec<Value>), StoreError> {
    part_query(filter, scope, &order.parts()[part], None, 51, now)
}

/// The ids of one part of an order with their keys `k1` and `k2`: from each state its own first ones,
/// then the first of all.
fn part_query(
    filter: &CaseFilter,
    scope: &Scope,
    part: &Part,
    after: Option<&CaseCursor>,
    limit: usize,
    now: UtcTime,
) -> Result<(String, Vec<Value>), StoreError> {
    let states = if filter.states.is_empty() { &CaseState::ALL[..] } else { &filter.states };
    let (way, beyond) = if part.descending { ("DESC", "<") } else { ("ASC", ">") };
    let [k1, k2] = part.keys;
    // `0` is no column to order by, nor to compare in an index.
    let columns: Vec<&str> = [k1, k2, "id"].into_iter().filter(|key| *key != "0").collect();
    let in_order = |prefix: &str| {
        let keys: Vec<String> =
            columns.iter().map(|column| format!("{prefix}{column} {way}")).collect();
        keys.join(", ")
    };
    let mut conditions = Conditions::default();
    let mut arms = Vec::with_capacity(states.len());
    // Values are bound once and named in each arm.
    conditions.filter(filter, scope)?;
    let mut condition = part.condition.to_owned();
    for (name, moment) in [("{now}", now), ("{midnight}", next_midnight(now))] {
        if condition.contains(name) {
            condition = condition.replace(name, &conditions.bind(Value::time(moment)));
        }
    }
    if !condition.is_empty() {
        conditions.all.push(condition);
    }
    if let Some(cursor) = after {
        let mut places = Vec::new();
        for column in &columns {
            let value = match *column {
                "id" => Value::text(&cursor.id),
                column if column == k1 => Value::Integer(Some(cursor.first)),
                _ => Value::Integer(Some(cursor.second)),
            };
            places.push(conditions.bind(value));
        }
        let names: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
        conditions.all.push(format!("({}) {beyond} ({})", names.join(", "), places.join(", ")));
    }
    let limit = conditions.bind(Value::Integer(Some(limit as i64)));
    let and: String = conditions.all.iter().map(|condition| format!(" AND {condition}")).collect();
    for (number, state) in states.iter().enumerate() {
        arms.push(format!(
            "SELECT * FROM (SELECT c.id, c.{k1} AS k1, CAST({k2} AS BIGINT) AS k2 FROM cases c
             WHERE c.state = '{}'{and} ORDER BY {} LIMIT {limit}) AS of_state_{number}",
            state.as_str(),
            in_order("c."),
        ));
    }
    let sql = format!(
        "{} ORDER BY k1 {way}, k2 {way}, id {way} LIMIT {limit}",
        arms.join("\nUNION ALL ")
    );
    Ok((sql, conditions.values))
}

/// Conditions on `cases c`, with what is bound to them.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) all: Vec<String>,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    /// Binds a value and returns its place.
    pub(crate) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// A condition with `?` for its value.
    pub(crate) fn when(&mut self, condition: &str, value: Value) {
        let place = self.bind(value);
        self.all.push(condition.replace('?', &place));
    }

    pub(crate) fn scope(&mut self, scope: &Scope) {
        if let Some(units) = &scope.units {
            self.one_of("c.unit", units);
        }
    }

    /// That a column is one of some texts; of none, nothing passes.
    pub(crate) fn one_of(&mut self, column: &str, texts: &[String]) {
        if texts.is_empty() {
            self.all.push("1 = 0".to_owned());
            return;
        }
        let places = places(self.values.len(), texts.len());
        self.values.extend(texts.iter().map(Value::text));
        self.all.push(format!("{column} IN ({places})"));
    }

    fn states(&mut self, states: &[CaseState]) {
        if !states.is_empty() {
            let words: Vec<String> =
                states.iter().map(|state| format!("'{}'", state.as_str())).collect();
            self.all.push(format!("c.state IN ({})", words.join(", ")));
        }
    }

    fn filter(&mut self, filter: &CaseFilter, scope: &Scope) -> Result<(), StoreError> {
        self.scope(scope);
        if let Some(camera) = &filter.camera {
            self.when("c.camera = ?", Value::text(camera.as_str()));
        }
        if let Some(point) = &filter.point {
            let of_point = "c.camera IN (SELECT k.id FROM cameras k WHERE k.point = ?)";
            self.when(of_point, Value::text(point));
        }
        if let Some(kind) = filter.kind {
            self.when("c.kind = ?", Value::word(kind)?);
        }
        if let Some(verdict) = filter.verdict {
            self.when("c.verdict = ?", Value::word(verdict)?);
        }
        if let Some(plate) = &filter.plate {
            // `~` stands after every character of a plate.
            let from = self.bind(Value::text(plate));
            let until = self.bind(Value::text(format!("{plate}~")));
            self.all.push(format!(
                "c.id IN (SELECT q.id FROM cases q WHERE q.plate >= {from} AND q.plate < {until})"
            ));
        }
        if let Some(from) = filter.from {
            self.when("c.act_at_us >= ?", Value::time(from));
        }
        if let Some(until) = filter.until {
            self.when("c.act_at_us < ?", Value::time(until));
        }
        Ok(())
    }

    pub(crate) fn sql(&self) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.all.join(" AND "))
    }
}
