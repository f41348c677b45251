//! Contact sheets: each plate with what stands on it, what was read, and why it was hard.

use std::path::Path;

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};
use giaolo_domain::PlateVerdict;
use image::{
    ExtendedColorType, ImageEncoder as _, Rgb, RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    imageops,
};

use crate::{Failure, reading::Outcome};

const COLUMNS: u32 = 7;
/// A tile with its caption, the picture in it, and between tiles.
const TILE: (u32, u32) = (204, 214);
const PICTURE: (u32, u32) = (184, 132);
const GAP: u32 = 12;
const PAPER: [u8; 3] = [244, 243, 240];
const CARD: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [28, 30, 34];
const FAINT: [u8; 3] = [110, 112, 116];
const DOUBTFUL: [u8; 3] = [170, 100, 10];
const ALARM: [u8; 3] = [190, 24, 32];

/// Levels of 255 between two shades of a picture: documentation needs no more, and files stay small.
const SHADE: u8 = 28;

/// Draws a sheet into a PNG file.
pub fn save(shown: &[&Outcome], path: &Path) -> Result<(), Failure> {
    let sheet = lay_out(shown)?;
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::NoFilter)
        .write_image(&sheet, sheet.width(), sheet.height(), ExtendedColorType::Rgb8)?;
    std::fs::write(path, file).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(())
}

fn lay_out(shown: &[&Outcome]) -> Result<RgbImage, Failure> {
    let rows = (shown.len() as u32).div_ceil(COLUMNS).max(1);
    let size = |count: u32, tile: u32| count * (tile + GAP) + GAP;
    let mut sheet = filled(size(COLUMNS, TILE.0), size(rows, TILE.1), PAPER);
    let pen = Pen::new()?;
    for (at, outcome) in (0..).zip(shown) {
        let tile = tile(outcome, &pen);
        let (column, row) = (at % COLUMNS, at / COLUMNS);
        let place = |index: u32, tile: u32| i64::from(GAP + index * (tile + GAP));
        imageops::replace(&mut sheet, &tile, place(column, TILE.0), place(row, TILE.1));
    }
    Ok(sheet)
}

fn tile(outcome: &Outcome, pen: &Pen) -> RgbImage {
    let mut tile = filled(TILE.0, TILE.1, CARD);
    let picture = enlarged(&outcome.shown);
    let x = (TILE.0 - picture.width()) / 2;
    let y = GAP + (PICTURE.1 - picture.height()) / 2;
    imageops::replace(&mut tile, &picture, i64::from(x), i64::from(y));

    let reading = &outcome.reading;
    let (said, colour) = match (reading.verdict, reading.unreadable) {
        (PlateVerdict::Sure, _) => (format!("{}  sure", reading.printed), ALARM),
        (PlateVerdict::Doubtful, _) => {
            (format!("{}  {:.2}", reading.shown(), reading.score), DOUBTFUL)
        }
        (_, Some(why)) => (why.as_str().replace('_', " "), FAINT),
        (_, None) => ("unreadable".to_owned(), FAINT),
    };
    let staged = &outcome.staged;
    let why = format!("{}, {:.0} px", staged.difficulty.in_words(), staged.width_px);
    let left = 10.0;
    let first = (GAP + PICTURE.1) as f32 + 22.0;
    pen.write(&mut tile, &staged.plate.printed(), (left, first), 17.0, INK);
    pen.write(&mut tile, &said, (left, first + 19.0), 15.0, colour);
    pen.write(&mut tile, &why, (left, first + 37.0), 13.0, FAINT);
    tile
}

/// As large as there is room, pixel by pixel: by a whole factor where there is room for two.
fn enlarged(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let room = f64::from(PICTURE.0) / f64::from(width.max(1));
    let factor = room.min(f64::from(PICTURE.1) / f64::from(height.max(1)));
    let factor = if factor >= 2.0 { factor.floor() } else { factor };
    let side = |pixels: u32| ((f64::from(pixels) * factor) as u32).max(1);
    let filter = imageops::FilterType::Nearest;
    let mut large = imageops::resize(picture, side(width), side(height), filter);
    for value in large.iter_mut() {
        *value = (*value / SHADE * SHADE).saturating_add(SHADE / 2);
    }
    large
}

fn filled(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

struct Pen {
    font: FontRef<'static>,
}

impl Pen {
    fn new() -> Result<Self, Failure> {
        Ok(Self { font: FontRef::try_from_slice(dejavu::sans_condensed::regular())? })
    }

    fn write(
        &self,
        onto: &mut RgbImage,
        text: &str,
        (left, baseline): (f32, f32),
        size: f32,
        colour: [u8; 3],
    ) {
        let scale = PxScale::from(size);
        let mut pen = left;
        for symbol in text.chars() {
            let glyph =
                self.font.glyph_id(symbol).with_scale_and_position(scale, point(pen, baseline));
            pen += self.font.as_scaled(scale).h_advance(glyph.id);
            let Some(outline) = self.font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, share| {
                let (x, y) = (x + bounds.min.x as u32, y + bounds.min.y as u32);
                if let Some(pixel) = onto.get_pixel_mut_checked(x, y) {
                    for (value, ink) in pixel.0.iter_mut().zip(colour) {
                        let mixed = f32::from(*value) * (1.0 - share) + f32::from(ink) * share;
                        *value = mixed.round() as u8;
                    }
                }
            });
        }
    }
}
