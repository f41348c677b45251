//! Violations with sealed evidence, as an analysis leaves them.

use std::path::Path;

use giaolo_domain::*;
use giaolo_evidence::*;
use giaolo_store::{
    CoverageSpan, EvidenceRow, Insertion, NewRun, ReadingRow, RunEnd, RunId, Store, ViolationRow,
};
use image::{Rgb, RgbImage};
use sha2::{Digest, Sha256};

pub const WIDTH: u32 = 64;
pub const HEIGHT: u32 = 48;
/// Bytes of a clip; no player would show them.
pub const CLIP: usize = 5_000;

pub fn frame(number: u64) -> FrameTime {
    FrameTime { frame: number, time: MediaTime(number as i64 * 100_000) }
}

/// Three cases of one camera, one of another; the ids.
pub async fn fill(store: &Store, home: &Path) -> (Vec<String>, String) {
    let key = SigningKey::load_or_create(&home.join("key")).unwrap();
    let evidence = EvidenceStore::open(&home.join("evidence"), key).unwrap();
    let here = begin(store, "TU15-C1").await;
    let mut cases = Vec::new();
    for number in 1..=3 {
        cases.push(one(store, &evidence, here, "TU15-C1", number).await);
    }
    finish(store, here).await;
    let there = begin(store, "TU16-C1").await;
    let elsewhere = one(store, &evidence, there, "TU16-C1", 4).await;
    finish(store, there).await;
    (cases, elsewhere)
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

fn origin() -> TimeOrigin {
    let start = UtcTime::parse("2026-11-24T00:30:00Z").unwrap();
    TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: Some(0.5) }
}

async fn begin(store: &Store, camera: &str) -> RunId {
    let toml = format!("camera = \"{camera}\"\n");
    let scene = giaolo_store::SceneVersion {
        camera: camera.into(),
        sha256: sha256(&toml),
        toml,
        created_at: origin().start,
        who: "test".to_owned(),
        note: "drawn".to_owned(),
    };
    store.put_scene_version(&scene).await.unwrap();
    let run = NewRun {
        camera: camera.into(),
        source_name: format!("{camera}.mp4"),
        source_sha256: sha256(&format!("source of {camera}")),
        scene_sha256: scene.sha256,
        model: "nanodet-g".to_owned(),
        program_version: "0.1.0".to_owned(),
        started_at: origin().start,
        origin: origin(),
    };
    store.begin_run(&run).await.unwrap()
}

async fn finish(store: &Store, run: RunId) {
    let from = UtcTime::parse("2026-11-24T00:30:00Z").unwrap();
    let until = UtcTime::parse("2026-11-24T00:40:00Z").unwrap();
    let count = |quarter: UtcTime, count, coverage| giaolo_store::CountRow {
        line: "stop".into(),
        way: Way::Forward,
        movement: None,
        class: RoadUserClass::Motorbike,
        quarter,
        count,
        coverage,
    };
    let known = count(from, giaolo_store::Count::Known(12), 10.0 / 15.0);
    let span = CoverageSpan { from, until };
    store.replace_counts(run, &[known], &[span]).await.unwrap();
    let end = RunEnd { finished_at: until, frames: 6_000, media_duration: MediaTime(600_000_000) };
    store.finish_run(run, &end).await.unwrap();
}

fn violation(number: u64) -> Violation {
    let act = 100 * number;
    let reason = Reason {
        code: "red_at_crossing".to_owned(),
        vi: "Đèn đỏ khi qua vạch".to_owned(),
        en: "red at the crossing".to_owned(),
    };
    Violation {
        kind: ViolationKind::RedLight,
        rule: "red".into(),
        track: TrackId(number),
        class: RoadUserClass::Motorbike,
        confidence: 0.9,
        before: frame(act - 10),
        act: frame(act),
        after: frame(act + 10),
        box_before: PixelBox::new(1.0, 2.0, 3.5, 4.5),
        box_act: PixelBox::new(2.0, 2.0, 4.5, 4.5),
        box_after: PixelBox::new(3.0, 2.0, 5.5, 4.5),
        verdict: Verdict::Sure,
        reasons: vec![reason],
        insufficient: Vec::new(),
        line: Some("stop".into()),
        zone: None,
        movement: None,
        head: Some("near".into()),
        red_for_s: Some(1.25),
        sanction: Some(Sanction {
            code: "M01".to_owned(),
            behaviour_vi: "Không chấp hành hiệu lệnh của đèn tín hiệu giao thông".to_owned(),
            behaviour_en: "running a red light".to_owned(),
            article_vi: "điểm c khoản 7 Điều 7".to_owned(),
            article_en: "Article 7, clause 7, point c".to_owned(),
            fine_min_vnd: 4_000_000,
            fine_max_vnd: 6_000_000,
            points: Some(4),
            ward_police_chief_competent: false,
            valid_from: "2025-01-01".to_owned(),
            verified: true,
        }),
    }
}

/// A plate that was read for sure.
pub fn reading(text: &str, printed: &str, number: u64) -> PlateReading {
    PlateReading {
        verdict: PlateVerdict::Sure,
        unreadable: None,
        text: text.to_owned(),
        printed: printed.to_owned(),
        kind: Some("motorbike-digit".to_owned()),
        characters: text
            .chars()
            .map(|symbol| PlateChar {
                symbol,
                score: 0.99,
                doubtful: false,
                read_as: None,
                others: Vec::new(),
            })
            .collect(),
        score: 0.97,
        raw: text.to_owned(),
        layout: Some(PlateLayout::TwoLine),
        colour: Some(PlateColour::White),
        looks: 3,
        votes: 3,
        width_px: 60.0,
        best: Some(PlatePlace { at: frame(100 * number), bbox: PixelBox::new(2.0, 3.0, 4.0, 4.0) }),
        ..PlateReading::unreadable(Unreadable::Blurred)
    }
}

async fn one(
    store: &Store,
    evidence: &EvidenceStore,
    run: RunId,
    camera: &str,
    number: u64,
) -> String {
    let violation = violation(number);
    let row = store.run(run).await.unwrap().unwrap();
    let id = violation.key(&camera.into(), &row.begun.source_sha256, &row.begun.scene_sha256);
    let text = format!("61B1234{}{}", number, number);
    let plate = reading(&text, &format!("61-B1 234.{number}{number}"), number);
    let reading = ReadingRow {
        track: violation.track,
        class: violation.class,
        first: frame(100 * number - 20).time,
        last: frame(100 * number + 20).time,
        reading: plate.clone(),
    };
    store.insert_reading(run, &reading, origin().start).await.unwrap();
    let head = store.chain_head().await.unwrap();
    let link =
        head.clone().map(|(sequence, manifest_sha256)| ChainLink { sequence, manifest_sha256 });
    let mut draft = evidence.draft(&id).unwrap();
    for (name, role) in [
        ("before.jpg", FileRole::StillBefore),
        ("act.jpg", FileRole::StillAct),
        ("after.jpg", FileRole::StillAfter),
    ] {
        let picture =
            RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([x as u8, y as u8, number as u8]));
        draft.add_jpeg(name, role, &picture, 92).unwrap();
    }
    let clip: Vec<u8> = (0..CLIP).map(|at| at as u8).collect();
    std::fs::write(draft.path("clip.mp4", FileRole::Clip).unwrap(), clip).unwrap();
    let sealed = draft.seal(facts(camera, &violation, plate, &row.begun), link.as_ref()).unwrap();
    let stored = ViolationRow {
        id: id.clone(),
        run,
        camera: camera.into(),
        kind: violation.kind,
        rule: violation.rule.clone(),
        track: violation.track,
        class: violation.class,
        verdict: violation.verdict,
        act: violation.act,
        act_at: origin().start.plus(violation.act.time),
        facts: serde_json::to_value(&violation).unwrap(),
        created_at: origin().start,
    };
    let proof = EvidenceRow {
        violation_id: id.clone(),
        sequence: sealed.sequence,
        folder: sealed.folder.clone(),
        manifest_sha256: sealed.manifest_sha256.clone(),
        previous_sha256: head.map(|(_, sha256)| sha256),
    };
    let inserted = store.insert_violation_with_evidence(&stored, &proof, "test").await.unwrap();
    assert_eq!(inserted, Insertion::Inserted);
    id
}

fn facts(camera: &str, violation: &Violation, plate: PlateReading, run: &NewRun) -> ManifestFacts {
    let still = |file: &str, at: FrameTime| StillFrame {
        file: file.to_owned(),
        frame: at,
        taken_at: origin().start.plus(at.time),
    };
    let no_picture = Reason {
        code: "not_cut".to_owned(),
        vi: "Không cắt ảnh biển số".to_owned(),
        en: "the plate was not cut out".to_owned(),
    };
    ManifestFacts {
        created_at: origin().start,
        camera: camera.into(),
        point: None,
        place: "Ngã tư thử".to_owned(),
        source_class: Some(SourceClass::StateSecurityCamera),
        clock: origin(),
        violation: violation.clone(),
        stills: vec![
            still("before.jpg", violation.before),
            still("act.jpg", violation.act),
            still("after.jpg", violation.after),
        ],
        signal_timeline: vec![SignalSpan {
            head: "near".into(),
            state: SignalState::Red,
            from: violation.before,
            to: violation.after,
        }],
        plate: Some(plate),
        plate_not_shown: Some(no_picture),
        scene: SceneVersion { name: "scene.toml".to_owned(), sha256: run.scene_sha256.clone() },
        source: SourceFile {
            name: run.source_name.clone(),
            sha256: Some(run.source_sha256.clone()),
            bytes: Some(1_234_567),
            codec: "h264".to_owned(),
            width: WIDTH,
            height: HEIGHT,
        },
        model: ModelUsed {
            name: "nanodet-g".to_owned(),
            sha256: "b".repeat(64),
            precision: "int8".to_owned(),
        },
        program: Program { version: "0.1.0".to_owned(), commit: None },
    }
}
