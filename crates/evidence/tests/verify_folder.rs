//! One folder, tampered with in every way that a person or a disk may, and what the verifier says.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{fs, os::unix::fs::symlink, path::Path};

use common::{Town, codes};
use giaolo_evidence::*;

type Tamper = fn(&Path);

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn edit_manifest(folder: &Path, from: &str, to: &str) {
    edit(&folder.join("manifest.json"), from, to);
}

#[test]
fn untouched_evidence_is_good_and_says_who_signed() {
    let town = Town::new(1);
    let report = verify(&town.folder(1), &town.trusting()).unwrap();
    assert_eq!(codes(&report), [""; 0]);
    assert!(report.is_good() && report.notes.is_empty());
    let [one] = report.evidence.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!(one.signer, town.key.fingerprint().to_string());
    assert_eq!((one.sequence, one.files), (1, 4));
    assert_eq!(report.head(), Some(town.sealed[0].link()));
}

#[test]
fn every_tampering_is_named() {
    let cases: &[(&str, &[&str], Tamper)] = &[
        ("one byte of the clip", &["changed"], |folder| {
            let path = folder.join("clip.mp4");
            let mut bytes = fs::read(&path).unwrap();
            bytes[2500] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("a longer clip", &["changed"], |folder| {
            let path = folder.join("clip.mp4");
            let mut bytes = fs::read(&path).unwrap();
            bytes.push(0);
            fs::write(path, bytes).unwrap();
        }),
        ("two stills exchanged", &["changed"], |folder| {
            fs::write(folder.join("act.jpg"), b"").unwrap();
        }),
        ("a still removed", &["missing"], |folder| {
            fs::remove_file(folder.join("act.jpg")).unwrap();
        }),
        ("a file added", &["added"], |folder| {
            fs::write(folder.join("extra.jpg"), b"x").unwrap();
        }),
        ("a folder added", &["added"], |folder| {
            fs::create_dir(folder.join("more")).unwrap();
        }),
        ("a still replaced by a link", &["missing", "unsafe_path"], |folder| {
            fs::rename(folder.join("act.jpg"), folder.with_extension("elsewhere")).unwrap();
            symlink(folder.with_extension("elsewhere"), folder.join("act.jpg")).unwrap();
        }),
        ("a socket beside the files", &["unsafe_path"], |folder| {
            std::os::unix::net::UnixListener::bind(folder.join("s")).unwrap();
        }),
        ("no manifest", &["missing"], |folder| {
            fs::remove_file(folder.join("manifest.json")).unwrap();
        }),
        ("no signature", &["missing"], |folder| {
            fs::remove_file(folder.join("manifest.sig")).unwrap();
        }),
        ("a fact changed", &["bad_signature"], |folder| {
            edit_manifest(folder, "\"track\": 7", "\"track\": 8");
        }),
        ("the place changed", &["bad_signature"], |folder| {
            edit_manifest(folder, "Giảng Võ", "Giang Vo");
        }),
        ("a hash changed with its file", &["bad_signature"], |folder| {
            let path = folder.join("clip.mp4");
            let old = fs::read(&path).unwrap();
            let new = vec![9; old.len()];
            let (old, new) = (sha256(&old), sha256(&new));
            fs::write(path, vec![9; 5000]).unwrap();
            edit_manifest(folder, &old, &new);
        }),
        ("a key written twice", &["bad_signature", "malformed_manifest"], |folder| {
            edit_manifest(folder, "\"sequence\": 1", "\"sequence\": 2,\n  \"sequence\": 1");
        }),
        ("other white space", &["bad_signature", "malformed_manifest"], |folder| {
            edit_manifest(folder, "{\n", "{\n\n");
        }),
        ("half a manifest", &["malformed_manifest"], |folder| {
            let path = folder.join("manifest.json");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("no JSON", &["malformed_manifest"], |folder| {
            fs::write(folder.join("manifest.json"), [0xff, 0xfe, 0]).unwrap();
        }),
        ("nesting without end", &["malformed_manifest"], |folder| {
            fs::write(folder.join("manifest.json"), "[".repeat(100_000)).unwrap();
        }),
        ("another format", &["unknown_format"], |folder| {
            edit_manifest(folder, "\"giaolo-evidence\"", "\"other-evidence\"");
        }),
        ("a later version", &["unknown_format"], |folder| {
            edit_manifest(folder, "\"version\": 1\n", "\"version\": 2\n");
        }),
        (
            "a name that leads out",
            &["added", "bad_signature", "malformed_manifest", "unsafe_path"],
            |folder| {
                edit_manifest(folder, "\"name\": \"act.jpg\"", "\"name\": \"../act.jpg\"");
                edit_manifest(folder, "\"sequence\": 1", "\"sequence\":  1");
            },
        ),
        ("an absolute name", &["added", "bad_signature", "unsafe_path"], |folder| {
            edit_manifest(folder, "\"name\": \"act.jpg\"", "\"name\": \"/etc/passwd\"");
        }),
        ("a file named twice", &["malformed_manifest"], |folder| {
            edit_manifest(folder, "\"name\": \"after.jpg\"", "\"name\": \"act.jpg\"");
        }),
        ("a sequence of zero", &["malformed_manifest"], |folder| {
            edit_manifest(folder, "\"sequence\": 1", "\"sequence\": 0");
        }),
        ("a negative sequence", &["malformed_manifest"], |folder| {
            edit_manifest(folder, "\"sequence\": 1", "\"sequence\": -1");
        }),
        ("another algorithm", &["malformed_manifest"], |folder| {
            edit_manifest(folder, "\"ed25519\"", "\"none\"");
        }),
        ("another fingerprint", &["bad_signature", "malformed_manifest"], |folder| {
            edit_manifest(folder, "\"sha256:", "\"sha256:0");
        }),
        ("a public key of no point", &["malformed_signature"], |folder| {
            let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
            let at = text.find("\"public_key\": \"").unwrap() + 15;
            let old = text[at..at + 44].to_owned();
            edit_manifest(folder, &old, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        }),
        ("a signature of no base64", &["malformed_signature"], |folder| {
            fs::write(folder.join("manifest.sig"), "signed: me\n").unwrap();
        }),
        ("an empty signature", &["malformed_signature"], |folder| {
            fs::write(folder.join("manifest.sig"), "").unwrap();
        }),
        ("a huge signature", &["too_large"], |folder| {
            fs::write(folder.join("manifest.sig"), vec![b'A'; 100_000]).unwrap();
        }),
        ("another signature", &["bad_signature"], |folder| {
            edit(&folder.join("manifest.sig"), "==\n", "==\n");
            let text = fs::read_to_string(folder.join("manifest.sig")).unwrap();
            let other = if text.starts_with('A') { "B" } else { "A" };
            fs::write(folder.join("manifest.sig"), format!("{other}{}", &text[1..])).unwrap();
        }),
    ];
    for (what, expected, tamper) in cases {
        let town = Town::new(1);
        let folder = town.folder(1);
        tamper(&folder);
        let report = verify(&folder, &town.trusting()).unwrap();
        assert_eq!(&codes(&report), expected, "{what}: {:#?}", report.problems);
        for problem in &report.problems {
            assert!(problem.vi.len() > 10 && problem.en.len() > 10 && problem.vi != problem.en);
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_renamed_folder_is_named() {
    let town = Town::new(1);
    let other = town.dir().join("00000002-case-1");
    fs::rename(town.folder(1), &other).unwrap();
    let report = verify(&other, &town.trusting()).unwrap();
    assert_eq!(codes(&report), ["renamed"]);
    assert!(report.problems[0].en.contains("00000001-case-1"));
}

#[test]
fn only_trusted_signers_count() {
    let town = Town::new(1);
    let stranger = common::key(town.home.path(), "other-key");
    let mut options = VerifyOptions {
        trusted_keys: vec![stranger.fingerprint().into()],
        ..VerifyOptions::default()
    };
    let report = verify(&town.folder(1), &options).unwrap();
    assert_eq!(codes(&report), ["untrusted_key"]);

    let public_key: TrustedKey = town.key.public_key().parse().unwrap();
    options.trusted_keys.push(public_key);
    assert!(verify(&town.folder(1), &options).unwrap().is_good());

    let report = verify(&town.folder(1), &VerifyOptions::default()).unwrap();
    assert!(report.is_good());
    assert_eq!(report.notes[0].code, ProblemCode::KeyNotCompared);
}

#[test]
fn limits_hold_before_anything_is_read() {
    let town = Town::new(1);
    type Lower = fn(&mut Limits);
    let cases: [(&str, Lower); 4] = [
        ("files", |limits| limits.files = 5),
        ("a manifest's bytes", |limits| limits.manifest_bytes = 100),
        ("a picture's bytes", |limits| limits.jpeg_bytes = 100),
        ("a file's bytes", |limits| limits.file_bytes = 4999),
    ];
    for (what, lower) in cases {
        let mut options = town.trusting();
        lower(&mut options.limits);
        let report = verify(&town.folder(1), &options).unwrap();
        assert_eq!(codes(&report), ["too_large"], "{what}");
    }
}

#[test]
fn what_a_holder_of_the_key_made_wrong_is_named_too() {
    let cases: &[(&str, &[&str], Tamper)] = &[
        ("a still of another size than the source", &["wrong_still_size"], |folder| {
            let width = "\"width\": 64\n    },\n    \"source_class\"";
            edit_manifest(folder, width, &width.replace("64", "65"));
        }),
        ("a size that the picture has not", &["wrong_still_size"], |folder| {
            edit_manifest(
                folder,
                "\"height\": 48,\n        \"width\": 64",
                "\"height\": 49,\n        \"width\": 64",
            );
        }),
        ("a name that leads out", &["added", "unsafe_path"], |folder| {
            edit_manifest(folder, "\"name\": \"act.jpg\"", "\"name\": \"../act.jpg\"");
        }),
        ("an absolute name", &["added", "unsafe_path"], |folder| {
            edit_manifest(folder, "\"name\": \"act.jpg\"", "\"name\": \"/etc/passwd\"");
        }),
        ("the manifest as its own file", &["added", "unsafe_path"], |folder| {
            edit_manifest(folder, "\"name\": \"clip.mp4\"", "\"name\": \"manifest.json\"");
        }),
        ("another previous manifest", &["broken_link"], |folder| {
            edit_manifest(folder, &"0".repeat(64), &"1".repeat(64));
        }),
        ("a fact that only a later program knows", &[], |folder| {
            edit_manifest(
                folder,
                "\"camera\": \"TU15-C1\",",
                "\"camera\": \"TU15-C1\",\n    \"camera_height_m\": 6.5,",
            );
        }),
    ];
    for (what, expected, tamper) in cases {
        let town = Town::new(1);
        let folder = town.folder(1);
        tamper(&folder);
        common::sign_again(&town, &folder);
        let report = verify(&folder, &town.trusting()).unwrap();
        assert_eq!(&codes(&report), expected, "{what}: {:#?}", report.problems);
    }
}

#[test]
fn files_in_memory_are_judged_alike() {
    let town = Town::new(1);
    let mut files = std::collections::BTreeMap::new();
    for entry in fs::read_dir(town.folder(1)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, fs::read(entry.path()).unwrap());
    }
    let name = &town.sealed[0].folder;
    assert!(verify_files(name, &files, &town.trusting()).is_good());
    files.remove("act.jpg");
    assert_eq!(codes(&verify_files(name, &files, &town.trusting())), ["missing"]);
    assert_eq!(codes(&verify_files("other", &files, &town.trusting())), ["missing", "renamed"]);
}

#[test]
fn what_is_not_there_or_no_evidence_is_an_error() {
    let town = Town::new(1);
    let nowhere = verify(&town.dir().join("nowhere"), &town.trusting());
    assert!(nowhere.unwrap_err().to_string().contains("nowhere"));
    let device = verify(Path::new("/dev/null"), &town.trusting());
    assert!(matches!(device, Err(Error::NotEvidence(_))));
}

#[test]
fn names_cannot_steer_a_terminal() {
    let town = Town::new(1);
    fs::write(town.folder(1).join("\u{1b}[2Jgone"), b"x").unwrap();
    let report = verify(&town.folder(1), &town.trusting()).unwrap();
    assert_eq!(codes(&report), ["added"]);
    assert!(!report.problems[0].place().contains('\u{1b}'));
}
