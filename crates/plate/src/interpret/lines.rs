//! The characters of a look as they are laid on forms: in the normal form, with and without what may
//! be junk, with their places on the plate.

use giaolo_domain::{PixelPoint, PlateLayout, PlateLook, ReadChar, TextLine};

use crate::characters::normal_character;
use crate::form::Form;
use crate::geometry::direction;
use crate::settings::InterpretationSettings;

use super::Dropped;

/// Longest text that can be a plate with one junk character, in characters.
const LONGEST: usize = 13;

/// The characters of a look as they are laid on forms.
pub(super) struct Reading {
    pub(super) chars: Vec<ReadChar>,
    /// Where each character stands: its line, and pixels along it.
    pub(super) places: Vec<(usize, f32)>,
    /// Characters on line 1, where the look has two lines.
    first_line: Option<usize>,
    pub(super) dropped: Option<Dropped>,
}

impl Reading {
    fn of(
        lines: &[Vec<ReadChar>],
        widths: &[f32],
        layout: PlateLayout,
        dropped: Option<Dropped>,
    ) -> Self {
        let mut places = Vec::new();
        for (index, (line, width)) in lines.iter().zip(widths).enumerate() {
            places.extend(line.iter().map(|read| (index, read.at * width)));
        }
        let first_line = match layout {
            PlateLayout::TwoLine => lines.first().map(Vec::len),
            PlateLayout::OneLine => None,
        };
        Self { chars: lines.concat(), places, first_line, dropped }
    }

    /// Whether it has the form's length, and its first line ends where the form's does.
    pub(super) fn lies_on(&self, form: &Form) -> bool {
        self.chars.len() == form.slots.len()
            && (self.first_line.is_none() || self.first_line == form.first_line)
    }

    /// The whole look, and the look without each badly read character at an end of a line.
    pub(super) fn with_and_without_junk(
        look: &PlateLook,
        settings: &InterpretationSettings,
    ) -> Vec<Self> {
        let widths: Vec<f32> = look.lines.iter().map(TextLine::width).collect();
        let lines = normal_lines(look);
        let total: usize = lines.iter().map(Vec::len).sum();
        if total > LONGEST {
            return Vec::new();
        }
        let mut readings = vec![Self::of(&lines, &widths, look.layout, None)];
        for (line, chars) in lines.iter().enumerate() {
            let mut ends = vec![0];
            if chars.len() > 1 {
                ends.push(chars.len() - 1);
            }
            for end in ends {
                let Some(junk) = chars.get(end) else { continue };
                let like_junk = settings.junk_characters.contains(junk.symbol);
                if junk.score >= settings.junk_below || !like_junk {
                    continue;
                }
                let mut without = lines.clone();
                without[line].remove(end);
                let dropped = Dropped { symbol: junk.symbol, score: junk.score };
                readings.push(Self::of(&without, &widths, look.layout, Some(dropped)));
            }
        }
        readings
    }
}

/// The lines of a look in the normal form, without separators and with scores from 0 to 1.
pub(crate) fn normal_lines(look: &PlateLook) -> Vec<Vec<ReadChar>> {
    look.lines.iter().map(|line| line.chars.iter().filter_map(normal_read).collect()).collect()
}

fn normal_read(read: &ReadChar) -> Option<ReadChar> {
    let symbol = normal_character(read.symbol)?;
    let mut others: Vec<(char, f32)> = Vec::new();
    for (other, score) in &read.others {
        if let Some(other) = normal_character(*other)
            && other != symbol
            && !others.iter().any(|(known, _)| *known == other)
        {
            others.push((other, share(*score)));
        }
    }
    Some(ReadChar { symbol, score: share(read.score), at: read.at, others })
}

/// A score as a share; what is no number is no score.
fn share(score: f32) -> f32 {
    if score.is_nan() { 0.0 } else { score.clamp(0.0, 1.0) }
}

/// Whether two neighbours of one line, between which nothing is printed, stand `wide` times as far
/// apart as neighbours do on this plate.
pub(super) fn has_gap(form: &Form, places: &[(usize, f32)], wide: f32) -> bool {
    let gaps: Vec<Option<f32>> = places
        .windows(2)
        .map(|pair| match pair {
            [(line, left), (next_line, right)] if line == next_line => Some(right - left),
            _ => None,
        })
        .collect();
    let mut known: Vec<f32> =
        gaps.iter().flatten().copied().filter(|gap| gap.is_finite()).collect();
    known.sort_by(f32::total_cmp);
    // The lower median: a plate of few characters may have more than one wide gap.
    let Some(usual) = known.get(known.len().saturating_sub(1) / 2) else { return false };
    let between = form.between.iter().skip(1);
    *usual > 0.0
        && gaps
            .iter()
            .zip(between)
            .any(|(gap, between)| between.is_empty() && gap.is_some_and(|gap| gap > wide * usual))
}

/// Whether a number of four digits stands more than `share` of a character's pitch beside the middle
/// of the line above it. Both lines of a plate have one middle, so a fifth digit may be missing at an
/// end. Longer numbers need no such look: none has six digits.
pub(super) fn is_off_centre(
    form: &Form,
    look: &PlateLook,
    places: &[(usize, f32)],
    share: f32,
) -> bool {
    let [upper, lower] = look.lines.as_slice() else { return false };
    let (from, to) = form.number;
    let number_alone = form.first_line == Some(from) && to == form.slots.len() && to - from == 4;
    let ends = |line: usize| {
        let mut along = places.iter().filter(|(on, _)| *on == line).map(|(_, along)| *along);
        along.next().map(|first| (first, along.next_back().unwrap_or(first)))
    };
    let (Some(above), Some(below)) = (ends(0), ends(1)) else { return false };
    let pitch = (below.1 - below.0) / 3.0;
    if !number_alone || pitch <= 0.0 {
        return false;
    }
    let (middle, below_middle) = (point_along(upper, above), point_along(lower, below));
    let along = direction(lower);
    let beside = (below_middle.x - middle.x) * along.x + (below_middle.y - middle.y) * along.y;
    beside.abs() > share * pitch
}

/// The point on a line's middle that is half way between two places along it, in pixels.
fn point_along(line: &TextLine, (first, last): (f32, f32)) -> PixelPoint {
    let [left_top, _, _, left_bottom] = line.corners;
    let along = direction(line);
    let half = (first + last) / 2.0;
    PixelPoint {
        x: (left_top.x + left_bottom.x) / 2.0 + along.x * half,
        y: (left_top.y + left_bottom.y) / 2.0 + along.y * half,
    }
}
