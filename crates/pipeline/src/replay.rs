//! Runs a scene's lines and rules over stored tracks, without video: for what-if, for tests, and for
//! the tracks of others. The same tracks give the same events as the analysis gave, bit for bit.

use giaolo_domain::{Event, RoadTransform, TimeOrigin};
use giaolo_interchange::FrameTracks;
use giaolo_scene::{Engine, FrameInput, RefusedCrossing, Scene};

use crate::{error::PipelineError, law::Law, outputs::event_line};

/// A replay in progress.
pub struct Replay<'a> {
    engine: Engine,
    law: &'a Law,
    origin: TimeOrigin,
}

/// What some frames gave.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Events, in order.
    pub events: Vec<Event>,
    /// Changes of sides that did not count, and why.
    pub refused: Vec<RefusedCrossing>,
}

impl<'a> Replay<'a> {
    /// At the start of the tracks. A calibrated scene needs its map solved: see
    /// [`giaolo_vision::calibrate`].
    pub fn new(
        scene: Scene,
        origin: TimeOrigin,
        road: Option<RoadTransform>,
        law: &'a Law,
    ) -> Self {
        Self { engine: Engine::new(scene, origin, road), law, origin }
    }

    /// Takes in the next frame.
    pub fn frame(&mut self, frame: &FrameTracks) -> Replayed {
        let input = FrameInput { at: frame.at, tracks: &frame.tracks, signals: &frame.signals };
        let events = self.engine.observe(&input);
        self.replayed(events)
    }

    /// Ends the tracks.
    pub fn finish(&mut self) -> Replayed {
        let events = self.engine.finish();
        self.replayed(events)
    }

    fn replayed(&mut self, mut events: Vec<Event>) -> Replayed {
        for event in &mut events {
            if let Event::Violation(violation) = event {
                violation.sanction = self.law.sanction(violation, &self.origin);
            }
        }
        Replayed { events, refused: self.engine.take_refused() }
    }

    /// An event as the line that `events.jsonl` has for it.
    ///
    /// # Errors
    /// A number in it that JSON cannot hold.
    pub fn line(&self, event: &Event) -> Result<String, PipelineError> {
        event_line(event, &self.engine.scene().camera, &self.origin)
    }
}
