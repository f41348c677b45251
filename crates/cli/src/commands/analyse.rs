//! `giaolo analyse`

use std::process::ExitCode;

use giaolo_pipeline::{Metrics, Summary, analyse};
use miette::Result;

use super::{plain, progress::Bar};
use crate::{
    args::{AnalyseArgs, OtherFormat},
    installation::{installation, settings},
};

pub fn run(args: &AnalyseArgs) -> Result<ExitCode> {
    let mut settings = settings(&args.run, &args.out);
    settings.annotate = args.annotate;
    settings.otc = args.format == Some(OtherFormat::Otc);
    let installation = installation(args.run.key.as_deref());
    let metrics = Metrics::new().map_err(plain)?;
    let bar = Bar::new(args.run.quiet);
    let summary = analyse(&settings, &installation, &metrics, &mut |p| bar.show(p), &mut |_| {});
    bar.clear();
    let summary = summary.map_err(plain)?;
    if !args.run.quiet {
        tell(&summary, args);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a person wants to know first.
fn tell(summary: &Summary, args: &AnalyseArgs) {
    let frames = summary.frames.get("analysed").copied().unwrap_or(0);
    println!("{} · {} · {}", summary.place, summary.camera, summary.source);
    println!(
        "  {frames} frames, {:.1} s of video at {:.0} frames/s; {} road users followed",
        summary.media_s, summary.speed.frames_per_s, summary.tracks
    );
    let crossings: u64 = summary.crossings.values().sum();
    println!("  {crossings} crossings");
    for (what, count) in &summary.crossings {
        println!("    {count:>5}  {what}");
    }
    let violations: u64 = summary.violations.values().sum();
    println!(
        "  {violations} violation candidate(s) with evidence, {} of them new",
        summary.evidence_new
    );
    for (kind, count) in &summary.violations {
        println!("    {count:>5}  {} / {}", kind.vietnamese(), kind.english());
    }
    for unproven in &summary.unproven {
        println!("  not proven: {} ({})", unproven.id, unproven.reason);
    }
    for warning in &summary.warnings {
        println!("  note: {warning}");
    }
    let out = args.out.display();
    println!("  {out}/summary.json  {out}/events.jsonl  {out}/counts.csv  {out}/evidence/");
    if args.annotate {
        println!("  {out}/annotated.mp4");
    }
}
