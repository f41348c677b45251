//! What the law says about a behaviour, as a row of `configs/sanctions.csv`.

use serde::{Deserialize, Serialize};

/// The sanction that applied to a behaviour and class at the time of the act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Row code (`M01`).
    pub code: String,
    /// The behaviour, Vietnamese.
    pub behaviour_vi: String,
    /// The behaviour, English.
    pub behaviour_en: String,
    /// Article, clause and point, Vietnamese.
    pub article_vi: String,
    /// Article, clause and point, English.
    pub article_en: String,
    /// Lower end of the fine in VND.
    pub fine_min_vnd: u64,
    /// Upper end of the fine in VND.
    pub fine_max_vnd: u64,
    /// Licence points deducted; `None` where the table has no number.
    pub points: Option<u8>,
    /// Whether a ward police chief may sanction it.
    pub ward_police_chief_competent: bool,
    /// First day on which the row holds, `YYYY-MM-DD`.
    pub valid_from: String,
    /// Whether the row was read in two copies of the law's text.
    pub verified: bool,
}
