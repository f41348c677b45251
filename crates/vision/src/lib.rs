//! The model registry, ONNX Runtime sessions and their pre- and post-processing.
//!
//! The way of a frame through this crate: [`InputPlan`] says which parts of the picture become
//! inputs, [`Preparer`] scales them straight from the decoder's format, [`DetectorSession`] runs the
//! model and nothing else (so that the thread that runs it does nothing else), and [`finish`]
//! decodes, suppresses doubles and maps boxes back to the picture. [`LampReader`] reads signal lamps
//! from the same frames, and [`calibrate`] solves picture to road. [`PlateReader`] finds and reads
//! the lines of text on a vehicle's crop.
#![warn(missing_docs)]

mod appearance;
mod calibration;
mod decode;
mod detector;
mod error;
mod input;
mod lamps;
pub mod nms;
mod plates;
mod registry;
mod runtime;

pub use calibration::{CalibrationFit, calibrate};
pub use decode::Decoder;
pub use detector::{DetectorSession, RawOutputs, finish};
pub use error::VisionError;
pub use input::{InputPlan, Prepared, Preparer, View};
pub use lamps::LampReader;
pub use plates::{
    LineGeometry, ModelUsed, PlateReader, PlateReaderSettings, PlateTimings, plate_colour,
    sharpness,
};
pub use registry::{
    Channels, InputFormat, ModelEntry, ModelFile, Precision, Registry, RoadUserDetector, Task,
    TextFinder, TextReader, Thresholds,
};
pub use runtime::{ExecutionProvider, Runtime};
