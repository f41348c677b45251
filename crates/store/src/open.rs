//! From a URL to a database whose tables are those of this program.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection,
    migrate::{MigrateError, Migrator},
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    StoreError,
    db::{Database, Pool},
};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// `giao` in ASCII, as the first SQLite migration sets it.
const SQLITE_APPLICATION_ID: i64 = 0x6769_616f;

/// How long a writer waits for another one's transaction. Transactions here take milliseconds; a
/// wait of this length means that somebody holds the file in another tool.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a server may take to answer before it counts as away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Enough for one writer and the readers beside it; SQLite writes one at a time in any case.
const CONNECTIONS: u32 = 4;

/// A database that is open and has the tables of this program. Cheap to share behind an `Arc`;
/// every method may be called from many tasks at once.
pub struct Store {
    pub(crate) database: Database,
}

enum Address {
    SqliteFile(String),
    SqliteMemory,
    Postgres(Box<PgConnectOptions>),
}

impl Store {
    /// Opens a database, creating the file where there is none, and brings its tables up to date.
    ///
    /// `url` is `sqlite:PATH`, `sqlite::memory:`, a bare path, or
    /// `postgres://USER:PASSWORD@HOST:PORT/NAME`. A path is taken as it is, without escapes or
    /// options. The folder of a file must exist; so must a PostgreSQL database.
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::Open`], [`StoreError::Foreign`], [`StoreError::Newer`],
    /// [`StoreError::Migration`], [`StoreError::Full`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        match parse(url)? {
            Address::SqliteMemory => {
                // A database in memory lives in one connection and dies with it.
                let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
                let pool = PoolOptions::new()
                    .min_connections(1)
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None);
                Self::open_sqlite(":memory:".to_owned(), pool, options).await
            }
            Address::SqliteFile(path) => {
                refuse_foreign_file(&path).await?;
                let options = file_options(&path);
                let pool = PoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(BUSY_TIMEOUT * 2);
                Self::open_sqlite(path, pool, options).await
            }
            Address::Postgres(options) => Self::open_postgres(*options).await,
        }
    }

    /// The database's name as errors give it, without a password.
    pub fn name(&self) -> &str {
        &self.database.name
    }

    /// Closes every connection. SQLite then folds its `-wal` file into the database, so that the one
    /// file can be copied.
    pub async fn close(self) {
        match self.database.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) async fn open_sqlite(
        name: String,
        pool: PoolOptions<sqlx::Sqlite>,
        options: SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        let pool =
            pool.connect_with(options).await.map_err(|source| sqlite_open_error(&name, source))?;
        SQLITE_MIGRATIONS
            .run(&pool)
            .await
            .map_err(|error| migration_error(&name, &SQLITE_MIGRATIONS, error))?;
        Ok(Self { database: Database { name, pool: Pool::Sqlite(pool) } })
    }

    async fn open_postgres(options: PgConnectOptions) -> Result<Self, StoreError> {
        let name = postgres_name(&options);
        let failed = |source| StoreError::Open {
            database: name.clone(),
            hint: "is the server running, does the database exist, are user and password right"
                .to_owned(),
            source,
        };
        // One connection first: a pool tries again while nobody listens, and then says only that it
        // waited too long.
        match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
            Ok(connection) => connection.map_err(failed)?.close().await.map_err(failed)?,
            Err(_) => return Err(failed(sqlx::Error::PoolTimedOut)),
        }
        let pool = PoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT * 2)
            .connect_with(options)
            .await
            .map_err(failed)?;
        POSTGRES_MIGRATIONS
            .run(&pool)
            .await
            .map_err(|error| migration_error(&name, &POSTGRES_MIGRATIONS, error))?;
        Ok(Self { database: Database { name, pool: Pool::Postgres(pool) } })
    }
}

/// `FULL` syncs the write-ahead log at every commit: with less, a power cut takes the last cases,
/// whose evidence would then lie on disk without a row.
pub(crate) fn file_options(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn parse(url: &str) -> Result<Address, StoreError> {
    let wrong = |shown: &str, problem: &str| StoreError::Url {
        url: shown.to_owned(),
        problem: problem.to_owned(),
    };
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return match PgConnectOptions::from_str(url) {
            Ok(options) if options.get_database().is_some() => {
                Ok(Address::Postgres(Box::new(options)))
            }
            Ok(options) => Err(wrong(&postgres_name(&options), "the database's name is missing")),
            // What cannot be taken apart is not shown: somewhere in it may be the password.
            Err(error) => Err(wrong("postgres://...", &error.to_string())),
        };
    }
    if url == "sqlite::memory:" {
        return Ok(Address::SqliteMemory);
    }
    let path = match url.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        None => match url.split_once("://") {
            Some((scheme, _)) => {
                return Err(wrong(
                    &format!("{scheme}://..."),
                    "only SQLite and PostgreSQL are known",
                ));
            }
            None => url,
        },
    };
    if path.is_empty() {
        return Err(wrong(url, "the path is empty"));
    }
    Ok(Address::SqliteFile(path.to_owned()))
}

fn postgres_name(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let database = options.get_database().unwrap_or_default();
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@{}/{database}", socket.display()),
        None => {
            format!("postgres://{user}@{}:{}/{database}", options.get_host(), options.get_port())
        }
    }
}

fn sqlite_open_error(name: &str, source: sqlx::Error) -> StoreError {
    let code =
        source.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    // The low byte of SQLite's extended codes is the code itself.
    let primary = code.and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
    let database = name.to_owned();
    let folder = Path::new(name).parent().filter(|folder| !folder.as_os_str().is_empty());
    let hint = match (primary, folder) {
        (Some(26), _) => {
            return StoreError::Foreign { database, found: "not an SQLite file, or a damaged one" };
        }
        (Some(13), _) => {
            return StoreError::Full { database, doing: "opening it" };
        }
        (_, Some(folder)) if !folder.is_dir() => {
            format!("its folder {} is not there", folder.display())
        }
        (Some(8 | 10 | 14), _) => "may this account write the file and its folder".to_owned(),
        _ => "see the cause".to_owned(),
    };
    StoreError::Open { database, hint, source }
}

/// Another program's file would otherwise get our tables beside its own. Looks before the real
/// opening, because asking for a write-ahead log already changes the file.
async fn refuse_foreign_file(path: &str) -> Result<(), StoreError> {
    if !Path::new(path).exists() {
        return Ok(());
    }
    let failed = |source| sqlite_open_error(path, source);
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .connect()
        .await
        .map_err(failed)?;
    let application_id: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut connection)
        .await
        .map_err(failed)?;
    // The migrator's own table is there before the first migration has run.
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema
         WHERE type = 'table' AND name <> '_sqlx_migrations'",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if tables > 0 && application_id != SQLITE_APPLICATION_ID {
        return Err(StoreError::Foreign {
            database: path.to_owned(),
            found: "another program's SQLite file",
        });
    }
    Ok(())
}

fn migration_error(name: &str, migrator: &Migrator, error: MigrateError) -> StoreError {
    let database = name.to_owned();
    let known = migrator.iter().map(|migration| migration.version).max();
    match error {
        MigrateError::VersionMissing(found) => {
            StoreError::Newer { database, found, known: known.unwrap_or_default() }
        }
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)
            if is_full(&source) =>
        {
            StoreError::Full { database, doing: "making its tables" }
        }
        source => StoreError::Migration { database, source },
    }
}

fn is_full(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == "13" || code == "53100")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_what_they_say_and_wrong_ones_are_explained_without_the_password() {
        let right = [
            ("sqlite:a/b.db", "a/b.db"),
            ("sqlite:///var/b.db", "/var/b.db"),
            ("a b?c.db", "a b?c.db"),
            ("sqlite::memory:", ":memory:"),
            ("postgres://u:secret@h:5/n", "postgres://u@h:5/n"),
            ("postgresql://u:secret@h/n?sslmode=disable", "postgres://u@h:5432/n"),
        ];
        for (url, name) in right {
            let named = match parse(url).unwrap() {
                Address::SqliteFile(path) => path,
                Address::SqliteMemory => ":memory:".to_owned(),
                Address::Postgres(options) => postgres_name(&options),
            };
            assert_eq!(named, name, "{url}");
        }
        let wrong = [
            ("", "the path is empty"),
            ("sqlite:", "the path is empty"),
            ("mysql://u:secret@h/n", "only SQLite and PostgreSQL"),
            ("postgres://u:secret@h", "name is missing"),
            ("postgres://u:secret@h:port/n", "port"),
        ];
        for (url, problem) in wrong {
            let error = parse(url).err().unwrap().to_string();
            assert!(error.contains(problem), "{url}: {error}");
            assert!(!error.contains("secret"), "{url}: {error}");
            assert!(error.contains("sqlite:PATH"), "{url}: {error}");
        }
    }
}
