//! Alerts: readings that an entry of the watch list was waiting for.
//!
//! A reading is checked in the transaction that stores it, so an alert is there as soon as the
//! reading is; once for an entry and a track, however often the reading is mended.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{CameraId, PlateReading, PlateVerdict, RoadUserClass, TrackId, UtcTime};
use giaolo_plate::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Access, RunId, Store, StoreError, WatchEntry, WatchId,
    db::{Database, Row, Transaction},
    readings::{Prepared, facts},
    value::{Value, places},
    watch::{WATCH, read_entry, unknown, when_and_who},
};

/// An alert's number; later ones are higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

/// How surely an alert's reading is the plate looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertMatch {
    /// A sure reading says so.
    Sure,
    /// A doubtful reading says so.
    Doubtful,
    /// A doubtful reading says otherwise, but may be it.
    Possible,
}

/// A reading that an entry was waiting for.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRow {
    /// Its number.
    pub id: AlertId,
    /// The entry, as it is now.
    pub watch: WatchEntry,
    /// The run that read it, or that took over the one that did.
    pub run: RunId,
    /// The camera.
    pub camera: CameraId,
    /// Who.
    pub track: TrackId,
    /// Its class.
    pub class: RoadUserClass,
    /// When it was read.
    pub read_at: UtcTime,
    /// How surely it is the one.
    pub how: AlertMatch,
    /// The reading as it was then; [`Store::reading_of_track`] has what it became.
    pub reading: PlateReading,
    /// When the alert was raised.
    pub raised_at: UtcTime,
    /// When somebody first said that he has seen it, and who.
    pub seen: Option<(UtcTime, String)>,
}

/// Which alerts; the default is none, because of its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only those that nobody has seen.
    pub unseen: bool,
    /// Only those older than this one: the last of the page before.
    pub before: Option<AlertId>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Alerts, newest first, a page at a time.
    pub async fn alerts(
        &self,
        filter: &AlertFilter,
        access: &Access,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let db = &self.database;
        let unseen = if filter.unseen { "AND a.seen_at_us IS NULL" } else { "" };
        let sql = format!(
            "SELECT {ALERT}, {WATCH} FROM alerts a JOIN watch_list w ON w.id = a.watch
             WHERE a.id < $1 {unseen} ORDER BY a.id DESC LIMIT $2"
        );
        let before = filter.before.map_or(i64::MAX, |id| id.0);
        let values =
            vec![Value::Integer(Some(before)), Value::Integer(Some(i64::from(filter.limit)))];
        let rows = db.fetch("reading alerts", sql, values).await?;
        let alerts: Result<Vec<_>, _> = rows.iter().map(|row| read_alert(db, row)).collect();
        let alerts = alerts?;
        let detail = json!({ "unseen": filter.unseen, "hits": alerts.len() });
        self.write_down(access, "alerts.list", String::new(), detail).await?;
        Ok(alerts)
    }

    /// Says that the access's account has seen an alert. `false` where somebody was quicker; his
    /// name stays.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where there is no such alert.
    pub async fn alert_seen(&self, id: AlertId, access: &Access) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin("marking an alert as seen").await?;
        transaction.lock_chains().await?;
        let sql = "SELECT watch FROM alerts WHERE id = $1";
        let row = transaction.fetch_optional(sql, vec![Value::Integer(Some(id.0))]).await?;
        let Some(row) = row else {
            return Err(unknown("alert", id.0));
        };
        let watch = self.database.integer(&row, "watch")?;
        let sql = "UPDATE alerts SET seen_at_us = $2, seen_by = $3
                   WHERE id = $1 AND seen_at_us IS NULL";
        let values =
            vec![Value::Integer(Some(id.0)), Value::time(access.at()), Value::text(access.who())];
        let first = transaction.execute(sql, values).await? > 0;
        let detail = json!({ "watch": watch, "first": first });
        let entry = access.entry("alert.seen", id.0.to_string(), detail);
        self.append(&mut transaction, &entry).await?;
        transaction.commit().await?;
        Ok(first)
    }

    /// Raises what the readings are waited for with; once for an entry and a track.
    pub(crate) async fn raise_alerts(
        &self,
        transaction: &mut Transaction<'_>,
        run: RunId,
        camera: &str,
        readings: &[Prepared<'_>],
        now: UtcTime,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let list = self.waiting_for(transaction, readings, now).await?;
        let mut alerts = Vec::new();
        for reading in readings {
            for (entry, how) in list.fitting(reading) {
                let alert = AlertRow {
                    id: AlertId(0),
                    watch: entry.clone(),
                    run,
                    camera: CameraId::new(camera),
                    track: reading.row.track,
                    class: reading.row.class,
                    read_at: reading.read_at,
                    how,
                    reading: reading.row.reading.clone(),
                    raised_at: now,
                    seen: None,
                };
                if let Some(id) = self.insert_alert(transaction, &alert).await? {
                    alerts.push(AlertRow { id, ..alert });
                }
            }
        }
        Ok(alerts)
    }

    /// The entries in force that may fit any of the readings.
    async fn waiting_for(
        &self,
        transaction: &mut Transaction<'_>,
        readings: &[Prepared<'_>],
        now: UtcTime,
    ) -> Result<InForce, StoreError> {
        let db = &self.database;
        let plates: BTreeSet<&str> = readings.iter().flat_map(|r| r.texts()).collect();
        let mut list = InForce { exact: BTreeMap::new(), patterns: Vec::new() };
        if plates.is_empty() {
            return Ok(list);
        }
        let in_force = format!(
            "SELECT {WATCH} FROM watch_list w
             WHERE w.removed_at_us IS NULL AND w.expires_at_us > $1"
        );
        let sql = format!("{in_force} AND w.exact = 0 ORDER BY w.id");
        for row in &transaction.fetch(sql, vec![Value::time(now)]).await? {
            let entry = read_entry(db, row)?;
            let pattern = Pattern::parse(&entry.pattern)
                .map_err(|error| db.unreadable("pattern", error.to_string()))?;
            list.patterns.push((pattern, entry));
        }
        let plates: Vec<&str> = plates.into_iter().collect();
        for chunk in plates.chunks(8000) {
            let given = places(1, chunk.len());
            let sql =
                format!("{in_force} AND w.exact = 1 AND w.pattern IN ({given}) ORDER BY w.id");
            let mut values = vec![Value::time(now)];
            values.extend(chunk.iter().map(|plate| Value::text(*plate)));
            for row in &transaction.fetch(sql, values).await? {
                let entry = read_entry(db, row)?;
                list.exact.entry(entry.pattern.clone()).or_default().push(entry);
            }
        }
        Ok(list)
    }

    async fn insert_alert(
        &self,
        transaction: &mut Transaction<'_>,
        alert: &AlertRow,
    ) -> Result<Option<AlertId>, StoreError> {
        let sql = "INSERT INTO alerts (watch, run, track, camera, class, read_at_us, how, facts,
                       raised_at_us)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (watch, run, track) DO NOTHING RETURNING id";
        let values = vec![
            Value::Integer(Some(alert.watch.id.0)),
            alert.run.value(),
            Value::unsigned(alert.track.0)?,
            Value::text(alert.camera.as_str()),
            Value::word(alert.class)?,
            Value::time(alert.read_at),
            Value::word(alert.how)?,
            facts(&alert.reading)?,
            Value::time(alert.raised_at),
        ];
        let row = transaction.fetch_optional(sql, values).await?;
        row.map(|row| self.database.integer(&row, "id").map(AlertId)).transpose()
    }
}

/// Entries in force: exact ones by plate, and the others.
struct InForce {
    exact: BTreeMap<String, Vec<WatchEntry>>,
    patterns: Vec<(Pattern, WatchEntry)>,
}

impl InForce {
    /// The entries that a reading fits, each once with the surest way in which it does.
    fn fitting(&self, reading: &Prepared<'_>) -> Vec<(&WatchEntry, AlertMatch)> {
        let own = &reading.row.reading.text;
        let mut fitting: BTreeMap<WatchId, (&WatchEntry, AlertMatch)> = BTreeMap::new();
        for text in reading.texts() {
            let how = match reading.row.reading.verdict {
                _ if text != own => AlertMatch::Possible,
                PlateVerdict::Sure => AlertMatch::Sure,
                PlateVerdict::Doubtful | PlateVerdict::Unreadable => AlertMatch::Doubtful,
            };
            let exact = self.exact.get(text).into_iter().flatten();
            let by_pattern = self
                .patterns
                .iter()
                .filter(|(pattern, _)| pattern.wrong_characters(text) == Some(0))
                .map(|(_, entry)| entry);
            for entry in exact.chain(by_pattern) {
                let found = fitting.entry(entry.id).or_insert((entry, how));
                found.1 = found.1.min(how);
            }
        }
        fitting.into_values().collect()
    }
}

const ALERT: &str = "a.id AS alert_id, a.run, a.track, a.camera, a.class, a.read_at_us, a.how,
    a.facts, a.raised_at_us, a.seen_at_us, a.seen_by";

fn read_alert(db: &Database, row: &Row) -> Result<AlertRow, StoreError> {
    Ok(AlertRow {
        id: AlertId(db.integer(row, "alert_id")?),
        watch: read_entry(db, row)?,
        run: RunId(db.integer(row, "run")?),
        camera: CameraId::new(db.text(row, "camera")?),
        track: TrackId(db.unsigned(row, "track")?),
        class: db.word(row, "class")?,
        read_at: db.time(row, "read_at_us")?,
        how: db.word(row, "how")?,
        reading: db.json(row, "facts")?,
        raised_at: db.time(row, "raised_at_us")?,
        seen: when_and_who(db, row, "seen_at_us", "seen_by")?,
    })
}
