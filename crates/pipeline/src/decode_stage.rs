//! Reads and decodes a file, and makes each frame ready for the model.

use crossbeam_channel::{Receiver, Sender};
use giaolo_domain::{FrameTime, HeadId, SignalReading};
use giaolo_interchange::stored_reading;
use giaolo_media::{FileSource, Frame, MediaError, MediaWarning, Packet};
use giaolo_vision::{LampReader, Prepared, Preparer};

use crate::{
    error::PipelineError,
    metrics::{CameraMetrics, Stage},
};

/// A frame on its way to the model.
pub(crate) struct Ready {
    /// Place in the order of analysed frames, from 0.
    pub order: u64,
    pub at: FrameTime,
    pub prepared: Prepared,
    pub signals: Vec<(HeadId, SignalReading)>,
    /// Read since the last frame that was handed on.
    pub packets: Vec<Packet>,
    /// The picture, where somebody wants to draw on it or to read plates.
    pub frame: Option<Frame>,
}

/// What is known once the source has ended.
#[derive(Debug, Default)]
pub(crate) struct SourceEnd {
    pub trailing: Vec<Packet>,
    pub warnings: Vec<MediaWarning>,
    /// Why it ended before its end, after every frame that could be had.
    pub broken: Option<MediaError>,
}

/// What the stage works with.
pub(crate) struct DecodeStage<'a> {
    pub source: FileSource,
    pub preparer: Preparer,
    pub lamps: LampReader,
    pub every_nth_frame: u32,
    pub keep_frames: bool,
    pub metrics: &'a CameraMetrics,
    /// Buffers that come back from the judge, to be filled again.
    pub free: Receiver<Prepared>,
    pub ready: Sender<Ready>,
}

impl DecodeStage<'_> {
    /// Runs until the source ends or nobody takes its frames any more.
    ///
    /// # Errors
    /// Where the source cannot be read at all or a frame cannot be scaled. A source that breaks in
    /// the middle is told in [`SourceEnd::broken`].
    pub(crate) fn run(mut self) -> Result<SourceEnd, PipelineError> {
        let mut order = 0;
        let mut packets = Vec::new();
        let mut broken = None;
        loop {
            let decoded = match self.metrics.timed(Stage::Decode, || self.source.next()) {
                Ok(Some(decoded)) => decoded,
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            };
            packets.extend(decoded.packets);
            self.metrics.frame("read");
            if decoded.corrupt {
                // A picture that the decoder repaired may show what never was: it is not looked at,
                // and a gap of such pictures is a gap in coverage.
                self.metrics.frame("corrupt");
                continue;
            }
            let at = decoded.frame.stamp();
            if at.frame % u64::from(self.every_nth_frame.max(1)) != 0 {
                self.metrics.frame("not_due");
                continue;
            }
            let mut prepared = self.free.try_recv().unwrap_or_else(|_| self.preparer.empty());
            let signals = self.metrics.timed(Stage::Scale, || {
                self.preparer.fill(&decoded.frame, &mut prepared)?;
                self.lamps.read(&decoded.frame)
            })?;
            let signals = signals
                .into_iter()
                .map(|(head, reading)| (head, stored_reading(reading)))
                .collect();
            let ready = Ready {
                order,
                at,
                prepared,
                signals,
                packets: std::mem::take(&mut packets),
                frame: self.keep_frames.then_some(decoded.frame),
            };
            if self.ready.send(ready).is_err() {
                break;
            }
            order += 1;
        }
        packets.extend(self.source.trailing_packets());
        Ok(SourceEnd { trailing: packets, warnings: self.source.warnings(), broken })
    }
}
