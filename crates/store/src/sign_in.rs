//! Trying to sign in, and the lock that ends guessing.
//!
//! Five wrong passwords of one account within 15 minutes lock it for 15. A name that no account has
//! is locked just the same: otherwise the lock would tell which names there are.

use std::collections::BTreeMap;

use giaolo_domain::UtcTime;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Account, PasswordHash, Store, StoreError,
    accounts::entry,
    db::{Database, Row, Transaction},
    value::Value,
};

/// Wrong passwords that lock an account.
pub const WRONG_PASSWORDS: usize = 5;
/// The time within which they count, and for which the lock lasts, in microseconds.
pub const LOCK_US: i64 = 15 * 60 * 1_000_000;
/// How long an attempt is kept.
const KEPT_US: i64 = 24 * 3_600 * 1_000_000;

/// An attempt's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptId(pub(crate) i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Wrong,
    Right,
    Refused,
}

/// Whether a password may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once for an attempt, never kept")]
pub enum SignInGate {
    /// It may. The attempt counts as wrong until a session is begun with it.
    Open(OpenAttempt),
    /// Too many were wrong.
    Locked {
        /// Until when.
        until: UtcTime,
    },
}

/// A password that may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAttempt {
    /// To say with [`crate::NewSession`] that it was right.
    pub attempt: AttemptId,
    /// Whom to verify it against; `None` where there is no such account. A disabled one is given, so
    /// that all three take the same time.
    pub account: Option<(Account, PasswordHash)>,
    /// Wrong ones of the same address in the last 15 minutes, by whatever name.
    pub address_wrong: u64,
}

impl Store {
    /// Begins an attempt to sign in. `name` is as typed, `address` where it came from, `at` now.
    /// Attempts older than a day are forgotten.
    pub async fn sign_in_begin(
        &self,
        name: &str,
        address: &str,
        at: UtcTime,
    ) -> Result<SignInGate, StoreError> {
        let db = &self.database;
        let mut transaction = db.begin("beginning to sign in").await?;
        transaction.lock_chains().await?;
        let forgotten = Value::Integer(Some(at.micros().saturating_sub(KEPT_US)));
        let sql = "DELETE FROM sign_in_attempts WHERE at_us < $1";
        transaction.execute(sql, vec![forgotten]).await?;
        let hash = name_sha256(name);
        let recent = Value::Integer(Some(at.micros().saturating_sub(2 * LOCK_US)));
        let sql = "SELECT at_us, outcome FROM sign_in_attempts
                   WHERE name_sha256 = $1 AND at_us > $2 ORDER BY id";
        let rows = transaction.fetch(sql, vec![Value::text(&hash), recent]).await?;
        let attempts = read_attempts(db, &rows)?;
        if let Some(until) = locked_until(&attempts, at) {
            let lock_began = until.micros() - LOCK_US;
            let is_told = |(when, outcome): &(UtcTime, Outcome)| {
                *outcome == Outcome::Refused && when.micros() >= lock_began
            };
            if !attempts.iter().any(is_told) {
                self.tell_lock(&mut transaction, name, address, at).await?;
                transaction.commit().await?;
            }
            return Ok(SignInGate::Locked { until });
        }
        let window = Value::Integer(Some(at.micros().saturating_sub(LOCK_US)));
        let sql = "SELECT count(*) AS wrong FROM sign_in_attempts
                   WHERE address = $1 AND at_us > $2 AND outcome = 'wrong'";
        let row = transaction.fetch_optional(sql, vec![Value::text(address), window]).await?;
        let row = row.ok_or_else(|| db.unreadable("wrong", "no row"))?;
        let address_wrong = db.unsigned(&row, "wrong")?;
        let attempt = insert_attempt(&mut transaction, &hash, address, at, Outcome::Wrong).await?;
        let attempt = attempt.ok_or_else(|| db.unreadable("id", "no row"))?;
        let attempt = AttemptId(db.integer(&attempt, "id")?);
        let account = self.account_in(&mut transaction, name).await?;
        transaction.commit().await?;
        Ok(SignInGate::Open(OpenAttempt { attempt, account, address_wrong }))
    }

    /// Writes the first refusal of a lock down; a thousand more would tell nothing new.
    async fn tell_lock(
        &self,
        transaction: &mut Transaction<'_>,
        name: &str,
        address: &str,
        at: UtcTime,
    ) -> Result<(), StoreError> {
        insert_attempt(transaction, &name_sha256(name), address, at, Outcome::Refused).await?;
        if self.account_in(transaction, name).await?.is_none() {
            return Ok(());
        }
        let detail = json!({ "address": address, "wrong": WRONG_PASSWORDS });
        let written = entry(at, "giaolo", "account.lock", name, detail);
        self.append(transaction, &written).await.map(drop)
    }

    /// Accounts that are locked at a time, and until when.
    pub async fn locked_accounts(
        &self,
        at: UtcTime,
    ) -> Result<BTreeMap<String, UtcTime>, StoreError> {
        let db = &self.database;
        let sql = "SELECT name_sha256, at_us, outcome FROM sign_in_attempts
                   WHERE at_us > $1 ORDER BY id";
        let recent = Value::Integer(Some(at.micros().saturating_sub(2 * LOCK_US)));
        let mut attempts: BTreeMap<String, Vec<(UtcTime, Outcome)>> = BTreeMap::new();
        for row in db.fetch("reading attempts to sign in", sql, vec![recent]).await? {
            let hash = db.text(&row, "name_sha256")?;
            attempts.entry(hash).or_default().push(read_attempt(db, &row)?);
        }
        let mut locked = BTreeMap::new();
        for account in self.accounts().await? {
            let of_account = attempts.get(&name_sha256(&account.name));
            if let Some(until) = of_account.and_then(|attempts| locked_until(attempts, at)) {
                locked.insert(account.name, until);
            }
        }
        Ok(locked)
    }
}

async fn insert_attempt(
    transaction: &mut Transaction<'_>,
    hash: &str,
    address: &str,
    at: UtcTime,
    outcome: Outcome,
) -> Result<Option<Row>, StoreError> {
    let sql = "INSERT INTO sign_in_attempts (name_sha256, address, at_us, outcome)
               VALUES ($1, $2, $3, $4) RETURNING id";
    let values =
        vec![Value::text(hash), Value::text(address), Value::time(at), Value::word(outcome)?];
    transaction.fetch_optional(sql, values).await
}

pub(crate) fn name_sha256(name: &str) -> String {
    format!("{:x}", Sha256::digest(name))
}

fn read_attempts(db: &Database, rows: &[Row]) -> Result<Vec<(UtcTime, Outcome)>, StoreError> {
    rows.iter().map(|row| read_attempt(db, row)).collect()
}

fn read_attempt(db: &Database, row: &Row) -> Result<(UtcTime, Outcome), StoreError> {
    Ok((db.time(row, "at_us")?, db.word(row, "outcome")?))
}

/// When the lock ends that these attempts (when, and how they ended) have closed, if it has not by `now`.
fn locked_until(attempts: &[(UtcTime, Outcome)], now: UtcTime) -> Option<UtcTime> {
    let mut wrong: Vec<i64> = Vec::new();
    let mut until = i64::MIN;
    for (at, outcome) in attempts {
        match outcome {
            Outcome::Right => wrong.clear(),
            Outcome::Wrong => wrong.push(at.micros()),
            Outcome::Refused => {}
        }
        wrong.retain(|earlier| at.micros() - earlier < LOCK_US);
        if wrong.len() >= WRONG_PASSWORDS {
            until = at.micros() + LOCK_US;
            wrong.clear();
        }
    }
    (until > now.micros()).then(|| UtcTime::from_micros(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_in_a_quarter_lock_for_a_quarter() {
        let wrong = |list: &[i64]| list.iter().map(|m| (*m, Outcome::Wrong)).collect::<Vec<_>>();
        let with = |mut list: Vec<(i64, Outcome)>, at: i64, outcome: Outcome| {
            list.insert(at as usize, (at, outcome));
            list
        };
        let cases = [
            (wrong(&[0, 1, 2, 3]), 3, None),
            (wrong(&[0, 1, 2, 3, 4]), 4, Some(19)),
            (wrong(&[0, 1, 2, 3, 4]), 19, None),
            (wrong(&[0, 4, 8, 12, 15]), 15, None),
            (with(wrong(&[0, 1, 2, 3, 5]), 4, Outcome::Right), 5, None),
            (with(wrong(&[0, 1, 2, 3]), 4, Outcome::Refused), 4, None),
            (wrong(&[0, 1, 2, 3, 4, 20]), 20, None),
        ];
        let moment = |minutes: i64| UtcTime::from_micros(minutes * 60_000_000);
        for (attempts, now, expected) in cases {
            let attempts: Vec<_> = attempts.iter().map(|(m, how)| (moment(*m), *how)).collect();
            let until = locked_until(&attempts, moment(now));
            assert_eq!(until, expected.map(moment), "{attempts:?} at {now}");
        }
    }
}
