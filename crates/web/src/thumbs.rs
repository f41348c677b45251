//! Smaller pictures of stills, for lists: a queue of fifty would otherwise load fifty megabytes.
//!
//! Made from a still that agrees with its hash, two at a time, and kept in memory: evidence never
//! changes. They are for finding a case, never for deciding it.

use std::{
    collections::VecDeque,
    io::Cursor,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use giaolo_evidence::FileEntry;
use image::{ImageReader, codecs::jpeg::JpegEncoder, imageops};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{
    error::{ApiError, ApiResult},
    evidence::damaged,
};

/// Widths that may be asked for.
pub const WIDTHS: std::ops::RangeInclusive<u32> = 64..=1_280;
/// Pictures kept, some tens of kilobytes each.
const KEPT: usize = 400;
/// Made at once.
const AT_ONCE: usize = 2;
/// Good enough to recognise.
const QUALITY: u8 = 78;

type Kept = VecDeque<((String, u32), Arc<[u8]>)>;

/// The pictures made so far.
pub struct Thumbs {
    kept: Mutex<Kept>,
    at_once: Semaphore,
}

impl Default for Thumbs {
    fn default() -> Self {
        Self { kept: Mutex::default(), at_once: Semaphore::new(AT_ONCE) }
    }
}

impl Thumbs {
    /// A still as a JPEG of that width.
    ///
    /// # Errors
    /// 500 where the file is not the manifest's, or no picture.
    pub async fn get(&self, entry: &FileEntry, path: &Path, width: u32) -> ApiResult<Arc<[u8]>> {
        let key = (entry.sha256.clone(), width);
        if let Some(kept) = self.kept(&key) {
            return Ok(kept);
        }
        let hidden = |error: &dyn std::error::Error| ApiError::hidden("making a thumbnail", error);
        let _place = self.at_once.acquire().await.map_err(|error| hidden(&error))?;
        let (path, sha256) = (path.to_owned(), entry.sha256.clone());
        let made = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(&path).map_err(|error| damaged(&path, &error.to_string()))?;
            if format!("{:x}", Sha256::digest(&bytes)) != sha256 {
                return Err(damaged(&path, "its content is not the manifest's"));
            }
            smaller(&bytes, width).map_err(|error| damaged(&path, &error.to_string()))
        });
        let made: Arc<[u8]> = made.await.map_err(|error| hidden(&error))??.into();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((key, Arc::clone(&made)));
        Ok(made)
    }

    fn kept(&self, key: &(String, u32)) -> Option<Arc<[u8]>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == key).map(|(_, picture)| Arc::clone(picture))
    }
}

fn smaller(bytes: &[u8], width: u32) -> Result<Vec<u8>, image::ImageError> {
    let picture = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.decode()?.into_rgb8();
    let width = width.min(picture.width()).max(1);
    let height = (picture.height() * width / picture.width().max(1)).max(1);
    let small = imageops::thumbnail(&picture, width, height);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&small)?;
    Ok(jpeg)
}
