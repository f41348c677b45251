//! Days as Viet Nam counts them: UTC+7, no daylight saving.

use giaolo_domain::UtcTime;

pub(crate) const HOUR_US: i64 = 3_600 * 1_000_000;
pub(crate) const DAY_US: i64 = 24 * HOUR_US;
const AHEAD_US: i64 = 7 * HOUR_US;

/// The midnight that begins the day of a moment.
pub(crate) fn midnight(at: UtcTime) -> UtcTime {
    let local = at.micros().saturating_add(AHEAD_US);
    UtcTime::from_micros(local.div_euclid(DAY_US).saturating_mul(DAY_US).saturating_sub(AHEAD_US))
}

/// The midnight that ends it.
pub(crate) fn next_midnight(at: UtcTime) -> UtcTime {
    UtcTime::from_micros(midnight(at).micros().saturating_add(DAY_US))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_seventeen_hours_utc() {
        let cases = [
            ("2026-11-24T16:59:59.999999Z", "2026-11-23T17:00:00Z"),
            ("2026-11-24T17:00:00Z", "2026-11-24T17:00:00Z"),
            ("1969-12-31T12:30:00Z", "1969-12-30T17:00:00Z"),
        ];
        for (at, begins) in cases {
            let at = UtcTime::parse(at).unwrap();
            assert_eq!(midnight(at), UtcTime::parse(begins).unwrap(), "{at}");
            assert_eq!(next_midnight(at).micros() - midnight(at).micros(), DAY_US);
        }
    }
}
