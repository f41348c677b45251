//! Number plates: what was read of one, look by look, and what may be said of it.
//!
//! A *look* is one attempt to read one vehicle's plate in one frame; a *reading* is what all looks of
//! one track say together. What is not known stays unknown: a character that nobody could read is
//! never filled in.

use serde::{Deserialize, Serialize};

use crate::{FrameTime, PixelBox, PixelPoint, Reason};

/// How the characters stand on a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlateLayout {
    /// All in one line.
    OneLine,
    /// Code and series above, number below.
    TwoLine,
}

impl PlateLayout {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneLine => "one-line",
            Self::TwoLine => "two-line",
        }
    }
}

/// The colour of a plate's ground, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateColour {
    /// Private owners.
    White,
    /// Commercial transport.
    Yellow,
    /// State bodies.
    Blue,
    /// Army.
    Red,
}

impl PlateColour {
    /// All colours.
    pub const ALL: [Self; 4] = [Self::White, Self::Yellow, Self::Blue, Self::Red];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
            Self::Red => "red",
        }
    }
}

/// One character as the recogniser gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadChar {
    /// The likeliest character, upper case.
    #[serde(rename = "char")]
    pub symbol: char,
    /// Its score, 0 to 1.
    pub score: f32,
    /// Where its middle stands along the line, from 0 at the left end to 1. The recogniser merges
    /// equal neighbours now and then (`5555` for `55555`); the gap that this leaves tells it.
    pub at: f32,
    /// The next likeliest ones with their scores, falling; empty where they are all but ruled out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(char, f32)>,
}

/// One line of text on a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// Its corners in pixels: top left, top right, bottom right, bottom left as the text reads.
    pub corners: [PixelPoint; 4],
    /// How sure it is that text stands there, 0 to 1.
    pub found: f32,
    /// What stands there, from left to right.
    pub chars: Vec<ReadChar>,
    /// Whether it reaches to the edge of what was looked at, so that characters may be missing. A
    /// plate with such a line is never sure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl TextLine {
    /// The characters without their scores.
    pub fn text(&self) -> String {
        self.chars.iter().map(|c| c.symbol).collect()
    }

    /// Mean length of its upper and lower edge, in pixels.
    pub fn width(&self) -> f32 {
        let [tl, tr, br, bl] = self.corners;
        (distance(tl, tr) + distance(bl, br)) / 2.0
    }

    /// Mean length of its left and right edge, in pixels.
    pub fn height(&self) -> f32 {
        let [tl, tr, br, bl] = self.corners;
        (distance(tl, bl) + distance(tr, br)) / 2.0
    }

    /// Its middle.
    pub fn centre(&self) -> PixelPoint {
        let sum = self.corners.iter().fold((0.0, 0.0), |(x, y), p| (x + p.x, y + p.y));
        PixelPoint { x: sum.0 / 4.0, y: sum.1 / 4.0 }
    }
}

fn distance(a: PixelPoint, b: PixelPoint) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// One attempt to read one vehicle's plate in one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlateLook {
    /// The frame.
    #[serde(flatten)]
    pub at: FrameTime,
    /// The lines of the plate, from top to bottom, corners in pixels of the full frame.
    pub lines: Vec<TextLine>,
    /// One line or two.
    pub layout: PlateLayout,
    /// Width of the plate, in pixels of the full frame.
    pub width_px: f32,
    /// The colour of its ground, where it can be told.
    pub colour: Option<PlateColour>,
}

impl PlateLook {
    /// The upright box around all lines.
    pub fn bbox(&self) -> PixelBox {
        let corners = self.lines.iter().flat_map(|line| line.corners);
        corners
            .map(|p| PixelBox::new(p.x, p.y, p.x, p.y))
            .reduce(|a, b| a.union(&b))
            .unwrap_or(PixelBox::new(0.0, 0.0, 0.0, 0.0))
    }
}

/// What may be said of a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateVerdict {
    /// Every character is known.
    Sure,
    /// A reading, with its doubtful characters marked. Never shown as a fact.
    Doubtful,
    /// Nothing that may be shown.
    Unreadable,
}

impl PlateVerdict {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Doubtful => "doubtful",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Why a plate could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// Too few pixels in every frame.
    TooSmall,
    /// A plate, but no character stands out.
    Blurred,
    /// Another vehicle was in front of it in every frame.
    Covered,
    /// The picture's edge cut the vehicle in every frame.
    Cut,
    /// No plate was seen on the vehicle.
    NoPlate,
    /// Text was seen, but it is no plate's.
    NotAPlate,
    /// The budget for reading was used up by vehicles of higher priority.
    Budget,
}

impl Unreadable {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooSmall => "too_small",
            Self::Blurred => "blurred",
            Self::Covered => "covered",
            Self::Cut => "cut",
            Self::NoPlate => "no_plate",
            Self::NotAPlate => "not_a_plate",
            Self::Budget => "budget",
        }
    }

    /// The words on Vietnamese screens.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::TooSmall => "biển số quá nhỏ trên hình",
            Self::Blurred => "biển số mờ, nhòe",
            Self::Covered => "biển số bị xe khác che",
            Self::Cut => "xe bị cắt ở mép hình",
            Self::NoPlate => "không thấy biển số trên xe",
            Self::NotAPlate => "có chữ trên xe nhưng không phải biển số",
            Self::Budget => "chưa đọc vì máy quá tải",
        }
    }

    /// The words on English screens.
    pub const fn english(self) -> &'static str {
        match self {
            Self::TooSmall => "the plate is too small in the picture",
            Self::Blurred => "the plate is blurred",
            Self::Covered => "another vehicle covers the plate",
            Self::Cut => "the picture's edge cuts the vehicle",
            Self::NoPlate => "no plate is seen on the vehicle",
            Self::NotAPlate => "there is text on the vehicle, but no plate",
            Self::Budget => "not read, because the machine was overloaded",
        }
    }
}

/// One character of a reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlateChar {
    /// The character of the normal form.
    #[serde(rename = "char")]
    pub symbol: char,
    /// How sure it is over all looks, 0 to 1.
    pub score: f32,
    /// Whether a person has to look at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// What was read there before the grammar corrected it; `None` where nothing was corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<char>,
    /// Other characters that may stand here, with their scores, falling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(char, f32)>,
}

/// What all looks of one track say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlateReading {
    /// What may be said.
    pub verdict: PlateVerdict,
    /// Why it could not be read; only where the verdict is [`PlateVerdict::Unreadable`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// The normal form: upper case, without separators (`61A12345`). Empty where unreadable.
    pub text: String,
    /// As printed (`61A-123.45`, `59-T1 461.01`). Empty where unreadable.
    pub printed: String,
    /// The kind of plate in the grammar; `None` where several are open or it is unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether a person has to decide whatever was read: army, diplomatic, temporary plates and a
    /// corrected reading.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
    /// Probability that the whole text is right, 0 to 1, calibrated.
    pub score: f32,
    /// The characters of `text`.
    pub characters: Vec<PlateChar>,
    /// Exactly what the recogniser gave in the best look, a space between lines.
    pub raw: String,
    /// Other kinds or texts that the same characters may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<PlateAlternative>,
    /// One line or two; `None` where unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<PlateLayout>,
    /// The ground's colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<PlateColour>,
    /// Looks that took part.
    pub looks: u32,
    /// Looks that gave this very text.
    pub votes: u32,
    /// Width of the plate in its best look, in pixels of the full frame.
    pub width_px: f32,
    /// Where the best look is: the frame, and the plate's box in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<PlatePlace>,
    /// Why it is not sure, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Reason>,
}

/// Another kind or text that the same characters may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlateAlternative {
    /// Its normal form.
    pub text: String,
    /// As printed.
    pub printed: String,
    /// Its kind in the grammar.
    pub kind: String,
    /// Its score beside the reading's, 0 to 1.
    pub score: f32,
}

/// A plate in one frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlatePlace {
    /// The frame.
    #[serde(flatten)]
    pub at: FrameTime,
    /// The box around the plate's text, in pixels of the full frame.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
}

impl PlateReading {
    /// The printed form with `?` for every character that is doubtful, as people are shown it. Empty
    /// where unreadable.
    pub fn shown(&self) -> String {
        let mut characters = self.characters.iter();
        self.printed
            .chars()
            .map(|c| match c.is_alphanumeric().then(|| characters.next()) {
                Some(Some(character)) if character.doubtful => '?',
                _ => c,
            })
            .collect()
    }

    /// Nothing that may be shown, and why.
    pub fn unreadable(why: Unreadable) -> Self {
        Self {
            verdict: PlateVerdict::Unreadable,
            unreadable: Some(why),
            text: String::new(),
            printed: String::new(),
            kind: None,
            manual: false,
            score: 0.0,
            characters: Vec::new(),
            raw: String::new(),
            alternatives: Vec::new(),
            layout: None,
            colour: None,
            looks: 0,
            votes: 0,
            width_px: 0.0,
            best: None,
            doubts: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_characters_are_never_shown() {
        let mut reading = PlateReading::unreadable(Unreadable::Blurred);
        assert_eq!(reading.shown(), "");
        reading.printed = "61-B1 234.56".to_owned();
        reading.characters = "61B123456"
            .chars()
            .enumerate()
            .map(|(at, symbol)| PlateChar {
                symbol,
                score: 0.9,
                doubtful: at == 3 || at == 8,
                read_as: None,
                others: Vec::new(),
            })
            .collect();
        assert_eq!(reading.shown(), "61-B? 234.5?");
    }
}
