//! How many looks may be spent: so many a second of media time, so that the same recording gives the
//! same readings on a slow and a fast machine.

use giaolo_domain::MediaTime;

/// A share of the burst that looks at vehicles in a violation may overdraw.
const OVERDRAFT: f64 = 0.5;

/// Looks saved up, earned with media time, and spent one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    per_second: f64,
    burst: f64,
    left: f64,
    at: Option<MediaTime>,
}

impl Budget {
    /// A full one.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst, left: burst, at: None }
    }

    /// Media time has come to `now`; time that goes back earns nothing.
    pub(crate) fn earn(&mut self, now: MediaTime) {
        let before = *self.at.get_or_insert(now);
        if now > before {
            self.left = (self.left + now.seconds_since(before) * self.per_second).min(self.burst);
            self.at = Some(now);
        }
    }

    /// Takes one look where there is one left. One at a vehicle in a violation may overdraw a little:
    /// later looks at others pay it back.
    pub(crate) fn take(&mut self, in_violation: bool) -> bool {
        let floor = if in_violation { -self.burst * OVERDRAFT } else { 0.0 };
        let may = self.left - 1.0 >= floor;
        if may {
            self.left -= 1.0;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(seconds: f64) -> MediaTime {
        MediaTime::from_seconds(seconds)
    }

    #[test]
    fn a_budget_is_full_at_first_earns_with_time_and_holds_no_more_than_its_burst() {
        let mut budget = Budget::new(8.0, 16.0);
        budget.earn(second(100.0));
        let spend = |budget: &mut Budget, violation| {
            std::iter::repeat_with(|| budget.take(violation)).take_while(|took| *took).count()
        };
        assert_eq!(spend(&mut budget, false), 16);
        budget.earn(second(100.5));
        assert_eq!(spend(&mut budget, false), 4);
        budget.earn(second(99.0));
        assert_eq!(spend(&mut budget, false), 0, "time that goes back earns nothing");
        assert_eq!(spend(&mut budget, true), 8, "a violation overdraws by half the burst");
        budget.earn(second(101.0));
        assert_eq!(spend(&mut budget, false), 0, "what was overdrawn is paid back first");
        budget.earn(second(1000.0));
        assert_eq!(spend(&mut budget, false), 16);
    }
}
