//! Proves violations: stills and clip from the kept packets, sealed and stored as one.
//!
//! Pictures are made when the rule fires, while the source still gives frames to analyse; the clip has
//! to wait for its end. Order of a violation's life: its files are written and synced in a draft, the draft is sealed and
//! named, and only then one transaction stores violation, evidence and audit entry. A crash in
//! between leaves a folder without a row, which the next start sweeps; never a row without a folder.

use std::collections::BTreeMap;

use crossbeam_channel::Receiver;
use giaolo_domain::{
    FrameTime, MediaTime, PixelBox, PixelPoint, PixelRect, SignalSpan, SignalState, TimeOrigin,
    Violation,
};
use giaolo_evidence::{
    ChainLink, EvidenceStore, FileRole, ManifestFacts, ModelUsed, Program, SceneVersion,
    SourceFile, StillFrame, encode_jpeg,
    overlay::{
        Caption, CaptionSource, LampShape, LineShape, Meaning, Overlay, OverviewDrawing, ZoneShape,
        render_overview,
    },
};
use giaolo_media::{
    Frame, MediaError, PacketRing, PacketSpan, RingLimits, Scaler, StreamCodec, decode_span,
    write_clip,
};
use giaolo_scene::{LineKind, Scene, ZoneKind};
use giaolo_store::{EvidenceRow, Insertion, RunId, Store, StoreError, ViolationRow};
use image::RgbImage;

use crate::{
    clock::now,
    error::PipelineError,
    metrics::{CameraMetrics, Stage},
};

/// JPEG quality of stills: no block is visible at a plate's size.
const QUALITY: u8 = 92;
/// Room around the vehicle in its crop, as a share of its box.
const CROP_MARGIN: f32 = 0.15;
/// How often the chain may move under us before that is an error: another process would have to
/// store that many violations while we seal one.
const CHAIN_TRIES: u32 = 5;

/// A span is at most a ring long, so nothing of it is let go.
const EVERYTHING: RingLimits = RingLimits { seconds: 1e6, bytes: usize::MAX };

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

/// What is made anew for no violation: fonts, glyphs and the scaler's tables.
struct Tools {
    overlay: Overlay,
    scaler: Scaler,
}

/// A picture as it goes into the folder.
struct Picture {
    name: &'static str,
    role: FileRole,
    jpeg: Vec<u8>,
}

/// The three stills of a violation, in full colour.
struct Stills {
    before: RgbImage,
    act: RgbImage,
    after: RgbImage,
}

impl EvidenceStage<'_> {
    /// Runs until no job comes any more; returns how many violations were stored.
    ///
    /// # Errors
    /// Where a violation cannot be proven or stored. What was stored before stays proven.
    pub(crate) fn run(&self, tasks: &Receiver<Task>) -> Result<u64, PipelineError> {
        let mut tools = Tools { overlay: Overlay::new()?, scaler: Scaler::new() };
        let mut held: BTreeMap<String, Vec<Picture>> = BTreeMap::new();
        let mut stored = 0;
        for task in tasks {
            let fresh = self.metrics.timed(Stage::Evidence, || match task {
                Task::Picture(job) => {
                    if held.len() < MOST_HELD && !self.is_stored(&job)? {
                        // What cannot be made yet is tried again with the whole clip, and told then.
                        if let Ok(pictures) = self.pictures(&mut tools, &job) {
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
        let pictures = match pictures {
            Some(pictures) => pictures,
            None => self.pictures(tools, job)?,
        };
        for _ in 0..CHAIN_TRIES {
            let head = self.runtime.block_on(self.store.chain_head())?;
            let previous =
                head.map(|(sequence, manifest_sha256)| ChainLink { sequence, manifest_sha256 });
            let sealed = self.seal(job, &pictures, previous.as_ref())?;
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

    fn stills(&self, scaler: &mut Scaler, job: &Job) -> Result<Stills, PipelineError> {
        let Violation { before, act, after, .. } = &job.violation;
        let wanted = [before.time, act.time, after.time];
        let decode = |span: &PacketSpan| -> Result<Vec<Frame>, MediaError> {
            let mut found = Vec::new();
            decode_span(self.codec, span, &wanted, &mut |frame| found.push(frame))?;
            Ok(found)
        };
        let found = match decode(&narrowed(&job.span, before.time, after.time)) {
            // Some streams refresh their pictures bit by bit and need more than the last keyframe.
            Err(MediaError::FrameNotInSpan { .. }) => decode(&job.span)?,
            found => found?,
        };
        let mut still = |at: &FrameTime| -> Result<RgbImage, PipelineError> {
            let frame = found.iter().find(|frame| frame.stamp().time == at.time);
            let frame = frame.ok_or_else(|| PipelineError::Unprovable {
                id: job.id.clone(),
                reason: format!("frame {} did not come out of the kept packets", at.frame),
            })?;
            Ok(scaler.rgb_small(frame, frame.whole())?)
        };
        Ok(Stills { before: still(before)?, act: still(act)?, after: still(after)? })
    }

    /// Stills, overview and crop.
    fn pictures(&self, tools: &mut Tools, job: &Job) -> Result<Vec<Picture>, PipelineError> {
        let stills = self.stills(&mut tools.scaler, job)?;
        let overview = self.overview(&mut tools.overlay, job, &stills.act)?;
        let crop = crop(&stills.act, &job.violation.box_act);
        [
            ("before.jpg", FileRole::StillBefore, &stills.before),
            ("act.jpg", FileRole::StillAct, &stills.act),
            ("after.jpg", FileRole::StillAfter, &stills.after),
            ("overview.jpg", FileRole::Overview, &overview),
            ("vehicle.jpg", FileRole::VehicleCrop, &crop),
        ]
        .into_iter()
        .map(|(name, role, picture)| {
            let jpeg = encode_jpeg(picture, QUALITY).map_err(|reason| {
                let id = job.id.clone();
                PipelineError::Unprovable { id, reason: format!("{name}: {reason}") }
            })?;
            Ok(Picture { name, role, jpeg })
        })
        .collect()
    }

    fn seal(
        &self,
        job: &Job,
        pictures: &[Picture],
        previous: Option<&ChainLink>,
    ) -> Result<giaolo_evidence::Sealed, PipelineError> {
        let violation = &job.violation;
        let mut draft = self.evidence.draft(&job.id)?;
        let mut frames = Vec::new();
        for picture in pictures {
            let path = draft.path(picture.name, picture.role)?;
            std::fs::write(&path, &picture.jpeg).map_err(PipelineError::io("write", path))?;
            let shown = match picture.role {
                FileRole::StillBefore => violation.before,
                FileRole::StillAct => violation.act,
                FileRole::StillAfter => violation.after,
                _ => continue,
            };
            frames.push(StillFrame {
                file: picture.name.to_owned(),
                frame: shown,
                taken_at: self.origin.start.plus(shown.time),
            });
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
            scene: self.scene_version.clone(),
            source: self.source.clone(),
            model: self.model.clone(),
            program: self.program.clone(),
        };
        Ok(draft.seal(facts, previous)?)
    }

    fn overview(
        &self,
        overlay: &mut Overlay,
        job: &Job,
        still: &RgbImage,
    ) -> Result<RgbImage, PipelineError> {
        let violation = &job.violation;
        let lines: Vec<LineShape<'_>> = self
            .scene
            .lines
            .iter()
            .map(|line| {
                let ruled = Some(&line.id) == violation.line.as_ref();
                LineShape {
                    points: line.points,
                    meaning: if ruled { Meaning::Rule } else { Meaning::Context },
                    label: ruled.then(|| line_label(line.kind)),
                }
            })
            .collect();
        let zones: Vec<ZoneShape<'_>> = self
            .scene
            .zones
            .iter()
            .filter(|zone| Some(&zone.id) == violation.zone.as_ref())
            .map(|zone| ZoneShape {
                corners: &zone.points,
                direction: zone.direction,
                meaning: Meaning::Rule,
                label: Some(zone_label(zone.kind)),
            })
            .collect();
        let state = |head| {
            job.signal_timeline
                .iter()
                .find(|s| &s.head == head && s.from <= violation.act && s.to >= violation.act)
                .map_or(SignalState::Unknown, |span| span.state)
        };
        let lamp = violation.head.as_ref().and_then(|id| {
            let head = self.scene.heads.iter().find(|head| &head.id == id)?;
            Some(LampShape { region: head.region, state: state(id) })
        });
        let caption = Caption::of_violation(&CaptionSource {
            place: &self.scene.place,
            point: None,
            camera: &self.scene.camera,
            source_class: None,
            clock: &self.origin,
            violation,
            signal: lamp.map(|lamp| lamp.state),
        });
        let title = format!("{} · {}", self.scene.place, self.scene.camera);
        let time = local_time(&self.origin, violation.act);
        let label_vi = format!("{} #{}", violation.class.vietnamese(), violation.track);
        let label_en = format!("{} #{}", violation.class, violation.track);
        let drawing = OverviewDrawing {
            title: &title,
            time: &time,
            lines: &lines,
            zones: &zones,
            subject: violation.box_act,
            subject_label: (&label_vi, &label_en),
            past: &job.past,
            later: &job.later,
            lamp,
        };
        Ok(render_overview(overlay, still, &drawing, &caption)?)
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

fn line_label(kind: LineKind) -> (&'static str, &'static str) {
    match kind {
        LineKind::Stop => ("vạch dừng", "stop line"),
        LineKind::Count => ("vạch đếm", "counting line"),
    }
}

fn zone_label(kind: ZoneKind) -> (&'static str, &'static str) {
    match kind {
        ZoneKind::Lane => ("làn đường", "lane"),
        ZoneKind::Junction => ("nơi đường giao nhau", "junction"),
        ZoneKind::NoStopping => ("cấm dừng xe", "no stopping"),
        ZoneKind::Closed => ("khu vực cấm", "closed zone"),
        ZoneKind::RegionOfInterest => ("vùng quan tâm", "region of interest"),
        ZoneKind::Ignore => ("bỏ qua", "ignored"),
    }
}

/// Local time where a clock is known, else the time in the recording.
pub(crate) fn local_time(origin: &TimeOrigin, at: FrameTime) -> String {
    if origin.clock == giaolo_domain::ClockSource::Unknown {
        let seconds = at.time.seconds();
        let minutes = (seconds / 60.0).floor();
        return format!("{minutes:02.0}:{:06.3}", seconds - minutes * 60.0);
    }
    origin.start.plus(at.time).in_viet_nam()
}

/// The packets from the last keyframe before the first still on: the clip's lead-in need not be decoded
/// again.
fn narrowed(span: &PacketSpan, from: MediaTime, to: MediaTime) -> PacketSpan {
    let mut ring = PacketRing::new(EVERYTHING);
    for packet in span.packets() {
        ring.push(packet.clone());
    }
    ring.span(from, to).unwrap_or_else(|| span.clone())
}

fn crop(still: &RgbImage, bbox: &PixelBox) -> RgbImage {
    let picture = PixelRect { x: 0, y: 0, width: still.width(), height: still.height() };
    let PixelRect { x, y, width, height } = crop_rect(bbox, picture);
    image::imageops::crop_imm(still, x, y, width, height).to_image()
}

/// The vehicle's box with some room around it, in whole pixels of the picture. A box that motion
/// completed beyond the picture's edge is cut there.
fn crop_rect(bbox: &PixelBox, picture: PixelRect) -> PixelRect {
    let (dx, dy) = (bbox.width() * CROP_MARGIN, bbox.height() * CROP_MARGIN);
    let (width, height) = (picture.width as f32, picture.height as f32);
    let wide = PixelBox::new(bbox.x1 - dx, bbox.y1 - dy, bbox.x2 + dx, bbox.y2 + dy)
        .clamped(width, height);
    let x = (wide.x1 as u32).min(picture.width - 1);
    let y = (wide.y1 as u32).min(picture.height - 1);
    PixelRect {
        x,
        y,
        width: (wide.x2.ceil() as u32).clamp(x + 1, picture.width) - x,
        height: (wide.y2.ceil() as u32).clamp(y + 1, picture.height) - y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::{ClockSource, UtcTime};

    #[test]
    fn a_crop_is_cut_from_the_still_and_nowhere_else() {
        let still = RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let piece = crop(&still, &PixelBox::new(20.0, 10.0, 40.0, 30.0));
        assert_eq!(piece.dimensions(), (26, 26));
        assert_eq!(piece.get_pixel(0, 0).0, [17, 7, 9]);
        assert_eq!(piece.get_pixel(25, 25).0, [42, 32, 9]);
    }

    #[test]
    fn a_crop_stays_in_the_picture() {
        let picture = PixelRect { x: 0, y: 0, width: 640, height: 480 };
        for (bbox, expected) in [
            ([100.0, 100.0, 200.0, 300.0], (85, 70, 130, 260)),
            ([600.0, 400.0, 700.0, 520.0], (585, 382, 55, 98)),
            ([-50.0, -50.0, -10.0, -10.0], (0, 0, 1, 1)),
        ] {
            let rect = crop_rect(&bbox.into(), picture);
            assert_eq!((rect.x, rect.y, rect.width, rect.height), expected, "{bbox:?}");
        }
    }

    #[test]
    fn an_unknown_clock_shows_the_time_in_the_recording() {
        let at = FrameTime { frame: 9, time: MediaTime::from_seconds(83.25) };
        assert_eq!(local_time(&TimeOrigin::UNKNOWN, at), "01:23.250");
        let start = UtcTime::parse("2026-11-24T07:00:00+07:00").unwrap();
        let known = TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: None };
        assert_eq!(local_time(&known, at), "2026-11-24 07:01:23.250");
    }
}
