//! What holds for any plate, any look and any order.

mod common;

use std::sync::LazyLock;

use common::{at, line, look, shipped, votes};
use giaolo_domain::{
    PlateColour, PlateLayout, PlateLook, PlateVerdict, ReadChar, RoadUserClass, TextLine,
};
use giaolo_plate::{Grammar, Pattern, VerdictSettings, find_plate, normal_form};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::string_regex;

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(shipped);

/// Printed plates of every kind in the shipped grammar, with the kind's name.
fn printed() -> impl Strategy<Value = (&'static str, String)> {
    let letter = "[ABCDEFGHKLMNPSTUVXYZ]";
    let special = "(CD|RM|HC|KT|LD|DA|MK|TD|CT|LB|R)";
    let foreign = "(NG|QT|CV|NN)";
    let code = "(11|29|51|61|80|99)";
    // The last digit is none so that the number is never all zeros.
    let five = "[0-9]{3}\\.[0-9][1-9]";
    let four = "[0-9]{3}[1-9]";
    let forms = vec![
        ("car", format!("{code}{letter}-({five}|{four})")),
        ("motorbike", format!("{code}-{letter}[ABCDEFGHKLMNPRSTUVXYZ] {five}")),
        ("motorbike-digit", format!("{code}-{letter}[1-9] ({five}|{four})")),
        ("special", format!("{code}{special}-({five}|{four})")),
        ("electric-motorbike", format!("{code}-MD[1-9] {five}")),
        ("temporary", format!("T{code} ({five}|{four})")),
        ("foreign-car", format!("{code}-[0-9]{{3}}-{foreign}-[0-9][1-9]")),
        ("foreign-motorbike", format!("{code}-[0-9]{{3}} {foreign}-[0-9]{{2}}[1-9]")),
        ("army", "[A-Z]{2}-[0-9]{2}-[0-9][1-9]".to_owned()),
    ];
    select(forms).prop_flat_map(|(kind, form)| {
        let plates = string_regex(&form).unwrap_or_else(|error| panic!("{form}: {error}"));
        (Just(kind), plates)
    })
}

fn any_symbol() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => select("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ]
}

fn any_score() -> impl Strategy<Value = f32> {
    prop_oneof![8 => 0.0f32..=1.0, 1 => any::<f32>()]
}

fn any_read() -> impl Strategy<Value = ReadChar> {
    let others = prop::collection::vec((any_symbol(), any_score()), 0..4);
    (any_symbol(), any_score(), any_score(), others)
        .prop_map(|(symbol, score, at, others)| ReadChar { symbol, score, at, others })
}

fn any_line() -> impl Strategy<Value = TextLine> {
    let place = (0.0f32..300.0, 0.0f32..300.0);
    let size = (1.0f32..200.0, 1.0f32..60.0);
    (place, size, prop::collection::vec(any_read(), 0..8), any::<bool>())
        .prop_map(|(place, size, chars, cut)| TextLine { chars, cut, ..line("", 0.5, place, size) })
}

fn any_look() -> impl Strategy<Value = PlateLook> {
    let layout = select(vec![PlateLayout::OneLine, PlateLayout::TwoLine]);
    let colour = prop::option::of(select(PlateColour::ALL.to_vec()));
    (0u64..5, prop::collection::vec(any_line(), 0..4), layout, any_score(), colour).prop_map(
        |(frame, lines, layout, width, colour)| PlateLook {
            at: at(frame),
            lines,
            layout,
            width_px: width * 150.0,
            colour,
        },
    )
}

/// A look at a plate in which some characters are read as something else, with guesses.
fn noisy_look() -> impl Strategy<Value = PlateLook> {
    let texts = select(vec!["59T1/46101", "61A12345", "61B/12345", "30AB/26659", "80441NG02"]);
    let noise = prop::collection::vec((any::<Index>(), any_read()), 0..4);
    (0u64..20, texts, 0.3f32..1.0, 20.0f32..150.0, noise).prop_map(
        |(frame, text, score, width_px, noise)| {
            let mut look = PlateLook { width_px, ..look(frame, text, score) };
            for (place, read) in noise {
                let mut chars: Vec<&mut ReadChar> =
                    look.lines.iter_mut().flat_map(|line| &mut line.chars).collect();
                let place = place.index(chars.len());
                *chars[place] = read;
            }
            look
        },
    )
}

fn any_class() -> impl Strategy<Value = Option<RoadUserClass>> {
    prop::option::of(select(RoadUserClass::ALL.to_vec()))
}

proptest! {
    #[test]
    fn printed_plates_are_recognised_and_printed_again((kind, printed) in printed()) {
        let normal = normal_form(&printed);
        let found = GRAMMAR.recognise(&normal);
        let of_kind = found.iter().find(|found| found.kind.name == kind && found.printed == printed);
        prop_assert!(of_kind.is_some(), "{printed}: {found:?}");
        for other in &found {
            prop_assert_eq!(normal_form(&other.printed), normal.clone());
        }
    }

    #[test]
    fn nothing_is_read_that_its_kind_forbids(look in prop_oneof![any_look(), noisy_look()], class in any_class()) {
        for found in GRAMMAR.interpret(&look, class) {
            let kinds = GRAMMAR.recognise(&found.text);
            prop_assert!(kinds.iter().any(|m| m.kind.name == found.kind && m.printed == found.printed), "{found:?}");
            let text: String = found.characters.iter().map(|c| c.symbol).collect();
            prop_assert_eq!(&text, &found.text);
            prop_assert!((0.0..=1.0).contains(&found.score));
            let corrected = found.characters.iter().any(|c| c.read_as.is_some());
            prop_assert!(!corrected || found.manual);
        }
    }

    #[test]
    fn the_order_of_looks_does_not_matter(
        looks in prop::collection::vec(prop_oneof![3 => noisy_look(), 1 => any_look()], 1..8),
        turn in any::<Index>(),
        class in any_class(),
    ) {
        let settings = &VerdictSettings::default();
        let reading = votes(looks.clone()).reading(&GRAMMAR, class, settings);
        let mut turned = looks.clone();
        turned.rotate_left(turn.index(looks.len()));
        prop_assert_eq!(&votes(turned).reading(&GRAMMAR, class, settings), &reading);
        let backwards = votes(looks.into_iter().rev()).reading(&GRAMMAR, class, settings);
        prop_assert_eq!(&backwards, &reading);
    }

    #[test]
    fn readings_keep_their_promises(
        looks in prop::collection::vec(prop_oneof![4 => noisy_look(), 1 => any_look()], 0..6),
        class in any_class(),
    ) {
        let settings = &VerdictSettings::default();
        let reading = votes(looks.clone()).reading(&GRAMMAR, class, settings);
        let corrected = reading.characters.iter().any(|c| c.read_as.is_some());
        match reading.verdict {
            PlateVerdict::Sure => {
                prop_assert!(reading.doubts.is_empty() && !corrected && reading.width_px >= 45.0);
                prop_assert!(reading.votes > 0);
                let doubtful = reading.characters.iter().any(|c| c.doubtful || c.score < 0.8);
                prop_assert!(!doubtful);
            }
            PlateVerdict::Doubtful => prop_assert!(!reading.doubts.is_empty()),
            PlateVerdict::Unreadable => {
                prop_assert!(reading.text.is_empty() && reading.unreadable.is_some());
            }
        }
        if reading.verdict != PlateVerdict::Unreadable {
            prop_assert!(!GRAMMAR.recognise(&reading.text).is_empty());
            prop_assert!(!corrected || reading.manual);
            prop_assert!((0.0..=1.0).contains(&reading.score));
        }
    }

    #[test]
    fn any_lines_are_survived(lines in prop::collection::vec(any_line(), 0..12), class in any_class()) {
        let look = find_plate(&GRAMMAR, &lines, at(0), class, &mut |_| None);
        if let Some(look) = look {
            prop_assert!(!look.lines.is_empty() && look.lines.len() <= 2);
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC*", other in any::<String>()) {
        let normal = normal_form(&text);
        prop_assert_eq!(normal_form(&normal), normal.clone());
        GRAMMAR.recognise(&other);
        let _ = Grammar::from_toml(&other);
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.wrong_characters(&other);
            prop_assert_eq!(Pattern::parse(&pattern.glob()).unwrap(), pattern);
        }
    }

    #[test]
    fn patterns_made_of_a_plate_find_it(
        (_, printed) in printed(),
        holes in prop::collection::vec(any::<Index>(), 0..4),
        wrong in any::<Index>(),
    ) {
        let normal = normal_form(&printed);
        let mut typed: Vec<char> = normal.chars().collect();
        for hole in &holes {
            typed[hole.index(normal.len())] = '?';
        }
        let pattern = Pattern::parse(&typed.iter().collect::<String>()).unwrap();
        prop_assert_eq!(pattern.wrong_characters(&normal), Some(0));
        let place = wrong.index(normal.len());
        let mut other: Vec<char> = normal.chars().collect();
        other[place] = if other[place] == 'X' { 'Y' } else { 'X' };
        let other: String = other.iter().collect();
        let expected = u32::from(typed[place] != '?');
        prop_assert_eq!(pattern.wrong_characters(&other), Some(expected));
        // Every literal run stands in the plate where it says.
        for run in pattern.literal_runs() {
            let start = run.from_start.unwrap();
            prop_assert_eq!(&normal[start..start + run.text.len()], run.text.as_str());
            prop_assert_eq!(start + run.text.len() + run.from_end.unwrap(), normal.len());
        }
    }
}
