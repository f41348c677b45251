//! Where the bytes of one folder come from: a disk, a zip, memory.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use crate::Limits;

/// How reading a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its last byte.
    Whole,
    /// At the limit; more bytes follow.
    Limit,
}

/// The files of one evidence folder. A source has already reported and left out what has an unsafe
/// name or is no regular file.
pub(super) trait Source {
    /// The folder's name, `NNNNNNNN-ID` where nothing is wrong.
    fn name(&self) -> &str;

    /// The names of its files, each once.
    fn files(&self) -> Vec<String>;

    /// Gives a file's bytes in pieces, at most `limit` of them.
    ///
    /// # Errors
    /// Where the bytes cannot be read to their end.
    fn read(&mut self, file: &str, limit: u64, take: &mut dyn FnMut(&[u8])) -> io::Result<End>;
}

/// Hands on at most `limit` bytes.
pub(super) fn pour(
    reader: &mut dyn Read,
    limit: u64,
    take: &mut dyn FnMut(&[u8]),
) -> io::Result<End> {
    let mut buffer = vec![0; 1 << 16];
    let mut left = limit;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(End::Whole),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if read as u64 > left {
            return Ok(End::Limit);
        }
        left -= read as u64;
        take(&buffer[..read]);
    }
}

/// A file's bytes as a whole.
pub(super) fn bytes_of(
    source: &mut dyn Source,
    file: &str,
    limit: u64,
) -> io::Result<(Vec<u8>, End)> {
    let mut bytes = Vec::new();
    let end = source.read(file, limit, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok((bytes, end))
}

/// The limit for a file of that name before its manifest is known.
pub(super) fn limit_for(limits: &Limits, is_jpeg: bool) -> u64 {
    if is_jpeg { limits.jpeg_bytes } else { limits.file_bytes }
}

/// Files in memory.
pub(super) struct InMemory<'a> {
    pub(super) name: &'a str,
    pub(super) files: &'a BTreeMap<String, Vec<u8>>,
}

impl Source for InMemory<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn files(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn read(&mut self, file: &str, limit: u64, take: &mut dyn FnMut(&[u8])) -> io::Result<End> {
        let bytes = self.files.get(file).ok_or(io::ErrorKind::NotFound)?;
        pour(&mut bytes.as_slice(), limit, take)
    }
}
