//! Writes an annotated film from RGB pictures: an mp4 that every player shows.
//!
//! H.264 (libx264 `veryfast`, crf 23) where this FFmpeg has it, else MPEG-4; 4:2:0 with the colour
//! tagged as BT.601. Odd sizes get one more column or row, a copy of the last. Evidence is never
//! made here: it is cut without re-encoding.

use std::path::{Path, PathBuf};

use ffmpeg::codec::{self, threading};
use ffmpeg::color::{Range, Space};
use ffmpeg::encoder;
use ffmpeg::ffi as av;
use ffmpeg::format::Pixel;
use ffmpeg::format::context::Output;
use ffmpeg::frame::Video;
use ffmpeg::software::scaling::Flags;
use ffmpeg::{Dictionary, Error, Rational};
use giaolo_domain::MediaTime;

use crate::clip::create_mp4;
use crate::error::MediaError;
use crate::ffi::{self, Colour, Converter};
use crate::scaler::RGB;

/// Ticks in a second: MPEG-4 allows no more than 65535; this divides the usual rates.
const TICKS: i64 = 60_000;

/// The rate shown where none is given.
const ASSUMED_FPS: f64 = 25.0;

/// An mp4 being written. Without [`VideoWriter::finish`] it is no whole file.
pub struct VideoWriter {
    path: PathBuf,
    size: (u32, u32),
    output: Output,
    encoder: encoder::Video,
    converter: Converter,
    rgb: Video,
    yuv: Video,
    last: Option<MediaTime>,
    last_tick: i64,
    ticks_per_frame: i64,
}

impl VideoWriter {
    /// Begins a film of `width` x `height` pixels; `fps_hint` is what players show as its rate.
    ///
    /// # Errors
    /// `Write` with the step that failed.
    pub fn create(
        path: &Path,
        width: u32,
        height: u32,
        fps_hint: Option<f64>,
    ) -> Result<Self, MediaError> {
        let failed = |step: &'static str| {
            move |error: Error| MediaError::Write {
                path: path.to_owned(),
                step,
                reason: error.to_string(),
            }
        };
        let (even_w, even_h) = (width.next_multiple_of(2), height.next_multiple_of(2));
        let mut output = create_mp4(path)?;
        let fps = fps_hint.filter(|fps| (0.1..=1000.0).contains(fps));
        let fps = fps.unwrap_or(ASSUMED_FPS);
        let encoder = open_encoder(even_w, even_h, fps).map_err(failed("opening the encoder"))?;
        let parameters = codec::Parameters::from(&encoder);
        ffi::describe_stream(&mut output, &parameters, None)
            .map_err(failed("describing the stream"))?;
        let options: Dictionary = [("movflags", "+faststart")].into_iter().collect();
        output.write_header_with(options).map_err(failed("writing the header"))?;
        let picture = |format| {
            ffi::new_picture(format, even_w, even_h).map_err(failed("allocating a picture"))
        };
        Ok(Self {
            path: path.to_owned(),
            size: (width, height),
            output,
            encoder,
            converter: Converter::new(
                (Pixel::RGB24, even_w, even_h),
                RGB,
                (Pixel::YUV420P, even_w, even_h),
                BT601,
                Flags::AREA | Flags::ACCURATE_RND,
            )
            .map_err(failed("preparing colours"))?,
            rgb: picture(Pixel::RGB24)?,
            yuv: picture(Pixel::YUV420P)?,
            last: None,
            last_tick: 0,
            ticks_per_frame: (TICKS as f64 / fps).round().max(1.0) as i64,
        })
    }

    /// Adds a picture; times must increase.
    ///
    /// # Errors
    /// `PictureSize`, `TimeOrder`, or `Write`.
    pub fn write(&mut self, picture: &image::RgbImage, time: MediaTime) -> Result<(), MediaError> {
        if picture.dimensions() != self.size {
            return Err(MediaError::PictureSize {
                path: self.path.clone(),
                film: self.size,
                picture: picture.dimensions(),
            });
        }
        if let Some(last) = self.last.filter(|last| *last >= time) {
            return Err(MediaError::TimeOrder { path: self.path.clone(), time, last });
        }
        fill_padded(picture, &mut self.rgb);
        // Two times in one tick still are two pictures.
        let tick = (time.0 * TICKS + 500_000).div_euclid(1_000_000);
        let tick = self.last.map_or(tick, |_| tick.max(self.last_tick + 1));
        self.last = Some(time);
        self.last_tick = tick;
        self.encode(tick).map_err(|error| self.failed("encoding", error))
    }

    /// Writes what is left and closes the file, which is whole then, but not synced.
    ///
    /// # Errors
    /// `Write`.
    pub fn finish(mut self) -> Result<(), MediaError> {
        self.encoder
            .send_eof()
            .and_then(|()| self.drain())
            .map_err(|error| self.failed("encoding", error))?;
        self.output.write_trailer().map_err(|error| self.failed("closing the file", error))
    }

    fn encode(&mut self, tick: i64) -> Result<(), Error> {
        // The encoder may still hold the last picture's memory, so each gets its own.
        self.yuv = ffi::new_picture(Pixel::YUV420P, self.yuv.width(), self.yuv.height())?;
        self.converter.run(&self.rgb, &mut self.yuv)?;
        self.yuv.set_pts(Some(tick));
        self.yuv.set_color_space(Space::SMPTE170M);
        self.yuv.set_color_range(Range::MPEG);
        self.encoder.send_frame(&self.yuv)?;
        self.drain()
    }

    fn drain(&mut self) -> Result<(), Error> {
        let clock = Rational(1, TICKS as i32);
        let stream_clock = self.output.stream(0).map_or(clock, |s| s.time_base());
        loop {
            let mut packet = ffmpeg::Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {}
                Err(Error::Eof) => return Ok(()),
                Err(Error::Other { errno }) if errno == libc::EAGAIN => return Ok(()),
                Err(error) => return Err(error),
            }
            packet.set_stream(0);
            // Without a length the container would end before its last picture.
            packet.set_duration(self.ticks_per_frame);
            packet.rescale_ts(clock, stream_clock);
            packet.write_interleaved(&mut self.output)?;
        }
    }

    fn failed(&self, step: &'static str, error: Error) -> MediaError {
        MediaError::Write { path: self.path.clone(), step, reason: error.to_string() }
    }
}

const BT601: Colour = Colour { full_range: false, matrix: av::SWS_CS_ITU601 };

fn open_encoder(width: u32, height: u32, fps: f64) -> Result<encoder::Video, Error> {
    let h264 = encoder::find_by_name("libx264");
    let codec = h264.or_else(|| encoder::find(codec::Id::MPEG4)).ok_or(Error::EncoderNotFound)?;
    let mut context = codec::Context::new_with_codec(codec);
    context.set_threading(threading::Config::count(1));
    context.set_flags(codec::Flags::GLOBAL_HEADER);
    let mut video = context.encoder().video()?;
    video.set_width(width);
    video.set_height(height);
    video.set_format(Pixel::YUV420P);
    video.set_colorspace(Space::SMPTE170M);
    video.set_color_range(Range::MPEG);
    video.set_time_base(Rational(1, TICKS as i32));
    video.set_frame_rate(Some(Rational((fps * 1000.0).round() as i32, 1000)));
    // A keyframe every two seconds or so lets people jump about in the film.
    video.set_gop((fps * 2.0).ceil() as u32);
    let options: Dictionary = match h264 {
        Some(_) => [("preset", "veryfast"), ("crf", "23")].into_iter().collect(),
        None => [("qscale", "3"), ("flags", "+qscale")].into_iter().collect(),
    };
    video.open_with(options)
}

/// Copies the picture and repeats its last column and row where the target is larger by one.
fn fill_padded(picture: &image::RgbImage, target: &mut Video) {
    let row_bytes = picture.width() as usize * 3;
    let rows = picture.height() as usize;
    let (columns, stride) = (target.width() as usize, target.stride(0));
    let data = target.data_mut(0);
    let source = picture.as_raw();
    for (at, line) in data.chunks_mut(stride).enumerate() {
        let from = at.min(rows - 1) * row_bytes;
        let row = &source[from..from + row_bytes];
        line[..row_bytes].copy_from_slice(row);
        if columns * 3 > row_bytes {
            line[row_bytes..columns * 3].copy_from_slice(&row[row_bytes - 3..]);
        }
    }
}
