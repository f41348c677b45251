//! Workers, bounded channels, back-pressure and metrics: one source from packets to stored evidence.
//!
//! The way of a frame: the [`decode_stage`] reads, decodes, scales and reads lamps; the
//! [`infer_stage`] runs the model and nothing else; [`judge`] tracks, reads the scene, counts and
//! writes; [`plates`] reads plates; the [`evidence_stage`] cuts stills and clips, seals and stores. Each
//! runs on a thread of its own and hands on through a bounded channel. A file source blocks when a
//! later stage is slow and loses nothing.
#![warn(missing_docs)]

mod analyse;
mod annotate_stage;
mod clock;
mod counting;
mod decode_stage;
mod error;
pub mod eval;
mod evidence_stage;
mod infer_stage;
mod judge;
mod law;
mod metrics;
mod open;
mod outputs;
mod pictures;
mod plate_pictures;
pub mod plates;
mod replay;
mod settings;
mod summary;

pub use analyse::{Progress, analyse};
pub use clock::{now, peak_rss_bytes, process_cpu};
pub use error::PipelineError;
pub use law::Law;
pub use metrics::{CameraMetrics, Metrics, Stage};
pub use open::read_scene;
pub use replay::{Replay, Replayed};
pub use settings::{AnalyseSettings, Installation, PlateSettings};
pub use summary::{Speed, Summary, Unproven};
