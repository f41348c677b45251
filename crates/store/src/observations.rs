//! What a run saw: tracks in one row each, and crossings.

use giaolo_domain::{
    Crossing, FrameTime, LineId, MediaTime, MovementId, PixelBox, PixelPoint, TrackId,
    TrackSummary, UtcTime,
};

use crate::{
    RunId, Store, StoreError,
    db::{Database, Row},
    value::Value,
};

/// A crossing and when in the world it was.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredCrossing {
    /// The crossing.
    pub crossing: Crossing,
    /// The run's origin and the crossing's media time together.
    pub crossed_at: UtcTime,
}

impl Store {
    /// Adds tracks to a run, all or none.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`]; [`StoreError::Query`] where a track is there already.
    pub async fn insert_tracks(
        &self,
        run: RunId,
        tracks: &[TrackSummary],
    ) -> Result<(), StoreError> {
        let columns = [
            "run",
            "track",
            "class",
            "class_share",
            "first_frame",
            "last_frame",
            "first_us",
            "last_us",
            "detections",
            "mean_score",
            "first_box",
            "last_box",
        ];
        let mut rows = Vec::with_capacity(tracks.len());
        for track in tracks {
            rows.push(vec![
                run.value(),
                Value::unsigned(track.track.0)?,
                Value::word(track.class)?,
                Value::real(track.class_share),
                Value::unsigned(track.first_frame)?,
                Value::unsigned(track.last_frame)?,
                Value::Integer(Some(track.first_time.0)),
                Value::Integer(Some(track.last_time.0)),
                Value::Integer(Some(i64::from(track.detections))),
                Value::real(track.mean_score),
                box_value(track.track, track.first_box)?,
                box_value(track.track, track.last_box)?,
            ]);
        }
        let mut transaction = self.database.begin("inserting tracks").await?;
        self.hold_run(&mut transaction, run).await?;
        transaction.insert_rows("tracks", &columns, rows).await?;
        transaction.commit().await
    }

    /// The tracks of a run, by number.
    pub async fn tracks(&self, run: RunId) -> Result<Vec<TrackSummary>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM tracks WHERE run = $1 ORDER BY track";
        let rows = db.fetch("reading tracks", sql, vec![run.value()]).await?;
        rows.iter().map(|row| read_track(db, row)).collect()
    }

    /// Adds crossings to a run, all or none. When they were follows from the run's origin.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`]; [`StoreError::Query`] where the track's crossing of that line that
    /// way is there already.
    pub async fn insert_crossings(
        &self,
        run: RunId,
        crossings: &[Crossing],
    ) -> Result<(), StoreError> {
        let columns = [
            "run",
            "track",
            "line",
            "way",
            "camera",
            "frame",
            "media_us",
            "crossed_at_us",
            "class",
            "confidence",
            "x",
            "y",
            "confirmed_frame",
            "confirmed_us",
            "movement",
            "speed_kmh",
        ];
        let mut transaction = self.database.begin("inserting crossings").await?;
        let held = self.hold_run(&mut transaction, run).await?;
        let mut rows = Vec::with_capacity(crossings.len());
        for crossing in crossings {
            let movement = crossing.movement.as_ref();
            rows.push(vec![
                run.value(),
                Value::unsigned(crossing.track.0)?,
                Value::text(crossing.line.as_str()),
                Value::word(crossing.way)?,
                Value::text(&held.camera),
                Value::unsigned(crossing.at.frame)?,
                Value::Integer(Some(crossing.at.time.0)),
                Value::time(held.origin.plus(crossing.at.time)),
                Value::word(crossing.class)?,
                Value::real(crossing.confidence),
                Value::real(crossing.point.x),
                Value::real(crossing.point.y),
                Value::unsigned(crossing.confirmed.frame)?,
                Value::Integer(Some(crossing.confirmed.time.0)),
                Value::Text(movement.map(|movement| movement.as_str().to_owned())),
                Value::Real(crossing.speed_kmh.map(f64::from)),
            ]);
        }
        transaction.insert_rows("crossings", &columns, rows).await?;
        transaction.commit().await
    }

    /// The crossings of a run, in order of frame, track, line and way.
    pub async fn crossings(&self, run: RunId) -> Result<Vec<StoredCrossing>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM crossings WHERE run = $1 ORDER BY frame, track, line, way";
        let rows = db.fetch("reading crossings", sql, vec![run.value()]).await?;
        rows.iter().map(|row| read_crossing(db, row)).collect()
    }
}

/// JSON has no NaN: it would come out as `null` and be found only when somebody reads it.
fn box_value(track: TrackId, bbox: PixelBox) -> Result<Value, StoreError> {
    let edges: [f32; 4] = bbox.into();
    if !edges.iter().all(|edge| edge.is_finite()) {
        return Err(StoreError::Value {
            what: format!("the box {edges:?} of track {track}"),
            problem: "it is not finite".to_owned(),
        });
    }
    Value::json(edges)
}

fn read_track(db: &Database, row: &Row) -> Result<TrackSummary, StoreError> {
    let detections = db.unsigned(row, "detections")?;
    Ok(TrackSummary {
        track: TrackId(db.unsigned(row, "track")?),
        class: db.word(row, "class")?,
        class_share: single(db.real(row, "class_share")?),
        first_frame: db.unsigned(row, "first_frame")?,
        last_frame: db.unsigned(row, "last_frame")?,
        first_time: MediaTime(db.integer(row, "first_us")?),
        last_time: MediaTime(db.integer(row, "last_us")?),
        detections: u32::try_from(detections)
            .map_err(|_| db.unreadable("detections", detections.to_string()))?,
        mean_score: single(db.real(row, "mean_score")?),
        first_box: db.json(row, "first_box")?,
        last_box: db.json(row, "last_box")?,
    })
}

fn read_crossing(db: &Database, row: &Row) -> Result<StoredCrossing, StoreError> {
    let frame_time = |frame, time| -> Result<FrameTime, StoreError> {
        Ok(FrameTime { frame: db.unsigned(row, frame)?, time: MediaTime(db.integer(row, time)?) })
    };
    Ok(StoredCrossing {
        crossing: Crossing {
            at: frame_time("frame", "media_us")?,
            track: TrackId(db.unsigned(row, "track")?),
            line: LineId::new(db.text(row, "line")?),
            way: db.word(row, "way")?,
            class: db.word(row, "class")?,
            confidence: single(db.real(row, "confidence")?),
            point: PixelPoint::new(single(db.real(row, "x")?), single(db.real(row, "y")?)),
            confirmed: frame_time("confirmed_frame", "confirmed_us")?,
            movement: db.maybe_text(row, "movement")?.map(MovementId::new),
            speed_kmh: db.maybe_real(row, "speed_kmh")?.map(single),
        },
        crossed_at: db.time(row, "crossed_at_us")?,
    })
}

/// Back to the single precision it was stored from; every `f32` is an `f64`, so nothing is lost.
fn single(value: f64) -> f32 {
    value as f32
}
