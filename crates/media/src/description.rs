//! What a path is and what its container says about the video stream, before anything is decoded.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use ffmpeg::codec::packet;
use giaolo_domain::MediaTime;

use crate::completeness;
use crate::error::MediaError;
use crate::ffi::{DemuxError, Demuxer};

/// What the container says about the stream.
pub(crate) struct Description {
    pub container: String,
    pub creation_time: Option<String>,
    pub matrix: Option<[i32; 9]>,
    pub fps: Option<f64>,
    pub frames: Option<u64>,
    pub duration: Option<MediaTime>,
    pub time_base: (i32, i32),
}

impl Description {
    pub(crate) fn of(demuxer: &Demuxer) -> Self {
        let input = demuxer.input();
        let created = input.metadata().get("creation_time").map(str::to_owned);
        let length = (input.duration() > 0).then(|| MediaTime(input.duration()));
        let mut description = Self {
            container: input.format().name().to_owned(),
            creation_time: created,
            matrix: None,
            fps: None,
            frames: None,
            duration: length,
            time_base: (1, 90_000),
        };
        let Some(stream) = input.stream(demuxer.stream_index()) else {
            return description;
        };
        description.time_base = (stream.time_base().0, stream.time_base().1);
        description.frames = u64::try_from(stream.frames()).ok().filter(|n| *n > 0);
        description.fps = [stream.avg_frame_rate(), stream.rate()]
            .into_iter()
            .filter(|rate| rate.0 > 0 && rate.1 > 0)
            .map(f64::from)
            .find(|fps| (0.01..=1000.0).contains(fps));
        description.matrix = stream
            .side_data()
            .find(|side| side.kind() == packet::side_data::Type::DisplayMatrix)
            .and_then(|side| matrix(side.data()));
        description
    }
}

fn matrix(bytes: &[u8]) -> Option<[i32; 9]> {
    let mut matrix = [0; 9];
    if bytes.len() != size_of_val(&matrix) {
        return None;
    }
    for (number, bytes) in matrix.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    Some(matrix)
}

/// Opens the path if it is a file of this machine; says what it is otherwise.
pub(crate) fn open_plain_file(path: &Path) -> Result<File, MediaError> {
    let refuse = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => MediaError::NotFound { path: path.to_owned() },
        std::io::ErrorKind::PermissionDenied => {
            MediaError::PermissionDenied { path: path.to_owned() }
        }
        _ => MediaError::Io { path: path.to_owned(), source },
    };
    if path.to_string_lossy().contains("://") {
        return Err(MediaError::NotLocal { path: path.to_owned() });
    }
    let metadata = std::fs::metadata(path).map_err(refuse)?;
    if !metadata.is_file() {
        return Err(MediaError::NotAFile {
            path: path.to_owned(),
            what: match metadata.is_dir() {
                true => "a folder",
                false => "a device or a pipe",
            },
        });
    }
    File::open(path).map_err(refuse)
}

/// Why a file that can be read could not be opened as a video.
pub(crate) fn not_opened(
    path: &Path,
    file: &mut File,
    within: Duration,
    error: DemuxError,
) -> MediaError {
    let path = path.to_owned();
    match error {
        DemuxError::TimedOut => {
            MediaError::ReadTimeout { path, seconds: within.as_secs_f64(), frames: 0 }
        }
        _ if completeness::is_mp4_without_index(file) => MediaError::MissingIndex { path },
        DemuxError::NoVideoStream => MediaError::NoVideoStream { path },
        DemuxError::Ffmpeg(error) => MediaError::NotVideo { path, reason: error.to_string() },
    }
}
