//! Sessions: who is signed in. The store keeps only the hash of a token, so that a copy of the
//! database opens no session.

use giaolo_domain::UtcTime;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Account, AttemptId, Refusal, Store, StoreError,
    accounts::{ACCOUNT, entry, read_account},
    db::Transaction,
    value::Value,
};

/// A session that nobody used for so long is over, in microseconds.
pub const SESSION_IDLE_US: i64 = 30 * 60 * 1_000_000;
/// A session's use is written down at most this often.
const SEEN_US: i64 = 60 * 1_000_000;
/// How long a session that is over is kept.
const KEPT_US: i64 = 7 * 24 * 3_600 * 1_000_000;

/// A session to begin.
#[derive(Clone)]
pub struct NewSession {
    /// The cookie's secret, as the browser gets it.
    pub token: String,
    /// What each change must bring along.
    pub csrf: String,
    /// Whose.
    pub account: String,
    /// The version of the account under which the password was verified.
    pub account_version: u64,
    /// The attempt that it ends well; `None` after a first run or a change of password.
    pub attempt: Option<AttemptId>,
    /// Now.
    pub at: UtcTime,
    /// When it is over in any case.
    pub expires_at: UtcTime,
}

/// A session that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who is signed in, as the account is now.
    pub account: Account,
    /// What each change must bring along.
    pub csrf: String,
    /// When it began.
    pub created_at: UtcTime,
    /// When it is over in any case.
    pub expires_at: UtcTime,
}

impl Store {
    /// Begins a session.
    ///
    /// # Errors
    /// [`Refusal::NoAccount`] for one that is not there or disabled; [`Refusal::AccountChanged`]
    /// where it is at another version.
    pub async fn session_begin(&self, session: &NewSession) -> Result<Session, StoreError> {
        let mut transaction = self.database.begin("beginning a session").await?;
        transaction.lock_chains().await?;
        let forgotten = session.at.micros().saturating_sub(KEPT_US);
        let sql = "DELETE FROM sessions WHERE expires_at_us < $1";
        transaction.execute(sql, vec![Value::Integer(Some(forgotten))]).await?;
        let found = self.account_in(&mut transaction, &session.account).await?;
        let (mut account, _) = found
            .filter(|(account, _)| !account.disabled)
            .ok_or_else(|| Refusal::NoAccount(session.account.clone()))?;
        if account.version != session.account_version {
            return Err(Refusal::AccountChanged(session.account.clone()).into());
        }
        account.last_sign_in = Some(session.at);
        insert_session(&mut transaction, session).await?;
        if let Some(AttemptId(attempt)) = session.attempt {
            let sql = "UPDATE sign_in_attempts SET outcome = 'right' WHERE id = $1";
            transaction.execute(sql, vec![Value::Integer(Some(attempt))]).await?;
        }
        let sql = "UPDATE accounts SET last_sign_in_at_us = $2 WHERE name = $1";
        let values = vec![Value::text(&account.name), Value::time(session.at)];
        transaction.execute(sql, values).await?;
        let written = entry(session.at, &account.name, "session.begin", &account.name, json!({}));
        self.append(&mut transaction, &written).await?;
        transaction.commit().await?;
        Ok(Session {
            account,
            csrf: session.csrf.clone(),
            created_at: session.at,
            expires_at: session.expires_at,
        })
    }

    /// The session of a token at `now`; `None` where there is none, or it has ended, run out, been
    /// idle for [`SESSION_IDLE_US`], or its account was disabled or got another password, other roles
    /// or units.
    pub async fn session(&self, token: &str, now: UtcTime) -> Result<Option<Session>, StoreError> {
        let db = &self.database;
        let hash = token_sha256(token);
        let sql = format!(
            "SELECT {ACCOUNT}, s.csrf, s.created_at_us, s.last_seen_at_us, s.expires_at_us
             FROM sessions s JOIN accounts a ON a.name = s.account
             WHERE s.token_sha256 = $1 AND s.ended_at_us IS NULL AND s.expires_at_us > $2
                 AND s.last_seen_at_us > $3 AND s.account_version = a.version AND a.disabled = 0"
        );
        let idle_since = now.micros().saturating_sub(SESSION_IDLE_US);
        let values = vec![Value::text(&hash), Value::time(now), Value::Integer(Some(idle_since))];
        let rows = db.fetch("reading a session", sql, values).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let last_seen = db.integer(row, "last_seen_at_us")?;
        if now.micros().saturating_sub(last_seen) >= SEEN_US {
            let mut transaction = db.begin("keeping a session").await?;
            let sql = "UPDATE sessions SET last_seen_at_us = $2
                       WHERE token_sha256 = $1 AND last_seen_at_us < $2";
            transaction.execute(sql, vec![Value::text(&hash), Value::time(now)]).await?;
            transaction.commit().await?;
        }
        Ok(Some(Session {
            account: read_account(db, row)?,
            csrf: db.text(row, "csrf")?,
            created_at: db.time(row, "created_at_us")?,
            expires_at: db.time(row, "expires_at_us")?,
        }))
    }

    /// Ends a session. `false` where it was over already.
    pub async fn session_end(&self, token: &str, at: UtcTime) -> Result<bool, StoreError> {
        let db = &self.database;
        let mut transaction = db.begin("ending a session").await?;
        transaction.lock_chains().await?;
        let sql = "UPDATE sessions SET ended_at_us = $2
                   WHERE token_sha256 = $1 AND ended_at_us IS NULL AND expires_at_us > $2
                   RETURNING account";
        let values = vec![Value::text(token_sha256(token)), Value::time(at)];
        let Some(row) = transaction.fetch_optional(sql, values).await? else {
            return Ok(false);
        };
        let account = db.text(&row, "account")?;
        let written = entry(at, &account, "session.end", &account, json!({}));
        self.append(&mut transaction, &written).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn insert_session(
    transaction: &mut Transaction<'_>,
    session: &NewSession,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO sessions (token_sha256, account, account_version, csrf, created_at_us,
                   last_seen_at_us, expires_at_us)
               VALUES ($1, $2, $3, $4, $5, $5, $6)";
    let values = vec![
        Value::text(token_sha256(&session.token)),
        Value::text(&session.account),
        Value::unsigned(session.account_version)?,
        Value::text(&session.csrf),
        Value::time(session.at),
        Value::time(session.expires_at),
    ];
    transaction.execute(sql, values).await.map(drop)
}

fn token_sha256(token: &str) -> String {
    format!("{:x}", Sha256::digest(token))
}
