//! Made-up vehicles with made-up plates, each with something that makes it hard to read.

use std::f32::consts::TAU;

use giaolo_domain::{PixelBox, PixelPoint, RoadUserClass};
use giaolo_plate_render::{
    Bolts, Camera, Chance, Cover, Glare, Kind, Motion, Plate, PlateMaker, Shadow, Vehicle,
    VehicleKind, Wear, photograph, place,
};
use image::{RgbImage, imageops};

use crate::Failure;

/// Width of the plate's metal in pixels, from and to.
const WIDTHS_PX: (f32, f32) = (25.0, 120.0);
/// A vehicle that comes nearer or goes: how wide its plate is at each look, beside the first.
const NEARER: [f32; 3] = [1.0, 0.93, 0.87];

/// What makes a plate hard to read, beside its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difficulty {
    Nothing,
    Tilt,
    Blur,
    Motion,
    Noise,
    Jpeg,
    Dark,
    Glare,
    Shadow,
    Dirt,
    Bolts,
    Covered,
    Several,
}

impl Difficulty {
    pub const ALL: [Self; 13] = [
        Self::Nothing,
        Self::Tilt,
        Self::Blur,
        Self::Motion,
        Self::Noise,
        Self::Jpeg,
        Self::Dark,
        Self::Glare,
        Self::Shadow,
        Self::Dirt,
        Self::Bolts,
        Self::Covered,
        Self::Several,
    ];

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Tilt => "tilted",
            Self::Blur => "out of focus",
            Self::Motion => "moving",
            Self::Noise => "noise",
            Self::Jpeg => "JPEG",
            Self::Dark => "dark",
            Self::Glare => "glare",
            Self::Shadow => "shadow",
            Self::Dirt => "dirt",
            Self::Bolts => "bolts over characters",
            Self::Covered => "partly covered",
            Self::Several => "several of these",
        }
    }
}

/// One vehicle and how it will be seen.
pub struct Staged {
    pub number: usize,
    pub difficulty: Difficulty,
    pub kind: VehicleKind,
    pub plate: Plate,
    /// Width of the plate at the first look, in pixels.
    pub width_px: f32,
    paint: [u8; 3],
    wear: Wear,
    camera: Camera,
}

/// One picture of it.
pub struct Sight {
    pub picture: RgbImage,
    /// The vehicle, as a detector would mark it, in pixels.
    pub body: PixelBox,
    /// The plate's box in pixels.
    pub plate: PixelBox,
}

const PAINTS: [[u8; 3]; 7] = [
    [150, 26, 40],
    [196, 200, 204],
    [40, 92, 150],
    [32, 34, 38],
    [226, 226, 222],
    [58, 104, 70],
    [120, 108, 92],
];

impl Staged {
    /// The vehicle of that number; each number has its own.
    pub fn new(number: usize) -> Self {
        let mut chance = Chance::new(0x9137 + number as u64);
        let difficulty = Difficulty::ALL[number % Difficulty::ALL.len()];
        let (kind, plate) = vehicle(&mut chance);
        let mut staged = Self {
            number,
            difficulty,
            kind,
            plate,
            width_px: chance.between(WIDTHS_PX.0, WIDTHS_PX.1),
            paint: PAINTS[chance.below(PAINTS.len())],
            wear: Wear { seed: chance.next(), ..Wear::default() },
            // What no camera does without.
            camera: Camera {
                blur_px: 0.4,
                noise_sigma: 2.0,
                jpeg_quality: Some(90),
                roll_deg: chance.between(-3.0, 3.0),
                yaw_deg: chance.between(-15.0, 15.0),
                pitch_deg: chance.between(0.0, 15.0),
                ..Camera::default()
            },
        };
        if difficulty == Difficulty::Several {
            for _ in 0..3 {
                let one = Difficulty::ALL[1 + chance.below(Difficulty::ALL.len() - 2)];
                staged.add(one, 0.6, &mut chance);
            }
        } else {
            staged.add(difficulty, 1.0, &mut chance);
        }
        staged
    }

    /// Adds a difficulty, at most so strong as `most`, 0 to 1.
    fn add(&mut self, difficulty: Difficulty, most: f32, chance: &mut Chance) {
        let strength = chance.between(0.15, 1.0) * most;
        let part = |low: f32, high: f32| low + (high - low) * strength;
        let sided =
            |chance: &mut Chance, size: f32| if chance.below(2) == 0 { size } else { -size };
        let (wear, camera) = (&mut self.wear, &mut self.camera);
        match difficulty {
            Difficulty::Nothing | Difficulty::Several => {}
            Difficulty::Tilt => {
                camera.roll_deg = sided(chance, part(3.0, 25.0));
                camera.yaw_deg = sided(chance, part(15.0, 55.0));
                camera.pitch_deg = part(10.0, 40.0);
            }
            // Shares of the plate's width: a stroke is 3.7 % of it on two wheels.
            Difficulty::Blur => camera.blur_px = 0.4 + self.width_px * part(0.0, 0.035),
            Difficulty::Motion => {
                let length_px = self.width_px * part(0.01, 0.12);
                camera.motion =
                    Some(Motion { length_px, angle_deg: chance.between(-180.0, 180.0) });
            }
            Difficulty::Noise => camera.noise_sigma = part(5.0, 55.0),
            Difficulty::Jpeg => camera.jpeg_quality = Some(part(45.0, 5.0) as u8),
            Difficulty::Dark => {
                camera.contrast = part(0.6, 0.12);
                camera.brightness = part(-40.0, -100.0);
                camera.noise_sigma = part(3.0, 12.0);
            }
            Difficulty::Glare => {
                wear.glare = Some(Glare {
                    x: chance.share(),
                    y: chance.share(),
                    radius: part(0.15, 0.7),
                    strength: part(0.6, 2.0),
                });
            }
            Difficulty::Shadow => {
                let (at, tilt_deg) = (chance.between(0.2, 0.8), chance.between(-60.0, 60.0));
                wear.shadow = Some(Shadow { at, tilt_deg, light: part(0.6, 0.12) });
            }
            Difficulty::Dirt => wear.dirt = part(0.05, 0.5),
            Difficulty::Bolts => self.plate.bolts = Bolts::OverCharacters,
            Difficulty::Covered => {
                let (width, colour) = (part(0.08, 0.4), PAINTS[chance.below(PAINTS.len())]);
                let left = if chance.below(2) == 0 { 0.0 } else { 1.0 - width };
                let top = if chance.below(2) == 0 { 0.0 } else { 0.5 };
                let cover = Cover { left, top, right: left + width, bottom: 1.0, colour };
                wear.cover = Some(cover);
            }
        }
    }

    pub fn class(&self) -> RoadUserClass {
        match self.kind {
            VehicleKind::Motorbike => RoadUserClass::Motorbike,
            VehicleKind::Car => RoadUserClass::Car,
            VehicleKind::Truck => RoadUserClass::Truck,
        }
    }

    /// Width of the plate at a look, in pixels.
    pub fn width_at(&self, look: usize) -> f32 {
        self.width_px * NEARER[look % NEARER.len()]
    }

    /// The picture for one look: blur, motion and noise are other ones each time, dirt stays.
    pub fn sight(&self, look: usize) -> Result<Sight, Failure> {
        let mut chance = Chance::new((self.number * NEARER.len() + look) as u64);
        let width_px = self.width_at(look);
        let scale = width_px / self.plate.form().geometry().width;
        let usual = Vehicle::with_usual_lettering(self.kind);
        let vehicle = Vehicle { paint: self.paint, ..usual };
        let drawn = vehicle.draw((self.kind.picture_mm().0 * scale).round() as u32)?;
        let mut picture = drawn.picture;

        let view = Camera { width_px, margin: 0.0, ..self.camera.clone() };
        let corners = photograph(&self.plate, &Wear::default(), &view)?.corners;
        let middle = self.plate_middle()?;
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let at = PixelPoint::new(middle.x * width, middle.y * height);
        let mean = corners.iter().fold(PixelPoint::new(0.0, 0.0), |sum, p| {
            PixelPoint::new(sum.x + p.x / 4.0, sum.y + p.y / 4.0)
        });
        let corners = corners.map(|p| PixelPoint::new(p.x - mean.x + at.x, p.y - mean.y + at.y));
        place(&mut picture, &self.plate, &self.wear, corners)?;

        let mut camera = self.camera.clone();
        camera.seed = chance.next();
        camera.blur_px *= chance.between(0.8, 1.2);
        if let Some(motion) = &mut camera.motion {
            motion.length_px *= chance.between(0.7, 1.3);
            motion.angle_deg = (motion.angle_deg.to_radians() + chance.between(-0.3, 0.3))
                .rem_euclid(TAU)
                .to_degrees();
        }
        let boxes = corners.map(|p| PixelBox::new(p.x, p.y, p.x, p.y));
        let [first, rest @ ..] = boxes;
        let plate = rest.iter().fold(first, |all, one| all.union(one));
        // Only what is looked at needs to be exposed: below the upper third, with some road.
        let top = (drawn.body.height() * 0.2) as u32;
        let lower = imageops::crop_imm(&picture, 0, top, picture.width(), picture.height() - top);
        let exposed = camera.expose(&lower.to_image())?;
        imageops::replace(&mut picture, &exposed, 0, i64::from(top));
        Ok(Sight { picture, body: drawn.body, plate })
    }

    /// The middle of this vehicle's plate, as shares of the picture.
    fn plate_middle(&self) -> Result<PixelPoint, Failure> {
        let vehicle = Vehicle::with_usual_lettering(self.kind);
        let drawn = vehicle.with_plate(self.plate.clone()).draw(160)?;
        let (width, height) = (drawn.picture.width() as f32, drawn.picture.height() as f32);
        let corners = drawn.plate.ok_or("a vehicle that was given a plate has none")?;
        let middle = corners[0].lerp(corners[2], 0.5);
        Ok(PixelPoint::new(middle.x / width, middle.y / height))
    }
}

/// Three of five are motorbikes; kinds about as often as their plates let one see how each is read.
fn vehicle(chance: &mut Chance) -> (VehicleKind, Plate) {
    const TWO_WHEELS: [Kind; 8] = [
        Kind::MotorbikeBefore2025,
        Kind::MotorbikeBefore2025,
        Kind::MotorbikeBefore2025,
        Kind::Motorbike,
        Kind::Motorbike,
        Kind::MotorbikeFourDigits,
        Kind::StateMotorbike,
        Kind::ForeignMotorbike,
    ];
    const CARS: [Kind; 8] = [
        Kind::Car,
        Kind::Car,
        Kind::Car,
        Kind::CommercialCar,
        Kind::CarFourDigits,
        Kind::StateCar,
        Kind::SpecialCar,
        Kind::ArmyCar,
    ];
    const TRUCKS: [Kind; 3] = [Kind::CommercialCar, Kind::Car, Kind::Trailer];
    let (vehicle, kinds): (_, &[Kind]) = match chance.below(10) {
        0..=5 => (VehicleKind::Motorbike, &TWO_WHEELS),
        6..=8 => (VehicleKind::Car, &CARS),
        _ => (VehicleKind::Truck, &TRUCKS),
    };
    let kind = kinds[chance.below(kinds.len())];
    (vehicle, PlateMaker::new(chance.next()).of(kind))
}
