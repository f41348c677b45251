//! What people type to find plates: `61A-123.45`, `61?1 234*`.
//!
//! `?` is one character, `*` any number of them, separators do not count. The store uses
//! [`Pattern::literal_runs`] to find an index and [`Pattern::wrong_characters`] to check what it found.

use thiserror::Error;

use crate::characters::{CharSet, normal_character};

/// Longest pattern, in characters without separators; the longest plate has 11.
const MAX_LENGTH: usize = 20;
/// Longest text that is looked at, in characters with separators.
const MAX_TYPED: usize = 100;

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Literal(char),
    /// One character.
    Any,
    /// Any number of characters, none among them. Never two in a row.
    Run,
}

/// What to look for among normal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    elements: Vec<Element>,
}

/// Literal characters that stand together in a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralRun {
    /// The characters.
    pub text: String,
    /// Characters before it, where the pattern fixes them: no `*` stands before it.
    pub from_start: Option<usize>,
    /// Characters behind it, where the pattern fixes them: no `*` stands behind it.
    pub from_end: Option<usize>,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Nothing but separators.
    #[error("the plate to look for is empty; give one like 61A-123.45 or 61?1 234*")]
    Empty,
    /// Too many characters.
    #[error(
        "the plate to look for has {0} characters; at most {MAX_LENGTH} are taken, and a plate has at most 12"
    )]
    TooLong(usize),
    /// A character that is on no plate.
    #[error(
        "`{0}` is on no plate; use letters, digits, `?` for one character and `*` for any number of them"
    )]
    IllegalCharacter(char),
    /// Only `*` and `?`.
    #[error(
        "the pattern names no character, it would find every plate; give at least one letter or digit"
    )]
    NoLiteral,
}

impl Pattern {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`PatternError`] says which character or what length is wrong.
    pub fn parse(typed: &str) -> Result<Self, PatternError> {
        let count = typed.chars().count();
        if count > MAX_TYPED {
            return Err(PatternError::TooLong(count));
        }
        let mut elements: Vec<Element> = Vec::new();
        for symbol in typed.chars().filter_map(normal_character) {
            let element = match symbol {
                '?' => Element::Any,
                '*' => Element::Run,
                _ if !CharSet::of(symbol).is_empty() => Element::Literal(symbol),
                _ => return Err(PatternError::IllegalCharacter(symbol)),
            };
            if element != Element::Run || elements.last() != Some(&Element::Run) {
                elements.push(element);
            }
        }
        if elements.is_empty() {
            return Err(PatternError::Empty);
        }
        if elements.len() > MAX_LENGTH {
            return Err(PatternError::TooLong(elements.len()));
        }
        if !elements.iter().any(|element| matches!(element, Element::Literal(_))) {
            return Err(PatternError::NoLiteral);
        }
        Ok(Self { elements })
    }

    /// Least number of literal characters that `normal`, a normal form, has otherwise than the
    /// pattern; `None` where it cannot be laid on the pattern at all. Characters are only exchanged,
    /// never added or taken away.
    pub fn wrong_characters(&self, normal: &str) -> Option<u32> {
        let text: Vec<char> = normal.chars().collect();
        // `cost[n]`: least number of wrong characters with which the elements so far take n characters.
        let mut cost: Vec<Option<u32>> = vec![None; text.len() + 1];
        cost[0] = Some(0);
        for element in &self.elements {
            let mut next: Vec<Option<u32>> = vec![None; text.len() + 1];
            match element {
                Element::Run => {
                    let mut least = None;
                    for (taken, before) in cost.iter().enumerate() {
                        least = lower(least, *before);
                        next[taken] = least;
                    }
                }
                Element::Any => {
                    next[1..].copy_from_slice(&cost[..text.len()]);
                }
                Element::Literal(symbol) => {
                    for taken in 1..=text.len() {
                        let wrong = u32::from(text[taken - 1] != *symbol);
                        next[taken] = cost[taken - 1].map(|before| before + wrong);
                    }
                }
            }
            cost = next;
        }
        cost[text.len()]
    }

    /// Whether `normal` is found where so many literal characters may be wrong.
    pub fn matches(&self, normal: &str, wrong_allowed: u32) -> bool {
        self.wrong_characters(normal).is_some_and(|wrong| wrong <= wrong_allowed)
    }

    /// Whether it has no wildcard: exactly one normal form, [`Self::glob`], is found.
    pub fn is_exact(&self) -> bool {
        self.elements.iter().all(|element| matches!(element, Element::Literal(_)))
    }

    /// The length of every normal form found, where no `*` leaves it open.
    pub fn length(&self) -> Option<usize> {
        (!self.elements.contains(&Element::Run)).then_some(self.elements.len())
    }

    /// The runs of literal characters from left to right, at least one.
    pub fn literal_runs(&self) -> Vec<LiteralRun> {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < self.elements.len() {
            let text: String = self.elements[at..]
                .iter()
                .map_while(|element| match element {
                    Element::Literal(symbol) => Some(*symbol),
                    Element::Any | Element::Run => None,
                })
                .collect();
            if text.is_empty() {
                at += 1;
                continue;
            }
            // Literals are ASCII, so bytes are characters.
            let end = at + text.len();
            runs.push(LiteralRun {
                text,
                from_start: fixed_length(&self.elements[..at]),
                from_end: fixed_length(&self.elements[end..]),
            });
            at = end;
        }
        runs
    }

    /// The pattern for SQLite's `GLOB`, over normal forms.
    pub fn glob(&self) -> String {
        self.written("?", "*")
    }

    /// The pattern for SQL's `LIKE`, over normal forms.
    pub fn like(&self) -> String {
        self.written("_", "%")
    }

    fn written(&self, any: &str, run: &str) -> String {
        let mut text = String::with_capacity(self.elements.len());
        for element in &self.elements {
            match element {
                Element::Literal(symbol) => text.push(*symbol),
                Element::Any => text.push_str(any),
                Element::Run => text.push_str(run),
            }
        }
        text
    }
}

fn lower(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

fn fixed_length(elements: &[Element]) -> Option<usize> {
    (!elements.contains(&Element::Run)).then_some(elements.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let cases = [
            ("61A-123.45", "61A12345", true),
            ("61?1 234*", "61?1234*", false),
            ("  29-mđ1 * ", "29MD1*", false),
            ("**61**", "*61*", false),
            ("*.*.61", "*61", false),
            ("t80 235.88", "T8023588", true),
        ];
        for (typed, glob, exact) in cases {
            let pattern = Pattern::parse(typed).unwrap();
            assert_eq!(pattern.glob(), glob, "{typed}");
            assert_eq!(pattern.is_exact(), exact, "{typed}");
            assert_eq!(pattern.like(), glob.replace('?', "_").replace('*', "%"));
        }
    }

    #[test]
    fn what_is_no_pattern() {
        let long = "6".repeat(21);
        let endless = " ".repeat(101);
        let cases = [
            ("", PatternError::Empty),
            (" .-. ", PatternError::Empty),
            ("*", PatternError::NoLiteral),
            ("***", PatternError::NoLiteral),
            ("?*?", PatternError::NoLiteral),
            ("61%", PatternError::IllegalCharacter('%')),
            ("61[AB]", PatternError::IllegalCharacter('[')),
            ("61É1", PatternError::IllegalCharacter('É')),
            (&long, PatternError::TooLong(21)),
            (&endless, PatternError::TooLong(101)),
        ];
        for (typed, error) in cases {
            assert_eq!(Pattern::parse(typed).unwrap_err(), error, "{typed:?}");
        }
    }

    #[test]
    fn wrong_characters_are_counted_at_literals_only() {
        let cases = [
            ("61A12345", "61A12345", Some(0)),
            ("61A12345", "61A12346", Some(1)),
            ("61A12345", "61A1234", None),
            ("61A12345", "61A123456", None),
            ("61?1234*", "61B123456", Some(0)),
            ("61?1234*", "61B1234", Some(0)),
            ("61?1234*", "62B123456", Some(1)),
            ("61?1234*", "61B123", None),
            ("*461*", "59T146101", Some(0)),
            ("*462*", "59T146101", Some(1)),
            ("*5", "61A12345", Some(0)),
            ("6*5", "5", None),
            ("6*5", "65", Some(0)),
            ("6?", "", None),
        ];
        for (pattern, text, wrong) in cases {
            assert_eq!(
                Pattern::parse(pattern).unwrap().wrong_characters(text),
                wrong,
                "{pattern} {text}"
            );
        }
        let pattern = Pattern::parse("61A12345").unwrap();
        assert!(pattern.matches("61A12346", 1) && !pattern.matches("61A12346", 0));
    }

    #[test]
    fn literal_runs_say_what_an_index_may_use() {
        let run = |text: &str, from_start, from_end| LiteralRun {
            text: text.to_owned(),
            from_start,
            from_end,
        };
        let cases = [
            ("61A12345", Some(8), vec![run("61A12345", Some(0), Some(0))]),
            ("61?1234*", None, vec![run("61", Some(0), None), run("1234", Some(3), None)]),
            ("*345", None, vec![run("345", None, Some(0))]),
            ("6*?4?", None, vec![run("6", Some(0), None), run("4", None, Some(1))]),
            ("?1*2*", None, vec![run("1", Some(1), None), run("2", None, None)]),
            ("??A?", Some(4), vec![run("A", Some(2), Some(1))]),
        ];
        for (typed, length, runs) in cases {
            let pattern = Pattern::parse(typed).unwrap();
            assert_eq!(pattern.literal_runs(), runs, "{typed}");
            assert_eq!(pattern.length(), length, "{typed}");
        }
    }
}
