//! A vehicle's way as it is told: sightings in order, the time between them, and what cannot be true.

use std::collections::BTreeMap;

use giaolo_domain::{CameraId, ClockSource};
use giaolo_store::{Journey, Sighting};
use serde_json::{Value, json};

use super::{
    plate_access::{about, camera_at, reading_json, when},
    plate_search::match_words,
};

/// Faster than anybody drives through a town; over expressways 120 km/h are allowed.
const FASTEST_KMH: f64 = 150.0;
/// Nearer than this, in kilometres, two surveyed points say nothing about speed.
const LEAST_KM: f64 = 0.2;
/// Mean radius of the earth, in kilometres (IUGG).
const EARTH_KM: f64 = 6_371.0;

/// A journey with the places of its cameras.
pub struct Way<'a> {
    steps: Vec<Step<'a>>,
}

struct Step<'a> {
    sighting: &'a Sighting,
    place: Option<String>,
    /// Whether nothing comes before it.
    first: bool,
    doubt: Option<Doubt>,
}

/// Why two sightings cannot both be right.
#[derive(Clone, Debug, PartialEq)]
enum Doubt {
    /// They are at the same time, this many seconds long, at two cameras.
    Overlap { seconds: f64, camera: CameraId },
    /// The way from one to the next is too long for the time.
    TooFast { km: f64, kmh: f64 },
}

impl<'a> Way<'a> {
    /// Looks at every step; `places` are by camera, for those without a point in the register.
    pub fn new(journey: &'a Journey, places: &BTreeMap<CameraId, String>) -> Self {
        let sightings = &journey.sightings;
        let mut steps = Vec::with_capacity(sightings.len());
        for (index, sighting) in sightings.iter().enumerate() {
            let point = sighting.point.as_ref().map(|point| point.name.clone());
            let place = point.or_else(|| places.get(camera(sighting)?).cloned());
            let doubt = doubt(&sightings[..index], sighting);
            steps.push(Step { sighting, place, first: index == 0, doubt });
        }
        Self { steps }
    }

    /// Prints one line for each sighting, and what speaks against it below.
    pub fn tell(&self) {
        for step in &self.steps {
            let Some(reading) = step.sighting.readings.first() else { continue };
            let plate = &reading.row.reading;
            let mut words = vec![match_words(step.sighting.how).to_owned()];
            words.push(reading.row.class.to_string());
            words.extend(about(plate));
            let more = step.sighting.readings.len() - 1;
            if more > 0 {
                words.push(format!("{more} more reading(s) of this passage"));
            }
            let violations: Vec<&str> = step
                .sighting
                .readings
                .iter()
                .flat_map(|reading| reading.violations.iter().map(String::as_str))
                .collect();
            println!(
                "  {}  {:>14}  {:<13} {:<8}  {}",
                when(step.sighting.first_at, reading.clock, reading.clock_uncertainty_s),
                step.gap(),
                plate.shown(),
                plate.verdict.as_str(),
                camera_at(&reading.camera, step.place.as_deref())
            );
            println!("      {}", words.join(", "));
            if !violations.is_empty() {
                println!("      violations: {}", violations.join(", "));
            }
            if let Some(doubt) = &step.doubt {
                println!("      watch out: {}", doubt.words());
            }
        }
    }

    /// The sightings with their keys.
    pub fn json(&self) -> Vec<Value> {
        let sighting = |step: &Step<'_>| {
            let Step { sighting, place, doubt, .. } = step;
            let readings = sighting.readings.iter();
            json!({
                "how": sighting.how,
                "camera": camera(sighting),
                "place": place,
                "point": sighting.point.as_ref().map(|point| json!({
                    "id": point.id,
                    "name": point.name,
                    "unit": point.unit,
                    "position": point.position,
                })),
                "first_at": sighting.first_at,
                "last_at": sighting.last_at,
                "gap_s": sighting.gap_us.map(|gap| gap as f64 / 1e6),
                "doubt": doubt.as_ref().map(Doubt::json),
                "readings":
                    readings.map(|r| reading_json(r, place.as_deref())).collect::<Vec<_>>(),
            })
        };
        self.steps.iter().map(sighting).collect()
    }
}

impl Step<'_> {
    fn gap(&self) -> String {
        match self.sighting.gap_us {
            None if self.first => String::new(),
            None => "gap unknown".to_owned(),
            Some(gap) => gap_words(gap),
        }
    }
}

impl Doubt {
    fn words(&self) -> String {
        const CAUSES: &str = "a misread, a wrong clock or a copied plate";
        match self {
            Self::Overlap { seconds, camera } => {
                format!("at the same time, for {seconds:.1} s, it was read at {camera}: {CAUSES}")
            }
            Self::TooFast { km, kmh } => {
                format!("{km:.1} km since the sighting before would be {kmh:.0} km/h: {CAUSES}")
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Overlap { seconds, camera } => {
                json!({ "kind": "overlap", "seconds": seconds, "camera": camera })
            }
            Self::TooFast { km, kmh } => json!({ "kind": "too_fast", "km": km, "kmh": kmh }),
        }
    }
}

fn camera(sighting: &Sighting) -> Option<&CameraId> {
    sighting.readings.first().map(|reading| &reading.camera)
}

fn gap_words(gap_us: i64) -> String {
    let minutes = gap_us as f64 / 60e6;
    if minutes < 0.0 {
        return "overlaps".to_owned();
    }
    if minutes < 120.0 {
        return format!("+{minutes:.1} min");
    }
    let whole = minutes.round() as i64;
    format!("+{} h {:02} min", whole / 60, whole % 60)
}

/// What speaks against a sighting after those before it, in order of their first moments. A vehicle
/// that stands at one camera for long may overlap with more than its neighbour.
fn doubt(before: &[Sighting], this: &Sighting) -> Option<Doubt> {
    let known = |sighting: &Sighting| {
        sighting.readings.iter().all(|reading| reading.clock != ClockSource::Unknown)
    };
    if !known(this) {
        return None;
    }
    let elsewhere = before.iter().filter(|other| known(other) && is_elsewhere(other, this));
    let latest = elsewhere.max_by_key(|other| other.last_at)?;
    let slack_s = uncertainty_s(latest) + uncertainty_s(this);
    let gap_s = (this.first_at.micros() - latest.last_at.micros()) as f64 / 1e6;
    if gap_s + slack_s < 0.0 {
        let camera = camera(latest)?.clone();
        return Some(Doubt::Overlap { seconds: -gap_s, camera });
    }
    let km = distance_km(position(latest)?, position(this)?);
    let kmh = km / (gap_s + slack_s).max(1.0) * 3_600.0;
    (km >= LEAST_KM && kmh > FASTEST_KMH).then_some(Doubt::TooFast { km, kmh })
}

/// Two cameras of one point see the same vehicle at once.
fn is_elsewhere(other: &Sighting, this: &Sighting) -> bool {
    match (&other.point, &this.point) {
        (Some(a), Some(b)) => a.id != b.id,
        _ => camera(other) != camera(this),
    }
}

fn uncertainty_s(sighting: &Sighting) -> f64 {
    let known = sighting.readings.iter().filter_map(|reading| reading.clock_uncertainty_s);
    known.fold(0.0, f64::max)
}

fn position(sighting: &Sighting) -> Option<(f64, f64)> {
    sighting.point.as_ref()?.position
}

/// Along the great circle (haversine), between latitudes and longitudes in degrees.
fn distance_km((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    let half_sine = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let along = lat1.to_radians().cos() * lat2.to_radians().cos() * half_sine(lon1, lon2);
    2.0 * EARTH_KM * (half_sine(lat1, lat2) + along).min(1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_in_minutes() {
        let cases = [
            (0, "+0.0 min"),
            (90_000_000, "+1.5 min"),
            (7_199_000_000, "+120.0 min"),
            (7_200_000_000, "+2 h 00 min"),
            (90_061_000_000, "+25 h 01 min"),
            (-1, "overlaps"),
        ];
        for (gap, said) in cases {
            assert_eq!(gap_words(gap), said);
        }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        // A degree of latitude is a sixtieth of 60 nautical miles.
        assert!((distance_km((10.0, 106.0), (11.0, 106.0)) - 111.2).abs() < 0.2);
        assert!((distance_km((60.0, 106.0), (60.0, 107.0)) - 55.6).abs() < 0.2);
        assert!(distance_km((11.06, 106.79), (11.06, 106.79)) < 1e-9);
    }
}
