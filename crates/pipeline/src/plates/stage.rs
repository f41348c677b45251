//! Reads plates on a thread of its own: cuts crops out of frames, has them looked at, stores readings,
//! and sends violations on to be proven with what was read.
//!
//! It gets everything over one channel in the judge's order, so that its results depend on nothing
//! else. Frames come only where something is to be cut out of them, and are let go at once.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use giaolo_domain::{
    CameraId, FrameTime, PlateReading, PlateVerdict, RoadUserClass, TimeOrigin, TrackId,
    TrackSummary, Unreadable, UtcTime,
};
use giaolo_media::{Frame, Scaler};
use giaolo_store::{AlertRow, ReadingRow, RunId, Store};
use serde::Serialize;

use super::{
    desk::{Desk, Eyes, TrackReading},
    look::Crop,
    select::Wish,
    summary::PlateTotals,
    zone::SeenBox,
};
use crate::{
    clock::now,
    error::PipelineError,
    evidence_stage::{Job, Task},
    metrics::{CameraMetrics, Stage},
    outputs::WholeFile,
};

/// Readings that nobody waits for are stored together.
const STORED_TOGETHER: usize = 256;

/// What the judge tells, in its order.
pub(crate) enum Sight {
    /// Parts of a frame are worth keeping, or tracks will hardly be seen better.
    Frame(Sighted),
    /// A rule fired on a track.
    Raised(TrackId),
    /// A track ended; and why nothing of it was worth keeping, where nothing was.
    Ended(TrackSummary, Unreadable),
    /// Prove a violation, with what was read of its track; and why nothing of that was worth keeping.
    Prove(Box<Job>, Unreadable),
}

/// A frame with what is to be cut out of it.
pub(crate) struct Sighted {
    pub at: FrameTime,
    /// Absent where nothing is wished.
    pub frame: Option<Frame>,
    pub wishes: Vec<Wish>,
    pub due: Vec<TrackId>,
    /// All tracks in the frame.
    pub boxes: Arc<[SeenBox]>,
}

/// What the stage works with.
pub(crate) struct PlateStage<'a, E> {
    pub desk: Desk<'a, E>,
    pub store: &'a Store,
    pub runtime: &'a tokio::runtime::Runtime,
    pub run: RunId,
    pub camera: &'a CameraId,
    pub origin: TimeOrigin,
    pub metrics: &'a CameraMetrics,
    /// `readings.jsonl`
    pub readings: WholeFile,
    pub tasks: Sender<Task>,
}

/// What the stage gave.
pub(crate) struct Plated {
    pub readings: WholeFile,
    pub totals: PlateTotals,
}

/// A line of `readings.jsonl`.
#[derive(Serialize)]
struct ReadingLine<'a> {
    camera: &'a CameraId,
    track: TrackId,
    class: RoadUserClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<UtcTime>,
    #[serde(flatten)]
    reading: &'a PlateReading,
}

impl<E: Eyes> PlateStage<'_, E> {
    /// Runs until nothing comes any more.
    ///
    /// # Errors
    /// Where a model fails, or a reading cannot be stored or written.
    pub(crate) fn run(mut self, sights: &Receiver<Sight>) -> Result<Plated, PipelineError> {
        let metrics = self.metrics;
        let mut scaler = Scaler::new();
        let mut alerts = 0;
        let mut waiting: Vec<ReadingRow> = Vec::new();
        for sight in sights {
            let prove = metrics.timed(Stage::Plates, || self.take(&mut scaler, sight))?;
            if let Some(job) = prove
                && self.tasks.send(Task::Prove(*job)).is_err()
            {
                // The evidence stage tells its own error; the judge ends when this one is gone.
                break;
            }
            alerts += self.hand_on(&mut waiting, false)?;
        }
        metrics.timed(Stage::Plates, || self.desk.finish())?;
        alerts += self.hand_on(&mut waiting, true)?;
        let mut totals = self.desk.totals().clone().with_means(metrics.cpu_s(Stage::Plates));
        totals.alerts = alerts;
        Ok(Plated { readings: self.readings, totals })
    }

    /// Takes in what the judge tells; gives back a violation that is ready to be proven.
    fn take(
        &mut self,
        scaler: &mut Scaler,
        sight: Sight,
    ) -> Result<Option<Box<Job>>, PipelineError> {
        match sight {
            Sight::Frame(sighted) => self.look_at(scaler, sighted)?,
            Sight::Raised(track) => self.desk.raised(track)?,
            Sight::Ended(summary, missed) => self.desk.ended(&summary, missed)?,
            Sight::Prove(mut job, missed) => {
                let (track, class) = (job.violation.track, job.violation.class);
                job.plate = self.desk.reading_now(track, class, missed)?;
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    fn look_at(&mut self, scaler: &mut Scaler, sighted: Sighted) -> Result<(), PipelineError> {
        let Sighted { at, frame, wishes, due, boxes } = sighted;
        self.desk.advance(at.time)?;
        if let Some(frame) = frame {
            for wish in wishes.into_iter().filter(|wish| self.desk.wants(wish)).collect::<Vec<_>>()
            {
                let rect = wish.crop;
                let picture = scaler.rgb_small(&frame, rect)?;
                let crop = Crop { at, picture, rect, frame: (frame.width(), frame.height()) };
                self.desk.offer(wish, crop, Arc::clone(&boxes))?;
            }
        }
        due.into_iter().try_for_each(|track| self.desk.due(track))
    }

    /// Writes and stores new readings: what can be read at once, because somebody may be watching for
    /// it, the others together. Returns how many alerts it raised.
    fn hand_on(&mut self, waiting: &mut Vec<ReadingRow>, all: bool) -> Result<u64, PipelineError> {
        let mut is_urgent = false;
        for read in self.desk.take_new() {
            if read.ended {
                self.write(&read)?;
            }
            is_urgent |= read.reading.verdict != PlateVerdict::Unreadable;
            let TrackReading { track, class, first, last, reading, .. } = read;
            // Of one track only the last is of use.
            waiting.retain(|row| row.track != track);
            waiting.push(ReadingRow { track, class, first, last, reading });
        }
        if waiting.is_empty() || !(is_urgent || all || waiting.len() >= STORED_TOGETHER) {
            return Ok(0);
        }
        let stored = self.store.insert_readings(self.run, waiting, now());
        let alerts = self.runtime.block_on(stored)?;
        waiting.clear();
        for alert in &alerts {
            warn_of(alert);
        }
        Ok(alerts.len() as u64)
    }

    fn write(&mut self, read: &TrackReading) -> Result<(), PipelineError> {
        let reading = &read.reading;
        let knows_day = self.origin.clock != giaolo_domain::ClockSource::Unknown;
        let line = ReadingLine {
            camera: self.camera,
            track: read.track,
            class: read.class,
            read_at: reading
                .best
                .filter(|_| knows_day)
                .map(|best| self.origin.start.plus(best.at.time)),
            reading,
        };
        let line = serde_json::to_string(&line)
            .map_err(|error| PipelineError::Stage { stage: "plates", reason: error.to_string() })?;
        self.readings.line(&line)
    }
}

/// The plate itself is in the store, behind the audit log; a log file is open to anybody.
fn warn_of(alert: &AlertRow) {
    tracing::warn!(
        alert = alert.id.0,
        camera = %alert.camera,
        track = %alert.track,
        read_at = %alert.read_at,
        "a vehicle on the watch list was read"
    );
}

#[cfg(test)]
mod tests;
