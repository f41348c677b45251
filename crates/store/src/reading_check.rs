//! What a reading must be to be stored, and what else a doubtful one may be.

use std::collections::BTreeSet;

use giaolo_domain::{PlateReading, PlateVerdict};

use crate::{ReadingRow, StoreError};

/// Characters of a normal form, at most; the schema says the same.
const LONGEST_PLATE: usize = 16;
/// Forms that one doubtful reading is found by, at most, the likeliest ones. Three doubtful
/// characters with three others each make 64.
const MOST_FORMS: usize = 64;

/// Refuses a reading that contradicts itself: it would be found for what it is not, or not at all.
pub(crate) fn check_reading(row: &ReadingRow) -> Result<(), StoreError> {
    let reading = &row.reading;
    let refused = |problem: String| {
        Err(StoreError::Value {
            what: format!("the reading `{}` of track {}", reading.text, row.track),
            problem,
        })
    };
    let unreadable = reading.verdict == PlateVerdict::Unreadable;
    if unreadable != reading.unreadable.is_some() {
        return refused("a reason why it is unreadable belongs to that verdict alone".to_owned());
    }
    if unreadable && !(reading.text.is_empty() && reading.printed.is_empty()) {
        return refused("an unreadable plate has no text".to_owned());
    }
    if !unreadable && !is_normal_form(&reading.text) {
        return refused(format!("a normal form has 1 to {LONGEST_PLATE} of 0-9 and A-Z"));
    }
    if !unreadable && reading.printed.is_empty() {
        return refused("its printed form is empty".to_owned());
    }
    let spelled: String = reading.characters.iter().map(|c| c.symbol).collect();
    if !unreadable && spelled != reading.text {
        return refused(format!("its characters spell `{spelled}`"));
    }
    if reading.votes > reading.looks {
        return refused(format!("{} votes of {} looks", reading.votes, reading.looks));
    }
    if row.last < row.first {
        return refused("its track ends before it begins".to_owned());
    }
    let shares = reading
        .characters
        .iter()
        .flat_map(|c| c.others.iter().map(|other| other.1).chain([c.score]))
        .chain(reading.alternatives.iter().map(|a| a.score))
        .chain([reading.score]);
    for score in shares {
        // A NaN is in no range; in JSON it would turn into `null`.
        if !(0.0..=1.0).contains(&score) {
            return refused(format!("the score {score} is not between 0 and 1"));
        }
    }
    let edges: [f32; 4] = reading.best.map_or([0.0; 4], |best| best.bbox.into());
    if !edges.iter().all(|edge| edge.is_finite()) {
        return refused(format!("the box {edges:?} is not finite"));
    }
    if !(reading.width_px.is_finite() && reading.width_px >= 0.0) {
        return refused(format!("{} is no width", reading.width_px));
    }
    Ok(())
}

/// Every other text that a doubtful reading may be, without its own: the grammar's alternatives,
/// and its doubtful characters read otherwise, alone and together.
pub(crate) fn further_forms(reading: &PlateReading) -> BTreeSet<String> {
    if reading.verdict != PlateVerdict::Doubtful {
        return BTreeSet::new();
    }
    let mut forms = vec![(1.0_f32, String::new())];
    for character in &reading.characters {
        let mut choices = vec![(character.symbol, character.score)];
        if character.doubtful {
            choices.extend(&character.others);
        }
        forms = forms
            .iter()
            .flat_map(|(score, form)| {
                choices.iter().map(move |(symbol, more)| (score * more, format!("{form}{symbol}")))
            })
            .collect();
        // The likeliest whole texts begin with the likeliest beginnings, so none is lost by this.
        forms.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        forms.truncate(MOST_FORMS);
    }
    let alternatives = reading.alternatives.iter().map(|alternative| alternative.text.clone());
    forms
        .into_iter()
        .map(|(_, form)| form)
        .chain(alternatives)
        .filter(|form| *form != reading.text && is_normal_form(form))
        .collect()
}

fn is_normal_form(text: &str) -> bool {
    (1..=LONGEST_PLATE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use giaolo_domain::{PlateAlternative, PlateChar, Unreadable};

    use super::*;

    /// A character, its score, and what else it may be.
    type Spelled<'a> = (char, f32, &'a [(char, f32)]);

    fn doubtful(characters: &[Spelled<'_>]) -> PlateReading {
        let mut reading = PlateReading::unreadable(Unreadable::Blurred);
        reading.verdict = PlateVerdict::Doubtful;
        reading.unreadable = None;
        reading.text = characters.iter().map(|c| c.0).collect();
        reading.characters = characters
            .iter()
            .map(|(symbol, score, others)| PlateChar {
                symbol: *symbol,
                score: *score,
                doubtful: !others.is_empty(),
                read_as: None,
                others: others.to_vec(),
            })
            .collect();
        reading
    }

    #[test]
    fn forms_are_every_combination_of_doubts_and_the_alternatives() {
        let mut reading =
            doubtful(&[('6', 1.0, &[]), ('1', 0.6, &[('7', 0.4)]), ('B', 0.5, &[('8', 0.5)])]);
        reading.alternatives.push(PlateAlternative {
            text: "61BB".to_owned(),
            printed: "61-BB".to_owned(),
            kind: "car".to_owned(),
            score: 0.1,
        });
        let forms: Vec<_> = further_forms(&reading).into_iter().collect();
        assert_eq!(forms, ["618", "61BB", "678", "67B"]);
        reading.verdict = PlateVerdict::Sure;
        assert!(further_forms(&reading).is_empty(), "a sure reading is what it is");
    }

    #[test]
    fn of_too_many_forms_the_likeliest_stay_and_what_is_no_plate_goes() {
        let many: Vec<_> = (0..6).map(|_| ('1', 0.5, &[('7', 0.3), ('4', 0.2)][..])).collect();
        let forms = further_forms(&doubtful(&many));
        assert_eq!(forms.len(), MOST_FORMS - 1, "the text itself is among the 64");
        assert!(forms.contains("111177") && !forms.contains("444444"));
        let strange =
            doubtful(&[('1', 0.5, &[('Đ', 0.3), ('%', 0.1), ('a', 0.1)]), ('2', 1.0, &[])]);
        assert!(further_forms(&strange).is_empty());
    }
}
