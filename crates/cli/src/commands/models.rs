//! `giaolo models`

use std::process::{Command, ExitCode};

use giaolo_vision::Registry;
use miette::{Report, Result};

use super::plain;
use crate::{
    args::{ModelsArgs, ModelsCommand},
    installation::{home, installation},
};

pub fn run(args: &ModelsArgs) -> Result<ExitCode> {
    let installation = installation(None);
    let registry = || Registry::load(&installation.models, &installation.weights).map_err(plain);
    match &args.command {
        ModelsCommand::List => {
            list(&registry()?);
            Ok(ExitCode::SUCCESS)
        }
        ModelsCommand::Verify => Ok(verify(&registry()?)),
        ModelsCommand::Fetch { name, size, accepted_licences } => {
            let script = home().join("models/fetch.py");
            let mut fetch = Command::new("python3");
            fetch.arg(&script).args(name);
            if let Some(size) = size {
                fetch.args(["--size", size]);
            }
            for licence in accepted_licences {
                fetch.args(["--accept-licence", licence]);
            }
            let status = fetch.status().map_err(|error| {
                Report::msg(format!("cannot run python3 {}: {error}", script.display()))
            })?;
            Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn list(registry: &Registry) {
    for entry in registry.entries() {
        println!(
            "{:<14} {}: {}  [{}]",
            entry.name,
            entry.task.as_str(),
            entry.title,
            entry.licence
        );
        println!("               {}", entry.source);
        if let Some(accept) = &entry.accept_licence {
            println!("               only with --accept-licence {accept}");
        }
        for file in &entry.files {
            let there = if registry.path_of(file).is_file() { "fetched" } else { "not fetched" };
            println!(
                "               {:>13}  {:>5.1} MB  {there}",
                file.variant(),
                file.bytes as f64 / 1e6
            );
        }
    }
}

fn verify(registry: &Registry) -> ExitCode {
    let (mut good, mut missing, mut wrong) = (0, 0, 0);
    for entry in registry.entries() {
        for file in &entry.files {
            if !registry.path_of(file).is_file() {
                missing += 1;
                continue;
            }
            match registry.read(file) {
                Ok(_) => good += 1,
                Err(error) => {
                    wrong += 1;
                    eprintln!("{error}");
                }
            }
        }
    }
    println!("{good} file(s) right, {wrong} wrong, {missing} not fetched");
    if wrong == 0 && good > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
