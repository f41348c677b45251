//! A decoded frame: the decoder's own picture, shared, with its place in the source.

use std::sync::Arc;

use ffmpeg::format::pixel::Descriptor;
use ffmpeg::frame::Video;
use giaolo_domain::{FrameTime, PixelRect};

use crate::error::MediaError;
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
