//! `eval`: the keys of its report, and how right the program is where a person counted.

use std::{collections::BTreeSet, fs};

use giaolo_tests::{
    footage::{Clip, dataset, demo_clips, scene},
    program::giaolo,
};
use serde_json::{Value, json};

fn eval(clip: &Clip, truth: &std::path::Path) -> Value {
    let printed = giaolo(["eval"])
        .arg(&clip.video)
        .arg("--scene")
        .arg(&clip.scene)
        .arg("--truth")
        .arg(truth)
        .arg("--json")
        .succeed();
    serde_json::from_str(&printed).unwrap()
}

/// Every key as `a.b`, an array's items as `a[]`. Names that are data (lines, kinds) are not keys.
fn keys(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let name = match at {
                        "crossings.by_line" => "LINE",
                        "violations" => "KIND",
                        _ => key,
                    };
                    let path = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                    walk(value, &path, found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    walk(item, &format!("{at}[]"), found);
                }
            }
            _ => {
                found.insert(at.to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(value, "", &mut found);
    found
}

#[test]
fn the_report_has_exactly_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let [_, clip] = demo_clips();
    let truth = folder.path().join("truth.json");
    let seen = json!({
        "crossings": [
            {"line": "from-side-road", "way": "forward", "class": "bicyclist", "frame": 30, "tolerance": 30},
            {"line": "from-side-road", "way": "any", "class": "car or truck (van)", "frame": 30, "tolerance": 30},
            {"line": "nowhere", "way": "back", "class": "bus", "frame": 3, "tolerance": 1}],
        "totals": [{"line": "from-side-road", "way": "forward", "count": 2, "tolerance": 5}],
        "signal": [{"head": "none", "state": "red", "from": 0, "to": 9}],
        "violations": [
            {"kind": "closed_zone", "class": "bicycle", "from": 20, "to": 50, "clear": true},
            {"kind": "red_light", "class": "car", "from": 0, "to": 1}],
        "not_scored": [{"kind": "wrong_way", "from": 0, "to": 59}]
    });
    fs::write(&truth, seen.to_string()).unwrap();
    let report = eval(&clip, &truth);
    let expected = "
        clip frames
        crossings.truth crossings.predicted crossings.matched crossings.precision crossings.recall
        crossings.by_line.LINE.truth crossings.by_line.LINE.predicted crossings.by_line.LINE.matched
        crossings.by_line.LINE.precision crossings.by_line.LINE.recall
        totals[].line totals[].way totals[].class totals[].truth totals[].predicted
        totals[].within_tolerance
        violations.KIND.truth violations.KIND.predicted violations.KIND.matched
        violations.KIND.precision violations.KIND.recall
        violations.KIND.clear.truth violations.KIND.clear.matched violations.KIND.clear.recall
        violations.KIND.not_scored
        signal.frames signal.right signal.share
        speed.frames_per_s speed.cpu_ms_per_frame
        speed.stages_cpu_ms.decode speed.stages_cpu_ms.scale speed.stages_cpu_ms.infer
        speed.stages_cpu_ms.track speed.stages_cpu_ms.rules speed.stages_cpu_ms.evidence
        speed.bare_inference_frames_per_s speed.ratio_to_bare speed.peak_rss_mb";
    let expected: BTreeSet<String> = expected.split_whitespace().map(str::to_owned).collect();
    let found = keys(&report);
    assert_eq!(expected, found, "\n{report:#}");

    assert_eq!(report["frames"], 60);
    assert_eq!(report["crossings"]["truth"], 3);
    assert_eq!(report["crossings"]["matched"], 2, "{report:#}");
    assert_eq!(report["violations"]["closed_zone"]["clear"]["matched"], 1, "{report:#}");
    assert_eq!(report["violations"]["red_light"]["recall"], 0.0);
    assert_eq!(report["signal"]["share"], 0.0, "no head is drawn, so nothing is right");
}

#[test]
fn a_truth_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let [clip, _] = demo_clips();
    let truth = folder.path().join("truth.json");
    for (text, named) in [
        ("{", "line 1"),
        (r#"{"violations": [{"kind": "flying", "class": "car", "from": 0, "to": 1}]}"#, "flying"),
        (r#"{"totals": [{"line": "a", "way": "any", "class": "ufo", "count": 1}]}"#, "ufo"),
    ] {
        fs::write(&truth, text).unwrap();
        let run = giaolo(["eval"])
            .arg(&clip.video)
            .arg("--scene")
            .arg(&clip.scene)
            .arg("--truth")
            .arg(&truth)
            .run();
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains(named) && run.stderr.contains("truth.json"), "{}", run.stderr);
    }
}

/// What must not be lost again on a clip that a person watched.
struct Floor {
    clip: &'static str,
    /// Crossings that are found.
    crossings: u64,
    /// Of a kind, how many that a person would not argue about are found.
    clear: &'static [(&'static str, u64)],
    /// Share of frames in which the lamps are read right.
    signal: Option<f64>,
}

const FLOORS: [Floor; 5] = [
    Floor {
        clip: "hanoi-giang-vo-red-light",
        crossings: 6,
        clear: &[("red_light", 4)],
        signal: Some(0.98),
    },
    Floor {
        clip: "vn-boulevard-wrong-way",
        crossings: 8,
        clear: &[("wrong_way", 1)],
        signal: None,
    },
    Floor { clip: "german-junction-131100", crossings: 7, clear: &[], signal: None },
    Floor { clip: "taiwan-overpass", crossings: 11, clear: &[], signal: None },
    Floor { clip: "pickup-red-light", crossings: 0, clear: &[("red_light", 1)], signal: None },
];

/// Alarms on all clips together that a person would call wrong.
const MOST_FALSE_ALARMS: u64 = 1;

#[test]
fn what_a_person_saw_is_found() {
    let Some(data) = dataset("truth") else { return };
    let mut false_alarms = 0;
    for floor in FLOORS {
        let clip = Clip {
            name: floor.clip,
            video: data.join(format!("../clips/{}.mp4", floor.clip)),
            scene: scene(floor.clip),
        };
        let report = eval(&clip, &data.join(format!("{}.json", floor.clip)));
        // What a clip has no truth for is null, not gone.
        let top: Vec<&String> = report.as_object().unwrap().keys().collect();
        let all = ["clip", "crossings", "frames", "signal", "speed", "totals", "violations"];
        assert_eq!(top, all);
        let crossings = report["crossings"]["matched"].as_u64().unwrap_or(0);
        assert!(crossings >= floor.crossings, "{}: {crossings} crossings", floor.clip);
        for (kind, least) in floor.clear {
            let matched = report["violations"][kind]["clear"]["matched"].as_u64().unwrap();
            assert!(matched >= *least, "{}: {kind} {matched} of {least}", floor.clip);
        }
        for score in report["violations"].as_object().unwrap().values() {
            let number = |key: &str| score[key].as_u64().unwrap();
            false_alarms += number("predicted") - number("matched");
        }
        if let Some(least) = floor.signal {
            let share = report["signal"]["share"].as_f64().unwrap();
            assert!(share >= least, "{}: signal {share}", floor.clip);
        }
    }
    assert!(false_alarms <= MOST_FALSE_ALARMS, "{false_alarms} false alarms");
}
