//! The audit log as an auditor reads it: newest first, by who, what, on what and when.

use giaolo_domain::UtcTime;

use crate::{Store, StoreError, StoredAuditEntry, case_find::Conditions, value::Value};

/// Which entries; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this account or program.
    pub who: Option<String>,
    /// This action, or with `*` at its end all that begin so (`case.*`).
    pub action: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// At this time or later.
    pub from: Option<UtcTime>,
    /// Before this time.
    pub until: Option<UtcTime>,
}

impl Store {
    /// Entries that pass a filter, newest first, at most `limit`, those before the place `before`.
    pub async fn audit_list(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>, StoreError> {
        let mut conditions = filter.conditions();
        if let Some(before) = before {
            conditions.when("a.sequence < ?", Value::unsigned(before)?);
        }
        let limit = conditions.bind(Value::Integer(Some(i64::from(limit))));
        let sql = format!(
            "SELECT a.* FROM audit a{} ORDER BY a.sequence DESC LIMIT {limit}",
            conditions.sql()
        );
        let rows = self.database.fetch("reading the audit log", sql, conditions.values).await?;
        rows.iter().map(|row| self.read_audit(row)).collect()
    }

    /// How many entries pass a filter.
    pub async fn audit_count(&self, filter: &AuditFilter) -> Result<u64, StoreError> {
        let db = &self.database;
        let conditions = filter.conditions();
        let sql = format!("SELECT count(*) AS entries FROM audit a{}", conditions.sql());
        let rows = db.fetch("counting the audit log", sql, conditions.values).await?;
        let row = rows.first().ok_or_else(|| db.unreadable("entries", "no row"))?;
        db.unsigned(row, "entries")
    }
}

impl AuditFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(who) = &self.who {
            conditions.when("a.who = ?", Value::text(who));
        }
        match self.action.as_deref().map(|action| (action, action.strip_suffix('*'))) {
            // `~` stands after every character of an action.
            Some((_, Some(beginning))) => {
                conditions.when("a.action >= ?", Value::text(beginning));
                conditions.when("a.action < ?", Value::text(format!("{beginning}~")));
            }
            Some((action, None)) => conditions.when("a.action = ?", Value::text(action)),
            None => {}
        }
        if let Some(subject) = &self.subject {
            conditions.when("a.subject = ?", Value::text(subject));
        }
        if let Some(from) = self.from {
            conditions.when("a.at_us >= ?", Value::time(from));
        }
        if let Some(until) = self.until {
            conditions.when("a.at_us < ?", Value::time(until));
        }
        conditions
    }
}
