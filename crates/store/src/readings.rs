//! Plate readings as a run gives them: one for a track, replaced as its looks add up.
//!
//! A doubtful reading is also stored under what else it may be (`reading_forms`), so that a search for
//! that finds it. An unreadable plate is stored without one.

use std::collections::BTreeSet;

use giaolo_domain::{
    CameraId, ClockSource, MediaTime, PlateReading, PlateVerdict, RoadUserClass, TrackId, UtcTime,
};

use crate::{
    AlertRow, RunId, Store, StoreError,
    db::{Database, Row, Transaction},
    reading_check::{check_reading, further_forms},
    runs::HeldRun,
    value::{Value, places, signed, value_places},
};

/// A track's reading, to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadingRow {
    /// Whose plate.
    pub track: TrackId,
    /// Its class.
    pub class: RoadUserClass,
    /// The track's first moment.
    pub first: MediaTime,
    /// Its last moment so far.
    pub last: MediaTime,
    /// What its looks say together.
    pub reading: PlateReading,
}

/// A reading as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredReading {
    /// The run that read it.
    pub run: RunId,
    /// The run's camera.
    pub camera: CameraId,
    /// What was stored.
    pub row: ReadingRow,
    /// The track's first moment in the world.
    pub first_at: UtcTime,
    /// Its last.
    pub last_at: UtcTime,
    /// When the best look was taken; without one, `last_at`.
    pub read_at: UtcTime,
    /// The clock that all three come from; with [`ClockSource::Unknown`] they count from 1970.
    pub clock: ClockSource,
    /// How far off that clock may be, in seconds; `None` where nobody can say.
    pub clock_uncertainty_s: Option<f64>,
    /// Ids of the violations that this run found of the same track.
    pub violations: Vec<String>,
}

/// A reading that passed every check, with what is derived from it.
pub(crate) struct Prepared<'r> {
    pub(crate) row: &'r ReadingRow,
    pub(crate) read_at: UtcTime,
    pub(crate) forms: BTreeSet<String>,
    values: Vec<Value>,
}

impl Prepared<'_> {
    /// Every plate that it is or may be, its own text first; none where unreadable.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let own = Some(self.row.reading.text.as_str()).filter(|text| !text.is_empty());
        own.into_iter().chain(self.forms.iter().map(String::as_str))
    }
}

const COLUMNS: [&str; 21] = [
    "run",
    "track",
    "camera",
    "class",
    "verdict",
    "unreadable",
    "plate",
    "printed",
    "kind",
    "manual",
    "score",
    "layout",
    "colour",
    "width_px",
    "looks",
    "votes",
    "best_frame",
    "first_at_us",
    "last_at_us",
    "read_at_us",
    "facts",
];

impl Store {
    /// Stores readings of a run, all or none, each in place of the one that its track had, and checks
    /// them against the watch list. Cases of the same tracks that nobody has decided or mended follow
    /// them. Returns the alerts that were raised; `now` is their time, and
    /// entries that expired before it raise none.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`]; [`StoreError::Value`] for a reading that contradicts itself or
    /// holds what is no plate's text; [`StoreError::Query`] where a track is given twice.
    pub async fn insert_readings(
        &self,
        run: RunId,
        rows: &[ReadingRow],
        now: UtcTime,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let mut transaction = self.database.begin("storing plate readings").await?;
        let held = self.hold_run(&mut transaction, run).await?;
        let mut prepared = Vec::with_capacity(rows.len());
        for row in rows {
            prepared.push(prepare(run, &held, row)?);
        }
        remove(&mut transaction, run, &prepared).await?;
        insert(&mut transaction, run, &prepared).await?;
        self.follow_readings(&mut transaction, run, &prepared).await?;
        let alerts = self.raise_alerts(&mut transaction, run, &held.camera, &prepared, now).await?;
        transaction.commit().await?;
        Ok(alerts)
    }

    /// Stores one reading as soon as it is read; as [`Store::insert_readings`].
    ///
    /// # Errors
    /// As [`Store::insert_readings`].
    pub async fn insert_reading(
        &self,
        run: RunId,
        row: &ReadingRow,
        now: UtcTime,
    ) -> Result<Vec<AlertRow>, StoreError> {
        self.insert_readings(run, std::slice::from_ref(row), now).await
    }

    /// The readings of a run, by track: what the run itself found, for its own results and tests.
    /// A person's look at them goes through [`Store::search_plates`].
    pub async fn readings_of_run(&self, run: RunId) -> Result<Vec<StoredReading>, StoreError> {
        let sql = format!("{SELECT} FROM readings d {JOIN_RUN} WHERE d.run = $1 ORDER BY d.track");
        self.read_readings(sql, vec![run.value()]).await
    }

    /// The reading of a track, for its case; `None` where its plate was never tried.
    pub async fn reading_of_track(
        &self,
        run: RunId,
        track: TrackId,
    ) -> Result<Option<StoredReading>, StoreError> {
        let sql = format!("{SELECT} FROM readings d {JOIN_RUN} WHERE d.run = $1 AND d.track = $2");
        let values = vec![run.value(), Value::unsigned(track.0)?];
        Ok(self.read_readings(sql, values).await?.pop())
    }

    /// The readings of tracks, in no order.
    pub(crate) async fn readings_of_tracks(
        &self,
        tracks: &[(i64, i64)],
    ) -> Result<Vec<StoredReading>, StoreError> {
        let mut readings = Vec::with_capacity(tracks.len());
        for chunk in tracks.chunks(500) {
            let sql = format!("{SELECT} FROM {} {JOIN_RUN}", of_tracks("readings", chunk.len()));
            readings.extend(self.read_readings(sql, track_values(chunk)).await?);
        }
        Ok(readings)
    }

    async fn read_readings(
        &self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<StoredReading>, StoreError> {
        let db = &self.database;
        let rows = db.fetch("reading plate readings", sql, values).await?;
        let mut readings = Vec::with_capacity(rows.len());
        for row in &rows {
            readings.push(read_reading(db, row)?);
        }
        self.add_violations(&mut readings).await?;
        Ok(readings)
    }

    async fn add_violations(&self, readings: &mut [StoredReading]) -> Result<(), StoreError> {
        let db = &self.database;
        let mut found: Vec<(RunId, TrackId, String)> = Vec::new();
        for chunk in readings.chunks(500) {
            let mut tracks = Vec::with_capacity(chunk.len());
            for reading in chunk {
                tracks.push((reading.run.0, signed(reading.row.track.0)?));
            }
            let from = of_tracks("violations", tracks.len());
            let sql = format!("SELECT d.run, d.track, d.id FROM {from} ORDER BY d.id");
            let rows = db.fetch("reading violations of plates", sql, track_values(&tracks)).await?;
            for row in &rows {
                let run = RunId(db.integer(row, "run")?);
                found.push((run, TrackId(db.unsigned(row, "track")?), db.text(row, "id")?));
            }
        }
        for (run, track, id) in found {
            let of_track = readings.iter_mut().find(|r| r.run == run && r.row.track == track);
            if let Some(reading) = of_track {
                reading.violations.push(id);
            }
        }
        Ok(())
    }
}

const SELECT: &str = "SELECT d.run, d.track, d.camera, d.class, d.first_at_us, d.last_at_us,
    d.read_at_us, d.facts, r.origin_at_us, r.origin_clock, r.origin_uncertainty_s";
const JOIN_RUN: &str = "JOIN runs r ON r.id = d.run";

/// Rows of a table by run and track, found by its index on both. Both databases name the columns of
/// bare values alike.
pub(crate) fn of_tracks(table: &str, tracks: usize) -> String {
    let keys = value_places(tracks, 2);
    format!("(VALUES {keys}) AS k JOIN {table} d ON d.run = k.column1 AND d.track = k.column2")
}

pub(crate) fn track_values(tracks: &[(i64, i64)]) -> Vec<Value> {
    tracks
        .iter()
        .flat_map(|(run, track)| [Value::Integer(Some(*run)), Value::Integer(Some(*track))])
        .collect()
}

fn prepare<'r>(
    run: RunId,
    held: &HeldRun,
    row: &'r ReadingRow,
) -> Result<Prepared<'r>, StoreError> {
    let reading = &row.reading;
    check_reading(row)?;
    let first_at = held.origin.plus(row.first);
    let last_at = held.origin.plus(row.last);
    let read_at = reading.best.map_or(last_at, |best| held.origin.plus(best.at.time));
    let readable = reading.verdict != PlateVerdict::Unreadable;
    let text = |text: &str| Value::Text(readable.then(|| text.to_owned()));
    let best_frame = match reading.best {
        Some(best) => Value::unsigned(best.at.frame)?,
        None => Value::Integer(None),
    };
    let values = vec![
        run.value(),
        Value::unsigned(row.track.0)?,
        Value::text(&held.camera),
        Value::word(row.class)?,
        Value::word(reading.verdict)?,
        Value::Text(reading.unreadable.map(|why| why.as_str().to_owned())),
        text(&reading.text),
        text(&reading.printed),
        Value::Text(reading.kind.clone()),
        Value::Integer(Some(i64::from(reading.manual))),
        Value::real(reading.score),
        Value::Text(reading.layout.map(|layout| layout.as_str().to_owned())),
        Value::Text(reading.colour.map(|colour| colour.as_str().to_owned())),
        Value::real(reading.width_px),
        Value::Integer(Some(i64::from(reading.looks))),
        Value::Integer(Some(i64::from(reading.votes))),
        best_frame,
        Value::time(first_at),
        Value::time(last_at),
        Value::time(read_at),
        facts(reading)?,
    ];
    Ok(Prepared { row, read_at, forms: further_forms(reading), values })
}

/// By way of its text, in which an `f32` has the fewest digits that say it: as a number it would
/// come out with seventeen, and scores are most of a reading.
pub(crate) fn facts(reading: &PlateReading) -> Result<Value, StoreError> {
    let unserialisable = |error: serde_json::Error| StoreError::Value {
        what: format!("the reading `{}`", reading.text),
        problem: error.to_string(),
    };
    let text = serde_json::to_string(reading).map_err(unserialisable)?;
    serde_json::from_str(&text).map(Value::Json).map_err(unserialisable)
}

async fn remove(
    transaction: &mut Transaction<'_>,
    run: RunId,
    readings: &[Prepared<'_>],
) -> Result<(), StoreError> {
    for chunk in readings.chunks(8000) {
        for table in ["reading_forms", "readings"] {
            let tracks = places(1, chunk.len());
            let sql = format!("DELETE FROM {table} WHERE run = $1 AND track IN ({tracks})");
            let mut values = vec![run.value()];
            for reading in chunk {
                values.push(Value::unsigned(reading.row.track.0)?);
            }
            transaction.execute(sql, values).await?;
        }
    }
    Ok(())
}

async fn insert(
    transaction: &mut Transaction<'_>,
    run: RunId,
    readings: &[Prepared<'_>],
) -> Result<(), StoreError> {
    // In order: two writers who add the same plates the other way round would wait for each other.
    let mut plates: BTreeSet<&str> = BTreeSet::new();
    for reading in readings {
        plates.extend(reading.texts());
    }
    let plates = plates
        .into_iter()
        .map(|text| vec![Value::text(text), Value::text(text.chars().rev().collect::<String>())])
        .collect();
    let once = "ON CONFLICT (text) DO NOTHING";
    transaction.insert_rows_unless("plates", &["text", "reversed"], plates, once).await?;
    let rows = readings.iter().map(|reading| reading.values.clone()).collect();
    transaction.insert_rows("readings", &COLUMNS, rows).await?;
    let mut forms = Vec::new();
    for reading in readings {
        for form in &reading.forms {
            forms.push(vec![
                Value::text(form),
                Value::time(reading.read_at),
                run.value(),
                Value::unsigned(reading.row.track.0)?,
            ]);
        }
    }
    let columns = ["plate", "read_at_us", "run", "track"];
    transaction.insert_rows("reading_forms", &columns, forms).await
}

fn read_reading(db: &Database, row: &Row) -> Result<StoredReading, StoreError> {
    let first_at = db.time(row, "first_at_us")?;
    let last_at = db.time(row, "last_at_us")?;
    let origin = db.integer(row, "origin_at_us")?;
    let since_origin = |time: UtcTime| MediaTime(time.micros().saturating_sub(origin));
    Ok(StoredReading {
        run: RunId(db.integer(row, "run")?),
        camera: CameraId::new(db.text(row, "camera")?),
        row: ReadingRow {
            track: TrackId(db.unsigned(row, "track")?),
            class: db.word(row, "class")?,
            first: since_origin(first_at),
            last: since_origin(last_at),
            reading: db.json(row, "facts")?,
        },
        first_at,
        last_at,
        read_at: db.time(row, "read_at_us")?,
        clock: db.word(row, "origin_clock")?,
        clock_uncertainty_s: db.maybe_real(row, "origin_uncertainty_s")?,
        violations: Vec::new(),
    })
}
