//! `giaolo evidence`

use std::process::ExitCode;

use giaolo_evidence::{Report, VerifyOptions, export_zip, verify};
use miette::{IntoDiagnostic, Result};

use super::plain;
use crate::args::{EvidenceArgs, EvidenceCommand};

pub fn run(args: &EvidenceArgs) -> Result<ExitCode> {
    match &args.command {
        EvidenceCommand::Export { folder, out } => {
            export_zip(folder, out).map_err(plain)?;
            println!("{}", out.display());
            Ok(ExitCode::SUCCESS)
        }
        EvidenceCommand::Verify { path, trusted_keys, expected_head, json } => {
            let options = VerifyOptions {
                trusted_keys: trusted_keys.clone(),
                expected_head: expected_head.clone(),
                ..VerifyOptions::default()
            };
            let report = verify(path, &options).map_err(plain)?;
            if *json {
                println!("{}", serde_json::to_string_pretty(&report).into_diagnostic()?);
            } else {
                tell(&report);
            }
            Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn tell(report: &Report) {
    for note in &report.notes {
        println!("note: {}", note.en);
    }
    if report.is_good() {
        println!(
            "{}: nguyên vẹn / intact; {} evidence folder(s)",
            report.target,
            report.evidence.len()
        );
        return;
    }
    for problem in &report.problems {
        println!("{}: {}", problem.place(), problem.vi);
        println!("{}: {} [{}]", problem.place(), problem.en, problem.code.as_str());
    }
    println!(
        "{}: KHÔNG nguyên vẹn / NOT intact; {} problem(s)",
        report.target,
        report.problems.len()
    );
}
