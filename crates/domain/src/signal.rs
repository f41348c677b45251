//! Signal heads and what they show.

use serde::{Deserialize, Serialize};

/// What a signal head shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalState {
    /// Red (red with amber included).
    Red,
    /// Steady amber.
    Amber,
    /// Green.
    Green,
    /// A lamp that goes on and off.
    Flashing,
    /// Every lamp is surely dark. Not the same as "not red".
    Unlit,
    /// The picture does not tell.
    Unknown,
}

impl SignalState {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Flashing => "flashing",
            Self::Unlit => "unlit",
            Self::Unknown => "unknown",
        }
    }

    /// The word on Vietnamese screens.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Red => "đèn đỏ",
            Self::Amber => "đèn vàng",
            Self::Green => "đèn xanh",
            Self::Flashing => "đèn nhấp nháy",
            Self::Unlit => "đèn không sáng",
            Self::Unknown => "không rõ",
        }
    }
}

impl std::fmt::Display for SignalState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One head in one frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalReading {
    /// What it shows.
    pub state: SignalState,
    /// How sure, 0 to 1.
    pub confidence: f32,
}
