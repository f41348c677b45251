//! Plates look as the standard says, and those that are invented are legal.

use std::collections::BTreeSet;

use giaolo_domain::{PlateColour, PlateLayout};
use giaolo_plate_render::{Bolts, CODES, Error, Form, Kind, Plate, PlateMaker, ground, ink};
use image::RgbImage;

fn dark(picture: &RgbImage, x: f32, y: f32) -> bool {
    let pixel = picture.get_pixel(x as u32, y as u32).0;
    pixel.iter().map(|value| u32::from(*value)).sum::<u32>() < 300
}

/// The longest row of dark pixels along a line, from its first pixel to its last.
fn dark_runs(line: impl Iterator<Item = bool>) -> Vec<usize> {
    let mut runs = Vec::new();
    let mut run = 0;
    for is_dark in line.chain([false]) {
        if is_dark {
            run += 1;
        } else if run > 0 {
            runs.push(run);
            run = 0;
        }
    }
    runs
}

#[test]
fn sizes_are_those_of_the_circular() {
    // Form, width, height, lines, height, width and stroke of a character, dash, dot.
    let table = [
        (Form::CarShort, 330.0, 165.0, 2, 63.0, 38.0, 10.0, (14.0, 10.0), 10.0),
        (Form::CarLong, 520.0, 110.0, 1, 63.0, 38.0, 10.0, (14.0, 10.0), 10.0),
        (Form::Motorbike, 190.0, 140.0, 2, 55.0, 22.0, 7.0, (12.0, 7.0), 7.0),
    ];
    for (form, width, height, lines, char_height, char_width, stroke, dash, dot) in table {
        let sizes = form.geometry();
        assert_eq!((sizes.width, sizes.height, sizes.lines), (width, height, lines), "{form:?}");
        assert_eq!((sizes.char_height, sizes.char_width), (char_height, char_width), "{form:?}");
        assert_eq!((sizes.stroke, sizes.dash, sizes.dot), (stroke, dash, dot), "{form:?}");
    }
    for form in Form::ALL {
        let layout = if form.geometry().lines == 1 { "one-line" } else { "two-line" };
        assert_eq!(form.layout().as_str(), layout);
        // The aspect decides how a plate is read; a picture must have it at every width.
        for width in [40_u32, 97, 500, 1040] {
            let plate = Plate::new(form, PlateColour::White, &["8", "8"][..form.geometry().lines]);
            let picture = plate.unwrap().render(width).unwrap();
            let high = width as f32 * form.geometry().height / form.geometry().width;
            assert_eq!(picture.width(), width);
            assert!((picture.height() as f32 - high).abs() <= 0.51, "{form:?}: {width}");
        }
    }
}

#[test]
fn characters_on_the_picture_have_the_size_and_stroke_of_the_standard() {
    // Ten pixels a millimetre would be slow; four show a quarter of one.
    const SCALE: f32 = 4.0;
    for form in [Form::CarLong, Form::CarShort, Form::Motorbike] {
        let sizes = form.geometry();
        let lines: &[&str] = if sizes.lines == 1 { &["H"] } else { &["H", "H"] };
        let mut plate = Plate::new(form, PlateColour::White, lines).unwrap();
        plate.bolts = Bolts::None;
        let picture = plate.render((sizes.width * SCALE) as u32).unwrap();
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let space =
            (sizes.height - sizes.lines as f32 * sizes.char_height) / (sizes.lines as f32 + 1.0);
        let mm = |pixels: usize| pixels as f32 / SCALE;
        // Across the two uprights of the first line's letter, above its bar.
        let y = (space + sizes.char_height * 0.25) * SCALE;
        let inner = (width * 0.1) as u32..(width * 0.9) as u32;
        let across = dark_runs(inner.clone().map(|x| dark(&picture, x as f32, y)));
        assert_eq!(across.len(), 2, "{form:?}: {across:?}");
        for stroke in &across {
            assert!((mm(*stroke) - sizes.stroke).abs() < 0.6, "{form:?}: {} mm", mm(*stroke));
        }
        let first = inner.clone().position(|x| dark(&picture, x as f32, y)).unwrap();
        let last = inner.clone().rev().position(|x| dark(&picture, x as f32, y)).unwrap();
        let wide = mm(inner.len() - first - last);
        assert!((wide - sizes.char_width).abs() < 0.6, "{form:?}: {wide} mm wide");
        // Down the left upright of every line.
        let x = (width - sizes.char_width * SCALE + sizes.stroke * SCALE) / 2.0;
        let within_frame = 8.0 * SCALE;
        let rows = within_frame as u32..(height - within_frame) as u32;
        let down = dark_runs(rows.map(|y| dark(&picture, x, y as f32)));
        assert_eq!(down.len(), sizes.lines, "{form:?}: {down:?}");
        for high in down {
            assert!((mm(high) - sizes.char_height).abs() < 0.6, "{form:?}: {} mm", mm(high));
        }
    }
}

#[test]
fn grounds_and_inks_have_the_colours_of_their_kind() {
    let brightness = |colour: [u8; 3]| colour.iter().map(|v| u32::from(*v)).sum::<u32>();
    for colour in PlateColour::ALL {
        let dark_ink = matches!(colour, PlateColour::White | PlateColour::Yellow);
        assert_eq!(brightness(ink(colour)) < brightness(ground(colour)), dark_ink, "{colour:?}");
        let plate = Plate::new(Form::CarLong, colour, &["H-H"]).unwrap();
        let picture = plate.render(520).unwrap();
        // Beside the text; and in the middle, where the dash is.
        assert_eq!(picture.get_pixel(60, 55).0, ground(colour), "{colour:?}");
        assert_eq!(picture.get_pixel(260, 55).0, ink(colour), "{colour:?}");
    }
    let [white, yellow, blue, red] = PlateColour::ALL.map(ground);
    assert!(white.iter().all(|value| *value > 220));
    assert!(yellow[0] > 200 && yellow[1] > 150 && yellow[2] < 80);
    assert!(blue[2] > 2 * blue[0] && blue[2] > 2 * blue[1]);
    assert!(red[0] > 150 && red[1] < 60 && red[2] < 60);
}

#[test]
fn only_diplomats_and_international_organisations_have_red_letters() {
    let cases = [
        ("80-011-NG-02", PlateColour::White, true),
        ("80-546-QT-33", PlateColour::White, true),
        ("80-011-CV-02", PlateColour::White, false),
        ("80-011-NN-02", PlateColour::White, false),
        ("61A-123.21", PlateColour::White, false),
        ("NG-12-34", PlateColour::Blue, false),
    ];
    for (line, colour, wanted) in cases {
        let plate = Plate::new(Form::CarLong, colour, &[line]).unwrap();
        let picture = plate.render(520).unwrap();
        let is_red = |[r, g, b]: [u8; 3]| r > 150 && g < 60 && b < 60;
        let has_red = picture.pixels().any(|pixel| is_red(pixel.0));
        assert_eq!(has_red, wanted, "{line}");
    }
    // The number of a head of mission is struck through, its letters are not.
    let lines = ["80-011", "NG-01"];
    let mut plate = Plate::new(Form::CarShort, PlateColour::White, &lines).unwrap();
    let plain = plate.render(330).unwrap();
    plate.struck = true;
    let struck = plate.render(330).unwrap();
    let changed = |range: std::ops::Range<u32>| {
        range
            .flat_map(|x| (0..165).map(move |y| (x, y)))
            .any(|(x, y)| plain.get_pixel(x, y) != struck.get_pixel(x, y))
    };
    assert!(changed(180..330) && !changed(0..160));
}

/// The patterns of the circular: `P` code, `L` letter, `2` second letter, `S` letter of the State, `9`
/// digit, `1` digit but 0; anything else is itself.
fn fits(text: &str, pattern: &str) -> bool {
    let is = |symbol: char, class: char| match class {
        'L' => "ABCDEFGHKLMNPSTUVXYZ".contains(symbol),
        '2' => "ABCDEFGHKLMNPRSTUVXYZ".contains(symbol),
        'S' => "ABCDEFGHKLM".contains(symbol),
        '9' => symbol.is_ascii_digit(),
        '1' => matches!(symbol, '1'..='9'),
        literal => symbol == literal,
    };
    let (text, pattern) = match pattern.split_once('P') {
        None => (text.to_owned(), pattern.to_owned()),
        Some((before, after)) => {
            let Some(code) = text.get(before.len()..before.len() + 2) else { return false };
            if !code.parse().is_ok_and(|code: u8| CODES.contains(&code)) {
                return false;
            }
            (text.replacen(code, "", 1), format!("{before}{after}"))
        }
    };
    text.chars().count() == pattern.chars().count()
        && text.chars().zip(pattern.chars()).all(|(symbol, class)| is(symbol, class))
}

#[test]
fn invented_plates_are_legal_in_every_kind() {
    let special = ["CD", "HC", "KT", "LD", "DA", "MK", "TĐ", "LB"];
    let special: Vec<String> = special.iter().map(|series| format!("P{series} 999.99")).collect();
    let foreign = |digits: &str| -> Vec<String> {
        let series = ["NG", "QT", "CV", "NN"].iter();
        series.map(|series| format!("P-999 {series}-{digits}")).collect()
    };
    let one = |pattern: &str| vec![pattern.to_owned()];
    let patterns = |kind| match kind {
        Kind::Car | Kind::CommercialCar => one("PL 999.99"),
        Kind::CarFourDigits => one("PL 9999"),
        Kind::StateCar => one("PS 999.99"),
        Kind::SpecialCar => special.clone(),
        Kind::Trailer => one("PRM 999.99"),
        Kind::Motorbike => one("P-L2 999.99"),
        Kind::MotorbikeBefore2025 => one("P-L1 999.99"),
        Kind::MotorbikeFourDigits => one("P-L1 9999"),
        Kind::StateMotorbike => one("P-S1 999.99"),
        Kind::ForeignCar => foreign("99"),
        Kind::ForeignMotorbike => foreign("999"),
        Kind::Temporary => one("TP 999.99"),
        Kind::ArmyCar => one("LL 99-99"),
        Kind::ArmyMotorbike => one("LL 999"),
    };
    for kind in Kind::ALL {
        let mut maker = PlateMaker::new(11);
        let mut seen = BTreeSet::new();
        for _ in 0..300 {
            let plate = maker.of(kind);
            assert_eq!(plate.ground(), kind.ground());
            assert!(kind.forms().contains(&plate.form()), "{kind:?}");
            let text = match plate.layout() {
                PlateLayout::TwoLine => plate.printed(),
                // The dash between series and number stands for the end of the line.
                PlateLayout::OneLine => {
                    let line = &plate.lines()[0];
                    let at = match kind {
                        Kind::ForeignCar => 6,
                        Kind::ArmyCar => 2,
                        _ => line.find('-').unwrap(),
                    };
                    format!("{} {}", &line[..at], &line[at + 1..])
                }
            };
            let matches = patterns(kind).iter().any(|pattern| fits(&text, pattern));
            assert!(matches, "{kind:?}: {text}");
            let number =
                plate.normal().trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
            assert!(!number.ends_with("0000"), "{text} is never issued");
            seen.insert(text);
        }
        assert!(seen.len() > 40, "{kind:?} has {} texts only", seen.len());
    }
    // The checker itself knows wrong from right.
    for wrong in ["13A 123.21", "61I 123.21", "61A 12.321", "61A 1232"] {
        assert!(!fits(wrong, "PL 999.99"), "{wrong}");
    }
    assert!(fits("61A 123.21", "PL 999.99"));
    assert_eq!((CODES.len(), CODES[0], CODES[80]), (81, 11, 99));
}

#[test]
fn the_same_seed_makes_the_same_plates_and_the_same_bytes() {
    let plates = |seed| {
        let mut maker = PlateMaker::new(seed);
        (0..50).map(|_| maker.any()).collect::<Vec<_>>()
    };
    assert_eq!(plates(5), plates(5));
    assert_ne!(plates(5), plates(6));
    for plate in plates(7).iter().take(8) {
        assert_eq!(plate.render(200).unwrap(), plate.render(200).unwrap());
    }
}

#[test]
fn the_normal_form_has_no_separators() {
    let cases: [(Form, &[&str], &str, &str); 4] = [
        (Form::CarLong, &["61A-123.21"], "61A12321", "61A-123.21"),
        (Form::Motorbike, &["59-T1", "445.66"], "59T144566", "59-T1 445.66"),
        (Form::CarShort, &["30TĐ", "345.67"], "30TD34567", "30TĐ 345.67"),
        (Form::CarShort, &["80-441", "NG-02"], "80441NG02", "80-441 NG-02"),
    ];
    for (form, lines, normal, printed) in cases {
        let plate = Plate::new(form, PlateColour::White, lines).unwrap();
        assert_eq!((plate.normal().as_str(), plate.printed().as_str()), (normal, printed));
    }
}

#[test]
fn bolts_and_sticker_change_the_picture_and_not_the_text() {
    let plate = PlateMaker::new(2).of(Kind::Motorbike);
    let plain = plate.render(190).unwrap();
    for change in [
        (|p: &mut Plate| p.bolts = Bolts::None) as fn(&mut Plate),
        |p| p.bolts = Bolts::OverCharacters,
        |p| p.sticker = true,
    ] {
        let mut changed = plate.clone();
        change(&mut changed);
        assert_ne!(changed.render(190).unwrap(), plain);
        assert_eq!(changed.normal(), plate.normal());
    }
}

#[test]
fn what_cannot_be_a_plate_is_refused() {
    type Is = fn(&Error) -> bool;
    let cases: [(Form, &[&str], Is, &str); 8] = [
        (Form::CarLong, &[], |e| matches!(e, Error::Lines { .. }), "has 1 lines, not 0"),
        (Form::Motorbike, &["59-T1"], |e| matches!(e, Error::Lines { .. }), "motorbike"),
        (Form::CarLong, &["61A", "1"], |e| matches!(e, Error::Lines { .. }), "car-long"),
        (Form::CarLong, &["61a-1"], |e| matches!(e, Error::Character { .. }), "'a'"),
        (Form::CarLong, &["61 A"], |e| matches!(e, Error::Character { .. }), "' '"),
        (Form::CarLong, &["车"], |e| matches!(e, Error::Character { .. }), "车"),
        (Form::CarShort, &["", "1"], |e| matches!(e, Error::Length { .. }), "\"\""),
        (
            Form::Motorbike,
            &["59-T1", "1234567890"],
            |e| matches!(e, Error::Length { .. }),
            "180 mm",
        ),
    ];
    for (form, lines, is, says) in cases {
        let error = Plate::new(form, PlateColour::White, lines).unwrap_err();
        assert!(is(&error) && error.to_string().contains(says), "{lines:?}: {error}");
    }
    let plate = PlateMaker::new(1).of(Kind::Car);
    for width in [0, 7, 4097, u32::MAX] {
        let error = plate.render(width).unwrap_err();
        assert!(error.to_string().contains("must be 8 to 4096"), "{width}: {error}");
    }
    assert!(plate.render(8).is_ok() && plate.render(4096).is_ok());
}

#[test]
fn every_character_looks_different_from_every_other() {
    let picture = |symbol: char| {
        let line = symbol.to_string();
        Plate::new(Form::CarLong, PlateColour::White, &[&line]).unwrap().render(260).unwrap()
    };
    let symbols = ('0'..='9').chain('A'..='Z').chain(['Đ', '-', '.']);
    let pictures: Vec<(char, RgbImage)> = symbols.map(|symbol| (symbol, picture(symbol))).collect();
    for (at, (a, first)) in pictures.iter().enumerate() {
        for (b, second) in &pictures[at + 1..] {
            // No plate has an O, so nobody ever drew one that is not a zero.
            assert_eq!(first == second, (*a, *b) == ('0', 'O'), "{a} {b}");
        }
    }
}
