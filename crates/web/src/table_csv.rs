//! Tables as CSV that a spreadsheet may open: no cell is taken for a formula.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::error::{ApiError, ApiResult};

/// A spreadsheet runs a cell that begins so. Lines and movements are named by people.
const BEGINS_A_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Rows with their header as a download of that name.
///
/// # Errors
/// A fault of this program.
pub fn download(name: &'static str, rows: &[Vec<String>]) -> ApiResult<Response> {
    let hidden = |error: csv::Error| ApiError::hidden("writing CSV", &error);
    // The mark tells spreadsheets that it is UTF-8; without it Vietnamese is garbled.
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(hidden)?;
    }
    let bytes = writer.into_inner().map_err(|error| ApiError::hidden("writing CSV", &error))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn harmless(cell: &str) -> String {
    // A number below zero is no formula.
    if cell.starts_with(BEGINS_A_FORMULA) && cell.parse::<f64>().is_err() {
        return format!("'{cell}");
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cases = [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1+cmd", "'+1+cmd"),
            ("-1.5", "-1.5"),
            ("@x", "'@x"),
            ("\t=x", "'\t=x"),
            ("vạch dừng = 1", "vạch dừng = 1"),
            ("", ""),
        ];
        for (cell, expected) in cases {
            assert_eq!(harmless(cell), expected);
        }
    }
}
