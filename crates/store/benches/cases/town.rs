//! Makes a town's cases and counts inside the database, by arithmetic from a number: 39 cameras at as
//! many points of twelve units, two lines each, cases over the last year, one of eight with a plate that
//! nobody could read.
//!
//! Both databases run the same statements. Cases are made as the program makes them, but without its
//! audit entries, which would be most of the time.

use std::{collections::BTreeSet, str::FromStr};

use giaolo_domain::UtcTime;
use giaolo_store::{NewAccount, PasswordHash, Role, Store};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection,
    postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use crate::Failure;

pub const CAMERAS: i64 = 39;
/// The first day of counts begins, midnight in Viet Nam.
pub const BEGIN_US: i64 = 1_790_010_000_000_000;
pub const DAY_US: i64 = 86_400_000_000;
/// Now, for the questions: the end of the sixtieth day.
pub const NOW_US: i64 = BEGIN_US + 60 * DAY_US;

enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    async fn open(url: &str) -> Result<Self, Failure> {
        Ok(match url.strip_prefix("sqlite:") {
            Some(path) => {
                let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
                Self::Sqlite(options.connect().await?)
            }
            None => Self::Postgres(PgConnectOptions::from_str(url)?.connect().await?),
        })
    }

    async fn run(&mut self, sql: &str) -> Result<(), Failure> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(connection) => connection.execute(sql).await.map(|_| ())?,
            Self::Postgres(connection) => connection.execute(sql).await.map(|_| ())?,
        }
        Ok(())
    }

    async fn number(&mut self, sql: &str) -> Result<i64, Failure> {
        let sql = AssertSqlSafe(sql);
        Ok(match self {
            Self::Sqlite(connection) => connection.fetch_one(sql).await?.try_get(0)?,
            Self::Postgres(connection) => connection.fetch_one(sql).await?.try_get(0)?,
        })
    }

    async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}

/// Makes and fills the tables; returns the crossings that the counts stand for.
pub async fn fill(url: &str, cases: i64, days: i64) -> Result<i64, Failure> {
    let store = Store::open(url).await?;
    let now = UtcTime::from_micros(NOW_US);
    for name in ["officer", "approver"] {
        let account = NewAccount {
            name: name.to_owned(),
            full_name: name.to_owned(),
            password: PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$YQ")?,
            roles: BTreeSet::from([Role::Reviewer, Role::Approver]),
            units: Vec::new(),
            must_change_password: false,
        };
        store.create_account(&account, "bench", now).await?;
    }
    store.close().await;
    let mut raw = Raw::open(url).await?;
    for sql in register(cases) {
        raw.run(&sql).await?;
    }
    let json = if url.starts_with("sqlite:") { "TEXT" } else { "JSONB" };
    for sql in cases_of(cases, json) {
        raw.run(&sql).await?;
    }
    for day in 0..days {
        raw.run(&counts_of(day)).await?;
    }
    raw.run("ANALYZE").await?;
    let crossings = "SELECT CAST(COALESCE(sum(count), 0) AS BIGINT) FROM counts";
    let crossings = raw.number(crossings).await?;
    raw.close().await?;
    Ok(crossings)
}

fn numbers(count: i64) -> String {
    format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n
             WHERE i + 1 < {count})"
    )
}

fn camera(number: &str) -> String {
    format!("'TU' || CAST(10 + {number} % {CAMERAS} AS TEXT) || '-C1'")
}

/// Text of 64 digits that tells a number.
fn hash(number: &str) -> String {
    let zeros = "0".repeat(64);
    format!("substr('{zeros}' || CAST({number} AS TEXT), 1 + length(CAST({number} AS TEXT)))")
}

/// One run of each camera for counts, and one in twenty cases another, so that both are many.
fn register(cases: i64) -> Vec<String> {
    let scene = "0".repeat(64);
    let runs = CAMERAS * (1 + cases / 20 / CAMERAS);
    vec![
        format!(
            "{} INSERT INTO units (name, kind) SELECT 'unit ' || CAST(i AS TEXT), 'ward' FROM n",
            numbers(12)
        ),
        format!(
            "{} INSERT INTO points (id, name, unit)
             SELECT 'TU' || CAST(10 + i AS TEXT), 'x', 'unit ' || CAST(i % 12 AS TEXT) FROM n",
            numbers(CAMERAS)
        ),
        format!(
            "{} INSERT INTO cameras (id, point) SELECT {}, 'TU' || CAST(10 + i AS TEXT) FROM n",
            numbers(CAMERAS),
            camera("i")
        ),
        format!(
            "INSERT INTO scene_versions (camera, sha256, toml, created_at_us, who, note)
             SELECT id, '{scene}', '', 0, 'bench', '' FROM cameras"
        ),
        format!(
            "{} INSERT INTO runs (camera, source_name, source_sha256, scene_sha256, model,
                 program_version, started_at_us, finished_at_us, state, origin_at_us, origin_clock,
                 frames, media_duration_us)
             SELECT {}, 'day.mp4', {}, '{scene}', 'm', '1', 0, 0, 'complete', {BEGIN_US}, 'operator',
                 1, 1 FROM n ORDER BY i",
            numbers(runs),
            camera("i"),
            hash("i")
        ),
    ]
}

fn cases_of(cases: i64, json: &str) -> [String; 5] {
    let numbers = numbers(cases);
    let runs = CAMERAS * (1 + cases / 20 / CAMERAS);
    let kinds =
        "CASE i % 6 WHEN 0 THEN 'stop_line' WHEN 1 THEN 'wrong_way' WHEN 2 THEN 'closed_zone'
        ELSE 'red_light' END";
    let act = format!("{BEGIN_US} + (i * 7919 % {cases}) * (60 * {DAY_US} / {cases})");
    let plate = "'61A' || substr(CAST(100000 + i * 7919 % 100000 AS TEXT), 2)";
    let reading = format!(
        "CAST('{{\"verdict\":\"sure\",\"text\":\"' || {plate} || '\",\"printed\":\"' || {plate} || '\",
            \"score\":0.9,\"characters\":[],\"raw\":\"\",\"looks\":3,\"votes\":3,\"width_px\":80.0}}' AS {json})"
    );
    [
        format!(
            "INSERT INTO plates (text, reversed) {numbers}
             SELECT DISTINCT {plate}, {plate} FROM n"
        ),
        format!(
            "INSERT INTO readings (run, track, camera, class, verdict, plate, printed, manual, score,
                 width_px, looks, votes, first_at_us, last_at_us, read_at_us, facts)
             {numbers} SELECT 1 + i % {runs}, 1 + i, {}, 'motorbike', 'sure', {plate}, {plate}, 0, 0.9,
                 80, 3, 3, {act}, {act}, {act}, {reading} FROM n WHERE i % 8 <> 0",
            camera("i")
        ),
        format!(
            "INSERT INTO violations (id, run, camera, kind, rule, track, class, verdict, act_frame,
                 act_media_us, act_at_us, facts, created_at_us)
             {numbers} SELECT 'v-' || CAST(i AS TEXT), 1 + i % {runs}, {}, {kinds}, 'rule-1', 1 + i,
                 'motorbike', CASE WHEN i % 5 = 0 THEN 'insufficient' ELSE 'sure' END, 1, 1, {act},
                 CAST('{{\"confidence\":0.87,\"line\":\"bac\"}}' AS {json}), 0 FROM n",
            camera("i")
        ),
        format!(
            "INSERT INTO evidence (violation_id, sequence, folder, manifest_sha256, previous_sha256)
             {numbers} SELECT 'v-' || CAST(i AS TEXT), i + 1, 'v-' || CAST(i AS TEXT), {},
                 CASE WHEN i > 0 THEN {} END FROM n",
            hash("i"),
            hash("(i - 1)")
        ),
        format!(
            "INSERT INTO cases (id, camera, kind, rule, line, class, verdict, confidence, act_at_us,
                 clock_known, unit, plate, plate_shown, plate_verdict, vehicle, group_key, doubt, due,
                 due_at_us)
             SELECT v.id, v.camera, v.kind, v.rule, 'bac', v.class, v.verdict, 0.87, v.act_at_us, 1,
                 p.unit, d.plate, d.plate, d.verdict, COALESCE('plate ' || d.plate, v.id), v.id,
                 CASE WHEN v.verdict = 'sure' THEN 0 ELSE 40 END
                     + CASE WHEN d.plate IS NULL THEN 20 ELSE 0 END + 2,
                 'limitation', v.act_at_us + 365 * {DAY_US}
             FROM violations v JOIN cameras k ON k.id = v.camera JOIN points p ON p.id = k.point
             LEFT JOIN readings d ON d.run = v.run AND d.track = v.track"
        ),
    ]
}

/// A day of every camera: two lines, two ways, four classes, 96 quarters, 14 road users each.
fn counts_of(day: i64) -> String {
    format!(
        "INSERT INTO counts (run, camera, line, way, movement, class, quarter_at_us, count, coverage)
         {} SELECT 1 + i % {CAMERAS}, {},
             CASE i / {CAMERAS} % 2 WHEN 0 THEN 'bac' ELSE 'nam' END,
             CASE i / {CAMERAS} / 2 % 2 WHEN 0 THEN 'forward' ELSE 'back' END, NULL,
             CASE i / {CAMERAS} / 4 % 4 WHEN 0 THEN 'motorbike' WHEN 1 THEN 'car' WHEN 2 THEN 'bus'
                 ELSE 'truck' END,
             {BEGIN_US} + {day} * {DAY_US} + i / {CAMERAS} / 16 * 900000000,
             i * 7919 % 29, 1.0
         FROM n",
        numbers(CAMERAS * 16 * 96),
        camera("i")
    )
}
