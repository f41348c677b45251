//! Packets as the container gave them, kept to be cut into clips or decoded again, and what one
//! must know of their stream for that.
//!
//! A packet costs its bytes once, however often it is cloned. The frame that it became is noted on
//! it (number and time), so that whoever decodes it again gets the same stamp.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};

use ffmpeg::codec::Parameters;
use giaolo_domain::{FrameTime, MediaTime};

use crate::ffi::FrozenParameters;

/// One packet of coded video; a shared reference, cheap to clone.
#[derive(Clone)]
pub struct Packet(Arc<Inner>);

struct Inner {
    /// Its `pts` is the packet's serial number: decoders carry it through to the frame.
    coded: ffmpeg::Packet,
    serial: u64,
    estimate: MediaTime,
    stamp: OnceLock<FrameTime>,
}

impl Packet {
    /// Takes a packet whose `pts` is `serial` already.
    pub(crate) fn new(coded: ffmpeg::Packet, serial: u64, estimate: MediaTime) -> Self {
        Self(Arc::new(Inner { coded, serial, estimate, stamp: OnceLock::new() }))
    }

    /// The coded bytes.
    pub fn data(&self) -> &[u8] {
        self.0.coded.data().unwrap_or_default()
    }

    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.0.coded.size()
    }

    /// Whether decoding can begin here.
    pub fn is_key(&self) -> bool {
        self.0.coded.is_key()
    }

    /// When it is shown: the time of its frame, or an estimate while that was not decoded yet.
    pub fn pts(&self) -> MediaTime {
        self.stamp().map_or(self.0.estimate, |stamp| stamp.time)
    }

    /// The frame that it became; `None` while it was not decoded, or gave none.
    pub fn stamp(&self) -> Option<FrameTime> {
        self.0.stamp.get().copied()
    }

    pub(crate) fn set_stamp(&self, stamp: FrameTime) {
        // The first decoding decides; a second stamp cannot occur as serial numbers are unique.
        let _ = self.0.stamp.set(stamp);
    }

    /// Number in the order of decoding, from 0 at the beginning of the source.
    pub(crate) fn serial(&self) -> u64 {
        self.0.serial
    }

    pub(crate) fn coded(&self) -> &ffmpeg::Packet {
        &self.0.coded
    }
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packet")
            .field("serial", &self.serial())
            .field("pts", &self.pts())
            .field("key", &self.is_key())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// What one must know of a stream to decode or re-wrap its packets without the file.
pub struct StreamCodec {
    parameters: FrozenParameters,
    name: &'static str,
    matrix: Option<[i32; 9]>,
    frame_interval: MediaTime,
    reorder_depth: AtomicI32,
}

impl StreamCodec {
    pub(crate) fn new(
        parameters: Parameters,
        matrix: Option<[i32; 9]>,
        frame_interval: MediaTime,
    ) -> Self {
        Self {
            name: parameters.id().name(),
            parameters: FrozenParameters::new(parameters),
            matrix,
            frame_interval,
            reorder_depth: AtomicI32::new(0),
        }
    }

    /// FFmpeg's name of the codec, such as `h264`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn parameters(&self) -> Parameters {
        self.parameters.copy()
    }

    /// The display matrix of the container, row-major, in FFmpeg's fixed point.
    pub(crate) fn matrix(&self) -> Option<[i32; 9]> {
        self.matrix
    }

    /// The nominal time from frame to frame.
    pub(crate) fn frame_interval(&self) -> MediaTime {
        self.frame_interval
    }

    /// How many frames stand between decoding and display, as the first decoding learnt.
    pub(crate) fn reorder_depth(&self) -> i32 {
        self.reorder_depth.load(Ordering::Relaxed)
    }

    pub(crate) fn learn_reorder_depth(&self, frames: i32) {
        self.reorder_depth.fetch_max(frames, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for StreamCodec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamCodec").field("name", &self.name).finish_non_exhaustive()
    }
}
