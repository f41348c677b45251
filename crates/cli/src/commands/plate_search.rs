//! `giaolo plates search` and `giaolo plates journey`.

use std::process::ExitCode;

use giaolo_domain::CameraId;
use giaolo_store::{PlateHit, PlateMatch, PlatePage, PlateQuery, Store};
use miette::{IntoDiagnostic, Result};
use serde_json::{Value, json};

use super::{
    plain,
    plate_access::{
        about, access_json, camera_at, given_time, look, must_be_known, note_if_empty, one_line,
        places, reading_json, when,
    },
    plate_way::Way,
};
use crate::args::{AccessArgs, PlatesJourneyArgs, PlatesSearchArgs, SpanArgs};

/// Hits of one question to the store where all are wanted.
const PAGE: u32 = 500;
/// Characters of the shortest plate (army: AB-12-34).
const SHORTEST_PLATE: usize = 6;

/// `giaolo plates search`
pub fn search(args: &PlatesSearchArgs) -> Result<ExitCode> {
    look(&args.access, async |store, access| {
        must_be_known(store, &args.cameras).await?;
        note_if_empty(store).await?;
        let mut query = query(args);
        let mut page = store.search_plates(&query, access).await.map_err(plain)?;
        let mut entries = vec![page.audit_sequence];
        while args.all && page.next.is_some() {
            query.after = page.next;
            let next = store.search_plates(&query, access).await.map_err(plain)?;
            entries.push(next.audit_sequence);
            page.hits.extend(next.hits);
            page.next = next.next;
        }
        let cameras = page.hits.iter().map(|hit| &hit.reading.camera);
        let places = places(store, cameras).await?;
        let place = |camera: &CameraId| places.get(camera).map(String::as_str);
        if args.access.json {
            let hits: Vec<Value> = page.hits.iter().map(|hit| hit_json(hit, &place)).collect();
            let answer = json!({
                "access": access_json(access),
                "audit_entries": entries,
                "pattern": query.pattern.glob(),
                "one_wrong": query.one_wrong,
                "from": query.from,
                "until": query.until,
                "cameras": query.cameras,
                "verdicts": query.verdicts,
                "found": page.found,
                "more": page.next.is_some(),
                "looked_back_to": page.looked_back_to,
                "hits": hits,
            });
            println!("{}", serde_json::to_string_pretty(&answer).into_diagnostic()?);
        } else {
            tell(&page, &query, args, &place);
            println!("{}", written_down_as(&entries, store, &args.access));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `giaolo plates journey`
pub fn journey(args: &PlatesJourneyArgs) -> Result<ExitCode> {
    look(&args.access, async |store, access| {
        note_if_empty(store).await?;
        let (from, until) = (args.span.from, args.span.until);
        let journey = store.journey(&args.plate, from, until, access).await.map_err(plain)?;
        let cameras = journey.sightings.iter().flat_map(|sighting| &sighting.readings);
        let places = places(store, cameras.map(|reading| &reading.camera)).await?;
        let way = Way::new(&journey, &places);
        if args.access.json {
            let answer = json!({
                "access": access_json(access),
                "audit_entries": [journey.audit_sequence],
                "plate": journey.plate,
                "from": from,
                "until": until,
                "sure": journey.sure,
                "doubtful": journey.doubtful,
                "possible": journey.possible,
                "looked_back_to": journey.looked_back_to,
                "sightings": way.json(),
            });
            println!("{}", serde_json::to_string_pretty(&answer).into_diagnostic()?);
            return Ok(ExitCode::SUCCESS);
        }
        println!("the way of {}{}", journey.plate, span_words(&args.span));
        way.tell();
        if let Some(since) = journey.looked_back_to {
            println!(
                "watch out: there is more than one answer holds; what was read before {} is not in it, \
                 give a shorter time",
                given_time(since)
            );
        }
        println!(
            "{} sighting(s): {} sure, {} doubtful, {} possible; between them nobody knows where it was",
            journey.sightings.len(),
            journey.sure,
            journey.doubtful,
            journey.possible
        );
        println!("{}", written_down_as(&[journey.audit_sequence], store, &args.access));
        Ok(ExitCode::SUCCESS)
    })
}

fn query(args: &PlatesSearchArgs) -> PlateQuery {
    PlateQuery {
        one_wrong: args.one_wrong,
        from: args.span.from,
        until: args.span.until,
        cameras: args.cameras.clone(),
        verdicts: args.verdicts.iter().map(|verdict| (*verdict).into()).collect(),
        limit: if args.all { PAGE } else { args.limit },
        ..PlateQuery::new(args.pattern.clone())
    }
}

fn tell<'a>(
    page: &PlatePage,
    query: &PlateQuery,
    args: &PlatesSearchArgs,
    place: &dyn Fn(&CameraId) -> Option<&'a str>,
) {
    let at: Vec<&str> = query.cameras.iter().map(CameraId::as_str).collect();
    let at = if at.is_empty() { String::new() } else { format!(" at {}", at.join(", ")) };
    println!("{}{}{at}", query.pattern.glob(), span_words(&args.span));
    for hit in &page.hits {
        let reading = &hit.reading;
        let plate = &reading.row.reading;
        println!(
            "  {}  {:<13} {:<8} {:.3}  {}",
            when(reading.read_at, reading.clock, reading.clock_uncertainty_s),
            plate.shown(),
            plate.verdict.as_str(),
            plate.score,
            camera_at(&reading.camera, place(&reading.camera))
        );
        let mut words = vec![match_words(hit.how).to_owned(), reading.row.class.to_string()];
        words.extend(about(plate));
        println!("      {}", words.join(", "));
        if !reading.violations.is_empty() {
            println!("      violations: {}", reading.violations.join(", "));
        }
    }
    if let Some(since) = page.looked_back_to {
        println!(
            "watch out: the pattern fits so many plates that only readings since {} were looked at; \
             more characters or a shorter time give a whole answer",
            given_time(since)
        );
    }
    let shown = page.hits.len();
    if page.next.is_some() {
        println!("{} found, {shown} shown; --all shows all, --limit more", page.found);
    } else {
        println!("{} found", page.found.max(shown as u64));
    }
    if page.found == 0 {
        println!("that says nothing of where no camera looked, or no plate could be read");
    }
    let text = query.pattern.glob();
    if query.pattern.is_exact() && text.len() < SHORTEST_PLATE {
        println!("`{text}` is no whole plate; write `{text}*` for all that begin so");
    }
}

/// That the question was written down, and where: whoever asks must know.
pub fn written_down(store: &Store, args: &AccessArgs) -> String {
    format!("in the audit log of {}, with the reason: {}", store.name(), one_line(&args.reason))
}

/// As [`written_down`], with the places in the log: each page of an answer is an entry.
fn written_down_as(entries: &[u64], store: &Store, args: &AccessArgs) -> String {
    let what = if entries.len() == 1 { "entry" } else { "entries" };
    let places = entries.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    format!("{what} {places} {}", written_down(store, args))
}

fn span_words(span: &SpanArgs) -> String {
    let mut words = String::new();
    if let Some(from) = span.from {
        words.push_str(&format!(" from {}", given_time(from)));
    }
    if let Some(until) = span.until {
        words.push_str(&format!(" until {}", given_time(until)));
    }
    if words.is_empty() { " at all times".to_owned() } else { words + " (Viet Nam)" }
}

fn hit_json<'a>(hit: &PlateHit, place: &dyn Fn(&CameraId) -> Option<&'a str>) -> Value {
    let mut hit_json = reading_json(&hit.reading, place(&hit.reading.camera));
    hit_json["how"] = json!(hit.how);
    hit_json
}

/// How surely a reading is the plate.
pub const fn match_words(how: PlateMatch) -> &'static str {
    match how {
        PlateMatch::Sure => "fits",
        PlateMatch::Doubtful => "fits, but is doubtful",
        PlateMatch::Possible => "reads otherwise, but may be it",
        PlateMatch::SureOneWrong => "fits but for one character",
        PlateMatch::DoubtfulOneWrong => "fits but for one character, and is doubtful",
        PlateMatch::PossibleOneWrong => "may be one that fits but for one character",
    }
}
