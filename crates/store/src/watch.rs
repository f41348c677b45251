//! The watch list: plates that somebody looks for. Nothing is looked for without a reason and an end.

use giaolo_domain::UtcTime;
use giaolo_plate::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Access, Store, StoreError,
    db::{Database, Row},
    value::Value,
};

/// How long an entry may be in force; whoever needs more says so again.
const LONGEST_US: i64 = 366 * 24 * 3_600 * 1_000_000;
/// Characters other than wildcards that an entry must have: `61*` would report the whole town.
const FEWEST_LITERALS: usize = 4;

/// An entry's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WatchId(pub i64);

/// A plate, or a pattern of plates, that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchEntry {
    /// Its number.
    pub id: WatchId,
    /// What is looked for, as [`Pattern::glob`] writes it.
    pub pattern: String,
    /// Why.
    pub reason: String,
    /// The case that it is for.
    pub case: Option<String>,
    /// Who looks for it.
    pub who: String,
    /// Since when.
    pub created_at: UtcTime,
    /// From this moment on it raises nothing.
    pub expires_at: UtcTime,
    /// When it was taken off the list before that, and by whom.
    pub removed: Option<(UtcTime, String)>,
}

impl Store {
    /// Puts a plate or a pattern on the watch list; reason, case, account and time are the access's.
    /// It looks forward only: what was read before is found with [`Store::search_plates`].
    ///
    /// # Errors
    /// [`StoreError::Refused`] for an end that is past or more than 366 days away, and for a pattern
    /// of fewer than four characters.
    pub async fn watch_add(
        &self,
        pattern: &Pattern,
        expires_at: UtcTime,
        access: &Access,
    ) -> Result<WatchEntry, StoreError> {
        let text = pattern.glob().to_string();
        let refused = |what: String, problem: &str| {
            Err(StoreError::Refused { what, problem: problem.to_owned() })
        };
        let in_force = expires_at.micros().saturating_sub(access.at().micros());
        if in_force <= 0 {
            return refused(
                format!("the end {expires_at}"),
                "is past; an entry ends in the future",
            );
        }
        if in_force > LONGEST_US {
            return refused(format!("the end {expires_at}"), "is more than 366 days away");
        }
        if text.chars().filter(char::is_ascii_alphanumeric).count() < FEWEST_LITERALS {
            let problem = "fits too many plates; to be watched for it needs four characters";
            return refused(format!("the pattern `{text}`"), problem);
        }
        let mut entry = WatchEntry {
            id: WatchId(0),
            pattern: text,
            reason: access.reason().to_owned(),
            case: access.case().map(str::to_owned),
            who: access.who().to_owned(),
            created_at: access.at(),
            expires_at,
            removed: None,
        };
        let mut transaction = self.database.begin("adding to the watch list").await?;
        transaction.lock_chains().await?;
        let sql = "INSERT INTO watch_list (pattern, exact, reason, case_id, who, created_at_us,
                       expires_at_us)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
        let values = vec![
            Value::text(&entry.pattern),
            Value::Integer(Some(i64::from(pattern.is_exact()))),
            Value::text(&entry.reason),
            Value::Text(entry.case.clone()),
            Value::text(&entry.who),
            Value::time(entry.created_at),
            Value::time(entry.expires_at),
        ];
        let row = transaction.fetch_optional(sql, values).await?;
        let row = row.ok_or_else(|| self.database.unreadable("id", "no row"))?;
        entry.id = WatchId(self.database.integer(&row, "id")?);
        let detail = json!({ "watch": entry.id, "expires_at": expires_at });
        let written = access.entry("watch.add", entry.pattern.clone(), detail);
        self.append(&mut transaction, &written).await?;
        transaction.commit().await?;
        Ok(entry)
    }

    /// Takes an entry off the list; its alerts stay. `false` where it was off already.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where there is no such entry.
    pub async fn watch_remove(&self, id: WatchId, access: &Access) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin("removing from the watch list").await?;
        transaction.lock_chains().await?;
        let sql = "SELECT pattern FROM watch_list WHERE id = $1";
        let row = transaction.fetch_optional(sql, vec![Value::Integer(Some(id.0))]).await?;
        let Some(row) = row else {
            return Err(unknown("watch list entry", id.0));
        };
        let pattern = self.database.text(&row, "pattern")?;
        let sql = "UPDATE watch_list SET removed_at_us = $2, removed_by = $3
                   WHERE id = $1 AND removed_at_us IS NULL";
        let values =
            vec![Value::Integer(Some(id.0)), Value::time(access.at()), Value::text(access.who())];
        let removed = transaction.execute(sql, values).await? > 0;
        let detail = json!({ "watch": id, "removed": removed });
        self.append(&mut transaction, &access.entry("watch.remove", pattern, detail)).await?;
        transaction.commit().await?;
        Ok(removed)
    }

    /// The watch list, newest entry first: what is in force at the access's time, or with `all` also
    /// what expired or was removed.
    pub async fn watch_list(
        &self,
        all: bool,
        access: &Access,
    ) -> Result<Vec<WatchEntry>, StoreError> {
        let db = &self.database;
        let in_force = if all { "" } else { "AND removed_at_us IS NULL AND expires_at_us > $1" };
        let sql = format!(
            "SELECT {WATCH} FROM watch_list w WHERE w.created_at_us <= $1 {in_force}
             ORDER BY w.id DESC"
        );
        let rows = db.fetch("reading the watch list", sql, vec![Value::time(access.at())]).await?;
        let entries: Result<Vec<_>, _> = rows.iter().map(|row| read_entry(db, row)).collect();
        let entries = entries?;
        let detail = json!({ "all": all, "hits": entries.len() });
        self.write_down(access, "watch.list", String::new(), detail).await?;
        Ok(entries)
    }
}

pub(crate) const WATCH: &str =
    "w.id AS watch_id, w.pattern, w.reason, w.case_id, w.who, w.created_at_us,
    w.expires_at_us, w.removed_at_us, w.removed_by";
pub(crate) fn unknown(what: &str, id: i64) -> StoreError {
    StoreError::Refused { what: format!("{what} {id}"), problem: "is not there".to_owned() }
}

pub(crate) fn read_entry(db: &Database, row: &Row) -> Result<WatchEntry, StoreError> {
    Ok(WatchEntry {
        id: WatchId(db.integer(row, "watch_id")?),
        pattern: db.text(row, "pattern")?,
        reason: db.text(row, "reason")?,
        case: db.maybe_text(row, "case_id")?,
        who: db.text(row, "who")?,
        created_at: db.time(row, "created_at_us")?,
        expires_at: db.time(row, "expires_at_us")?,
        removed: when_and_who(db, row, "removed_at_us", "removed_by")?,
    })
}

pub(crate) fn when_and_who(
    db: &Database,
    row: &Row,
    when: &str,
    who: &str,
) -> Result<Option<(UtcTime, String)>, StoreError> {
    let when = db.maybe_integer(row, when)?.map(UtcTime::from_micros);
    Ok(when.zip(db.maybe_text(row, who)?))
}
