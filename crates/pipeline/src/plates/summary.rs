//! What plate reading did, as `summary.json` tells it.

use std::collections::BTreeMap;

use giaolo_domain::{PlateReading, PlateVerdict, Unreadable};
use serde::Serialize;

/// Counts of plate reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PlateTotals {
    /// Ended tracks of road users that carry a plate.
    pub vehicles: u64,
    /// Ended tracks that were looked at at all; some turn out to be bicycles.
    pub looked_at: u64,
    /// Looks spent.
    pub looks: u64,
    /// Mean looks at one that was looked at; `None` where none was.
    pub looks_per_vehicle: Option<f64>,
    /// Looks in which the vehicle's own plate was found.
    pub plates: u64,
    /// Looks that were discarded because the plate may be another vehicle's.
    pub of_others: u64,
    /// Vehicles whose plate is sure.
    pub sure: u64,
    /// Vehicles whose plate is doubtful.
    pub doubtful: u64,
    /// Vehicles whose plate is unreadable, by reason.
    pub unreadable: BTreeMap<&'static str, u64>,
    /// Vehicles that were let go before they were looked at, because there were too many.
    pub shed: u64,
    /// Alerts of the watch list.
    pub alerts: u64,
    /// Processor milliseconds of the stage for each look; `None` where there was none.
    pub cpu_ms_per_look: Option<f64>,
}

impl PlateTotals {
    /// Adds a vehicle with its last reading.
    pub(crate) fn vehicle(&mut self, reading: &PlateReading) {
        self.vehicles += 1;
        match reading.verdict {
            PlateVerdict::Sure => self.sure += 1,
            PlateVerdict::Doubtful => self.doubtful += 1,
            PlateVerdict::Unreadable => {
                let why = reading.unreadable.unwrap_or(Unreadable::NoPlate);
                *self.unreadable.entry(why.as_str()).or_default() += 1;
            }
        }
    }

    /// With the means, from the processor time of the stage.
    pub(crate) fn with_means(mut self, cpu_s: f64) -> Self {
        let each = |sum: f64, count: u64| (count > 0).then(|| sum / count as f64);
        self.looks_per_vehicle = each(self.looks as f64, self.looked_at);
        self.cpu_ms_per_look = each(cpu_s * 1e3, self.looks);
        self
    }
}
