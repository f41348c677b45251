//! Where a file's time line is pinned to the world, and who says so.

use std::time::{SystemTime, UNIX_EPOCH};

use giaolo_domain::{ClockSource, MediaTime, TimeOrigin, UtcTime};

/// 1990-01-01: cameras whose clock was never set date their files before it (1904, 1970).
const FIRST_PLAUSIBLE: UtcTime = UtcTime::from_micros(631_152_000_000_000);

/// The origin by the best witness: a person, then the container, then the file system.
///
/// Only a person's word has a known uncertainty (they give whole seconds). Nobody can say how far
/// off a camera's or a file system's clock is, nor whether a camera notes the beginning or the end.
pub(crate) fn time_origin(
    operator: Option<UtcTime>,
    creation_time: Option<&str>,
    modified: Option<SystemTime>,
    duration: Option<MediaTime>,
) -> TimeOrigin {
    if let Some(start) = operator {
        return TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: Some(1.0) };
    }
    let created = creation_time
        .and_then(|text| UtcTime::parse(text).ok())
        .filter(|time| *time >= FIRST_PLAUSIBLE);
    if let Some(start) = created {
        return TimeOrigin { start, clock: ClockSource::ContainerMetadata, uncertainty_s: None };
    }
    let closed = modified
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .map(UtcTime::from_micros)
        .filter(|time| *time >= FIRST_PLAUSIBLE);
    match (closed, duration) {
        (Some(closed), Some(duration)) => TimeOrigin {
            start: closed.plus(MediaTime(-duration.0)),
            clock: ClockSource::FileModified,
            uncertainty_s: None,
        },
        _ => TimeOrigin::UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_best_witness_is_believed() {
        let operator = UtcTime::parse("2026-11-24T07:30:00+07:00").unwrap();
        let container = "2026-11-24T00:29:00.000000Z";
        let modified = UNIX_EPOCH + Duration::from_secs(1_795_000_100);
        let minute = MediaTime::from_seconds(60.0);
        type Case<'a> = (
            Option<UtcTime>,
            Option<&'a str>,
            Option<SystemTime>,
            Option<MediaTime>,
            ClockSource,
            i64,
        );
        let cases: [Case<'_>; 8] = [
            (
                Some(operator),
                Some(container),
                Some(modified),
                Some(minute),
                ClockSource::Operator,
                operator.micros(),
            ),
            (
                None,
                Some(container),
                Some(modified),
                Some(minute),
                ClockSource::ContainerMetadata,
                operator.micros() - 60_000_000,
            ),
            // A camera whose clock was never set.
            (
                None,
                Some("1970-01-01T00:00:05Z"),
                Some(modified),
                Some(minute),
                ClockSource::FileModified,
                1_795_000_040_000_000,
            ),
            (
                None,
                Some("yesterday"),
                Some(modified),
                Some(minute),
                ClockSource::FileModified,
                1_795_000_040_000_000,
            ),
            (
                None,
                None,
                Some(modified),
                Some(minute),
                ClockSource::FileModified,
                1_795_000_040_000_000,
            ),
            // Without a length nobody knows when it began.
            (None, None, Some(modified), None, ClockSource::Unknown, 0),
            (None, None, Some(UNIX_EPOCH), Some(minute), ClockSource::Unknown, 0),
            (None, None, None, None, ClockSource::Unknown, 0),
        ];
        for (start, creation, modified, duration, clock, micros) in cases {
            let origin = time_origin(start, creation, modified, duration);
            assert_eq!((origin.clock, origin.start.micros()), (clock, micros));
            assert_eq!(origin.uncertainty_s.is_some(), clock == ClockSource::Operator);
        }
    }
}
