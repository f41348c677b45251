//! Wires the stages of an analysis: channels, threads, and what each stage works with.
//!
//! The judge runs on the caller's thread. Whoever fails drops its ends of the channels, so that all
//! others end too; the first one to fail is the one that is told.

use std::collections::BTreeMap;

use crossbeam_channel::{Receiver, Sender, bounded};
use giaolo_domain::Event;
use giaolo_evidence::{ModelUsed, Program, SceneVersion, SourceFile};
use giaolo_interchange::{OttrkSource, OttrkWriter, TracksHeader, TracksWriter};
use giaolo_media::{SourceInfo, StreamCodec};
use giaolo_scene::{Engine, Scene};
use giaolo_tracking::Tracker;
use giaolo_vision::{LampReader, Preparer};

use super::{Progress, VERSION, Work};
use crate::{
    annotate_stage,
    decode_stage::DecodeStage,
    error::PipelineError,
    evidence_stage::{EvidenceStage, Task},
    infer_stage::{self, Inferred},
    judge::{Judge, JudgeFiles, Judged, Outlets},
    open::Opened,
    outputs::{self, WholeFile, file_name},
    plates::{
        desk::Desk,
        look::ModelEyes,
        stage::{PlateStage, Plated},
    },
};

/// Frames between two stages: enough to even out a keyframe, few enough to stay small.
const FRAMES_AHEAD: usize = 4;
/// Tasks between the judge and the evidence stage.
const TASKS_AHEAD: usize = 16;
/// Messages between the judge and the plate stage; each may hold a frame.
const SIGHTS_AHEAD: usize = 8;

/// What the stages gave together.
pub(super) struct Done {
    pub judged: Judged,
    pub evidence_new: u64,
    pub plated: Option<Plated>,
    pub warnings: Vec<String>,
}

impl Work<'_> {
    /// Starts a thread for each stage, judges on this one, and waits for all of them.
    pub(super) fn stages(
        &self,
        opened: Opened,
        scene: &Scene,
        fps: f64,
        on_progress: &mut dyn FnMut(&Progress),
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<Done, PipelineError> {
        let Opened { source, mut sessions, plan, input, model, plates, .. } = opened;
        let info = source.info().clone();
        let codec = source.codec();
        let road = match &scene.calibration {
            Some(calibration) => Some(giaolo_vision::calibrate(calibration)?.transform),
            None => None,
        };
        let (ready_in, ready_out) = bounded(FRAMES_AHEAD);
        let (inferred_in, inferred_out) = bounded(FRAMES_AHEAD);
        let (free_in, free_out) = bounded(2 * FRAMES_AHEAD);
        let (tasks_in, tasks_out) = bounded(TASKS_AHEAD);
        let (pictures_in, pictures_out) = bounded(FRAMES_AHEAD);
        let (sights_in, sights_out) = bounded(SIGHTS_AHEAD);
        let annotate = self.settings.annotate;
        let (reader, grammar) = plates.unzip();
        let decode = DecodeStage {
            preparer: Preparer::new(plan, &input),
            lamps: LampReader::new(scene),
            every_nth_frame: scene.detector.every_nth_frame,
            keep_frames: annotate || grammar.is_some(),
            metrics: &self.metrics,
            free: free_out,
            ready: ready_in,
            source,
        };
        let prove = self.evidence_stage(scene, &info, &codec, model);
        let plates = reader
            .zip(grammar.as_ref())
            .map(|(reader, grammar)| {
                self.plate_stage(ModelEyes { reader, grammar }, scene, &info, tasks_in.clone())
            })
            .transpose()?;
        let mut judge = Judge::new(
            scene,
            info.origin,
            &self.source_sha256,
            self.law,
            &self.metrics,
            Tracker::new(self.settings.tracker.clone()),
            Engine::new(scene.clone(), info.origin, road),
            self.files(scene, &info, fps, &prove.model.name)?,
            Outlets {
                tasks: tasks_in,
                plates: plates.is_some().then_some(sights_in),
                pictures: annotate.then_some(pictures_in),
                free: free_in,
            },
            on_event,
        );
        let (metrics, prove, annotated, info) = (&self.metrics, &prove, self.annotated(), &info);
        std::thread::scope(|scope| {
            let decoding = scope.spawn(move || decode.run());
            let inferring: Vec<_> = sessions
                .iter_mut()
                .map(|session| {
                    let (ready, inferred) = (ready_out.clone(), inferred_in.clone());
                    scope.spawn(move || infer_stage::run(session, metrics, &ready, &inferred))
                })
                .collect();
            drop((ready_out, inferred_in));
            let proving = scope.spawn(move || prove.run(&tasks_out));
            let plating = plates.map(|stage| scope.spawn(move || stage.run(&sights_out)));
            let annotating = annotate.then(|| {
                scope.spawn(move || {
                    let fps = info.nominal_fps;
                    annotate_stage::run(
                        &annotated,
                        scene,
                        &info.origin,
                        fps,
                        metrics,
                        &pictures_out,
                    )
                })
            });
            let driven = drive(&mut judge, inferred_out, info.frames_hint, on_progress);
            let infer = inferring.into_iter().try_for_each(|thread| joined("infer", thread.join()));
            let end = joined("decode", decoding.join());
            // The stage that failed first says why; the others only say that it is gone.
            infer?;
            let mut end = end?;
            let warnings = end.warnings.iter().map(ToString::to_string).collect();
            let broken = end.broken.take();
            let whole = driven.and_then(|()| broken.map_or(Ok(()), |broken| Err(broken.into())));
            let judged = match whole {
                Ok(()) => judge.finish(end),
                Err(error) => {
                    // The stages that it feeds end when it is gone.
                    drop(judge);
                    Err(error)
                }
            };
            let plated = plating.map(|thread| joined("plates", thread.join())).transpose();
            // Without it plates have nowhere to go.
            let evidence_new = joined("evidence", proving.join())?;
            let plated = plated?;
            annotating.map_or(Ok(()), |thread| joined("annotate", thread.join()))?;
            Ok(Done { judged: judged?, evidence_new, plated, warnings })
        })
    }

    fn evidence_stage<'a>(
        &'a self,
        scene: &'a Scene,
        info: &SourceInfo,
        codec: &'a StreamCodec,
        model: ModelUsed,
    ) -> EvidenceStage<'a> {
        EvidenceStage {
            store: self.store,
            runtime: self.tokio,
            run: self.run,
            evidence: self.evidence,
            codec,
            scene,
            origin: info.origin,
            source: self.source_file(info),
            scene_version: SceneVersion {
                name: file_name(&self.settings.scene),
                sha256: scene.sha256.clone(),
            },
            program: Program {
                version: VERSION.to_owned(),
                commit: option_env!("GIAOLO_COMMIT").map(str::to_owned),
            },
            metrics: &self.metrics,
            model,
        }
    }

    fn plate_stage<'a>(
        &'a self,
        eyes: ModelEyes<'a>,
        scene: &'a Scene,
        info: &SourceInfo,
        tasks: Sender<Task>,
    ) -> Result<PlateStage<'a, ModelEyes<'a>>, PipelineError> {
        let grammar = eyes.grammar;
        Ok(PlateStage {
            desk: Desk::new(eyes, grammar, &self.settings.plates),
            store: self.store,
            runtime: self.tokio,
            run: self.run,
            camera: &scene.camera,
            origin: info.origin,
            metrics: &self.metrics,
            readings: WholeFile::create(self.settings.out.join(outputs::READINGS))?,
            tasks,
        })
    }

    fn source_file(&self, info: &SourceInfo) -> SourceFile {
        SourceFile {
            name: file_name(&self.settings.source),
            sha256: Some(self.source_sha256.clone()),
            bytes: Some(self.source_bytes),
            codec: info.codec.clone(),
            width: info.width,
            height: info.height,
        }
    }

    fn files(
        &self,
        scene: &Scene,
        info: &SourceInfo,
        fps: f64,
        model: &str,
    ) -> Result<JudgeFiles, PipelineError> {
        let out = &self.settings.out;
        let header = TracksHeader {
            camera: scene.camera.clone(),
            size: scene.size,
            fps,
            frames: None,
            origin: info.origin,
        };
        let ottrk = OttrkSource {
            video: file_name(&self.settings.source),
            size: scene.size,
            fps,
            frames: info.frames_hint.unwrap_or(0),
            origin: info.origin,
            model: model.to_owned(),
            program_version: VERSION.to_owned(),
            run_id: format!("giaolo-{}", self.run.0),
        };
        Ok(JudgeFiles {
            events: WholeFile::create(out.join("events.jsonl"))?,
            tracks: TracksWriter::new(WholeFile::create(out.join("tracks.jsonl"))?, &header)?,
            ottrk: if self.settings.otc { Some(OttrkWriter::new(ottrk)?) } else { None },
        })
    }
}

/// Feeds the judge in frame order until no frame comes any more: with several sessions a later
/// frame may be done first.
fn drive(
    judge: &mut Judge<'_>,
    inferred: Receiver<Inferred>,
    frames_hint: Option<u64>,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), PipelineError> {
    let mut early: BTreeMap<u64, Inferred> = BTreeMap::new();
    let mut next = 0;
    for frame in inferred {
        early.insert(frame.ready.order, frame);
        while let Some(frame) = early.remove(&next) {
            let at = frame.ready.at.time;
            judge.frame(frame)?;
            next += 1;
            on_progress(&Progress { frames: next, frames_hint, at });
        }
    }
    Ok(())
}

/// A stage's own result, or what it said when it fell.
fn joined<T>(
    stage: &'static str,
    result: std::thread::Result<Result<T, PipelineError>>,
) -> Result<T, PipelineError> {
    result.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        let reason = said.unwrap_or_else(|| "it said nothing".to_owned());
        Err(PipelineError::Stage { stage, reason })
    })
}
