//! How a pattern is looked up among the distinct plates without reading them all.
//!
//! A plate without wildcards is a few equalities. One wrong character in it is an equality for each
//! place and each other character: some three hundred, each a step into the index of texts. With
//! wildcards, the most telling literal run becomes a range of one of six indexes; with one wrong
//! character beside wildcards, each literal in turn becomes `?`, so that the rest stays literal.

/// Characters of a normal form.
const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Texts that are written out rather than found by a range.
const MOST_TEXTS: usize = 700;
/// Sorts after every character of a normal form.
const AFTER_ALL: char = '~';
/// What a run must narrow, in bits, to be worth an index: a digit is 3.3.
const LEAST_TELLING: f32 = 3.0;

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// This character.
    Literal(char),
    /// Any one character.
    One,
    /// Any number of any characters.
    Many,
}

/// One question to the table of plates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// These texts.
    Texts(Vec<String>),
    /// Texts like `like` whose `column` is at least `from` and before `until`.
    Range { column: &'static str, from: String, until: String, like: String },
    /// Texts like this, among all of them.
    Scan { like: String },
}

/// Questions that together find every plate that fits a pattern (`?` one, `*` any characters).
pub(crate) fn exact_probes(glob: &str) -> Vec<Probe> {
    vec![probe(&elements(glob))]
}

/// Questions that find every plate that fits with exactly one literal character wrong, and some
/// that fit without.
pub(crate) fn one_wrong_probes(glob: &str) -> Vec<Probe> {
    let pattern = elements(glob);
    let wrong = |place: usize| {
        let mut pattern = pattern.clone();
        pattern[place] = Element::One;
        pattern
    };
    let literals: Vec<usize> =
        (0..pattern.len()).filter(|&p| matches!(pattern[p], Element::Literal(_))).collect();
    if pattern.len() == literals.len() && literals.len() * ALPHABET.len() <= MOST_TEXTS {
        return vec![Probe::Texts(
            literals.into_iter().flat_map(|p| written_out(&wrong(p))).collect(),
        )];
    }
    literals.into_iter().map(|place| probe(&wrong(place))).collect()
}

fn elements(glob: &str) -> Vec<Element> {
    glob.chars()
        .map(|c| match c {
            '?' => Element::One,
            '*' => Element::Many,
            literal => Element::Literal(literal),
        })
        .collect()
}

fn probe(pattern: &[Element]) -> Probe {
    let wildcards = pattern.iter().filter(|e| !matches!(e, Element::Literal(_)));
    let ones = wildcards.clone().filter(|e| **e == Element::One).count();
    if wildcards.count() == ones && ones <= 1 {
        return Probe::Texts(written_out(pattern));
    }
    let like: String = pattern
        .iter()
        .map(|element| match element {
            Element::Literal(c) => *c,
            Element::One => '_',
            Element::Many => '%',
        })
        .collect();
    let from_end: Vec<Element> = pattern.iter().rev().copied().collect();
    // Where the text before a run has a known length, the run has a known place.
    let candidates = [
        ("text", run_at(pattern, 0), 0),
        ("substr(text, 3)", run_at(pattern, 2), 2),
        ("substr(text, 4)", run_at(pattern, 3), 3),
        ("substr(text, 5)", run_at(pattern, 4), 4),
        ("substr(text, 6)", run_at(pattern, 5), 5),
        ("reversed", run_at(&from_end, 0), usize::MAX),
    ];
    let best = candidates
        .into_iter()
        .map(|(column, run, place)| (telling(&run, place), column, run))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((bits, column, from)) if bits >= LEAST_TELLING => {
            Probe::Range { column, until: format!("{from}{AFTER_ALL}"), from, like }
        }
        _ => Probe::Scan { like },
    }
}

/// The literal run that begins at a place, where everything before it is one character wide.
fn run_at(pattern: &[Element], place: usize) -> String {
    if place >= pattern.len() || pattern[..place].contains(&Element::Many) {
        return String::new();
    }
    let literal = |element: &Element| match element {
        Element::Literal(c) => Some(*c),
        Element::One | Element::Many => None,
    };
    pattern[place..].iter().map_while(literal).collect()
}

/// About how many bits a run narrows. A town's plates share their first two characters.
fn telling(run: &str, place: usize) -> f32 {
    run.chars()
        .enumerate()
        .map(|(index, c)| match place.saturating_add(index) {
            0 | 1 => 0.2,
            _ if c.is_ascii_digit() => 3.3,
            _ => 4.3,
        })
        .sum()
}

/// Every text that a pattern with at most one `?` stands for.
fn written_out(pattern: &[Element]) -> Vec<String> {
    let with = |any: char| -> String {
        pattern
            .iter()
            .map(|element| match element {
                Element::Literal(c) => *c,
                Element::One | Element::Many => any,
            })
            .collect()
    };
    if pattern.contains(&Element::One) {
        ALPHABET.chars().map(with).collect()
    } else {
        vec![with('?')]
    }
}
