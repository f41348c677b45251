//! The queue of cases and the statistics at the size of a town, over SQLite and PostgreSQL:
//! `cargo bench --package giaolo-store --bench cases -- CASES DAYS [sqlite|postgres]`.
//!
//! 5,000 cases and one day of counts unless told. 100,000 cases and 12 days, which stand for ten million
//! crossings of 39 cameras, take some 0.6 GB in a temporary folder (`TMPDIR`). Times are of the store's
//! own interface, everything in it.

mod questions;
mod town;

use std::{error::Error, time::Instant};

use giaolo_store::{Store, StoreError};

#[expect(dead_code, reason = "what a server refuses is a matter for the tests")]
#[expect(clippy::unwrap_used, clippy::expect_used, reason = "it is the tests' own server")]
#[path = "../../src/tests/postgres.rs"]
mod postgres;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let mut numbers = arguments.iter().filter_map(|argument| argument.parse::<i64>().ok());
    let cases = numbers.next().unwrap_or(5_000);
    let days = numbers.next().unwrap_or(1);
    let wanted = |name: &str| {
        let named = |name: &str| arguments.iter().any(|argument| argument == name);
        named(name) || !(named("sqlite") || named("postgres"))
    };
    if wanted("sqlite") {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("cases.db").display());
        measure("SQLite", &url, cases, days).await?;
    }
    if wanted("postgres")
        && let Some(server) = postgres::Server::start()
    {
        let url = server.create_database("cases").await;
        measure("PostgreSQL", &url, cases, days).await?;
    }
    Ok(())
}

async fn measure(name: &str, url: &str, cases: i64, days: i64) -> Result<(), Failure> {
    let began = Instant::now();
    let crossings = town::fill(url, cases, days).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "\n## {name}: {cases} cases, {days} days of counts ({:.1} million crossings), filled in \
         {seconds:.0} s\n",
        crossings as f64 / 1e6
    );
    let store = Store::open(url).await?;
    questions::ask(&store, days).await?;
    store.close().await;
    Ok(())
}
