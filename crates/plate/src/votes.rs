//! All looks at one vehicle's plate, combined position by position.
//!
//! Each form of the grammar that any look can lie on is a hypothesis. Within one, the looks' scores for
//! each character are combined as weighted logarithms; a look that does not lie on the form counts
//! against it, however long or early it is. The weight of a look grows with the plate's width, and
//! further looks count less than independent ones would, since they share blur and shadows.
//! The order in which looks come does not matter.

use std::cmp::Ordering;

use giaolo_domain::{PlateColour, PlateLook, PlateReading, RoadUserClass};

use crate::grammar::Grammar;
use crate::interpret::{Choice, Dropped, Interpretation, Laid, Misfit, Source};
use crate::settings::VerdictSettings;
use crate::verdict;

/// Looks kept of one track, the widest: more do not make a reading better, and memory is bounded.
const MOST_LOOKS: usize = 48;
/// At this width, in pixels, a look has its full weight.
const FULL_WIDTH_PX: f32 = 100.0;
/// The least weight of a look.
const LEAST_WEIGHT: f64 = 0.1;
/// Chance that a look has lost or gained a character and so does not lie on the true form.
const ANOTHER_FORM: f64 = 0.02;
/// Among how many characters the score that a look leaves over is spread.
const SPREAD: f64 = 10.0;
/// Least score of a character at a position: no look rules anything out alone.
const LEAST_SCORE: f64 = 1e-3;
/// Texts kept of one form.
const MOST_TEXTS: usize = 8;

/// The looks of one track.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    /// In canonical order, so that sums do not depend on the order of arrival.
    looks: Vec<PlateLook>,
    /// Looks that were added, kept or not.
    added: u32,
}

/// What one look contributes.
pub(crate) struct Ballot<'v> {
    pub(crate) look: &'v PlateLook,
    /// Weight beside the other looks, up to 1.
    pub(crate) weight: f64,
    /// What it means alone, best first.
    pub(crate) interpretations: Vec<Interpretation>,
    laid: Vec<Laid>,
}

/// A text that all looks together may mean.
#[derive(Clone, Debug)]
pub(crate) struct Hypothesis {
    pub(crate) form: usize,
    pub(crate) text: Vec<char>,
    /// Logarithm of its likelihood beside the other hypotheses.
    pub(crate) log: f64,
    pub(crate) misfits: Vec<Misfit>,
    /// How sure each character is, 0 to 1, with the others that may stand there.
    pub(crate) characters: Vec<Standing>,
    /// A character that every look behind it had to drop.
    pub(crate) dropped: Option<Dropped>,
}

/// One position of a hypothesis.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) score: f64,
    pub(crate) others: Vec<(char, f64)>,
    /// What was mostly read there, where that is not the character.
    pub(crate) read_as: Option<char>,
}

impl Votes {
    /// No look yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a look. The widest 48 are kept.
    pub fn add(&mut self, look: PlateLook) {
        self.added = self.added.saturating_add(1);
        let place = self.looks.partition_point(|known| canonical(known, &look) == Ordering::Less);
        self.looks.insert(place, look);
        // The narrowest come first.
        if self.looks.len() > MOST_LOOKS {
            self.looks.remove(0);
        }
    }

    /// How many looks were added.
    pub fn len(&self) -> u32 {
        self.added
    }

    /// Whether no look was added.
    pub fn is_empty(&self) -> bool {
        self.added == 0
    }

    /// What all looks say together about the plate of a vehicle of this class.
    ///
    /// Without any look there is no plate; why a vehicle was not looked at is the caller's to say.
    pub fn reading(
        &self,
        grammar: &Grammar,
        class: Option<RoadUserClass>,
        settings: &VerdictSettings,
    ) -> PlateReading {
        let colour = self.colour();
        let mut ballots: Vec<Ballot<'_>> = Vec::with_capacity(self.looks.len());
        for look in &self.looks {
            ballots.push(Ballot {
                look,
                weight: weight(look),
                interpretations: grammar.interpret_as(look, colour, class),
                laid: grammar.lay(look, colour, class),
            });
        }
        let hypotheses = hypotheses(grammar, &ballots, colour, settings.independence);
        let view =
            verdict::View { grammar, settings, ballots: &ballots, colour, looks: self.added };
        view.reading(&hypotheses)
    }

    /// The colour that most of the looks saw, by weight; none where two are as strong.
    fn colour(&self) -> Option<PlateColour> {
        let mut strength = PlateColour::ALL.map(|colour| (colour, 0.0));
        for look in &self.looks {
            for (colour, sum) in &mut strength {
                if look.colour == Some(*colour) {
                    *sum += weight(look);
                }
            }
        }
        strength.sort_by(|a, b| b.1.total_cmp(&a.1));
        let [(colour, most), (_, next), ..] = strength;
        (most > next).then_some(colour)
    }
}

/// Between 0.1 and 1, by the plate's width.
fn weight(look: &PlateLook) -> f64 {
    let share = f64::from(look.width_px / FULL_WIDTH_PX);
    if share.is_nan() { LEAST_WEIGHT } else { share.clamp(LEAST_WEIGHT, 1.0) }
}

/// An order of looks by what they hold: narrow before wide, then by all the rest.
fn canonical(a: &PlateLook, b: &PlateLook) -> Ordering {
    let chars = |look: &PlateLook| -> Vec<(char, u32)> {
        let reads = look.lines.iter().flat_map(|line| &line.chars);
        reads
            .flat_map(|read| {
                std::iter::once((read.symbol, read.score.to_bits()))
                    .chain(read.others.iter().map(|(symbol, score)| (*symbol, score.to_bits())))
            })
            .collect()
    };
    a.width_px
        .total_cmp(&b.width_px)
        .then_with(|| a.at.cmp(&b.at))
        .then_with(|| a.layout.cmp(&b.layout))
        .then_with(|| a.colour.cmp(&b.colour))
        .then_with(|| chars(a).cmp(&chars(b)))
}

/// All texts that the looks together may mean, likeliest first.
fn hypotheses(
    grammar: &Grammar,
    ballots: &[Ballot<'_>],
    colour: Option<PlateColour>,
    independence: f32,
) -> Vec<Hypothesis> {
    let taking_part: Vec<&Ballot<'_>> =
        ballots.iter().filter(|ballot| !ballot.laid.is_empty()).collect();
    let widest = taking_part.iter().map(|ballot| ballot.weight).fold(0.0, f64::max);
    if taking_part.is_empty() || widest <= 0.0 {
        return Vec::new();
    }
    let effective: f64 = taking_part.iter().map(|ballot| ballot.weight / widest).sum();
    // One look keeps its scores; n like ones count as n to the power of `independence`.
    let scale = effective.powf(f64::from(independence) - 1.0) / widest;
    let mut found = Vec::new();
    for form in 0..grammar.forms.len() {
        let union = Union::of(form, &taking_part, scale);
        found.extend(union.into_iter().flat_map(|union| union.hypotheses(grammar, colour)));
    }
    // Stable: where two are as likely, the form that the grammar names first comes first.
    found.sort_by(|a, b| b.log.total_cmp(&a.log));
    found
}

/// All looks on one form.
struct Union {
    form: usize,
    /// By position: the characters that may stand there with their combined logarithms.
    positions: Vec<Vec<(char, f64)>>,
    /// By position: the combined logarithm of none of them.
    unknown: Vec<f64>,
    /// By position: characters read there, with the weight of the looks that read them.
    read: Vec<Vec<(char, f64)>>,
    /// What speaks for or against the form beside the characters.
    log: f64,
    misfits: Vec<Misfit>,
    dropped: Option<Dropped>,
}

impl Union {
    /// `None` where no look lies on the form.
    fn of(form: usize, ballots: &[&Ballot<'_>], scale: f64) -> Option<Self> {
        let mut log = 0.0;
        let mut on_form: Vec<(&Laid, f64)> = Vec::new();
        for ballot in ballots {
            let best = ballot.laid.iter().map(likelihood).fold(f64::NEG_INFINITY, f64::max);
            let here = ballot.laid.iter().filter(|laid| laid.form == form);
            let exponent = ballot.weight * scale;
            match here.max_by(|a, b| likelihood(a).total_cmp(&likelihood(b))) {
                Some(laid) => {
                    log += exponent * f64::from(laid.factor).max(LEAST_SCORE).ln();
                    on_form.push((laid, exponent));
                }
                None => log += exponent * (best + ANOTHER_FORM.ln()),
            }
        }
        let (first, _) = on_form.first()?;
        let length = first.choices.len();
        let mut union = Self {
            form,
            positions: Vec::with_capacity(length),
            unknown: Vec::with_capacity(length),
            read: Vec::with_capacity(length),
            log,
            misfits: shared_misfits(&on_form),
            dropped: on_form
                .iter()
                .map(|(laid, _)| laid.dropped)
                .min_by(|a, b| junk_score(*a).total_cmp(&junk_score(*b)))
                .flatten(),
        };
        for position in 0..length {
            union.combine(position, &on_form);
        }
        Some(union)
    }

    fn combine(&mut self, position: usize, on_form: &[(&Laid, f64)]) {
        let mut symbols: Vec<char> = on_form
            .iter()
            .flat_map(|(laid, _)| laid.choices[position].iter().map(|choice| choice.symbol))
            .collect();
        symbols.sort_unstable();
        symbols.dedup();
        let mut sums: Vec<(char, f64)> = symbols.iter().map(|symbol| (*symbol, 0.0)).collect();
        let mut unknown = 0.0;
        let mut read: Vec<(char, f64)> = Vec::new();
        for (laid, exponent) in on_form {
            let choices = &laid.choices[position];
            let left = left_over(choices);
            for (symbol, sum) in &mut sums {
                let listed = choices.iter().find(|choice| choice.symbol == *symbol);
                let score = listed.map_or(left / SPREAD, |choice| f64::from(choice.score));
                *sum += exponent * score.max(LEAST_SCORE).ln();
            }
            unknown += exponent * left.max(LEAST_SCORE).ln();
            let symbol = laid.read[position];
            match read.iter_mut().find(|(known, _)| *known == symbol) {
                Some((_, weight)) => *weight += exponent,
                None => read.push((symbol, *exponent)),
            }
        }
        read.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.positions.push(sums);
        self.unknown.push(unknown);
        self.read.push(read);
    }

    fn hypotheses(self, grammar: &Grammar, colour: Option<PlateColour>) -> Vec<Hypothesis> {
        let form = &grammar.forms[self.form];
        let mut texts = grammar.best_texts(form, &self.positions);
        texts.truncate(MOST_TEXTS);
        let mut hypotheses = Vec::with_capacity(texts.len());
        for (text, log) in texts {
            let mut misfits = self.misfits.clone();
            let mut factor = 1.0;
            if colour.is_some_and(|colour| grammar.colour_forbids(form, &text, colour)) {
                misfits.push(Misfit::SeriesLetter);
                factor = f64::from(grammar.misfit_factor(&[Misfit::SeriesLetter]));
            }
            let characters =
                text.iter().enumerate().map(|(at, symbol)| self.standing(at, *symbol)).collect();
            hypotheses.push(Hypothesis {
                form: self.form,
                text,
                log: self.log + log + factor.max(LEAST_SCORE).ln(),
                misfits,
                characters,
                dropped: self.dropped,
            });
        }
        hypotheses
    }

    /// How `symbol` stands at a position beside what else may stand there.
    fn standing(&self, position: usize, symbol: char) -> Standing {
        let here = &self.positions[position];
        let highest = here.iter().map(|(_, log)| *log).fold(self.unknown[position], f64::max);
        let share = |log: f64| (log - highest).exp();
        let total: f64 =
            here.iter().map(|(_, log)| share(*log)).sum::<f64>() + share(self.unknown[position]);
        let mut others: Vec<(char, f64)> =
            here.iter().map(|(other, log)| (*other, share(*log) / total)).collect();
        let score =
            others.iter().find(|(other, _)| *other == symbol).map_or(0.0, |(_, score)| *score);
        others.retain(|(other, _)| *other != symbol);
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let read = &self.read[position];
        let all: f64 = read.iter().map(|(_, weight)| weight).sum();
        let plain = read.iter().find(|(known, _)| *known == symbol).map_or(0.0, |(_, w)| *w);
        // Read plainly by half of the looks, it needs no correction from the rest.
        let instead = read.iter().map(|(known, _)| *known).find(|known| *known != symbol);
        let read_as = if plain * 2.0 >= all { None } else { instead };
        Standing { score, others, read_as }
    }
}

/// Misfits that every look on the form has: what one look shows well is no misfit of the plate.
fn shared_misfits(on_form: &[(&Laid, f64)]) -> Vec<Misfit> {
    let Some(((first, _), rest)) = on_form.split_first() else { return Vec::new() };
    let shared = |misfit: &&Misfit| rest.iter().all(|(laid, _)| laid.misfits.contains(misfit));
    first.misfits.iter().filter(shared).copied().collect()
}

fn junk_score(dropped: Option<Dropped>) -> f32 {
    dropped.map_or(-1.0, |dropped| dropped.score)
}

/// Logarithm of a look's best score on a form.
fn likelihood(laid: &Laid) -> f64 {
    let best = laid.choices.iter().filter_map(|here| here.first());
    let sum: f64 = best.map(|choice| f64::from(choice.score).max(LEAST_SCORE).ln()).sum();
    sum + f64::from(laid.factor).max(LEAST_SCORE).ln()
}

/// The score that a look leaves to characters it does not name.
fn left_over(choices: &[Choice]) -> f64 {
    let named: f64 = choices.iter().map(|choice| f64::from(choice.score)).sum();
    let only_table = choices.iter().all(|choice| choice.source == Source::Table);
    // A correction says nothing about the rest: what was read is impossible.
    let least = if only_table { 0.1 } else { LEAST_SCORE };
    (1.0 - named).clamp(least, 1.0)
}
