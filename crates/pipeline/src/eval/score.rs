//! Matching of events with truth: greedy, one to one, nearest in time first.

use std::collections::BTreeMap;

use giaolo_domain::{
    ClassGroup, Crossing, Event, SignalChange, SignalState, Violation, ViolationKind,
};
use serde::Serialize;

use super::truth::{Truth, TruthCrossing, TruthViolation};

/// What was right.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Scores {
    /// Crossings; `null` where the truth has none, for then nothing can be said.
    pub crossings: Option<CrossingScore>,
    /// Bare numbers, where the truth has them.
    pub totals: Vec<TotalScore>,
    /// Violations by kind.
    pub violations: BTreeMap<ViolationKind, ViolationScore>,
    /// Signal heads; `null` where the truth has none.
    pub signal: Option<SignalScore>,
}

/// Crossings, all lines together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CrossingScore {
    /// All lines together.
    #[serde(flatten)]
    pub all: Counts,
    /// By line.
    pub by_line: BTreeMap<String, Counts>,
}

/// How many there were, were said, and agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// In the truth.
    pub truth: u64,
    /// Predicted.
    pub predicted: u64,
    /// Of both.
    pub matched: u64,
    /// Share of the predicted that are true; `None` where nothing was predicted.
    pub precision: Option<f64>,
    /// Share of the true that were predicted; `None` where there is nothing to find.
    pub recall: Option<f64>,
}

/// One number of the truth.
#[derive(Clone, Debug, Serialize)]
pub struct TotalScore {
    /// Over which line.
    pub line: String,
    /// Which way.
    pub way: &'static str,
    /// Of which class.
    pub class: String,
    /// How many a person counted.
    pub truth: u64,
    /// How many were said.
    pub predicted: u64,
    /// Whether that is near enough.
    pub within_tolerance: bool,
}

/// Violations of a kind.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ViolationScore {
    /// All of them.
    #[serde(flatten)]
    pub all: Counts,
    /// Those that a person would not argue about.
    pub clear: ClearScore,
    /// Alarms that are neither right nor wrong.
    pub not_scored: u64,
}

/// Violations that a person would not argue about.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ClearScore {
    /// In the truth.
    pub truth: u64,
    /// Found.
    pub matched: u64,
    /// Share found.
    pub recall: Option<f64>,
}

/// Signal heads over all frames.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SignalScore {
    /// Frames with truth, each head apart.
    pub frames: u64,
    /// Of those right.
    pub right: u64,
    /// Share right.
    pub share: f64,
}

impl Counts {
    fn of(truth: usize, predicted: usize, matched: usize) -> Self {
        let share = |of: usize| (of > 0).then(|| matched as f64 / of as f64);
        Self {
            truth: truth as u64,
            predicted: predicted as u64,
            matched: matched as u64,
            precision: share(predicted),
            recall: share(truth),
        }
    }
}

/// Scores events against truth; `frames` is the clip's length.
pub fn score(truth: &Truth, events: &[Event], frames: u64) -> Scores {
    let crossings: Vec<&Crossing> = events
        .iter()
        .filter_map(|event| match event {
            Event::Crossing(c) if c.class.group() != ClassGroup::Pedestrian => Some(c),
            _ => None,
        })
        .collect();
    let violations: Vec<&Violation> = events
        .iter()
        .filter_map(|event| match event {
            Event::Violation(violation) => Some(&**violation),
            _ => None,
        })
        .collect();
    Scores {
        crossings: truth.crossings.as_ref().map(|wanted| score_crossings(wanted, &crossings)),
        totals: score_totals(truth, &crossings),
        violations: score_violations(truth, &violations),
        signal: score_signal(truth, events, frames),
    }
}

/// Pairs of the nearest first, each side once; returns which of the left were matched with what.
fn greedy(
    mut candidates: Vec<(u64, usize, usize)>,
    left: usize,
    right: usize,
) -> Vec<Option<usize>> {
    candidates.sort_unstable();
    let mut taken = vec![false; right];
    let mut matched = vec![None; left];
    for (_, l, r) in candidates {
        if matched[l].is_none() && !taken[r] {
            matched[l] = Some(r);
            taken[r] = true;
        }
    }
    matched
}

fn score_crossings(wanted: &[TruthCrossing], found: &[&Crossing]) -> CrossingScore {
    let mut candidates = Vec::new();
    for (t, truth) in wanted.iter().enumerate() {
        for (p, crossing) in found.iter().enumerate() {
            let apart = crossing.at.frame.abs_diff(truth.frame);
            let fits = crossing.line == truth.line
                && truth.way.accepts(crossing.way)
                && truth.class.accepts(crossing.class.group())
                && apart <= truth.tolerance;
            if fits {
                candidates.push((apart, t, p));
            }
        }
    }
    let matched = greedy(candidates, wanted.len(), found.len());
    let of_line = |line: &str| {
        let truth = wanted.iter().filter(|t| t.line.as_str() == line).count();
        let predicted = found.iter().filter(|p| p.line.as_str() == line).count();
        let both =
            wanted.iter().zip(&matched).filter(|(t, m)| t.line.as_str() == line && m.is_some());
        Counts::of(truth, predicted, both.count())
    };
    let lines = wanted.iter().map(|t| &t.line).chain(found.iter().map(|p| &p.line));
    CrossingScore {
        all: Counts::of(wanted.len(), found.len(), matched.iter().flatten().count()),
        by_line: lines.map(|line| (line.to_string(), of_line(line.as_str()))).collect(),
    }
}

fn score_totals(truth: &Truth, found: &[&Crossing]) -> Vec<TotalScore> {
    let of = |total: &super::truth::TruthTotal| {
        let predicted = found.iter().filter(|crossing| {
            crossing.line == total.line
                && total.way.accepts(crossing.way)
                && total.class.as_ref().is_none_or(|c| c.accepts(crossing.class.group()))
        });
        let predicted = predicted.count() as u64;
        TotalScore {
            line: total.line.to_string(),
            way: total.way.as_str(),
            class: total.class.as_ref().map_or_else(|| "all".to_owned(), |c| c.name.clone()),
            truth: total.count,
            predicted,
            within_tolerance: predicted.abs_diff(total.count) <= total.tolerance,
        }
    };
    truth.totals.iter().map(of).collect()
}

/// The frames of an alarm: from the act to the frame that shows it done.
fn span(violation: &Violation) -> (u64, u64) {
    (violation.act.frame, violation.after.frame.max(violation.act.frame))
}

fn overlaps((from, to): (u64, u64), first: u64, last: u64) -> bool {
    from <= last && to >= first
}

fn score_violations(
    truth: &Truth,
    found: &[&Violation],
) -> BTreeMap<ViolationKind, ViolationScore> {
    ViolationKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let wanted: Vec<&TruthViolation> =
                truth.violations.iter().filter(|v| v.kind == kind).collect();
            let alarms: Vec<&Violation> =
                found.iter().copied().filter(|v| v.kind == kind).collect();
            let mentioned = truth.not_scored.iter().any(|n| n.kind == kind);
            (!wanted.is_empty() || !alarms.is_empty() || mentioned)
                .then(|| (kind, score_kind(truth, kind, &wanted, &alarms)))
        })
        .collect()
}

fn score_kind(
    truth: &Truth,
    kind: ViolationKind,
    wanted: &[&TruthViolation],
    alarms: &[&Violation],
) -> ViolationScore {
    let mut candidates = Vec::new();
    for (t, truth) in wanted.iter().enumerate() {
        for (p, alarm) in alarms.iter().enumerate() {
            let fits = overlaps(span(alarm), truth.from, truth.to)
                && truth.class.accepts(alarm.class.group());
            if fits {
                let middle = (truth.from + truth.to) / 2;
                candidates.push((alarm.act.frame.abs_diff(middle), t, p));
            }
        }
    }
    let matched = greedy(candidates, wanted.len(), alarms.len());
    let taken: Vec<usize> = matched.iter().flatten().copied().collect();
    let not_scored = alarms
        .iter()
        .enumerate()
        .filter(|(p, alarm)| {
            !taken.contains(p)
                && truth
                    .not_scored
                    .iter()
                    .any(|n| n.kind == kind && overlaps(span(alarm), n.from, n.to))
        })
        .count();
    let clear = wanted.iter().zip(&matched).filter(|(truth, _)| truth.clear);
    let clear_truth = clear.clone().count();
    let clear_found = clear.filter(|(_, m)| m.is_some()).count();
    ViolationScore {
        all: Counts::of(wanted.len(), alarms.len() - not_scored, taken.len()),
        clear: ClearScore {
            truth: clear_truth as u64,
            matched: clear_found as u64,
            recall: (clear_truth > 0).then(|| clear_found as f64 / clear_truth as f64),
        },
        not_scored: not_scored as u64,
    }
}

fn score_signal(truth: &Truth, events: &[Event], frames: u64) -> Option<SignalScore> {
    if truth.signal.is_empty() {
        return None;
    }
    let changes: Vec<&SignalChange> = events
        .iter()
        .filter_map(|event| match event {
            Event::Signal(change) => Some(change),
            _ => None,
        })
        .collect();
    let said = |head, frame: u64| {
        changes
            .iter()
            .filter(|c| &c.head == head && c.at.frame <= frame)
            .max_by_key(|c| c.at.frame)
            .map_or(SignalState::Unknown, |c| c.to)
    };
    let (mut all, mut right) = (0, 0);
    for span in &truth.signal {
        for frame in span.from..=span.to.min(frames.saturating_sub(1)) {
            all += 1;
            let state = said(&span.head, frame);
            let near = truth.signal.iter().any(|other| {
                other.head == span.head
                    && other.state == state
                    && frame + other.tolerance >= other.from
                    && frame <= other.to + other.tolerance
            });
            right += u64::from(state == span.state || near);
        }
    }
    Some(SignalScore { frames: all, right, share: right as f64 / (all.max(1)) as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(json: &str) -> Truth {
        serde_json::from_str(json).unwrap()
    }

    fn crossing(line: &str, way: &str, class: &str, frame: u64) -> Event {
        serde_json::from_value(serde_json::json!({
            "event": "crossing", "frame": frame, "t_us": frame * 40_000, "track": frame, "line": line,
            "way": way, "class": class, "confidence": 0.5, "point": [0.0, 0.0],
            "confirmed": {"frame": frame, "t_us": 0}
        }))
        .unwrap()
    }

    #[test]
    fn each_crossing_counts_once_and_the_nearest_wins() {
        let truth = truth(
            r#"{"crossings": [
                {"line": "a", "way": "forward", "class": "motorbike", "frame": 10, "tolerance": 4},
                {"line": "a", "way": "any", "class": "car or truck", "frame": 20, "tolerance": 4},
                {"line": "b", "way": "back", "class": "car", "frame": 30, "tolerance": 1}]}"#,
        );
        let events = [
            crossing("a", "forward", "bicycle", 13),
            crossing("a", "forward", "motorbike", 11),
            crossing("a", "back", "bus", 22),
            crossing("b", "forward", "car", 30),
            crossing("b", "back", "pedestrian", 30),
        ];
        let scores = score(&truth, &events, 100).crossings.unwrap();
        assert_eq!((scores.all.truth, scores.all.predicted, scores.all.matched), (3, 4, 2));
        assert_eq!(scores.by_line["b"].matched, 0);
        assert_eq!(scores.by_line["a"].precision, Some(2.0 / 3.0));
    }

    #[test]
    fn a_signal_may_change_a_frame_early_but_not_be_unknown() {
        let truth = truth(
            r#"{"signal": [
                {"head": "n", "state": "green", "from": 0, "to": 9, "tolerance": 1},
                {"head": "n", "state": "red", "from": 10, "to": 19, "tolerance": 1}]}"#,
        );
        let change = |frame: u64, from: &str, to: &str| -> Event {
            serde_json::from_value(serde_json::json!({
                "event": "signal", "frame": frame, "t_us": 0, "head": "n", "from": from, "to": to,
                "confidence": 0.9
            }))
            .unwrap()
        };
        let early = [change(0, "unknown", "green"), change(9, "green", "red")];
        assert_eq!(score(&truth, &early, 20).signal.unwrap().right, 20);
        let late = [change(0, "unknown", "green"), change(13, "green", "red")];
        assert_eq!(score(&truth, &late, 20).signal.unwrap().right, 18);
        assert_eq!(score(&truth, &[], 20).signal.unwrap().right, 0);
    }
}
