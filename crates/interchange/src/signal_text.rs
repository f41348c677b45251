//! Reads detector tracks kept as lines of seven numbers: frame, id, a class code, and the box.
//!
//! The collection of Vietnamese pole cameras that uses this form has the box as `x1,x2,y1,y2` (its
//! `y2`, the last number, is what its published verdicts are computed from). A file whose boxes are
//! boxes only as `x1,y1,x2,y2` is read so, with a note. The class codes are documented nowhere, so
//! all tracks get the class that the caller says.

use std::io::BufRead;

use giaolo_domain::{
    CameraId, FrameTime, MediaTime, PixelBox, TimeOrigin, TrackId, TrackObservation,
};

use crate::{
    FrameTracks, Note, ReadOptions, Result, Skipped, TracksFormat, TracksInfo, error::FileName,
    frames::is_box, input::Input,
};

const COLUMNS: [&str; 7] = ["frame", "id", "class", "x1", "x2", "y1", "y2"];
const LINE_FORM: &str = "a line is `frame,id,class,x1,x2,y1,y2`";

/// One line, its box as four numbers whose order is not yet known.
struct Row {
    line: usize,
    frame: u64,
    track: u64,
    numbers: [f32; 4],
}

#[derive(Clone, Copy)]
enum Order {
    /// `x1,x2,y1,y2`
    Spans,
    /// `x1,y1,x2,y2`
    Corners,
}

impl Order {
    fn bbox(self, [a, b, c, d]: [f32; 4]) -> PixelBox {
        match self {
            Self::Spans => PixelBox::new(a, c, b, d),
            Self::Corners => PixelBox::new(a, b, c, d),
        }
    }
}

/// Reads such lines. Frame numbers are kept; a frame's time is its number over
/// [`ReadOptions::text_fps`]. Frames without a line are not given. `name` stands in errors.
///
/// # Errors
/// No frame rate, a line that is not seven numbers, frames going backwards, numbers that cannot be,
/// or a box without area: each with its line.
pub fn read_signal_text(
    source: impl BufRead + Send,
    name: &str,
    options: &ReadOptions,
) -> Result<(TracksInfo, Vec<FrameTracks>)> {
    let file = FileName(name.to_owned());
    let fps = match options.text_fps {
        Some(fps) if fps.is_finite() && fps > 0.0 => fps,
        Some(fps) => {
            return Err(file.value("frame rate", "fps", fps, "it must be above 0"));
        }
        None => {
            let problem = "is not in this format; say how many frames a second it has";
            return Err(file.form("frame rate", problem));
        }
    };
    let text = Input::new(source, &file, options.max_bytes)?.text()?;
    let rows = rows(&text, &file, options.max_frame)?;
    let mut notes = vec![Note::new(
        format!(
            "mã loại xe của tệp không có tài liệu: mọi đường đi được coi là {}",
            options.text_class.vietnamese()
        ),
        format!(
            "the file's class codes are documented nowhere: every track is taken as {}",
            options.text_class
        ),
    )];
    let order = order(&rows, &mut notes);
    let mut frames: Vec<FrameTracks> = Vec::new();
    let mut skipped = Skipped::default();
    for group in rows.chunk_by(|a, b| a.frame == b.frame) {
        let number = group[0].frame;
        let at = FrameTime { frame: number, time: MediaTime::from_seconds(number as f64 / fps) };
        if group.len() > options.max_tracks_per_frame {
            let expected = format!("at most {} in one frame", options.max_tracks_per_frame);
            let place = format!("line {}", group[0].line);
            return Err(file.value(place, "tracks in the frame", group.len(), expected));
        }
        let tracks = frame_tracks(group, at, order, &file, options, &mut skipped)?;
        if !tracks.is_empty() {
            frames.push(FrameTracks { at, tracks, signals: Vec::new() });
        }
    }
    let info = TracksInfo {
        format: TracksFormat::SignalText,
        camera: CameraId::new(name),
        size: None,
        fps,
        frames: None,
        origin: TimeOrigin::UNKNOWN,
        skipped,
        notes,
    };
    Ok((info, frames))
}

fn frame_tracks(
    rows: &[Row],
    at: FrameTime,
    order: Order,
    file: &FileName,
    options: &ReadOptions,
    skipped: &mut Skipped,
) -> Result<Vec<TrackObservation>> {
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| (row.track, row.line));
    let mut tracks = Vec::with_capacity(rows.len());
    for same in sorted.chunk_by(|a, b| a.track == b.track) {
        for row in same {
            let bbox = order.bbox(row.numbers);
            if !is_box(bbox) {
                let place = format!("line {}", row.line);
                let value = format!("{:?}", row.numbers);
                let expected = "it must be x1 < x2, y1 < y2 as `x1,x2,y1,y2`";
                return Err(file.value(place, "x1,x2,y1,y2", value, expected));
            }
            if same.len() == 1 {
                tracks.push(TrackObservation {
                    frame: at.frame,
                    time: at.time,
                    track: TrackId(row.track),
                    bbox,
                    class: options.text_class,
                    // The format has no score; its rows are detections that were kept.
                    score: 1.0,
                    unlike: 0.0,
                    predicted: false,
                });
            } else {
                skipped.in_two_places += 1;
            }
        }
    }
    Ok(tracks)
}

fn order(rows: &[Row], notes: &mut Vec<Note>) -> Order {
    // An empty box is a damaged line; only one turned inside out speaks of another order.
    let inside_out = rows.iter().any(|Row { numbers: [a, b, c, d], .. }| b < a || d < c);
    let all_corners = rows.iter().all(|row| is_box(Order::Corners.bbox(row.numbers)));
    if inside_out && all_corners {
        notes.push(Note::new(
            "khung bao được đọc theo thứ tự x1,y1,x2,y2, vì chỉ thứ tự này cho khung hợp lệ",
            "boxes are read as x1,y1,x2,y2, the only order that makes them boxes",
        ));
        return Order::Corners;
    }
    Order::Spans
}

fn rows(text: &str, file: &FileName, max_frame: u64) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let row = row(index + 1, line, file, max_frame)?;
        if let Some(before) = rows.last()
            && row.frame < before.frame
        {
            let expected = format!("frames ascend and {} came before", before.frame);
            let place = format!("line {}", row.line);
            return Err(file.value(place, "frame", row.frame, expected));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(line: usize, text: &str, file: &FileName, max_frame: u64) -> Result<Row> {
    let place = || format!("line {line}");
    let mut numbers = [0.0f64; COLUMNS.len()];
    let mut count = 0;
    for (position, field) in text.split(',').enumerate() {
        count = position + 1;
        let Some(slot) = numbers.get_mut(position) else {
            continue;
        };
        let field = field.trim();
        match field.parse::<f64>() {
            Ok(number) if number.is_finite() => *slot = number,
            _ => {
                return Err(file.value(
                    place(),
                    COLUMNS[position],
                    format!("`{field}`"),
                    "it must be a number",
                ));
            }
        }
    }
    if count != COLUMNS.len() {
        return Err(file.value(place(), "number of fields", count, LINE_FORM));
    }
    let whole = |position: usize, most: u64| {
        let number = numbers[position];
        if number.fract() == 0.0 && (0.0..=most as f64).contains(&number) {
            Ok(number as u64)
        } else {
            let expected = format!("it must be a whole number from 0 to {most}");
            Err(file.value(place(), COLUMNS[position], number, expected))
        }
    };
    Ok(Row {
        line,
        frame: whole(0, max_frame)?,
        // Above 2^53 a float no longer tells neighbouring numbers apart.
        track: whole(1, 1 << 53)?,
        numbers: [numbers[3], numbers[4], numbers[5], numbers[6]].map(|n| n as f32),
    })
}
