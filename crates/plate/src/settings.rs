//! Every threshold of this crate, with its meaning. `configs/plates.toml` overrides them.

use giaolo_domain::PlateLayout;

/// From the raw score of a text to the probability that it is right, fitted on plates with truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Raw score and probability, both rising from the first point to the last.
    points: Vec<(f32, f32)>,
}

impl Calibration {
    /// From points of raw score and probability, 0 to 1.
    ///
    /// # Errors
    /// What is wrong with them: fewer than two, outside 0 to 1, scores that do not rise or
    /// probabilities that fall.
    pub fn new(points: Vec<(f32, f32)>) -> Result<Self, String> {
        if points.len() < 2 {
            return Err(format!("it has {} points, it needs two or more", points.len()));
        }
        for (score, probability) in &points {
            if !(0.0..=1.0).contains(score) || !(0.0..=1.0).contains(probability) {
                return Err(format!("the point [{score}, {probability}] is not within 0 to 1"));
            }
        }
        for pair in points.windows(2) {
            let [(score, probability), (next_score, next_probability)] = pair else { continue };
            if next_score <= score || next_probability < probability {
                return Err(format!(
                    "after [{score}, {probability}] comes [{next_score}, {next_probability}]; scores have to rise and probabilities may not fall"
                ));
            }
        }
        Ok(Self { points })
    }

    /// Takes raw scores as they are.
    pub fn identity() -> Self {
        Self { points: vec![(0.0, 0.0), (1.0, 1.0)] }
    }

    /// The probability that a text with this raw score is right.
    pub fn probability(&self, score: f32) -> f32 {
        let mut below = None;
        for &(x, y) in &self.points {
            if score <= x {
                return match below {
                    Some((x0, y0)) => y0 + (y - y0) * (score - x0) / (x - x0),
                    None => y,
                };
            }
            below = Some((x, y));
        }
        // A score that is no number (NaN) is not below any point: it says nothing.
        if score.is_nan() { 0.0 } else { below.map_or(0.0, |(_, y)| y) }
    }
}

/// How one look is interpreted.
#[derive(Clone, Debug, PartialEq)]
pub struct InterpretationSettings {
    /// How many characters of one reading may be corrected.
    pub max_corrections: u32,
    /// A first or last character of a line may be junk if it scores below this.
    pub junk_below: f32,
    /// What bolts, dots and edges are read as.
    pub junk_characters: String,
    /// Factor on the score where a character is taken for junk, beside what its own score leaves over.
    pub junk: f32,
    /// Factor on the score where the vehicle's class does not carry the kind.
    pub wrong_vehicle: f32,
    /// Factor on the score where the kind has no plates of this layout.
    pub wrong_layout: f32,
    /// Factor on the score where the kind has no plates of this colour.
    pub wrong_colour: f32,
    /// Two neighbours this many times as far apart as usual may have lost a character between them.
    pub wide_gap: f32,
    /// A number of four digits on line 2 may have lost a fifth where it stands this many pitches of a
    /// character beside the middle of line 1.
    pub off_centre: f32,
    /// Factor on the score where characters may be missing: a gap, a line off centre or cut by the edge.
    pub may_miss_characters: f32,
}

impl Default for InterpretationSettings {
    fn default() -> Self {
        Self {
            max_corrections: 2,
            junk_below: 0.7,
            junk_characters: "1IJLT7O0QDCU".to_owned(),
            junk: 0.3,
            wrong_vehicle: 0.3,
            wrong_layout: 0.3,
            wrong_colour: 0.6,
            wide_gap: 1.6,
            off_centre: 0.45,
            may_miss_characters: 0.3,
        }
    }
}

/// When a reading may be called what.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictSettings {
    /// Nothing is sure on a plate whose text is narrower than this, in pixels of the full frame.
    pub sure_width_px: f32,
    /// The same for one line: eight characters share the width that two lines give to five, and are a
    /// third lower.
    pub sure_width_one_line_px: f32,
    /// Nothing at all is said below this width, in pixels of the full frame.
    pub least_width_px: f32,
    /// What each character of a sure reading scores at least, 0 to 1.
    pub sure_character: f32,
    /// Least calibrated probability of a sure text.
    pub sure_probability: f32,
    /// As `sure_character`, where only one look gave the text.
    pub single_look_character: f32,
    /// As `sure_probability`, where only one look gave the text.
    pub single_look_probability: f32,
    /// How many times as likely as any other text a sure one is.
    pub sure_margin: f32,
    /// Below this calibrated probability nothing is shown.
    pub doubtful_probability: f32,
    /// With more doubtful characters than this nothing is shown.
    pub most_doubtful_characters: u32,
    /// Least share, by weight, of the looks that back a sure text, among all that read some plate.
    pub sure_agreement: f32,
    /// How much further looks count: 0 not at all, 1 as if looks at one vehicle were independent.
    pub independence: f32,
    /// From raw scores to probabilities.
    pub calibration: Calibration,
}

impl VerdictSettings {
    /// Least width of a sure plate of this layout, in pixels of the full frame.
    pub fn sure_width(&self, layout: PlateLayout) -> f32 {
        match layout {
            PlateLayout::OneLine => self.sure_width_one_line_px,
            PlateLayout::TwoLine => self.sure_width_px,
        }
    }
}

impl Default for VerdictSettings {
    fn default() -> Self {
        Self {
            sure_width_px: 45.0,
            sure_width_one_line_px: 60.0,
            least_width_px: 20.0,
            sure_character: 0.8,
            sure_probability: 0.9,
            single_look_character: 0.9,
            single_look_probability: 0.95,
            sure_margin: 10.0,
            doubtful_probability: 0.05,
            most_doubtful_characters: 4,
            sure_agreement: 0.6,
            independence: 0.5,
            calibration: Calibration::identity(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_interpolates_and_stays_within_its_ends() {
        let calibration = Calibration::new(vec![(0.2, 0.1), (0.6, 0.5), (0.9, 0.99)]).unwrap();
        let cases = [
            (-1.0, 0.1),
            (0.0, 0.1),
            (0.2, 0.1),
            (0.4, 0.3),
            (0.6, 0.5),
            (0.9, 0.99),
            (2.0, 0.99),
            (f32::NAN, 0.0),
        ];
        for (score, probability) in cases {
            let found = calibration.probability(score);
            assert!((found - probability).abs() < 1e-6, "{score}: {found}");
        }
    }

    #[test]
    fn calibrations_that_are_none() {
        let cases = [
            (vec![], "two or more"),
            (vec![(0.0, 0.0)], "two or more"),
            (vec![(0.0, 0.0), (1.2, 1.0)], "not within 0 to 1"),
            (vec![(0.0, f32::NAN), (1.0, 1.0)], "not within 0 to 1"),
            (vec![(0.5, 0.0), (0.5, 1.0)], "have to rise"),
            (vec![(0.0, 0.5), (1.0, 0.4)], "may not fall"),
        ];
        for (points, says) in cases {
            let problem = Calibration::new(points.clone()).unwrap_err();
            assert!(problem.contains(says), "{points:?}: {problem}");
        }
    }
}
