//! A case as people see it: a violation on its way through them.

use std::collections::BTreeMap;

use giaolo_domain::{
    CameraId, LineId, PlateVerdict, RoadUserClass, RuleId, UtcTime, Verdict, ViolationKind,
};
use serde::{Deserialize, Serialize};

use crate::{
    EvidenceRow, Point, RunRow, StoredAuditEntry, StoredReading, ViolationRow, clocks::CaseClock,
};

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has decided yet, or an approver has opened it again.
    Flagged,
    /// Confirmed once; waits for the second officer.
    FirstConfirmed,
    /// Confirmed by two people.
    Confirmed,
    /// Rejected.
    Rejected,
    /// Its notice is drafted.
    NoticeDrafted,
    /// Its notice is sent.
    Sent,
    /// The owner has answered.
    Answered,
    /// The owner has not answered in time.
    Overdue,
    /// Over.
    Closed,
}

impl CaseState {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Flagged,
        Self::FirstConfirmed,
        Self::Confirmed,
        Self::Rejected,
        Self::NoticeDrafted,
        Self::Sent,
        Self::Answered,
        Self::Overdue,
        Self::Closed,
    ];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::FirstConfirmed => "first_confirmed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::NoticeDrafted => "notice_drafted",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Overdue => "overdue",
            Self::Closed => "closed",
        }
    }

    /// Whether two people have confirmed it, whatever came after.
    pub const fn is_confirmed(self) -> bool {
        !matches!(self, Self::Flagged | Self::FirstConfirmed | Self::Rejected)
    }
}

/// What a person does to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is what the rule says. Needed twice.
    Confirm,
    /// It is not.
    Reject,
    /// A rejected one is looked at again.
    Reopen,
    /// The notice is drafted.
    DraftNotice,
    /// The notice is sent.
    SendNotice,
    /// The owner has answered.
    RecordAnswer,
    /// The owner has not answered in time.
    MarkOverdue,
    /// It is over.
    Close,
}

impl Step {
    /// All steps.
    pub const ALL: [Self; 8] = [
        Self::Confirm,
        Self::Reject,
        Self::Reopen,
        Self::DraftNotice,
        Self::SendNotice,
        Self::RecordAnswer,
        Self::MarkOverdue,
        Self::Close,
    ];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Reopen => "reopen",
            Self::DraftNotice => "draft_notice",
            Self::SendNotice => "send_notice",
            Self::RecordAnswer => "record_answer",
            Self::MarkOverdue => "mark_overdue",
            Self::Close => "close",
        }
    }

    /// Where it leads from a state; `None` where it cannot be taken. The database holds the same
    /// table.
    pub const fn leads_to(self, from: CaseState) -> Option<CaseState> {
        use CaseState as S;
        match (self, from) {
            (Self::Confirm, S::Flagged) => Some(S::FirstConfirmed),
            (Self::Confirm, S::FirstConfirmed) => Some(S::Confirmed),
            (Self::Reject, S::Flagged | S::FirstConfirmed) => Some(S::Rejected),
            (Self::Reopen, S::Rejected) => Some(S::Flagged),
            (Self::DraftNotice, S::Confirmed) => Some(S::NoticeDrafted),
            (Self::SendNotice, S::NoticeDrafted) => Some(S::Sent),
            (Self::RecordAnswer, S::Sent | S::Overdue) => Some(S::Answered),
            (Self::MarkOverdue, S::Sent) => Some(S::Overdue),
            (Self::Close, S::Confirmed | S::NoticeDrafted | S::Sent | S::Answered | S::Overdue) => {
                Some(S::Closed)
            }
            _ => None,
        }
    }
}

/// Why a case is rejected, in the order of the keys 1 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Nothing forbidden happened.
    NotAViolation,
    /// The pictures show another vehicle.
    WrongVehicle,
    /// Nobody can read the plate.
    PlateUnreadable,
    /// A priority vehicle on duty.
    PriorityVehicle,
    /// An officer directed the traffic.
    OfficerDirecting,
    /// The lamps did not work as they should.
    SignalFault,
    /// The pictures prove nothing.
    PoorPicture,
    /// The same act is another case.
    Duplicate,
    /// Something else; the note says what.
    Other,
}

impl RejectReason {
    /// All reasons, in the order of their keys.
    pub const ALL: [Self; 9] = [
        Self::NotAViolation,
        Self::WrongVehicle,
        Self::PlateUnreadable,
        Self::PriorityVehicle,
        Self::OfficerDirecting,
        Self::SignalFault,
        Self::PoorPicture,
        Self::Duplicate,
        Self::Other,
    ];
}

/// An answer to a question that the law asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing speaks against the case.
    No,
    /// It does.
    Yes,
    /// The officer cannot tell.
    Unknown,
}

/// What an officer decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The account.
    pub who: String,
    /// The case's version that was on the screen.
    pub version: u64,
    /// [`Step::Confirm`] or [`Step::Reject`].
    pub decision: Step,
    /// Why, for a rejection.
    pub reason: Option<RejectReason>,
    /// In the officer's words; at most 2000 characters.
    pub note: String,
    /// What was answered, by the question's code. A confirmation wants each to be [`Answer::No`];
    /// which ones must be asked, the caller knows.
    pub answers: BTreeMap<String, Answer>,
    /// How long it took; `None` where nobody measured.
    pub seconds: Option<f64>,
    /// Now.
    pub at: UtcTime,
}

/// Any other step that a person takes with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseMove {
    /// The account.
    pub who: String,
    /// The case's version that was on the screen.
    pub version: u64,
    /// Why, or what came of it; reopening and closing need it.
    pub note: String,
    /// Now.
    pub at: UtcTime,
}

/// A plate as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlateEdit {
    /// The account.
    pub who: String,
    /// The case's version that was on the screen.
    pub version: u64,
    /// Its normal form; that it is one of the grammar, the caller has checked.
    pub plate: String,
    /// As printed.
    pub shown: String,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// Now.
    pub at: UtcTime,
}

/// What is known of a case's plate.
#[derive(Clone, Debug, PartialEq)]
pub struct CasePlate {
    /// The normal form; `None` where it could not be read.
    pub text: Option<String>,
    /// For people: as printed, `?` for each doubtful character. Empty where it could not be read.
    pub shown: String,
    /// What may be said of it. Sure where a person has typed it.
    pub verdict: PlateVerdict,
    /// Whether a person has typed it.
    pub edited: bool,
}

/// A case as it stands in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    /// Its violation's.
    pub id: String,
    /// How far it has come.
    pub state: CaseState,
    /// To be named when something is done to it.
    pub version: u64,
    /// What kind of behaviour.
    pub kind: ViolationKind,
    /// The rule that fired.
    pub rule: RuleId,
    /// The line, for rules at a line.
    pub line: Option<LineId>,
    /// The rule's own word.
    pub verdict: Verdict,
    /// Of track and class, 0 to 1; `None` where nobody knows.
    pub confidence: Option<f64>,
    /// Who.
    pub class: RoadUserClass,
    /// Whose picture.
    pub camera: CameraId,
    /// Where it stands, where that is registered.
    pub point: Option<Point>,
    /// When.
    pub act_at: UtcTime,
    /// Whether a clock says so; otherwise `act_at` is a hint or counts from 1970.
    pub clock_known: bool,
    /// `None` where nobody has tried to read it.
    pub plate: Option<CasePlate>,
    /// The share of the plate's characters that are sure, 0 to 1; `None` without a reading.
    pub sure_share: Option<f64>,
    /// The first case of the same vehicle at the same camera, each within two minutes of the one
    /// before; its own id where it is alone or first.
    pub group: String,
    /// Cases of the group, this one counted.
    pub group_size: u64,
    /// Who has it on the screen at the time of asking, and until when.
    pub held_by: Option<(String, UtcTime)>,
    /// Who confirmed it first.
    pub first_by: Option<String>,
    /// The clock of the law that runs out next, and when.
    pub due: Option<(CaseClock, UtcTime)>,
    /// When an officer first determined it.
    pub detected_at: Option<UtcTime>,
    /// When its notice was sent.
    pub sent_at: Option<UtcTime>,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// Its place, from 1.
    pub number: u64,
    /// What was done.
    pub step: Step,
    /// The state before.
    pub from: CaseState,
    /// The state after.
    pub to: CaseState,
    /// By whom.
    pub who: String,
    /// When.
    pub at: UtcTime,
    /// Why it was rejected.
    pub reason: Option<RejectReason>,
    /// In the officer's words.
    pub note: String,
    /// What was answered, by the question's code.
    pub answers: BTreeMap<String, Answer>,
    /// How long it took.
    pub seconds: Option<f64>,
    /// The plate that was on the screen.
    pub plate: Option<String>,
}

/// A plate that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlateEditRow {
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub who: String,
    /// What stood there.
    pub from: Option<String>,
    /// What stands there now.
    pub to: String,
    /// Why.
    pub reason: String,
}

/// A clock of the law, as it runs on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClock {
    /// Which.
    pub clock: CaseClock,
    /// Since when.
    pub from: UtcTime,
    /// Until when.
    pub due_at: UtcTime,
    /// Whether what it waits for is done.
    pub done: bool,
}

/// A case with everything that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseDetail {
    /// As in a list.
    pub row: CaseRow,
    /// What the rule fired on.
    pub violation: ViolationRow,
    /// Its proof.
    pub evidence: EvidenceRow,
    /// The run that found it: source, scene, clock.
    pub run: RunRow,
    /// What was read of the plate, as it is now.
    pub reading: Option<StoredReading>,
    /// What was decided, oldest first.
    pub decisions: Vec<DecisionRow>,
    /// What was made of the plate, oldest first.
    pub plate_edits: Vec<PlateEditRow>,
    /// Other cases of the same group or the same sure plate, newest act first, at most 20.
    pub same_vehicle: Vec<CaseRow>,
    /// The clocks of the law.
    pub clocks: Vec<RunningClock>,
    /// Everything that was done to it, oldest first, at most 500 entries.
    pub history: Vec<StoredAuditEntry>,
}
