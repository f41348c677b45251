//! What the engine remembers of each track: its path over the last while.

use std::collections::{BTreeMap, VecDeque};

use giaolo_domain::{FrameTime, PixelBox, PixelPoint, RoadUserClass, TrackId, TrackObservation};

/// Seconds of path kept for each track.
const KEPT_S: f64 = 30.0;
/// Seconds after which a track that is not seen any more is forgotten. Longer than any tracker
/// keeps one.
const FORGET_S: f64 = 6.0;

/// Seconds between the sightings that travel is measured over: at 30 frames a second the steps
/// between frames are jitter, from five frames a second on each frame is a step.
const SAMPLE_S: f64 = 0.12;

/// A track in one frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting {
    pub at: FrameTime,
    pub bbox: PixelBox,
}

/// One track as far as it is remembered, oldest first, never empty.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub sightings: VecDeque<Sighting>,
    /// Sightings ever, the forgotten ones too.
    pub seen: u32,
    pub class: RoadUserClass,
    pub score: f32,
    pub unlike: f32,
}

impl Path {
    pub(crate) fn last(&self) -> &Sighting {
        &self.sightings[self.sightings.len() - 1]
    }

    /// The oldest sighting within `seconds` before the last one.
    pub(crate) fn since(&self, seconds: f64) -> &Sighting {
        let now = self.last().at.time;
        self.sightings
            .iter()
            .find(|s| now.seconds_since(s.at.time) <= seconds)
            .unwrap_or_else(|| self.last())
    }

    /// The sighting nearest in time to `frame` among those that `fits`.
    pub(crate) fn nearest(
        &self,
        time: giaolo_domain::MediaTime,
        fits: impl Fn(&Sighting) -> bool,
    ) -> Option<&Sighting> {
        self.sightings.iter().filter(|s| fits(s)).min_by_key(|s| (s.at.time.0 - time.0).abs())
    }

    /// Speed of the ground point over the last `seconds`, in box heights a second.
    pub(crate) fn speed(&self, seconds: f64) -> Option<f32> {
        let (from, to) = (self.since(seconds), self.last());
        let dt = to.at.time.seconds_since(from.at.time) as f32;
        let height = 0.5 * (from.bbox.height() + to.bbox.height());
        (dt > 0.0 && height > 0.0).then(|| ground(from).distance(ground(to)) / height / dt)
    }
}

pub(crate) fn ground(sighting: &Sighting) -> PixelPoint {
    sighting.bbox.ground_point()
}

/// Every sighting that is at least [`SAMPLE_S`] after the one before, so that jitter at a high frame
/// rate does not add up, and the last one.
pub(crate) fn sampled<'a>(sightings: impl Iterator<Item = &'a Sighting>) -> Vec<&'a Sighting> {
    let all: Vec<&Sighting> = sightings.collect();
    let mut kept: Vec<&Sighting> = Vec::new();
    for sighting in all.into_iter().rev() {
        if kept.last().is_none_or(|k| k.at.time.seconds_since(sighting.at.time) >= SAMPLE_S) {
            kept.push(sighting);
        }
    }
    kept.reverse();
    kept
}

/// All tracks of one camera.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    paths: BTreeMap<TrackId, Path>,
    frames: VecDeque<FrameTime>,
}

impl History {
    /// Adds a frame; returns the tracks seen in it, in order of their ids.
    pub(crate) fn add(&mut self, at: FrameTime, tracks: &[TrackObservation]) -> Vec<TrackId> {
        self.frames.push_back(at);
        while self.frames.front().is_some_and(|f| at.time.seconds_since(f.time) > KEPT_S) {
            self.frames.pop_front();
        }
        for observation in tracks.iter().filter(|o| !o.predicted && o.bbox.is_proper()) {
            let sighting = Sighting { at, bbox: observation.bbox };
            let path = self.paths.entry(observation.track).or_insert_with(|| Path {
                sightings: VecDeque::new(),
                seen: 0,
                class: observation.class,
                score: observation.score,
                unlike: observation.unlike,
            });
            // Two boxes for one track in one frame: the first one counts.
            if path.sightings.back().is_some_and(|last| last.at >= at) {
                continue;
            }
            path.sightings.push_back(sighting);
            path.seen += 1;
            path.class = observation.class;
            path.score = observation.score;
            path.unlike = observation.unlike;
            while path.sightings.front().is_some_and(|s| at.time.seconds_since(s.at.time) > KEPT_S)
            {
                path.sightings.pop_front();
            }
        }
        self.paths.retain(|_, path| at.time.seconds_since(path.last().at.time) <= FORGET_S);
        self.paths.iter().filter(|(_, path)| path.last().at == at).map(|(id, _)| *id).collect()
    }

    pub(crate) fn path(&self, track: TrackId) -> Option<&Path> {
        self.paths.get(&track)
    }

    /// The paths of everybody else.
    pub(crate) fn others(&self, track: TrackId) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(move |(id, _)| **id != track).map(|(_, path)| path)
    }

    /// Time of a recent frame by its number, or of the nearest later one.
    pub(crate) fn frame_at_or_after(&self, frame: u64) -> Option<FrameTime> {
        self.frames.iter().find(|f| f.frame >= frame).copied()
    }
}
