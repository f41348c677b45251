//! Follows road users over time: from the detections of one frame after another to tracks.
//!
//! Made for a small detector at 5 to 30 frames a second in dense motorbike traffic, where a rider
//! moves more than its own width between frames and is now a motorbike, now only a person. The way
//! of a frame through this crate: [`candidate`] merges boxes into road users (rider and motorbike
//! are one), [`association`] pairs them with tracks, [`motion`] predicts where a track is, and
//! [`class_vote`] settles what it is.
//!
//! No I/O, no clock, no threads: the same detections give the same tracks, bit for bit, in whatever
//! order a frame's detections come.
#![warn(missing_docs)]

mod association;
mod candidate;
mod class_vote;
mod motion;
mod settings;
mod tracker;
mod whole;

pub use settings::TrackerSettings;
pub use tracker::{FrameTracks, Tracker};
