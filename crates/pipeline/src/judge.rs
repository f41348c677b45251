//! Tracks, reads the scene, counts, writes, and hands violations on to be proven.
//!
//! The one place where everything of one camera comes together, in frame order and on one thread.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use crossbeam_channel::Sender;
use giaolo_domain::{
    Crossing, Detection, Event, FrameTime, MediaTime, TimeOrigin, TrackSummary, Violation,
    ViolationKind, polygon_contains,
};
use giaolo_interchange::{FrameTracks, OttrkWriter, TracksWriter};
use giaolo_media::{Frame, PacketRing, PacketSpan, RingLimits};
use giaolo_scene::{Check, Engine, FrameInput, Refusal, Scene, ZoneKind};
use giaolo_tracking::Tracker;
use giaolo_vision::Prepared;

use crate::{
    annotate_stage::Picture,
    counting::Counting,
    decode_stage::SourceEnd,
    error::PipelineError,
    evidence_stage::{Job, Task},
    infer_stage::Inferred,
    law::Law,
    metrics::{CameraMetrics, Stage},
    outputs::{WholeFile, event_line},
    plates::{
        select::{Selection, Selector},
        stage::{Sight, Sighted},
        zone::SeenBox,
    },
    summary::Unproven,
};

/// Seconds of clip before the frame "before" and after the frame "after".
const LEAD_S: f64 = 2.0;
/// Seconds of packets kept beyond the longest wait of a rule.
const KEPT_S: f64 = 60.0;
/// Packets kept at most. A minute of a 1080p camera is about 30 MiB.
const KEPT_BYTES: usize = 96 << 20;

/// What the judge knows at the end.
pub(crate) struct Judged {
    pub tracks: Vec<TrackSummary>,
    pub crossings: Vec<Crossing>,
    pub violations: BTreeMap<ViolationKind, u64>,
    pub signal_changes: u64,
    pub refused: BTreeMap<&'static str, u64>,
    pub unproven: Vec<Unproven>,
    pub analysed: u64,
    pub last: Option<FrameTime>,
    pub counting: Counting,
    pub files: JudgeFiles,
}

/// The files that the judge writes.
pub(crate) struct JudgeFiles {
    pub events: WholeFile,
    pub tracks: TracksWriter<WholeFile>,
    pub ottrk: Option<OttrkWriter>,
}

/// Where the judge hands things on.
pub(crate) struct Outlets {
    pub tasks: Sender<Task>,
    /// Where plates are read: violations go this way then.
    pub plates: Option<Sender<Sight>>,
    pub pictures: Option<Sender<Picture>>,
    /// Buffers to be filled again.
    pub free: Sender<Prepared>,
}

pub(crate) struct Judge<'a> {
    scene: &'a Scene,
    origin: TimeOrigin,
    source_sha256: &'a str,
    law: &'a Law,
    metrics: &'a CameraMetrics,
    tracker: Tracker,
    engine: Engine,
    selector: Selector,
    ring: PacketRing,
    waiting: VecDeque<Waiting>,
    verdicts: Judged,
    outlets: Outlets,
    on_event: &'a mut dyn FnMut(&Event),
}

/// A violation that waits for the end of its clip.
struct Waiting {
    violation: Violation,
    from: MediaTime,
    to: MediaTime,
}

impl<'a> Judge<'a> {
    #[expect(clippy::too_many_arguments, reason = "the judge is where everything comes together")]
    pub(crate) fn new(
        scene: &'a Scene,
        origin: TimeOrigin,
        source_sha256: &'a str,
        law: &'a Law,
        metrics: &'a CameraMetrics,
        tracker: Tracker,
        engine: Engine,
        files: JudgeFiles,
        outlets: Outlets,
        on_event: &'a mut dyn FnMut(&Event),
    ) -> Self {
        let longest_wait = scene.rules.iter().map(|rule| match rule.check {
            Check::StopLine { dwell_s, .. }
            | Check::ClosedZone { dwell_s, .. }
            | Check::Stopping { dwell_s, .. } => dwell_s,
            _ => 0.0,
        });
        let seconds = KEPT_S + longest_wait.fold(0.0, f64::max);
        Self {
            scene,
            origin,
            source_sha256,
            law,
            metrics,
            tracker,
            engine,
            selector: Selector::new(scene.size),
            ring: PacketRing::new(RingLimits { seconds, bytes: KEPT_BYTES }),
            waiting: VecDeque::new(),
            verdicts: Judged {
                tracks: Vec::new(),
                crossings: Vec::new(),
                violations: BTreeMap::new(),
                signal_changes: 0,
                refused: BTreeMap::new(),
                unproven: Vec::new(),
                analysed: 0,
                last: None,
                counting: Counting::new(origin),
                files,
            },
            outlets,
            on_event,
        }
    }

    /// Takes in the next analysed frame.
    ///
    /// # Errors
    /// Where something cannot be written.
    pub(crate) fn frame(&mut self, inferred: Inferred) -> Result<(), PipelineError> {
        let Inferred { ready, outputs } = inferred;
        for packet in ready.packets {
            self.ring.push(packet);
        }
        let at = ready.at;
        let metrics = self.metrics;
        let tracked = metrics.timed(Stage::Track, || {
            let mut detections = giaolo_vision::finish(outputs, &ready.prepared);
            detections.retain(|detection| is_watched(self.scene, detection));
            self.tracker.observe(at, &detections)
        });
        // Nobody may be waiting for a buffer any more; then it is just dropped.
        let _ = self.outlets.free.try_send(ready.prepared);
        let ended = tracked.ended;
        let frame = FrameTracks { at, tracks: tracked.observations, signals: ready.signals };
        let events = metrics.timed(Stage::Rules, || -> Result<Vec<Event>, PipelineError> {
            self.verdicts.files.tracks.write(&frame)?;
            if let Some(ottrk) = &mut self.verdicts.files.ottrk {
                ottrk.push(&frame)?;
            }
            self.verdicts.counting.frame(at.time);
            let input = FrameInput { at, tracks: &frame.tracks, signals: &frame.signals };
            let mut events = self.engine.observe(&input);
            self.judge(&mut events, at)?;
            Ok(events)
        })?;
        self.show_plates(&frame, ready.frame.as_ref(), &events)?;
        self.end_tracks(ended)?;
        self.verdicts.analysed += 1;
        self.verdicts.last = Some(at);
        metrics.frame("analysed");
        self.hand_on(Some(at.time))?;
        if let (Some(pictures), Some(picture)) = (&self.outlets.pictures, ready.frame) {
            let raised = events.iter().filter_map(|event| match event {
                Event::Violation(violation) => Some(violation.track),
                _ => None,
            });
            let picture = Picture {
                frame: picture,
                raised: raised.collect(),
                tracks: frame.tracks,
                signals: frame.signals,
                crossings: self.verdicts.crossings.len() as u64,
                violations: self.verdicts.violations.values().sum(),
            };
            // The annotator tells its own error; this stage goes on without pictures.
            if pictures.send(picture).is_err() {
                self.outlets.pictures = None;
            }
        }
        Ok(())
    }

    /// Ends the source, and with it the stages that the judge feeds.
    ///
    /// # Errors
    /// Where something cannot be written.
    pub(crate) fn finish(mut self, end: SourceEnd) -> Result<Judged, PipelineError> {
        for packet in end.trailing {
            self.ring.push(packet);
        }
        let mut events = self.engine.finish();
        let at = self.verdicts.last.unwrap_or(FrameTime { frame: 0, time: MediaTime(0) });
        self.judge(&mut events, at)?;
        self.tell_raised(&events)?;
        let ended = self.tracker.finish();
        self.end_tracks(ended)?;
        self.verdicts.tracks.sort_by_key(|track| track.track);
        self.hand_on(None)?;
        Ok(self.verdicts)
    }

    /// Tells the plate stage what of this frame is worth keeping.
    fn show_plates(
        &mut self,
        frame: &FrameTracks,
        picture: Option<&Frame>,
        events: &[Event],
    ) -> Result<(), PipelineError> {
        if self.outlets.plates.is_none() {
            return Ok(());
        }
        let metrics = self.metrics;
        let select = || self.selector.observe(frame.at, &frame.tracks);
        let Selection { wishes, due } = metrics.timed(Stage::Track, select);
        if !(wishes.is_empty() && due.is_empty()) {
            let seen = frame.tracks.iter().map(|seen| SeenBox {
                track: seen.track,
                class: seen.class,
                bbox: seen.bbox,
            });
            let boxes: Arc<[SeenBox]> = seen.collect();
            let picture = picture.filter(|_| !wishes.is_empty()).cloned();
            let at = frame.at;
            self.tell_plates(Sight::Frame(Sighted { at, frame: picture, wishes, due, boxes }))?;
        }
        self.tell_raised(events)
    }

    fn tell_raised(&mut self, events: &[Event]) -> Result<(), PipelineError> {
        events.iter().try_for_each(|event| match event {
            Event::Violation(violation) => {
                self.selector.start_over(violation.track);
                self.tell_plates(Sight::Raised(violation.track))
            }
            _ => Ok(()),
        })
    }

    fn end_tracks(&mut self, ended: Vec<TrackSummary>) -> Result<(), PipelineError> {
        for track in &ended {
            let missed = self.selector.why_not(track.track);
            self.selector.ended(track.track, track.last_time);
            self.tell_plates(Sight::Ended(track.clone(), missed))?;
        }
        self.verdicts.tracks.extend(ended);
        Ok(())
    }

    fn tell_plates(&self, sight: Sight) -> Result<(), PipelineError> {
        let Some(plates) = &self.outlets.plates else { return Ok(()) };
        plates.send(sight).map_err(|_| PipelineError::Stage {
            stage: "plates",
            reason: "it takes no more frames".to_owned(),
        })
    }

    /// What this camera's heads showed, for evidence.
    fn timeline(&self, from: MediaTime, to: MediaTime) -> Vec<giaolo_domain::SignalSpan> {
        let heads = self.scene.heads.iter();
        heads.flat_map(|head| self.engine.signal_spans(&head.id, from, to)).collect()
    }

    fn judge(&mut self, events: &mut [Event], now: FrameTime) -> Result<(), PipelineError> {
        for refused in self.engine.take_refused() {
            *self.verdicts.refused.entry(Refusal::as_str(refused.reason)).or_default() += 1;
        }
        for event in events {
            match event {
                Event::Crossing(crossing) => {
                    self.verdicts.counting.crossing(crossing);
                    self.verdicts.crossings.push(crossing.clone());
                }
                Event::Signal(_) => self.verdicts.signal_changes += 1,
                Event::Violation(violation) => {
                    violation.sanction = self.law.sanction(violation, &self.origin);
                    *self.verdicts.violations.entry(violation.kind).or_default() += 1;
                    self.metrics.violation(violation.kind.as_str());
                    let lead = MediaTime::from_seconds(LEAD_S).0;
                    let waiting = Waiting {
                        from: MediaTime((violation.before.time.0 - lead).max(0)),
                        to: MediaTime(violation.after.time.0.max(now.time.0) + lead),
                        violation: (**violation).clone(),
                    };
                    self.picture_soon(&waiting);
                    self.waiting.push_back(waiting);
                }
            }
            let line = event_line(event, &self.scene.camera, &self.origin)?;
            self.verdicts.files.events.line(&line)?;
            (self.on_event)(event);
        }
        Ok(())
    }

    /// Hands on what is complete at `now`, or everything where the source has ended.
    fn hand_on(&mut self, now: Option<MediaTime>) -> Result<(), PipelineError> {
        let due = |waiting: &Waiting| now.is_none_or(|now| now > waiting.to);
        while self.waiting.front().is_some_and(due) {
            let Some(waiting) = self.waiting.pop_front() else { break };
            self.hand_on_one(waiting)?;
        }
        Ok(())
    }

    fn hand_on_one(&mut self, waiting: Waiting) -> Result<(), PipelineError> {
        let Waiting { violation, from, to } = &waiting;
        let span =
            self.ring.span(*from, *to).or_else(|| self.ring.span(violation.before.time, *to));
        let Some(span) = span else {
            self.verdicts.unproven.push(Unproven {
                id: self.id_of(violation),
                kind: violation.kind,
                frame: violation.act.frame,
                reason: format!(
                    "the packets from {:.1} s on are not kept any more",
                    violation.before.time.seconds()
                ),
            });
            return Ok(());
        };
        let mut job = self.job(&waiting, span);
        if self.outlets.plates.is_some() {
            let track = job.violation.track;
            let missed = self.selector.why_not(track);
            // Its plate may have been read before the clip begins, or after it ends.
            let first = self.selector.first_wish(track).map_or(*from, |first| first.min(*from));
            let until_now = |from| self.ring.span(from, MediaTime(i64::MAX));
            job.plate_span = until_now(first).or_else(|| until_now(*from));
            return self.tell_plates(Sight::Prove(Box::new(job), missed));
        }
        self.outlets.tasks.send(Task::Prove(job)).map_err(|_| PipelineError::Stage {
            stage: "evidence",
            reason: "it takes no more violations".to_owned(),
        })
    }

    /// Asks for the pictures while the clip still runs. Only where the evidence stage has time for it:
    /// it makes them with the clip otherwise.
    fn picture_soon(&self, waiting: &Waiting) {
        let violation = &waiting.violation;
        if let Some(span) = self.ring.span(violation.before.time, violation.after.time) {
            let _ = self.outlets.tasks.try_send(Task::Picture(self.job(waiting, span)));
        }
    }

    fn id_of(&self, violation: &Violation) -> String {
        violation.key(&self.scene.camera, self.source_sha256, &self.scene.sha256)
    }

    fn job(&self, waiting: &Waiting, span: PacketSpan) -> Job {
        let Waiting { violation, from, to } = waiting;
        Job {
            id: self.id_of(violation),
            past: self.engine.ground_path(violation.track, *from, violation.act.time),
            later: self.engine.ground_path(violation.track, violation.act.time, *to),
            signal_timeline: self.timeline(*from, *to),
            plate: None,
            plate_span: None,
            violation: violation.clone(),
            span,
        }
    }
}

/// Whether a detection stands where this camera is meant to look.
fn is_watched(scene: &Scene, detection: &Detection) -> bool {
    let ground = detection.bbox.ground_point();
    if scene.zones_of(ZoneKind::Ignore).any(|zone| polygon_contains(&zone.points, ground)) {
        return false;
    }
    let mut regions = scene.zones_of(ZoneKind::RegionOfInterest).peekable();
    regions.peek().is_none() || regions.any(|zone| polygon_contains(&zone.points, ground))
}
