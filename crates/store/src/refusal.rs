//! What a person asked for and does not get, each kind by its name: whoever shows it says it in the
//! person's own language.

use giaolo_domain::UtcTime;
use thiserror::Error;

/// Why an account, a session or a case stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A value that no account or case can have.
    #[error("{field} {problem}")]
    Invalid {
        /// Which value, by its key (`full_name`).
        field: &'static str,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// There is an account already: the first one is not made again.
    #[error("there is an account already; an administrator makes the next ones")]
    NotTheFirst,
    /// The name is taken.
    #[error("there is an account `{0}` already")]
    AccountThere(String),
    /// No such account, or it is disabled.
    #[error("there is no account `{0}` that may sign in")]
    NoAccount(String),
    /// Nobody could let anybody in afterwards.
    #[error("`{0}` is the last administrator; make another one first")]
    LastAdministrator(String),
    /// The password, the roles or the units changed while somebody was signing in.
    #[error("account `{0}` was changed just now; sign in again")]
    AccountChanged(String),
    /// No such case, or it lies outside the person's units: the two are not told apart.
    #[error("there is no case `{0}`")]
    NoCase(String),
    /// Somebody else is looking at it.
    #[error("`{by}` has the case open until {until}")]
    CaseTaken {
        /// Who.
        by: String,
        /// Until when, unless he goes on.
        until: UtcTime,
    },
    /// It is not as the person saw it.
    #[error("the case has changed: it is at version {version} now")]
    CaseChanged {
        /// What it is now.
        version: u64,
    },
    /// The second officer must be another person.
    #[error("`{0}` has decided this case already; the second officer must be another person")]
    SameOfficer(String),
    /// The account has no role for it.
    #[error("`{who}` may not: it needs the role {needs}")]
    NotAllowed {
        /// Who asked.
        who: String,
        /// A role that may.
        needs: &'static str,
    },
    /// From the state that the case is in, there is no such step.
    #[error("a case that is {state} cannot take the step {step}")]
    NoSuchStep {
        /// The state, by its word.
        state: &'static str,
        /// The step, by its word.
        step: &'static str,
    },
    /// A notice needs an addressee.
    #[error("the plate is not known for sure; look at it and enter it before confirming")]
    PlateNeeded,
    /// A question that the law asks was not answered with no.
    #[error("the question `{0}` is not answered with no, so the case cannot be confirmed")]
    Question(String),
}
