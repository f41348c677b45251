//! Reads `tracks.jsonl` frame by frame. Replay must run a thousand times faster than real time, so a
//! line costs one pass of serde over bytes that stay in one buffer, and no allocation but the
//! frame's own vectors.

use std::io::BufRead;

use giaolo_domain::{FrameTime, HeadId, SignalReading, TrackObservation};

use crate::{
    FrameTracks, ReadOptions, Result, Skipped, TracksFormat, TracksHeader, TracksInfo,
    tracks_lines::{Line, Lines, What},
};

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
        let mut lines = Lines::new(source, name, options.max_bytes);
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
        let mut frame =
            FrameTracks { at, tracks: Vec::with_capacity(self.tracks_before), signals: Vec::new() };
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
            let expected =
                format!("time never goes back and frame {} was at {}", before.frame, before.time.0);
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
