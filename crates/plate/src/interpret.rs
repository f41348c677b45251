//! What one look may mean: the recogniser's characters laid on the grammar's forms, position by
//! position, best first.
//!
//! At a position the character read stands where the form allows it; beside it stand the recogniser's
//! own further guesses; only where the form forbids all of them does the confusion table propose a
//! correction, which keeps what was read and only a share of its score, and never on a plate that only
//! its ground tells. No character is ever added.
//! One character at the end of a line may be taken for a bolt, a dot or the frame's edge, if it was
//! read badly.

mod lines;

use std::collections::BTreeMap;

use giaolo_domain::{
    ClassGroup, PlateChar, PlateColour, PlateLayout, PlateLook, ReadChar, RoadUserClass,
};

use crate::characters::CharSet;
use crate::form::Form;
use crate::grammar::{Grammar, Kind};
pub(crate) use lines::normal_lines;
use lines::{Reading, has_gap, is_off_centre};

/// Interpretations kept of one look.
const MOST: usize = 24;
/// Partial texts followed at once; a province code alone has up to 36 with six guesses a character.
const BEAM: usize = 48;

/// One thing that a look may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpretation {
    /// The normal form.
    pub text: String,
    /// As it is printed on a plate of this kind.
    pub printed: String,
    /// The kind's name in the grammar.
    pub kind: String,
    /// The characters, each with its score and what was read instead where it was corrected.
    pub characters: Vec<PlateChar>,
    /// Product of the characters' scores and of the factors for misfits and junk, 0 to 1.
    pub score: f32,
    /// Whether a person decides: the kind asks for it, or something was corrected.
    pub manual: bool,
    /// The character taken for junk.
    pub dropped: Option<Dropped>,
    /// What else speaks against it.
    pub misfits: Vec<Misfit>,
}

impl Interpretation {
    /// Whether any character is not the one that was read.
    pub fn is_corrected(&self) -> bool {
        self.characters.iter().any(|character| character.read_as.is_some())
    }

    /// Whether it is exactly what was read, and nothing speaks against it.
    pub fn is_plain(&self) -> bool {
        !self.is_corrected() && self.dropped.is_none() && self.misfits.is_empty()
    }
}

/// A character that was taken for a bolt, a dot or the frame's edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropped {
    /// What was read.
    pub symbol: char,
    /// How sure the recogniser was of it, 0 to 1.
    pub score: f32,
}

/// Something that speaks against a kind of plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// Vehicles of this class carry no such plate.
    Vehicle,
    /// The kind has no plates of this layout.
    Layout,
    /// The kind has no plates of this colour.
    Colour,
    /// A ground of this colour forbids the series letter.
    SeriesLetter,
    /// A character may have been lost: two stand too far apart (recognisers merge equal neighbours), or
    /// a number of four digits does not stand under the middle of the line above it.
    Gap,
    /// A line reaches to the edge of what was looked at: characters may be missing.
    Cut,
}

/// Where a character of an interpretation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was read.
    Read,
    /// The recogniser named it among its other guesses.
    Other,
    /// The confusion table proposes it.
    Table,
}

/// A character that may stand at a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) symbol: char,
    pub(crate) score: f32,
    pub(crate) source: Source,
}

/// A look laid on one form.
#[derive(Clone, Debug)]
pub(crate) struct Laid {
    /// Index of the form.
    pub(crate) form: usize,
    /// What was read at each position.
    pub(crate) read: Vec<char>,
    /// What may stand at each position, best first, never empty.
    pub(crate) choices: Vec<Vec<Choice>>,
    pub(crate) dropped: Option<Dropped>,
    pub(crate) misfits: Vec<Misfit>,
    /// Factor on the score for misfits and junk.
    pub(crate) factor: f32,
}

impl Grammar {
    /// What a look at a vehicle of this class may mean, best first; empty where it is no plate.
    ///
    /// `None` leaves the class open. A class that carries no plates (pedestrians) says nothing either,
    /// and a bicycle counts as a motorbike: detectors confuse them.
    pub fn interpret(&self, look: &PlateLook, class: Option<RoadUserClass>) -> Vec<Interpretation> {
        self.interpret_as(look, look.colour, class)
    }

    /// As [`Self::interpret`], with a colour that may be surer than the look's own.
    pub(crate) fn interpret_as(
        &self,
        look: &PlateLook,
        colour: Option<PlateColour>,
        class: Option<RoadUserClass>,
    ) -> Vec<Interpretation> {
        let mut found: BTreeMap<(String, usize), Interpretation> = BTreeMap::new();
        for laid in self.lay(look, colour, class) {
            let form = &self.forms[laid.form];
            for (picked, _) in self.best_texts(form, &log_scores(&laid.choices)) {
                let Some(interpretation) = self.interpretation_of(&laid, &picked, colour) else {
                    continue;
                };
                let key = (interpretation.text.clone(), form.kind);
                let better = found.get(&key).is_none_or(|known| known.score < interpretation.score);
                if better {
                    found.insert(key, interpretation);
                }
            }
        }
        let mut found: Vec<Interpretation> = found.into_values().collect();
        // Stable: equal scores stay in the order of text and kind.
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(MOST);
        found
    }

    /// The look on every form that it can lie on. `colour` may be surer than the look's own.
    pub(crate) fn lay(
        &self,
        look: &PlateLook,
        colour: Option<PlateColour>,
        class: Option<RoadUserClass>,
    ) -> Vec<Laid> {
        let readings = Reading::with_and_without_junk(look, &self.interpretation);
        let as_read = readings.first().is_some_and(|whole| {
            let text: Vec<char> = whole.chars.iter().map(|c| c.symbol).collect();
            self.forms.iter().any(|form| {
                let kind = self.kind_of(form);
                whole.lies_on(form)
                    && self.allows(form, &text)
                    && carries(kind, class)
                    && !needs_colour(kind, colour)
            })
        });
        let mut laid = Vec::new();
        for (index, form) in self.forms.iter().enumerate() {
            let kind = self.kind_of(form);
            if needs_colour(kind, colour) {
                continue;
            }
            for reading in &readings {
                if !reading.lies_on(form) {
                    continue;
                }
                let Some(choices) = self.choices(form, &reading.chars, as_read) else { continue };
                let mut misfits = misfits(kind, look.layout, colour, class);
                let settings = &self.interpretation;
                if has_gap(form, &reading.places, settings.wide_gap)
                    || is_off_centre(form, look, &reading.places, settings.off_centre)
                {
                    misfits.push(Misfit::Gap);
                }
                if look.lines.iter().any(|line| line.cut) {
                    misfits.push(Misfit::Cut);
                }
                let mut factor = self.misfit_factor(&misfits);
                if let Some(dropped) = reading.dropped {
                    factor *= self.interpretation.junk * (1.0 - dropped.score);
                }
                let read = reading.chars.iter().map(|c| c.symbol).collect();
                let dropped = reading.dropped;
                laid.push(Laid { form: index, read, choices, dropped, misfits, factor });
            }
        }
        laid
    }

    /// What may stand at each position of a form; `None` where some position allows nothing, or more
    /// than the allowed number has to be corrected by the table.
    fn choices(&self, form: &Form, chars: &[ReadChar], as_read: bool) -> Option<Vec<Vec<Choice>>> {
        // Where little more than the ground makes a text a plate, corrections would make one of any
        // lettering on red: SAO ĐỎ 125 of SA-00-0125.
        let decided_by_colour = self.kind_of(form).colour_decides;
        let most = if decided_by_colour { 0 } else { self.interpretation.max_corrections };
        let mut corrections = 0;
        let mut choices = Vec::with_capacity(chars.len());
        for (slot, read) in form.slots.iter().zip(chars) {
            let mut here = self.choices_at(*slot, read, as_read);
            if here.iter().all(|choice| choice.source == Source::Table) {
                corrections += 1;
            }
            if here.is_empty() || corrections > most {
                return None;
            }
            here.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.symbol.cmp(&b.symbol)));
            choices.push(here);
        }
        Some(choices)
    }

    fn choices_at(&self, slot: CharSet, read: &ReadChar, as_read: bool) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        if slot.contains(read.symbol) {
            choices.push(Choice { symbol: read.symbol, score: read.score, source: Source::Read });
        }
        for (symbol, score) in &read.others {
            let known = choices.iter().any(|choice| choice.symbol == *symbol);
            if slot.contains(*symbol) && !known && *score > 0.0 {
                choices.push(Choice { symbol: *symbol, score: *score, source: Source::Other });
            }
        }
        if !choices.is_empty() {
            return choices;
        }
        // Where the look is a plate as it was read, a correction only gets what the reading leaves
        // over: the read is possible, so nothing is known to be wrong with it.
        let kept = if as_read { (1.0 - read.score).min(read.score) } else { read.score };
        for (symbol, weight) in self.corrections(slot, read.symbol) {
            choices.push(Choice { symbol, score: weight * kept, source: Source::Table });
        }
        choices
    }

    /// The best texts of a form: which choice stands at each position, with the sum of their logs.
    pub(crate) fn best_texts(
        &self,
        form: &Form,
        choices: &[Vec<(char, f64)>],
    ) -> Vec<(Vec<char>, f64)> {
        let mut texts: Vec<(Vec<char>, f64)> = vec![(Vec::new(), 0.0)];
        for (position, here) in choices.iter().enumerate() {
            let mut longer = Vec::with_capacity(texts.len() * here.len());
            for (text, score) in &texts {
                for (symbol, log) in here {
                    let ends_code = form.code_at.is_some_and(|at| at + 1 == position);
                    if ends_code && !text.last().is_some_and(|tens| self.is_code(*tens, *symbol)) {
                        continue;
                    }
                    let mut text = text.clone();
                    text.push(*symbol);
                    longer.push((text, score + log));
                }
            }
            // Stable: equal sums stay in the order of the choices.
            longer.sort_by(|a, b| b.1.total_cmp(&a.1));
            longer.truncate(BEAM);
            texts = longer;
        }
        texts.retain(|(text, _)| !form.is_zero(text));
        texts.truncate(MOST);
        texts
    }

    fn interpretation_of(
        &self,
        laid: &Laid,
        text: &[char],
        colour: Option<PlateColour>,
    ) -> Option<Interpretation> {
        let form = &self.forms[laid.form];
        let kind = self.kind_of(form);
        let mut characters = Vec::with_capacity(text.len());
        let mut table = 0;
        for ((symbol, choices), read) in text.iter().zip(&laid.choices).zip(&laid.read) {
            let chosen = choices.iter().find(|choice| choice.symbol == *symbol)?;
            table += u32::from(chosen.source == Source::Table);
            characters.push(PlateChar {
                symbol: *symbol,
                score: chosen.score,
                doubtful: chosen.source != Source::Read,
                read_as: (chosen.source != Source::Read).then_some(*read),
                others: choices
                    .iter()
                    .filter(|choice| choice.symbol != *symbol)
                    .map(|choice| (choice.symbol, choice.score))
                    .collect(),
            });
        }
        if table > self.interpretation.max_corrections {
            return None;
        }
        let mut misfits = laid.misfits.clone();
        let mut factor = laid.factor;
        if colour.is_some_and(|colour| self.colour_forbids(form, text, colour)) {
            misfits.push(Misfit::SeriesLetter);
            factor *= self.interpretation.wrong_colour;
        }
        let corrected = characters.iter().any(|character| character.read_as.is_some());
        Some(Interpretation {
            text: text.iter().collect(),
            printed: form.print(text),
            kind: kind.name.clone(),
            score: characters.iter().map(|character| character.score).product::<f32>() * factor,
            characters,
            manual: kind.manual || corrected || colour == Some(PlateColour::Red),
            dropped: laid.dropped,
            misfits,
        })
    }

    pub(crate) fn misfit_factor(&self, misfits: &[Misfit]) -> f32 {
        let settings = &self.interpretation;
        misfits
            .iter()
            .map(|misfit| match misfit {
                Misfit::Vehicle => settings.wrong_vehicle,
                Misfit::Layout => settings.wrong_layout,
                Misfit::Colour | Misfit::SeriesLetter => settings.wrong_colour,
                Misfit::Gap | Misfit::Cut => settings.may_miss_characters,
            })
            .product()
    }
}

fn log_scores(choices: &[Vec<Choice>]) -> Vec<Vec<(char, f64)>> {
    let log = |choice: &Choice| (choice.symbol, f64::from(choice.score).max(1e-9).ln());
    choices.iter().map(|here| here.iter().map(log).collect()).collect()
}

/// Whether such vehicles carry such plates; an open class carries all.
fn carries(kind: &Kind, class: Option<RoadUserClass>) -> bool {
    let Some(class) = class else { return true };
    match class.group() {
        ClassGroup::Pedestrian => true,
        ClassGroup::TwoWheeler => kind.vehicles.iter().any(|vehicle| vehicle.is_two_wheeler()),
        // A pickup is a car to one detector and a truck to the next: only the wheels count.
        ClassGroup::Car | ClassGroup::Heavy => {
            kind.vehicles.iter().any(|vehicle| vehicle.is_four_wheeler())
        }
    }
}

fn needs_colour(kind: &Kind, colour: Option<PlateColour>) -> bool {
    kind.colour_decides && !colour.is_some_and(|colour| kind.colours.contains(&colour))
}

fn misfits(
    kind: &Kind,
    layout: PlateLayout,
    colour: Option<PlateColour>,
    class: Option<RoadUserClass>,
) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    if !carries(kind, class) {
        misfits.push(Misfit::Vehicle);
    }
    if !kind.layouts.contains(&layout) {
        misfits.push(Misfit::Layout);
    }
    if colour.is_some_and(|colour| !kind.colours.contains(&colour)) {
        misfits.push(Misfit::Colour);
    }
    misfits
}
