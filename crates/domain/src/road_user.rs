//! Kinds of road users.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The kind of one road user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoadUserClass {
    /// Somebody on foot.
    Pedestrian,
    /// A pedal cycle with its rider.
    Bicycle,
    /// A motorbike or moped with its rider.
    Motorbike,
    /// A passenger car, taxi or pickup.
    Car,
    /// A bus or coach.
    Bus,
    /// A lorry.
    Truck,
}

/// Classes that the small detectors confuse with one another and that scoring holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassGroup {
    /// On foot.
    Pedestrian,
    /// Bicycles and motorbikes.
    TwoWheeler,
    /// Cars.
    Car,
    /// Buses and trucks.
    Heavy,
}

/// A name that is no class.
#[derive(Debug, Error)]
#[error("`{0}` is no road user class; known are pedestrian, bicycle, motorbike, car, bus, truck")]
pub struct UnknownClass(String);

impl RoadUserClass {
    /// All classes, in the order of their numbers in class votes.
    pub const ALL: [Self; 6] =
        [Self::Pedestrian, Self::Bicycle, Self::Motorbike, Self::Car, Self::Bus, Self::Truck];

    /// Position in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pedestrian => "pedestrian",
            Self::Bicycle => "bicycle",
            Self::Motorbike => "motorbike",
            Self::Car => "car",
            Self::Bus => "bus",
            Self::Truck => "truck",
        }
    }

    /// The word on Vietnamese screens (`domain/glossary.csv`).
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Pedestrian => "người đi bộ",
            Self::Bicycle => "xe đạp",
            Self::Motorbike => "xe mô tô / xe gắn máy",
            Self::Car => "xe ô tô con",
            Self::Bus => "xe khách / xe buýt",
            Self::Truck => "xe tải",
        }
    }

    /// The group that this class is scored and matched in.
    pub const fn group(self) -> ClassGroup {
        match self {
            Self::Pedestrian => ClassGroup::Pedestrian,
            Self::Bicycle | Self::Motorbike => ClassGroup::TwoWheeler,
            Self::Car => ClassGroup::Car,
            Self::Bus | Self::Truck => ClassGroup::Heavy,
        }
    }

    /// Whether this is a bicycle or a motorbike.
    pub const fn is_two_wheeler(self) -> bool {
        matches!(self.group(), ClassGroup::TwoWheeler)
    }

    /// Whether this is a car, bus or truck.
    pub const fn is_four_wheeler(self) -> bool {
        matches!(self.group(), ClassGroup::Car | ClassGroup::Heavy)
    }
}

impl fmt::Display for RoadUserClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RoadUserClass {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, UnknownClass> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == name)
            .ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_numbers_match_positions() {
        for (position, class) in RoadUserClass::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), position);
            assert_eq!(class.as_str().parse::<RoadUserClass>().unwrap(), class);
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{class}\""));
        }
        assert!("tank".parse::<RoadUserClass>().unwrap_err().to_string().contains("`tank`"));
    }
}
