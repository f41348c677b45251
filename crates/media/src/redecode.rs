//! Decodes kept packets again to get single frames back, after the fact.

use giaolo_domain::MediaTime;

use crate::decoder::{Answer, DecodedPicture, FrameDecoder};
use crate::error::MediaError;
use crate::frame::Frame;
use crate::packet::StreamCodec;
use crate::ring::PacketSpan;

/// Decodes the span and hands out, in display order, the frames whose times are `wanted`: with the
/// same stamp and the same pixels as the first decoding gave. Stops as soon as all were found.
///
/// # Errors
/// `FrameNotInSpan` where a frame does not come out again (all others were handed out before), and
/// `Redecode` where the decoder cannot be opened.
pub fn decode_span(
    codec: &StreamCodec,
    span: &PacketSpan,
    wanted: &[MediaTime],
    on_frame: &mut dyn FnMut(Frame),
) -> Result<(), MediaError> {
    let failed = |error: ffmpeg::Error| MediaError::Redecode { reason: error.to_string() };
    let mut missing = wanted.to_vec();
    missing.sort_unstable();
    missing.dedup();

    let mut decoder = FrameDecoder::open(codec, 1).map_err(failed)?;
    let mut hand_out = |found: DecodedPicture, missing: &mut Vec<MediaTime>| {
        let stamp = found.serial.and_then(|serial| stamp_of(span, serial));
        let Some(stamp) = stamp else { return };
        if let Ok(at) = missing.binary_search(&stamp.time) {
            missing.remove(at);
            on_frame(Frame::new(found.picture, stamp));
        }
    };
    for packet in span.packets() {
        if missing.is_empty() {
            return Ok(());
        }
        // A packet that is refused was refused the first time too; a frame that is missing because
        // of it is reported below.
        if decoder.send(packet.coded()).is_ok() {
            while let Ok(Answer::Picture(found)) = decoder.receive() {
                hand_out(*found, &mut missing);
            }
        }
    }
    decoder.finish().map_err(failed)?;
    while let Ok(Answer::Picture(found)) = decoder.receive() {
        hand_out(*found, &mut missing);
    }
    match missing.first() {
        Some(&time) => Err(MediaError::FrameNotInSpan { time }),
        None => Ok(()),
    }
}

fn stamp_of(span: &PacketSpan, serial: u64) -> Option<giaolo_domain::FrameTime> {
    let packets = span.packets();
    let at = packets.binary_search_by_key(&serial, |packet| packet.serial()).ok()?;
    packets[at].stamp()
}
