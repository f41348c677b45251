//! SIGKILL at any instant: what is in the database is proven, and the next start mends the rest.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use giaolo_evidence::{VerifyOptions, verify};
use giaolo_store::{EvidenceRow, Store};
use giaolo_tests::{
    chance::Chance,
    footage::{dataset, demo_clips, scene},
    program::{analyse, giaolo},
    results::{Results, block_on, database_in, names},
};

const SEED: u64 = 20_261_124;
const KILLS: usize = 50;
/// Kills in a row before an analysis may end: what one leaves, the next must bear.
const KILLS_IN_A_ROW: usize = 5;

/// A clip under a scene in which many violations are proven, with a quick model.
struct Subject {
    video: PathBuf,
    scene: PathBuf,
    kills: usize,
}

#[test]
fn killed_at_any_instant_it_loses_no_proof_and_leaves_no_stray() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance::new(SEED);
    for (number, subject) in subjects(folder.path()).iter().enumerate() {
        let calm = folder.path().join(format!("calm-{number}"));
        let calm_took = analyse(&subject.video, &subject.scene, &calm).run().took;
        let calm = Results::read(&calm);
        calm.agree();
        assert!(calm.violations().len() >= 5, "too few violations to be killed at");
        let (mut killed, mut round) = (0, 0);
        while killed < subject.kills {
            round += 1;
            assert!(round <= subject.kills, "it ended before it could be killed, again and again");
            let out = folder.path().join(format!("killed-{number}-{round}"));
            for _ in 0..KILLS_IN_A_ROW {
                killed += usize::from(kill_once(subject, &out, calm_took, &mut chance));
                stored_is_proven(&out);
            }
            analyse(&subject.video, &subject.scene, &out).succeed();
            is_as_if_never_killed(&out, &calm);
        }
    }
}

/// Kills in one half of the cases at an instant of the whole analysis, in the other at an instant
/// while evidence is being made, where most can go wrong.
fn kill_once(subject: &Subject, out: &Path, calm_took: Duration, chance: &mut Chance) -> bool {
    let mut running = analyse(&subject.video, &subject.scene, out).start();
    if chance.share() < 0.5 {
        let instant = calm_took.mul_f64(chance.share());
        while running.elapsed() < instant && !running.has_ended() {
            std::thread::sleep(Duration::from_micros(200));
        }
    } else {
        let evidence = out.join("evidence");
        let before = fs::read_dir(&evidence).map_or(0, Iterator::count);
        let more = 1 + (chance.share() * 4.0) as usize;
        while !running.has_ended()
            && fs::read_dir(&evidence).map_or(0, Iterator::count) < before + more
        {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros((chance.share() * 30_000.0) as u64));
    }
    running.kill()
}

/// At once after a kill, before any start mends anything: each row has its folder, whole.
fn stored_is_proven(out: &Path) {
    for row in rows_as_left(out) {
        let report = verify(&out.join("evidence").join(&row.folder), &VerifyOptions::default());
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", row.folder));
        assert!(report.is_good(), "{report:?}");
        assert_eq!(report.evidence[0].manifest_sha256, row.manifest_sha256);
    }
}

/// The chain in the database as a crash left it, read from a copy: opening it would mend it.
fn rows_as_left(out: &Path) -> Vec<EvidenceRow> {
    let database = out.join("giaolo.db");
    if !database.is_file() {
        return Vec::new();
    }
    let copy = tempfile::tempdir().unwrap();
    for name in ["giaolo.db", "giaolo.db-wal"] {
        if out.join(name).is_file() {
            fs::copy(out.join(name), copy.path().join(name)).unwrap();
        }
    }
    chain(&database_in(copy.path()))
}

fn chain(database: &str) -> Vec<EvidenceRow> {
    block_on(async {
        let store = Store::open(database).await.unwrap();
        let rows = store.evidence(0, 10_000).await.unwrap();
        store.close().await;
        rows
    })
}

fn is_as_if_never_killed(out: &Path, calm: &Results) {
    let results = Results::read(out);
    results.agree();
    results.agree_with(&database_in(out));
    results.evidence_shows_the_events();
    assert_eq!(results.lines, calm.lines);
    assert_eq!(results.frames, calm.frames);

    let rows = chain(&database_in(out));
    let folders = rows.iter().map(|row| row.folder.clone()).collect();
    assert_eq!(results.evidence_folders(), folders, "folders and rows");
    let head = rows.last().map(|row| format!("{}:{}", row.sequence, row.manifest_sha256)).unwrap();
    giaolo(["evidence", "verify", "--expected-head"]).arg(head).arg(results.evidence()).succeed();
    let proven: BTreeMap<_, _> =
        rows.iter().map(|row| (row.violation_id.clone(), row.sequence)).collect();
    let expected = chain(&database_in(&calm.folder));
    assert!(expected.iter().all(|row| proven.contains_key(&row.violation_id)));
    assert_eq!(proven.len(), expected.len());
    let partial = names(out).into_iter().find(|name| name.ends_with(".partial"));
    assert_eq!(partial, None);
}

fn subjects(folder: &Path) -> Vec<Subject> {
    let [demo, _] = demo_clips();
    let mut subjects = vec![Subject {
        scene: busy(&demo.scene, [[0, 0], [800, 0], [800, 600], [0, 600]], &folder.join("a.toml")),
        video: demo.video,
        kills: KILLS,
    }];
    // A minute of dense traffic, where evidence is made all along and not only at the end.
    if let Some(video) = dataset("clips/hanoi-giang-vo-red-light.mp4") {
        let corners = [[150, 260], [400, 260], [400, 330], [150, 330]];
        subjects[0].kills = KILLS * 3 / 5;
        subjects.push(Subject {
            scene: busy(&scene("hanoi-giang-vo-red-light"), corners, &folder.join("b.toml")),
            video,
            kills: KILLS * 2 / 5,
        });
    }
    subjects
}

/// The scene with a zone that nobody may be in, and the smallest model.
fn busy(scene: &Path, corners: [[u32; 2]; 4], path: &Path) -> PathBuf {
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
