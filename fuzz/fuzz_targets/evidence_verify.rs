//! Whatever bytes come, the verifier comes to an end, and calls nothing good that the key did not sign.
#![no_main]

use std::{collections::BTreeMap, fs, io::Cursor, os::unix::fs::PermissionsExt, sync::OnceLock};

use giaolo_domain::*;
use giaolo_evidence::*;
use libfuzzer_sys::fuzz_target;

/// One sealed folder, as files and as a zip.
struct Good {
    folder: String,
    manifest_sha256: String,
    files: BTreeMap<String, Vec<u8>>,
    zip: Vec<u8>,
    options: VerifyOptions,
}

static GOOD: OnceLock<Good> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let good = GOOD.get_or_init(good);
    let Some((&mode, rest)) = data.split_first() else {
        return;
    };
    let report = match mode % 4 {
        0 => verify_zip(Cursor::new(rest), "fuzz.zip", &good.options),
        1 => verify_files(&good.folder, &parts(rest), &good.options),
        2 => {
            let zip = patched(&good.zip, rest);
            verify_zip(Cursor::new(zip), "fuzz.zip", &good.options)
        }
        _ => {
            let mut files = good.files.clone();
            let manifest = patched(&files["manifest.json"], rest);
            files.insert("manifest.json".to_owned(), manifest);
            verify_files(&good.folder, &files, &good.options)
        }
    };
    for problem in report.problems.iter().chain(&report.notes) {
        assert!(!problem.vi.contains(char::is_control) && !problem.en.contains(char::is_control));
    }
    if report.is_good() {
        for evidence in &report.evidence {
            assert_eq!(evidence.manifest_sha256, good.manifest_sha256, "forged");
        }
    }
});

/// Manifest, signature and one picture, cut at the lengths that the first bytes say.
fn parts(data: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (head, rest) = data.split_at(data.len().min(3));
    let length = |at: usize| head.get(at).map_or(0, |byte| usize::from(*byte));
    let (signature, rest) = rest.split_at(rest.len().min(length(0)));
    let (picture, manifest) = rest.split_at(rest.len().min(length(1) * 256 + length(2)));
    BTreeMap::from([
        ("manifest.json".to_owned(), manifest.to_vec()),
        ("manifest.sig".to_owned(), signature.to_vec()),
        ("act.jpg".to_owned(), picture.to_vec()),
    ])
}

/// The bytes with some of them changed: two bytes of place and one of value for each.
fn patched(bytes: &[u8], patches: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for patch in patches.chunks_exact(3) {
        let at = usize::from(patch[0]) << 8 | usize::from(patch[1]);
        let length = bytes.len();
        bytes[at % length] ^= patch[2];
    }
    bytes
}

fn good() -> Good {
    let home = std::env::temp_dir().join(format!("giaolo-fuzz-{}", std::process::id()));
    fs::create_dir_all(&home).expect("a temporary folder");
    let key_path = home.join("key");
    let secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    fs::write(&key_path, format!("giaolo-ed25519-secret-key-v1\n{secret}\n")).expect("a key");
    fs::set_permissions(&key_path, fs::Permissions::from_mode(0o600)).expect("its mode");
    let key = SigningKey::load_or_create(&key_path).expect("the key just written");
    let store = EvidenceStore::open(&home.join("evidence"), key.clone()).expect("a store");
    let mut draft = store.draft("case").expect("a draft");
    let path = draft.path("act.jpg", FileRole::StillAct).expect("a name");
    fs::write(path, JPEG).expect("a picture");
    let sealed = draft.seal(facts(), None).expect("a seal");

    let folder = store.folder(&sealed.folder);
    let zip = home.join("case.zip");
    export_zip(&folder, &zip).expect("an export");
    let files = fs::read_dir(&folder)
        .expect("the folder")
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    let good = Good {
        folder: sealed.folder.clone(),
        manifest_sha256: sealed.manifest_sha256,
        files,
        zip: fs::read(zip).expect("the zip"),
        options: VerifyOptions {
            trusted_keys: vec![key.fingerprint().into()],
            ..VerifyOptions::default()
        },
    };
    fs::remove_dir_all(&home).expect("to tidy up");
    assert!(verify_files(&good.folder, &good.files, &good.options).is_good());
    good
}

/// A frame header of 2x1 pixels, which is all that evidence looks at.
const JPEG: &[u8] = &[
    0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 2, 1, 1, 0x11, 0, 0xff, 0xd9,
];

fn facts() -> ManifestFacts {
    let at = FrameTime {
        frame: 9,
        time: MediaTime(1_500_000),
    };
    let bbox = PixelBox::new(0.0, 0.0, 1.0, 1.0);
    ManifestFacts {
        created_at: UtcTime::from_micros(1),
        camera: "c".into(),
        point: None,
        place: "Nơi thử".to_owned(),
        source_class: None,
        clock: TimeOrigin::UNKNOWN,
        violation: Violation {
            kind: ViolationKind::RedLight,
            rule: "r".into(),
            track: TrackId(1),
            class: RoadUserClass::Car,
            confidence: 0.5,
            before: at,
            act: at,
            after: at,
            box_before: bbox,
            box_act: bbox,
            box_after: bbox,
            verdict: Verdict::Sure,
            reasons: Vec::new(),
            insufficient: Vec::new(),
            line: None,
            zone: None,
            movement: None,
            head: None,
            red_for_s: Some(1.5),
            sanction: None,
        },
        stills: vec![StillFrame {
            file: "act.jpg".to_owned(),
            frame: at,
            taken_at: UtcTime::from_micros(2),
        }],
        signal_timeline: Vec::new(),
        plate: None,
        plate_not_shown: None,
        scene: SceneVersion {
            name: "s.toml".to_owned(),
            sha256: "0".repeat(64),
        },
        source: SourceFile {
            name: "s.mp4".to_owned(),
            sha256: None,
            bytes: None,
            codec: "h264".to_owned(),
            width: 2,
            height: 1,
        },
        model: ModelUsed {
            name: "m".to_owned(),
            sha256: "0".repeat(64),
            precision: "int8".to_owned(),
        },
        program: Program {
            version: "0".to_owned(),
            commit: None,
        },
    }
}
