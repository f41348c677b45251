//! Where things stand in the clip: seconds from its first frame.
//!
//! The manifest says when the act was in the recording, but not where the clip begins there. The
//! pipeline asks for two seconds before the earliest picture and gets what lies since the keyframe
//! before; only where that would be before the recording's start is the beginning known for sure. So
//! `from_s` is exact where `exact` says so, and otherwise the clip may begin some seconds earlier.

use giaolo_domain::{FrameTime, PixelBox, Violation};
use giaolo_evidence::{FileRole, Manifest};
use serde_json::{Value, json};

use crate::mp4::ClipLength;

/// What the pipeline shows before the earliest picture, in seconds.
const LEAD_S: f64 = 2.0;

/// The clip and what is drawn over it.
pub struct Clip<'m> {
    manifest: &'m Manifest,
    length: Option<ClipLength>,
    from_s: f64,
}

impl<'m> Clip<'m> {
    /// Of the evidence's manifest; `length` is what the file says itself.
    pub fn of(manifest: &'m Manifest, length: Option<ClipLength>) -> Self {
        let before_s = manifest.facts.violation.before.time.seconds();
        Self { manifest, length, from_s: (before_s - LEAD_S).max(0.0) }
    }

    fn at(&self, time: FrameTime) -> f64 {
        rounded(time.time.seconds() - self.from_s)
    }

    /// `clip`; `null` where there is none.
    pub fn json(&self) -> Value {
        let file = self.manifest.files.iter().find(|file| file.role == FileRole::Clip);
        let Some(file) = file else { return Value::Null };
        let violation = &self.manifest.facts.violation;
        json!({
            "name": file.name,
            "from_s": self.from_s,
            "exact": self.from_s == 0.0,
            "act_s": self.at(violation.act),
            "before_s": self.at(violation.before),
            "after_s": self.at(violation.after),
            "duration_s": self.length.map(|length| rounded(length.duration_s)),
            "fps": self.length.map(|length| f64::from(length.frames) / length.duration_s)
                .or_else(|| fps(violation)).map(rounded),
        })
    }

    /// Where the road user met the road in the three pictures.
    pub fn track(&self) -> Value {
        let violation = &self.manifest.facts.violation;
        let point = |at: FrameTime, bbox: PixelBox| json!({ "t_s": self.at(at), "x": (bbox.x1 + bbox.x2) / 2.0, "y": bbox.y2 });
        json!([
            point(violation.before, violation.box_before),
            point(violation.act, violation.box_act),
            point(violation.after, violation.box_after),
        ])
    }

    /// What the heads showed.
    pub fn signal(&self) -> Value {
        let spans = self.manifest.facts.signal_timeline.iter().map(|span| {
            json!({
                "head": span.head,
                "state": span.state,
                "from_s": self.at(span.from),
                "to_s": self.at(span.to),
            })
        });
        spans.collect()
    }
}

/// Frames a second of the recording around the act; unknown where the pictures are one.
fn fps(violation: &Violation) -> Option<f64> {
    let seconds = violation.after.time.seconds_since(violation.before.time);
    let frames = violation.after.frame.checked_sub(violation.before.frame)?;
    let fps = frames as f64 / seconds;
    (fps.is_finite() && fps > 0.0).then_some(fps)
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
