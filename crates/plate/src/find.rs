//! Which lines of text on a vehicle are its plate.
//!
//! A vehicle carries more text than its plate: names of firms, telephone numbers, advertisements, its
//! own number painted on the body. A plate is one line, or two parts of one line side by side, or two
//! lines one under the other; among those the grammar decides, then the score, then the lower place.
//! What is no plate of the grammar but stands like one is still returned: other looks may read it.

use giaolo_domain::{FrameTime, PlateColour, PlateLayout, PlateLook, RoadUserClass, TextLine};

use crate::Grammar;
use crate::characters::normal_character;
use crate::geometry::{is_usable, joined, stands_beside, stands_under};

/// Lines that are looked at on one vehicle, the surest first: more is a wall of text.
const MAX_LINES: usize = 40;
/// Lines put together of two parts.
const MAX_JOINED: usize = 40;
/// Candidates that are laid on the grammar.
const MAX_CANDIDATES: usize = 160;
/// Longest text of one line that may be a plate's, in characters with one of junk.
const LONGEST_LINE: usize = 13;
/// Candidates whose colour is measured to see whether they are an army's.
const MAX_COLOURS: usize = 4;
/// Least score of what the grammar makes of a candidate: below, any text can be made a plate.
const LEAST_SCORE: f32 = 1e-3;
/// Steps of the score within which the lower place decides.
const SCORE_STEP: f32 = 0.2;

/// Picks the plate out of all text on one vehicle; `None` where there is none.
///
/// Corners are taken as they come and stay as they are: give them in pixels of the full frame. The
/// width of the look is the width of its widest line, a little less than the metal's. `colour`
/// measures the ground behind some of `lines`; it is asked for the chosen ones, and for at most four
/// more candidates that could be an army's, which only their colour tells.
pub fn find_plate(
    grammar: &Grammar,
    lines: &[TextLine],
    at: FrameTime,
    class: Option<RoadUserClass>,
    colour: &mut dyn FnMut(&[&TextLine]) -> Option<PlateColour>,
) -> Option<PlateLook> {
    let candidates = candidates(lines, at);
    let valid =
        candidates.iter().filter_map(|candidate| Valid::of(grammar, candidate, class, None));
    if let Some(chosen) = lower_twin(valid.collect()) {
        let measured = measure(chosen, lines, colour);
        return Some(PlateLook { colour: measured, ..chosen.look.clone() });
    }
    if let Some(army) = army(grammar, &candidates, lines, class, colour) {
        return Some(army);
    }
    let like = candidates.iter().filter(|candidate| candidate.stands_like_a_plate());
    let chosen = like.max_by(|a, b| {
        a.mean_score().total_cmp(&b.mean_score()).then(a.place().total_cmp(&b.place()))
    })?;
    let measured = measure(chosen, lines, colour);
    Some(PlateLook { colour: measured, ..chosen.look.clone() })
}

fn measure(
    candidate: &Candidate,
    lines: &[TextLine],
    colour: &mut dyn FnMut(&[&TextLine]) -> Option<PlateColour>,
) -> Option<PlateColour> {
    let chosen: Vec<&TextLine> = candidate.sources.iter().map(|source| &lines[*source]).collect();
    colour(&chosen)
}

/// Among candidates that only a red ground makes plates, the best with such a ground.
fn army(
    grammar: &Grammar,
    candidates: &[Candidate],
    lines: &[TextLine],
    class: Option<RoadUserClass>,
    colour: &mut dyn FnMut(&[&TextLine]) -> Option<PlateColour>,
) -> Option<PlateLook> {
    let red = Some(PlateColour::Red);
    let mut valid: Vec<Valid<'_>> = candidates
        .iter()
        .filter_map(|candidate| Valid::of(grammar, candidate, class, red))
        .collect();
    valid.sort_by(|a, b| b.rank(a));
    let found = valid
        .iter()
        .take(MAX_COLOURS)
        .find(|valid| measure(valid.candidate, lines, colour) == red)?;
    Some(PlateLook { colour: red, ..found.candidate.look.clone() })
}

/// A line of the vehicle, or two parts of one put together.
struct Part {
    line: TextLine,
    /// Which of the vehicle's lines.
    sources: Vec<usize>,
    /// Its text in the normal form.
    text: Vec<char>,
}

/// Lines that may be a plate together.
struct Candidate {
    look: PlateLook,
    sources: Vec<usize>,
    /// The normal form, by line.
    texts: Vec<Vec<char>>,
}

/// A candidate that the grammar takes.
struct Valid<'c> {
    candidate: &'c Candidate,
    text: String,
    score: f32,
}

impl<'c> Valid<'c> {
    fn of(
        grammar: &Grammar,
        candidate: &'c Candidate,
        class: Option<RoadUserClass>,
        colour: Option<PlateColour>,
    ) -> Option<Self> {
        if candidate.is_a_number_of_something_else() {
            return None;
        }
        let best = grammar.interpret_as(&candidate.look, colour, class).into_iter().next()?;
        let valid = best.score >= LEAST_SCORE;
        valid.then_some(Self { candidate, text: best.text, score: best.score })
    }

    /// Better is greater: the score in steps, then the lower place, then the score itself.
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        let step = |score: f32| (score / SCORE_STEP).floor();
        step(self.score)
            .total_cmp(&step(other.score))
            .then(self.candidate.place().total_cmp(&other.candidate.place()))
            .then(self.score.total_cmp(&other.score))
    }
}

/// The best candidate, or a lower one with the same text but for one character: lorries and buses
/// carry their number a second time in large letters above the plate.
fn lower_twin(valid: Vec<Valid<'_>>) -> Option<&Candidate> {
    let best = valid.iter().max_by(|a, b| a.rank(b))?;
    let twins = valid.iter().filter(|other| differ(&best.text, &other.text) <= 1);
    let disjoint = twins.filter(|other| {
        !other.candidate.sources.iter().any(|source| best.candidate.sources.contains(source))
    });
    let lowest = disjoint.max_by(|a, b| a.candidate.place().total_cmp(&b.candidate.place()));
    match lowest {
        Some(twin) if twin.candidate.place() > best.candidate.place() => Some(twin.candidate),
        _ => Some(best.candidate),
    }
}

/// How many characters differ; a great number where the lengths do.
fn differ(a: &str, b: &str) -> usize {
    if a.len() != b.len() {
        return usize::MAX;
    }
    a.chars().zip(b.chars()).filter(|(a, b)| a != b).count()
}

impl Candidate {
    fn of(parts: &[&Part], layout: PlateLayout, at: FrameTime) -> Self {
        let lines: Vec<TextLine> = parts.iter().map(|part| part.line.clone()).collect();
        let width_px = lines.iter().map(TextLine::width).fold(0.0, f32::max);
        Self {
            look: PlateLook { at, lines, layout, width_px, colour: None },
            sources: parts.iter().flat_map(|part| part.sources.iter().copied()).collect(),
            texts: parts.iter().map(|part| part.text.clone()).collect(),
        }
    }

    /// How far down it stands, in pixels.
    fn place(&self) -> f32 {
        let lines = &self.look.lines;
        lines.iter().map(|line| line.centre().y).sum::<f32>() / lines.len() as f32
    }

    fn mean_score(&self) -> f32 {
        let scores: Vec<f32> =
            self.look.lines.iter().flat_map(|line| &line.chars).map(|c| c.score).collect();
        scores.iter().sum::<f32>() / scores.len().max(1) as f32
    }

    /// Telephone and service numbers: digits only on one line, or a number that begins like one.
    fn is_a_number_of_something_else(&self) -> bool {
        let text: String = self.texts.iter().flatten().collect();
        let has_letter = self.look.lines.iter().flat_map(|line| &line.chars).any(|read| {
            read.symbol.is_alphabetic() || read.others.iter().any(|(c, _)| c.is_alphabetic())
        });
        let begins = ["0", "1800", "1900"].iter().any(|beginning| text.starts_with(beginning));
        !has_letter && (self.look.layout == PlateLayout::OneLine || begins)
    }

    /// Whether it has a plate's shape: the lengths of its lines, mostly digits, two of them at the
    /// front, and a letter or what may be one on a line of its own.
    fn stands_like_a_plate(&self) -> bool {
        let text: Vec<char> = self.texts.concat();
        let digits = text.iter().filter(|c| c.is_ascii_digit()).count();
        let lengths_fit = match self.texts.as_slice() {
            [one] => (7..=9).contains(&one.len()),
            [upper, lower] => (2..=4).contains(&upper.len()) && (3..=6).contains(&lower.len()),
            _ => false,
        };
        let front = text.iter().take(2).all(char::is_ascii_digit) && text.first() != Some(&'0');
        let all_latin = text.iter().all(char::is_ascii_alphanumeric);
        lengths_fit
            && front
            && all_latin
            && digits * 5 >= text.len() * 3
            && !self.is_a_number_of_something_else()
    }
}

/// All lines, joined lines and stacked lines that may be a plate, the lowest ones where there are many.
fn candidates(lines: &[TextLine], at: FrameTime) -> Vec<Candidate> {
    let mut parts = parts(lines);
    let joined = joined_parts(&parts);
    parts.extend(joined);
    let mut candidates: Vec<Candidate> =
        parts.iter().map(|part| Candidate::of(&[part], PlateLayout::OneLine, at)).collect();
    candidates.retain(|candidate| candidate.texts[0].len() >= 5);
    for upper in &parts {
        for lower in &parts {
            let apart = !upper.sources.iter().any(|source| lower.sources.contains(source));
            let long_enough = upper.text.len() >= 2 && lower.text.len() >= 3;
            let length = upper.text.len() + lower.text.len();
            if apart
                && long_enough
                && length <= LONGEST_LINE
                && stands_under(&lower.line, &upper.line)
            {
                candidates.push(Candidate::of(&[upper, lower], PlateLayout::TwoLine, at));
            }
        }
    }
    if candidates.len() > MAX_CANDIDATES {
        candidates.sort_by(|a, b| b.place().total_cmp(&a.place()));
        candidates.truncate(MAX_CANDIDATES);
    }
    candidates
}

/// The lines that can be a part of a plate at all.
fn parts(lines: &[TextLine]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (source, line) in lines.iter().enumerate() {
        let text: Vec<char> =
            line.chars.iter().take(100).filter_map(|read| normal_character(read.symbol)).collect();
        let has_digit = text.iter().any(char::is_ascii_digit);
        // Only an army's first line has no digit, and it is short.
        let short = text.len() <= 3;
        if is_usable(line) && !text.is_empty() && text.len() <= LONGEST_LINE && (has_digit || short)
        {
            parts.push(Part { line: line.clone(), sources: vec![source], text });
        }
    }
    if parts.len() > MAX_LINES {
        parts.sort_by(|a, b| b.line.found.total_cmp(&a.line.found));
        parts.truncate(MAX_LINES);
    }
    parts
}

fn joined_parts(parts: &[Part]) -> Vec<Part> {
    let mut found = Vec::new();
    for left in parts {
        for right in parts {
            let length = left.text.len() + right.text.len();
            if left.sources == right.sources || length > LONGEST_LINE || found.len() >= MAX_JOINED {
                continue;
            }
            if stands_beside(&right.line, &left.line) {
                found.push(Part {
                    line: joined(&left.line, &right.line),
                    sources: [left.sources.as_slice(), right.sources.as_slice()].concat(),
                    text: [left.text.as_slice(), right.text.as_slice()].concat(),
                });
            }
        }
    }
    found
}
