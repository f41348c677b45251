//! SIGKILL at any instant: what is in the database is proven, and the next start mends the rest.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use giaolo_tests::{
    chance::Chance,
    footage::{EVERYWHERE, busy_scene, dataset, demo_clips, scene},
    program::{analyse, giaolo},
    results::{Results, chain, database_in, names, stored_is_proven},
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
        let (mut killed, mut round, mut at_evidence) = (0, 0, 0);
        while killed < subject.kills {
            round += 1;
            assert!(round <= subject.kills, "it ended before it could be killed, again and again");
            let out = folder.path().join(format!("killed-{number}-{round}"));
            for _ in 0..KILLS_IN_A_ROW {
                killed += usize::from(kill_once(subject, &out, calm_took, &mut chance));
                let proven = stored_is_proven(&out);
                at_evidence += usize::from(0 < proven && proven < calm.violations().len());
            }
            analyse(&subject.video, &subject.scene, &out).succeed();
            is_as_if_never_killed(&out, &calm);
        }
        eprintln!(
            "kills: {killed}, of them {at_evidence} with some violations proven and some not"
        );
        assert!(at_evidence > 0, "never between the first and the last evidence");
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
        scene: busy_scene(&demo.scene, EVERYWHERE, &folder.join("a.toml")),
        video: demo.video,
        kills: KILLS,
    }];
    // A minute of dense traffic, where evidence is made all along and not only at the end.
    if let Some(video) = dataset("clips/hanoi-giang-vo-red-light.mp4") {
        let corners = [[150, 260], [400, 260], [400, 330], [150, 330]];
        subjects[0].kills = KILLS * 3 / 5;
        subjects.push(Subject {
            scene: busy_scene(&scene("hanoi-giang-vo-red-light"), corners, &folder.join("b.toml")),
            video,
            kills: KILLS * 2 / 5,
        });
    }
    subjects
}
