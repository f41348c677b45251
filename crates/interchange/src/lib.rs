//! Reads and writes the files of others, and our own track file.
//!
//! Whatever the file, tracks come out as [`FrameTracks`]: one value per frame, in the order of the
//! frames, with every road user seen in it and what each signal head showed. [`open_tracks`] tells
//! the formats apart by their content. Nothing here decides what happened at an intersection, and
//! nothing that a file leaves open is guessed: what cannot be carried over is a [`Note`], what was
//! left out is counted in [`Skipped`], and the rest is an [`InterchangeError`] that names the file,
//! the line or record, the key, the value and what would be right.
//!
//! `docs/interchange.md` describes the formats.
#![warn(missing_docs)]

mod error;
mod frames;
mod input;
mod open;
mod otevents;
mod otflow;
mod ottrk;
mod signal_text;
mod tracks_file;
mod tracks_lines;
mod tracks_reader;
mod tracks_writer;

pub use error::{InterchangeError, Result};
pub use frames::{
    BoxOrigin, FrameTracks, Note, ReadOptions, Skipped, TracksFormat, TracksInfo, stored_reading,
};
pub use open::{OpenedTracks, open_tracks, open_tracks_with};
pub use otevents::{OtEvent, OtEventsSource, write_otevents};
pub use otflow::import_otflow;
pub use ottrk::{OttrkSource, OttrkTracks, OttrkWriter, class_of_name, name_of_class, read_ottrk};
pub use signal_text::read_signal_text;
pub use tracks_file::TracksHeader;
pub use tracks_reader::TracksReader;
pub use tracks_writer::TracksWriter;
