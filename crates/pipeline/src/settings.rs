//! What an analysis is told.

use std::path::PathBuf;

use giaolo_domain::UtcTime;
use giaolo_tracking::TrackerSettings;
use giaolo_vision::ExecutionProvider;

/// Where the parts of an installation lie.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Registry of models.
    pub models: PathBuf,
    /// Weights.
    pub weights: PathBuf,
    /// ONNX Runtime's library.
    pub onnxruntime: PathBuf,
    /// `sanctions.csv`.
    pub sanctions: PathBuf,
    /// `violations.toml`.
    pub violations: PathBuf,
    /// `plates.toml`.
    pub plates: PathBuf,
    /// The key that signs evidence; made at the first use.
    pub signing_key: PathBuf,
}

/// One `analyse`.
#[derive(Clone, Debug)]
pub struct AnalyseSettings {
    /// The recording.
    pub source: PathBuf,
    /// The scene file.
    pub scene: PathBuf,
    /// The folder for everything that comes out.
    pub out: PathBuf,
    /// A database other than `giaolo.db` in `out`.
    pub database: Option<String>,
    /// A folder for evidence other than `evidence` in `out`: one database has one.
    pub evidence: Option<PathBuf>,
    /// A model other than the scene's.
    pub model: Option<String>,
    /// Licences that were accepted.
    pub accepted_licences: Vec<String>,
    /// Threads that run the model.
    pub threads: usize,
    /// Where the model runs.
    pub provider: ExecutionProvider,
    /// When the recording began, by an operator's word.
    pub start: Option<UtcTime>,
    /// Whether to make `annotated.mp4`.
    pub annotate: bool,
    /// Whether to write `.ottrk` and `.otevents` too.
    pub otc: bool,
    /// The tracker's settings.
    pub tracker: TrackerSettings,
    /// Plate reading.
    pub plates: PlateSettings,
}

/// Whether plates are read, and how much that may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateSettings {
    /// Whether plates are read at all. It needs two more models.
    pub enabled: bool,
    /// Looks at vehicles for each second of the recording, of some 50 ms of processor time each.
    pub looks_per_second: f64,
    /// Looks that may be saved up.
    pub burst: f64,
}

impl Default for PlateSettings {
    fn default() -> Self {
        Self { enabled: true, looks_per_second: 8.0, burst: 16.0 }
    }
}
