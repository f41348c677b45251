//! Files of evidence over HTTP: ranges, tags, and nothing outside the folder.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use common::{Client, Town, evidence::CLIP};
use giaolo_store::Role;

async fn with(
    town: &Town,
    client: &Client,
    path: &str,
    headers: &[(&str, &str)],
) -> common::Answer {
    let mut request = client.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    town.answer(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_clip_is_sent_in_the_parts_that_a_player_asks_for() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let path = format!("/api/v1/cases/{}/files/clip.mp4", town.cases[0]);
    let whole = town.get(&an, &path).await;
    assert_eq!((whole.status, whole.bytes.len()), (StatusCode::OK, CLIP));
    assert_eq!(whole.header("content-type"), "video/mp4");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("cache-control"), "private, max-age=3600, immutable");
    let etag = whole.header("etag").to_owned();
    let range = format!("bytes 100-199/{CLIP}");
    let part =
        with(&town, &an, &path, &[("range", "bytes=100-199"), ("accept-encoding", "gzip")]).await;
    assert_eq!(
        (part.status, part.header("content-range")),
        (StatusCode::PARTIAL_CONTENT, range.as_str())
    );
    assert_eq!(part.bytes, whole.bytes[100..200]);
    assert_eq!(part.header("content-length"), "100");
    let end = with(&town, &an, &path, &[("range", "bytes=-50")]).await;
    assert_eq!(end.bytes, whole.bytes[CLIP - 50..]);
    let beyond = with(&town, &an, &path, &[("range", "bytes=5000-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{CLIP}"));
    let same = with(&town, &an, &path, &[("if-none-match", &etag)]).await;
    assert_eq!((same.status, same.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = with(&town, &an, &path, &[("range", "bytes=0-9"), ("if-range", "\"x\"")]).await;
    assert_eq!((other.status, other.bytes.len()), (StatusCode::OK, CLIP));
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let id = &town.cases[0];
    for file in [
        "..%2f..%2fgiaolo.db",
        "..%2F..%2Fkey",
        "%2e%2e%2f%2e%2e%2fgiaolo.db",
        "%2fetc%2fpasswd",
        "act.jpg%00",
        "manifest.sig",
        "ACT.JPG",
        "act.jpg%2f",
        ".",
        "..",
        "%ff%fe",
        "nothing.jpg",
    ] {
        let answer = town.get(&an, &format!("/api/v1/cases/{id}/files/{file}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{file}: {}", answer.text());
    }
    for id in ["..", "%2e%2e%2f", "..%2f..%2f", "%00", "'%20OR%201=1--", &"x".repeat(5_000)] {
        for path in ["", "/files/act.jpg", "/evidence.zip"] {
            let answer = town.get(&an, &format!("/api/v1/cases/{id}{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}{path}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn what_was_changed_on_disk_is_not_shown_as_evidence() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let folder = |number: usize| {
        let name = format!("{:08}-{}", number + 1, town.cases[number]);
        town.evidence().join(name)
    };
    let path = |number: usize, file: &str| format!("/api/v1/cases/{}{file}", town.cases[number]);

    // The same size, another picture.
    let still = folder(0).join("act.jpg");
    let mut bytes = fs::read(&still).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    fs::write(&still, bytes).unwrap();
    let answer = town.get(&an, &path(0, "/files/act.jpg")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "evidence_damaged"));
    assert!(!answer.text().contains("evidence/"), "no path is told: {}", answer.text());
    assert_eq!(town.get(&an, &path(0, "/files/before.jpg")).await.status, StatusCode::OK);

    // A link out of the folder.
    fs::remove_file(folder(0).join("before.jpg")).unwrap();
    std::os::unix::fs::symlink(town.home.path().join("key"), folder(0).join("before.jpg")).unwrap();
    assert_eq!(town.get(&an, &path(0, "/files/before.jpg")).await.code(), "evidence_damaged");

    // Another manifest.
    let manifest = folder(1).join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap().replace("red_light", "stop_line");
    fs::write(&manifest, text).unwrap();
    assert_eq!(town.get(&an, &path(1, "")).await.code(), "evidence_damaged");
    // Nothing at all.
    fs::remove_dir_all(folder(2)).unwrap();
    assert_eq!(town.get(&an, &path(2, "")).await.code(), "evidence_damaged");
    assert_eq!(town.get(&an, &path(2, "/evidence.zip")).await.code(), "evidence_damaged");
}

#[tokio::test]
async fn the_zip_verifies_and_taking_it_is_written_down() {
    let town = Town::new().await;
    let auditor = town.signed_in("kiem", &[Role::Auditor]).await;
    let id = &town.cases[1];
    let answer = town.get(&auditor, &format!("/api/v1/cases/{id}/evidence.zip")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/zip"));
    assert!(answer.header("content-disposition").contains(&format!("{id}.zip")));
    let zip = town.home.path().join("got.zip");
    fs::write(&zip, &answer.bytes).unwrap();
    let report = giaolo_evidence::verify(&zip, &giaolo_evidence::VerifyOptions::default()).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let exported = town.get(&auditor, "/api/v1/audit/export").await.text();
    let line = exported.lines().find(|line| line.contains("case.export")).unwrap();
    assert!(line.contains("\"kiem\"") && line.contains(id.as_str()), "{line}");
    assert!(exported.lines().last().unwrap().contains("audit.export"));
    let verdict = town.get(&auditor, "/api/v1/audit/verify").await.json();
    assert_eq!(verdict["whole"], true);
    assert_eq!(verdict["entries"].as_u64().unwrap(), exported.lines().count() as u64);
}
