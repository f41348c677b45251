//! Random tokens and codes, and comparing them without telling by the time it takes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::error::{ApiError, ApiResult};

/// 256 random bits, as 43 characters that a cookie and a header may hold.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn token() -> ApiResult<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::hidden("making a token", &error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A one-time code that a person types from a terminal: 60 bits, without letters that look alike.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn code() -> ApiResult<String> {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::hidden("making a code", &error))?;
    let letters: Vec<char> =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub fn equal(a: &str, b: &str) -> bool {
    let difference = |(a, b): (u8, u8)| a ^ b;
    // Hashes have one length, so that the time does not tell that of the secret either.
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    a.into_iter().zip(b).map(difference).fold(0, |all, one| all | one) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_only_equal_texts_are_equal() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(equal(&one, &one.clone()));
        for wrong in ["", &one[..42], &other] {
            assert!(!equal(&one, wrong));
        }
        let code = code().unwrap();
        assert_eq!(code.len(), 14);
        assert!(code.split('-').all(|group| group.len() == 4), "{code}");
    }
}
