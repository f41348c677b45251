//! How often what was said is right, as Markdown.

use std::fmt::Write as _;

use giaolo_domain::{PlateLayout, PlateVerdict};
use giaolo_plate_render::VehicleKind;

use crate::{reading::Outcome, staged::Difficulty};

/// Lower ends of the bins of scores; the last goes up to 1.
const SCORES: [f32; 7] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.99];
/// Lower ends of the bins of widths, in pixels of the metal.
const WIDTHS: [f32; 6] = [25.0, 35.0, 45.0, 60.0, 80.0, 100.0];

/// Score against share of right texts, for sure and doubtful readings.
pub fn by_score(outcomes: &[Outcome]) -> String {
    let head = "| score | readings | right | share | of these sure | right | doubtful | right |\n\
                | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    let mut table = head.to_owned();
    for (at, low) in SCORES.iter().enumerate() {
        let high = SCORES.get(at + 1).copied().unwrap_or(f32::INFINITY);
        let all: Vec<&Outcome> = outcomes
            .iter()
            .filter(|o| !o.reading.text.is_empty() && (*low..high).contains(&o.reading.score))
            .collect();
        let row = Count::of(&all);
        let name =
            if high.is_finite() { format!("{low} to {high}") } else { format!("from {low}") };
        let right = row.sure_right + row.doubtful_right;
        let _ = writeln!(
            table,
            "| {name} | {} | {right} | {} | {} | {} | {} | {} |",
            all.len(),
            percent(right, all.len()),
            row.sure,
            row.sure_right,
            row.doubtful,
            row.doubtful_right,
        );
    }
    table
}

/// What was said by the plate's width.
pub fn by_width(outcomes: &[Outcome]) -> String {
    let mut table = head("width of the metal, px");
    for (at, low) in WIDTHS.iter().enumerate() {
        let high = WIDTHS.get(at + 1).copied().unwrap_or(f32::INFINITY);
        let inside = |o: &&Outcome| (*low..high).contains(&o.staged.width_px);
        let all: Vec<&Outcome> = outcomes.iter().filter(inside).collect();
        let upper = if high.is_finite() { high } else { 120.0 };
        row(&mut table, &format!("{low} to {upper}"), &all);
    }
    table
}

/// What was said by the vehicle and the plate's lines.
pub fn by_vehicle(outcomes: &[Outcome]) -> String {
    let mut table = head("vehicle, plate");
    for (name, kind) in [
        ("motorbike", VehicleKind::Motorbike),
        ("car", VehicleKind::Car),
        ("truck", VehicleKind::Truck),
    ] {
        for layout in [PlateLayout::TwoLine, PlateLayout::OneLine] {
            let inside = |o: &&Outcome| o.staged.kind == kind && o.staged.plate.layout() == layout;
            let all: Vec<&Outcome> = outcomes.iter().filter(inside).collect();
            if !all.is_empty() {
                row(&mut table, &format!("{name}, {}", layout.as_str()), &all);
            }
        }
    }
    table
}

/// What was said by how many digits were read of the number: four may be five, one of them hidden.
pub fn by_digits(outcomes: &[Outcome]) -> String {
    let mut table = head("number as read");
    let digits = |o: &Outcome| {
        let number = o.reading.printed.rsplit([' ', '-']).next().unwrap_or_default();
        number.chars().filter(char::is_ascii_digit).count()
    };
    for (name, of) in
        [("three digits or fewer", 1..4), ("four digits", 4..5), ("five digits", 5..6)]
    {
        let inside = |o: &&Outcome| of.contains(&digits(o));
        row(&mut table, name, &outcomes.iter().filter(inside).collect::<Vec<_>>());
    }
    table
}

/// What was said by what made it hard.
pub fn by_difficulty(outcomes: &[Outcome]) -> String {
    let mut table = head("what makes it hard");
    for difficulty in Difficulty::ALL {
        let inside = |o: &&Outcome| o.staged.difficulty == difficulty;
        let all: Vec<&Outcome> = outcomes.iter().filter(inside).collect();
        row(&mut table, difficulty.in_words(), &all);
    }
    row(&mut table, "all", &outcomes.iter().collect::<Vec<_>>());
    table
}

fn head(first: &str) -> String {
    format!(
        "| {first} | plates | exact | sure | of these wrong | doubtful, right | doubtful, wrong | \
         unreadable |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
}

fn row(table: &mut String, name: &str, outcomes: &[&Outcome]) {
    let count = Count::of(outcomes);
    let _ = writeln!(
        table,
        "| {name} | {} | {} | {} | {} | {} | {} | {} |",
        outcomes.len(),
        percent(count.sure_right + count.doubtful_right, outcomes.len()),
        count.sure,
        count.sure - count.sure_right,
        count.doubtful_right,
        count.doubtful - count.doubtful_right,
        outcomes.len() - count.sure - count.doubtful,
    );
}

struct Count {
    sure: usize,
    sure_right: usize,
    doubtful: usize,
    doubtful_right: usize,
}

impl Count {
    fn of(outcomes: &[&Outcome]) -> Self {
        let count = |verdict, right: Option<bool>| {
            let fits =
                |o: &&&Outcome| o.is(verdict) && right.is_none_or(|right| o.right() == right);
            outcomes.iter().filter(fits).count()
        };
        Self {
            sure: count(PlateVerdict::Sure, None),
            sure_right: count(PlateVerdict::Sure, Some(true)),
            doubtful: count(PlateVerdict::Doubtful, None),
            doubtful_right: count(PlateVerdict::Doubtful, Some(true)),
        }
    }
}

fn percent(part: usize, of: usize) -> String {
    if of == 0 { String::new() } else { format!("{:.1} %", 100.0 * part as f64 / of as f64) }
}
