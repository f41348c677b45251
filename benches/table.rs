//! `make bench`: one table of each stage, and one of the whole, against their bare limits.
//!
//! Printed as Markdown, to be pasted into `docs/performance.md`. A first argument that is a part of
//! a stage's or clip's name limits it to those.

use giaolo_benches::{
    CHILD_FLAG, Case, Failure, Machine, Measured, WholeResult, analyse_in_this_process, cases,
    choose, clips, measure_whole, median,
};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if arguments.first().is_some_and(|first| first == CHILD_FLAG) {
        return analyse_in_this_process(&arguments[1..]);
    }
    let only = arguments.first().map_or("", String::as_str);
    let began = std::time::Instant::now();
    let scratch = tempfile::tempdir()?;
    let clips = clips()?;
    println!("\n{}\n", Machine::now());

    println!("| stage | work | unit | ours, ms | bare limit | its ms | ours / bare | note |");
    println!("| --- | --- | --- | ---: | --- | ---: | ---: | --- |");
    for case in &mut cases(&choose(&clips)?, scratch.path())? {
        if case.stage.1.contains(only) {
            let measured = case.measure()?;
            println!("{}", stage_row(case, &measured));
        }
    }

    println!();
    println!(
        "| clip | picture | frames | frames/s | bare frames/s | ratio to bare | CPU ms a frame besides \
         inference and evidence | by stage | proven | CPU ms a proof | peak MiB |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |");
    for clip in clips.iter().filter(|clip| clip.name.contains(only)) {
        let result = measure_whole(clip, scratch.path())?;
        println!("{}", whole_row(&clip.name, &result));
    }
    println!("\n{}\n{:.0} s", Machine::now(), began.elapsed().as_secs_f64());
    Ok(())
}

fn stage_row(case: &Case, measured: &Measured) -> String {
    let ours = median(&measured.ours_ms);
    let (bare, bare_ms, ratio) = match &case.bare {
        Some(bare) => (bare.what, spread(&measured.bare_ms, 3), spread(&measured.ratios, 2)),
        None => ("", String::new(), String::new()),
    };
    let note = match case.video_s {
        Some(video_s) => {
            format!("{:.0} frames/s, {:.0} x real time", 1e3 / ours, video_s * 1e3 / ours)
        }
        None => String::new(),
    };
    format!(
        "| {} | {} | {}, {} | {} | {bare} | {bare_ms} | {ratio} | {note} |",
        case.stage.1,
        case.what,
        case.unit,
        case.clock.as_str(),
        spread(&measured.ours_ms, 3),
    )
}

fn whole_row(name: &str, result: &WholeResult) -> String {
    let stages: Vec<String> = result
        .stages_ms
        .iter()
        .filter(|(_, ms)| *ms >= 0.005)
        .map(|(stage, ms)| format!("{stage} {ms:.2}"))
        .collect();
    let proof = match result.evidence_ms.is_empty() {
        true => String::new(),
        false => spread(&result.evidence_ms, 0),
    };
    format!(
        "| {name} | {}x{} | {} | {} | {} | {} | {} | {} | {} | {proof} | {:.0} |",
        result.size.0,
        result.size.1,
        result.frames,
        spread(&result.frames_per_s, 1),
        spread(&result.bare_frames_per_s, 1),
        spread(&result.ratios, 3),
        spread(&result.besides_ms, 2),
        stages.join(", "),
        result.proven,
        result.peak_mib,
    )
}

/// The middle, with the least and the most in brackets.
fn spread(ascending: &[f64], digits: usize) -> String {
    match ascending {
        [] => String::new(),
        [first, .., last] => {
            let middle = median(ascending);
            format!("{middle:.digits$} ({first:.digits$} to {last:.digits$})")
        }
        [only] => format!("{only:.digits$}"),
    }
}
