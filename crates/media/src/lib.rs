//! Sources, demuxing, decoding, scaling, the packet ring and clips: everything that knows FFmpeg.
//!
//! A [`FileSource`] gives [`Decoded`] frames in display order together with the packets that were
//! read for them. Frames stay in the decoder's format and are shared, never copied; a [`Scaler`]
//! makes the detector's input straight from them. Packets go into a [`PacketRing`], out of which
//! [`write_clip`] cuts a film without re-encoding and [`decode_span`] gets single frames back, with
//! the same pixels and the same [`giaolo_domain::FrameTime`] as the first decoding gave.
//!
//! Invariants: times come from the recording and never decrease; whatever is wrong with a recording
//! is an error or a [`MediaWarning`], never silence; nothing here opens anything but plain files.
//! `unsafe` lives in `ffi.rs` alone.
#![deny(unsafe_code)]

mod clip;
mod completeness;
mod decoder;
mod description;
mod error;
#[expect(unsafe_code, reason = "the one room in which FFmpeg's structs are touched")]
mod ffi;
mod frame;
mod origin;
mod packet;
mod redecode;
mod ring;
mod scaler;
mod source;
mod timeline;
mod upright;
mod writer;

pub use clip::{ClipInfo, write_clip};
pub use error::{MediaError, MediaWarning};
pub use frame::Frame;
pub use packet::{Packet, StreamCodec};
pub use redecode::decode_span;
pub use ring::{PacketRing, PacketSpan, RingLimits};
pub use scaler::Scaler;
pub use source::{Decoded, FileSource, OpenOptions, SourceInfo, probe};
pub use writer::VideoWriter;

/// The version of FFmpeg's codec library that is loaded, such as `59.37.100`.
pub fn library_version() -> String {
    let version = ffmpeg::codec::version();
    format!("{}.{}.{}", version >> 16, (version >> 8) & 0xff, version & 0xff)
}
