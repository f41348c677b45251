//! `analyse` on the demo clips: every file is there, sound, and of one mind with all others.

use std::fs;

use giaolo_evidence::{VerifyOptions, verify};
use giaolo_interchange::{TracksFormat, open_tracks};
use giaolo_tests::{
    footage::{dataset, demo_clips, scene},
    program::{analyse, giaolo},
    results::{Results, database_in, decode, names},
};

#[test]
fn everything_that_comes_out_agrees() {
    let folder = tempfile::tempdir().unwrap();
    for clip in demo_clips() {
        let out = folder.path().join(clip.name);
        analyse(&clip.video, &clip.scene, &out)
            .arg("--annotate")
            .arg("--format")
            .arg("otc")
            .succeed();
        let results = Results::read(&out);
        results.agree();
        results.agree_with(&database_in(&out));
        results.evidence_shows_the_events();
        assert_eq!(results.summary["frames"]["read"], 60, "{}", clip.name);
        // The demo exists to show these.
        assert!(!results.crossings().is_empty(), "{}: no crossing", clip.name);
        assert!(!results.violations().is_empty(), "{}: no violation", clip.name);
        assert_eq!(results.strangers(), [""; 0], "{}", clip.name);

        let annotated = decode(&out.join("annotated.mp4"));
        assert_eq!((annotated.size, annotated.frames), ((800, 600), 60), "{}", clip.name);

        let stem = clip.video.file_stem().unwrap().to_str().unwrap();
        others_can_read(&out.join(stem), &results);

        let mut expected: Vec<String> = [
            "annotated.mp4",
            "counts.csv",
            "events.jsonl",
            "evidence",
            "giaolo.db",
            "readings.jsonl",
            "summary.json",
        ]
        .map(str::to_owned)
        .into();
        expected.extend([".lock", "tracks.jsonl"].map(str::to_owned));
        expected.extend([format!("{stem}.ottrk"), format!("{stem}.otevents")]);
        expected.sort();
        assert_eq!(names(&out).into_iter().collect::<Vec<_>>(), expected);
    }
}

/// The `.ottrk` holds the same road users in the same places as `tracks.jsonl`.
fn others_can_read(stem: &std::path::Path, results: &Results) {
    let opened = open_tracks(&stem.with_extension("ottrk")).unwrap();
    assert_eq!(opened.info.format, TracksFormat::Ottrk);
    assert_eq!(opened.info.size, results.tracks_info.size);
    let seen: Vec<_> = opened
        .frames
        .flat_map(|frame| frame.unwrap().tracks)
        .map(|seen| (seen.frame, seen.track, seen.bbox))
        .collect();
    let mut ours: Vec<_> = results
        .frames
        .iter()
        .flat_map(|frame| &frame.tracks)
        .map(|seen| (seen.frame, seen.track, seen.bbox))
        .collect();
    ours.sort_by_key(|(frame, track, _)| (*frame, *track));
    assert_eq!(seen.len(), ours.len());
    for ((frame, track, theirs), (our_frame, our_track, ours)) in seen.iter().zip(&ours) {
        assert_eq!((frame, track), (our_frame, our_track));
        let apart =
            [theirs.x1 - ours.x1, theirs.y1 - ours.y1, theirs.x2 - ours.x2, theirs.y2 - ours.y2];
        assert!(apart.iter().all(|d| d.abs() < 0.01), "frame {frame}: {theirs:?}, {ours:?}");
    }
    // Theirs are JSON packed by bzip2.
    let events = fs::read(stem.with_extension("otevents")).unwrap();
    assert!(events.starts_with(b"BZh"));
}

/// Stills, crop and drawn box must be of one frame, also where the vehicle was out of sight for a
/// moment as it passed the line.
#[test]
fn evidence_shows_whom_the_rule_fired_on() {
    let Some(clips) = dataset("clips") else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["hanoi-giang-vo-red-light", "pickup-red-light", "vn-boulevard-wrong-way"] {
        let out = folder.path().join(name);
        analyse(&clips.join(format!("{name}.mp4")), &scene(name), &out).succeed();
        let results = Results::read(&out);
        results.agree();
        results.agree_with(&database_in(&out));
        results.evidence_shows_the_events();
        assert_eq!(results.strangers(), [""; 0], "{name}");
    }
}

#[test]
fn analysing_again_adds_nothing_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [clip, _] = demo_clips();
    let out = folder.path();
    analyse(&clip.video, &clip.scene, out).succeed();
    let first = Results::read(out);
    let sealed = contents(&first);
    analyse(&clip.video, &clip.scene, out).succeed();
    let second = Results::read(out);
    assert_eq!(first.lines, second.lines);
    assert_eq!(first.frames, second.frames);
    assert_eq!(first.summary["evidence_new"].as_u64().unwrap() as usize, first.violations().len());
    assert_eq!(second.summary["evidence_new"], 0);
    assert_eq!(sealed, contents(&second), "evidence was touched");
    second.agree_with(&database_in(out));
}

#[test]
fn two_threads_find_what_one_finds() {
    let folder = tempfile::tempdir().unwrap();
    let [clip, _] = demo_clips();
    let lines = ["1", "2"].map(|threads| {
        let out = folder.path().join(threads);
        analyse(&clip.video, &clip.scene, &out).arg("--threads").arg(threads).succeed();
        (Results::read(&out).lines, fs::read(out.join("tracks.jsonl")).unwrap())
    });
    assert_eq!(lines[0], lines[1]);
}

#[test]
fn exported_evidence_verifies_and_tampered_evidence_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let [_, clip] = demo_clips();
    let out = folder.path().join("out");
    analyse(&clip.video, &clip.scene, &out).succeed();
    let results = Results::read(&out);
    let verify_with = |path: &std::path::Path| giaolo(["evidence", "verify"]).arg(path).run();
    assert_eq!(verify_with(&results.evidence()).code, Some(0));
    let name = results.evidence_folders().pop_first().unwrap();
    let sealed = results.evidence().join(&name);
    let zip = folder.path().join("case.zip");
    giaolo(["evidence", "export"]).arg(&sealed).arg("--out").arg(&zip).succeed();
    assert_eq!(verify_with(&zip).code, Some(0));
    assert!(verify(&zip, &VerifyOptions::default()).unwrap().is_good());

    let still = sealed.join("act.jpg");
    let mut bytes = fs::read(&still).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&still, bytes).unwrap();
    for path in [&sealed, &results.evidence()] {
        let run = verify_with(path);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        assert!(
            run.stdout.contains("act.jpg") && run.stdout.contains("[changed]"),
            "{}",
            run.stdout
        );
    }
    // The zip was made before.
    assert_eq!(verify_with(&zip).code, Some(0));
}

/// Every file of the evidence with its bytes.
fn contents(results: &Results) -> Vec<(String, Vec<u8>)> {
    let folders = results.evidence_folders().into_iter();
    let files = folders.flat_map(|folder| {
        let path = results.evidence().join(&folder);
        names(&path).into_iter().map(move |name| (format!("{folder}/{name}"), path.join(name)))
    });
    files.map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}
