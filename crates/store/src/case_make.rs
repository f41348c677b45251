//! A case for each violation, and what it takes over from its track's plate.

use giaolo_domain::{ClockSource, PlateReading, PlateVerdict, Verdict};

use crate::{
    CaseState, RunId, Store, StoreError, ViolationRow,
    clocks::{ClockFacts, due},
    db::{Row, Transaction},
    readings::Prepared,
    value::{Value, places},
};

/// What a case takes from the reading of its track.
#[derive(Default)]
struct ReadPlate {
    plate: Option<String>,
    shown: Option<String>,
    verdict: Option<PlateVerdict>,
}

impl ReadPlate {
    fn of(reading: &PlateReading) -> Self {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            plate: text(reading.text.clone()),
            shown: text(reading.shown()),
            verdict: Some(reading.verdict),
        }
    }

    fn values(&self) -> Result<[Value; 3], StoreError> {
        Ok([
            Value::Text(self.plate.clone()),
            Value::Text(self.shown.clone()),
            Value::Text(self.verdict.map(|verdict| verdict.as_str().to_owned())),
        ])
    }
}

impl Store {
    /// Makes the case of a violation that was just stored.
    pub(crate) async fn insert_case(
        &self,
        transaction: &mut Transaction<'_>,
        violation: &ViolationRow,
    ) -> Result<(), StoreError> {
        let db = &self.database;
        let sql = "SELECT r.origin_clock, r.source_sha256, p.unit, d.facts
                   FROM runs r JOIN cameras k ON k.id = r.camera
                   LEFT JOIN points p ON p.id = k.point
                   LEFT JOIN readings d ON d.run = r.id AND d.track = $2
                   WHERE r.id = $1";
        let values = vec![violation.run.value(), Value::unsigned(violation.track.0)?];
        let row = transaction.fetch_optional(sql, values).await?;
        let row = row.ok_or_else(|| db.unreadable("run", "no row"))?;
        let clock: ClockSource = db.word(&row, "origin_clock")?;
        let reading: Option<PlateReading> = db.maybe_json(&row, "facts")?;
        let read = reading.as_ref().map(ReadPlate::of).unwrap_or_default();
        let known = clock.tells_the_day();
        let source = db.text(&row, "source_sha256")?;
        let vehicle = vehicle(&read, known, &source, violation.track.0);
        let confidence = violation.facts["confidence"].as_f64();
        let confidence = confidence.filter(|confidence| (0.0..=1.0).contains(confidence));
        let doubt = doubt(violation.verdict, &read, confidence);
        let due = due(&ClockFacts {
            state: CaseState::Flagged,
            act_at: known.then_some(violation.act_at),
            detected_at: None,
            sent_at: None,
        });
        let columns = [
            "id",
            "camera",
            "kind",
            "rule",
            "line",
            "class",
            "verdict",
            "confidence",
            "act_at_us",
            "clock_known",
            "unit",
            "plate",
            "plate_shown",
            "plate_verdict",
            "vehicle",
            "group_key",
            "doubt",
            "due",
            "due_at_us",
        ];
        let [plate, shown, verdict] = read.values()?;
        let values = vec![
            Value::text(&violation.id),
            Value::text(violation.camera.as_str()),
            Value::word(violation.kind)?,
            Value::text(violation.rule.as_str()),
            Value::Text(violation.facts["line"].as_str().map(str::to_owned)),
            Value::word(violation.class)?,
            Value::word(violation.verdict)?,
            Value::Real(confidence),
            Value::time(violation.act_at),
            Value::Integer(Some(i64::from(known))),
            Value::Text(db.maybe_text(&row, "unit")?),
            plate,
            shown,
            verdict,
            Value::text(&vehicle),
            Value::text(&violation.id),
            Value::Integer(Some(doubt)),
            Value::Text(due.map(|(clock, _)| clock.as_str().to_owned())),
            Value::Integer(due.map(|(_, at)| at.micros())),
        ];
        transaction.insert_rows("cases", &columns, vec![values]).await?;
        regroup(transaction, violation.camera.as_str(), &vehicle).await
    }

    /// Lets the cases of tracks follow their new readings, where nobody has decided or mended them.
    pub(crate) async fn follow_readings(
        &self,
        transaction: &mut Transaction<'_>,
        run: RunId,
        readings: &[Prepared<'_>],
    ) -> Result<(), StoreError> {
        for chunk in readings.chunks(500) {
            let mut values = vec![run.value()];
            for reading in chunk {
                values.push(Value::unsigned(reading.row.track.0)?);
            }
            let sql = format!(
                "SELECT v.id, v.track, c.camera, c.vehicle, c.clock_known, r.source_sha256
                 FROM violations v JOIN cases c ON c.id = v.id JOIN runs r ON r.id = v.run
                 WHERE v.run = $1 AND v.track IN ({}) AND c.state = 'flagged'
                     AND c.plate_edited = 0
                 ORDER BY v.id",
                places(1, chunk.len())
            );
            for row in transaction.fetch(sql, values).await? {
                let track = self.database.unsigned(&row, "track")?;
                if let Some(reading) = chunk.iter().find(|r| r.row.track.0 == track) {
                    self.follow(transaction, &row, track, &reading.row.reading).await?;
                }
            }
        }
        Ok(())
    }

    async fn follow(
        &self,
        transaction: &mut Transaction<'_>,
        row: &Row,
        track: u64,
        reading: &PlateReading,
    ) -> Result<(), StoreError> {
        let db = &self.database;
        let read = ReadPlate::of(reading);
        let known = db.integer(row, "clock_known")? != 0;
        let new_vehicle = vehicle(&read, known, &db.text(row, "source_sha256")?, track);
        let [plate, shown, verdict] = read.values()?;
        let sql = "UPDATE cases SET plate = $2, plate_shown = $3, plate_verdict = $4, vehicle = $5,
                       version = version + 1,
                       doubt = doubt + CASE WHEN plate_verdict = 'sure' THEN 20 ELSE 0 END
                           - CASE WHEN $4 = 'sure' THEN 20 ELSE 0 END
                   WHERE id = $1 AND state = 'flagged' AND plate_edited = 0
                       AND (plate IS DISTINCT FROM $2 OR plate_shown IS DISTINCT FROM $3
                           OR plate_verdict IS DISTINCT FROM $4)";
        let values = vec![
            Value::text(db.text(row, "id")?),
            plate,
            shown,
            verdict,
            Value::text(&new_vehicle),
        ];
        let changed = transaction.execute(sql, values).await? > 0;
        let old_vehicle = db.text(row, "vehicle")?;
        if changed && old_vehicle != new_vehicle {
            let camera = db.text(row, "camera")?;
            regroup(transaction, &camera, &old_vehicle).await?;
            regroup(transaction, &camera, &new_vehicle).await?;
        }
        Ok(())
    }
}

/// How little sure a case is; the schema checks it.
fn doubt(verdict: Verdict, read: &ReadPlate, confidence: Option<f64>) -> i64 {
    let of_rule = if verdict == Verdict::Sure { 0 } else { 40 };
    let of_plate = if read.verdict == Some(PlateVerdict::Sure) { 0 } else { 20 };
    let tenths = confidence.map_or(0, |confidence| (confidence * 10.0).floor() as i64);
    of_rule + of_plate + 10 - tenths
}

/// Which vehicle it is. A plate with a doubt in it would put strangers together, and so would one at
/// times that nobody knows.
fn vehicle(read: &ReadPlate, clock_known: bool, source_sha256: &str, track: u64) -> String {
    let sure = read.verdict == Some(PlateVerdict::Sure) && clock_known;
    match read.plate.as_deref().filter(|_| sure) {
        Some(plate) => plate_vehicle(plate),
        None => {
            let source: String = source_sha256.chars().take(16).collect();
            format!("track {source} {track}")
        }
    }
}

/// The vehicle of a sure plate.
pub(crate) fn plate_vehicle(plate: &str) -> String {
    format!("plate {plate}")
}

/// Cuts the cases of a vehicle at a camera into groups again: each within two minutes of the one
/// before. The migration that made cases does the same for all.
pub(crate) async fn regroup(
    transaction: &mut Transaction<'_>,
    camera: &str,
    vehicle: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE cases SET group_key = g.first_id
        FROM (SELECT id, first_value(id) OVER (PARTITION BY n ORDER BY act_at_us, id) AS first_id
            FROM (SELECT id, act_at_us, sum(begins) OVER (ORDER BY act_at_us, id) AS n
                FROM (SELECT id, act_at_us,
                        CASE WHEN act_at_us - lag(act_at_us) OVER (ORDER BY act_at_us, id)
                            <= 120000000 THEN 0 ELSE 1 END AS begins
                    FROM cases WHERE camera = $1 AND vehicle = $2) AS gaps) AS numbered) AS g
        WHERE g.id = cases.id AND g.first_id <> cases.group_key";
    transaction.execute(sql, vec![Value::text(camera), Value::text(vehicle)]).await.map(drop)
}
