//! Reads an `.otflow`, the sections and flows that an analyst drew for OTAnalytics, into a scene.

mod sections;
mod wire;

use std::collections::BTreeSet;

use giaolo_domain::{CameraId, LineId, MovementId};
use giaolo_scene::{DetectorSettings, Movement, Scene};
use sha2::{Digest, Sha256};

use crate::{Note, Result, error::FileName};
use sections::lines_of;
use wire::{Flow, Flows};

/// The name that errors give to the file: bytes have none.
const FILE: &str = "otflow";

/// Makes a scene with a counting line for each straight piece of each section and a movement for
/// each flow. `size` is the picture's width and height, which the file does not say.
///
/// A line's anchor is the section's `section-enter` offset and its hysteresis is zero, so that it
/// counts what OTAnalytics counts. "Forward" goes to the right-hand side of somebody who walks on
/// the picture from a line's first point to its second. A section `id` of more than two points
/// becomes the lines `id-1`, `id-2` and so on. Movements hold for either way over their lines.
///
/// The notes say what was changed and what could not be carried over: areas, points outside of the
/// picture, flows from or to an area, distances, data of plug-ins, offsets of other events.
///
/// # Errors
/// No JSON, missing keys, numbers that cannot be, sections or flows of the same `id`, flows from or
/// to a section that is not there.
pub fn import_otflow(bytes: &[u8], size: (u32, u32)) -> Result<(Scene, Vec<Note>)> {
    let file = FileName(FILE.to_owned());
    let flows = Flows::read(bytes, size, &file)?;
    let mut notes = Vec::new();
    let mut taken = BTreeSet::new();
    let mut lines = Vec::new();
    // For each section the lines that it became.
    let mut became: Vec<(&str, Vec<LineId>)> = Vec::new();
    for section in &flows.sections {
        let made = lines_of(section, size, &mut taken, &mut notes);
        let ids = made.iter().map(|line| line.id.clone()).collect();
        became.push((&section.id, ids));
        lines.extend(made);
    }
    let mut movements = Vec::new();
    let mut taken = BTreeSet::new();
    for flow in &flows.flows {
        movements.extend(movements_of(flow, &became, &mut taken, &mut notes));
    }
    let scene = Scene {
        camera: CameraId::new(FILE),
        place: String::new(),
        size,
        sha256: hex(&Sha256::digest(bytes)),
        detector: DetectorSettings::default(),
        lines,
        zones: Vec::new(),
        heads: Vec::new(),
        movements,
        calibration: None,
        rules: Vec::new(),
    };
    Ok((scene, notes))
}

fn movements_of(
    flow: &Flow,
    became: &[(&str, Vec<LineId>)],
    taken: &mut BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> Vec<Movement> {
    let lines = |section: &str| {
        let found = became.iter().find(|(id, _)| *id == section);
        found.map_or(&[][..], |(_, lines)| lines)
    };
    let (from, to) = (lines(&flow.start), lines(&flow.end));
    let name = &flow.id;
    if from.is_empty() || to.is_empty() {
        notes.push(Note::new(
            format!("luồng `{name}` bị bỏ: mặt cắt ở đầu hoặc cuối không chuyển được thành vạch"),
            format!("flow `{name}` is left out: a section at its start or end became no line"),
        ));
        return Vec::new();
    }
    if let Some(distance) = flow.distance.filter(|distance| *distance != 0.0) {
        notes.push(Note::new(
            format!("khoảng cách {distance} m của luồng `{name}` không chuyển được"),
            format!("the distance of {distance} m of flow `{name}` is not carried over"),
        ));
    }
    let pairs: Vec<(&LineId, &LineId)> =
        from.iter().flat_map(|from| to.iter().map(move |to| (from, to))).collect();
    if pairs.len() > 1 {
        let count = pairs.len();
        notes.push(Note::new(
            format!("luồng `{name}` thành {count} hướng di chuyển, mỗi cặp đoạn vạch một hướng"),
            format!("flow `{name}` became {count} movements, one for each pair of line pieces"),
        ));
    }
    let single = pairs.len() == 1;
    let numbered = pairs.into_iter().enumerate();
    numbered
        .map(|(position, (from, to))| {
            let wanted = if single { name.clone() } else { format!("{name}-{}", position + 1) };
            Movement {
                id: MovementId::new(free_id(&wanted, "flow", taken, notes)),
                from: (from.clone(), None),
                to: (to.clone(), None),
            }
        })
        .collect()
}

/// `wanted` in the letters, digits, `-` and `_` that names of a scene have, and not yet taken.
fn free_id(
    wanted: &str,
    kind: &str,
    taken: &mut BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> String {
    let mut clean = String::new();
    for c in wanted.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            clean.push(c);
        } else if !clean.ends_with('-') {
            clean.push('-');
        }
    }
    let clean = match clean.trim_matches('-') {
        "" => kind,
        clean => clean,
    };
    let mut id = clean.to_owned();
    let mut number = 2;
    while !taken.insert(id.clone()) {
        id = format!("{clean}-{number}");
        number += 1;
    }
    if id != wanted {
        notes.push(Note::new(
            format!("`{wanted}` được đổi tên thành `{id}`"),
            format!("`{wanted}` is named `{id}` here"),
        ));
    }
    id
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
