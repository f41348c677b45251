//! One recording from its first packet to stored, proven results.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    time::Instant,
};

use crossbeam_channel::{Receiver, bounded};
use giaolo_domain::{Event, MediaTime};
use giaolo_evidence::{EvidenceStore, Program, SceneVersion, SigningKey, SourceFile};
use giaolo_interchange::{OttrkSource, OttrkWriter, TracksHeader, TracksWriter};
use giaolo_media::SourceInfo;
use giaolo_scene::{Engine, Scene};
use giaolo_store::{NewRun, RunEnd, RunId, SceneVersion as StoredScene, Store};
use giaolo_tracking::Tracker;
use giaolo_vision::{LampReader, Preparer};

use crate::{
    annotate_stage,
    clock::{now, process_cpu},
    decode_stage::DecodeStage,
    error::PipelineError,
    evidence_stage::EvidenceStage,
    infer_stage::{self, Inferred},
    judge::{Judge, JudgeFiles, Judged, Outlets},
    law::Law,
    metrics::{CameraMetrics, Metrics},
    open::{Opened, open},
    outputs::{self, WholeFile, file_name, hash_file},
    plates::{
        desk::Desk,
        look::ModelEyes,
        stage::{PlateStage, Plated},
    },
    settings::{AnalyseSettings, Installation},
    summary::{Speed, Summary, totals},
};

/// Frames between two stages: enough to even out a keyframe, few enough to stay small.
const FRAMES_AHEAD: usize = 4;
/// Tasks between the judge and the evidence stage.
const TASKS_AHEAD: usize = 16;
/// Messages between the judge and the plate stage; each may hold a frame.
const SIGHTS_AHEAD: usize = 8;
/// Frames a second where the container names none.
const USUAL_FPS: f64 = 25.0;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How far an analysis has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Frames analysed.
    pub frames: u64,
    /// Frames that the container announces.
    pub frames_hint: Option<u64>,
    /// Time of the last one.
    pub at: MediaTime,
}

/// Analyses a recording.
///
/// # Errors
/// Whatever stops it. The files of a stopped analysis are removed; violations that were proven
/// before stay proven, and the next analysis of the same recording and scene finds them again.
pub fn analyse(
    settings: &AnalyseSettings,
    installation: &Installation,
    metrics: &Metrics,
    on_progress: &mut dyn FnMut(&Progress),
    on_event: &mut dyn FnMut(&Event),
) -> Result<Summary, PipelineError> {
    let opened = open(settings, installation)?;
    let law = Law::load(&installation.sanctions, &installation.violations)?;
    let key = SigningKey::load_or_create(&installation.signing_key)?;
    let out = &settings.out;
    std::fs::create_dir_all(out).map_err(PipelineError::io("create", out))?;
    let _lock = lock(out)?;
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(PipelineError::io("start the database runtime for", out))?;
    let in_out = || format!("sqlite:{}", out.join("giaolo.db").display());
    let database = settings.database.clone().unwrap_or_else(in_out);
    let store = tokio.block_on(Store::open(&database))?;
    let in_out = || out.join("evidence");
    let evidence = EvidenceStore::open(&settings.evidence.clone().unwrap_or_else(in_out), key)?;
    let known = tokio.block_on(store.evidence_folders())?;
    evidence.bind(&tokio.block_on(store.installation_id())?, &known)?;
    for folder in evidence.sweep(&|name| known.contains(name))? {
        tracing::warn!(folder, "removed evidence that a crash left without its violation");
    }
    let (source_sha256, source_bytes) = hash_file(&settings.source)?;
    outputs::remove_former(out)?;
    let run = tokio.block_on(begin(settings, &store, &opened, &source_sha256))?;
    let work = Work {
        settings,
        law: &law,
        store: &store,
        tokio: &tokio,
        evidence: &evidence,
        run,
        source_sha256,
        source_bytes,
        metrics: metrics.camera(opened.scene.camera.as_str()),
    };
    let summary = work.run(opened, on_progress, on_event);
    if let Err(error) = &summary {
        // What stopped it is what the caller must hear, even where the database is gone too.
        if let Err(second) = tokio.block_on(store.fail_run(run, now(), &error.to_string())) {
            tracing::error!(%second, "the run could not be marked as failed");
        }
    }
    tokio.block_on(store.close());
    summary
}

async fn begin(
    settings: &AnalyseSettings,
    store: &Store,
    opened: &Opened,
    source_sha256: &str,
) -> Result<RunId, PipelineError> {
    let scene = &opened.scene;
    store
        .put_scene_version(&StoredScene {
            camera: scene.camera.clone(),
            sha256: scene.sha256.clone(),
            toml: opened.scene_text.clone(),
            created_at: now(),
            who: "giaolo analyse".to_owned(),
            note: file_name(&settings.scene),
        })
        .await?;
    let run = NewRun {
        camera: scene.camera.clone(),
        source_name: file_name(&settings.source),
        source_sha256: source_sha256.to_owned(),
        scene_sha256: scene.sha256.clone(),
        model: opened.model.name.clone(),
        program_version: VERSION.to_owned(),
        started_at: now(),
        origin: opened.source.info().origin,
    };
    Ok(store.begin_run(&run).await?)
}

/// Holds the output folder for this process.
fn lock(out: &Path) -> Result<File, PipelineError> {
    let path = out.join(".lock");
    let file = File::create(&path).map_err(PipelineError::io("create", &path))?;
    file.try_lock().map_err(|_| PipelineError::Busy { path: out.to_owned() })?;
    Ok(file)
}

/// An analysis once everything is open.
struct Work<'a> {
    settings: &'a AnalyseSettings,
    law: &'a Law,
    store: &'a Store,
    tokio: &'a tokio::runtime::Runtime,
    evidence: &'a EvidenceStore,
    run: RunId,
    source_sha256: String,
    source_bytes: u64,
    metrics: CameraMetrics,
}

/// What the stages gave together.
struct Done {
    judged: Judged,
    evidence_new: u64,
    plated: Option<Plated>,
    warnings: Vec<String>,
}

impl Work<'_> {
    fn run(
        &self,
        opened: Opened,
        on_progress: &mut dyn FnMut(&Progress),
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<Summary, PipelineError> {
        let scene = opened.scene.clone();
        let info = opened.source.info().clone();
        let model = opened.model.clone();
        let size = opened.plan.size;
        let fps = info.nominal_fps.unwrap_or(USUAL_FPS);
        let (began, cpu_began) = (Instant::now(), process_cpu());
        let Done { judged, evidence_new, plated, warnings } =
            self.stages(opened, &scene, fps, on_progress, on_event).inspect_err(|_| {
                // It is no video of the whole analysis.
                let _ = std::fs::remove_file(self.annotated());
            })?;
        let (wall, cpu) = (began.elapsed(), process_cpu().saturating_sub(cpu_began));
        let speed = Speed::of(judged.analysed, wall, cpu, &self.metrics);

        let frame_s = f64::from(scene.detector.every_nth_frame.max(1)) / fps;
        let counts = judged.counting.rows(&scene, frame_s);
        let coverage = judged.counting.coverage(frame_s);
        self.tokio.block_on(async {
            self.store.insert_tracks(self.run, &judged.tracks).await?;
            self.store.insert_crossings(self.run, &judged.crossings).await?;
            self.store.replace_counts(self.run, &counts, &coverage).await
        })?;
        let (readings, plates) = plated.map(|plated| (plated.readings, plated.totals)).unzip();
        let media_duration = judged.last.map_or(MediaTime(0), |at| at.time);
        let summary = Summary {
            source: file_name(&self.settings.source),
            source_sha256: self.source_sha256.clone(),
            camera: scene.camera.to_string(),
            place: scene.place.clone(),
            scene_sha256: scene.sha256.clone(),
            model: format!("{} {}x{} {}", model.name, size.0, size.1, model.precision),
            model_sha256: model.sha256,
            program_version: VERSION.to_owned(),
            origin: info.origin,
            frames: ["read", "analysed", "not_due", "corrupt"]
                .map(|outcome| (outcome, self.metrics.frames(outcome)))
                .into(),
            media_s: media_duration.seconds(),
            tracks: judged.tracks.len() as u64,
            crossings: totals(&judged.crossings),
            crossings_refused: judged.refused,
            violations: judged.violations,
            evidence_new,
            unproven: judged.unproven,
            signal_changes: judged.signal_changes,
            plates,
            warnings,
            speed,
        };
        if self.settings.annotate {
            let whole = self.settings.out.join(outputs::ANNOTATED);
            std::fs::rename(self.annotated(), &whole).map_err(PipelineError::io("name", whole))?;
        }
        outputs::finish(
            judged.files,
            readings,
            &self.settings.out,
            &self.settings.source,
            &scene,
            info.origin,
            &judged.crossings,
            &counts,
            &summary,
        )?;
        let end = RunEnd { finished_at: now(), frames: judged.analysed, media_duration };
        self.tokio.block_on(self.store.finish_run(self.run, &end))?;
        Ok(summary)
    }

    /// The annotated video until it is whole. It ends in `.mp4` because that says its format.
    fn annotated(&self) -> PathBuf {
        self.settings.out.join("annotated.partial.mp4")
    }

    /// Starts a thread for each stage, judges on this one, and waits for all of them.
    fn stages(
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
        let prove = EvidenceStage {
            store: self.store,
            runtime: self.tokio,
            run: self.run,
            evidence: self.evidence,
            codec: &codec,
            scene,
            origin: info.origin,
            source: self.source_file(&info),
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
        };
        let plates = reader.zip(grammar.as_ref()).map(|(reader, grammar)| {
            let eyes = ModelEyes { reader, grammar };
            Ok::<_, PipelineError>(PlateStage {
                desk: Desk::new(eyes, grammar, &self.settings.plates),
                store: self.store,
                runtime: self.tokio,
                run: self.run,
                camera: &scene.camera,
                origin: info.origin,
                metrics: &self.metrics,
                readings: WholeFile::create(self.settings.out.join(outputs::READINGS))?,
                tasks: tasks_in.clone(),
            })
        });
        let plates = plates.transpose()?;
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
