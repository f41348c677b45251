//! What can go wrong between the program and its database, said so that a person knows what to do.
//!
//! A database is named by its path or by `postgres://user@host:port/name`; a password never enters
//! an error, because errors are logged.

use thiserror::Error;

use crate::Refusal;

/// Why the store could not do what was asked. Nothing was written in any of these cases.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text that should name a database does not.
    #[error(
        "`{url}` names no database: {problem}; right would be `sqlite:PATH`, `sqlite::memory:`, a \
         path, or `postgres://USER:PASSWORD@HOST:PORT/NAME`"
    )]
    Url {
        /// The text as far as it can hold no password.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The database cannot be opened, or does not answer.
    #[error("cannot open database {database}: {hint}")]
    Open {
        /// Which.
        database: String,
        /// What to look at.
        hint: String,
        /// What the database or the system said.
        source: sqlx::Error,
    },
    /// The file holds something else.
    #[error("{database} is not a giaolo database: {found}; name another file")]
    Foreign {
        /// Which.
        database: String,
        /// What it is.
        found: &'static str,
    },
    /// A later version of the program has changed the tables.
    #[error(
        "database {database} was written by a newer giaolo (its schema has version {found}, this \
         program knows up to {known}); use that version or newer"
    )]
    Newer {
        /// Which.
        database: String,
        /// The schema version found.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The tables could not be made or brought up to date.
    #[error("cannot bring the tables of database {database} up to date")]
    Migration {
        /// Which.
        database: String,
        /// What the database said.
        source: sqlx::migrate::MigrateError,
    },
    /// No room to write.
    #[error(
        "cannot write to database {database} while {doing}: its disk is full; make room and run again"
    )]
    Full {
        /// Which.
        database: String,
        /// What was under way.
        doing: &'static str,
    },
    /// The database refused a statement, or went away.
    #[error("database {database} failed while {doing}")]
    Query {
        /// Which.
        database: String,
        /// What was under way.
        doing: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A value that cannot be stored as it is.
    #[error("cannot store {what}: {problem}")]
    Value {
        /// Which value.
        what: String,
        /// Why not.
        problem: String,
    },
    /// A question about plates that gets no answer as it was put.
    #[error("refused to look into the plates: {what} {problem}")]
    Refused {
        /// What of the question: its reason, its time span, its pattern.
        what: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// What a person asked for and does not get.
    #[error(transparent)]
    Denied(#[from] Refusal),
    /// A value in the database that this program cannot have written.
    #[error(
        "database {database} holds `{value}` in column `{column}`, which this program does not know"
    )]
    Unreadable {
        /// Which.
        database: String,
        /// The column.
        column: String,
        /// The value, or what is wrong with it.
        value: String,
    },
    /// A run that is not there or is over.
    #[error(
        "run {run} is not running in database {database}: it is finished, or another program has \
         taken its work over"
    )]
    NotRunning {
        /// Which database.
        database: String,
        /// Which run.
        run: i64,
    },
    /// A scene that was not put into the store before its run began.
    #[error("camera `{camera}` has no scene version {sha256} in database {database}; put it first")]
    UnknownScene {
        /// Which database.
        database: String,
        /// Which camera.
        camera: String,
        /// The scene's hash.
        sha256: String,
    },
    /// Evidence that does not follow on the chain's last link, because another program added one.
    #[error(
        "evidence {given_sequence} of `{violation}` follows manifest {given_previous}, but the chain in \
         database {database} ends with {head}; build its manifest again on that one"
    )]
    ChainMoved {
        /// Which database.
        database: String,
        /// Whose evidence.
        violation: String,
        /// The place it was made for.
        given_sequence: u64,
        /// The manifest it was made to follow.
        given_previous: String,
        /// The chain's last link, in words.
        head: String,
    },
}
