//! Runs: one analysis of one source, from its beginning to its end or to whoever takes it over.

use giaolo_domain::{CameraId, ClockSource, MediaTime, TimeOrigin, UtcTime};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    db::{Database, Row, Transaction},
    value::Value,
};

/// A run's number; never used twice in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What is known when an analysis begins.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Whose footage.
    pub camera: CameraId,
    /// The file's name, or the address without its password.
    pub source_name: String,
    /// SHA-256 of the source, lower-case hexadecimal.
    pub source_sha256: String,
    /// The scene it runs under; put before with [`Store::put_scene_version`].
    pub scene_sha256: String,
    /// The model's name in the registry.
    pub model: String,
    /// This program's version.
    pub program_version: String,
    /// Now.
    pub started_at: UtcTime,
    /// When the source's first frame was taken.
    pub origin: TimeOrigin,
}

/// What is known when an analysis is complete.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunEnd {
    /// Now.
    pub finished_at: UtcTime,
    /// Frames analysed.
    pub frames: u64,
    /// Length of the source.
    pub media_duration: MediaTime,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way, or killed: nobody was there to say.
    Running,
    /// Everything was analysed and stored.
    Complete,
    /// Given up, with a reason.
    Failed,
}

/// A run as the store knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its number.
    pub id: RunId,
    /// What was known when it began.
    pub begun: NewRun,
    /// How far it has come.
    pub state: RunState,
    /// What was known at its end, where it is complete.
    pub end: Option<RunEnd>,
    /// Why it failed, where it did.
    pub failure: Option<String>,
}

impl Store {
    /// Begins a run.
    ///
    /// An unfinished run of the same camera, source, scene and model is taken over in the same
    /// transaction: its tracks, crossings, readings, coverage and counts are removed, its violations
    /// with their evidence and its alerts move to the new run, and its number is gone, so that a
    /// program that still works on it is refused with [`StoreError::NotRunning`].
    ///
    /// # Errors
    /// [`StoreError::UnknownScene`] where the scene version was not put before.
    pub async fn begin_run(&self, run: &NewRun) -> Result<RunId, StoreError> {
        let db = &self.database;
        let mut transaction = db.begin("beginning a run").await?;
        transaction.lock_against_writers("runs").await?;
        let scene = transaction
            .fetch_optional(
                "SELECT sha256 FROM scene_versions WHERE camera = $1 AND sha256 = $2",
                vec![Value::text(run.camera.as_str()), Value::text(&run.scene_sha256)],
            )
            .await?;
        if scene.is_none() {
            return Err(StoreError::UnknownScene {
                database: db.name.clone(),
                camera: run.camera.as_str().to_owned(),
                sha256: run.scene_sha256.clone(),
            });
        }
        let unfinished = remove_unfinished(db, &mut transaction, run).await?;
        let sql = "INSERT INTO runs (camera, source_name, source_sha256, scene_sha256, model,
                       program_version, started_at_us, origin_at_us, origin_clock,
                       origin_uncertainty_s)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
        let values = vec![
            Value::text(run.camera.as_str()),
            Value::text(&run.source_name),
            Value::text(&run.source_sha256),
            Value::text(&run.scene_sha256),
            Value::text(&run.model),
            Value::text(&run.program_version),
            Value::time(run.started_at),
            Value::time(run.origin.start),
            Value::word(run.origin.clock)?,
            Value::Real(run.origin.uncertainty_s),
        ];
        let row = transaction.fetch_optional(sql, values).await?;
        let row = row.ok_or_else(|| db.unreadable("id", "no row"))?;
        let id = RunId(db.integer(&row, "id")?);
        if let Some(old) = unfinished {
            for sql in [
                "UPDATE violations SET run = $1 WHERE run = $2",
                "UPDATE alerts SET run = $1 WHERE run = $2",
            ] {
                transaction.execute(sql, vec![id.value(), old.value()]).await?;
            }
            tracing::info!(run = id.0, taken_over = old.0, "took over an unfinished run");
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Says that a run is complete. From here on its counts speak for its source.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`].
    pub async fn finish_run(&self, run: RunId, end: &RunEnd) -> Result<(), StoreError> {
        let sql = "UPDATE runs SET state = 'complete', finished_at_us = $2, frames = $3,
                       media_duration_us = $4
                   WHERE id = $1 AND state = 'running'";
        let values = vec![
            run.value(),
            Value::time(end.finished_at),
            Value::unsigned(end.frames)?,
            Value::Integer(Some(end.media_duration.0)),
        ];
        self.end_run("finishing a run", run, sql, values).await
    }

    /// Says that a run was given up, and why. The next run of the same work takes it over.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`].
    pub async fn fail_run(&self, run: RunId, at: UtcTime, why: &str) -> Result<(), StoreError> {
        let sql = "UPDATE runs SET state = 'failed', finished_at_us = $2, failure = $3
                   WHERE id = $1 AND state = 'running'";
        let values = vec![run.value(), Value::time(at), Value::text(why)];
        self.end_run("failing a run", run, sql, values).await
    }

    /// A run by its number.
    pub async fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM runs WHERE id = $1";
        let rows = db.fetch("reading a run", sql, vec![run.value()]).await?;
        rows.first().map(|row| read_run(db, row)).transpose()
    }

    async fn end_run(
        &self,
        doing: &'static str,
        run: RunId,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin(doing).await?;
        if transaction.execute(sql, values).await? == 0 {
            return Err(self.not_running(run));
        }
        transaction.commit().await
    }

    pub(crate) fn not_running(&self, run: RunId) -> StoreError {
        StoreError::NotRunning { database: self.database.name.clone(), run: run.0 }
    }

    /// The camera and origin of a run that may still be written to, kept from being taken over until
    /// the transaction ends.
    pub(crate) async fn hold_run(
        &self,
        transaction: &mut Transaction<'_>,
        run: RunId,
    ) -> Result<HeldRun, StoreError> {
        let db = &self.database;
        let sql = format!(
            "SELECT camera, origin_at_us FROM runs WHERE id = $1 AND state = 'running'{}",
            transaction.row_lock()
        );
        let row = transaction.fetch_optional(sql, vec![run.value()]).await?;
        let row = row.ok_or_else(|| self.not_running(run))?;
        Ok(HeldRun { camera: db.text(&row, "camera")?, origin: db.time(&row, "origin_at_us")? })
    }
}

pub(crate) struct HeldRun {
    pub(crate) camera: String,
    pub(crate) origin: UtcTime,
}

impl RunId {
    pub(crate) fn value(self) -> Value {
        Value::Integer(Some(self.0))
    }
}

/// Removes the unfinished run of the same work, but for its violations and alerts, and returns its number.
async fn remove_unfinished(
    db: &Database,
    transaction: &mut Transaction<'_>,
    run: &NewRun,
) -> Result<Option<RunId>, StoreError> {
    let sql = format!(
        "SELECT id FROM runs WHERE camera = $1 AND source_sha256 = $2 AND scene_sha256 = $3
             AND model = $4 AND state <> 'complete'{}",
        transaction.row_lock()
    );
    let values = vec![
        Value::text(run.camera.as_str()),
        Value::text(&run.source_sha256),
        Value::text(&run.scene_sha256),
        Value::text(&run.model),
    ];
    let Some(row) = transaction.fetch_optional(sql, values).await? else {
        return Ok(None);
    };
    let old = RunId(db.integer(&row, "id")?);
    for sql in [
        "DELETE FROM tracks WHERE run = $1",
        "DELETE FROM crossings WHERE run = $1",
        "DELETE FROM reading_forms WHERE run = $1",
        "DELETE FROM readings WHERE run = $1",
        "DELETE FROM counts WHERE run = $1",
        "DELETE FROM coverage WHERE run = $1",
        "DELETE FROM runs WHERE id = $1",
    ] {
        transaction.execute(sql, vec![old.value()]).await?;
    }
    Ok(Some(old))
}

fn read_run(db: &Database, row: &Row) -> Result<RunRow, StoreError> {
    let state: RunState = db.word(row, "state")?;
    let end = match state {
        RunState::Complete => Some(RunEnd {
            finished_at: db.time(row, "finished_at_us")?,
            frames: db.unsigned(row, "frames")?,
            media_duration: MediaTime(db.integer(row, "media_duration_us")?),
        }),
        RunState::Running | RunState::Failed => None,
    };
    Ok(RunRow {
        id: RunId(db.integer(row, "id")?),
        begun: NewRun {
            camera: CameraId::new(db.text(row, "camera")?),
            source_name: db.text(row, "source_name")?,
            source_sha256: db.text(row, "source_sha256")?,
            scene_sha256: db.text(row, "scene_sha256")?,
            model: db.text(row, "model")?,
            program_version: db.text(row, "program_version")?,
            started_at: db.time(row, "started_at_us")?,
            origin: TimeOrigin {
                start: db.time(row, "origin_at_us")?,
                clock: db.word::<ClockSource>(row, "origin_clock")?,
                uncertainty_s: db.maybe_real(row, "origin_uncertainty_s")?,
            },
        },
        state,
        end,
        failure: db.maybe_text(row, "failure")?,
    })
}
