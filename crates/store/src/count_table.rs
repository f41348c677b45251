//! Counts as a table: a row for each line and way, a column for each quarter, hour or day.
//!
//! It reads only what runs have added up (`counts`), never crossings. What is said of single counts
//! (`counts.rs`) holds of each cell: the newest complete run of a source speaks, sources add up, where
//! two show the same time nobody knows the number, and no video is not 0.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{CameraId, LineId, MovementId, RoadUserClass, UtcTime, Way};
use serde::{Deserialize, Serialize};

use crate::{
    QUARTER_US, Scope, Store, StoreError,
    account_types::invalid,
    case_find::Conditions,
    count_sql::Source,
    db::Row,
    viet_nam::{DAY_US, HOUR_US, midnight},
};

/// Bins of a table, at most: more than a year of hours.
const MOST_BINS: i64 = 10_000;
/// A quarter that was analysed less than this has no place in a peak hour.
const WHOLE: f64 = 0.95;
/// Quarters of an hour.
const QUARTERS: i64 = 4;

/// The width of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bin {
    /// A quarter of an hour.
    #[serde(rename = "15min")]
    Quarter,
    /// An hour.
    #[serde(rename = "hour")]
    Hour,
    /// A day in Viet Nam.
    #[serde(rename = "day")]
    Day,
}

impl Bin {
    /// Its length in microseconds.
    pub const fn micros(self) -> i64 {
        match self {
            Self::Quarter => QUARTER_US,
            Self::Hour => HOUR_US,
            Self::Day => DAY_US,
        }
    }

    /// Where the bins that a moment lies in begin. Viet Nam is whole hours ahead: only days differ.
    fn begin(self, at: UtcTime) -> UtcTime {
        match self {
            Self::Day => midnight(at),
            _ => UtcTime::from_micros(at.micros().div_euclid(self.micros()) * self.micros()),
        }
    }
}

/// What tells a line's rows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBy {
    /// One row for a line and a way.
    Line,
    /// One for each movement that ends there, and one for those that completed none.
    Movement,
    /// One for each class.
    Class,
}

/// A question about counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountQuery {
    /// Of these cameras; empty for all.
    pub cameras: Vec<CameraId>,
    /// Of these lines; empty for all.
    pub lines: Vec<LineId>,
    /// From the bin that this moment lies in.
    pub from: UtcTime,
    /// To the bin that begins before this moment.
    pub until: UtcTime,
    /// How wide a column is.
    pub bin: Bin,
    /// What tells rows apart.
    pub by: CountBy,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTable {
    /// Where each column begins.
    pub bins: Vec<UtcTime>,
    /// The rows, by camera, line, way and what tells them apart.
    pub rows: Vec<CountTableRow>,
    /// The busiest hour of one camera; `None` where several were asked for, or where no hour was
    /// analysed whole.
    pub peak: Option<PeakHour>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTableRow {
    /// Whose picture.
    pub camera: CameraId,
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: Way,
    /// Asked by movement: which one; `None` for those that completed none.
    pub movement: Option<MovementId>,
    /// Asked by class: which one.
    pub class: Option<RoadUserClass>,
    /// One for each bin.
    pub cells: Vec<Cell>,
}

/// A number of road users, if it is known, and for how much of the bin it speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// How many were counted in the time that coverage gives. `None` where nothing was analysed, the
    /// line was not drawn, or sources overlap.
    pub count: Option<u64>,
    /// The share of the bin in which the line was watched, 0 to 1.
    pub coverage: f64,
    /// Two sources show the same time: nobody can say which road users are in both.
    pub overlapping: bool,
}

/// The busiest hour: four quarters in a row, over all rows together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeakHour {
    /// Where it begins.
    pub from: UtcTime,
    /// Crossings of the lines that were asked for. Who passes two of them counts twice.
    pub count: u64,
    /// Peak-hour factor: the hour over four times its busiest quarter, 0.25 to 1. `None` in an hour
    /// without anybody.
    pub factor: Option<f64>,
}

type LineKey = (String, String, Way);
type Watched = BTreeMap<LineKey, BTreeMap<usize, f64>>;
/// By camera.
type Doubled = BTreeMap<String, BTreeSet<UtcTime>>;

/// The cells of a table before anything is counted into them.
struct Grid<'t> {
    from: UtcTime,
    width: i64,
    bins: usize,
    watched: &'t Watched,
    doubled: &'t Doubled,
}

impl Grid<'_> {
    /// 0 where the line was watched: had anybody passed, there would be a row.
    fn cells(&self, line: &LineKey) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); self.bins];
        for (bin, coverage) in self.watched.get(line).into_iter().flatten() {
            if let Some(cell) = cells.get_mut(*bin) {
                cell.coverage = *coverage;
                cell.count = (*coverage > 0.0).then_some(0);
            }
        }
        for quarter in self.doubled.get(&line.0).into_iter().flatten() {
            let bin = (quarter.micros() - self.from.micros()) / self.width;
            if let Some(cell) = cells.get_mut(bin as usize).filter(|cell| cell.coverage > 0.0) {
                cell.count = None;
                cell.overlapping = true;
            }
        }
        cells
    }
}

/// The first of the busiest four quarters in a row.
fn busiest(quarters: &BTreeMap<i64, u64>) -> Option<PeakHour> {
    let mut peak: Option<PeakHour> = None;
    for from in quarters.keys() {
        let hour: Vec<u64> =
            (0..QUARTERS).filter_map(|n| quarters.get(&(from + n * QUARTER_US)).copied()).collect();
        let count = hour.iter().sum();
        let is_whole = hour.len() == QUARTERS as usize;
        if is_whole && peak.is_none_or(|peak| peak.count < count) {
            let busiest = hour.iter().max().copied().unwrap_or(0);
            let factor = (busiest > 0).then(|| count as f64 / (QUARTERS as f64 * busiest as f64));
            peak = Some(PeakHour { from: UtcTime::from_micros(*from), count, factor });
        }
    }
    peak
}

impl Store {
    /// Counts within a scope.
    ///
    /// # Errors
    /// [`crate::Refusal::Invalid`] for a span that is empty or has more than 10,000 bins.
    pub async fn count_table(
        &self,
        query: &CountQuery,
        scope: &Scope,
    ) -> Result<CountTable, StoreError> {
        let db = &self.database;
        let from = query.bin.begin(query.from);
        let span = query.until.micros().saturating_sub(from.micros());
        if span <= 0 {
            return Err(invalid("until", "must be later than `from`"));
        }
        let width = query.bin.micros();
        let columns = span.div_euclid(width) + i64::from(span.rem_euclid(width) > 0);
        if columns > MOST_BINS {
            let problem =
                format!("makes {columns} columns of the span; at most {MOST_BINS} are shown");
            return Err(invalid("bin", problem));
        }
        let begins = |n: i64| UtcTime::from_micros(from.micros() + n * width);
        let bins: Vec<UtcTime> = (0..columns).map(begins).collect();
        let until = begins(columns);
        let cameras = self.cameras_within(&query.cameras, scope).await?;
        if cameras.is_empty() {
            return Ok(CountTable { bins, rows: Vec::new(), peak: None });
        }
        let source = Source::new(&cameras, &query.lines, from, until);
        let watched = self.watched(&source, from, width).await?;
        let doubled = self.doubled(watched.keys(), from, until).await?;
        let grid = Grid { from, width, bins: bins.len(), watched: &watched, doubled: &doubled };
        let mut rows: BTreeMap<(LineKey, Option<String>), Vec<Cell>> = BTreeMap::new();
        let sql = source.counts(query.by, width);
        for row in db.fetch("reading counts", sql, source.values()).await? {
            let line = self.line_key(&row)?;
            let extra = db.maybe_text(&row, "extra")?;
            let cells = rows.entry((line.clone(), extra)).or_insert_with(|| grid.cells(&line));
            let counted = db.maybe_integer(&row, "counted")?.map(i64::unsigned_abs);
            let cell = cells.get_mut(self.bin(&row, from, width)?);
            if let Some(count) = cell.and_then(|cell| cell.count.as_mut()) {
                *count = counted.unwrap_or(0);
            }
        }
        let mut table = Vec::with_capacity(rows.len());
        for (((camera, line, way), extra), cells) in rows {
            let class = match &extra {
                Some(word) if query.by == CountBy::Class => Some(self.class(word)?),
                _ => None,
            };
            let movement = extra.filter(|_| query.by == CountBy::Movement).map(MovementId::new);
            let (camera, line) = (CameraId::new(camera), LineId::new(line));
            table.push(CountTableRow { camera, line, way, movement, class, cells });
        }
        let peak = match query.cameras.len() {
            1 => self.peak_hour(&source, watched.len(), &doubled).await?,
            _ => None,
        };
        Ok(CountTable { bins, rows: table, peak })
    }

    /// The last day, in Viet Nam time, in which anything was counted: `[from, until)`.
    pub async fn last_counted_day(
        &self,
        cameras: &[CameraId],
        scope: &Scope,
    ) -> Result<Option<(UtcTime, UtcTime)>, StoreError> {
        let db = &self.database;
        let cameras = self.cameras_within(cameras, scope).await?;
        if cameras.is_empty() {
            return Ok(None);
        }
        let ever = (UtcTime::from_micros(i64::MIN), UtcTime::from_micros(i64::MAX));
        let source = Source::new(&cameras, &[], ever.0, ever.1);
        let rows =
            db.fetch("looking for the last counts", source.newest(), source.values()).await?;
        let last = match rows.first() {
            Some(row) => db.maybe_integer(row, "newest")?.map(UtcTime::from_micros),
            None => None,
        };
        Ok(last.map(|last| {
            let from = midnight(last);
            (from, UtcTime::from_micros(from.micros() + DAY_US))
        }))
    }

    /// Those of the cameras, or of all where none is named, that lie within a scope.
    async fn cameras_within(
        &self,
        cameras: &[CameraId],
        scope: &Scope,
    ) -> Result<Vec<String>, StoreError> {
        let db = &self.database;
        let mut conditions = Conditions::default();
        if !cameras.is_empty() {
            let names = cameras.iter().map(|camera| camera.as_str().to_owned()).collect::<Vec<_>>();
            conditions.one_of("k.id", &names);
        }
        if let Some(units) = &scope.units {
            conditions.one_of("p.unit", units);
        }
        let sql = format!(
            "SELECT k.id FROM cameras k LEFT JOIN points p ON p.id = k.point{} ORDER BY k.id",
            conditions.sql()
        );
        let rows = db.fetch("looking for cameras", sql, conditions.values).await?;
        rows.iter().map(|row| db.text(row, "id")).collect()
    }

    async fn peak_hour(
        &self,
        source: &Source,
        lines: usize,
        doubled: &Doubled,
    ) -> Result<Option<PeakHour>, StoreError> {
        let db = &self.database;
        let mut quarters: BTreeMap<i64, u64> = BTreeMap::new();
        for row in db.fetch("reading quarters", source.quarters(WHOLE), source.values()).await? {
            // Every line of the table must have been watched, or the hour would only seem quiet.
            if db.unsigned(&row, "whole_lines")? == lines as u64 {
                let count = db.maybe_integer(&row, "counted")?.unwrap_or(0).unsigned_abs();
                quarters.insert(db.integer(&row, "quarter_at_us")?, count);
            }
        }
        for quarter in doubled.values().flatten() {
            quarters.remove(&quarter.micros());
        }
        Ok(busiest(&quarters))
    }

    /// The share of each bin in which each line was watched.
    async fn watched(
        &self,
        source: &Source,
        from: UtcTime,
        width: i64,
    ) -> Result<Watched, StoreError> {
        let db = &self.database;
        let mut watched = Watched::new();
        for row in db.fetch("reading coverage", source.coverage(width), source.values()).await? {
            let bin = self.bin(&row, from, width)?;
            let covered = db.real(&row, "covered")?;
            watched.entry(self.line_key(&row)?).or_default().insert(bin, covered);
        }
        Ok(watched)
    }

    /// Quarters in which two sources of a camera show the same time.
    async fn doubled(
        &self,
        lines: impl Iterator<Item = &LineKey>,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<Doubled, StoreError> {
        let cameras: BTreeSet<&String> = lines.map(|(camera, _, _)| camera).collect();
        let mut doubled = Doubled::new();
        for camera in cameras {
            let id = CameraId::new(camera.as_str());
            let mut quarters = self.doubled_quarters(&id, from, until).await?;
            quarters.retain(|quarter| *quarter >= from && *quarter < until);
            doubled.insert(camera.clone(), quarters);
        }
        Ok(doubled)
    }

    fn bin(&self, row: &Row, from: UtcTime, width: i64) -> Result<usize, StoreError> {
        let begins = self.database.integer(row, "bin_at_us")?;
        usize::try_from((begins - from.micros()) / width)
            .map_err(|_| self.database.unreadable("quarter_at_us", begins.to_string()))
    }

    fn line_key(&self, row: &Row) -> Result<LineKey, StoreError> {
        let db = &self.database;
        Ok((db.text(row, "camera")?, db.text(row, "line")?, db.word(row, "way")?))
    }

    fn class(&self, word: &str) -> Result<RoadUserClass, StoreError> {
        word.parse().map_err(|_| self.database.unreadable("class", word))
    }
}
