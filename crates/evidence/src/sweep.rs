//! What a crash leaves in the evidence directory, and its removal at the next start.
//!
//! A crash between sealing and the database's commit leaves a sealed folder without a row; one during
//! writing leaves a draft. Nothing else is a crash's doing: folders that the database does not know
//! although it knows newer ones, or many of them, mean another database, and then nothing is removed.

use std::{fs, path::Path};

use crate::{
    Error, EvidenceStore, Result,
    store::{DRAFT_PREFIX, split_folder_name, sync},
};

/// More sealed folders than this without a row are no crash: one writer seals one at a time.
const MOST_ORPHANS: usize = 8;

impl EvidenceStore {
    /// Removes drafts, and the newest sealed folders that `known` (given a folder's name) denies.
    /// Returns the names removed. To be called before anything is written.
    ///
    /// # Errors
    /// [`Error::NotThisStore`], with nothing removed, where the unknown folders cannot be what a crash
    /// left; otherwise a directory that cannot be read or written.
    pub fn sweep(&self, known: &dyn Fn(&str) -> bool) -> Result<Vec<String>> {
        let dir = self.dir();
        let mut drafts = Vec::new();
        let mut unknown = Vec::new();
        let mut newest_known = 0;
        for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
            let entry = entry.map_err(Error::io("list", dir))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.starts_with(DRAFT_PREFIX) {
                drafts.push(name);
            } else if let Some((sequence, _)) = split_folder_name(&name) {
                if known(&name) {
                    newest_known = newest_known.max(sequence);
                } else {
                    unknown.push((sequence, name));
                }
            }
        }
        unknown.sort();
        if let Some((oldest, first)) = unknown.first()
            && (unknown.len() > MOST_ORPHANS || *oldest <= newest_known)
        {
            return Err(Error::NotThisStore {
                dir: dir.to_owned(),
                count: unknown.len(),
                first: first.clone(),
            });
        }
        drafts.sort();
        // Newest first: a crash in between leaves a chain without a gap.
        let removed: Vec<String> =
            unknown.into_iter().rev().map(|(_, name)| name).chain(drafts).collect();
        for name in &removed {
            remove(&dir.join(name))?;
        }
        if !removed.is_empty() {
            sync(dir)?;
        }
        Ok(removed)
    }
}

fn remove(path: &Path) -> Result<()> {
    let kind = fs::symlink_metadata(path).map_err(Error::io("read", path))?;
    let removed = if kind.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(Error::io("remove", path))
}
