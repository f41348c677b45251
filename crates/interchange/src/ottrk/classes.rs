//! OpenTrafficCam's class names and ours.

use giaolo_domain::RoadUserClass::{self, Bicycle, Bus, Car, Motorbike, Pedestrian, Truck};

/// Names of OpenTrafficCam's own detector (version 1.2 and earlier), then COCO's, which OTVision
/// writes with a stock YOLO. A `scooter_driver` rides a motorised scooter. Vans are cars here: the
/// law's line between a van and a lorry is in its papers, not in its picture.
const NAMES: [(&str, RoadUserClass); 25] = [
    ("pedestrian", Pedestrian),
    ("bicyclist", Bicycle),
    ("motorcyclist", Motorbike),
    ("car", Car),
    ("bus", Bus),
    ("truck", Truck),
    ("bicyclist_with_trailer", Bicycle),
    ("cargo_bike_driver", Bicycle),
    ("scooter_driver", Motorbike),
    ("car_with_trailer", Car),
    ("private_van", Car),
    ("private_van_with_trailer", Car),
    ("delivery_van", Car),
    ("delivery_van_with_trailer", Car),
    ("truck_with_trailer", Truck),
    ("truck_with_semitrailer", Truck),
    ("cyclist", Bicycle),
    ("cyclist_with_trailer", Bicycle),
    ("cargo_cyclist", Bicycle),
    ("scooter", Motorbike),
    ("motorcycle", Motorbike),
    ("van", Car),
    ("van_with_trailer", Car),
    ("person", Pedestrian),
    ("bicycle", Bicycle),
];

/// Our class for a name in an `.ottrk`; `None` for what is no road user of ours (`train`, `other`,
/// `traffic light`).
pub fn class_of_name(name: &str) -> Option<RoadUserClass> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
}

/// The name that we write: the first that [`class_of_name`] reads as this class.
pub const fn name_of_class(class: RoadUserClass) -> &'static str {
    match class {
        Pedestrian => "pedestrian",
        Bicycle => "bicyclist",
        Motorbike => "motorcyclist",
        Car => "car",
        Bus => "bus",
        Truck => "truck",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_name_reads_back_as_its_class() {
        for class in RoadUserClass::ALL {
            assert_eq!(class_of_name(name_of_class(class)), Some(class));
        }
    }

    #[test]
    fn names_are_there_once_and_what_is_no_road_user_is_not() {
        for (position, (name, _)) in NAMES.iter().enumerate() {
            assert!(NAMES[..position].iter().all(|(other, _)| other != name));
        }
        for name in ["train", "other", "traffic light", "Car", ""] {
            assert_eq!(class_of_name(name), None, "{name}");
        }
    }
}
