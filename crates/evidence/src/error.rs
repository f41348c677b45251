//! Why evidence could not be written, kept or opened, with the file and what would be right.

use std::{io, path::PathBuf};

use thiserror::Error;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why evidence could not be written, kept or opened.
///
/// What is wrong *with* evidence is no error but a [`crate::Problem`] in a [`crate::Report`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried ("create", "sync").
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key file that is not one.
    #[error("{}: not a signing key: {reason}; a key has two lines, `giaolo-ed25519-secret-key-v1` and 32 bytes in base64", path.display())]
    MalformedKey {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key file that others can read.
    #[error("{}: mode {mode:03o} lets others read the signing key; run `chmod 600` on it, and make a new key if somebody may have copied it", path.display())]
    KeyTooOpen {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The system has no random numbers.
    #[error("cannot make a signing key: the system's random numbers failed: {0}")]
    Random(String),
    /// A text that names no key.
    #[error(
        "`{0}` names no key; use `sha256:` and the 64 hexadecimal digits of a fingerprint, or a public key's 32 bytes in base64"
    )]
    NotAKey(String),
    /// An id that cannot name a folder.
    #[error(
        "evidence id `{0}` cannot name a folder; use 1 to 200 of a-z, 0-9 and dashes, not starting with a dash"
    )]
    BadId(String),
    /// A name that cannot stand in a manifest.
    #[error("evidence {id}: file name `{name}` {reason}")]
    BadFileName {
        /// The evidence.
        id: String,
        /// The name.
        name: String,
        /// What would be right.
        reason: &'static str,
    },
    /// Two drafts of one violation at once.
    #[error("a draft of evidence {id} is already open in {}", dir.display())]
    DraftExists {
        /// The evidence.
        id: String,
        /// The evidence directory.
        dir: PathBuf,
    },
    /// A sequence number or id that was used before.
    #[error("{}: evidence {sequence} is already sealed as {existing}; the chain's last link in the database is stale", dir.display())]
    SequenceTaken {
        /// The evidence directory.
        dir: PathBuf,
        /// The number.
        sequence: u64,
        /// The folder that has it.
        existing: String,
    },
    /// A link that no manifest can have.
    #[error(
        "chain link {sequence} has manifest hash `{sha256}`; a link has a number from 1 and 64 lower-case hexadecimal digits"
    )]
    BadLink {
        /// The link's number.
        sequence: u64,
        /// The link's hash.
        sha256: String,
    },
    /// The draft does not hold what the facts say.
    #[error("evidence {id} cannot be sealed: {reason}")]
    Incomplete {
        /// The evidence.
        id: String,
        /// What is missing, too much or does not agree.
        reason: String,
    },
    /// A picture that could not be written as JPEG.
    #[error("cannot encode {name} ({width}x{height}) as JPEG: {reason}")]
    Jpeg {
        /// File name.
        name: String,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// What the encoder said.
        reason: String,
    },
    /// More unknown folders than a crash can leave.
    #[error("{}: the database knows nothing of {count} sealed folders, the first is {first}; a crash leaves only the newest few, so nothing was removed; is this the database of this evidence directory?", dir.display())]
    NotThisStore {
        /// The evidence directory.
        dir: PathBuf,
        /// How many folders are unknown.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The directory belongs to another database.
    #[error(
        "{} belongs to another database than this one; give the database that it was made with, or \
         another folder (if the database was lost, keep this folder and start with a new one)", dir.display()
    )]
    OtherDatabase {
        /// The evidence directory.
        dir: PathBuf,
    },
    /// The database's evidence is not in this directory.
    #[error(
        "{count} evidence folder(s) that the database knows are not in {}, the first is `{first}`; \
         give the folder that they are in with --evidence", dir.display()
    )]
    Elsewhere {
        /// The evidence directory.
        dir: PathBuf,
        /// How many folders are missing.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// A path that is no evidence at all.
    #[error("{}: neither an evidence folder, a zip nor an evidence directory", .0.display())]
    NotEvidence(PathBuf),
    /// A zip that could not be written.
    #[error("cannot write {}: {reason}", path.display())]
    Zip {
        /// The zip.
        path: PathBuf,
        /// What the writer said.
        reason: String,
    },
    /// A manifest that could not be written or read as this version's facts.
    #[error("manifest of evidence {id}: {reason}")]
    Manifest {
        /// The evidence, or the file where the id is not known.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// A drawing that failed.
    #[error("cannot draw on the picture: {0}")]
    Drawing(String),
}

impl Error {
    /// An I/O error with its action and path, for `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
