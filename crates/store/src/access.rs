//! Who looks into the plates, and why: plates are personal data, and nobody looks without a reason.

use giaolo_domain::UtcTime;
use serde_json::{Value as Json, json};

use crate::{AuditEntry, Store, StoreError};

/// Characters of a reason, at most.
const LONGEST_REASON: usize = 500;
/// Characters of an account's name or a case's id, at most.
const LONGEST_NAME: usize = 100;

/// Leave to look into the plates. It exists only with an account and a reason, and whatever is done
/// with it stands in the audit log before the answer is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    at: UtcTime,
    who: String,
    reason: String,
    case: Option<String>,
}

impl Access {
    /// `at` is now, `who` an account; `reason` is in the person's own words, 1 to 500 characters;
    /// `case` names the case or file that it is for. Space around each is cut off.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where one is empty, too long, or holds a NUL character.
    pub fn new(
        at: UtcTime,
        who: &str,
        reason: &str,
        case: Option<&str>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            at,
            who: said("the account", who, LONGEST_NAME)?,
            reason: said("the reason", reason, LONGEST_REASON)?,
            case: case.map(|case| said("the case", case, LONGEST_NAME)).transpose()?,
        })
    }

    /// When.
    pub fn at(&self) -> UtcTime {
        self.at
    }

    /// The account.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The case or file that it is for.
    pub fn case(&self) -> Option<&str> {
        self.case.as_deref()
    }

    /// What is written down of it; `detail` is an object of whatever else must be known later.
    pub(crate) fn entry(&self, action: &str, subject: String, mut detail: Json) -> AuditEntry {
        detail["reason"] = json!(self.reason);
        if let Some(case) = &self.case {
            detail["case"] = json!(case);
        }
        AuditEntry {
            at: self.at,
            who: self.who.clone(),
            action: action.to_owned(),
            subject,
            detail,
        }
    }
}

impl Store {
    /// Writes an access down and returns its place in the audit log; what was found may be given away
    /// only after this.
    pub(crate) async fn write_down(
        &self,
        access: &Access,
        action: &str,
        subject: String,
        detail: Json,
    ) -> Result<u64, StoreError> {
        self.audit_append(&access.entry(action, subject, detail)).await
    }
}

fn said(what: &str, text: &str, longest: usize) -> Result<String, StoreError> {
    let text = text.trim();
    let length = text.chars().count();
    let problem = if length == 0 {
        format!("is empty; say it in 1 to {longest} characters")
    } else if length > longest {
        format!("has {length} characters; at most {longest} are kept")
    } else if text.contains('\0') {
        "holds a NUL character".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(StoreError::Refused { what: what.to_owned(), problem })
}
