//! Made-up number plates as pictures, with the truth beside them: for tests, benches and the pictures
//! of documentation. No analysis may depend on this crate.
//!
//! A [`Plate`] is drawn by the sizes and colours of the standard ([`Form`]); [`PlateMaker`] invents
//! legal ones whose numbers are plain patterns, so that nobody takes them for a real person's.
//! [`Wear`] is what happened to the plate (dirt, shadow, glare, a cover), [`Camera`] what the lens, the
//! sensor and the file did to its picture; [`photograph`] takes one picture with both and says where
//! the plate is. [`place`] puts a plate onto any picture at four corners, and [`Vehicle`] draws the
//! rear of one with the lettering that real ones carry and that is no plate.
//!
//! The same values and the same seed give the same bytes. Whatever cannot be drawn is an error.

mod camera;
mod canvas;
mod chance;
mod error;
mod face;
mod form;
mod lettering;
mod maker;
mod plate;
mod shape;
mod vehicle;
mod view;
mod wear;

pub use camera::{Camera, Motion, Photo, photograph};
pub use chance::Chance;
pub use error::Error;
pub use form::{Form, Geometry};
pub use maker::{CODES, Kind, PlateMaker};
pub use plate::{Bolts, Plate, ground, ink};
pub use vehicle::{Drawn, Lettering, Vehicle, VehicleKind};
pub use view::place;
pub use wear::{Cover, Glare, Shadow, Wear};

/// What this crate returns.
pub type Result<T> = std::result::Result<T, Error>;
