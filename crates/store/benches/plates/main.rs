//! Plate search at the size of a town, over SQLite and PostgreSQL: `make bench-plates`.
//!
//! Arguments: how many readings (200,000 unless told), and `sqlite` or `postgres` for one of them
//! alone. Files lie in a temporary folder (`TMPDIR`); ten million readings take 8 GB in SQLite and 12 GB
//! in PostgreSQL. Times are of the store's own interface, everything in it: the audit entry is
//! written and, in SQLite, synced before an answer is given.

mod questions;
mod town;

use std::{error::Error, path::Path, time::Instant};

use giaolo_store::{Store, StoreError};

#[expect(dead_code, reason = "what a server refuses is a matter for the tests")]
#[expect(clippy::unwrap_used, clippy::expect_used, reason = "it is the tests' own server")]
#[path = "../../src/tests/postgres.rs"]
mod postgres;

type Failure = Box<dyn Error + Send + Sync>;

const READINGS: i64 = 200_000;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let readings = match arguments.iter().find_map(|argument| argument.parse().ok()) {
        Some(readings) => readings,
        None => READINGS,
    };
    let wanted = |name: &str| {
        let named = |name: &str| arguments.iter().any(|argument| argument == name);
        named(name) || !(named("sqlite") || named("postgres"))
    };
    if wanted("sqlite") {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("plates.db");
        let url = format!("sqlite:{}", path.display());
        measure("SQLite", &url, readings, Some(&path)).await?;
    }
    if wanted("postgres")
        && let Some(server) = postgres::Server::start()
    {
        let url = server.create_database("plates").await;
        measure("PostgreSQL", &url, readings, None).await?;
    }
    Ok(())
}

async fn measure(name: &str, url: &str, readings: i64, file: Option<&Path>) -> Result<(), Failure> {
    let store = Store::open(url).await?;
    let began = Instant::now();
    let town = town::fill(url, readings).await?;
    let gigabytes = match file {
        Some(file) => file.metadata()?.len() as f64 / 1e9,
        None => town.bytes as f64 / 1e9,
    };
    println!(
        "\n## {name}: {} readings, {} plates, {} further forms, {gigabytes:.2} GB, filled in {:.0} s\n",
        town.readings,
        town.plates,
        town.forms,
        began.elapsed().as_secs_f64()
    );
    questions::ask(&store, &town).await?;
    store.close().await;
    Ok(())
}
