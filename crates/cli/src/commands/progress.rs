//! What is shown on stderr while something runs.

use giaolo_pipeline::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on stderr, or nothing where nobody looks.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// A new bar; none where it is not wanted.
    pub fn new(quiet: bool) -> Self {
        if quiet {
            return Self(None);
        }
        let bar = ProgressBar::no_length();
        let style = ProgressStyle::with_template(
            "{bar:32.cyan/black} {pos}/{len} frames  {per_sec:>14}  {msg}  {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style.with_key(
                "per_sec",
                |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = write!(out, "{:.1} frames/s", state.per_sec());
                },
            ));
        }
        Self(Some(bar))
    }

    /// Shows how far an analysis has come.
    pub fn show(&self, progress: &Progress) {
        let Some(bar) = &self.0 else { return };
        if let Some(hint) = progress.frames_hint {
            bar.set_length(hint.max(progress.frames));
        }
        bar.set_position(progress.frames);
        bar.set_message(format!("at {:.1} s", progress.at.seconds()));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A line on stderr that says what is being done, or nothing where nobody looks.
pub struct Spinner(Option<ProgressBar>);

impl Spinner {
    /// A new line; none where it is not wanted.
    pub fn new(quiet: bool) -> Self {
        Self((!quiet).then(ProgressBar::new_spinner))
    }

    /// Shows what is being done.
    pub fn say(&self, what: &str) {
        if let Some(line) = &self.0 {
            line.set_message(what.to_owned());
            line.tick();
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}
