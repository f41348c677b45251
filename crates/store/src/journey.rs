//! A vehicle's way through the town: where its plate was read, in the order of time.
//!
//! Only what was read is told. A gap is a gap: between two sightings nobody knows where the vehicle
//! was, and a doubtful sighting may be another vehicle's.

use std::collections::BTreeMap;

use giaolo_domain::{ClockSource, UtcTime};
use giaolo_plate::Pattern;
use serde_json::json;

use crate::{
    Access, PlateHit, PlateMatch, Point, Store, StoreError, StoredReading,
    plate_find::{Key, Span},
};

/// Readings of one journey, at most, the newest ones.
const MOST_READINGS: usize = 2_000;
/// A track that is lost and found again within this time is one passage, not two.
const ONE_PASSAGE_US: i64 = 10_000_000;

/// A passage of a camera.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// Its readings, the surest first; several where the passage was cut into several tracks or
    /// analysed from two recordings. Camera, clock and times stand in them.
    pub readings: Vec<StoredReading>,
    /// How surely it is the plate: [`PlateMatch::Sure`], [`PlateMatch::Doubtful`] or
    /// [`PlateMatch::Possible`]. All readings of a sighting are alike in this.
    pub how: PlateMatch,
    /// The place, where the register knows it, with its coordinates where it was surveyed.
    pub point: Option<Point>,
    /// The first moment of its first track.
    pub first_at: UtcTime,
    /// The last moment of its last track.
    pub last_at: UtcTime,
    /// Microseconds from the end of the sighting before to the beginning of this one; `None` for
    /// the first, and where one of the two clocks is unknown. Below zero the two overlap: at one
    /// place recorded twice, at two a misread, a wrong clock or a copied plate.
    pub gap_us: Option<i64>,
}

/// A vehicle's way, as far as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// The normal form that it is the way of.
    pub plate: String,
    /// In order of their first moments.
    pub sightings: Vec<Sighting>,
    /// Sightings by a sure reading.
    pub sure: usize,
    /// Sightings by a doubtful reading that says so.
    pub doubtful: usize,
    /// Sightings by a doubtful reading that says otherwise but may be it.
    pub possible: usize,
    /// Set where there is more than one answer holds: only readings since this time are in it.
    pub looked_back_to: Option<UtcTime>,
    /// Where this look stands in the audit log.
    pub audit_sequence: u64,
}

impl Store {
    /// The way of one plate in `[from, until)`. Written down before it is answered.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a plate with wildcards and for a time span that ends before it
    /// begins.
    pub async fn journey(
        &self,
        plate: &Pattern,
        from: Option<UtcTime>,
        until: Option<UtcTime>,
        access: &Access,
    ) -> Result<Journey, StoreError> {
        let text = plate.glob();
        if !plate.is_exact() {
            return Err(StoreError::Refused {
                what: format!("the way of `{text}`"),
                problem: "is of many plates; search for it, and ask for the way of one".to_owned(),
            });
        }
        let span = Span { from, until, cameras: Vec::new(), verdicts: Vec::new() };
        span.check()?;
        let mut found = self.find(plate, false, &span).await?;
        found.keys.sort_by_key(|key| std::cmp::Reverse(key.read_at_us));
        if found.keys.len() > MOST_READINGS {
            found.keys.truncate(MOST_READINGS);
            let oldest = found.keys.last().map(|key| UtcTime::from_micros(key.read_at_us));
            found.looked_back_to = found.looked_back_to.max(oldest);
        }
        let keys: Vec<Key> = found.keys;
        let mut hits = self.hits(&keys).await?;
        hits.sort_by_key(|hit| (hit.reading.first_at, hit.reading.run, hit.reading.row.track));
        let mut sightings = passages(hits);
        self.place(&mut sightings).await?;
        let count = |how| sightings.iter().filter(|sighting| sighting.how == how).count();
        let sure = count(PlateMatch::Sure);
        let doubtful = count(PlateMatch::Doubtful);
        let possible = count(PlateMatch::Possible);
        let looked_back_to = found.looked_back_to;
        let detail = json!({
            "from": from,
            "until": until,
            "sure": sure,
            "doubtful": doubtful,
            "possible": possible,
            "looked_back_to": looked_back_to,
        });
        let audit_sequence =
            self.write_down(access, "plates.journey", text.clone(), detail).await?;
        Ok(Journey {
            plate: text,
            sightings,
            sure,
            doubtful,
            possible,
            looked_back_to,
            audit_sequence,
        })
    }

    /// Adds each sighting's point from the register.
    async fn place(&self, sightings: &mut [Sighting]) -> Result<(), StoreError> {
        let db = &self.database;
        let sql = "SELECT c.id AS camera, p.id, p.name, p.unit, p.latitude, p.longitude
                   FROM cameras c JOIN points p ON p.id = c.point";
        let mut points = BTreeMap::new();
        for row in &db.fetch("reading points", sql, Vec::new()).await? {
            let latitude = db.maybe_real(row, "latitude")?;
            let point = Point {
                id: db.text(row, "id")?,
                name: db.text(row, "name")?,
                unit: db.maybe_text(row, "unit")?,
                position: latitude.zip(db.maybe_real(row, "longitude")?),
            };
            points.insert(db.text(row, "camera")?, point);
        }
        for sighting in sightings {
            let camera = sighting.readings.first().map(|reading| reading.camera.as_str());
            sighting.point = camera.and_then(|camera| points.get(camera).cloned());
        }
        Ok(())
    }
}

/// Puts readings together that are one passage; `hits` in order of their first moments.
fn passages(hits: Vec<PlateHit>) -> Vec<Sighting> {
    let mut sightings: Vec<Sighting> = Vec::new();
    for PlateHit { reading, how } in hits {
        // A doubtful reading beside a sure one may be the vehicle behind it: they stay apart.
        let same = sightings.iter_mut().rev().find(|sighting| {
            let near = reading.first_at.micros() - sighting.last_at.micros() <= ONE_PASSAGE_US;
            let known = reading.clock != ClockSource::Unknown;
            let same_run = sighting.readings.iter().any(|other| other.run == reading.run);
            let at_camera = sighting.readings.iter().any(|other| other.camera == reading.camera);
            sighting.how == how && at_camera && near && (known || same_run)
        });
        match same {
            Some(sighting) => {
                sighting.last_at = sighting.last_at.max(reading.last_at);
                sighting.readings.push(reading);
            }
            None => sightings.push(Sighting {
                how,
                point: None,
                first_at: reading.first_at,
                last_at: reading.last_at,
                gap_us: None,
                readings: vec![reading],
            }),
        }
    }
    for sighting in &mut sightings {
        sighting.readings.sort_by(|a, b| b.row.reading.score.total_cmp(&a.row.reading.score));
    }
    let known = |sighting: &Sighting| {
        sighting.readings.iter().all(|reading| reading.clock != ClockSource::Unknown)
    };
    for place in 1..sightings.len() {
        let (before, this) = (&sightings[place - 1], &sightings[place]);
        if known(before) && known(this) {
            let gap = this.first_at.micros() - before.last_at.micros();
            sightings[place].gap_us = Some(gap);
        }
    }
    sightings
}
