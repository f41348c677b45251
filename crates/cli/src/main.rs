//! The `giaolo` command: arguments, wiring and exit codes.
//!
//! Exit code 0: done. 1: it could not be done, or evidence did not verify, and stderr says why in
//! plain words. 2: the arguments make no sense.

mod args;
mod commands;
mod installation;

use std::process::ExitCode;

use clap::Parser;
use miette::Result;

use crate::args::{Args, Command, PlatesCommand};

fn main() -> ExitCode {
    end_quietly_with_the_reader();
    let args = Args::parse();
    log_to_stderr();
    match run(args) {
        Ok(code) => code,
        Err(report) => {
            eprintln!("giaolo: {report}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<ExitCode> {
    match args.command {
        Command::Analyse(args) => commands::analyse::run(&args),
        Command::Eval(args) => commands::eval::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::ImportOtflow(args) => commands::import_otflow::run(&args),
        Command::Scene(args) => commands::scene::run(&args),
        Command::Evidence(args) => commands::evidence::run(&args),
        Command::Plates(args) => match args.command {
            PlatesCommand::Read(args) => commands::plates::read(&args),
            PlatesCommand::Eval(args) => commands::plates::eval(&args),
            PlatesCommand::Search(args) => commands::plate_search::search(&args),
            PlatesCommand::Journey(args) => commands::plate_search::journey(&args),
            PlatesCommand::Watch(args) => commands::plate_watch::watch(&args),
            PlatesCommand::Alerts(args) => commands::plate_watch::alerts(&args),
        },
        Command::Serve(args) => commands::serve::run(&args),
        Command::Models(args) => commands::models::run(&args),
        Command::Doctor => commands::doctor::run(),
    }
}

/// `giaolo … | head` ends like every other program, and not with a word about a broken pipe.
fn end_quietly_with_the_reader() {
    // SAFETY: called first and from the only thread there is; SIG_DFL is a valid disposition.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Warnings by default; `GIAOLO_LOG=debug` for more.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GIAOLO_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,ort=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
