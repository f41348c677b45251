//! Which clips there are, and the installation that analyses them.

use std::path::{Path, PathBuf};

use giaolo_pipeline::{AnalyseSettings, Installation, PlateSettings};
use giaolo_tracking::TrackerSettings;
use giaolo_vision::ExecutionProvider;

use crate::Failure;

/// The demo's clips have their own names.
const DEMO: [(&str, &str); 2] = [
    ("otvision-cars-truck", "Testvideo_Cars-Truck_FR20_2020-01-01_00-00-00.mp4"),
    ("otvision-cars-cyclist", "Testvideo_Cars-Cyclist_FR20_2020-01-01_00-00-00.mp4"),
];

/// A clip with its scene.
#[derive(Clone, Debug)]
pub struct Clip {
    /// The scene file's stem.
    pub name: String,
    /// The recording.
    pub path: PathBuf,
    /// The scene.
    pub scene: PathBuf,
}

/// Every clip that has a scene in `datasets/scenes`, the demo's first: those in `var/footage`, and
/// those in `../shared/datasets/clips` where that is there.
///
/// # Errors
/// Where the scenes cannot be listed.
pub fn clips() -> Result<Vec<Clip>, Failure> {
    let root = root();
    let folder = root.join("datasets/scenes");
    let mut scenes = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        scenes.push(entry?.path());
    }
    scenes.sort();
    let mut clips = Vec::new();
    for scene in scenes {
        let name = scene.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let demo = DEMO.iter().find(|(demo, _)| *demo == name);
        let path = match demo {
            Some((_, file)) => root.join("var/footage").join(file),
            None => root.join(format!("../shared/datasets/clips/{name}.mp4")),
        };
        match path.is_file() {
            true => clips.push(Clip { name, path, scene }),
            false => println!("skipped {name}: its clip is not on this machine"),
        }
    }
    clips.sort_by_key(|clip| !DEMO.iter().any(|(demo, _)| *demo == clip.name));
    Ok(clips)
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What set-up installed; keys are made in `scratch`.
pub(crate) fn installation(scratch: &Path) -> Installation {
    let root = root();
    Installation {
        models: root.join("models"),
        weights: root.join("var/models"),
        onnxruntime: root.join("var/lib/onnxruntime/libonnxruntime.so"),
        sanctions: root.join("configs/sanctions.csv"),
        violations: root.join("configs/violations.toml"),
        plates: root.join("configs/plates.toml"),
        signing_key: scratch.join("bench.key"),
    }
}

/// An analysis as `giaolo analyse` does it, with one thread for the model.
pub(crate) fn settings(clip: &Clip, out: &Path) -> AnalyseSettings {
    AnalyseSettings {
        source: clip.path.clone(),
        scene: clip.scene.clone(),
        out: out.to_owned(),
        database: None,
        evidence: None,
        model: None,
        accepted_licences: Vec::new(),
        threads: 1,
        provider: ExecutionProvider::Cpu,
        start: None,
        annotate: false,
        otc: false,
        tracker: TrackerSettings::default(),
        plates: PlateSettings { enabled: false, ..PlateSettings::default() },
    }
}
