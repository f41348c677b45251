//! Wrong way: a track that travels against its lane's direction.
//!
//! Judged over about a second, because boxes jitter: the net travel must be against the lane, most
//! steps of it must be, and it must add up to some lengths of the road user. A track that jumps
//! from one rider to another behind it makes one long step, not many.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{PixelPoint, TrackId, Violation, polygon_contains};

use super::{Context, Finding, applies_to};
use crate::{
    engine::{
        history::{Path, Sighting, ground, sampled},
        reasons,
    },
    model::{Check, Rule},
};

/// Seconds over which travel is judged.
const WINDOW_S: f64 = 0.8;
/// Travel against the lane within the window from which a run begins, in heights.
const LEAST_TRAVEL: f32 = 0.2;
/// Cosine of the angle to the lane's direction: within 45 degrees of straight against it.
const AGAINST_COSINE: f32 = -0.707;
/// Seconds that a run lasts at least.
const LEAST_RUN_S: f64 = 0.8;
/// Share of the steps of a run that go against the lane.
const STEPS_AGAINST: f32 = 0.75;
/// Steps of a run at least.
const LEAST_STEPS: usize = 4;
/// No single step may make up more than this share of a run's travel.
const LONGEST_STEP: f32 = 0.5;

/// Runs against the lane that are going on, and who was raised already.
#[derive(Clone, Debug, Default)]
pub(crate) struct WrongWay {
    runs: BTreeMap<TrackId, Sighting>,
    raised: BTreeSet<TrackId>,
}

impl WrongWay {
    pub(crate) fn observe(
        &mut self,
        context: &Context<'_>,
        rule: &Rule,
        seen: &[TrackId],
    ) -> Vec<Violation> {
        let Check::WrongWay { zone: id, travel } = &rule.check else {
            return Vec::new();
        };
        let Some(zone) = context.scene.zone(id) else {
            return Vec::new();
        };
        let Some([from, to]) = zone.direction else {
            return Vec::new();
        };
        let length = from.distance(to);
        let along = PixelPoint::new((to.x - from.x) / length, (to.y - from.y) / length);
        let mut found = Vec::new();
        for &track in seen {
            let Some(path) = context.history.path(track) else {
                continue;
            };
            let now = path.last();
            let inside = polygon_contains(&zone.points, ground(now));
            if !inside || self.raised.contains(&track) || !goes_against(path, along) {
                self.runs.remove(&track);
                continue;
            }
            let start = *self.runs.entry(track).or_insert_with(|| *path.since(WINDOW_S));
            let since_start = path.sightings.iter().filter(|s| s.at >= start.at);
            let run: Vec<Sighting> = sampled(since_start).into_iter().copied().collect();
            if !is_sure_run(&run, along, *travel) || !applies_to(rule, path.class) {
                continue;
            }
            self.raised.insert(track);
            let middle = run[run.len() / 2];
            let finding = Finding {
                track,
                path,
                before: start,
                act: middle,
                after: *now,
                reasons: vec![reasons::against_lane(
                    zone.id.as_str(),
                    travel_against(&start, now, along),
                    now.at.time.seconds_since(start.at.time),
                )],
                insufficient: Vec::new(),
            };
            let mut violation = finding.violation(rule);
            violation.zone = Some(zone.id.clone());
            found.push(violation);
        }
        self.runs.retain(|track, _| context.history.path(*track).is_some());
        self.raised.retain(|track| context.history.path(*track).is_some());
        found
    }
}

fn height(a: &Sighting, b: &Sighting) -> f32 {
    (0.5 * (a.bbox.height() + b.bbox.height())).max(1.0)
}

/// Travel against the lane from one sighting to another, in heights.
fn travel_against(from: &Sighting, to: &Sighting, along: PixelPoint) -> f32 {
    let (a, b) = (ground(from), ground(to));
    -((b.x - a.x) * along.x + (b.y - a.y) * along.y) / height(from, to)
}

fn goes_against(path: &Path, along: PixelPoint) -> bool {
    let (from, to) = (path.since(WINDOW_S), path.last());
    let distance = ground(from).distance(ground(to)) / height(from, to);
    let against = travel_against(from, to, along);
    against >= LEAST_TRAVEL && against >= -AGAINST_COSINE * distance
}

fn is_sure_run(run: &[Sighting], along: PixelPoint, travel: f32) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return false;
    };
    let total = travel_against(first, last, along);
    let steps: Vec<f32> = run.windows(2).map(|w| travel_against(&w[0], &w[1], along)).collect();
    let against = steps.iter().filter(|step| **step > 0.0).count();
    let longest = steps.iter().copied().fold(0.0, f32::max);
    steps.len() >= LEAST_STEPS
        && total >= travel
        && last.at.time.seconds_since(first.at.time) >= LEAST_RUN_S
        && against as f32 >= STEPS_AGAINST * steps.len() as f32
        && longest <= LONGEST_STEP * total
}
