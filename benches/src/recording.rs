//! A clip decoded and run through the model once, so that later stages can be measured alone.

use std::cell::RefCell;
use std::rc::Rc;

use giaolo_domain::{Detection, FrameTime, HeadId, SignalReading};
use giaolo_interchange::{FrameTracks, stored_reading};
use giaolo_media::{FileSource, Frame, OpenOptions, Packet, SourceInfo, StreamCodec};
use giaolo_pipeline::read_scene;
use giaolo_scene::Scene;
use giaolo_tracking::{Tracker, TrackerSettings};
use giaolo_vision::{
    DetectorSession, ExecutionProvider, InputPlan, LampReader, ModelEntry, Prepared, Preparer,
    RawOutputs, Registry, Runtime, finish,
};

use crate::{Failure, footage};

/// Frames that are kept as pictures: enough that one is not in the cache when it is used again.
const PICTURES: usize = 12;
/// Frames that the model sees at most.
const FRAMES: usize = 240;

/// A clip's frames, detections, tracks and packets.
pub struct Recording {
    /// The clip.
    pub clip: footage::Clip,
    /// Its scene.
    pub scene: Scene,
    /// What the file says.
    pub info: SourceInfo,
    /// For clips and for decoding again.
    pub codec: std::sync::Arc<StreamCodec>,
    /// Some decoded pictures.
    pub pictures: Vec<Frame>,
    /// The model's inputs and outputs for them.
    pub inferred: Rc<Vec<(Prepared, RawOutputs)>>,
    /// What was detected in each frame.
    pub detections: Rc<Vec<(FrameTime, Vec<Detection>)>>,
    /// What the tracker and the lamp reader made of it.
    pub tracks: Rc<Vec<FrameTracks>>,
    /// All packets, in decoding order.
    pub packets: Vec<Packet>,
    /// The model's entry.
    pub entry: ModelEntry,
    /// How pictures become inputs.
    pub plan: InputPlan,
    /// The session, shared by the cases that use it.
    pub session: Rc<RefCell<DetectorSession>>,
}

impl Recording {
    /// Decodes and infers a clip.
    ///
    /// # Errors
    /// Footage, model or scene that cannot be read.
    pub fn of(clip: &footage::Clip) -> Result<Self, Failure> {
        let (scene, _) = read_scene(&clip.scene)?;
        let mut source = FileSource::open(&clip.path, &OpenOptions::default())?;
        let info = source.info().clone();
        let (entry, mut session) = open_model(scene.detector.input_size)?;
        let region = scene.detector.region;
        let plan =
            InputPlan::new((info.width, info.height), region, scene.detector.tiles, session.size());
        let mut preparer = Preparer::new(plan.clone(), &entry.input);
        let mut lamps = LampReader::new(&scene);
        let mut tracker = Tracker::new(TrackerSettings::default());
        let (mut pictures, mut inferred) = (Vec::new(), Vec::new());
        let (mut detections, mut tracks, mut packets) = (Vec::new(), Vec::new(), Vec::new());
        let mut prepared = preparer.empty();
        while let Some(decoded) = source.next()? {
            packets.extend(decoded.packets);
            if detections.len() >= FRAMES {
                continue;
            }
            let at = decoded.frame.stamp();
            preparer.fill(&decoded.frame, &mut prepared)?;
            let outputs = session.run(&prepared)?;
            let seen = finish(outputs.clone(), &prepared);
            if pictures.len() < PICTURES {
                pictures.push(decoded.frame.clone());
                inferred.push((prepared.clone(), outputs));
            }
            let signals: Vec<(HeadId, SignalReading)> = lamps
                .read(&decoded.frame)?
                .into_iter()
                .map(|(head, reading)| (head, stored_reading(reading)))
                .collect();
            let observed = tracker.observe(at, &seen);
            tracks.push(FrameTracks { at, tracks: observed.observations, signals });
            detections.push((at, seen));
        }
        packets.extend(source.trailing_packets());
        Ok(Self {
            clip: clip.clone(),
            scene,
            codec: source.codec(),
            info,
            pictures,
            inferred: Rc::new(inferred),
            detections: Rc::new(detections),
            tracks: Rc::new(tracks),
            packets,
            entry,
            plan,
            session: Rc::new(RefCell::new(session)),
        })
    }

    /// Width x height.
    pub fn size(&self) -> String {
        format!("{}x{}", self.info.width, self.info.height)
    }

    /// Mean number of boxes in a frame, those below the tracker's thresholds too.
    pub fn density(&self) -> f64 {
        let boxes: usize = self.detections.iter().map(|(_, seen)| seen.len()).sum();
        boxes as f64 / self.detections.len().max(1) as f64
    }

    /// Seconds of video between two frames.
    pub fn frame_s(&self) -> Option<f64> {
        let (first, last) = (self.detections.first()?.0, self.detections.last()?.0);
        let frames = self.detections.len() - 1;
        (frames > 0).then(|| (last.time.seconds() - first.time.seconds()) / frames as f64)
    }
}

/// The model that scenes use unless they name another.
pub(crate) fn open_model(
    size: Option<(u32, u32)>,
) -> Result<(ModelEntry, DetectorSession), Failure> {
    let installation = footage::installation(std::path::Path::new(""));
    let registry = Registry::load(&installation.models, &installation.weights)?;
    let entry = registry.entry("nanodet-g")?.clone();
    let runtime = Runtime::load(&installation.onnxruntime)?;
    let session =
        DetectorSession::open(&runtime, &registry, &entry, size, ExecutionProvider::Cpu, &[])?;
    Ok((entry, session))
}
