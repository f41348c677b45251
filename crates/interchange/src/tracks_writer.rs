//! Writes `tracks.jsonl`, frame by frame, holding no more than one line and the heads' last readings.

use std::io::Write;

use giaolo_domain::{FrameTime, HeadId, SignalReading};
use serde::Serialize;

use crate::{
    FrameTracks, InterchangeError, Result, TracksHeader,
    frames::{frame_problem, stored_reading},
    tracks_file::SignalLine,
};

const WHAT: &str = "tracks.jsonl";

/// Writes `tracks.jsonl`. What it refuses to write, [`crate::TracksReader`] would refuse to read.
///
/// Wrap a file in a [`std::io::BufWriter`]; [`Self::finish`] flushes it.
pub struct TracksWriter<W: Write> {
    out: W,
    last: Option<FrameTime>,
    readings: Vec<(HeadId, SignalReading)>,
    frames: u64,
    expected_frames: Option<u64>,
}

impl<W: Write> TracksWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// A size of zero, a frame rate that is not above zero, or a failure of `out`.
    pub fn new(out: W, header: &TracksHeader) -> Result<Self> {
        if let Some((key, value, expected)) = header.problem() {
            return Err(unwritable(format!("`{key}` of the header is {value}; {expected}")));
        }
        let mut writer = Self {
            out,
            last: None,
            readings: Vec::new(),
            frames: 0,
            expected_frames: header.frames,
        };
        writer.line(&header.line())?;
        Ok(writer)
    }

    /// Writes one frame. Frames must ascend, times must not go back; a head's reading is written
    /// only where it changed (state, or confidence to two decimals).
    ///
    /// # Errors
    /// A frame out of order, an observation of another frame or time, a box without area, a score
    /// outside 0 to 1, a track or head twice, or a failure of the output. Nothing of a refused frame
    /// is written.
    pub fn write(&mut self, frame: &FrameTracks) -> Result<()> {
        if let Some(problem) = frame_problem(frame, self.last) {
            return Err(unwritable(problem));
        }
        let at = frame.at;
        let mut lines = self.write_signals(frame)?;
        for observation in &frame.tracks {
            self.line(observation)?;
            lines += 1;
        }
        if lines == 0 {
            self.line(&at)?;
        }
        self.last = Some(at);
        self.frames += 1;
        Ok(())
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    /// Another number of frames than the header said, or a failure of the output.
    pub fn finish(mut self) -> Result<W> {
        if let Some(expected) = self.expected_frames
            && expected != self.frames
        {
            return Err(unwritable(format!(
                "the header says {expected} frames, {} were given",
                self.frames
            )));
        }
        self.out.flush().map_err(write_error)?;
        Ok(self.out)
    }

    fn write_signals(&mut self, frame: &FrameTracks) -> Result<usize> {
        let FrameTime { frame: number, time } = frame.at;
        let mut lines = 0;
        let gone: Vec<HeadId> = self
            .readings
            .iter()
            .filter(|(head, _)| frame.signals.iter().all(|(read, _)| read != head))
            .map(|(head, _)| head.clone())
            .collect();
        for head in gone {
            self.line(&SignalLine {
                signal: head.as_str(),
                frame: number,
                t_us: time,
                state: None,
                confidence: None,
            })?;
            self.readings.retain(|(known, _)| *known != head);
            lines += 1;
        }
        for (head, reading) in &frame.signals {
            let reading = stored_reading(*reading);
            let known = self.readings.iter_mut().find(|(name, _)| name == head);
            match known {
                Some((_, before)) if *before == reading => continue,
                Some((_, before)) => *before = reading,
                None => self.readings.push((head.clone(), reading)),
            }
            self.line(&SignalLine {
                signal: head.as_str(),
                frame: number,
                t_us: time,
                state: Some(reading.state),
                confidence: Some(reading.confidence),
            })?;
            lines += 1;
        }
        Ok(lines)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, value).map_err(|e| write_error(e.into()))?;
        self.out.write_all(b"\n").map_err(write_error)
    }
}

fn unwritable(problem: String) -> InterchangeError {
    InterchangeError::Unwritable { what: WHAT, problem }
}

fn write_error(source: std::io::Error) -> InterchangeError {
    InterchangeError::Write { what: WHAT, source }
}
