//! A file source waits for whoever is slow: no frame is lost, and no queue grows.
//!
//! Uses a demo clip and the installed model, as `make footage` leaves them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use giaolo_pipeline::{AnalyseSettings, Installation, Metrics, PlateSettings, analyse};
use giaolo_vision::ExecutionProvider;

const FRAMES: u64 = 60;
/// Slower than the decoder by far, and than the model on any machine that it is meant for.
const SLOW: Duration = Duration::from_millis(40);
/// The most frames that may lie between decoder and judge: four in each of the two channels, one in
/// the hands of each stage, and one that is counted while it is handed on.
const MOST_ON_THE_WAY: u64 = 4 + 4 + 3 + 1;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn who_is_slow_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = root();
    let settings = AnalyseSettings {
        source: root.join("var/footage/Testvideo_Cars-Truck_FR20_2020-01-01_00-00-00.mp4"),
        scene: root.join("datasets/scenes/otvision-cars-truck.toml"),
        out: folder.path().join("out"),
        database: None,
        evidence: None,
        model: None,
        accepted_licences: Vec::new(),
        threads: 1,
        provider: ExecutionProvider::Cpu,
        start: None,
        annotate: false,
        otc: false,
        tracker: giaolo_tracking::TrackerSettings::default(),
        plates: PlateSettings { enabled: false, ..PlateSettings::default() },
    };
    let installation = Installation {
        models: root.join("models"),
        weights: root.join("var/models"),
        onnxruntime: root.join("var/lib/onnxruntime/libonnxruntime.so"),
        sanctions: root.join("configs/sanctions.csv"),
        violations: root.join("configs/violations.toml"),
        plates: root.join("configs/plates.toml"),
        signing_key: folder.path().join("evidence.key"),
    };
    let metrics = Metrics::new().unwrap();
    let camera = metrics.camera("DEMO-C1");
    let (mut seen, mut most) = (0, 0);
    let summary = analyse(
        &settings,
        &installation,
        &metrics,
        &mut |progress| {
            seen += 1;
            assert_eq!(progress.frames, seen, "a frame was skipped or came twice");
            std::thread::sleep(SLOW);
            most = most.max(camera.frames("read") - progress.frames);
        },
        &mut |_| {},
    )
    .unwrap();
    assert_eq!(seen, FRAMES);
    assert_eq!(summary.frames["read"], FRAMES);
    assert_eq!(summary.frames["analysed"], FRAMES);
    assert!(most <= MOST_ON_THE_WAY, "{most} frames had piled up");
    assert!(most >= 4, "the decoder never ran ahead ({most}), so nothing was put to the test");
}
