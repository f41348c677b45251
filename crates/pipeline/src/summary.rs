//! `summary.json`: what an analysis found, of what, with what, and what it cost.

use std::{collections::BTreeMap, time::Duration};

use giaolo_domain::{Crossing, TimeOrigin, ViolationKind};
use serde::Serialize;

use crate::{
    clock::peak_rss_bytes,
    metrics::{CameraMetrics, Stage},
    plates::PlateTotals,
};

/// What an analysis gave.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The source's file name.
    pub source: String,
    /// Its SHA-256.
    pub source_sha256: String,
    /// Whose picture.
    pub camera: String,
    /// Where.
    pub place: String,
    /// The scene's version.
    pub scene_sha256: String,
    /// The model, with its input size and precision.
    pub model: String,
    /// SHA-256 of the weights.
    pub model_sha256: String,
    /// This program's version.
    pub program_version: String,
    /// When the first frame was taken, and by which clock.
    pub origin: TimeOrigin,
    /// Frames by what became of them.
    pub frames: BTreeMap<&'static str, u64>,
    /// Length of what was analysed, in seconds.
    pub media_s: f64,
    /// Confirmed tracks.
    pub tracks: u64,
    /// Crossings by `line/way/class`.
    pub crossings: BTreeMap<String, u64>,
    /// Changes of sides that did not count, by reason.
    pub crossings_refused: BTreeMap<&'static str, u64>,
    /// Violations by kind.
    pub violations: BTreeMap<ViolationKind, u64>,
    /// Violations that this analysis proved and stored; those of an earlier one are not new.
    pub evidence_new: u64,
    /// Violations that could not be proven: told here, not stored.
    pub unproven: Vec<Unproven>,
    /// Changes of signal heads.
    pub signal_changes: u64,
    /// What plate reading did; `None` where plates were not read.
    pub plates: Option<PlateTotals>,
    /// What was odd about the source.
    pub warnings: Vec<String>,
    /// What it cost.
    pub speed: Speed,
}

/// A violation that could not be proven, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Unproven {
    /// Its identity.
    pub id: String,
    /// Its kind.
    pub kind: ViolationKind,
    /// The frame of the act.
    pub frame: u64,
    /// Why.
    pub reason: String,
}

/// What an analysis cost.
#[derive(Clone, Debug, Serialize)]
pub struct Speed {
    /// Analysed frames a second of wall time, from the first frame read to the last evidence stored.
    pub frames_per_s: f64,
    /// Processor milliseconds of the whole process for each analysed frame.
    pub cpu_ms_per_frame: f64,
    /// The same by stage.
    pub stages_cpu_ms: BTreeMap<&'static str, f64>,
    /// Most memory held so far, in MiB.
    pub peak_rss_mb: f64,
}

impl Speed {
    pub(crate) fn of(frames: u64, wall: Duration, cpu: Duration, metrics: &CameraMetrics) -> Self {
        let each = frames.max(1) as f64;
        Self {
            frames_per_s: frames as f64 / wall.as_secs_f64().max(1e-9),
            cpu_ms_per_frame: cpu.as_secs_f64() * 1e3 / each,
            stages_cpu_ms: Stage::ALL
                .into_iter()
                .map(|stage| (stage.as_str(), metrics.cpu_s(stage) * 1e3 / each))
                .collect(),
            peak_rss_mb: peak_rss_bytes() as f64 / f64::from(1 << 20),
        }
    }
}

/// Crossings by `line/way/class`.
pub(crate) fn totals(crossings: &[Crossing]) -> BTreeMap<String, u64> {
    let mut totals = BTreeMap::new();
    for crossing in crossings {
        let key = format!("{}/{}/{}", crossing.line, crossing.way.as_str(), crossing.class);
        *totals.entry(key).or_default() += 1;
    }
    totals
}
