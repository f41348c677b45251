//! What can stop an analysis; each says with which file, camera or stage.

use std::path::PathBuf;

use thiserror::Error;

/// Errors of this crate.
#[derive(Debug, Error)]
pub enum PipelineError {
    /// The source.
    #[error(transparent)]
    Media(#[from] giaolo_media::MediaError),
    /// A model.
    #[error(transparent)]
    Vision(#[from] giaolo_vision::VisionError),
    /// What plate reading needs.
    #[error("plates cannot be read: {0}; --no-plates analyses without them")]
    Plates(#[source] giaolo_vision::VisionError),
    /// Evidence.
    #[error(transparent)]
    Evidence(#[from] giaolo_evidence::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] giaolo_store::StoreError),
    /// A track file.
    #[error(transparent)]
    Interchange(#[from] giaolo_interchange::InterchangeError),
    /// The scene was drawn on another picture.
    #[error(transparent)]
    Picture(#[from] giaolo_scene::PictureMismatch),
    /// A scene file with mistakes.
    #[error("{path}:\n{errors}")]
    Scene {
        /// The file.
        path: PathBuf,
        /// All of them.
        errors: giaolo_scene::SceneErrors,
    },
    /// A file or folder.
    #[error("cannot {step} {path}: {source}")]
    Io {
        /// What was tried.
        step: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A table of the configuration.
    #[error("{path}: {reason}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and value.
        reason: String,
    },
    /// Another analysis writes to the same folder.
    #[error("{path} is in use by another giaolo; wait for it or choose another --out")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The source gave a frame that cannot be proof any more.
    #[error("cannot show violation {id}: {reason}")]
    Unprovable {
        /// The violation.
        id: String,
        /// Why.
        reason: String,
    },
    /// A stage ended without saying why.
    #[error("stage `{stage}` stopped unexpectedly: {reason}")]
    Stage {
        /// Its name.
        stage: &'static str,
        /// What it said last.
        reason: String,
    },
}

impl PipelineError {
    pub(crate) fn io(
        step: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { step, path, source }
    }
}
