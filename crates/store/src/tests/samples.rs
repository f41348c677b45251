//! Rows to store, each different by its number.

use giaolo_domain::{
    CameraId, ClockSource, Crossing, FrameTime, LineId, MediaTime, MovementId, PixelBox,
    PixelPoint, RoadUserClass, RuleId, TimeOrigin, TrackId, TrackSummary, UtcTime, Verdict,
    ViolationKind, Way,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{EvidenceRow, NewRun, RunEnd, RunId, SceneVersion, Store, ViolationRow};

pub(super) const SCENE: &str = "# một ngã tư\ncamera = \"TU15-C1\"\n";

pub(super) fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

pub(super) fn at(text: &str) -> UtcTime {
    UtcTime::parse(text).unwrap()
}

pub(super) fn frame_time(frame: u64) -> FrameTime {
    FrameTime { frame, time: MediaTime(frame as i64 * 40_000) }
}

pub(super) fn scene(camera: &str) -> SceneVersion {
    SceneVersion {
        camera: CameraId::new(camera),
        sha256: sha256(SCENE),
        toml: SCENE.to_owned(),
        created_at: at("2026-11-24T00:00:00Z"),
        who: "nguyen.van.a".to_owned(),
        note: "stop line moved with the new paint".to_owned(),
    }
}

/// A run of camera `TU15-C1` over the source of that name.
pub(super) fn new_run(source: &str) -> NewRun {
    NewRun {
        camera: CameraId::new("TU15-C1"),
        source_name: format!("{source}.mp4"),
        source_sha256: sha256(source),
        scene_sha256: sha256(SCENE),
        model: "nanodet-g-int8".to_owned(),
        program_version: "0.1.0".to_owned(),
        started_at: at("2026-11-24T08:00:00Z"),
        origin: TimeOrigin {
            start: at("2026-11-24T00:00:00Z"),
            clock: ClockSource::Operator,
            uncertainty_s: Some(0.5),
        },
    }
}

/// Puts the scene and begins a run over a source.
pub(super) async fn begin(store: &Store, source: &str) -> RunId {
    store.put_scene_version(&scene("TU15-C1")).await.unwrap();
    store.begin_run(&new_run(source)).await.unwrap()
}

pub(super) fn end() -> RunEnd {
    RunEnd {
        finished_at: at("2026-11-24T08:10:00Z"),
        frames: 1500,
        media_duration: MediaTime::from_seconds(60.0),
    }
}

pub(super) fn track(number: u64) -> TrackSummary {
    TrackSummary {
        track: TrackId(number),
        class: RoadUserClass::ALL[number as usize % 6],
        class_share: 0.7,
        first_frame: number,
        last_frame: number + 20,
        first_time: frame_time(number).time,
        last_time: frame_time(number + 20).time,
        detections: 17,
        mean_score: 0.1,
        first_box: PixelBox::new(0.1, 2.0, 30.3, 40.0),
        last_box: PixelBox::new(100.0, 2.5, 130.0, 1e-7),
    }
}

pub(super) fn crossing(number: u64) -> Crossing {
    Crossing {
        at: frame_time(number),
        track: TrackId(number),
        line: LineId::new("vach-dung-1"),
        way: if number.is_multiple_of(2) { Way::Forward } else { Way::Back },
        class: RoadUserClass::Motorbike,
        confidence: 0.3,
        point: PixelPoint::new(320.1, 240.7),
        confirmed: frame_time(number + 3),
        movement: number.is_multiple_of(3).then(|| MovementId::new("re-trai")),
        speed_kmh: number.is_multiple_of(5).then_some(31.4),
    }
}

pub(super) fn violation(run: RunId, number: u64) -> ViolationRow {
    let act = frame_time(number);
    ViolationRow {
        id: format!("tu15-c1-vi-pham-{number:06}"),
        run,
        camera: CameraId::new("TU15-C1"),
        kind: ViolationKind::ALL[number as usize % 6],
        rule: RuleId::new("den-do-1"),
        track: TrackId(number),
        class: RoadUserClass::Motorbike,
        verdict: if number.is_multiple_of(4) { Verdict::Insufficient } else { Verdict::Sure },
        act,
        act_at: at("2026-11-24T00:00:00Z").plus(act.time),
        facts: json!({
            "lý do": "vượt đèn đỏ", "red_for_s": 1.37, "box_act": [0.1, 2.0, 3, 4],
            "confidence": 0.87, "line": "vach-dung-1",
        }),
        created_at: at("2026-11-24T08:05:00Z"),
    }
}

/// The evidence of a violation, as the next link after `head`.
pub(super) fn evidence(violation: &ViolationRow, head: Option<(u64, String)>) -> EvidenceRow {
    let (sequence, previous_sha256) = match head {
        Some((sequence, sha256)) => (sequence + 1, Some(sha256)),
        None => (1, None),
    };
    EvidenceRow {
        violation_id: violation.id.clone(),
        sequence,
        folder: violation.id.clone(),
        manifest_sha256: sha256(&violation.id),
        previous_sha256,
    }
}
