//! Draws a contact sheet: every kind of plate, everything that may spoil one, every vehicle.
//!
//! `cargo run -p giaolo-plate-render --example sheet -- OUT.png`

use std::process::ExitCode;

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};
use giaolo_plate_render::{
    Bolts, Camera, Cover, Form, Glare, Kind, Motion, Photo, Plate, PlateMaker, Result, Shadow,
    Vehicle, VehicleKind, Wear, photograph,
};
use image::{Rgb, RgbImage, imageops};

const SHEET_WIDTH: u32 = 1500;
const MARGIN: u32 = 16;
const CAPTION: u32 = 22;
/// Room for a caption.
const NARROWEST: u32 = 185;

/// A picture with what is written under it.
type Exhibit = (String, RgbImage);

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: sheet OUT.png");
        return ExitCode::from(2);
    };
    let sheet = match exhibits() {
        Ok(exhibits) => lay_out(&exhibits),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = sheet.save(&path) {
        eprintln!("{}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Each group begins a new row.
fn exhibits() -> Result<[Vec<Exhibit>; 3]> {
    Ok([kinds()?, spoiled()?, vehicles()?])
}

fn vehicles() -> Result<Vec<Exhibit>> {
    let mut exhibits = Vec::new();
    for kind in VehicleKind::ALL {
        let (plate_kind, form, width_px) = match kind {
            VehicleKind::Motorbike => (Kind::Motorbike, Form::Motorbike, 320),
            VehicleKind::Car => (Kind::CommercialCar, Form::CarLong, 560),
            VehicleKind::Truck => (Kind::CommercialCar, Form::CarShort, 490),
        };
        let plate = PlateMaker::new(21).in_form(plate_kind, form);
        let drawn = Vehicle::with_usual_lettering(kind).with_plate(plate).draw(width_px)?;
        exhibits.push((format!("{kind:?}").to_lowercase(), drawn.picture));
    }
    Ok(exhibits)
}

fn kinds() -> Result<Vec<Exhibit>> {
    let mut maker = PlateMaker::new(3);
    let mut exhibits = Vec::new();
    for kind in Kind::ALL {
        for &form in kind.forms() {
            let plate = maker.in_form(kind, form);
            // All at one scale, as they would hang beside each other.
            let camera =
                Camera { width_px: form.geometry().width * 0.6, margin: 0.04, ..Camera::default() };
            let photo = photograph(&plate, &Wear::default(), &camera)?;
            exhibits.push((in_words(kind).to_owned(), photo.picture));
        }
    }
    Ok(exhibits)
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Car => "car",
        Kind::CarFourDigits => "car, four digits, old form",
        Kind::CommercialCar => "commercial transport",
        Kind::StateCar => "State, car",
        Kind::SpecialCar => "special series",
        Kind::Trailer => "trailer",
        Kind::Motorbike => "motorbike since 2025",
        Kind::MotorbikeBefore2025 => "motorbike before 2025",
        Kind::MotorbikeFourDigits => "motorbike, four digits",
        Kind::StateMotorbike => "State, motorbike",
        Kind::ForeignCar => "foreign mission or staff, car",
        Kind::ForeignMotorbike => "foreign, motorbike",
        Kind::Temporary => "temporary",
        Kind::ArmyCar => "army, car",
        Kind::ArmyMotorbike => "army, motorbike",
    }
}

fn spoiled() -> Result<Vec<Exhibit>> {
    let plate = PlateMaker::new(61).of(Kind::MotorbikeBefore2025);
    let camera = Camera { width_px: 120.0, ..Camera::default() };
    let clean = Wear::default();
    let mut exhibits = Vec::new();
    let mut show = |name: &str, plate: &Plate, wear: &Wear, camera: &Camera| -> Result<()> {
        let Photo { picture, .. } = photograph(plate, wear, camera)?;
        // Small pictures are shown pixel by pixel.
        let factor = (190 / picture.width().max(1)).max(1);
        let (width, height) = (picture.width() * factor, picture.height() * factor);
        let shown = imageops::resize(&picture, width, height, imageops::FilterType::Nearest);
        exhibits.push((name.to_owned(), shown));
        Ok(())
    };
    show("clean, 120 px", &plate, &clean, &camera)?;
    for width_px in [60.0, 45.0, 30.0, 20.0] {
        let far = Camera { width_px, ..camera.clone() };
        show(&format!("{width_px} px wide"), &plate, &clean, &far)?;
    }
    let views = [
        ("roll 15°", Camera { roll_deg: 15.0, ..camera.clone() }),
        ("yaw 50°", Camera { yaw_deg: 50.0, ..camera.clone() }),
        ("pitch 45°", Camera { pitch_deg: 45.0, ..camera.clone() }),
        (
            "roll, yaw and pitch",
            Camera { roll_deg: -8.0, yaw_deg: -35.0, pitch_deg: 30.0, ..camera.clone() },
        ),
        ("blur 2.5 px", Camera { blur_px: 2.5, ..camera.clone() }),
        ("blur 5 px", Camera { blur_px: 5.0, ..camera.clone() }),
        (
            "motion 14 px, 20°",
            Camera { motion: Some(Motion { length_px: 14.0, angle_deg: 20.0 }), ..camera.clone() },
        ),
        ("contrast 0.3", Camera { contrast: 0.3, ..camera.clone() }),
        ("brightness +110", Camera { brightness: 110.0, ..camera.clone() }),
        ("brightness -100", Camera { brightness: -100.0, ..camera.clone() }),
        ("gamma 3", Camera { gamma: 3.0, ..camera.clone() }),
        ("noise 40", Camera { noise_sigma: 40.0, ..camera.clone() }),
        ("jpeg quality 8", Camera { jpeg_quality: Some(8), ..camera.clone() }),
        (
            "night, moving, far",
            Camera {
                width_px: 60.0,
                blur_px: 0.8,
                motion: Some(Motion { length_px: 4.0, angle_deg: 0.0 }),
                contrast: 0.6,
                brightness: -50.0,
                noise_sigma: 14.0,
                jpeg_quality: Some(40),
                ..camera.clone()
            },
        ),
    ];
    for (name, camera) in &views {
        show(name, &plate, &clean, camera)?;
    }
    let shadow = Shadow { at: 0.55, tilt_deg: 25.0, light: 0.25 };
    let glare = Glare { x: 0.7, y: 0.6, radius: 0.45, strength: 1.6 };
    let cover = Cover { left: 0.0, top: 0.62, right: 0.45, bottom: 1.0, colour: [52, 60, 44] };
    let wears = [
        ("shadow", Wear { shadow: Some(shadow), ..clean.clone() }),
        ("glare", Wear { glare: Some(glare), ..clean.clone() }),
        ("dirt 25 %", Wear { dirt: 0.25, seed: 5, ..clean.clone() }),
        ("dirt 60 %", Wear { dirt: 0.6, seed: 5, ..clean.clone() }),
        ("covered", Wear { cover: Some(cover), ..clean.clone() }),
    ];
    for (name, wear) in &wears {
        show(name, &plate, wear, &camera)?;
    }
    let mut bolted = plate.clone();
    bolted.bolts = Bolts::OverCharacters;
    show("bolts over characters", &bolted, &clean, &camera)?;
    let mut green = plate.clone();
    green.sticker = true;
    show("sticker", &green, &clean, &camera)?;
    let mut head =
        Plate::new(Form::CarShort, giaolo_domain::PlateColour::White, &["80-011", "NG-01"])?;
    head.struck = true;
    show("head of mission", &head, &clean, &Camera { width_px: 160.0, ..camera })?;
    Ok(exhibits)
}

/// Rows from left to right, each as high as its highest picture.
fn lay_out(groups: &[Vec<Exhibit>]) -> RgbImage {
    let mut rows: Vec<(u32, Vec<(u32, &Exhibit)>)> = Vec::new();
    let mut x = SHEET_WIDTH;
    for (at, exhibit) in groups.iter().flat_map(|group| group.iter().enumerate()) {
        let width = exhibit.1.width().max(NARROWEST);
        if at == 0 || x + width + MARGIN > SHEET_WIDTH {
            rows.push((0, Vec::new()));
            x = MARGIN;
        }
        if let Some((height, row)) = rows.last_mut() {
            *height = (*height).max(exhibit.1.height());
            row.push((x, exhibit));
        }
        x += width + MARGIN;
    }
    let height: u32 = rows.iter().map(|(height, _)| height + CAPTION + MARGIN).sum();
    let mut sheet = RgbImage::from_pixel(SHEET_WIDTH, height + MARGIN, Rgb([250, 250, 248]));
    let mut top = MARGIN;
    for (height, row) in rows {
        for (x, (name, picture)) in row {
            let y = top + height - picture.height();
            imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
            caption(&mut sheet, name, x as f32, (top + height + CAPTION - 7) as f32);
        }
        top += height + CAPTION + MARGIN;
    }
    sheet
}

fn caption(sheet: &mut RgbImage, text: &str, left: f32, baseline: f32) {
    let Ok(font) = FontRef::try_from_slice(dejavu::sans_condensed::regular()) else { return };
    let scale = PxScale::from(15.0);
    let mut pen = left;
    for symbol in text.chars() {
        let glyph = font.glyph_id(symbol).with_scale_and_position(scale, point(pen, baseline));
        pen += font.as_scaled(scale).h_advance(glyph.id);
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        outline.draw(|x, y, share| {
            let (x, y) = (x + bounds.min.x as u32, y + bounds.min.y as u32);
            if let Some(pixel) = sheet.get_pixel_mut_checked(x, y) {
                pixel.0 = pixel.0.map(|value| (f32::from(value) * (1.0 - share)) as u8);
            }
        });
    }
}
