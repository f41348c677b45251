//! The transaction that makes a violation exist, against one synced write.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use giaolo_domain::UtcTime;
use giaolo_store::{EvidenceRow, Insertion, NewRun, SceneVersion, Store, ViolationRow};
use sha2::{Digest, Sha256};

use crate::{Bare, Case, Clock, Failure, Recording, Work, evidence::violation};

/// Bytes that the bare limit writes and syncs: one page of a database.
const PAGE: usize = 4096;

pub(crate) fn cases(recording: &Recording, scratch: &Path) -> Result<Vec<Case>, Failure> {
    fs::create_dir_all(scratch)?;
    Ok(vec![Case {
        stage: (9, "store"),
        what: "violation, evidence and audit entry, SQLite".to_owned(),
        unit: "violation",
        clock: Clock::Wall,
        video_s: None,
        ours: insert(recording, scratch)?,
        bare: Some(Bare { what: "one page written and synced", work: synced(scratch)? }),
    }])
}

fn insert(recording: &Recording, scratch: &Path) -> Result<Work, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let url = format!("sqlite:{}", scratch.join("bench.db").display());
    let store = runtime.block_on(Store::open(&url))?;
    let scene = &recording.scene;
    let begin = UtcTime::from_micros(0);
    let run = runtime.block_on(async {
        store
            .put_scene_version(&SceneVersion {
                camera: scene.camera.clone(),
                sha256: scene.sha256.clone(),
                toml: fs::read_to_string(&recording.clip.scene).unwrap_or_default(),
                created_at: begin,
                who: "bench".to_owned(),
                note: String::new(),
            })
            .await?;
        store
            .begin_run(&NewRun {
                camera: scene.camera.clone(),
                source_name: "bench.mp4".to_owned(),
                source_sha256: sha256("source"),
                scene_sha256: scene.sha256.clone(),
                model: recording.entry.name.clone(),
                program_version: "0.1.0".to_owned(),
                started_at: begin,
                origin: recording.info.origin,
            })
            .await
    })?;
    let violation = violation(recording)?;
    let facts = serde_json::to_value(&violation)?;
    let camera = scene.camera.clone();
    let mut number = 0u64;
    let mut previous: Option<String> = None;
    Ok(Box::new(move || {
        number += 1;
        let row = ViolationRow {
            id: format!("bench-f{number}-t1"),
            run,
            camera: camera.clone(),
            kind: violation.kind,
            rule: violation.rule.clone(),
            track: violation.track,
            class: violation.class,
            verdict: violation.verdict,
            act: violation.act,
            act_at: begin,
            facts: facts.clone(),
            created_at: begin,
        };
        let evidence = EvidenceRow {
            violation_id: row.id.clone(),
            sequence: number,
            folder: format!("{number:08}-{}", row.id),
            manifest_sha256: sha256(&row.id),
            previous_sha256: previous.clone(),
        };
        let inserted =
            runtime.block_on(store.insert_violation_with_evidence(&row, &evidence, "bench"))?;
        if inserted != Insertion::Inserted {
            return Err("the violation was there already".into());
        }
        previous = Some(evidence.manifest_sha256);
        Ok(1)
    }))
}

fn synced(scratch: &Path) -> Result<Work, Failure> {
    let mut file = File::create(scratch.join("page"))?;
    let page = vec![7u8; PAGE];
    Ok(Box::new(move || {
        file.write_all(&page)?;
        file.sync_data()?;
        Ok(1)
    }))
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
