//! The shipped grammar: what it recognises, how it prints, and what mistakes in its file are told.

use giaolo_plate::{Grammar, VerdictSettings};

fn shipped() -> Grammar {
    Grammar::from_toml(include_str!("../../../configs/plates.toml"))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

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
fn the_file_says_what_the_program_would_take_without_it() {
    assert_eq!(
        shipped().verdict_settings(),
        &VerdictSettings {
            calibration: shipped().verdict_settings().calibration.clone(),
            ..VerdictSettings::default()
        }
    );
}
