//! The town's lists of units and points, row by row as they stand in its tables.
//!
//! Whoever reads the table gives the cells as text; here each is looked at, and every problem is told
//! at once with its row and column, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use giaolo_domain::{CameraId, UtcTime};
use serde_json::json;

use crate::{
    Camera, Point, Register, Store, StoreError, Unit, UnitKind, accounts::entry, db::Transaction,
    value::Value,
};

/// Characters of a cell, at most.
const LONGEST_CELL: usize = 300;
/// What a camera's material may be used for.
const SOURCE_CLASSES: [&str; 4] =
    ["professional_device", "traffic_surveillance_system", "state_security_camera", "citizen_data"];
/// How a camera is.
const STATES: [&str; 4] = ["working", "waiting_for_repair", "planned", "offline"];

/// A row of the table of units (`units.csv`); cells as they stand there, empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitCells {
    /// `name`.
    pub name: String,
    /// `kind`: `ward` or `commune`.
    pub kind: String,
    /// `since_2025_07_01`: what took over.
    pub successor: String,
}

/// A row of the table of points (`points.csv`): one camera and the point it stands at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointCells {
    /// `point_id`.
    pub point: String,
    /// `camera_id`.
    pub camera: String,
    /// `name_vi`.
    pub name: String,
    /// `unit_2022`: a unit of the table of units, or of the register.
    pub unit: String,
    /// `lat`, degrees.
    pub latitude: String,
    /// `lon`, degrees.
    pub longitude: String,
    /// `camera_role`.
    pub role: String,
    /// `source_class`.
    pub source_class: String,
    /// `state`.
    pub state: String,
}

/// A cell that cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// `units` or `points`.
    pub table: &'static str,
    /// Which row, from 1, the header not counted.
    pub row: usize,
    /// Which column, as the table calls it.
    pub column: &'static str,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// What an import would write, or has written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegisterImport {
    /// Units, points and cameras.
    pub register: Register,
    /// Source class and state by camera, where they are said.
    pub said: BTreeMap<String, (Option<String>, Option<String>)>,
    /// What is in the way. While there is any, nothing is written.
    pub problems: Vec<CellProblem>,
}

struct Checker {
    table: &'static str,
    row: usize,
    problems: Vec<CellProblem>,
}

impl Checker {
    fn wrong(&mut self, column: &'static str, problem: impl Into<String>) {
        let (table, row) = (self.table, self.row);
        self.problems.push(CellProblem { table, row, column, problem: problem.into() });
    }

    fn text(&mut self, column: &'static str, cell: &str) -> String {
        let text = cell.trim();
        if text.chars().count() > LONGEST_CELL {
            self.wrong(column, format!("has more than {LONGEST_CELL} characters"));
        } else if text.chars().any(char::is_control) {
            self.wrong(column, "holds a control character");
        } else if text.starts_with(['=', '+', '@']) {
            self.wrong(column, "begins like a formula of a spreadsheet; write plain text");
        }
        text.to_owned()
    }

    fn needed(&mut self, column: &'static str, cell: &str) -> String {
        let text = self.text(column, cell);
        if text.is_empty() {
            self.wrong(column, "is empty");
        }
        text
    }

    fn code(&mut self, column: &'static str, cell: &str) -> String {
        let code = self.needed(column, cell);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !code.is_empty() && (code.len() > 60 || !code.chars().all(allowed)) {
            self.wrong(column, "must be 1 to 60 letters, digits, `-`, `_` or `.`, like TU15-C1");
        }
        code
    }

    fn degrees(&mut self, column: &'static str, cell: &str, most: f64) -> Option<f64> {
        let text = cell.trim();
        if text.is_empty() {
            return None;
        }
        let degrees = text.parse().ok().filter(|degrees: &f64| degrees.abs() <= most);
        if degrees.is_none() {
            self.wrong(column, format!("`{text:.40}` is not degrees from -{most} to {most}"));
        }
        degrees
    }

    fn one_of(&mut self, column: &'static str, cell: &str, words: &[&str]) -> Option<String> {
        let word = cell.trim();
        if word.is_empty() || words.contains(&word) {
            return Some(word.to_owned()).filter(|word| !word.is_empty());
        }
        self.wrong(column, format!("`{word:.40}` is none of {}", words.join(", ")));
        None
    }
}

impl Store {
    /// Looks at the rows of an import without writing anything: what would be written, and every
    /// problem.
    pub async fn check_register_import(
        &self,
        units: &[UnitCells],
        points: &[PointCells],
    ) -> Result<RegisterImport, StoreError> {
        let db = &self.database;
        let rows = db.fetch("reading units", "SELECT name FROM units", Vec::new()).await?;
        let known: Result<BTreeSet<String>, _> =
            rows.iter().map(|row| db.text(row, "name")).collect();
        Ok(check(units, points, known?))
    }

    /// Writes the rows of an import and says so in the audit log, or writes nothing where there is a
    /// problem.
    pub async fn import_register(
        &self,
        units: &[UnitCells],
        points: &[PointCells],
        who: &str,
        at: UtcTime,
    ) -> Result<RegisterImport, StoreError> {
        let import = self.check_register_import(units, points).await?;
        if !import.problems.is_empty() {
            return Ok(import);
        }
        let register = &import.register;
        let mut transaction = self.database.begin("importing the register").await?;
        transaction.lock_chains().await?;
        self.write_register(&mut transaction, register).await?;
        write_said(&mut transaction, &import).await?;
        let detail = json!({
            "units": register.units.len(),
            "points": register.points.len(),
            "cameras": register.cameras.len(),
        });
        self.append(&mut transaction, &entry(at, who, "register.import", "", detail)).await?;
        transaction.commit().await?;
        Ok(import)
    }
}

fn check(
    units: &[UnitCells],
    points: &[PointCells],
    mut known: BTreeSet<String>,
) -> RegisterImport {
    let mut import = RegisterImport::default();
    let mut checker = Checker { table: "units", row: 0, problems: Vec::new() };
    let mut named = BTreeSet::new();
    for cells in units {
        checker.row += 1;
        let name = checker.needed("name", &cells.name);
        if !named.insert(name.clone()) {
            checker.wrong("name", format!("`{name:.40}` stands in an earlier row too"));
        }
        let kind = checker.one_of("kind", &cells.kind, &["ward", "commune"]);
        if cells.kind.trim().is_empty() {
            checker.wrong("kind", "is empty; it is ward or commune");
        }
        let kind =
            if kind.as_deref() == Some("commune") { UnitKind::Commune } else { UnitKind::Ward };
        let successor = checker.text("since_2025_07_01", &cells.successor);
        let successor = Some(successor).filter(|successor| !successor.is_empty());
        known.insert(name.clone());
        import.register.units.push(Unit { name, kind, successor });
    }
    (checker.table, checker.row) = ("points", 0);
    let mut by_id: BTreeMap<String, Point> = BTreeMap::new();
    let mut cameras = BTreeSet::new();
    for cells in points {
        checker.row += 1;
        let point = check_point(&mut checker, cells, &known);
        let camera = checker.code("camera_id", &cells.camera);
        if !cameras.insert(camera.clone()) {
            checker.wrong("camera_id", format!("`{camera:.40}` stands in an earlier row too"));
        }
        if by_id.get(&point.id).is_some_and(|earlier| *earlier != point) {
            let problem = "is told otherwise in an earlier row: name, unit or place differ";
            checker.wrong("point_id", problem);
        }
        let role = checker.text("camera_role", &cells.role);
        let role = Some(role).filter(|role| !role.is_empty());
        let source_class = checker.one_of("source_class", &cells.source_class, &SOURCE_CLASSES);
        let state = checker.one_of("state", &cells.state, &STATES);
        import.said.insert(camera.clone(), (source_class, state));
        let (id, at) = (CameraId::new(camera), Some(point.id.clone()));
        import.register.cameras.push(Camera { id, point: at, role });
        by_id.entry(point.id.clone()).or_insert(point);
    }
    import.register.points = by_id.into_values().collect();
    import.problems = checker.problems;
    import
}

fn check_point(checker: &mut Checker, cells: &PointCells, known: &BTreeSet<String>) -> Point {
    let id = checker.code("point_id", &cells.point);
    let name = checker.needed("name_vi", &cells.name);
    let unit = checker.text("unit_2022", &cells.unit);
    if !unit.is_empty() && !known.contains(&unit) {
        checker.wrong("unit_2022", format!("`{unit:.40}` is no unit; import the units first"));
    }
    let latitude = checker.degrees("lat", &cells.latitude, 90.0);
    let longitude = checker.degrees("lon", &cells.longitude, 180.0);
    if cells.latitude.trim().is_empty() != cells.longitude.trim().is_empty() {
        checker.wrong("lat", "and lon go together: give both or none");
    }
    let unit = Some(unit).filter(|unit| !unit.is_empty());
    Point { id, name, unit, position: latitude.zip(longitude) }
}

/// What is not said stays as it was.
async fn write_said(
    transaction: &mut Transaction<'_>,
    import: &RegisterImport,
) -> Result<(), StoreError> {
    for (camera, (source_class, state)) in &import.said {
        let sql = "UPDATE cameras SET source_class = COALESCE($2, source_class),
                       state = COALESCE($3, state)
                   WHERE id = $1";
        let values = vec![
            Value::text(camera),
            Value::Text(source_class.clone()),
            Value::Text(state.clone()),
        ];
        transaction.execute(sql, values).await?;
    }
    Ok(())
}
