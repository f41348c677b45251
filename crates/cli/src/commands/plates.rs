//! `giaolo plates`: on pictures.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use giaolo_domain::{PlateReading, PlateVerdict};
use giaolo_pipeline::plates::{
    PlateReport, StillPlate, StillReader, eval_plates, pictures_in, read_picture, read_plate_truth,
};
use giaolo_vision::ExecutionProvider;
use miette::{IntoDiagnostic, Result};
use serde_json::json;

use super::{plain, progress::Spinner};
use crate::{
    args::{PlatesEvalArgs, PlatesReadArgs},
    installation::installation,
};

/// `giaolo plates read`
pub fn read(args: &PlatesReadArgs) -> Result<ExitCode> {
    let mut reader =
        StillReader::open(&installation(None), ExecutionProvider::Cpu).map_err(plain)?;
    let mut failed = false;
    for path in expand(&args.pictures)? {
        // One broken picture of a thousand must not hide the others.
        let still = match read_picture(&path).and_then(|picture| reader.read(&picture)) {
            Ok(still) => still,
            Err(error) => {
                // A decoder's message may end a line of its own.
                eprintln!("giaolo: {}", plain(error).to_string().trim_end());
                failed = true;
                continue;
            }
        };
        if args.json {
            println!("{}", json!({ "file": path, "plates": still.plates }));
        } else {
            println!("{}", path.display());
            if still.plates.is_empty() {
                println!("  no plate");
            }
            for plate in &still.plates {
                println!("  {}", line(plate));
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `giaolo plates eval`
pub fn eval(args: &PlatesEvalArgs) -> Result<ExitCode> {
    let truth = read_plate_truth(&args.truth).map_err(plain)?;
    let mut reader =
        StillReader::open(&installation(None), ExecutionProvider::Cpu).map_err(plain)?;
    let progress = Spinner::new(args.quiet || args.json);
    let report = eval_plates(&mut reader, &args.folder, &truth, &mut |name, at, of| {
        progress.say(&format!("{at} of {of} {name}"));
    });
    progress.clear();
    let report = report.map_err(plain)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).into_diagnostic()?);
    } else {
        tell(&report);
    }
    Ok(ExitCode::SUCCESS)
}

/// Files as they are, folders as the pictures in them.
fn expand(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in given {
        if path.is_dir() {
            paths.extend(pictures_in(path).map_err(plain)?);
        } else {
            paths.push(Path::to_owned(path));
        }
    }
    Ok(paths)
}

fn line(plate: &StillPlate) -> String {
    let reading = &plate.reading;
    let mut words = vec![format!("{:<14} {:<10}", shown(reading), reading.verdict.as_str())];
    if let Some(why) = reading.unreadable {
        words.push(why.english().to_owned());
        return words.join(" ");
    }
    words.push(format!("{:.3}", reading.score));
    words.extend(reading.kind.clone());
    words.extend(reading.layout.map(|layout| layout.as_str().to_owned()));
    words.extend(reading.colour.map(|colour| colour.as_str().to_owned()));
    words.push(format!("{:.0} px", reading.width_px));
    words.extend(plate.vehicle.map(|vehicle| vehicle.class.to_string()));
    if reading.manual {
        words.push("for a person to decide".to_owned());
    }
    words.extend(reading.doubts.iter().map(|doubt| format!("({})", doubt.en)));
    words.join(" ")
}

/// The printed form of a sure reading; of another one with `?` where it is not sure.
fn shown(reading: &PlateReading) -> String {
    if reading.verdict == PlateVerdict::Unreadable {
        return "-".to_owned();
    }
    reading.shown()
}

fn tell(report: &PlateReport) {
    let share = |share: Option<f64>| share.map_or("-".to_owned(), |s| format!("{s:.3}"));
    println!(
        "{} pictures, {} plates: {} found, {} exact ({})",
        report.pictures,
        report.plates,
        report.found,
        report.exact,
        share(report.exact_share)
    );
    println!(
        "  sure {}, right {} ({}); {} more on plates that are not listed",
        report.sure.count,
        report.sure.right,
        share(report.sure.right_share),
        report.sure.not_listed
    );
    let parts = report.by_layout.iter().map(|(name, part)| (name.as_str(), part));
    for (name, part) in parts.chain(report.by_width.iter().map(|(name, part)| (*name, part))) {
        println!(
            "  {name:<10} {:>3} plates, {:>3} found, {:>3} exact ({})",
            part.plates,
            part.found,
            part.exact,
            share(part.exact_share)
        );
    }
    if report.doubtful.plates > 0 {
        println!(
            "  of {} that a person could not read wholly: {} found, {} agree, {} sure",
            report.doubtful.plates,
            report.doubtful.found,
            report.doubtful.agree,
            report.doubtful.sure
        );
    }
    for (what, reads) in [("missed", &report.missed), ("wrong and sure", &report.wrong_sure)] {
        for read in reads {
            let frame = read.frame.map_or(String::new(), |frame| format!(" frame {frame}"));
            println!(
                "  {what}: {}{frame} {} read as {} ({}, {:.3})",
                read.file,
                if read.truth.is_empty() { "-" } else { &read.truth },
                if read.read.is_empty() { "-" } else { &read.read },
                read.verdict.as_str(),
                read.score
            );
        }
    }
    for error in &report.broken {
        println!("  broken: {error}");
    }
    if !report.absent.is_empty() {
        println!("  listed, but not in the folder: {}", report.absent.join(", "));
    }
    println!(
        "  {} vehicles, {} ms of CPU each",
        report.vehicles,
        report.cpu_ms_per_vehicle.map_or("-".to_owned(), |ms| format!("{ms:.1}"))
    );
}
