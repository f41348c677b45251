//! From probabilities by step to characters: connectionist temporal classification, greedy, limited
//! to what stands on plates.

use giaolo_domain::ReadChar;
use ndarray::{ArrayView1, ArrayView2, ArrayViewD, Axis, Ix3};

/// The characters that are told apart.
const SYMBOLS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Next likeliest characters kept beside a character.
const MOST_OTHERS: usize = 3;

/// Which classes of a model are which symbol. Class 0 is the blank between characters, then come
/// the characters of the model's list, then a space.
pub(super) struct Alphabet {
    /// For each symbol the classes that stand for it: upper and lower case; the stroked D for D.
    classes: Vec<(char, Vec<usize>)>,
    /// Classes of the model.
    count: usize,
    /// Score from which a character is one.
    char_score: f32,
    /// Score from which another character is kept beside it.
    other_score: f32,
}

/// Steps one after another that say the same symbol: one character.
struct Run {
    symbol: usize,
    first: usize,
    last: usize,
    /// The step where it is surest, and its score there.
    peak: usize,
    score: f32,
}

impl Alphabet {
    /// From the model's list, one character a line.
    ///
    /// # Errors
    /// Names the symbols that the model cannot read.
    pub fn new(list: &str, char_score: f32, other_score: f32) -> Result<Self, String> {
        let mut classes: Vec<(char, Vec<usize>)> = SYMBOLS.chars().map(|c| (c, vec![])).collect();
        let mut count = 1;
        for (index, line) in list.split('\n').enumerate() {
            count = index + 2;
            let mut chars = line.chars();
            let (Some(character), None) = (chars.next(), chars.next()) else { continue };
            let symbol = match character {
                'Đ' | 'đ' => 'D',
                other => other.to_ascii_uppercase(),
            };
            if let Some((_, classes)) = classes.iter_mut().find(|(s, _)| *s == symbol) {
                classes.push(index + 1);
            }
        }
        let missing: String =
            classes.iter().filter(|(_, classes)| classes.is_empty()).map(|(s, _)| *s).collect();
        if missing.is_empty() {
            Ok(Self { classes, count: count + 1, char_score, other_score })
        } else {
            Err(format!("its list of characters lacks {missing}"))
        }
    }

    /// The characters of `[1, steps, classes]`. `filled` is the share of the input's width that the
    /// line takes, from the left.
    ///
    /// # Errors
    /// Another shape.
    pub fn read(&self, steps: ArrayViewD<'_, f32>, filled: f32) -> Result<Vec<ReadChar>, String> {
        let shape = steps.shape().to_vec();
        let wrong = || format!("its output is {shape:?}, expected [1, steps, {}]", self.count);
        let steps = steps.into_dimensionality::<Ix3>().map_err(|_| wrong())?;
        if shape[0] != 1 || shape[2] != self.count {
            return Err(wrong());
        }
        let line = steps.index_axis_move(Axis(0), 0);
        let middle = |run: &Run| {
            let step = (run.first + run.last + 1) as f32 / 2.0;
            (step / (shape[1] as f32 * filled)).min(1.0)
        };
        let runs = self.runs(line);
        Ok(runs
            .iter()
            .filter(|run| run.score >= self.char_score)
            .map(|run| ReadChar {
                symbol: self.classes[run.symbol].0,
                score: run.score.min(1.0),
                at: middle(run),
                others: self.others(line.row(run.peak), run.symbol),
            })
            .collect())
    }

    /// One run for each character.
    fn runs(&self, line: ArrayView2<'_, f32>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (step, scores) in line.outer_iter().enumerate() {
            let Some((symbol, score)) = self.best(scores) else { continue };
            match runs.last_mut() {
                Some(run) if run.symbol == symbol && run.last + 1 == step => {
                    run.last = step;
                    if score > run.score {
                        (run.peak, run.score) = (step, score);
                    }
                }
                _ => runs.push(Run { symbol, first: step, last: step, peak: step, score }),
            }
        }
        runs
    }

    /// The likeliest symbol of a step and its score, unless the blank is likelier.
    fn best(&self, step: ArrayView1<'_, f32>) -> Option<(usize, f32)> {
        let mut best = None;
        let mut most = step[0];
        for symbol in 0..self.classes.len() {
            let score = self.score(step, symbol);
            if score > most {
                most = score;
                best = Some((symbol, score));
            }
        }
        best
    }

    fn score(&self, step: ArrayView1<'_, f32>, symbol: usize) -> f32 {
        self.classes[symbol].1.iter().map(|&class| step[class]).sum()
    }

    /// What else may stand where `taken` does, the likeliest first.
    fn others(&self, step: ArrayView1<'_, f32>, taken: usize) -> Vec<(char, f32)> {
        let mut others: Vec<(char, f32)> = (0..self.classes.len())
            .filter(|&symbol| symbol != taken)
            .map(|symbol| (self.classes[symbol].0, self.score(step, symbol)))
            .filter(|&(_, score)| score >= self.other_score)
            .collect();
        others.sort_by(|a, b| b.1.total_cmp(&a.1));
        others.truncate(MOST_OTHERS);
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    /// A list with a sign in front, both cases and the stroked D.
    const LIST: &str = "疗\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\nA\nB\nC\nD\nE\nF\nG\nH\nI\nJ\nK\nL\nM\nN\nO\nP\nQ\nR\nS\nT\nU\nV\nW\nX\nY\nZ\no\nĐ";

    fn alphabet() -> Alphabet {
        Alphabet::new(LIST, 0.05, 0.02).unwrap()
    }

    /// Probabilities of one step, by character of the list; `_` is the blank.
    type Given<'a> = &'a [(char, f32)];

    fn steps(steps: &[Given<'_>]) -> ndarray::ArrayD<f32> {
        let list: Vec<char> = LIST.split('\n').flat_map(str::chars).collect();
        let mut array = Array3::zeros((1, steps.len(), list.len() + 2));
        for (t, step) in steps.iter().enumerate() {
            for &(character, score) in *step {
                let class = list.iter().position(|&c| c == character).map_or(0, |i| i + 1);
                array[[0, t, class]] = score;
            }
        }
        array.into_dyn()
    }

    fn text(chars: &[ReadChar]) -> String {
        chars.iter().map(|c| c.symbol).collect()
    }

    #[test]
    fn steps_become_characters() {
        let cases: [(&str, &[Given<'_>]); 8] = [
            ("", &[]),
            ("", &[&[('_', 1.0)]]),
            ("6", &[&[('6', 0.9)], &[('6', 0.8)]]),
            ("66", &[&[('6', 0.9)], &[('_', 0.9)], &[('6', 0.8)]]),
            ("61", &[&[('6', 0.9)], &[('1', 0.8)]]),
            ("D", &[&[('Đ', 0.9)]]),
            ("", &[&[('疗', 0.9), ('_', 0.05), ('1', 0.01)]]),
            ("", &[&[('疗', 0.96), ('_', 0.01), ('1', 0.03)]]),
        ];
        for (wanted, given) in cases {
            let read = alphabet().read(steps(given).view(), 1.0).unwrap();
            assert_eq!(text(&read), wanted, "{given:?}");
        }
    }

    #[test]
    fn a_character_is_scored_where_it_is_surest_and_names_its_rivals() {
        let given = steps(&[
            &[('B', 0.5), ('3', 0.4)],
            &[('B', 0.7), ('8', 0.2), ('E', 0.05), ('3', 0.03), ('R', 0.021)],
            &[('B', 0.6)],
        ]);
        let read = alphabet().read(given.view(), 1.0).unwrap();
        let others = vec![('8', 0.2), ('E', 0.05), ('3', 0.03)];
        assert_eq!(read, [ReadChar { symbol: 'B', score: 0.7, at: 0.5, others }]);
    }

    #[test]
    fn characters_stand_where_they_were_read() {
        let (gap, one): (Given<'_>, Given<'_>) = (&[('_', 1.0)], &[('1', 0.9)]);
        let given = steps(&[gap, one, one, gap, one, gap, gap, gap]);
        let at = |filled| -> Vec<f32> {
            alphabet().read(given.view(), filled).unwrap().iter().map(|c| c.at).collect()
        };
        assert_eq!(at(1.0), [0.25, 0.5625]);
        // The right half of the input is empty.
        assert_eq!(at(0.5), [0.5, 1.0]);
    }

    #[test]
    fn both_cases_count_for_one_letter() {
        let given = steps(&[&[('0', 0.4), ('O', 0.3), ('o', 0.25)]]);
        let read = alphabet().read(given.view(), 1.0).unwrap();
        assert_eq!(text(&read), "O");
        assert!((read[0].score - 0.55).abs() < 1e-6);
    }

    #[test]
    fn a_list_or_an_output_that_does_not_fit_is_said() {
        let error = Alphabet::new("A\nB", 0.0, 0.0).err().unwrap();
        assert!(error.contains("lacks 0123456789CDE"), "{error}");
        for shape in [vec![1, 4], vec![2, 4, 41], vec![1, 4, 40], vec![1, 4, 42]] {
            let error = alphabet().read(ndarray::ArrayD::zeros(shape).view(), 1.0).unwrap_err();
            assert!(error.contains("expected [1, steps, 41]"), "{error}");
        }
        let nothing = alphabet().read(ndarray::ArrayD::zeros(vec![1, 0, 41]).view(), 1.0).unwrap();
        assert_eq!(nothing, []);
        let nan = ndarray::ArrayD::from_elem(vec![1, 3, 41], f32::NAN);
        assert_eq!(alphabet().read(nan.view(), 1.0).unwrap(), []);
    }
}
