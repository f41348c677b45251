//! What the workers count: frames by camera and outcome, processor time by stage.
//!
//! Prometheus counters, so that `analyse` and the live service tell the same numbers from the same
//! place; a summary reads them back.

use std::time::Duration;

use prometheus::{CounterVec, IntCounterVec, Opts, Registry};

use crate::clock::thread_cpu;

/// A stage of a frame's way, as it stands in labels and summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading packets and decoding frames.
    Decode,
    /// Scaling into the model's input, and reading lamps.
    Scale,
    /// Running the model.
    Infer,
    /// Suppression and tracking.
    Track,
    /// Scene rules, counting and writing what happened.
    Rules,
    /// Cutting out, looking at and voting on plates.
    Plates,
    /// Stills, clips, sealing and storing.
    Evidence,
    /// Drawing and encoding the annotated video.
    Annotate,
}

impl Stage {
    /// All stages, in the order of a frame's way.
    pub const ALL: [Self; 8] = [
        Self::Decode,
        Self::Scale,
        Self::Infer,
        Self::Track,
        Self::Rules,
        Self::Plates,
        Self::Evidence,
        Self::Annotate,
    ];

    /// The label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Scale => "scale",
            Self::Infer => "infer",
            Self::Track => "track",
            Self::Rules => "rules",
            Self::Plates => "plates",
            Self::Evidence => "evidence",
            Self::Annotate => "annotate",
        }
    }
}

/// Counters of one process.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    frames: IntCounterVec,
    stage_cpu: CounterVec,
    violations: IntCounterVec,
}

impl Metrics {
    /// New counters, all zero.
    ///
    /// # Errors
    /// Never for these names; the registry's own error otherwise.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let frames = IntCounterVec::new(
            Opts::new("giaolo_frames_total", "frames by camera and what became of them"),
            &["camera", "outcome"],
        )?;
        let stage_cpu = CounterVec::new(
            Opts::new("giaolo_stage_cpu_seconds_total", "processor time by camera and stage"),
            &["camera", "stage"],
        )?;
        let violations = IntCounterVec::new(
            Opts::new("giaolo_violations_total", "violations raised by camera and kind"),
            &["camera", "kind"],
        )?;
        registry.register(Box::new(frames.clone()))?;
        registry.register(Box::new(stage_cpu.clone()))?;
        registry.register(Box::new(violations.clone()))?;
        Ok(Self { registry, frames, stage_cpu, violations })
    }

    /// The text that Prometheus scrapes.
    pub fn text(&self) -> String {
        prometheus::TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }

    /// The counters of one camera.
    pub fn camera(&self, camera: &str) -> CameraMetrics {
        CameraMetrics { metrics: self.clone(), camera: camera.to_owned() }
    }
}

/// Counters with the camera filled in.
#[derive(Clone, Debug)]
pub struct CameraMetrics {
    metrics: Metrics,
    camera: String,
}

impl CameraMetrics {
    /// One frame had this outcome (`read`, `analysed`, `not_due`, `corrupt`).
    pub fn frame(&self, outcome: &str) {
        self.metrics.frames.with_label_values(&[self.camera.as_str(), outcome]).inc();
    }

    /// Frames with this outcome so far.
    pub fn frames(&self, outcome: &str) -> u64 {
        self.metrics.frames.with_label_values(&[self.camera.as_str(), outcome]).get()
    }

    /// One violation of this kind.
    pub fn violation(&self, kind: &str) {
        self.metrics.violations.with_label_values(&[self.camera.as_str(), kind]).inc();
    }

    /// Runs `work` and adds its processor time on this thread to the stage.
    pub fn timed<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = thread_cpu();
        let result = work();
        self.add(stage, thread_cpu().saturating_sub(before));
        result
    }

    fn add(&self, stage: Stage, time: Duration) {
        let labels = [self.camera.as_str(), stage.as_str()];
        self.metrics.stage_cpu.with_label_values(&labels).inc_by(time.as_secs_f64());
    }

    /// Processor seconds of a stage so far.
    pub fn cpu_s(&self, stage: Stage) -> f64 {
        let labels = [self.camera.as_str(), stage.as_str()];
        self.metrics.stage_cpu.with_label_values(&labels).get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::new().unwrap();
        let camera = metrics.camera("TU15-C1");
        camera.frame("read");
        camera.frame("read");
        camera.violation("red_light");
        let sum = camera.timed(Stage::Rules, || (0..3_000_000u64).map(|v| v ^ 7).sum::<u64>());
        assert!(sum > 0 && camera.cpu_s(Stage::Rules) > 0.0);
        assert_eq!(camera.frames("read"), 2);
        let text = metrics.text();
        assert!(
            text.contains(r#"giaolo_frames_total{camera="TU15-C1",outcome="read"} 2"#),
            "{text}"
        );
    }
}
