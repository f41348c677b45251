//! What the lines of text on a vehicle say as a number plate.
//!
//! Pure: no I/O, no clock, no picture. The grammar comes in as text (`configs/plates.toml`), lines of
//! text come from the recogniser, and what leaves is a reading with its verdict. The way of a plate
//! through this crate:
//!
//! 1. [`find_plate`] picks the lines that are the plate out of all text on one vehicle;
//! 2. [`Grammar::interpret`] says what one such look may mean, best first;
//! 3. [`Votes`] combines the looks of one track, character by character, into a reading;
//! 4. [`Pattern`] is how people ask for plates afterwards.
//!
//! What must hold: a character that nobody read is never filled in, and a reading with a corrected
//! character is never sure.
#![warn(missing_docs)]

mod characters;
mod file;
mod find;
mod form;
mod geometry;
mod grammar;
mod interpret;
mod pattern;
mod settings;
mod verdict;
mod votes;

pub use characters::normal_form;
pub use file::{GrammarErrors, GrammarProblem};
pub use find::find_plate;
pub use grammar::{Grammar, Kind, Match, Province};
pub use interpret::{Dropped, Interpretation, Misfit};
pub use pattern::{LiteralRun, Pattern, PatternError};
pub use settings::{Calibration, InterpretationSettings, VerdictSettings};
pub use verdict::is_settled;
pub use votes::Votes;
