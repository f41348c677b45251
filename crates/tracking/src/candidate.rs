//! Merges the boxes of one frame into road users.
//!
//! A rider and the motorbike under it are one road user; a person alone stays a candidate, because
//! distant riders are often seen only as a person; two kinds of box on one vehicle are one vehicle.

use giaolo_domain::{Appearance, Detection, PixelBox, RoadUserClass};

use crate::settings::TrackerSettings;

/// One road user in one frame, before it is known whose track it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The box around all of it.
    pub bbox: PixelBox,
    /// The best score among its boxes.
    pub score: f32,
    /// Score by class, in the order of [`RoadUserClass::ALL`]: the votes that this frame casts.
    pub votes: [f32; RoadUserClass::ALL.len()],
    /// Its colours: the rider's, where a rider was seen.
    pub appearance: Option<Appearance>,
}

impl Candidate {
    fn alone(detection: &Detection) -> Self {
        let mut votes = [0.0; RoadUserClass::ALL.len()];
        votes[detection.class.index()] = detection.score;
        Self {
            bbox: detection.bbox,
            score: detection.score,
            votes,
            appearance: detection.appearance,
        }
    }

    fn absorb(&mut self, other: &Self) {
        self.score = self.score.max(other.score);
        for (mine, theirs) in self.votes.iter_mut().zip(other.votes) {
            *mine = mine.max(theirs);
        }
    }

    fn vote_of(&self, is: impl Fn(RoadUserClass) -> bool) -> f32 {
        RoadUserClass::ALL
            .into_iter()
            .filter(|&class| is(class))
            .map(|class| self.votes[class.index()])
            .fold(0.0, f32::max)
    }

    /// Whether a two-wheeler box is part of it.
    pub(crate) fn is_two_wheeler(&self) -> bool {
        self.vote_of(RoadUserClass::is_two_wheeler) >= self.vote_of(RoadUserClass::is_four_wheeler)
            && self.vote_of(RoadUserClass::is_two_wheeler) > 0.0
    }

    /// Whether it is a car, bus or truck.
    pub(crate) fn is_four_wheeler(&self) -> bool {
        self.vote_of(RoadUserClass::is_four_wheeler) > self.vote_of(RoadUserClass::is_two_wheeler)
    }
}

/// Road users of one frame, vehicles first and the best score first; the order of `detections` does not matter.
pub(crate) fn merge(detections: &[Detection], settings: &TrackerSettings) -> Vec<Candidate> {
    let mut usable: Vec<&Detection> = detections
        .iter()
        .filter(|d| d.bbox.is_proper() && d.score >= settings.low_score && d.score.is_finite())
        .collect();
    usable.sort_by(|a, b| order(a, b));

    let of = |is: fn(RoadUserClass) -> bool| usable.iter().copied().filter(move |d| is(d.class));
    let mut two_wheelers: Vec<Candidate> =
        of(RoadUserClass::is_two_wheeler).map(Candidate::alone).collect();
    let four_wheelers: Vec<Candidate> =
        of(RoadUserClass::is_four_wheeler).map(Candidate::alone).collect();
    let persons: Vec<&Detection> = of(|class| class == RoadUserClass::Pedestrian).collect();

    // Riders go by the two-wheelers' own boxes: with the union, a second rider would pull in a third.
    let frames: Vec<PixelBox> = two_wheelers.iter().map(|c| c.bbox).collect();
    let mut alone = Vec::new();
    for person in persons {
        match rides(person, &frames, settings) {
            Some(which) => {
                let two_wheeler = &mut two_wheelers[which];
                if two_wheeler.vote_of(|class| class == RoadUserClass::Pedestrian) == 0.0 {
                    two_wheeler.appearance = person.appearance;
                }
                two_wheeler.bbox = two_wheeler.bbox.union(&person.bbox);
                two_wheeler.absorb(&Candidate::alone(person));
            }
            None => alone.push(Candidate::alone(person)),
        }
    }

    let mut vehicles = two_wheelers;
    vehicles.extend(four_wheelers);
    // Vehicles first: a driver's face may score better than the car.
    for candidates in [&mut vehicles, &mut alone] {
        candidates.sort_by(best_first);
    }
    vehicles.extend(alone);
    one_for_each_vehicle(vehicles, settings)
}

fn best_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then_with(|| box_order(&a.bbox, &b.bbox))
}

fn order(a: &Detection, b: &Detection) -> std::cmp::Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| box_order(&a.bbox, &b.bbox))
        .then_with(|| a.class.cmp(&b.class))
}

fn box_order(a: &PixelBox, b: &PixelBox) -> std::cmp::Ordering {
    a.x1.total_cmp(&b.x1)
        .then(a.y1.total_cmp(&b.y1))
        .then(a.x2.total_cmp(&b.x2))
        .then(a.y2.total_cmp(&b.y2))
}

/// Which two-wheeler the person rides: the one that holds most of its box, near its middle line.
fn rides(
    person: &Detection,
    two_wheelers: &[PixelBox],
    settings: &TrackerSettings,
) -> Option<usize> {
    let mut best: Option<(f32, usize)> = None;
    for (which, two_wheeler) in two_wheelers.iter().enumerate() {
        let within = person.bbox.share_within(two_wheeler);
        let off_centre = (person.bbox.centre().x - two_wheeler.centre().x).abs()
            / person.bbox.width().max(two_wheeler.width());
        // A person that stands far below the wheels or towers over them is somebody else.
        let below = (person.bbox.y2 - two_wheeler.y2) / two_wheeler.height();
        let taller = person.bbox.height() / two_wheeler.height();
        let fits = within >= settings.rider_within
            && off_centre <= settings.rider_off_centre
            && below <= 0.35
            && taller <= 2.5;
        if fits && best.is_none_or(|(share, _)| within > share) {
            best = Some((within, which));
        }
    }
    best.map(|(_, which)| which)
}

/// Drops what is a second box on a vehicle that already has one, and keeps its votes.
fn one_for_each_vehicle(sorted: Vec<Candidate>, settings: &TrackerSettings) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::with_capacity(sorted.len());
    for candidate in sorted {
        match kept.iter_mut().find(|k| is_same_vehicle(k, &candidate, settings)) {
            // Who sits inside says nothing about what the vehicle is.
            Some(vehicle) if sits_inside(vehicle, &candidate) => {}
            Some(vehicle) => vehicle.absorb(&candidate),
            None => kept.push(candidate),
        }
    }
    kept
}

fn is_same_vehicle(kept: &Candidate, other: &Candidate, settings: &TrackerSettings) -> bool {
    let iou = kept.bbox.iou(&other.bbox);
    if iou >= settings.same_vehicle_iou {
        return true;
    }
    let (small, large) = if kept.bbox.area() < other.bbox.area() {
        (&kept.bbox, &other.bbox)
    } else {
        (&other.bbox, &kept.bbox)
    };
    let within = small.share_within(large);
    match (kept.is_four_wheeler(), other.is_four_wheeler()) {
        // A cab inside its lorry, a boot inside its car; a car before a bus is much smaller.
        (true, true) => within > 0.85 && iou > 0.4,
        (false, false) => {
            // Two riders side by side never sit in one another; a part of a bike in a bike does.
            within > 0.8 && iou > 0.4
        }
        _ => sits_inside(kept, other),
    }
}

/// Whether `other` is somebody seen through a window of `vehicle`: well above the wheels.
fn sits_inside(vehicle: &Candidate, other: &Candidate) -> bool {
    let lifted = (vehicle.bbox.y2 - other.bbox.y2) / vehicle.bbox.height();
    vehicle.is_four_wheeler()
        && !other.is_two_wheeler()
        && !other.is_four_wheeler()
        && other.bbox.share_within(&vehicle.bbox) > 0.9
        && vehicle.bbox.iou(&other.bbox) < 0.6
        && lifted > 0.2
}

#[cfg(test)]
mod tests {
    use super::*;
    use RoadUserClass::{Car, Motorbike, Pedestrian};

    fn seen(class: RoadUserClass, score: f32, bbox: [f32; 4]) -> Detection {
        Detection { bbox: bbox.into(), class, score, appearance: None }
    }

    fn merged(detections: &[Detection]) -> Vec<[f32; 4]> {
        merge(detections, &TrackerSettings::default()).into_iter().map(|c| c.bbox.into()).collect()
    }

    #[test]
    fn boxes_become_road_users() {
        let bike = seen(Motorbike, 0.6, [100.0, 140.0, 140.0, 200.0]);
        let rider = seen(Pedestrian, 0.7, [102.0, 100.0, 138.0, 185.0]);
        let pillion = seen(Pedestrian, 0.4, [104.0, 104.0, 136.0, 180.0]);
        let walker = seen(Pedestrian, 0.5, [150.0, 110.0, 175.0, 195.0]);
        let car = seen(Car, 0.8, [90.0, 60.0, 250.0, 190.0]);
        let driver = seen(Pedestrian, 0.4, [120.0, 70.0, 150.0, 110.0]);
        for (name, detections, expected) in [
            ("rider and bike", vec![bike, rider], vec![[100.0, 100.0, 140.0, 200.0]]),
            ("two up", vec![bike, rider, pillion], vec![[100.0, 100.0, 140.0, 200.0]]),
            (
                "a walker beside stays somebody else",
                vec![bike, rider, walker],
                vec![[100.0, 100.0, 140.0, 200.0], walker.bbox.into()],
            ),
            ("a driver behind glass is the car", vec![car, driver], vec![car.bbox.into()]),
            (
                "a rider before a car stays a rider",
                vec![car, bike, rider],
                vec![car.bbox.into(), [100.0, 100.0, 140.0, 200.0]],
            ),
            ("nothing", vec![], vec![]),
            (
                "improper boxes are dropped",
                vec![
                    seen(Car, 0.9, [10.0, 10.0, 10.0, 20.0]),
                    seen(Car, f32::NAN, [0.0, 0.0, 9.0, 9.0]),
                ],
                vec![],
            ),
        ] {
            let mut found = merged(&detections);
            let mut wanted = expected;
            found.sort_by(|a, b| a.partial_cmp(b).unwrap());
            wanted.sort_by(|a, b| a.partial_cmp(b).unwrap());
            assert_eq!(found, wanted, "{name}");
        }
    }
}
