//! Any lines of text give a plate or none, and any looks a reading that keeps its promises: nothing is
//! sure that is too narrow, corrected or not read by any look, and no score is outside of 0 to 1.
//!
//! Bytes are a stream of small numbers: places may be anything that a float can be, scores too.
#![no_main]

use std::sync::LazyLock;

use giaolo_domain::{
    FrameTime, MediaTime, PixelPoint, PlateColour, PlateReading, PlateVerdict, ReadChar,
    RoadUserClass, TextLine,
};
use giaolo_plate::{Grammar, Votes, find_plate, normal_form};
use libfuzzer_sys::fuzz_target;

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    Grammar::from_toml(include_str!("../../configs/plates.toml"))
        .expect("the grammar that is shipped")
});

const SYMBOLS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ61A12345";
const ODD: [f32; 6] = [f32::NAN, f32::INFINITY, -1.0, 1e30, 0.0, 2.0];

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.iter().copied();
    let mut votes = Votes::new();
    let mut seen: Vec<String> = Vec::new();
    let Some(class) = bytes.next().map(class) else { return };
    let settings = GRAMMAR.verdict_settings();
    for frame in 0..4 {
        let Some(lines) = lines(&mut bytes) else { break };
        let mut colour =
            |chosen: &[&TextLine]| PlateColour::ALL.get(chosen.len() + frame as usize % 3).copied();
        let at = FrameTime { frame, time: MediaTime(frame as i64 * 200_000) };
        let Some(look) = find_plate(&GRAMMAR, &lines, at, class, &mut colour) else { continue };
        assert!(!look.lines.is_empty() && look.at == at);
        seen.push(normal_form(&look.lines.iter().map(TextLine::text).collect::<String>()));
        votes.add(look);
        holds(&votes.reading(&GRAMMAR, class, settings), &seen);
    }
});

fn holds(reading: &PlateReading, seen: &[String]) {
    let share = 0.0..=1.0;
    assert!(share.contains(&reading.score), "{reading:?}");
    assert!(reading.characters.iter().all(|c| share.contains(&c.score)), "{reading:?}");
    let unread = reading.verdict == PlateVerdict::Unreadable;
    assert_eq!(unread, reading.unreadable.is_some(), "{reading:?}");
    assert_eq!(unread, reading.text.is_empty(), "{reading:?}");
    if unread {
        return;
    }
    let characters: String = reading.characters.iter().map(|c| c.symbol).collect();
    assert_eq!(characters, reading.text);
    assert!(!GRAMMAR.recognise(&reading.text).is_empty(), "no plate: {reading:?}");
    if reading.verdict == PlateVerdict::Sure {
        assert!(seen.iter().any(|text| text.contains(&reading.text)), "{seen:?} {reading:?}");
        assert!(reading.characters.iter().all(|c| c.read_as.is_none() && !c.doubtful));
        assert!(reading.width_px >= 45.0 && reading.doubts.is_empty(), "{reading:?}");
    }
}

fn class(byte: u8) -> Option<RoadUserClass> {
    match byte % 4 {
        0 => None,
        1 => Some(RoadUserClass::Motorbike),
        2 => Some(RoadUserClass::Car),
        _ => Some(RoadUserClass::Truck),
    }
}

/// The lines of one look; `None` at the end of the bytes.
fn lines(bytes: &mut impl Iterator<Item = u8>) -> Option<Vec<TextLine>> {
    let count = bytes.next()? % 7;
    (0..count).map(|_| line(bytes)).collect()
}

fn line(bytes: &mut impl Iterator<Item = u8>) -> Option<TextLine> {
    let flags = bytes.next()?;
    let mut number = || Some(f32::from(bytes.next()?));
    let (x, y, width, height, tilt) = (number()?, number()?, number()?, number()?, number()?);
    let drop = width * (tilt - 128.0) / 256.0;
    let mut corners =
        [(x, y), (x + width, y + drop), (x + width, y + drop + height), (x, y + height)]
            .map(|(x, y)| PixelPoint::new(x, y));
    if flags & 0xf0 == 0xf0 {
        corners[usize::from(flags) % 4].x = ODD[usize::from(flags) % ODD.len()];
    }
    let count = bytes.next()? % 14;
    let mut chars = Vec::new();
    for at in 0..count {
        let (symbol, score) = (bytes.next()?, bytes.next()?);
        let symbol_of = |byte: u8| char::from(SYMBOLS[usize::from(byte) % SYMBOLS.len()]);
        let others = match score % 5 {
            0 => vec![(symbol_of(symbol.wrapping_add(score)), f32::from(score) / 512.0)],
            _ => Vec::new(),
        };
        // High scores are the usual ones.
        let score = match score {
            250.. => ODD[usize::from(score) % ODD.len()],
            _ => (f32::from(score) / 64.0).min(0.999),
        };
        let at = (f32::from(at) + 0.5) / f32::from(count);
        chars.push(ReadChar { symbol: symbol_of(symbol), score, at, others });
    }
    Some(TextLine { corners, found: 0.9, chars, cut: flags & 1 == 1 })
}
