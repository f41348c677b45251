//! A small evidence directory to judge and to tamper with.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use giaolo_domain::*;
use giaolo_evidence::*;
use image::{Rgb, RgbImage};

pub const WIDTH: u32 = 64;
pub const HEIGHT: u32 = 48;

pub fn frame(number: u64) -> FrameTime {
    FrameTime { frame: number, time: MediaTime(number as i64 * 166_667) }
}

pub fn facts() -> ManifestFacts {
    let reason = Reason {
        code: "red_at_crossing".to_owned(),
        vi: "Đèn đỏ khi qua vạch".to_owned(),
        en: "red at the crossing".to_owned(),
    };
    let start = UtcTime::parse("2026-11-24T07:30:00+07:00").unwrap();
    let still = |file: &str, number| StillFrame {
        file: file.to_owned(),
        frame: frame(number),
        taken_at: start.plus(frame(number).time),
    };
    ManifestFacts {
        created_at: UtcTime::parse("2026-11-24T09:00:00+07:00").unwrap(),
        camera: "TU15-C1".into(),
        point: Some("TU15".to_owned()),
        place: "Giảng Võ - Láng Hạ".to_owned(),
        source_class: Some(SourceClass::StateSecurityCamera),
        clock: TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: Some(2.0) },
        violation: Violation {
            kind: ViolationKind::RedLight,
            rule: "red".into(),
            track: TrackId(7),
            class: RoadUserClass::Motorbike,
            confidence: 0.9,
            before: frame(25),
            act: frame(33),
            after: frame(41),
            box_before: PixelBox::new(1.0, 2.0, 3.5, 4.1),
            box_act: PixelBox::new(2.0, 2.0, 4.5, 4.1),
            box_after: PixelBox::new(3.0, 2.0, 5.5, 4.1),
            verdict: Verdict::Sure,
            reasons: vec![reason],
            insufficient: Vec::new(),
            line: Some("stop".into()),
            zone: None,
            movement: None,
            head: Some("near".into()),
            red_for_s: Some(1.33),
            sanction: None,
        },
        stills: vec![still("before.jpg", 25), still("act.jpg", 33), still("after.jpg", 41)],
        signal_timeline: vec![SignalSpan {
            head: "near".into(),
            state: SignalState::Red,
            from: frame(25),
            to: frame(41),
        }],
        plate: None,
        plate_not_shown: None,
        scene: SceneVersion { name: "giang-vo.toml".to_owned(), sha256: "5".repeat(64) },
        source: SourceFile {
            name: "giang-vo.mp4".to_owned(),
            sha256: Some("a".repeat(64)),
            bytes: Some(1_234_567),
            codec: "h264".to_owned(),
            width: WIDTH,
            height: HEIGHT,
        },
        model: ModelUsed {
            name: "nanodet-g".to_owned(),
            sha256: "b".repeat(64),
            precision: "int8".to_owned(),
        },
        program: Program { version: "0.1.0".to_owned(), commit: None },
    }
}

pub fn picture(seed: u8) -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([x as u8 ^ seed, y as u8, seed]))
}

pub fn key(dir: &Path, name: &str) -> SigningKey {
    SigningKey::load_or_create(&dir.join(name)).unwrap()
}

/// A draft with everything that `facts` names.
pub fn full_draft<'a>(store: &'a EvidenceStore, id: &str, seed: u8) -> Draft<'a> {
    let mut draft = store.draft(id).unwrap();
    for (name, role) in [
        ("before.jpg", FileRole::StillBefore),
        ("act.jpg", FileRole::StillAct),
        ("after.jpg", FileRole::StillAfter),
    ] {
        draft.add_jpeg(name, role, &picture(seed), 92).unwrap();
    }
    let clip = draft.path("clip.mp4", FileRole::Clip).unwrap();
    fs::write(clip, vec![seed; 5000]).unwrap();
    draft
}

/// An evidence directory with a chain of `count` folders.
pub struct Town {
    pub home: tempfile::TempDir,
    pub store: EvidenceStore,
    pub key: SigningKey,
    pub sealed: Vec<Sealed>,
}

impl Town {
    pub fn new(count: u8) -> Self {
        let home = tempfile::tempdir().unwrap();
        let key = key(home.path(), "key");
        Self::with_key(home, key, count)
    }

    pub fn with_key(home: tempfile::TempDir, key: SigningKey, count: u8) -> Self {
        let store = EvidenceStore::open(&home.path().join("evidence"), key.clone()).unwrap();
        let mut sealed: Vec<Sealed> = Vec::new();
        for number in 1..=count {
            let draft = full_draft(&store, &format!("case-{number}"), number);
            let previous = sealed.last().map(Sealed::link);
            sealed.push(draft.seal(facts(), previous.as_ref()).unwrap());
        }
        Self { home, store, key, sealed }
    }

    pub fn dir(&self) -> PathBuf {
        self.store.dir().to_owned()
    }

    /// The folder with that number.
    pub fn folder(&self, number: usize) -> PathBuf {
        self.dir().join(&self.sealed[number - 1].folder)
    }

    pub fn trusting(&self) -> VerifyOptions {
        VerifyOptions {
            trusted_keys: vec![self.key.fingerprint().into()],
            ..VerifyOptions::default()
        }
    }

    pub fn verify(&self) -> Report {
        verify(&self.dir(), &self.trusting()).unwrap()
    }
}

/// The codes of a report's problems, sorted, each once.
pub fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.problems.iter().map(|p| p.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Signs the manifest as it now is with the town's own key: `docs/evidence.md`, written out once more.
pub fn sign_again(town: &Town, folder: &Path) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use ed25519_dalek::Signer;
    let key = fs::read_to_string(town.home.path().join("key")).unwrap();
    let secret = STANDARD.decode(key.lines().nth(1).unwrap()).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&secret.try_into().unwrap());
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    let message = [b"giaolo evidence manifest v1\0", &manifest[..]].concat();
    let signature = STANDARD.encode(key.sign(&message).to_bytes());
    fs::write(folder.join("manifest.sig"), format!("{signature}\n")).unwrap();
}
