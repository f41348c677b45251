//! Opens a file of tracks, whatever its format: content decides, not the name.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    path::Path,
};

use crate::{
    FrameTracks, InterchangeError, ReadOptions, Result, TracksInfo, TracksReader, error::FileName,
    input::BZIP2_MAGIC, read_ottrk, read_signal_text, tracks_file::FORMAT,
};

/// A header of ours is a few hundred bytes; within this many the format shows.
const LOOK_AHEAD_BYTES: u64 = 4096;

/// A file of tracks, opened.
pub struct OpenedTracks {
    /// What the file says about all its frames.
    pub info: TracksInfo,
    /// Its frames, in order. After an error there are no more.
    pub frames: Box<dyn Iterator<Item = Result<FrameTracks>> + Send>,
}

/// Opens `tracks.jsonl`, an `.ottrk` or lines of `frame,id,class,x1,x2,y1,y2`.
///
/// `tracks.jsonl` is read as its frames are taken, the others at once.
///
/// # Errors
/// A file that cannot be read, is none of the formats, or is wrong at its head (`tracks.jsonl`) or
/// anywhere (the others).
pub fn open_tracks(path: &Path) -> Result<OpenedTracks> {
    open_tracks_with(path, &ReadOptions::default())
}

/// [`open_tracks`] with other limits, or with what the file does not say.
///
/// # Errors
/// As [`open_tracks`].
pub fn open_tracks_with(path: &Path, options: &ReadOptions) -> Result<OpenedTracks> {
    let name = path.display().to_string();
    let file = FileName(name.clone());
    let mut source = BufReader::with_capacity(1 << 16, File::open(path).map_err(|e| file.read(e))?);
    let mut start = Vec::new();
    source.by_ref().take(LOOK_AHEAD_BYTES).read_to_end(&mut start).map_err(|e| file.read(e))?;
    let format = Content::of(&start);
    let source = Cursor::new(start.clone()).chain(source);
    open_as(format, source, &start, &name, options)
}

enum Content {
    Tracks,
    Ottrk,
    SignalText,
    Unknown,
}

impl Content {
    fn of(start: &[u8]) -> Self {
        let first_line = start.split(|b| *b == b'\n').next().unwrap_or_default();
        let text = String::from_utf8_lossy(first_line);
        match start.trim_ascii_start().first() {
            _ if start.starts_with(BZIP2_MAGIC) => Self::Ottrk,
            Some(b'{') if text.contains(FORMAT) => Self::Tracks,
            Some(b'{') => Self::Ottrk,
            Some(b'0'..=b'9') => Self::SignalText,
            _ => Self::Unknown,
        }
    }
}

fn open_as(
    format: Content,
    source: impl BufRead + Send + 'static,
    start: &[u8],
    name: &str,
    options: &ReadOptions,
) -> Result<OpenedTracks> {
    match format {
        Content::Tracks => {
            let reader = TracksReader::new(source, name, options)?;
            Ok(OpenedTracks { info: reader.info(), frames: Box::new(reader) })
        }
        Content::Ottrk => {
            let tracks = read_ottrk(source, name, options)?;
            Ok(OpenedTracks { info: tracks.info().clone(), frames: Box::new(tracks.map(Ok)) })
        }
        Content::SignalText => {
            let (info, frames) = read_signal_text(source, name, options)?;
            Ok(OpenedTracks { info, frames: Box::new(frames.into_iter().map(Ok)) })
        }
        Content::Unknown => {
            let shown = String::from_utf8_lossy(&start[..start.len().min(16)]);
            Err(InterchangeError::UnknownFormat {
                file: name.to_owned(),
                start: if start.is_empty() {
                    "nothing (it is empty)".to_owned()
                } else {
                    format!("{shown:?}")
                },
            })
        }
    }
}
