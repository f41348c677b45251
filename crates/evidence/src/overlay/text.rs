//! Text: measuring, wrapping, drawing, with every glyph rasterised once.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont as _};
use image::RgbImage;

use super::{Colour, Overlay, shapes::mix};
use crate::{Error, Result};

/// How heavy the letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Headings and names.
    Bold,
}

/// Size, weight and colour of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Height from ascender to descender in pixels.
    pub px: f32,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub colour: Colour,
}

impl TextStyle {
    /// A style.
    pub const fn new(px: f32, weight: Weight, colour: Colour) -> Self {
        Self { px, weight, colour }
    }

    /// Distance from one baseline to the next in pixels.
    pub fn line_height(&self) -> f32 {
        (self.px * 1.22).round()
    }

    fn size_key(&self) -> u32 {
        (self.px.clamp(1.0, 400.0) * 4.0).round() as u32
    }
}

/// Coverage of one glyph at one size and quarter-pixel phase.
struct Raster {
    left: i32,
    top: i32,
    width: usize,
    coverage: Vec<u8>,
}

#[derive(PartialEq, Eq, Hash)]
struct RasterKey {
    glyph: GlyphId,
    weight: Weight,
    size: u32,
    phase: u8,
}

/// At this many glyphs the cache starts anew: sizes come from picture widths, so a run has few.
const MOST_RASTERS: usize = 20_000;

pub(super) struct TextRenderer {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
    rasters: HashMap<RasterKey, Option<Raster>>,
}

impl TextRenderer {
    pub(super) fn new() -> Result<Self> {
        let font = |bytes| {
            FontRef::try_from_slice(bytes)
                .map_err(|error| Error::Drawing(format!("built-in font: {error}")))
        };
        Ok(Self {
            regular: font(dejavu::sans_condensed::regular())?,
            bold: font(dejavu::sans_condensed::bold())?,
            rasters: HashMap::new(),
        })
    }

    fn font(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(super) fn width(&self, text: &str, style: &TextStyle) -> f32 {
        let font = self.font(style.weight).as_scaled(PxScale::from(style.px));
        let mut previous = None;
        let mut width = 0.0;
        for c in text.chars() {
            let glyph = font.glyph_id(c);
            if let Some(previous) = previous {
                width += font.kern(previous, glyph);
            }
            width += font.h_advance(glyph);
            previous = Some(glyph);
        }
        width
    }

    fn ascent(&self, style: &TextStyle) -> f32 {
        self.font(style.weight).as_scaled(PxScale::from(style.px)).ascent()
    }

    /// Lines of at most `width` pixels; a word that is longer is cut between letters.
    pub(super) fn wrap(&self, text: &str, style: &TextStyle, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&longer, style) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if line.chars().count() > 1 && self.width(&line, style) > width {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(c);
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The text, or as much of it as fits with an ellipsis.
    pub(super) fn shorten(&self, text: &str, style: &TextStyle, width: f32) -> String {
        if self.width(text, style) <= width {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() {
            let with_ellipsis = format!("{}…", short.trim_end());
            if self.width(&with_ellipsis, style) <= width {
                return with_ellipsis;
            }
        }
        String::new()
    }

    /// Draws one line whose box begins at `x`, `top`.
    pub(super) fn draw(
        &mut self,
        image: &mut RgbImage,
        x: f32,
        top: f32,
        text: &str,
        style: &TextStyle,
    ) {
        if !(x.is_finite() && top.is_finite()) {
            return;
        }
        let baseline = (top + self.ascent(style)).round() as i32;
        let mut pen = x;
        let mut previous = None;
        for c in text.chars() {
            let font = self.font(style.weight).as_scaled(PxScale::from(style.px));
            let glyph = font.glyph_id(c);
            if let Some(previous) = previous {
                pen += font.kern(previous, glyph);
            }
            let advance = font.h_advance(glyph);
            let quarters = (pen * 4.0).round() as i32;
            let key = RasterKey {
                glyph,
                weight: style.weight,
                size: style.size_key(),
                phase: quarters.rem_euclid(4) as u8,
            };
            if let Some(raster) = self.raster(key, style) {
                stamp(image, raster, quarters.div_euclid(4), baseline, style.colour);
            }
            pen += advance;
            previous = Some(glyph);
        }
    }

    fn raster(&mut self, key: RasterKey, style: &TextStyle) -> Option<&Raster> {
        if self.rasters.len() > MOST_RASTERS {
            self.rasters.clear();
        }
        let font = match style.weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        self.rasters.entry(key).or_insert_with_key(|key| rasterise(font, key)).as_ref()
    }
}

fn rasterise(font: &FontRef<'static>, key: &RasterKey) -> Option<Raster> {
    let offset = ab_glyph::point(f32::from(key.phase) / 4.0, 0.0);
    let scale = PxScale::from(key.size as f32 / 4.0);
    let outline = font.outline_glyph(key.glyph.with_scale_and_position(scale, offset))?;
    let bounds = outline.px_bounds();
    let (width, height) = (bounds.width().ceil() as usize, bounds.height().ceil() as usize);
    let mut coverage = vec![0; width * height];
    outline.draw(|x, y, share| {
        if let Some(cell) = coverage.get_mut(y as usize * width + x as usize) {
            *cell = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
        }
    });
    Some(Raster {
        left: bounds.min.x.floor() as i32,
        top: bounds.min.y.floor() as i32,
        width,
        coverage,
    })
}

fn stamp(image: &mut RgbImage, raster: &Raster, pen: i32, baseline: i32, colour: Colour) {
    if raster.width == 0 {
        return;
    }
    let (width, height) = (image.width() as i32, image.height() as i32);
    for (row, line) in raster.coverage.chunks(raster.width).enumerate() {
        let y = baseline.saturating_add(raster.top).saturating_add(row as i32);
        if !(0..height).contains(&y) {
            continue;
        }
        for (column, &coverage) in line.iter().enumerate() {
            let x = pen.saturating_add(raster.left).saturating_add(column as i32);
            if coverage > 0 && (0..width).contains(&x) {
                mix(image.get_pixel_mut(x as u32, y as u32), colour, coverage);
            }
        }
    }
}

impl Overlay {
    /// Width of a line of text in pixels.
    pub fn text_width(&self, text: &str, style: &TextStyle) -> f32 {
        self.text.width(text, style)
    }

    /// Draws a line of text whose box begins at `x`, `top`.
    pub fn text(&mut self, image: &mut RgbImage, x: f32, top: f32, text: &str, style: &TextStyle) {
        self.text.draw(image, x, top, text, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::palette;

    fn style(px: f32) -> TextStyle {
        TextStyle::new(px, Weight::Regular, palette::PAPER)
    }

    #[test]
    fn every_vietnamese_letter_has_a_glyph_in_both_weights() {
        let text = TextRenderer::new().unwrap();
        let letters = "aăâeêioôơuưyđ";
        let vowels = "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ";
        let signs = "…·–×±→#%°";
        for c in letters
            .chars()
            .chain(vowels.chars())
            .flat_map(|c| std::iter::once(c).chain(c.to_uppercase()))
            .chain(signs.chars())
        {
            for weight in [Weight::Regular, Weight::Bold] {
                assert_ne!(text.font(weight).glyph_id(c), GlyphId(0), "{c} {weight:?}");
            }
        }
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = TextRenderer::new().unwrap();
        let words =
            "Không chấp hành hiệu lệnh của đèn tín hiệu giao thông khônggianrấtdàikhôngcódấucách";
        for width in [10.0, 60.0, 200.0, 2000.0] {
            let lines = text.wrap(words, &style(16.0), width);
            for line in &lines {
                let letters = line.chars().count();
                assert!(letters == 1 || text.width(line, &style(16.0)) <= width, "{line}");
            }
            let kept: String = lines.concat().split_whitespace().collect();
            assert_eq!(kept, words.split_whitespace().collect::<String>());
        }
        let short = text.shorten(words, &style(16.0), 100.0);
        assert!(short.ends_with('…') && text.width(&short, &style(16.0)) <= 100.0);
        assert_eq!(text.shorten("ngắn", &style(16.0), 100.0), "ngắn");
    }

    #[test]
    fn text_marks_pixels_within_the_picture_and_survives_any_place() {
        let mut text = TextRenderer::new().unwrap();
        let cases = [
            (2.0, 2.0, true),
            (-10.0, -4.0, true),
            (95.0, 30.0, true),
            (-90.0, 2.0, false),
            (1e9, 0.0, false),
            (0.0, -1e9, false),
            (f32::NAN, 0.0, false),
        ];
        for (x, top, shows) in cases {
            let mut image = RgbImage::new(100, 40);
            text.draw(&mut image, x, top, "Ế đỏ", &style(20.0));
            let marked = image.pixels().filter(|p| p.0 != [0, 0, 0]).count();
            assert_eq!(marked > 0, shows, "{x} {top}: {marked}");
        }
    }
}
