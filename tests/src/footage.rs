//! The footage: two clips that set-up fetches, and the larger data sets where they are.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// The corners of the whole picture of a demo clip.
pub const EVERYWHERE: [[u32; 2]; 4] = [[0, 0], [800, 0], [800, 600], [0, 600]];

/// Writes the scene with a zone that nobody may be in, for many violations, and the smallest model.
pub fn busy_scene(scene: &Path, corners: [[u32; 2]; 4], path: &Path) -> PathBuf {
    let mut text = fs::read_to_string(scene).unwrap();
    if !text.contains("[detector]") {
        text.push_str("\n[detector]\n");
    }
    text = text.replace("[detector]\n", "[detector]\ninput = [320, 192]\n");
    let zone = format!(
        "\n[[zone]]\nid = \"everybody\"\nkind = \"closed\"\npoints = {corners:?}\n\
         \n[[rule]]\nid = \"everybody\"\nkind = \"closed_zone\"\nzone = \"everybody\"\ndwell_s = 0\n"
    );
    fs::write(path, text + &zone).unwrap();
    path.to_owned()
}
