//! The product from end to end: each room here asks one thing of it, on real footage.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod analyses;
mod commands;
mod evaluations;
mod failures;
mod kills;
mod others_data;
mod plate_pictures;
mod plate_readings;
mod plates;
mod replays;
mod servers;
mod staged;
