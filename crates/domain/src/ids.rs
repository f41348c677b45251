//! Names of things, as types that do not mix.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a name; what a scene or a register may contain is checked where it is read.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    };
}

text_id!(
    /// A camera, as the town's register names it (`TU15-C1`).
    CameraId
);
text_id!(
    /// A stop line or counting line of a scene.
    LineId
);
text_id!(
    /// A zone of a scene.
    ZoneId
);
text_id!(
    /// A signal head of a scene.
    HeadId
);
text_id!(
    /// A movement (from a line to a line) of a scene.
    MovementId
);
text_id!(
    /// A rule of a scene.
    RuleId
);

/// A track: one road user of one camera in one run, numbered from 1 in order of appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackId(pub u64);

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
