//! Data and verdicts of others: what they found in their tracks, we find in the same tracks.

use std::{collections::BTreeMap, fs, path::Path};

use giaolo_domain::Event;
use giaolo_tests::{
    footage::{dataset, scene},
    program::{Run, giaolo},
};
use serde_json::Value;

/// Share of tracks on which we must be of one mind with `labels.csv`.
const AGREEMENT: f64 = 0.99;

/// Vietnamese pole cameras, tracks as text. The verdict is a rule's: the bottom of the box was beyond
/// a height in any frame. Our scenes say the same with a closed zone that fires at once.
#[test]
fn signal_tracks_agree_with_their_labels() {
    let Some(data) = dataset("vn-signal-tracks") else { return };
    let mut labels = csv::Reader::from_path(data.join("labels.csv")).unwrap();
    let headers = labels.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (file, site, verdict) =
        (column("track_file"), column("site"), column("crossed_by_peer_rule"));
    let (mut all, mut agreed, mut took_s, mut media_s) = (0u32, 0u32, 0.0, 0.0);
    for label in labels.records() {
        let label = label.unwrap();
        let run = giaolo(["replay", "--fps", "25"])
            .arg(data.join(&label[file]))
            .arg("--scene")
            .arg(scene(&format!("vn-signal-{}", &label[site])))
            .run();
        assert_eq!(run.code, Some(0), "{}: {}", &label[file], run.stderr);
        let crossed = run.stdout.lines().any(|line| line.starts_with(r#"{"event":"violation""#));
        let same = crossed == (&label[verdict] == "1");
        if !same {
            eprintln!("{}: we say {crossed}, they say {}", &label[file], &label[verdict]);
        }
        all += 1;
        agreed += u32::from(same);
        took_s += run.took.as_secs_f64();
        media_s += label[column("last_frame")].parse::<f64>().unwrap() / 25.0;
    }
    eprintln!(
        "signal tracks: {agreed} of {all} agree; {media_s:.0} s of video in {took_s:.1} s, {:.0} times faster, with a start of the program for each track",
        media_s / took_s
    );
    assert!(all > 600, "only {all} tracks");
    assert!(f64::from(agreed) >= AGREEMENT * f64::from(all), "{agreed} of {all}");
}

/// The section events that OTAnalytics found, in the same tracks under the same sections.
#[test]
fn otc_events_are_found_within_a_frame() {
    let Some(data) = dataset("otc/groundtruther") else { return };
    let folder = tempfile::tempdir().unwrap();
    let scene = folder.path().join("scene.toml");
    let flow = data.join("Testvideo.otflow");
    let imported = giaolo(["import-otflow", "--size", "800x600"]).arg(&flow).succeed();
    fs::write(&scene, &imported).unwrap();
    giaolo(["scene", "check"]).arg(&scene).succeed();

    let expected = expected(&data.join("expected-events-131100.json"));
    assert_eq!(expected.len(), 7);
    let run = replay_ottrk(&data, &scene);
    let mut found = found(&run);
    for wanted in &expected {
        let near = |event: &Found| event.is(wanted) && event.frame.abs_diff(wanted.frame) <= 1;
        let at = found.iter().position(near);
        found.remove(at.unwrap_or_else(|| panic!("{wanted:?} is not among {found:?}")));
    }
    assert!(found.is_empty(), "nobody else saw {found:?}");
}

/// With our own hysteresis an event may come later or not at all, but never without a word.
#[test]
fn what_hysteresis_changes_is_explained() {
    let Some(data) = dataset("otc/groundtruther") else { return };
    let folder = tempfile::tempdir().unwrap();
    let scene = folder.path().join("scene.toml");
    let flow = data.join("Testvideo.otflow");
    let imported = giaolo(["import-otflow", "--size", "800x600"]).arg(&flow).succeed();
    let usual: String = imported
        .lines()
        .filter(|line| !line.starts_with("hysteresis"))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_ne!(usual, imported);
    fs::write(&scene, usual).unwrap();
    let run = replay_ottrk(&data, &scene);
    let found = found(&run);
    for wanted in expected(&data.join("expected-events-131100.json")) {
        let refused = format!("refused: track {} over {} ", wanted.track, wanted.section);
        let told = run.stderr.lines().find(|line| line.starts_with(&refused));
        let event = found.iter().find(|event| event.is(&wanted));
        match (event, told) {
            (Some(event), _) if event.frame.abs_diff(wanted.frame) <= 1 => {}
            (Some(event), _) => panic!("{wanted:?} came at {}", event.frame),
            (None, Some(told)) => eprintln!("{told}"),
            (None, None) => panic!("{wanted:?} is neither found nor refused:\n{}", run.stderr),
        }
    }
    let late = run.stderr.lines().filter(|line| line.starts_with("delayed: ")).count();
    let delayed: usize = found.iter().filter(|event| event.confirmed != event.frame).count();
    assert_eq!(late, delayed, "{}", run.stderr);
}

fn replay_ottrk(data: &Path, scene: &Path) -> Run {
    let tracks = data.join("Testvideo_von_OTAnalytics_FR20_2020-02-20_13-11-00.ottrk");
    let run = giaolo(["replay", "--explain"]).arg(tracks).arg("--scene").arg(scene).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

#[derive(Debug)]
struct Expected {
    /// From 0, as we count; the file counts from 1.
    frame: u64,
    section: String,
    track: u64,
}

#[derive(Debug)]
struct Found {
    frame: u64,
    confirmed: u64,
    section: String,
    track: u64,
}

impl Found {
    fn is(&self, expected: &Expected) -> bool {
        (&self.section, self.track) == (&expected.section, expected.track)
    }
}

fn expected(path: &Path) -> Vec<Expected> {
    let file: BTreeMap<String, Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let event = |event: &Value| Expected {
        frame: event["frame"].as_u64().unwrap() - 1,
        section: event["section"].as_str().unwrap().to_owned(),
        track: event["road_user"].as_str().unwrap().parse().unwrap(),
    };
    file["events"].as_array().unwrap().iter().map(event).collect()
}

fn found(run: &Run) -> Vec<Found> {
    let events = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    let crossing = |event| match event {
        Event::Crossing(crossing) => Some(Found {
            frame: crossing.at.frame,
            confirmed: crossing.confirmed.frame,
            section: crossing.line.to_string(),
            track: crossing.track.0,
        }),
        _ => None,
    };
    events.filter_map(crossing).collect()
}
