//! How review goes: what waits, what each officer has decided today, and how often the machine and the
//! officers agree.

use std::collections::BTreeMap;

use giaolo_domain::{CameraId, LineId, RuleId, UtcTime, ViolationKind};

use crate::{
    CaseState, RejectReason, Scope, Store, StoreError,
    case_find::Conditions,
    value::Value,
    viet_nam::{midnight, next_midnight},
};

/// What waits and what was done on one day, in Viet Nam time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewSummary {
    /// Cases by state; a state without any is not in it.
    pub states: BTreeMap<CaseState, u64>,
    /// Cases whose next clock runs out later today.
    pub due_today: u64,
    /// Cases whose next clock has run out.
    pub overdue: u64,
    /// Cases that wait for a second officer and that this one may be.
    pub second_for_me: u64,
    /// What was decided today, by officer.
    pub officers: Vec<OfficerDay>,
}

/// What an officer has decided on one day: confirmations and rejections.
#[derive(Clone, Debug, PartialEq)]
pub struct OfficerDay {
    /// The account.
    pub who: String,
    /// Decisions.
    pub decided: u64,
    /// Half of the measured ones took no longer than this, in seconds.
    pub median_s: Option<f64>,
    /// Nine of ten took no longer than this.
    pub p90_s: Option<f64>,
}

/// How good candidates and decisions were in a span of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewQuality {
    /// Second decisions, and how many of them said the same as the first.
    pub second: u64,
    /// See `second`.
    pub agreed: u64,
    /// Half of the measured decisions took no longer than this, in seconds.
    pub median_s: Option<f64>,
    /// Nine of ten took no longer than this.
    pub p90_s: Option<f64>,
    /// By rule, kind, camera and line.
    pub rows: Vec<QualityRow>,
}

/// What became of the candidates of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRow {
    /// The rule.
    pub rule: RuleId,
    /// What kind of behaviour it looks for.
    pub kind: ViolationKind,
    /// Whose picture.
    pub camera: CameraId,
    /// The line, for rules at a line.
    pub line: Option<LineId>,
    /// Cases that two people confirmed.
    pub confirmed: u64,
    /// Cases that were rejected.
    pub rejected: u64,
    /// Why they were.
    pub reasons: BTreeMap<RejectReason, u64>,
}

impl QualityRow {
    /// The share of decided candidates that were right; `None` before any was decided.
    pub fn precision(&self) -> Option<f64> {
        let decided = self.confirmed + self.rejected;
        (decided > 0).then(|| self.confirmed as f64 / decided as f64)
    }
}

impl ReviewQuality {
    /// The share of second decisions that said the same as the first.
    pub fn agreement(&self) -> Option<f64> {
        (self.second > 0).then(|| self.agreed as f64 / self.second as f64)
    }
}

impl Store {
    /// What waits within a scope, and what was decided on the day of `now`. `who` is the account that
    /// asks.
    pub async fn review_summary(
        &self,
        who: &str,
        scope: &Scope,
        now: UtcTime,
    ) -> Result<ReviewSummary, StoreError> {
        let db = &self.database;
        let mut conditions = Conditions::default();
        let at = conditions.bind(Value::time(now));
        let tomorrow = conditions.bind(Value::time(next_midnight(now)));
        conditions.scope(scope);
        let sql = format!(
            "SELECT c.state, count(*) AS cases,
                 count(CASE WHEN c.due_at_us < {at} THEN 1 END) AS overdue,
                 count(CASE WHEN c.due_at_us >= {at} AND c.due_at_us < {tomorrow} THEN 1 END) AS due
             FROM cases c{} GROUP BY c.state",
            conditions.sql()
        );
        let mut summary = ReviewSummary::default();
        for row in db.fetch("counting cases", sql, conditions.values).await? {
            summary.states.insert(db.word(&row, "state")?, db.unsigned(&row, "cases")?);
            summary.overdue += db.unsigned(&row, "overdue")?;
            summary.due_today += db.unsigned(&row, "due")?;
        }
        let mut conditions = Conditions::default();
        conditions.all.push("c.state = 'first_confirmed'".to_owned());
        conditions.when("c.first_by <> ?", Value::text(who));
        conditions.scope(scope);
        let sql = format!("SELECT count(*) AS cases FROM cases c{}", conditions.sql());
        let rows = db.fetch("counting cases", sql, conditions.values).await?;
        let row = rows.first().ok_or_else(|| db.unreadable("cases", "no row"))?;
        summary.second_for_me = db.unsigned(row, "cases")?;
        let by_officer = self.seconds(scope, midnight(now), next_midnight(now)).await?;
        for (who, (decided, mut seconds)) in by_officer {
            let (median_s, p90_s) = (share(&mut seconds, 0.5), share(&mut seconds, 0.9));
            summary.officers.push(OfficerDay { who, decided, median_s, p90_s });
        }
        Ok(summary)
    }

    /// How good candidates and decisions were whose last decision fell into `[from, until)`.
    pub async fn review_quality(
        &self,
        scope: &Scope,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<ReviewQuality, StoreError> {
        let db = &self.database;
        let mut quality = ReviewQuality::default();
        let (sql, values) = decided_query(
            "c.rule, c.kind, c.camera, c.line, d.to_state, d.reason, count(*) AS cases",
            // Only where the case still is what was decided last: a reopened one is undecided.
            "d.to_state IN ('confirmed', 'rejected') AND c.state NOT IN ('flagged', 'first_confirmed')
             AND d.number = (SELECT max(o.number) FROM decisions o
                 WHERE o.case_id = d.case_id AND o.to_state IN ('confirmed', 'rejected'))",
            "GROUP BY c.rule, c.kind, c.camera, c.line, d.to_state, d.reason
             ORDER BY c.rule, c.kind, c.camera, c.line",
            scope,
            (from, until),
        );
        for row in db.fetch("reading the quality of rules", sql, values).await? {
            let key = QualityRow {
                rule: RuleId::new(db.text(&row, "rule")?),
                kind: db.word(&row, "kind")?,
                camera: CameraId::new(db.text(&row, "camera")?),
                line: db.maybe_text(&row, "line")?.map(LineId::new),
                confirmed: 0,
                rejected: 0,
                reasons: BTreeMap::new(),
            };
            let same = |row: &&mut QualityRow| {
                (&row.rule, row.kind, &row.camera, &row.line)
                    == (&key.rule, key.kind, &key.camera, &key.line)
            };
            let place = quality.rows.iter_mut().position(|row| same(&&mut *row));
            let place = place.unwrap_or_else(|| {
                quality.rows.push(key.clone());
                quality.rows.len() - 1
            });
            let of_rule = &mut quality.rows[place];
            let cases = db.unsigned(&row, "cases")?;
            if db.text(&row, "to_state")? == CaseState::Confirmed.as_str() {
                of_rule.confirmed += cases;
            } else {
                of_rule.rejected += cases;
                *of_rule.reasons.entry(db.word(&row, "reason")?).or_default() += cases;
            }
        }
        let (sql, values) = decided_query(
            "d.to_state, count(*) AS cases",
            "d.from_state = 'first_confirmed'",
            "GROUP BY d.to_state",
            scope,
            (from, until),
        );
        for row in db.fetch("reading the agreement of officers", sql, values).await? {
            let cases = db.unsigned(&row, "cases")?;
            quality.second += cases;
            if db.text(&row, "to_state")? == CaseState::Confirmed.as_str() {
                quality.agreed += cases;
            }
        }
        let by_officer = self.seconds(scope, from, until).await?;
        let mut seconds: Vec<f64> = by_officer.into_values().flat_map(|(_, all)| all).collect();
        quality.median_s = share(&mut seconds, 0.5);
        quality.p90_s = share(&mut seconds, 0.9);
        Ok(quality)
    }

    /// Confirmations and rejections of each officer, with the seconds of those that were measured.
    async fn seconds(
        &self,
        scope: &Scope,
        from: UtcTime,
        until: UtcTime,
    ) -> Result<BTreeMap<String, (u64, Vec<f64>)>, StoreError> {
        let db = &self.database;
        let (sql, values) = decided_query(
            "d.who, d.seconds",
            "d.step IN ('confirm', 'reject')",
            "",
            scope,
            (from, until),
        );
        let mut by_officer: BTreeMap<String, (u64, Vec<f64>)> = BTreeMap::new();
        for row in db.fetch("reading the time of decisions", sql, values).await? {
            let of_officer = by_officer.entry(db.text(&row, "who")?).or_default();
            of_officer.0 += 1;
            of_officer.1.extend(db.maybe_real(&row, "seconds")?);
        }
        Ok(by_officer)
    }
}

/// Decisions taken in `[from, until)` on cases within a scope.
fn decided_query(
    columns: &str,
    condition: &str,
    rest: &str,
    scope: &Scope,
    (from, until): (UtcTime, UtcTime),
) -> (String, Vec<Value>) {
    let mut conditions = Conditions::default();
    conditions.when("d.at_us >= ?", Value::time(from));
    conditions.when("d.at_us < ?", Value::time(until));
    conditions.scope(scope);
    conditions.all.push(condition.to_owned());
    let sql = format!(
        "SELECT {columns} FROM decisions d JOIN cases c ON c.id = d.case_id{} {rest}",
        conditions.sql()
    );
    (sql, conditions.values)
}

/// The value that this share of the numbers does not exceed (nearest rank).
fn share(numbers: &mut [f64], share: f64) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let rank = (numbers.len() as f64 * share).ceil() as usize;
    numbers.get(rank.saturating_sub(1)).copied()
}
