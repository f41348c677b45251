//! The only room with `unsafe`: what the safe crate over FFmpeg cannot say.
//!
//! Opening with options *and* a deadline together, reading fields for which there is no safe getter,
//! views into a part of a picture, and the colour details of the scaler. Each function is safe to
//! call; each block says why it is sound. The rest of the crate works with the safe types.

use std::ffi::{CString, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use ffmpeg::codec::{self, Parameters};
use ffmpeg::ffi as av;
use ffmpeg::format::context::{Input, Output};
use ffmpeg::format::{Pixel, stream::Disposition};
use ffmpeg::frame::Video;
use ffmpeg::software::scaling::{self, Flags};
use ffmpeg::{Dictionary, Error, Packet, decoder, media};
use giaolo_domain::PixelRect;

/// Containers that may be opened. Playlists (which name other files or addresses), pictures, texts
/// and capture devices are left out on purpose.
const CONTAINERS: &str = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,mjpeg,\
                          flv,asf,dhav,mxf,nut,ogg,ivf";

/// Makes FFmpeg ready once and keeps it from writing to the process's standard error.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = ffmpeg::init() {
            tracing::warn!(%error, "ffmpeg did not initialise");
        }
        ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    });
}

/// The instant after which FFmpeg must give up what it is doing.
struct Deadline {
    begin: Instant,
    micros: AtomicI64,
}

impl Deadline {
    fn now(&self) -> i64 {
        i64::try_from(self.begin.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn arm(&self, within: Duration) {
        let within = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
        self.micros.store(self.now().saturating_add(within), Ordering::Relaxed);
    }

    fn passed(&self) -> bool {
        self.now() >= self.micros.load(Ordering::Relaxed)
    }
}

unsafe extern "C" fn deadline_passed(opaque: *mut c_void) -> c_int {
    // SAFETY: `opaque` is the `Deadline` inside the `Arc` that the `Demuxer` holds longer than the
    // context which calls this; only atomics are touched.
    let deadline = unsafe { &*opaque.cast::<Deadline>() };
    c_int::from(deadline.passed())
}

/// A file being demuxed, of which one video stream is read.
pub(crate) struct Demuxer {
    /// Declared before `deadline`: it is dropped first and may still ask for it.
    input: Input,
    deadline: Arc<Deadline>,
    within: Duration,
    stream: usize,
}

/// Why a file could not be opened or read.
pub(crate) enum DemuxError {
    /// The deadline passed.
    TimedOut,
    /// No stream of moving pictures (a cover picture is none).
    NoVideoStream,
    /// What FFmpeg said.
    Ffmpeg(Error),
}

impl Demuxer {
    /// Opens a file, and nothing but a file, and finds its video stream.
    pub(crate) fn open(path: &Path, within: Duration) -> Result<Self, DemuxError> {
        prepare();
        let deadline = Arc::new(Deadline { begin: Instant::now(), micros: AtomicI64::new(0) });
        deadline.arm(within);
        let said = |error: Error| match deadline.passed() {
            true => DemuxError::TimedOut,
            false => DemuxError::Ffmpeg(error),
        };
        // The prefix keeps FFmpeg from reading a file's name as an address or a protocol.
        let mut url = b"file:".to_vec();
        url.extend_from_slice(path.as_os_str().as_bytes());
        let url = CString::new(url).map_err(|_| DemuxError::Ffmpeg(Error::InvalidData))?;
        let options: Dictionary =
            [("protocol_whitelist", "file"), ("format_whitelist", CONTAINERS)]
                .into_iter()
                .collect();
        let mut options = options.into_raw();

        // SAFETY: the context is freshly allocated and checked; `url` outlives the call; on failure
        // `avformat_open_input` frees the context itself. `options` is owned here and given back to
        // a `Dictionary` that frees it. The callback's `Deadline` lives in an `Arc` that outlives
        // the context (see the field order of `Demuxer`; on the early returns `deadline` still lives
        // when the context is freed).
        let opened = unsafe {
            let mut context = av::avformat_alloc_context();
            if context.is_null() {
                drop(Dictionary::from_raw(options));
                return Err(DemuxError::Ffmpeg(Error::Other { errno: libc::ENOMEM }));
            }
            (*context).interrupt_callback = av::AVIOInterruptCB {
                callback: Some(deadline_passed),
                opaque: Arc::as_ptr(&deadline).cast_mut().cast(),
            };
            let code =
                av::avformat_open_input(&mut context, url.as_ptr(), ptr::null(), &mut options);
            drop(Dictionary::from_raw(options));
            match code {
                0 => Ok(Input::wrap(context)),
                code => Err(Error::from(code)),
            }
        };
        let mut input = opened.map_err(said)?;

        // SAFETY: the context is open and owned by `input`.
        let code = unsafe { av::avformat_find_stream_info(input.as_mut_ptr(), ptr::null_mut()) };
        if code < 0 {
            return Err(said(Error::from(code)));
        }
        let best = input.streams().best(media::Type::Video);
        let stream = best
            .filter(|s| !s.disposition().contains(Disposition::ATTACHED_PIC))
            .map(|s| s.index())
            .ok_or(DemuxError::NoVideoStream)?;
        for index in 0..input.nb_streams() as usize {
            if index != stream {
                // SAFETY: `index` is below `nb_streams`, so the entry is a valid stream of the open
                // context, which nobody else touches.
                unsafe {
                    let other = *(*input.as_mut_ptr()).streams.add(index);
                    (*other).discard = av::AVDiscard::ALL;
                }
            }
        }
        Ok(Self { input, deadline, within, stream })
    }

    /// The next packet of the video stream, `None` at the end.
    pub(crate) fn read(&mut self) -> Result<Option<Packet>, DemuxError> {
        self.deadline.arm(self.within);
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => return Ok(Some(packet)),
                Ok(()) => {}
                Err(_) if self.deadline.passed() => return Err(DemuxError::TimedOut),
                Err(Error::Eof) => return Ok(None),
                Err(Error::Other { errno }) if errno == libc::EAGAIN => {}
                Err(error) => return Err(DemuxError::Ffmpeg(error)),
            }
        }
    }

    /// The container.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// The number of the video stream.
    pub(crate) fn stream_index(&self) -> usize {
        self.stream
    }

    /// A copy of the video stream's parameters that lives longer than the container.
    pub(crate) fn parameters(&self) -> Parameters {
        let mut copy = Parameters::new();
        if let Some(stream) = self.input.stream(self.stream) {
            // SAFETY: both point to live parameters; the call copies the extra data.
            unsafe {
                av::avcodec_parameters_copy(copy.as_mut_ptr(), stream.parameters().as_ptr());
            }
        }
        copy
    }
}

/// Parameters that are never written again and so may be read from several threads.
pub(crate) struct FrozenParameters(Parameters);

// SAFETY: `Parameters` owns its memory and is `Send`; behind this type it is only ever read (the one
// access is `copy`), and reading plain memory from several threads is sound.
unsafe impl Sync for FrozenParameters {}

impl FrozenParameters {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self(parameters)
    }

    /// A copy of one's own.
    pub(crate) fn copy(&self) -> Parameters {
        self.0.clone()
    }
}

/// Tells a decoder, before it is opened, how many frames may stand between decoding and display.
pub(crate) fn set_reorder_depth(decoder: &mut decoder::Decoder, frames: i32) {
    // SAFETY: the context is owned by `decoder` and not opened yet; the field is a plain number.
    unsafe {
        let context = decoder.as_mut_ptr();
        (*context).has_b_frames = (*context).has_b_frames.max(frames);
    }
}

/// How many frames stand between decoding and display, as learnt so far.
pub(crate) fn reorder_depth(decoder: &codec::Context) -> i32 {
    // SAFETY: reads a plain number of the context that `decoder` owns.
    unsafe { (*decoder.as_ptr()).has_b_frames }
}

/// Whether the decoder had to repair this frame or decoded it from damaged data.
pub(crate) fn was_repaired(frame: &Video) -> bool {
    // SAFETY: reads a plain number of the frame that `frame` owns.
    frame.is_corrupt() || unsafe { (*frame.as_ptr()).decode_error_flags } != 0
}

/// A new picture with memory of its own.
pub(crate) fn new_picture(format: Pixel, width: u32, height: u32) -> Result<Video, Error> {
    let picture = Video::new(format, width, height);
    // SAFETY: reads a pointer of the frame that `picture` owns.
    match unsafe { picture.is_empty() } {
        true => Err(Error::Other { errno: libc::ENOMEM }),
        false => Ok(picture),
    }
}

/// Takes over everything but the pixels: colour, aspect, flags.
pub(crate) fn copy_properties(from: &Video, to: &mut Video) -> Result<(), Error> {
    // SAFETY: both are live frames, the second exclusively borrowed.
    match unsafe { av::av_frame_copy_props(to.as_mut_ptr(), from.as_ptr()) } {
        code if code < 0 => Err(Error::from(code)),
        _ => Ok(()),
    }
}

/// Whether every row of the picture lies after the row above it, as `Video::data` assumes.
pub(crate) fn rows_go_down(frame: &Video) -> bool {
    // SAFETY: reads plain numbers of the frame that `frame` owns.
    unsafe { (*frame.as_ptr()).linesize.iter().all(|&size| size >= 0) }
}

/// A view into a part of a picture that shares its memory. The region must lie inside the picture
/// and begin on whole chroma samples.
pub(crate) fn view(frame: &Video, region: PixelRect) -> Result<Video, Error> {
    let fits = region.x.checked_add(region.width) <= Some(frame.width())
        && region.y.checked_add(region.height) <= Some(frame.height())
        && region.width > 0
        && region.height > 0;
    if !fits {
        return Err(Error::InvalidData);
    }
    let mut view = Video::empty();
    // SAFETY: `view` is an empty frame; after `av_frame_ref` it holds its own reference to the
    // buffers. The crop lies inside the picture (checked above), so the moved plane pointers stay
    // inside the buffers.
    let code = unsafe {
        let target = view.as_mut_ptr();
        match av::av_frame_ref(target, frame.as_ptr()) {
            0 => {
                (*target).crop_left = region.x as usize;
                (*target).crop_top = region.y as usize;
                (*target).crop_right = (frame.width() - region.x - region.width) as usize;
                (*target).crop_bottom = (frame.height() - region.y - region.height) as usize;
                av::av_frame_apply_cropping(target, av::AV_FRAME_CROP_UNALIGNED.0 as c_int)
            }
            code => code,
        }
    };
    match code {
        code if code < 0 => Err(Error::from(code)),
        _ => Ok(view),
    }
}

/// How a picture's numbers stand for colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    /// 0 to 255 rather than 16 to 235.
    pub full_range: bool,
    /// FFmpeg's number of the matrix (`SWS_CS_*`).
    pub matrix: i32,
}

/// FFmpeg's scaler for one pair of formats and sizes.
pub(crate) struct Converter(scaling::Context);

// SAFETY: an `SwsContext` has no tie to the thread that made it; it is only used through `&mut`.
unsafe impl Send for Converter {}

/// Format, width and height of one side of a conversion.
pub(crate) type Shape = (Pixel, u32, u32);

impl Converter {
    /// From `source` to `target`; the target's colour only matters where it is not RGB.
    pub(crate) fn new(
        source: Shape,
        source_colour: Colour,
        target: Shape,
        target_colour: Colour,
        flags: Flags,
    ) -> Result<Self, Error> {
        let mut context = scaling::Context::get(
            source.0, source.1, source.2, target.0, target.1, target.2, flags,
        )?;
        // SAFETY: the context is live and exclusively owned; the coefficient tables are static.
        // A negative answer only says that the pair of formats has no colour to set.
        unsafe {
            av::sws_setColorspaceDetails(
                context.as_mut_ptr(),
                av::sws_getCoefficients(source_colour.matrix),
                c_int::from(source_colour.full_range),
                av::sws_getCoefficients(target_colour.matrix),
                c_int::from(target_colour.full_range),
                0,
                1 << 16,
                1 << 16,
            );
        }
        Ok(Self(context))
    }

    /// Converts one picture into another of the shapes agreed on.
    pub(crate) fn run(&mut self, from: &Video, to: &mut Video) -> Result<(), Error> {
        self.0.run(from, to)
    }
}

/// Gives the stream of a new container its parameters, with the tag left for the container to
/// choose, and the matrix by which players turn the picture.
pub(crate) fn describe_stream(
    output: &mut Output,
    parameters: &Parameters,
    matrix: Option<[i32; 9]>,
) -> Result<(), Error> {
    let mut stream = output
        .add_stream(None::<ffmpeg::Codec>)
        .map_err(|_| Error::Other { errno: libc::ENOMEM })?;
    // SAFETY: the stream was just made and belongs to `output`; the parameters are live; the side
    // data is allocated by FFmpeg with the size given and checked before it is written.
    unsafe {
        let stream = stream.as_mut_ptr();
        let code = av::avcodec_parameters_copy((*stream).codecpar, parameters.as_ptr());
        if code < 0 {
            return Err(Error::from(code));
        }
        (*(*stream).codecpar).codec_tag = 0;
        (*stream).sample_aspect_ratio = (*parameters.as_ptr()).sample_aspect_ratio;
        if let Some(matrix) = matrix {
            let bytes = size_of_val(&matrix);
            let data =
                av::av_stream_new_side_data(stream, av::AVPacketSideDataType::DISPLAYMATRIX, bytes);
            if data.is_null() {
                return Err(Error::Other { errno: libc::ENOMEM });
            }
            ptr::copy_nonoverlapping(matrix.as_ptr().cast::<u8>(), data, bytes);
        }
    }
    Ok(())
}
