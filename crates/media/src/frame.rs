//! A decoded frame: the decoder's own picture, shared, with its place in the source.

use std::sync::Arc;

use ffmpeg::format::Pixel;
use ffmpeg::format::pixel::Descriptor;
use ffmpeg::frame::Video;
use giaolo_domain::{FrameTime, PixelRect};

use crate::error::MediaError;
use crate::ffi;
use crate::scaler::Scaler;

/// A frame in the decoder's pixel format; cloning shares it. Pixels are only made on request.
#[derive(Clone)]
pub struct Frame {
    picture: Arc<Video>,
    stamp: FrameTime,
}

impl Frame {
    pub(crate) fn new(picture: Video, stamp: FrameTime) -> Self {
        Self { picture: Arc::new(picture), stamp }
    }

    /// A picture that came from somewhere else, as a frame: for photos and stills.
    ///
    /// # Errors
    /// `PixelFormat` where there is no memory for it, or where it has no pixels.
    pub fn from_rgb(picture: &image::RgbImage, stamp: FrameTime) -> Result<Self, MediaError> {
        let refused =
            |reason: String| MediaError::PixelFormat { format: "rgb24".to_owned(), reason };
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Err(refused(format!("the picture is {width}x{height} pixels")));
        }
        let mut video = ffi::new_picture(Pixel::RGB24, width, height)
            .map_err(|error| refused(error.to_string()))?;
        let (row, stride) = (width as usize * 3, video.stride(0));
        for (line, pixels) in
            video.data_mut(0).chunks_mut(stride).zip(picture.as_raw().chunks_exact(row))
        {
            line[..row].copy_from_slice(pixels);
        }
        Ok(Self::new(video, stamp))
    }

    /// Its number, from 0, and its time, from the first frame; times strictly increase.
    pub fn stamp(&self) -> FrameTime {
        self.stamp
    }

    /// Width in pixels, upright.
    pub fn width(&self) -> u32 {
        self.picture.width()
    }

    /// Height in pixels, upright.
    pub fn height(&self) -> u32 {
        self.picture.height()
    }

    /// The whole picture as a region.
    pub fn whole(&self) -> PixelRect {
        PixelRect { x: 0, y: 0, width: self.width(), height: self.height() }
    }

    /// FFmpeg's name of the pixel format, such as `yuv420p`.
    pub fn pixel_format(&self) -> &'static str {
        self.picture.format().descriptor().map_or("none", Descriptor::name)
    }

    /// The colour of a part at full resolution, 8-bit RGB.
    ///
    /// For a still or a crop; many small parts of every frame are cheaper with one [`Scaler`].
    ///
    /// # Errors
    /// `RegionOutside`, or `PixelFormat` for pixels that cannot be converted.
    pub fn rgb(&self, region: PixelRect) -> Result<image::RgbImage, MediaError> {
        Scaler::new().rgb_small(self, region)
    }

    pub(crate) fn picture(&self) -> &Video {
        &self.picture
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("stamp", &self.stamp)
            .field("width", &self.width())
            .field("height", &self.height())
            .field("format", &self.pixel_format())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use giaolo_domain::MediaTime;
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn a_picture_as_a_frame_gives_its_pixels_back() {
        let stamp = FrameTime { frame: 3, time: MediaTime(40_000) };
        // An odd width: rows of the frame are padded, rows of the picture are not.
        let picture = RgbImage::from_fn(37, 11, |x, y| Rgb([x as u8 * 6, y as u8 * 20, 77]));
        let frame = Frame::from_rgb(&picture, stamp).unwrap();
        assert_eq!((frame.stamp(), frame.width(), frame.height()), (stamp, 37, 11));
        assert_eq!(frame.rgb(frame.whole()).unwrap(), picture);
    }

    #[test]
    fn a_picture_without_pixels_is_refused() {
        let stamp = FrameTime { frame: 0, time: MediaTime(0) };
        let error = Frame::from_rgb(&RgbImage::new(0, 5), stamp).unwrap_err().to_string();
        assert!(error.contains("0x5"), "{error}");
    }
}
