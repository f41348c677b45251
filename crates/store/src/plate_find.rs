//! Finds the readings that fit a pattern, in two steps, neither of which grows with the store.
//!
//! First the distinct plates that fit ([`crate::plate_probe`]), then their readings, of which only
//! the keys are read from an index and ranked. A pattern that fits thousands of plates is answered
//! from the newest readings instead, as far back as a bounded number of them reaches, and the
//! answer says how far.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{CameraId, PlateVerdict, UtcTime};
use giaolo_plate::Pattern;

use crate::{
    PlateHit, PlateMatch, Store, StoreError, StoredReading,
    counts::SPEAKS,
    plate_probe::{Probe, exact_probes, one_wrong_probes},
    readings::{of_tracks, track_values},
    value::{Value, places},
};

/// Plates that a pattern may fit to be looked up one by one. Tests have less, to get beyond it.
const MOST_PLATES: usize = if cfg!(test) { 100 } else { 5_000 };
/// Readings that are ranked for one search, at most.
const MOST_READINGS: usize = if cfg!(test) { 500 } else { 20_000 };
/// Cameras that one question may name.
const MOST_CAMERAS: usize = if cfg!(test) { 50 } else { 1_000 };

/// What is known of a reading before its row is read.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) run: i64,
    pub(crate) track: i64,
    pub(crate) read_at_us: i64,
    pub(crate) how: PlateMatch,
}

/// When and where of a question, as SQL.
pub(crate) struct Span {
    pub(crate) from: Option<UtcTime>,
    pub(crate) until: Option<UtcTime>,
    pub(crate) cameras: Vec<CameraId>,
    pub(crate) verdicts: Vec<PlateVerdict>,
}

/// Keys, and how far back they are whole.
pub(crate) struct Found {
    pub(crate) keys: Vec<Key>,
    pub(crate) looked_back_to: Option<UtcTime>,
}

impl Store {
    /// The keys of everything that fits, from runs that speak for their sources, each once.
    pub(crate) async fn find(
        &self,
        pattern: &Pattern,
        one_wrong: bool,
        span: &Span,
    ) -> Result<Found, StoreError> {
        let found = match self.fitting_plates(pattern, one_wrong).await? {
            Some(plates) => self.readings_of_plates(&plates, span).await?,
            None => self.newest_that_fit(pattern, one_wrong, span).await?,
        };
        let Found { keys, looked_back_to } = found;
        let since = looked_back_to.map_or(i64::MIN, UtcTime::micros);
        let runs: BTreeSet<i64> = keys.iter().map(|key| key.run).collect();
        let speaking = self.speaking_runs(runs).await?;
        let mut best: BTreeMap<(i64, i64), Key> = BTreeMap::new();
        for key in keys {
            if key.read_at_us < since || !speaking.contains(&key.run) {
                continue;
            }
            let kept = best.entry((key.run, key.track)).or_insert_with(|| key.clone());
            if key.how < kept.how {
                *kept = key;
            }
        }
        Ok(Found { keys: best.into_values().collect(), looked_back_to })
    }

    /// The distinct plates that fit, with their wrong characters; `None` where they are too many.
    async fn fitting_plates(
        &self,
        pattern: &Pattern,
        one_wrong: bool,
    ) -> Result<Option<BTreeMap<String, u32>>, StoreError> {
        let db = &self.database;
        let glob = pattern.glob().to_string();
        let mut probes = exact_probes(&glob);
        if one_wrong {
            probes.extend(one_wrong_probes(&glob));
        }
        let mut plates = BTreeMap::new();
        for probe in probes {
            let (sql, values) = probe_query(probe);
            for row in &db.fetch("searching plates", sql, values).await? {
                let plate = db.text(row, "text")?;
                let Some(wrong) = fits(pattern, one_wrong, &plate) else { continue };
                plates.insert(plate, wrong);
            }
            if plates.len() > MOST_PLATES {
                return Ok(None);
            }
        }
        Ok(Some(plates))
    }

    async fn readings_of_plates(
        &self,
        plates: &BTreeMap<String, u32>,
        span: &Span,
    ) -> Result<Found, StoreError> {
        let db = &self.database;
        let texts: Vec<&String> = plates.keys().collect();
        let mut found = Found { keys: Vec::new(), looked_back_to: None };
        for chunk in texts.chunks(1000) {
            for (by_form, query) in
                [(false, text_query(chunk, span)?), (true, form_query(chunk, span)?)]
            {
                let rows = db.fetch("searching plate readings", query.0, query.1).await?;
                for row in &rows {
                    let plate = db.text(row, "plate")?;
                    let wrong = plates.get(&plate).copied().unwrap_or_default();
                    found.keys.push(Key {
                        run: db.integer(row, "run")?,
                        track: db.integer(row, "track")?,
                        read_at_us: db.integer(row, "read_at_us")?,
                        how: PlateMatch::of(db.word(row, "verdict")?, by_form, wrong),
                    });
                }
                found.note_cut(rows.len());
            }
        }
        Ok(found)
    }

    /// Walks the newest readings of the span and keeps those that fit.
    async fn newest_that_fit(
        &self,
        pattern: &Pattern,
        one_wrong: bool,
        span: &Span,
    ) -> Result<Found, StoreError> {
        let db = &self.database;
        let mut found = Found { keys: Vec::new(), looked_back_to: None };
        let mut doubtful: Vec<Key> = Vec::new();
        let cameras: Vec<Option<&CameraId>> = match span.cameras.as_slice() {
            [] => vec![None],
            cameras => cameras.iter().map(Some).collect(),
        };
        let of_each = MOST_READINGS / cameras.len();
        for camera in cameras {
            let (sql, values) = walk_query(camera, span, of_each)?;
            let rows = db.fetch("walking plate readings", sql, values).await?;
            let mut oldest = i64::MAX;
            for row in &rows {
                let verdict = db.word(row, "verdict")?;
                let mut key = Key {
                    run: db.integer(row, "run")?,
                    track: db.integer(row, "track")?,
                    read_at_us: db.integer(row, "read_at_us")?,
                    how: PlateMatch::Possible,
                };
                oldest = oldest.min(key.read_at_us);
                if verdict == PlateVerdict::Doubtful {
                    doubtful.push(key.clone());
                }
                if let Some(wrong) = fits(pattern, one_wrong, &db.text(row, "plate")?) {
                    key.how = PlateMatch::of(verdict, false, wrong);
                    found.keys.push(key);
                }
            }
            if rows.len() >= of_each {
                found.cut_before(oldest);
            }
        }
        for chunk in doubtful.chunks(500) {
            let tracks: Vec<_> = chunk.iter().map(|key| (key.run, key.track)).collect();
            let from = of_tracks("reading_forms", tracks.len());
            let sql = format!("SELECT d.plate, d.run, d.track, d.read_at_us FROM {from}");
            for row in &db.fetch("reading forms", sql, track_values(&tracks)).await? {
                if let Some(wrong) = fits(pattern, one_wrong, &db.text(row, "plate")?) {
                    found.keys.push(Key {
                        run: db.integer(row, "run")?,
                        track: db.integer(row, "track")?,
                        read_at_us: db.integer(row, "read_at_us")?,
                        how: PlateMatch::of(PlateVerdict::Doubtful, true, wrong),
                    });
                }
            }
        }
        Ok(found)
    }

    /// Of runs those that speak for their sources: a second analysis shows nobody twice.
    async fn speaking_runs(&self, runs: BTreeSet<i64>) -> Result<BTreeSet<i64>, StoreError> {
        let db = &self.database;
        let runs: Vec<i64> = runs.into_iter().collect();
        let mut speaking = BTreeSet::new();
        for chunk in runs.chunks(1000) {
            let given = places(0, chunk.len());
            let sql = format!("SELECT r.id FROM runs r WHERE r.id IN ({given}) AND {SPEAKS}");
            let values = chunk.iter().map(|run| Value::Integer(Some(*run))).collect();
            for row in &db.fetch("choosing runs", sql, values).await? {
                speaking.insert(db.integer(row, "id")?);
            }
        }
        Ok(speaking)
    }

    /// The rows of keys, in the keys' order.
    pub(crate) async fn hits(&self, keys: &[Key]) -> Result<Vec<PlateHit>, StoreError> {
        let tracks: Vec<_> = keys.iter().map(|key| (key.run, key.track)).collect();
        let mut rows: BTreeMap<(i64, u64), StoredReading> = BTreeMap::new();
        for reading in self.readings_of_tracks(&tracks).await? {
            rows.insert((reading.run.0, reading.row.track.0), reading);
        }
        let hit = |key: &Key| {
            // A reading that was replaced since is left out rather than shown as something else.
            let reading = rows.remove(&(key.run, key.track.unsigned_abs()))?;
            (reading.read_at.micros() == key.read_at_us)
                .then_some(PlateHit { reading, how: key.how })
        };
        Ok(keys.iter().filter_map(hit).collect())
    }
}

impl Found {
    /// Keys came newest first; `count` at the end are of one question with a limit.
    fn note_cut(&mut self, count: usize) {
        if count > MOST_READINGS
            && let Some(oldest) = self.keys.last().map(|key| key.read_at_us)
        {
            self.cut_before(oldest);
        }
    }

    fn cut_before(&mut self, oldest: i64) {
        let oldest = UtcTime::from_micros(oldest);
        self.looked_back_to = self.looked_back_to.max(Some(oldest));
    }
}

impl Span {
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.cameras.len() > MOST_CAMERAS {
            return Err(StoreError::Refused {
                what: format!("a question for {} cameras", self.cameras.len()),
                problem: format!("names more than {MOST_CAMERAS}; name none to ask for all"),
            });
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from >= until
        {
            return Err(StoreError::Refused {
                what: format!("the time from {from} until {until}"),
                problem: "is empty; its end must be after its beginning".to_owned(),
            });
        }
        Ok(())
    }

    /// ` AND ...` for each condition on the columns named, with their values added.
    fn conditions(
        &self,
        time: &str,
        camera: &str,
        verdict: &str,
        values: &mut Vec<Value>,
    ) -> Result<String, StoreError> {
        let mut sql = String::new();
        if let Some(from) = self.from {
            values.push(Value::time(from));
            sql += &format!(" AND {time} >= ${}", values.len());
        }
        if let Some(until) = self.until {
            values.push(Value::time(until));
            sql += &format!(" AND {time} < ${}", values.len());
        }
        if !self.cameras.is_empty() {
            let given = places(values.len(), self.cameras.len());
            values.extend(self.cameras.iter().map(|camera| Value::text(camera.as_str())));
            sql += &format!(" AND {camera} IN ({given})");
        }
        if !self.verdicts.is_empty() {
            let given = places(values.len(), self.verdicts.len());
            for verdict in &self.verdicts {
                values.push(Value::word(verdict)?);
            }
            sql += &format!(" AND {verdict} IN ({given})");
        }
        Ok(sql)
    }
}

fn fits(pattern: &Pattern, one_wrong: bool, plate: &str) -> Option<u32> {
    pattern.wrong_characters(plate).filter(|wrong| *wrong <= u32::from(one_wrong))
}

pub(crate) fn probe_query(probe: Probe) -> (String, Vec<Value>) {
    match probe {
        Probe::Texts(texts) => {
            let given = places(0, texts.len());
            let sql = format!("SELECT text FROM plates WHERE text IN ({given})");
            (sql, texts.into_iter().map(Value::text).collect())
        }
        Probe::Range { column, from, until, like } => {
            let sql = format!(
                "SELECT text FROM plates
                 WHERE {column} >= $1 AND {column} < $2 AND text LIKE $3 LIMIT $4"
            );
            (sql, vec![Value::text(from), Value::text(until), Value::text(like), plate_limit()])
        }
        Probe::Scan { like } => {
            let sql = "SELECT text FROM plates WHERE text LIKE $1 LIMIT $2".to_owned();
            (sql, vec![Value::text(like), plate_limit()])
        }
    }
}

/// One more than may be, to know that they are too many.
fn plate_limit() -> Value {
    Value::Integer(Some(MOST_PLATES as i64 + 1))
}

pub(crate) fn text_query(
    plates: &[&String],
    span: &Span,
) -> Result<(String, Vec<Value>), StoreError> {
    let given = places(0, plates.len());
    let mut values: Vec<Value> = plates.iter().map(|plate| Value::text(*plate)).collect();
    // Not the column itself: without statistics SQLite would walk all that the cameras ever read.
    let camera = "(d.camera || '')";
    let conditions = span.conditions("d.read_at_us", camera, "d.verdict", &mut values)?;
    values.push(Value::Integer(Some(MOST_READINGS as i64 + 1)));
    let sql = format!(
        "SELECT d.run, d.track, d.read_at_us, d.verdict, d.plate FROM readings d
         WHERE d.plate IS NOT NULL AND d.plate IN ({given}){conditions}
         ORDER BY d.read_at_us DESC LIMIT ${}",
        values.len()
    );
    Ok((sql, values))
}

pub(crate) fn form_query(
    plates: &[&String],
    span: &Span,
) -> Result<(String, Vec<Value>), StoreError> {
    let given = places(0, plates.len());
    let mut values: Vec<Value> = plates.iter().map(|plate| Value::text(*plate)).collect();
    let camera = "(d.camera || '')";
    let conditions = span.conditions("f.read_at_us", camera, "d.verdict", &mut values)?;
    values.push(Value::Integer(Some(MOST_READINGS as i64 + 1)));
    let sql = format!(
        "SELECT f.run, f.track, f.read_at_us, d.verdict, f.plate
         FROM reading_forms f JOIN readings d ON d.run = f.run AND d.track = f.track
         WHERE f.plate IN ({given}){conditions}
         ORDER BY f.read_at_us DESC LIMIT ${}",
        values.len()
    );
    Ok((sql, values))
}

pub(crate) fn walk_query(
    camera: Option<&CameraId>,
    span: &Span,
    limit: usize,
) -> Result<(String, Vec<Value>), StoreError> {
    let of_camera = Span {
        from: span.from,
        until: span.until,
        cameras: camera.cloned().into_iter().collect(),
        verdicts: span.verdicts.clone(),
    };
    let mut values = Vec::new();
    let conditions = of_camera.conditions("d.read_at_us", "d.camera", "d.verdict", &mut values)?;
    values.push(Value::Integer(Some(limit as i64)));
    let sql = format!(
        "SELECT d.run, d.track, d.read_at_us, d.verdict, d.plate FROM readings d
         WHERE d.plate IS NOT NULL{conditions}
         ORDER BY d.read_at_us DESC LIMIT ${}",
        values.len()
    );
    Ok((sql, values))
}
