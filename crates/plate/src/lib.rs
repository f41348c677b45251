//! What the lines of text on a vehicle say as a number plate.
//!
//! Pure: no I/O, no clock, no picture. The grammar comes in as text (`configs/plates.toml`), lines of
//! text come from the recogniser, and what leaves is a reading with its verdict.
#![warn(missing_docs)]
