//! Accounts: made by an administrator, disabled but never removed, and never without somebody who
//! can make the next one.

use std::collections::BTreeSet;

use giaolo_domain::UtcTime;
use serde_json::json;

use crate::{
    Account, AccountChange, AuditEntry, NewAccount, PasswordHash, Refusal, Role, Store, StoreError,
    account_types::{check_full_name, check_name, invalid},
    db::{Database, Row, Transaction},
    sign_in::name_sha256,
    value::{Value, places},
};

impl Store {
    /// Whether there is any account; while there is none, [`Store::create_first_administrator`]
    /// works.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let sql = "SELECT name FROM accounts LIMIT 1";
        let rows = self.database.fetch("looking for accounts", sql, Vec::new()).await?;
        Ok(!rows.is_empty())
    }

    /// Makes the first account, an administrator. Of several at once, one succeeds.
    ///
    /// # Errors
    /// [`Refusal::NotTheFirst`] where there is an account; as [`Store::create_account`].
    pub async fn create_first_administrator(
        &self,
        account: &NewAccount,
        at: UtcTime,
    ) -> Result<Account, StoreError> {
        let mut account = account.clone();
        account.roles.insert(Role::Administrator);
        let mut transaction = self.database.begin("making the first account").await?;
        transaction.lock_chains().await?;
        let sql = "SELECT name FROM accounts LIMIT 1";
        if transaction.fetch_optional(sql, Vec::new()).await?.is_some() {
            return Err(Refusal::NotTheFirst.into());
        }
        let made = self.insert_account(&mut transaction, &account, &account.name, at).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Makes an account; `by` is the administrator.
    ///
    /// # Errors
    /// [`Refusal::AccountThere`]; [`Refusal::Invalid`] for a name, a person's name or a unit that
    /// cannot be.
    pub async fn create_account(
        &self,
        account: &NewAccount,
        by: &str,
        at: UtcTime,
    ) -> Result<Account, StoreError> {
        let mut transaction = self.database.begin("making an account").await?;
        transaction.lock_chains().await?;
        let made = self.insert_account(&mut transaction, account, by, at).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Changes an account; `by` is the administrator. All but a new `full_name` ends its sessions.
    ///
    /// # Errors
    /// [`Refusal::NoAccount`]; [`Refusal::LastAdministrator`] where nobody could make accounts any
    /// more; [`Refusal::Invalid`].
    pub async fn change_account(
        &self,
        name: &str,
        change: &AccountChange,
        by: &str,
        at: UtcTime,
    ) -> Result<Account, StoreError> {
        let mut transaction = self.database.begin("changing an account").await?;
        transaction.lock_chains().await?;
        let old = self.account_in(&mut transaction, name).await?;
        let (mut new, old_password) = old.ok_or_else(|| Refusal::NoAccount(name.to_owned()))?;
        let before = new.clone();
        if let Some(full_name) = &change.full_name {
            check_full_name(full_name)?;
            new.full_name.clone_from(full_name);
        }
        if let Some(roles) = &change.roles {
            new.roles.clone_from(roles);
        }
        if let Some(units) = &change.units {
            check_units(&mut transaction, units).await?;
            new.units.clone_from(units);
        }
        if let Some(disabled) = change.disabled {
            new.disabled = disabled;
        }
        if change.password.is_some() {
            new.must_change_password = true;
            let sql = "DELETE FROM sign_in_attempts WHERE name_sha256 = $1";
            transaction.execute(sql, vec![Value::text(name_sha256(name))]).await?;
        }
        let ends_sessions = change.password.is_some()
            || (&before.roles, &before.units, before.disabled)
                != (&new.roles, &new.units, new.disabled);
        new.version += u64::from(ends_sessions);
        (new.changed_at, new.changed_by) = (at, by.to_owned());
        let password = change.password.as_ref().unwrap_or(&old_password);
        update_account(&mut transaction, &new, password).await?;
        self.check_administrator_left(&mut transaction, name).await?;
        let detail = json!({
            "full_name": new.full_name,
            "roles": new.roles,
            "units": new.units,
            "disabled": new.disabled,
            "password_changed": change.password.is_some(),
        });
        self.append(&mut transaction, &entry(at, by, "account.change", name, detail)).await?;
        transaction.commit().await?;
        Ok(new)
    }

    /// A person chooses another password; the caller has verified the old one. Ends every session
    /// of the account.
    ///
    /// # Errors
    /// [`Refusal::NoAccount`]; [`Refusal::AccountChanged`] where the account is not at `version`
    /// any more: the password that was verified is not the one that is replaced.
    pub async fn change_password(
        &self,
        name: &str,
        version: u64,
        password: &PasswordHash,
        at: UtcTime,
    ) -> Result<Account, StoreError> {
        let mut transaction = self.database.begin("changing a password").await?;
        transaction.lock_chains().await?;
        let old = self.account_in(&mut transaction, name).await?;
        let (mut account, _) = old
            .filter(|(account, _)| !account.disabled)
            .ok_or_else(|| Refusal::NoAccount(name.to_owned()))?;
        if account.version != version {
            return Err(Refusal::AccountChanged(name.to_owned()).into());
        }
        account.must_change_password = false;
        account.version += 1;
        (account.changed_at, account.changed_by) = (at, name.to_owned());
        update_account(&mut transaction, &account, password).await?;
        let written = entry(at, name, "account.password", name, json!({}));
        self.append(&mut transaction, &written).await?;
        transaction.commit().await?;
        Ok(account)
    }

    /// Every account, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let db = &self.database;
        let sql = format!("SELECT {ACCOUNT} FROM accounts a ORDER BY a.name");
        let rows = db.fetch("reading accounts", sql, Vec::new()).await?;
        rows.iter().map(|row| read_account(db, row)).collect()
    }

    /// An account by its name, with its password's hash.
    pub async fn account(&self, name: &str) -> Result<Option<(Account, PasswordHash)>, StoreError> {
        // What no account can be called is not asked for: it may be ten megabytes of anything.
        if check_name(name).is_err() {
            return Ok(None);
        }
        let db = &self.database;
        let sql = format!("SELECT {ACCOUNT}, a.password FROM accounts a WHERE a.name = $1");
        let rows = db.fetch("reading an account", sql, vec![Value::text(name)]).await?;
        rows.first().map(|row| read_with_password(db, row)).transpose()
    }

    /// As [`Store::account`], kept from changing until the transaction ends.
    pub(crate) async fn account_in(
        &self,
        transaction: &mut Transaction<'_>,
        name: &str,
    ) -> Result<Option<(Account, PasswordHash)>, StoreError> {
        if check_name(name).is_err() {
            return Ok(None);
        }
        let lock = transaction.row_lock();
        let sql = format!("SELECT {ACCOUNT}, a.password FROM accounts a WHERE a.name = $1{lock}");
        let row = transaction.fetch_optional(sql, vec![Value::text(name)]).await?;
        row.map(|row| read_with_password(&self.database, &row)).transpose()
    }

    async fn insert_account(
        &self,
        transaction: &mut Transaction<'_>,
        account: &NewAccount,
        by: &str,
        at: UtcTime,
    ) -> Result<Account, StoreError> {
        check_name(&account.name)?;
        check_full_name(&account.full_name)?;
        check_units(transaction, &account.units).await?;
        let made = Account {
            name: account.name.clone(),
            full_name: account.full_name.clone(),
            roles: account.roles.clone(),
            units: account.units.clone(),
            disabled: false,
            must_change_password: account.must_change_password,
            version: 1,
            created_at: at,
            created_by: by.to_owned(),
            changed_at: at,
            changed_by: by.to_owned(),
            last_sign_in: None,
        };
        let sql = "INSERT INTO accounts (name, full_name, password, roles, units,
                       must_change_password, created_at_us, created_by, changed_at_us, changed_by)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $8) ON CONFLICT (name) DO NOTHING";
        let values = vec![
            Value::text(&made.name),
            Value::text(&made.full_name),
            Value::text(account.password.as_str()),
            Value::json(&made.roles)?,
            Value::json(&made.units)?,
            Value::Integer(Some(i64::from(made.must_change_password))),
            Value::time(at),
            Value::text(by),
        ];
        if transaction.execute(sql, values).await? == 0 {
            return Err(Refusal::AccountThere(made.name).into());
        }
        let detail =
            json!({ "full_name": made.full_name, "roles": made.roles, "units": made.units });
        self.append(transaction, &entry(at, by, "account.create", &made.name, detail)).await?;
        Ok(made)
    }

    /// The chains' lock keeps other changes of accounts away between this and the commit.
    async fn check_administrator_left(
        &self,
        transaction: &mut Transaction<'_>,
        changed: &str,
    ) -> Result<(), StoreError> {
        let db = &self.database;
        let sql = "SELECT roles FROM accounts WHERE disabled = 0";
        for row in transaction.fetch(sql, Vec::new()).await? {
            let roles: BTreeSet<Role> = db.json(&row, "roles")?;
            if roles.contains(&Role::Administrator) {
                return Ok(());
            }
        }
        Err(Refusal::LastAdministrator(changed.to_owned()).into())
    }
}

pub(crate) fn entry(
    at: UtcTime,
    who: &str,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
) -> AuditEntry {
    AuditEntry {
        at,
        who: who.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
    }
}

async fn update_account(
    transaction: &mut Transaction<'_>,
    account: &Account,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET full_name = $2, password = $3, roles = $4, units = $5,
                   disabled = $6, must_change_password = $7, version = $8, changed_at_us = $9,
                   changed_by = $10
               WHERE name = $1";
    let values = vec![
        Value::text(&account.name),
        Value::text(&account.full_name),
        Value::text(password.as_str()),
        Value::json(&account.roles)?,
        Value::json(&account.units)?,
        Value::Integer(Some(i64::from(account.disabled))),
        Value::Integer(Some(i64::from(account.must_change_password))),
        Value::unsigned(account.version)?,
        Value::time(account.changed_at),
        Value::text(&account.changed_by),
    ];
    transaction.execute(sql, values).await.map(drop)
}

/// A unit that nobody knows would show its account nothing, for ever and without a word.
async fn check_units(
    transaction: &mut Transaction<'_>,
    units: &[String],
) -> Result<(), StoreError> {
    if units.len() > 1000 {
        return Err(invalid("units", "are more than 1000"));
    }
    if units.is_empty() {
        return Ok(());
    }
    let sql = format!("SELECT name FROM units WHERE name IN ({})", places(0, units.len()));
    let values = units.iter().map(Value::text).collect();
    let rows = transaction.fetch(sql, values).await?;
    let distinct: BTreeSet<&String> = units.iter().collect();
    if rows.len() == distinct.len() && distinct.len() == units.len() {
        return Ok(());
    }
    Err(invalid("units", "must be names of the register's units, each once"))
}

pub(crate) const ACCOUNT: &str = "a.name, a.full_name, a.roles, a.units, a.disabled,
    a.must_change_password, a.version, a.created_at_us AS account_created_at_us, a.created_by,
    a.changed_at_us, a.changed_by, a.last_sign_in_at_us";

pub(crate) fn read_account(db: &Database, row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        name: db.text(row, "name")?,
        full_name: db.text(row, "full_name")?,
        roles: db.json(row, "roles")?,
        units: db.json(row, "units")?,
        disabled: db.integer(row, "disabled")? != 0,
        must_change_password: db.integer(row, "must_change_password")? != 0,
        version: db.unsigned(row, "version")?,
        created_at: db.time(row, "account_created_at_us")?,
        created_by: db.text(row, "created_by")?,
        changed_at: db.time(row, "changed_at_us")?,
        changed_by: db.text(row, "changed_by")?,
        last_sign_in: db.maybe_integer(row, "last_sign_in_at_us")?.map(UtcTime::from_micros),
    })
}

pub(crate) fn read_with_password(
    db: &Database,
    row: &Row,
) -> Result<(Account, PasswordHash), StoreError> {
    let password = PasswordHash::new(db.text(row, "password")?)
        .map_err(|_| db.unreadable("password", "no PHC string of argon2"))?;
    Ok((read_account(db, row)?, password))
}
