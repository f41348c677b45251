//! Passwords: which are good enough, how they are kept, and how one is checked in the same time
//! whether the account is there or not.
//!
//! Argon2id with 19 MiB and two passes (the least that OWASP advises) takes some 30 ms of one core.
//! Checks run beside the server's own threads, at most two at once: whoever sends a thousand
//! passwords a second waits for them and nobody else does.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::error::{ApiError, ApiResult};

/// Characters of a password, at least.
pub const SHORTEST: usize = 12;
/// Characters of a password, at most: more would only be work for the hash.
pub const LONGEST: usize = 200;
/// Checks at once.
const AT_ONCE: usize = 2;

/// Of the most common passwords those that are long enough to pass otherwise.
const COMMON: [&str; 24] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "1234567891011",
    "0123456789012",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "matkhau12345",
    "matkhau123456",
    "matkhaumatkhau",
    "administrator",
    "administrator1",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopas",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "iloveyou1234",
    "abc123456789",
    "abcdefghijkl",
    "giaolo123456",
];

/// Makes and checks hashes.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// Of a password that nobody has: checked where there is no account.
    nobodys: Arc<str>,
}

impl Passwords {
    /// Ready to check; makes one hash.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn new() -> ApiResult<Self> {
        let nobodys = hash_now(&crate::secret::token()?)?;
        Ok(Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), nobodys: nobodys.into() })
    }

    /// The hash of a new password, in PHC form.
    ///
    /// # Errors
    /// A fault of the machine.
    pub async fn hash(&self, password: String) -> ApiResult<String> {
        self.beside(move || hash_now(&password)).await?
    }

    /// Whether a password is that of a hash; `None` where there is no account, which takes as long
    /// and is never right.
    ///
    /// # Errors
    /// A fault of the machine, or a hash in the database that is none.
    pub async fn is_right(&self, password: String, hash: Option<String>) -> ApiResult<bool> {
        let nobodys = Arc::clone(&self.nobodys);
        self.beside(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(&nobodys);
            let parsed = PasswordHash::new(hash)
                .map_err(|error| ApiError::hidden("reading a stored password hash", &error))?;
            let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(right && known)
        })
        .await?
    }

    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> ApiResult<T> {
        let hidden = |error: &dyn std::error::Error| ApiError::hidden("checking a password", error);
        let _place = self.at_once.acquire().await.map_err(|error| hidden(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| hidden(&error))
    }
}

fn hash_now(password: &str) -> ApiResult<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| ApiError::hidden("hashing a password", &error))
}

/// Refuses a password that is too easy to guess; `field` is where it was given.
///
/// # Errors
/// 422 with what is wrong.
pub fn must_be_good(password: &str, name: &str, field: &'static str) -> ApiResult<()> {
    let length = password.chars().count();
    if length < SHORTEST {
        let vi = format!("Mật khẩu phải có ít nhất {SHORTEST} ký tự.");
        return Err(ApiError::refused(
            field,
            vi,
            format!("a password has {SHORTEST} characters or more"),
        ));
    }
    if length > LONGEST {
        let vi = format!("Mật khẩu có nhiều nhất {LONGEST} ký tự.");
        return Err(ApiError::refused(
            field,
            vi,
            format!("a password has at most {LONGEST} characters"),
        ));
    }
    let lower = password.to_lowercase();
    if lower.replace(&name.to_lowercase(), "").chars().count() < SHORTEST / 2 {
        let vi = "Mật khẩu không được là tên tài khoản.";
        return Err(ApiError::refused(field, vi, "a password is not the account's name"));
    }
    let mut symbols: Vec<char> = lower.chars().collect();
    symbols.sort_unstable();
    symbols.dedup();
    if COMMON.contains(&lower.as_str()) || symbols.len() < 4 {
        let vi = "Mật khẩu này quá phổ biến, dễ đoán.";
        return Err(ApiError::refused(field, vi, "this password is one of the most common"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_passwords_are_refused_and_say_why() {
        let cases = [
            ("ngắn quá", Some("12 characters")),
            ("nguyen.van.an", Some("account's name")),
            ("Nguyen.Van.An1", Some("account's name")),
            ("Password1234", Some("common")),
            ("aaaaaaaaaaaaaaaa", Some("common")),
            ("đèn đỏ ngã tư", None),
            ("correct horse battery", None),
        ];
        for (password, problem) in cases {
            let said = must_be_good(password, "nguyen.van.an", "password");
            let said = said.err().map(|error| format!("{error:?}"));
            match problem {
                Some(problem) => assert!(said.unwrap().contains(problem), "{password}"),
                None => assert_eq!(said, None, "{password}"),
            }
        }
        assert!(must_be_good(&"ab cd".repeat(41), "x", "password").is_err());
    }

    #[tokio::test]
    async fn a_password_is_right_only_for_its_own_hash_and_never_without_one() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("đèn đỏ ngã tư".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let right = |password: &str, hash: Option<&String>| {
            passwords.is_right(password.to_owned(), hash.cloned())
        };
        assert!(right("đèn đỏ ngã tư", Some(&hash)).await.unwrap());
        assert!(!right("đèn đỏ ngã ba", Some(&hash)).await.unwrap());
        assert!(!right("đèn đỏ ngã tư", None).await.unwrap());
        assert_eq!(right("x", Some(&"plain".to_owned())).await.unwrap_err().code(), "fault");
    }
}
