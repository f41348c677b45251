//! What a verification found.

use serde::Serialize;

use super::{Problem, ProblemCode};
use crate::ChainLink;

/// Everything that a verification found; evidence is good where there is no problem.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was verified.
    pub target: String,
    /// The folders whose manifests could be read, in the order of their names.
    pub evidence: Vec<EvidenceSummary>,
    /// What is wrong. Empty for good evidence.
    pub problems: Vec<Problem>,
    /// What is worth knowing and wrong in nothing.
    pub notes: Vec<Problem>,
}

/// One folder as its own manifest describes it.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceSummary {
    /// The folder's name.
    pub folder: String,
    /// The violation's id.
    pub id: String,
    /// Number in the chain.
    pub sequence: u64,
    /// SHA-256 of the manifest.
    pub manifest_sha256: String,
    /// SHA-256 that it gives for the manifest before it.
    pub previous_manifest_sha256: String,
    /// Fingerprint of the key that signed, computed from the public key; empty where there is none.
    pub signer: String,
    /// How many files it names.
    pub files: usize,
}

impl Report {
    pub(super) fn new(target: String) -> Self {
        Self { target, evidence: Vec::new(), problems: Vec::new(), notes: Vec::new() }
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether a problem of this kind was found.
    pub fn has(&self, code: ProblemCode) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }

    /// The last link of what was verified, to be noted down or compared later.
    pub fn head(&self) -> Option<ChainLink> {
        self.evidence.iter().max_by_key(|evidence| evidence.sequence).map(|evidence| ChainLink {
            sequence: evidence.sequence,
            manifest_sha256: evidence.manifest_sha256.clone(),
        })
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn note(&mut self, note: Problem) {
        self.notes.push(note);
    }
}
