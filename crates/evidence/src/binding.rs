//! Which database a directory of evidence belongs to.
//!
//! The database says which folders are proven, and what it does not know is swept away. So the two
//! are bound at the first use: with another database beside it, or a new one in place of one that
//! was lost, sealed evidence would look like what a crash left behind.

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Write},
};

use crate::{Error, EvidenceStore, Result, store::split_folder_name};

/// The file that names the database.
pub(crate) const BINDING: &str = ".database";

impl EvidenceStore {
    /// Binds this directory to the database `id`, or checks that it is; `known` are the folders that
    /// the database knows. To be called before [`Self::sweep`].
    ///
    /// # Errors
    /// [`Error::OtherDatabase`] where the directory belongs to another one, [`Error::Elsewhere`]
    /// where the database's evidence is not here, or a directory that cannot be read or written.
    pub fn bind(&self, id: &str, known: &BTreeSet<String>) -> Result<()> {
        let missing: Vec<&String> =
            known.iter().filter(|name| !self.folder(name).is_dir()).collect();
        if let Some(first) = missing.first() {
            return Err(Error::Elsewhere {
                dir: self.dir().to_owned(),
                count: missing.len(),
                first: (*first).clone(),
            });
        }
        let path = self.dir().join(BINDING);
        match fs::read_to_string(&path) {
            Ok(bound) if bound.trim() == id => Ok(()),
            Ok(_) => Err(Error::OtherDatabase { dir: self.dir().to_owned() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if known.is_empty() && self.has_sealed_folder()? {
                    return Err(Error::OtherDatabase { dir: self.dir().to_owned() });
                }
                let write = || -> std::io::Result<()> {
                    let mut file = fs::File::create_new(&path)?;
                    file.write_all(format!("{id}\n").as_bytes())?;
                    file.sync_all()?;
                    fs::File::open(self.dir())?.sync_all()
                };
                write().map_err(Error::io("write", path))
            }
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    fn has_sealed_folder(&self) -> Result<bool> {
        let dir = self.dir();
        for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
            let name = entry.map_err(Error::io("list", dir))?.file_name();
            if name.to_str().and_then(split_folder_name).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    fn store(folder: &tempfile::TempDir) -> EvidenceStore {
        let key = SigningKey::load_or_create(&folder.path().join("key")).unwrap();
        EvidenceStore::open(&folder.path().join("evidence"), key).unwrap()
    }

    #[test]
    fn a_directory_keeps_to_its_database() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let none = BTreeSet::new();
        store.bind("a", &none).unwrap();
        store.bind("a", &none).unwrap();
        assert!(matches!(store.bind("b", &none), Err(Error::OtherDatabase { .. })));
    }

    #[test]
    fn sealed_folders_without_a_binding_are_not_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let sealed = "00000001-c-red".to_owned();
        fs::create_dir(store.folder(&sealed)).unwrap();
        let none = BTreeSet::new();
        assert!(matches!(store.bind("a", &none), Err(Error::OtherDatabase { .. })));
        // A directory that was moved comes with a database that knows it.
        store.bind("a", &BTreeSet::from([sealed])).unwrap();
    }

    #[test]
    fn evidence_that_lies_elsewhere_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let known = BTreeSet::from(["00000001-c-red".to_owned()]);
        let error = store(&folder).bind("a", &known).unwrap_err();
        assert!(matches!(error, Error::Elsewhere { count: 1, .. }), "{error}");
        assert!(error.to_string().contains("00000001-c-red"));
    }
}
