//! One plate and its picture.

use giaolo_domain::{PlateColour, PlateLayout};
use image::RgbImage;

use crate::{
    Error, Form, Geometry, Result,
    canvas::{Canvas, Colour},
    error::within,
    face,
    shape::Point,
};

/// A plate as it was made: what stands on it, in which form and colour.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plate {
    form: Form,
    ground: PlateColour,
    lines: Vec<String>,
    /// What holds it.
    pub bolts: Bolts,
    /// Whether a red line strikes the number through, as for the head of a mission (01).
    pub struck: bool,
    /// Whether a round sticker is on it, as for vehicles of clean energy; no character.
    pub sticker: bool,
}

/// What holds a plate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bolts {
    /// Nothing to see.
    None,
    /// Two small ones at the upper edge and two at the lower, beside the text.
    #[default]
    AtEdges,
    /// Two thick ones upon characters, as screwed on by a careless hand.
    OverCharacters,
}

/// The colour of a plate's ground, 8-bit sRGB.
pub const fn ground(colour: PlateColour) -> [u8; 3] {
    match colour {
        PlateColour::White => [234, 235, 232],
        PlateColour::Yellow => [246, 190, 24],
        PlateColour::Blue => [22, 66, 158],
        PlateColour::Red => [186, 22, 30],
    }
}

/// The colour of characters on that ground, 8-bit sRGB.
pub const fn ink(colour: PlateColour) -> [u8; 3] {
    match colour {
        PlateColour::White | PlateColour::Yellow => [22, 22, 26],
        PlateColour::Blue | PlateColour::Red => [238, 239, 238],
    }
}

/// The letters of diplomats and international organisations, and the strike of a head of mission.
const RED_INK: Colour = [196, 24, 32];

const BOLT: Colour = [120, 122, 124];
const BOLT_SLOT: Colour = [66, 66, 68];
const STICKER: Colour = [52, 140, 84];

/// The narrowest and the widest picture of a plate in pixels.
const WIDTHS_PX: (f32, f32) = (8.0, 4096.0);

impl Plate {
    /// A plate with its lines as printed, `-` for the dash and `.` for the dot: `["59-T1", "123.21"]`.
    /// The characters need not make sense; [`crate::PlateMaker`] makes those that do.
    ///
    /// # Errors
    /// `Lines`, `Character` or `Length` for text that this form cannot carry.
    pub fn new(form: Form, ground: PlateColour, lines: &[&str]) -> Result<Self> {
        let sizes = form.geometry();
        if lines.len() != sizes.lines {
            let (wanted, got) = (sizes.lines, lines.len());
            return Err(Error::Lines { form: form.as_str(), wanted, got });
        }
        for line in lines {
            let strange = line.chars().find(|&c| !face::has(c) && !matches!(c, '-' | '.'));
            if let Some(symbol) = strange {
                return Err(Error::Character { line: (*line).to_owned(), symbol });
            }
            let (needed_mm, room_mm) = (sizes.line_width(line), sizes.room());
            if line.is_empty() || needed_mm > room_mm {
                let (line, form) = ((*line).to_owned(), form.as_str());
                return Err(Error::Length { line, form, needed_mm, room_mm });
            }
        }
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let (bolts, struck, sticker) = (Bolts::default(), false, false);
        Ok(Self { form, ground, lines, bolts, struck, sticker })
    }

    /// Its form.
    pub fn form(&self) -> Form {
        self.form
    }

    /// One line or two.
    pub fn layout(&self) -> PlateLayout {
        self.form.layout()
    }

    /// The colour of its ground.
    pub fn ground(&self) -> PlateColour {
        self.ground
    }

    /// What stands on it, line by line.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The lines with a space between them.
    pub fn printed(&self) -> String {
        self.lines.join(" ")
    }

    /// The normal form: no separators, `Đ` as `D`.
    pub fn normal(&self) -> String {
        let signs = self.lines.iter().flat_map(|line| line.chars());
        let characters = signs.filter(|c| !matches!(c, '-' | '.'));
        characters.map(|c| if c == 'Đ' { 'D' } else { c }).collect()
    }

    /// Its picture from straight ahead, `width_px` wide and as high as its form asks. What shows beside
    /// the round corners has the colour of the ground; [`crate::place`] leaves it out.
    ///
    /// # Errors
    /// `Value` for a width below 8 or above 4096 pixels.
    pub fn render(&self, width_px: u32) -> Result<RgbImage> {
        let width = within("plate width in pixels", width_px as f32, WIDTHS_PX.0, WIDTHS_PX.1)?;
        let sizes = self.form.geometry();
        let scale = width / sizes.width;
        let height_px = ((sizes.height * scale).round() as u32).max(1);
        let mut canvas = Canvas::new(width_px, height_px, scale, ground(self.ground));
        self.draw_frame(&mut canvas, &sizes);
        for (number, line) in self.lines.iter().enumerate() {
            self.draw_line(&mut canvas, &sizes, number, line);
        }
        if self.sticker {
            // 30 mm across, beside the first line, or as large as there is room.
            let edge = sizes.frame_inset + sizes.frame + 1.0;
            let room = (sizes.width - sizes.line_width(&self.lines[0])) / 2.0 - edge - 1.0;
            let radius = (room / 2.0).clamp(4.0, 15.0);
            let middle = sizes.line_top(0) + sizes.char_height / 2.0;
            canvas.circle(Point::new(edge + radius, middle), radius, STICKER);
        }
        self.draw_bolts(&mut canvas, &sizes);
        Ok(canvas.image)
    }

    fn draw_frame(&self, canvas: &mut Canvas, sizes: &Geometry) {
        let inset = sizes.frame_inset;
        let (x2, y2) = (sizes.width - inset, sizes.height - inset);
        let radius = sizes.corner_radius - inset / 2.0;
        canvas.rectangle([inset, inset, x2, y2], radius, ink(self.ground));
        let within = inset + sizes.frame;
        let (x2, y2) = (sizes.width - within, sizes.height - within);
        let radius = (radius - sizes.frame).max(1.0);
        canvas.rectangle([within, within, x2, y2], radius, ground(self.ground));
    }

    fn draw_line(&self, canvas: &mut Canvas, sizes: &Geometry, number: usize, line: &str) {
        let top = sizes.line_top(number);
        let bottom = top + sizes.char_height;
        let red = red_letters(self.ground, line);
        let mut left = (sizes.width - sizes.line_width(line)) / 2.0;
        let start = left;
        let signs: Vec<char> = line.chars().collect();
        for (at, &symbol) in signs.iter().enumerate() {
            let right = left + sizes.sign_width(symbol);
            let colour = if red.contains(&at) { RED_INK } else { ink(self.ground) };
            match symbol {
                '-' => {
                    let middle = (top + bottom) / 2.0;
                    let half = sizes.dash.1 / 2.0;
                    canvas.rectangle([left, middle - half, right, middle + half], 1.0, colour);
                }
                '.' => canvas.rectangle([left, bottom - sizes.dot, right, bottom], 1.0, colour),
                _ => {
                    let pen = sizes.stroke;
                    let (width, height) = (sizes.char_width - pen, sizes.char_height - pen);
                    let mut pieces = face::pieces(symbol, width, height);
                    for point in pieces.iter_mut().flat_map(|(a, b)| [a, b]) {
                        point.x += left + pen / 2.0;
                        point.y += top + pen / 2.0;
                    }
                    canvas.strokes(&pieces, pen, colour);
                }
            }
            left = right + sizes.gap;
        }
        if self.struck && number + 1 == sizes.lines {
            let middle = (top + bottom) / 2.0;
            let end = left - sizes.gap;
            let number_of_mission = end - 2.0 * sizes.char_width - sizes.gap;
            let from = start.max(number_of_mission) - 4.0;
            let half = sizes.stroke / 4.0;
            canvas.rectangle([from, middle - half, end + 4.0, middle + half], 0.0, RED_INK);
        }
    }

    fn draw_bolts(&self, canvas: &mut Canvas, sizes: &Geometry) {
        let (radius, places) = match self.bolts {
            Bolts::None => return,
            Bolts::AtEdges => {
                let y = sizes.frame_inset + sizes.frame + sizes.height * 0.02 + 1.5;
                let x = sizes.width * 0.25;
                let (right, bottom) = (sizes.width - x, sizes.height - y);
                (sizes.height * 0.022, vec![(x, y), (right, y), (x, bottom), (right, bottom)])
            }
            Bolts::OverCharacters => {
                let last = sizes.lines - 1;
                let width = sizes.line_width(&self.lines[last]);
                let left = (sizes.width - width) / 2.0 + sizes.char_width * 0.5;
                let y = sizes.line_top(last) + sizes.char_height * 0.45;
                (sizes.char_width * 0.36, vec![(left, y), (sizes.width - left, y)])
            }
        };
        for (x, y) in places {
            canvas.circle(Point::new(x, y), radius, BOLT);
            let slot = [x - radius * 0.6, y - radius * 0.12, x + radius * 0.6, y + radius * 0.12];
            canvas.rectangle(slot, 0.0, BOLT_SLOT);
        }
    }
}

/// Which signs of a line are printed in red: NG and QT on white.
fn red_letters(ground: PlateColour, line: &str) -> std::ops::Range<usize> {
    let found = ["NG", "QT"].into_iter().find_map(|letters| line.find(letters));
    match found {
        // Only ASCII stands on the plates of foreigners, so bytes are signs.
        Some(at) if ground == PlateColour::White && line.is_ascii() => at..at + 2,
        _ => 0..0,
    }
}
