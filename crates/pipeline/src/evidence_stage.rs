//! Proves violations: stills and clip from the kept packets, sealed and stored as one.
//!
//! Stills are made when the rule fires, while the source still gives frames to analyse; the clip has to
//! wait for its end, and what tells of the plate for its reading. Order of a violation's life: its files
//! are written and synced in a draft, the draft is sealed and named, and only then one transaction stores
//! violation, evidence and audit entry. A crash in between leaves a folder without a row, which the next
//! start sweeps; never a row without a folder.

use std::collections::BTreeMap;

use crossbeam_channel::Receiver;
use giaolo_domain::{FrameTime, PixelPoint, PlateReading, SignalSpan, TimeOrigin, Violation};
use giaolo_evidence::{
    ChainLink, EvidenceStore, FileRole, ManifestFacts, ModelUsed, Program, SceneVersion,
    SourceFile, StillFrame,
};
use giaolo_media::{PacketSpan, StreamCodec, write_clip};
use giaolo_scene::Scene;
use giaolo_store::{EvidenceRow, Insertion, RunId, Store, StoreError, ViolationRow};

use crate::{
    clock::now,
    error::PipelineError,
    metrics::{CameraMetrics, Stage},
    pictures::{Picture, Tools},
    plate_pictures::PlateShown,
};

/// How often the chain may move under us before that is an error: another process would have to
/// store that many violations while we seal one.
const CHAIN_TRIES: u32 = 5;

/// Violations whose pictures are held until their clip is complete, about 1 MiB each; further ones are
/// made together with their clip.
const MOST_HELD: usize = 48;

/// What the judge asks for.
pub(crate) enum Task {
    /// Make the pictures already: the span reaches to the frame "after".
    Picture(Job),
    /// Prove and store: the span is the whole clip.
    Prove(Job),
}

/// A violation with everything that proves it.
pub(crate) struct Job {
    pub id: String,
    pub violation: Violation,
    pub span: PacketSpan,
    /// Ground points before and after the act.
    pub past: Vec<PixelPoint>,
    pub later: Vec<PixelPoint>,
    pub signal_timeline: Vec<SignalSpan>,
    /// What was read of its plate; `None` where plates are not read, or it carries none.
    pub plate: Option<PlateReading>,
    /// Packets of all frames in which its plate may have been read, as far as they are kept.
    pub plate_span: Option<PacketSpan>,
}

impl Job {
    /// The frame in which its plate was read best.
    pub(crate) fn best_look(&self) -> Option<FrameTime> {
        Some(self.plate.as_ref()?.best?.at)
    }
}

/// What the stage works with.
pub(crate) struct EvidenceStage<'a> {
    pub store: &'a Store,
    pub runtime: &'a tokio::runtime::Runtime,
    pub run: RunId,
    pub evidence: &'a EvidenceStore,
    pub codec: &'a StreamCodec,
    pub scene: &'a Scene,
    pub origin: TimeOrigin,
    pub source: SourceFile,
    pub scene_version: SceneVersion,
    pub model: ModelUsed,
    pub program: Program,
    pub metrics: &'a CameraMetrics,
}

impl EvidenceStage<'_> {
    /// Runs until no job comes any more; returns how many violations were stored.
    ///
    /// # Errors
    /// Where a violation cannot be proven or stored. What was stored before stays proven.
    pub(crate) fn run(&self, tasks: &Receiver<Task>) -> Result<u64, PipelineError> {
        let mut tools = Tools::new()?;
        let mut held: BTreeMap<String, Vec<Picture>> = BTreeMap::new();
        let mut stored = 0;
        for task in tasks {
            let fresh = self.metrics.timed(Stage::Evidence, || match task {
                Task::Picture(job) => {
                    if held.len() < MOST_HELD && !self.is_stored(&job)? {
                        // What cannot be made yet is tried again with the whole clip, and told then.
                        if let Ok(pictures) = self.early_pictures(&mut tools, &job) {
                            held.insert(job.id, pictures);
                        }
                    }
                    Ok(false)
                }
                Task::Prove(job) => {
                    let pictures = held.remove(&job.id);
                    self.prove(&mut tools, &job, pictures)
                }
            })?;
            stored += u64::from(fresh);
        }
        Ok(stored)
    }

    fn is_stored(&self, job: &Job) -> Result<bool, PipelineError> {
        Ok(self.runtime.block_on(self.store.has_violation(&job.id))?)
    }

    /// Returns whether it was not there before.
    fn prove(
        &self,
        tools: &mut Tools,
        job: &Job,
        pictures: Option<Vec<Picture>>,
    ) -> Result<bool, PipelineError> {
        if self.is_stored(job)? {
            return Ok(false);
        }
        let (pictures, shown) = self.all_pictures(tools, job, pictures)?;
        for _ in 0..CHAIN_TRIES {
            let head = self.runtime.block_on(self.store.chain_head())?;
            let previous =
                head.map(|(sequence, manifest_sha256)| ChainLink { sequence, manifest_sha256 });
            let sealed = self.seal(job, &pictures, shown, previous.as_ref())?;
            let evidence = EvidenceRow {
                violation_id: job.id.clone(),
                sequence: sealed.sequence,
                folder: sealed.folder.clone(),
                manifest_sha256: sealed.manifest_sha256.clone(),
                previous_sha256: previous.map(|link| link.manifest_sha256),
            };
            let inserted = self.runtime.block_on(self.store.insert_violation_with_evidence(
                &self.row(job)?,
                &evidence,
                "giaolo analyse",
            ));
            match inserted {
                Ok(Insertion::Inserted) => return Ok(true),
                Ok(Insertion::AlreadyThere) => {
                    self.remove(&sealed.folder)?;
                    return Ok(false);
                }
                // Somebody else's evidence took the place in the chain: seal again behind it.
                Err(StoreError::ChainMoved { .. }) => self.remove(&sealed.folder)?,
                Err(error) => {
                    self.remove(&sealed.folder)?;
                    return Err(error.into());
                }
            }
        }
        Err(PipelineError::Unprovable {
            id: job.id.clone(),
            reason: format!("another process took its place in the chain {CHAIN_TRIES} times"),
        })
    }

    fn remove(&self, folder: &str) -> Result<(), PipelineError> {
        let path = self.evidence.folder(folder);
        std::fs::remove_dir_all(&path).map_err(PipelineError::io("remove", path))
    }

    fn seal(
        &self,
        job: &Job,
        pictures: &[Picture],
        shown: PlateShown,
        previous: Option<&ChainLink>,
    ) -> Result<giaolo_evidence::Sealed, PipelineError> {
        let violation = &job.violation;
        let mut draft = self.evidence.draft(&job.id)?;
        let mut frames = Vec::new();
        for picture in pictures {
            let path = draft.path(picture.name, picture.role)?;
            std::fs::write(&path, &picture.jpeg).map_err(PipelineError::io("write", path))?;
            let frame = match picture.role {
                FileRole::StillBefore => Some(violation.before),
                FileRole::StillAct => Some(violation.act),
                FileRole::StillAfter => Some(violation.after),
                FileRole::StillPlate => job.best_look(),
                _ => None,
            };
            frames.extend(frame.map(|frame| StillFrame {
                file: picture.name.to_owned(),
                frame,
                taken_at: self.origin.start.plus(frame.time),
            }));
        }
        let clip = draft.path("clip.mp4", FileRole::Clip)?;
        write_clip(self.codec, &job.span, &clip)?;
        let facts = ManifestFacts {
            created_at: now(),
            camera: self.scene.camera.clone(),
            point: None,
            place: self.scene.place.clone(),
            source_class: None,
            clock: self.origin,
            violation: violation.clone(),
            stills: frames,
            signal_timeline: job.signal_timeline.clone(),
            plate: job.plate.clone(),
            plate_not_shown: shown.why_not(),
            scene: self.scene_version.clone(),
            source: self.source.clone(),
            model: self.model.clone(),
            program: self.program.clone(),
        };
        Ok(draft.seal(facts, previous)?)
    }

    fn row(&self, job: &Job) -> Result<ViolationRow, PipelineError> {
        let violation = &job.violation;
        let facts = serde_json::to_value(violation).map_err(|error| PipelineError::Unprovable {
            id: job.id.clone(),
            reason: error.to_string(),
        })?;
        Ok(ViolationRow {
            id: job.id.clone(),
            run: self.run,
            camera: self.scene.camera.clone(),
            kind: violation.kind,
            rule: violation.rule.clone(),
            track: violation.track,
            class: violation.class,
            verdict: violation.verdict,
            act: violation.act,
            act_at: self.origin.start.plus(violation.act.time),
            facts,
            created_at: now(),
        })
    }
}
