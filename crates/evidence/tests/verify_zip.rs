//! Zips of evidence: exported ones, and those that somebody made to break the reader.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    io::{Cursor, Write},
    path::Path,
};

use common::{Town, codes};
use giaolo_evidence::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Name and content of every file of a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn zipped(entries: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn inside(folder: &str, entries: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    entries.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).collect()
}

fn replace_all(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let mut count = 0;
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + to.len()].copy_from_slice(to);
            count += 1;
        }
    }
    count
}

fn judged(town: &Town, bytes: &[u8]) -> Report {
    verify_zip(Cursor::new(bytes), "test.zip", &town.trusting())
}

#[test]
fn exported_zips_are_good_equal_and_never_overwrite() {
    let town = Town::new(2);
    let out = town.home.path().join("case.zip");
    export_zip(&town.folder(2), &out).unwrap();
    let mut options = town.trusting();
    options.expected_head = Some(town.sealed[1].link());
    let report = verify(&out, &options).unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.evidence[0].folder, town.sealed[1].folder);

    let again = town.home.path().join("again.zip");
    export_zip(&town.folder(2), &again).unwrap();
    assert_eq!(fs::read(&out).unwrap(), fs::read(&again).unwrap());
    assert!(export_zip(&town.folder(1), &out).is_err());
    assert!(export_zip(&town.dir(), &town.home.path().join("c.zip")).is_err());
    assert!(!town.home.path().join("c.zip").exists());
}

#[test]
fn zips_that_other_programs_made_are_read_too() {
    let town = Town::new(3);
    let bare = files(&town.folder(1));
    assert!(judged(&town, &zipped(&bare, CompressionMethod::Deflated)).is_good());

    let mut chain = Vec::new();
    for (number, sealed) in town.sealed.iter().enumerate() {
        chain.extend(inside(&sealed.folder, files(&town.folder(number + 1))));
    }
    let report = judged(&town, &zipped(&chain, CompressionMethod::Deflated));
    assert!(report.is_good() && report.evidence.len() == 3, "{report:?}");
    chain.retain(|(name, _)| !name.starts_with("00000002"));
    assert_eq!(codes(&judged(&town, &zipped(&chain, CompressionMethod::Stored))), ["gap"]);
}

#[test]
fn every_broken_zip_is_named() {
    let town = Town::new(1);
    let folder = town.sealed[0].folder.clone();
    let good = inside(&folder, files(&town.folder(1)));
    let with = |name: &str, bytes: &[u8]| {
        let mut entries = good.clone();
        entries.push((name.to_owned(), bytes.to_vec()));
        zipped(&entries, CompressionMethod::Deflated)
    };
    let stored = zipped(&good, CompressionMethod::Stored);

    let mut twice = with(&format!("{folder}/acx.jpg"), b"another");
    assert_eq!(replace_all(&mut twice, b"acx.jpg", b"act.jpg"), 2);
    let mut flipped = stored.clone();
    assert_eq!(replace_all(&mut flipped, &[1; 5000], &[2; 5000]), 1);
    let mut hidden = stored.clone();
    // The local header says another name than the directory at the end.
    let at = hidden.windows(7).position(|w| w == b"act.jpg").unwrap();
    hidden[at..at + 7].copy_from_slice(b"axt.jpg");
    let link = {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &good {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.add_symlink(format!("{folder}/l"), "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        zip.finish().unwrap().into_inner()
    };
    let cases: Vec<(&str, &[&str], Vec<u8>)> = vec![
        ("nothing", &["damaged_zip"], Vec::new()),
        ("no zip", &["damaged_zip"], b"%PDF-1.7 and so on".to_vec()),
        ("half of it", &["damaged_zip"], stored[..stored.len() / 2].to_vec()),
        ("all but the last byte", &["damaged_zip"], stored[..stored.len() - 1].to_vec()),
        ("without its first bytes", &["damaged_zip"], stored[100..].to_vec()),
        ("bytes before it", &["damaged_zip"], [b"#!/bin/sh\n", &stored[..]].concat()),
        ("a name twice", &["duplicate_entry"], twice),
        ("two names for one entry", &["damaged_zip"], hidden),
        ("bytes that fail their checksum", &["unreadable"], flipped),
        ("a bomb", &["too_large"], with(&format!("{folder}/z.jpg"), &vec![0; 5 << 20])),
        ("a name that leads out", &["unsafe_path"], with("../evil", b"x")),
        ("a name that leads out later", &["unsafe_path"], with("a/../../evil", b"x")),
        ("an absolute name", &["unsafe_path"], with("/etc/evil", b"x")),
        ("a name for Windows", &["unsafe_path"], with("a\\..\\evil", b"x")),
        ("a drive", &["unsafe_path"], with("c:/evil", b"x")),
        ("an empty part", &["unsafe_path"], with("a//b", b"x")),
        ("too deep", &["added"], with(&format!("{folder}/a/b"), b"x")),
        ("a link", &["unsafe_path"], link),
        ("one file more", &["added"], with(&format!("{folder}/more.txt"), b"x")),
        ("a loose file", &["missing"], with("loose.txt", b"x")),
    ];
    for (what, expected, bytes) in cases {
        let report = judged(&town, &bytes);
        assert_eq!(&codes(&report), expected, "{what}: {:#?}", report.problems);
    }
}

#[test]
fn limits_of_a_zip_hold() {
    let town = Town::new(1);
    let bytes = zipped(&files(&town.folder(1)), CompressionMethod::Stored);
    let cases: [fn(&mut Limits); 3] = [
        |limits| limits.zip_bytes = 1000,
        |limits| limits.file_bytes = 1000,
        |limits| (limits.files, limits.folders_in_zip) = (2, 2),
    ];
    for lower in cases {
        let mut options = town.trusting();
        lower(&mut options.limits);
        let report = verify_zip(Cursor::new(&bytes), "test.zip", &options);
        assert_eq!(codes(&report), ["too_large"]);
    }
}

#[test]
fn no_single_byte_of_evidence_can_change_unseen() {
    let town = Town::new(1);
    let folder = town.sealed[0].folder.clone();
    let contents = files(&town.folder(1));
    let good = zipped(&inside(&folder, contents.clone()), CompressionMethod::Stored);
    let whole = judged(&town, &good).head();
    // The three stills are equal, so each is looked for behind the one before.
    let mut spans = Vec::new();
    let mut from = 0;
    for (_, bytes) in &contents {
        let at = from + good[from..].windows(bytes.len()).position(|w| w == bytes).unwrap();
        from = at + bytes.len();
        spans.push(at..from);
    }
    for at in (0..good.len()).step_by(61) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        let report = judged(&town, &bytes);
        if spans.iter().any(|span| span.contains(&at)) {
            assert!(!report.is_good(), "byte {at} changed unseen");
        }
        // Times and attributes of a zip are no evidence; what counts must be as it was.
        if report.is_good() && !report.evidence.is_empty() {
            assert_eq!(report.head(), whole, "byte {at}");
        }
    }
}
