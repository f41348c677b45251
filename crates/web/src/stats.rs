//! Counts for analysts. A bin that nobody watched is `null`, never 0; no plate is in here.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use giaolo_domain::{CameraId, LineId, UtcTime};
use giaolo_store::{Bin, CountBy, CountQuery, CountTable, ViolationBy};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{app::App, caller::Caller, error::ApiResult, extract::Params, table_csv};

/// As what an answer is sent.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// A download for spreadsheets.
    Csv,
}

/// Which counts.
#[derive(Deserialize, IntoParams)]
pub struct CountsQuery {
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
    #[param(value_type = Option<String>)]
    line: Option<LineId>,
    /// From the bin that this time lies in; without `from` and `until` the last day with counts.
    #[param(value_type = Option<String>)]
    from: Option<UtcTime>,
    #[param(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// `15min`, `hour` or `day`.
    #[param(value_type = Option<String>)]
    bin: Option<Bin>,
    /// `line`, `movement` or `class`.
    #[param(value_type = Option<String>)]
    by: Option<CountBy>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// Counts as a table.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    /// Where each column begins.
    #[schema(value_type = Vec<String>)]
    bins: Vec<UtcTime>,
    rows: Vec<CountsRow>,
    /// The busiest hour that was watched whole.
    peak: Option<Peak>,
}

/// A row.
#[derive(Serialize, ToSchema)]
pub struct CountsRow {
    key: CountsKey,
    /// One for each bin.
    cells: Vec<CountsCell>,
}

/// What is counted.
#[derive(Serialize, ToSchema)]
pub struct CountsKey {
    camera: String,
    line: String,
    /// `forward` or `back`.
    way: &'static str,
    movement: Option<String>,
    class: Option<&'static str>,
    class_vi: Option<&'static str>,
}

/// How many, and for how much of the bin that speaks.
#[derive(Serialize, ToSchema)]
pub struct CountsCell {
    /// `null`: nobody knows.
    count: Option<u64>,
    /// The share of the bin that was watched.
    coverage: f64,
    /// Two recordings show the same time, so that nobody knows how many there were.
    overlapping: bool,
}

/// The busiest hour.
#[derive(Serialize, ToSchema)]
pub struct Peak {
    #[schema(value_type = String)]
    from: UtcTime,
    count: u64,
    /// The peak-hour factor, 0.25 to 1.
    factor: Option<f64>,
}

/// Which violations.
#[derive(Deserialize, IntoParams)]
pub struct ViolationsQuery {
    /// `kind`, `rule`, `camera`, `point`, `unit`, `hour` or `state`.
    #[param(value_type = String)]
    by: ViolationBy,
    #[param(value_type = Option<String>)]
    from: Option<UtcTime>,
    #[param(value_type = Option<String>)]
    until: Option<UtcTime>,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// Violations, counted by something.
#[derive(Serialize, ToSchema)]
pub struct Violations {
    rows: Vec<ViolationsRow>,
}

/// A row.
#[derive(Serialize, ToSchema)]
pub struct ViolationsRow {
    /// `null` where that is not known.
    key: Option<String>,
    /// Candidates.
    count: u64,
    /// Of them confirmed by two people.
    confirmed: u64,
    /// Of them rejected.
    rejected: u64,
}

/// `GET /api/v1/stats/violations`
pub async fn violations(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<ViolationsQuery>,
) -> ApiResult<Response> {
    let scope = caller.account.scope();
    let table = app.store.violation_table(asked.by, &scope, asked.from, asked.until).await?;
    let rows = table.into_iter().map(|row| ViolationsRow {
        key: row.key,
        count: row.count,
        confirmed: row.confirmed,
        rejected: row.rejected,
    });
    let table = Violations { rows: rows.collect() };
    if asked.format == Format::Json {
        return Ok(Json(table).into_response());
    }
    let mut lines = vec![["key", "count", "confirmed", "rejected"].map(str::to_owned).to_vec()];
    for row in table.rows {
        let numbers = [row.count, row.confirmed, row.rejected].map(|number| number.to_string());
        lines.push([vec![row.key.unwrap_or_default()], numbers.to_vec()].concat());
    }
    table_csv::download("violations.csv", &lines)
}

/// `GET /api/v1/stats/counts`
pub async fn counts(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<CountsQuery>,
) -> ApiResult<Response> {
    let scope = caller.account.scope();
    let cameras: Vec<CameraId> = asked.camera.into_iter().collect();
    let (from, until) = match (asked.from, asked.until) {
        (Some(from), until) => (from, until.unwrap_or(app.now())),
        (None, Some(until)) => (day_before(until), until),
        (None, None) => match app.store.last_counted_day(&cameras, &scope).await? {
            Some(day) => day,
            None => return empty(asked.format),
        },
    };
    let query = CountQuery {
        cameras,
        lines: asked.line.into_iter().collect(),
        from,
        until,
        bin: asked.bin.unwrap_or(Bin::Hour),
        by: asked.by.unwrap_or(CountBy::Line),
    };
    answer(app.store.count_table(&query, &scope).await?, asked.format)
}

fn empty(format: Format) -> ApiResult<Response> {
    answer(CountTable { bins: Vec::new(), rows: Vec::new(), peak: None }, format)
}

fn day_before(until: UtcTime) -> UtcTime {
    UtcTime::from_micros(until.micros().saturating_sub(24 * 3_600 * 1_000_000))
}

fn answer(table: CountTable, format: Format) -> ApiResult<Response> {
    let counts = Counts {
        rows: table
            .rows
            .into_iter()
            .map(|row| CountsRow {
                key: CountsKey {
                    camera: row.camera.as_str().to_owned(),
                    line: row.line.as_str().to_owned(),
                    way: row.way.as_str(),
                    movement: row.movement.map(|movement| movement.as_str().to_owned()),
                    class: row.class.map(|class| class.as_str()),
                    class_vi: row.class.map(|class| class.vietnamese()),
                },
                cells: row
                    .cells
                    .into_iter()
                    .map(|cell| CountsCell {
                        count: cell.count,
                        coverage: cell.coverage,
                        overlapping: cell.overlapping,
                    })
                    .collect(),
            })
            .collect(),
        bins: table.bins,
        peak: table.peak.map(|peak| Peak {
            from: peak.from,
            count: peak.count,
            factor: peak.factor,
        }),
    };
    match format {
        Format::Json => Ok(Json(counts).into_response()),
        Format::Csv => table_csv::download("counts.csv", &lines(&counts)),
    }
}

/// One line for each cell: what a pivot table wants. An unknown count is an empty cell.
fn lines(counts: &Counts) -> Vec<Vec<String>> {
    let header = [
        "from_utc",
        "from_viet_nam",
        "camera",
        "line",
        "way",
        "movement",
        "class",
        "count",
        "coverage",
    ];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for row in &counts.rows {
        for (bin, cell) in counts.bins.iter().zip(&row.cells) {
            lines.push(vec![
                bin.to_string(),
                bin.in_viet_nam(),
                row.key.camera.clone(),
                row.key.line.clone(),
                row.key.way.to_owned(),
                row.key.movement.clone().unwrap_or_default(),
                row.key.class.unwrap_or_default().to_owned(),
                cell.count.map(|count| count.to_string()).unwrap_or_default(),
                format!("{:.4}", cell.coverage),
            ]);
        }
    }
    lines
}
