//! Makes a town's readings inside the database: 39 cameras, four of five plates of the town's own
//! code, half of the readings of a twentieth of the vehicles, a tenth of them doubtful.
//!
//! The plates are made up by arithmetic from a number. Both databases run the same statements; both
//! are spared the upkeep of secondary indexes, which are made again at the end from their own
//! definitions, and foreign keys, which the arithmetic holds.

use std::str::FromStr;

use giaolo_domain::{
    FrameTime, MediaTime, PixelBox, PlateChar, PlateLayout, PlatePlace, PlateReading, PlateVerdict,
    Unreadable,
};
use giaolo_store::Store;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};

use crate::Failure;

/// Rows of one statement: a recursion is kept in memory.
const CHUNK: i64 = 500_000;
/// Readings of one camera and day; a run of its own.
const RUN: i64 = 5_000;
const CAMERAS: i64 = 39;
/// The first day's beginning, in September 2026.
pub const BEGIN_US: i64 = 1_790_000_000_000_000;
const DAY_US: i64 = 86_400_000_000;
/// Stand for the whole text, and with the numbers after it for its characters, until SQL puts them in.
const TEXT: char = '\u{e100}';
const FIRST_CHARACTER: u32 = 0xe200;

pub struct Town {
    pub readings: i64,
    pub plates: i64,
    pub forms: i64,
    /// Size of the database.
    pub bytes: i64,
    /// Plates of sure readings from all over.
    pub samples: Vec<String>,
}

/// Makes the tables and fills them.
pub async fn fill(url: &str, readings: i64) -> Result<Town, Failure> {
    Store::open(url).await?.close().await;
    let mut raw = Raw::open(url).await?;
    let mut indexes = raw.take_indexes().await?;
    for sql in register(readings) {
        raw.run(&sql).await?;
    }
    let mut from = 0;
    while from < readings {
        let until = readings.min(from + CHUNK);
        raw.run(&readings_of(&numbers(from, until), readings, raw.json())).await?;
        raw.run(&forms_of(&numbers(from, until), readings)).await?;
        from = until;
    }
    raw.run(PLATES).await?;
    indexes.sort();
    for index in &indexes {
        raw.run(index).await?;
    }
    let mut samples = Vec::new();
    for n in 0..12 {
        let (run, track) = place(n * readings / 12);
        let sql = format!(
            "SELECT plate FROM readings
             WHERE run = {run} AND track >= {track} AND verdict = 'sure' ORDER BY track LIMIT 1"
        );
        samples.extend(raw.texts(&sql).await?);
    }
    let mut number = async |sql: &str| -> Result<i64, Failure> {
        let text = raw.texts(sql).await?.pop().ok_or("no number")?;
        Ok(text.parse()?)
    };
    let plates = number("SELECT CAST(count(*) AS TEXT) FROM plates").await?;
    let forms = number("SELECT CAST(count(*) AS TEXT) FROM reading_forms").await?;
    let bytes = match url.starts_with("postgres") {
        true => number("SELECT CAST(pg_database_size(current_database()) AS TEXT)").await?,
        false => {
            let size = "SELECT CAST(page_count * page_size AS TEXT)
                        FROM pragma_page_count, pragma_page_size";
            number(size).await?
        }
    };
    raw.close().await?;
    Ok(Town { readings, plates, forms, bytes, samples })
}

/// Run and track of a reading's number.
fn place(number: i64) -> (i64, i64) {
    (1 + number / RUN, 1 + number % RUN)
}

fn numbers(from: i64, until: i64) -> String {
    format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT)
             UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {until})"
    )
}

/// Plates, of which every reading's number has one.
fn plates(readings: i64) -> i64 {
    (readings / 5).max(100)
}

/// `i`, `k` (the vehicle) and `t` (its plate) of each number.
fn vehicles(readings: i64) -> String {
    let plates = plates(readings);
    let often = plates / 20 + 1;
    format!(
        "(SELECT i, k,
             CASE WHEN k % 10 < 8 THEN '61' ELSE substr('505159727093', CAST(1 + k / 10 % 6 * 2 AS INTEGER), 2) END
             || substr('ABCDEFGHKLMNPSTUVXYZ', CAST(1 + k / 3 % 20 AS INTEGER), 1)
             || CASE WHEN k % 5 = 0 THEN '' ELSE CAST(1 + k / 60 % 9 AS TEXT) END
             || substr(CAST(100000 + k * 7919 % 100000 AS TEXT), 2) AS t
         FROM (SELECT i, CASE WHEN i % 2 = 0 THEN i / 2 * 2654435761 % {plates}
                              ELSE i / 2 * 40487 % {often} END AS k FROM n) AS numbered) AS v"
    )
}

fn register(readings: i64) -> [String; 3] {
    let scene = "0".repeat(64);
    let runs = (readings + RUN - 1) / RUN;
    let camera = |number: &str| format!("'TU' || CAST(10 + {number} % {CAMERAS} AS TEXT) || '-C1'");
    [
        format!("{} INSERT INTO cameras (id) SELECT {} FROM n", numbers(0, CAMERAS), camera("i")),
        format!(
            "INSERT INTO scene_versions (camera, sha256, toml, created_at_us, who, note)
             SELECT id, '{scene}', '', 0, 'bench', '' FROM cameras"
        ),
        format!(
            "{} INSERT INTO runs (camera, source_name, source_sha256, scene_sha256, model,
                 program_version, started_at_us, finished_at_us, state, origin_at_us, origin_clock,
                 origin_uncertainty_s, frames, media_duration_us)
             SELECT {}, 'day.mp4', substr('{scene}' || CAST(i AS TEXT),
                 1 + length(CAST(i AS TEXT))), '{scene}', 'm', '1', 0, 0, 'complete',
                 {BEGIN_US} + i / {CAMERAS} * {DAY_US}, 'operator', 0.5, 1, 1
             FROM n ORDER BY i",
            numbers(0, runs),
            camera("i"),
        ),
    ]
}

fn readings_of(numbers: &str, readings: i64, json: &str) -> String {
    let vehicles = vehicles(readings);
    let step = DAY_US / RUN;
    let [sure8, sure9, doubtful8, doubtful9, unreadable] = facts();
    format!(
        "INSERT INTO readings (run, track, camera, class, verdict, unreadable, plate, printed, kind,
             manual, score, layout, colour, width_px, looks, votes, best_frame, first_at_us,
             last_at_us, read_at_us, facts)
         {numbers}
         SELECT run, track, camera, 'motorbike', verdict,
             CASE WHEN readable = 1 THEN NULL ELSE 'too_small' END,
             CASE WHEN readable = 1 THEN t END, CASE WHEN readable = 1 THEN t END,
             CASE WHEN readable = 1 THEN 'moto' END, 0, 0.9, 'two-line', 'white', 78.4, 3, 2, 10,
             at - 400000, at + 600000, at,
             CAST(CASE WHEN readable = 0 THEN {unreadable}
                  WHEN verdict = 'sure' AND length(t) = 8 THEN {sure8}
                  WHEN verdict = 'sure' THEN {sure9}
                  WHEN length(t) = 8 THEN {doubtful8} ELSE {doubtful9} END AS {json})
         FROM (SELECT 1 + i / {RUN} AS run, 1 + i % {RUN} AS track,
                 'TU' || CAST(10 + i / {RUN} % {CAMERAS} AS TEXT) || '-C1' AS camera,
                 {BEGIN_US} + i / {RUN} / {CAMERAS} * {DAY_US} + i % {RUN} * {step} AS at,
                 CASE i % 20 WHEN 0 THEN 'unreadable' WHEN 1 THEN 'unreadable'
                     WHEN 2 THEN 'unreadable' WHEN 3 THEN 'doubtful' WHEN 4 THEN 'doubtful'
                     ELSE 'sure' END AS verdict,
                 CASE WHEN i % 20 < 3 THEN 0 ELSE 1 END AS readable, t
             FROM {vehicles}) AS told"
    )
}

/// The last digit of doubtful readings may be two others.
fn forms_of(numbers: &str, readings: i64) -> String {
    let vehicles = vehicles(readings);
    let step = DAY_US / RUN;
    format!(
        "INSERT INTO reading_forms (plate, read_at_us, run, track)
         {numbers}
         SELECT substr(t, 1, length(t) - 1)
                 || CAST((CAST(substr(t, length(t), 1) AS INTEGER) + more) % 10 AS TEXT),
             {BEGIN_US} + i / {RUN} / {CAMERAS} * {DAY_US} + i % {RUN} * {step},
             1 + i / {RUN}, 1 + i % {RUN}
         FROM {vehicles}, (SELECT 1 AS more UNION ALL SELECT 3) AS others
         WHERE i % 20 IN (3, 4)"
    )
}

const PLATES: &str = "INSERT INTO plates (text, reversed)
    SELECT t, substr(t, 9, 1) || substr(t, 8, 1) || substr(t, 7, 1) || substr(t, 6, 1)
        || substr(t, 5, 1) || substr(t, 4, 1) || substr(t, 3, 1) || substr(t, 2, 1)
        || substr(t, 1, 1)
    FROM (SELECT plate AS t FROM readings WHERE plate IS NOT NULL
          UNION SELECT plate FROM reading_forms) AS told
    ORDER BY t";

/// SQL for the facts of a sure and a doubtful reading of eight and nine characters, and of an
/// unreadable one: as the program writes them, with the plate's characters put in.
fn facts() -> [String; 5] {
    let written = |reading: &PlateReading| {
        let json = serde_json::to_string(reading).unwrap_or_default().replace('\'', "''");
        let mut sql = String::from("'");
        for c in json.chars() {
            match u32::from(c).checked_sub(FIRST_CHARACTER) {
                Some(place) if place < 16 => {
                    sql += &format!("' || substr(t, {}, 1) || '", place + 1)
                }
                _ if c == TEXT => sql += "' || t || '",
                _ => sql.push(c),
            }
        }
        sql + "'"
    };
    let read = |verdict, length| written(&reading(verdict, length));
    [
        read(PlateVerdict::Sure, 8),
        read(PlateVerdict::Sure, 9),
        read(PlateVerdict::Doubtful, 8),
        read(PlateVerdict::Doubtful, 9),
        written(&PlateReading::unreadable(Unreadable::TooSmall)),
    ]
}

fn reading(verdict: PlateVerdict, length: u32) -> PlateReading {
    let character = |place: u32| {
        let doubtful = verdict == PlateVerdict::Doubtful && place + 1 == length;
        PlateChar {
            symbol: char::from_u32(FIRST_CHARACTER + place).unwrap_or('?'),
            score: if doubtful { 0.5871 } else { 0.9934 },
            doubtful,
            read_as: None,
            others: if doubtful { vec![('1', 0.2312), ('3', 0.1022)] } else { Vec::new() },
        }
    };
    PlateReading {
        verdict,
        unreadable: None,
        text: TEXT.to_string(),
        printed: TEXT.to_string(),
        kind: Some("moto".to_owned()),
        score: 0.9871,
        characters: (0..length).map(character).collect(),
        raw: TEXT.to_string(),
        layout: Some(PlateLayout::TwoLine),
        looks: 3,
        votes: 2,
        width_px: 78.4,
        best: Some(PlatePlace {
            at: FrameTime { frame: 10, time: MediaTime(400_000) },
            bbox: PixelBox::new(812.5, 330.25, 890.75, 391.5),
        }),
        ..PlateReading::unreadable(Unreadable::Blurred)
    }
}

/// A connection past the store, which has no reason to write so much at once.
enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    async fn open(url: &str) -> Result<Self, Failure> {
        if url.starts_with("postgres") {
            let mut connection = PgConnectOptions::from_str(url)?.connect().await?;
            for sql in [
                "SET session_replication_role = replica",
                "SET work_mem = '1GB'",
                "SET maintenance_work_mem = '1GB'",
                "SET synchronous_commit = off",
            ] {
                connection.execute(sql).await?;
            }
            return Ok(Self::Postgres(connection));
        }
        let path = url.trim_start_matches("sqlite:");
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(false)
            .synchronous(SqliteSynchronous::Off)
            .pragma("cache_size", "-1000000");
        Ok(Self::Sqlite(options.connect().await?))
    }

    fn json(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "TEXT",
            Self::Postgres(_) => "JSONB",
        }
    }

    async fn run(&mut self, sql: &str) -> Result<(), Failure> {
        match self {
            Self::Sqlite(connection) => connection.execute(AssertSqlSafe(sql)).await.map(drop)?,
            Self::Postgres(connection) => connection.execute(AssertSqlSafe(sql)).await.map(drop)?,
        }
        Ok(())
    }

    /// The first column of an answer.
    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, Failure> {
        Ok(match self {
            Self::Sqlite(connection) => {
                let rows = connection.fetch_all(AssertSqlSafe(sql)).await?;
                rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
            }
            Self::Postgres(connection) => {
                let rows = connection.fetch_all(AssertSqlSafe(sql)).await?;
                rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
            }
        })
    }

    /// Drops the indexes that are no keys, and returns the statements that make them again.
    async fn take_indexes(&mut self) -> Result<Vec<String>, Failure> {
        let (names, definitions) = match self {
            Self::Sqlite(_) => (
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
                 AND tbl_name IN ('plates', 'readings', 'reading_forms') ORDER BY name",
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
                 AND tbl_name IN ('plates', 'readings', 'reading_forms') ORDER BY name",
            ),
            Self::Postgres(_) => (
                "SELECT indexname::text FROM pg_indexes WHERE indexname NOT LIKE '%_pkey'
                 AND tablename IN ('plates', 'readings', 'reading_forms') ORDER BY indexname",
                "SELECT indexdef FROM pg_indexes WHERE indexname NOT LIKE '%_pkey'
                 AND tablename IN ('plates', 'readings', 'reading_forms') ORDER BY indexname",
            ),
        };
        let definitions = self.texts(definitions).await?;
        for name in self.texts(names).await? {
            self.run(&format!("DROP INDEX {name}")).await?;
        }
        Ok(definitions)
    }

    async fn close(mut self) -> Result<(), Failure> {
        if let Self::Postgres(connection) = &mut self {
            // What a server does by itself within minutes.
            connection.execute("VACUUM ANALYZE").await?;
        }
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}
