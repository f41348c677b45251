//! What an operator drew on a camera's picture, and the rules that read tracks against it.
//!
//! This crate does no I/O, reads no clock and starts no thread: the same scene and the same
//! observations give the same events, bit for bit. Files come in as text, events go out as values.
#![warn(missing_docs)]

mod engine;
mod file;
mod model;

pub use engine::{Engine, FrameInput, Refusal, RefusedCrossing};
pub use file::{PictureMismatch, SceneError, SceneErrors};
pub use model::{
    Calibration, Check, DetectorSettings, Hysteresis, Line, LineKind, Movement, Rule, Scene,
    SignalHead, Zone, ZoneKind,
};
