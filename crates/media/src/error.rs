//! What can go wrong with a recording: errors that stop, and warnings that are counted and shown.

use std::fmt;
use std::path::PathBuf;

use giaolo_domain::{MediaTime, PixelRect};
use thiserror::Error;

/// Why a recording cannot be read, cut or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MediaError {
    /// Nothing lies at the path.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The path may not be read.
    #[error("`{}` may not be read: give this user permission to read it", path.display())]
    PermissionDenied {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder, a device or a pipe.
    #[error("`{}` is {what}; give the path of one recorded file", path.display())]
    NotAFile {
        /// The path as given.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// An address of the network.
    #[error("`{}` looks like a network address; only files on this machine are opened", path.display())]
    NotLocal {
        /// The path as given.
        path: PathBuf,
    },
    /// The operating system refused for another reason.
    #[error("`{}` cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No known video container, or a damaged one.
    #[error("`{}` is not a video that can be read ({reason}); give an mp4, mkv, avi or ts file", path.display())]
    NotVideo {
        /// The file.
        path: PathBuf,
        /// What FFmpeg said.
        reason: String,
    },
    /// An mp4 of which the index was never written, or cut off.
    #[error(
        "`{}` has no index (mp4 without a whole `moov`): the recording was cut off before it was closed; \
         export it again from the recorder", path.display()
    )]
    MissingIndex {
        /// The file.
        path: PathBuf,
    },
    /// A container without a video stream.
    #[error("`{}` has no video stream", path.display())]
    NoVideoStream {
        /// The file.
        path: PathBuf,
    },
    /// A video stream out of which not one frame could be decoded.
    #[error("`{}` has no video frames ({packets} packets read, {undecodable} of them undecodable)", path.display())]
    NoFrames {
        /// The file.
        path: PathBuf,
        /// Packets that were read.
        packets: u64,
        /// Packets that the decoder refused.
        undecodable: u64,
    },
    /// This FFmpeg cannot decode the codec.
    #[error("`{}` needs a decoder for `{codec}` that this FFmpeg does not have ({reason})", path.display())]
    NoDecoder {
        /// The file.
        path: PathBuf,
        /// The codec's name.
        codec: String,
        /// What FFmpeg said.
        reason: String,
    },
    /// The picture changes its size in mid stream; scenes and tracks hold for one size only.
    #[error(
        "`{}` changes from {}x{} to {}x{} at frame {frame} ({:.3} s): split the recording there",
        path.display(), was.0, was.1, now.0, now.1, time.seconds()
    )]
    SizeChanged {
        /// The file.
        path: PathBuf,
        /// The first frame of the new size.
        frame: u64,
        /// Its time.
        time: MediaTime,
        /// Width and height before.
        was: (u32, u32),
        /// Width and height from then on.
        now: (u32, u32),
    },
    /// The file ends before what its container announces; every frame up to the cut was given.
    #[error(
        "`{}` is cut short after {frames} frames ({:.3} s): {reason}; the frames before the cut were read",
        path.display(), time.seconds()
    )]
    CutShort {
        /// The file.
        path: PathBuf,
        /// Frames given before the cut.
        frames: u64,
        /// Time of the last of them.
        time: MediaTime,
        /// How it was noticed.
        reason: String,
    },
    /// A read took longer than allowed.
    #[error("`{}` gave nothing for {seconds:.1} s after {frames} frames: the disk or share does not answer", path.display())]
    ReadTimeout {
        /// The file.
        path: PathBuf,
        /// The deadline in seconds.
        seconds: f64,
        /// Frames given before.
        frames: u64,
    },
    /// A region that does not lie inside the picture.
    #[error(
        "region {}x{} at {},{} does not lie inside the picture of {width}x{height}",
        region.width, region.height, region.x, region.y
    )]
    RegionOutside {
        /// The region asked for.
        region: PixelRect,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
    },
    /// The caller's buffer does not fit the size asked for.
    #[error(
        "a buffer of {got} bytes was given for {width}x{height} in three planes; {wanted} bytes are right"
    )]
    WrongBuffer {
        /// Bytes given.
        got: usize,
        /// Bytes needed.
        wanted: usize,
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// A picture format that FFmpeg's scaler cannot read.
    #[error("pixels of format `{format}` cannot be converted ({reason})")]
    PixelFormat {
        /// FFmpeg's name of the format.
        format: String,
        /// What FFmpeg said.
        reason: String,
    },
    /// A frame that was asked for did not come out of the packets again.
    #[error("the frame at {:.6} s cannot be decoded again from the packets kept", time.seconds())]
    FrameNotInSpan {
        /// The frame's time.
        time: MediaTime,
    },
    /// Decoding of kept packets failed altogether.
    #[error("packets kept cannot be decoded again: {reason}")]
    Redecode {
        /// What FFmpeg said.
        reason: String,
    },
    /// A clip or a film could not be written.
    #[error("`{}` cannot be written ({step}): {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Which step failed.
        step: &'static str,
        /// What FFmpeg or the system said.
        reason: String,
    },
    /// A picture for a film of another size.
    #[error("`{}` is a film of {}x{}, a picture of {}x{} was given", path.display(), film.0, film.1, picture.0, picture.1)]
    PictureSize {
        /// The film.
        path: PathBuf,
        /// Width and height of the film.
        film: (u32, u32),
        /// Width and height of the picture.
        picture: (u32, u32),
    },
    /// A picture that is not later than the one before.
    #[error("`{}`: a picture at {:.6} s was given after one at {:.6} s; times must increase", path.display(), time.seconds(), last.seconds())]
    TimeOrder {
        /// The film.
        path: PathBuf,
        /// The time given.
        time: MediaTime,
        /// The time before.
        last: MediaTime,
    },
}

/// What was wrong with a recording and did not stop it. Counts are up to the frame last given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaWarning {
    /// The container gives no presentation times; they were taken from the order of decoding.
    TimesFromDecodingOrder,
    /// Frames without a time, placed one nominal interval after the frame before.
    MissingTimes {
        /// How many frames.
        frames: u64,
    },
    /// Frames whose time did not increase, placed between their neighbours.
    BackwardTimes {
        /// How many frames.
        frames: u64,
    },
    /// The recording's clock jumped back for good; the time line goes on without a jump.
    ClockJumps {
        /// How often.
        times: u64,
    },
    /// Frames that the decoder repaired or that came from damaged packets.
    CorruptFrames {
        /// How many frames.
        frames: u64,
    },
    /// Packets that the decoder refused.
    UndecodablePackets {
        /// How many packets.
        packets: u64,
    },
    /// Packets out of which no frame came (before the first whole picture, skipped or lost).
    PacketsWithoutFrame {
        /// How many packets.
        packets: u64,
    },
    /// A display rotation that is no quarter turn; the frames are given as stored.
    OddRotation,
}

impl fmt::Display for MediaWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesFromDecodingOrder => {
                f.write_str("no presentation times; taken from the order of decoding")
            }
            Self::MissingTimes { frames } => {
                write!(f, "{frames} frames without a time, placed by the nominal rate")
            }
            Self::BackwardTimes { frames } => write!(
                f,
                "{frames} frames whose time does not increase, placed between their neighbours"
            ),
            Self::ClockJumps { times } => {
                write!(f, "the recording's clock jumped back {times} times")
            }
            Self::CorruptFrames { frames } => write!(f, "{frames} frames are damaged"),
            Self::UndecodablePackets { packets } => {
                write!(f, "{packets} packets could not be decoded")
            }
            Self::PacketsWithoutFrame { packets } => {
                write!(f, "{packets} packets gave no frame")
            }
            Self::OddRotation => {
                f.write_str("display rotation is no quarter turn; frames are given as stored")
            }
        }
    }
}
