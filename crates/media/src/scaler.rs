//! From the decoder's pixels straight to RGB: scaled planes for a detector, small parts for lamps
//! and stills.
//!
//! Scaling is FFmpeg's with the `AREA` kernel: coverage-weighted when it shrinks, bilinear when it
//! enlarges, so it neither aliases nor blurs more than the models were tuned on (OpenCV's
//! `INTER_AREA` and `INTER_LINEAR`). Planar RGB is its fastest output with full chroma: about
//! 0.7 ms of CPU from 1600x1200 and 0.4 ms from 640x480 to 640x384. Contexts are kept for the sizes
//! last used, as making one costs more than using it on a small part.

use ffmpeg::Error;
use ffmpeg::color::{Range, Space};
use ffmpeg::ffi as av;
use ffmpeg::format::Pixel;
use ffmpeg::frame::Video;
use ffmpeg::software::scaling::Flags;
use giaolo_domain::PixelRect;

use crate::error::MediaError;
use crate::ffi::{self, Colour, Converter, Shape};
use crate::frame::Frame;

/// How many pairs of sizes are kept: a detector's tiles and a scene's lamps fit well.
const KEPT: usize = 48;

/// Converts parts of frames to RGB, remembering what it needs for each size. One for each thread.
#[derive(Default)]
pub struct Scaler {
    kept: Vec<Kept>,
    clock: u64,
}

struct Kept {
    key: Key,
    converter: Converter,
    output: Video,
    used: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    source: Shape,
    colour: Colour,
    target: Shape,
}

impl Scaler {
    /// A scaler that remembers nothing yet.
    pub fn new() -> Self {
        ffi::prepare();
        Self::default()
    }

    /// Scales `region` of the frame to `out_w` x `out_h` and writes it to `out` as three planes: all
    /// red, then all green, then all blue, row by row, 0 to 255.
    ///
    /// The region is widened to whole chroma samples (at most one pixel to the left and above); the
    /// region that was really used comes back, for mapping positions to the picture.
    ///
    /// # Errors
    /// `RegionOutside`, `WrongBuffer` where `out` is not `3 * out_w * out_h` bytes, or `PixelFormat`.
    pub fn rgb_planes(
        &mut self,
        frame: &Frame,
        region: PixelRect,
        out_w: u32,
        out_h: u32,
        out: &mut [u8],
    ) -> Result<PixelRect, MediaError> {
        let area = out_w as usize * out_h as usize;
        if area == 0 || out.len() != 3 * area {
            return Err(MediaError::WrongBuffer {
                got: out.len(),
                wanted: 3 * area,
                width: out_w,
                height: out_h,
            });
        }
        let region = aligned(frame, region)?;
        let scaled = self.convert(frame, region, (Pixel::GBRP, out_w, out_h))?;
        let width = out_w as usize;
        for (target, plane) in out.chunks_exact_mut(area).zip([2, 0, 1]) {
            let (rows, stride) = (scaled.data(plane), scaled.stride(plane));
            for (line, row) in target.chunks_exact_mut(width).zip(rows.chunks(stride)) {
                line.copy_from_slice(&row[..width]);
            }
        }
        Ok(region)
    }

    /// A part of the frame as it is, 8-bit RGB, exactly `region`.
    ///
    /// # Errors
    /// `RegionOutside` or `PixelFormat`.
    pub fn rgb_small(
        &mut self,
        frame: &Frame,
        region: PixelRect,
    ) -> Result<image::RgbImage, MediaError> {
        let wide = aligned(frame, region)?;
        let picture = self.convert(frame, wide, (Pixel::RGB24, wide.width, wide.height))?;
        let (data, stride) = (picture.data(0), picture.stride(0));
        let left = (region.x - wide.x) as usize * 3;
        let top = (region.y - wide.y) as usize;
        let bytes = region.width as usize * 3;
        let mut part = image::RgbImage::new(region.width, region.height);
        let lines = part.chunks_exact_mut(bytes);
        for (line, row) in lines.zip(data.chunks(stride).skip(top)) {
            line.copy_from_slice(&row[left..left + bytes]);
        }
        Ok(part)
    }

    fn convert(
        &mut self,
        frame: &Frame,
        region: PixelRect,
        target: Shape,
    ) -> Result<&Video, MediaError> {
        let picture = frame.picture();
        let refused = |error: Error| MediaError::PixelFormat {
            format: frame.pixel_format().to_owned(),
            reason: error.to_string(),
        };
        let key = Key {
            source: (picture.format(), region.width, region.height),
            colour: colour_of(picture),
            target,
        };
        self.clock += 1;
        let at = match self.kept.iter().position(|kept| kept.key == key) {
            Some(at) => at,
            None => self.add(key).map_err(refused)?,
        };
        let kept = &mut self.kept[at];
        kept.used = self.clock;
        let part = ffi::view(picture, region).map_err(refused)?;
        kept.converter.run(&part, &mut kept.output).map_err(refused)?;
        Ok(&kept.output)
    }

    /// Makes what `key` needs, in the place of the one unused for longest where all are taken.
    fn add(&mut self, key: Key) -> Result<usize, Error> {
        let kept = Kept {
            key,
            converter: Converter::new(
                key.source,
                key.colour,
                key.target,
                RGB,
                Flags::AREA | Flags::ACCURATE_RND | Flags::FULL_CHR_H_INT,
            )?,
            output: ffi::new_picture(key.target.0, key.target.1, key.target.2)?,
            used: 0,
        };
        if self.kept.len() < KEPT {
            self.kept.push(kept);
            return Ok(self.kept.len() - 1);
        }
        let oldest = (0..self.kept.len()).min_by_key(|&at| self.kept[at].used).unwrap_or_default();
        self.kept[oldest] = kept;
        Ok(oldest)
    }
}

/// RGB has the full range; its matrix is not looked at.
pub(crate) const RGB: Colour = Colour { full_range: true, matrix: av::SWS_CS_DEFAULT };

/// What the picture's numbers stand for: as tagged, else 16 to 235 in BT.601, as FFmpeg and OpenCV
/// take it.
pub(crate) fn colour_of(picture: &Video) -> Colour {
    let jpeg = matches!(
        picture.format(),
        Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P | Pixel::YUVJ411P
    );
    Colour {
        full_range: jpeg || picture.color_range() == Range::JPEG,
        matrix: match picture.color_space() {
            Space::BT709 => av::SWS_CS_ITU709,
            Space::FCC => av::SWS_CS_FCC,
            Space::SMPTE240M => av::SWS_CS_SMPTE240M,
            Space::BT2020NCL | Space::BT2020CL => av::SWS_CS_BT2020,
            _ => av::SWS_CS_DEFAULT,
        },
    }
}

/// The region widened to whole chroma samples.
fn aligned(frame: &Frame, region: PixelRect) -> Result<PixelRect, MediaError> {
    let (width, height) = (frame.width(), frame.height());
    let right = region.x.checked_add(region.width);
    let bottom = region.y.checked_add(region.height);
    let (Some(right), Some(bottom)) = (right, bottom) else {
        return Err(MediaError::RegionOutside { region, width, height });
    };
    if region.width == 0 || region.height == 0 || right > width || bottom > height {
        return Err(MediaError::RegionOutside { region, width, height });
    }
    let chroma = frame.picture().format().descriptor();
    let (step_x, step_y) =
        chroma.map_or((1, 1), |d| (1u32 << d.log2_chroma_w(), 1u32 << d.log2_chroma_h()));
    let (x, y) = (region.x - region.x % step_x, region.y - region.y % step_y);
    let right = right.next_multiple_of(step_x).min(width);
    let bottom = bottom.next_multiple_of(step_y).min(height);
    Ok(PixelRect { x, y, width: right - x, height: bottom - y })
}
