//! The one way to write a manifest's JSON, so that equal facts are equal bytes on every machine.
//!
//! UTF-8, two spaces of indent, keys in the order of their bytes, no key twice, a line feed at the
//! end. Strings escape only what JSON requires. Numbers are integers, or the shortest decimal that
//! reads back as the same double, never with an exponent: that rule needs no library's float
//! printer, so a manifest of today verifies with the program of ten years on.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Number, Value};

/// `value` in canonical form.
///
/// # Errors
/// Where serde cannot write it. A number that is not finite becomes `null`, as in all JSON; callers
/// read back what they wrote and compare.
pub(crate) fn to_bytes(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    // Through text: an f32 is written as its own shortest decimal (0.9), not as that of the double
    // next to it (0.8999999761581421).
    let text = serde_json::to_string(value)?;
    Ok(of_value(&serde_json::from_str(&text)?))
}

/// A JSON value in canonical form.
pub(crate) fn of_value(value: &Value) -> Vec<u8> {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out.push('\n');
    out.into_bytes()
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                new_line(out, position, depth + 1);
                write_value(out, item, depth + 1);
            }
            close(out, ']', depth);
        }
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
            out.push('{');
            for (position, (key, item)) in entries.into_iter().enumerate() {
                new_line(out, position, depth + 1);
                write_string(out, key);
                out.push_str(": ");
                write_value(out, item, depth + 1);
            }
            close(out, '}', depth);
        }
    }
}

fn new_line(out: &mut String, position: usize, depth: usize) {
    out.push_str(if position == 0 { "\n" } else { ",\n" });
    out.extend(std::iter::repeat_n("  ", depth));
}

fn close(out: &mut String, bracket: char, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
    out.push(bracket);
}

fn write_number(out: &mut String, number: &Number) {
    // Writing to a String cannot fail.
    let _ = match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(n), _, _) => write!(out, "{n}"),
        (_, Some(n), _) => write!(out, "{n}"),
        (_, _, Some(n)) => write!(out, "{n}"),
        (None, None, None) => write!(out, "{number}"),
    };
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_sorted_and_numbers_have_one_spelling() {
        let cases = [
            (r#"{"b":1,"a":2}"#, "{\n  \"a\": 2,\n  \"b\": 1\n}\n"),
            ("[1.0, 1e2, 0.10, -0.0, 2e-7]", "[\n  1,\n  100,\n  0.1,\n  -0,\n  0.0000002\n]\n"),
            ("1e21", "1000000000000000000000\n"),
            ("18446744073709551615", "18446744073709551615\n"),
            (r#""\u0001\u0111\/""#, "\"\\u0001đ/\"\n"),
            ("[[],{}]", "[\n  [],\n  {}\n]\n"),
        ];
        for (input, expected) in cases {
            let value: Value = serde_json::from_str(input).unwrap();
            assert_eq!(String::from_utf8(of_value(&value)).unwrap(), expected);
        }
    }

    #[test]
    fn single_precision_keeps_its_own_shortest_decimal() {
        assert_eq!(to_bytes(&0.9f32).unwrap(), b"0.9\n");
        assert_eq!(to_bytes(&16_777_216f32).unwrap(), b"16777216\n");
    }

    proptest! {
        #[test]
        fn every_float_reads_back_as_itself(bits in any::<u64>(), single in any::<u32>()) {
            let (double, single) = (f64::from_bits(bits), f32::from_bits(single));
            if double.is_finite() {
                let bytes = to_bytes(&double).unwrap();
                prop_assert_eq!(serde_json::from_slice::<f64>(&bytes).unwrap().to_bits(), double.to_bits());
                let again: Value = serde_json::from_slice(&bytes).unwrap();
                prop_assert_eq!(of_value(&again), bytes);
            }
            if single.is_finite() {
                let bytes = to_bytes(&single).unwrap();
                prop_assert_eq!(serde_json::from_slice::<f32>(&bytes).unwrap().to_bits(), single.to_bits());
            }
        }

        #[test]
        fn every_text_reads_back_as_itself(text in any::<String>()) {
            let bytes = to_bytes(&text).unwrap();
            prop_assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), text);
        }
    }
}
