//! Lines and looks as a recogniser would give them, for tests.
#![allow(dead_code, reason = "each test file uses some of it")]

use giaolo_domain::{
    FrameTime, MediaTime, PixelPoint, PlateColour, PlateLayout, PlateLook, ReadChar, TextLine,
};
use giaolo_plate::{Grammar, Votes};

pub fn shipped() -> Grammar {
    Grammar::from_toml(include_str!("../../../../configs/plates.toml"))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

pub fn at(frame: u64) -> FrameTime {
    FrameTime { frame, time: MediaTime(frame as i64 * 40_000) }
}

/// A line of evenly spaced characters that all score alike, upright at `x`, `y` (its middle).
pub fn line(text: &str, score: f32, (x, y): (f32, f32), (width, height): (f32, f32)) -> TextLine {
    tilted(text, score, (x, y), (width, height), 0.0)
}

/// As [`line`], turned by `degrees` around (0, 0).
pub fn tilted(
    text: &str,
    score: f32,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
    degrees: f32,
) -> TextLine {
    let count = text.chars().count() as f32;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let corner = |dx: f32, dy: f32| {
        let (px, py) = (x + dx * width / 2.0, y + dy * height / 2.0);
        PixelPoint { x: px * cos - py * sin, y: px * sin + py * cos }
    };
    TextLine {
        corners: [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)],
        found: 0.9,
        chars: text
            .chars()
            .enumerate()
            .map(|(index, symbol)| ReadChar {
                symbol,
                score,
                at: (index as f32 + 0.5) / count,
                others: Vec::new(),
            })
            .collect(),
        cut: false,
    }
}

/// A look at a plate of one or two lines (`59T1/46101`), 100 pixels wide, on an unknown ground.
pub fn look(frame: u64, text: &str, score: f32) -> PlateLook {
    let lines: Vec<TextLine> = text
        .split('/')
        .enumerate()
        .map(|(index, part)| {
            let count = part.chars().count() as f32;
            // Characters of both lines have one width.
            line(part, score, (50.0, 20.0 + 30.0 * index as f32), (count * 18.0, 28.0))
        })
        .collect();
    let layout = if lines.len() == 2 { PlateLayout::TwoLine } else { PlateLayout::OneLine };
    PlateLook { at: at(frame), lines, layout, width_px: 100.0, colour: None }
}

/// Sets a character's score and the recogniser's other guesses.
pub fn guess(
    look: &mut PlateLook,
    line: usize,
    position: usize,
    score: f32,
    others: &[(char, f32)],
) {
    let read = &mut look.lines[line].chars[position];
    read.score = score;
    read.others = others.to_vec();
}

pub fn on(look: PlateLook, colour: PlateColour) -> PlateLook {
    PlateLook { colour: Some(colour), ..look }
}

pub fn votes(looks: impl IntoIterator<Item = PlateLook>) -> Votes {
    let mut votes = Votes::new();
    looks.into_iter().for_each(|look| votes.add(look));
    votes
}
