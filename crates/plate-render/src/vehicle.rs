//! The rear of a vehicle, roughly: enough for a plate to have a place and for other writing to be
//! near it. A detector need not take it for a vehicle.

use giaolo_domain::{PixelBox, PixelPoint};
use image::RgbImage;

use crate::{
    Plate, Result, Wear,
    canvas::{Canvas, Colour},
    error::within,
    lettering, place,
    shape::Point,
};

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VehicleKind {
    /// A motorbike with its rider.
    Motorbike,
    /// A car.
    Car,
    /// A box truck.
    Truck,
}

/// Writing on the body.
#[derive(Clone, Debug, PartialEq)]
pub struct Lettering {
    /// What it says, in one line.
    pub text: String,
    /// The middle of its baseline, in millimetres from the top left of the picture
    /// ([`VehicleKind::picture_mm`]).
    pub at_mm: [f32; 2],
    /// Height of its capitals in millimetres, 5 to 1000.
    pub height_mm: f32,
    /// Its colour, 8-bit sRGB.
    pub colour: [u8; 3],
}

/// A vehicle to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Vehicle {
    /// What it is.
    pub kind: VehicleKind,
    /// The body's colour, 8-bit sRGB.
    pub paint: [u8; 3],
    /// Its plate; `None` leaves the place empty.
    pub plate: Option<Plate>,
    /// What happened to the plate.
    pub wear: Wear,
    /// Writing on the body.
    pub lettering: Vec<Lettering>,
}

/// A drawn vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The picture.
    pub picture: RgbImage,
    /// The vehicle in it, in pixels.
    pub body: PixelBox,
    /// The plate's corners in pixels: top left, top right, bottom right, bottom left.
    pub plate: Option<[PixelPoint; 4]>,
    /// The other writing, in the order given, in pixels.
    pub lettering: Vec<PixelBox>,
}

const ROAD: Colour = [104, 104, 108];
const SHADE: Colour = [70, 70, 74];
const RUBBER: Colour = [28, 28, 30];
const GLASS: Colour = [46, 56, 66];
const LAMP: Colour = [188, 24, 24];
const AMBER: Colour = [232, 138, 30];
const CHROME: Colour = [168, 170, 174];
const TRIM: Colour = [40, 40, 44];
const HELMET: Colour = [42, 96, 132];
const JACKET: Colour = [72, 88, 66];
const TROUSERS: Colour = [44, 46, 58];

/// The largest side of a picture in pixels.
const MOST_PX: f32 = 8192.0;

impl VehicleKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Motorbike, Self::Car, Self::Truck];

    /// Width and height of the picture in millimetres of the vehicle.
    pub const fn picture_mm(self) -> (f32, f32) {
        match self {
            Self::Motorbike => (1100.0, 1900.0),
            Self::Car => (2200.0, 1900.0),
            Self::Truck => (2800.0, 3200.0),
        }
    }

    /// The vehicle's box in millimetres.
    const fn body_mm(self) -> [f32; 4] {
        match self {
            Self::Motorbike => [170.0, 60.0, 930.0, 1830.0],
            Self::Car => [200.0, 250.0, 2000.0, 1800.0],
            Self::Truck => [200.0, 120.0, 2600.0, 3080.0],
        }
    }

    /// The middle of the plate in millimetres.
    const fn plate_mm(self) -> [f32; 2] {
        match self {
            Self::Motorbike => [550.0, 1330.0],
            Self::Car => [1100.0, 1180.0],
            Self::Truck => [1400.0, 2700.0],
        }
    }
}

impl Vehicle {
    /// A vehicle without a plate, with the writing that such ones carry: a telephone number, a
    /// company's name, an advertisement, a maker's and a model's name. All of it is made up.
    pub fn with_usual_lettering(kind: VehicleKind) -> Self {
        let write = |text: &str, at_mm: [f32; 2], height_mm: f32, colour: Colour| Lettering {
            text: text.to_owned(),
            at_mm,
            height_mm,
            colour,
        };
        let (paint, lettering) = match kind {
            VehicleKind::Motorbike => (
                [150, 26, 40],
                vec![
                    write("SAO ĐỎ 125", [550.0, 1010.0], 34.0, [238, 238, 238]),
                    write("GIAO HÀNG 24H", [550.0, 640.0], 42.0, [238, 226, 90]),
                    write("1900 6789", [550.0, 720.0], 42.0, [238, 226, 90]),
                ],
            ),
            VehicleKind::Car => (
                [196, 200, 204],
                vec![
                    write("PHƯƠNG NAM 2.0", [780.0, 920.0], 40.0, [90, 92, 96]),
                    write("TAXI 0274 3 656 789", [1100.0, 490.0], 70.0, [232, 228, 80]),
                    write("4WD", [1600.0, 920.0], 40.0, [170, 30, 30]),
                ],
            ),
            VehicleKind::Truck => (
                [40, 92, 150],
                vec![
                    write("CÔNG TY TNHH BÌNH MINH", [1400.0, 560.0], 110.0, [240, 240, 236]),
                    write("HOTLINE", [1400.0, 1010.0], 150.0, [250, 214, 60]),
                    write("0274 3 656 789", [1400.0, 1270.0], 190.0, [250, 214, 60]),
                    write("NƯỚC UỐNG TINH KHIẾT", [1400.0, 1600.0], 110.0, [240, 240, 236]),
                    write("TẢI TRỌNG 1.900 KG", [1400.0, 2120.0], 80.0, [240, 240, 236]),
                ],
            ),
        };
        Self { kind, paint, plate: None, wear: Wear::default(), lettering }
    }

    /// The same with a plate.
    #[must_use]
    pub fn with_plate(mut self, plate: Plate) -> Self {
        self.plate = Some(plate);
        self
    }

    /// Draws it `width_px` wide with some road around it.
    ///
    /// # Errors
    /// `Value` for a width below 16 pixels or a picture above 8192 pixels a side, or lettering out of
    /// its range; what [`place`] refuses, for a plate of too few pixels.
    pub fn draw(&self, width_px: u32) -> Result<Drawn> {
        let (width_mm, height_mm) = self.kind.picture_mm();
        let most = MOST_PX * (width_mm / height_mm).min(1.0);
        let scale = within("vehicle width in pixels", width_px as f32, 16.0, most)? / width_mm;
        let height_px = (height_mm * scale).round() as u32;
        let mut canvas = Canvas::new(width_px, height_px, scale, ROAD);
        match self.kind {
            VehicleKind::Motorbike => self.motorbike(&mut canvas),
            VehicleKind::Car => self.car(&mut canvas),
            VehicleKind::Truck => self.truck(&mut canvas),
        }
        let mut written = Vec::new();
        for line in &self.lettering {
            within("lettering height in millimetres", line.height_mm, 5.0, 1000.0)?;
            within("lettering x in millimetres", line.at_mm[0], -width_mm, 2.0 * width_mm)?;
            within("lettering y in millimetres", line.at_mm[1], -height_mm, 2.0 * height_mm)?;
            let (at, height) = (line.at_mm, line.height_mm);
            written.push(lettering::write(&mut canvas, &line.text, at, height, line.colour)?);
        }
        let mut picture = canvas.image;
        let mut corners = None;
        if let Some(plate) = &self.plate {
            let at = self.plate_corners(plate, scale);
            place(&mut picture, plate, &self.wear, at)?;
            corners = Some(at);
        }
        let [x1, y1, x2, y2] = self.kind.body_mm().map(|mm| mm * scale);
        let body = PixelBox::new(x1, y1, x2, y2);
        Ok(Drawn { picture, body, plate: corners, lettering: written })
    }

    fn plate_corners(&self, plate: &Plate, scale: f32) -> [PixelPoint; 4] {
        let sizes = plate.form().geometry();
        let [x, y] = self.kind.plate_mm();
        let (half_width, half_height) = (sizes.width / 2.0, sizes.height / 2.0);
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(side, end)| {
            PixelPoint::new((x + side * half_width) * scale, (y + end * half_height) * scale)
        })
    }

    fn motorbike(&self, canvas: &mut Canvas) {
        let paint = self.paint;
        canvas.rectangle([330.0, 1770.0, 770.0, 1850.0], 40.0, SHADE);
        // Wheel and mudguard, silencer, handlebar with mirrors.
        canvas.rectangle([490.0, 1250.0, 610.0, 1830.0], 55.0, RUBBER);
        canvas.rectangle([650.0, 1380.0, 730.0, 1560.0], 38.0, CHROME);
        canvas.rectangle([190.0, 820.0, 910.0, 850.0], 15.0, TRIM);
        for x in [215.0, 885.0] {
            canvas.circle(Point::new(x, 720.0), 45.0, TRIM);
            canvas.circle(Point::new(x, 720.0), 36.0, GLASS);
        }
        // Rider: legs, arms, jacket, helmet.
        for side in [-1.0_f32, 1.0] {
            let x = |mm: f32| 550.0 + side * mm;
            canvas.polygon(
                &[[x(60.0), 880.0], [x(230.0), 940.0], [x(250.0), 1330.0], [x(170.0), 1330.0]],
                TROUSERS,
            );
            canvas.strokes(
                &[
                    (Point::new(x(190.0), 470.0), Point::new(x(300.0), 660.0)),
                    (Point::new(x(300.0), 660.0), Point::new(x(330.0), 830.0)),
                ],
                95.0,
                JACKET,
            );
        }
        canvas.rectangle([340.0, 370.0, 760.0, 930.0], 120.0, JACKET);
        canvas.circle(Point::new(550.0, 230.0), 165.0, HELMET);
        canvas.rectangle([440.0, 350.0, 660.0, 410.0], 30.0, TRIM);
        // Seat, tail with lamp and indicators.
        canvas.rectangle([400.0, 890.0, 700.0, 960.0], 35.0, TRIM);
        canvas.polygon(
            &[
                [370.0, 940.0],
                [730.0, 940.0],
                [690.0, 1180.0],
                [620.0, 1250.0],
                [480.0, 1250.0],
                [410.0, 1180.0],
            ],
            paint,
        );
        canvas.rectangle([450.0, 1050.0, 650.0, 1150.0], 40.0, LAMP);
        for x in [385.0, 665.0] {
            canvas.rectangle([x, 1080.0, x + 50.0, 1160.0], 20.0, AMBER);
        }
        canvas.rectangle([480.0, 1220.0, 620.0, 1420.0], 12.0, TRIM);
    }

    fn car(&self, canvas: &mut Canvas) {
        let paint = self.paint;
        let darker = paint.map(|value| value / 4 * 3);
        canvas.rectangle([180.0, 1700.0, 2020.0, 1830.0], 60.0, SHADE);
        for x in [270.0, 1690.0] {
            canvas.rectangle([x, 1450.0, x + 240.0, 1800.0], 50.0, RUBBER);
        }
        canvas.polygon(
            &[
                [470.0, 270.0],
                [1730.0, 270.0],
                [1930.0, 830.0],
                [2000.0, 950.0],
                [2000.0, 1500.0],
                [200.0, 1500.0],
                [200.0, 950.0],
                [270.0, 830.0],
            ],
            paint,
        );
        canvas.polygon(&[[530.0, 340.0], [1670.0, 340.0], [1810.0, 780.0], [390.0, 780.0]], GLASS);
        for x in [215.0, 1715.0] {
            canvas.rectangle([x, 880.0, x + 270.0, 1090.0], 50.0, LAMP);
            canvas.rectangle([x + 30.0, 1020.0, x + 240.0, 1070.0], 20.0, AMBER);
        }
        canvas.rectangle([760.0, 1070.0, 1440.0, 1290.0], 30.0, darker);
        canvas.rectangle([190.0, 1330.0, 2010.0, 1600.0], 70.0, darker);
        canvas.rectangle([500.0, 1510.0, 1700.0, 1590.0], 30.0, TRIM);
        canvas.rectangle([870.0, 1035.0, 1330.0, 1060.0], 10.0, CHROME);
    }

    fn truck(&self, canvas: &mut Canvas) {
        let paint = self.paint;
        let lighter = paint.map(|value| value.saturating_add(26));
        canvas.rectangle([180.0, 2960.0, 2620.0, 3110.0], 60.0, SHADE);
        for x in [300.0, 600.0, 1700.0, 2000.0] {
            canvas.rectangle([x, 2450.0, x + 250.0, 3060.0], 60.0, RUBBER);
        }
        canvas.rectangle([200.0, 120.0, 2600.0, 2350.0], 30.0, paint);
        canvas.rectangle([250.0, 170.0, 2550.0, 2300.0], 20.0, lighter);
        // The gap of the two doors, their hinges, and the bars that close them.
        canvas.rectangle([1396.0, 170.0, 1404.0, 2300.0], 0.0, TRIM);
        for y in [400.0, 1750.0, 2200.0] {
            for x in [230.0, 2480.0] {
                canvas.rectangle([x, y, x + 90.0, y + 60.0], 8.0, CHROME);
            }
        }
        for x in [1180.0, 1600.0] {
            canvas.rectangle([x, 1700.0, x + 20.0, 2290.0], 8.0, CHROME);
        }
        canvas.rectangle([220.0, 2350.0, 2580.0, 2480.0], 10.0, TRIM);
        for x in [250.0, 2190.0] {
            canvas.rectangle([x, 2380.0, x + 200.0, 2460.0], 16.0, LAMP);
            canvas.rectangle([x + 210.0 - 40.0, 2380.0, x + 210.0, 2460.0], 10.0, AMBER);
        }
        canvas.rectangle([1120.0, 2560.0, 1680.0, 2840.0], 12.0, TRIM);
        for stripe in 0..12 {
            let x = 240.0 + 196.0 * stripe as f32;
            let colour = if stripe % 2 == 0 { LAMP } else { [236, 236, 232] };
            canvas.rectangle([x, 2290.0, x + 180.0, 2340.0], 0.0, colour);
        }
    }
}
