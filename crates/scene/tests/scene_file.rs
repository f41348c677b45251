//! The scene file against recorded files: `scenes/good` must read and survive being written,
//! `scenes/bad` must give exactly the errors beside it. `GIAOLO_UPDATE=1` writes those and the
//! JSON Schema anew, to be read through before they are committed.
#![expect(clippy::unwrap_used, reason = "a test whose cases cannot be read has failed")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use giaolo_domain::{PixelBox, PixelPoint, RoadUserClass};
use giaolo_scene::{Check, Hysteresis, LineKind, Scene};

fn scenes(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenes").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no scenes in {}", folder.display());
    paths
}

fn good(name: &str) -> Scene {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/scenes/good/{name}.toml"));
    Scene::from_toml(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Compares with a recorded file, or records.
fn assert_recorded(path: &Path, found: &str) {
    if env::var_os("GIAOLO_UPDATE").is_some() {
        fs::write(path, found).unwrap();
    }
    let recorded = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, recorded, "differs from {}", path.display());
}

#[test]
fn every_bad_scene_gives_its_recorded_errors() {
    for path in scenes("bad") {
        let text = fs::read_to_string(&path).unwrap();
        let errors = match Scene::from_toml(&text) {
            Ok(_) => panic!("{} reads without an error", path.display()),
            Err(errors) => errors,
        };
        assert!(!errors.errors().is_empty());
        assert_recorded(&path.with_extension("errors.txt"), &format!("{errors}\n"));
    }
}

#[test]
fn every_good_scene_reads_and_survives_being_written() {
    for path in scenes("good") {
        let text = fs::read_to_string(&path).unwrap();
        let scene = Scene::from_toml(&text).unwrap_or_else(|e| panic!("{}:\n{e}", path.display()));
        let written = scene.to_toml();
        let again = Scene::from_toml(&written)
            .unwrap_or_else(|e| panic!("{}, written:\n{e}\n{written}", path.display()));
        assert_eq!(
            Scene { sha256: scene.sha256.clone(), ..again.clone() },
            scene,
            "{}",
            path.display()
        );
        assert_eq!(again.to_toml(), written, "{}", path.display());
    }
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let scene = good("hanoi");
    let line = &scene.lines[0];
    assert_eq!(line.kind, LineKind::Stop);
    assert_eq!(line.anchor, (0.5, 1.0));
    assert_eq!(line.hysteresis, Hysteresis::default());
    assert_eq!(line.head.as_ref().unwrap().as_str(), "near");
    assert_eq!(scene.detector.tiles, (1, 1));
    assert_eq!(scene.detector.every_nth_frame, 1);
    let rule = &scene.rules[0];
    assert!(!rule.classes.contains(&RoadUserClass::Pedestrian) && rule.classes.len() == 5);
    assert!(rule.hours.is_empty() && rule.dates == (None, None));
    let minimal = good("minimal");
    assert_eq!(minimal.detector, Default::default());
    assert_eq!(minimal.calibration, None);
}

#[test]
fn values_arrive_where_they_belong() {
    let scene = good("everything");
    assert_eq!(scene.place, "Ngã tư \"Bình Chuẩn\"");
    assert_eq!(scene.detector.region, Some(PixelBox::new(0.0, 200.5, 1920.0, 1080.0)));
    let [red, amber, green] = scene.heads[0].lamps;
    assert_eq!(red, Some(PixelBox::new(100.0, 100.0, 130.0, 130.0)));
    assert_eq!(amber, Some(PixelBox::new(100.0, 130.0, 130.0, 160.0)));
    assert_eq!(green, Some(PixelBox::new(100.0, 160.0, 130.0, 190.0)));
    let lying = scene.heads[1].lamps;
    assert_eq!(lying[0], Some(PixelBox::new(300.0, 100.0, 330.0, 130.0)));
    assert_eq!(scene.heads[2].lamps[1], None);
    // A partial hysteresis keeps the defaults of what it leaves out.
    assert_eq!(scene.lines[1].hysteresis, Hysteresis { travel: 1.0, ..Hysteresis::default() });
    // Up to two pixels outside is moved to the edge.
    assert_eq!(scene.zones[4].points[1], PixelPoint::new(1920.0, 1080.0));
    assert_eq!(scene.zones[4].points[3], PixelPoint::new(0.0, 200.0));
    let red = &scene.rules[0];
    assert_eq!(red.hours, [(360, 540), (1320, 300), (720, 1440)]);
    assert_eq!(red.dates, (Some("2026-01-01".to_owned()), Some("2026-12-31".to_owned())));
    assert!(matches!(scene.rules[1].check, Check::StopLine { dwell_s, .. } if dwell_s == 3.0));
    assert!(matches!(scene.rules[2].check, Check::WrongWay { travel, .. } if travel == 1.5));
    assert!(matches!(scene.rules[4].check, Check::ClosedZone { dwell_s, .. } if dwell_s == 0.0));
}

#[test]
fn the_version_is_the_sha256_of_the_bytes() {
    let text = "[scene]\ncamera = \"C\"\nplace = \"P\"\nsize = [8, 8]\n";
    let scene = Scene::from_toml(text).unwrap();
    assert_eq!(scene.sha256, "df1e01f8dcb16f057061eaa785e8b8c0a8d17c789046c61f86f0ca75f51b682a");
    let other = Scene::from_toml(&format!("{text}# a word\n")).unwrap();
    assert_ne!(other.sha256, scene.sha256);
}

#[test]
fn positions_count_characters_after_a_byte_order_mark_and_carriage_returns() {
    let text = "\u{feff}\"ế\" = 1\r\n[scene]\r\ncamera = \"C\"\r\nplace = \"Phố\" # Ế\r\nsize = [8, 0]\r\n";
    let errors = Scene::from_toml(text).unwrap_err();
    let places: Vec<(usize, usize)> = errors.errors().iter().map(|e| (e.line, e.column)).collect();
    assert_eq!(places, [(1, 1), (5, 12)], "{errors}");
}

#[test]
fn a_hopeless_text_is_refused_quickly_and_briefly() {
    let ten_megabytes = "a = 1\n".repeat((10 << 20) / 6);
    let message = Scene::from_toml(&ten_megabytes).unwrap_err().to_string();
    assert!(message.contains("bytes, a scene at most 1048576"), "{message}");

    let many: String = (0..50_000).map(|n| format!("key{n} = 1\n")).collect();
    let errors = Scene::from_toml(&many).unwrap_err();
    // One more: `scene` itself is missing.
    assert_eq!((errors.errors().len(), errors.more()), (100, 49_901));
    assert!(errors.to_string().ends_with("and 49901 more"));

    let lines: String = (0..20_000).map(|n| format!("[[line]]\nid = \"line {n}\"\n")).collect();
    let message = Scene::from_toml(&lines).unwrap_err().to_string();
    assert!(message.contains("a list of 20000 entries is not a list of at most 256"), "{message}");
}

#[test]
fn another_picture_size_names_both() {
    let scene = good("hanoi");
    assert_eq!(scene.check_picture(640, 480), Ok(()));
    for (width, height) in [(480, 640), (1280, 960), (640, 481)] {
        let message = scene.check_picture(width, height).unwrap_err().to_string();
        for part in ["640x480", &format!("{width}x{height}"), "HN-GV-01"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn the_published_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/scene.schema.json");
    assert_recorded(&path, &Scene::json_schema());
}

#[test]
fn the_scenes_in_the_manual_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scene.md");
    let manual = fs::read_to_string(path).unwrap();
    let examples: Vec<&str> =
        manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        if let Err(errors) = Scene::from_toml(example) {
            panic!("{errors}\n{example}");
        }
    }
}
