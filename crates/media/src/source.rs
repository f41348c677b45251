//! A recorded file as a source: frames in display order with the packets that were read for them.
//!
//! Reading blocks and loses nothing. The first frame is decoded when the file is opened, so that a
//! file without one is refused at once and the size is the true one. A file that is cut short gives
//! every frame before the cut and then, once, `CutShort`; what was mended is counted in
//! [`FileSource::warnings`].

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ffmpeg::codec::packet;
use giaolo_domain::{FrameTime, MediaTime, TimeOrigin, UtcTime};

use crate::completeness;
use crate::decoder::{Answer, DecodedPicture, FrameDecoder};
use crate::description::{Description, not_opened, open_plain_file};
use crate::error::{MediaError, MediaWarning};
use crate::ffi::{DemuxError, Demuxer};
use crate::frame::Frame;
use crate::origin::time_origin;
use crate::packet::{Packet, StreamCodec};
use crate::timeline::{Ticks, Timeline};
use crate::upright::Orientation;

/// The rate assumed where a container names none, for placing frames without a time.
const ASSUMED_FPS: f64 = 25.0;

/// A packet this many packets back will give no frame any more: no codec reorders further.
const REORDER_LIMIT: u64 = 64;

/// Errors in a row, after the last packet, after which a decoder is given up.
const ERRORS_AT_END: u32 = 256;

/// How to open a file.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// When the first frame was taken, by an operator's word.
    pub start: Option<UtcTime>,
    /// Threads of the decoder.
    pub decode_threads: usize,
    /// How long one read may take.
    pub read_deadline: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { start: None, decode_threads: 1, read_deadline: Duration::from_secs(10) }
    }
}

/// What is known of a file once it is open.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The path as given.
    pub path: PathBuf,
    /// FFmpeg's name of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// FFmpeg's name of the codec, such as `h264`.
    pub codec: String,
    /// Width of the upright frames in pixels.
    pub width: u32,
    /// Height of the upright frames in pixels.
    pub height: u32,
    /// Degrees clockwise by which stored pictures are turned: 0, 90, 180 or 270.
    pub rotation_degrees: u16,
    /// Mean frames a second by the container.
    pub nominal_fps: Option<f64>,
    /// Frames that the container announces; a hint, not a count.
    pub frames_hint: Option<u64>,
    /// Length that the container announces.
    pub duration: Option<MediaTime>,
    /// When the first frame was taken, by whom, how surely.
    pub origin: TimeOrigin,
}

/// A frame and the packets that were read for it.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Read since the last frame, in decoding order; with B-frames they run ahead of the frame.
    pub packets: Vec<Packet>,
    /// The next frame in display order.
    pub frame: Frame,
    /// The decoder repaired it, or its packet was damaged: its pixels prove nothing.
    pub corrupt: bool,
}

/// Opens the file, decodes its first frame and closes it.
///
/// # Errors
/// As [`FileSource::open`].
pub fn probe(path: &Path) -> Result<SourceInfo, MediaError> {
    Ok(FileSource::open(path, &OpenOptions::default())?.info)
}

/// A recorded file being read.
pub struct FileSource {
    info: SourceInfo,
    codec: Arc<StreamCodec>,
    demuxer: Demuxer,
    decoder: FrameDecoder,
    timeline: Timeline,
    options: OpenOptions,
    /// Decoded while opening, not given yet.
    first: Option<Decoded>,
    /// Read since the last frame.
    pending: Vec<Pending>,
    /// Given, and their frame not yet seen.
    awaiting: VecDeque<Awaiting>,
    next_serial: u64,
    state: State,
    cut: Option<String>,
    counts: Counts,
    odd_rotation: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Draining { errors: u32 },
    Done,
}

#[derive(Default)]
struct Counts {
    corrupt: u64,
    undecodable: u64,
    without_frame: u64,
}

struct Pending {
    coded: ffmpeg::Packet,
    serial: u64,
    ticks: Ticks,
    refused: bool,
}

struct Awaiting {
    packet: Packet,
    ticks: Ticks,
}

impl FileSource {
    /// Opens a recorded file and decodes its first frame.
    ///
    /// # Errors
    /// What the path is instead of a readable file (`NotFound`, `PermissionDenied`, `NotAFile`,
    /// `NotLocal`, `Io`), or the file instead of a video (`NotVideo`, `MissingIndex`,
    /// `NoVideoStream`, `NoDecoder`, `NoFrames`), or `ReadTimeout`.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, MediaError> {
        let mut file = open_plain_file(path)?;
        let io = |source| MediaError::Io { path: path.to_owned(), source };
        let modified = file.metadata().map_err(io)?.modified().ok();
        let cut = completeness::cut_short(&mut file).map_err(io)?;
        let demuxer = Demuxer::open(path, options.read_deadline)
            .map_err(|error| not_opened(path, &mut file, options.read_deadline, error))?;

        let described = Description::of(&demuxer);
        let orientation = Orientation::from_matrix(described.matrix);
        let interval = 1.0 / described.fps.unwrap_or(ASSUMED_FPS);
        let interval = MediaTime::from_seconds(interval);
        let codec = StreamCodec::new(demuxer.parameters(), described.matrix, interval);
        let decoder = FrameDecoder::open(&codec, options.decode_threads).map_err(|error| {
            MediaError::NoDecoder {
                path: path.to_owned(),
                codec: codec.name().to_owned(),
                reason: error.to_string(),
            }
        })?;
        let origin = time_origin(
            options.start,
            described.creation_time.as_deref(),
            modified,
            described.duration,
        );
        let mut source = Self {
            info: SourceInfo {
                path: path.to_owned(),
                container: described.container,
                codec: codec.name().to_owned(),
                width: 0,
                height: 0,
                rotation_degrees: orientation.unwrap_or_default().degrees(),
                nominal_fps: described.fps,
                frames_hint: described.frames,
                duration: described.duration,
                origin,
            },
            codec: Arc::new(codec),
            demuxer,
            decoder,
            timeline: Timeline::new(described.time_base, interval),
            options: options.clone(),
            first: None,
            pending: Vec::new(),
            awaiting: VecDeque::new(),
            next_serial: 0,
            state: State::Reading,
            cut,
            counts: Counts::default(),
            odd_rotation: orientation.is_none(),
        };
        let first = source.advance()?.ok_or_else(|| MediaError::NoFrames {
            path: path.to_owned(),
            packets: source.next_serial,
            undecodable: source.counts.undecodable,
        })?;
        source.info.width = first.frame.width();
        source.info.height = first.frame.height();
        source.first = Some(first);
        Ok(source)
    }

    /// What is known of the file.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// What is needed to cut or decode its packets later.
    pub fn codec(&self) -> Arc<StreamCodec> {
        Arc::clone(&self.codec)
    }

    /// The next frame in display order, `None` after the last.
    ///
    /// # Errors
    /// `SizeChanged` and `ReadTimeout` end the source where they happen; `CutShort` comes once, after
    /// the last frame of a file that is cut. After an error there are no more frames.
    #[expect(clippy::should_implement_trait, reason = "it fails, which an iterator cannot say")]
    pub fn next(&mut self) -> Result<Option<Decoded>, MediaError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let next = self.advance();
        if next.is_err() {
            self.state = State::Done;
        }
        if let Ok(None) = next
            && let Some(reason) = self.cut.take()
        {
            let last = self.timeline.last();
            return Err(MediaError::CutShort {
                path: self.info.path.clone(),
                frames: last.map_or(0, |last| last.frame + 1),
                time: last.map_or(MediaTime(0), |last| last.time),
                reason,
            });
        }
        next
    }

    /// Packets read after the last frame given; after the end, those that no frame followed.
    pub fn trailing_packets(&mut self) -> Vec<Packet> {
        self.give_packets()
    }

    /// What had to be mended or was lost so far.
    pub fn warnings(&self) -> Vec<MediaWarning> {
        let mut warnings = self.timeline.warnings();
        if self.counts.corrupt > 0 {
            warnings.push(MediaWarning::CorruptFrames { frames: self.counts.corrupt });
        }
        if self.counts.undecodable > 0 {
            warnings.push(MediaWarning::UndecodablePackets { packets: self.counts.undecodable });
        }
        if self.counts.without_frame > 0 {
            warnings.push(MediaWarning::PacketsWithoutFrame { packets: self.counts.without_frame });
        }
        if self.odd_rotation {
            warnings.push(MediaWarning::OddRotation);
        }
        warnings
    }

    fn advance(&mut self) -> Result<Option<Decoded>, MediaError> {
        while self.state != State::Done {
            match self.decoder.receive() {
                Ok(Answer::Picture(picture)) => return self.give(*picture).map(Some),
                Ok(Answer::Finished) => self.end(),
                Ok(Answer::Hungry) => self.feed()?,
                Err(error) => self.decoder_failed(error)?,
            }
        }
        Ok(None)
    }

    /// Reads one packet and sends it, or tells the decoder that there are no more.
    fn feed(&mut self) -> Result<(), MediaError> {
        if let State::Draining { .. } = self.state {
            // It wants more and there is no more.
            self.end();
            return Ok(());
        }
        let read = match self.demuxer.read() {
            Ok(read) => read,
            Err(DemuxError::TimedOut) => {
                return Err(MediaError::ReadTimeout {
                    path: self.info.path.clone(),
                    seconds: self.options.read_deadline.as_secs_f64(),
                    frames: self.timeline.last().map_or(0, |last| last.frame + 1),
                });
            }
            Err(DemuxError::Ffmpeg(error)) => {
                self.cut.get_or_insert_with(|| error.to_string());
                None
            }
            Err(DemuxError::NoVideoStream) => None,
        };
        match read {
            Some(packet) => self.send(packet),
            None => {
                self.state = match self.decoder.finish() {
                    Ok(()) => State::Draining { errors: 0 },
                    Err(_) => State::Done,
                };
            }
        }
        Ok(())
    }

    fn send(&mut self, mut coded: ffmpeg::Packet) {
        let ticks = Ticks { pts: coded.pts(), dts: coded.dts() };
        let serial = self.next_serial;
        self.next_serial += 1;
        // Decoders carry `pts` to the frame and look at it for nothing else.
        coded.set_pts(i64::try_from(serial).ok());
        coded.set_dts(None);
        self.timeline.sent(ticks);
        let refused = self.decoder.send(&coded).is_err();
        if refused {
            self.counts.undecodable += 1;
            self.timeline.refused(ticks);
        }
        self.pending.push(Pending { coded, serial, ticks, refused });
    }

    fn decoder_failed(&mut self, error: ffmpeg::Error) -> Result<(), MediaError> {
        tracing::debug!(path = %self.info.path.display(), %error, "packet not decoded");
        self.counts.undecodable += 1;
        match &mut self.state {
            State::Draining { errors } if *errors >= ERRORS_AT_END => {
                self.end();
                Ok(())
            }
            State::Draining { errors } => {
                *errors += 1;
                Ok(())
            }
            _ => self.feed(),
        }
    }

    fn give(&mut self, decoded: DecodedPicture) -> Result<Decoded, MediaError> {
        let packet = decoded.serial.and_then(|serial| self.find(serial));
        let (ticks, damaged) = packet.unwrap_or_default();
        let stamp = self.timeline.stamp(ticks);
        let corrupt = decoded.repaired || damaged;
        self.counts.corrupt += u64::from(corrupt);
        self.codec.learn_reorder_depth(self.decoder.reorder_depth());
        let packets = self.give_packets();
        if let Some(serial) = decoded.serial {
            self.note_frame(serial, stamp);
        }
        let frame = Frame::new(decoded.picture, stamp);
        self.check_size(&frame)?;
        Ok(Decoded { packets, frame, corrupt })
    }

    /// Times of the packet with this number, and whether it arrived damaged.
    fn find(&self, serial: u64) -> Option<(Ticks, bool)> {
        let damaged = |coded: &ffmpeg::Packet| coded.flags().contains(packet::Flags::CORRUPT);
        let pending = self.pending.iter().find(|p| p.serial == serial);
        if let Some(pending) = pending {
            return Some((pending.ticks, damaged(&pending.coded)));
        }
        let awaiting = self.awaiting.iter().find(|a| a.packet.serial() == serial)?;
        Some((awaiting.ticks, damaged(awaiting.packet.coded())))
    }

    /// Makes packets of what was read and remembers them until their frame comes.
    fn give_packets(&mut self) -> Vec<Packet> {
        let mut packets = Vec::with_capacity(self.pending.len());
        for pending in self.pending.drain(..) {
            let estimate = self.timeline.estimate(pending.ticks);
            let packet = Packet::new(pending.coded, pending.serial, estimate);
            if !pending.refused {
                self.awaiting.push_back(Awaiting { packet: packet.clone(), ticks: pending.ticks });
            }
            packets.push(packet);
        }
        packets
    }

    /// Writes the stamp on the packet and forgets those that will give no frame any more.
    fn note_frame(&mut self, serial: u64, stamp: FrameTime) {
        let at = self.awaiting.iter().position(|a| a.packet.serial() == serial);
        if let Some(awaiting) = at.and_then(|at| self.awaiting.remove(at)) {
            awaiting.packet.set_stamp(stamp);
        }
        let limit = serial.saturating_sub(REORDER_LIMIT + self.options.decode_threads as u64);
        while let Some(oldest) = self.awaiting.front()
            && oldest.packet.serial() < limit
        {
            self.awaiting.pop_front();
            self.counts.without_frame += 1;
        }
    }

    fn check_size(&self, frame: &Frame) -> Result<(), MediaError> {
        let (was, now) = ((self.info.width, self.info.height), (frame.width(), frame.height()));
        match was == now || frame.stamp().frame == 0 {
            true => Ok(()),
            false => Err(MediaError::SizeChanged {
                path: self.info.path.clone(),
                frame: frame.stamp().frame,
                time: frame.stamp().time,
                was,
                now,
            }),
        }
    }

    fn end(&mut self) {
        self.state = State::Done;
        self.counts.without_frame += self.awaiting.drain(..).count() as u64;
        let pending = self.pending.iter().filter(|p| !p.refused).count();
        self.counts.without_frame += pending as u64;
    }
}
