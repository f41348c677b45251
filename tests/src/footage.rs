//! The footage: two clips that set-up fetches, and the larger data sets where they are.

use std::path::PathBuf;

use crate::program::root;

/// A clip with the scene that stands in the repository for it.
pub struct Clip {
    /// What it shows, for messages and folder names.
    pub name: &'static str,
    /// The recording.
    pub video: PathBuf,
    /// The scene file.
    pub scene: PathBuf,
}

/// The two demo clips: always there, 60 frames of 800x600 each.
pub fn demo_clips() -> [Clip; 2] {
    [("cars-truck", "Cars-Truck"), ("cars-cyclist", "Cars-Cyclist")].map(|(name, part)| {
        let file = format!("var/footage/Testvideo_{part}_FR20_2020-01-01_00-00-00.mp4");
        let video = root().join(file);
        assert!(video.is_file(), "{} is missing; `make footage` fetches it", video.display());
        Clip { name, video, scene: scene(&format!("otvision-{name}")) }
    })
}

/// A scene of the repository.
pub fn scene(name: &str) -> PathBuf {
    root().join(format!("datasets/scenes/{name}.toml"))
}

/// A file or folder of the data sets beside the repository. `None`, with a plain line, where they
/// are not.
pub fn dataset(path: &str) -> Option<PathBuf> {
    let found = root().join("../shared/datasets").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("SKIPPED: ../shared/datasets/{path} is not here");
    None
}
