//! From what a head shows in single frames to its state over time.
//!
//! Single readings flicker: a lorry passes before the lamp, an LED beats with the shutter. A new
//! state counts once it has lasted for [`SETTLE_S`], and then from its first frame on. So the state
//! at a moment is only certain [`SETTLE_S`] later, and rules wait that long ([`Signals::is_settled`]).

use std::collections::BTreeMap;

use giaolo_domain::{
    FrameTime, HeadId, MediaTime, SignalChange, SignalReading, SignalSpan, SignalState,
};

/// Seconds that a new state must last.
pub(crate) const SETTLE_S: f64 = 0.3;
/// ... and readings in a row, at low frame rates.
const SETTLE_READINGS: u32 = 2;
/// Seconds of readings that say nothing before the state itself is unknown.
const BLIND_S: f64 = 1.0;
/// Seconds over which a flashing lamp is looked for, and changes of lit and unlit within.
const FLASH_WINDOW_S: f64 = 4.0;
const FLASH_CHANGES: usize = 5;

/// The states of all heads, as far as they are settled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    heads: BTreeMap<HeadId, Head>,
}

#[derive(Clone, Debug, Default)]
struct Head {
    /// Settled spans, each `[from, next.from)`, oldest first.
    spans: Vec<(SignalState, FrameTime, f32)>,
    challenger: Option<Challenger>,
    blind_since: Option<FrameTime>,
    last: Option<FrameTime>,
    /// Times at which the reading went from lit to unlit or back.
    flips: Vec<MediaTime>,
    last_lit: Option<SignalState>,
}

#[derive(Clone, Debug)]
struct Challenger {
    state: SignalState,
    from: FrameTime,
    readings: u32,
    confidence_sum: f32,
}

/// What a head showed over a span, as far as readings tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// One state all through, with the least confidence of its span.
    Only(SignalState, f32),
    /// More than one state.
    Changed,
    /// No reading in that span.
    Nothing,
}

impl Signals {
    /// Takes in one frame's readings; returns changes that settled with it.
    pub(crate) fn observe(
        &mut self,
        at: FrameTime,
        readings: &[(HeadId, SignalReading)],
    ) -> Vec<SignalChange> {
        let mut changes = Vec::new();
        for (id, reading) in readings {
            let head = self.heads.entry(id.clone()).or_default();
            if let Some((from, to, since, confidence)) = head.step(at, *reading) {
                changes.push(SignalChange { at: since, head: id.clone(), from, to, confidence });
            }
        }
        changes
    }

    /// What a head showed from one time to another, both included.
    pub(crate) fn shown(&self, head: &HeadId, from: MediaTime, to: MediaTime) -> Shown {
        let Some(head) = self.heads.get(head) else {
            return Shown::Nothing;
        };
        let mut shown = Shown::Nothing;
        for (index, (state, since, confidence)) in head.spans.iter().enumerate() {
            let until = head.spans.get(index + 1).map(|next| next.1.time);
            let overlaps = since.time <= to && until.is_none_or(|until| until > from);
            if !overlaps {
                continue;
            }
            shown = match shown {
                Shown::Nothing => Shown::Only(*state, *confidence),
                Shown::Only(before, least) if before == *state => {
                    Shown::Only(before, least.min(*confidence))
                }
                _ => return Shown::Changed,
            };
        }
        shown
    }

    /// Since when the head has shown the state that it shows at `time`, and whether that was the
    /// first state of all (so that it may have begun earlier).
    pub(crate) fn since(&self, head: &HeadId, time: MediaTime) -> Option<(FrameTime, bool)> {
        let spans = &self.heads.get(head)?.spans;
        let index = spans.iter().rposition(|(_, since, _)| since.time <= time)?;
        Some((spans[index].1, index == 0))
    }

    /// Whether nothing that comes later can change what was shown until `time`.
    pub(crate) fn is_settled(&self, head: &HeadId, time: MediaTime, now: MediaTime) -> bool {
        let open = self.heads.get(head).and_then(|h| h.challenger.as_ref());
        now.seconds_since(time) >= SETTLE_S && open.is_none_or(|c| c.from.time > time)
    }

    /// The settled spans of a head that lie in `from..=to`, uncut.
    pub(crate) fn spans(&self, id: &HeadId, from: MediaTime, to: MediaTime) -> Vec<SignalSpan> {
        let Some(head) = self.heads.get(id) else {
            return Vec::new();
        };
        let mut spans = Vec::new();
        for (index, (state, since, _)) in head.spans.iter().enumerate() {
            let until = match head.spans.get(index + 1) {
                Some(next) => {
                    FrameTime { frame: next.1.frame.saturating_sub(1), time: next.1.time }
                }
                None => head.last.unwrap_or(*since),
            };
            if since.time <= to && until.time >= from {
                spans.push(SignalSpan { head: id.clone(), state: *state, from: *since, to: until });
            }
        }
        spans
    }
}

impl Head {
    /// Returns `(from, to, since, confidence)` where a change settled.
    fn step(
        &mut self,
        at: FrameTime,
        reading: SignalReading,
    ) -> Option<(SignalState, SignalState, FrameTime, f32)> {
        self.last = Some(at);
        let state = self.with_flashing(at.time, reading.state);
        let settled = self.spans.last().map(|span| span.0);
        if state == SignalState::Unknown {
            let since = *self.blind_since.get_or_insert(at);
            let blind = at.time.seconds_since(since.time) >= BLIND_S;
            return if blind && settled != Some(SignalState::Unknown) {
                self.challenger = None;
                self.settle(SignalState::Unknown, since, 0.0)
            } else {
                None
            };
        }
        self.blind_since = None;
        if settled == Some(state) {
            self.challenger = None;
            return None;
        }
        match &mut self.challenger {
            Some(challenger) if challenger.state == state => {
                challenger.readings += 1;
                challenger.confidence_sum += reading.confidence;
            }
            _ => {
                self.challenger = Some(Challenger {
                    state,
                    from: at,
                    readings: 1,
                    confidence_sum: reading.confidence,
                });
            }
        }
        let challenger = self.challenger.as_ref()?;
        let lasted = at.time.seconds_since(challenger.from.time) >= SETTLE_S;
        if !lasted || challenger.readings < SETTLE_READINGS {
            return None;
        }
        let confidence = challenger.confidence_sum / challenger.readings as f32;
        let (to, from) = (challenger.state, challenger.from);
        self.challenger = None;
        self.settle(to, from, confidence)
    }

    fn settle(
        &mut self,
        to: SignalState,
        since: FrameTime,
        confidence: f32,
    ) -> Option<(SignalState, SignalState, FrameTime, f32)> {
        let from = self.spans.last().map_or(SignalState::Unknown, |span| span.0);
        self.spans.push((to, since, confidence));
        (from != to).then_some((from, to, since, confidence))
    }

    /// Turns a lamp that keeps going on and off into "flashing".
    fn with_flashing(&mut self, now: MediaTime, state: SignalState) -> SignalState {
        let dark = state == SignalState::Unlit;
        let lit = matches!(state, SignalState::Red | SignalState::Amber | SignalState::Green);
        if !dark && !lit {
            return state;
        }
        let was_dark = self.last_lit == Some(SignalState::Unlit);
        if self.last_lit.is_some() && was_dark != dark {
            self.flips.push(now);
        }
        self.last_lit = Some(if dark { SignalState::Unlit } else { state });
        self.flips.retain(|flip| now.seconds_since(*flip) <= FLASH_WINDOW_S);
        if self.flips.len() >= FLASH_CHANGES { SignalState::Flashing } else { state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignalState::{Flashing, Green, Red, Unknown, Unlit};

    fn run(states: &[SignalState], frame_s: f64) -> (Signals, Vec<(u64, SignalState)>) {
        let mut signals = Signals::default();
        let mut changes = Vec::new();
        for (frame, state) in states.iter().enumerate() {
            let at = FrameTime {
                frame: frame as u64,
                time: MediaTime::from_seconds(frame as f64 * frame_s),
            };
            let reading = SignalReading { state: *state, confidence: 0.9 };
            for change in signals.observe(at, &[("near".into(), reading)]) {
                changes.push((change.at.frame, change.to));
            }
        }
        (signals, changes)
    }

    #[test]
    fn changes_carry_their_first_frame_and_flicker_does_not_count() {
        for (name, states, frame_s, expected) in [
            ("steady", vec![Green; 6], 0.16, vec![(0, Green)]),
            (
                "green, dark, red at 6 frames a second",
                [vec![Green; 7], vec![Unlit; 18], vec![Red; 10]].concat(),
                0.166,
                vec![(0, Green), (7, Unlit), (25, Red)],
            ),
            (
                "one frame of something else",
                [vec![Red; 9], vec![Unlit], vec![Red; 9]].concat(),
                0.1,
                vec![(0, Red)],
            ),
            (
                "a lorry before the lamp for half a second",
                [vec![Red; 9], vec![Unknown; 5], vec![Red; 9]].concat(),
                0.1,
                vec![(0, Red)],
            ),
            (
                "covered for good",
                [vec![Red; 9], vec![Unknown; 20]].concat(),
                0.1,
                vec![(0, Red), (9, Unknown)],
            ),
            (
                "flashing",
                [vec![Red; 5], vec![Unlit; 5]].concat().repeat(4),
                0.1,
                vec![(0, Red), (5, Unlit), (10, Red), (15, Unlit), (20, Red), (25, Flashing)],
            ),
        ] {
            assert_eq!(run(&states, frame_s).1, expected, "{name}");
        }
    }

    #[test]
    fn what_was_shown_over_a_span() {
        let (signals, _) = run(&[vec![Green; 10], vec![Red; 10]].concat(), 0.1);
        let head = HeadId::from("near");
        let shown = |from, to| {
            signals.shown(&head, MediaTime::from_seconds(from), MediaTime::from_seconds(to))
        };
        assert!(matches!(shown(0.2, 0.8), Shown::Only(Green, _)));
        assert!(matches!(shown(1.0, 1.5), Shown::Only(Red, _)));
        assert_eq!(shown(0.8, 1.2), Shown::Changed);
        assert_eq!(signals.shown(&"other".into(), MediaTime(0), MediaTime(1)), Shown::Nothing);
        assert_eq!(signals.since(&head, MediaTime::from_seconds(1.5)).unwrap().0.frame, 10);
    }

    #[test]
    fn spans_of_a_time_are_whole_and_run_forwards() {
        let (signals, _) = run(&[vec![Green; 10], vec![Red; 20], vec![Green; 10]].concat(), 0.1);
        let seconds = MediaTime::from_seconds;
        for (from, to, expected) in [
            // Only red is in it; red began before and says so.
            (1.5, 2.0, vec![(Red, 10, 29)]),
            (0.5, 1.5, vec![(Green, 0, 9), (Red, 10, 29)]),
            (2.5, 99.0, vec![(Red, 10, 29), (Green, 30, 39)]),
            (9.0, 99.0, vec![]),
        ] {
            let spans = signals.spans(&"near".into(), seconds(from), seconds(to));
            assert!(spans.iter().all(|span| span.from.time <= span.to.time), "{spans:?}");
            let told: Vec<_> = spans.iter().map(|s| (s.state, s.from.frame, s.to.frame)).collect();
            assert_eq!(told, expected, "{from} to {to} s");
        }
    }
}
