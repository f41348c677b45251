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
/// Characters of a name here; a scene allows a few more, which numbers after it may need.
const LONGEST_NAME: usize = 48;
/// Stands for the place until somebody says where it is: a scene must have one.
const PLACE: &str = "OpenTrafficCam";

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
/// to a section that is not there, or what a scene cannot be.
pub fn import_otflow(bytes: &[u8], size: (u32, u32)) -> Result<(Scene, Vec<Note>)> {
    let file = FileName(FILE.to_owned());
    let flows = Flows::read(bytes, size, &file)?;
    let mut notes = vec![Note::new(
        "tệp không nói camera nào và ở đâu: hãy điền `camera` và `place`",
        "the file says neither which camera it is for nor where: fill in `camera` and `place`",
    )];
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
    for (position, flow) in flows.flows.iter().enumerate() {
        let earlier = &flows.flows[..position];
        movements.extend(movements_of(flow, earlier, &became, &mut taken, &mut notes));
    }
    let scene = Scene {
        camera: CameraId::new(FILE),
        place: PLACE.to_owned(),
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
    // What the rules of a scene's own reader forbid must not come in by this door.
    match Scene::from_toml(&scene.to_toml()) {
        Ok(_) => Ok((scene, notes)),
        Err(errors) => Err(file.form("as a scene", errors.to_string())),
    }
}

fn movements_of(
    flow: &Flow,
    earlier: &[Flow],
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
    if flow.start == flow.end {
        notes.push(Note::new(
            format!("luồng `{name}` bị bỏ: quay đầu qua cùng một mặt cắt không chuyển được"),
            format!("flow `{name}` is left out: a U-turn over one section is not carried over"),
        ));
        return Vec::new();
    }
    let same_ends = |other: &&Flow| (&other.start, &other.end) == (&flow.start, &flow.end);
    if let Some(twin) = earlier.iter().find(same_ends) {
        let twin = &twin.id;
        notes.push(Note::new(
            format!("luồng `{name}` bị bỏ: cùng điểm đầu và cuối với luồng `{twin}`"),
            format!("flow `{name}` is left out: it has the start and end of flow `{twin}`"),
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

/// `wanted` as a scene allows a name to be, and not yet taken.
fn free_id(
    wanted: &str,
    kind: &str,
    taken: &mut BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> String {
    let allowed = |c: char| if c.is_control() || matches!(c, '/' | '\\') { '-' } else { c };
    let start = wanted.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let clean: String = start.chars().map(allowed).take(LONGEST_NAME).collect();
    let clean = match clean.trim() {
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
