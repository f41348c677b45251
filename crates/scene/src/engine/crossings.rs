//! When a track has crossed a line: it was on one side, is on the other, and stays.
//!
//! A box jitters, so a change of sides alone is a flicker: the anchor must have been some way before
//! the line, must get some way past it, and must have travelled ([`crate::Hysteresis`], in heights
//! of the box). The crossing then carries the frame in which the anchor passed, not the one in which
//! that became certain. One crossing for one track, line and way.

use std::collections::BTreeMap;

use giaolo_domain::{FrameTime, LineId, PixelPoint, RoadUserClass, TrackId, Way};

use super::{
    history::{History, Path, Sighting, sampled},
    queue::{NEXT_IN_QUEUE, ONE_HEAD, share_taken},
};
use crate::model::Line;

/// Sightings that a track needs before it can count: fewer is a flicker of the detector.
const LEAST_SIGHTINGS: u32 = 3;
/// Times the wanted distance from which one sighting is enough.
const ONE_IS_ENOUGH: f32 = 2.5;
/// Seconds before and after the crossing in which it must ride on ...
const PASSING_S: f64 = 0.5;
/// ... faster than this, in heights a second: a rider's height is about as long as his machine.
const CREEPS: f32 = 0.2;
/// Times the wanted travel from which a steady ride is so sure that one sighting past the line is
/// enough: at 5 frames a second who leaves the picture behind the line is seen there once.
const LONG_RIDE: f32 = 2.0;
/// Change of colours from one sighting to the next that no road user keeps up in a queue. Measured
/// there: riders 7 to 13, tracks that hop from one to another 18 to 31. Only where others stand along
/// the way: at 5 frames a second who drives fast changes as much.
const MOST_UNLIKE: f32 = 19.0;
/// Seconds around a crossing in which the travel over it is measured: a queue that creeps and boxes
/// that jitter travel little in them.
const TRAVEL_WINDOW_S: f64 = 2.0;
/// Even steps that a ride has at least: a track that jumps to the next in a queue has one or two.
const LEAST_EVEN_STEPS: f32 = 2.8;
/// Steps backwards, as a share of the travel.
const MOST_BACK: f32 = 0.3;
/// Seconds without a sighting across the line from which the two ends may be two road users.
const LONGEST_GAP_S: f64 = 2.0;

/// A line passed and confirmed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Passed {
    pub track: TrackId,
    pub line: usize,
    pub way: Way,
    pub class: RoadUserClass,
    pub score: f32,
    pub at: FrameTime,
    pub point: PixelPoint,
    pub confirmed: FrameTime,
    /// Seconds without a sighting in which the line was passed.
    pub gap_s: f64,
}

/// A change of sides that did not count, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedCrossing {
    /// Who.
    pub track: TrackId,
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: Way,
    /// The frame in which the anchor changed sides.
    pub at: FrameTime,
    /// Why it did not count.
    pub reason: Refusal,
}

/// Why a change of sides did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The track was never far enough before the line.
    NotSeenBefore,
    /// It came back, or ended, before it was far enough past the line.
    DidNotStay,
    /// It moved too little in all.
    TooLittleTravel,
    /// It counted before: the same track, line and way.
    CountedBefore,
    /// It was out of sight for too long while it passed.
    LongGap,
}

impl Refusal {
    /// A stable name for files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSeenBefore => "not_seen_before",
            Self::DidNotStay => "did_not_stay",
            Self::TooLittleTravel => "too_little_travel",
            Self::CountedBefore => "counted_before",
            Self::LongGap => "long_gap",
        }
    }
}

/// One track at one line.
#[derive(Clone, Debug, Default)]
struct Approach {
    /// Anchor and signed distance (pixels, positive forward) at the last sighting.
    last: Option<(FrameTime, PixelPoint, f32)>,
    /// Distance held on each side (back, forward) since the track came to it.
    held: [Held; 2],
    pending: Option<Pending>,
    counted: [bool; 2],
}

#[derive(Clone, Debug)]
struct Pending {
    way: Way,
    at: FrameTime,
    point: PixelPoint,
    gap_s: f64,
    seen_before: bool,
}

/// How far from the line a track has been on one side: in two sightings, or in one by far. A single
/// box that jumps is not held.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    most: f32,
    second: f32,
}

impl Held {
    fn add(&mut self, distance: f32) {
        let distance = distance.abs();
        if distance > self.most {
            self.second = self.most;
            self.most = distance;
        } else {
            self.second = self.second.max(distance);
        }
    }

    fn reaches(self, wanted: f32) -> bool {
        self.second >= wanted || self.most >= wanted * ONE_IS_ENOUGH
    }
}

/// All lines of a scene.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crossings {
    approaches: BTreeMap<(TrackId, usize), Approach>,
    refused: Vec<RefusedCrossing>,
}

impl Crossings {
    /// Looks at the tracks seen in this frame; returns what was confirmed, by track and line.
    pub(crate) fn observe(
        &mut self,
        lines: &[Line],
        history: &History,
        seen: &[TrackId],
    ) -> Vec<Passed> {
        let mut passed = Vec::new();
        for &track in seen {
            let Some(path) = history.path(track) else {
                continue;
            };
            for (index, line) in lines.iter().enumerate() {
                let approach = self.approaches.entry((track, index)).or_default();
                if let Some(found) =
                    approach.step(track, index, line, path, history, &mut self.refused)
                {
                    passed.push(found);
                }
            }
        }
        self.approaches.retain(|(track, index), approach| {
            let keep = history.path(*track).is_some();
            if !keep {
                approach.close(*track, &lines[*index], &mut self.refused);
            }
            keep
        });
        passed
    }

    /// Ends every approach; what is still pending did not stay.
    pub(crate) fn finish(&mut self, lines: &[Line]) {
        for ((track, index), mut approach) in std::mem::take(&mut self.approaches) {
            approach.close(track, &lines[index], &mut self.refused);
        }
    }

    /// What did not count since the last call.
    pub(crate) fn take_refused(&mut self) -> Vec<RefusedCrossing> {
        std::mem::take(&mut self.refused)
    }
}

impl Approach {
    fn step(
        &mut self,
        track: TrackId,
        index: usize,
        line: &Line,
        path: &Path,
        history: &History,
        refused: &mut Vec<RefusedCrossing>,
    ) -> Option<Passed> {
        let now = path.last();
        let anchor = now.bbox.at_share(line.anchor.0, line.anchor.1);
        let distance = line.forward_distance(anchor);
        if let Some((then, from, before)) = self.last
            && (before < 0.0) != (distance < 0.0)
        {
            let way = if distance >= 0.0 { Way::Forward } else { Way::Back };
            self.drop_pending(track, line, refused, Refusal::DidNotStay);
            // Who never settled on the side that he leaves only flickers over the line, and is still
            // where he came from.
            let flickers = !self.held[1 - side(way)].reaches(line.hysteresis.before)
                && self.held[side(way)].reaches(line.hysteresis.before);
            if !flickers {
                self.change_sides(
                    line,
                    history,
                    now,
                    (then, from, before),
                    (anchor, distance),
                    way,
                );
            }
        }
        let on = usize::from(distance >= 0.0);
        self.held[on].add(distance / now.bbox.height().max(1.0));
        self.last = Some((now.at, anchor, distance));
        self.confirm(track, index, line, path, history, refused)
    }

    /// Notes that the track passed the line carried on, and where; within its ends it may count.
    fn change_sides(
        &mut self,
        line: &Line,
        history: &History,
        now: &Sighting,
        (then, from, before): (FrameTime, PixelPoint, f32),
        (anchor, distance): (PixelPoint, f32),
        way: Way,
    ) {
        let part = before / (before - distance);
        let point = from.lerp(anchor, part);
        if (0.0..=1.0).contains(&line.share_along(point)) {
            let frames = (now.at.frame - then.frame) as f32;
            let frame = then.frame + (part * frames).ceil().max(1.0) as u64;
            self.pending = Some(Pending {
                way,
                at: history.frame_at_or_after(frame).unwrap_or(now.at),
                point,
                gap_s: now.at.time.seconds_since(then.time),
                seen_before: self.held[1 - side(way)].reaches(line.hysteresis.before),
            });
        }
        self.held[side(way)] = Held::default();
    }

    fn confirm(
        &mut self,
        track: TrackId,
        index: usize,
        line: &Line,
        path: &Path,
        history: &History,
        refused: &mut Vec<RefusedCrossing>,
    ) -> Option<Passed> {
        let pending = self.pending.as_ref()?;
        let travelled_times = times_the_wanted_travel(line, path, pending);
        let past = self.held[side(pending.way)];
        let far_enough = past.reaches(line.hysteresis.after)
            || (travelled_times >= LONG_RIDE && past.most >= line.hysteresis.after);
        let travelled = travelled_times >= 1.0;
        if !far_enough || !travelled || path.seen < LEAST_SIGHTINGS {
            return None;
        }
        if line.hysteresis.travel > 0.0 && hops_over(track, path, pending, history) {
            return None;
        }
        let pending = self.pending.take()?;
        let refusal = if self.counted[side(pending.way)] {
            Some(Refusal::CountedBefore)
        } else if !pending.seen_before {
            Some(Refusal::NotSeenBefore)
        } else if pending.gap_s > LONGEST_GAP_S {
            Some(Refusal::LongGap)
        } else {
            None
        };
        if let Some(reason) = refusal {
            refused.push(refusal_of(track, line, &pending, reason));
            return None;
        }
        self.counted[side(pending.way)] = true;
        Some(Passed {
            track,
            line: index,
            way: pending.way,
            class: path.class,
            score: path.score,
            at: pending.at,
            point: pending.point,
            confirmed: path.last().at,
            gap_s: pending.gap_s,
        })
    }

    fn drop_pending(
        &mut self,
        track: TrackId,
        line: &Line,
        refused: &mut Vec<RefusedCrossing>,
        reason: Refusal,
    ) {
        if let Some(pending) = self.pending.take() {
            refused.push(refusal_of(track, line, &pending, reason));
        }
    }

    fn close(&mut self, track: TrackId, line: &Line, refused: &mut Vec<RefusedCrossing>) {
        let Some(pending) = &self.pending else { return };
        let reason = if self.held[side(pending.way)].reaches(line.hysteresis.after) {
            Refusal::TooLittleTravel
        } else {
            Refusal::DidNotStay
        };
        self.drop_pending(track, line, refused, reason);
    }
}

/// Whether the track got over the line, or rode at all, only by taking the places of others.
fn hops_over(track: TrackId, path: &Path, pending: &Pending, history: &History) -> bool {
    let since = |from_s: f64| {
        sampled(
            path.sightings
                .iter()
                .filter(move |s| s.at.time.seconds_since(pending.at.time) >= from_s),
        )
    };
    let (past, whole) = (since(0.0), since(-TRAVEL_WINDOW_S));
    let takes_places = |sightings| share_taken(history, track, sightings, ONE_HEAD) > 0.5;
    let in_queue = || share_taken(history, track, &whole, NEXT_IN_QUEUE) > 0.5;
    takes_places(&past) || takes_places(&whole) || (path.unlike > MOST_UNLIKE && in_queue())
}

/// How much the road user moved across the line within a short while around the crossing, in times
/// of what the line wants.
fn times_the_wanted_travel(line: &Line, path: &Path, pending: &Pending) -> f32 {
    let wanted = line.hysteresis.travel;
    if wanted <= 0.0 {
        return 1.0;
    }
    let since_s = path.last().at.time.seconds_since(pending.at.time);
    if since_s > TRAVEL_WINDOW_S || creeps(path, pending) {
        0.0
    } else {
        steady_travel(line, path, pending) / wanted
    }
}

/// Whether the road user stands or creeps while its anchor passes: then the lower edge of the box
/// passes the line, behind the next one in a queue, and not the wheels.
fn creeps(path: &Path, pending: &Pending) -> bool {
    let near = |s: &&Sighting| {
        s.at.time.seconds_since(pending.at.time).abs() <= pending.gap_s.max(PASSING_S)
    };
    let (Some(first), Some(last)) =
        (path.sightings.iter().find(near), path.sightings.iter().rfind(near))
    else {
        return false;
    };
    let seconds = last.at.time.seconds_since(first.at.time) as f32;
    let around = |s: &&Sighting| s.at.time.seconds_since(pending.at.time).abs() <= TRAVEL_WINDOW_S;
    // The tallest box shows the whole of it, others only parts.
    let height = path.sightings.iter().filter(around).map(|s| s.bbox.height()).fold(1.0, f32::max);
    let top = if path.class.is_four_wheeler() { 0.5 } else { 0.0 };
    let moved = first.bbox.at_share(0.5, top).distance(last.bbox.at_share(0.5, top));
    moved / height < CREEPS * seconds
}

/// Net travel in heights over the last while, or 0 where it is no steady ride: one or two jumps to
/// the next in a queue, or a jitter to and fro. Both the anchor and the top of the box must travel:
/// in a queue the lower edge of a box flickers between a rider's back and the wheels of the next,
/// the head does not.
fn steady_travel(line: &Line, path: &Path, pending: &Pending) -> f32 {
    let height = path.last().bbox.height().max(1.0);
    let recent = |s: &&Sighting| pending.at.time.seconds_since(s.at.time) <= TRAVEL_WINDOW_S;
    let samples = sampled(path.sightings.iter().filter(recent));
    let travel = |x: f32, y: f32| {
        let points: Vec<PixelPoint> = samples.iter().map(|s| s.bbox.at_share(x, y)).collect();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
        let net = first.distance(*last);
        let forward = line.forward_distance(*last) - line.forward_distance(*first);
        // Who came the other way and is thrown back has travelled, but not over this line.
        if net <= 0.0 || (forward > 0.0) != (pending.way == Way::Forward) {
            return 0.0;
        }
        let steps: Vec<f32> = points
            .windows(2)
            .map(|w| {
                ((w[1].x - w[0].x) * (last.x - first.x) + (w[1].y - w[0].y) * (last.y - first.y))
                    / net
            })
            .collect();
        let ahead = steps.iter().filter(|step| **step > 0.0);
        let (sum, squares) = ahead.fold((0.0, 0.0), |(s, q), step| (s + step, q + step * step));
        let back = sum - net;
        // The number of equal steps that would be as even: 1 for one jump, 2 for two.
        let even_steps = if squares > 0.0 { sum * sum / squares } else { 0.0 };
        let steady = back <= MOST_BACK * net && even_steps >= LEAST_EVEN_STEPS;
        if steady { net / height } else { 0.0 }
    };
    let of_anchor = travel(line.anchor.0, line.anchor.1);
    if path.class.is_four_wheeler() {
        // A car that comes nearer grows upwards; its middle still moves half as far as its wheels.
        of_anchor.min(2.0 * travel(0.5, 0.5))
    } else {
        of_anchor.min(travel(0.5, 0.0))
    }
}

fn refusal_of(track: TrackId, line: &Line, pending: &Pending, reason: Refusal) -> RefusedCrossing {
    RefusedCrossing { track, line: line.id.clone(), way: pending.way, at: pending.at, reason }
}

const fn side(way: Way) -> usize {
    match way {
        Way::Back => 0,
        Way::Forward => 1,
    }
}
