//! The time line of a source: which time each frame gets, whatever the container says.
//!
//! Containers leave times out, repeat them, swap them, or jump back. The line here begins at 0 with
//! the first frame and strictly increases. A frame without a usable time is placed between the frame
//! before and the next one known, or by the nominal interval, and counted. Where the container has decoding times only (avi), frames take
//! them in order: sorted, presentation times are the decoding times plus a constant.

use std::collections::VecDeque;

use giaolo_domain::{FrameTime, MediaTime};

use crate::error::MediaWarning;

/// A time further back than this is no swapped or repeated one.
const FAR_BACK: MediaTime = MediaTime(1_000_000);

/// No recording is longer (140 years); keeps damaged times from overflowing.
const LONGEST: MediaTime = MediaTime(1 << 52);

/// No codec holds more packets back; older ones gave no frame.
const SENT_LIMIT: usize = 64;

/// What the container says about a packet, in ticks of its time base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub pts: Option<i64>,
    pub dts: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Presentation,
    Decoding,
}

/// Gives frames their numbers and times.
pub(crate) struct Timeline {
    /// Microseconds of one tick, as a fraction.
    tick: (i64, i64),
    interval: i64,
    /// Decided with the first frame.
    order: Option<Order>,
    undecided: Vec<Ticks>,
    /// Times of the packets sent whose frame did not come yet: decoding times in that order, else
    /// presentation times.
    sent: VecDeque<i64>,
    /// In decoding order: how far the display may lag behind the decoding.
    lag: i64,
    /// The tick that stands at `shift`.
    base: Option<i64>,
    shift: i64,
    /// Where the line would go on if the clock has jumped back for good.
    jump: Option<i64>,
    last: Option<FrameTime>,
    missing: u64,
    backward: u64,
    jumps: u64,
}

impl Timeline {
    /// `time_base` in seconds as a fraction; `interval` is the nominal time between frames.
    pub(crate) fn new(time_base: (i32, i32), interval: MediaTime) -> Self {
        Self {
            tick: (i64::from(time_base.0), i64::from(time_base.1.max(1))),
            interval: interval.0.max(1),
            order: None,
            undecided: Vec::new(),
            sent: VecDeque::new(),
            lag: 0,
            base: None,
            shift: 0,
            jump: None,
            last: None,
            missing: 0,
            backward: 0,
            jumps: 0,
        }
    }

    /// Notes a packet on its way to the decoder.
    pub(crate) fn sent(&mut self, ticks: Ticks) {
        if self.order.is_none() {
            self.undecided.push(ticks);
            return;
        }
        self.sent.extend(self.time_of(ticks));
        if self.sent.len() > SENT_LIMIT {
            self.sent.pop_front();
        }
    }

    /// Takes back the packet last sent, which the decoder refused.
    pub(crate) fn refused(&mut self, ticks: Ticks) {
        if self.order.is_none() {
            self.undecided.pop();
        } else if self.sent.back().copied() == self.time_of(ticks) {
            self.sent.pop_back();
        }
    }

    fn time_of(&self, ticks: Ticks) -> Option<i64> {
        match self.order {
            Some(Order::Decoding) => ticks.dts,
            _ => ticks.pts,
        }
    }

    /// Decides by the packets sent before the first frame.
    fn decide(&mut self) {
        let sent = std::mem::take(&mut self.undecided);
        let lacks_pts = sent.iter().any(|ticks| ticks.pts.is_none());
        let has_dts = sent.iter().any(|ticks| ticks.dts.is_some());
        self.order = Some(match lacks_pts && has_dts {
            true => Order::Decoding,
            false => Order::Presentation,
        });
        self.sent = sent.iter().filter_map(|ticks| self.time_of(*ticks)).collect();
    }

    /// The frame last stamped.
    pub(crate) fn last(&self) -> Option<FrameTime> {
        self.last
    }

    /// Number and time of the next frame in display order, which came from the packet with `ticks`.
    pub(crate) fn stamp(&mut self, ticks: Ticks) -> FrameTime {
        if self.order.is_none() {
            self.decide();
        }
        let raw = match self.order {
            Some(Order::Decoding) => self.next_in_decoding_order(ticks),
            _ => self.presentation(ticks),
        };
        let time = MediaTime(self.place(raw));
        let stamp = FrameTime { frame: self.last.map_or(0, |last| last.frame + 1), time };
        self.last = Some(stamp);
        stamp
    }

    /// Where a packet will be shown, as far as one can say before its frame is there.
    pub(crate) fn estimate(&self, ticks: Ticks) -> MediaTime {
        MediaTime(match (self.time_of(ticks), self.base) {
            (Some(raw), Some(base)) => self.since(base, raw).saturating_add(self.shift),
            _ => self.last.map_or(0, |last| last.time.0.saturating_add(self.interval)),
        })
    }

    /// What had to be mended so far.
    pub(crate) fn warnings(&self) -> Vec<MediaWarning> {
        let mut warnings = Vec::new();
        if self.order == Some(Order::Decoding) {
            warnings.push(MediaWarning::TimesFromDecodingOrder);
        }
        if self.missing > 0 {
            warnings.push(MediaWarning::MissingTimes { frames: self.missing });
        }
        if self.backward > 0 {
            warnings.push(MediaWarning::BackwardTimes { frames: self.backward });
        }
        if self.jumps > 0 {
            warnings.push(MediaWarning::ClockJumps { times: self.jumps });
        }
        warnings
    }

    fn presentation(&mut self, ticks: Ticks) -> Option<i64> {
        if let Some(at) = self.sent.iter().position(|&time| Some(time) == ticks.pts) {
            self.sent.remove(at);
        }
        ticks.pts
    }

    fn next_in_decoding_order(&mut self, ticks: Ticks) -> Option<i64> {
        let oldest = self.sent.pop_front()?;
        if self.last.is_none() {
            self.lag = self.sent.back().map_or(0, |newest| newest.saturating_sub(oldest));
        }
        // A packet that gave no frame would leave every later frame one interval early: no frame is
        // shown before it was decoded.
        let mut time = oldest;
        while ticks.dts.is_some_and(|own| time.saturating_add(self.lag) < own) {
            match self.sent.pop_front() {
                Some(next) => time = next,
                None => break,
            }
        }
        Some(time)
    }

    fn place(&mut self, raw: Option<i64>) -> i64 {
        let expected = self.last.map_or(0, |last| last.time.0.saturating_add(self.interval));
        let Some(raw) = raw else {
            self.missing += 1;
            return expected;
        };
        let Some(base) = self.base else {
            self.base = Some(raw);
            self.shift = expected;
            return expected;
        };
        let Some(last) = self.last.map(|last| last.time.0) else {
            return expected;
        };
        let since_base = self.since(base, raw);
        if since_base.saturating_add(self.shift) > last {
            self.jump = None;
            return since_base.saturating_add(self.shift);
        }
        self.backward += 1;
        if since_base.saturating_add(self.shift) > last.saturating_sub(FAR_BACK.0) {
            // A slip of the recorder: the next frame's own time is good again.
            return last.saturating_add(self.step_before_next(last));
        }
        // One frame far back may be a slip too; a second one that goes on from it is a clock that was
        // set back.
        if let Some(shift) = self.jump
            && since_base.saturating_add(shift) > last
        {
            self.backward -= 1;
            self.jumps += 1;
            self.jump = None;
            self.shift = shift;
            return since_base.saturating_add(shift);
        }
        self.jump = Some(expected.saturating_sub(since_base));
        expected
    }

    /// Half the way to the next frame known, so that this one's time stays before it.
    fn step_before_next(&self, last: i64) -> i64 {
        let base = self.base.unwrap_or_default();
        let ahead = self
            .sent
            .iter()
            .map(|&raw| self.since(base, raw).saturating_add(self.shift).saturating_sub(last));
        let next = ahead.filter(|ahead| *ahead > 0).min();
        (next.unwrap_or(self.interval) / 2).max(1)
    }

    /// The time at tick `raw` on the line, to the nearest microsecond, before the shift.
    fn since(&self, base: i64, raw: i64) -> i64 {
        let (num, den) = (i128::from(self.tick.0), i128::from(self.tick.1));
        let scaled = (i128::from(raw) - i128::from(base)) * num * 1_000_000;
        let rounded = (scaled + den / 2).div_euclid(den);
        let bounded = rounded.clamp(-i128::from(LONGEST.0), i128::from(LONGEST.0));
        i64::try_from(bounded).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLIS: (i32, i32) = (1, 1000);
    const INTERVAL: MediaTime = MediaTime(40_000);

    /// Stamps in milliseconds of frames that come out one for one, with their warnings.
    fn stamped(frames: &[Ticks]) -> (Vec<i64>, Vec<MediaWarning>) {
        let mut line = Timeline::new(MILLIS, INTERVAL);
        let mut times = Vec::new();
        for (number, &ticks) in frames.iter().enumerate() {
            line.sent(ticks);
            let stamp = line.stamp(ticks);
            assert_eq!(stamp.frame, number as u64);
            times.push(stamp.time.0 / 1000);
        }
        (times, line.warnings())
    }

    fn shown_at(pts: &[Option<i64>]) -> Vec<Ticks> {
        pts.iter().map(|&pts| Ticks { pts, dts: None }).collect()
    }

    #[test]
    fn odd_times_are_mended_counted_and_never_decrease() {
        let some = |times: &[i64]| times.iter().map(|&t| Some(t)).collect::<Vec<_>>();
        type Case = (&'static str, Vec<Option<i64>>, Vec<i64>, Vec<MediaWarning>);
        let cases: [Case; 8] = [
            ("begins anywhere", some(&[900, 940, 980]), vec![0, 40, 80], vec![]),
            ("variable rate", some(&[0, 33, 200, 210]), vec![0, 33, 200, 210], vec![]),
            (
                "none at all",
                vec![None, None, None],
                vec![0, 40, 80],
                vec![MediaWarning::MissingTimes { frames: 3 }],
            ),
            (
                "one missing",
                vec![Some(0), Some(40), None, Some(120)],
                vec![0, 40, 80, 120],
                vec![MediaWarning::MissingTimes { frames: 1 }],
            ),
            (
                "the first missing",
                vec![None, Some(500), Some(540)],
                vec![0, 40, 80],
                vec![MediaWarning::MissingTimes { frames: 1 }],
            ),
            (
                "a repeated time does not shift what follows",
                some(&[0, 40, 40, 80, 120]),
                vec![0, 40, 60, 80, 120],
                vec![MediaWarning::BackwardTimes { frames: 1 }],
            ),
            (
                "one frame far back",
                some(&[5000, 5040, 0, 5120]),
                vec![0, 40, 80, 120],
                vec![MediaWarning::BackwardTimes { frames: 1 }],
            ),
            (
                "a clock set back",
                some(&[5000, 5040, 0, 40, 80]),
                vec![0, 40, 80, 120, 160],
                vec![
                    MediaWarning::BackwardTimes { frames: 1 },
                    MediaWarning::ClockJumps { times: 1 },
                ],
            ),
        ];
        for (name, times, expected, warnings) in cases {
            assert_eq!(stamped(&shown_at(&times)), (expected, warnings), "{name}");
        }
    }

    #[test]
    fn a_swapped_pair_stays_before_the_next_frame() {
        let mut line = Timeline::new(MILLIS, INTERVAL);
        let ticks = |pts| Ticks { pts: Some(pts), dts: None };
        for pts in [0, 40, 80, 120] {
            line.sent(ticks(pts));
        }
        let times = [0, 80, 40, 120].map(|pts| line.stamp(ticks(pts)).time.0 / 1000);
        assert_eq!(times, [0, 80, 100, 120]);
    }

    #[test]
    fn without_presentation_times_the_decoding_times_serve_in_order() {
        // I0 P2 B1 P4 B3, as avi gives them: decoding times only, display one frame behind.
        let packet = |dts| Ticks { pts: None, dts: Some(dts) };
        let mut line = Timeline::new(MILLIS, INTERVAL);
        let mut times = Vec::new();
        line.sent(packet(0));
        line.sent(packet(40));
        for (next, shown) in [(80, 0), (120, 80), (160, 40)] {
            times.push(line.stamp(packet(shown)).time.0 / 1000);
            line.sent(packet(next));
        }
        assert_eq!(times, [0, 40, 80]);
        assert_eq!(line.warnings(), [MediaWarning::TimesFromDecodingOrder]);
    }

    #[test]
    fn a_packet_without_a_frame_does_not_make_later_frames_early() {
        let packet = |dts| Ticks { pts: None, dts: Some(dts) };
        let mut line = Timeline::new(MILLIS, INTERVAL);
        let mut times = Vec::new();
        for dts in [0, 40, 80, 120] {
            line.sent(packet(dts));
            if dts != 40 {
                times.push(line.stamp(packet(dts)).time.0 / 1000);
            }
        }
        assert_eq!(times, [0, 80, 120]);
    }

    #[test]
    fn huge_times_do_not_overflow() {
        let (times, _) = stamped(&shown_at(&[Some(i64::MIN + 1), Some(i64::MAX - 1), Some(0)]));
        assert!(times.is_sorted());
    }
}
