//! Draws what was seen on the pictures and writes them as a video that one likes to watch.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use crossbeam_channel::Receiver;
use giaolo_domain::{
    HeadId, MediaTime, PixelPoint, SignalReading, TimeOrigin, TrackId, TrackObservation,
};
use giaolo_evidence::overlay::{
    FrameDrawing, HeadShape, LineShape, Meaning, Overlay, TrackShape, ZoneShape,
};
use giaolo_media::{Frame, VideoWriter};
use giaolo_scene::{Scene, ZoneKind};

use crate::{
    error::PipelineError,
    metrics::{CameraMetrics, Stage},
    pictures::local_time,
};

/// Seconds of path drawn behind a road user.
const TRAIL_S: f64 = 1.5;
/// Sightings from which a track is drawn: the first ones flicker.
const SHOWN_FROM: usize = 2;
/// Seconds for which a road user stays marked after a rule fired on it.
const MARKED_S: f64 = 4.0;

/// A frame with what is to be drawn on it.
pub(crate) struct Picture {
    pub frame: Frame,
    pub tracks: Vec<TrackObservation>,
    pub signals: Vec<(HeadId, SignalReading)>,
    /// Tracks on which a rule fired with this frame.
    pub raised: Vec<TrackId>,
    /// Crossings so far.
    pub crossings: u64,
    /// Violations so far.
    pub violations: u64,
}

/// Writes all pictures to `path`.
///
/// # Errors
/// Where a picture cannot be drawn or written.
pub(crate) fn run(
    path: &Path,
    scene: &Scene,
    origin: &TimeOrigin,
    fps: Option<f64>,
    metrics: &CameraMetrics,
    pictures: &Receiver<Picture>,
) -> Result<(), PipelineError> {
    let mut overlay = Overlay::new()?;
    let mut writer = VideoWriter::create(path, scene.size.0, scene.size.1, fps)?;
    let mut trails = Trails::default();
    for picture in pictures {
        metrics.timed(Stage::Annotate, || -> Result<(), PipelineError> {
            trails.add(&picture);
            let mut image = picture.frame.rgb(picture.frame.whole())?;
            draw(&mut overlay, &mut image, scene, origin, &picture, &trails)?;
            Ok(writer.write(&image, picture.frame.stamp().time)?)
        })?;
    }
    Ok(writer.finish()?)
}

/// Where everybody was lately, and who is marked.
#[derive(Default)]
struct Trails {
    paths: BTreeMap<TrackId, VecDeque<(MediaTime, PixelPoint)>>,
    marked: BTreeMap<TrackId, MediaTime>,
}

impl Trails {
    fn add(&mut self, picture: &Picture) {
        let now = picture.frame.stamp().time;
        for track in &picture.tracks {
            let path = self.paths.entry(track.track).or_default();
            path.push_back((now, track.bbox.ground_point()));
            while path.front().is_some_and(|(t, _)| now.seconds_since(*t) > TRAIL_S) {
                path.pop_front();
            }
        }
        self.paths.retain(|_, path| {
            path.back().is_some_and(|(t, _)| now.seconds_since(*t) <= 2.0 * TRAIL_S)
        });
        for track in &picture.raised {
            self.marked.insert(*track, now);
        }
        self.marked.retain(|_, since| now.seconds_since(*since) <= MARKED_S);
    }
}

fn draw(
    overlay: &mut Overlay,
    image: &mut image::RgbImage,
    scene: &Scene,
    origin: &TimeOrigin,
    picture: &Picture,
    trails: &Trails,
) -> Result<(), PipelineError> {
    let points: BTreeMap<TrackId, Vec<PixelPoint>> = trails
        .paths
        .iter()
        .map(|(track, path)| (*track, path.iter().map(|(_, point)| *point).collect()))
        .collect();
    let marked: BTreeSet<TrackId> = trails.marked.keys().copied().collect();
    let tracks: Vec<TrackShape<'_>> = picture
        .tracks
        .iter()
        .filter_map(|track| {
            let trail = points.get(&track.track).filter(|trail| trail.len() >= SHOWN_FROM)?;
            Some(TrackShape {
                track: track.track,
                bbox: track.bbox,
                class: track.class,
                trail,
                is_subject: marked.contains(&track.track),
                predicted: track.predicted,
            })
        })
        .collect();
    let lines: Vec<LineShape<'_>> = scene
        .lines
        .iter()
        .map(|line| LineShape { points: line.points, meaning: Meaning::Context, label: None })
        .collect();
    let zones: Vec<ZoneShape<'_>> = scene
        .zones
        .iter()
        .filter(|zone| !matches!(zone.kind, ZoneKind::RegionOfInterest | ZoneKind::Ignore))
        .map(|zone| ZoneShape {
            corners: &zone.points,
            direction: zone.direction,
            meaning: Meaning::Context,
            label: None,
        })
        .collect();
    let heads: Vec<HeadShape> = scene
        .heads
        .iter()
        .filter_map(|head| {
            let (_, reading) = picture.signals.iter().find(|(id, _)| id == &head.id)?;
            Some(HeadShape { region: head.region, state: reading.state })
        })
        .collect();
    let footer = format!(
        "lượt qua vạch / crossings {}   ·   nghi vấn / candidates {}",
        picture.crossings, picture.violations
    );
    overlay.frame(
        image,
        &FrameDrawing {
            title: &format!("{} · {}", scene.place, scene.camera),
            time: &local_time(origin, picture.frame.stamp()),
            footer: &footer,
            zones: &zones,
            lines: &lines,
            heads: &heads,
            tracks: &tracks,
        },
    )?;
    Ok(())
}
