//! What all looks of one track say together, and what may be said of it.

mod common;

use common::{guess, look, on, shipped, votes};
use giaolo_domain::{
    PlateColour, PlateLook, PlateReading, PlateVerdict, RoadUserClass, Unreadable,
};

use giaolo_plate::VerdictSettings;

use PlateVerdict::{Doubtful, Sure};
use RoadUserClass::{Car, Motorbike};

fn reading(looks: &[PlateLook], class: Option<RoadUserClass>) -> PlateReading {
    let grammar = shipped();
    votes(looks.iter().cloned()).reading(&grammar, class, &VerdictSettings::default())
}

fn wide(look: PlateLook, width_px: f32) -> PlateLook {
    PlateLook { width_px, ..look }
}

fn codes(reading: &PlateReading) -> Vec<&str> {
    reading.doubts.iter().map(|doubt| doubt.code.as_str()).collect()
}

#[test]
fn a_clear_plate_is_sure() {
    let looks = [look(0, "59-T1/461.01", 0.995), look(1, "59T1/46101", 0.99)];
    let found = reading(&looks, Some(Motorbike));
    assert_eq!((found.verdict, found.doubts.as_slice()), (Sure, &[][..]));
    assert_eq!(found.printed, "59-T1 461.01");
    assert_eq!(found.kind.as_deref(), Some("motorbike-digit"));
    assert_eq!((found.looks, found.votes, found.manual), (2, 2, false));
    assert_eq!(found.raw, "59-T1 461.01");
    assert_eq!(found.best.map(|best| best.at), Some(looks[0].at));
    assert!(found.score > 0.9 && found.characters.iter().all(|c| !c.doubtful && c.score > 0.95));
}

#[test]
fn one_look_has_a_higher_bar() {
    // Good enough twice, not once.
    let one = |frame| look(frame, "61A12345", 0.985);
    assert_eq!(reading(&[one(0), one(1)], Some(Car)).verdict, Sure);
    let single = reading(&[one(0)], Some(Car));
    assert_eq!((single.verdict, codes(&single)), (Doubtful, vec!["plate_improbable"]));
    assert!(!giaolo_plate::is_settled(&single), "a second look may tell");
    assert_eq!(reading(&[look(0, "61A12345", 0.999)], Some(Car)).verdict, Sure);
}

#[test]
fn nothing_is_sure_below_45_pixels_nor_below_60_on_one_line() {
    for (text, width, verdict) in [
        ("61A/12345", 44.9, Doubtful),
        ("61A/12345", 45.0, Sure),
        ("61A12345", 59.9, Doubtful),
        ("61A12345", 60.0, Sure),
    ] {
        let looks: Vec<PlateLook> =
            (0..9).map(|frame| wide(look(frame, text, 0.999), width)).collect();
        let found = reading(&looks, Some(Car));
        assert_eq!(found.verdict, verdict, "{text} at {width}");
    }
    // A wide look that says something else does not lend its width.
    let mut looks: Vec<PlateLook> =
        (0..9).map(|frame| wide(look(frame, "61A12345", 0.999), 40.0)).collect();
    looks.push(look(9, "61A1234", 0.9));
    assert_ne!(reading(&looks, Some(Car)).verdict, Sure);
    let tiny = reading(&[wide(look(0, "61A12345", 0.999), 19.0)], Some(Car));
    assert_eq!(tiny.unreadable, Some(Unreadable::TooSmall));
    assert_eq!((tiny.text.as_str(), tiny.characters.len(), tiny.looks), ("", 0, 1));
}

#[test]
fn the_many_win_over_the_first_and_over_the_longest() {
    let good = |frame| look(frame, "61A12345", 0.97);
    let cases = [
        ("first", vec![look(0, "61A12348", 0.97), good(1), good(2), good(3)]),
        ("longest", vec![good(0), good(1), good(2), look(3, "61A112345", 0.97)]),
        ("shortest", vec![good(0), look(1, "61A1234", 0.97), good(2), good(3)]),
    ];
    for (name, looks) in cases {
        let found = reading(&looks, Some(Car));
        assert_eq!((found.text.as_str(), found.votes), ("61A12345", 3), "{name}");
    }
}

#[test]
fn votes_that_contradict_make_it_doubtful() {
    let looks = [look(0, "61A12345", 0.99), look(1, "61A12348", 0.99)];
    let found = reading(&looks, Some(Car));
    assert_eq!(found.verdict, Doubtful);
    let doubtful: Vec<usize> =
        (0..8).filter(|position| found.characters[*position].doubtful).collect();
    assert_eq!(doubtful, [7]);
    assert!(codes(&found).contains(&"plate_runner_up"), "{:?}", codes(&found));
    let other = if found.text == "61A12345" { "61A12348" } else { "61A12345" };
    assert_eq!(found.alternatives[0].text, other);
    assert!(found.alternatives.iter().all(|other| other.text != found.text));
    // Another length contradicts too.
    let looks = [look(0, "61A12345", 0.99), look(1, "61A1234", 0.99)];
    assert_eq!(reading(&looks, Some(Car)).verdict, Doubtful);
}

#[test]
fn positions_are_combined_across_looks() {
    // Neither look alone has all characters; each is weak somewhere else.
    let mut first = look(0, "61A12345", 0.99);
    guess(&mut first, 0, 7, 0.45, &[('5', 0.4)]);
    first.lines[0].chars[7].symbol = '6';
    let mut second = look(1, "61A12345", 0.99);
    guess(&mut second, 0, 3, 0.45, &[('1', 0.4)]);
    second.lines[0].chars[3].symbol = '7';
    let found = reading(&[first, second], Some(Car));
    assert_eq!((found.text.as_str(), found.votes), ("61A12345", 0));
    assert_eq!(found.verdict, Doubtful);
    assert!(codes(&found).contains(&"plate_never_whole"));
}

#[test]
fn corrections_are_never_sure_and_always_manual() {
    let looks: Vec<PlateLook> = (0..9).map(|frame| look(frame, "61A1234S", 0.999)).collect();
    let found = reading(&looks, Some(Car));
    assert_eq!((found.verdict, found.manual), (Doubtful, true));
    assert_eq!(found.text, "61A12345");
    assert_eq!(found.characters[7].read_as, Some('S'));
    assert!(found.characters[7].doubtful);
    assert_eq!(found.raw, "61A1234S");
    // Most looks read it plainly: then nothing was corrected.
    let mut looks = vec![look(0, "61A1234S", 0.9)];
    looks.extend((1..5).map(|frame| look(frame, "61A12345", 0.995)));
    let found = reading(&looks, Some(Car));
    assert_eq!((found.verdict, found.manual), (Sure, false), "{:?}", found.doubts);
}

#[test]
fn junk_needs_another_look_that_has_none() {
    let with_bolt = |frame| {
        let mut read = look(frame, "161A12345", 0.995);
        guess(&mut read, 0, 0, 0.3, &[]);
        read
    };
    let found = reading(&[with_bolt(0), with_bolt(1), with_bolt(2)], Some(Car));
    assert_eq!((found.text.as_str(), found.verdict), ("61A12345", Doubtful));
    assert_eq!(codes(&found), ["plate_junk"]);
    let clean = |frame| look(frame, "61A12345", 0.995);
    let found = reading(&[with_bolt(0), clean(1), clean(2)], Some(Car));
    assert_eq!((found.verdict, found.votes), (Sure, 3), "{:?}", found.doubts);
}

#[test]
fn what_does_not_fit_is_doubtful() {
    let twice = |one: PlateLook| [one.clone(), PlateLook { at: common::at(1), ..one }];
    let mut cut = look(0, "59T1/46101", 0.999);
    cut.lines[0].cut = true;
    let blue = on(look(0, "59T1/46101", 0.999), PlateColour::Blue);
    let cases = [
        (twice(look(0, "59T1/46101", 0.999)), Car, "plate_other_vehicle"),
        (twice(look(0, "59T146101", 0.999)), Motorbike, "plate_other_layout"),
        (
            twice(on(look(0, "59T1/46101", 0.999), PlateColour::Yellow)),
            Motorbike,
            "plate_other_colour",
        ),
        (twice(blue), Motorbike, "plate_series_letter"),
        (twice(cut), Motorbike, "plate_cut"),
        (twice(on(look(0, "QA1234", 0.999), PlateColour::Red)), Car, "plate_only_colour"),
    ];
    for (looks, class, code) in cases {
        let found = reading(&looks, Some(class));
        assert_eq!(found.verdict, Doubtful, "{code}");
        assert!(codes(&found).contains(&code), "{code}: {:?}", found.doubts);
    }
}

#[test]
fn open_kinds_stay_open() {
    let looks = [look(0, "30LD/12345", 0.999), look(1, "30LD/12345", 0.999)];
    let open = reading(&looks, None);
    assert_eq!((open.text.as_str(), open.kind.as_deref()), ("30LD12345", None));
    assert_eq!(open.alternatives[0].kind, "special");
    assert_eq!(open.alternatives[0].printed, "30LD-123.45");
    let car = reading(&looks, Some(Car));
    assert_eq!((car.kind.as_deref(), car.manual), (Some("special"), true));
    let motorbike = reading(&looks, Some(Motorbike));
    assert_eq!((motorbike.kind.as_deref(), motorbike.manual), (Some("motorbike"), false));
}

#[test]
fn colour_is_the_majoritys() {
    let looks = [
        on(look(0, "61A12345", 0.99), PlateColour::White),
        on(look(1, "61A12345", 0.99), PlateColour::Red),
        on(look(2, "61A12345", 0.99), PlateColour::White),
    ];
    assert_eq!(reading(&looks, Some(Car)).colour, Some(PlateColour::White));
    let tie = reading(&looks[..2], Some(Car));
    assert_eq!((tie.colour, tie.verdict), (None, Sure));
}

#[test]
fn why_it_is_unreadable() {
    let cases = [
        (vec![], Unreadable::NoPlate),
        (vec![look(0, "KARAOKE", 0.99)], Unreadable::NotAPlate),
        (vec![on(look(0, "SAO ĐỎ 125", 0.99), PlateColour::Red)], Unreadable::NotAPlate),
        (vec![on(look(0, "SAO DO 125", 0.99), PlateColour::Red)], Unreadable::NotAPlate),
        (vec![on(look(0, "AB 123", 0.3), PlateColour::Red)], Unreadable::Blurred),
        (vec![look(0, "42T1/46101", 0.99)], Unreadable::Blurred),
        (vec![wide(look(0, "42T1/46101", 0.99), 30.0)], Unreadable::TooSmall),
        (vec![look(0, "59T1/46101", 0.3)], Unreadable::Blurred),
        (vec![wide(look(0, "59T1/46101", 0.3), 40.0)], Unreadable::TooSmall),
    ];
    for (looks, why) in cases {
        let found = reading(&looks, Some(Motorbike));
        assert_eq!((found.verdict, found.unreadable), (PlateVerdict::Unreadable, Some(why)));
        assert_eq!((found.text.as_str(), found.printed.as_str(), found.score), ("", "", 0.0));
        assert_eq!(found.looks as usize, looks.len());
    }
}

#[test]
fn many_looks_stay_few_in_memory_and_all_are_counted() {
    let looks: Vec<PlateLook> = (0..500).map(|frame| look(frame, "61A12345", 0.99)).collect();
    let found = reading(&looks, Some(Car));
    assert_eq!((found.verdict, found.looks, found.votes), (Sure, 500, 48));
}

#[test]
fn four_digits_are_for_a_person_as_a_fifth_may_be_hidden() {
    for (text, class) in [("61A/1234", Car), ("61A1234", Car), ("61B1/2345", Motorbike)] {
        let looks: Vec<PlateLook> = (0..5).map(|frame| look(frame, text, 0.999)).collect();
        let found = reading(&looks, Some(class));
        assert_eq!((found.verdict, found.votes), (Doubtful, 5), "{text}");
        assert!(codes(&found).contains(&"plate_four_digits"), "{text}: {:?}", codes(&found));
        assert!(found.characters.iter().all(|c| !c.doubtful), "each digit itself was read well");
        assert!(giaolo_plate::is_settled(&found), "more looks would not tell");
    }
}
