//! Rules about being in a zone: closed to a class or an hour, and stopping in it.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{TrackId, Violation, polygon_contains};

use super::{Context, Finding, applies_to};
use crate::{
    engine::{
        history::{Sighting, ground},
        reasons,
    },
    model::{Check, Rule},
};

/// How far a road user at rest may seem to move, in heights of its box: boxes jitter.
const AT_REST: f32 = 0.25;
/// Seconds without a sighting after which a stay starts anew.
const LONGEST_GAP_S: f64 = 2.0;

/// Who is in the zone, since when, and who was raised already.
#[derive(Clone, Debug, Default)]
pub(crate) struct InZone {
    stays: BTreeMap<TrackId, Stay>,
    raised: BTreeSet<TrackId>,
}

#[derive(Clone, Copy, Debug)]
struct Stay {
    since: Sighting,
    last: Sighting,
}

impl InZone {
    pub(crate) fn observe(
        &mut self,
        context: &Context<'_>,
        rule: &Rule,
        seen: &[TrackId],
    ) -> Vec<Violation> {
        let (id, dwell_s, must_rest) = match &rule.check {
            Check::ClosedZone { zone, dwell_s } => (zone, *dwell_s, false),
            Check::Stopping { zone, dwell_s } => (zone, *dwell_s, true),
            _ => return Vec::new(),
        };
        let Some(zone) = context.scene.zone(id) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for &track in seen {
            let Some(path) = context.history.path(track) else {
                continue;
            };
            let now = *path.last();
            if !polygon_contains(&zone.points, ground(&now)) {
                self.stays.remove(&track);
                continue;
            }
            let stay = self.stays.entry(track).or_insert(Stay { since: now, last: now });
            let gap_s = now.at.time.seconds_since(stay.last.at.time);
            let moved = ground(&stay.since).distance(ground(&now)) / now.bbox.height().max(1.0);
            if gap_s > LONGEST_GAP_S || (must_rest && moved > AT_REST) {
                *stay = Stay { since: now, last: now };
            }
            stay.last = now;
            let inside_s = now.at.time.seconds_since(stay.since.at.time);
            if inside_s < dwell_s || !applies_to(rule, path.class) || !self.raised.insert(track) {
                continue;
            }
            let before = path.sightings.iter().rev().find(|s| s.at < stay.since.at);
            let reason = if must_rest {
                reasons::at_rest(zone.id.as_str(), inside_s)
            } else {
                reasons::in_closed_zone(zone.id.as_str(), path.class, inside_s)
            };
            let finding = Finding {
                track,
                path,
                before: before.copied().unwrap_or(stay.since),
                act: stay.since,
                after: now,
                reasons: vec![reason],
                insufficient: Vec::new(),
            };
            let mut violation = finding.violation(rule);
            violation.zone = Some(zone.id.clone());
            found.push(violation);
        }
        self.stays.retain(|track, _| context.history.path(*track).is_some());
        self.raised.retain(|track| context.history.path(*track).is_some());
        found
    }
}
