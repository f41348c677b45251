//! The grammar: kinds of plates, province codes, and which normal forms are which kind.

use std::collections::BTreeMap;

use giaolo_domain::{PlateColour, PlateLayout, RoadUserClass};

use crate::characters::CharSet;
use crate::form::Form;
use crate::settings::{InterpretationSettings, VerdictSettings};

/// A kind of plate.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Its name in the grammar (`motorbike-digit`).
    pub name: String,
    /// Its words on Vietnamese screens.
    pub vi: String,
    /// Its words on English screens.
    pub en: String,
    /// The grounds it is issued with.
    pub colours: Vec<PlateColour>,
    /// How its characters may stand.
    pub layouts: Vec<PlateLayout>,
    /// Width and height of the metal, in millimetres.
    pub sizes_mm: Vec<(u32, u32)>,
    /// Road users that carry it.
    pub vehicles: Vec<RoadUserClass>,
    /// Whether a person decides whatever was read.
    pub manual: bool,
    /// Whether it is only taken where its colour was measured.
    pub colour_decides: bool,
}

/// Who holds a province code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Province {
    /// Before 1 July 2025.
    pub before: String,
    /// Since 1 July 2025.
    pub since: String,
}

/// A kind that a normal form may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Match<'g> {
    /// The kind.
    pub kind: &'g Kind,
    /// The text as it is printed on such a plate.
    pub printed: String,
    /// How many characters stand on line 1 where the plate has two lines.
    pub first_line: Option<usize>,
    /// Where the owner was registered; `None` for kinds without a province code.
    pub province: Option<&'g Province>,
}

/// What may be confused with what, by what a position holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Confusion {
    /// By the character read: the digits it may be, with weights.
    pub(crate) digit: BTreeMap<char, Vec<(char, f32)>>,
    /// By the character read: the letters it may be, with weights.
    pub(crate) letter: BTreeMap<char, Vec<(char, f32)>>,
}

/// The grammar of plates, read from `configs/plates.toml` by [`Grammar::from_toml`].
#[derive(Clone, Debug, PartialEq)]
pub struct Grammar {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) forms: Vec<Form>,
    /// By the code's two digits.
    pub(crate) provinces: BTreeMap<String, Province>,
    /// Letters that alone may begin a series on such a ground.
    pub(crate) colour_letters: BTreeMap<PlateColour, CharSet>,
    pub(crate) confusion: Confusion,
    pub(crate) interpretation: InterpretationSettings,
    pub(crate) verdict: VerdictSettings,
}

impl Grammar {
    /// The normal form of a text: see [`crate::normal_form`].
    pub fn normal_form(text: &str) -> String {
        crate::normal_form(text)
    }

    /// The kinds that an exact normal form may be, in the grammar's order; empty where it is no plate.
    ///
    /// Nothing is corrected here: `61AI2345` is no plate.
    pub fn recognise(&self, normal: &str) -> Vec<Match<'_>> {
        let text: Vec<char> = normal.chars().collect();
        let mut matches: Vec<Match<'_>> = Vec::new();
        for form in &self.forms {
            if !self.allows(form, &text) {
                continue;
            }
            let kind = self.kind_of(form);
            let printed = form.print(&text);
            if matches.iter().any(|found| found.kind.name == kind.name && found.printed == printed)
            {
                continue;
            }
            let province = form.code_at.and_then(|at| self.province_at(&text, at));
            matches.push(Match { kind, printed, first_line: form.first_line, province });
        }
        matches
    }

    /// All kinds, in the grammar's order.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// Who holds a province code (`61`).
    pub fn province(&self, code: &str) -> Option<&Province> {
        self.provinces.get(code)
    }

    /// The province codes in use, rising, with their holders.
    pub fn provinces(&self) -> impl Iterator<Item = (&str, &Province)> {
        self.provinces.iter().map(|(code, province)| (code.as_str(), province))
    }

    /// When a reading may be called what, as the grammar's file says.
    pub fn verdict_settings(&self) -> &VerdictSettings {
        &self.verdict
    }

    /// How one look is interpreted, as the grammar's file says.
    pub fn interpretation_settings(&self) -> &InterpretationSettings {
        &self.interpretation
    }

    pub(crate) fn kind_of(&self, form: &Form) -> &Kind {
        &self.kinds[form.kind]
    }

    /// Whether `text` is exactly of this form.
    pub(crate) fn allows(&self, form: &Form, text: &[char]) -> bool {
        form.slots.len() == text.len()
            && form.slots.iter().zip(text).all(|(slot, symbol)| slot.contains(*symbol))
            && form.code_at.is_none_or(|at| self.province_at(text, at).is_some())
            && !form.is_zero(text)
    }

    fn province_at(&self, text: &[char], at: usize) -> Option<&Province> {
        let code: String = text.get(at..at + 2)?.iter().collect();
        self.provinces.get(&code)
    }

    /// Whether `tens` and `units` are a province code in use.
    pub(crate) fn is_code(&self, tens: char, units: char) -> bool {
        self.provinces.contains_key([tens, units].iter().collect::<String>().as_str())
    }

    /// Whether a ground of this colour forbids `text`'s series letter.
    pub(crate) fn colour_forbids(&self, form: &Form, text: &[char], colour: PlateColour) -> bool {
        let Some(letters) = self.colour_letters.get(&colour) else { return false };
        let series = form.series_at.and_then(|at| text.get(at));
        series.is_some_and(|letter| !letters.contains(*letter))
    }

    /// What a position may really be where `read` was read and is forbidden: characters of `slot`
    /// with the share of the read's score that each keeps.
    pub(crate) fn corrections(
        &self,
        slot: CharSet,
        read: char,
    ) -> impl Iterator<Item = (char, f32)> + '_ {
        let table = if slot.is_digits() { &self.confusion.digit } else { &self.confusion.letter };
        let listed = table.get(&read).map_or(&[][..], Vec::as_slice);
        listed.iter().copied().filter(move |(symbol, _)| slot.contains(*symbol))
    }
}
