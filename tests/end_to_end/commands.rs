//! The smaller commands: what they print and how they end.

use std::fs;

use giaolo_tests::{
    footage::demo_clips,
    program::{giaolo, root},
};

#[test]
fn the_doctor_finds_this_machine_well_and_a_broken_one_not() {
    let printed = giaolo(["doctor"]).succeed();
    for part in ["ONNX Runtime", "models", "plates", "video", "processor", "fonts", "disk", "clock"]
    {
        let line = printed.lines().find(|line| line.contains(part));
        assert!(line.is_some_and(|line| line.starts_with("ok ")), "{part}:\n{printed}");
    }
    let run = giaolo(["doctor"]).env("GIAOLO_ONNXRUNTIME", "/nowhere/lib.so").run();
    assert_eq!(run.code, Some(1));
    let failed: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_eq!(failed.len(), 3, "the library, the models and plates:\n{}", run.stdout);
    assert!(failed.iter().all(|line| line.contains("/nowhere/lib.so")), "{failed:?}");
}

#[test]
fn models_are_listed_and_verified() {
    let listed = giaolo(["models", "list"]).succeed();
    for part in [
        "nanodet-g",
        "[Apache-2.0]",
        "640x384 int8",
        "any size fp32",
        "yolov12n",
        "--accept-licence agpl-3.0",
    ] {
        assert!(listed.contains(part), "{part}:\n{listed}");
    }
    let verified = giaolo(["models", "verify"]).succeed();
    assert!(verified.contains(" 0 wrong"), "{verified}");

    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("var/models/nanodet-g");
    fs::create_dir_all(&weights).unwrap();
    std::os::unix::fs::symlink(root().join("models"), folder.path().join("models")).unwrap();
    let run = giaolo(["models", "verify"]).env("GIAOLO_HOME", folder.path()).run();
    assert_eq!(run.code, Some(1), "nothing is fetched, so nothing is right: {}", run.stdout);
    fs::write(weights.join("nanodet-g-320x192-int8.onnx"), "tampered").unwrap();
    let run = giaolo(["models", "verify"]).env("GIAOLO_HOME", folder.path()).run();
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("1 wrong") && run.stderr.contains("320x192"), "{}", run.stderr);
}

#[test]
fn scenes_are_checked_with_every_mistake() {
    let scenes = fs::read_dir(root().join("datasets/scenes")).unwrap();
    let scenes: Vec<_> = scenes.map(|entry| entry.unwrap().path()).collect();
    assert!(scenes.len() > 5);
    let printed =
        scenes.iter().fold(giaolo(["scene", "check"]), |run, path| run.arg(path)).succeed();
    assert_eq!(printed.lines().count(), scenes.len(), "{printed}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.toml");
    let [clip, _] = demo_clips();
    let text = fs::read_to_string(&clip.scene).unwrap();
    fs::write(
        &path,
        text.replace("forward_to", "forward").replace("dwell_s = 0.5", "dwell_s = inf"),
    )
    .unwrap();
    let run = giaolo(["scene", "check"]).arg(&path).arg(&clip.scene).run();
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stdout.lines().count(), 1, "the good one is still checked: {}", run.stdout);
    let mistakes: Vec<&str> = run.stderr.lines().collect();
    // In each of two lines a key that is unknown and one that is missing, and one number.
    assert_eq!(mistakes.len(), 5, "{}", run.stderr);
    let at = |line: &&str| line.starts_with(&format!("{}:", path.display()));
    assert!(mistakes.iter().all(at), "{}", run.stderr);

    let schema = giaolo(["scene", "schema"]).succeed();
    let published = fs::read_to_string(root().join("configs/scene.schema.json")).unwrap();
    assert_eq!(schema.trim_end(), published.trim_end());
}

#[test]
fn otflows_are_imported_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.otflow");
    let section = r#"{"sections": [{"id": "1", "name": "South", "type": "line",
        "relative_offset_coordinates": {"section-enter": {"x": 0.5, "y": 0.5}},
        "coordinates": [{"x": 38, "y": 203}, {"x": 422, "y": 101}], "plugin_data": {}}], "flows": []}"#;
    fs::write(&good, section).unwrap();
    let printed = giaolo(["import-otflow", "--size", "800x600"]).arg(&good).succeed();
    let scene = folder.path().join("scene.toml");
    fs::write(&scene, printed).unwrap();
    giaolo(["scene", "check"]).arg(&scene).succeed();

    let bad = folder.path().join("bad.otflow");
    for (text, named) in [
        ("{}", "sections"),
        ("", "bad.otflow"),
        (&*section.replace("38", "\"x\""), "bad.otflow"),
        (&*section.replace("38", "1e999"), "bad.otflow"),
    ] {
        fs::write(&bad, text).unwrap();
        let run = giaolo(["import-otflow", "--size", "800x600"]).arg(&bad).run();
        assert_eq!(run.code, Some(1), "{text}: {}", run.stdout);
        assert!(run.stdout.is_empty(), "half a scene: {}", run.stdout);
        assert!(run.stderr.contains(named), "{named}: {}", run.stderr);
    }
    let missing = giaolo(["import-otflow", "--size", "800x600", "missing.otflow"]).run();
    assert_eq!(missing.code, Some(1));
    let run = giaolo(["import-otflow", "--size", "800"]).arg(&good).run();
    assert_eq!(run.code, Some(2), "arguments that make no sense");
}

#[test]
fn tracks_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [clip, _] = demo_clips();
    let path = folder.path().join("tracks.jsonl");
    let head = r#"{"format":"giaolo-tracks","version":1,"camera":"C","size":[800,600],"fps":20.0,"start":"2026-11-24T00:00:00Z","clock":"operator"}"#;
    for (text, named) in [
        ("nothing".to_owned(), "tracks.jsonl"),
        (head.replace("\"version\":1", "\"version\":99"), "99"),
        (head.replace("[800,600]", "[640,480]"), "640"),
        (
            format!(
                "{head}\n{{\"frame\":0,\"t_us\":0,\"track\":1,\"box\":[1,1,0,0],\"class\":\"car\",\"score\":0.5}}\n"
            ),
            "line 2",
        ),
    ] {
        fs::write(&path, &text).unwrap();
        let run = giaolo(["replay"]).arg(&path).arg("--scene").arg(&clip.scene).run();
        assert_eq!(run.code, Some(1), "{text}");
        assert!(run.stderr.contains(named), "{named}: {}", run.stderr);
    }
}
