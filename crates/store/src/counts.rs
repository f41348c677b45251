//! Counts by quarter of an hour, with the time that they are the counts of.
//!
//! Runs write what they counted; reading puts runs together, and that is where a wrong number would
//! be born. Two rules keep it out:
//!
//! * Of several runs of one source, one speaks: the newest complete one, or where none is complete
//!   the newest of all. A second analysis never doubles a count.
//! * Different sources of one camera (07:00 to 07:10 and 07:10 to 07:15) add up, counts and coverage.
//!   Where they show the same seconds twice, the quarter's counts are unknown, because nobody can say
//!   which riders are in both.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{CameraId, LineId, MovementId, RoadUserClass, UtcTime, Way};

use crate::{RunId, Store, StoreError, db::Row, value::Value};

/// A quarter of an hour in microseconds.
pub const QUARTER_US: i64 = 15 * 60 * 1_000_000;

/// Recorders cut files at keyframes and repeat up to some frames at the seam; that much is no overlap.
const SEAM_US: i64 = 1_000_000;

/// Chooses the run that speaks for its source, as the module says. Newer runs have higher numbers.
pub(crate) const SPEAKS: &str = "r.id = (SELECT o.id FROM runs o
         WHERE o.camera = r.camera AND o.source_sha256 = r.source_sha256
         ORDER BY (o.state = 'complete') DESC, o.id DESC LIMIT 1)";

/// The runs of `cameras` (a list or a query of ids) that speak, as a table `speaking` before a query: for
/// questions over many sources, where asking [`SPEAKS`] of each run would take longer than the answer.
pub(crate) fn speaking(cameras: &str) -> String {
    format!(
        "WITH speaking AS MATERIALIZED (SELECT o.id FROM (
             SELECT r.id, row_number() OVER (PARTITION BY r.camera, r.source_sha256
                 ORDER BY (r.state = 'complete') DESC, r.id DESC) AS place
             FROM runs r WHERE r.camera IN ({cameras})) AS o
             WHERE o.place = 1)"
    )
}

/// How many road users of a class passed a line one way in a quarter of an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct CountRow {
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: Way,
    /// Which movement they completed there; `None` for those that completed none.
    pub movement: Option<MovementId>,
    /// Of which class.
    pub class: RoadUserClass,
    /// Start of the quarter: a whole multiple of [`QUARTER_US`].
    pub quarter: UtcTime,
    /// How many.
    pub count: Count,
    /// The share of the quarter that was really analysed, 0 to 1.
    pub coverage: f64,
}

/// A number of road users, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many were counted in the time that coverage gives.
    Known(u64),
    /// Nothing was analysed: the coverage is 0. No row at all says the same.
    NotAnalysed,
    /// Sources show the same time twice; only given by [`Store::counts`].
    Overlapping,
}

/// A span of the world's time that was really analysed; `from` before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageSpan {
    /// Its first moment.
    pub from: UtcTime,
    /// The moment after its last.
    pub until: UtcTime,
}

/// What is added up: everything that tells one count from another. Way and class by name, in order.
type CountKey = (UtcTime, String, Way, Option<String>, RoadUserClass);

impl Store {
    /// Puts a run's counts and coverage in place of those it had, all or none.
    ///
    /// A line that was watched and that nobody passed has rows of [`Count::Known`] 0; a quarter
    /// without video has none.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`]; [`StoreError::Value`] for a count that its coverage denies;
    /// [`StoreError::Query`] for a quarter that is none, an empty span, or a row given twice.
    pub async fn replace_counts(
        &self,
        run: RunId,
        counts: &[CountRow],
        coverage: &[CoverageSpan],
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin("replacing counts").await?;
        let camera = self.hold_run(&mut transaction, run).await?.camera;
        for sql in ["DELETE FROM counts WHERE run = $1", "DELETE FROM coverage WHERE run = $1"] {
            transaction.execute(sql, vec![run.value()]).await?;
        }
        let mut rows = Vec::with_capacity(counts.len());
        for row in counts {
            let movement = row.movement.as_ref();
            rows.push(vec![
                run.value(),
                Value::text(&camera),
                Value::text(row.line.as_str()),
                Value::word(row.way)?,
                Value::Text(movement.map(|movement| movement.as_str().to_owned())),
                Value::word(row.class)?,
                Value::time(row.quarter),
                stored_count(row)?,
                Value::real(row.coverage),
            ]);
        }
        let columns = [
            "run",
            "camera",
            "line",
            "way",
            "movement",
            "class",
            "quarter_at_us",
            "count",
            "coverage",
        ];
        transaction.insert_rows("counts", &columns, rows).await?;
        let spans = coverage
            .iter()
            .map(|span| {
                vec![
                    run.value(),
                    Value::text(&camera),
                    Value::time(span.from),
                    Value::time(span.until),
                ]
            })
            .collect();
        let columns = ["run", "camera", "from_at_us", "until_at_us"];
        transaction.insert_rows("coverage", &columns, spans).await?;
        transaction.commit().await
    }

    /// The counts of a camera in the quarters that start in `[from, until)`, put together over its
    /// sources as the module says; by quarter, line, way, movement and class.
    pub async fn counts(
        &self,
        camera: &CameraId,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<Vec<CountRow>, StoreError> {
        let db = &self.database;
        let sql = format!(
            "SELECT c.line, c.way, c.movement, c.class, c.quarter_at_us, c.count, c.coverage
             FROM counts c JOIN runs r ON r.id = c.run
             WHERE c.camera = $1 AND c.quarter_at_us >= $2 AND c.quarter_at_us < $3 AND {SPEAKS}"
        );
        let values = vec![Value::text(camera.as_str()), Value::time(from), Value::time(until)];
        let rows = db.fetch("reading counts", sql, values).await?;
        let mut sums: BTreeMap<CountKey, (Option<u64>, f64)> = BTreeMap::new();
        for row in &rows {
            let sum = sums.entry(self.count_key(row)?).or_insert((None, 0.0));
            if db.maybe_integer(row, "count")?.is_some() {
                sum.0 = Some(sum.0.unwrap_or(0) + db.unsigned(row, "count")?);
            }
            sum.1 += db.real(row, "coverage")?;
        }
        let doubled = self.doubled_quarters(camera, from, until).await?;
        let together = |((quarter, line, way, movement, class), (count, coverage)): (
            CountKey,
            (Option<u64>, f64),
        )| CountRow {
            line: LineId::new(line),
            way,
            movement: movement.map(MovementId::new),
            class,
            quarter,
            count: match count {
                None => Count::NotAnalysed,
                Some(_) if doubled.contains(&quarter) => Count::Overlapping,
                Some(count) => Count::Known(count),
            },
            // A seam, or the rounding of shares, must not make more than the whole.
            coverage: coverage.min(1.0),
        };
        Ok(sums.into_iter().map(together).collect())
    }

    /// The spans of a camera's time that were analysed, cut to `[from, until)`, in order; those of
    /// different sources may touch or overlap.
    pub async fn coverage(
        &self,
        camera: &CameraId,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<Vec<CoverageSpan>, StoreError> {
        let db = &self.database;
        let sql = format!(
            "SELECT s.from_at_us, s.until_at_us FROM coverage s JOIN runs r ON r.id = s.run
             WHERE s.camera = $1 AND s.from_at_us < $3 AND s.until_at_us > $2 AND {SPEAKS}
             ORDER BY s.from_at_us, s.until_at_us"
        );
        let values = vec![Value::text(camera.as_str()), Value::time(from), Value::time(until)];
        let rows = db.fetch("reading coverage", sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(CoverageSpan {
                    from: db.time(row, "from_at_us")?.max(from),
                    until: db.time(row, "until_at_us")?.min(until),
                })
            })
            .collect()
    }

    fn count_key(&self, row: &Row) -> Result<CountKey, StoreError> {
        let db = &self.database;
        Ok((
            db.time(row, "quarter_at_us")?,
            db.text(row, "line")?,
            db.word(row, "way")?,
            db.maybe_text(row, "movement")?,
            db.word(row, "class")?,
        ))
    }

    /// Quarters in which two sources show the same time for longer than a seam.
    pub(crate) async fn doubled_quarters(
        &self,
        camera: &CameraId,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<BTreeSet<UtcTime>, StoreError> {
        // The last quarter that starts before `until` ends after it.
        let until = UtcTime::from_micros(until.micros().saturating_add(QUARTER_US));
        let spans = self.coverage(camera, from, until).await?;
        Ok(doubled_quarters(&spans))
    }
}

/// `spans` in order of their start.
fn doubled_quarters(spans: &[CoverageSpan]) -> BTreeSet<UtcTime> {
    let mut doubled = BTreeSet::new();
    let mut covered_until = i64::MIN;
    for span in spans {
        let (from, until) = (span.from.micros(), span.until.micros());
        let both_until = until.min(covered_until);
        if both_until.saturating_sub(from) > SEAM_US {
            let first = from.div_euclid(QUARTER_US);
            let last = (both_until - 1).div_euclid(QUARTER_US);
            doubled.extend((first..=last).map(|n| UtcTime::from_micros(n * QUARTER_US)));
        }
        covered_until = covered_until.max(until);
    }
    doubled
}

fn stored_count(row: &CountRow) -> Result<Value, StoreError> {
    match row.count {
        Count::Known(count) if row.coverage > 0.0 => Value::unsigned(count),
        Count::NotAnalysed if row.coverage == 0.0 => Ok(Value::Integer(None)),
        _ => Err(StoreError::Value {
            what: format!(
                "{:?} of {} at line `{}` in the quarter from {}",
                row.count, row.class, row.line, row.quarter
            ),
            problem: format!(
                "its coverage is {}; a known count has coverage, an unanalysed quarter has none",
                row.coverage
            ),
        }),
    }
}
