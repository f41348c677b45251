//! Any text is a scene, which reads back as itself when written, or errors that lie within it.
#![no_main]

use giaolo_scene::Scene;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Scene::from_toml(text) {
        Ok(scene) => {
            let written = scene.to_toml();
            let again = Scene::from_toml(&written);
            let same = again.is_ok_and(|again| {
                let sha256 = scene.sha256.clone();
                Scene { sha256, ..again } == scene
            });
            assert!(same, "does not read back as itself:\n{written}");
        }
        Err(errors) => {
            assert!(!errors.errors().is_empty());
            let lines = text.matches('\n').count() + 1;
            for error in errors.errors() {
                assert!((1..=lines).contains(&error.line), "outside the text: {error}");
            }
        }
    }
});
