//! One module for each command.

pub mod analyse;
pub mod doctor;
pub mod eval;
pub mod evidence;
pub mod import_otflow;
pub mod models;
mod plate_access;
pub mod plate_search;
pub mod plate_watch;
mod plate_way;
pub mod plates;
mod progress;
pub mod replay;
pub mod scene;
pub mod serve;

use miette::Report;

/// An error of a crate as what a person reads: with its causes, unless it tells them itself.
pub fn plain(error: impl std::error::Error) -> Report {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        cause = error.source();
    }
    Report::msg(said)
}
