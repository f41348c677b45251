//! What people do to a case: look at it, decide, mend its plate, write a note.
//!
//! Each is one transaction with its entry in the audit log. The checks here say in words what the
//! triggers of the database hold in any case.

use giaolo_domain::{PlateVerdict, UtcTime};
use serde_json::{Value as Json, json};

use crate::{
    Account, Answer, CaseMove, CaseState, Decision, PlateEdit, Refusal, RejectReason, Role, Scope,
    Step, Store, StoreError,
    account_types::{check_text, invalid},
    accounts::entry,
    case_find::Conditions,
    case_make::{plate_vehicle, regroup},
    cases::no_case,
    clocks::{CaseClock, ClockFacts, due},
    db::Transaction,
    value::Value,
};

/// How long a case is held for who has it on the screen, in microseconds.
pub const HOLD_US: i64 = 2 * 60 * 1_000_000;
/// Characters of a note, at most.
const LONGEST_NOTE: usize = 2000;
/// Characters of a reason, at most.
const LONGEST_REASON: usize = 500;

/// A case within a transaction, kept from changing.
struct HeldCase {
    id: String,
    state: CaseState,
    version: u64,
    steps: u64,
    camera: String,
    vehicle: String,
    act_at: UtcTime,
    clock_known: bool,
    plate: Option<String>,
    plate_is_sure: bool,
    first_by: Option<String>,
    detected_at: Option<UtcTime>,
    sent_at: Option<UtcTime>,
    hold: Option<(String, UtcTime)>,
}

/// A step with what is written down of it.
struct Taken<'t> {
    who: &'t str,
    version: u64,
    step: Step,
    reason: Option<RejectReason>,
    note: &'t str,
    answers: Json,
    seconds: Option<f64>,
    at: UtcTime,
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

    /// An officer confirms or rejects a case; returns the state that it is in now.
    ///
    /// # Errors
    /// [`Refusal::NoCase`], [`Refusal::NotAllowed`], [`Refusal::CaseChanged`],
    /// [`Refusal::CaseTaken`], [`Refusal::NoSuchStep`], [`Refusal::SameOfficer`],
    /// [`Refusal::PlateNeeded`], [`Refusal::Question`], [`Refusal::Invalid`].
    pub async fn decide(
        &self,
        id: &str,
        decision: &Decision,
        scope: &Scope,
    ) -> Result<CaseState, StoreError> {
        let is_reject = match decision.decision {
            Step::Confirm => false,
            Step::Reject => true,
            _ => return Err(invalid("decision", "must be to confirm or to reject")),
        };
        if is_reject != decision.reason.is_some() {
            return Err(invalid("reason", "must be given for a rejection, and only for one"));
        }
        if decision.reason == Some(RejectReason::Other) {
            check_text("note", &decision.note, 1, LONGEST_NOTE)?;
        }
        if decision.seconds.is_some_and(|seconds| !(0.0..=86_400.0).contains(&seconds)) {
            return Err(invalid("seconds", "must be 0 to 86400"));
        }
        if decision.answers.len() > 50 || decision.answers.keys().any(|code| code.len() > 100) {
            return Err(invalid("answers", "are more or longer than there are questions"));
        }
        let not_no = |(_, answer): &(&String, &Answer)| **answer != Answer::No;
        if let Some((code, _)) = decision.answers.iter().find(not_no).filter(|_| !is_reject) {
            return Err(Refusal::Question(code.clone()).into());
        }
        let answers = json!(decision.answers);
        let taken = Taken {
            who: &decision.who,
            version: decision.version,
            step: decision.decision,
            reason: decision.reason,
            note: &decision.note,
            answers,
            seconds: decision.seconds,
            at: decision.at,
        };
        self.take_step(id, &taken, scope).await
    }

    /// An approver opens a rejected case again; the note says why.
    ///
    /// # Errors
    /// As [`Store::decide`].
    pub async fn reopen(
        &self,
        id: &str,
        reopened: &CaseMove,
        scope: &Scope,
    ) -> Result<CaseState, StoreError> {
        self.move_case(id, Step::Reopen, reopened, scope).await
    }

    /// Any step but [`Step::Confirm`] and [`Step::Reject`].
    ///
    /// # Errors
    /// As [`Store::decide`].
    pub async fn move_case(
        &self,
        id: &str,
        step: Step,
        moved: &CaseMove,
        scope: &Scope,
    ) -> Result<CaseState, StoreError> {
        if matches!(step, Step::Confirm | Step::Reject) {
            return Err(invalid("step", "is a decision; it needs more than a note"));
        }
        if matches!(step, Step::Reopen | Step::Close) {
            check_text("note", &moved.note, 1, LONGEST_NOTE)?;
        }
        let taken = Taken {
            who: &moved.who,
            version: moved.version,
            step,
            reason: None,
            note: &moved.note,
            answers: json!({}),
            seconds: None,
            at: moved.at,
        };
        self.take_step(id, &taken, scope).await
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
                       plate_edited = 1, vehicle = $4, version = $5
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

    async fn take_step(
        &self,
        id: &str,
        taken: &Taken<'_>,
        scope: &Scope,
    ) -> Result<CaseState, StoreError> {
        check_text("note", taken.note, 0, LONGEST_NOTE)?;
        let mut transaction = self.database.begin("deciding a case").await?;
        transaction.lock_chains().await?;
        let officer = self.officer(&mut transaction, taken.who).await?;
        let case = self.hold_case(&mut transaction, id, scope).await?;
        check_version(&case, taken.version)?;
        check_hold(&case, taken.who, taken.at)?;
        let to = check_step(&case, taken, &officer)?;
        insert_decision(&mut transaction, &case, taken, to).await?;
        move_row(&mut transaction, &case, taken, to).await?;
        let detail = json!({
            "from": case.state,
            "to": to,
            "reason": taken.reason,
            "note": taken.note,
            "answers": taken.answers,
            "seconds": taken.seconds,
            "plate": case.plate,
            "version": case.version + 1,
        });
        let action = format!("case.{}", taken.step.as_str());
        self.append(&mut transaction, &entry(taken.at, taken.who, &action, id, detail)).await?;
        transaction.commit().await?;
        Ok(to)
    }

    /// The account of who decides cases.
    async fn officer(
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

    async fn hold_case(
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

fn check_version(case: &HeldCase, version: u64) -> Result<(), StoreError> {
    if case.version == version {
        return Ok(());
    }
    Err(Refusal::CaseChanged { version: case.version }.into())
}

fn check_hold(case: &HeldCase, who: &str, now: UtcTime) -> Result<(), StoreError> {
    match &case.hold {
        Some((by, until)) if by != who && *until > now => {
            Err(Refusal::CaseTaken { by: by.clone(), until: *until }.into())
        }
        _ => Ok(()),
    }
}

/// Where the step leads, if this officer may take it now.
fn check_step(
    case: &HeldCase,
    taken: &Taken<'_>,
    officer: &Account,
) -> Result<CaseState, StoreError> {
    let (state, step) = (case.state.as_str(), taken.step.as_str());
    let to = taken.step.leads_to(case.state).ok_or(Refusal::NoSuchStep { state, step })?;
    if case.state == CaseState::FirstConfirmed && case.first_by.as_deref() == Some(taken.who) {
        return Err(Refusal::SameOfficer(taken.who.to_owned()).into());
    }
    let needs_approver = matches!(case.state, CaseState::FirstConfirmed | CaseState::Rejected);
    if needs_approver && !officer.has(Role::Approver) {
        let needs = Role::Approver.as_str();
        return Err(Refusal::NotAllowed { who: taken.who.to_owned(), needs }.into());
    }
    if taken.step == Step::Confirm && !case.plate_is_sure {
        return Err(Refusal::PlateNeeded.into());
    }
    Ok(to)
}

async fn insert_decision(
    transaction: &mut Transaction<'_>,
    case: &HeldCase,
    taken: &Taken<'_>,
    to: CaseState,
) -> Result<(), StoreError> {
    let columns = [
        "case_id",
        "number",
        "step",
        "from_state",
        "to_state",
        "who",
        "at_us",
        "reason",
        "note",
        "answers",
        "seconds",
        "plate",
    ];
    let reason = match taken.reason {
        Some(reason) => Value::word(reason)?,
        None => Value::Text(None),
    };
    let values = vec![
        Value::text(&case.id),
        Value::unsigned(case.steps + 1)?,
        Value::text(taken.step.as_str()),
        Value::text(case.state.as_str()),
        Value::text(to.as_str()),
        Value::text(taken.who),
        Value::time(taken.at),
        reason,
        Value::text(taken.note.trim()),
        Value::Json(taken.answers.clone()),
        Value::Real(taken.seconds),
        Value::Text(case.plate.clone()),
    ];
    transaction.insert_rows("decisions", &columns, vec![values]).await
}

/// Moves the case itself and lets go of it.
async fn move_row(
    transaction: &mut Transaction<'_>,
    case: &HeldCase,
    taken: &Taken<'_>,
    to: CaseState,
) -> Result<(), StoreError> {
    let first_by = match to {
        CaseState::Flagged => None,
        CaseState::FirstConfirmed => Some(taken.who.to_owned()),
        _ => case.first_by.clone(),
    };
    let confirms = to == CaseState::FirstConfirmed;
    let detected_at = case.detected_at.or(confirms.then_some(taken.at));
    let sent_at = case.sent_at.or((to == CaseState::Sent).then_some(taken.at));
    let act_at = case.clock_known.then_some(case.act_at);
    let due: Option<(CaseClock, UtcTime)> =
        due(&ClockFacts { state: to, act_at, detected_at, sent_at });
    let sql = "UPDATE cases SET state = $2, version = $3, steps = $4, first_by = $5,
                   detected_at_us = $6, sent_at_us = $7, due = $8, due_at_us = $9, held_by = NULL,
                   held_until_us = NULL
               WHERE id = $1";
    let values = vec![
        Value::text(&case.id),
        Value::text(to.as_str()),
        Value::unsigned(case.version + 1)?,
        Value::unsigned(case.steps + 1)?,
        Value::Text(first_by),
        Value::Integer(detected_at.map(UtcTime::micros)),
        Value::Integer(sent_at.map(UtcTime::micros)),
        Value::Text(due.map(|(clock, _)| clock.as_str().to_owned())),
        Value::Integer(due.map(|(_, at)| at.micros())),
    ];
    transaction.execute(sql, values).await.map(drop)
}
