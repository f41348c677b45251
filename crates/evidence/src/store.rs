//! The directory of sealed evidence, and how a folder gets into it whole or not at all.
//!
//! A draft is written in `.draft-ID`. Sealing hashes every file from disk, signs the manifest, syncs
//! files and folder, and only then gives the folder its name and syncs the directory; a crash at any
//! instant leaves a draft or a sealed folder, never half of one. Sealing takes the caller's last
//! [`ChainLink`], so it must be done by one writer at a time, the one whose database transaction
//! then stores the new link.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use giaolo_domain::FrameTime;
use image::RgbImage;

use crate::{
    ChainLink, Error, FileEntry, FileRole, Fingerprint, Format, Manifest, ManifestFacts,
    PictureSize, Result, Signer, SigningKey, digest, jpeg,
    manifest::{FORMAT_NAME, FORMAT_VERSION, MANIFEST, SIGNATURE},
};

/// How the name of an unfinished folder begins.
pub(crate) const DRAFT_PREFIX: &str = ".draft-";
/// 8 digits, a dash and an id of this length stay under every file system's 255 bytes.
const ID_LIMIT: usize = 200;
const NAME_LIMIT: usize = 100;

/// A directory of evidence and the key that seals it.
#[derive(Debug)]
pub struct EvidenceStore {
    dir: PathBuf,
    key: SigningKey,
}

/// A folder being filled. Dropped unsealed, it is removed again.
#[derive(Debug)]
pub struct Draft<'a> {
    store: &'a EvidenceStore,
    id: String,
    dir: PathBuf,
    files: Vec<(String, FileRole)>,
    sealed: bool,
}

/// A folder that is on disk, synced, hashed and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Number in the chain, from 1.
    pub sequence: u64,
    /// Name of the folder in the evidence directory.
    pub folder: String,
    /// SHA-256 of its `manifest.json`, which the next folder points to.
    pub manifest_sha256: String,
    /// Its files, without manifest and signature, in the order of their names.
    pub files: Vec<FileEntry>,
}

impl Sealed {
    /// What the next folder's manifest points to.
    pub fn link(&self) -> ChainLink {
        ChainLink { sequence: self.sequence, manifest_sha256: self.manifest_sha256.clone() }
    }
}

impl EvidenceStore {
    /// Opens the directory, making it where it is not there.
    ///
    /// # Errors
    /// Where it cannot be made, or is no directory.
    pub fn open(dir: &Path, key: SigningKey) -> Result<Self> {
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        Ok(Self { dir: dir.to_owned(), key })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The fingerprint of the key that seals.
    pub fn fingerprint(&self) -> Fingerprint {
        self.key.fingerprint()
    }

    /// The folder of that name.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Starts the evidence of one violation; `id` is [`giaolo_domain::Violation::key`].
    ///
    /// # Errors
    /// An id that cannot name a folder, a draft of the same id, or a directory that cannot be written.
    pub fn draft(&self, id: &str) -> Result<Draft<'_>> {
        if !is_id(id) {
            return Err(Error::BadId(id.to_owned()));
        }
        let dir = self.dir.join(format!("{DRAFT_PREFIX}{id}"));
        fs::create_dir(&dir).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => {
                Error::DraftExists { id: id.to_owned(), dir: self.dir.clone() }
            }
            _ => Error::io("create", &dir)(source),
        })?;
        Ok(Draft { store: self, id: id.to_owned(), dir, files: Vec::new(), sealed: false })
    }
}

impl Draft<'_> {
    /// The evidence's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where to write a file of that name (a clip, say). It must be there when the draft is sealed.
    ///
    /// # Errors
    /// A name that is not `a-z 0-9 . _ -`, is taken, or belongs to the manifest.
    pub fn path(&mut self, name: &str, role: FileRole) -> Result<PathBuf> {
        let refuse =
            |reason| Err(Error::BadFileName { id: self.id.clone(), name: name.to_owned(), reason });
        if !is_file_name(name) {
            return refuse(
                "must be 1 to 100 of a-z, 0-9, dot, dash and underscore, and begin with a letter or digit",
            );
        }
        if name == MANIFEST || name == SIGNATURE {
            return refuse("belongs to the manifest");
        }
        if self.files.iter().any(|(taken, _)| taken == name) {
            return refuse("is already in the draft");
        }
        self.files.push((name.to_owned(), role));
        Ok(self.dir.join(name))
    }

    /// Writes a picture as JPEG without any metadata; `quality` is 1 to 100, stills use 92.
    ///
    /// # Errors
    /// As [`Self::path`], a picture that JPEG cannot hold, or a file that cannot be written.
    pub fn add_jpeg(
        &mut self,
        name: &str,
        role: FileRole,
        picture: &RgbImage,
        quality: u8,
    ) -> Result<()> {
        let path = self.path(name, role)?;
        let bytes = jpeg::encode_jpeg(picture, quality).map_err(|reason| Error::Jpeg {
            name: name.to_owned(),
            width: picture.width(),
            height: picture.height(),
            reason,
        })?;
        fs::write(&path, bytes).map_err(Error::io("write", path))
    }

    /// Copies a file into the draft.
    ///
    /// # Errors
    /// As [`Self::path`], or a file that cannot be read or written.
    pub fn add_file(&mut self, name: &str, role: FileRole, from: &Path) -> Result<()> {
        let path = self.path(name, role)?;
        fs::copy(from, &path).map_err(Error::io("copy", from))?;
        Ok(())
    }

    /// Hashes, signs, syncs and names the folder `NNNNNNNN-ID`, next after `previous`.
    ///
    /// # Errors
    /// Facts that the files do not bear out, a stale `previous`, or a disk that refuses; the draft is
    /// then removed and nothing else was changed. An error of the very last sync leaves the sealed
    /// folder behind for the sweep of the next start.
    pub fn seal(mut self, facts: ManifestFacts, previous: Option<&ChainLink>) -> Result<Sealed> {
        let sequence = next_sequence(previous)?;
        let folder = format!("{sequence:08}-{}", self.id);
        self.refuse_taken(sequence)?;
        self.refuse_strangers()?;
        self.files.sort();
        let files = self
            .files
            .iter()
            .map(|(name, role)| self.entry(name, *role))
            .collect::<Result<Vec<_>>>()?;
        self.check_facts(&facts, &files)?;

        let key = &self.store.key;
        let manifest = Manifest {
            format: Format { name: FORMAT_NAME.to_owned(), version: FORMAT_VERSION },
            id: self.id.clone(),
            sequence,
            previous_manifest_sha256: previous
                .map_or(digest::NO_LINK, |link| &link.manifest_sha256)
                .to_owned(),
            signer: Signer {
                algorithm: "ed25519".to_owned(),
                public_key: key.public_key(),
                fingerprint: key.fingerprint().to_string(),
            },
            files,
            facts,
        };
        let bytes = manifest.to_bytes()?;
        self.write_synced(MANIFEST, &bytes)?;
        self.write_synced(SIGNATURE, key.sign_manifest(&bytes).as_bytes())?;
        sync(&self.dir)?;
        let target = self.store.dir.join(&folder);
        fs::rename(&self.dir, &target).map_err(Error::io("rename the draft to", &target))?;
        self.sealed = true;
        sync(&self.store.dir)?;
        Ok(Sealed {
            sequence,
            folder,
            manifest_sha256: digest::sha256_hex(&bytes),
            files: manifest.files,
        })
    }

    /// Neither the number nor the id may be in the directory already.
    fn refuse_taken(&self, sequence: u64) -> Result<()> {
        let dir = &self.store.dir;
        for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
            let name = entry.map_err(Error::io("list", dir))?.file_name();
            let Some((number, id)) = name.to_str().and_then(split_folder_name) else {
                continue;
            };
            if number == sequence || id == self.id {
                return Err(Error::SequenceTaken {
                    dir: dir.clone(),
                    sequence,
                    existing: name.to_string_lossy().into_owned(),
                });
            }
        }
        Ok(())
    }

    /// What was never announced must not be in the folder: it would be there unhashed.
    fn refuse_strangers(&self) -> Result<()> {
        for entry in fs::read_dir(&self.dir).map_err(Error::io("list", &self.dir))? {
            let name = entry.map_err(Error::io("list", &self.dir))?.file_name();
            if !self.files.iter().any(|(known, _)| name == known.as_str()) {
                return Err(self.incomplete(format!(
                    "`{}` is in the draft but was not added to it",
                    name.to_string_lossy()
                )));
            }
        }
        Ok(())
    }

    fn entry(&self, name: &str, role: FileRole) -> Result<FileEntry> {
        let path = self.dir.join(name);
        let kind = fs::symlink_metadata(&path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => self.incomplete(format!("`{name}` was never written")),
            _ => Error::io("read", &path)(source),
        })?;
        if !kind.is_file() {
            return Err(self.incomplete(format!("`{name}` is no regular file")));
        }
        if kind.len() == 0 {
            return Err(self.incomplete(format!("`{name}` is empty")));
        }
        let mut file = File::open(&path).map_err(Error::io("open", &path))?;
        file.sync_all().map_err(Error::io("sync", &path))?;
        let (sha256, bytes) = digest::sha256_of(&mut file).map_err(Error::io("read", &path))?;
        let media_type = media_type(name);
        let picture = if media_type == "image/jpeg" {
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            let size = jpeg::jpeg_size(&bytes)
                .ok_or_else(|| self.incomplete(format!("`{name}` is no JPEG file")))?;
            Some(size)
        } else {
            None
        };
        Ok(FileEntry {
            name: name.to_owned(),
            role,
            bytes,
            sha256,
            media_type: media_type.to_owned(),
            picture,
        })
    }

    /// Stills are whole pictures of the source and each says which frame it shows.
    fn check_facts(&self, facts: &ManifestFacts, files: &[FileEntry]) -> Result<()> {
        let source = PictureSize { width: facts.source.width, height: facts.source.height };
        for file in files.iter().filter(|file| file.role.is_clean_still()) {
            let frame = match file.role {
                FileRole::StillBefore => Some(facts.violation.before),
                FileRole::StillAct => Some(facts.violation.act),
                FileRole::StillPlate => best_look(facts),
                _ => Some(facts.violation.after),
            };
            let Some(frame) = frame else {
                return Err(self.incomplete(format!(
                    "`{}` is to show a plate, and `plate` names no frame",
                    file.name
                )));
            };
            if file.picture != Some(source) {
                return Err(self.incomplete(format!(
                    "still `{}` is not {}x{} like the source; a still is the whole picture as JPEG",
                    file.name, source.width, source.height
                )));
            }
            if !facts.stills.iter().any(|s| s.file == file.name && s.frame == frame) {
                return Err(self.incomplete(format!(
                    "`{}` is to show frame {}, and `stills` does not say so",
                    file.name, frame.frame
                )));
            }
        }
        for (position, still) in facts.stills.iter().enumerate() {
            if !files.iter().any(|file| file.name == still.file) {
                return Err(self.incomplete(format!(
                    "`stills` names `{}`, which is not in the draft",
                    still.file
                )));
            }
            if facts.stills[..position].iter().any(|s| s.file == still.file) {
                return Err(self.incomplete(format!("`stills` names `{}` twice", still.file)));
            }
        }
        self.check_plate(facts, files)?;
        let hashes = [
            ("scene", Some(&facts.scene.sha256)),
            ("source", facts.source.sha256.as_ref()),
            ("model", Some(&facts.model.sha256)),
        ];
        for (what, sha256) in hashes {
            if sha256.is_some_and(|text| !digest::is_sha256(text)) {
                return Err(self.incomplete(format!(
                    "{what}.sha256 must be 64 lower-case hexadecimal digits"
                )));
            }
        }
        Ok(())
    }

    /// A plate that was read in some frame is shown, or the facts say why it is not.
    fn check_plate(&self, facts: &ManifestFacts, files: &[FileEntry]) -> Result<()> {
        let has = |role| files.iter().any(|file| file.role == role);
        let shown = has(FileRole::PlateCrop);
        let wrong = if shown != has(FileRole::StillPlate) {
            "a plate's crop and the whole picture that it was cut from belong together"
        } else if shown && best_look(facts).is_none() {
            "a plate is shown, and `plate` names no frame"
        } else if shown && facts.plate_not_shown.is_some() {
            "a plate is shown, and `plate_not_shown` says that it is not"
        } else if !shown && best_look(facts).is_some() && facts.plate_not_shown.is_none() {
            "`plate` names a frame, and neither is it shown nor does `plate_not_shown` say why"
        } else {
            return Ok(());
        };
        Err(self.incomplete(wrong.to_owned()))
    }

    fn write_synced(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        File::create_new(&path)
            .and_then(|mut file| {
                io::Write::write_all(&mut file, bytes)?;
                file.sync_all()
            })
            .map_err(Error::io("write", path))
    }

    fn incomplete(&self, reason: String) -> Error {
        Error::Incomplete { id: self.id.clone(), reason }
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.sealed {
            // Best effort: what stays is swept at the next start.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// The frame in which the plate was read best.
fn best_look(facts: &ManifestFacts) -> Option<FrameTime> {
    Some(facts.plate.as_ref()?.best?.at)
}

fn next_sequence(previous: Option<&ChainLink>) -> Result<u64> {
    let Some(link) = previous else { return Ok(1) };
    match link.sequence.checked_add(1) {
        Some(next) if link.sequence > 0 && digest::is_sha256(&link.manifest_sha256) => Ok(next),
        _ => Err(Error::BadLink { sequence: link.sequence, sha256: link.manifest_sha256.clone() }),
    }
}

pub(crate) fn sync(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", dir))
}

/// Number and id of a sealed folder's name.
pub(crate) fn split_folder_name(name: &str) -> Option<(u64, &str)> {
    let (number, id) = name.split_once('-')?;
    let digits = number.len() >= 8 && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|n| *n > 0)?;
    (digits && is_id(id) && format!("{number:08}-{id}") == name).then_some((number, id))
}

/// Whether `id` can be the second half of a folder's name.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=ID_LIMIT).contains(&id.len())
        && !id.starts_with('-')
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether `name` can stand in a manifest: one plain component on every file system.
pub(crate) fn is_file_name(name: &str) -> bool {
    (1..=NAME_LIMIT).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
        })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("mp4") => "video/mp4",
        Some("json") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}
