//! Any text is a grammar of plates or errors, and any grammar says of any text what plate it may be
//! without falling. Text and plates to try are one input, with a line of `=` between them.
#![no_main]

use giaolo_plate::{Grammar, normal_form};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (file, plates) = text.split_once("\n=\n").unwrap_or((text, "61A12345"));
    let grammar = match Grammar::from_toml(file) {
        Ok(grammar) => grammar,
        Err(errors) => {
            assert!(!errors.to_string().trim().is_empty(), "errors without words");
            return;
        }
    };
    for plate in plates.lines().take(8) {
        let normal = normal_form(plate);
        assert_eq!(normal_form(&normal), normal, "a normal form is its own");
        for found in grammar.recognise(&normal) {
            assert_eq!(normal_form(&found.printed), normal, "printed otherwise than it is");
            assert!(grammar.kind(&found.kind.name).is_some());
        }
    }
});
