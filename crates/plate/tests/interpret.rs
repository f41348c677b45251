//! What single looks mean: as read, guessed, corrected, with junk, misfitting.

mod common;

use common::{guess, look, on, shipped};
use giaolo_domain::{PlateColour, PlateLook, RoadUserClass};
use giaolo_plate::{Interpretation, Misfit};

use RoadUserClass::{Bus, Car, Motorbike};

fn best(look: &PlateLook, class: Option<RoadUserClass>) -> Interpretation {
    let found = shipped().interpret(look, class);
    found.into_iter().next().unwrap_or_else(|| panic!("{look:?} means nothing"))
}

#[test]
fn plain_looks_are_what_was_read() {
    let cases = [
        ("61A-123.45", Some(Car), "car", "61A-123.45"),
        ("51F15585", Some(Bus), "car", "51F-155.85"),
        ("51G/76766", Some(Car), "car", "51G-767.66"),
        ("59-T1/461.01", Some(Motorbike), "motorbike-digit", "59-T1 461.01"),
        ("59-t1/461.01", Some(RoadUserClass::Bicycle), "motorbike-digit", "59-T1 461.01"),
        ("30-AB/266.59", Some(Motorbike), "motorbike", "30-AB 266.59"),
        // The lines tell a car from an old motorbike.
        ("61B/123.45", None, "car", "61B-123.45"),
        ("61-B1/2345", None, "motorbike-digit", "61-B1 2345"),
        // The vehicle tells a new motorbike from a special series.
        ("30LD/12345", Some(Car), "special", "30LD-123.45"),
        ("30-LD/123.45", Some(Motorbike), "motorbike", "30-LD 123.45"),
        ("80-441/NG-02", Some(Car), "foreign-car", "80-441-NG-02"),
        ("29-121/NN-101", Some(Motorbike), "foreign-motorbike", "29-121 NN-101"),
        ("T80/23588", Some(Motorbike), "temporary", "T80 235.88"),
        ("29-MĐ1/123.45", Some(Motorbike), "electric-motorbike", "29-MD1 123.45"),
    ];
    for (text, class, kind, printed) in cases {
        let best = best(&look(0, text, 0.95), class);
        assert_eq!((best.kind.as_str(), best.printed.as_str()), (kind, printed), "{text}");
        assert!(best.is_plain(), "{text}: {best:?}");
    }
}

#[test]
fn manual_lane() {
    let cases = [
        ("AB1234", Some(PlateColour::Red), true),
        ("80441NG02", None, true),
        ("T80/23588", None, true),
        ("61LD12345", Some(PlateColour::White), true),
        ("61A12345", Some(PlateColour::White), false),
        // A corrected reading goes to a person.
        ("61A1234S", Some(PlateColour::White), true),
        ("61A12345", Some(PlateColour::Red), true),
    ];
    for (text, colour, manual) in cases {
        let look = PlateLook { colour, ..look(0, text, 0.9) };
        assert_eq!(best(&look, Some(Car)).manual, manual, "{text} {colour:?}");
    }
}

#[test]
fn army_plates_are_taken_on_red_only() {
    let grammar = shipped();
    for colour in [None, Some(PlateColour::White), Some(PlateColour::Blue)] {
        let look = PlateLook { colour, ..look(0, "AB1234", 0.95) };
        assert_eq!(grammar.interpret(&look, Some(Car)), [], "{colour:?}");
    }
    assert_eq!(best(&on(look(0, "AB1234", 0.95), PlateColour::Red), Some(Car)).kind, "army");
    // Painted on a red body, a text would be made a plate by one or two corrections.
    for painted in ["ABI234", "SAO DO 125", "SAO D0 125"] {
        let look = on(look(0, painted, 0.99), PlateColour::Red);
        assert_eq!(grammar.interpret(&look, None), [], "{painted}");
    }
}

#[test]
fn corrections_keep_what_was_read_and_only_a_share_of_its_score() {
    // read, meant, position, read there
    let cases = [
        ("6IA12345", "61A12345", 1, 'I'),
        ("61A1234O", "61A12340", 7, 'O'),
        ("61012345", "61D12345", 2, '0'),
        ("61812345", "61B12345", 2, '8'),
        ("S9T1/46101", "59T146101", 0, 'S'),
        ("59TI/46101", "59T146101", 3, 'I'),
    ];
    for (read, meant, position, read_as) in cases {
        let class = if read.contains('/') { Motorbike } else { Car };
        let best = best(&look(0, read, 0.95), Some(class));
        assert_eq!(best.text, meant, "{read}");
        assert_eq!(best.characters[position].read_as, Some(read_as), "{read}");
        assert!(best.characters[position].score < 0.7 && best.manual, "{read}: {best:?}");
        let others = best.characters.iter().enumerate().filter(|(at, _)| *at != position);
        assert!(others.map(|(_, c)| c).all(|c| c.read_as.is_none() && c.score > 0.9), "{read}");
    }
}

#[test]
fn too_many_corrections_are_no_plate() {
    for text in ["6IAI23OS", "TOYOTA12", "SONGHONG", "II0I2345"] {
        assert_eq!(shipped().interpret(&look(0, text, 0.95), None), [], "{text}");
    }
}

#[test]
fn the_recognisers_own_guess_comes_before_the_table() {
    let mut read = look(0, "61A1234S", 0.95);
    guess(&mut read, 0, 7, 0.5, &[('8', 0.4), ('5', 0.05)]);
    let found = shipped().interpret(&read, Some(Car));
    let texts: Vec<&str> = found.iter().map(|i| i.text.as_str()).take(2).collect();
    assert_eq!(texts, ["61A12348", "61A12345"]);
    assert_eq!(found[0].characters[7].score, 0.4);
    assert_eq!(found[0].characters[7].read_as, Some('S'));
    assert_eq!(found[0].characters[7].others, [('5', 0.05)]);
}

#[test]
fn the_fourth_character_of_a_motorbike_is_not_forced() {
    let mut read = look(0, "59TB/46101", 0.95);
    guess(&mut read, 0, 3, 0.55, &[('8', 0.4)]);
    let found = shipped().interpret(&read, Some(Motorbike));
    let both: Vec<(&str, &str)> =
        found.iter().take(2).map(|i| (i.text.as_str(), i.kind.as_str())).collect();
    assert_eq!(both, [("59TB46101", "motorbike"), ("59T846101", "motorbike-digit")]);
    assert!(found[0].score > found[1].score && found[1].score > 0.2);
    // A letter that was surely read stays one: the other kind gets what it leaves over.
    let sure = shipped().interpret(&look(0, "59TB/46101", 0.99), Some(Motorbike));
    assert_eq!(sure[0].text, "59TB46101");
    assert!(sure[1..].iter().all(|other| other.score < 0.02), "{sure:?}");
}

#[test]
fn a_badly_read_character_at_an_end_may_be_junk() {
    // read, line and place of the junk, its score, meant
    let cases = [
        ("161A12345", (0, 0), 0.4, Some("61A12345")),
        ("61A12345I", (0, 8), 0.4, Some("61A12345")),
        ("59T1I/46101", (0, 4), 0.3, Some("59T146101")),
        ("59T1/146101", (1, 0), 0.5, Some("59T146101")),
        // Bolts and edges are never read as this.
        ("59T1/W46101", (1, 0), 0.3, None),
        // Well read, it stands there, and then this is no plate.
        ("I61A12345", (0, 0), 0.9, None),
        ("59T1/146101", (1, 0), 0.9, None),
    ];
    for (text, (line, position), score, meant) in cases {
        let mut read = look(0, text, 0.95);
        guess(&mut read, line, position, score, &[]);
        let class = if text.contains('/') { Motorbike } else { Car };
        let found = shipped().interpret(&read, Some(class));
        let best = found.first().filter(|best| best.misfits.is_empty());
        assert_eq!(best.map(|best| best.text.as_str()), meant, "{text} {score}: {found:?}");
        assert_eq!(best.map(|best| best.dropped.is_some()), meant.map(|_| true));
    }
}

#[test]
fn misfits_are_named_and_cost_score() {
    let plain = best(&look(0, "59T1/46101", 0.95), Some(Motorbike)).score;
    let cases = [
        (look(0, "59T1/46101", 0.95), Some(Car), Misfit::Vehicle),
        (look(0, "59T146101", 0.95), Some(Motorbike), Misfit::Layout),
        (on(look(0, "59T1/46101", 0.95), PlateColour::Yellow), Some(Motorbike), Misfit::Colour),
        (on(look(0, "59T1/46101", 0.95), PlateColour::Blue), Some(Motorbike), Misfit::SeriesLetter),
    ];
    for (look, class, misfit) in cases {
        let found = best(&look, class);
        assert_eq!((found.text.as_str(), found.misfits.as_slice()), ("59T146101", &[misfit][..]));
        assert!(found.score < plain, "{misfit:?}");
    }
    let blue = best(&on(look(0, "30A1/26659", 0.95), PlateColour::Blue), Some(Motorbike));
    assert!(blue.misfits.is_empty());
}

#[test]
fn a_gap_tells_a_merged_character() {
    // 61-B1 234.45 whose two 4 were read as one, which leaves the gap between 3 and 5.
    let mut merged = look(0, "61B1/2345", 0.95);
    for (read, at) in merged.lines[1].chars.iter_mut().zip([0.1, 0.3, 0.6, 0.9]) {
        read.at = at;
    }
    merged.lines[0].chars.iter_mut().zip([0.1, 0.3, 0.6, 0.9]).for_each(|(read, at)| read.at = at);
    merged.lines[1].chars[2].at = 0.5;
    let found = best(&merged, Some(Motorbike));
    assert_eq!((found.text.as_str(), found.misfits.as_slice()), ("61B12345", &[Misfit::Gap][..]));
    // The dot of a five-digit number is such a gap too, where it is printed.
    let mut dotted = look(0, "61B1/23445", 0.95);
    dotted.lines[1]
        .chars
        .iter_mut()
        .zip([0.08, 0.25, 0.42, 0.71, 0.88])
        .for_each(|(read, at)| read.at = at);
    assert!(best(&dotted, Some(Motorbike)).is_plain());
}

#[test]
fn a_number_off_centre_tells_a_lost_digit() {
    // Places of the four digits over their pitch beside the middle of line 1; gone at the right end
    // of 61-B1 234.56 or at the left end of 61-B1 823.45.
    for (pitches, plain) in [(0.0, true), (0.38, true), (-0.5, false), (0.5, false)] {
        let mut read = look(0, "61B1/2345", 0.95);
        read.lines[1].corners.iter_mut().for_each(|corner| corner.x += pitches * 18.0);
        let found = best(&read, Some(Motorbike));
        assert_eq!(found.misfits.is_empty(), plain, "{pitches}: {:?}", found.misfits);
    }
    // Five digits cannot have lost one.
    let mut read = look(0, "61B1/23456", 0.95);
    read.lines[1].corners.iter_mut().for_each(|corner| corner.x += 10.0);
    assert!(best(&read, Some(Motorbike)).is_plain());
}

#[test]
fn a_cut_line_is_never_plain() {
    let mut cut = look(0, "61B1/2345", 0.95);
    cut.lines[1].cut = true;
    assert_eq!(best(&cut, Some(Motorbike)).misfits, [Misfit::Cut]);
}

#[test]
fn missing_characters_are_not_filled_in() {
    for text in ["59T1/461", "61A123", "61A", "59/46101", "", "/", "61A1?345"] {
        assert_eq!(shipped().interpret(&look(0, text, 0.95), None), [], "{text}");
    }
}
