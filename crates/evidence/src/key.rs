//! The Ed25519 key that signs manifests: made once, kept with mode 0600, known by its fingerprint.

use std::{
    fmt,
    fs::{self, File},
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    str::FromStr,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result, digest};

const KEY_HEADER: &str = "giaolo-ed25519-secret-key-v1";
/// A key file has 28 + 1 + 44 + 1 bytes; anything much longer is another file.
const KEY_FILE_LIMIT: u64 = 256;
/// Stands before the manifest's bytes in what is signed, so that no signature made for another
/// purpose with the same key can pass as one of evidence.
const DOMAIN: &[u8] = b"giaolo evidence manifest v1\0";

/// The secret key of one installation. Its `Debug` shows the fingerprint only.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// SHA-256 of a public key's 32 bytes; written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// A key that a verifier trusts, given by its fingerprint or as the public key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedKey(Fingerprint);

impl SigningKey {
    /// Opens the key, or makes one where there is no file.
    ///
    /// # Errors
    /// A file that group or others can read, that is no key, or that cannot be read or made.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(Error::io("open", path)(error)),
        }
    }

    fn create(path: &Path) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Random(error.to_string()))?;
        let key = Self(ed25519_dalek::SigningKey::from_bytes(&secret));

        let dir = match path.parent() {
            Some(dir) if dir != Path::new("") => dir,
            _ => Path::new("."),
        };
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        // A temporary file has mode 0600 from its first byte on, and only a whole key gets the name.
        let mut file = tempfile::Builder::new()
            .prefix(".signing-key-")
            .tempfile_in(dir)
            .map_err(Error::io("create a key in", dir))?;
        let text = format!("{KEY_HEADER}\n{}\n", BASE64.encode(secret));
        file.write_all(text.as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(Error::io("write", path))?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            // Another process was faster: its key is the key.
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                return Self::load_or_create(path);
            }
            Err(error) => return Err(Error::io("create", path)(error.error)),
        }
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", dir))?;
        Ok(key)
    }

    fn read(file: File, path: &Path) -> Result<Self> {
        let metadata = file.metadata().map_err(Error::io("read", path))?;
        let malformed =
            |reason: &str| Error::MalformedKey { path: path.to_owned(), reason: reason.to_owned() };
        if !metadata.is_file() {
            return Err(malformed("it is no regular file"));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::KeyTooOpen { path: path.to_owned(), mode });
        }
        let mut text = Vec::new();
        file.take(KEY_FILE_LIMIT).read_to_end(&mut text).map_err(Error::io("read", path))?;
        let text = String::from_utf8(text).map_err(|_| malformed("it is no text"))?;
        let mut lines = text.lines();
        if lines.next() != Some(KEY_HEADER) {
            return Err(malformed("the first line is another one"));
        }
        let secret = lines
            .next()
            .and_then(|line| BASE64.decode(line).ok())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or_else(|| malformed("the second line does not hold 32 bytes"))?;
        if lines.next().is_some() {
            return Err(malformed("there is a third line"));
        }
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }

    /// The public key's fingerprint, by which people know this installation.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.verifying_key().as_bytes())
    }

    /// The public key in base64, as it stands in manifests.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.0.verifying_key().as_bytes())
    }

    /// `manifest.sig` for these bytes of `manifest.json`: base64 and a line feed.
    pub(crate) fn sign_manifest(&self, manifest: &[u8]) -> String {
        let signature = self.0.sign(&signed_message(manifest));
        format!("{}\n", BASE64.encode(signature.to_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.fingerprint().to_string()).finish()
    }
}

/// A public key as a manifest has it, or `None` where the text is none or the key is a weak one.
pub(crate) fn parse_public_key(text: &str) -> Option<VerifyingKey> {
    let bytes = <[u8; 32]>::try_from(BASE64.decode(text).ok()?).ok()?;
    let key = VerifyingKey::from_bytes(&bytes).ok()?;
    (!key.is_weak()).then_some(key)
}

/// A signature as `manifest.sig` has it, or `None` where the bytes are none.
pub(crate) fn parse_signature(file: &[u8]) -> Option<Signature> {
    let text = file.strip_suffix(b"\n")?;
    let bytes = <[u8; 64]>::try_from(BASE64.decode(text).ok()?).ok()?;
    Some(Signature::from_bytes(&bytes))
}

/// Whether the signature is the key's over these bytes of `manifest.json`.
pub(crate) fn signature_holds(key: &VerifyingKey, manifest: &[u8], signature: &Signature) -> bool {
    key.verify_strict(&signed_message(manifest), signature).is_ok()
}

fn signed_message(manifest: &[u8]) -> Vec<u8> {
    [DOMAIN, manifest].concat()
}

impl Fingerprint {
    /// Of a public key's bytes.
    pub(crate) fn of(public_key: &[u8; 32]) -> Self {
        Self(Sha256::digest(public_key).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", digest::hex(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::NotAKey(text.to_owned());
        let hex = text.strip_prefix("sha256:").ok_or_else(wrong)?;
        let hex = hex.to_ascii_lowercase();
        if !digest::is_sha256(&hex) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let digit = |d: u8| char::from(d).to_digit(16).unwrap_or_default() as u8;
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        Ok(Self(bytes))
    }
}

impl TrustedKey {
    /// The fingerprint to compare a signer with.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0
    }
}

impl From<Fingerprint> for TrustedKey {
    fn from(fingerprint: Fingerprint) -> Self {
        Self(fingerprint)
    }
}

impl FromStr for TrustedKey {
    type Err = Error;

    /// `sha256:` and 64 hexadecimal digits, or a public key in base64.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with("sha256:") {
            return text.parse::<Fingerprint>().map(Self);
        }
        let key = parse_public_key(text).ok_or_else(|| Error::NotAKey(text.to_owned()))?;
        Ok(Self(Fingerprint::of(key.as_bytes())))
    }
}
