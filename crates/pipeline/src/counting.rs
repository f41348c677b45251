//! Counts by quarter of an hour, with the share of each quarter that was really analysed.

use std::collections::BTreeMap;

use giaolo_domain::{
    Crossing, LineId, MediaTime, MovementId, RoadUserClass, TimeOrigin, UtcTime, Way,
};
use giaolo_scene::Scene;
use giaolo_store::{Count, CountRow, CoverageSpan, QUARTER_US};

/// The longest pause between two analysed frames over which the picture is still taken as watched.
/// Slower than the slowest camera we take, quicker than a vehicle can pass unseen.
const LONGEST_PAUSE_S: f64 = 2.0;

/// Counts of one recording as it goes.
#[derive(Debug)]
pub(crate) struct Counting {
    origin: TimeOrigin,
    counts: BTreeMap<Key, u64>,
    spans: Vec<(MediaTime, MediaTime)>,
}

type Key = (LineId, Way, Option<MovementId>, RoadUserClass, i64);

impl Counting {
    pub(crate) fn new(origin: TimeOrigin) -> Self {
        Self { origin, counts: BTreeMap::new(), spans: Vec::new() }
    }

    /// A frame was analysed, and stands for the time until the next one.
    pub(crate) fn frame(&mut self, time: MediaTime) {
        match self.spans.last_mut() {
            Some((_, until)) if time.seconds_since(*until) <= LONGEST_PAUSE_S => *until = time,
            _ => self.spans.push((time, time)),
        }
    }

    pub(crate) fn crossing(&mut self, crossing: &Crossing) {
        let quarter = self.quarter(crossing.at.time);
        let key = (
            crossing.line.clone(),
            crossing.way,
            crossing.movement.clone(),
            crossing.class,
            quarter,
        );
        *self.counts.entry(key).or_default() += 1;
    }

    fn quarter(&self, time: MediaTime) -> i64 {
        self.origin.start.plus(time).micros().div_euclid(QUARTER_US)
    }

    /// What was watched, in the world's time. `frame_s` is how long the last frame stands for.
    pub(crate) fn coverage(&self, frame_s: f64) -> Vec<CoverageSpan> {
        self.spans
            .iter()
            .map(|(from, until)| CoverageSpan {
                from: self.origin.start.plus(*from),
                until: self
                    .origin
                    .start
                    .plus(MediaTime(until.0 + MediaTime::from_seconds(frame_s).0.max(1))),
            })
            .collect()
    }

    /// One row for each line, way and quarter that was watched, with 0 where nobody passed: what
    /// was watched and empty is a number, what was not watched has no row.
    pub(crate) fn rows(&self, scene: &Scene, frame_s: f64) -> Vec<CountRow> {
        let mut watched: BTreeMap<i64, i64> = BTreeMap::new();
        for span in self.coverage(frame_s) {
            let mut from = span.from.micros();
            while from < span.until.micros() {
                let quarter = from.div_euclid(QUARTER_US);
                let end = ((quarter + 1) * QUARTER_US).min(span.until.micros());
                *watched.entry(quarter).or_default() += end - from;
                from = end;
            }
        }
        let mut rows = Vec::new();
        for (&quarter, &micros) in &watched {
            let coverage = (micros as f64 / QUARTER_US as f64).min(1.0);
            for line in &scene.lines {
                for way in [Way::Forward, Way::Back] {
                    for class in RoadUserClass::ALL {
                        rows.extend(self.rows_of(&line.id, way, class, quarter, coverage));
                    }
                }
            }
        }
        rows
    }

    fn rows_of(
        &self,
        line: &LineId,
        way: Way,
        class: RoadUserClass,
        quarter: i64,
        coverage: f64,
    ) -> Vec<CountRow> {
        let row = |movement: Option<MovementId>, count: u64| CountRow {
            line: line.clone(),
            way,
            movement,
            class,
            quarter: UtcTime::from_micros(quarter * QUARTER_US),
            count: Count::Known(count),
            coverage,
        };
        let mut rows: Vec<CountRow> = self
            .counts
            .iter()
            .filter(|((l, w, _, c, q), _)| l == line && *w == way && *c == class && *q == quarter)
            .map(|((_, _, movement, _, _), count)| row(movement.clone(), *count))
            .collect();
        if !rows.iter().any(|r| r.movement.is_none()) {
            rows.insert(0, row(None, 0));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::ClockSource;

    #[test]
    fn a_pause_is_no_coverage_and_a_quarter_ends_where_it_ends() {
        let start = UtcTime::parse("2026-11-24T07:14:50+07:00").unwrap();
        let origin = TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: Some(1.0) };
        let mut counting = Counting::new(origin);
        for second in (0..20).chain(60..70) {
            counting.frame(MediaTime::from_seconds(f64::from(second)));
        }
        let spans = counting.coverage(1.0);
        assert_eq!(spans.len(), 2);
        assert_eq!(spans[0].until.micros() - spans[0].from.micros(), 20_000_000);
        let scene = Scene::from_toml(
            "[scene]\ncamera = \"c\"\nplace = \"p\"\nsize = [640, 480]\n[[line]]\nid = \"l\"\n\
             kind = \"count\"\npoints = [[0, 100], [600, 100]]\nforward_to = [300, 300]\n",
        )
        .unwrap();
        let rows = counting.rows(&scene, 1.0);
        // Two quarters, two ways, six classes, all watched and empty.
        assert_eq!(rows.len(), 24);
        assert!(rows.iter().all(|r| r.count == Count::Known(0)));
        let shares: Vec<f64> = [0, 12].map(|i| rows[i].coverage * 900.0).to_vec();
        assert!((shares[0] - 10.0).abs() < 1e-6 && (shares[1] - 20.0).abs() < 1e-6, "{shares:?}");
    }
}
