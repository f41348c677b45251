//! Any text is a pattern or an error; a pattern finds what it says and is quick about it. Pattern and
//! normal form are the two lines of one input.
#![no_main]

use giaolo_plate::{Pattern, normal_form};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (typed, other) = text.split_once('\n').unwrap_or((text, "61A12345"));
    let Ok(pattern) = Pattern::parse(typed) else { return };
    let normal = normal_form(other);
    let wrong = pattern.wrong_characters(&normal);
    // An answer for a text as it is must not depend on what is allowed beside it.
    for allowed in 0..4 {
        assert_eq!(pattern.matches(&normal, allowed), wrong.is_some_and(|wrong| wrong <= allowed));
    }
    if let Some(length) = pattern.length() {
        assert_eq!(wrong.is_some(), length == normal.chars().count(), "{typed:?} {normal:?}");
    }
    let literals: usize = pattern.literal_runs().iter().map(|run| run.text.chars().count()).sum();
    assert!(literals > 0, "a pattern that fits everything");
    assert!(wrong.is_none_or(|wrong| wrong as usize <= literals));
    if pattern.is_exact() {
        assert_eq!(pattern.wrong_characters(&pattern.glob()), Some(0));
    }
    // What it is written as is read back as the same.
    assert_eq!(Pattern::parse(&pattern.glob()).as_ref(), Ok(&pattern));
});
