//! The clocks of the law that run on a case.
//!
//! | clock | runs from | for | is met by |
//! | --- | --- | --- | --- |
//! | identify | detection: the first decision to confirm | 10 days | drafting the notice |
//! | notify | the same | 10 days | sending the notice |
//! | answer | sending the notice | 20 days | the owner's answer |
//! | limitation | the act | 1 year | closing, rejecting |
//!
//! Sources: TT 73/2024 Art 24 (10 and 20 days), Decree 168/2024 Art 4 (1 year). A day is 24 hours and
//! a year 365 days here, counted from the moment: never later than days counted by the calendar.

use giaolo_domain::UtcTime;
use serde::{Deserialize, Serialize};

use crate::{CaseState, RunningClock};

const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// To find the vehicle's owner, and to tell him.
const NOTICE_US: i64 = 10 * DAY_US;
/// For the owner to answer.
const ANSWER_US: i64 = 20 * DAY_US;
/// After it nothing can be sanctioned. The migration that made cases says the same.
const LIMITATION_US: i64 = 365 * DAY_US;

/// A clock of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseClock {
    /// Vehicle and owner are to be identified.
    Identify,
    /// The owner is to be notified.
    Notify,
    /// The owner is to answer.
    Answer,
    /// The time in which the act can be sanctioned.
    Limitation,
}

impl CaseClock {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Notify => "notify",
            Self::Answer => "answer",
            Self::Limitation => "limitation",
        }
    }
}

/// What the clocks of a case are computed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockFacts {
    pub(crate) state: CaseState,
    /// `None` where no clock tells the day.
    pub(crate) act_at: Option<UtcTime>,
    pub(crate) detected_at: Option<UtcTime>,
    pub(crate) sent_at: Option<UtcTime>,
}

/// Every clock that has begun to run.
pub(crate) fn clocks(facts: &ClockFacts) -> Vec<RunningClock> {
    use CaseState as S;
    let over = matches!(facts.state, S::Rejected | S::Closed);
    let sent = matches!(facts.state, S::Sent | S::Answered | S::Overdue);
    let identified = sent || facts.state == S::NoticeDrafted;
    let answered = facts.state == S::Answered;
    let running = [
        (CaseClock::Identify, facts.detected_at, NOTICE_US, identified),
        (CaseClock::Notify, facts.detected_at, NOTICE_US, sent),
        (CaseClock::Answer, facts.sent_at, ANSWER_US, answered),
        (CaseClock::Limitation, facts.act_at, LIMITATION_US, false),
    ];
    running
        .into_iter()
        .filter_map(|(clock, from, lasts_us, done)| {
            let from = from?;
            let due_at = UtcTime::from_micros(from.micros().saturating_add(lasts_us));
            Some(RunningClock { clock, from, due_at, done: done || over })
        })
        .collect()
}

/// The clock that runs out next. That the owner has not answered is no officer's delay any more once
/// the case is marked so.
pub(crate) fn due(facts: &ClockFacts) -> Option<(CaseClock, UtcTime)> {
    let waits_for_owner_no_more = facts.state == CaseState::Overdue;
    // A case that nobody confirms is not to be notified, also where somebody once did.
    let flagged = facts.state == CaseState::Flagged;
    clocks(facts)
        .into_iter()
        .filter(|running| !running.done)
        .filter(|running| !(waits_for_owner_no_more && running.clock == CaseClock::Answer))
        .filter(|running| !flagged || running.clock == CaseClock::Limitation)
        .map(|running| (running.clock, running.due_at))
        .min_by_key(|(_, due_at)| *due_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_waits_for_its_own_clock() {
        let day = |day: i64| UtcTime::from_micros(day * DAY_US);
        use CaseClock as C;
        use CaseState as S;
        // Act on day 0, detected on day 3, sent on day 9.
        let cases = [
            (S::Flagged, Some((C::Limitation, 365))),
            (S::FirstConfirmed, Some((C::Identify, 13))),
            (S::Confirmed, Some((C::Identify, 13))),
            (S::NoticeDrafted, Some((C::Notify, 13))),
            (S::Sent, Some((C::Answer, 29))),
            (S::Answered, Some((C::Limitation, 365))),
            (S::Overdue, Some((C::Limitation, 365))),
            (S::Rejected, None),
            (S::Closed, None),
        ];
        for (state, expected) in cases {
            let facts = ClockFacts {
                state,
                act_at: Some(day(0)),
                detected_at: Some(day(3)),
                sent_at: matches!(state, S::Sent | S::Answered | S::Overdue).then(|| day(9)),
            };
            assert_eq!(due(&facts), expected.map(|(clock, at)| (clock, day(at))), "{state:?}");
        }
        // Without a clock of the world the act gives no limitation; a late one ends before notice.
        let facts = ClockFacts {
            state: S::Confirmed,
            act_at: None,
            detected_at: Some(day(3)),
            sent_at: None,
        };
        assert_eq!(due(&facts), Some((C::Identify, day(13))));
        assert_eq!(due(&ClockFacts { state: S::Flagged, ..facts }), None);
        let late = ClockFacts { act_at: Some(day(-360)), ..facts };
        assert_eq!(due(&late), Some((C::Limitation, day(5))));
    }
}
