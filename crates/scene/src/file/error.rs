//! What is wrong with a scene file, told so that an operator can put it right.

use std::fmt;

use giaolo_domain::CameraId;
use thiserror::Error;

/// One mistake in a scene file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneError {
    /// The key, `line[2].points[1]` for the second point of the second line (counted from 1);
    /// empty where the whole text is meant.
    pub key: String,
    /// Line of the text, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
    /// What is wrong, with the value, and what would be right.
    pub message: String,
}

impl fmt::Display for SceneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Every mistake in a scene file, at least one, sorted by position. Shown one to a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct SceneErrors {
    pub(super) errors: Vec<SceneError>,
    pub(super) more: usize,
}

impl SceneErrors {
    /// The mistakes, the first hundred of them where a text is hopeless.
    pub fn errors(&self) -> &[SceneError] {
        &self.errors
    }

    /// How many mistakes there are beyond [`Self::errors`].
    pub fn more(&self) -> usize {
        self.more
    }
}

impl fmt::Display for SceneErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.errors.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// A source whose picture is not the one that the scene was drawn on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the scene of camera `{camera}` was drawn on a picture of {}x{} pixels, the source has {}x{}; \
     use the scene drawn for this stream, or draw it again",
    drawn.0, drawn.1, found.0, found.1
)]
pub struct PictureMismatch {
    /// The scene's camera.
    pub camera: CameraId,
    /// Width and height that the scene was drawn on.
    pub drawn: (u32, u32),
    /// Width and height of the source.
    pub found: (u32, u32),
}
