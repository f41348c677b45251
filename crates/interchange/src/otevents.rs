//! Writes crossings as an `.otevents`: OTAnalytics' list of events (`event_file_version` 0.0), JSON
//! in bzip2 with the sections that they happened at.

use std::io::Write;

use bzip2::{Compression, write::BzEncoder};
use giaolo_domain::{Crossing, TimeOrigin, Way};
use giaolo_scene::{Line, Scene};
use serde_json::{Value, json};

use crate::{InterchangeError, Result, ottrk::name_of_class};

const WHAT: &str = ".otevents";

/// A crossing as an event of OTAnalytics.
#[derive(Clone, Debug, PartialEq)]
pub struct OtEvent<'a> {
    /// What happened.
    pub crossing: &'a Crossing,
    /// The road user's displacement in pixels from the frame before to the frame of the crossing;
    /// `None` for a step of one pixel at right angles over the line, the way that it was crossed.
    pub direction: Option<[f32; 2]>,
}

/// What all events of a file share.
#[derive(Clone, Debug, PartialEq)]
pub struct OtEventsSource {
    /// The video's file name with its extension, as in [`crate::OttrkSource`].
    pub video: String,
    /// When the first frame was taken.
    pub origin: TimeOrigin,
    /// This program's version.
    pub program_version: String,
}

/// Writes `.otevents`: every line of the scene as a section, every event as `section-enter`. Times
/// are UTC without a zone, as OTAnalytics writes them; frames count from 1 there.
///
/// # Errors
/// An event at a line that the scene does not have, a number that is not finite, or a failure of
/// `out`.
pub fn write_otevents(
    out: impl Write,
    source: &OtEventsSource,
    scene: &Scene,
    events: &[OtEvent<'_>],
) -> Result<()> {
    let list = events
        .iter()
        .map(|event| event_value(event, source, scene))
        .collect::<Result<Vec<Value>>>()?;
    let document = json!({
        "metadata": {
            "version": format!("giaolo {}", source.program_version),
            "section_file_version": "0.0",
            "event_file_version": "0.0",
        },
        "sections": scene.lines.iter().map(section_value).collect::<Vec<Value>>(),
        "event_list": list,
    });
    let mut packed = BzEncoder::new(out, Compression::best());
    serde_json::to_writer(&mut packed, &document).map_err(|e| write_error(e.into()))?;
    let mut out = packed.finish().map_err(write_error)?;
    out.flush().map_err(write_error)
}

fn section_value(line: &Line) -> Value {
    let points = line.points.map(|p| json!({ "x": p.x, "y": p.y }));
    json!({
        "id": line.id.as_str(),
        "name": line.id.as_str(),
        "type": "line",
        "relative_offset_coordinates": {
            "section-enter": { "x": line.anchor.0, "y": line.anchor.1 },
        },
        "coordinates": points,
        "plugin_data": {},
    })
}

fn event_value(event: &OtEvent<'_>, source: &OtEventsSource, scene: &Scene) -> Result<Value> {
    let crossing = event.crossing;
    let line = scene.line(&crossing.line).ok_or_else(|| {
        unwritable(format!(
            "track {} crosses line {}, which the scene does not have",
            crossing.track, crossing.line
        ))
    })?;
    let [dx, dy] = event.direction.unwrap_or_else(|| step_over(line, crossing.way));
    let point = crossing.point;
    if ![dx, dy, point.x, point.y].iter().all(|v| v.is_finite()) {
        return Err(unwritable(format!(
            "the crossing of track {} in frame {} has the point [{}, {}] and the direction [{dx}, {dy}]; all must be finite",
            crossing.track, crossing.at.frame, point.x, point.y
        )));
    }
    let taken_at = source.origin.start.plus(crossing.at.time).to_string();
    Ok(json!({
        "road_user_id": crossing.track.to_string(),
        "road_user_type": name_of_class(crossing.class),
        "hostname": source.video.split('_').next().unwrap_or_default(),
        // `2020-01-01T00:00:00.250000Z` there is `2020-01-01 00:00:00.250000`.
        "occurrence": taken_at.replace('T', " ").trim_end_matches('Z'),
        "frame_number": crossing.at.frame + 1,
        "section_id": line.id.as_str(),
        "event_coordinate": [point.x, point.y],
        "event_type": "section-enter",
        "direction_vector": [dx, dy],
        "video_name": source.video,
    }))
}

/// One pixel at right angles to the line, towards the side that `way` goes to.
fn step_over(line: &Line, way: Way) -> [f32; 2] {
    let [a, b] = line.points;
    let length = line.length();
    let normal = [(b.y - a.y) / length, (a.x - b.x) / length];
    let ahead = giaolo_domain::PixelPoint::new(a.x + normal[0], a.y + normal[1]);
    let is_forward = line.forward_distance(ahead) > 0.0;
    if is_forward == (way == Way::Forward) { normal } else { normal.map(|v| -v) }
}

fn unwritable(problem: String) -> InterchangeError {
    InterchangeError::Unwritable { what: WHAT, problem }
}

fn write_error(source: std::io::Error) -> InterchangeError {
    InterchangeError::Write { what: WHAT, source }
}
