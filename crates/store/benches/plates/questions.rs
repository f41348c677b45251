//! What people ask of plates, put to a full store: times and plans.

use std::time::Instant;

use giaolo_domain::{
    CameraId, MediaTime, PlateChar, PlateReading, PlateVerdict, RoadUserClass, TrackId, Unreadable,
    UtcTime,
};
use giaolo_plate::Pattern;
use giaolo_store::{Access, NewRun, PlateQuery, ReadingRow, RunId, SceneVersion, Store};

use crate::{
    Failure,
    town::{BEGIN_US, Town},
};

const HOUR_US: i64 = 3_600_000_000;
/// Entries of the watch list while readings arrive; a twentieth with wildcards.
const WATCHED: usize = 1_000;

struct Question {
    name: &'static str,
    ask: fn(&str) -> PlateQuery,
}

fn query(pattern: String, one_wrong: bool) -> PlateQuery {
    // A plate of the town is a pattern.
    let pattern = Pattern::parse(&pattern).unwrap_or_else(|error| unreachable!("{error}"));
    PlateQuery { one_wrong, ..PlateQuery::new(pattern) }
}

fn end(plate: &str, length: usize) -> &str {
    &plate[plate.len() - length..]
}

/// As the officer's `61?1 234*`: code, no letter, all but the last digit.
fn remembered(plate: &str) -> String {
    format!("{}?{}*", &plate[..2], &plate[3..plate.len() - 1])
}

const QUESTIONS: &[Question] = &[
    Question { name: "the whole plate", ask: |p| query(p.to_owned(), false) },
    Question { name: "one wrong character", ask: |p| query(p.to_owned(), true) },
    Question { name: "`61?1 234*`", ask: |p| query(remembered(p), false) },
    Question { name: "`61?1 234*`, one wrong", ask: |p| query(remembered(p), true) },
    Question { name: "the last five, `*12345`", ask: |p| query(format!("*{}", end(p, 5)), false) },
    Question { name: "the last five, one wrong", ask: |p| query(format!("*{}", end(p, 5)), true) },
    Question { name: "the last three, `*345`", ask: |p| query(format!("*{}", end(p, 3)), false) },
    Question { name: "amid, `*1234*`", ask: |p| query(format!("*{}*", &p[3..7]), false) },
    Question { name: "the series, `61A1*`", ask: |p| query(format!("{}*", &p[..4]), false) },
    Question {
        name: "the series, one camera, one hour",
        ask: |p| PlateQuery {
            from: Some(UtcTime::from_micros(BEGIN_US + 7 * HOUR_US)),
            until: Some(UtcTime::from_micros(BEGIN_US + 8 * HOUR_US)),
            cameras: vec![CameraId::new("TU15-C1")],
            ..query(format!("{}*", &p[..4]), false)
        },
    },
    Question { name: "the code, `61*`", ask: |p| query(format!("{}*", &p[..2]), false) },
    Question { name: "on no plate, `*QQ*`", ask: |_| query("*QQ*".to_owned(), false) },
];

/// Puts every question for every sample and prints the table, then the plans.
pub async fn ask(store: &Store, town: &Town) -> Result<(), Failure> {
    println!("| question | median ms | worst ms | found, median | whole |");
    println!("| --- | ---: | ---: | ---: | --- |");
    for question in QUESTIONS {
        let (mut times, mut found, mut whole) = (Vec::new(), Vec::new(), 0);
        for plate in &town.samples {
            let asked = (question.ask)(plate);
            let began = Instant::now();
            let page = store.search_plates(&asked, &access()?).await?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            found.push(page.found as f64);
            whole += u32::from(page.looked_back_to.is_none());
        }
        let whole = format!("{whole} of {}", town.samples.len());
        row(question.name, times, Some(found), &whole);
    }
    let (mut times, mut found) = (Vec::new(), Vec::new());
    for plate in &town.samples {
        let began = Instant::now();
        let way = store.journey(&Pattern::parse(plate)?, None, None, &access()?).await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        found.push(way.sightings.len() as f64);
    }
    row("the way of a plate", times, Some(found), "");
    insert(store).await?;
    plans(store, town).await
}

fn row(name: &str, mut times: Vec<f64>, found: Option<Vec<f64>>, note: &str) {
    times.sort_by(f64::total_cmp);
    let found = found.map(|mut found| {
        found.sort_by(f64::total_cmp);
        format!("{}", found[found.len() / 2])
    });
    println!(
        "| {name} | {:.1} | {:.1} | {} | {note} |",
        times[times.len() / 2],
        times[times.len() - 1],
        found.unwrap_or_default()
    );
}

/// Readings as they arrive, one at a time, with a watch list; every tenth is waited for.
async fn insert(store: &Store) -> Result<(), Failure> {
    let now = access()?.at();
    let expires_at = now.plus(MediaTime(24 * HOUR_US));
    for number in 0..WATCHED {
        let wildcard = if number % 20 == 0 { "?" } else { "" };
        let pattern = Pattern::parse(&format!("61X{:05}{wildcard}", number * 10))?;
        store.watch_add(&pattern, expires_at, &access()?).await?;
    }
    let run = begin(store, now).await?;
    let (mut times, mut raised) = (Vec::new(), 0);
    for number in 1..=200 {
        let row = reading(number, if number % 10 == 0 { "61X00010" } else { "61Y54321" });
        let began = Instant::now();
        raised += store.insert_reading(run, &row, now).await?.len();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let note = format!("{raised} alerts of 200, {WATCHED} watched for");
    row("a reading stored and checked", times, None, &note);
    Ok(())
}

async fn begin(store: &Store, now: UtcTime) -> Result<RunId, Failure> {
    let camera = CameraId::new("TU15-C1");
    // Of the empty text.
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned();
    let scene = SceneVersion {
        camera: camera.clone(),
        sha256: sha256.clone(),
        toml: String::new(),
        created_at: now,
        who: "bench".to_owned(),
        note: String::new(),
    };
    store.put_scene_version(&scene).await?;
    let run = NewRun {
        camera,
        source_name: "live".to_owned(),
        source_sha256: sha256.clone(),
        scene_sha256: sha256,
        model: "m".to_owned(),
        program_version: "1".to_owned(),
        started_at: now,
        origin: giaolo_domain::TimeOrigin {
            start: now,
            clock: giaolo_domain::ClockSource::Operator,
            uncertainty_s: None,
        },
    };
    Ok(store.begin_run(&run).await?)
}

fn reading(track: u64, plate: &str) -> ReadingRow {
    let character = |symbol| PlateChar {
        symbol,
        score: 0.99,
        doubtful: false,
        read_as: None,
        others: Vec::new(),
    };
    ReadingRow {
        track: TrackId(track),
        class: RoadUserClass::Car,
        first: MediaTime(0),
        last: MediaTime(1_000_000),
        reading: PlateReading {
            verdict: PlateVerdict::Sure,
            unreadable: None,
            text: plate.to_owned(),
            printed: plate.to_owned(),
            characters: plate.chars().map(character).collect(),
            raw: plate.to_owned(),
            ..PlateReading::unreadable(Unreadable::Blurred)
        },
    }
}

async fn plans(store: &Store, town: &Town) -> Result<(), Failure> {
    let Some(plate) = town.samples.first() else { return Ok(()) };
    println!("\n```");
    for question in QUESTIONS.iter().filter(|question| !question.name.contains("wrong")) {
        for step in store.search_plan(&(question.ask)(plate)).await? {
            println!("{}, {}\n    {}", question.name, step.step, step.plan.replace('\n', "\n    "));
        }
    }
    println!("```");
    Ok(())
}

fn access() -> Result<Access, Failure> {
    // After everything that the town read.
    let now = UtcTime::from_micros(BEGIN_US + 24 * 366 * HOUR_US);
    Ok(Access::new(now, "bench", "measuring the search", None)?)
}
