//! Red light and stop line: what a track does after it passed a stop line.
//!
//! Both begin with a confirmed crossing. A road user that drives on past the line is a red-light
//! candidate; one that stays over the line is a stop-line candidate. The head must have been red,
//! and only red, from a margin before the crossing to a margin after it: the crossing is known to
//! the time between two sightings and the lamp to a frame, and the doubt is the rider's.

use giaolo_domain::{SignalState, Violation};

use super::{Context, Finding, applies_to};
use crate::{
    engine::{
        crossings::Passed,
        history::{Path, Sighting},
        reasons,
        signals::Shown,
    },
    model::{Check, Line, Rule},
};

/// Heights of its box past the line from which a road user drives on: seen from behind, the anchor is
/// the rear wheel, and all of it is then beyond the line by about half its length.
const DRIVES_ON: f32 = 0.4;
/// Seconds after the crossing within which it must get there: who creeps does not drive on.
const DRIVES_ON_WITHIN_S: f64 = 3.0;
/// Smallest margin around a crossing in which the head must be red.
const LEAST_MARGIN_S: f64 = 0.2;
/// The frame "before" is about this long before the crossing.
const BEFORE_S: f64 = 1.0;
/// Confidence of the lamp from which red is surely red.
const SURE_RED: f32 = 0.5;
/// Speed below which a road user stands, in heights a second.
const STANDS: f32 = 0.25;

/// Tracks that have passed the line and are not decided yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtLine {
    open: Vec<Open>,
}

#[derive(Clone, Debug)]
struct Open {
    pass: Passed,
    before: Sighting,
    act: Sighting,
    /// Where it had driven on, or had stood long enough.
    after: Option<Sighting>,
}

impl AtLine {
    pub(crate) fn observe(
        &mut self,
        context: &Context<'_>,
        rule: &Rule,
        passed: &[Passed],
    ) -> Vec<Violation> {
        let (Check::RedLight { line: id } | Check::StopLine { line: id, .. }) = &rule.check else {
            return Vec::new();
        };
        let Some(line) = context.scene.line(id) else {
            return Vec::new();
        };
        for pass in passed {
            let forward = pass.way == giaolo_domain::Way::Forward;
            if forward && &context.scene.lines[pass.line].id == id {
                self.open.extend(open(context, line, pass));
            }
        }
        let mut raised = Vec::new();
        self.open.retain_mut(|open| {
            let decision = decide(context, rule, line, open);
            let keep = matches!(decision, Decision::Wait);
            if let Decision::Raise(violation) = decision {
                raised.push(*violation);
            }
            keep
        });
        raised
    }
}

enum Decision {
    Wait,
    Drop,
    Raise(Box<Violation>),
}

fn open(context: &Context<'_>, line: &Line, pass: &Passed) -> Option<Open> {
    let path = context.history.path(pass.track)?;
    let wanted = giaolo_domain::MediaTime::from_seconds(pass.at.time.seconds() - BEFORE_S);
    let before = path.nearest(wanted, |s| past_line(line, s) < 0.0)?;
    let act = path.nearest(pass.at.time, |_| true)?;
    Some(Open { pass: pass.clone(), before: *before, act: *act, after: None })
}

/// Heights of the box that the anchor is past the line, negative before it.
fn past_line(line: &Line, sighting: &Sighting) -> f32 {
    let anchor = sighting.bbox.at_share(line.anchor.0, line.anchor.1);
    line.forward_distance(anchor) / sighting.bbox.height().max(1.0)
}

fn decide(context: &Context<'_>, rule: &Rule, line: &Line, open: &mut Open) -> Decision {
    let Some(path) = context.history.path(open.pass.track) else {
        return Decision::Drop;
    };
    if open.after.is_none() {
        let done = match &rule.check {
            Check::StopLine { dwell_s, .. } => stays(context, line, path, open, *dwell_s),
            _ => drives_on(context, line, path, open),
        };
        match done {
            Progress::NotYet if context.at_end => return Decision::Drop,
            Progress::NotYet => return Decision::Wait,
            Progress::Never => return Decision::Drop,
            Progress::Done(sighting) => open.after = Some(sighting),
        }
    }
    let Some(after) = open.after else {
        return Decision::Wait;
    };
    let Some(head) = &line.head else {
        return Decision::Drop;
    };
    let margin_s = open.pass.gap_s.max(LEAST_MARGIN_S);
    let at = open.pass.at.time;
    let until = giaolo_domain::MediaTime::from_seconds(at.seconds() + margin_s);
    let from = giaolo_domain::MediaTime::from_seconds(at.seconds() - margin_s);
    if !context.at_end && !context.signals.is_settled(head, until, context.now.time) {
        return Decision::Wait;
    }
    let Shown::Only(SignalState::Red, confidence) = context.signals.shown(head, from, until) else {
        return Decision::Drop;
    };
    if !applies_to(rule, path.class) {
        return Decision::Drop;
    }
    let since = context.signals.since(head, at);
    let red_for_s = since.map(|(since, _)| at.seconds_since(since.time));
    let from_start = since.is_none_or(|(_, first)| first);
    let mut why =
        vec![reasons::red_at_crossing(head.as_str(), red_for_s.unwrap_or(0.0), from_start)];
    why.push(match rule.check {
        Check::StopLine { dwell_s, .. } => reasons::stays_over_line(line.id.as_str(), dwell_s),
        _ => reasons::drives_on(line.id.as_str(), past_line(line, &after)),
    });
    let mut insufficient: Vec<_> = reasons::gap(open.pass.gap_s).into_iter().collect();
    if confidence < SURE_RED {
        insufficient.push(reasons::lamp_unsure(head.as_str(), confidence));
    }
    let finding = Finding {
        track: open.pass.track,
        path,
        before: open.before,
        act: open.act,
        after,
        reasons: why,
        insufficient,
    };
    let mut violation = finding.violation(rule);
    violation.line = Some(line.id.clone());
    violation.head = Some(head.clone());
    violation.red_for_s = red_for_s;
    Decision::Raise(Box::new(violation))
}

enum Progress {
    NotYet,
    Never,
    Done(Sighting),
}

fn drives_on(context: &Context<'_>, line: &Line, path: &Path, open: &Open) -> Progress {
    let last = path.last();
    let since_s = last.at.time.seconds_since(open.pass.at.time);
    if since_s <= DRIVES_ON_WITHIN_S && past_line(line, last) >= DRIVES_ON {
        return Progress::Done(*last);
    }
    let over = context.now.time.seconds_since(open.pass.at.time) > DRIVES_ON_WITHIN_S;
    if over { Progress::Never } else { Progress::NotYet }
}

fn stays(context: &Context<'_>, line: &Line, path: &Path, open: &Open, dwell_s: f64) -> Progress {
    let last = path.last();
    if past_line(line, last) >= DRIVES_ON {
        return Progress::Never;
    }
    let since_s = last.at.time.seconds_since(open.pass.at.time);
    let stands = path.speed(dwell_s.min(1.0)).is_some_and(|speed| speed < STANDS);
    if since_s >= dwell_s && stands && past_line(line, last) > 0.0 {
        return Progress::Done(*last);
    }
    let lost = context.now.time.seconds_since(last.at.time) > dwell_s.max(2.0);
    if lost { Progress::Never } else { Progress::NotYet }
}
