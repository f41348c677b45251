//! The physical forms of plates: sizes in millimetres.
//!
//! Sizes, characters and separators are those of Circular 79/2024/TT-BCA. Where it is silent (gaps on
//! motorbike plates, the older forms, frame and corners) the values are taken from looking at plates.

use giaolo_domain::PlateLayout;

/// What is cut out of sheet metal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Car, short, two lines: 330 x 165 mm. Trailers too.
    CarShort,
    /// Car, long, one line: 520 x 110 mm.
    CarLong,
    /// Motorbike or moped, two lines: 190 x 140 mm.
    Motorbike,
    /// Car, short, before 2020: 280 x 200 mm.
    OldCarShort,
    /// Car, long, before 2020: 470 x 110 mm.
    OldCarLong,
}

/// Sizes of a form, all in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Width of the plate.
    pub width: f32,
    /// Height of the plate.
    pub height: f32,
    /// Lines of text.
    pub lines: usize,
    /// Height of a character.
    pub char_height: f32,
    /// Width of a character's cell, which all but `1` and `I` fill.
    pub char_width: f32,
    /// Width of a stroke.
    pub stroke: f32,
    /// Between two signs of a line.
    pub gap: f32,
    /// Width and height of the dash.
    pub dash: (f32, f32),
    /// Side of the dot.
    pub dot: f32,
    /// Radius of the plate's corners.
    pub corner_radius: f32,
    /// Width of the frame line.
    pub frame: f32,
    /// From the edge to the frame line.
    pub frame_inset: f32,
}

const CAR: Geometry = Geometry {
    width: 520.0,
    height: 110.0,
    lines: 1,
    char_height: 63.0,
    char_width: 38.0,
    stroke: 10.0,
    gap: 10.0,
    dash: (14.0, 10.0),
    dot: 10.0,
    corner_radius: 10.0,
    frame: 3.0,
    frame_inset: 3.5,
};

impl Form {
    /// All forms.
    pub const ALL: [Self; 5] =
        [Self::CarShort, Self::CarLong, Self::Motorbike, Self::OldCarShort, Self::OldCarLong];

    /// The name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CarShort => "car-short",
            Self::CarLong => "car-long",
            Self::Motorbike => "motorbike",
            Self::OldCarShort => "old-car-short",
            Self::OldCarLong => "old-car-long",
        }
    }

    /// One line or two.
    pub const fn layout(self) -> PlateLayout {
        match self {
            Self::CarLong | Self::OldCarLong => PlateLayout::OneLine,
            Self::CarShort | Self::Motorbike | Self::OldCarShort => PlateLayout::TwoLine,
        }
    }

    /// Its sizes.
    pub const fn geometry(self) -> Geometry {
        match self {
            Self::CarLong => CAR,
            Self::CarShort => Geometry { width: 330.0, height: 165.0, lines: 2, ..CAR },
            Self::Motorbike => Geometry {
                width: 190.0,
                height: 140.0,
                lines: 2,
                char_height: 55.0,
                char_width: 22.0,
                stroke: 7.0,
                gap: 7.5,
                dash: (12.0, 7.0),
                dot: 7.0,
                corner_radius: 8.0,
                frame: 2.0,
                frame_inset: 3.0,
            },
            Self::OldCarShort => Geometry {
                width: 280.0,
                height: 200.0,
                lines: 2,
                char_height: 80.0,
                gap: 8.0,
                ..CAR
            },
            Self::OldCarLong => Geometry { width: 470.0, ..CAR },
        }
    }
}

impl Geometry {
    /// Width that a line may have: the plate's, within its frame.
    pub fn room(&self) -> f32 {
        self.width - 2.0 * (self.frame_inset + self.frame)
    }

    /// Width of one sign without gaps.
    pub(crate) fn sign_width(&self, symbol: char) -> f32 {
        match symbol {
            '-' => self.dash.0,
            '.' => self.dot,
            _ => self.char_width,
        }
    }

    /// Width of a line.
    pub(crate) fn line_width(&self, line: &str) -> f32 {
        let signs: f32 = line.chars().map(|symbol| self.sign_width(symbol)).sum();
        signs + self.gap * line.chars().count().saturating_sub(1) as f32
    }

    /// Top of a line, counted from 0: margins and the space between lines are the same.
    pub(crate) fn line_top(&self, line: usize) -> f32 {
        let space = (self.height - self.lines as f32 * self.char_height) / (self.lines + 1) as f32;
        space + line as f32 * (self.char_height + space)
    }
}
