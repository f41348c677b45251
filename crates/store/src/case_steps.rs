//! What moves a case on: decisions, and the steps after them.
//!
//! Each is one transaction with its entry in the audit log. The checks here say in words what the
//! triggers of the database hold in any case.

use giaolo_domain::UtcTime;
use serde_json::{Value as Json, json};

use crate::{
    Account, Answer, CaseMove, CaseState, Decision, Refusal, RejectReason, Role, Scope, Step,
    Store, StoreError,
    account_types::{check_text, invalid},
    accounts::entry,
    case_open::{HeldCase, LONGEST_NOTE, check_hold, check_version},
    clocks::{CaseClock, ClockFacts, due},
    db::Transaction,
    value::Value,
};

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
