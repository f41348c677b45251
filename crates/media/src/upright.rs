//! Turns pictures upright for recordings whose container says that the camera lay on its side.
//!
//! Only such recordings pay: every plane is written anew. Formats that cannot be turned sample by
//! sample become 8-bit 4:2:0 first.

use ffmpeg::Error;
use ffmpeg::format::Pixel;
use ffmpeg::frame::Video;
use ffmpeg::software::scaling::Flags;

use crate::ffi::{self, Converter};
use crate::scaler::colour_of;

/// One of the eight ways to lay a picture on its sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// Rows become columns.
    transposed: bool,
    /// The stored picture is read from its right edge.
    from_right: bool,
    /// The stored picture is read from its bottom edge.
    from_bottom: bool,
}

impl Orientation {
    /// Reads a display matrix (ISO/IEC 14496-12, 6.2.2: `x' = a x + c y`, `y' = b x + d y` with the
    /// matrix `[a b u c d v x y w]`); `None` where it is no quarter turn.
    pub(crate) fn from_matrix(matrix: Option<[i32; 9]>) -> Option<Self> {
        let Some([a, b, _, c, d, ..]) = matrix else {
            return Some(Self::default());
        };
        match (a, b, c, d) {
            (0, b, c, 0) if b != 0 && c != 0 => {
                Some(Self { transposed: true, from_right: b < 0, from_bottom: c < 0 })
            }
            (a, 0, 0, d) if a != 0 && d != 0 => {
                Some(Self { transposed: false, from_right: a < 0, from_bottom: d < 0 })
            }
            _ => None,
        }
    }

    pub(crate) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Degrees clockwise by which a stored picture is turned; a mirrored one counts as its turn.
    pub(crate) fn degrees(self) -> u16 {
        match (self.transposed, self.from_right, self.from_bottom) {
            (false, true, true) => 180,
            (false, ..) => 0,
            (true, _, true) => 90,
            (true, _, false) => 270,
        }
    }

    /// The upright picture, with the colour properties of the stored one.
    pub(crate) fn turn(self, stored: &Video) -> Result<Video, Error> {
        let Some(sample_bytes) = sample_bytes(stored.format()) else {
            return self.turn(&to_planar(stored)?);
        };
        if !ffi::rows_go_down(stored) {
            return self.turn(&to_planar(stored)?);
        }
        let (width, height) = match self.transposed {
            true => (stored.height(), stored.width()),
            false => (stored.width(), stored.height()),
        };
        let mut upright = ffi::new_picture(stored.format(), width, height)?;
        ffi::copy_properties(stored, &mut upright)?;
        for (plane, &bytes) in sample_bytes.iter().enumerate() {
            // Interleaved chroma has the width of a chroma plane, in samples of two parts.
            let columns = chroma_columns(&upright, plane);
            let rows = upright.plane_height(plane) as usize;
            let source = Plane {
                data: stored.data(plane),
                stride: stored.stride(plane),
                width: chroma_columns(stored, plane),
                height: stored.plane_height(plane) as usize,
                bytes,
            };
            let stride = upright.stride(plane);
            let target = upright.data_mut(plane);
            for row in 0..rows {
                let line = &mut target[row * stride..row * stride + columns * bytes];
                self.turn_row(&source, row, line);
            }
        }
        Ok(upright)
    }

    /// Fills row `row` of the upright plane.
    fn turn_row(self, source: &Plane<'_>, row: usize, line: &mut [u8]) {
        for (column, sample) in line.chunks_exact_mut(source.bytes).enumerate() {
            let (x, y) = match self.transposed {
                true => (row, column),
                false => (column, row),
            };
            let x = if self.from_right { source.width - 1 - x } else { x };
            let y = if self.from_bottom { source.height - 1 - y } else { y };
            let at = y * source.stride + x * source.bytes;
            sample.copy_from_slice(&source.data[at..at + source.bytes]);
        }
    }
}

struct Plane<'a> {
    data: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
    bytes: usize,
}

/// Samples in a row of a plane.
fn chroma_columns(picture: &Video, plane: usize) -> usize {
    match plane {
        0 => picture.width() as usize,
        _ => {
            let shift = picture.format().descriptor().map_or(0, |d| d.log2_chroma_w());
            (picture.width() as usize).div_ceil(1 << shift)
        }
    }
}

/// Bytes of one sample in each plane, for the formats that stay what they are when they are turned.
fn sample_bytes(format: Pixel) -> Option<&'static [usize]> {
    match format {
        Pixel::YUV420P | Pixel::YUVJ420P | Pixel::YUV444P | Pixel::YUVJ444P => Some(&[1, 1, 1]),
        Pixel::GRAY8 => Some(&[1]),
        Pixel::NV12 | Pixel::NV21 => Some(&[1, 2]),
        Pixel::YUV420P10LE => Some(&[2, 2, 2]),
        _ => None,
    }
}

fn to_planar(stored: &Video) -> Result<Video, Error> {
    let colour = colour_of(stored);
    let (width, height) = (stored.width(), stored.height());
    let mut planar = ffi::new_picture(Pixel::YUV420P, width, height)?;
    Converter::new(
        (stored.format(), width, height),
        colour,
        (Pixel::YUV420P, width, height),
        colour,
        Flags::AREA | Flags::ACCURATE_RND,
    )?
    .run(stored, &mut planar)?;
    ffi::copy_properties(stored, &mut planar)?;
    if colour.full_range {
        planar.set_color_range(ffmpeg::color::Range::JPEG);
    }
    Ok(planar)
}
