//! Cuts a film out of kept packets without re-encoding: the evidence shows the camera's own bits.
//!
//! The film begins with the keyframe, so it plays from its first picture in any player; how much of
//! it comes before the time asked for is its lead-in. Times are those of the frames (1/90000 s);
//! decoding times are made anew from them, as not every container has them. Pictures that are shown
//! before the keyframe (they cannot be decoded) are kept for the decoder and cut off by the edit
//! list.

use std::ffi::OsString;
use std::path::Path;

use ffmpeg::format::context::Output;
use ffmpeg::{Dictionary, Rational, format};
use giaolo_domain::MediaTime;

use crate::error::MediaError;
use crate::ffi;
use crate::packet::StreamCodec;
use crate::ring::PacketSpan;

/// Ticks of a clip's clock in a second.
const TICKS: i64 = 90_000;

/// What a clip shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClipInfo {
    /// Pictures shown.
    pub frames: u64,
    /// Time of the first picture, on the source's time line: the clip's own zero.
    pub start: MediaTime,
    /// Time of the last picture.
    pub end: MediaTime,
    /// How much is shown before the time asked for.
    pub lead_in: MediaTime,
}

/// Writes the span as an mp4 that begins to play before it is wholly loaded.
///
/// The file is whole when this returns, but not synced. On an error nothing is left at `path`.
///
/// # Errors
/// `Write` with the step that failed, also for a codec that mp4 cannot hold.
pub fn write_clip(
    codec: &StreamCodec,
    span: &PacketSpan,
    path: &Path,
) -> Result<ClipInfo, MediaError> {
    let written = write(codec, span, path);
    if written.is_err() {
        // It is no clip; whoever lists the folder must not take it for one.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn write(codec: &StreamCodec, span: &PacketSpan, path: &Path) -> Result<ClipInfo, MediaError> {
    let failed = |step: &'static str| {
        move |error: ffmpeg::Error| MediaError::Write {
            path: path.to_owned(),
            step,
            reason: error.to_string(),
        }
    };
    let mut output = create_mp4(path)?;
    ffi::describe_stream(&mut output, &codec.parameters(), codec.matrix())
        .map_err(failed("describing the stream"))?;
    let options: Dictionary =
        [("movflags", "+faststart"), ("video_track_timescale", "90000")].into_iter().collect();
    output.write_header_with(options).map_err(failed("writing the header"))?;
    let clock = Rational(1, TICKS as i32);
    let stream_clock = output.stream(0).map_or(clock, |stream| stream.time_base());

    let times = clip_times(span);
    let duration = to_ticks(codec.frame_interval()).max(1);
    for (packet, time) in span.packets().iter().zip(&times) {
        let mut coded = packet.coded().clone();
        coded.set_stream(0);
        coded.set_position(-1);
        coded.set_pts(Some(time.pts));
        coded.set_dts(Some(time.dts));
        coded.set_duration(duration);
        coded.rescale_ts(clock, stream_clock);
        coded.write_interleaved(&mut output).map_err(failed("writing packets"))?;
    }
    output.write_trailer().map_err(failed("closing the file"))?;
    Ok(ClipInfo {
        frames: times.iter().filter(|time| time.pts >= 0).count() as u64,
        start: span.start(),
        end: span.end(),
        lead_in: MediaTime((span.from().0 - span.start().0).max(0)),
    })
}

/// Opens a file for writing as mp4; the name is never read as an address.
pub(crate) fn create_mp4(path: &Path) -> Result<Output, MediaError> {
    ffi::prepare();
    let failed = |reason: String| MediaError::Write {
        path: path.to_owned(),
        step: "creating the file",
        reason,
    };
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(failed("its name holds a zero byte".to_owned()));
    }
    let mut url = OsString::from("file:");
    url.push(path);
    format::output_as(&url, "mp4").map_err(|error| failed(error.to_string()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ClipTime {
    pts: i64,
    dts: i64,
}

/// Times of the packets on the clip's clock, with 0 at the keyframe.
///
/// Decoding times are the presentation times in order, moved back until none is after its picture.
fn clip_times(span: &PacketSpan) -> Vec<ClipTime> {
    let packets = span.packets();
    let mut in_display_order: Vec<usize> = (0..packets.len()).collect();
    in_display_order.sort_by_key(|&at| (packets[at].pts(), at));

    let mut pts = vec![0; packets.len()];
    let mut sorted = Vec::with_capacity(packets.len());
    for &at in &in_display_order {
        let exact = to_ticks(MediaTime(packets[at].pts().0 - span.start().0));
        let tick = sorted.last().map_or(exact, |&last| exact.max(last + 1));
        pts[at] = tick;
        sorted.push(tick);
    }
    let zero = pts.first().copied().unwrap_or_default();
    let delay = (0..packets.len()).map(|at| sorted[at] - pts[at]).max();
    let delay = delay.unwrap_or_default();
    (0..packets.len())
        .map(|at| ClipTime { pts: pts[at] - zero, dts: sorted[at] - delay - zero })
        .collect()
}

/// Ticks of the clip's clock, to the nearest.
fn to_ticks(time: MediaTime) -> i64 {
    (time.0 * TICKS + 500_000).div_euclid(1_000_000)
}
