//! Signal heads: a box around the head and one around each lamp, or thirds where none are drawn.

use giaolo_domain::{HeadId, PixelBox};

use super::pixels::Picture;
use super::problems::Problems;
use super::reader::{Node, Section};
use crate::SignalHead;

/// The smallest side of a head's region, in pixels.
const MIN_HEAD_SIDE: f32 = 3.0;
/// The smallest side of a lamp, in pixels: below there is no colour to read.
const MIN_LAMP_SIDE: f32 = 2.0;
/// The share of a lamp that another lamp may cover.
const MAX_LAMP_OVERLAP: f32 = 0.5;

pub(super) const HEAD_KEYS: &[&str] = &["id", "region", "lamps"];
pub(super) const LAMP_KEYS: &[&str] = &["red", "amber", "green"];

/// Reads one head.
pub(super) fn head(
    section: &Section<'_>,
    name: Option<&str>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<SignalHead> {
    let remedy = "give the box around the whole head, `region = [left, top, right, bottom]`";
    let region = section
        .require("region", remedy, problems)
        .and_then(|node| node.pixel_box(picture, MIN_HEAD_SIDE, problems));
    let lamps = match section.get("lamps") {
        Some(node) => lamps(&node, region, picture, problems),
        None => region.and_then(|region| {
            let thirds = thirds(region);
            let small = thirds.iter().any(|lamp| lamp.width().min(lamp.height()) < MIN_LAMP_SIDE);
            if small && let Some(node) = section.get("region") {
                node.problem(
                    format!("a third of it is less than {MIN_LAMP_SIDE} pixels, no lamp's colour can be read; give `lamps`, or a camera that is nearer"),
                    problems,
                );
                return None;
            }
            Some(thirds.map(Some))
        }),
    };
    Some(SignalHead { id: HeadId::new(name?), region: region?, lamps: lamps? })
}

/// The lamps of a head drawn as one box: red, amber, green from the top or, in a lying head, from
/// the left.
pub(super) fn thirds(region: PixelBox) -> [PixelBox; 3] {
    let PixelBox { x1, y1, x2, y2 } = region;
    [0.0f32, 1.0, 2.0].map(|third| {
        let (from, to) = (third / 3.0, (third + 1.0) / 3.0);
        if region.width() > region.height() {
            PixelBox::new(x1 + (x2 - x1) * from, y1, x1 + (x2 - x1) * to, y2)
        } else {
            PixelBox::new(x1, y1 + (y2 - y1) * from, x2, y1 + (y2 - y1) * to)
        }
    })
}

fn lamps(
    node: &Node<'_>,
    region: Option<PixelBox>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<[Option<PixelBox>; 3]> {
    let section = node.table(LAMP_KEYS, problems)?;
    let mut lamps = [None; 3];
    let mut whole = true;
    for (lamp, key) in lamps.iter_mut().zip(LAMP_KEYS) {
        let Some(node) = section.get(key) else {
            continue;
        };
        let found = node.pixel_box(picture, MIN_LAMP_SIDE, problems);
        whole &= found.is_some();
        if let (Some(found), Some(region)) = (found, region)
            && found.share_within(&region) < 0.5
        {
            node.problem(
                "the lamp lies outside the head's `region`; draw it inside, in the picture's pixels"
                    .to_owned(),
                problems,
            );
            whole = false;
        }
        *lamp = found;
    }
    let drawn: Vec<PixelBox> = lamps.iter().copied().flatten().collect();
    if section.is_empty() {
        node.problem(
            "no lamp is given; give `red`, `amber` or `green`, or leave `lamps` out for thirds of the region"
                .to_owned(),
            problems,
        );
        return None;
    }
    let covered = drawn.iter().enumerate().any(|(position, lamp)| {
        drawn[position + 1..]
            .iter()
            .any(|other| lamp.share_within(other).max(other.share_within(lamp)) > MAX_LAMP_OVERLAP)
    });
    if covered {
        node.problem(
            "two lamps cover one another by more than half; draw a box around each lamp".to_owned(),
            problems,
        );
    }
    (whole && !covered && !drawn.is_empty()).then_some(lamps)
}
