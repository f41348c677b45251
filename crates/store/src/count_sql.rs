//! The questions behind a table of counts, added up by the database.

use giaolo_domain::UtcTime;

use crate::{
    CountBy, CountQuery, QUARTER_US, Scope,
    counts::SPEAKS,
    value::{Value, places},
};

/// Which rows of `counts` a table is made of.
pub(crate) struct Source {
    condition: String,
    values: Vec<Value>,
}

impl Source {
    pub(crate) fn new(query: &CountQuery, scope: &Scope, from: UtcTime, until: UtcTime) -> Self {
        let mut values = vec![Value::time(from), Value::time(until)];
        let mut one_of = |names: Vec<Value>| {
            let list = places(values.len(), names.len());
            values.extend(names);
            list
        };
        // By way of the register, so that the index by camera and time is used for all of them too.
        let mut cameras =
            "SELECT k.id FROM cameras k LEFT JOIN points p ON p.id = k.point".to_owned();
        let mut conditions = Vec::new();
        if !query.cameras.is_empty() {
            let names = query.cameras.iter().map(|camera| Value::text(camera.as_str())).collect();
            conditions.push(format!("k.id IN ({})", one_of(names)));
        }
        match &scope.units {
            None => {}
            Some(units) if units.is_empty() => conditions.push("1 = 0".to_owned()),
            Some(units) => {
                let names = units.iter().map(Value::text).collect();
                conditions.push(format!("p.unit IN ({})", one_of(names)));
            }
        }
        if !conditions.is_empty() {
            cameras += &format!(" WHERE {}", conditions.join(" AND "));
        }
        let mut condition = format!(
            "c.camera IN ({cameras}) AND c.quarter_at_us >= $1 AND c.quarter_at_us < $2
             AND c.run IN (SELECT id FROM speaking)"
        );
        if !query.lines.is_empty() {
            let names = query.lines.iter().map(|line| Value::text(line.as_str())).collect();
            condition += &format!(" AND c.line IN ({})", one_of(names));
        }
        Self { condition, values }
    }

    pub(crate) fn values(&self) -> Vec<Value> {
        self.values.clone()
    }

    /// `camera`, `line`, `way`, `bin_at_us` and the share of the bin that was watched, `covered`.
    pub(crate) fn coverage(&self, width: i64) -> String {
        let quarters = width / QUARTER_US;
        let bin = bin("quarter_at_us", width);
        format!(
            "{} SELECT camera, line, way, {bin} AS bin_at_us, sum(covered) / {quarters} AS covered
             FROM ({}) AS q GROUP BY camera, line, way, {bin}",
            speaking(),
            self.line_quarters()
        )
    }

    /// `camera`, `line`, `way`, `extra`, `bin_at_us` and how many passed in it, `counted`.
    pub(crate) fn counts(&self, by: CountBy, width: i64) -> String {
        let extra = match by {
            CountBy::Line => "CAST(NULL AS TEXT)",
            CountBy::Movement => "c.movement",
            CountBy::Class => "c.class",
        };
        let bin = bin("c.quarter_at_us", width);
        let group = match by {
            CountBy::Line => String::new(),
            _ => format!(", {extra}"),
        };
        format!(
            "{} SELECT c.camera, c.line, c.way, {extra} AS extra, {bin} AS bin_at_us,
                 CAST(sum(c.count) AS BIGINT) AS counted
             FROM counts c WHERE {} GROUP BY c.camera, c.line, c.way, {bin}{group}",
            speaking(),
            self.condition
        )
    }

    /// `quarter_at_us`, how many passed all lines together in it, `counted`, and how many lines were
    /// watched for at least the share `whole` of it, `whole_lines`.
    pub(crate) fn quarters(&self, whole: f64) -> String {
        format!(
            "{} SELECT quarter_at_us, CAST(sum(counted) AS BIGINT) AS counted,
                 count(CASE WHEN covered >= {whole} THEN 1 END) AS whole_lines
             FROM ({}) AS q GROUP BY quarter_at_us",
            speaking(),
            self.line_quarters()
        )
    }

    /// The newest quarter in which anything was counted, `newest`.
    pub(crate) fn newest(&self) -> String {
        format!(
            "{} SELECT max(c.quarter_at_us) AS newest FROM counts c
             WHERE {} AND c.count IS NOT NULL",
            speaking(),
            self.condition
        )
    }

    /// Each line's quarters: all rows of a run share the coverage of theirs, and runs add up.
    fn line_quarters(&self) -> String {
        format!(
            "SELECT camera, line, way, quarter_at_us, sum(counted) AS counted,
                 CASE WHEN sum(covered) > 1 THEN 1.0 ELSE sum(covered) END AS covered
             FROM (SELECT c.run, c.camera, c.line, c.way, c.quarter_at_us, sum(c.count) AS counted,
                     max(c.coverage) AS covered
                 FROM counts c WHERE {}
                 GROUP BY c.run, c.camera, c.line, c.way, c.quarter_at_us) AS r
             GROUP BY camera, line, way, quarter_at_us",
            self.condition
        )
    }
}

fn speaking() -> String {
    format!("WITH speaking AS MATERIALIZED (SELECT r.id FROM runs r WHERE {SPEAKS})")
}

/// Where the bin of a quarter begins; `$1` is where the first one does.
fn bin(quarter: &str, width: i64) -> String {
    format!("$1 + ({quarter} - $1) / {width} * {width}")
}
