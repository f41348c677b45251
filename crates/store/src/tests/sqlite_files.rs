//! What happens to files: killed writers, full disks, and files that are something else.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, Executor, pool::PoolOptions, sqlite::SqliteConnectOptions};

use super::{
    samples::{begin, crossing, end, evidence, track, violation},
    violations::assert_whole,
};
use crate::{Store, StoreError, open::file_options};

/// Names the database to the child process of the test of killing.
const CHILD_DATABASE: &str = "GIAOLO_STORE_TEST_CHILD_DATABASE";

async fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path.to_str().unwrap()).await
}

async fn raw(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Not a test of its own: stores violations without end, and says each once it is stored.
#[tokio::test]
#[ignore = "the child process of `killed_at_any_instant_everything_is_whole`"]
async fn child_that_stores_until_killed() {
    let path = std::env::var(CHILD_DATABASE).expect("only its parent starts this");
    let store = Store::open(&path).await.unwrap();
    let run = begin(&store, "sang").await;
    for number in 1.. {
        let found = violation(run, number);
        if store.has_violation(&found.id).await.unwrap() {
            continue;
        }
        store.insert_tracks(run, &[track(number)]).await.unwrap();
        store.insert_crossings(run, &[crossing(number)]).await.unwrap();
        let proof = evidence(&found, store.chain_head().await.unwrap());
        let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo");
        assert!(stored.await.is_ok());
        let mut out = std::io::stdout().lock();
        writeln!(out, "stored {}", found.id).unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test]
async fn killed_at_any_instant_everything_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giaolo.db");
    let mut said = 0;
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("tests::sqlite_files::child_that_stores_until_killed")
            .env(CHILD_DATABASE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let lines = out.lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.split_once("stored ").map(|(_, id)| id.to_owned()))
                .collect::<Vec<_>>()
        });
        // From within the first start and its migration to the middle of inserts.
        std::thread::sleep(Duration::from_millis(3 + round * round * 6));
        child.kill().unwrap();
        child.wait().unwrap();
        let ids = reader.join().unwrap();
        said += ids.len();

        let store = open(&path).await.unwrap();
        for id in &ids {
            assert!(store.has_violation(id).await.unwrap(), "round {round}: {id} was lost");
        }
        let stored = store.evidence_folders().await.unwrap().len();
        // One more than was said may have been stored in the instant of each kill.
        assert!(stored >= said && stored <= said + 1 + round as usize, "{stored}, {said}");
        assert_whole(&store, stored).await;
        store.close().await;
    }
    assert!(said > 0, "no round got as far as storing");
    // The work is then done to its end by a run that takes over.
    let store = open(&path).await.unwrap();
    let run = begin(&store, "sang").await;
    assert_eq!(store.tracks(run).await.unwrap(), []);
    store.finish_run(run, &end()).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_everything_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giaolo.db");
    open(&path).await.unwrap().close().await;
    // A limit in pages makes SQLite answer as it does for a full disk.
    let options = file_options(path.to_str().unwrap()).pragma("max_page_count", "260");
    let store = Store::open_sqlite("small.db".to_owned(), PoolOptions::new(), options).await;
    let store = store.unwrap();
    let run = begin(&store, "sang").await;
    let mut stored = 0;
    let error = loop {
        let found = violation(run, stored + 1);
        let proof = evidence(&found, store.chain_head().await.unwrap());
        match store.insert_violation_with_evidence(&found, &proof, "giaolo").await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 10_000, "the disk never filled");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("small.db"), "{error}");
    assert_whole(&store, stored as usize).await;
    store.close().await;
    // With room again, the work goes on.
    let store = open(&path).await.unwrap();
    let found = violation(begin(&store, "sang").await, stored + 1);
    let proof = evidence(&found, store.chain_head().await.unwrap());
    assert!(store.insert_violation_with_evidence(&found, &proof, "giaolo").await.is_ok());
    assert_whole(&store, stored as usize + 1).await;
}

#[tokio::test]
async fn no_room_for_the_tables_is_said_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giaolo.db");
    let options = file_options(path.to_str().unwrap()).pragma("max_page_count", "20");
    let refused = Store::open_sqlite("tiny.db".to_owned(), PoolOptions::new(), options).await;
    let error = refused.err().unwrap();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    open(&path).await.expect("room again: the tables are made anew");
}

#[tokio::test]
async fn what_cannot_be_opened_is_explained_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let in_folder = |name: &str| folder.path().join(name);
    fs::write(in_folder("notes.txt"), "not a database, but long enough. ".repeat(100)).unwrap();
    fs::create_dir(in_folder("a-folder")).unwrap();
    raw(&in_folder("foreign.db"), "CREATE TABLE bookmarks (url TEXT)").await;
    open(&in_folder("newer.db")).await.unwrap().close().await;
    let later = "INSERT INTO _sqlx_migrations VALUES (9999, 'later', '2027-01-01', 1, x'00', 0)";
    raw(&in_folder("newer.db"), later).await;
    open(&in_folder("damaged.db")).await.unwrap().close().await;
    let mut damaged = fs::read(in_folder("damaged.db")).unwrap();
    damaged[..16].fill(0xff);
    fs::write(in_folder("damaged.db"), damaged).unwrap();

    let cases = [
        ("notes.txt", "not an SQLite file"),
        ("damaged.db", "not an SQLite file, or a damaged one"),
        ("foreign.db", "another program's SQLite file"),
        ("newer.db", "newer giaolo"),
        ("a-folder", "may this account write"),
        ("no/such/folder.db", "no/such is not there"),
        ("notes.txt/file.db", "notes.txt is not there"),
    ];
    for (name, problem) in cases {
        let path = in_folder(name);
        let before = fs::read(&path).ok();
        let text = open(&path).await.err().expect(name).to_string();
        assert!(text.contains(problem), "{name}: {text}");
        assert!(text.contains(name), "{name}: {text}");
        assert!(fs::read(&path).ok() == before, "{name} was changed");
    }
    // No account, root neither, makes files there.
    let error = Store::open("/proc/giaolo.db").await.err().unwrap().to_string();
    assert!(error.contains("may this account write"), "{error}");
}

#[tokio::test]
async fn opened_again_everything_is_there_and_the_settings_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ngã tư.db");
    let store = open(&path).await.unwrap();
    let run = begin(&store, "sang").await;
    store.insert_tracks(run, &[track(1)]).await.unwrap();
    store.close().await;
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "a closed database is one file");

    let store = open(&path).await.unwrap();
    assert_eq!(store.tracks(run).await.unwrap(), [track(1)]);
    let settings = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("busy_timeout", "20000"),
    ];
    for (name, value) in settings {
        let column = if name == "busy_timeout" { "timeout" } else { name };
        let sql = format!("SELECT CAST({column} AS TEXT) AS value FROM pragma_{name}");
        let rows = store.database.fetch("reading settings", sql, Vec::new()).await.unwrap();
        assert_eq!(store.database.text(&rows[0], "value").unwrap(), value, "{name}");
    }
}
