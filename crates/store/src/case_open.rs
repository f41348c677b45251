//! A case on somebody's screen: held for him, its plate mended, a note added. Nothing here moves it on;
//! that is for `case_steps.rs`.

use giaolo_domain::{PlateVerdict, UtcTime};
use serde_json::json;

use crate::{
    Account, CaseState, PlateEdit, Refusal, Role, Scope, Store, StoreError,
    account_types::{check_text, invalid},
    accounts::entry,
    case_find::Conditions,
    case_make::{plate_vehicle, regroup},
    cases::no_case,
    db::Transaction,
    value::Value,
};

/// How long a case is held for who has it on the screen, in microseconds.
pub const HOLD_US: i64 = 2 * 60 * 1_000_000;
/// Characters of a note, at most.
pub(crate) const LONGEST_NOTE: usize = 2000;
/// Characters of a reason, at most.
const LONGEST_REASON: usize = 500;

/// A case within a transaction, kept from changing.
pub(crate) struct HeldCase {
    pub(crate) id: String,
    pub(crate) state: CaseState,
    pub(crate) version: u64,
    pub(crate) steps: u64,
    pub(crate) camera: String,
    pub(crate) vehicle: String,
    pub(crate) act_at: UtcTime,
    pub(crate) clock_known: bool,
    pub(crate) plate: Option<String>,
    pub(crate) plate_is_sure: bool,
    pub(crate) first_by: Option<String>,
    pub(crate) detected_at: Option<UtcTime>,
    pub(crate) sent_at: Option<UtcTime>,
    pub(crate) hold: Option<(String, UtcTime)>,
}

impl Store {
    /// Takes a case onto somebody's screen, and goes on holding it for two minutes. What nobody goes
    /// on holding, the next one takes over.
    ///
    /// # Errors
    /// [`Refusal::NoCase`]; [`Refusal::CaseTaken`]; [`Refusal::NotAllowed`] without the role reviewer
    /// or approver.
    pub async fn case_open(
        &self,
        id: &str,
        who: &str,
        scope: &Scope,
        now: UtcTime,
    ) -> Result<UtcTime, StoreError> {
        let mut transaction = self.database.begin("opening a case").await?;
        transaction.lock_chains().await?;
        self.officer(&mut transaction, who).await?;
        let case = self.hold_case(&mut transaction, id, scope).await?;
        check_hold(&case, who, now)?;
        let until = UtcTime::from_micros(now.micros().saturating_add(HOLD_US));
        let sql = "UPDATE cases SET held_by = $2, held_until_us = $3 WHERE id = $1";
        let values = vec![Value::text(id), Value::text(who), Value::time(until)];
        transaction.execute(sql, values).await?;
        let goes_on = case.hold.is_some_and(|(by, until)| by == who && until > now);
        if !goes_on {
            let written = entry(now, who, "case.open", id, json!({}));
            self.append(&mut transaction, &written).await?;
        }
        transaction.commit().await?;
        Ok(until)
    }

    /// Lets a case go. Nothing happens where somebody else has it.
    pub async fn case_release(&self, id: &str, who: &str) -> Result<(), StoreError> {
        let mut transaction = self.database.begin("letting a case go").await?;
        let sql = "UPDATE cases SET held_by = NULL, held_until_us = NULL
                   WHERE id = $1 AND held_by = $2";
        transaction.execute(sql, vec![Value::text(id), Value::text(who)]).await?;
        transaction.commit().await
    }

    /// A person says what the plate is; returns the case's version after it. Only while nobody has
    /// decided: what the first officer confirmed is what the second one sees.
    ///
    /// # Errors
    /// As [`Store::decide`]; [`Refusal::Invalid`] for what is no plate's normal form.
    pub async fn edit_plate(
        &self,
        id: &str,
        edit: &PlateEdit,
        scope: &Scope,
    ) -> Result<u64, StoreError> {
        check_text("reason", &edit.reason, 1, LONGEST_REASON)?;
        let plate = edit.plate.as_str();
        let is_normal = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        if !(4..=16).contains(&plate.len()) || !plate.chars().all(is_normal) {
            return Err(invalid("plate", "must be 4 to 16 of 0-9 and A-Z, like 61A12345"));
        }
        let shown: String = edit.shown.chars().filter(char::is_ascii_alphanumeric).collect();
        if shown != plate || edit.shown.len() > 30 {
            return Err(invalid("shown", "must be the plate with its separators, like 61A-123.45"));
        }
        let mut transaction = self.database.begin("mending a plate").await?;
        transaction.lock_chains().await?;
        self.officer(&mut transaction, &edit.who).await?;
        let case = self.hold_case(&mut transaction, id, scope).await?;
        check_version(&case, edit.version)?;
        check_hold(&case, &edit.who, edit.at)?;
        if case.state != CaseState::Flagged {
            let state = case.state.as_str();
            return Err(Refusal::NoSuchStep { state, step: "edit_plate" }.into());
        }
        let version = case.version + 1;
        let vehicle = if case.clock_known { plate_vehicle(plate) } else { case.vehicle.clone() };
        let sql = "UPDATE cases SET plate = $2, plate_shown = $3, plate_verdict = 'sure',
                       plate_edited = 1, vehicle = $4, version = $5,
                       doubt = doubt - CASE WHEN plate_verdict = 'sure' OR plate_edited = 1
                           THEN 0 ELSE 20 END
                   WHERE id = $1";
        let values = vec![
            Value::text(id),
            Value::text(plate),
            Value::text(&edit.shown),
            Value::text(&vehicle),
            Value::unsigned(version)?,
        ];
        transaction.execute(sql, values).await?;
        regroup(&mut transaction, &case.camera, &case.vehicle).await?;
        regroup(&mut transaction, &case.camera, &vehicle).await?;
        let sql = "INSERT INTO plate_edits (case_id, version, at_us, who, from_plate, to_plate,
                       reason)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            Value::text(id),
            Value::unsigned(version)?,
            Value::time(edit.at),
            Value::text(&edit.who),
            Value::Text(case.plate.clone()),
            Value::text(plate),
            Value::text(&edit.reason),
        ];
        transaction.execute(sql, values).await?;
        let detail = json!({ "from": case.plate, "to": plate, "reason": edit.reason });
        let written = entry(edit.at, &edit.who, "case.plate", id, detail);
        self.append(&mut transaction, &written).await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Adds a note to the history of a case; it changes nothing else.
    ///
    /// # Errors
    /// [`Refusal::NoCase`], [`Refusal::NotAllowed`], [`Refusal::Invalid`] for a note that is empty or
    /// longer than 2000 characters.
    pub async fn case_note(
        &self,
        id: &str,
        who: &str,
        note: &str,
        scope: &Scope,
        at: UtcTime,
    ) -> Result<(), StoreError> {
        check_text("note", note, 1, LONGEST_NOTE)?;
        let mut transaction = self.database.begin("noting on a case").await?;
        transaction.lock_chains().await?;
        self.officer(&mut transaction, who).await?;
        self.hold_case(&mut transaction, id, scope).await?;
        let written = entry(at, who, "case.note", id, json!({ "note": note.trim() }));
        self.append(&mut transaction, &written).await?;
        transaction.commit().await
    }

    /// The account of who decides cases.
    pub(crate) async fn officer(
        &self,
        transaction: &mut Transaction<'_>,
        who: &str,
    ) -> Result<Account, StoreError> {
        let found = self.account_in(transaction, who).await?;
        let (account, _) = found
            .filter(|(account, _)| !account.disabled)
            .ok_or_else(|| Refusal::NoAccount(who.chars().take(60).collect()))?;
        if account.has(Role::Reviewer) || account.has(Role::Approver) {
            return Ok(account);
        }
        Err(Refusal::NotAllowed { who: account.name, needs: Role::Reviewer.as_str() }.into())
    }

    pub(crate) async fn hold_case(
        &self,
        transaction: &mut Transaction<'_>,
        id: &str,
        scope: &Scope,
    ) -> Result<HeldCase, StoreError> {
        let db = &self.database;
        let mut conditions = Conditions::default();
        conditions.when("c.id = ?", Value::text(id));
        conditions.scope(scope);
        let sql = format!("SELECT c.* FROM cases c{}{}", conditions.sql(), transaction.row_lock());
        let row = transaction.fetch_optional(sql, conditions.values).await?;
        let row = row.ok_or_else(|| no_case(id))?;
        let moment = |column: &str| -> Result<Option<UtcTime>, StoreError> {
            Ok(db.maybe_integer(&row, column)?.map(UtcTime::from_micros))
        };
        let verdict = db.maybe_text(&row, "plate_verdict")?;
        let is_sure = verdict.as_deref() == Some(PlateVerdict::Sure.as_str());
        Ok(HeldCase {
            id: id.to_owned(),
            state: db.word(&row, "state")?,
            version: db.unsigned(&row, "version")?,
            steps: db.unsigned(&row, "steps")?,
            camera: db.text(&row, "camera")?,
            vehicle: db.text(&row, "vehicle")?,
            act_at: db.time(&row, "act_at_us")?,
            clock_known: db.integer(&row, "clock_known")? != 0,
            plate: db.maybe_text(&row, "plate")?,
            plate_is_sure: is_sure || db.integer(&row, "plate_edited")? != 0,
            first_by: db.maybe_text(&row, "first_by")?,
            detected_at: moment("detected_at_us")?,
            sent_at: moment("sent_at_us")?,
            hold: db.maybe_text(&row, "held_by")?.zip(moment("held_until_us")?),
        })
    }
}

pub(crate) fn check_version(case: &HeldCase, version: u64) -> Result<(), StoreError> {
    if case.version == version {
        return Ok(());
    }
    Err(Refusal::CaseChanged { version: case.version }.into())
}

pub(crate) fn check_hold(case: &HeldCase, who: &str, now: UtcTime) -> Result<(), StoreError> {
    match &case.hold {
        Some((by, until)) if by != who && *until > now => {
            Err(Refusal::CaseTaken { by: by.clone(), until: *until }.into())
        }
        _ => Ok(()),
    }
}
