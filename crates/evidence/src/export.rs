//! A sealed folder as one zip file, for a court file or a mail.

use std::{fs, fs::File, io, path::Path};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Error, Result, store::split_folder_name};

/// Writes the folder with its name into a new zip at `out`, stored without compression: pictures and
/// video have none to gain, and the bytes stay plainly in the file. The zip appears whole or not at
/// all; equal folders give equal zips. It does not verify: [`crate::verify`] reads the result.
///
/// # Errors
/// A folder that is none, an `out` that is there already, or a disk that refuses.
pub fn export_zip(folder: &Path, out: &Path) -> Result<()> {
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| split_folder_name(name).is_some())
        .ok_or_else(|| Error::NotEvidence(folder.to_owned()))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let kind = entry.file_type().map_err(Error::io("read", entry.path()))?;
        let file = entry.file_name().into_string().ok();
        match file {
            Some(file) if kind.is_file() => files.push(file),
            _ => return Err(Error::NotEvidence(entry.path())),
        }
    }
    files.sort();

    let dir = match out.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let failed = |error: zip::result::ZipError| Error::Zip {
        path: out.to_owned(),
        reason: error.to_string(),
    };
    let target = tempfile::NamedTempFile::new_in(dir).map_err(Error::io("write in", dir))?;
    let mut zip = ZipWriter::new(target);
    for file in files {
        let path = folder.join(&file);
        let mut source = File::open(&path).map_err(Error::io("open", &path))?;
        let bytes = source.metadata().map_err(Error::io("read", &path))?.len();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes >= u64::from(u32::MAX));
        zip.start_file(format!("{name}/{file}"), options).map_err(failed)?;
        io::copy(&mut source, &mut zip).map_err(Error::io("write", out))?;
    }
    let target = zip.finish().map_err(failed)?;
    target.as_file().sync_all().map_err(Error::io("sync", out))?;
    target.persist_noclobber(out).map_err(|error| Error::io("create", out)(error.error))?;
    crate::store::sync(dir)
}
