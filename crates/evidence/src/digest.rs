//! SHA-256 as the manifests write it: 64 lower-case hexadecimal digits.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

/// The hash of nothing before the first link of a chain.
pub(crate) const NO_LINK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Hash of bytes in memory.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hash and length of everything that `reader` gives.
pub(crate) fn sha256_of(reader: &mut dyn Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let bytes = io::copy(reader, &mut hasher)?;
    Ok((hex(&hasher.finalize()), bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// Whether `text` is a hash as [`sha256_hex`] writes it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
