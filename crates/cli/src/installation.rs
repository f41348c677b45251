//! Where the parts of this installation lie.

use std::path::{Path, PathBuf};

use giaolo_pipeline::{AnalyseSettings, Installation, PlateSettings};
use giaolo_vision::ExecutionProvider;

use crate::args::{Provider, RunArgs};

/// The folder with `models/` and `configs/`: `GIAOLO_HOME`, else the nearest one above the program,
/// else above the current folder.
pub fn home() -> PathBuf {
    if let Some(home) = std::env::var_os("GIAOLO_HOME") {
        return PathBuf::from(home);
    }
    let is_home =
        |folder: &&Path| folder.join("models").is_dir() && folder.join("configs").is_dir();
    let program = std::env::current_exe().ok();
    let current = std::env::current_dir().unwrap_or_default();
    let above_program = program.as_deref().and_then(|p| p.ancestors().find(is_home));
    let above_current = || current.ancestors().find(is_home);
    above_program.or_else(above_current).map_or_else(|| current.clone(), Path::to_owned)
}

/// All parts, with a key other than the usual one where it is given.
pub fn installation(key: Option<&Path>) -> Installation {
    let home = home();
    let onnxruntime = std::env::var_os("GIAOLO_ONNXRUNTIME")
        .map_or_else(|| home.join("var/lib/onnxruntime/libonnxruntime.so"), PathBuf::from);
    Installation {
        models: home.join("models"),
        weights: home.join("var/models"),
        onnxruntime,
        sanctions: home.join("configs/sanctions.csv"),
        violations: home.join("configs/violations.toml"),
        plates: home.join("configs/plates.toml"),
        signing_key: key.map_or_else(usual_key, Path::to_owned),
    }
}

/// The key lies with the user, not with the evidence: who is handed the evidence must not be able to
/// sign more of it.
fn usual_key() -> PathBuf {
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    config.unwrap_or_else(|| home().join("var")).join("giaolo/evidence.key")
}

/// The settings of a run from its arguments.
pub fn settings(run: &RunArgs, out: &Path) -> AnalyseSettings {
    AnalyseSettings {
        source: run.source.clone(),
        scene: run.scene.clone(),
        out: out.to_owned(),
        database: run.database.clone(),
        evidence: run.evidence.clone(),
        model: run.model.clone(),
        accepted_licences: run.accepted_licences.clone(),
        threads: usize::from(run.threads),
        provider: match run.provider {
            Provider::Cpu => ExecutionProvider::Cpu,
            Provider::Cuda => ExecutionProvider::Cuda,
        },
        start: run.start,
        annotate: false,
        otc: false,
        tracker: giaolo_tracking::TrackerSettings::default(),
        plates: PlateSettings { enabled: !run.no_plates, ..PlateSettings::default() },
    }
}
