//! How right an analysis is: events against a person's truth, by the rules of the data set.
//!
//! The report's keys are stable and always there; what a clip has no truth for is `null` or empty.

mod bare;
mod score;
mod truth;

use std::collections::BTreeMap;

use giaolo_domain::Event;
use serde::Serialize;

pub use self::{
    score::{Scores, score},
    truth::{Truth, read_truth},
};
use crate::{
    analyse::analyse,
    error::PipelineError,
    metrics::{Metrics, Stage},
    settings::{AnalyseSettings, Installation},
    summary::Summary,
};

/// One clip's report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The clip's file name.
    pub clip: String,
    /// Frames analysed.
    pub frames: u64,
    /// How right.
    #[serde(flatten)]
    pub scores: Scores,
    /// How quick.
    pub speed: EvalSpeed,
}

/// How quick, against the bare model in the same run.
#[derive(Clone, Debug, Serialize)]
pub struct EvalSpeed {
    /// Analysed frames a second.
    pub frames_per_s: f64,
    /// Processor milliseconds for each frame, all threads.
    pub cpu_ms_per_frame: f64,
    /// The same by stage.
    pub stages_cpu_ms: BTreeMap<&'static str, f64>,
    /// Frames a second of the same sessions fed with ready tensors and nothing else to do.
    pub bare_inference_frames_per_s: f64,
    /// `frames_per_s` over the bare limit.
    pub ratio_to_bare: f64,
    /// Most memory held, in MiB.
    pub peak_rss_mb: f64,
}

/// Analyses a recording and scores it; what the analysis writes goes where `settings` says.
///
/// # Errors
/// Whatever stops the analysis, or a truth file that cannot be read.
pub fn eval(
    settings: &AnalyseSettings,
    installation: &Installation,
    truth: &Truth,
    on_progress: &mut dyn FnMut(&crate::Progress),
) -> Result<Report, PipelineError> {
    // What is scored needs no plates, and speed is told of what is scored.
    let mut settings = settings.clone();
    settings.plates.enabled = false;
    let settings = &settings;
    // Before and after: the machine's speed drifts, and the analysis runs in between.
    let before = bare::bare_inference(settings, installation)?;
    let metrics = Metrics::new()
        .map_err(|error| PipelineError::Stage { stage: "metrics", reason: error.to_string() })?;
    let mut events: Vec<Event> = Vec::new();
    let summary: Summary =
        analyse(settings, installation, &metrics, on_progress, &mut |e| events.push(e.clone()))?;
    let after = bare::bare_inference(settings, installation)?;
    let bare = 2.0 / (1.0 / before + 1.0 / after);
    let frames = summary.frames.get("read").copied().unwrap_or(0);
    let speed = summary.speed;
    let mut stages_cpu_ms = speed.stages_cpu_ms;
    // An evaluation draws nothing and reads no plates.
    for stage in [Stage::Annotate, Stage::Plates] {
        stages_cpu_ms.remove(stage.as_str());
    }
    Ok(Report {
        clip: summary.source,
        frames: summary.frames.get("analysed").copied().unwrap_or(0),
        scores: score(truth, &events, frames),
        speed: EvalSpeed {
            frames_per_s: speed.frames_per_s,
            cpu_ms_per_frame: speed.cpu_ms_per_frame,
            stages_cpu_ms,
            bare_inference_frames_per_s: bare,
            ratio_to_bare: speed.frames_per_s / bare,
            peak_rss_mb: speed.peak_rss_mb,
        },
    })
}
