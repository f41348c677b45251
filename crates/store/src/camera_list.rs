//! Cameras as people see them: where they stand, when they were last analysed, and how much of the
//! last thirty days anybody has seen of them.

use std::collections::BTreeMap;

use giaolo_domain::{CameraId, UtcTime};

use crate::{
    Point, Scope, Store, StoreError, case_find::Conditions, counts::speaking, value::Value,
    viet_nam::DAY_US,
};

/// How far back coverage is told, in microseconds.
const COVERAGE_US: i64 = 30 * DAY_US;

/// A camera with what was done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraRow {
    /// Its code.
    pub id: CameraId,
    /// Where it stands, where that is registered.
    pub point: Option<Point>,
    /// What it is for, in the operator's words.
    pub role: Option<String>,
    /// What its material may be used for (`professional_device` and so on).
    pub source_class: Option<String>,
    /// `working`, `waiting_for_repair`, `planned`, `offline`.
    pub state: Option<String>,
    /// The last analysis that came to its end.
    pub last_run: Option<LastRun>,
    /// Cases that nobody, or only one officer, has decided.
    pub violations_open: u64,
    /// The share of the last thirty days that was analysed; `None` where nothing ever was.
    pub coverage_30_days: Option<f64>,
}

/// An analysis that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// The source's name.
    pub source: String,
    /// When it ended.
    pub finished_at: UtcTime,
    /// Frames analysed.
    pub frames: u64,
}

impl Store {
    /// The cameras of a scope, by id.
    pub async fn camera_list(
        &self,
        scope: &Scope,
        now: UtcTime,
    ) -> Result<Vec<CameraRow>, StoreError> {
        let db = &self.database;
        let mut conditions = Conditions::default();
        if let Some(units) = &scope.units {
            conditions.one_of("p.unit", units);
        }
        let sql = format!(
            "SELECT k.id, k.role, k.source_class, k.state, k.point, p.name, p.unit, p.latitude,
                 p.longitude, r.source_name, r.finished_at_us, r.frames,
                 COALESCE(c.cases, 0) AS violations_open
             FROM cameras k LEFT JOIN points p ON p.id = k.point
             LEFT JOIN (SELECT o.*, row_number() OVER (PARTITION BY o.camera
                     ORDER BY o.finished_at_us DESC, o.id DESC) AS place
                 FROM runs o WHERE o.state = 'complete') AS r ON r.camera = k.id AND r.place = 1
             LEFT JOIN (SELECT q.camera, count(*) AS cases FROM cases q
                 WHERE q.state IN ('flagged', 'first_confirmed') GROUP BY q.camera) AS c
                 ON c.camera = k.id{}
             ORDER BY k.id",
            conditions.sql()
        );
        let mut covered = self.covered(now).await?;
        let mut cameras = Vec::new();
        for row in db.fetch("listing cameras", sql, conditions.values).await? {
            let id = db.text(&row, "id")?;
            let point = match db.maybe_text(&row, "point")? {
                Some(point) => {
                    let latitude = db.maybe_real(&row, "latitude")?;
                    Some(Point {
                        id: point,
                        name: db.text(&row, "name")?,
                        unit: db.maybe_text(&row, "unit")?,
                        position: latitude.zip(db.maybe_real(&row, "longitude")?),
                    })
                }
                None => None,
            };
            let last_run = match db.maybe_text(&row, "source_name")? {
                Some(source) => Some(LastRun {
                    source,
                    finished_at: db.time(&row, "finished_at_us")?,
                    frames: db.unsigned(&row, "frames")?,
                }),
                None => None,
            };
            cameras.push(CameraRow {
                point,
                role: db.maybe_text(&row, "role")?,
                source_class: db.maybe_text(&row, "source_class")?,
                state: db.maybe_text(&row, "state")?,
                violations_open: db.unsigned(&row, "violations_open")?,
                coverage_30_days: covered.remove(&id).or(last_run.as_ref().map(|_| 0.0)),
                last_run,
                id: CameraId::new(id),
            });
        }
        Ok(cameras)
    }

    /// The share of the last thirty days that was analysed, by camera; what two sources show counts
    /// once.
    async fn covered(&self, now: UtcTime) -> Result<BTreeMap<String, f64>, StoreError> {
        let db = &self.database;
        let from = now.micros().saturating_sub(COVERAGE_US);
        let sql = format!(
            "{}
             SELECT s.camera, s.from_at_us, s.until_at_us FROM coverage s
             WHERE s.camera IN (SELECT k.id FROM cameras k) AND s.from_at_us < $2
                 AND s.until_at_us > $1 AND s.run IN (SELECT id FROM speaking)
             ORDER BY s.camera, s.from_at_us, s.until_at_us",
            speaking("SELECT k.id FROM cameras k")
        );
        let values = vec![Value::Integer(Some(from)), Value::time(now)];
        let mut covered: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in db.fetch("reading coverage", sql, values).await? {
            let (sum, until) = covered.entry(db.text(&row, "camera")?).or_insert((0, from));
            let begins = db.integer(&row, "from_at_us")?.max(*until);
            let ends = db.integer(&row, "until_at_us")?.min(now.micros());
            *sum += (ends - begins).max(0);
            *until = ends.max(*until);
        }
        let share =
            |(camera, (sum, _)): (String, (i64, i64))| (camera, sum as f64 / COVERAGE_US as f64);
        Ok(covered.into_iter().map(share).collect())
    }
}
