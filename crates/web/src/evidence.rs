//! The evidence of a case as it lies on disk: its folder, its manifest, and never a byte outside it.
//!
//! A folder is found by the store's row alone; a file only by a name that the manifest has. What does
//! not agree with its hash is not shown: a changed picture must not decide a case.

use std::path::{Component, Path, PathBuf};

use axum::http::StatusCode;
use giaolo_evidence::{FileEntry, Manifest};
use giaolo_store::EvidenceRow;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    scope,
};

/// Bytes of a manifest, at most; thousands of times a usual one.
const LARGEST_MANIFEST: u64 = 16 * 1024 * 1024;

/// A sealed folder.
pub struct Sealed {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it says.
    pub manifest: Manifest,
    /// The SHA-256 of `manifest.json`.
    pub manifest_sha256: String,
}

/// The evidence of a case that the caller may see.
///
/// # Errors
/// 404 where there is none for him; as [`of`].
pub async fn of_case(app: &App, caller: &Caller, id: &str) -> ApiResult<Sealed> {
    scope::case_is_there(app, caller, id).await?;
    let row = app.store.evidence_of(id).await?.ok_or_else(ApiError::not_found)?;
    of(app, &row).await
}

/// The evidence that a row of the chain names.
///
/// # Errors
/// 500 `evidence_damaged` where the disk does not have what the database says.
pub async fn of(app: &App, row: &EvidenceRow) -> ApiResult<Sealed> {
    let name = Path::new(&row.folder);
    let mut components = name.components();
    if !matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)) {
        return Err(damaged(name, "the database names a folder outside the evidence"));
    }
    let folder = app.settings.evidence.join(name);
    let path = folder.join("manifest.json");
    must_be_a_plain_file(&path, LARGEST_MANIFEST).await?;
    let bytes = tokio::fs::read(&path).await.map_err(|error| damaged(&path, &error.to_string()))?;
    if format!("{:x}", Sha256::digest(&bytes)) != row.manifest_sha256 {
        return Err(damaged(&path, "it is not the manifest that was sealed"));
    }
    let manifest = Manifest::read(&bytes).map_err(|error| damaged(&path, &error.to_string()))?;
    Ok(Sealed { folder, manifest, manifest_sha256: row.manifest_sha256.clone() })
}

impl Sealed {
    /// The file of that name, and where it lies.
    ///
    /// # Errors
    /// 404 where the manifest does not name it; 500 where it is not as the manifest says.
    pub async fn file(&self, name: &str) -> ApiResult<(&FileEntry, PathBuf)> {
        let entry = self.manifest.files.iter().find(|entry| entry.name == name);
        let entry = entry.ok_or_else(ApiError::not_found)?;
        let path = self.folder.join(&entry.name);
        let bytes = must_be_a_plain_file(&path, u64::MAX).await?;
        if bytes != entry.bytes {
            return Err(damaged(&path, "its size is not the manifest's"));
        }
        Ok((entry, path))
    }
}

/// A link could lead anywhere; evidence has none.
async fn must_be_a_plain_file(path: &Path, largest: u64) -> ApiResult<u64> {
    let about = tokio::fs::symlink_metadata(path).await;
    let about = about.map_err(|error| damaged(path, &error.to_string()))?;
    if about.is_file() && about.len() <= largest {
        return Ok(about.len());
    }
    Err(damaged(path, "it is no plain file, or too large"))
}

/// Logs what is wrong with a file and says so without its path.
pub fn damaged(path: &Path, problem: &str) -> ApiError {
    tracing::error!(path = %path.display(), problem, "evidence is damaged");
    let vi = "Tệp chứng cứ bị thiếu hoặc không còn nguyên vẹn. Không quyết định hồ sơ này; hãy báo quản trị.";
    let en = "The evidence is missing or no longer whole. Do not decide this case; tell an administrator.";
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "evidence_damaged", vi, en)
}
