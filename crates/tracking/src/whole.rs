//! The whole of a rider and machine from the part of it that was seen.
//!
//! In one frame the detector boxes rider and machine, in the next only the rider, or in a queue only
//! the head and shoulders over the next one's. Then the ground point jumps by half a height: enough
//! to cross a line while standing before it. So a track remembers how tall it is for its width, and
//! completes a part from the end that is where it should be: the head, or the wheels.

use giaolo_domain::PixelBox;

/// How fast a taller shape is believed, a second, once a track is well known; a young one is still
/// coming into the picture.
const GROWS_PER_S: f32 = 0.5;
/// How fast a flatter one is: slowly, because parts are common and shapes change only in turns ...
const SHRINKS_PER_S: f32 = 0.3;
/// ... but less so of a road user that moves: it gets further away, and is less often half hidden.
const SHRINKS_MOVING_PER_S: f32 = 0.9;
/// Height of a part, as a share of the whole, from which it is the whole.
const IS_WHOLE: f32 = 0.88;
/// How much taller than itself a track may get in one sighting: more is two riders in one box.
const TALLEST: f32 = 1.3;

/// A track's shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    /// Height over width.
    aspect: f32,
    width: f32,
    sightings: u32,
}

impl Whole {
    /// The shape at the first sighting, whatever it shows.
    pub(crate) fn start(bbox: &PixelBox) -> Self {
        let width = bbox.width().max(1.0);
        Self { aspect: bbox.height() / width, width, sightings: 1 }
    }

    /// The whole box behind `seen`, given where the track should be, whether it surely moves, and
    /// the seconds since it was last seen.
    pub(crate) fn complete(
        &mut self,
        seen: &PixelBox,
        expected: &PixelBox,
        moves: bool,
        dt_s: f32,
    ) -> PixelBox {
        self.width += 0.3 * (seen.width() - self.width);
        let aspect = seen.height() / self.width.max(1.0);
        self.sightings = self.sightings.saturating_add(1);
        let gain = if aspect > self.aspect {
            let young = 1.5 / self.sightings as f32;
            young.clamp((GROWS_PER_S * dt_s).min(0.5), 0.5)
        } else {
            let rate = if moves { SHRINKS_MOVING_PER_S } else { SHRINKS_PER_S };
            (rate * dt_s).min(0.5)
        };
        self.aspect += gain * (aspect.min(self.aspect * TALLEST) - self.aspect);
        let height = self.aspect * self.width;
        let head_fits = (seen.y1 - expected.y1).abs() <= (seen.y2 - expected.y2).abs();
        if seen.height() < IS_WHOLE * height || seen.height() > TALLEST * height {
            if head_fits {
                PixelBox { y2: seen.y1 + height, ..*seen }
            } else {
                PixelBox { y1: seen.y2 - height, ..*seen }
            }
        } else {
            *seen
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheels_stay_where_they_are_when_only_the_rider_is_seen() {
        let rider_and_machine = PixelBox::new(100.0, 100.0, 140.0, 200.0);
        let rider = PixelBox::new(100.0, 100.0, 140.0, 150.0);
        let machine = PixelBox::new(100.0, 150.0, 140.0, 200.0);
        let mut whole = Whole::start(&rider_and_machine);
        for part in [rider, machine, rider_and_machine, rider, rider, machine] {
            let completed = whole.complete(&part, &rider_and_machine, false, 0.16);
            assert!((completed.y2 - 200.0).abs() < 15.0, "{part:?} became {completed:?}");
            assert!((completed.y1 - 100.0).abs() < 15.0, "{part:?} became {completed:?}");
        }
    }

    #[test]
    fn a_part_that_becomes_whole_is_believed_soon() {
        let rider = PixelBox::new(100.0, 100.0, 140.0, 150.0);
        let both = PixelBox::new(100.0, 100.0, 140.0, 200.0);
        let mut whole = Whole::start(&rider);
        for _ in 0..6 {
            whole.complete(&both, &both, false, 0.16);
        }
        assert_eq!(whole.complete(&both, &both, false, 0.16), both);
    }
}
