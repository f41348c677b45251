//! Drafts, seals, what is refused, and what a crash leaves.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use common::{Town, facts, frame, full_draft, picture};
use giaolo_domain::{PixelBox, PlatePlace, PlateReading, PlateVerdict, Reason, Unreadable};
use giaolo_evidence::*;

#[test]
fn equal_facts_are_equal_bytes_and_read_back() {
    let town = Town::new(1);
    let home = tempfile::tempdir().unwrap();
    fs::copy(town.home.path().join("key"), home.path().join("key")).unwrap();
    let key = common::key(home.path(), "key");
    let again = Town::with_key(home, key, 1);
    for file in ["manifest.json", "manifest.sig"] {
        let bytes = fs::read(town.folder(1).join(file)).unwrap();
        assert_eq!(bytes, fs::read(again.folder(1).join(file)).unwrap(), "{file}");
    }
    let bytes = fs::read(town.folder(1).join("manifest.json")).unwrap();
    let manifest = Manifest::read(&bytes).unwrap();
    assert_eq!(manifest.facts, facts());
    assert_eq!(manifest.previous_manifest_sha256, "0".repeat(64));
    assert_eq!(manifest.files, town.sealed[0].files);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\"confidence\": 0.9,"), "{text}");
    assert!(Manifest::read(b"{}").is_err());
}

#[test]
fn what_the_facts_do_not_bear_out_is_not_sealed() {
    type Spoil = fn(&mut Draft<'_>, &mut ManifestFacts);
    let cases: &[(&str, Spoil)] = &[
        ("not finite", |_, facts| facts.violation.confidence = f32::INFINITY),
        ("not finite", |_, facts| facts.violation.red_for_s = Some(f64::NAN)),
        ("not finite", |_, facts| facts.clock.uncertainty_s = Some(f64::INFINITY)),
        ("not 65x48", |_, facts| facts.source.width = 65),
        ("`stills` does not say so", |_, facts| facts.violation.act.frame += 1),
        ("`stills` does not say so", |_, facts| {
            facts.stills.pop();
        }),
        ("twice", |_, facts| facts.stills.push(facts.stills[0].clone())),
        ("not in the draft", |_, facts| {
            let mut other = facts.stills[0].clone();
            other.file = "else.jpg".to_owned();
            facts.stills.push(other);
        }),
        ("scene.sha256", |_, facts| facts.scene.sha256 = "ABC".to_owned()),
        ("is to show a plate", |draft, facts| show_plate(draft, facts, None)),
        ("`stills` does not say so", |draft, facts| {
            show_plate(draft, facts, Some(29));
            facts.plate = Some(plate_read_at(30));
        }),
        ("not 64x48", |draft, facts| {
            facts.plate = Some(plate_read_at(29));
            draft.add_jpeg("p.jpg", FileRole::PlateCrop, &picture(1), 92).unwrap();
            let small = image::RgbImage::new(8, 8);
            draft.add_jpeg("plate-frame.jpg", FileRole::StillPlate, &small, 92).unwrap();
        }),
        ("belong together", |draft, facts| {
            facts.plate = Some(plate_read_at(29));
            draft.add_jpeg("p.jpg", FileRole::PlateCrop, &picture(1), 92).unwrap();
        }),
        ("neither is it shown", |_, facts| facts.plate = Some(plate_read_at(29))),
        ("says that it is not", |draft, facts| {
            show_plate(draft, facts, Some(29));
            facts.plate_not_shown = Some(not_kept());
        }),
        ("not finite", |_, facts| {
            facts.plate = Some(plate_read_at(29));
            facts.plate.as_mut().unwrap().score = f32::NAN;
            facts.plate_not_shown = Some(not_kept());
        }),
        ("never written", |draft, _| {
            draft.path("crop.jpg", FileRole::VehicleCrop).unwrap();
        }),
        ("is empty", |draft, _| {
            fs::write(draft.path("crop.bin", FileRole::Other).unwrap(), b"").unwrap();
        }),
        ("is no JPEG", |draft, _| {
            fs::write(draft.path("crop.jpg", FileRole::VehicleCrop).unwrap(), b"x").unwrap();
        }),
        ("no regular file", |draft, _| {
            symlink("/etc/passwd", draft.path("l", FileRole::Other).unwrap()).unwrap();
        }),
        ("was not added", |draft, _| {
            let path = draft.path("x.bin", FileRole::Other).unwrap();
            fs::write(&path, b"x").unwrap();
            fs::write(path.with_file_name("stranger"), b"x").unwrap();
        }),
    ];
    for (words, spoil) in cases {
        let town = Town::new(0);
        let mut draft = full_draft(&town.store, "case", 1);
        let mut facts = facts();
        spoil(&mut draft, &mut facts);
        let error = draft.seal(facts, None).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
        assert_eq!(fs::read_dir(town.dir()).unwrap().count(), 0, "{words}");
    }
}

/// A reading whose best look is in that frame.
fn plate_read_at(number: u64) -> PlateReading {
    PlateReading {
        verdict: PlateVerdict::Doubtful,
        unreadable: None,
        text: "61A12345".to_owned(),
        printed: "61A-123.45".to_owned(),
        score: 0.1,
        looks: 2,
        votes: 1,
        width_px: 33.3,
        best: Some(PlatePlace { at: frame(number), bbox: PixelBox::new(2.1, 3.0, 5.0, 4.0) }),
        ..PlateReading::unreadable(Unreadable::Blurred)
    }
}

fn not_kept() -> Reason {
    let (vi, en) = ("không còn giữ".to_owned(), "not kept any more".to_owned());
    Reason { code: "not_kept".to_owned(), vi, en }
}

/// Puts both pictures of a plate in the draft, and into the facts where they say the frame.
fn show_plate(draft: &mut Draft<'_>, facts: &mut ManifestFacts, number: Option<u64>) {
    draft.add_jpeg("plate.jpg", FileRole::PlateCrop, &picture(9), 92).unwrap();
    draft.add_jpeg("plate-frame.jpg", FileRole::StillPlate, &picture(9), 92).unwrap();
    let Some(number) = number else { return };
    facts.plate = Some(plate_read_at(number));
    let mut still = facts.stills[0].clone();
    still.file = "plate-frame.jpg".to_owned();
    still.frame = frame(number);
    facts.stills.push(still);
}

#[test]
fn a_plate_is_sealed_with_its_pictures_or_with_the_reason_why_not() {
    let (read, hidden) = (plate_read_at(29), PlateReading::unreadable(Unreadable::Covered));
    for (what, plate, not_shown) in [
        ("shown", Some(read.clone()), None),
        ("not kept", Some(read), Some(not_kept())),
        ("unreadable", Some(hidden), None),
        ("not read", None, None),
    ] {
        let town = Town::new(1);
        let mut draft = full_draft(&town.store, "case", 2);
        let mut facts = facts();
        if what == "shown" {
            show_plate(&mut draft, &mut facts, Some(29));
        }
        facts.plate.clone_from(&plate);
        facts.plate_not_shown.clone_from(&not_shown);
        let sealed = draft.seal(facts, Some(&town.sealed[0].link())).unwrap();
        let bytes = fs::read(town.dir().join(&sealed.folder).join("manifest.json")).unwrap();
        let manifest = Manifest::read(&bytes).unwrap();
        assert_eq!(manifest.facts.plate, plate, "{what}");
        assert_eq!(manifest.facts.plate_not_shown, not_shown, "{what}");
        // What was not read leaves the manifest as it was before there were plates.
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.contains("plate"), plate.is_some(), "{what}");
        assert!(town.verify().is_good(), "{what}: {:?}", town.verify());
    }
}

#[test]
fn bad_names_ids_and_links_are_refused_with_what_would_be_right() {
    let town = Town::new(2);
    for id in ["", "-a", "A", "a/b", "..", "a b", "đ", &"a".repeat(201)] {
        let error = town.store.draft(id).unwrap_err().to_string();
        assert!(error.contains("a-z, 0-9 and dashes"), "{id}: {error}");
    }
    let mut draft = town.store.draft("case-9").unwrap();
    assert!(matches!(town.store.draft("case-9"), Err(Error::DraftExists { .. })));
    for name in ["", ".hidden", "../x", "a/b", "A.jpg", "a\n", "manifest.json", "manifest.sig"] {
        assert!(draft.path(name, FileRole::Other).is_err(), "{name}");
    }
    draft.add_jpeg("a.jpg", FileRole::Overview, &picture(1), 92).unwrap();
    assert!(draft.add_jpeg("a.jpg", FileRole::Overview, &picture(1), 92).is_err());
    drop(draft);

    for (sequence, sha256) in
        [(0, "0".repeat(64)), (2, "no".to_owned()), (u64::MAX, "a".repeat(64))]
    {
        let link = ChainLink { sequence, manifest_sha256: sha256 };
        let draft = full_draft(&town.store, "case-9", 9);
        assert!(matches!(draft.seal(facts(), Some(&link)), Err(Error::BadLink { .. })));
    }
    let stale = town.sealed[0].link();
    let draft = full_draft(&town.store, "case-9", 9);
    assert!(matches!(draft.seal(facts(), Some(&stale)), Err(Error::SequenceTaken { .. })));
    let draft = full_draft(&town.store, "case-1", 9);
    let head = town.sealed[1].link();
    assert!(matches!(draft.seal(facts(), Some(&head)), Err(Error::SequenceTaken { .. })));
    assert!(town.verify().is_good());
}

#[test]
fn the_sweep_removes_what_a_crash_leaves_and_nothing_else() {
    let town = Town::new(3);
    std::mem::forget(full_draft(&town.store, "case-4", 4));
    fs::write(town.dir().join("notes.txt"), b"mine").unwrap();
    let newest = town.sealed[2].folder.clone();
    let removed = town.store.sweep(&|name| name != newest).unwrap();
    assert_eq!(removed, [newest.as_str(), ".draft-case-4"]);
    assert!(town.dir().join("notes.txt").exists());
    fs::remove_file(town.dir().join("notes.txt")).unwrap();
    let report = town.verify();
    assert!(report.is_good() && report.evidence.len() == 2);
    assert_eq!(town.store.sweep(&|_| true).unwrap(), [""; 0]);

    let draft = full_draft(&town.store, "case-3", 3);
    draft.seal(facts(), Some(&town.sealed[1].link())).unwrap();
    assert!(town.verify().is_good());
}

#[test]
fn the_sweep_of_a_wrong_database_removes_nothing() {
    let town = Town::new(9);
    let oldest = town.sealed[0].folder.clone();
    let cases: [&dyn Fn(&str) -> bool; 2] = [&|_| false, &|name| name != oldest];
    for known in cases {
        let error = town.store.sweep(known).unwrap_err();
        assert!(matches!(error, Error::NotThisStore { .. }), "{error}");
        assert!(error.to_string().contains(&oldest));
    }
    assert_eq!(town.verify().evidence.len(), 9);
}

#[test]
fn a_disk_that_refuses_leaves_nothing_half_written() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, b"x").unwrap();
    let key = common::key(home.path(), "key");
    assert!(EvidenceStore::open(&file, key.clone()).unwrap_err().to_string().contains("file"));
    let store = EvidenceStore::open(&home.path().join("e"), key).unwrap();
    let mut draft = store.draft("case").unwrap();
    let missing = draft.add_file("c.mp4", FileRole::Clip, &home.path().join("no.mp4"));
    assert!(missing.unwrap_err().to_string().contains("no.mp4"));
    drop(draft);
    assert_eq!(fs::read_dir(store.dir()).unwrap().count(), 0);
}

#[test]
fn keys_are_made_once_kept_closed_and_refused_when_open_or_wrong() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("keys/evidence.key");
    let key = SigningKey::load_or_create(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let again = SigningKey::load_or_create(&path).unwrap();
    assert_eq!(key.fingerprint(), again.fingerprint());
    let shown = format!("{key:?}");
    assert!(shown.contains("sha256:") && shown.len() < 120);
    assert_eq!(key.fingerprint().to_string().parse::<Fingerprint>().unwrap(), key.fingerprint());
    assert_eq!(fs::read_dir(home.path().join("keys")).unwrap().count(), 1);

    for mode in [0o640, 0o604, 0o666, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = SigningKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, Error::KeyTooOpen { .. }));
        assert!(
            error.to_string().contains("chmod 600") && error.to_string().contains("evidence.key")
        );
    }
    let good = fs::read_to_string(&path).unwrap();
    let malformed = [
        String::new(),
        "giaolo-ed25519-secret-key-v1\n".to_owned(),
        "giaolo-ed25519-secret-key-v1\nAAAA\n".to_owned(),
        good.replace("v1", "v2"),
        format!("{good}more\n"),
        "\u{fffd}".repeat(500),
    ];
    for text in malformed {
        fs::write(&path, &text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = SigningKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, Error::MalformedKey { .. }), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "a key file was overwritten");
    }
    assert!(SigningKey::load_or_create(home.path()).is_err());
    for text in ["", "sha256:12", "AAAA", &format!("sha256:{}", "g".repeat(64))] {
        assert!(text.parse::<TrustedKey>().is_err(), "{text}");
    }
}
