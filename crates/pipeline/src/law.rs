//! What the law says about a candidate: `configs/sanctions.csv`, by `configs/violations.toml`.
//!
//! The law at the time of the act applies, so a row holds from its date on, and of several rows of
//! one code the latest that already held is taken. An act of unknown date has no row: a guess at
//! the law is worse than none.

use std::{collections::BTreeMap, path::Path};

use giaolo_domain::{RoadUserClass, Sanction, TimeOrigin, Violation, ViolationKind};
use serde::Deserialize;

use crate::error::PipelineError;

/// The loaded tables.
#[derive(Clone, Debug, Default)]
pub struct Law {
    rows: BTreeMap<String, Vec<Sanction>>,
    codes: BTreeMap<(ViolationKind, RoadUserClass), String>,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    behaviour_vi: String,
    behaviour_en: String,
    article: String,
    article_vi: String,
    fine_min: u64,
    fine_max: u64,
    points: Option<u8>,
    ward_police_chief_competent: String,
    valid_from: String,
    verified: String,
}

impl Law {
    /// Reads both tables.
    ///
    /// # Errors
    /// Names the file, line and value: a row that cannot be read, a code that has no row.
    pub fn load(sanctions: &Path, violations: &Path) -> Result<Self, PipelineError> {
        let table =
            |path: &Path, reason: String| PipelineError::Table { path: path.to_owned(), reason };
        let text =
            std::fs::read_to_string(sanctions).map_err(PipelineError::io("read", sanctions))?;
        let rows = rows(&text).map_err(|reason| table(sanctions, reason))?;
        let text =
            std::fs::read_to_string(violations).map_err(PipelineError::io("read", violations))?;
        let codes = codes(&text).map_err(|reason| table(violations, reason))?;
        for ((kind, class), code) in &codes {
            if !rows.contains_key(code) {
                let reason =
                    format!("{kind}.{class}: `{code}` is no code of {}", sanctions.display());
                return Err(table(violations, reason));
            }
        }
        Ok(Self { rows, codes })
    }

    /// The sanction for a violation as the law was at its act.
    pub fn sanction(&self, violation: &Violation, origin: &TimeOrigin) -> Option<Sanction> {
        if !origin.clock.tells_the_day() {
            return None;
        }
        let date = origin.start.plus(violation.act.time).date_in_viet_nam();
        let code = self.codes.get(&(violation.kind, violation.class))?;
        let rows = self.rows.get(code)?;
        rows.iter().rev().find(|row| row.valid_from <= date).cloned()
    }
}

fn rows(text: &str) -> Result<BTreeMap<String, Vec<Sanction>>, String> {
    let mut rows: BTreeMap<String, Vec<Sanction>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let line = index + 2;
        let row = row.map_err(|error| format!("line {line}: {error}"))?;
        let date_like = row.valid_from.len() == 10 && row.valid_from.as_bytes()[4] == b'-';
        if !date_like {
            return Err(format!("line {line}: valid_from `{}` is no date", row.valid_from));
        }
        if row.fine_min > row.fine_max {
            return Err(format!(
                "line {line}: fine_min {} is over fine_max {}",
                row.fine_min, row.fine_max
            ));
        }
        rows.entry(row.code.clone()).or_default().push(Sanction {
            code: row.code,
            behaviour_vi: row.behaviour_vi,
            behaviour_en: row.behaviour_en,
            article_vi: row.article_vi,
            article_en: row.article,
            fine_min_vnd: row.fine_min,
            fine_max_vnd: row.fine_max,
            points: row.points,
            ward_police_chief_competent: row.ward_police_chief_competent == "yes",
            valid_from: row.valid_from,
            verified: row.verified == "yes",
        });
    }
    for versions in rows.values_mut() {
        versions.sort_by(|a, b| a.valid_from.cmp(&b.valid_from));
    }
    Ok(rows)
}

fn codes(text: &str) -> Result<BTreeMap<(ViolationKind, RoadUserClass), String>, String> {
    type Table = BTreeMap<ViolationKind, BTreeMap<RoadUserClass, String>>;
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let entries = table.into_iter().flat_map(|(kind, classes)| {
        classes.into_iter().map(move |(class, code)| ((kind, class), code))
    });
    Ok(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "code,vehicle_class,behaviour_vi,behaviour_en,article,article_vi,fine_min,\
                        fine_max,points,camera_detectable,ward_police_chief_competent,valid_from,\
                        amended,note,source,verified\n";

    #[test]
    fn the_tables_of_the_house_load() {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
        let law =
            Law::load(&configs.join("sanctions.csv"), &configs.join("violations.toml")).unwrap();
        let code = &law.codes[&(ViolationKind::RedLight, RoadUserClass::Motorbike)];
        let row = &law.rows[code][0];
        assert_eq!((row.fine_min_vnd, row.points), (4_000_000, Some(4)));
        assert!(!row.ward_police_chief_competent);
    }

    #[test]
    fn mistakes_name_their_line() {
        for (row, message) in [
            ("M01,m,a,b,c,d,x,6,4,high,no,2025-01-01,,,,yes", "line 2"),
            ("M01,m,a,b,c,d,7,6,4,high,no,2025-01-01,,,,yes", "over fine_max"),
            ("M01,m,a,b,c,d,5,6,4,high,no,soon,,,,yes", "`soon` is no date"),
        ] {
            let error = rows(&format!("{HEAD}{row}\n")).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        assert!(codes("[flying]\ncar = \"C01\"").unwrap_err().contains("flying"));
    }

    #[test]
    fn the_law_at_the_time_of_the_act_applies() {
        let text = format!(
            "{HEAD}M01,m,a,b,c,d,5,6,,high,no,2026-08-15,,,,yes\nM01,m,a,b,c,d,1,2,4,high,no,2025-01-01,,,,yes\n"
        );
        let rows = rows(&text).unwrap();
        let versions = &rows["M01"];
        assert_eq!(versions[0].valid_from, "2025-01-01");
        assert_eq!(versions[1].points, None);
    }
}
