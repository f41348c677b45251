//! An `.otflow` as it stands in the file, checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Result, error::FileName};

/// Sections and flows. An `.otflow` before flows were invented has only sections.
#[derive(Deserialize)]
pub(super) struct Flows {
    pub sections: Vec<Section>,
    #[serde(default)]
    pub flows: Vec<Flow>,
}

#[derive(Deserialize)]
pub(super) struct Section {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub kind: Kind,
    pub relative_offset_coordinates: BTreeMap<String, Point>,
    pub coordinates: Vec<Point>,
    #[serde(default)]
    pub plugin_data: Map<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Line,
    Area,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Deserialize)]
pub(super) struct Flow {
    pub id: String,
    pub start: String,
    pub end: String,
    #[serde(default)]
    pub distance: Option<f64>,
}

/// The event whose offset says which point of a box crosses.
pub(super) const ENTER: &str = "section-enter";

impl Flows {
    /// Parses and checks.
    pub fn read(bytes: &[u8], size: (u32, u32), file: &FileName) -> Result<Self> {
        if size.0 == 0 || size.1 == 0 {
            let value = format!("{}x{}", size.0, size.1);
            return Err(file.value("picture", "size", value, "both must be at least 1"));
        }
        let flows: Self =
            serde_json::from_slice(bytes).map_err(|e| file.form("JSON", e.to_string()))?;
        for (position, section) in flows.sections.iter().enumerate() {
            section.check(position, file)?;
            let before = &flows.sections[..position];
            if before.iter().any(|other| other.id == section.id) {
                let place = format!("sections[{position}]");
                return Err(file.value(place, "id", &section.id, "another section has it"));
            }
        }
        for (position, flow) in flows.flows.iter().enumerate() {
            let place = format!("flows[{position}] `{}`", flow.id);
            for (key, section) in [("start", &flow.start), ("end", &flow.end)] {
                if flows.sections.iter().all(|known| known.id != *section) {
                    return Err(file.value(place, key, section, "it must be a section's id"));
                }
            }
            let before = &flows.flows[..position];
            if before.iter().any(|other| other.id == flow.id) {
                return Err(file.value(place, "id", &flow.id, "another flow has it"));
            }
        }
        Ok(flows)
    }
}

impl Section {
    /// The share of a box's width and height that must cross.
    pub fn anchor(&self) -> Option<Point> {
        self.relative_offset_coordinates.get(ENTER).copied()
    }

    fn check(&self, position: usize, file: &FileName) -> Result<()> {
        let place = format!("sections[{position}] `{}`", self.id);
        let Some(anchor) = self.anchor() else {
            let problem = format!("has no `relative_offset_coordinates.{ENTER}`");
            return Err(file.form(place, problem));
        };
        for (key, share) in [("x", anchor.x), ("y", anchor.y)] {
            if !(0.0..=1.0).contains(&share) {
                let key = format!("relative_offset_coordinates.{ENTER}.{key}");
                return Err(file.value(place, &key, share, "it must be 0 to 1"));
            }
        }
        let least = match self.kind {
            Kind::Line => 2,
            Kind::Area => 3,
        };
        if self.coordinates.len() < least {
            let expected = format!("it must be at least {least}");
            let count = self.coordinates.len();
            return Err(file.value(place, "number of coordinates", count, expected));
        }
        for point in &self.coordinates {
            for (key, value) in [("x", point.x), ("y", point.y)] {
                // A pixel beyond a million is no drawing on a picture; f32 holds the rest.
                if value.is_nan() || value.abs() > 1e6 {
                    let key = format!("coordinates.{key}");
                    return Err(file.value(place, &key, value, "it must be a pixel"));
                }
            }
        }
        Ok(())
    }
}
