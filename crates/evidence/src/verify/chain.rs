//! Judging the order: numbers without gap or double, each manifest pointing to the one before, and
//! the last link being the expected one.

use std::collections::{BTreeMap, BTreeSet};

use super::{EvidenceSummary, Problem, ProblemCode, Report, VerifyOptions};
use crate::digest::NO_LINK;

/// Judges a whole chain out of the folders that the report already holds.
pub(super) fn judge(options: &VerifyOptions, report: &mut Report) {
    report.evidence.sort_by(|a, b| a.folder.cmp(&b.folder));
    let mut found = judge_names(&report.evidence);
    found.extend(judge_links(&report.evidence));
    if options.trusted_keys.is_empty() {
        found.extend(judge_signers(&report.evidence));
    }
    report.problems.extend(found);
    if report.evidence.is_empty() {
        report.note(Problem::new(ProblemCode::NothingHere));
    } else if options.expected_head.is_none() {
        report.note(Problem::new(ProblemCode::HeadNotCompared));
    }
    judge_ends(options, report);
}

/// Judges what one folder alone can tell about the chain.
pub(super) fn judge_single(options: &VerifyOptions, report: &mut Report) {
    let found: Vec<_> = report
        .evidence
        .iter()
        .filter(|one| (one.sequence == 1) != (one.previous_manifest_sha256 == NO_LINK))
        .map(|one| Problem::new(ProblemCode::BrokenLink).folder(&one.folder))
        .collect();
    report.problems.extend(found);
    judge_ends(options, report);
}

fn judge_ends(options: &VerifyOptions, report: &mut Report) {
    if options.trusted_keys.is_empty()
        && let Some(first) = report.evidence.first()
    {
        let signer = first.signer.clone();
        report.note(Problem::new(ProblemCode::KeyNotCompared).because(signer));
    }
    let (Some(expected), head) = (&options.expected_head, report.head()) else {
        return;
    };
    if head.as_ref() != Some(expected) {
        let found = head
            .map_or("-".to_owned(), |head| format!("{} {}", head.sequence, head.manifest_sha256));
        report.problem(
            Problem::new(ProblemCode::WrongHead).expected(
                format_args!("{} {}", expected.sequence, expected.manifest_sha256),
                found,
            ),
        );
    }
}

/// In the order of the folders' names: numbers rise, ids are unique.
fn judge_names(evidence: &[EvidenceSummary]) -> Vec<Problem> {
    let mut found = Vec::new();
    for pair in evidence.windows(2) {
        if pair[0].sequence > pair[1].sequence {
            found.push(Problem::new(ProblemCode::Reordered).folder(&pair[1].folder));
        }
    }
    let mut ids = BTreeSet::new();
    for one in evidence {
        if !ids.insert(&one.id) {
            found.push(Problem::new(ProblemCode::DuplicateId).folder(&one.folder));
        }
    }
    found
}

/// In the order of the manifests' numbers: every number once, every manifest's pointer right.
fn judge_links(evidence: &[EvidenceSummary]) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut by_number: BTreeMap<u64, Vec<&EvidenceSummary>> = BTreeMap::new();
    for one in evidence {
        by_number.entry(one.sequence).or_default().push(one);
    }
    let mut before: (u64, Vec<&str>) = (0, vec![NO_LINK]);
    for (number, folders) in by_number {
        let is_next = before.0.checked_add(1) == Some(number);
        if !is_next {
            let missing = match (before.0 + 1, number - 1) {
                (one, last) if one == last => format!("{one:08}"),
                (first, last) => format!("{first:08} - {last:08}"),
            };
            let first = folders.first().map_or("", |one| &one.folder);
            found.push(
                Problem::new(ProblemCode::Gap)
                    .folder(first)
                    .detail(&format!("thiếu số {missing}"), &format!("missing {missing}")),
            );
        }
        for (position, one) in folders.iter().enumerate() {
            if position > 0 {
                found.push(Problem::new(ProblemCode::DuplicateSequence).folder(&one.folder));
            }
            if is_next && !before.1.contains(&one.previous_manifest_sha256.as_str()) {
                found.push(
                    Problem::new(ProblemCode::BrokenLink)
                        .folder(&one.folder)
                        .expected(before.1.join(", "), &one.previous_manifest_sha256),
                );
            }
        }
        let hashes = folders.iter().map(|one| one.manifest_sha256.as_str());
        before = (number, hashes.collect());
    }
    found
}

fn judge_signers(evidence: &[EvidenceSummary]) -> Vec<Problem> {
    evidence
        .windows(2)
        .filter(|pair| pair[0].signer != pair[1].signer)
        .map(|pair| {
            Problem::new(ProblemCode::KeyChanged)
                .folder(&pair[1].folder)
                .expected(&pair[0].signer, &pair[1].signer)
        })
        .collect()
}
