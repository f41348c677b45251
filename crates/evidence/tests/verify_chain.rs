//! A whole evidence directory, and what was done to it.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use common::{Town, codes, facts, full_draft};
use giaolo_evidence::*;

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn swap_names(a: &Path, b: &Path) {
    let aside = a.with_file_name("aside");
    fs::rename(a, &aside).unwrap();
    fs::rename(b, a).unwrap();
    fs::rename(&aside, b).unwrap();
}

#[test]
fn an_untouched_chain_is_good() {
    let town = Town::new(4);
    let mut options = town.trusting();
    options.expected_head = Some(town.sealed[3].link());
    let report = verify(&town.dir(), &options).unwrap();
    assert_eq!(codes(&report), [""; 0]);
    assert!(report.notes.is_empty());
    let numbers: Vec<u64> = report.evidence.iter().map(|e| e.sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[test]
fn every_tampering_with_the_order_is_named() {
    type Tamper = fn(&Town);
    let cases: &[(&str, &[&str], Tamper)] = &[
        ("the first removed", &["gap"], |town| {
            fs::remove_dir_all(town.folder(1)).unwrap();
        }),
        ("one in the middle removed", &["gap"], |town| {
            fs::remove_dir_all(town.folder(2)).unwrap();
        }),
        ("names of two exchanged", &["renamed", "reordered"], |town| {
            swap_names(&town.folder(2), &town.folder(3));
        }),
        ("contents of two exchanged but for their names", &["renamed", "reordered"], |town| {
            swap_names(&town.folder(1), &town.folder(4));
        }),
        ("one renamed to close a gap", &["gap", "renamed"], |town| {
            fs::remove_dir_all(town.folder(2)).unwrap();
            fs::rename(town.folder(3), town.dir().join("00000002-case-2")).unwrap();
        }),
        (
            "a second copy of one",
            &["duplicate_id", "duplicate_sequence", "renamed", "reordered"],
            |town| {
                copy(&town.folder(2), &town.dir().join("00000009-case-2"));
            },
        ),
        ("a folder of another chain", &["broken_link", "untrusted_key"], |town| {
            let other = Town::new(3);
            fs::remove_dir_all(town.folder(2)).unwrap();
            copy(&other.folder(2), &town.folder(2));
        }),
        ("a folder of another chain with the same key", &["broken_link"], |town| {
            let other = Town::with_key(tempfile::tempdir().unwrap(), town.key.clone(), 1);
            let mut links = vec![other.sealed[0].link()];
            let mut changed = facts();
            changed.place = "elsewhere".to_owned();
            for number in [2, 3] {
                let draft = full_draft(&other.store, &format!("case-{number}"), number);
                links.push(draft.seal(changed.clone(), links.last()).unwrap().link());
            }
            fs::remove_dir_all(town.folder(3)).unwrap();
            copy(&other.dir().join("00000003-case-3"), &town.folder(3));
        }),
        ("a file beside the folders", &["added"], |town| {
            fs::write(town.dir().join("note.txt"), b"x").unwrap();
        }),
        ("an empty folder beside the folders", &["added"], |town| {
            fs::create_dir(town.dir().join("new")).unwrap();
        }),
        ("a folder replaced by a link", &["gap", "unsafe_path"], |town| {
            let away = town.home.path().join("away");
            fs::rename(town.folder(2), &away).unwrap();
            symlink(&away, town.folder(2)).unwrap();
        }),
        ("a folder emptied", &["gap", "missing"], |town| {
            fs::remove_dir_all(town.folder(2)).unwrap();
            fs::create_dir(town.folder(2)).unwrap();
        }),
    ];
    for (what, expected, tamper) in cases {
        let town = Town::new(4);
        tamper(&town);
        let report = town.verify();
        assert_eq!(&codes(&report), expected, "{what}: {:#?}", report.problems);
    }
}

#[test]
fn the_newest_removed_shows_only_against_a_known_head() {
    let town = Town::new(3);
    fs::remove_dir_all(town.folder(3)).unwrap();
    let report = town.verify();
    assert!(report.is_good());
    assert!(report.notes.iter().any(|n| n.code == ProblemCode::HeadNotCompared));

    let mut options = town.trusting();
    options.expected_head = Some(town.sealed[2].link());
    let report = verify(&town.dir(), &options).unwrap();
    assert_eq!(codes(&report), ["wrong_head"]);

    fs::remove_dir_all(town.dir()).unwrap();
    fs::create_dir(town.dir()).unwrap();
    assert_eq!(codes(&verify(&town.dir(), &options).unwrap()), ["wrong_head"]);
}

#[test]
fn a_gap_says_which_numbers_are_missing() {
    let town = Town::new(5);
    for number in [2, 3] {
        fs::remove_dir_all(town.folder(number)).unwrap();
    }
    let report = town.verify();
    assert!(report.problems[0].vi.contains("00000002 - 00000003"), "{report:?}");
}

#[test]
fn a_chain_with_two_keys_needs_both_named() {
    let town = Town::new(2);
    let second = common::key(town.home.path(), "second");
    let store = EvidenceStore::open(&town.dir(), second.clone()).unwrap();
    full_draft(&store, "case-3", 3).seal(facts(), Some(&town.sealed[1].link())).unwrap();
    let unnamed = verify(&town.dir(), &VerifyOptions::default()).unwrap();
    assert_eq!(codes(&unnamed), ["key_changed"]);
    assert_eq!(codes(&town.verify()), ["untrusted_key"]);
    let mut both = town.trusting();
    both.trusted_keys.push(second.fingerprint().into());
    assert!(verify(&town.dir(), &both).unwrap().is_good());
}

#[test]
fn drafts_and_emptiness_are_notes() {
    let town = Town::new(0);
    let report = town.verify();
    assert!(report.is_good() && report.notes[0].code == ProblemCode::NothingHere);
    let draft: PathBuf = town.dir().join(".draft-left");
    fs::create_dir(draft).unwrap();
    let report = town.verify();
    assert!(report.is_good());
    assert!(report.notes.iter().any(|n| n.code == ProblemCode::DraftLeft));
}
