//! Who a person is to the program.

use std::{collections::BTreeSet, fmt};

use giaolo_domain::UtcTime;
use serde::{Deserialize, Serialize};

use crate::{Refusal, StoreError};

/// Characters of an account's name, at most.
const LONGEST_NAME: usize = 60;
/// Characters of a person's name, at most.
const LONGEST_FULL_NAME: usize = 100;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Draws scenes and tunes them.
    Operator,
    /// Decides cases.
    Reviewer,
    /// Decides cases, also as the second officer, and reopens them.
    Approver,
    /// Reads statistics.
    Analyst,
    /// Reads the audit log.
    Auditor,
    /// Makes accounts.
    Administrator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] = [
        Self::Operator,
        Self::Reviewer,
        Self::Approver,
        Self::Analyst,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

/// A password as the caller hashed it: a PHC string of argon2. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// # Errors
    /// [`Refusal::Invalid`] where it is no PHC string of argon2: a password that nobody hashed must
    /// not get into the database.
    pub fn new(phc: impl Into<String>) -> Result<Self, StoreError> {
        let phc = phc.into();
        if phc.starts_with("$argon2") && phc.len() <= 512 && phc.matches('$').count() == 5 {
            return Ok(Self(phc));
        }
        Err(invalid("password", "is not hashed; give a PHC string of argon2"))
    }

    /// The PHC string, to verify a password against.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// An account as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What is typed at sign-in.
    pub name: String,
    /// The person's name.
    pub full_name: String,
    /// What the person may do.
    pub roles: BTreeSet<Role>,
    /// Where: names of units; empty for the whole town.
    pub units: Vec<String>,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Whether the next thing to do is to choose a password.
    pub must_change_password: bool,
    /// Rises whenever its sessions must end.
    pub version: u64,
    /// When it was made.
    pub created_at: UtcTime,
    /// By whom.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: UtcTime,
    /// By whom.
    pub changed_by: String,
    /// When it last signed in.
    pub last_sign_in: Option<UtcTime>,
}

impl Account {
    /// Whether it has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Where it may look.
    pub fn scope(&self) -> Scope {
        Scope { units: Some(self.units.clone()).filter(|units| !units.is_empty()) }
    }
}

/// Where somebody may look. What lies elsewhere is not there for him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Names of units; `None` for the whole town, and for cameras that no unit has.
    pub units: Option<Vec<String>>,
}

impl Scope {
    /// The whole town.
    pub const TOWN: Self = Self { units: None };
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed at sign-in: 1 to 60 of `a-z`, `0-9`, `.`, `_` and `-`.
    pub name: String,
    /// The person's name, 1 to 100 characters.
    pub full_name: String,
    /// The hashed password.
    pub password: PasswordHash,
    /// What the person may do.
    pub roles: BTreeSet<Role>,
    /// Where; empty for the whole town.
    pub units: Vec<String>,
    /// Whether somebody else knows the password.
    pub must_change_password: bool,
}

/// What of an account changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The person's name.
    pub full_name: Option<String>,
    /// All that the person may do from now on.
    pub roles: Option<BTreeSet<Role>>,
    /// Where, from now on.
    pub units: Option<Vec<String>>,
    /// Whether it may not sign in any more.
    pub disabled: Option<bool>,
    /// A password that the administrator chose: the person must change it. Also opens a lock.
    pub password: Option<PasswordHash>,
}

pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    if (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    let problem = "must be 1 to 60 of the characters a-z, 0-9, `.`, `_` and `-`";
    Err(invalid("name", problem))
}

pub(crate) fn check_full_name(full_name: &str) -> Result<(), StoreError> {
    check_text("full_name", full_name, 1, LONGEST_FULL_NAME)
}

/// Holds a text that a person typed to a length in characters, and to one line's characters.
pub(crate) fn check_text(
    field: &'static str,
    text: &str,
    shortest: usize,
    longest: usize,
) -> Result<(), StoreError> {
    let length = text.trim().chars().count();
    if length < shortest {
        return Err(invalid(
            field,
            format!("is too short; say it in {shortest} to {longest} characters"),
        ));
    }
    if text.len() > longest * 4 || text.chars().count() > longest {
        return Err(invalid(field, format!("is too long; at most {longest} characters are kept")));
    }
    match text.chars().find(|c| c.is_control() && *c != '\n') {
        Some(_) => Err(invalid(field, "holds a control character")),
        None => Ok(()),
    }
}

pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> StoreError {
    StoreError::Denied(Refusal::Invalid { field, problem: problem.into() })
}
