//! The first sign-in: a code that only whoever started the program can read makes the first account.

use std::sync::{Mutex, PoisonError};

use crate::{error::ApiResult, secret};

/// The code, while there is no account.
#[derive(Default)]
pub struct FirstRun {
    code: Mutex<Option<String>>,
}

impl FirstRun {
    /// Makes a new code and gives it, to be shown once.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn begin(&self) -> ApiResult<String> {
        let code = secret::code()?;
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code.clone());
        Ok(code)
    }

    /// Whether this is the code; letters of either case, with or without dashes.
    pub fn is_code(&self, given: &str) -> bool {
        let plain = |text: &str| {
            text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_uppercase()
        };
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        code.as_deref().is_some_and(|code| secret::equal(&plain(code), &plain(given)))
    }

    /// The code has done its work.
    pub fn end(&self) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_good_once_and_however_it_is_typed() {
        let first_run = FirstRun::default();
        assert!(!first_run.is_code(""));
        let code = first_run.begin().unwrap();
        assert!(first_run.is_code(&code.to_lowercase().replace('-', " ")));
        assert!(!first_run.is_code(&code[1..]) && !first_run.is_code(""));
        first_run.end();
        assert!(!first_run.is_code(&code) && !first_run.is_code(""));
    }
}
