//! Tells a ride from a track that hops along a queue.
//!
//! Where riders stand in rows and half hide one another, a track may take the box of one and then of
//! the next, and so ride through all of them without anybody moving. What gives it away is that it
//! appears where others stand, with their heads in the same places for a while before and after.

use giaolo_domain::TrackId;

use super::history::{History, Path, Sighting};

/// Seconds before and after a sighting in which somebody else must stand in its place.
const STANDS_S: f64 = 1.2;
/// How far a head may seem to move while its owner stands, in heights of the box.
const HEAD_STILL: f32 = 0.2;
/// How near two heads are to be one, in heights of the box.
pub(crate) const ONE_HEAD: f32 = 0.25;
/// How near the next one stands in a queue.
pub(crate) const NEXT_IN_QUEUE: f32 = 1.0;
/// Sightings that somebody who stands has at least in that time.
const LEAST_SIGHTINGS: usize = 4;

/// The share of these sightings of `track` whose head is within `reach` heights of that of somebody
/// who stands there.
pub(crate) fn share_taken(
    history: &History,
    track: TrackId,
    sightings: &[&Sighting],
    reach: f32,
) -> f32 {
    let taken = sightings
        .iter()
        .filter(|sighting| history.others(track).any(|other| stands_at(other, sighting, reach)));
    taken.count() as f32 / sightings.len().max(1) as f32
}

/// Whether the owner of `path` stands, at that time, where the sighting is.
fn stands_at(path: &Path, sighting: &Sighting, reach: f32) -> bool {
    let height = sighting.bbox.height().max(1.0);
    let head = |s: &Sighting| s.bbox.at_share(0.5, 0.0);
    let near_in_time = |s: &&Sighting| s.at.time.seconds_since(sighting.at.time).abs() <= STANDS_S;
    let mut count = 0;
    let mut first = None;
    for other in path.sightings.iter().filter(near_in_time) {
        let at = *first.get_or_insert(head(other));
        if at.distance(head(other)) > HEAD_STILL * height
            || head(other).distance(head(sighting)) > reach * height
        {
            return false;
        }
        count += 1;
    }
    count >= LEAST_SIGHTINGS
}
