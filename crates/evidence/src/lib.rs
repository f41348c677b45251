//! What proves a violation: stills, clip, manifest, hash chain, signature, and their verification.
//!
//! One violation is one folder `NNNNNNNN-ID`, written as a [`Draft`], sealed once and never touched
//! again. [`verify`] needs nothing but the bytes of such a folder, a zip of it or the whole
//! directory: no database, no network, no clock. The format is described in `docs/evidence.md`.
//! Only this crate knows it. [`overlay`] draws what a person needs to see on copies of the picture;
//! the stills that prove anything are never drawn on.
#![warn(missing_docs)]

mod binding;
mod canonical;
mod digest;
mod error;
mod export;
mod jpeg;
mod key;
mod manifest;
pub mod overlay;
mod store;
mod sweep;
mod verify;

pub use error::{Error, Result};
pub use export::export_zip;
pub use jpeg::{encode_jpeg, jpeg_size};
pub use key::{Fingerprint, SigningKey, TrustedKey};
pub use manifest::{
    ChainLink, FileEntry, FileRole, Format, Manifest, ManifestFacts, ModelUsed, PictureSize,
    Program, SceneVersion, Signer, SourceClass, SourceFile, StillFrame,
};
pub use store::{Draft, EvidenceStore, Sealed};
pub use verify::{
    EvidenceSummary, Limits, Problem, ProblemCode, Report, VerifyOptions, verify, verify_files,
    verify_zip,
};
