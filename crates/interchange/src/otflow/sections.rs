//! A section of an `.otflow` as counting lines.

use std::collections::BTreeSet;

use giaolo_domain::{LineId, PixelPoint};
use giaolo_scene::{Hysteresis, Line, LineKind};

use super::{
    free_id,
    wire::{ENTER, Kind, Point, Section},
};
use crate::Note;

/// How far from a line the point stands that tells its forward side, in pixels.
const SIDE_DISTANCE_PX: f32 = 20.0;

/// A scene refuses lines shorter than this.
const SHORTEST_LINE_PX: f32 = 4.0;
/// A scene refuses a side told by a point within 2 pixels of the line; the rest is for rounding.
const NEAREST_SIDE_PX: f32 = 2.1;

const NO_HYSTERESIS: Hysteresis = Hysteresis { before: 0.0, after: 0.0, travel: 0.0 };

/// The straight pieces of a section, none for an area.
pub(super) fn lines_of(
    section: &Section,
    size: (u32, u32),
    taken: &mut BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> Vec<Line> {
    note_what_is_lost(section, notes);
    let (Kind::Line, Some(anchor)) = (section.kind, section.anchor()) else {
        return Vec::new();
    };
    let name = &section.id;
    let points: Vec<PixelPoint> =
        section.coordinates.iter().map(|point| inside(*point, size, name, notes)).collect();
    let pieces: Vec<[PixelPoint; 2]> = points.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let split = pieces.len() > 1;
    if split {
        let count = pieces.len();
        notes.push(Note::new(
            format!("mặt cắt `{name}` gấp khúc được chia thành {count} vạch thẳng, `{name}-1` đến `{name}-{count}`; một xe có thể được đếm ở nhiều vạch"),
            format!("section `{name}` is bent and became {count} straight lines, `{name}-1` to `{name}-{count}`; one road user may be counted at several"),
        ));
    }
    let mut lines = Vec::new();
    for (position, points) in pieces.into_iter().enumerate() {
        let wanted = if split { format!("{name}-{}", position + 1) } else { name.clone() };
        let Some(forward_to) = forward_side(points, size, &wanted, notes) else {
            notes.push(Note::new(
                format!("vạch `{wanted}` bị bỏ: quá ngắn, dưới {SHORTEST_LINE_PX} điểm ảnh"),
                format!(
                    "line `{wanted}` is left out: it is shorter than {SHORTEST_LINE_PX} pixels"
                ),
            ));
            continue;
        };
        lines.push(Line {
            id: LineId::new(free_id(&wanted, "line", taken, notes)),
            kind: LineKind::Count,
            points,
            forward_to,
            head: None,
            anchor: (anchor.x as f32, anchor.y as f32),
            hysteresis: NO_HYSTERESIS,
        });
    }
    lines
}

fn note_what_is_lost(section: &Section, notes: &mut Vec<Note>) {
    let id = &section.id;
    if section.kind == Kind::Area {
        notes.push(Note::new(
            format!("vùng `{id}` không chuyển được: ở đây chỉ đếm qua vạch"),
            format!("area `{id}` is not carried over: counting here is at lines"),
        ));
    }
    if let Some(name) = section.name.as_ref().filter(|name| *name != id) {
        notes.push(Note::new(
            format!("tên `{name}` của mặt cắt `{id}` không chuyển được"),
            format!("the name `{name}` of section `{id}` is not carried over"),
        ));
    }
    if !section.plugin_data.is_empty() {
        notes.push(Note::new(
            format!("dữ liệu bổ sung (plugin_data) của mặt cắt `{id}` không chuyển được"),
            format!("the plugin_data of section `{id}` are not carried over"),
        ));
    }
    let other_events = section.relative_offset_coordinates.keys();
    for event in other_events.filter(|event| *event != ENTER) {
        notes.push(Note::new(
            format!("điểm neo cho sự kiện `{event}` của mặt cắt `{id}` không chuyển được"),
            format!("the offset for `{event}` of section `{id}` is not carried over"),
        ));
    }
}

fn inside(point: Point, size: (u32, u32), name: &str, notes: &mut Vec<Note>) -> PixelPoint {
    let (x, y) = (point.x as f32, point.y as f32);
    let moved = clamped(PixelPoint::new(x, y), size);
    if (moved.x, moved.y) != (x, y) {
        let (nx, ny) = (moved.x, moved.y);
        notes.push(Note::new(
            format!(
                "điểm ({x}, {y}) của mặt cắt `{name}` nằm ngoài ảnh, được dời đến ({nx}, {ny})"
            ),
            format!(
                "point ({x}, {y}) of section `{name}` is outside the picture, moved to ({nx}, {ny})"
            ),
        ));
    }
    moved
}

fn clamped(point: PixelPoint, (width, height): (u32, u32)) -> PixelPoint {
    PixelPoint::new(point.x.clamp(0.0, width as f32), point.y.clamp(0.0, height as f32))
}

/// A point in the picture on the right-hand side of the way from the first to the second end; on the
/// left-hand side, with a note, where the right is outside of the picture. `None` where the line is too short.
fn forward_side(
    [a, b]: [PixelPoint; 2],
    size: (u32, u32),
    name: &str,
    notes: &mut Vec<Note>,
) -> Option<PixelPoint> {
    let length = a.distance(b);
    if length < SHORTEST_LINE_PX {
        return None;
    }
    let middle = a.lerp(b, 0.5);
    // With y down, a quarter turn to the right takes (dx, dy) to (-dy, dx).
    let right = [-(b.y - a.y) / length, (b.x - a.x) / length];
    let at_side = |sign: f32| {
        let [rx, ry] = right.map(|v| v * sign * SIDE_DISTANCE_PX);
        let point = clamped(PixelPoint::new(middle.x + rx, middle.y + ry), size);
        let [rx, ry] = right.map(|v| v * sign);
        let off_line = (point.x - middle.x) * rx + (point.y - middle.y) * ry;
        (off_line >= NEAREST_SIDE_PX).then_some(point)
    };
    if let Some(point) = at_side(1.0) {
        return Some(point);
    }
    let point = at_side(-1.0)?;
    notes.push(Note::new(
        format!("vạch `{name}` nằm ở mép ảnh: chiều thuận đi sang bên trái của nó"),
        format!("line `{name}` runs along the picture's edge: forward goes to its left-hand side"),
    ));
    Some(point)
}
