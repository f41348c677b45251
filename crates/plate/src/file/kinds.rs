//! The entries `[[kind]]`: what a kind is, and its written forms made concrete.

use giaolo_domain::{PlateColour, PlateLayout, RoadUserClass};

use crate::characters::{CharSet, is_separator};
use crate::form::Form;
use crate::grammar::Kind;

use super::Names;
use super::section::{Problems, Section, clipped};

const KIND_KEYS: &[&str] = &[
    "name",
    "vi",
    "en",
    "colours",
    "layouts",
    "sizes_mm",
    "vehicles",
    "forms",
    "manual",
    "colour_decides",
];
/// Characters in a plate's normal form: fewer say too little, no plate has more.
const LENGTH: (usize, usize) = (5, 12);
/// Sides of a plate in millimetres.
const SIZE_MM: (u32, u32) = (50, 1000);
/// Concrete forms that one written form may unfold into; two lists of words multiply.
const MAX_UNFOLDED: usize = 200;

pub(super) fn read(
    root: &Section<'_>,
    names: &Names,
    problems: &mut Problems,
) -> (Vec<Kind>, Vec<Form>) {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut forms: Vec<Form> = Vec::new();
    let Some(entries) =
        root.required::<Vec<toml::Table>>("kind", "the kinds of plates as `[[kind]]`", problems)
    else {
        return (kinds, forms);
    };
    if entries.is_empty() {
        root.problem("kind", "there is none; give at least one `[[kind]]`", problems);
    }
    for (index, entry) in entries.iter().enumerate() {
        let name = entry.get("name").and_then(toml::Value::as_str);
        let path = match name {
            Some(name) => format!("kind.{}", clipped(name)),
            None => format!("kind[{}]", index + 1),
        };
        let section = Section::at(path, entry);
        section.only(KIND_KEYS, problems);
        let kind = kind(&section, problems);
        if name.is_some_and(|name| kinds.iter().any(|known| known.name == name)) {
            section.problem(
                "name",
                "another kind has the same name; give one of them another",
                problems,
            );
        }
        let two_lines = kind.layouts.contains(&PlateLayout::TwoLine);
        read_forms(&section, kinds.len(), two_lines, names, &mut forms, problems);
        kinds.push(kind);
    }
    (kinds, forms)
}

fn kind(section: &Section<'_>, problems: &mut Problems) -> Kind {
    let name = section.words("name", problems).unwrap_or_default();
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        section.problem(
            "name",
            "a kind's name has small letters a to z, digits and `-` only",
            problems,
        );
    }
    let sizes_mm: Vec<(u32, u32)> =
        list(section, "sizes_mm", "a list of [width, height] in millimetres", problems);
    for (width, height) in &sizes_mm {
        let sides = SIZE_MM.0..=SIZE_MM.1;
        if !sides.contains(width) || !sides.contains(height) {
            let message =
                format!("[{width}, {height}] has a side outside {} to {} mm", SIZE_MM.0, SIZE_MM.1);
            section.problem("sizes_mm", message, problems);
        }
    }
    let vehicles: Vec<RoadUserClass> =
        list(section, "vehicles", "a list of motorbike, car, bus, truck", problems);
    if let Some(without) = vehicles
        .iter()
        .find(|class| matches!(class, RoadUserClass::Pedestrian | RoadUserClass::Bicycle))
    {
        section.problem(
            "vehicles",
            format!("a {without} carries no plate; choose among motorbike, car, bus, truck"),
            problems,
        );
    }
    let colours: Vec<PlateColour> =
        list(section, "colours", "a list of white, yellow, blue, red", problems);
    let layouts: Vec<PlateLayout> =
        list(section, "layouts", "a list of one-line, two-line", problems);
    let flag = "true or false";
    Kind {
        name,
        vi: section.words("vi", problems).unwrap_or_default(),
        en: section.words("en", problems).unwrap_or_default(),
        colours,
        layouts,
        sizes_mm,
        vehicles,
        manual: section.optional("manual", flag, problems).unwrap_or(false),
        colour_decides: section.optional("colour_decides", flag, problems).unwrap_or(false),
    }
}

/// A list with at least one entry.
fn list<T: serde::de::DeserializeOwned>(
    section: &Section<'_>,
    key: &str,
    wanted: &str,
    problems: &mut Problems,
) -> Vec<T> {
    let entries: Option<Vec<T>> = section.required(key, wanted, problems);
    if entries.as_ref().is_some_and(Vec::is_empty) {
        section.problem(key, format!("the list is empty; give {wanted}"), problems);
    }
    entries.unwrap_or_default()
}

fn read_forms(
    section: &Section<'_>,
    kind: usize,
    two_lines: bool,
    names: &Names,
    forms: &mut Vec<Form>,
    problems: &mut Problems,
) {
    let written: Vec<String> =
        list(section, "forms", "a list of forms like \"{code}{series}-|###.##\"", problems);
    for text in &written {
        match unfold(text, kind, two_lines, names) {
            Ok(concrete) => {
                for form in concrete {
                    if forms.iter().any(|known| known.kind == kind && known.slots == form.slots) {
                        let message = format!(
                            "`{}` repeats what another form of this kind says",
                            clipped(text)
                        );
                        section.problem("forms", message, problems);
                        break;
                    }
                    forms.push(form);
                }
            }
            Err(problem) => {
                section.problem("forms", format!("`{}` {problem}", clipped(text)), problems)
            }
        }
    }
}

/// A written form as concrete ones, or what is wrong with it.
fn unfold(text: &str, kind: usize, two_lines: bool, names: &Names) -> Result<Vec<Form>, String> {
    let mut unfolding = vec![Unfolding::default()];
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        rest = &rest[symbol.len_utf8()..];
        match symbol {
            '{' => {
                let Some((name, behind)) = rest.split_once('}') else {
                    return Err("has a `{` without its `}`".to_owned());
                };
                rest = behind;
                unfolding = place(name, unfolding, names)?;
            }
            '#' => push_all(&mut unfolding, CharSet::DIGITS, false),
            '|' => {
                for form in &mut unfolding {
                    if form.first_line.replace(form.slots.len()).is_some() {
                        return Err("has two `|`; line 1 ends once".to_owned());
                    }
                }
            }
            _ if is_separator(symbol) => {
                for form in &mut unfolding {
                    form.pending.push(symbol);
                }
            }
            _ if !CharSet::of(symbol).is_empty() => {
                push_all(&mut unfolding, CharSet::of(symbol), false)
            }
            _ => {
                return Err(format!(
                    "has `{symbol}`, which is neither #, {{name}}, |, a letter A to Z, a digit nor a separator"
                ));
            }
        }
    }
    unfolding.into_iter().map(|form| form.finish(kind, two_lines)).collect()
}

/// What `{name}` stands for, put behind each of the forms so far.
fn place(
    name: &str,
    mut unfolding: Vec<Unfolding>,
    names: &Names,
) -> Result<Vec<Unfolding>, String> {
    if name == "code" {
        for form in &mut unfolding {
            if form.code_at.replace(form.slots.len()).is_some() {
                return Err("has `{code}` twice".to_owned());
            }
        }
        push_all(&mut unfolding, CharSet::DIGITS, false);
        push_all(&mut unfolding, CharSet::DIGITS, false);
        return Ok(unfolding);
    }
    if let Some(set) = names.letters.get(name) {
        push_all(&mut unfolding, *set, !set.is_digits());
        return Ok(unfolding);
    }
    let Some(words) = names.words.get(name) else {
        let known: Vec<&str> =
            names.letters.keys().chain(names.words.keys()).map(String::as_str).collect();
        return Err(format!("names `{{{}}}`; known are code, {}", clipped(name), known.join(", ")));
    };
    if unfolding.len() * words.len() > MAX_UNFOLDED {
        return Err(format!(
            "unfolds into more than {MAX_UNFOLDED} forms; use shorter lists of words"
        ));
    }
    let mut unfolded = Vec::with_capacity(unfolding.len() * words.len());
    for form in &unfolding {
        for word in words {
            let mut form = form.clone();
            word.chars().for_each(|symbol| form.push(CharSet::of(symbol), false));
            unfolded.push(form);
        }
    }
    Ok(unfolded)
}

fn push_all(unfolding: &mut [Unfolding], set: CharSet, series: bool) {
    for form in unfolding {
        form.push(set, series);
    }
}

/// A concrete form on its way.
#[derive(Clone, Default)]
struct Unfolding {
    slots: Vec<CharSet>,
    between: Vec<String>,
    /// Separators since the last position.
    pending: String,
    code_at: Option<usize>,
    first_line: Option<usize>,
    series_at: Option<usize>,
}

impl Unfolding {
    fn push(&mut self, set: CharSet, series: bool) {
        if series && self.series_at.is_none() {
            self.series_at = Some(self.slots.len());
        }
        self.slots.push(set);
        self.between.push(std::mem::take(&mut self.pending));
    }

    fn finish(mut self, kind: usize, two_lines: bool) -> Result<Form, String> {
        let length = self.slots.len();
        if !(LENGTH.0..=LENGTH.1).contains(&length) {
            return Err(format!(
                "has {length} characters, a plate has {} to {}",
                LENGTH.0, LENGTH.1
            ));
        }
        match self.first_line {
            None if two_lines => {
                return Err(
                    "does not say with `|` where line 1 of a two-line plate ends".to_owned()
                );
            }
            Some(end) if end == 0 || end == length => {
                return Err("has its `|` at an end; both lines need characters".to_owned());
            }
            _ => {}
        }
        let to = self.slots.iter().rposition(|slot| slot.is_digits()).map_or(0, |last| last + 1);
        if to == 0 {
            return Err("has no digit".to_owned());
        }
        let run = self.slots[..to].iter().rev().take_while(|slot| slot.is_digits()).count();
        // A number does not reach back over the end of line 1, where a code or a series digit stands.
        let from = (to - run).max(self.first_line.filter(|end| *end < to).unwrap_or(0));
        self.between.push(std::mem::take(&mut self.pending));
        Ok(Form {
            kind,
            slots: self.slots,
            between: self.between,
            code_at: self.code_at,
            first_line: self.first_line,
            number: (from, to),
            series_at: self.series_at,
        })
    }
}
