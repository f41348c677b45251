//! Plates in a recording: read on the vehicle that carries them and on no other, and shown in its case.

use std::{collections::BTreeSet, fs, path::Path};

use giaolo_domain::{PlateReading, PlateVerdict, TrackId};
use giaolo_evidence::{FileRole, Manifest};
use giaolo_store::Store;
use giaolo_tests::{
    program::analyse,
    results::{Results, block_on, database_in},
    staged::{Staging, staged_clip},
};
use serde_json::Value;

#[test]
fn a_plate_is_read_on_its_car_and_shown_in_its_case() {
    let folder = tempfile::tempdir().unwrap();
    let clip = staged_clip(folder.path(), &Staging::default());
    let out = folder.path().join("out");
    analyse(&clip.video, &clip.scene, &out).succeed();
    let results = Results::read(&out);
    let carrier = clip.track_in(&results);

    let readings = readings(&out);
    let tracks: BTreeSet<TrackId> = readings.iter().map(|(track, _)| *track).collect();
    assert_eq!(tracks.len(), readings.len(), "one reading a track");
    for (track, reading) in &readings {
        if *track != carrier {
            assert_eq!(reading.text, "", "track {track} carries no legible plate: {reading:?}");
            assert!(reading.unreadable.is_some(), "track {track}");
            continue;
        }
        assert_eq!(reading.verdict, PlateVerdict::Sure, "{reading:?}");
        assert_eq!(reading.printed, "61A-345.67");
        let best = reading.best.unwrap();
        let drawn = clip.plate_box(best.at.frame as usize);
        assert!(best.bbox.share_within(&drawn) > 0.7, "{:?} and {drawn:?}", best.bbox);
    }
    assert!(tracks.contains(&carrier));

    let plates = &results.summary["plates"];
    assert_eq!(plates["vehicles"], readings.len());
    assert_eq!(plates["sure"], 1);
    assert!(plates["looks_per_vehicle"].as_f64().unwrap() < 2.0, "{plates}");
    assert_eq!(plates["shed"], 0);

    results.evidence_shows_the_events();
    let mut shown = 0;
    for manifest in manifests(&results) {
        let plate = manifest.facts.plate.unwrap_or_else(|| panic!("{}: no plate", manifest.id));
        let of_carrier = manifest.facts.violation.track == carrier;
        let has_picture = manifest.files.iter().any(|file| file.role == FileRole::PlateCrop);
        assert_eq!((plate.text == "61A34567", has_picture), (of_carrier, of_carrier));
        shown += u32::from(has_picture);
    }
    assert_eq!(shown, 1);

    let stored = block_on(async {
        let store = Store::open(&database_in(&out)).await.unwrap();
        let source = results.summary["source_sha256"].as_str().unwrap();
        let run = giaolo_tests::results::newest_run(&store, source).await;
        let stored = store.readings_of_run(run.id).await.unwrap();
        store.close().await;
        stored
    });
    let mut in_file = readings;
    in_file.sort_by_key(|(track, _)| *track);
    let stored: Vec<_> = stored.into_iter().map(|s| (s.row.track, s.row.reading)).collect();
    assert_eq!(stored, in_file, "the store and readings.jsonl");
}

#[test]
fn without_plates_none_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let [_, clip] = giaolo_tests::footage::demo_clips();
    let out = folder.path().join("out");
    analyse(&clip.video, &clip.scene, &out).arg("--no-plates").succeed();
    let results = Results::read(&out);
    assert!(!out.join("readings.jsonl").exists());
    assert_eq!(results.summary["plates"], Value::Null);
    results.evidence_shows_the_events();
    assert!(manifests(&results).iter().all(|manifest| manifest.facts.plate.is_none()));
}

/// The lines of `readings.jsonl`.
fn readings(out: &Path) -> Vec<(TrackId, PlateReading)> {
    let text = fs::read_to_string(out.join("readings.jsonl")).unwrap();
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["camera"], "STAGED", "{line}");
        (TrackId(value["track"].as_u64().unwrap()), serde_json::from_str(line).unwrap())
    };
    text.lines().map(read).collect()
}

fn manifests(results: &Results) -> Vec<Manifest> {
    let folders = results.evidence_folders().into_iter();
    let read = |name| {
        let path = results.evidence().join(name).join("manifest.json");
        Manifest::read(&fs::read(path).unwrap()).unwrap()
    };
    folders.map(read).collect()
}
