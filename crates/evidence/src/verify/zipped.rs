//! Zips: limits first, names next, then the folders inside. Nothing is unpacked to disk.

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek},
};

use zip::{ZipArchive, result::ZipResult};

use super::{
    Problem, ProblemCode, Report, VerifyOptions, bundle,
    source::{End, Source, pour},
};

/// Where the ratio of unpacked to packed size starts to matter.
const RATIO_FROM_BYTES: u64 = 1 << 20;

/// One folder inside a zip: file name to position of its entry.
struct Zipped<'a, R> {
    archive: &'a mut ZipArchive<R>,
    name: String,
    files: BTreeMap<String, usize>,
}

impl<R: Read + Seek> Source for Zipped<'_, R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn files(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn read(&mut self, file: &str, limit: u64, take: &mut dyn FnMut(&[u8])) -> io::Result<End> {
        let position = *self.files.get(file).ok_or(io::ErrorKind::NotFound)?;
        let mut entry = self.archive.by_index(position)?;
        // What the header says was held against the limits; the bytes must not exceed it.
        let limit = limit.min(entry.size());
        pour(&mut entry, limit, take)
    }
}

/// Judges every folder in the zip by itself; the chain is the caller's next step.
pub(super) fn judge(reader: impl Read + Seek, options: &VerifyOptions, report: &mut Report) {
    let damaged =
        |error: &dyn std::fmt::Display| Problem::new(ProblemCode::DamagedZip).because(error);
    let mut archive = match ZipArchive::new(reader) {
        Ok(archive) => archive,
        Err(error) => return report.problem(damaged(&error)),
    };
    if archive.has_duplicate_names() {
        // Which of the two another program would show cannot be known: nothing inside is judged.
        return report.problem(Problem::new(ProblemCode::DuplicateEntry));
    }
    let most = options.limits.files.saturating_mul(options.limits.folders_in_zip);
    if archive.len() > most {
        let problem = Problem::new(ProblemCode::TooLarge);
        return report.problem(problem.expected(format_args!("<= {most}"), archive.len()));
    }
    if let Err(error) = archive.validate_header_consistency() {
        return report.problem(damaged(&error));
    }
    if archive.offset() != 0 {
        report.problem(
            Problem::new(ProblemCode::DamagedZip)
                .detail("có dữ liệu lạ trước tệp zip", "foreign bytes stand before the zip"),
        );
    }
    let folders = match folders(&mut archive, options, report) {
        Ok(Some(folders)) => folders,
        Ok(None) => return,
        Err(error) => return report.problem(damaged(&error)),
    };
    if folders.is_empty() {
        report.note(Problem::new(ProblemCode::NothingHere));
    }
    if folders.len() > options.limits.folders_in_zip {
        let problem = Problem::new(ProblemCode::TooLarge);
        return report.problem(
            problem.expected(format_args!("<= {}", options.limits.folders_in_zip), folders.len()),
        );
    }
    for (name, files) in folders {
        let mut source = Zipped { archive: &mut archive, name, files };
        bundle::judge(&mut source, options, report);
    }
}

/// Folder to file to position, or `None` where the limits forbid to go on.
type Folders = BTreeMap<String, BTreeMap<String, usize>>;

fn folders<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    options: &VerifyOptions,
    report: &mut Report,
) -> ZipResult<Option<Folders>> {
    let limits = &options.limits;
    let mut folders = Folders::new();
    let mut all_bytes = 0u64;
    for position in 0..archive.len() {
        let entry = archive.by_index_raw(position)?;
        let name = entry.name().map(|name| name.into_owned());
        let shown = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let problem = |code| Problem::new(code).file(&shown);

        all_bytes = all_bytes.saturating_add(entry.size());
        let is_bomb = entry.size() > RATIO_FROM_BYTES
            && entry.size() / entry.compressed_size().max(1) > limits.ratio;
        if is_bomb || entry.size() > limits.file_bytes || all_bytes > limits.zip_bytes {
            report.problem(problem(ProblemCode::TooLarge).because(format_args!(
                "{} B / {} B",
                entry.size(),
                entry.compressed_size()
            )));
            return Ok(None);
        }
        let Some(parts) = name.ok().as_deref().and_then(safe_parts) else {
            report.problem(problem(ProblemCode::UnsafePath));
            continue;
        };
        if entry.encrypted() {
            report.problem(problem(ProblemCode::Unreadable).detail("bị mã hóa", "encrypted"));
            continue;
        }
        let regular = entry
            .unix_mode()
            .is_none_or(|mode| matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000));
        if !regular || entry.is_symlink() {
            report.problem(problem(ProblemCode::UnsafePath));
            continue;
        }
        let is_dir = entry.is_dir();
        match parts.as_slice() {
            [folder] if is_dir => {
                folders.entry(folder.clone()).or_default();
            }
            [file] => {
                folders.entry(String::new()).or_default().insert(file.clone(), position);
            }
            [folder, file] if !is_dir => {
                folders.entry(folder.clone()).or_default().insert(file.clone(), position);
            }
            _ => report.problem(problem(ProblemCode::Added)),
        }
    }
    Ok(Some(folders))
}

/// The components of a name, or `None` where it could mean something else on some system.
fn safe_parts(name: &str) -> Option<Vec<String>> {
    let name = name.strip_suffix('/').unwrap_or(name);
    let is_safe = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(|c: char| c.is_control() || matches!(c, '\\' | ':'))
    };
    name.split('/').map(|part| is_safe(part).then(|| part.to_owned())).collect()
}
