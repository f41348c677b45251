//! Makes small test recordings through FFmpeg's own encoders and muxers: no program and no file is
//! needed. Pictures carry their number, so that a mixed-up frame is seen.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test helper fails the test")]

use std::path::Path;

use ffmpeg::codec::{self, threading};
use ffmpeg::format::Pixel;
use ffmpeg::frame::Video;
use ffmpeg::{Dictionary, Error, Rational, encoder, format};
use giaolo_domain::{FrameTime, MediaTime};
use giaolo_media::{Decoded, FileSource, Frame, MediaError, OpenOptions, Packet};

/// What to make.
#[derive(Clone)]
pub struct Recipe {
    pub encoder: &'static str,
    pub format: Pixel,
    pub width: u32,
    pub height: u32,
    pub frames: u32,
    pub b_frames: usize,
    pub gop: u32,
    /// Time of each frame in milliseconds; 25 a second where empty.
    pub times_ms: Vec<i64>,
    /// Display matrix to write.
    pub matrix: Option<[i32; 9]>,
    pub metadata: Vec<(&'static str, &'static str)>,
    pub mux_options: Vec<(&'static str, &'static str)>,
    pub encoder_options: Vec<(&'static str, &'static str)>,
    /// Frames from this number on have another size.
    pub grows_at: Option<u32>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            encoder: "libx264",
            format: Pixel::YUV420P,
            width: 96,
            height: 64,
            frames: 50,
            b_frames: 2,
            gop: 12,
            times_ms: Vec::new(),
            matrix: None,
            metadata: Vec::new(),
            mux_options: Vec::new(),
            encoder_options: Vec::new(),
            grows_at: None,
        }
    }
}

impl Recipe {
    /// One tick for each frame, or milliseconds where the times are given.
    fn clock(&self) -> Rational {
        match self.times_ms.is_empty() {
            true => Rational(1, 25),
            false => Rational(1, 1000),
        }
    }

    fn tick(&self, number: u32) -> i64 {
        let given = self.times_ms.get(number as usize);
        given.copied().unwrap_or(i64::from(number))
    }

    fn ticks_per_frame(&self) -> i64 {
        if self.times_ms.is_empty() { 1 } else { 40 }
    }
}

/// Writes the recording; the container follows the name's ending.
pub fn record(path: &Path, recipe: &Recipe) {
    ffmpeg::init().unwrap();
    ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    let mut output = format::output(path).unwrap();
    let wants_headers = output.format().flags().contains(format::Flags::GLOBAL_HEADER);
    let headers = wants_headers && recipe.grows_at.is_none();
    let mut encoder = open_encoder(recipe, headers, recipe.width, recipe.height).unwrap();
    {
        let mut stream = output.add_stream(None::<ffmpeg::Codec>).unwrap();
        stream.set_parameters(codec::Parameters::from(&encoder));
        stream.set_time_base(recipe.clock());
        if let Some(matrix) = recipe.matrix {
            // SAFETY: the stream is live; the data has the size that was asked for.
            unsafe {
                let data = ffmpeg::ffi::av_stream_new_side_data(
                    stream.as_mut_ptr(),
                    ffmpeg::ffi::AVPacketSideDataType::DISPLAYMATRIX,
                    36,
                );
                std::ptr::copy_nonoverlapping(matrix.as_ptr().cast::<u8>(), data, 36);
            }
        }
    }
    for (key, value) in &recipe.metadata {
        output.metadata_mut().set(key, value);
    }
    let options: Dictionary = recipe.mux_options.iter().copied().collect();
    output.write_header_with(options).unwrap();

    for number in 0..recipe.frames {
        if recipe.grows_at == Some(number) {
            encoder.send_eof().unwrap();
            drain(recipe, &mut encoder, &mut output);
            encoder = open_encoder(recipe, headers, recipe.width * 2, recipe.height * 2).unwrap();
        }
        let grown = recipe.grows_at.is_some_and(|at| number >= at);
        let scale = if grown { 2 } else { 1 };
        let mut picture = paint(recipe.format, recipe.width * scale, recipe.height * scale, number);
        picture.set_pts(Some(recipe.tick(number)));
        encoder.send_frame(&picture).unwrap();
        drain(recipe, &mut encoder, &mut output);
    }
    encoder.send_eof().unwrap();
    drain(recipe, &mut encoder, &mut output);
    // The fragmenting muxer answers with a positive size, which the crate takes for an error.
    match output.write_trailer() {
        Err(Error::Other { errno }) if errno < 0 => {}
        closed => closed.unwrap(),
    }
}

fn open_encoder(
    recipe: &Recipe,
    headers: bool,
    width: u32,
    height: u32,
) -> Result<encoder::Video, Error> {
    let codec = encoder::find_by_name(recipe.encoder).ok_or(Error::EncoderNotFound)?;
    let mut context = codec::Context::new_with_codec(codec);
    context.set_threading(threading::Config::count(1));
    if headers {
        context.set_flags(codec::Flags::GLOBAL_HEADER);
    }
    let mut video = context.encoder().video()?;
    video.set_width(width);
    video.set_height(height);
    video.set_format(recipe.format);
    video.set_time_base(recipe.clock());
    video.set_frame_rate(Some(Rational(25, 1)));
    video.set_gop(recipe.gop);
    video.set_max_b_frames(recipe.b_frames);
    let mut options: Dictionary = recipe.encoder_options.iter().copied().collect();
    match recipe.encoder {
        "libx264" => options.set("preset", "veryfast"),
        "libx265" => {
            options.set("preset", "ultrafast");
            let x265 = format!(
                "log-level=none:pools=none:bframes={}:keyint={}",
                recipe.b_frames, recipe.gop
            );
            options.set("x265-params", &x265);
        }
        "mjpeg" => video.set_color_range(ffmpeg::color::Range::JPEG),
        _ => {}
    }
    video.open_with(options)
}

fn drain(recipe: &Recipe, encoder: &mut encoder::Video, output: &mut format::context::Output) {
    let clock = output.stream(0).unwrap().time_base();
    let mut packet = ffmpeg::Packet::empty();
    while encoder.receive_packet(&mut packet).is_ok() {
        packet.set_stream(0);
        packet.set_duration(recipe.ticks_per_frame());
        packet.rescale_ts(recipe.clock(), clock);
        packet.write_interleaved(output).unwrap();
        packet = ffmpeg::Packet::empty();
    }
}

/// A picture with a bright block that wanders with the frame's number over a slanted ground.
pub fn paint(format: Pixel, width: u32, height: u32, number: u32) -> Video {
    let mut picture = Video::new(format, width, height);
    let wide = format == Pixel::YUV420P10LE;
    for plane in 0..picture.planes() {
        let (stride, rows) = (picture.stride(plane), picture.plane_height(plane) as usize);
        let data = picture.data_mut(plane);
        for y in 0..rows {
            for x in 0..stride {
                let sample = if wide { x / 2 } else { x };
                let block = (sample / 8 + y / 8) as u32 % 7 == number % 7;
                let value = match (plane, block) {
                    (0, true) => 220,
                    (0, false) => 40 + ((sample + 2 * y + number as usize) % 100) as u8,
                    _ => 100 + ((sample + y + 3 * number as usize) % 50) as u8,
                };
                data[y * stride + x] = match (wide, x % 2) {
                    (false, _) => value,
                    (true, 0) => value << 2,
                    (true, _) => value >> 6,
                };
            }
        }
    }
    picture
}

/// Everything that a source gives.
pub struct Read {
    pub frames: Vec<Decoded>,
    pub packets: Vec<Packet>,
    pub end: Result<(), MediaError>,
    pub source: FileSource,
}

pub fn read_all(path: &Path) -> Read {
    let mut source = FileSource::open(path, &OpenOptions::default()).unwrap();
    let (mut frames, mut packets) = (Vec::new(), Vec::new());
    let end = loop {
        match source.next() {
            Ok(Some(decoded)) => {
                packets.extend(decoded.packets.iter().cloned());
                frames.push(decoded);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    packets.extend(source.trailing_packets());
    Read { frames, packets, end, source }
}

/// Stamp and pixels.
pub fn print_of(frame: &Frame) -> (FrameTime, u64) {
    (frame.stamp(), pixels(frame))
}

pub fn first_frame(path: &Path) -> Frame {
    let mut source = FileSource::open(path, &OpenOptions::default()).unwrap();
    source.next().unwrap().unwrap().frame
}

/// A hash over the RGB pixels (FNV-1a, eight bytes at a time).
pub fn pixels(frame: &Frame) -> u64 {
    let rgb = frame.rgb(frame.whole()).unwrap();
    let (words, rest) = rgb.as_raw().as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    words.chain(rest).fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
    })
}

pub fn millis(ms: i64) -> MediaTime {
    MediaTime(ms * 1000)
}
