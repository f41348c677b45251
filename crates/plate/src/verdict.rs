//! From what all looks together may mean to what may be said: sure, doubtful or unreadable, and why.
//!
//! A reading is sure only if nothing at all speaks against it. Everything that does becomes a reason
//! in words, and marks the characters that it concerns.

mod doubt;

use giaolo_domain::{
    PlateAlternative, PlateChar, PlateColour, PlateLayout, PlateLook, PlatePlace, PlateReading,
    PlateVerdict, Unreadable,
};

use crate::grammar::{Grammar, Kind};
use crate::interpret::{Interpretation, Misfit, normal_lines};
use crate::settings::VerdictSettings;
use crate::votes::{Ballot, Hypothesis};
use doubt::Doubt;

pub use doubt::is_settled;

/// Other texts that a reading names.
const MOST_ALTERNATIVES: usize = 4;
/// Least likelihood beside the reading's of a text that it names.
const LEAST_ALTERNATIVE: f64 = 0.01;
/// Other characters that a position names, and the least score of one.
const MOST_OTHERS: usize = 4;
const LEAST_OTHER: f64 = 0.01;
/// Misfits that leave open whether characters are missing.
const MAY_MISS: [Misfit; 2] = [Misfit::Gap, Misfit::Cut];
/// Beyond this width a wider look is no better picture, in pixels.
const WIDE_ENOUGH_PX: f32 = 120.0;

/// All that a verdict is made from.
pub(crate) struct View<'v> {
    pub(crate) grammar: &'v Grammar,
    pub(crate) settings: &'v VerdictSettings,
    pub(crate) ballots: &'v [Ballot<'v>],
    pub(crate) colour: Option<PlateColour>,
    /// Looks that were added.
    pub(crate) looks: u32,
}

impl<'v> View<'v> {
    /// The reading, from what the looks may mean, likeliest first.
    pub(crate) fn reading(&self, hypotheses: &[Hypothesis]) -> PlateReading {
        let Some(winner) = hypotheses.first() else { return self.unreadable(self.why_not()) };
        let text: String = winner.text.iter().collect();
        let voters: Vec<&'v Ballot<'v>> = self
            .ballots
            .iter()
            .filter(|ballot| top(ballot).is_some_and(|t| t.text == text))
            .collect();
        let rivals: Vec<&Hypothesis> =
            hypotheses.iter().filter(|other| other.text != winner.text).collect();
        let kinds = self.open_kinds(hypotheses);
        let best = self.best_look(&voters);
        let raw_score = raw_score(winner, &rivals);
        let probability = self.settings.calibration.probability(raw_score as f32);
        let bar = if voters.len() > 1 {
            (self.settings.sure_character, self.settings.sure_probability)
        } else {
            (self.settings.single_look_character, self.settings.single_look_probability)
        };
        let characters = self.characters(winner, &rivals, bar.0);
        let doubts = self.doubts(winner, &rivals, &voters, &characters, probability, bar);

        let doubtful = characters.iter().filter(|character| character.doubtful).count();
        if self.widest_px() < self.settings.least_width_px {
            return self.unreadable(Unreadable::TooSmall);
        }
        if probability < self.settings.doubtful_probability
            || doubtful > self.settings.most_doubtful_characters as usize
        {
            return self.unreadable(self.why_not());
        }
        let form = &self.grammar.forms[winner.form];
        let corrected = characters.iter().any(|character| character.read_as.is_some());
        let red = self.colour == Some(PlateColour::Red);
        PlateReading {
            verdict: if doubts.is_empty() { PlateVerdict::Sure } else { PlateVerdict::Doubtful },
            unreadable: None,
            text,
            printed: form.print(&winner.text),
            kind: match kinds.as_slice() {
                [only] => Some(only.name.clone()),
                _ => None,
            },
            manual: corrected || red || kinds.iter().any(|kind| kind.manual),
            score: probability,
            characters,
            raw: raw_text(best),
            alternatives: self.alternatives(hypotheses, probability),
            layout: Some(best.layout),
            colour: self.colour,
            looks: self.looks,
            votes: u32::try_from(voters.len()).unwrap_or(u32::MAX),
            width_px: best.width_px,
            best: Some(PlatePlace { at: best.at, bbox: best.bbox() }),
            doubts: doubts.iter().map(Doubt::reason).collect(),
        }
    }

    /// Why no text may be shown.
    fn why_not(&self) -> Unreadable {
        if self.ballots.is_empty() {
            Unreadable::NoPlate
        } else if !self.ballots.iter().any(looks_like_a_plate) {
            Unreadable::NotAPlate
        } else if self.widest_px() < self.settings.sure_width_px {
            Unreadable::TooSmall
        } else {
            Unreadable::Blurred
        }
    }

    fn widest_px(&self) -> f32 {
        self.ballots.iter().map(|ballot| ballot.look.width_px).fold(0.0, f32::max)
    }

    /// Unreadable; what the recogniser gave and where stay on record.
    fn unreadable(&self, why: Unreadable) -> PlateReading {
        let mut reading = PlateReading::unreadable(why);
        reading.looks = self.looks;
        reading.colour = self.colour;
        let widest = self.ballots.last();
        if let Some(ballot) = widest {
            reading.raw = raw_text(ballot.look);
            reading.width_px = ballot.look.width_px;
            reading.best = Some(PlatePlace { at: ballot.look.at, bbox: ballot.look.bbox() });
        }
        reading
    }

    /// The kinds that the likeliest text may be, none of them with more against it than the first.
    fn open_kinds(&self, hypotheses: &[Hypothesis]) -> Vec<&Kind> {
        let mut kinds: Vec<&Kind> = Vec::new();
        let Some(winner) = hypotheses.first() else { return kinds };
        for other in hypotheses.iter().filter(|other| other.text == winner.text) {
            let kind = self.grammar.kind_of(&self.grammar.forms[other.form]);
            let known = kinds.iter().any(|known| known.name == kind.name);
            if !known && other.misfits.len() <= winner.misfits.len() {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// The look to show: one that gave the text, wide enough to be sure, clearest.
    fn best_look(&self, voters: &[&'v Ballot<'v>]) -> &'v PlateLook {
        let quality = |ballot: &Ballot<'_>| {
            let wide = ballot.look.width_px >= self.settings.sure_width(ballot.look.layout);
            let score = top(ballot).map_or(0.0, |interpretation| interpretation.score);
            (wide, score * ballot.look.width_px.min(WIDE_ENOUGH_PX))
        };
        let mut best: Option<&'v Ballot<'v>> = None;
        let all = self.ballots.iter().filter(|_| voters.is_empty());
        for ballot in voters.iter().copied().chain(all) {
            if best.is_none_or(|best| quality(ballot) > quality(best)) {
                best = Some(ballot);
            }
        }
        best.map_or(self.ballots[0].look, |best| best.look)
    }

    fn characters(&self, winner: &Hypothesis, rivals: &[&Hypothesis], bar: f32) -> Vec<PlateChar> {
        let close: Vec<&&Hypothesis> = rivals
            .iter()
            .filter(|rival| rival.text.len() == winner.text.len() && self.is_close(winner, rival))
            .collect();
        let mut characters = Vec::with_capacity(winner.text.len());
        for (at, (symbol, standing)) in winner.text.iter().zip(&winner.characters).enumerate() {
            let contested = close.iter().any(|rival| rival.text[at] != *symbol);
            let score = standing.score as f32;
            let others = standing.others.iter().filter(|(_, score)| *score >= LEAST_OTHER);
            characters.push(PlateChar {
                symbol: *symbol,
                score,
                doubtful: score < bar || standing.read_as.is_some() || contested,
                read_as: standing.read_as,
                others: others.take(MOST_OTHERS).map(|(c, score)| (*c, *score as f32)).collect(),
            });
        }
        characters
    }

    fn is_close(&self, winner: &Hypothesis, rival: &Hypothesis) -> bool {
        (winner.log - rival.log).exp() < f64::from(self.settings.sure_margin)
    }

    fn doubts(
        &self,
        winner: &Hypothesis,
        rivals: &[&Hypothesis],
        voters: &[&'v Ballot<'v>],
        characters: &[PlateChar],
        probability: f32,
        (character_bar, probability_bar): (f32, f32),
    ) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let whole = |ballot: &&Ballot<'_>| top(ballot).is_some_and(is_whole);
        let plain: Vec<&Ballot<'_>> = voters.iter().copied().filter(whole).collect();
        let all = self.ballots.iter().filter(|_| voters.is_empty());
        let not_whole = voters.iter().copied().filter(|_| plain.is_empty());
        let seen = plain.iter().copied().chain(not_whole).chain(all);
        let mut narrow = None;
        for look in seen.map(|ballot| ballot.look) {
            let (width, least) = (look.width_px, self.settings.sure_width(look.layout));
            if width >= least {
                narrow = None;
                break;
            }
            if narrow.is_none_or(|(widest, _)| width > widest) {
                narrow = Some((width, least));
            }
        }
        doubts.extend(narrow.map(|(width, least)| Doubt::Narrow { width, least }));
        if characters.iter().any(|character| character.read_as.is_some()) {
            doubts.push(Doubt::Corrected);
        } else if plain.is_empty() {
            // Where characters may be missing the misfit says so, below.
            let said = winner.misfits.iter().any(|misfit| MAY_MISS.contains(misfit));
            match winner.dropped {
                Some(dropped) => doubts.push(Doubt::Junk(dropped.symbol)),
                None if said => {}
                None => doubts.push(Doubt::NeverWhole),
            }
        }
        doubts.extend(winner.misfits.iter().map(|misfit| Doubt::Misfit(*misfit)));
        if characters.iter().any(|character| character.score < character_bar) {
            doubts.push(Doubt::WeakCharacters);
        }
        if probability < probability_bar {
            doubts.push(Doubt::Improbable);
        }
        if let Some(rival) = rivals.first().filter(|rival| self.is_close(winner, rival)) {
            doubts.push(Doubt::RunnerUp(self.grammar.forms[rival.form].print(&rival.text)));
        }
        let for_it: f64 = voters.iter().map(|ballot| ballot.weight).sum();
        let reading = self.ballots.iter().filter(|ballot| top(ballot).is_some());
        let all: f64 = reading.map(|ballot| ballot.weight).sum();
        if for_it < f64::from(self.settings.sure_agreement) * all {
            doubts.push(Doubt::Disagreement { votes: voters.len(), looks: self.ballots.len() });
        }
        if self.grammar.kind_of(&self.grammar.forms[winner.form]).colour_decides {
            doubts.push(Doubt::OnlyColour);
        }
        let printed = self.grammar.forms[winner.form].print(&winner.text);
        if number_of(&printed).chars().count() == 4 {
            doubts.push(Doubt::FourDigits);
        }
        doubts
    }

    /// Other kinds of the text, then other texts, each with its likelihood beside the reading's.
    fn alternatives(&self, hypotheses: &[Hypothesis], probability: f32) -> Vec<PlateAlternative> {
        let Some(winner) = hypotheses.first() else { return Vec::new() };
        let winner_kind = self.grammar.forms[winner.form].kind;
        let mut alternatives: Vec<PlateAlternative> = Vec::new();
        for other in &hypotheses[1..] {
            let form = &self.grammar.forms[other.form];
            let ratio = (other.log - winner.log).exp();
            if ratio < LEAST_ALTERNATIVE || alternatives.len() == MOST_ALTERNATIVES {
                break;
            }
            let text: String = other.text.iter().collect();
            let kind = &self.grammar.kinds[form.kind].name;
            let known = alternatives.iter().any(|known| known.text == text && known.kind == *kind);
            // A kind that fits worse is no question any more.
            let settled = form.kind == winner_kind || other.misfits.len() > winner.misfits.len();
            if known || (other.text == winner.text && settled) {
                continue;
            }
            alternatives.push(PlateAlternative {
                text,
                printed: form.print(&other.text),
                kind: kind.clone(),
                score: probability * ratio as f32,
            });
        }
        alternatives
    }
}

/// What a look means alone.
fn top<'b>(ballot: &'b Ballot<'_>) -> Option<&'b Interpretation> {
    ballot.interpretations.first()
}

/// Whether a look gave its text as it stands there, with nothing taken away and nothing missing.
fn is_whole(interpretation: &Interpretation) -> bool {
    !interpretation.is_corrected()
        && interpretation.dropped.is_none()
        && !interpretation.misfits.iter().any(|misfit| MAY_MISS.contains(misfit))
}

/// Product of the characters' scores, less what texts of another length take away: a text that
/// differs in characters only is already in their scores.
fn raw_score(winner: &Hypothesis, rivals: &[&Hypothesis]) -> f64 {
    let product: f64 = winner.characters.iter().map(|standing| standing.score).product();
    let other_length = rivals.iter().filter(|rival| rival.text.len() != winner.text.len());
    let against = other_length.map(|rival| (rival.log - winner.log).exp()).fold(0.0, f64::max);
    product / (1.0 + against)
}

/// Exactly what the recogniser gave, a space between lines.
fn raw_text(look: &PlateLook) -> String {
    look.lines.iter().map(giaolo_domain::TextLine::text).collect::<Vec<_>>().join(" ")
}

/// Whether a look is a plate as it was read, or has at least the length of one and mostly digits.
fn looks_like_a_plate(ballot: &Ballot<'_>) -> bool {
    if ballot.interpretations.iter().any(|interpretation| !interpretation.is_corrected()) {
        return true;
    }
    let text = normal_lines(ballot.look).concat();
    let digits = text.iter().filter(|read| read.symbol.is_ascii_digit()).count();
    let least = if ballot.look.layout == PlateLayout::TwoLine { 5 } else { 6 };
    (least..=12).contains(&text.len()) && digits * 2 >= text.len()
}

/// The last group of a printed plate, where it is digits without a dot.
fn number_of(printed: &str) -> &str {
    let last = printed.rsplit(['-', ' ']).next().unwrap_or_default();
    if last.chars().all(|c| c.is_ascii_digit()) { last } else { "" }
}
