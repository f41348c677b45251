//! What happened to the plate itself: dirt, a cover, a shadow across it, light glaring off it.

use image::RgbImage;

use crate::{Chance, Error, Result, canvas::mix, error::within, shape::Point};

/// What happened to a plate. The default is a clean one. Applied in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wear {
    /// Share of the plate under blotches of mud, 0 to 0.9.
    pub dirt: f32,
    /// A thing in front of it.
    pub cover: Option<Cover>,
    /// The edge of a shadow.
    pub shadow: Option<Shadow>,
    /// A spot of glare.
    pub glare: Option<Glare>,
    /// Where the blotches fall.
    pub seed: u64,
}

/// An upright rectangle in front of the plate, by shares of its width and height from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cover {
    /// Its left edge.
    pub left: f32,
    /// Its top edge.
    pub top: f32,
    /// Its right edge, more than `left`.
    pub right: f32,
    /// Its bottom edge, more than `top`.
    pub bottom: f32,
    /// Its colour, 8-bit sRGB.
    pub colour: [u8; 3],
}

/// A shadow with a straight edge through the plate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// Where the edge crosses the plate's middle axis, as a share from 0 (left) to 1 (right).
    pub at: f32,
    /// The edge's tilt from upright, clockwise, in degrees from -80 to 80.
    pub tilt_deg: f32,
    /// The share of light that is left in the shadow, 0 to 1; the shadow is to the left.
    pub light: f32,
}

/// A round spot of light that fades towards its edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glare {
    /// Its middle, as a share of the plate's width.
    pub x: f32,
    /// Its middle, as a share of the plate's height.
    pub y: f32,
    /// Its radius as a share of the plate's width, 0.01 to 2.
    pub radius: f32,
    /// 1 is white in the middle, 0 nothing; up to 4 widens the white.
    pub strength: f32,
}

const MUD: [u8; 3] = [112, 92, 70];

/// How far a blotch reaches, in its mean radius.
const LARGEST_LOBE: f32 = 1.3;

impl Wear {
    /// Spoils the picture of a plate seen from straight ahead, edge to edge.
    ///
    /// # Errors
    /// `Value` for a number outside the range its field names, `Empty` for a picture without pixels.
    pub fn apply(&self, plate: &mut RgbImage) -> Result<()> {
        let (width, height) = plate.dimensions();
        if width == 0 || height == 0 {
            return Err(Error::Empty { width, height });
        }
        self.check()?;
        self.soil(plate);
        let (width, height) = (width as f32, height as f32);
        for (x, y, pixel) in plate.enumerate_pixels_mut() {
            let (u, v) = ((x as f32 + 0.5) / width, (y as f32 + 0.5) / height);
            if let Some(cover) = &self.cover
                && (cover.left..cover.right).contains(&u)
                && (cover.top..cover.bottom).contains(&v)
            {
                pixel.0 = cover.colour;
            }
            if let Some(shadow) = &self.shadow {
                let lean = (v - 0.5) * height / width * shadow.tilt_deg.to_radians().tan();
                // Half a hundredth of the width wide: the sun is no point.
                let lit = ((u - shadow.at + lean) / 0.02 + 0.5).clamp(0.0, 1.0);
                let light = shadow.light + (1.0 - shadow.light) * lit;
                pixel.0 = pixel.0.map(|value| (f32::from(value) * light).round() as u8);
            }
            if let Some(glare) = &self.glare {
                let away = (u - glare.x).hypot((v - glare.y) * height / width) / glare.radius;
                let share = glare.strength * (1.0 - away * away).max(0.0);
                mix(pixel, [255, 255, 250], share.min(1.0));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        within("dirt", self.dirt, 0.0, 0.9)?;
        if let Some(cover) = &self.cover {
            within("cover left", cover.left, 0.0, 1.0)?;
            within("cover top", cover.top, 0.0, 1.0)?;
            within("cover right", cover.right, cover.left, 1.0)?;
            within("cover bottom", cover.bottom, cover.top, 1.0)?;
        }
        if let Some(shadow) = &self.shadow {
            within("shadow at", shadow.at, 0.0, 1.0)?;
            within("shadow tilt in degrees", shadow.tilt_deg, -80.0, 80.0)?;
            within("shadow light", shadow.light, 0.0, 1.0)?;
        }
        if let Some(glare) = &self.glare {
            within("glare x", glare.x, -1.0, 2.0)?;
            within("glare y", glare.y, -1.0, 2.0)?;
            within("glare radius", glare.radius, 0.01, 2.0)?;
            within("glare strength", glare.strength, 0.0, 4.0)?;
        }
        Ok(())
    }

    /// Blotches at chance places until their share of the plate is reached.
    fn soil(&self, plate: &mut RgbImage) {
        let mut chance = Chance::new(self.seed);
        let (width, height) = (plate.width() as f32, plate.height() as f32);
        let wanted = self.dirt * width * height;
        let mut soiled = vec![false; plate.pixels().len()];
        let mut count = 0.0;
        while count < wanted {
            let middle = Point::new(chance.share() * width, chance.share() * height);
            let radius = width * chance.between(0.01, 0.06);
            let lobes = (chance.between(2.0, 5.0).round(), chance.share() * 6.0);
            let dark = chance.between(0.75, 1.0);
            let reach = radius * LARGEST_LOBE;
            let span = |middle: f32, size: u32| {
                let first = (middle - reach).max(0.0) as u32;
                first..((middle + reach).ceil() as u32).min(size)
            };
            for y in span(middle.y, plate.height()) {
                for x in span(middle.x, plate.width()) {
                    let p = Point::new(x as f32 + 0.5, y as f32 + 0.5);
                    let angle = (p.y - middle.y).atan2(p.x - middle.x);
                    let edge =
                        radius * (1.0 + (LARGEST_LOBE - 1.0) * (angle * lobes.0 + lobes.1).sin());
                    if p.distance(middle) < edge {
                        mix(plate.get_pixel_mut(x, y), MUD, dark);
                        let place = &mut soiled[(y * plate.width() + x) as usize];
                        count += if *place { 0.0 } else { 1.0 };
                        *place = true;
                    }
                }
            }
        }
    }
}
