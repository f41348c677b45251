//! The questions behind a table of counts, added up by the database.

use giaolo_domain::{LineId, UtcTime};

use crate::{
    CountBy, QUARTER_US,
    counts::speaking,
    value::{Value, places},
};

/// Which rows of `counts` a table is made of.
pub(crate) struct Source {
    /// The table of runs that speak.
    speaking: String,
    condition: String,
    values: Vec<Value>,
}

impl Source {
    /// `cameras` are those of the question that lie within its scope, at least one: by name, so that both
    /// databases find their rows by the index over camera and time.
    pub(crate) fn new(cameras: &[String], lines: &[LineId], from: UtcTime, until: UtcTime) -> Self {
        let mut values = vec![Value::time(from), Value::time(until)];
        let mut one_of = |names: Vec<Value>| {
            let list = places(values.len(), names.len());
            values.extend(names);
            list
        };
        let cameras = one_of(cameras.iter().map(Value::text).collect());
        // `+` keeps SQLite from walking run by run, each with all its lines.
        let mut condition = format!(
            "c.camera IN ({cameras}) AND c.quarter_at_us >= $1 AND c.quarter_at_us < $2
             AND +c.run IN (SELECT id FROM speaking)"
        );
        if !lines.is_empty() {
            let lines = one_of(lines.iter().map(|line| Value::text(line.as_str())).collect());
            condition += &format!(" AND c.line IN ({lines})");
        }
        Self { speaking: speaking(&cameras), condition, values }
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
            self.speaking,
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
            self.speaking, self.condition
        )
    }

    /// `quarter_at_us`, how many passed all lines together in it, `counted`, and how many lines were
    /// watched for at least the share `whole` of it, `whole_lines`.
    pub(crate) fn quarters(&self, whole: f64) -> String {
        format!(
            "{} SELECT quarter_at_us, CAST(sum(counted) AS BIGINT) AS counted,
                 count(CASE WHEN covered >= {whole} THEN 1 END) AS whole_lines
             FROM ({}) AS q GROUP BY quarter_at_us",
            self.speaking,
            self.line_quarters()
        )
    }

    /// The newest quarter in which anything was counted, `newest`.
    pub(crate) fn newest(&self) -> String {
        format!(
            "{} SELECT max(c.quarter_at_us) AS newest FROM counts c
             WHERE {} AND c.count IS NOT NULL",
            self.speaking, self.condition
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

/// Where the bin of a quarter begins; `$1` is where the first one does.
fn bin(quarter: &str, width: i64) -> String {
    format!("$1 + ({quarter} - $1) / {width} * {width}")
}
