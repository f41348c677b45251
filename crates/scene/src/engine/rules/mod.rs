//! The rules of a scene: each watches tracks and raises candidates.

mod at_line;
mod in_zone;
mod wrong_way;

use giaolo_domain::{
    FrameTime, MovementId, Reason, RoadUserClass, TimeOrigin, TrackId, Verdict, Violation,
};

use self::{at_line::AtLine, in_zone::InZone, wrong_way::WrongWay};
use super::{
    crossings::Passed,
    history::{History, Path, Sighting},
    reasons,
    signals::Signals,
};
use crate::model::{Check, Rule, Scene};

/// What a rule may look at.
pub(crate) struct Context<'a> {
    pub scene: &'a Scene,
    pub origin: &'a TimeOrigin,
    pub history: &'a History,
    pub signals: &'a Signals,
    pub now: FrameTime,
    /// No further frame will come.
    pub at_end: bool,
}

/// All rules of a scene with what each remembers.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    watches: Vec<Watch>,
}

#[derive(Clone, Debug)]
enum Watch {
    AtLine(AtLine),
    WrongWay(WrongWay),
    InZone(InZone),
    Movement,
}

impl Rules {
    pub(crate) fn new(scene: &Scene) -> Self {
        let watches = scene
            .rules
            .iter()
            .map(|rule| match &rule.check {
                Check::RedLight { .. } | Check::StopLine { .. } => Watch::AtLine(AtLine::default()),
                Check::WrongWay { .. } => Watch::WrongWay(WrongWay::default()),
                Check::ClosedZone { .. } | Check::Stopping { .. } => {
                    Watch::InZone(InZone::default())
                }
                Check::BannedMovement { .. } => Watch::Movement,
            })
            .collect();
        Self { watches }
    }

    pub(crate) fn observe(
        &mut self,
        context: &Context<'_>,
        seen: &[TrackId],
        passed: &[Passed],
        completed: &[(Passed, MovementId)],
    ) -> Vec<Violation> {
        let mut found = Vec::new();
        for (rule, watch) in context.scene.rules.iter().zip(&mut self.watches) {
            let raised = match watch {
                Watch::AtLine(at_line) => at_line.observe(context, rule, passed),
                Watch::WrongWay(wrong_way) => wrong_way.observe(context, rule, seen),
                Watch::InZone(in_zone) => in_zone.observe(context, rule, seen),
                Watch::Movement => banned_movements(context, rule, completed),
            };
            found.extend(raised.into_iter().filter_map(|v| in_force(context, rule, v)));
        }
        found
    }
}

/// What a check found out about one track.
pub(crate) struct Finding<'a> {
    pub track: TrackId,
    pub path: &'a Path,
    pub before: Sighting,
    pub act: Sighting,
    pub after: Sighting,
    pub reasons: Vec<Reason>,
    pub insufficient: Vec<Reason>,
}

impl Finding<'_> {
    pub(crate) fn violation(mut self, rule: &Rule) -> Violation {
        if self.path.seen < SURE_SIGHTINGS {
            self.insufficient.push(reasons::few_sightings(self.path.seen));
        }
        Violation {
            kind: rule.check.kind(),
            rule: rule.id.clone(),
            track: self.track,
            class: self.path.class,
            confidence: self.path.score,
            before: self.before.at,
            act: self.act.at,
            after: self.after.at,
            box_before: self.before.bbox,
            box_act: self.act.bbox,
            box_after: self.after.bbox,
            verdict: if self.insufficient.is_empty() {
                Verdict::Sure
            } else {
                Verdict::Insufficient
            },
            reasons: self.reasons,
            insufficient: self.insufficient,
            line: None,
            zone: None,
            movement: None,
            head: None,
            red_for_s: None,
            sanction: None,
        }
    }
}

/// Sightings below which a track is too thin to stand as proof.
const SURE_SIGHTINGS: u32 = 5;

/// Drops what the rule does not apply to, and marks what cannot be told for want of a clock.
fn in_force(context: &Context<'_>, rule: &Rule, mut violation: Violation) -> Option<Violation> {
    if !applies_to(rule, violation.class) {
        return None;
    }
    let timed = !rule.hours.is_empty() || rule.dates != (None, None);
    if !timed {
        return Some(violation);
    }
    if !context.origin.clock.tells_the_day() {
        violation.verdict = Verdict::Insufficient;
        violation.insufficient.push(reasons::clock_unknown());
        return Some(violation);
    }
    let local = context.origin.start.plus(violation.act.time).in_viet_nam();
    let date = local.get(..10).unwrap_or_default();
    let (first, last) = &rule.dates;
    if first.as_deref().is_some_and(|first| date < first)
        || last.as_deref().is_some_and(|last| date > last)
    {
        return None;
    }
    let minute = minute_of_day(&local)?;
    let within = |&(from, until): &(u16, u16)| {
        if from <= until {
            (from..until).contains(&minute)
        } else {
            minute >= from || minute < until
        }
    };
    (rule.hours.is_empty() || rule.hours.iter().any(within)).then_some(violation)
}

pub(crate) fn applies_to(rule: &Rule, class: RoadUserClass) -> bool {
    rule.classes.contains(&class)
}

/// Minutes from midnight of a local time as written by `UtcTime::in_viet_nam`.
fn minute_of_day(local: &str) -> Option<u16> {
    let hours: u16 = local.get(11..13)?.parse().ok()?;
    let minutes: u16 = local.get(14..16)?.parse().ok()?;
    Some(hours * 60 + minutes)
}

fn banned_movements(
    context: &Context<'_>,
    rule: &Rule,
    completed: &[(Passed, MovementId)],
) -> Vec<Violation> {
    let Check::BannedMovement { movement: banned } = &rule.check else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (pass, _) in completed.iter().filter(|(_, movement)| movement == banned) {
        let Some(path) = context.history.path(pass.track) else {
            continue;
        };
        let Some(first) = path.sightings.front() else {
            continue;
        };
        let act = path.nearest(pass.at.time, |_| true).unwrap_or(first);
        let finding = Finding {
            track: pass.track,
            path,
            before: *first,
            act: *act,
            after: *path.last(),
            reasons: vec![reasons::banned_movement(banned.as_str())],
            insufficient: reasons::gap(pass.gap_s).into_iter().collect(),
        };
        let mut violation = finding.violation(rule);
        violation.movement = Some(banned.clone());
        violation.line = Some(context.scene.lines[pass.line].id.clone());
        found.push(violation);
    }
    found
}
