//! The audit log: what people and programs did, as a chain of hashes.
//!
//! An entry's hash is the SHA-256 of the UTF-8 bytes of this JSON array, written without spaces:
//! `[sequence, at_us, who, action, subject, detail, previous_hash]`, where `detail` is the stored
//! text as one string. Anybody can make it again with ten lines in any language. A chain shows
//! changed, missing and re-ordered entries; entries cut off its end it cannot show, which is why the
//! report gives length and head, to be compared with an earlier one.

use giaolo_domain::UtcTime;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Store, StoreError,
    db::{Database, Row, Transaction},
    value::{Value, signed},
};

/// The `previous_hash` of the first entry.
const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Entries read at once while verifying: a log may be larger than memory.
const VERIFY_PAGE: i64 = 1000;

/// Something done, to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: UtcTime,
    /// The account, or the program where nobody asked.
    pub who: String,
    /// What was done, as a stable word (`case.confirmed`).
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// Whatever else must be known later.
    pub detail: serde_json::Value,
}

/// An entry as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAuditEntry {
    /// Its place, from 1.
    pub sequence: u64,
    /// What was written down.
    pub entry: AuditEntry,
    /// Its hash, lower-case hexadecimal.
    pub hash: String,
}

/// What verifying the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Whole entries from the start.
    pub entries: u64,
    /// Hash of the last whole entry.
    pub head: Option<String>,
    /// The first entry that does not hold; nothing from there on can be trusted.
    pub broken: Option<BrokenEntry>,
}

/// An entry that breaks the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenEntry {
    /// Its place, or the place where it should be.
    pub sequence: u64,
    /// What is wrong.
    pub problem: String,
}

/// An entry as the columns have it, before anything is believed.
struct RawEntry {
    sequence: i64,
    at_us: i64,
    who: String,
    action: String,
    subject: String,
    detail: String,
    previous_hash: String,
    hash: String,
}

impl RawEntry {
    fn read(db: &Database, row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: db.integer(row, "sequence")?,
            at_us: db.integer(row, "at_us")?,
            who: db.text(row, "who")?,
            action: db.text(row, "action")?,
            subject: db.text(row, "subject")?,
            detail: db.text(row, "detail")?,
            previous_hash: db.text(row, "previous_hash")?,
            hash: db.text(row, "hash")?,
        })
    }

    fn computed_hash(&self) -> String {
        let hashed = json!([
            self.sequence,
            self.at_us,
            self.who,
            self.action,
            self.subject,
            self.detail,
            self.previous_hash,
        ]);
        format!("{:x}", Sha256::digest(hashed.to_string()))
    }
}

impl Store {
    /// Adds an entry at the end of the log and returns its place, from 1.
    pub async fn audit_append(&self, entry: &AuditEntry) -> Result<u64, StoreError> {
        let mut transaction = self.database.begin("writing the audit log").await?;
        transaction.lock_chains().await?;
        let sequence = self.append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(sequence)
    }

    /// Adds an entry within a transaction that holds the chains' lock.
    pub(crate) async fn append(
        &self,
        transaction: &mut Transaction<'_>,
        entry: &AuditEntry,
    ) -> Result<u64, StoreError> {
        let db = &self.database;
        let last = transaction
            .fetch_optional(
                "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1",
                Vec::new(),
            )
            .await?;
        let (last_sequence, previous_hash) = match &last {
            Some(row) => (db.unsigned(row, "sequence")?, db.text(row, "hash")?),
            None => (0, BEFORE_THE_FIRST.to_owned()),
        };
        let mut raw = RawEntry {
            sequence: signed(last_sequence + 1)?,
            at_us: entry.at.micros(),
            who: entry.who.clone(),
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            detail: entry.detail.to_string(),
            previous_hash,
            hash: String::new(),
        };
        raw.hash = raw.computed_hash();
        let columns =
            ["sequence", "at_us", "who", "action", "subject", "detail", "previous_hash", "hash"];
        let row = vec![
            Value::Integer(Some(raw.sequence)),
            Value::Integer(Some(raw.at_us)),
            Value::text(raw.who),
            Value::text(raw.action),
            Value::text(raw.subject),
            Value::text(raw.detail),
            Value::text(raw.previous_hash),
            Value::text(raw.hash),
        ];
        transaction.insert_rows("audit", &columns, vec![row]).await?;
        Ok(last_sequence + 1)
    }

    /// Entries after the place `after` (0 for the start), oldest first, at most `limit`.
    pub async fn audit_entries(
        &self,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>, StoreError> {
        let raw = self.raw_entries(signed(after)?, i64::from(limit)).await?;
        raw.into_iter().map(|raw| self.told(raw)).collect()
    }

    /// The first `limit` entries about a subject.
    pub(crate) async fn audit_of(
        &self,
        subject: &str,
        limit: i64,
    ) -> Result<Vec<StoredAuditEntry>, StoreError> {
        let db = &self.database;
        let sql = "SELECT * FROM audit WHERE subject = $1 ORDER BY sequence LIMIT $2";
        let values = vec![Value::text(subject), Value::Integer(Some(limit))];
        let rows = db.fetch("reading the audit log", sql, values).await?;
        rows.iter().map(|row| self.read_audit(row)).collect()
    }

    pub(crate) fn read_audit(&self, row: &Row) -> Result<StoredAuditEntry, StoreError> {
        self.told(RawEntry::read(&self.database, row)?)
    }

    /// An entry as it was written, its hash unproven.
    fn told(&self, raw: RawEntry) -> Result<StoredAuditEntry, StoreError> {
        let detail = serde_json::from_str(&raw.detail)
            .map_err(|error| self.database.unreadable("detail", error.to_string()))?;
        Ok(StoredAuditEntry {
            sequence: raw.sequence.unsigned_abs(),
            entry: AuditEntry {
                at: UtcTime::from_micros(raw.at_us),
                who: raw.who,
                action: raw.action,
                subject: raw.subject,
                detail,
            },
            hash: raw.hash,
        })
    }

    /// Makes every hash of the log again and names the first entry that does not hold.
    pub async fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        let mut report = AuditReport { entries: 0, head: None, broken: None };
        let mut last = 0;
        loop {
            let page = self.raw_entries(last, VERIFY_PAGE).await?;
            if page.is_empty() {
                return Ok(report);
            }
            for entry in page {
                let previous = report.head.as_deref().unwrap_or(BEFORE_THE_FIRST);
                let problem = if entry.sequence != last + 1 {
                    Some(format!("it is missing; the next one there is {}", entry.sequence))
                } else if entry.previous_hash != previous {
                    Some("it does not follow on the entry before it".to_owned())
                } else if entry.hash != entry.computed_hash() {
                    Some("its content was changed: its hash is another".to_owned())
                } else {
                    None
                };
                if let Some(problem) = problem {
                    let sequence = report.entries + 1;
                    report.broken = Some(BrokenEntry { sequence, problem });
                    return Ok(report);
                }
                last = entry.sequence;
                report.entries += 1;
                report.head = Some(entry.hash);
            }
        }
    }

    async fn raw_entries(&self, after: i64, limit: i64) -> Result<Vec<RawEntry>, StoreError> {
        let sql = "SELECT sequence, at_us, who, action, subject, detail, previous_hash, hash
                   FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let values = vec![Value::Integer(Some(after)), Value::Integer(Some(limit))];
        let rows = self.database.fetch("reading the audit log", sql, values).await?;
        rows.iter().map(|row| RawEntry::read(&self.database, row)).collect()
    }
}
