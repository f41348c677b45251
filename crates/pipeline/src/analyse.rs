//! One recording from its first packet to stored, proven results: opens everything, begins the run in
//! the store, and closes it with its results and files. How the stages hang together is
//! [`stages`]'s matter.

mod stages;

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Instant,
};

use giaolo_domain::{Event, MediaTime};
use giaolo_evidence::{EvidenceStore, SigningKey};
use giaolo_store::{NewRun, RunEnd, RunId, SceneVersion as StoredScene, Store};

use self::stages::Done;
use crate::{
    clock::{now, process_cpu},
    error::PipelineError,
    law::Law,
    metrics::{CameraMetrics, Metrics},
    open::{Opened, open},
    outputs::{self, file_name, hash_file},
    settings::{AnalyseSettings, Installation},
    summary::{Speed, Summary, totals},
};

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
}
