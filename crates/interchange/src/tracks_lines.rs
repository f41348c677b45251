//! The lines of `tracks.jsonl`, each read, parsed and checked on its own.

use std::io::{BufRead, Read};

use giaolo_domain::{FrameTime, HeadId, SignalReading, TrackObservation};

use crate::{
    InterchangeError, Result, TracksHeader,
    error::FileName,
    frames::{BOX_EXPECTED, TIME_EXPECTED, is_box, is_time},
    tracks_file::{BodyLine, FORMAT, HeaderKind, HeaderLine, VERSION},
};

/// A line is a few hundred bytes; one longer than this is no line of ours.
const MAX_LINE_BYTES: u64 = 1 << 16;

/// One line after the header.
pub(crate) struct Line {
    /// The frame that it is about.
    pub at: FrameTime,
    /// What it says.
    pub what: What,
}

/// What a line says.
pub(crate) enum What {
    /// A road user.
    Track(TrackObservation),
    /// A head's new reading; `None` where it is no longer read.
    Signal(HeadId, Option<SignalReading>),
    /// Only that there was such a frame.
    Nothing,
}

/// Lines of a source, with their number.
pub(crate) struct Lines<R> {
    source: R,
    file: FileName,
    buffer: Vec<u8>,
    number: u64,
    left: u64,
    limit: u64,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most `limit` bytes in all.
    pub fn new(source: R, name: &str, limit: u64) -> Self {
        Self {
            source,
            file: FileName(name.to_owned()),
            buffer: Vec::with_capacity(512),
            number: 0,
            left: limit,
            limit,
        }
    }

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

    /// The first line.
    pub fn header(&mut self) -> Result<TracksHeader> {
        if !self.advance()? {
            let problem = format!(
                "is missing; it must be {{\"format\":\"{FORMAT}\",\"version\":{VERSION},...}}"
            );
            return Err(self.file.form("line 1", problem));
        }
        let kind: HeaderKind<'_> =
            serde_json::from_slice(self.buffer.trim_ascii()).map_err(|e| self.json(&e))?;
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
            let found = kind.version.map_or_else(|| "absent".to_owned(), |v| v.to_string());
            let expected = format!("this program reads version {VERSION}");
            return Err(self.value("version", found, &expected));
        }
        let line: HeaderLine<'_> =
            serde_json::from_slice(self.buffer.trim_ascii()).map_err(|e| self.json(&e))?;
        let header = TracksHeader::from(line);
        match header.problem() {
            Some((key, value, expected)) => Err(self.value(key, value, expected)),
            None => Ok(header),
        }
    }

    /// The next line, `None` at the end.
    pub fn body(&mut self) -> Result<Option<Line>> {
        if !self.advance()? {
            return Ok(None);
        }
        let line: BodyLine<'_> =
            serde_json::from_slice(self.buffer.trim_ascii()).map_err(|e| self.json(&e))?;
        let at = FrameTime { frame: line.frame, time: line.t_us };
        if !is_time(at.time) {
            return Err(self.value("t_us", at.time.0, TIME_EXPECTED));
        }
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
                    unlike: line.unlike,
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
        if !is_box(seen.bbox) {
            let edges = format!("{:?}", <[f32; 4]>::from(seen.bbox));
            return Err(self.value("box", edges, BOX_EXPECTED));
        }
        if !(0.0..=1.0).contains(&seen.score) {
            return Err(self.value("score", seen.score, "it must be 0 to 1"));
        }
        Ok(())
    }

    /// Refuses the keys of the other kind of line: they mean that two lines were mixed up.
    fn refuse_keys(&self, line: &BodyLine<'_>, signal: bool) -> Result<()> {
        let foreign = if signal {
            line.bbox.is_some()
                || line.class.is_some()
                || line.score.is_some()
                || line.unlike != 0.0
                || line.predicted
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
        // serde_json counts lines within what it was given, which is one.
        let text = error.to_string();
        let problem = text.split(" at line ").next().unwrap_or_default();
        self.form(format!("{cut}{problem} at column {}", error.column()))
    }

    /// An error of form in the line that was read last.
    pub fn form(&self, problem: impl Into<String>) -> InterchangeError {
        self.file.form(format!("line {}", self.number), problem)
    }

    /// A wrong value in the line that was read last.
    pub fn value(&self, key: &str, value: impl ToString, expected: &str) -> InterchangeError {
        self.file.value(format!("line {}", self.number), key, value, expected)
    }
}
