//! `giaolo replay`

use std::{
    io::{BufWriter, Write},
    process::ExitCode,
};

use giaolo_domain::Event;
use giaolo_interchange::{BoxOrigin, ReadOptions, open_tracks_with};
use giaolo_pipeline::{Law, Replay, Replayed, read_scene};
use miette::{IntoDiagnostic, Result};

use super::plain;
use crate::{
    args::{BoxOriginArg, ReplayArgs},
    installation::installation,
};

pub fn run(args: &ReplayArgs) -> Result<ExitCode> {
    let (scene, _) = read_scene(&args.scene).map_err(plain)?;
    let options = ReadOptions {
        text_fps: args.fps,
        box_origin: args.box_origin.map(|origin| match origin {
            BoxOriginArg::TopLeft => BoxOrigin::TopLeft,
            BoxOriginArg::Centre => BoxOrigin::Centre,
        }),
        ..ReadOptions::default()
    };
    let opened = open_tracks_with(&args.tracks, &options).map_err(plain)?;
    if let Some((width, height)) = opened.info.size {
        scene.check_picture(width, height).map_err(plain)?;
    }
    for note in &opened.info.notes {
        eprintln!("note: {}", note.en);
    }
    let installation = installation(None);
    let law = Law::load(&installation.sanctions, &installation.violations).map_err(plain)?;
    let road = match &scene.calibration {
        Some(calibration) => Some(giaolo_vision::calibrate(calibration).map_err(plain)?.transform),
        None => None,
    };
    let mut replay = Replay::new(scene, opened.info.origin, road, &law);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for frame in opened.frames {
        let replayed = replay.frame(&frame.map_err(plain)?);
        print(&mut out, &replay, &replayed, args.explain)?;
    }
    let replayed = replay.finish();
    print(&mut out, &replay, &replayed, args.explain)?;
    out.flush().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}

fn print(
    out: &mut impl Write,
    replay: &Replay<'_>,
    replayed: &Replayed,
    explain: bool,
) -> Result<()> {
    for event in &replayed.events {
        writeln!(out, "{}", replay.line(event).map_err(plain)?).into_diagnostic()?;
        if let (true, Event::Crossing(crossing)) = (explain, event)
            && crossing.confirmed != crossing.at
        {
            eprintln!(
                "delayed: track {} over {} at frame {}, sure at frame {}",
                crossing.track, crossing.line, crossing.at.frame, crossing.confirmed.frame
            );
        }
    }
    if explain {
        for refused in &replayed.refused {
            eprintln!(
                "refused: track {} over {} {} at frame {}: {}",
                refused.track,
                refused.line,
                refused.way.as_str(),
                refused.at.frame,
                refused.reason.as_str()
            );
        }
    }
    Ok(())
}
