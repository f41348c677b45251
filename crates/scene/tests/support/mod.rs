//! Rides made by hand, and a run of them through the engine.
#![allow(dead_code, reason = "each test file uses a part of it")]

use giaolo_domain::{
    Crossing, Event, FrameTime, HeadId, MediaTime, PixelBox, PixelPoint, RoadUserClass,
    SignalReading, SignalState, TimeOrigin, TrackId, TrackObservation, Violation,
};
use giaolo_scene::{
    Check, DetectorSettings, Engine, FrameInput, Hysteresis, Line, LineKind, RefusedCrossing, Rule,
    Scene,
};

/// A road user's way: where its wheels are at which second, straight between.
#[derive(Clone, Debug)]
pub struct Ride {
    pub track: u64,
    pub class: RoadUserClass,
    pub points: Vec<(f64, f32, f32)>,
    /// How far the lower edge of the box flickers, by frame.
    pub flicker: fn(u64) -> f32,
    /// Frames in which it is not seen.
    pub unseen: fn(u64) -> bool,
    /// How much its colours change from one sighting to the next.
    pub unlike: f32,
}

/// Width and height of a rider's box.
pub const WIDTH: f32 = 40.0;
pub const HEIGHT: f32 = 100.0;

/// A motorbike's ride through points `(second, x, y)`.
pub fn ride(track: u64, points: &[(f64, f32, f32)]) -> Ride {
    Ride {
        track,
        class: RoadUserClass::Motorbike,
        points: points.to_vec(),
        flicker: |_| 0.0,
        unseen: |_| false,
        unlike: 0.0,
    }
}

impl Ride {
    fn wheels(&self, t: f64) -> Option<(f32, f32)> {
        let last = self.points.last()?;
        if t < self.points[0].0 || t > last.0 {
            return None;
        }
        let after = self.points.iter().position(|p| p.0 >= t)?.max(1);
        let (a, b) = (self.points[after - 1], self.points[after.min(self.points.len() - 1)]);
        let part = if b.0 > a.0 { ((t - a.0) / (b.0 - a.0)) as f32 } else { 0.0 };
        Some((a.1 + (b.1 - a.1) * part, a.2 + (b.2 - a.2) * part))
    }

    fn observation(&self, at: FrameTime) -> Option<TrackObservation> {
        let (x, y) = self.wheels(at.time.seconds())?;
        (!(self.unseen)(at.frame)).then(|| TrackObservation {
            frame: at.frame,
            time: at.time,
            track: TrackId(self.track),
            bbox: PixelBox::new(
                x - WIDTH / 2.0,
                y - HEIGHT,
                x + WIDTH / 2.0,
                y + (self.flicker)(at.frame),
            ),
            class: self.class,
            score: 0.6,
            unlike: self.unlike,
            predicted: false,
        })
    }
}

/// A stop line across the picture at y 500, forward is up, ruled by head `near`.
pub fn stop_line() -> Line {
    Line {
        id: "stop".into(),
        kind: LineKind::Stop,
        points: [PixelPoint::new(200.0, 500.0), PixelPoint::new(800.0, 500.0)],
        forward_to: PixelPoint::new(500.0, 100.0),
        head: Some("near".into()),
        anchor: (0.5, 1.0),
        hysteresis: Hysteresis::default(),
    }
}

/// A scene of lines and rules.
pub fn scene(lines: Vec<Line>, rules: Vec<Rule>) -> Scene {
    Scene {
        camera: "test".into(),
        place: String::new(),
        size: (1000, 1000),
        sha256: String::new(),
        detector: DetectorSettings::default(),
        lines,
        zones: Vec::new(),
        heads: Vec::new(),
        movements: Vec::new(),
        calibration: None,
        rules,
    }
}

/// A rule for every vehicle, always.
pub fn rule(id: &str, check: Check) -> Rule {
    use RoadUserClass::{Bicycle, Bus, Car, Motorbike, Truck};
    Rule {
        id: id.into(),
        check,
        classes: vec![Bicycle, Motorbike, Car, Bus, Truck],
        hours: Vec::new(),
        dates: (None, None),
    }
}

/// What happened.
pub struct Outcome {
    pub events: Vec<Event>,
    pub refused: Vec<RefusedCrossing>,
}

impl Outcome {
    pub fn crossings(&self) -> Vec<&Crossing> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Crossing(c) = event { Some(c) } else { None })
            .collect()
    }

    pub fn violations(&self) -> Vec<&Violation> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Violation(v) = event { Some(&**v) } else { None })
            .collect()
    }
}

/// Runs rides through the engine at a frame rate; `lamp` says what head `near` shows at a second.
pub fn run(
    scene: &Scene,
    origin: TimeOrigin,
    rides: &[Ride],
    fps: f64,
    lamp: &dyn Fn(f64) -> SignalState,
) -> Outcome {
    let mut engine = Engine::new(scene.clone(), origin, None);
    let end = rides.iter().filter_map(|r| r.points.last()).map(|p| p.0).fold(0.0, f64::max);
    let mut events = Vec::new();
    for frame in 0..=(end * fps).ceil() as u64 {
        let at = FrameTime { frame, time: MediaTime::from_seconds(frame as f64 / fps) };
        let tracks: Vec<TrackObservation> =
            rides.iter().filter_map(|ride| ride.observation(at)).collect();
        let reading = SignalReading { state: lamp(at.time.seconds()), confidence: 0.9 };
        let signals = [(HeadId::from("near"), reading)];
        events.extend(engine.observe(&FrameInput { at, tracks: &tracks, signals: &signals }));
    }
    events.extend(engine.finish());
    Outcome { events, refused: engine.take_refused() }
}
