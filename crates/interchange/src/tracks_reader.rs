//! Reads `tracks.jsonl` frame by frame. Replay must run a thousand times faster than real time, so a
//! line costs one pass of serde over bytes that stay in one buffer, and no allocation but the
//! frame's own vectors.

use std::io::{BufRead, Read};

use giaolo_domain::{FrameTime, HeadId, SignalReading, TrackObservation};

use crate::{
    FrameTracks, InterchangeError, ReadOptions, Result, Skipped, TracksFormat, TracksHeader,
    TracksInfo,
    error::FileName,
    tracks_file::{BodyLine, FORMAT, HeaderKind, HeaderLine, VERSION},
};

/// A line is a few hundred bytes; one longer than this is no line of ours.
const MAX_LINE_BYTES: u64 = 1 << 16;

/// An iterator over the frames of a `tracks.jsonl`. After an error it ends.
pub struct TracksReader<R: BufRead> {
    lines: Lines<R>,
    header: TracksHeader,
    max_frame: u64,
    max_tracks: usize,
    /// The first line of the next frame: only it says that a frame is whole.
    held: Option<Line>,
    readings: Vec<(HeadId, SignalReading)>,
    frames: u64,
    tracks_before: usize,
    done: bool,
}

struct Line {
    at: FrameTime,
    what: What,
}

enum What {
    Track(TrackObservation),
    /// A head's new reading; `None` where it is no longer read.
    Signal(HeadId, Option<SignalReading>),
    Nothing,
}

/// What was already seen of the frame in hand.
#[derive(Default)]
struct Seen {
    highest_track: Option<u64>,
    heads: Vec<HeadId>,
}

impl<R: BufRead> TracksReader<R> {
    /// Reads the header. `name` stands in errors.
    ///
    /// # Errors
    /// No header, one of another format or version, or values in it that cannot be.
    pub fn new(source: R, name: &str, options: &ReadOptions) -> Result<Self> {
        let mut lines = Lines {
            source,
            file: FileName(name.to_owned()),
            buffer: Vec::with_capacity(512),
            number: 0,
            left: options.max_bytes,
            limit: options.max_bytes,
        };
        let header = lines.header()?;
        Ok(Self {
            lines,
            header,
            max_frame: options.max_frame,
            max_tracks: options.max_tracks_per_frame,
            held: None,
            readings: Vec::new(),
            frames: 0,
            tracks_before: 0,
            done: false,
        })
    }

    /// What the header says.
    pub fn header(&self) -> &TracksHeader {
        &self.header
    }

    /// The same in the words that all formats share.
    pub fn info(&self) -> TracksInfo {
        TracksInfo {
            format: TracksFormat::Giaolo,
            camera: self.header.camera.clone(),
            size: Some(self.header.size),
            fps: self.header.fps,
            frames: self.header.frames,
            origin: self.header.origin,
            skipped: Skipped::default(),
            notes: Vec::new(),
        }
    }

    fn next_frame(&mut self) -> Result<Option<FrameTracks>> {
        let first = match self.held.take() {
            Some(line) => line,
            None => match self.lines.body()? {
                Some(line) => line,
                None => return self.check_end(),
            },
        };
        let at = first.at;
        if at.frame > self.max_frame {
            let expected = format!("frames above {} are not believed", self.max_frame);
            return Err(self.lines.value("frame", at.frame, &expected));
        }
        let mut frame = FrameTracks {
            at,
            tracks: Vec::with_capacity(self.tracks_before),
            signals: Vec::new(),
        };
        let mut seen = Seen::default();
        self.add(&mut frame, &mut seen, first.what)?;
        while let Some(line) = self.lines.body()? {
            if line.at != at {
                self.check_order(at, line.at)?;
                self.held = Some(line);
                break;
            }
            self.add(&mut frame, &mut seen, line.what)?;
        }
        frame.signals.clone_from(&self.readings);
        self.tracks_before = frame.tracks.len();
        self.frames += 1;
        Ok(Some(frame))
    }

    fn add(&mut self, frame: &mut FrameTracks, seen: &mut Seen, what: What) -> Result<()> {
        match what {
            What::Nothing => Ok(()),
            What::Track(observation) => self.add_track(frame, seen, observation),
            What::Signal(head, reading) => self.add_signal(seen, head, reading),
        }
    }

    fn add_track(
        &mut self,
        frame: &mut FrameTracks,
        seen: &mut Seen,
        observation: TrackObservation,
    ) -> Result<()> {
        let track = observation.track;
        // Writers mostly give tracks in ascending order, which needs no search.
        let new = match seen.highest_track {
            Some(highest) if track.0 <= highest => {
                frame.tracks.iter().all(|other| other.track != track)
            }
            _ => {
                seen.highest_track = Some(track.0);
                true
            }
        };
        if !new {
            let expected = format!("that track was already given in frame {}", frame.at.frame);
            return Err(self.lines.value("track", track, &expected));
        }
        if frame.tracks.len() == self.max_tracks {
            let problem = format!(
                "is observation {} of frame {}; more than {} in one frame are not believed",
                self.max_tracks + 1,
                frame.at.frame,
                self.max_tracks
            );
            return Err(self.lines.form(problem));
        }
        frame.tracks.push(observation);
        Ok(())
    }

    fn add_signal(
        &mut self,
        seen: &mut Seen,
        head: HeadId,
        reading: Option<SignalReading>,
    ) -> Result<()> {
        if seen.heads.contains(&head) {
            let expected = "that head was already given in this frame";
            return Err(self.lines.value("signal", head, expected));
        }
        let known = self.readings.iter().position(|(name, _)| *name == head);
        match (known, reading) {
            (Some(position), Some(reading)) => self.readings[position].1 = reading,
            (Some(position), None) => {
                self.readings.remove(position);
            }
            (None, Some(reading)) => self.readings.push((head.clone(), reading)),
            (None, None) => {
                let expected = "a head that was not read before cannot stop being read";
                return Err(self.lines.value("state", "null", expected));
            }
        }
        seen.heads.push(head);
        Ok(())
    }

    fn check_order(&self, before: FrameTime, next: FrameTime) -> Result<()> {
        if next.frame == before.frame {
            let expected = format!("other lines of frame {} say {}", next.frame, before.time.0);
            return Err(self.lines.value("t_us", next.time.0, &expected));
        }
        if next.frame < before.frame {
            let expected = format!("frames ascend and {} came before", before.frame);
            return Err(self.lines.value("frame", next.frame, &expected));
        }
        if next.time < before.time {
            let expected = format!(
                "time never goes back and frame {} was at {}",
                before.frame, before.time.0
            );
            return Err(self.lines.value("t_us", next.time.0, &expected));
        }
        Ok(())
    }

    fn check_end(&self) -> Result<Option<FrameTracks>> {
        match self.header.frames {
            Some(expected) if expected != self.frames => Err(self.lines.form(format!(
                "is the last of {} frames, the header says {expected}; the file is cut short or mixed",
                self.frames
            ))),
            _ => Ok(None),
        }
    }
}

impl<R: BufRead> Iterator for TracksReader<R> {
    type Item = Result<FrameTracks>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.next_frame().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Lines of a source, with their number.
struct Lines<R> {
    source: R,
    file: FileName,
    buffer: Vec<u8>,
    number: u64,
    left: u64,
    limit: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line that is not blank into the buffer; false at the end.
    fn advance(&mut self) -> Result<bool> {
        loop {
            self.buffer.clear();
            let count = self
                .source
                .by_ref()
                .take(MAX_LINE_BYTES)
                .read_until(b'\n', &mut self.buffer)
                .map_err(|e| self.file.read(e))? as u64;
            if count == 0 {
                return Ok(false);
            }
            self.number += 1;
            if count == MAX_LINE_BYTES && self.buffer.last() != Some(&b'\n') {
                return Err(self.form(format!("is longer than {MAX_LINE_BYTES} bytes")));
            }
            self.left = match self.left.checked_sub(count) {
                Some(left) => left,
                None => {
                    return Err(InterchangeError::TooLarge {
                        file: self.file.0.clone(),
                        limit: self.limit,
                    });
                }
            };
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn header(&mut self) -> Result<TracksHeader> {
        if !self.advance()? {
            let problem = format!(
                "is missing; it must be {{\"format\":\"{FORMAT}\",\"version\":{VERSION},...}}"
            );
            return Err(self.file.form("line 1", problem));
        }
        let kind: HeaderKind<'_> =
            serde_json::from_slice(&self.buffer).map_err(|e| self.json(&e))?;
        match kind.format.as_deref() {
            Some(FORMAT) => {}
            Some(other) => {
                let expected = format!("it must be {FORMAT}");
                return Err(self.value("format", other, &expected));
            }
            None => {
                let problem = format!("has no `format`; the header says \"format\":\"{FORMAT}\"");
                return Err(self.form(problem));
            }
        }
        if kind.version != Some(VERSION.into()) {
            let found = kind
                .version
                .map_or_else(|| "absent".to_owned(), |v| v.to_string());
            let expected = format!("this program reads version {VERSION}");
            return Err(self.value("version", found, &expected));
        }
        let line: HeaderLine<'_> =
            serde_json::from_slice(&self.buffer).map_err(|e| self.json(&e))?;
        let header = TracksHeader::from(line);
        match header.problem() {
            Some((key, value, expected)) => Err(self.value(key, value, expected)),
            None => Ok(header),
        }
    }

    fn body(&mut self) -> Result<Option<Line>> {
        if !self.advance()? {
            return Ok(None);
        }
        let line: BodyLine<'_> = serde_json::from_slice(&self.buffer).map_err(|e| self.json(&e))?;
        let at = FrameTime {
            frame: line.frame,
            time: line.t_us,
        };
        let what = match (&line.signal, line.track) {
            (Some(_), Some(_)) => {
                return Err(self.form("has both `signal` and `track`; a line is about one of them"));
            }
            (Some(head), None) => {
                let head = HeadId::new(head.as_ref());
                What::Signal(head, self.reading(&line)?)
            }
            (None, Some(track)) => {
                let observation = TrackObservation {
                    frame: line.frame,
                    time: line.t_us,
                    track,
                    bbox: line.bbox.ok_or_else(|| self.missing("box"))?,
                    class: line.class.ok_or_else(|| self.missing("class"))?,
                    score: line.score.ok_or_else(|| self.missing("score"))?,
                    predicted: line.predicted,
                };
                self.check_observation(&observation)?;
                self.refuse_keys(&line, false)?;
                What::Track(observation)
            }
            (None, None) => {
                self.refuse_keys(&line, false)?;
                if line.bbox.is_some() || line.class.is_some() || line.score.is_some() {
                    return Err(self.missing("track"));
                }
                What::Nothing
            }
        };
        Ok(Some(Line { at, what }))
    }

    fn reading(&self, line: &BodyLine<'_>) -> Result<Option<SignalReading>> {
        self.refuse_keys(line, true)?;
        let state = match line.state {
            Some(Some(state)) => state,
            Some(None) => return Ok(None),
            None => return Err(self.missing("state")),
        };
        let confidence = line.confidence.ok_or_else(|| self.missing("confidence"))?;
        if !(0.0..=1.0).contains(&confidence) {
            return Err(self.value("confidence", confidence, "it must be 0 to 1"));
        }
        Ok(Some(SignalReading { state, confidence }))
    }

    fn check_observation(&self, seen: &TrackObservation) -> Result<()> {
        if !seen.bbox.is_proper() {
            let edges = format!("{:?}", <[f32; 4]>::from(seen.bbox));
            let expected = "it must be finite [x1, y1, x2, y2] with x1 < x2 and y1 < y2";
            return Err(self.value("box", edges, expected));
        }
        if !(0.0..=1.0).contains(&seen.score) {
            return Err(self.value("score", seen.score, "it must be 0 to 1"));
        }
        Ok(())
    }

    /// Refuses the keys of the other kind of line: they mean that two lines were mixed up.
    fn refuse_keys(&self, line: &BodyLine<'_>, signal: bool) -> Result<()> {
        let foreign = if signal {
            line.bbox.is_some() || line.class.is_some() || line.score.is_some() || line.predicted
        } else {
            line.state.is_some() || line.confidence.is_some()
        };
        if foreign {
            return Err(self.form("mixes keys of a track and of a signal"));
        }
        Ok(())
    }

    fn missing(&self, key: &str) -> InterchangeError {
        self.form(format!("has no `{key}`"))
    }

    fn json(&self, error: &serde_json::Error) -> InterchangeError {
        let cut = if error.is_eof() { "is cut short: " } else { "" };
        self.form(format!("{cut}{error}"))
    }

    fn form(&self, problem: impl Into<String>) -> InterchangeError {
        self.file.form(format!("line {}", self.number), problem)
    }

    fn value(&self, key: &str, value: impl ToString, expected: &str) -> InterchangeError {
        self.file
            .value(format!("line {}", self.number), key, value, expected)
    }
}
