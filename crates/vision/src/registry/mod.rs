//! The model registry: one TOML file for each model in `models/`, weights in a folder beside.
//!
//! A site adds a model by adding an entry; nothing here knows a model by name. Weights are checked
//! against the entry's SHA-256 before they are loaded, every time: they are small, and evidence
//! names them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::error::VisionError;

mod entry;
#[cfg(test)]
mod entry_tests;
mod task;

pub use entry::{Channels, InputFormat, ModelEntry, ModelFile, Precision};
pub use task::{RoadUserDetector, Task, TextFinder, TextReader, Thresholds};

/// All entries of a folder.
#[derive(Clone, Debug)]
pub struct Registry {
    entries: BTreeMap<String, ModelEntry>,
    weights: PathBuf,
}

impl Registry {
    /// Reads every `*.toml` of `folder` and of its `optional` folder; weights lie in `weights`.
    ///
    /// # Errors
    /// Names the first file that cannot be read or is not an entry.
    pub fn load(folder: &Path, weights: &Path) -> Result<Self, VisionError> {
        let mut entries = BTreeMap::new();
        let mut files = toml_files(folder)?;
        let optional = folder.join("optional");
        if optional.is_dir() {
            files.extend(toml_files(&optional)?);
        }
        for path in files {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| VisionError::Read { path: path.clone(), source })?;
            let entry = ModelEntry::parse(&text)
                .map_err(|reason| VisionError::Registry { path: path.clone(), reason })?;
            let name = entry.name.clone();
            if entries.insert(name.clone(), entry).is_some() {
                let reason = format!("name: `{name}` is used by another file already");
                return Err(VisionError::Registry { path, reason });
            }
        }
        Ok(Self { entries, weights: weights.to_owned() })
    }

    /// All entries, by name.
    pub fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        self.entries.values()
    }

    /// The entry of that name.
    ///
    /// # Errors
    /// `UnknownModel` with the names there are.
    pub fn entry(&self, name: &str) -> Result<&ModelEntry, VisionError> {
        self.entries.get(name).ok_or_else(|| VisionError::UnknownModel {
            name: name.to_owned(),
            known: self.entries.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// Where a file of an entry lies.
    pub fn path_of(&self, file: &ModelFile) -> PathBuf {
        self.weights.join(&file.path)
    }

    /// Reads a file's bytes after checking them.
    ///
    /// # Errors
    /// `NotFetched`, `Read` or `Checksum`.
    pub fn read(&self, file: &ModelFile) -> Result<Vec<u8>, VisionError> {
        let path = self.path_of(file);
        if !path.is_file() {
            return Err(VisionError::NotFetched { path });
        }
        let bytes = std::fs::read(&path)
            .map_err(|source| VisionError::Read { path: path.clone(), source })?;
        let found = hex(&Sha256::digest(&bytes));
        if found == file.sha256 {
            Ok(bytes)
        } else {
            Err(VisionError::Checksum { path, found, expected: file.sha256.clone() })
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, VisionError> {
    let read = |source| VisionError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for item in std::fs::read_dir(folder).map_err(read)? {
        let path = item.map_err(read)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{entry_tests::ENTRY, *};

    #[test]
    fn a_tampered_file_is_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("small.toml"), ENTRY).unwrap();
        std::fs::create_dir(folder.path().join("small")).unwrap();
        std::fs::write(folder.path().join("small/a.onnx"), b"abc").unwrap();
        let registry = Registry::load(folder.path(), folder.path()).unwrap();
        let file = registry.entry("small").unwrap().file(None, None, &[]).unwrap();
        let error = registry.read(file).unwrap_err().to_string();
        assert!(error.contains("ba7816bf") && error.contains("models fetch"), "{error}");
        assert!(registry.entry("large").unwrap_err().to_string().contains("small"));
    }
}
