//! What can go wrong with models, each with the file and what would be right.

use std::path::PathBuf;

use thiserror::Error;

/// Errors of this crate.
#[derive(Debug, Error)]
pub enum VisionError {
    /// A registry file or model file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The weights are not there.
    #[error("{path} is not there; run `giaolo models fetch`")]
    NotFetched {
        /// The file.
        path: PathBuf,
    },
    /// A registry file is not what it should be.
    #[error("{path}: {reason}")]
    Registry {
        /// The registry file.
        path: PathBuf,
        /// What is wrong, with the key.
        reason: String,
    },
    /// No model of that name.
    #[error("no model is named `{name}`; known are {known}")]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The model has no file of that size and precision.
    #[error(
        "model `{name}` has no file for {wanted}; it has {known}; \
         `giaolo models fetch` makes what its converter can"
    )]
    NoSuchFile {
        /// The model.
        name: String,
        /// Size and precision asked for.
        wanted: String,
        /// Sizes and precisions there are.
        known: String,
    },
    /// The model is for something else.
    #[error("model `{name}` is for {task}; a model for {wanted} is needed here")]
    WrongTask {
        /// The model.
        name: String,
        /// Its task.
        task: &'static str,
        /// The task that was needed.
        wanted: &'static str,
    },
    /// The licence of a model must be accepted first.
    #[error("model `{name}` is under {licence}; to use it, say --accept-licence {accept}")]
    Licence {
        /// The model.
        name: String,
        /// Its licence.
        licence: String,
        /// What to say.
        accept: String,
    },
    /// The file on disk is not the one that the registry names.
    #[error(
        "{path} is not the file of the registry: SHA-256 {found}, expected {expected}; delete it and \
         run `giaolo models fetch`"
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Its checksum.
        found: String,
        /// The registry's.
        expected: String,
    },
    /// ONNX Runtime's library is missing or does not load.
    #[error(
        "cannot load ONNX Runtime from {path}: {reason}; run `make setup`, or set GIAOLO_ONNXRUNTIME to the library"
    )]
    Library {
        /// Where it was looked for.
        path: PathBuf,
        /// Why it failed.
        reason: String,
    },
    /// An execution provider that was asked for is not there.
    #[error("execution provider `{provider}` was asked for and is not available: {reason}")]
    Provider {
        /// The provider.
        provider: String,
        /// Why.
        reason: String,
    },
    /// The model file does not load.
    #[error("cannot load model {path}: {reason}")]
    Load {
        /// The file.
        path: PathBuf,
        /// What ONNX Runtime says.
        reason: String,
    },
    /// The model's inputs or outputs are not those of its decoder.
    #[error("model {path} does not fit its registry entry: {reason}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What was expected and what is there.
        reason: String,
    },
    /// A run failed.
    #[error("model {path} failed on an input: {reason}")]
    Run {
        /// The file.
        path: PathBuf,
        /// What ONNX Runtime says.
        reason: String,
    },
    /// A setting is out of its range.
    #[error("setting {key}: {value} is not {right}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What it is.
        value: String,
        /// What would be right.
        right: &'static str,
    },
    /// A crop could not be worked on.
    #[error("crop of {width}x{height}: {reason}")]
    Crop {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// What OpenCV says.
        reason: String,
    },
    /// The frame could not be scaled.
    #[error(transparent)]
    Media(#[from] giaolo_media::MediaError),
    /// The calibration points do not give a map.
    #[error("calibration: {0}")]
    Calibration(String),
}
