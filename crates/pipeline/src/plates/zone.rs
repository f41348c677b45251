//! Where on a vehicle's box its plate is to be expected, how wide it will be, and whose plate is
//! whose. Geometry alone, no pixels: the judge asks for every track in every frame.
//!
//! Shares are of boxes that a detector draws tightly around vehicles seen from the front or back,
//! obliquely from above; QCVN 08:2024/BCA gives the plates' sizes (190 x 140 mm on two wheels, 330 x 165
//! and 520 x 110 mm on four).

use giaolo_domain::{ClassGroup, PixelBox, PixelPoint, PixelRect, RoadUserClass, TrackId};

/// How much a crop is wider than the box on each side: detectors cut a plate at the bumper now and then.
const CROP_MARGIN: f32 = 0.06;
/// Pixels from the picture's edge at which a box counts as cut by it.
const EDGE_PX: f32 = 2.0;
/// The part of a box in which its plate is: the middle of its width, the lower part of its height.
const ZONE_WIDTH: f32 = 0.6;
const ZONE_HEIGHT: f32 = 0.65;
/// The zone is looked at in so many points each way when it is asked how much of it is covered.
const ZONE_POINTS: usize = 6;
/// Widths that a vehicle's own plate can have, as multiples of the expected one. A car's plate before a
/// motorbike is wider than any motorbike's.
const OWN_WIDTH: std::ops::RangeInclusive<f32> = 0.35..=2.2;
/// The share of a plate that lies in its vehicle's box at least; boxes end at the bumper at times.
const WITHIN_OWN: f32 = 0.8;
/// Boxes whose areas differ less are of like size: which of them is in front cannot be told.
const LIKE_SIZE: f32 = 1.5;

/// A track's box in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SeenBox {
    pub track: TrackId,
    pub class: RoadUserClass,
    pub bbox: PixelBox,
}

/// Whether such a road user carries a plate.
pub(crate) const fn carries_plate(class: RoadUserClass) -> bool {
    !matches!(class, RoadUserClass::Pedestrian | RoadUserClass::Bicycle)
}

/// Width of the plate that is to be expected on such a box, in pixels.
pub(crate) fn expected_width(class: RoadUserClass, bbox: &PixelBox) -> f32 {
    let share = match class.group() {
        ClassGroup::Pedestrian | ClassGroup::TwoWheeler => 0.28,
        ClassGroup::Car => 0.16,
        ClassGroup::Heavy => 0.11,
    };
    bbox.width() * share
}

/// The part of a box in which its plate is.
pub(crate) fn plate_zone(bbox: &PixelBox) -> PixelBox {
    let side = (1.0 - ZONE_WIDTH) / 2.0;
    let (top_left, bottom_right) =
        (bbox.at_share(side, 1.0 - ZONE_HEIGHT), bbox.at_share(1.0 - side, 1.0));
    PixelBox::new(top_left.x, top_left.y, bottom_right.x, bottom_right.y)
}

/// What is cut out of the picture for reading: the box with a little room, without its upper part,
/// where there is no plate but a rider's back, a windscreen or an advertisement. `None` where nothing
/// of it is in the picture.
pub(crate) fn crop_of(
    class: RoadUserClass,
    bbox: &PixelBox,
    picture: (u32, u32),
) -> Option<PixelRect> {
    let left_out = match class.group() {
        ClassGroup::Pedestrian | ClassGroup::TwoWheeler => 0.25,
        ClassGroup::Car => 0.30,
        ClassGroup::Heavy => 0.40,
    };
    let (dx, dy) = (bbox.width() * CROP_MARGIN, bbox.height() * CROP_MARGIN);
    let top = bbox.at_share(0.0, left_out).y;
    let rect = pixels_of(&PixelBox::new(bbox.x1 - dx, top, bbox.x2 + dx, bbox.y2 + dy), picture);
    (rect.width > 0 && rect.height > 0).then_some(rect)
}

/// The whole pixels of the picture in which a box lies; none where it lies outside of the picture.
pub(crate) fn pixels_of(bbox: &PixelBox, (width, height): (u32, u32)) -> PixelRect {
    let part = bbox.clamped(width as f32, height as f32);
    let (x, y) = (part.x1 as u32, part.y1 as u32);
    let (right, bottom) = (part.x2.ceil() as u32, part.y2.ceil() as u32);
    PixelRect {
        x,
        y,
        width: right.min(width).saturating_sub(x),
        height: bottom.min(height).saturating_sub(y),
    }
}

/// Whether the picture's edge cuts the box.
pub(crate) fn is_cut(bbox: &PixelBox, (width, height): (u32, u32)) -> bool {
    bbox.x1 <= EDGE_PX
        || bbox.y1 <= EDGE_PX
        || bbox.x2 >= width as f32 - EDGE_PX
        || bbox.y2 >= height as f32 - EDGE_PX
}

/// The share of a box's plate zone that boxes of nearer road users cover: of those that stand lower in
/// the picture.
pub(crate) fn covered_share(bbox: &PixelBox, others: impl Iterator<Item = PixelBox>) -> f32 {
    let zone = plate_zone(bbox);
    let mut covered = [false; ZONE_POINTS * ZONE_POINTS];
    for other in others {
        if other.y2 <= bbox.y2 || other.intersection_area(&zone) <= 0.0 {
            continue;
        }
        for (index, point) in covered.iter_mut().enumerate() {
            let (column, row) = (index % ZONE_POINTS, index / ZONE_POINTS);
            let share = |step: usize| (step as f32 + 0.5) / ZONE_POINTS as f32;
            *point |= contains(&other, zone.at_share(share(column), share(row)));
        }
    }
    covered.iter().filter(|point| **point).count() as f32 / covered.len() as f32
}

/// Whether a plate seen in a frame is this track's. Where its middle lies in other boxes too, it
/// belongs to the smallest one that can be its owner, and to nobody where a second one is of like size:
/// a plate that may be another's is no plate.
pub(crate) fn belongs_to(track: TrackId, plate: &PixelBox, boxes: &[SeenBox]) -> bool {
    let middle = plate.centre();
    let Some(own) = boxes.iter().find(|seen| seen.track == track) else { return false };
    if !contains(&own.bbox, middle) || plate.share_within(&own.bbox) < WITHIN_OWN {
        return false;
    }
    let is_other = |seen: &&SeenBox| seen.track != track && contains(&seen.bbox, middle);
    if !boxes.iter().any(|seen| is_other(&seen)) {
        return true;
    }
    if !can_own(own, plate) {
        return false;
    }
    let others = boxes.iter().filter(is_other).filter(|seen| can_own(seen, plate));
    others.into_iter().all(|other| other.bbox.area() >= LIKE_SIZE * own.bbox.area())
}

fn can_own(seen: &SeenBox, plate: &PixelBox) -> bool {
    let expected = expected_width(seen.class, &seen.bbox);
    contains(&plate_zone(&seen.bbox), plate.centre())
        && OWN_WIDTH.contains(&(plate.width() / expected.max(1.0)))
}

fn contains(bbox: &PixelBox, point: PixelPoint) -> bool {
    (bbox.x1..=bbox.x2).contains(&point.x) && (bbox.y1..=bbox.y2).contains(&point.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: (u32, u32) = (1600, 1200);

    #[test]
    fn a_crop_leaves_the_upper_part_out_and_stays_in_the_picture() {
        for (class, bbox, expected) in [
            (RoadUserClass::Motorbike, [100.0, 100.0, 200.0, 300.0], Some((94, 150, 112, 162))),
            (RoadUserClass::Car, [100.0, 100.0, 300.0, 300.0], Some((88, 160, 224, 152))),
            (RoadUserClass::Bus, [100.0, 100.0, 300.0, 300.0], Some((88, 180, 224, 132))),
            (RoadUserClass::Car, [-50.0, 1100.0, 50.0, 1250.0], Some((0, 1145, 56, 55))),
            (RoadUserClass::Car, [-90.0, 100.0, -20.0, 200.0], None),
            (RoadUserClass::Car, [100.0, 1300.0, 200.0, 1400.0], None),
        ] {
            let rect = crop_of(class, &bbox.into(), PICTURE);
            let found = rect.map(|r| (r.x, r.y, r.width, r.height));
            assert_eq!(found, expected, "{class} {bbox:?}");
        }
    }

    #[test]
    fn only_nearer_boxes_cover_and_overlapping_ones_count_once() {
        let car = PixelBox::new(100.0, 100.0, 300.0, 300.0);
        let before = PixelBox::new(100.0, 150.0, 200.0, 320.0);
        let behind = PixelBox::new(100.0, 50.0, 200.0, 299.0);
        let all = PixelBox::new(0.0, 0.0, 400.0, 400.0);
        for (others, expected) in [
            (vec![], 0.0),
            (vec![behind], 0.0),
            (vec![before], 0.5),
            (vec![before, before], 0.5),
            (vec![before, all], 1.0),
        ] {
            assert_eq!(covered_share(&car, others.into_iter()), expected);
        }
    }

    #[test]
    fn whose_plate_it_is() {
        use RoadUserClass::{Bus, Car, Motorbike};
        let plate = |x: f32, y: f32, width: f32| PixelBox::new(x, y, x + width, y + width * 0.5);
        let seen = |track, class, bbox: [f32; 4]| SeenBox {
            track: TrackId(track),
            class,
            bbox: bbox.into(),
        };
        let car = seen(1, Car, [100.0, 100.0, 300.0, 300.0]);
        let rider = seen(2, Motorbike, [160.0, 160.0, 240.0, 330.0]);
        let twin = seen(3, Motorbike, [150.0, 160.0, 250.0, 330.0]);
        let bus = seen(4, Bus, [0.0, 0.0, 500.0, 340.0]);
        // (what, plate, boxes, owner)
        let cases: Vec<(&str, PixelBox, Vec<SeenBox>, Option<u64>)> = vec![
            ("alone", plate(190.0, 260.0, 30.0), vec![car], Some(1)),
            ("alone and off the zone", plate(110.0, 280.0, 30.0), vec![car], Some(1)),
            ("outside of every box", plate(400.0, 400.0, 30.0), vec![car], None),
            ("half out of the box", plate(285.0, 260.0, 30.0), vec![car], None),
            ("a rider before a car", plate(190.0, 280.0, 22.0), vec![car, rider], Some(2)),
            (
                "a rider before car and bus",
                plate(190.0, 280.0, 22.0),
                vec![bus, car, rider],
                Some(2),
            ),
            // Seen beside the rider, within its box: too wide for a motorbike's.
            ("a car's plate on a rider", plate(170.0, 270.0, 52.0), vec![car, rider], Some(1)),
            // Higher than a rider's plate can be.
            ("on a rider's back", plate(190.0, 190.0, 22.0), vec![car, rider], Some(1)),
            ("two riders", plate(190.0, 280.0, 22.0), vec![rider, twin], None),
            ("two riders and a car", plate(190.0, 280.0, 22.0), vec![rider, twin, car], None),
            ("nobody's zone", plate(100.0, 110.0, 30.0), vec![car, bus], None),
        ];
        for (what, plate, boxes, owner) in cases {
            for seen in &boxes {
                let belongs = belongs_to(seen.track, &plate, &boxes);
                assert_eq!(belongs, Some(seen.track.0) == owner, "{what}: {}", seen.track);
            }
            assert!(!belongs_to(TrackId(99), &plate, &boxes), "{what}: not in this frame");
        }
    }
}
