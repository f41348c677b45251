//! The shipped grammar: what it recognises, how it prints, and what mistakes in its file are told.

mod common;

use common::shipped;
use giaolo_plate::{Grammar, InterpretationSettings};

#[test]
fn normal_forms_are_recognised_as_all_their_kinds() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("61A12345", &[("car", "61A-123.45"), ("motorbike-digit", "61-A1 2345")]),
        ("61A1234", &[("car", "61A-1234")]),
        ("61B12345", &[("car", "61B-123.45"), ("motorbike-digit", "61-B1 2345")]),
        ("30AB26659", &[("motorbike", "30-AB 266.59")]),
        ("59T146101", &[("motorbike-digit", "59-T1 461.01")]),
        ("30LD12345", &[("motorbike", "30-LD 123.45"), ("special", "30LD-123.45")]),
        ("30RM12345", &[("special", "30RM-123.45")]),
        ("51R1234", &[("special", "51R-1234")]),
        ("61RA12345", &[]),
        ("29MD12345", &[("motorbike", "29-MD 123.45"), ("electric-motorbike", "29-MD 123.45")]),
        ("29MD112345", &[("electric-motorbike", "29-MD1 123.45")]),
        ("T8023588", &[("temporary", "T80 235.88")]),
        ("80441NG02", &[("foreign-car", "80-441-NG-02")]),
        ("29121NN101", &[("foreign-motorbike", "29-121 NN-101")]),
        ("AB1234", &[("army", "AB-12-34")]),
        ("AB123", &[("army", "AB 123")]),
        ("QAX1234", &[("army", "QAX-12-34")]),
        ("AB1234RM", &[("army", "AB-12-34RM")]),
        // Numbering runs from 000.01.
        ("61A00000", &[]),
        ("61A00001", &[("car", "61A-000.01")]),
        ("61A0000", &[]),
        ("30AB00000", &[]),
        // A code that was never allocated.
        ("13A12345", &[]),
        ("00A12345", &[]),
        // Letters that occur nowhere.
        ("61I12345", &[]),
        ("61O12345", &[]),
        ("61B02345", &[("car", "61B-023.45")]),
        // Nothing is corrected here.
        ("6IA12345", &[]),
        ("61A1234O", &[]),
        ("", &[]),
        ("61A0123456", &[]),
        ("0912345678", &[]),
        ("61a12345", &[]),
        ("61Đ12345", &[]),
    ];
    let grammar = shipped();
    for (normal, kinds) in cases {
        let found = grammar.recognise(normal);
        let found: Vec<(&str, &str)> =
            found.iter().map(|m| (m.kind.name.as_str(), m.printed.as_str())).collect();
        assert_eq!(&found, kinds, "{normal}");
    }
}

#[test]
fn codes_and_their_holders() {
    let grammar = shipped();
    assert_eq!(grammar.provinces().count(), 81);
    let found = grammar.recognise("61A12345");
    let province = found[0].province.unwrap();
    assert_eq!(province.before, "Bình Dương");
    assert_eq!(province.since, "Thành phố Hồ Chí Minh");
    for unused in ["13", "42", "44", "45", "46", "87", "91", "96"] {
        assert!(grammar.province(unused).is_none(), "{unused}");
    }
}

#[test]
fn the_shipped_thresholds_of_interpretation_are_the_programs_own() {
    let grammar = shipped();
    assert_eq!(grammar.interpretation_settings(), &InterpretationSettings::default());
}

/// A small grammar without a mistake.
const SMALL: &str = r##"
[letters]
series = "ABCD"
[words]
special = ["LD"]
[colour_letters]
blue = "AB"
[[kind]]
name = "car"
vi = "xe ô tô"
en = "car"
colours = ["white"]
layouts = ["one-line", "two-line"]
sizes_mm = [[520, 110]]
vehicles = ["car"]
forms = ["{code}{series}-|###.##"]
[confusion.digit]
0 = { O = 0.6 }
[confusion.letter]
D = { 0 = 0.5 }
[interpretation]
junk_below = 0.5
[verdict]
sure_width_px = 45
calibration = [[0.0, 0.0], [1.0, 0.9]]
[code]
61 = { before = "Bình Dương", since = "Thành phố Hồ Chí Minh" }
"##;

#[test]
fn a_small_grammar_is_one() {
    let grammar = Grammar::from_toml(SMALL).unwrap();
    assert_eq!(grammar.recognise("61A12345")[0].printed, "61A-123.45");
    assert_eq!(grammar.interpretation_settings().junk_below, 0.5);
    assert_eq!(grammar.verdict_settings().sure_width_px, 45.0);
}

#[test]
fn mistakes_name_the_key_and_what_would_be_right() {
    // what is replaced, by what, the key named, what the message says
    let cases = [
        ("series = \"ABCD\"", "series = \"\"", "letters.series", "the set is empty"),
        ("series = \"ABCD\"", "series = \"ABCA\"", "letters.series", "`A` stands there twice"),
        ("series = \"ABCD\"", "series = \"ABc\"", "letters.series", "`c` is neither"),
        ("series = \"ABCD\"", "series = \"AB12\"", "letters.series", "mixes letters and digits"),
        ("series = \"ABCD\"", "series = 3", "letters.series", "found `3`"),
        ("series = \"ABCD\"", "series = \"ABCD\"\ncode = \"AB\"", "letters.code", "choose another"),
        ("series = \"ABCD\"", "series = \"ABCD\"\nX1 = \"AB\"", "letters.X1", "small letters"),
        ("special = [\"LD\"]", "special = [\"LD\", \"LD\"]", "words.special", "twice"),
        ("special = [\"LD\"]", "special = [\"l\"]", "words.special", "no word of 1 to 4"),
        ("special = [\"LD\"]", "special = []", "words.special", "empty"),
        ("special = [\"LD\"]", "series = [\"LD\"]", "words.series", "under `letters`"),
        (
            "blue = \"AB\"",
            "green = \"AB\"",
            "colour_letters.green",
            "known are white, yellow, blue, red",
        ),
        ("name = \"car\"", "", "kind[1].name", "it is missing"),
        ("name = \"car\"", "name = \"Car!\"", "kind.Car!.name", "small letters"),
        ("vi = \"xe ô tô\"", "vi = \" \"", "kind.car.vi", "empty"),
        (
            "colours = [\"white\"]",
            "colours = [\"green\"]",
            "kind.car.colours",
            "white, yellow, blue, red",
        ),
        ("colours = [\"white\"]", "colours = []", "kind.car.colours", "the list is empty"),
        ("colours = [\"white\"]", "colors = [\"white\"]", "kind.car.colors", "not known here"),
        (
            "layouts = [\"one-line\", \"two-line\"]",
            "layouts = [\"two\"]",
            "kind.car.layouts",
            "one-line, two-line",
        ),
        ("sizes_mm = [[520, 110]]", "sizes_mm = [[520, 11]]", "kind.car.sizes_mm", "50 to 1000"),
        (
            "vehicles = [\"car\"]",
            "vehicles = [\"pedestrian\"]",
            "kind.car.vehicles",
            "carries no plate",
        ),
        (
            "vehicles = [\"car\"]",
            "vehicles = [\"tank\"]",
            "kind.car.vehicles",
            "motorbike, car, bus, truck",
        ),
        ("-|###.##\"", "-###.##\"", "kind.car.forms", "with `|` where line 1"),
        ("-|###.##\"", "-|##|#.##\"", "kind.car.forms", "two `|`"),
        ("{code}{series}-|###.##", "|{code}{series}-###.##", "kind.car.forms", "at an end"),
        ("{series}", "{serial}", "kind.car.forms", "known are code, series, special"),
        ("{series}", "{series", "kind.car.forms", "without its `}`"),
        ("{series}", "{code}", "kind.car.forms", "`{code}` twice"),
        ("{series}", "a", "kind.car.forms", "has `a`, which is neither"),
        ("-|###.##", "-|#", "kind.car.forms", "has 4 characters"),
        ("-|###.##", "-|#########.#", "kind.car.forms", "has 13 characters"),
        ("{code}{series}-|###.##", "AB{series}-|CDA", "kind.car.forms", "no digit"),
        (
            "[\"{code}{series}-|###.##\"]",
            "[\"{code}{series}-|###.##\", \"{code}{series}|#####\"]",
            "kind.car.forms",
            "repeats",
        ),
        (
            "0 = { O = 0.6 }",
            "0 = { 8 = 0.6 }",
            "confusion.digit.0.8",
            "one valid plate into another",
        ),
        ("0 = { O = 0.6 }", "0 = { O = 1.6 }", "confusion.digit.0.O", "1.6 is not a weight"),
        ("0 = { O = 0.6 }", "A = { O = 0.6 }", "confusion.digit.A", "one digit"),
        ("0 = { O = 0.6 }", "0 = { OO = 0.6 }", "confusion.digit.0.OO", "one other letter"),
        ("D = { 0 = 0.5 }", "D = 0.5", "confusion.letter.D", "has to be a table"),
        ("junk_below = 0.5", "junk_below = 1.5", "interpretation.junk_below", "from 0 to 1"),
        (
            "junk_below = 0.5",
            "max_corrections = 9",
            "interpretation.max_corrections",
            "from 0 to 4",
        ),
        (
            "junk_below = 0.5",
            "junk_characters = \"1-\"",
            "interpretation.junk_characters",
            "`-` does not",
        ),
        ("sure_width_px = 45", "sure_width_px = nan", "verdict.sure_width_px", "NaN is not"),
        (
            "sure_width_px = 45",
            "sure_width_px = 10",
            "verdict.least_width_px",
            "above `sure_width_px`",
        ),
        (
            "sure_width_px = 45",
            "sure_with_px = 45",
            "verdict.sure_with_px",
            "known are sure_width_px",
        ),
        ("[1.0, 0.9]", "[0.0, 0.9]", "verdict.calibration", "have to rise"),
        ("61 = {", "6 = {", "code.6", "two digits"),
        (
            "since = \"Thành phố Hồ Chí Minh\"",
            "after = \"x\"",
            "code.61.after",
            "known are before, since",
        ),
        ("[colour_letters]", "[colours]", "colours", "not known here"),
        ("[letters]", "[letters", "file", "not TOML"),
        (
            "[code]\n61 = { before = \"Bình Dương\", since = \"Thành phố Hồ Chí Minh\" }",
            "",
            "code",
            "missing",
        ),
    ];
    for (old, new, key, says) in cases {
        assert!(SMALL.contains(old), "the case replaces nothing: {old}");
        let errors = Grammar::from_toml(&SMALL.replacen(old, new, 1)).unwrap_err();
        let found = errors.0.iter().any(|p| p.key == key && p.message.contains(says));
        assert!(found, "{new}: {errors}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = SMALL
        .replace("colours = [\"white\"]", "colours = [\"green\"]")
        .replace("junk_below", "junk_under")
        .replace("[1.0, 0.9]", "[1.0, 9.0]")
        .replace("61 =", "x61 =");
    let errors = Grammar::from_toml(&text).unwrap_err();
    let keys: Vec<&str> = errors.0.iter().map(|problem| problem.key.as_str()).collect();
    let expected =
        ["code.x61", "kind.car.colours", "interpretation.junk_under", "verdict.calibration"];
    assert_eq!(keys, expected, "{errors}");
    assert!(errors.to_string().starts_with("the plate grammar has 4 mistake(s): `code.x61`: "));
}

#[test]
fn what_is_no_grammar_at_all() {
    let long = "#".repeat((1 << 20) + 1);
    for (text, key) in [("", "letters"), ("\u{0}", "file"), (long.as_str(), "file")] {
        let errors = Grammar::from_toml(text).unwrap_err();
        assert_eq!(errors.0[0].key, key);
    }
}
