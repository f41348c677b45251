//! The grammar's file, `configs/plates.toml`: TOML text in, a checked [`Grammar`] or all mistakes out.
//!
//! What this module lets through is what the rest of the crate relies on without asking again.

mod kinds;
mod section;
mod thresholds;

use std::collections::BTreeMap;

use giaolo_domain::PlateColour;
use thiserror::Error;

use crate::characters::CharSet;
use crate::grammar::{Confusion, Grammar, Province};
use section::{Problems, Section};

/// The longest text that is taken for a grammar, in bytes. Ours has some 15 KiB.
const MAX_BYTES: usize = 1 << 20;
const FILE_KEYS: &[&str] = &[
    "letters",
    "words",
    "colour_letters",
    "kind",
    "confusion",
    "interpretation",
    "verdict",
    "code",
];

/// One mistake in the grammar's file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{key}`: {message}")]
pub struct GrammarProblem {
    /// The key's path (`kind.car.forms`), or the file's place for what is not even TOML.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// All mistakes of the grammar's file, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the plate grammar has {} mistake(s): {}", .0.len(), listed(.0))]
pub struct GrammarErrors(pub Vec<GrammarProblem>);

fn listed(problems: &[GrammarProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Sets and lists that forms refer to.
pub(crate) struct Names {
    pub(crate) letters: BTreeMap<String, CharSet>,
    pub(crate) words: BTreeMap<String, Vec<String>>,
}

impl Grammar {
    /// Reads the grammar's file.
    ///
    /// # Errors
    /// Every mistake at once; only where the text is no TOML are mistakes of meaning not told yet.
    pub fn from_toml(text: &str) -> Result<Self, GrammarErrors> {
        let mut problems = Problems::default();
        if text.len() > MAX_BYTES {
            problems
                .add("file", format!("it has {} bytes, a grammar at most {MAX_BYTES}", text.len()));
            return Err(problems.into_errors());
        }
        let document: toml::Table = match text.trim_start_matches('\u{feff}').parse() {
            Ok(document) => document,
            Err(error) => {
                problems.add(
                    "file",
                    format!("not TOML: {}", error.to_string().trim().replace('\n', " ")),
                );
                return Err(problems.into_errors());
            }
        };
        let root = Section::root(&document);
        root.only(FILE_KEYS, &mut problems);
        let grammar = read(&root, &mut problems);
        if problems.is_empty() { Ok(grammar) } else { Err(problems.into_errors()) }
    }
}

fn read(root: &Section<'_>, problems: &mut Problems) -> Grammar {
    let names = names(root, problems);
    let colour_letters = colour_letters(root, problems);
    let provinces = provinces(root, problems);
    let (kinds, forms) = kinds::read(root, &names, problems);
    let confusion = confusion(root, problems);
    let interpretation = thresholds::interpretation(root, problems);
    let verdict = thresholds::verdict(root, problems);
    Grammar { kinds, forms, provinces, colour_letters, confusion, interpretation, verdict }
}

fn names(root: &Section<'_>, problems: &mut Problems) -> Names {
    let mut names = Names { letters: BTreeMap::new(), words: BTreeMap::new() };
    if let Some(section) =
        root.table("letters", "one set of characters a line: `series = \"ABC\"`", problems)
    {
        for name in section.keys() {
            check_name(&section, name, problems);
            let set = section.required::<String>(name, "a text of letters or digits", problems);
            if let Some(set) = set.and_then(|text| character_set(&section, name, &text, problems)) {
                names.letters.insert(name.to_owned(), set);
            }
        }
    }
    if let Some(section) =
        root.optional_table("words", "lists of words: `special = [\"CD\", \"RM\"]`", problems)
    {
        for name in section.keys() {
            check_name(&section, name, problems);
            if names.letters.contains_key(name) {
                section.problem(
                    name,
                    "the same name stands under `letters`; give one of them another",
                    problems,
                );
            }
            let Some(words) = section.required::<Vec<String>>(name, "a list of words", problems)
            else {
                continue;
            };
            if words.is_empty() {
                section.problem(name, "the list is empty; give it a word or take it out", problems);
            }
            for word in &words {
                if word.is_empty()
                    || word.len() > 4
                    || !word.chars().all(|c| c.is_ascii_uppercase())
                {
                    section.problem(
                        name,
                        format!("`{}` is no word of 1 to 4 letters A to Z", section::clipped(word)),
                        problems,
                    );
                }
            }
            if let Some(twice) = repeated(&words) {
                section.problem(
                    name,
                    format!("`{}` stands there twice", section::clipped(twice)),
                    problems,
                );
            }
            names.words.insert(name.to_owned(), words);
        }
    }
    names
}

fn check_name(section: &Section<'_>, name: &str, problems: &mut Problems) {
    let letters = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if name.is_empty() || !letters {
        section.problem(name, "a name has small letters a to z and `_` only", problems);
    }
    if name == "code" {
        section.problem(name, "`code` is the name of the province codes; choose another", problems);
    }
}

/// A set of characters of one sort, each named once.
fn character_set(
    section: &Section<'_>,
    key: &str,
    text: &str,
    problems: &mut Problems,
) -> Option<CharSet> {
    let mut set = CharSet::default();
    for symbol in text.chars() {
        let one = CharSet::of(symbol);
        if one.is_empty() {
            section.problem(
                key,
                format!("`{symbol}` is neither a letter A to Z nor a digit"),
                problems,
            );
            return None;
        }
        if set.contains(symbol) {
            section.problem(key, format!("`{symbol}` stands there twice"), problems);
        }
        set = set.with(one);
    }
    if set.is_empty() {
        section.problem(key, "the set is empty; give its characters", problems);
        return None;
    }
    if !set.is_digits() && text.chars().any(|c| c.is_ascii_digit()) {
        section.problem(
            key,
            "it mixes letters and digits; corrections need to know which a position holds, so make two sets and two forms",
            problems,
        );
        return None;
    }
    Some(set)
}

fn repeated(words: &[String]) -> Option<&String> {
    words
        .iter()
        .enumerate()
        .find(|(index, word)| words[..*index].contains(word))
        .map(|(_, word)| word)
}

fn colour_letters(root: &Section<'_>, problems: &mut Problems) -> BTreeMap<PlateColour, CharSet> {
    let mut letters = BTreeMap::new();
    let Some(section) =
        root.optional_table("colour_letters", "a set of letters by colour", problems)
    else {
        return letters;
    };
    let known = PlateColour::ALL.map(PlateColour::as_str);
    section.only(&known, problems);
    for colour in PlateColour::ALL {
        let Some(text) = section.optional::<String>(colour.as_str(), "a text of letters", problems)
        else {
            continue;
        };
        if let Some(set) = character_set(&section, colour.as_str(), &text, problems) {
            letters.insert(colour, set);
        }
    }
    letters
}

fn provinces(root: &Section<'_>, problems: &mut Problems) -> BTreeMap<String, Province> {
    let mut provinces = BTreeMap::new();
    let wanted = "the codes in use: `61 = { before = \"…\", since = \"…\" }`";
    let Some(section) = root.table("code", wanted, problems) else { return provinces };
    if section.keys().next().is_none() {
        root.problem("code", format!("it is empty; give {wanted}"), problems);
    }
    for code in section.keys() {
        if code.len() != 2 || !code.chars().all(|c| c.is_ascii_digit()) {
            section.problem(code, "a province code has two digits", problems);
            continue;
        }
        let wanted = "`{ before = \"…\", since = \"…\" }`";
        let Some(holders) = section.table(code, wanted, problems) else { continue };
        holders.only(&["before", "since"], problems);
        let before = holders.words("before", problems);
        let since = holders.words("since", problems);
        if let (Some(before), Some(since)) = (before, since) {
            provinces.insert(code.to_owned(), Province { before, since });
        }
    }
    provinces
}

fn confusion(root: &Section<'_>, problems: &mut Problems) -> Confusion {
    let mut confusion = Confusion::default();
    let Some(section) =
        root.optional_table("confusion", "the tables `digit` and `letter`", problems)
    else {
        return confusion;
    };
    section.only(&["digit", "letter"], problems);
    for (name, is_right, table) in [
        ("digit", char::is_ascii_digit as fn(&char) -> bool, &mut confusion.digit),
        ("letter", char::is_ascii_uppercase as fn(&char) -> bool, &mut confusion.letter),
    ] {
        let wanted = "by the right character what is read instead: `0 = { O = 0.6 }`";
        let Some(rights) = section.optional_table(name, wanted, problems) else { continue };
        for right in rights.keys() {
            let Some(symbol) = single(right).filter(is_right) else {
                rights.problem(
                    right,
                    format!("a key is one {name}, the right character"),
                    problems,
                );
                continue;
            };
            let Some(reads) = rights.table(right, "what is read instead: `{ O = 0.6 }`", problems)
            else {
                continue;
            };
            for read in reads.keys() {
                let wanted = "a weight above 0 and up to 1";
                let Some(weight) = reads.required::<f32>(read, wanted, problems) else { continue };
                let Some(read_as) =
                    single(read).filter(|c| !CharSet::of(*c).is_empty() && *c != symbol)
                else {
                    reads.problem(
                        read,
                        "what is read instead is one other letter A to Z or digit",
                        problems,
                    );
                    continue;
                };
                if name == "digit" && read_as.is_ascii_digit() {
                    reads.problem(
                        read,
                        "a digit instead of a digit would turn one valid plate into another; take it out",
                        problems,
                    );
                } else if !(weight > 0.0 && weight <= 1.0) {
                    reads.problem(read, format!("{weight} is not {wanted}"), problems);
                } else {
                    table.entry(read_as).or_default().push((symbol, weight));
                }
            }
        }
    }
    confusion
}

fn single(key: &str) -> Option<char> {
    let mut characters = key.chars();
    characters.next().filter(|_| characters.next().is_none())
}
