//! Time enters with the frame. Two kinds: where in the recording (`MediaTime`), and when in the
//! world (`UtcTime`), the second always with the clock that says so and how sure it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Time from the first frame of a source, in microseconds; never decreases within a source.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MediaTime(pub i64);

impl MediaTime {
    /// From seconds, to the nearest microsecond.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e6).round() as i64)
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Seconds from `earlier` to this.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1e6
    }
}

/// A moment of the world, microseconds since 1970-01-01 UTC. Serialised as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcTime(i64);

/// A text that is no moment in time.
#[derive(Debug, Error)]
#[error("`{text}` is not a time like 2026-11-24T07:30:00+07:00 or 2026-11-24T00:30:00Z")]
pub struct UtcTimeError {
    text: String,
}

impl UtcTime {
    /// From microseconds since 1970 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment and `offset` later.
    pub fn plus(self, offset: MediaTime) -> Self {
        Self(self.0.saturating_add(offset.0))
    }

    /// Reads RFC 3339 with an offset or `Z`.
    pub fn parse(text: &str) -> Result<Self, UtcTimeError> {
        let timestamp: jiff::Timestamp =
            text.parse().map_err(|_| UtcTimeError { text: text.to_owned() })?;
        Ok(Self(timestamp.as_microsecond()))
    }

    /// As people in Viet Nam read it: `2026-11-24 07:30:00.250` (UTC+7, no daylight saving).
    pub fn in_viet_nam(self) -> String {
        let offset = jiff::tz::offset(7);
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(ts) => offset.to_datetime(ts).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            Err(_) => format!("{} µs", self.0),
        }
    }

    /// The civil date in Viet Nam as `2026-11-24`: laws hold from a date there.
    pub fn date_in_viet_nam(self) -> String {
        self.in_viet_nam().chars().take(10).collect()
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.6}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl TryFrom<String> for UtcTime {
    type Error = UtcTimeError;

    fn try_from(text: String) -> Result<Self, UtcTimeError> {
        Self::parse(&text)
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> Self {
        time.to_string()
    }
}

/// Which clock says when a frame was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockSource {
    /// A person gave the start time of the recording.
    Operator,
    /// The container's creation time.
    ContainerMetadata,
    /// The file's modification time, less its length: a hint, never proof.
    FileModified,
    /// The camera's own clock (RTCP sender reports).
    CameraRtcp,
    /// The moment of arrival here.
    Arrival,
    /// Nobody knows; times count from 1970-01-01.
    Unknown,
}

impl ClockSource {
    /// Whether it says when something happened, and not only gives a hint: the day decides which
    /// law applies, and a file's modification time is often that of a copy.
    pub const fn tells_the_day(self) -> bool {
        !matches!(self, Self::FileModified | Self::Unknown)
    }
}

/// Where the time line of a source is pinned to the world.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeOrigin {
    /// When the first frame was taken.
    pub start: UtcTime,
    /// Who says so.
    pub clock: ClockSource,
    /// How far off it may be, in seconds; `None` where nobody can say.
    pub uncertainty_s: Option<f64>,
}

impl TimeOrigin {
    /// The origin of a source of which nobody knows when it was recorded.
    pub const UNKNOWN: Self =
        Self { start: UtcTime(0), clock: ClockSource::Unknown, uncertainty_s: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_text_and_offsets_agree() {
        let vn = UtcTime::parse("2026-11-24T07:30:00.25+07:00").unwrap();
        let utc = UtcTime::parse("2026-11-24T00:30:00.25Z").unwrap();
        assert_eq!(vn, utc);
        assert_eq!(vn.to_string(), "2026-11-24T00:30:00.250000Z");
        assert_eq!(vn.in_viet_nam(), "2026-11-24 07:30:00.250");
        assert_eq!(
            UtcTime::parse("2026-11-24T20:00:00Z").unwrap().date_in_viet_nam(),
            "2026-11-25"
        );
        let text = serde_json::to_string(&vn).unwrap();
        assert_eq!(serde_json::from_str::<UtcTime>(&text).unwrap(), vn);
    }

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        for text in ["", "yesterday", "2026-11-24", "2026-13-01T00:00:00Z"] {
            let error = UtcTime::parse(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
