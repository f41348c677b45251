//! What the database means to do for a search: for benches, tests, and whoever finds one slow.

use giaolo_domain::CameraId;

use crate::{
    PlateQuery, Store, StoreError,
    db::Pool,
    plate_find::{Span, form_query, probe_query, text_query, walk_query},
    plate_probe::{exact_probes, one_wrong_probes},
    value::Value,
};

/// One statement of a search and what the database means to do for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPlan {
    /// What the statement is for.
    pub step: &'static str,
    /// The database's own words, a line each.
    pub plan: String,
}

impl Store {
    /// The plans of every statement that a search may make. No plate is read, so nothing is written
    /// down.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn search_plan(&self, query: &PlateQuery) -> Result<Vec<SearchPlan>, StoreError> {
        let glob = query.pattern.glob();
        let mut statements = Vec::new();
        for probe in exact_probes(&glob) {
            statements.push(("plates that fit", probe_query(probe)));
        }
        if query.one_wrong {
            for probe in one_wrong_probes(&glob) {
                statements.push(("plates with one wrong character", probe_query(probe)));
            }
        }
        let span = Span {
            from: query.from,
            until: query.until,
            cameras: query.cameras.clone(),
            verdicts: query.verdicts.clone(),
        };
        let camera: Option<&CameraId> = query.cameras.first();
        let plates = [&glob, &glob];
        statements.push(("readings of plates", text_query(&plates, &span)?));
        statements.push(("what doubtful readings may be", form_query(&plates, &span)?));
        statements.push(("where too many plates fit", walk_query(camera, &span, 1000)?));
        let mut plans = Vec::with_capacity(statements.len());
        for (step, (sql, values)) in statements {
            plans.push(SearchPlan { step, plan: self.plan(&sql, values).await? });
        }
        Ok(plans)
    }

    pub(crate) async fn plan(&self, sql: &str, values: Vec<Value>) -> Result<String, StoreError> {
        let db = &self.database;
        let (explain, column) = match db.pool {
            Pool::Sqlite(_) => ("EXPLAIN QUERY PLAN", "detail"),
            Pool::Postgres(_) => ("EXPLAIN", "QUERY PLAN"),
        };
        let rows = db.fetch("explaining", format!("{explain} {sql}"), values).await?;
        let lines: Result<Vec<String>, _> = rows.iter().map(|row| db.text(row, column)).collect();
        Ok(lines?.join("\n"))
    }
}
