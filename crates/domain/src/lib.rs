//! The words of the product as types: cameras, frames, road users, crossings, violations.
//!
//! Every other crate speaks in these types, so they carry no behaviour that needs a clock, a file or
//! a thread. Pixels have their origin at the picture's top left corner, x to the right, y down, in
//! the full resolution of the source; times are microseconds. Serialised names are stable: they
//! stand in `events.jsonl`, `tracks.jsonl`, manifests and the database.
#![warn(missing_docs)]

mod detection;
mod event;
mod geometry;
mod ids;
mod law;
mod plate;
mod road_user;
mod signal;
mod time;
mod track;

pub use detection::{Appearance, Detection};
pub use event::{
    Crossing, Event, FrameTime, Reason, SignalChange, SignalSpan, Verdict, Violation,
    ViolationKind, Way,
};
pub use geometry::{PixelBox, PixelPoint, PixelRect, RoadPoint, RoadTransform, polygon_contains};
pub use ids::{CameraId, HeadId, LineId, MovementId, RuleId, TrackId, ZoneId};
pub use law::Sanction;
pub use plate::{
    PlateAlternative, PlateChar, PlateColour, PlateLayout, PlateLook, PlatePlace, PlateReading,
    PlateVerdict, ReadChar, TextLine, Unreadable,
};
pub use road_user::{ClassGroup, RoadUserClass, UnknownClass};
pub use signal::{SignalReading, SignalState};
pub use time::{ClockSource, MediaTime, TimeOrigin, UtcTime, UtcTimeError};
pub use track::{TrackObservation, TrackSummary};
