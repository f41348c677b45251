//! Judging evidence from its bytes alone.
//!
//! Whatever is wrong *with* evidence becomes a [`Problem`] with a stable code and a sentence in both
//! languages, and judging goes on, so that one look tells everything. An [`Error`] means that there
//! was nothing to judge. All bytes are hostile until the signature says otherwise: sizes, counts and
//! ratios are limited, names are never joined to a path unless they are one plain component, links
//! are not followed.

mod bundle;
mod chain;
mod folder;
mod problem;
mod report;
mod source;
mod zipped;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufReader, Read, Seek},
    path::Path,
};

pub use problem::{Problem, ProblemCode};
pub use report::{EvidenceSummary, Report};

use crate::{
    ChainLink, Error, Result, TrustedKey,
    manifest::{MANIFEST, SIGNATURE},
    store::split_folder_name,
};

/// What to compare evidence with.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Keys whose signatures count. Empty: any signature that holds is accepted, the report says so
    /// in a note, and a chain must keep to one key.
    pub trusted_keys: Vec<TrustedKey>,
    /// The last link that must be there (from the database, or noted down elsewhere). Without it, the
    /// removal of the newest folders leaves no trace in the rest.
    pub expected_head: Option<ChainLink>,
    /// What is too much.
    pub limits: Limits,
}

/// What evidence may at most hold; more is a problem and is not read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files in one folder, or entries of a zip for each folder in it.
    pub files: usize,
    /// Folders in one zip.
    pub folders_in_zip: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of a whole zip's contents.
    pub zip_bytes: u64,
    /// Unpacked to packed size of one zip entry, where it is over 1 MiB.
    pub ratio: u64,
    /// Bytes of a manifest.
    pub manifest_bytes: u64,
    /// Bytes of a JPEG, which is held in memory.
    pub jpeg_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 64,
            folders_in_zip: 1000,
            file_bytes: 2 << 30,
            zip_bytes: 8 << 30,
            ratio: 100,
            manifest_bytes: 8 << 20,
            jpeg_bytes: 128 << 20,
        }
    }
}

/// Judges a sealed folder, a zip of one or more, or a whole evidence directory with its chain.
///
/// # Errors
/// Where nothing is at `path`, or it cannot be read at all.
pub fn verify(path: &Path, options: &VerifyOptions) -> Result<Report> {
    let kind = fs::metadata(path).map_err(Error::io("read", path))?;
    let target = path.display().to_string();
    if kind.is_file() {
        let file = fs::File::open(path).map_err(Error::io("open", path))?;
        return Ok(verify_zip(BufReader::new(file), &target, options));
    }
    if !kind.is_dir() {
        return Err(Error::NotEvidence(path.to_owned()));
    }
    let mut report = Report::new(target);
    let name = folder_name(path)?;
    let is_folder = split_folder_name(&name).is_some()
        || [MANIFEST, SIGNATURE].iter().any(|file| fs::symlink_metadata(path.join(file)).is_ok());
    if is_folder {
        let mut source = folder::Folder::open(path, &name, options, &mut report)?;
        bundle::judge(&mut source, options, &mut report);
        chain::judge_single(options, &mut report);
    } else {
        folder::judge_directory(path, options, &mut report)?;
        chain::judge(options, &mut report);
    }
    Ok(report)
}

/// Judges a zip from any reader; `target` names it in the report.
pub fn verify_zip(reader: impl Read + Seek, target: &str, options: &VerifyOptions) -> Report {
    let mut report = Report::new(target.to_owned());
    zipped::judge(reader, options, &mut report);
    if report.evidence.len() > 1 {
        chain::judge(options, &mut report);
    } else {
        chain::judge_single(options, &mut report);
    }
    report
}

/// Judges one folder whose files are in memory, as they come out of an object store; `name` is the
/// folder's name.
pub fn verify_files(
    name: &str,
    files: &BTreeMap<String, Vec<u8>>,
    options: &VerifyOptions,
) -> Report {
    let mut report = Report::new(name.to_owned());
    let mut source = source::InMemory { name, files };
    bundle::judge(&mut source, options, &mut report);
    chain::judge_single(options, &mut report);
    report
}

fn folder_name(path: &Path) -> Result<String> {
    // "." and a trailing ".." have a name of their own only after resolving.
    let whole = fs::canonicalize(path).map_err(Error::io("resolve", path))?;
    Ok(whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
}
