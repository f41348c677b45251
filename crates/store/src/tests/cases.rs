//! Cases: states and who may move what, by the program and against raw SQL.

use std::{collections::BTreeMap, sync::Arc};

use giaolo_domain::MediaTime;

use super::{
    accounts::{minutes_later, new_account, now},
    samples::{begin, evidence, violation},
    town::{doubtful, sure, unreadable},
};
use crate::{
    Answer, CaseClock, CaseMove, CaseState, Decision, HOLD_US, Insertion, PlateEdit, ReadingRow,
    Refusal, RejectReason, Role, RunId, Scope, Step, Store, StoreError, value::Value,
};

pub(super) const TOWN: Scope = Scope::TOWN;

pub(super) async fn add_officers(store: &Store) {
    store.create_first_administrator(&new_account("admin", &[]), now()).await.unwrap();
    let accounts = [
        ("rev", vec![Role::Reviewer]),
        ("app", vec![Role::Approver]),
        ("app-2", vec![Role::Approver, Role::Reviewer]),
        ("analyst", vec![Role::Analyst]),
    ];
    for (name, roles) in accounts {
        store.create_account(&new_account(name, &roles), "admin", now()).await.unwrap();
    }
}

/// Stores a violation of a track with a reading, and so its case.
pub(super) async fn add_case(
    store: &Store,
    run: RunId,
    number: u64,
    reading: Option<ReadingRow>,
) -> String {
    if let Some(mut reading) = reading {
        reading.track = giaolo_domain::TrackId(number);
        store.insert_reading(run, &reading, now()).await.unwrap();
    }
    let found = violation(run, number);
    let proof = evidence(&found, store.chain_head().await.unwrap());
    let stored = store.insert_violation_with_evidence(&found, &proof, "giaolo").await.unwrap();
    assert_eq!(stored, Insertion::Inserted);
    found.id
}

pub(super) async fn version(store: &Store, id: &str) -> u64 {
    store.case(id, &TOWN, now()).await.unwrap().row.version
}

pub(super) async fn state(store: &Store, id: &str) -> CaseState {
    store.case(id, &TOWN, now()).await.unwrap().row.state
}

fn decision(who: &str, version: u64, step: Step) -> Decision {
    Decision {
        who: who.to_owned(),
        version,
        decision: step,
        reason: (step == Step::Reject).then_some(RejectReason::PoorPicture),
        note: String::new(),
        answers: BTreeMap::from([("priority_vehicle".to_owned(), Answer::No)]),
        seconds: Some(6.4),
        at: now(),
    }
}

pub(super) async fn decide(
    store: &Store,
    id: &str,
    who: &str,
    step: Step,
) -> Result<CaseState, StoreError> {
    let decision = decision(who, version(store, id).await, step);
    store.decide(id, &decision, &TOWN).await
}

pub(super) async fn move_on(
    store: &Store,
    id: &str,
    who: &str,
    step: Step,
) -> Result<CaseState, StoreError> {
    let moved = CaseMove {
        who: who.to_owned(),
        version: version(store, id).await,
        note: "có lý do".to_owned(),
        at: now(),
    };
    store.move_case(id, step, &moved, &TOWN).await
}

pub(super) fn denied<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Denied(refusal)) => refusal,
        other => panic!("not denied: {other:?}"),
    }
}

async fn raw(store: &Store, sql: &str) -> Result<u64, StoreError> {
    let mut transaction = store.database.begin("meddling").await.unwrap();
    let changed = transaction.execute(sql, Vec::new()).await?;
    transaction.commit().await?;
    Ok(changed)
}

pub(super) async fn the_way_of_a_case(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert_eq!((case.row.state, case.row.version), (CaseState::Flagged, 1));
    assert_eq!(case.row.plate.clone().unwrap().text.as_deref(), Some("61A12345"));
    assert_eq!(case.row.sure_share, Some(1.0));
    let year_later = case.row.act_at.plus(MediaTime(365 * 86_400_000_000));
    assert_eq!(case.row.due, Some((CaseClock::Limitation, year_later)));
    assert_eq!((case.row.group_size, case.row.group.as_str()), (1, id.as_str()));
    assert!(case.reading.is_some() && case.decisions.is_empty());
    assert_eq!(case.violation.id, case.evidence.violation_id);

    assert_eq!(decide(&store, &id, "rev", Step::Confirm).await.unwrap(), CaseState::FirstConfirmed);
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert_eq!((case.row.first_by.as_deref(), case.row.version), (Some("rev"), 2));
    assert_eq!(case.row.due, Some((CaseClock::Identify, minutes_later(10 * 24 * 60))));
    assert_eq!(decide(&store, &id, "app", Step::Confirm).await.unwrap(), CaseState::Confirmed);
    let steps = [
        (Step::DraftNotice, CaseState::NoticeDrafted, CaseClock::Notify, 10),
        (Step::SendNotice, CaseState::Sent, CaseClock::Answer, 20),
    ];
    for (step, to, clock, days) in steps {
        assert_eq!(move_on(&store, &id, "rev", step).await.unwrap(), to);
        let due = store.case(&id, &TOWN, now()).await.unwrap().row.due;
        assert_eq!(due, Some((clock, minutes_later(days * 24 * 60))));
    }
    assert_eq!(move_on(&store, &id, "rev", Step::MarkOverdue).await.unwrap(), CaseState::Overdue);
    assert_eq!(move_on(&store, &id, "rev", Step::RecordAnswer).await.unwrap(), CaseState::Answered);
    assert_eq!(move_on(&store, &id, "rev", Step::Close).await.unwrap(), CaseState::Closed);
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert_eq!(case.row.due, None);
    assert!(case.clocks.iter().all(|clock| clock.done) && case.clocks.len() == 4);
    let told: Vec<_> = case.decisions.iter().map(|d| (d.number, d.who.as_str(), d.step)).collect();
    let expected = [
        (1, "rev", Step::Confirm),
        (2, "app", Step::Confirm),
        (3, "rev", Step::DraftNotice),
        (4, "rev", Step::SendNotice),
        (5, "rev", Step::MarkOverdue),
        (6, "rev", Step::RecordAnswer),
        (7, "rev", Step::Close),
    ];
    assert_eq!(told, expected);
    assert_eq!(case.decisions[0].answers["priority_vehicle"], Answer::No);
    assert_eq!(case.decisions[0].seconds, Some(6.4));
    let actions: Vec<_> = case.history.iter().map(|e| e.entry.action.as_str()).collect();
    let expected = [
        "violation.found",
        "case.confirm",
        "case.confirm",
        "case.draft_notice",
        "case.send_notice",
        "case.mark_overdue",
        "case.record_answer",
        "case.close",
    ];
    assert_eq!(actions, expected);
    assert_eq!(store.audit_verify().await.unwrap().broken, None);
}

pub(super) async fn four_eyes(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let refused = decide(&store, &id, "analyst", Step::Confirm).await;
    assert!(matches!(denied(refused), Refusal::NotAllowed { .. }));
    for nobody in ["nobody", "", "admin' --", "Rev"] {
        let refused = decide(&store, &id, nobody, Step::Confirm).await;
        assert!(matches!(denied(refused), Refusal::NoAccount(_)), "{nobody}");
    }
    decide(&store, &id, "app", Step::Confirm).await.unwrap();
    for step in [Step::Confirm, Step::Reject] {
        let same = decide(&store, &id, "app", step).await;
        assert_eq!(denied(same), Refusal::SameOfficer("app".to_owned()));
        let no_approver = decide(&store, &id, "rev", step).await;
        assert!(matches!(denied(no_approver), Refusal::NotAllowed { needs: "approver", .. }));
    }
    assert_eq!(state(&store, &id).await, CaseState::FirstConfirmed);
    // By raw SQL: as the same person, as one without the role, as nobody, without a decision, with
    // another's decision, and by changing what was written down.
    let insert = |who: &str, from: &str, to: &str, number: u64| {
        format!(
            "INSERT INTO decisions (case_id, number, step, from_state, to_state, who, at_us, note,
                 answers)
             VALUES ('{id}', {number}, 'confirm', '{from}', '{to}', '{who}', 0, '', '{{}}')"
        )
    };
    let wrong = [
        insert("app", "first_confirmed", "confirmed", 2),
        insert("rev", "first_confirmed", "confirmed", 2),
        insert("analyst", "first_confirmed", "confirmed", 2),
        insert("nobody", "first_confirmed", "confirmed", 2),
        insert("app-2", "first_confirmed", "confirmed", 3),
        insert("app-2", "first_confirmed", "confirmed", 1),
        insert("app-2", "flagged", "first_confirmed", 2),
        insert("app-2", "first_confirmed", "sent", 2),
        "UPDATE cases SET state = 'confirmed'".to_owned(),
        "UPDATE cases SET state = 'confirmed', steps = 2".to_owned(),
        "UPDATE cases SET first_by = 'rev'".to_owned(),
        "UPDATE cases SET steps = 0, state = 'flagged', first_by = NULL".to_owned(),
        "UPDATE cases SET plate = '61A99999'".to_owned(),
        "UPDATE decisions SET who = 'rev'".to_owned(),
        "DELETE FROM decisions".to_owned(),
        "DELETE FROM cases".to_owned(),
        "UPDATE accounts SET name = 'x' WHERE name = 'app'".to_owned(),
    ];
    for sql in &wrong {
        assert!(raw(&store, sql).await.is_err(), "{sql}");
    }
    // A right decision in a transaction of its own moves nothing, and nothing else follows on it.
    assert_eq!(state(&store, &id).await, CaseState::FirstConfirmed);
    assert_eq!(decide(&store, &id, "app-2", Step::Confirm).await.unwrap(), CaseState::Confirmed);
}

pub(super) async fn every_step_from_every_state(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let ways: [(CaseState, &[Step]); 9] = [
        (CaseState::Flagged, &[]),
        (CaseState::FirstConfirmed, &[Step::Confirm]),
        (CaseState::Rejected, &[Step::Reject]),
        (CaseState::Confirmed, &[Step::Confirm, Step::Confirm]),
        (CaseState::NoticeDrafted, &[Step::Confirm, Step::Confirm, Step::DraftNotice]),
        (CaseState::Sent, &[Step::Confirm, Step::Confirm, Step::DraftNotice, Step::SendNotice]),
        (
            CaseState::Answered,
            &[
                Step::Confirm,
                Step::Confirm,
                Step::DraftNotice,
                Step::SendNotice,
                Step::RecordAnswer,
            ],
        ),
        (
            CaseState::Overdue,
            &[Step::Confirm, Step::Confirm, Step::DraftNotice, Step::SendNotice, Step::MarkOverdue],
        ),
        (CaseState::Closed, &[Step::Confirm, Step::Confirm, Step::Close]),
    ];
    let mut number = 0;
    for (from, way) in ways {
        for step in Step::ALL {
            number += 1;
            let id = add_case(&store, run, number, Some(sure(1, "61A12345"))).await;
            let mut officers = ["rev", "app", "app-2", "app", "app-2", "app"].into_iter();
            for taken in way {
                let who = officers.next().unwrap();
                let done = match taken {
                    Step::Confirm | Step::Reject => decide(&store, &id, who, *taken).await,
                    _ => move_on(&store, &id, who, *taken).await,
                };
                done.unwrap();
            }
            assert_eq!(state(&store, &id).await, from);
            // What the database itself thinks of it, with a decision that would fit.
            let steps = way.len() + 1;
            for to in CaseState::ALL {
                let reason = if step == Step::Reject { "'other'" } else { "NULL" };
                let sql = format!(
                    "INSERT INTO decisions (case_id, number, step, from_state, to_state, who, at_us,
                         reason, note, answers)
                     VALUES ('{id}', {steps}, '{}', '{}', '{}', 'app-2', 0, {reason}, 'x', '{{}}')",
                    step.as_str(), from.as_str(), to.as_str(),
                );
                let mut transaction = store.database.begin("trying").await.unwrap();
                let taken = transaction.execute(sql, Vec::new()).await;
                let legal = step.leads_to(from) == Some(to);
                assert_eq!(taken.is_ok(), legal, "{step:?} from {from:?} to {to:?}: {taken:?}");
            }
            let taken = match step {
                Step::Confirm | Step::Reject => decide(&store, &id, "app-2", step).await,
                _ => move_on(&store, &id, "app-2", step).await,
            };
            match step.leads_to(from) {
                Some(to) => assert_eq!(taken.unwrap(), to),
                None => assert_eq!(
                    denied(taken),
                    Refusal::NoSuchStep { state: from.as_str(), step: step.as_str() }
                ),
            }
        }
    }
}

pub(super) async fn two_officers_at_once(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    for number in 1..=4 {
        let id = add_case(&store, run, number, Some(sure(1, "61A12345"))).await;
        let officers = ["rev", "app", "app-2"].map(|who| {
            let (store, id) = (Arc::clone(&store), id.clone());
            tokio::spawn(
                async move { store.decide(&id, &decision(who, 1, Step::Confirm), &TOWN).await },
            )
        });
        let mut done = 0;
        for officer in officers {
            match officer.await.unwrap() {
                Ok(to) => {
                    assert_eq!(to, CaseState::FirstConfirmed);
                    done += 1;
                }
                Err(error) => assert!(
                    matches!(error, StoreError::Denied(Refusal::CaseChanged { version: 2 })),
                    "{error}"
                ),
            }
        }
        assert_eq!((done, store.decisions_of(&id).await.unwrap().len()), (1, 1));
    }
}

pub(super) async fn holds_run_out(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let open = async |who: &str, at| store.case_open(&id, who, &TOWN, at).await;
    let until = open("rev", now()).await.unwrap();
    assert_eq!(until.micros() - now().micros(), HOLD_US);
    let taken = Refusal::CaseTaken { by: "rev".to_owned(), until };
    assert_eq!(denied(open("app", minutes_later(1)).await), taken);
    assert_eq!(denied(decide(&store, &id, "app", Step::Confirm).await), taken);
    let held = store.case(&id, &TOWN, minutes_later(1)).await.unwrap().row.held_by;
    assert_eq!(held, Some(("rev".to_owned(), until)));
    // Held on while it is on the screen; then it runs out, and is let go.
    assert_eq!(open("rev", minutes_later(1)).await.unwrap(), minutes_later(3));
    assert!(open("app", minutes_later(2)).await.is_err());
    assert_eq!(store.case(&id, &TOWN, minutes_later(3)).await.unwrap().row.held_by, None);
    assert_eq!(open("app", minutes_later(3)).await.unwrap(), minutes_later(5));
    assert!(open("rev", minutes_later(3)).await.is_err());
    store.case_release(&id, "rev").await.unwrap();
    assert!(open("rev", minutes_later(3)).await.is_err());
    store.case_release(&id, "app").await.unwrap();
    open("rev", minutes_later(3)).await.unwrap();
    assert!(matches!(denied(open("analyst", minutes_later(9)).await), Refusal::NotAllowed { .. }));
    // Opening changes nothing that was seen, and stands in the history once for each look.
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert_eq!(case.row.version, 1);
    let opened = case.history.iter().filter(|entry| entry.entry.action == "case.open").count();
    assert_eq!(opened, 3);
    // A decision lets it go.
    let mut late = decision("rev", 1, Step::Confirm);
    late.at = minutes_later(4);
    store.decide(&id, &late, &TOWN).await.unwrap();
    open("app", minutes_later(4)).await.unwrap();
}

pub(super) async fn plates_follow_until_somebody_decides(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, None).await;
    let plate = async || store.case(&id, &TOWN, now()).await.unwrap().row.plate;
    assert_eq!(plate().await, None);
    assert_eq!(denied(decide(&store, &id, "rev", Step::Confirm).await), Refusal::PlateNeeded);
    let read = async |reading: ReadingRow| {
        store.insert_reading(run, &reading, now()).await.unwrap();
        let plate = plate().await.unwrap();
        (plate.text.unwrap_or_default(), plate.shown)
    };
    assert_eq!(read(unreadable(1)).await, (String::new(), String::new()));
    assert_eq!(denied(decide(&store, &id, "rev", Step::Confirm).await), Refusal::PlateNeeded);
    let (text, shown) = read(doubtful(1, "61A12345", &[(7, '6')])).await;
    assert_eq!(text, "61A12345");
    assert!(shown.ends_with('?'), "{shown}");
    assert_eq!(denied(decide(&store, &id, "rev", Step::Confirm).await), Refusal::PlateNeeded);
    assert_eq!(version(&store, &id).await, 3);
    read(doubtful(1, "61A12345", &[(7, '6')])).await;
    assert_eq!(version(&store, &id).await, 3, "nothing new was read");

    let edit = |version, plate: &str, shown: &str, reason: &str| PlateEdit {
        who: "rev".to_owned(),
        version,
        plate: plate.to_owned(),
        shown: shown.to_owned(),
        reason: reason.to_owned(),
        at: now(),
    };
    let wrong = [
        edit(3, "61A12345<b>", "61A-123.45<b>", "x"),
        edit(3, "61a12345", "61a12345", "x"),
        edit(3, "", "", "x"),
        edit(3, "61A12345", "61A-123.46", "x"),
        edit(3, "61A12345", "61A-123.45", "  "),
        edit(3, "61A12345", "61A-123.45", &"x".repeat(10_000_000)),
    ];
    for wrong in wrong {
        let refused = store.edit_plate(&id, &wrong, &TOWN).await;
        assert!(matches!(denied(refused), Refusal::Invalid { .. }), "{:.40}", wrong.plate);
    }
    let right = edit(3, "61A12346", "61A-123.46", "đọc rõ trên ảnh thứ ba");
    let stale = edit(2, "61A12346", "61A-123.46", "x");
    assert_eq!(
        denied(store.edit_plate(&id, &stale, &TOWN).await),
        Refusal::CaseChanged { version: 3 }
    );
    assert_eq!(store.edit_plate(&id, &right, &TOWN).await.unwrap(), 4);
    // From here on a reading changes nothing.
    assert_eq!(read(sure(1, "61A12345")).await, ("61A12346".to_owned(), "61A-123.46".to_owned()));
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert!(case.row.plate.as_ref().unwrap().edited);
    let told = &case.plate_edits[0];
    assert_eq!((told.from.as_deref(), told.to.as_str()), (Some("61A12345"), "61A12346"));
    assert_eq!(decide(&store, &id, "rev", Step::Confirm).await.unwrap(), CaseState::FirstConfirmed);
    let late = edit(5, "61A12347", "61A-123.47", "x");
    assert!(matches!(
        denied(store.edit_plate(&id, &late, &TOWN).await),
        Refusal::NoSuchStep { .. }
    ));

    // What was decided on stays, whatever is read later.
    let second = add_case(&store, run, 2, Some(sure(2, "61A55555"))).await;
    decide(&store, &second, "rev", Step::Confirm).await.unwrap();
    store.insert_reading(run, &sure(2, "61A66666"), now()).await.unwrap();
    let kept = store.case(&second, &TOWN, now()).await.unwrap().row.plate.unwrap();
    assert_eq!(kept.text.as_deref(), Some("61A55555"));
    let case = store.case(&second, &TOWN, now()).await.unwrap();
    assert_eq!(case.decisions[0].plate.as_deref(), Some("61A55555"));
}

pub(super) async fn hostile_decisions(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    let right = decision("rev", 1, Step::Reject);
    let long = "ă".repeat(10_000_000);
    let wrong = [
        Decision { reason: None, ..right.clone() },
        Decision { reason: Some(RejectReason::Other), ..right.clone() },
        Decision { reason: Some(RejectReason::Other), note: " \n".to_owned(), ..right.clone() },
        Decision { note: long.clone(), ..right.clone() },
        Decision { note: "a\0b".to_owned(), ..right.clone() },
        Decision { decision: Step::Close, ..right.clone() },
        Decision { decision: Step::Confirm, ..right.clone() },
        Decision { seconds: Some(f64::NAN), ..right.clone() },
        Decision { seconds: Some(-1.0), ..right.clone() },
        Decision { answers: BTreeMap::from([(long.clone(), Answer::No)]), ..right.clone() },
    ];
    for (number, wrong) in wrong.iter().enumerate() {
        let refused = store.decide(&id, wrong, &TOWN).await;
        assert!(matches!(denied(refused), Refusal::Invalid { .. }), "{number}");
    }
    for answer in [Answer::Yes, Answer::Unknown] {
        let mut confirm = decision("rev", 1, Step::Confirm);
        confirm.answers.insert("officer".to_owned(), answer);
        let refused = store.decide(&id, &confirm, &TOWN).await;
        assert_eq!(denied(refused), Refusal::Question("officer".to_owned()));
    }
    for nowhere in ["", "../../etc/passwd", "' OR '1'='1", "tu15\u{202e}", &long] {
        let refused = store.decide(nowhere, &right, &TOWN).await;
        assert!(matches!(denied(refused), Refusal::NoCase(id) if id.len() < 500), "{nowhere:.20}");
        assert!(matches!(denied(store.case(nowhere, &TOWN, now()).await), Refusal::NoCase(_)));
    }
    assert!(store.case("nul\0", &TOWN, now()).await.is_err());
    let note = "<img src=x onerror=alert(1)> ='; DROP TABLE cases; --";
    let mut told = right.clone();
    told.note = note.to_owned();
    store.case_note(&id, "app", note, &TOWN, now()).await.unwrap();
    assert_eq!(store.decide(&id, &told, &TOWN).await.unwrap(), CaseState::Rejected);
    let case = store.case(&id, &TOWN, now()).await.unwrap();
    assert_eq!(case.decisions[0].note, note);
    assert_eq!(case.history[1].entry.detail["note"], note);
    // Reopened by an approver alone, with a reason; then it begins again.
    let reopen = |who: &str, note: &str| CaseMove {
        who: who.to_owned(),
        version: 2,
        note: note.to_owned(),
        at: now(),
    };
    let refused = store.reopen(&id, &reopen("rev", "xem lại"), &TOWN).await;
    assert!(matches!(denied(refused), Refusal::NotAllowed { needs: "approver", .. }));
    let refused = store.reopen(&id, &reopen("app", " "), &TOWN).await;
    assert!(matches!(denied(refused), Refusal::Invalid { field: "note", .. }));
    let opened = store.reopen(&id, &reopen("app", "xem lại"), &TOWN).await;
    assert_eq!(opened.unwrap(), CaseState::Flagged);
    let due = store.case(&id, &TOWN, now()).await.unwrap().row.due.unwrap();
    assert_eq!(due.0, CaseClock::Limitation);
}

pub(super) async fn nothing_else_changes_hands(store: Arc<Store>) {
    add_officers(&store).await;
    let run = begin(&store, "sang").await;
    let id = add_case(&store, run, 1, Some(sure(1, "61A12345"))).await;
    // A second case of the same violation, one that begins decided, and a replaced one.
    let columns =
        "id, camera, kind, rule, class, verdict, act_at_us, clock_known, vehicle, group_key";
    let copied = "camera, kind, rule, class, verdict, act_at_us, clock_known, vehicle, group_key";
    let mut wrong = vec![
        format!("INSERT INTO cases ({columns}) SELECT id, {copied} FROM cases"),
        format!("INSERT INTO cases ({columns}) SELECT 'no violation', {copied} FROM cases"),
        format!("INSERT INTO cases (steps, {columns}) SELECT 3, 'x', {copied} FROM cases"),
    ];
    if matches!(store.database.pool, crate::db::Pool::Sqlite(_)) {
        wrong.push(format!(
            "INSERT OR REPLACE INTO cases ({columns}) SELECT id, {copied} FROM cases"
        ));
    }
    for sql in &wrong {
        assert!(raw(&store, sql).await.is_err(), "{sql}");
    }
    decide(&store, &id, "rev", Step::Reject).await.unwrap();
    for sql in ["UPDATE decisions SET reason = 'other'", "DELETE FROM decisions"] {
        assert!(raw(&store, sql).await.is_err(), "{sql}");
    }
    let sql = "SELECT count(*) AS n FROM cases WHERE id = $1";
    let rows = store.database.fetch("counting", sql, vec![Value::text(&id)]).await.unwrap();
    assert_eq!(store.database.integer(&rows[0], "n").unwrap(), 1);
}
