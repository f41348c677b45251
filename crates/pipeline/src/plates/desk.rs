//! Holds the crops of all tracks, spends looks on them, and says what was read when a track ends.
//!
//! Everything here follows from what it was given, in the order in which it was given: no clock, no
//! thread. What it holds is bounded, however many vehicles pass: where there are too many, those whose
//! plates are smallest are let go, told as [`Unreadable::Budget`], and counted.

mod held;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use giaolo_domain::{
    MediaTime, PlateLook, PlateReading, PlateVerdict, RoadUserClass, TrackId, TrackSummary,
    Unreadable,
};
use giaolo_plate::{Grammar, is_settled};
use image::RgbImage;

use self::held::{Held, Kept, VIOLATION_LOOKS, Want};
use super::{
    budget::Budget,
    look::Crop,
    select::{KEPT, Wish},
    summary::PlateTotals,
    zone::{SeenBox, belongs_to, carries_plate},
};
use crate::{error::PipelineError, settings::PlateSettings};

/// Tracks with crops, and bytes of crops, that are held at most. The fullest junctions show a hundred
/// vehicles at once.
const MOST_TRACKS: usize = 128;
const MOST_BYTES: usize = 96 << 20;
/// A plate that must be so wide is looked at as soon as it is seen, in pixels.
const WIDE_PX: f32 = 90.0;
/// How much better a crop has to be for another look at a vehicle that goes on.
const CLEARLY_BETTER: f32 = 1.3;
/// Seconds of media time for which an ended track waits for its look.
const PATIENCE_S: f64 = 10.0;
/// Readings of ended tracks that are remembered, the latest: rules fire late.
const REMEMBERED: usize = 4096;
/// Sharpness from which a crop counts as sharp ([`giaolo_vision::sharpness`]).
const SHARP: f32 = 0.3;

/// What one attempt at one crop gave.
pub(crate) enum Looked {
    /// A plate, in pixels of the full frame.
    Plate(PlateLook),
    /// None, and why.
    Nothing(Unreadable),
}

/// Who looks. The real one runs models.
pub(crate) trait Eyes {
    /// How sharp a crop is, from 0 on.
    fn sharpness(&self, crop: &RgbImage) -> f32;

    /// Looks for a plate.
    ///
    /// # Errors
    /// Where a model fails.
    fn look(&mut self, crop: &Crop, class: RoadUserClass) -> Result<Looked, PipelineError>;
}

/// What was read of a track that has ended, or that is read so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TrackReading {
    pub track: TrackId,
    pub class: RoadUserClass,
    pub first: MediaTime,
    pub last: MediaTime,
    pub reading: PlateReading,
    /// Whether the track has ended; else more may come.
    pub ended: bool,
}

/// All tracks whose plates are being read.
pub(crate) struct Desk<'a, E> {
    eyes: E,
    grammar: &'a Grammar,
    budget: Budget,
    tracks: BTreeMap<TrackId, Held>,
    bytes: usize,
    now: MediaTime,
    done: VecDeque<TrackReading>,
    ended: VecDeque<(TrackId, PlateReading)>,
    totals: PlateTotals,
}

impl<'a, E: Eyes> Desk<'a, E> {
    pub(crate) fn new(eyes: E, grammar: &'a Grammar, settings: &PlateSettings) -> Self {
        Self {
            eyes,
            grammar,
            budget: Budget::new(settings.looks_per_second, settings.burst),
            tracks: BTreeMap::new(),
            bytes: 0,
            now: MediaTime(0),
            done: VecDeque::new(),
            ended: VecDeque::new(),
            totals: PlateTotals::default(),
        }
    }

    /// Media time has come to `now`.
    pub(crate) fn advance(&mut self, now: MediaTime) -> Result<(), PipelineError> {
        self.now = self.now.max(now);
        self.budget.earn(self.now);
        self.serve(false)?;
        let waited = |held: &Held| {
            held.ended.is_some_and(|ended| self.now.seconds_since(ended) > PATIENCE_S)
        };
        let too_long: Vec<TrackId> =
            self.tracks.iter().filter(|(_, held)| waited(held)).map(|(track, _)| *track).collect();
        for track in too_long {
            self.shed(track);
        }
        Ok(())
    }

    /// Whether a crop of that track would be taken.
    pub(crate) fn wants(&self, wish: &Wish) -> bool {
        let Some(held) = self.tracks.get(&wish.track) else { return true };
        !held.settled
            && (held.looks < VIOLATION_LOOKS)
            && held.in_same_slot(wish).is_none_or(|kept| wish.quality > kept.quality)
    }

    /// Takes a crop.
    pub(crate) fn offer(
        &mut self,
        wish: Wish,
        crop: Crop,
        boxes: Arc<[SeenBox]>,
    ) -> Result<(), PipelineError> {
        if !self.wants(&wish) {
            return Ok(());
        }
        // Blur takes at most half: a sharp crop of half the size shows no more.
        let quality =
            wish.quality * (0.5 + 0.5 * (self.eyes.sharpness(&crop.picture) / SHARP).min(1.0));
        let (track, time) = (wish.track, crop.at.time);
        let held = self.tracks.entry(track).or_insert_with(|| Held::new(wish.class, time));
        held.class = wish.class;
        held.best_px = held.best_px.max(wish.expected_px);
        held.only_oncoming &= wish.oncoming;
        let better = held.looks == 0 || quality > held.best_looked * CLEARLY_BETTER;
        let wide = wish.expected_px >= WIDE_PX && quality >= WIDE_PX / 2.0;
        // The last look is kept for when it has passed: then its best crop is known.
        if wide && better && held.looks + 1 < held.most_looks() {
            held.wants.get_or_insert(Want::One);
        }
        let slot = wish.slot;
        let new = Kept { wish, crop, boxes, quality };
        self.bytes += new.bytes();
        match held.crops.iter_mut().find(|kept| kept.wish.slot == slot) {
            Some(kept) if kept.quality >= quality => self.bytes -= new.bytes(),
            Some(kept) => self.bytes -= std::mem::replace(kept, new).bytes(),
            None => held.crops.push(new),
        }
        if held.crops.len() > KEPT {
            let worst = (0..held.crops.len()).min_by(|&a, &b| held.worse(a, b)).unwrap_or(0);
            self.bytes -= held.crops.swap_remove(worst).bytes();
        }
        self.serve(false)?;
        self.shed_what_is_too_much();
        Ok(())
    }

    /// The track will hardly be seen better.
    pub(crate) fn due(&mut self, track: TrackId) -> Result<(), PipelineError> {
        if let Some(held) = self.tracks.get_mut(&track) {
            held.want_all();
        }
        self.serve(false)
    }

    /// A rule fired on the track.
    pub(crate) fn raised(&mut self, track: TrackId) -> Result<(), PipelineError> {
        if let Some(held) = self.tracks.get_mut(&track) {
            held.in_violation = true;
            held.want_all();
        }
        self.serve(false)
    }

    /// The track has ended; `missed` says why nothing of it was worth keeping, where nothing was.
    pub(crate) fn ended(
        &mut self,
        summary: &TrackSummary,
        missed: Unreadable,
    ) -> Result<(), PipelineError> {
        let first = summary.first_time;
        let held =
            self.tracks.entry(summary.track).or_insert_with(|| Held::new(summary.class, first));
        held.class = summary.class;
        held.first = first;
        held.last = summary.last_time;
        held.missed = missed;
        held.ended = Some(self.now);
        held.want_all();
        self.serve(false)?;
        self.finish_if_done(summary.track);
        Ok(())
    }

    /// What can be said of a track now, for its evidence: looks at what is left of it first. `None`
    /// where such a road user carries no plate.
    pub(crate) fn reading_now(
        &mut self,
        track: TrackId,
        class: RoadUserClass,
        missed: Unreadable,
    ) -> Result<Option<PlateReading>, PipelineError> {
        self.raised(track)?;
        if !carries_plate(class) {
            return Ok(None);
        }
        if let Some((_, reading)) = self.ended.iter().rev().find(|(ended, _)| *ended == track) {
            return Ok(Some(reading.clone()));
        }
        Ok(Some(match self.tracks.get(&track) {
            Some(held) => held.reading(self.grammar),
            None => PlateReading::unreadable(missed),
        }))
    }

    /// Readings that are new since the last call: of ended tracks, and of those that go on.
    pub(crate) fn take_new(&mut self) -> VecDeque<TrackReading> {
        std::mem::take(&mut self.done)
    }

    /// The source has ended: spends what looks are left to be spent.
    pub(crate) fn finish(&mut self) -> Result<(), PipelineError> {
        self.serve(true)?;
        let left: Vec<TrackId> = self.tracks.keys().copied().collect();
        for track in left {
            self.finish_if_done(track);
        }
        Ok(())
    }

    /// What was done so far.
    pub(crate) fn totals(&self) -> &PlateTotals {
        &self.totals
    }

    /// Spends looks on whoever waits, the most important first, while there are any.
    fn serve(&mut self, whatever_it_costs: bool) -> Result<(), PipelineError> {
        loop {
            let waiting = self.tracks.iter().filter(|(_, held)| held.wants.is_some());
            let Some((&track, held)) = waiting.max_by(|a, b| a.1.importance(b.1)) else {
                return Ok(());
            };
            let in_violation = held.in_violation;
            if held.next().is_none() {
                if let Some(held) = self.tracks.get_mut(&track) {
                    held.wants = None;
                }
                self.finish_if_done(track);
                continue;
            }
            if !whatever_it_costs && !self.budget.take(in_violation) {
                return Ok(());
            }
            self.look(track)?;
            self.finish_if_done(track);
        }
    }

    /// Looks at the track's best crop.
    fn look(&mut self, track: TrackId) -> Result<(), PipelineError> {
        let Some(held) = self.tracks.get_mut(&track) else { return Ok(()) };
        let Some(index) = held.next() else { return Ok(()) };
        let kept = held.crops.swap_remove(index);
        self.bytes -= kept.bytes();
        held.looks += 1;
        held.best_looked = held.best_looked.max(kept.quality);
        if held.wants == Some(Want::One) {
            held.wants = None;
        }
        self.totals.looks += 1;
        match self.eyes.look(&kept.crop, held.class)? {
            Looked::Plate(look) if belongs_to(track, &look.bbox(), &kept.boxes) => {
                held.votes.add(look);
                self.totals.plates += 1;
                let reading = held.reading(self.grammar);
                held.settled = is_settled(&reading);
                if held.settled {
                    held.wants = None;
                    self.bytes -= held.crops.drain(..).map(|kept| kept.bytes()).sum::<usize>();
                }
                // Whoever is watched for must be told now, not when it has passed.
                if reading.verdict != PlateVerdict::Unreadable && held.ended.is_none() {
                    let (class, first) = (held.class, held.first);
                    let last = held.last.max(kept.crop.at.time);
                    let ended = false;
                    self.done.push_back(TrackReading { track, class, first, last, reading, ended });
                }
            }
            Looked::Plate(_) => {
                self.totals.of_others += 1;
                held.blanks.push((kept.quality, Unreadable::Covered));
            }
            Looked::Nothing(why) => {
                held.blanks.push((kept.quality, kept.wish.hindrance.unwrap_or(why)));
            }
        }
        Ok(())
    }

    fn finish_if_done(&mut self, track: TrackId) {
        let done = |held: &Held| held.ended.is_some() && held.wants.is_none();
        if self.tracks.get(&track).is_some_and(done) {
            self.finish_track(track);
        }
    }

    fn finish_track(&mut self, track: TrackId) {
        let Some(held) = self.tracks.remove(&track) else { return };
        self.bytes -= held.crops.iter().map(Kept::bytes).sum::<usize>();
        self.totals.looked_at += u64::from(held.looks > 0);
        if !carries_plate(held.class) {
            return;
        }
        let reading = held.reading(self.grammar);
        self.totals.vehicle(&reading);
        self.ended.push_back((track, reading.clone()));
        if self.ended.len() > REMEMBERED {
            self.ended.pop_front();
        }
        let Held { class, first, last, .. } = held;
        self.done.push_back(TrackReading { track, class, first, last, reading, ended: true });
    }

    /// Lets go of the least important tracks until what is held is within its bounds.
    fn shed_what_is_too_much(&mut self) {
        loop {
            let with_crops = || self.tracks.iter().filter(|(_, held)| !held.crops.is_empty());
            if self.bytes <= MOST_BYTES && with_crops().count() <= MOST_TRACKS {
                return;
            }
            let Some((&track, _)) = with_crops().min_by(|a, b| a.1.importance(b.1)) else { return };
            self.shed(track);
        }
    }

    /// Lets go of a track's crops.
    fn shed(&mut self, track: TrackId) {
        let Some(held) = self.tracks.get_mut(&track) else { return };
        self.bytes -= held.crops.drain(..).map(|kept| kept.bytes()).sum::<usize>();
        held.wants = None;
        if held.looks == 0 && !held.shed {
            held.shed = true;
            self.totals.shed += 1;
        }
        self.finish_if_done(track);
    }
}

#[cfg(test)]
pub(in crate::plates) mod tests;
