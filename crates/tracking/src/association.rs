//! Pairs tracks with the road users of a frame, best whole assignment first.
//!
//! The distance is between ground points, in scales of the box, because at 5 frames a second the
//! boxes of a rider in two frames need not overlap at all; overlap only speaks in favour. The
//! assignment is optimal (Kuhn-Munkres), so no early pick spoils a dense cluster.

use giaolo_domain::{Appearance, PixelBox, PixelPoint};
use pathfinding::prelude::{Matrix, kuhn_munkres_min};

/// How a track looks at the moment of association.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// Where it should be.
    pub bbox: PixelBox,
    /// How far off it may be, in scales.
    pub gate: f32,
    /// Where it was last seen.
    pub last: PixelBox,
    /// The unit vector of its travel, if it surely moves.
    pub heading: Option<PixelPoint>,
    /// Whether it is known to be a car, bus or truck.
    pub four_wheeler: bool,
    /// Whether it is known to be a two-wheeler.
    pub two_wheeler: bool,
    /// Its colours so far.
    pub appearance: Option<Appearance>,
}

/// A road user that wants a track.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// Where it is.
    pub bbox: PixelBox,
    /// Whether it looks like a car, bus or truck.
    pub four_wheeler: bool,
    /// Its colours.
    pub appearance: Option<Appearance>,
}

/// Costs are whole numbers so that sums are exact and ties always fall the same way.
const COST_UNITS: f32 = 10_000.0;
/// Dearer than any whole assignment of allowed pairs.
const FORBIDDEN: i64 = 1_000_000_000;
/// No road user's box doubles its side from one frame to the next more than this (natural log).
const LARGEST_LOG_SIZE_CHANGE: f32 = 0.8;
/// How far a box of a moving road user may jitter backwards, in scales.
const LARGEST_STEP_BACK: f32 = 0.25;
const LOG_SIZE_WEIGHT: f32 = 0.3;
const OVERLAP_WEIGHT: f32 = 0.4;
const OTHER_KIND_COST: f32 = 0.5;
/// Cost of looking quite different.
const APPEARANCE_WEIGHT: f32 = 1.0;
/// Mean difference of colours that no road user shows from one sighting to the next. Measured: the
/// same rider 4 (median) to 21 (95 in 100), 28 where once the rider and once the machine was boxed;
/// neighbours in a queue 17 (10 in 100) to 30 (median).
const QUITE_DIFFERENT: f32 = 50.0;

/// Pairs `(track, offered)` by index, in order of tracks; each index at most once.
pub(crate) fn assign(tracks: &[Expected], offered: &[Offered]) -> Vec<(usize, usize)> {
    if tracks.is_empty() || offered.is_empty() {
        return Vec::new();
    }
    // Kuhn-Munkres wants at least as many columns as rows.
    let turned = tracks.len() > offered.len();
    let (rows, columns) =
        if turned { (offered.len(), tracks.len()) } else { (tracks.len(), offered.len()) };
    let weights = Matrix::from_fn(rows, columns, |(row, column)| {
        let (t, o) = if turned { (column, row) } else { (row, column) };
        cost(&tracks[t], &offered[o]).map_or(FORBIDDEN, |c| (c * COST_UNITS).round() as i64)
    });
    let (_, chosen) = kuhn_munkres_min(&weights);
    let mut pairs: Vec<(usize, usize)> = chosen
        .into_iter()
        .enumerate()
        .filter(|&(row, column)| weights[(row, column)] < FORBIDDEN)
        .map(|(row, column)| if turned { (column, row) } else { (row, column) })
        .collect();
    pairs.sort_unstable();
    pairs
}

/// The cost of a pair, or `None` where it is out of the question.
fn cost(track: &Expected, offered: &Offered) -> Option<f32> {
    let scale = (track.bbox.scale() * offered.bbox.scale()).sqrt();
    if scale <= 0.0 {
        return None;
    }
    let end = matching_end(track, offered);
    let distance = end_of(&track.bbox, end).distance(end_of(&offered.bbox, end)) / scale;
    // The less alike, the nearer it must be.
    let unlike = difference(track, offered);
    if distance > track.gate * (1.0 - unlike * unlike).sqrt() {
        return None;
    }
    if let Some(heading) = track.heading {
        // Who drives may stop, but does not go backwards to where the next one comes from.
        let (from, to) = (end_of(&track.last, end), end_of(&offered.bbox, end));
        let along = (to.x - from.x) * heading.x + (to.y - from.y) * heading.y;
        if along < -LARGEST_STEP_BACK * scale {
            return None;
        }
    }
    let log_size = (offered.bbox.scale() / track.bbox.scale()).ln().abs();
    if log_size > LARGEST_LOG_SIZE_CHANGE {
        return None;
    }
    let other_kind = (track.four_wheeler && !offered.four_wheeler)
        || (track.two_wheeler && offered.four_wheeler);
    Some(
        distance + LOG_SIZE_WEIGHT * log_size - OVERLAP_WEIGHT * track.bbox.iou(&offered.bbox)
            + if other_kind { OTHER_KIND_COST } else { 0.0 }
            + APPEARANCE_WEIGHT * unlike,
    )
}

/// How different they look, 0 to 1; 0 where colours were not taken.
fn difference(track: &Expected, offered: &Offered) -> f32 {
    match (&track.appearance, &offered.appearance) {
        (Some(a), Some(b)) => (a.difference(b) / QUITE_DIFFERENT).min(1.0),
        _ => 0.0,
    }
}

/// Which end of the boxes to compare: a rider seen without the machine keeps its head where it was,
/// a machine without the rider its wheels. Four wheels always stand on the road.
fn matching_end(track: &Expected, offered: &Offered) -> End {
    if track.four_wheeler || offered.four_wheeler {
        return End::Wheels;
    }
    let off = |end| end_of(&track.bbox, end).distance(end_of(&offered.bbox, end));
    let height = offered.bbox.height() / track.bbox.height().max(1.0);
    if height > 1.0 / PART_OF_WHOLE {
        // In a queue the head is what stands out; below it the box may take in the next rider.
        return End::Head;
    }
    let whole = height >= PART_OF_WHOLE;
    let wheels_fit = off(End::Wheels) < off(End::Head);
    // A box of the whole must fit at both ends where the road user stands; who moves changes shape.
    if whole && track.heading.is_none() {
        if wheels_fit { End::Head } else { End::Wheels }
    } else if wheels_fit {
        End::Wheels
    } else {
        End::Head
    }
}

/// Height of a box, as a share of the track's, below which it shows a part.
const PART_OF_WHOLE: f32 = 0.8;

#[derive(Clone, Copy)]
enum End {
    Head,
    Wheels,
}

fn end_of(bbox: &PixelBox, end: End) -> PixelPoint {
    match end {
        End::Head => bbox.at_share(0.5, 0.0),
        End::Wheels => bbox.ground_point(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(x: f32, gate: f32) -> Expected {
        Expected {
            bbox: bike(x),
            gate,
            last: bike(x),
            heading: None,
            four_wheeler: false,
            two_wheeler: true,
            appearance: None,
        }
    }

    fn seen(x: f32) -> Offered {
        Offered { bbox: bike(x), four_wheeler: false, appearance: None }
    }

    fn bike(x: f32) -> PixelBox {
        PixelBox::new(x, 100.0, x + 40.0, 200.0)
    }

    #[test]
    fn the_whole_assignment_is_best_not_the_first_pick() {
        // Track 0 is nearest to the second bike, but only it can take the first one's place.
        let pairs = assign(&[track(50.0, 1.0), track(100.0, 0.8)], &[seen(10.0), seen(60.0)]);
        assert_eq!(pairs, vec![(0, 0), (1, 1)]);
    }

    #[test]
    fn more_tracks_than_boxes_and_more_boxes_than_tracks() {
        assert_eq!(assign(&[track(0.0, 1.0), track(300.0, 1.0)], &[seen(305.0)]), vec![(1, 0)]);
        assert_eq!(assign(&[track(300.0, 1.0)], &[seen(0.0), seen(305.0)]), vec![(0, 1)]);
        assert!(assign(&[], &[seen(0.0)]).is_empty());
        assert!(assign(&[track(0.0, 1.0)], &[]).is_empty());
    }

    #[test]
    fn who_drives_does_not_jump_back_to_the_next_in_the_row() {
        let mut driving = track(100.0, 1.0);
        assert_eq!(assign(&[driving.clone()], &[seen(70.0)]), vec![(0, 0)]);
        driving.heading = Some(PixelPoint::new(1.0, 0.0));
        assert!(assign(&[driving.clone()], &[seen(70.0)]).is_empty());
        assert_eq!(assign(&[driving], &[seen(95.0)]), vec![(0, 0)]);
    }

    #[test]
    fn nothing_jumps_over_the_gate_or_changes_its_size_at_once() {
        assert!(assign(&[track(0.0, 0.5)], &[seen(100.0)]).is_empty());
        let lorry = Offered {
            bbox: PixelBox::new(-60.0, -100.0, 100.0, 200.0),
            four_wheeler: true,
            appearance: None,
        };
        assert!(assign(&[track(0.0, 1.0)], &[lorry]).is_empty());
    }

    #[test]
    fn a_rider_without_the_machine_is_matched_by_the_head() {
        let shoulders = Offered {
            bbox: PixelBox::new(0.0, 100.0, 40.0, 150.0),
            four_wheeler: false,
            appearance: None,
        };
        assert_eq!(assign(&[track(0.0, 0.3)], &[shoulders]), vec![(0, 0)]);
    }
}
