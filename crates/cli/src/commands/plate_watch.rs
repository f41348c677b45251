//! `giaolo plates watch` and `giaolo plates alerts`.

use std::process::ExitCode;

use giaolo_domain::{CameraId, ClockSource, UtcTime};
use giaolo_store::{
    AlertFilter, AlertId, AlertMatch, AlertRow, PlateMatch, Store, StoredReading, WatchEntry,
    WatchId,
};
use miette::{IntoDiagnostic, Result};
use serde_json::{Value, json};

use super::{
    plain,
    plate_access::{about, access_json, camera_at, given_time, look, one_line, places, when},
    plate_search::{match_words, written_down},
};
use crate::args::{PlatesAlertsArgs, PlatesWatchArgs, PlatesWatchCommand};

/// `giaolo plates watch`
pub fn watch(args: &PlatesWatchArgs) -> Result<ExitCode> {
    match &args.command {
        PlatesWatchCommand::Add { pattern, until, access: by } => {
            look(by, async |store, access| {
                let entry = store.watch_add(pattern, *until, access).await.map_err(plain)?;
                if by.json {
                    print(&json!({ "access": access_json(access), "entry": entry_json(&entry) }))?;
                } else {
                    println!("{}", entry_line(&entry, access.at()));
                    println!(
                        "it looks forward only; `giaolo plates search` finds what was read before"
                    );
                    println!("{}", written_down(store, by));
                }
                Ok(ExitCode::SUCCESS)
            })
        }
        PlatesWatchCommand::List { all, access: by } => look(by, async |store, access| {
            let entries = store.watch_list(*all, access).await.map_err(plain)?;
            if by.json {
                let entries: Vec<Value> = entries.iter().map(entry_json).collect();
                print(&json!({ "access": access_json(access), "all": all, "entries": entries }))?;
            } else {
                for entry in &entries {
                    println!("{}", entry_line(entry, access.at()));
                }
                println!("entries{}: {}", if *all { "" } else { " in force" }, entries.len());
                println!("{}", written_down(store, by));
            }
            Ok(ExitCode::SUCCESS)
        }),
        PlatesWatchCommand::Remove { id, access: by } => look(by, async |store, access| {
            let removed = store.watch_remove(WatchId(*id), access).await.map_err(plain)?;
            if by.json {
                print(&json!({ "access": access_json(access), "id": id, "removed": removed }))?;
            } else {
                let what = if removed { "is removed" } else { "was removed before" };
                println!("entry {id} {what}; its alerts stay");
                println!("{}", written_down(store, by));
            }
            Ok(ExitCode::SUCCESS)
        }),
    }
}

/// `giaolo plates alerts`
pub fn alerts(args: &PlatesAlertsArgs) -> Result<ExitCode> {
    if !args.seen.is_empty() {
        return seen(args);
    }
    look(&args.access, async |store, access| {
        let filter =
            AlertFilter { unseen: !args.all, before: args.before.map(AlertId), limit: args.limit };
        let alerts = store.alerts(&filter, access).await.map_err(plain)?;
        let places = places(store, alerts.iter().map(|alert| &alert.camera)).await?;
        let place = |camera: &CameraId| places.get(camera).map(String::as_str);
        let mut raised = Vec::with_capacity(alerts.len());
        for alert in &alerts {
            raised.push(Raised {
                alert,
                place: place(&alert.camera),
                clock: clock(store, alert).await?,
                now: store.reading_of_track(alert.run, alert.track).await.map_err(plain)?,
            });
        }
        if args.access.json {
            let alerts: Vec<Value> = raised.iter().map(Raised::json).collect();
            print(&json!({ "access": access_json(access), "all": args.all, "alerts": alerts }))?;
            return Ok(ExitCode::SUCCESS);
        }
        raised.iter().for_each(Raised::tell);
        println!(
            "{} alert(s){}",
            alerts.len(),
            if args.all { "" } else { " that nobody has seen" }
        );
        if let Some(last) = alerts.last().filter(|_| alerts.len() == args.limit as usize) {
            println!("there may be older ones: --before {}", last.id.0);
        }
        println!("{}", written_down(store, &args.access));
        Ok(ExitCode::SUCCESS)
    })
}

/// Marks alerts; one that is not there must not keep the others unseen.
fn seen(args: &PlatesAlertsArgs) -> Result<ExitCode> {
    look(&args.access, async |store: &Store, access| {
        let mut code = ExitCode::SUCCESS;
        let mut marked = Vec::new();
        for id in &args.seen {
            match store.alert_seen(AlertId(*id), access).await {
                Ok(first) => marked.push((id, first)),
                Err(error) => {
                    eprintln!("giaolo: {}", plain(error));
                    code = ExitCode::FAILURE;
                }
            }
        }
        if args.access.json {
            let marked: Vec<Value> =
                marked.iter().map(|(id, first)| json!({ "id": id, "first": first })).collect();
            print(&json!({ "access": access_json(access), "seen": marked }))?;
            return Ok(code);
        }
        for (id, first) in marked {
            let what = if first { "is seen" } else { "was seen by somebody before" };
            println!("alert {id} {what}");
        }
        println!("{}", written_down(store, &args.access));
        Ok(code)
    })
}

fn print(answer: &Value) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(answer).into_diagnostic()?);
    Ok(())
}

fn entry_line(entry: &WatchEntry, now: UtcTime) -> String {
    let state = match &entry.removed {
        Some((at, who)) => format!("removed {} by {}", given_time(*at), one_line(who)),
        None if entry.expires_at <= now => format!("ended {}", given_time(entry.expires_at)),
        None => format!("until {}", given_time(entry.expires_at)),
    };
    let case = entry.case.as_deref().map_or(String::new(), |case| format!(" [{}]", one_line(case)));
    format!(
        "{:>5}  {:<13} {state}, for {}: {}{case}",
        entry.id.0,
        entry.pattern,
        one_line(&entry.who),
        one_line(&entry.reason)
    )
}

fn entry_json(entry: &WatchEntry) -> Value {
    json!({
        "id": entry.id,
        "pattern": entry.pattern,
        "reason": entry.reason,
        "case": entry.case,
        "who": entry.who,
        "created_at": entry.created_at,
        "expires_at": entry.expires_at,
        "removed_at": entry.removed.as_ref().map(|removed| removed.0),
        "removed_by": entry.removed.as_ref().map(|removed| &removed.1),
    })
}

/// An alert with what is to be known beside it.
struct Raised<'a> {
    alert: &'a AlertRow,
    place: Option<&'a str>,
    /// The run's clock, which says when it was read, and how far off it may be.
    clock: (ClockSource, Option<f64>),
    /// What became of the reading.
    now: Option<StoredReading>,
}

async fn clock(store: &Store, alert: &AlertRow) -> Result<(ClockSource, Option<f64>)> {
    let run = store.run(alert.run).await.map_err(plain)?;
    let origin = run.map(|run| run.begun.origin);
    Ok(origin.map_or((ClockSource::Unknown, None), |origin| (origin.clock, origin.uncertainty_s)))
}

impl Raised<'_> {
    fn tell(&self) {
        let alert = self.alert;
        let plate = &alert.reading;
        println!(
            "{:>5}  {}  {:<13} {:<8} {:.3}  {}",
            alert.id.0,
            when(alert.read_at, self.clock.0, self.clock.1),
            plate.shown(),
            plate.verdict.as_str(),
            plate.score,
            camera_at(&alert.camera, self.place)
        );
        let how = match_words(plate_match(alert.how)).to_owned();
        let mut words = vec![how, alert.class.to_string()];
        words.extend(about(plate));
        println!("       {}", words.join(", "));
        let now = self.now.as_ref();
        if let Some(now) = now.map(|now| &now.row.reading).filter(|now| *now != plate) {
            let shown = if now.text.is_empty() { "-".to_owned() } else { now.shown() };
            println!("       since then read as {shown}, {}", now.verdict.as_str());
        }
        if let Some(now) = now.filter(|now| !now.violations.is_empty()) {
            println!("       violations: {}", now.violations.join(", "));
        }
        println!("       entry {}", entry_line(&alert.watch, alert.raised_at).trim_start());
        if let Some((at, who)) = &alert.seen {
            println!("       seen {} by {}", given_time(*at), one_line(who));
        }
    }

    fn json(&self) -> Value {
        let alert = self.alert;
        json!({
            "id": alert.id,
            "watch": entry_json(&alert.watch),
            "how": alert.how,
            "run": alert.run.0,
            "camera": alert.camera,
            "place": self.place,
            "track": alert.track,
            "class": alert.class,
            "read_at": alert.read_at,
            "clock": self.clock.0,
            "clock_uncertainty_s": self.clock.1,
            "shown": alert.reading.shown(),
            "reading": alert.reading,
            "reading_now": self.now.as_ref().map(|now| &now.row.reading),
            "violations": self.now.as_ref().map_or(&[][..], |now| &now.violations),
            "raised_at": alert.raised_at,
            "seen_at": alert.seen.as_ref().map(|seen| seen.0),
            "seen_by": alert.seen.as_ref().map(|seen| &seen.1),
        })
    }
}

const fn plate_match(how: AlertMatch) -> PlateMatch {
    match how {
        AlertMatch::Sure => PlateMatch::Sure,
        AlertMatch::Doubtful => PlateMatch::Doubtful,
        AlertMatch::Possible => PlateMatch::Possible,
    }
}
