//! What a track is, voted over its frames.
//!
//! A small detector changes its mind from frame to frame, so scores are summed by class. A person's
//! box says little: a distant rider is often nothing else. So any lasting sign of a vehicle
//! outweighs it, and a person that moves like a vehicle is taken for a rider. A cargo bike is often
//! called a lorry, a lorry hardly ever a bike: the signs of two wheels weigh more.

use giaolo_domain::RoadUserClass;

/// How far the votes for a bicycle must outweigh those for a motorbike, and by how much: for each
/// bicycle there are dozens of motorbikes here, and a small detector takes one for the other.
const BICYCLE_OVER: f32 = 1.5;
const BICYCLE_FROM: f32 = 1.0;

/// Votes of one track.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassVote {
    sums: [f32; RoadUserClass::ALL.len()],
    frames: u32,
    vehicle_frames: u32,
    rides: bool,
}

/// Share of the frames in which a vehicle's box must be there for a person to be its rider.
const VEHICLE_SHARE: f32 = 0.15;
/// How much more a whole box called two-wheeler or person says than one called car, bus or truck.
/// Measured: of the boxes on cars and lorries 0 to 5 in 1,000 are called so as well, of those on
/// two-wheelers up to 190 in 1,000 are called car, bus or truck.
const TWO_WHEELS_WEIGHT: f32 = 3.0;

impl ClassVote {
    /// Adds one frame's votes.
    pub(crate) fn add(&mut self, votes: &[f32; RoadUserClass::ALL.len()]) {
        for (sum, vote) in self.sums.iter_mut().zip(votes) {
            *sum += vote;
        }
        self.frames += 1;
        let of_vehicle = |class: &RoadUserClass| *class != RoadUserClass::Pedestrian;
        if RoadUserClass::ALL.iter().filter(|c| of_vehicle(c)).any(|c| votes[c.index()] > 0.0) {
            self.vehicle_frames += 1;
        }
    }

    /// Adds the votes of a track that turned out to be the same road user.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for (sum, vote) in self.sums.iter_mut().zip(other.sums) {
            *sum += vote;
        }
        self.frames += other.frames;
        self.vehicle_frames += other.vehicle_frames;
        self.rides |= other.rides;
    }

    /// Notes that the road user moves at a vehicle's speed, which settles "person" as "rider".
    pub(crate) fn moves_like_a_vehicle(&mut self) {
        self.rides = true;
    }

    /// The class and its share of the votes, 0 to 1.
    pub(crate) fn winner(&self) -> (RoadUserClass, f32) {
        let sum_of = |class: RoadUserClass| self.sums[class.index()];
        let total: f32 = self.sums.iter().sum();
        if total <= 0.0 {
            return (RoadUserClass::Pedestrian, 0.0);
        }
        let (bicycle, motorbike) =
            (sum_of(RoadUserClass::Bicycle), sum_of(RoadUserClass::Motorbike));
        let person = sum_of(RoadUserClass::Pedestrian);
        let four_wheels =
            sum_of(RoadUserClass::Car) + sum_of(RoadUserClass::Bus) + sum_of(RoadUserClass::Truck);
        if four_wheels > TWO_WHEELS_WEIGHT * (bicycle + motorbike + person) {
            let class =
                [RoadUserClass::Car, RoadUserClass::Bus, RoadUserClass::Truck].into_iter().fold(
                    RoadUserClass::Car,
                    |best, c| {
                        if sum_of(c) > sum_of(best) { c } else { best }
                    },
                );
            return (class, (four_wheels / total).min(1.0));
        }
        let rides = self.rides
            || self.vehicle_frames as f32 >= (VEHICLE_SHARE * self.frames as f32).max(1.0);
        if rides {
            // A rider without a box for the bike is on a motorbike: there they are nearly all.
            let is_bicycle = bicycle > BICYCLE_OVER * motorbike + BICYCLE_FROM;
            let class = if is_bicycle { RoadUserClass::Bicycle } else { RoadUserClass::Motorbike };
            return (class, ((bicycle + motorbike + person) / total).min(1.0));
        }
        (RoadUserClass::Pedestrian, (person / total).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RoadUserClass::{Bicycle, Bus, Car, Motorbike, Pedestrian, Truck};

    fn vote(frames: &[(RoadUserClass, f32)], rides: bool) -> RoadUserClass {
        let mut vote = ClassVote::default();
        for (class, score) in frames {
            let mut votes = [0.0; 6];
            votes[class.index()] = *score;
            vote.add(&votes);
        }
        if rides {
            vote.moves_like_a_vehicle();
        }
        vote.winner().0
    }

    #[test]
    fn the_vote_settles_the_class() {
        for (name, frames, rides, expected) in [
            ("walks", vec![(Pedestrian, 0.7); 9], false, Pedestrian),
            ("rides, never seen with its bike", vec![(Pedestrian, 0.7); 9], true, Motorbike),
            (
                "one bike box in five frames",
                vec![
                    (Pedestrian, 0.8),
                    (Pedestrian, 0.8),
                    (Motorbike, 0.3),
                    (Pedestrian, 0.8),
                    (Pedestrian, 0.8),
                ],
                false,
                Motorbike,
            ),
            ("car now and then a truck", vec![(Car, 0.6), (Truck, 0.5), (Car, 0.6)], false, Car),
            ("bus", vec![(Bus, 0.6), (Truck, 0.3), (Bus, 0.6)], false, Bus),
            ("bicycle", vec![(Bicycle, 0.6); 4], false, Bicycle),
            (
                "a motorbike that is at times called a bicycle",
                vec![(Bicycle, 0.5), (Motorbike, 0.3), (Bicycle, 0.5), (Pedestrian, 0.8)],
                false,
                Motorbike,
            ),
            ("nothing", vec![], false, Pedestrian),
        ] {
            assert_eq!(vote(&frames, rides), expected, "{name}");
        }
    }
}
