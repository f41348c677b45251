//! `giaolo eval`

use std::{path::PathBuf, process::ExitCode};

use giaolo_pipeline::eval::{Report, eval, read_truth};
use miette::{IntoDiagnostic, Result};

use super::{plain, progress::Bar};
use crate::{
    args::EvalArgs,
    installation::{installation, settings},
};

pub fn run(args: &EvalArgs) -> Result<ExitCode> {
    let truth = read_truth(&args.truth).map_err(plain)?;
    // A score must not depend on what an earlier one left behind.
    let folder = match &args.out {
        Some(out) => Folder::Kept(out.clone()),
        None => Folder::Temporary(tempfile::tempdir().into_diagnostic()?),
    };
    let mut settings = settings(&args.run, &folder.path());
    settings.database = None;
    settings.evidence = None;
    let installation = installation(args.run.key.as_deref());
    let bar = Bar::new(args.run.quiet || args.json);
    let report = eval(&settings, &installation, &truth, &mut |p| bar.show(p));
    bar.clear();
    let report = report.map_err(plain)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).into_diagnostic()?);
    } else {
        tell(&report);
    }
    Ok(ExitCode::SUCCESS)
}

enum Folder {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Folder {
    fn path(&self) -> PathBuf {
        match self {
            Self::Kept(path) => path.clone(),
            Self::Temporary(folder) => folder.path().to_owned(),
        }
    }
}

fn tell(report: &Report) {
    let share = |share: Option<f64>| share.map_or("-".to_owned(), |s| format!("{s:.3}"));
    println!("{}  {} frames", report.clip, report.frames);
    if let Some(crossings) = &report.scores.crossings {
        for (name, counts) in std::iter::once(("all lines", &crossings.all))
            .chain(crossings.by_line.iter().map(|(line, counts)| (line.as_str(), counts)))
        {
            println!(
                "  crossings {name:<12} truth {:>3}  predicted {:>3}  matched {:>3}  precision {}  recall {}",
                counts.truth,
                counts.predicted,
                counts.matched,
                share(counts.precision),
                share(counts.recall)
            );
        }
    }
    for total in &report.scores.totals {
        println!(
            "  total {}/{}/{}: truth {}, predicted {}{}",
            total.line,
            total.way,
            total.class,
            total.truth,
            total.predicted,
            if total.within_tolerance { "" } else { "  (outside the tolerance)" }
        );
    }
    for (kind, score) in &report.scores.violations {
        println!(
            "  {kind:<16} truth {:>3}  predicted {:>3}  matched {:>3}  clear {}/{}  not scored {}",
            score.all.truth,
            score.all.predicted,
            score.all.matched,
            score.clear.matched,
            score.clear.truth,
            score.not_scored
        );
    }
    if let Some(signal) = &report.scores.signal {
        println!(
            "  signal {} of {} frames right ({:.3})",
            signal.right, signal.frames, signal.share
        );
    }
    let speed = &report.speed;
    println!(
        "  {:.1} frames/s, bare inference {:.1}, ratio {:.3}; {:.1} ms of CPU a frame; peak {:.0} MiB",
        speed.frames_per_s,
        speed.bare_inference_frames_per_s,
        speed.ratio_to_bare,
        speed.cpu_ms_per_frame,
        speed.peak_rss_mb
    );
    let stages: Vec<String> =
        speed.stages_cpu_ms.iter().map(|(stage, ms)| format!("{stage} {ms:.2}")).collect();
    println!("  CPU ms a frame: {}", stages.join(", "));
}
