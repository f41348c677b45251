//! Reading cases: rows of a list, and one with everything that is known of it.

use std::collections::BTreeMap;

use giaolo_domain::{CameraId, LineId, PlateReading, PlateVerdict, RuleId, UtcTime};

use crate::{
    CaseDetail, CasePlate, CaseRow, DecisionRow, PlateEditRow, Point, Refusal, Scope, Store,
    StoreError,
    case_find::Conditions,
    clocks::{ClockFacts, clocks},
    db::{Database, Row},
    value::{Value, places},
    violations::read_violation,
};

/// Other cases of a vehicle that are shown beside one.
const SAME_VEHICLE: i64 = 20;
/// Entries of a case's history, at most.
const HISTORY: i64 = 500;

impl Store {
    /// A case with everything that is known of it.
    ///
    /// # Errors
    /// [`Refusal::NoCase`] where it is not there or lies outside the scope.
    pub async fn case(
        &self,
        id: &str,
        scope: &Scope,
        now: UtcTime,
    ) -> Result<CaseDetail, StoreError> {
        self.case_in_scope(id, scope).await?;
        let row = self.cases_by_id(&[id], now).await?.pop().ok_or_else(|| no_case(id))?;
        let db = &self.database;
        let sql = "SELECT v.* FROM violations v WHERE v.id = $1";
        let rows = db.fetch("reading a case", sql, vec![Value::text(id)]).await?;
        let violation = rows.first().map(|row| read_violation(db, row)).transpose()?;
        let violation = violation.ok_or_else(|| no_case(id))?;
        let evidence = self.evidence_of(id).await?;
        let run = self.run(violation.run).await?;
        let facts = ClockFacts {
            state: row.state,
            act_at: row.clock_known.then_some(row.act_at),
            detected_at: row.detected_at,
            sent_at: row.sent_at,
        };
        Ok(CaseDetail {
            evidence: evidence.ok_or_else(|| db.unreadable("evidence.violation_id", "no row"))?,
            run: run.ok_or_else(|| db.unreadable("violations.run", "no row"))?,
            reading: self.reading_of_track(violation.run, violation.track).await?,
            decisions: self.decisions_of(id).await?,
            plate_edits: self.plate_edits_of(id).await?,
            same_vehicle: self.same_vehicle(&row, scope, now).await?,
            clocks: clocks(&facts),
            history: self.audit_of(id, HISTORY).await?,
            violation,
            row,
        })
    }

    /// What was decided on a case, oldest first.
    pub async fn decisions_of(&self, id: &str) -> Result<Vec<DecisionRow>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM decisions WHERE case_id = $1 ORDER BY number";
        let rows = db.fetch("reading decisions", sql, vec![Value::text(id)]).await?;
        rows.iter().map(|row| read_decision(db, row)).collect()
    }

    async fn case_in_scope(&self, id: &str, scope: &Scope) -> Result<(), StoreError> {
        let mut conditions = Conditions::default();
        conditions.when("c.id = ?", Value::text(id));
        conditions.scope(scope);
        let sql = format!("SELECT c.id FROM cases c{}", conditions.sql());
        let rows = self.database.fetch("looking for a case", sql, conditions.values).await?;
        if rows.is_empty() { Err(no_case(id)) } else { Ok(()) }
    }

    /// Cases in the order of their ids in `ids`.
    pub(crate) async fn cases_by_id(
        &self,
        ids: &[&str],
        now: UtcTime,
    ) -> Result<Vec<CaseRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let db = &self.database;
        let sql = format!(
            "SELECT c.*, k.point, p.name AS point_name, p.unit AS point_unit, p.latitude, p.longitude,
                 d.facts AS reading,
                 (SELECT count(*) FROM cases g WHERE g.group_key = c.group_key) AS group_size
             FROM cases c JOIN violations v ON v.id = c.id JOIN cameras k ON k.id = c.camera
             LEFT JOIN points p ON p.id = k.point
             LEFT JOIN readings d ON d.run = v.run AND d.track = v.track
             WHERE c.id IN ({})",
            places(0, ids.len())
        );
        let values = ids.iter().map(|id| Value::text(*id)).collect();
        let mut by_id = BTreeMap::new();
        for row in db.fetch("reading cases", sql, values).await? {
            let case = read_case(db, &row, now)?;
            by_id.insert(case.id.clone(), case);
        }
        Ok(ids.iter().filter_map(|id| by_id.remove(*id)).collect())
    }

    async fn plate_edits_of(&self, id: &str) -> Result<Vec<PlateEditRow>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM plate_edits WHERE case_id = $1 ORDER BY version";
        let rows = db.fetch("reading plate edits", sql, vec![Value::text(id)]).await?;
        rows.iter()
            .map(|row| {
                Ok(PlateEditRow {
                    at: db.time(row, "at_us")?,
                    who: db.text(row, "who")?,
                    from: db.maybe_text(row, "from_plate")?,
                    to: db.text(row, "to_plate")?,
                    reason: db.text(row, "reason")?,
                })
            })
            .collect()
    }

    async fn same_vehicle(
        &self,
        case: &CaseRow,
        scope: &Scope,
        now: UtcTime,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let db = &self.database;
        let mut found: Vec<(i64, String)> = Vec::new();
        let mut look = async |condition: &str, value: &str| -> Result<(), StoreError> {
            let mut conditions = Conditions::default();
            conditions.when(condition, Value::text(value));
            conditions.when("c.id <> ?", Value::text(&case.id));
            conditions.scope(scope);
            let sql = format!(
                "SELECT c.id, c.act_at_us FROM cases c{} ORDER BY c.act_at_us DESC, c.id DESC
                 LIMIT {SAME_VEHICLE}",
                conditions.sql()
            );
            for row in db.fetch("reading a vehicle's cases", sql, conditions.values).await? {
                found.push((db.integer(&row, "act_at_us")?, db.text(&row, "id")?));
            }
            Ok(())
        };
        look("c.group_key = ?", &case.group).await?;
        let plate = case.plate.as_ref().filter(|plate| plate.verdict == PlateVerdict::Sure);
        if let Some(text) = plate.and_then(|plate| plate.text.as_deref()) {
            let sure = "c.plate = ? AND (c.plate_edited = 1 OR c.plate_verdict = 'sure')";
            look(sure, text).await?;
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found.truncate(SAME_VEHICLE as usize);
        let ids: Vec<&str> = found.iter().map(|(_, id)| id.as_str()).collect();
        self.cases_by_id(&ids, now).await
    }
}

pub(crate) fn no_case(id: &str) -> StoreError {
    // An id that somebody made up may be of any length.
    StoreError::Denied(Refusal::NoCase(id.chars().take(120).collect()))
}

fn read_case(db: &Database, row: &Row, now: UtcTime) -> Result<CaseRow, StoreError> {
    let reading: Option<PlateReading> = db.maybe_json(row, "reading")?;
    let held_until = db.maybe_integer(row, "held_until_us")?.map(UtcTime::from_micros);
    let due_at = db.maybe_integer(row, "due_at_us")?.map(UtcTime::from_micros);
    let due = match due_at {
        Some(at) => Some((db.word(row, "due")?, at)),
        None => None,
    };
    let point = match db.maybe_text(row, "point")? {
        Some(id) => {
            let latitude = db.maybe_real(row, "latitude")?;
            Some(Point {
                id,
                name: db.text(row, "point_name")?,
                unit: db.maybe_text(row, "point_unit")?,
                position: latitude.zip(db.maybe_real(row, "longitude")?),
            })
        }
        None => None,
    };
    let sure_share = reading.as_ref().filter(|reading| !reading.characters.is_empty()).map(|r| {
        let sure = r.characters.iter().filter(|character| !character.doubtful).count();
        sure as f64 / r.characters.len() as f64
    });
    Ok(CaseRow {
        id: db.text(row, "id")?,
        state: db.word(row, "state")?,
        version: db.unsigned(row, "version")?,
        kind: db.word(row, "kind")?,
        rule: RuleId::new(db.text(row, "rule")?),
        line: db.maybe_text(row, "line")?.map(LineId::new),
        verdict: db.word(row, "verdict")?,
        confidence: db.maybe_real(row, "confidence")?,
        class: db.word(row, "class")?,
        camera: CameraId::new(db.text(row, "camera")?),
        point,
        act_at: db.time(row, "act_at_us")?,
        clock_known: db.integer(row, "clock_known")? != 0,
        plate: read_plate(db, row, reading.as_ref())?,
        sure_share,
        group: db.text(row, "group_key")?,
        group_size: db.unsigned(row, "group_size")?,
        held_by: db.maybe_text(row, "held_by")?.zip(held_until.filter(|until| *until > now)),
        first_by: db.maybe_text(row, "first_by")?,
        due,
        detected_at: db.maybe_integer(row, "detected_at_us")?.map(UtcTime::from_micros),
        sent_at: db.maybe_integer(row, "sent_at_us")?.map(UtcTime::from_micros),
    })
}

fn read_plate(
    db: &Database,
    row: &Row,
    reading: Option<&PlateReading>,
) -> Result<Option<CasePlate>, StoreError> {
    let edited = db.integer(row, "plate_edited")? != 0;
    let verdict = match db.maybe_text(row, "plate_verdict")? {
        _ if edited => PlateVerdict::Sure,
        Some(_) => db.word(row, "plate_verdict")?,
        None => return Ok(None),
    };
    let text = db.maybe_text(row, "plate")?;
    let shown = match db.maybe_text(row, "plate_shown")? {
        Some(shown) => shown,
        // Cases from before there were cases: the reading still says it, if it is the same.
        None => {
            let same = reading.filter(|reading| Some(&reading.text) == text.as_ref());
            same.map(PlateReading::shown).unwrap_or_default()
        }
    };
    Ok(Some(CasePlate { text, shown, verdict, edited }))
}

fn read_decision(db: &Database, row: &Row) -> Result<DecisionRow, StoreError> {
    let reason = match db.maybe_text(row, "reason")? {
        Some(_) => Some(db.word(row, "reason")?),
        None => None,
    };
    Ok(DecisionRow {
        number: db.unsigned(row, "number")?,
        step: db.word(row, "step")?,
        from: db.word(row, "from_state")?,
        to: db.word(row, "to_state")?,
        who: db.text(row, "who")?,
        at: db.time(row, "at_us")?,
        reason,
        note: db.text(row, "note")?,
        answers: db.json(row, "answers")?,
        seconds: db.maybe_real(row, "seconds")?,
        plate: db.maybe_text(row, "plate")?,
    })
}
