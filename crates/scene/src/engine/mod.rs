//! Reads tracks and signals against a scene, frame by frame, and says what happened.
//!
//! The engine is a fold: scene and observations in, events out. It is fed by the pipeline with live
//! tracks and by `replay` with stored ones, and gives the same events for both. Events of one frame
//! come in a fixed order: signals, crossings (by track, then line), violations (by rule). An event
//! may concern an earlier frame, because it takes a while to be sure.

mod crossings;
mod history;
mod queue;
mod reasons;
mod rules;
mod signals;

use std::collections::BTreeMap;

pub use crossings::{Refusal, RefusedCrossing};
use giaolo_domain::{
    Crossing, Event, FrameTime, HeadId, MediaTime, MovementId, RoadTransform, SignalReading,
    SignalSpan, TimeOrigin, TrackId, TrackObservation, Way,
};

use self::{
    crossings::{Crossings, Passed},
    history::{History, ground},
    rules::{Context, Rules},
    signals::Signals,
};
use crate::model::{Movement, Scene};

/// What one frame brings.
#[derive(Clone, Copy, Debug)]
pub struct FrameInput<'a> {
    /// Which frame. Frames come in order; their distance may vary.
    pub at: FrameTime,
    /// The tracks seen in it.
    pub tracks: &'a [TrackObservation],
    /// What the heads show in it.
    pub signals: &'a [(HeadId, SignalReading)],
}

/// Seconds of path around a line over which a calibrated speed is taken.
const SPEED_S: f64 = 0.8;

/// The engine for one camera and one scene.
#[derive(Clone, Debug)]
pub struct Engine {
    scene: Scene,
    origin: TimeOrigin,
    road: Option<RoadTransform>,
    history: History,
    signals: Signals,
    crossings: Crossings,
    rules: Rules,
    /// Lines that each track has passed, oldest first, for movements.
    passed: BTreeMap<TrackId, Vec<(usize, Way)>>,
    now: Option<FrameTime>,
}

impl Engine {
    /// An engine at the start of a source. `road` is the solved calibration, where there is one.
    pub fn new(scene: Scene, origin: TimeOrigin, road: Option<RoadTransform>) -> Self {
        let rules = Rules::new(&scene);
        Self {
            scene,
            origin,
            road,
            history: History::default(),
            signals: Signals::default(),
            crossings: Crossings::default(),
            rules,
            passed: BTreeMap::new(),
            now: None,
        }
    }

    /// The scene that events are read against.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Takes in one frame and returns what became certain with it. A frame that is not later than
    /// the last one changes nothing.
    pub fn observe(&mut self, input: &FrameInput<'_>) -> Vec<Event> {
        if self.now.is_some_and(|now| input.at <= now) {
            return Vec::new();
        }
        self.now = Some(input.at);
        let mut events: Vec<Event> =
            self.signals.observe(input.at, input.signals).into_iter().map(Event::Signal).collect();
        let seen = self.history.add(input.at, input.tracks);
        let passed = self.crossings.observe(&self.scene.lines, &self.history, &seen);
        let mut completed = Vec::new();
        for pass in &passed {
            let movement = self.completed_movement(pass);
            if let Some(movement) = &movement {
                completed.push((pass.clone(), movement.clone()));
            }
            events.push(Event::Crossing(self.crossing(pass, movement)));
        }
        self.passed.retain(|track, _| self.history.path(*track).is_some());
        let context = Context {
            scene: &self.scene,
            origin: &self.origin,
            history: &self.history,
            signals: &self.signals,
            now: input.at,
            at_end: false,
        };
        let violations = self.rules.observe(&context, &seen, &passed, &completed);
        events.extend(violations.into_iter().map(|v| Event::Violation(Box::new(v))));
        events
    }

    /// Ends the source: what waited for more frames is decided by what was seen.
    pub fn finish(&mut self) -> Vec<Event> {
        self.crossings.finish(&self.scene.lines);
        let Some(now) = self.now else {
            return Vec::new();
        };
        let context = Context {
            scene: &self.scene,
            origin: &self.origin,
            history: &self.history,
            signals: &self.signals,
            now,
            at_end: true,
        };
        let violations = self.rules.observe(&context, &[], &[], &[]);
        violations.into_iter().map(|v| Event::Violation(Box::new(v))).collect()
    }

    /// Changes of sides that did not count since the last call, and why.
    pub fn take_refused(&mut self) -> Vec<RefusedCrossing> {
        self.crossings.take_refused()
    }

    /// What a head showed in `from..=to`, as far as that is settled: whole spans with their own first and
    /// last frame, so that one that began earlier says when.
    pub fn signal_spans(&self, head: &HeadId, from: MediaTime, to: MediaTime) -> Vec<SignalSpan> {
        self.signals.spans(head, from, to)
    }

    /// Ground points of a track between two times, oldest first, as far as they are remembered.
    pub fn ground_path(
        &self,
        track: TrackId,
        from: MediaTime,
        to: MediaTime,
    ) -> Vec<giaolo_domain::PixelPoint> {
        self.history.path(track).map_or_else(Vec::new, |path| {
            path.sightings.iter().filter(|s| (from..=to).contains(&s.at.time)).map(ground).collect()
        })
    }

    fn completed_movement(&mut self, pass: &Passed) -> Option<MovementId> {
        let before = self.passed.entry(pass.track).or_default();
        let is = |index: usize, way: Way, (id, wanted): &(giaolo_domain::LineId, Option<Way>)| {
            &self.scene.lines[index].id == id && wanted.is_none_or(|w| w == way)
        };
        // The line passed last says where it came from: on a roundabout it passed others before.
        let came_from = |movement: &&Movement| {
            before.iter().rposition(|&(line, way)| is(line, way, &movement.from))
        };
        let found = self
            .scene
            .movements
            .iter()
            .filter(|movement| is(pass.line, pass.way, &movement.to))
            .filter_map(|movement| Some((came_from(&movement)?, movement)))
            // The first of the scene's where two come from the same line.
            .rev()
            .max_by_key(|(from, _)| *from)
            .map(|(_, movement)| movement.id.clone());
        before.push((pass.line, pass.way));
        found
    }

    fn crossing(&self, pass: &Passed, movement: Option<MovementId>) -> Crossing {
        Crossing {
            at: pass.at,
            track: pass.track,
            line: self.scene.lines[pass.line].id.clone(),
            way: pass.way,
            class: pass.class,
            confidence: pass.score,
            point: pass.point,
            confirmed: pass.confirmed,
            movement,
            speed_kmh: self.speed_kmh(pass),
        }
    }

    fn speed_kmh(&self, pass: &Passed) -> Option<f32> {
        let road = self.road.as_ref()?;
        let path = self.history.path(pass.track)?;
        let near = |s: &&history::Sighting| s.at.time.seconds_since(pass.at.time).abs() <= SPEED_S;
        let first = path.sightings.iter().find(near)?;
        let last = path.sightings.iter().rev().find(near)?;
        let seconds = last.at.time.seconds_since(first.at.time);
        let metres = road.road_point(ground(first))?.distance_m(road.road_point(ground(last))?);
        (seconds > 0.2 && metres.is_finite()).then(|| (metres / seconds * 3.6) as f32)
    }
}
