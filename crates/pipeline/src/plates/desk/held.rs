//! What the desk holds of one track: its crops, what its looks said, and what is still to be looked at.

use std::{cmp::Ordering, sync::Arc};

use giaolo_domain::{MediaTime, PlateReading, RoadUserClass, Unreadable};
use giaolo_plate::{Grammar, Votes};

use crate::plates::{look::Crop, select::Wish, zone::SeenBox};

/// On a narrower one nothing can be sure, and many looks help little, in pixels.
const NARROW_PX: f32 = 45.0;
/// Looks at one vehicle: usually, and where its plate is narrow or nothing is to be found.
const MOST_LOOKS: u32 = 3;
const FEW_LOOKS: u32 = 2;
/// The same where a rule fired on it: usually, and where nothing is to be found.
pub(super) const VIOLATION_LOOKS: u32 = 6;
const FEW_VIOLATION_LOOKS: u32 = 4;
/// A further crop is worth a look from this share of the best one's quality on.
const WORTH_A_LOOK: f32 = 0.6;

/// A crop that nobody looked at yet.
pub(super) struct Kept {
    pub wish: Wish,
    pub crop: Crop,
    pub boxes: Arc<[SeenBox]>,
    /// The wish's quality, less for blur.
    pub quality: f32,
}

/// What is held of one track.
pub(super) struct Held {
    pub class: RoadUserClass,
    pub first: MediaTime,
    pub last: MediaTime,
    pub crops: Vec<Kept>,
    pub votes: Votes,
    pub looks: u32,
    /// Looks that showed no plate of this vehicle: the quality there, and why.
    pub blanks: Vec<(f32, Unreadable)>,
    pub best_px: f32,
    pub best_looked: f32,
    pub only_oncoming: bool,
    /// Whether further looks would change nothing.
    pub settled: bool,
    pub in_violation: bool,
    pub wants: Option<Want>,
    pub ended: Option<MediaTime>,
    pub shed: bool,
    /// Why nothing of it was worth keeping.
    pub missed: Unreadable,
}

/// How much is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// The best crop.
    One,
    /// One after the other, until it is sure or enough.
    All,
}

impl Kept {
    pub(super) fn bytes(&self) -> usize {
        self.crop.picture.as_raw().len()
    }
}

impl Held {
    pub(super) fn new(class: RoadUserClass, first: MediaTime) -> Self {
        Self {
            class,
            first,
            last: first,
            crops: Vec::new(),
            votes: Votes::new(),
            looks: 0,
            blanks: Vec::new(),
            best_px: 0.0,
            best_looked: 0.0,
            only_oncoming: true,
            settled: false,
            in_violation: false,
            wants: None,
            ended: None,
            shed: false,
            missed: Unreadable::NoPlate,
        }
    }

    /// Whatever is worth looking at is to be looked at.
    pub(super) fn want_all(&mut self) {
        self.wants = self.next().map(|_| Want::All);
    }

    pub(super) fn in_same_slot(&self, wish: &Wish) -> Option<&Kept> {
        self.crops.iter().find(|kept| kept.wish.slot == wish.slot)
    }

    pub(super) fn worse(&self, a: usize, b: usize) -> Ordering {
        self.crops[a].quality.total_cmp(&self.crops[b].quality)
    }

    pub(super) fn most_looks(&self) -> u32 {
        let nothing_found = self.votes.is_empty() && !self.blanks.is_empty();
        if self.in_violation {
            if nothing_found { FEW_VIOLATION_LOOKS } else { VIOLATION_LOOKS }
        } else if self.only_oncoming || (nothing_found && self.best_px < NARROW_PX) {
            1
        } else if nothing_found || self.best_px < NARROW_PX {
            FEW_LOOKS
        } else {
            MOST_LOOKS
        }
    }

    /// The crop that is worth the next look, where one is.
    pub(super) fn next(&self) -> Option<usize> {
        if self.settled || self.looks >= self.most_looks() {
            return None;
        }
        let best = (0..self.crops.len()).max_by(|&a, &b| self.worse(a, b))?;
        let worth = self.crops[best].quality >= self.best_looked * WORTH_A_LOOK;
        (worth || self.in_violation).then_some(best)
    }

    /// Vehicles in a violation first, then those that can still be looked at, then wide plates.
    pub(super) fn importance(&self, other: &Self) -> Ordering {
        let open = |held: &Self| held.next().is_some();
        self.in_violation
            .cmp(&other.in_violation)
            .then(open(self).cmp(&open(other)))
            .then(self.best_px.total_cmp(&other.best_px))
    }

    /// What all its looks say.
    pub(super) fn reading(&self, grammar: &Grammar) -> PlateReading {
        if !self.votes.is_empty() {
            return self.votes.reading(grammar, Some(self.class), grammar.verdict_settings());
        }
        let best_blank = self.blanks.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let why = match best_blank {
            Some((_, why)) => *why,
            // It was worth a look, and none could be spent on it.
            None if self.shed || !self.crops.is_empty() => Unreadable::Budget,
            None => self.missed,
        };
        PlateReading::unreadable(why)
    }
}
