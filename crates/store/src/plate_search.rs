//! Plate search: which readings are, or may be, the plate that somebody looks for.
//!
//! Every search is in the audit log before its answer is given. How the readings are found is
//! [`crate::plate_find`]'s matter.

use giaolo_domain::{CameraId, PlateVerdict, UtcTime};
use giaolo_plate::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Access, Store, StoreError, StoredReading,
    plate_find::{Key, Span},
};

/// Hits on one page, at most.
const MOST_HITS: u32 = 500;

/// What is looked for, where and when.
#[derive(Clone, Debug)]
pub struct PlateQuery {
    /// The plate, with or without wildcards.
    pub pattern: Pattern,
    /// Whether also plates with one other character count, after the rest.
    pub one_wrong: bool,
    /// Read at this time or later.
    pub from: Option<UtcTime>,
    /// Read before this time.
    pub until: Option<UtcTime>,
    /// At these cameras; empty for all.
    pub cameras: Vec<CameraId>,
    /// With these verdicts; empty for sure and doubtful ones. An unreadable plate is never found.
    pub verdicts: Vec<PlateVerdict>,
    /// Where the page before ended ([`PlatePage::next`]); `None` for the first.
    pub after: Option<PlateCursor>,
    /// Hits on a page, 1 to 500.
    pub limit: u32,
}

impl PlateQuery {
    /// A first page of 50 from all cameras and times, without wrong characters.
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            one_wrong: false,
            from: None,
            until: None,
            cameras: Vec::new(),
            verdicts: Vec::new(),
            after: None,
            limit: 50,
        }
    }
}

/// How surely a reading is what was looked for; hits stand in this order, then newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateMatch {
    /// A sure reading fits.
    Sure,
    /// A doubtful reading fits.
    Doubtful,
    /// A doubtful reading does not fit as it stands, but what else it may be does.
    Possible,
    /// A sure reading fits but for one character.
    SureOneWrong,
    /// A doubtful reading fits but for one character.
    DoubtfulOneWrong,
    /// What else a doubtful reading may be fits but for one character.
    PossibleOneWrong,
}

/// A place between two hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateCursor {
    how: PlateMatch,
    read_at_us: i64,
    run: i64,
    track: i64,
}

/// A reading that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct PlateHit {
    /// The reading.
    pub reading: StoredReading,
    /// How surely it is the one.
    pub how: PlateMatch,
}

/// A page of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatePage {
    /// Best first, newest first among equals.
    pub hits: Vec<PlateHit>,
    /// Where the next page begins; `None` for the last.
    pub next: Option<PlateCursor>,
    /// Readings found, on all pages together.
    pub found: u64,
    /// Set where the pattern fits so much that only readings since this time were looked at.
    /// Whoever sees the answer must be told: more characters or a shorter time give a whole one.
    pub looked_back_to: Option<UtcTime>,
    /// Where this look stands in the audit log: each page is an entry of its own.
    pub audit_sequence: u64,
}

impl Store {
    /// Readings that fit, best first. Written down before it is answered, page by page.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a time span that ends before it begins, and for more than 1,000
    /// cameras.
    pub async fn search_plates(
        &self,
        query: &PlateQuery,
        access: &Access,
    ) -> Result<PlatePage, StoreError> {
        let span = Span {
            from: query.from,
            until: query.until,
            cameras: query.cameras.clone(),
            verdicts: query.verdicts.clone(),
        };
        span.check()?;
        let mut found = self.find(&query.pattern, query.one_wrong, &span).await?;
        found.keys.sort_by_key(Key::order);
        let all = found.keys.len();
        let rest = match query.after {
            Some(after) => found.keys.partition_point(|key| key.order() <= after.order()),
            None => 0,
        };
        let limit = query.limit.clamp(1, MOST_HITS) as usize;
        let page: Vec<Key> = found.keys.iter().skip(rest).take(limit).cloned().collect();
        let next = page.last().filter(|_| rest + page.len() < all).map(Key::cursor);
        let hits = self.hits(&page).await?;
        let detail = json!({
            "one_wrong": query.one_wrong,
            "from": query.from,
            "until": query.until,
            "cameras": query.cameras,
            "verdicts": query.verdicts,
            "later_page": query.after.is_some(),
            "found": all,
            "hits": hits.len(),
            "looked_back_to": found.looked_back_to,
        });
        let subject = query.pattern.glob().to_string();
        let audit_sequence = self.write_down(access, "plates.search", subject, detail).await?;
        Ok(PlatePage {
            hits,
            next,
            found: all as u64,
            looked_back_to: found.looked_back_to,
            audit_sequence,
        })
    }
}

impl PlateMatch {
    pub(crate) fn of(verdict: PlateVerdict, by_form: bool, wrong: u32) -> Self {
        match (verdict, by_form, wrong) {
            (_, true, 0) => Self::Possible,
            (_, true, _) => Self::PossibleOneWrong,
            (PlateVerdict::Sure, _, 0) => Self::Sure,
            (PlateVerdict::Sure, _, _) => Self::SureOneWrong,
            (_, _, 0) => Self::Doubtful,
            (_, _, _) => Self::DoubtfulOneWrong,
        }
    }
}

impl Key {
    fn order(&self) -> (PlateMatch, std::cmp::Reverse<i64>, i64, i64) {
        self.cursor().order()
    }

    fn cursor(&self) -> PlateCursor {
        PlateCursor { how: self.how, read_at_us: self.read_at_us, run: self.run, track: self.track }
    }
}

impl PlateCursor {
    fn order(&self) -> (PlateMatch, std::cmp::Reverse<i64>, i64, i64) {
        (self.how, std::cmp::Reverse(self.read_at_us), self.run, self.track)
    }
}
