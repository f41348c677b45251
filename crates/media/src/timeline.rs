//! The time line of a source: which time each frame gets, whatever the container says.
//!
//! Containers leave times out, repeat them, or jump back. The line here begins at 0 with the first
//! frame and strictly increases. A frame without a usable time is placed one nominal interval after
//! the frame before, and counted. Where the container has decoding times only (avi), frames take
//! them in order: sorted, presentation times are the decoding times plus a constant.

use std::collections::VecDeque;

use giaolo_domain::{FrameTime, MediaTime};

use crate::error::MediaWarning;

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
    lacks_pts: bool,
    /// Decoding times of the packets sent and not yet used for a frame.
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
            lacks_pts: false,
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
        if self.order == Some(Order::Presentation) {
            return;
        }
        self.lacks_pts |= ticks.pts.is_none();
        if let Some(dts) = ticks.dts {
            self.sent.push_back(dts);
        }
    }

    /// Takes back a packet that the decoder refused.
    pub(crate) fn refused(&mut self, ticks: Ticks) {
        if self.sent.back().copied() == ticks.dts {
            self.sent.pop_back();
        }
    }

    /// The frame last stamped.
    pub(crate) fn last(&self) -> Option<FrameTime> {
        self.last
    }

    /// Number and time of the next frame in display order, which came from the packet with `ticks`.
    pub(crate) fn stamp(&mut self, ticks: Ticks) -> FrameTime {
        let order = match self.lacks_pts && !self.sent.is_empty() {
            true => Order::Decoding,
            false => Order::Presentation,
        };
        let raw = match *self.order.get_or_insert(order) {
            Order::Presentation => ticks.pts,
            Order::Decoding => self.next_in_decoding_order(ticks),
        };
        let time = MediaTime(self.place(raw));
        let stamp = FrameTime {
            frame: self.last.map_or(0, |last| last.frame + 1),
            time,
        };
        self.last = Some(stamp);
        stamp
    }

    /// Where a packet will be shown, as far as one can say before its frame is there.
    pub(crate) fn estimate(&self, ticks: Ticks) -> MediaTime {
        let raw = match self.order {
            Some(Order::Decoding) => ticks.dts,
            _ => ticks.pts.or(ticks.dts),
        };
        MediaTime(match (raw, self.base) {
            (Some(raw), Some(base)) => self.micros(raw - base) + self.shift,
            _ => self.last.map_or(0, |last| last.time.0 + self.interval),
        })
    }

    /// What had to be mended so far.
    pub(crate) fn warnings(&self) -> Vec<MediaWarning> {
        let mut warnings = Vec::new();
        if self.order == Some(Order::Decoding) {
            warnings.push(MediaWarning::TimesFromDecodingOrder);
        }
        if self.missing > 0 {
            warnings.push(MediaWarning::MissingTimes {
                frames: self.missing,
            });
        }
        if self.backward > 0 {
            warnings.push(MediaWarning::BackwardTimes {
                frames: self.backward,
            });
        }
        if self.jumps > 0 {
            warnings.push(MediaWarning::ClockJumps { times: self.jumps });
        }
        warnings
    }

    fn next_in_decoding_order(&mut self, ticks: Ticks) -> Option<i64> {
        let oldest = self.sent.pop_front()?;
        if self.last.is_none() {
            self.lag = self.sent.back().map_or(0, |newest| newest - oldest);
        }
        // A packet that gave no frame would leave every later frame one interval early: no frame is
        // shown before it was decoded.
        let mut time = oldest;
        while ticks.dts.is_some_and(|own| time + self.lag < own) {
            match self.sent.pop_front() {
                Some(next) => time = next,
                None => break,
            }
        }
        Some(time)
    }

    fn place(&mut self, raw: Option<i64>) -> i64 {
        let expected = self.last.map_or(0, |last| last.time.0 + self.interval);
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
        let since_base = self.micros(raw - base);
        if since_base + self.shift > last {
            self.jump = None;
            return since_base + self.shift;
        }
        // One frame back is a slip of the recorder; a second one that goes on from it is a clock
        // that was set back.
        if let Some(shift) = self.jump
            && since_base + shift > last
        {
            self.shift = shift;
            self.jump = None;
            self.jumps += 1;
            return since_base + shift;
        }
        self.backward += 1;
        self.jump = Some(expected - since_base);
        expected
    }

    /// Ticks in microseconds, to the nearest.
    fn micros(&self, ticks: i64) -> i64 {
        let (num, den) = (i128::from(self.tick.0), i128::from(self.tick.1));
        let scaled = i128::from(ticks) * num * 1_000_000;
        let rounded = (scaled + den.div_euclid(2)).div_euclid(den);
        i64::try_from(rounded).unwrap_or(if ticks < 0 {
            i64::MIN / 4
        } else {
            i64::MAX / 4
        })
    }
}
