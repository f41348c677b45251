//! What proves a violation: stills, the explained picture, the clip, sealing and verifying.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use giaolo_domain::{
    FrameTime, PixelPoint, Reason, RoadUserClass, TrackId, TrackObservation, UtcTime, Verdict,
    Violation, ViolationKind,
};
use giaolo_evidence::{
    ChainLink, EvidenceStore, FileRole, ManifestFacts, ModelUsed, Program, SceneVersion,
    SigningKey, SourceFile, StillFrame, VerifyOptions, encode_jpeg,
    overlay::{
        Caption, CaptionSource, LineShape, Meaning, Overlay, OverviewDrawing, render_overview,
    },
    verify,
};
use giaolo_media::{PacketRing, PacketSpan, RingLimits, decode_span, write_clip};
use sha2::{Digest, Sha256};

use crate::{Bare, Case, Clock, Failure, Recording, Work};

/// As the pipeline's stills.
const QUALITY: u8 = 92;

pub(crate) fn cases(recording: &Recording, scratch: &Path) -> Result<Vec<Case>, Failure> {
    fs::create_dir_all(scratch)?;
    let size = recording.size();
    let violation = violation(recording)?;
    let span = span(recording, &violation)?;
    let act = recording.pictures.first().ok_or("the clip has no picture")?;
    let picture = act.rgb(act.whole())?;
    let still = encode_jpeg(&picture, QUALITY)?;
    let (clip, clip_bytes) = clip(recording, &span, scratch)?;
    let folder = Folder { still, clip: clip_bytes };
    let case = |what: String, unit, clock, ours, bare| Case {
        stage: (8, "evidence"),
        what,
        unit,
        clock,
        video_s: None,
        ours,
        bare,
    };
    let bytes = format!("{:.1} MB", folder.bytes() as f64 / 1e6);
    Ok(vec![
        case(
            format!("three stills decoded again, {size}"),
            "violation",
            Clock::Processor,
            again(recording, span, &violation),
            None,
        ),
        case(
            format!("still as RGB, {size}"),
            "still",
            Clock::Processor,
            {
                let act = act.clone();
                Box::new(move || {
                    std::hint::black_box(act.rgb(act.whole())?);
                    Ok(1)
                })
            },
            None,
        ),
        case(
            format!("still as JPEG 4:4:4, {size}"),
            "still",
            Clock::Processor,
            {
                let picture = picture.clone();
                Box::new(move || {
                    std::hint::black_box(encode_jpeg(&picture, QUALITY)?);
                    Ok(1)
                })
            },
            Some(Bare { what: "the encoder of `image`", work: images_jpeg(picture.clone()) }),
        ),
        case(
            format!("explained picture drawn, {size}"),
            "picture",
            Clock::Processor,
            overview(recording, picture, &violation)?,
            None,
        ),
        clip,
        case(
            format!("folder written and sealed, {bytes}"),
            "folder",
            Clock::Wall,
            seal(recording, &violation, folder.clone(), &scratch.join("sealing"))?,
            Some(Bare {
                what: "the same files written and synced",
                work: write_and_sync(folder.clone(), scratch.join("plain")),
            }),
        ),
        case(
            format!("folder verified, {bytes}"),
            "folder",
            Clock::Processor,
            verified(recording, &violation, folder.clone(), &scratch.join("verifying"))?,
            Some(Bare { what: "SHA-256 of the same bytes", work: hash(folder) }),
        ),
    ])
}

/// A violation by the road user that was seen for longest.
pub(crate) fn violation(recording: &Recording) -> Result<Violation, Failure> {
    let mut ways: std::collections::BTreeMap<TrackId, Vec<(FrameTime, &TrackObservation)>> =
        std::collections::BTreeMap::new();
    for frame in recording.tracks.iter() {
        for seen in &frame.tracks {
            ways.entry(seen.track).or_default().push((frame.at, seen));
        }
    }
    let (track, way) =
        ways.into_iter().max_by_key(|(_, way)| way.len()).ok_or("nobody is tracked in the clip")?;
    let middle = way.len() / 2;
    // A second on each side of the act, as rules have it.
    let reach = ((1.0 / recording.frame_s().unwrap_or(0.04)) as usize).max(1);
    let at = |place: usize| way[place.min(way.len() - 1)];
    let (before, act, after) = (at(middle.saturating_sub(reach)), at(middle), at(middle + reach));
    Ok(Violation {
        kind: ViolationKind::StopLine,
        rule: "bench".into(),
        track,
        class: RoadUserClass::Motorbike,
        confidence: 0.9,
        before: before.0,
        act: act.0,
        after: after.0,
        box_before: before.1.bbox,
        box_act: act.1.bbox,
        box_after: after.1.bbox,
        verdict: Verdict::Sure,
        reasons: vec![Reason {
            code: "bench".to_owned(),
            vi: "Đèn đỏ khi qua vạch dừng, đã đỏ 1,3 giây".to_owned(),
            en: "Red when crossing the stop line, red for 1.3 seconds".to_owned(),
        }],
        insufficient: Vec::new(),
        line: recording.scene.lines.first().map(|line| line.id.clone()),
        zone: None,
        movement: None,
        head: None,
        red_for_s: Some(1.3),
        sanction: None,
    })
}

/// The packets that the pipeline keeps for it: two seconds more on each side.
fn span(recording: &Recording, violation: &Violation) -> Result<PacketSpan, Failure> {
    let mut ring = PacketRing::new(RingLimits { seconds: 600.0, bytes: usize::MAX });
    for packet in &recording.packets {
        ring.push(packet.clone());
    }
    let lead = 2_000_000;
    let from = giaolo_domain::MediaTime((violation.before.time.0 - lead).max(0));
    let to = giaolo_domain::MediaTime(violation.after.time.0 + lead);
    Ok(ring.span(from, to).ok_or("the packets hold no keyframe before the violation")?)
}

fn again(recording: &Recording, span: PacketSpan, violation: &Violation) -> Work {
    let codec = recording.codec.clone();
    let wanted = [violation.before.time, violation.act.time, violation.after.time];
    Box::new(move || {
        let mut found = 0;
        decode_span(&codec, &span, &wanted, &mut |_| found += 1)?;
        Ok(u64::from(found > 0))
    })
}

fn images_jpeg(picture: image::RgbImage) -> Work {
    Box::new(move || {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        picture.write_with_encoder(encoder)?;
        std::hint::black_box(bytes);
        Ok(1)
    })
}

fn overview(
    recording: &Recording,
    still: image::RgbImage,
    violation: &Violation,
) -> Result<Work, Failure> {
    let mut overlay = Overlay::new()?;
    let (scene, origin) = (recording.scene.clone(), recording.info.origin);
    let violation = violation.clone();
    let way = |until: bool| -> Vec<PixelPoint> {
        let frames = recording.tracks.iter().filter(|f| (f.at <= violation.act) == until);
        let seen = frames.flat_map(|frame| frame.tracks.iter());
        seen.filter(|seen| seen.track == violation.track)
            .map(|seen| seen.bbox.ground_point())
            .collect()
    };
    let (past, later) = (way(true), way(false));
    Ok(Box::new(move || {
        let lines: Vec<LineShape<'_>> = scene
            .lines
            .iter()
            .map(|line| LineShape {
                points: line.points,
                meaning: Meaning::Rule,
                label: Some(("vạch dừng", "stop line")),
            })
            .collect();
        let caption = Caption::of_violation(&CaptionSource {
            place: &scene.place,
            point: None,
            camera: &scene.camera,
            source_class: None,
            clock: &origin,
            violation: &violation,
            signal: None,
            plate: None,
        });
        let drawing = OverviewDrawing {
            title: &scene.place,
            time: "00:12.345",
            lines: &lines,
            zones: &[],
            subject: violation.box_act,
            subject_label: ("xe mô tô #7", "motorbike #7"),
            past: &past,
            later: &later,
            lamp: None,
        };
        std::hint::black_box(render_overview(&mut overlay, &still, &drawing, &caption)?);
        Ok(1)
    }))
}

/// The case of cutting the clip, and the clip's bytes.
fn clip(
    recording: &Recording,
    span: &PacketSpan,
    scratch: &Path,
) -> Result<(Case, Vec<u8>), Failure> {
    let path = scratch.join("clip.mp4");
    write_clip(&recording.codec, span, &path)?;
    let bytes = fs::read(&path)?;
    let (codec, span) = (recording.codec.clone(), span.clone());
    let plain = scratch.join("plain.mp4");
    let copied = bytes.clone();
    let case = Case {
        stage: (8, "evidence"),
        what: format!(
            "clip cut, {} packets, {:.1} MB",
            span.packets().len(),
            bytes.len() as f64 / 1e6
        ),
        unit: "clip",
        clock: Clock::Wall,
        video_s: None,
        ours: Box::new(move || {
            write_clip(&codec, &span, &path)?;
            Ok(1)
        }),
        bare: Some(Bare {
            what: "the same bytes written",
            work: Box::new(move || {
                fs::write(&plain, &copied)?;
                Ok(1)
            }),
        }),
    };
    Ok((case, bytes))
}

/// The files of one violation.
#[derive(Clone)]
struct Folder {
    still: Vec<u8>,
    clip: Vec<u8>,
}

impl Folder {
    fn files(&self) -> [(&'static str, FileRole, &[u8]); 5] {
        [
            ("before.jpg", FileRole::StillBefore, &self.still),
            ("act.jpg", FileRole::StillAct, &self.still),
            ("after.jpg", FileRole::StillAfter, &self.still),
            ("overview.jpg", FileRole::Overview, &self.still),
            ("clip.mp4", FileRole::Clip, &self.clip),
        ]
    }

    fn bytes(&self) -> usize {
        self.files().iter().map(|(_, _, bytes)| bytes.len()).sum()
    }
}

fn seal(
    recording: &Recording,
    violation: &Violation,
    folder: Folder,
    dir: &Path,
) -> Result<Work, Failure> {
    let store = evidence_store(dir)?;
    let facts = facts(recording, violation);
    let mut previous: Option<ChainLink> = None;
    Ok(Box::new(move || {
        let sealed = seal_one(&store, &folder, &facts, previous.as_ref())?;
        // A directory that grows would be slower with every turn.
        fs::remove_dir_all(store.folder(&sealed.folder))?;
        previous = Some(sealed.link());
        Ok(1)
    }))
}

fn evidence_store(dir: &Path) -> Result<EvidenceStore, Failure> {
    fs::create_dir_all(dir)?;
    let key = SigningKey::load_or_create(&dir.join("key"))?;
    Ok(EvidenceStore::open(&dir.join("evidence"), key)?)
}

fn seal_one(
    store: &EvidenceStore,
    folder: &Folder,
    facts: &ManifestFacts,
    previous: Option<&ChainLink>,
) -> Result<giaolo_evidence::Sealed, Failure> {
    let mut draft = store.draft("bench-f1-t1")?;
    for (name, role, bytes) in folder.files() {
        fs::write(draft.path(name, role)?, bytes)?;
    }
    Ok(draft.seal(facts.clone(), previous)?)
}

fn write_and_sync(folder: Folder, dir: PathBuf) -> Work {
    Box::new(move || {
        fs::create_dir_all(&dir)?;
        for (name, _, bytes) in folder.files() {
            let mut file = File::create(dir.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        File::open(&dir)?.sync_all()?;
        fs::remove_dir_all(&dir)?;
        Ok(1)
    })
}

fn verified(
    recording: &Recording,
    violation: &Violation,
    folder: Folder,
    dir: &Path,
) -> Result<Work, Failure> {
    let store = evidence_store(dir)?;
    let sealed = seal_one(&store, &folder, &facts(recording, violation), None)?;
    let path = store.folder(&sealed.folder);
    Ok(Box::new(move || {
        let report = verify(&path, &VerifyOptions::default())?;
        if !report.is_good() {
            return Err(format!("the sealed folder does not verify: {report:?}").into());
        }
        Ok(1)
    }))
}

fn hash(folder: Folder) -> Work {
    Box::new(move || {
        for (_, _, bytes) in folder.files() {
            std::hint::black_box(Sha256::digest(bytes));
        }
        Ok(1)
    })
}

fn facts(recording: &Recording, violation: &Violation) -> ManifestFacts {
    let start = recording.info.origin.start;
    let still = |file: &str, frame: FrameTime| StillFrame {
        file: file.to_owned(),
        frame,
        taken_at: start.plus(frame.time),
    };
    let anything = "0".repeat(64);
    ManifestFacts {
        created_at: UtcTime::from_micros(0),
        camera: recording.scene.camera.clone(),
        point: None,
        place: recording.scene.place.clone(),
        source_class: None,
        clock: recording.info.origin,
        violation: violation.clone(),
        stills: vec![
            still("before.jpg", violation.before),
            still("act.jpg", violation.act),
            still("after.jpg", violation.after),
        ],
        signal_timeline: Vec::new(),
        plate: None,
        plate_not_shown: None,
        scene: SceneVersion { name: "bench.toml".to_owned(), sha256: anything.clone() },
        source: SourceFile {
            name: "bench.mp4".to_owned(),
            sha256: Some(anything.clone()),
            bytes: Some(1),
            codec: recording.info.codec.clone(),
            width: recording.info.width,
            height: recording.info.height,
        },
        model: ModelUsed {
            name: recording.entry.name.clone(),
            sha256: anything,
            precision: "int8".to_owned(),
        },
        program: Program { version: "0.1.0".to_owned(), commit: None },
    }
}
