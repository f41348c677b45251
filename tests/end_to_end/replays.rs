//! `replay`: the same tracks give the same events, byte for byte, and quickly.

use std::{fs, io::Write, path::Path};

use giaolo_tests::{
    footage::demo_clips,
    program::{analyse, giaolo},
    results::Results,
};

fn replay(tracks: &Path, scene: &Path) -> String {
    giaolo(["replay"]).arg(tracks).arg("--scene").arg(scene).succeed()
}

#[test]
fn stored_tracks_give_the_events_of_the_analysis() {
    let folder = tempfile::tempdir().unwrap();
    for clip in demo_clips() {
        let out = folder.path().join(clip.name);
        analyse(&clip.video, &clip.scene, &out).succeed();
        let written = fs::read_to_string(out.join("events.jsonl")).unwrap();
        let tracks = out.join("tracks.jsonl");
        for _ in 0..2 {
            assert_eq!(replay(&tracks, &clip.scene), written, "{}", clip.name);
        }
    }
}

/// A signal that the program reads itself must come out of a replay as it went in.
#[test]
fn stored_signals_give_the_same_violations() {
    let Some(clips) = giaolo_tests::footage::dataset("clips") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (video, scene) =
        (clips.join("pickup-red-light.mp4"), giaolo_tests::footage::scene("pickup-red-light"));
    analyse(&video, &scene, folder.path()).succeed();
    let results = Results::read(folder.path());
    results.agree();
    assert!(results.lines.iter().any(|line| line.starts_with(r#"{"event":"signal""#)));
    let again = replay(&folder.path().join("tracks.jsonl"), &scene);
    assert_eq!(again.lines().collect::<Vec<_>>(), results.lines);
}

/// An hour of thirty road users, 25 frames a second: printed, not asserted, because it is a figure of
/// the machine. That none is lost on the way is asserted.
#[test]
fn an_hour_is_replayed_in_seconds() {
    const FPS: u64 = 25;
    const SECONDS: u64 = 3600;
    const ABREAST: u64 = 30;
    /// How long each takes over the picture, in frames.
    const PASSAGE: u64 = 250;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tracks.jsonl");
    let mut out = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    writeln!(
        out,
        r#"{{"format":"giaolo-tracks","version":1,"camera":"DEMO-C1","size":[800,600],"fps":{FPS}.0,"start":"2026-11-24T00:00:00Z","clock":"operator"}}"#
    )
    .unwrap();
    for frame in 0..FPS * SECONDS {
        let t_us = frame * 1_000_000 / FPS;
        for lane in 0..ABREAST {
            let shifted = frame + lane * PASSAGE / ABREAST;
            let track = shifted / PASSAGE * ABREAST + lane + 1;
            let x = 150.0 + 2.0 * (shifted % PASSAGE) as f64;
            let y = 110.0 + 4.0 * lane as f64;
            writeln!(
                out,
                r#"{{"frame":{frame},"t_us":{t_us},"track":{track},"box":[{x},{y},{},{}],"class":"motorbike","score":0.7}}"#,
                x + 30.0,
                y + 40.0
            )
            .unwrap();
        }
    }
    out.into_inner().unwrap().sync_all().unwrap();
    let [clip, _] = demo_clips();
    let run = giaolo(["replay"]).arg(&path).arg("--scene").arg(&clip.scene).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let over = |line: &str| run.stdout.lines().filter(|l| l.contains(line)).count() as u64;
    // All but those that the beginning and the end cut.
    let crossed = over(r#""line":"from-side-road""#);
    let passages = SECONDS * FPS / PASSAGE * ABREAST;
    assert!(
        (passages - ABREAST..=passages + ABREAST).contains(&crossed),
        "{crossed} of {passages}"
    );
    eprintln!(
        "replay: {SECONDS} s of {ABREAST} road users in {:.2} s, {:.0} times faster than they drove",
        run.took.as_secs_f64(),
        SECONDS as f64 / run.took.as_secs_f64()
    );
}
