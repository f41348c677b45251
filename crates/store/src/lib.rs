//! Migrations, queries and the audit log, over SQLite or PostgreSQL.
//!
//! [`Store`] is the whole interface; SQL stays in here. What it promises to everyone above:
//!
//! * A violation, its evidence and the audit entry about them are one transaction. The files must be
//!   on disk and synced before [`Store::insert_violation_with_evidence`] is called.
//! * The evidence chain and the audit log are each one unbroken line, however many programs write.
//! * What was committed survives a killed process and, in SQLite, a power cut (every commit is
//!   synced; in PostgreSQL that is the server's setting).
//! * Nothing is a number that nobody knows: a quarter of an hour without video has no count.
//! * Nobody looks into the plates without an account and a reason ([`Access`]), and what was looked
//!   for is in the audit log before the answer is given.
//! * An error leaves the database as it was.
//!
//! The store reads no clock: every time comes from the caller. The schema with its reasons stands
//! in `migrations/`; `docs/store.md` says how to back up and what else a person needs.

mod access;
mod account_types;
mod accounts;
mod alerts;
mod audit;
mod audit_list;
mod camera_list;
mod case_find;
mod case_make;
mod case_open;
mod case_steps;
mod case_types;
mod cases;
mod clocks;
mod count_sql;
mod count_table;
mod counts;
mod db;
mod error;
mod journey;
mod observations;
mod open;
mod plate_find;
mod plate_plan;
mod plate_probe;
mod plate_search;
mod reading_check;
mod readings;
mod refusal;
mod register;
mod register_import;
mod review;
mod runs;
mod sessions;
mod sign_in;
#[cfg(test)]
mod tests;
mod value;
mod viet_nam;
mod violation_table;
mod violations;
mod watch;

pub use access::Access;
pub use account_types::{Account, AccountChange, NewAccount, PasswordHash, Role, Scope};
pub use alerts::{AlertFilter, AlertId, AlertMatch, AlertRow};
pub use audit::{AuditEntry, AuditReport, BrokenEntry, StoredAuditEntry};
pub use audit_list::AuditFilter;
pub use camera_list::{CameraRow, LastRun};
pub use case_find::{CaseCursor, CaseFilter, CaseOrder, CasePage};
pub use case_open::HOLD_US;
pub use case_types::{
    Answer, CaseDetail, CaseMove, CasePlate, CaseRow, CaseState, Decision, DecisionRow, PlateEdit,
    PlateEditRow, RejectReason, RunningClock, Step,
};
pub use clocks::CaseClock;
pub use count_table::{Bin, Cell, CountBy, CountQuery, CountTable, CountTableRow, PeakHour};
pub use counts::{Count, CountRow, CoverageSpan, QUARTER_US};
pub use error::StoreError;
pub use journey::{Journey, Sighting};
pub use observations::StoredCrossing;
pub use open::Store;
pub use plate_plan::SearchPlan;
pub use plate_search::{PlateCursor, PlateHit, PlateMatch, PlatePage, PlateQuery};
pub use readings::{ReadingRow, StoredReading};
pub use refusal::Refusal;
pub use register::{Camera, Point, Register, SceneVersion, Unit, UnitKind};
pub use register_import::{CellProblem, PointCells, RegisterImport, UnitCells};
pub use review::{OfficerDay, QualityRow, ReviewQuality, ReviewSummary};
pub use runs::{NewRun, RunEnd, RunId, RunRow, RunState};
pub use sessions::{NewSession, SESSION_IDLE_US, Session};
pub use sign_in::{AttemptId, LOCK_US, OpenAttempt, SignInGate, WRONG_PASSWORDS};
pub use violation_table::{ViolationBy, ViolationCount};
pub use violations::{ChainHead, EvidenceRow, Insertion, Page, ViolationFilter, ViolationRow};
pub use watch::{WatchEntry, WatchId};
