//! Folders on a disk. Links are never followed and only regular files are opened.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    Problem, ProblemCode, Report, VerifyOptions, bundle,
    source::{End, Source, pour},
};
use crate::{
    Error, Result,
    binding::BINDING,
    store::{DRAFT_PREFIX, split_folder_name},
};

/// One folder on a disk.
pub(super) struct Folder {
    path: PathBuf,
    name: String,
    files: Vec<String>,
}

impl Folder {
    /// Lists the folder; what is no regular file is reported and left out.
    pub(super) fn open(
        path: &Path,
        name: &str,
        options: &VerifyOptions,
        report: &mut Report,
    ) -> Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(Error::io("list", path))? {
            let entry = entry.map_err(Error::io("list", path))?;
            let file = entry.file_name();
            let kind = entry.file_type().map_err(Error::io("read", entry.path()))?;
            let shown = file.to_string_lossy();
            let problem = |code| Problem::new(code).folder(name).file(&shown);
            match file.to_str() {
                _ if kind.is_dir() => report.problem(problem(ProblemCode::Added)),
                _ if !kind.is_file() => report.problem(problem(ProblemCode::UnsafePath)),
                None => report.problem(problem(ProblemCode::Added)),
                Some(file) => files.push(file.to_owned()),
            }
            // One more than the limit is enough to know.
            if files.len() > options.limits.files {
                break;
            }
        }
        files.sort();
        Ok(Self { path: path.to_owned(), name: name.to_owned(), files })
    }
}

impl Source for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    fn files(&self) -> Vec<String> {
        self.files.clone()
    }

    fn read(&mut self, file: &str, limit: u64, take: &mut dyn FnMut(&[u8])) -> io::Result<End> {
        // A file may become a link or a pipe between listing and opening.
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(self.path.join(file))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("no regular file"));
        }
        pour(&mut file, limit, take)
    }
}

/// Judges every folder of an evidence directory by itself; the chain is the caller's next step.
pub(super) fn judge_directory(
    dir: &Path,
    options: &VerifyOptions,
    report: &mut Report,
) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
        let entry = entry.map_err(Error::io("list", dir))?;
        let kind = entry.file_type().map_err(Error::io("read", entry.path()))?;
        names.push((entry.file_name().to_string_lossy().into_owned(), kind));
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, kind) in names {
        if name.starts_with(DRAFT_PREFIX) {
            report.note(Problem::new(ProblemCode::DraftLeft).folder(&name));
        } else if kind.is_dir() {
            // A sealed folder under any name is still judged, so that renaming hides nothing.
            let path = dir.join(&name);
            let mut folder = Folder::open(&path, &name, options, report)?;
            if split_folder_name(&name).is_none() && folder.files.is_empty() {
                report.problem(Problem::new(ProblemCode::Added).folder(&name));
            } else {
                bundle::judge(&mut folder, options, report);
            }
        } else {
            // It names the database that the directory belongs to and proves nothing.
            if name == BINDING && kind.is_file() {
                continue;
            }
            let code = if kind.is_file() { ProblemCode::Added } else { ProblemCode::UnsafePath };
            report.problem(Problem::new(code).file(&name));
        }
    }
    Ok(())
}
