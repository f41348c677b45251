//! Chooses the frames in which a track's plate may be read, by geometry alone.
//!
//! The judge asks it for every frame in order, so the choice is the same whatever the machine. It
//! keeps no pixels: it says which parts of a frame are worth keeping, and when a track will hardly
//! be seen better than it was.

use std::collections::{BTreeMap, VecDeque};

use giaolo_domain::{
    FrameTime, MediaTime, PixelBox, PixelRect, RoadUserClass, TrackId, TrackObservation, Unreadable,
};

use super::zone::{carries_plate, covered_share, crop_of, expected_width, is_cut};

/// Crops of a track that are kept.
pub(crate) const KEPT: usize = 3;
/// Seconds for which crops compete for one place: two of the same instant show the same.
const SLOT_S: f64 = 0.25;
/// How much better than the one in its place a crop has to be.
const BETTER: f32 = 1.08;
/// Under this score a box may be anything.
const LEAST_SCORE: f32 = 0.3;
/// From this score on a box is as good as any.
const GOOD_SCORE: f32 = 0.6;
/// Narrower plates say nothing to anybody.
const LEAST_WIDTH_PX: f32 = 20.0;
/// With more of its plate zone covered a vehicle is not looked at.
const MOST_COVERED: f32 = 0.7;
/// What is left of a crop's worth where the picture's edge cuts the vehicle.
const CUT: f32 = 0.3;
/// The same for a two-wheeler that comes towards the camera: its only plate is behind.
const ONCOMING: f32 = 0.4;
/// The time over which it is seen whether a vehicle comes or goes, and the least of it.
const APPROACH_S: f64 = 0.5;
const LEAST_APPROACH_S: f64 = 0.25;
/// Growth and way down over that time, as shares, from which a vehicle comes.
const GROWING: f32 = 1.03;
const COMING_DOWN: f32 = 0.02;
/// The best is over when a track has been under this share of it in so many sightings.
const PAST_BEST: f32 = 0.7;
const SIGHTINGS_PAST: u32 = 5;
/// It is taken as over, too, when nothing better came for so many seconds.
const SETTLED_S: f64 = 3.0;
/// Seconds for which it is remembered from when on an ended track was worth reading: rules fire late.
const REMEMBERED_S: f64 = 120.0;

/// A part of a frame that is worth keeping for reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wish {
    pub track: TrackId,
    pub class: RoadUserClass,
    /// The part of the frame to be cut out.
    pub crop: PixelRect,
    /// The place that it competes for: of two crops with the same one the better stays.
    pub slot: u32,
    /// Width of the plate that is to be expected, in pixels.
    pub expected_px: f32,
    /// The same, less for everything that hinders reading.
    pub quality: f32,
    /// What hinders most, where something does.
    pub hindrance: Option<Unreadable>,
    /// A two-wheeler from the front.
    pub oncoming: bool,
}

/// What a frame gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selection {
    pub wishes: Vec<Wish>,
    /// Tracks that will hardly be seen better.
    pub due: Vec<TrackId>,
}

/// Follows all tracks of a camera.
#[derive(Debug)]
pub(crate) struct Selector {
    picture: (u32, u32),
    tracks: BTreeMap<TrackId, Followed>,
    /// Of ended tracks: the first wish, and when it ended.
    ended: BTreeMap<TrackId, (MediaTime, MediaTime)>,
}

#[derive(Debug, Default)]
struct Followed {
    lately: VecDeque<(MediaTime, PixelBox)>,
    kept: Vec<Kept>,
    slots: u32,
    best: f32,
    best_at: MediaTime,
    below: u32,
    /// Whether it was told that its best is over, since its best.
    told: bool,
    first_wish: Option<MediaTime>,
    /// Where nothing was wished: the widest plate that was to be expected, and what hindered there.
    hindered: Option<(f32, Unreadable)>,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    slot: u32,
    opened: MediaTime,
    quality: f32,
}

/// How well a plate could be read in one frame.
struct Chance {
    expected_px: f32,
    quality: f32,
    hindrance: Option<Unreadable>,
    oncoming: bool,
}

impl Selector {
    pub(crate) fn new(picture: (u32, u32)) -> Self {
        Self { picture, tracks: BTreeMap::new(), ended: BTreeMap::new() }
    }

    /// Looks at all tracks of the next frame.
    pub(crate) fn observe(&mut self, at: FrameTime, tracks: &[TrackObservation]) -> Selection {
        let mut selection = Selection::default();
        for (index, seen) in tracks.iter().enumerate() {
            if seen.predicted || seen.score < LEAST_SCORE || !carries_plate(seen.class) {
                continue;
            }
            let followed = self.tracks.entry(seen.track).or_default();
            let oncoming = followed.comes_near(at.time, &seen.bbox) && seen.class.is_two_wheeler();
            let chance = match chance_of(seen, oncoming, self.picture, tracks, index) {
                Ok(chance) => chance,
                Err((expected_px, why)) => {
                    if followed.hindered.is_none_or(|(widest, _)| expected_px > widest) {
                        followed.hindered = Some((expected_px, why));
                    }
                    followed.settle(at.time, 0.0, seen.track, &mut selection);
                    continue;
                }
            };
            let crop = crop_of(seen.class, &seen.bbox, self.picture);
            let slot = followed.place(at.time, chance.quality);
            if let (Some(crop), Some(slot)) = (crop, slot) {
                followed.first_wish.get_or_insert(at.time);
                selection.wishes.push(Wish {
                    track: seen.track,
                    class: seen.class,
                    crop,
                    slot,
                    expected_px: chance.expected_px,
                    quality: chance.quality,
                    hindrance: chance.hindrance,
                    oncoming: chance.oncoming,
                });
            }
            followed.settle(at.time, chance.quality, seen.track, &mut selection);
        }
        self.ended.retain(|_, (_, ended)| at.time.seconds_since(*ended) < REMEMBERED_S);
        selection
    }

    /// Why nothing of a track was worth keeping.
    pub(crate) fn why_not(&self, track: TrackId) -> Unreadable {
        let hindered = self.tracks.get(&track).and_then(|followed| followed.hindered);
        hindered.map_or(Unreadable::NoPlate, |(_, why)| why)
    }

    /// The first frame of a track that was worth keeping.
    pub(crate) fn first_wish(&self, track: TrackId) -> Option<MediaTime> {
        let ended = || self.ended.get(&track).map(|(first, _)| *first);
        self.tracks.get(&track).and_then(|followed| followed.first_wish).or_else(ended)
    }

    /// Asks for the track's next frames whatever was kept of it: a rule fired on it, and what was kept
    /// may have been let go for want of room.
    pub(crate) fn start_over(&mut self, track: TrackId) {
        if let Some(followed) = self.tracks.get_mut(&track) {
            followed.kept.clear();
        }
    }

    /// The track has ended.
    pub(crate) fn ended(&mut self, track: TrackId, last: MediaTime) {
        let first = self.tracks.remove(&track).and_then(|followed| followed.first_wish);
        if let Some(first) = first {
            self.ended.insert(track, (first, last));
        }
    }
}

impl Followed {
    /// Whether the vehicle has grown and come down the picture over the last half second.
    fn comes_near(&mut self, now: MediaTime, bbox: &PixelBox) -> bool {
        while self.lately.front().is_some_and(|(t, _)| now.seconds_since(*t) > APPROACH_S) {
            self.lately.pop_front();
        }
        let before = self.lately.front().copied();
        self.lately.push_back((now, *bbox));
        before.is_some_and(|(time, before)| {
            now.seconds_since(time) >= LEAST_APPROACH_S
                && bbox.scale() > before.scale() * GROWING
                && bbox.y2 > before.y2 + bbox.height() * COMING_DOWN
        })
    }

    /// The place for a crop of that quality, where it has one.
    fn place(&mut self, now: MediaTime, quality: f32) -> Option<u32> {
        let newest = self.kept.iter_mut().max_by_key(|kept| kept.slot);
        if let Some(kept) = newest
            && now.seconds_since(kept.opened) < SLOT_S
        {
            let better = quality > kept.quality * BETTER;
            if better {
                kept.quality = quality;
            }
            return better.then_some(kept.slot);
        }
        if self.kept.len() >= KEPT {
            let worst = (0..self.kept.len())
                .min_by(|&a, &b| self.kept[a].quality.total_cmp(&self.kept[b].quality))?;
            if quality <= self.kept[worst].quality * BETTER {
                return None;
            }
            self.kept.remove(worst);
        }
        let slot = self.slots;
        self.slots += 1;
        self.kept.push(Kept { slot, opened: now, quality });
        Some(slot)
    }

    /// Tells once that the best is over.
    fn settle(&mut self, now: MediaTime, quality: f32, track: TrackId, selection: &mut Selection) {
        if quality > self.best * BETTER {
            (self.best, self.best_at, self.below, self.told) = (quality, now, 0, false);
            return;
        }
        self.below = if quality < self.best * PAST_BEST { self.below + 1 } else { 0 };
        let over = self.below >= SIGHTINGS_PAST || now.seconds_since(self.best_at) >= SETTLED_S;
        if over && !self.told && self.best > 0.0 {
            self.told = true;
            selection.due.push(track);
        }
    }
}

/// How well the plate of `tracks[index]` could be read; else the width to be expected, and why not.
fn chance_of(
    seen: &TrackObservation,
    oncoming: bool,
    picture: (u32, u32),
    tracks: &[TrackObservation],
    index: usize,
) -> Result<Chance, (f32, Unreadable)> {
    let expected_px = expected_width(seen.class, &seen.bbox);
    if !seen.bbox.is_proper() || expected_px < LEAST_WIDTH_PX {
        return Err((expected_px, Unreadable::TooSmall));
    }
    let others = tracks.iter().enumerate().filter(|(at, _)| *at != index);
    let covered = covered_share(&seen.bbox, others.map(|(_, other)| other.bbox));
    if covered > MOST_COVERED {
        return Err((expected_px, Unreadable::Covered));
    }
    let cut = is_cut(&seen.bbox, picture);
    let surely_seen = 0.7 + 0.3 * (seen.score / GOOD_SCORE).min(1.0);
    let quality = expected_px
        * (1.0 - covered)
        * surely_seen
        * if cut { CUT } else { 1.0 }
        * if oncoming { ONCOMING } else { 1.0 };
    let hindrance = if cut {
        Some(Unreadable::Cut)
    } else {
        (covered > MOST_COVERED / 2.0).then_some(Unreadable::Covered)
    };
    Ok(Chance { expected_px, quality, hindrance, oncoming })
}

#[cfg(test)]
mod tests;
