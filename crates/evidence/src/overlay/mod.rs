//! Drawing for people: the explained still of a violation and the annotated video.
//!
//! Strokes are drawn by OpenCV into a one-byte mask of just the area that they touch and blended from
//! there, so that every stroke can be translucent, have a light edge and fade, and the picture's own
//! buffer is the only full-size one. Glyphs are rasterised once and kept. An [`Overlay`] owns mask and
//! glyphs: make one per thread and use it for every frame.
//!
//! Each colour means one thing; [`palette`] says which. Points that are no finite numbers are not
//! drawn; everything outside the picture is cut off.

mod caption;
mod frame;
mod label;
mod marks;
mod overview;
pub mod palette;
mod panel;
mod plate_words;
mod shapes;
mod text;

pub use caption::{Bilingual, Caption, CaptionRow, CaptionSource};
pub use frame::{FrameDrawing, HeadShape, TrackShape};
pub use label::Labels;
pub use overview::{LampShape, LineShape, Meaning, OverviewDrawing, ZoneShape, render_overview};
pub use palette::Colour;
pub use shapes::Stroke;
pub use text::{TextStyle, Weight};

use crate::Result;

/// Fonts, glyphs and scratch memory for drawing.
pub struct Overlay {
    text: text::TextRenderer,
    mask: Vec<u8>,
}

impl Overlay {
    /// Loads the fonts that are built in (DejaVu Sans Condensed, which has all Vietnamese letters).
    ///
    /// # Errors
    /// Where the built-in fonts cannot be read.
    pub fn new() -> Result<Self> {
        Ok(Self { text: text::TextRenderer::new()?, mask: Vec::new() })
    }
}

impl std::fmt::Debug for Overlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlay").finish_non_exhaustive()
    }
}

/// Sizes that follow the picture's width, so that drawings look alike at 640 and at 4000 pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Height of running text in pixels.
    pub(crate) text_px: f32,
    /// One unit of stroke width and spacing in pixels.
    pub(crate) unit: f32,
}

impl Scale {
    pub(crate) fn of_width(width: u32) -> Self {
        let width = width as f32;
        Self { text_px: (width * 0.0135).clamp(12.5, 64.0), unit: (width / 1000.0).clamp(0.8, 4.0) }
    }
}
