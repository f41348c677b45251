//! Violations and their evidence: written together or not at all, in one chain.

use std::collections::BTreeSet;

use giaolo_domain::{
    CameraId, FrameTime, MediaTime, RoadUserClass, RuleId, TrackId, UtcTime, Verdict, ViolationKind,
};
use serde_json::json;

use crate::{
    AuditEntry, RunId, Store, StoreError,
    db::{Database, Row, Transaction},
    value::{Value, signed},
};

/// A violation as the store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct ViolationRow {
    /// Its identity, which a second analysis gives again (`giaolo_domain::Violation::key`).
    pub id: String,
    /// The run that found it, or took over the one that did.
    pub run: RunId,
    /// Whose picture; the run's camera.
    pub camera: CameraId,
    /// What kind of behaviour.
    pub kind: ViolationKind,
    /// The rule that fired.
    pub rule: RuleId,
    /// Who.
    pub track: TrackId,
    /// Its class.
    pub class: RoadUserClass,
    /// Whether everything that must be shown was.
    pub verdict: Verdict,
    /// The frame of the act.
    pub act: FrameTime,
    /// When in the world that was.
    pub act_at: UtcTime,
    /// The rule's whole account, as JSON.
    pub facts: serde_json::Value,
    /// When it was found.
    pub created_at: UtcTime,
}

/// The proof of a violation: a link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow {
    /// Whose.
    pub violation_id: String,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// Its folder, relative to the folder of all evidence.
    pub folder: String,
    /// SHA-256 of its manifest, lower-case hexadecimal.
    pub manifest_sha256: String,
    /// SHA-256 of the manifest before; `None` for the first.
    pub previous_sha256: Option<String>,
}

/// The last link of the evidence chain: its place and its manifest's hash.
pub type ChainHead = (u64, String);

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Insertion {
    /// It is new, and stored.
    Inserted,
    /// The violation was there from an earlier run, with its evidence; nothing was changed. The
    /// files just made for it are to be removed.
    AlreadyThere,
}

/// Which violations; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViolationFilter {
    /// Of this camera.
    pub camera: Option<CameraId>,
    /// Of this kind.
    pub kind: Option<ViolationKind>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// Found by this run.
    pub run: Option<RunId>,
    /// Found in this source by any run, by its SHA-256: a second run finds those of the first.
    pub source_sha256: Option<String>,
    /// The act at this time or later.
    pub from: Option<UtcTime>,
    /// The act before this time.
    pub until: Option<UtcTime>,
}

/// A page of a list, newest act first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// `act_at` and `id` of the last one seen; `None` for the first page.
    pub after: Option<(UtcTime, String)>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Whether a violation is stored, and so its evidence.
    pub async fn has_violation(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM violations WHERE id = $1";
        let values = vec![Value::text(id)];
        let rows = self.database.fetch("looking for a violation", sql, values).await?;
        Ok(!rows.is_empty())
    }

    /// Stores a violation, its evidence, its case and an audit entry by `actor`, all or none.
    ///
    /// The evidence's files must be on disk and synced before: when this returns, the row says that
    /// they are. The chain is checked against the evidence's own idea of it, without a lock held
    /// while files are made; whoever comes second is refused and makes his manifest again.
    ///
    /// # Errors
    /// [`StoreError::ChainMoved`] where the evidence does not follow on the chain's last link;
    /// [`StoreError::NotRunning`]; [`StoreError::Value`] where the two rows do not belong together.
    pub async fn insert_violation_with_evidence(
        &self,
        violation: &ViolationRow,
        evidence: &EvidenceRow,
        actor: &str,
    ) -> Result<Insertion, StoreError> {
        if violation.id != evidence.violation_id {
            return Err(StoreError::Value {
                what: format!("evidence of `{}`", evidence.violation_id),
                problem: format!("it was given for violation `{}`", violation.id),
            });
        }
        let mut transaction = self.database.begin("storing a violation").await?;
        transaction.lock_chains().await?;
        let sql = "SELECT id FROM violations WHERE id = $1";
        let values = vec![Value::text(&violation.id)];
        if transaction.fetch_optional(sql, values).await?.is_some() {
            return Ok(Insertion::AlreadyThere);
        }
        let held = self.hold_run(&mut transaction, violation.run).await?;
        if held.camera != violation.camera.as_str() {
            return Err(StoreError::Value {
                what: format!("violation `{}` of camera `{}`", violation.id, violation.camera),
                problem: format!("run {} is of camera `{}`", violation.run, held.camera),
            });
        }
        self.check_follows(&mut transaction, evidence).await?;
        insert_violation(&mut transaction, violation).await?;
        insert_evidence(&mut transaction, evidence).await?;
        self.insert_case(&mut transaction, violation).await?;
        let entry = AuditEntry {
            at: violation.created_at,
            who: actor.to_owned(),
            action: "violation.found".to_owned(),
            subject: violation.id.clone(),
            detail: json!({
                "evidence_sequence": evidence.sequence,
                "manifest_sha256": evidence.manifest_sha256,
                "run": violation.run.0,
            }),
        };
        self.append(&mut transaction, &entry).await?;
        transaction.commit().await?;
        Ok(Insertion::Inserted)
    }

    /// The chain's last link; `None` where there is no evidence yet.
    pub async fn chain_head(&self) -> Result<Option<ChainHead>, StoreError> {
        let rows = self.database.fetch("reading the chain's head", CHAIN_HEAD, Vec::new()).await?;
        rows.first().map(|row| read_head(&self.database, row)).transpose()
    }

    /// This database's own name, made with it: 32 hexadecimal digits.
    pub async fn installation_id(&self) -> Result<String, StoreError> {
        let db = &self.database;
        let rows =
            db.fetch("reading the database's name", "SELECT id FROM installation", Vec::new());
        let rows = rows.await?;
        let row = rows.first().ok_or_else(|| StoreError::Unreadable {
            database: db.name.clone(),
            column: "installation.id".to_owned(),
            value: "no row".to_owned(),
        })?;
        db.text(row, "id")
    }

    /// Every folder that the chain knows; one on disk that is not among them is an orphan.
    pub async fn evidence_folders(&self) -> Result<BTreeSet<String>, StoreError> {
        let db = &self.database;
        let sql = "SELECT folder FROM evidence";
        let rows = db.fetch("reading evidence folders", sql, Vec::new()).await?;
        rows.iter().map(|row| db.text(row, "folder")).collect()
    }

    /// Links of the chain after the place `after` (0 for the start), in order, at most `limit`.
    pub async fn evidence(&self, after: u64, limit: u32) -> Result<Vec<EvidenceRow>, StoreError> {
        let sql = "SELECT * FROM evidence WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let values = vec![Value::unsigned(after)?, Value::Integer(Some(i64::from(limit)))];
        self.read_evidence(sql, values).await
    }

    /// The evidence of a violation.
    pub async fn evidence_of(&self, violation_id: &str) -> Result<Option<EvidenceRow>, StoreError> {
        let sql = "SELECT * FROM evidence WHERE violation_id = $1";
        let found = self.read_evidence(sql, vec![Value::text(violation_id)]);
        Ok(found.await?.pop())
    }

    /// Violations that pass a filter, newest act first, a page at a time.
    pub async fn violations(
        &self,
        filter: &ViolationFilter,
        page: &Page,
    ) -> Result<Vec<ViolationRow>, StoreError> {
        let (sql, values) = violations_query(filter, page)?;
        let rows = self.database.fetch("reading violations", sql, values).await?;
        rows.iter().map(|row| read_violation(&self.database, row)).collect()
    }

    async fn read_evidence(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<EvidenceRow>, StoreError> {
        let db = &self.database;
        let rows = db.fetch("reading evidence", sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(EvidenceRow {
                    violation_id: db.text(row, "violation_id")?,
                    sequence: db.unsigned(row, "sequence")?,
                    folder: db.text(row, "folder")?,
                    manifest_sha256: db.text(row, "manifest_sha256")?,
                    previous_sha256: db.maybe_text(row, "previous_sha256")?,
                })
            })
            .collect()
    }

    async fn check_follows(
        &self,
        transaction: &mut Transaction<'_>,
        evidence: &EvidenceRow,
    ) -> Result<(), StoreError> {
        let db = &self.database;
        let row = transaction.fetch_optional(CHAIN_HEAD, Vec::new()).await?;
        let head = row.map(|row| read_head(db, &row)).transpose()?;
        let (last, last_sha256) = match &head {
            Some((sequence, sha256)) => (*sequence, Some(sha256)),
            None => (0, None),
        };
        if last_sha256 == evidence.previous_sha256.as_ref() && evidence.sequence == last + 1 {
            return Ok(());
        }
        let named = |sha256: Option<&String>| match sha256 {
            Some(sha256) => sha256.clone(),
            None => "none".to_owned(),
        };
        Err(StoreError::ChainMoved {
            database: db.name.clone(),
            violation: evidence.violation_id.clone(),
            given_sequence: evidence.sequence,
            given_previous: named(evidence.previous_sha256.as_ref()),
            head: match &head {
                Some((sequence, sha256)) => format!("number {sequence}, manifest {sha256}"),
                None => "nothing: it is empty".to_owned(),
            },
        })
    }
}

const CHAIN_HEAD: &str =
    "SELECT sequence, manifest_sha256 FROM evidence ORDER BY sequence DESC LIMIT 1";

fn read_head(db: &Database, row: &Row) -> Result<ChainHead, StoreError> {
    Ok((db.unsigned(row, "sequence")?, db.text(row, "manifest_sha256")?))
}

async fn insert_violation(
    transaction: &mut Transaction<'_>,
    violation: &ViolationRow,
) -> Result<(), StoreError> {
    let columns = [
        "id",
        "run",
        "camera",
        "kind",
        "rule",
        "track",
        "class",
        "verdict",
        "act_frame",
        "act_media_us",
        "act_at_us",
        "facts",
        "created_at_us",
    ];
    let row = vec![
        Value::text(&violation.id),
        violation.run.value(),
        Value::text(violation.camera.as_str()),
        Value::word(violation.kind)?,
        Value::text(violation.rule.as_str()),
        Value::unsigned(violation.track.0)?,
        Value::word(violation.class)?,
        Value::word(violation.verdict)?,
        Value::unsigned(violation.act.frame)?,
        Value::Integer(Some(violation.act.time.0)),
        Value::time(violation.act_at),
        Value::Json(violation.facts.clone()),
        Value::time(violation.created_at),
    ];
    transaction.insert_rows("violations", &columns, vec![row]).await
}

async fn insert_evidence(
    transaction: &mut Transaction<'_>,
    evidence: &EvidenceRow,
) -> Result<(), StoreError> {
    let columns = ["violation_id", "sequence", "folder", "manifest_sha256", "previous_sha256"];
    let row = vec![
        Value::text(&evidence.violation_id),
        Value::Integer(Some(signed(evidence.sequence)?)),
        Value::text(&evidence.folder),
        Value::text(&evidence.manifest_sha256),
        Value::Text(evidence.previous_sha256.clone()),
    ];
    transaction.insert_rows("evidence", &columns, vec![row]).await
}

/// Only the conditions that are asked for, so that each combination can use its index.
pub(crate) fn violations_query(
    filter: &ViolationFilter,
    page: &Page,
) -> Result<(String, Vec<Value>), StoreError> {
    let mut values = Vec::new();
    let mut conditions = Vec::new();
    let mut when = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(camera) = &filter.camera {
        when("v.camera = ?", Value::text(camera.as_str()));
    }
    if let Some(kind) = filter.kind {
        when("v.kind = ?", Value::word(kind)?);
    }
    if let Some(verdict) = filter.verdict {
        when("v.verdict = ?", Value::word(verdict)?);
    }
    if let Some(run) = filter.run {
        when("v.run = ?", run.value());
    }
    if let Some(sha256) = &filter.source_sha256 {
        let of_source = "v.run IN (SELECT r.id FROM runs r WHERE r.source_sha256 = ?)";
        when(of_source, Value::text(sha256));
    }
    if let Some(from) = filter.from {
        when("v.act_at_us >= ?", Value::time(from));
    }
    if let Some(until) = filter.until {
        when("v.act_at_us < ?", Value::time(until));
    }
    if let Some((act_at, id)) = &page.after {
        values.push(Value::time(*act_at));
        values.push(Value::text(id));
        let (time, id) = (values.len() - 1, values.len());
        conditions.push(format!("(v.act_at_us, v.id) < (${time}, ${id})"));
    }
    let mut sql = "SELECT v.* FROM violations v".to_owned();
    if !conditions.is_empty() {
        sql += " WHERE ";
        sql += &conditions.join(" AND ");
    }
    values.push(Value::Integer(Some(i64::from(page.limit))));
    sql += &format!(" ORDER BY v.act_at_us DESC, v.id DESC LIMIT ${}", values.len());
    Ok((sql, values))
}

pub(crate) fn read_violation(db: &Database, row: &Row) -> Result<ViolationRow, StoreError> {
    Ok(ViolationRow {
        id: db.text(row, "id")?,
        run: RunId(db.integer(row, "run")?),
        camera: CameraId::new(db.text(row, "camera")?),
        kind: db.word(row, "kind")?,
        rule: RuleId::new(db.text(row, "rule")?),
        track: TrackId(db.unsigned(row, "track")?),
        class: db.word(row, "class")?,
        verdict: db.word(row, "verdict")?,
        act: FrameTime {
            frame: db.unsigned(row, "act_frame")?,
            time: MediaTime(db.integer(row, "act_media_us")?),
        },
        act_at: db.time(row, "act_at_us")?,
        facts: db.json(row, "facts")?,
        created_at: db.time(row, "created_at_us")?,
    })
}
