//! `giaolo import-otflow`

use std::process::ExitCode;

use giaolo_interchange::import_otflow;
use miette::{Report, Result};

use crate::args::ImportOtflowArgs;

pub fn run(args: &ImportOtflowArgs) -> Result<ExitCode> {
    let bytes = std::fs::read(&args.file)
        .map_err(|error| Report::msg(format!("cannot read {}: {error}", args.file.display())))?;
    let (scene, notes) = import_otflow(&bytes, args.size)
        .map_err(|error| Report::msg(format!("{}: {error}", args.file.display())))?;
    for note in notes {
        eprintln!("note: {}", note.en);
    }
    print!("{}", scene.to_toml());
    Ok(ExitCode::SUCCESS)
}
