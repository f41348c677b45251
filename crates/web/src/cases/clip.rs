//! Where things stand in the clip: seconds from its first frame.
//!
//! The manifest says when the act was in the recording, but not where the clip begins there: at the
//! keyframe before the two seconds that the pipeline asks for. It is found from the clip's end, which is
//! known: two seconds after the last picture, or where the recording ends. Counting the clip's frames back
//! from there gives its first one, to about a frame (`from_uncertainty_s`). Where the file does not say how
//! many frames it has, only the two seconds are known.

use giaolo_domain::{FrameTime, PixelBox, SignalSpan, Violation};
use giaolo_evidence::{FileRole, Manifest};
use serde_json::{Value, json};

use crate::mp4::ClipLength;

/// What the pipeline shows before the earliest picture and after the latest, in seconds.
const MARGIN_S: f64 = 2.0;

/// The clip and what is drawn over it.
pub struct Clip<'m> {
    manifest: &'m Manifest,
    length: Option<ClipLength>,
    from_s: f64,
    uncertainty_s: Option<f64>,
}

impl<'m> Clip<'m> {
    /// Of the evidence's manifest. `length` is what the file says itself, `source_s` the length of the
    /// recording where that is known.
    pub fn of(manifest: &'m Manifest, length: Option<ClipLength>, source_s: Option<f64>) -> Self {
        let violation = &manifest.facts.violation;
        // It begins no later than here.
        let latest_s = (violation.before.time.seconds() - MARGIN_S).max(0.0);
        let first = length.and_then(|length| {
            let fps = frames_a_second(violation.after)?;
            let last = last_frame(&manifest.facts.signal_timeline, violation, fps, source_s);
            let first = (last + 1.0 - f64::from(length.frames)).max(0.0);
            Some(((first / fps).min(latest_s), 2.0 / fps))
        });
        let (from_s, uncertainty_s) = match first {
            _ if latest_s == 0.0 => (0.0, Some(0.0)),
            Some((from_s, uncertainty_s)) => (from_s, Some(uncertainty_s)),
            None => (latest_s, None),
        };
        Self { manifest, length, from_s, uncertainty_s }
    }

    fn at(&self, time: FrameTime) -> f64 {
        rounded(time.time.seconds() - self.from_s)
    }

    /// `clip`; `null` where there is none.
    pub fn json(&self) -> Value {
        let file = self.manifest.files.iter().find(|file| file.role == FileRole::Clip);
        let Some(file) = file else { return Value::Null };
        let violation = &self.manifest.facts.violation;
        let after_s = self.at(violation.after);
        let own = self.length.map(|length| f64::from(length.frames) / length.duration_s);
        json!({
            "name": file.name,
            "from_s": rounded(self.from_s),
            "from_uncertainty_s": self.uncertainty_s.map(rounded),
            "act_s": self.at(violation.act),
            "before_s": self.at(violation.before),
            "after_s": after_s,
            "duration_s": self.length.map_or(after_s + MARGIN_S, |length| rounded(length.duration_s)),
            "fps": own.or_else(|| frames_a_second(violation.after)).map(rounded),
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

    /// What the heads showed in the clip's time.
    pub fn signal(&self) -> Value {
        let timeline = &self.manifest.facts.signal_timeline;
        // A span of before the clip is not shown; folders of early versions hold some that stand
        // backwards.
        let shown = timeline
            .iter()
            .filter(|span| span.from.time <= span.to.time && self.at(span.to) >= 0.0);
        let spans = shown.map(|span| {
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

/// The number of the clip's last frame in the recording.
fn last_frame(
    timeline: &[SignalSpan],
    violation: &Violation,
    fps: f64,
    source_s: Option<f64>,
) -> f64 {
    let asked_s = violation.after.time.seconds() + MARGIN_S;
    // The heads are told up to the frame at which the clip was cut: the first one beyond it.
    let cut = timeline.iter().map(|span| span.to).max_by_key(|at| at.time);
    let last = match cut {
        Some(cut) if cut.time.seconds() > asked_s => cut.frame as f64 - 1.0,
        Some(cut) if cut.frame >= violation.after.frame => cut.frame as f64,
        _ => (asked_s * fps).floor(),
    };
    match source_s {
        Some(seconds) => last.min((seconds * fps).round() - 1.0),
        None => last,
    }
}

/// Frames a second of the recording up to a frame.
fn frames_a_second(at: FrameTime) -> Option<f64> {
    let fps = at.frame as f64 / at.time.seconds();
    (fps.is_finite() && fps > 0.0).then_some(fps)
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use giaolo_domain::{MediaTime, SignalState};

    use super::*;

    /// Real clips, in which the pictures were found again frame by frame: `before`, `after`, the last
    /// moment of the heads, the recording's length, the clip's frames, and the clip's first frame.
    #[test]
    fn a_clips_beginning_is_found_from_its_end() {
        let at = |frame: u64, us: i64| FrameTime { frame, time: MediaTime(us) };
        let cases = [
            (at(26, 4_318_889), at(39, 6_478_333), Some(at(52, 8_717_756)), 64.0, 52, 0),
            (at(97, 16_155_844), at(108, 17_995_389), Some(at(121, 20_154_822)), 64.0, 57, 64),
            (at(157, 26_153_289), at(166, 27_672_922), Some(at(180, 29_992_311)), 64.0, 52, 128),
            (at(238, 39_669_833), at(244, 40_709_578), Some(at(258, 43_028_978)), 64.0, 34, 224),
            (at(256, 42_709_067), at(277, 46_148_189), Some(at(290, 48_387_600)), 64.0, 66, 224),
            (at(14, 2_800_000), at(19, 3_800_000), None, 4.0, 20, 0),
            (at(74, 2_466_667), at(142, 4_733_333), None, 60.0, 204, 0),
        ];
        for (before, after, cut, source_s, frames, first) in cases {
            let mut manifest = crate::cases::manifest_for_tests();
            manifest.facts.violation.before = before;
            manifest.facts.violation.after = after;
            let red =
                |to| SignalSpan { head: "near".into(), state: SignalState::Red, from: before, to };
            manifest.facts.signal_timeline = cut.into_iter().map(red).collect();
            let fps = frames_a_second(after).unwrap();
            let length = ClipLength { duration_s: f64::from(frames) / fps, frames };
            let clip = Clip::of(&manifest, Some(length), Some(source_s));
            assert_eq!((clip.from_s * fps).round() as i64, first, "{before:?}");
            // Without the file's word it is only known that it begins no later.
            let unknown = Clip::of(&manifest, None, Some(source_s));
            assert!(unknown.from_s >= clip.from_s && unknown.uncertainty_s.is_none());
        }
    }

    #[test]
    fn heads_are_shown_only_in_the_clips_time() {
        let at = |us: i64| FrameTime { frame: 0, time: MediaTime(us) };
        let mut manifest = crate::cases::manifest_for_tests();
        manifest.facts.violation.before = at(9_000_000);
        let span =
            |state, from, to| SignalSpan { head: "near".into(), state, from: at(from), to: at(to) };
        manifest.facts.signal_timeline = vec![
            span(SignalState::Green, 7_000_000, 1_200_000),
            span(SignalState::Unlit, 1_200_000, 4_000_000),
            span(SignalState::Red, 4_000_000, 12_000_000),
        ];
        let shown = Clip::of(&manifest, None, None).signal();
        assert_eq!(shown, json!([{ "head": "near", "state": "red", "from_s": -3.0, "to_s": 5.0 }]));
    }
}
