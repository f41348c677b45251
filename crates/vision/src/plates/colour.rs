//! The colour of a plate's ground, measured between its characters.
//!
//! Characters are dark on white and yellow plates and white on blue and red ones. So the light and
//! dark halves of a plate say two things before any colour is measured: the ground is the larger
//! half, and which half it is leaves two colours to choose from. Where the characters are white, they
//! say what the light does to white; where they are dark, what else is on the crop must not be as
//! yellow as the ground.

use giaolo_domain::{PixelPoint, PlateColour, TextLine};
use image::RgbImage;

/// Samples along and across a line: as many as a line of a distant plate has pixels.
const ACROSS: u32 = 64;
const DOWN: u32 = 16;
/// Samples along each side of the whole crop.
const AROUND: u32 = 32;

/// Share of a line's height above and below that may be the bumper around a plate.
const EDGE: f32 = 0.12;

/// A line lower than this, in pixels, has no pixel between its strokes that is ground alone.
const LEAST_HEIGHT_PX: f32 = 6.0;
/// Least difference between light and dark, in levels of 255: less is no print that can be seen.
const LEAST_CONTRAST: f32 = 30.0;
/// Least share of the ground. Strokes take a third of a line; at a half nobody can say which is which.
const LEAST_GROUND_SHARE: f32 = 0.56;
/// Least level of the brightest channel of a light ground or of white strokes: below is the dark.
const LEAST_LIGHT: f32 = 70.0;
/// Most saturation of white: what daylight at dusk and a warm lamp make of it.
const MOST_WHITE: f32 = 0.3;
/// Least difference between the channels of a blue or red ground, in levels of 255: less is a dark
/// bumper around a white plate, in red light.
const LEAST_SPREAD: f32 = 30.0;
/// Least saturation of yellow, blue and red; between the two it could be either.
const LEAST_COLOURED: f32 = 0.45;

type Rgb = [f32; 3];

/// The colour of the ground on which `lines` stand, corners in pixels of `crop`. `None` where it is
/// too dark, too small, without contrast, or could be two colours.
pub fn plate_colour(crop: &RgbImage, lines: &[&TextLine]) -> Option<PlateColour> {
    let mut samples = Vec::new();
    for line in lines.iter().filter(|line| line.height() >= LEAST_HEIGHT_PX) {
        samples.extend(on_line(crop, &line.corners));
    }
    samples.sort_by(|a, b| brightness(a).total_cmp(&brightness(b)));
    let (dark, light) = samples.split_at(split(&samples)?);
    // Without the fifth of each that is nearest to the other: the edges of strokes.
    let (dark_inner, light_inner) = (&dark[..dark.len() * 4 / 5], &light[light.len() / 5..]);
    let (dark_level, light_level) = (median(dark_inner)?, median(light_inner)?);
    if brightness(&light_level) - brightness(&dark_level) < LEAST_CONTRAST
        || light_level.into_iter().fold(0.0, f32::max) < LEAST_LIGHT
    {
        return None;
    }
    let least = LEAST_GROUND_SHARE * samples.len() as f32;
    if light.len() as f32 >= least {
        light_ground(light_level, crop)
    } else if dark.len() as f32 >= least {
        dark_ground(dark_level, light_level)
    } else {
        None
    }
}

/// White or yellow.
fn light_ground(ground: Rgb, crop: &RgbImage) -> Option<PlateColour> {
    let (hue, saturation) = hue_and_saturation(ground);
    if saturation <= MOST_WHITE {
        return Some(PlateColour::White);
    }
    if saturation < LEAST_COLOURED || !is_yellow(hue) {
        return None;
    }
    // Under a sodium lamp all is yellow, a white plate too.
    let (hue, saturation) = hue_and_saturation(median(&on_crop(crop))?);
    (saturation < MOST_WHITE || !is_yellow(hue)).then_some(PlateColour::Yellow)
}

/// Blue or red, with the light taken out: strokes are white.
fn dark_ground(ground: Rgb, strokes: Rgb) -> Option<PlateColour> {
    let (_, cast) = hue_and_saturation(strokes);
    if cast >= LEAST_COLOURED {
        return None;
    }
    let [r, g, b] = ground;
    if r.max(g).max(b) - r.min(g).min(b) < LEAST_SPREAD {
        return None;
    }
    let (hue, saturation) = hue_and_saturation([
        r / strokes[0].max(1.0),
        g / strokes[1].max(1.0),
        b / strokes[2].max(1.0),
    ]);
    match hue {
        _ if saturation < LEAST_COLOURED => None,
        190.0..=260.0 => Some(PlateColour::Blue),
        0.0..=20.0 | 335.0..=360.0 => Some(PlateColour::Red),
        _ => None,
    }
}

/// Orange to greenish yellow, as plates fade and lamps tint them.
fn is_yellow(hue: f32) -> bool {
    (25.0..=75.0).contains(&hue)
}

fn on_line(crop: &RgbImage, corners: &[PixelPoint; 4]) -> Vec<Rgb> {
    let [tl, tr, br, bl] = *corners;
    let between = |a: PixelPoint, b: PixelPoint, part: f32| {
        PixelPoint::new(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part)
    };
    let mut samples = Vec::with_capacity((ACROSS * DOWN) as usize);
    for row in 0..DOWN {
        let down = EDGE + (1.0 - 2.0 * EDGE) * (row as f32 + 0.5) / DOWN as f32;
        let (left, right) = (between(tl, bl, down), between(tr, br, down));
        for column in 0..ACROSS {
            let p = between(left, right, (column as f32 + 0.5) / ACROSS as f32);
            if p.x >= 0.0
                && p.y >= 0.0
                && let Some(pixel) = crop.get_pixel_checked(p.x as u32, p.y as u32)
            {
                samples.push(pixel.0.map(f32::from));
            }
        }
    }
    samples
}

fn on_crop(crop: &RgbImage) -> Vec<Rgb> {
    let (width, height) = crop.dimensions();
    let at = |i: u32, length: u32| (2 * i + 1) * length / (2 * AROUND);
    (0..AROUND * AROUND)
        .filter_map(|i| crop.get_pixel_checked(at(i % AROUND, width), at(i / AROUND, height)))
        .map(|pixel| pixel.0.map(f32::from))
        .collect()
}

/// Where dark ends and light begins, by the greatest variance between the two (Otsu, 1979); samples
/// by rising brightness. `None` for less than a handful.
fn split(samples: &[Rgb]) -> Option<usize> {
    if samples.len() < 8 {
        return None;
    }
    let all: f64 = samples.iter().map(|s| f64::from(brightness(s))).sum();
    let count = samples.len() as f64;
    let (mut best, mut most, mut dark) = (None, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate().skip(1) {
        dark += f64::from(brightness(&samples[index - 1]));
        // Equal samples stay together.
        if brightness(sample) <= brightness(&samples[index - 1]) {
            continue;
        }
        let (below, above) = (index as f64, count - index as f64);
        let apart = (all - dark) / above - dark / below;
        let variance = below * above * apart * apart;
        if variance > most {
            (best, most) = (Some(index), variance);
        }
    }
    best
}

fn brightness(colour: &Rgb) -> f32 {
    0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
}

/// By channel; `None` of nothing.
fn median(samples: &[Rgb]) -> Option<Rgb> {
    let mut colour = [0.0; 3];
    for (channel, value) in colour.iter_mut().enumerate() {
        let mut values: Vec<f32> = samples.iter().map(|sample| sample[channel]).collect();
        values.sort_by(f32::total_cmp);
        *value = *values.get(values.len() / 2)?;
    }
    Some(colour)
}

/// Hue in degrees from 0 to 360 and saturation from 0 to 1 of the hexcone model.
fn hue_and_saturation([r, g, b]: Rgb) -> (f32, f32) {
    let most = r.max(g).max(b);
    let spread = most - r.min(g).min(b);
    if most <= 0.0 || spread <= 0.0 {
        return (0.0, 0.0);
    }
    let sixth = if most == r {
        ((g - b) / spread).rem_euclid(6.0)
    } else if most == g {
        (b - r) / spread + 2.0
    } else {
        (r - g) / spread + 4.0
    };
    (60.0 * sixth, spread / most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_plate_render::{Camera, Form, Photo, Plate, Wear, photograph};

    /// A plate in its surroundings, and its lines where a finder would see them.
    fn photo(ground: PlateColour, camera: &Camera) -> (RgbImage, [TextLine; 2]) {
        let plate = Plate::new(Form::Motorbike, ground, &["61-A1", "123.21"]).unwrap();
        let Photo { picture, corners: [tl, tr, br, bl] } =
            photograph(&plate, &Wear::default(), camera).unwrap();
        let at = |x: f32, y: f32| {
            let mix = |a: f32, b: f32, c: f32, d: f32| {
                (a * (1.0 - x) + b * x) * (1.0 - y) + (d * (1.0 - x) + c * x) * y
            };
            PixelPoint::new(mix(tl.x, tr.x, br.x, bl.x), mix(tl.y, tr.y, br.y, bl.y))
        };
        let line = |top, bottom| TextLine {
            corners: [at(0.06, top), at(0.94, top), at(0.94, bottom), at(0.06, bottom)],
            found: 0.9,
            chars: vec![],
            cut: false,
        };
        (picture, [line(0.07, 0.49), line(0.51, 0.93)])
    }

    fn colour(picture: &RgbImage, lines: &[TextLine; 2]) -> Option<PlateColour> {
        plate_colour(picture, &lines.iter().collect::<Vec<_>>())
    }

    fn lit(picture: &RgbImage, light: Rgb) -> RgbImage {
        let mut picture = picture.clone();
        for pixel in picture.pixels_mut() {
            for (value, factor) in pixel.0.iter_mut().zip(light) {
                *value = (f32::from(*value) * factor).min(255.0) as u8;
            }
        }
        picture
    }

    #[test]
    fn each_ground_has_its_colour_in_every_usual_light() {
        let cameras = [
            Camera::default(),
            Camera { width_px: 60.0, blur_px: 0.7, ..Camera::default() },
            Camera { yaw_deg: 30.0, roll_deg: 8.0, noise_sigma: 8.0, ..Camera::default() },
            Camera { jpeg_quality: Some(40), contrast: 0.7, ..Camera::default() },
        ];
        let lights = [
            ("daylight", [1.0, 1.0, 1.0]),
            ("a warm lamp", [1.0, 0.9, 0.74]),
            ("dusk", [0.62, 0.7, 0.84]),
            ("an overcast evening", [0.5, 0.5, 0.5]),
            ("glare", [1.4, 1.4, 1.4]),
        ];
        for ground in PlateColour::ALL {
            for (number, camera) in cameras.iter().enumerate() {
                let (picture, lines) = photo(ground, camera);
                for (name, light) in lights {
                    let measured = colour(&lit(&picture, light), &lines);
                    assert_eq!(measured, Some(ground), "{name}, camera {number}");
                }
            }
        }
    }

    #[test]
    fn what_could_be_two_colours_is_none() {
        let (white, lines) = photo(PlateColour::White, &Camera::default());
        let sodium = lit(&white, [1.0, 0.72, 0.3]);
        assert_eq!(colour(&sodium, &lines), None, "a white plate under a sodium lamp");
        assert_eq!(colour(&lit(&white, [0.2, 0.2, 0.2]), &lines), None, "night");
        let faint = Camera { contrast: 0.1, ..Camera::default() };
        let (grey, lines) = photo(PlateColour::White, &faint);
        assert_eq!(colour(&grey, &lines), None, "no contrast");
        let far = Camera { width_px: 16.0, ..Camera::default() };
        let (small, lines) = photo(PlateColour::Yellow, &far);
        assert_eq!(colour(&small, &lines), None, "too small");
    }

    #[test]
    fn nothing_to_measure_is_none() {
        let (white, lines) = photo(PlateColour::White, &Camera::default());
        assert_eq!(plate_colour(&white, &[]), None, "no lines");
        assert_eq!(colour(&RgbImage::new(0, 0), &lines), None, "no pixels");
        let plain = RgbImage::from_pixel(300, 300, image::Rgb([234, 235, 232]));
        assert_eq!(colour(&plain, &lines), None, "nothing printed");
        let mut off = lines;
        for p in off.iter_mut().flat_map(|line| &mut line.corners) {
            *p = PixelPoint::new(p.x - 5000.0, f32::NAN);
        }
        assert_eq!(colour(&white, &off), None, "off the picture");
    }
}
