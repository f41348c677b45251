//! Judging one folder: manifest, signature, files.
//!
//! Only the envelope (who signed what, in which order) is read here. The facts inside are the
//! signer's words and are not interpreted, so that a later program with more facts still judges
//! what an earlier one sealed.

use std::collections::BTreeSet;

use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    EvidenceSummary, Problem, ProblemCode, Report, VerifyOptions,
    source::{End, Source, bytes_of, limit_for},
};
use crate::{
    Fingerprint, PictureSize, Signer, canonical, digest, jpeg,
    key::{parse_public_key, parse_signature, signature_holds},
    manifest::{FORMAT_NAME, FORMAT_VERSION, MANIFEST, SIGNATURE},
    store::{is_file_name, is_id},
};

/// `manifest.sig` has 89 bytes.
const SIGNATURE_LIMIT: u64 = 1024;

#[derive(Deserialize)]
struct Envelope {
    id: String,
    sequence: u64,
    previous_manifest_sha256: String,
    signer: Signer,
    files: Vec<Claim>,
    facts: SourceFacts,
}

#[derive(Deserialize)]
struct Claim {
    name: String,
    role: String,
    bytes: u64,
    sha256: String,
    media_type: String,
    picture: Option<PictureSize>,
}

#[derive(Deserialize)]
struct SourceFacts {
    source: PictureSize,
}

/// Judges the folder and adds what it finds, and the folder itself where its manifest can be read.
pub(super) fn judge(source: &mut dyn Source, options: &VerifyOptions, report: &mut Report) {
    let folder = source.name().to_owned();
    let files = source.files();
    if files.len() > options.limits.files {
        report.problem(
            Problem::new(ProblemCode::TooLarge)
                .folder(&folder)
                .expected(format_args!("<= {}", options.limits.files), files.len()),
        );
        return;
    }
    let missing = |file| Problem::new(ProblemCode::Missing).folder(&folder).file(file);
    let has = |name: &str| files.iter().any(|file| file == name);
    if !has(SIGNATURE) {
        report.problem(missing(SIGNATURE));
    }
    if !has(MANIFEST) {
        report.problem(missing(MANIFEST));
        return;
    }
    let limit = options.limits.manifest_bytes;
    let Some(bytes) = whole(source, &folder, MANIFEST, limit, report) else {
        return;
    };
    let Some(envelope) = read_envelope(&bytes, &folder, report) else {
        return;
    };
    let signer = if has(SIGNATURE) {
        judge_signature(source, &folder, &bytes, &envelope, options, report)
    } else {
        parse_public_key(&envelope.signer.public_key).map(fingerprint)
    };
    judge_name(&folder, &envelope, report);
    judge_files(source, &folder, &files, &envelope, options, report);
    report.evidence.push(EvidenceSummary {
        folder,
        id: envelope.id,
        sequence: envelope.sequence,
        manifest_sha256: digest::sha256_hex(&bytes),
        previous_manifest_sha256: envelope.previous_manifest_sha256,
        signer: signer.map(|signer| signer.to_string()).unwrap_or_default(),
        files: envelope.files.len(),
    });
}

fn whole(
    source: &mut dyn Source,
    folder: &str,
    file: &str,
    limit: u64,
    report: &mut Report,
) -> Option<Vec<u8>> {
    match bytes_of(source, file, limit) {
        Ok((bytes, End::Whole)) => Some(bytes),
        Ok((_, End::Limit)) => {
            report.problem(too_large(folder, file, limit));
            None
        }
        Err(error) => {
            report.problem(
                Problem::new(ProblemCode::Unreadable).folder(folder).file(file).because(error),
            );
            None
        }
    }
}

fn too_large(folder: &str, file: &str, limit: u64) -> Problem {
    Problem::new(ProblemCode::TooLarge)
        .folder(folder)
        .file(file)
        .expected(format_args!("<= {limit} B"), format_args!("> {limit} B"))
}

fn read_envelope(bytes: &[u8], folder: &str, report: &mut Report) -> Option<Envelope> {
    let malformed = || Problem::new(ProblemCode::MalformedManifest).folder(folder).file(MANIFEST);
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => {
            report.problem(malformed().because(error));
            return None;
        }
    };
    let format = &value["format"];
    if format["name"] != FORMAT_NAME || format["version"] != FORMAT_VERSION {
        report.problem(
            Problem::new(ProblemCode::UnknownFormat).folder(folder).file(MANIFEST).expected(
                format_args!("{FORMAT_NAME} {FORMAT_VERSION}"),
                format_args!("{} {}", format["name"], format["version"]),
            ),
        );
        return None;
    }
    // A key written twice would be read one way by one program and another way by the next.
    if canonical::of_value(&value) != bytes {
        report.problem(malformed().detail(
            "không viết theo dạng chuẩn duy nhất",
            "not written in the one canonical form",
        ));
    }
    let envelope: Envelope = match serde_json::from_value(value) {
        Ok(envelope) => envelope,
        Err(error) => {
            report.problem(malformed().because(error));
            return None;
        }
    };
    let wrong = [
        ("id", !is_id(&envelope.id)),
        ("sequence", envelope.sequence == 0),
        ("previous_manifest_sha256", !digest::is_sha256(&envelope.previous_manifest_sha256)),
        ("signer.algorithm", envelope.signer.algorithm != "ed25519"),
        ("files: sha256", envelope.files.iter().any(|file| !digest::is_sha256(&file.sha256))),
        ("files: name order", !envelope.files.is_sorted_by(|a, b| a.name < b.name)),
    ];
    for (key, is_wrong) in wrong {
        if is_wrong {
            report.problem(malformed().because(key));
        }
    }
    wrong.iter().all(|(_, is_wrong)| !is_wrong).then_some(envelope)
}

fn fingerprint(key: VerifyingKey) -> Fingerprint {
    Fingerprint::of(key.as_bytes())
}

fn judge_signature(
    source: &mut dyn Source,
    folder: &str,
    manifest: &[u8],
    envelope: &Envelope,
    options: &VerifyOptions,
    report: &mut Report,
) -> Option<Fingerprint> {
    let bytes = whole(source, folder, SIGNATURE, SIGNATURE_LIMIT, report)?;
    let problem = |code, file| Problem::new(code).folder(folder).file(file);
    let Some(key) = parse_public_key(&envelope.signer.public_key) else {
        report.problem(
            problem(ProblemCode::MalformedSignature, MANIFEST).because("signer.public_key"),
        );
        return None;
    };
    let signer = fingerprint(key);
    if envelope.signer.fingerprint != signer.to_string() {
        report.problem(
            problem(ProblemCode::MalformedManifest, MANIFEST)
                .expected(signer, &envelope.signer.fingerprint),
        );
    }
    match parse_signature(&bytes) {
        None => report.problem(problem(ProblemCode::MalformedSignature, SIGNATURE)),
        Some(signature) if !signature_holds(&key, manifest, &signature) => {
            report.problem(problem(ProblemCode::BadSignature, SIGNATURE));
        }
        Some(_) => {}
    }
    let trusted = &options.trusted_keys;
    if !trusted.is_empty() && !trusted.iter().any(|key| key.fingerprint() == signer) {
        report.problem(Problem::new(ProblemCode::UntrustedKey).folder(folder).because(signer));
    }
    Some(signer)
}

fn judge_name(folder: &str, envelope: &Envelope, report: &mut Report) {
    let right = format!("{:08}-{}", envelope.sequence, envelope.id);
    // A zip of bare files has no folder whose name could be wrong.
    if !folder.is_empty() && folder != right {
        report.problem(Problem::new(ProblemCode::Renamed).folder(folder).expected(right, folder));
    }
}

fn judge_files(
    source: &mut dyn Source,
    folder: &str,
    files: &[String],
    envelope: &Envelope,
    options: &VerifyOptions,
    report: &mut Report,
) {
    let present: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    for claim in &envelope.files {
        let name = claim.name.as_str();
        let problem = |code| Problem::new(code).folder(folder).file(name);
        if !is_file_name(name) || name == MANIFEST || name == SIGNATURE {
            report.problem(problem(ProblemCode::UnsafePath));
        } else if present.contains(name) {
            judge_file(source, folder, claim, envelope.facts.source, options, report);
        } else {
            report.problem(problem(ProblemCode::Missing));
        }
    }
    for name in present {
        let named = envelope.files.iter().any(|claim| claim.name == name);
        if !named && name != MANIFEST && name != SIGNATURE {
            report.problem(Problem::new(ProblemCode::Added).folder(folder).file(name));
        }
    }
}

fn judge_file(
    source: &mut dyn Source,
    folder: &str,
    claim: &Claim,
    source_size: PictureSize,
    options: &VerifyOptions,
    report: &mut Report,
) {
    let problem = |code| Problem::new(code).folder(folder).file(&claim.name);
    let is_jpeg = claim.media_type == "image/jpeg";
    let limit = limit_for(&options.limits, is_jpeg);
    let (mut hasher, mut bytes, mut picture) = (Sha256::new(), 0, Vec::new());
    let end = source.read(&claim.name, limit, &mut |piece| {
        hasher.update(piece);
        bytes += piece.len() as u64;
        if is_jpeg {
            picture.extend_from_slice(piece);
        }
    });
    match end {
        Ok(End::Whole) => {}
        Ok(End::Limit) => {
            report.problem(too_large(folder, &claim.name, limit));
            return;
        }
        Err(error) => {
            report.problem(problem(ProblemCode::Unreadable).because(error));
            return;
        }
    }
    let sha256 = digest::hex(&hasher.finalize());
    if bytes != claim.bytes {
        report.problem(
            problem(ProblemCode::Changed)
                .expected(format_args!("{} B", claim.bytes), format_args!("{bytes} B")),
        );
        return;
    }
    if sha256 != claim.sha256 {
        report.problem(
            problem(ProblemCode::Changed)
                .expected(format_args!("sha256 {}", claim.sha256), format_args!("sha256 {sha256}")),
        );
        return;
    }
    let is_clean_still = claim.role.starts_with("still_");
    if !is_jpeg && !is_clean_still {
        return;
    }
    let found = jpeg::jpeg_size(&picture);
    let right = if is_clean_still { Some(source_size) } else { claim.picture };
    if found.is_none() || found != right || claim.picture != right {
        let words = |size: Option<PictureSize>| match size {
            Some(size) => format!("{}x{}", size.width, size.height),
            None => "-".to_owned(),
        };
        report.problem(problem(ProblemCode::WrongStillSize).expected(words(right), words(found)));
    }
}
