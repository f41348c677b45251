//! The one place that knows that there are two databases.
//!
//! Everything above speaks SQL that both understand (`$1` for values, `ON CONFLICT`, `RETURNING`)
//! and the four kinds of [`Value`].
//!
//! Every change runs in a [`Transaction`] that has the right to write from its start: SQLite takes
//! its write lock at once instead of failing in the middle, and waits its turn for it.

use giaolo_domain::UtcTime;
use serde::de::DeserializeOwned;
use sqlx::{
    AssertSqlSafe, Postgres, Row as _, Sqlite, postgres::PgRow, sqlite::SqliteRow, types::Json,
};

use crate::{
    StoreError,
    value::{Value, check, value_places},
};

/// The pool of one or the other database, with the name that errors give it.
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) pool: Pool,
}

pub(crate) enum Pool {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A transaction that may write; gone without a trace unless committed.
pub(crate) struct Transaction<'d> {
    database: &'d Database,
    doing: &'static str,
    inner: Inner,
}

enum Inner {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Binds every value and runs; the two databases' query types share no trait that could do it.
macro_rules! bound {
    ($database:ty, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Json(value) => query.bind(Json(value)),
            };
        }
        query
    }};
}

impl Database {
    /// Begins a transaction that may write. `doing` is what errors say was under way.
    pub(crate) async fn begin(&self, doing: &'static str) -> Result<Transaction<'_>, StoreError> {
        let inner = match &self.pool {
            Pool::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Inner::Sqlite),
            Pool::Postgres(pool) => pool.begin().await.map(Inner::Postgres),
        };
        Ok(Transaction {
            database: self,
            doing,
            inner: inner.map_err(|source| self.failed(doing, source))?,
        })
    }

    /// Reads outside any transaction. The SQL is this crate's own text; values are bound.
    pub(crate) async fn fetch(
        &self,
        doing: &'static str,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        check(&values)?;
        let rows = match &self.pool {
            Pool::Sqlite(pool) => bound!(Sqlite, sql.into(), values)
                .fetch_all(pool)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Pool::Postgres(pool) => bound!(Postgres, sql.into(), values)
                .fetch_all(pool)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        };
        rows.map_err(|source| self.failed(doing, source))
    }

    /// Names what failed; a full disk gets its own error because only people can help.
    pub(crate) fn failed(&self, doing: &'static str, source: sqlx::Error) -> StoreError {
        let database = self.name.clone();
        let code = source.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            // SQLITE_FULL; PostgreSQL's disk_full.
            Some("13" | "53100") => StoreError::Full { database, doing },
            _ => StoreError::Query { database, doing, source },
        }
    }

    pub(crate) fn unreadable(&self, column: &str, value: impl Into<String>) -> StoreError {
        StoreError::Unreadable {
            database: self.name.clone(),
            column: column.to_owned(),
            value: value.into(),
        }
    }

    /// A column that is never NULL.
    pub(crate) fn integer(&self, row: &Row, column: &str) -> Result<i64, StoreError> {
        self.maybe_integer(row, column)?.ok_or_else(|| self.unreadable(column, "NULL"))
    }

    pub(crate) fn maybe_integer(&self, row: &Row, column: &str) -> Result<Option<i64>, StoreError> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| self.unreadable(column, error.to_string()))
    }

    /// A whole number that is never negative.
    pub(crate) fn unsigned(&self, row: &Row, column: &str) -> Result<u64, StoreError> {
        let value = self.integer(row, column)?;
        u64::try_from(value).map_err(|_| self.unreadable(column, value.to_string()))
    }

    pub(crate) fn time(&self, row: &Row, column: &str) -> Result<UtcTime, StoreError> {
        Ok(UtcTime::from_micros(self.integer(row, column)?))
    }

    pub(crate) fn real(&self, row: &Row, column: &str) -> Result<f64, StoreError> {
        self.maybe_real(row, column)?.ok_or_else(|| self.unreadable(column, "NULL"))
    }

    pub(crate) fn maybe_real(&self, row: &Row, column: &str) -> Result<Option<f64>, StoreError> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| self.unreadable(column, error.to_string()))
    }

    pub(crate) fn text(&self, row: &Row, column: &str) -> Result<String, StoreError> {
        self.maybe_text(row, column)?.ok_or_else(|| self.unreadable(column, "NULL"))
    }

    pub(crate) fn maybe_text(&self, row: &Row, column: &str) -> Result<Option<String>, StoreError> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| self.unreadable(column, error.to_string()))
    }

    /// A word that is one of an enum's serialised names.
    pub(crate) fn word<T: DeserializeOwned>(
        &self,
        row: &Row,
        column: &str,
    ) -> Result<T, StoreError> {
        let word = self.text(row, column)?;
        serde_json::from_value(serde_json::Value::String(word.clone()))
            .map_err(|_| self.unreadable(column, word))
    }

    /// A column of JSON that may be NULL.
    pub(crate) fn maybe_json<T: DeserializeOwned>(
        &self,
        row: &Row,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let json: Result<Option<Json<T>>, _> = match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        };
        json.map(|json| json.map(|Json(value)| value))
            .map_err(|error| self.unreadable(column, error.to_string()))
    }

    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        row: &Row,
        column: &str,
    ) -> Result<T, StoreError> {
        let json: Result<Json<T>, _> = match row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        };
        json.map(|Json(value)| value).map_err(|error| self.unreadable(column, error.to_string()))
    }
}

impl Transaction<'_> {
    /// Runs a statement and returns how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        check(&values)?;
        let done = match &mut self.inner {
            Inner::Sqlite(transaction) => bound!(Sqlite, sql.into(), values)
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected()),
            Inner::Postgres(transaction) => bound!(Postgres, sql.into(), values)
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected()),
        };
        done.map_err(|source| self.database.failed(self.doing, source))
    }

    /// Runs a statement that answers with at most one row.
    pub(crate) async fn fetch_optional(
        &mut self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        check(&values)?;
        let row = match &mut self.inner {
            Inner::Sqlite(transaction) => bound!(Sqlite, sql.into(), values)
                .fetch_optional(&mut **transaction)
                .await
                .map(|row| row.map(Row::Sqlite)),
            Inner::Postgres(transaction) => bound!(Postgres, sql.into(), values)
                .fetch_optional(&mut **transaction)
                .await
                .map(|row| row.map(Row::Postgres)),
        };
        row.map_err(|source| self.database.failed(self.doing, source))
    }

    /// Runs a statement that answers with any number of rows.
    pub(crate) async fn fetch(
        &mut self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        check(&values)?;
        let rows = match &mut self.inner {
            Inner::Sqlite(transaction) => bound!(Sqlite, sql.into(), values)
                .fetch_all(&mut **transaction)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Inner::Postgres(transaction) => bound!(Postgres, sql.into(), values)
                .fetch_all(&mut **transaction)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        };
        rows.map_err(|source| self.database.failed(self.doing, source))
    }

    /// Inserts rows, as many in one statement as both databases take in values.
    pub(crate) async fn insert_rows(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        self.insert_rows_unless(table, columns, rows, "").await
    }

    /// As [`Self::insert_rows`]; `conflict` is an `ON CONFLICT` clause.
    pub(crate) async fn insert_rows_unless(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
        conflict: &str,
    ) -> Result<(), StoreError> {
        // SQLite binds at most 32,766 values, PostgreSQL 65,535.
        let rows_per_statement = 16_000 / columns.len();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<Vec<Value>> = rows.by_ref().take(rows_per_statement).collect();
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {} {conflict}",
                columns.join(", "),
                value_places(chunk.len(), columns.len())
            );
            self.execute(sql, chunk.into_iter().flatten().collect()).await?;
        }
        Ok(())
    }

    /// Keeps every other writer off both chains until this transaction ends.
    pub(crate) async fn lock_chains(&mut self) -> Result<(), StoreError> {
        self.lock_against_writers("audit").await
    }

    /// Keeps every other writer off a table until this transaction ends.
    ///
    /// SQLite has one writer at a time anyway. In PostgreSQL two that read the same last link, or the
    /// same unfinished run, would both act on it, and one would fail on a unique index. The lock lets
    /// readers through.
    pub(crate) async fn lock_against_writers(
        &mut self,
        table: &'static str,
    ) -> Result<(), StoreError> {
        if matches!(self.inner, Inner::Postgres(_)) {
            let sql = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
            self.execute(sql, Vec::new()).await?;
        }
        Ok(())
    }

    /// `FOR UPDATE` where rows can be locked one by one.
    pub(crate) fn row_lock(&self) -> &'static str {
        match self.inner {
            Inner::Sqlite(_) => "",
            Inner::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Makes everything since `begin` true at once. In SQLite it is on disk when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let done = match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await,
            Inner::Postgres(transaction) => transaction.commit().await,
        };
        done.map_err(|source| self.database.failed(self.doing, source))
    }
}
