//! Why a picture could not be drawn.

/// A value that cannot be drawn, and what would be right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The face has no such character.
    #[error("plate line {line:?} holds {symbol:?}; a plate has A to Z, Đ, digits, '-' and '.'")]
    Character {
        /// The line.
        line: String,
        /// The character.
        symbol: char,
    },
    /// A plate of another number of lines.
    #[error("a plate of form {form} has {wanted} lines, not {got}")]
    Lines {
        /// The form.
        form: &'static str,
        /// Lines of the form.
        wanted: usize,
        /// Lines given.
        got: usize,
    },
    /// More text than the plate has room for, or none.
    #[error(
        "plate line {line:?} is {needed_mm} mm long; on form {form} it needs 1 to {room_mm} mm"
    )]
    Length {
        /// The line.
        line: String,
        /// The form.
        form: &'static str,
        /// Its length.
        needed_mm: f32,
        /// The plate's width within its frame.
        room_mm: f32,
    },
    /// A number outside its range.
    #[error("{name} is {value}; it must be {least} to {most}")]
    Value {
        /// Whose it is.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The smallest allowed.
        least: f64,
        /// The largest allowed.
        most: f64,
    },
    /// Four corners that no flat plate can have.
    #[error(
        "corners {corners:?} are no convex quadrangle in the order top left, top right, bottom right, bottom left, or too far from the picture"
    )]
    Corners {
        /// The corners in pixels.
        corners: [[f32; 2]; 4],
    },
    /// A picture without pixels.
    #[error("the picture is {width}x{height}; it needs at least one pixel")]
    Empty {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Writing or reading back a JPEG.
    #[error("jpeg: {0}")]
    Jpeg(String),
    /// The built-in font.
    #[error("built-in font: {0}")]
    Font(String),
}

/// `value`, where it lies within `least` to `most`; not so for NaN.
pub(crate) fn within(name: &'static str, value: f32, least: f32, most: f32) -> crate::Result<f32> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let [value, least, most] = [value, least, most].map(f64::from);
    Err(Error::Value { name, value, least, most })
}
