//! When a rule holds: hours of the day and days of the calendar, in Viet Nam.

use jiff::civil::Date;

use super::problems::Problems;
use super::reader::{Node, Section};

const MINUTES_A_DAY: u16 = 24 * 60;

/// The spans of `hours`, as minutes from midnight.
pub(super) fn hours(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<(u16, u16)>> {
    let items = node.items("a list of spans, `[\"06:00-09:00\"]`", problems)?;
    if items.is_empty() {
        node.problem("is empty; leave it out for a rule that always holds".to_owned(), problems);
        return None;
    }
    let mut spans = Vec::with_capacity(items.len());
    for item in &items {
        spans.push(span(item, problems));
    }
    spans.into_iter().collect()
}

/// `06:00-09:00` as minutes from midnight.
fn span(node: &Node<'_>, problems: &mut Problems) -> Option<(u16, u16)> {
    let text = node.text(problems)?;
    let ends = text
        .split_once('-')
        .and_then(|(from, until)| Some((minute_of_day(from)?, minute_of_day(until)?)));
    let Some((from, until)) = ends.filter(|(from, _)| *from < MINUTES_A_DAY) else {
        node.wrong("a span of hours as `06:00-09:00`, from 00:00 to 24:00", problems);
        return None;
    };
    if from == until {
        node.problem(
            format!("\"{text}\" begins and ends at once; write `00:00-24:00` or leave `hours` out for the whole day"),
            problems,
        );
        return None;
    }
    Some((from, until))
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= MINUTES_A_DAY).then_some(minutes)
}

/// The days of `valid_from` and `valid_until`.
pub(super) fn dates(
    section: &Section<'_>,
    problems: &mut Problems,
) -> Option<(Option<String>, Option<String>)> {
    let mut date = |key: &str| match section.get(key) {
        None => Some(None),
        Some(node) => date(&node, problems).map(Some),
    };
    let (from, until) = (date("valid_from"), date("valid_until"));
    let (from, until) = (from?, until?);
    // Dates of this form stand in the order of their days.
    if let (Some(from), Some(until)) = (&from, &until)
        && from > until
        && let Some(node) = section.get("valid_until")
    {
        node.problem(
            format!("\"{until}\" is before `valid_from` \"{from}\", so the rule never holds"),
            problems,
        );
        return None;
    }
    Some((from, until))
}

fn date(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.text_or_date(problems)?;
    let valid = text.len() == 10 && text.parse::<Date>().is_ok_and(|date| date.to_string() == text);
    if valid {
        return Some(text);
    }
    node.wrong("a day as `2026-01-31`", problems);
    None
}
