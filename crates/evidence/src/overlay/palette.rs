//! The colours and what each means. Red, amber and green belong to signal lamps alone.

use giaolo_domain::{ClassGroup, SignalState};

/// A colour, red, green, blue.
pub type Colour = image::Rgb<u8>;

/// Plates and panels behind text.
pub const INK: Colour = image::Rgb([16, 21, 28]);
/// Text on [`INK`], and the light edge of strokes.
pub const PAPER: Colour = image::Rgb([244, 247, 250]);
/// Second-rank text on [`INK`]: labels, the English line.
pub const QUIET: Colour = image::Rgb([154, 167, 181]);
/// The road user that the case is about: its box, its way.
pub const SUBJECT: Colour = image::Rgb([38, 205, 255]);
/// The line or zone whose rule fired.
pub const RULE: Colour = image::Rgb([255, 99, 206]);
/// Lines and zones that only give context.
pub const CONTEXT: Colour = image::Rgb([206, 217, 228]);
/// Something is missing for a sure verdict.
pub const CAUTION: Colour = image::Rgb([255, 205, 105]);
/// Everything that the rule needs was seen.
pub const COMPLETE: Colour = image::Rgb([150, 222, 190]);

/// A signal lamp; grey where no lamp is lit or nothing can be told.
pub const fn lamp(state: SignalState) -> Colour {
    match state {
        SignalState::Red => image::Rgb([255, 59, 59]),
        SignalState::Amber | SignalState::Flashing => image::Rgb([255, 184, 28]),
        SignalState::Green => image::Rgb([46, 213, 115]),
        SignalState::Unlit => image::Rgb([72, 82, 94]),
        SignalState::Unknown => image::Rgb([128, 139, 150]),
    }
}

/// A road user that no rule fired on, by its group.
pub const fn road_user(group: ClassGroup) -> Colour {
    match group {
        ClassGroup::Pedestrian => image::Rgb([255, 227, 163]),
        ClassGroup::TwoWheeler => image::Rgb([137, 228, 186]),
        ClassGroup::Car => image::Rgb([168, 180, 255]),
        ClassGroup::Heavy => image::Rgb([216, 170, 255]),
    }
}
