//! The tables `[interpretation]` and `[verdict]`: thresholds, each within its range.

use crate::settings::{Calibration, InterpretationSettings, VerdictSettings};

use super::section::{Problems, Section};

pub(super) fn interpretation(
    root: &Section<'_>,
    problems: &mut Problems,
) -> InterpretationSettings {
    let mut settings = InterpretationSettings::default();
    let Some(section) = root.optional_table("interpretation", "of thresholds", problems) else {
        return settings;
    };
    section.only(
        &[
            "max_corrections",
            "junk_below",
            "junk_characters",
            "junk",
            "wrong_vehicle",
            "wrong_layout",
            "wrong_colour",
            "wide_gap",
            "off_centre",
            "may_miss_characters",
        ],
        problems,
    );
    whole(&section, "max_corrections", 4, &mut settings.max_corrections, problems);
    share(&section, "junk_below", &mut settings.junk_below, problems);
    let wanted = "a text of letters A to Z and digits";
    if let Some(characters) = section.optional::<String>("junk_characters", wanted, problems) {
        match characters.chars().find(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit())) {
            Some(wrong) => section.problem(
                "junk_characters",
                format!("`{wrong}` does not belong there; give {wanted}"),
                problems,
            ),
            None => settings.junk_characters = characters,
        }
    }
    share(&section, "junk", &mut settings.junk, problems);
    share(&section, "wrong_vehicle", &mut settings.wrong_vehicle, problems);
    share(&section, "wrong_layout", &mut settings.wrong_layout, problems);
    share(&section, "wrong_colour", &mut settings.wrong_colour, problems);
    number(&section, "wide_gap", (1.0, 10.0), &mut settings.wide_gap, problems);
    share(&section, "off_centre", &mut settings.off_centre, problems);
    share(&section, "may_miss_characters", &mut settings.may_miss_characters, problems);
    settings
}

pub(super) fn verdict(root: &Section<'_>, problems: &mut Problems) -> VerdictSettings {
    let mut settings = VerdictSettings::default();
    let Some(section) = root.optional_table("verdict", "of thresholds", problems) else {
        return settings;
    };
    section.only(
        &[
            "sure_width_px",
            "sure_width_one_line_px",
            "least_width_px",
            "sure_character",
            "sure_probability",
            "single_look_character",
            "single_look_probability",
            "sure_margin",
            "doubtful_probability",
            "most_doubtful_characters",
            "sure_agreement",
            "independence",
            "calibration",
        ],
        problems,
    );
    number(&section, "sure_width_px", (0.0, 1000.0), &mut settings.sure_width_px, problems);
    let one_line = &mut settings.sure_width_one_line_px;
    number(&section, "sure_width_one_line_px", (0.0, 1000.0), one_line, problems);
    number(&section, "least_width_px", (0.0, 1000.0), &mut settings.least_width_px, problems);
    share(&section, "sure_character", &mut settings.sure_character, problems);
    share(&section, "sure_probability", &mut settings.sure_probability, problems);
    share(&section, "single_look_character", &mut settings.single_look_character, problems);
    share(&section, "single_look_probability", &mut settings.single_look_probability, problems);
    number(&section, "sure_margin", (1.0, 1e6), &mut settings.sure_margin, problems);
    share(&section, "doubtful_probability", &mut settings.doubtful_probability, problems);
    whole(
        &section,
        "most_doubtful_characters",
        12,
        &mut settings.most_doubtful_characters,
        problems,
    );
    share(&section, "sure_agreement", &mut settings.sure_agreement, problems);
    share(&section, "independence", &mut settings.independence, problems);
    let wanted = "a list of points [raw score, probability]";
    if let Some(points) = section.optional::<Vec<(f32, f32)>>("calibration", wanted, problems) {
        match Calibration::new(points) {
            Ok(calibration) => settings.calibration = calibration,
            Err(problem) => section.problem("calibration", problem, problems),
        }
    }
    in_order(
        &section,
        ("least_width_px", settings.least_width_px),
        ("sure_width_px", settings.sure_width_px),
        problems,
    );
    in_order(
        &section,
        ("sure_width_px", settings.sure_width_px),
        ("sure_width_one_line_px", settings.sure_width_one_line_px),
        problems,
    );
    in_order(
        &section,
        ("sure_character", settings.sure_character),
        ("single_look_character", settings.single_look_character),
        problems,
    );
    in_order(
        &section,
        ("sure_probability", settings.sure_probability),
        ("single_look_probability", settings.single_look_probability),
        problems,
    );
    in_order(
        &section,
        ("doubtful_probability", settings.doubtful_probability),
        ("sure_probability", settings.sure_probability),
        problems,
    );
    settings
}

/// Notes where the first value is above the second.
fn in_order(section: &Section<'_>, low: (&str, f32), high: (&str, f32), problems: &mut Problems) {
    if low.1 > high.1 {
        let message =
            format!("{} is above `{}`, which is {}; it may not be", low.1, high.0, high.1);
        section.problem(low.0, message, problems);
    }
}

fn share(section: &Section<'_>, key: &str, into: &mut f32, problems: &mut Problems) {
    number(section, key, (0.0, 1.0), into, problems);
}

fn number(
    section: &Section<'_>,
    key: &str,
    range: (f32, f32),
    into: &mut f32,
    problems: &mut Problems,
) {
    let wanted = format!("a number from {} to {}", range.0, range.1);
    let Some(value) = section.optional::<f32>(key, &wanted, problems) else { return };
    if (range.0..=range.1).contains(&value) {
        *into = value;
    } else {
        section.problem(key, format!("{value} is not {wanted}"), problems);
    }
}

fn whole(section: &Section<'_>, key: &str, most: u32, into: &mut u32, problems: &mut Problems) {
    let wanted = format!("a whole number from 0 to {most}");
    let Some(value) = section.optional::<u32>(key, &wanted, problems) else { return };
    if value <= most {
        *into = value;
    } else {
        section.problem(key, format!("{value} is not {wanted}"), problems);
    }
}
