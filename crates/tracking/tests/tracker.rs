//! The tracker as a whole: what holds for any detections, and rides met in real footage.

use RoadUserClass::{Car, Motorbike, Pedestrian, Truck};
use giaolo_domain::{
    Appearance, Detection, FrameTime, MediaTime, PixelBox, RoadUserClass, TrackId, TrackObservation,
};
use giaolo_tracking::{Tracker, TrackerSettings};
use proptest::{collection::vec, prelude::*, sample::select};

fn seen(class: RoadUserClass, bbox: [f32; 4], colour: u8) -> Detection {
    Detection { bbox: bbox.into(), class, score: 0.6, appearance: Some(Appearance([colour; 18])) }
}

/// A two-wheeler's box with its wheels at a place.
fn bike(x: f32, y: f32, colour: u8) -> Detection {
    seen(Motorbike, [x - 20.0, y - 90.0, x + 20.0, y], colour)
}

fn at(frame: u64, fps: f64) -> FrameTime {
    FrameTime { frame, time: MediaTime::from_seconds(frame as f64 / fps) }
}

/// Runs frames through a new tracker.
fn track(frames: &[Vec<Detection>], fps: f64) -> Vec<Vec<TrackObservation>> {
    let mut tracker = Tracker::new(TrackerSettings::default());
    frames
        .iter()
        .enumerate()
        .map(|(frame, seen)| tracker.observe(at(frame as u64, fps), seen).observations)
        .collect()
}

fn any_detection() -> impl Strategy<Value = Detection> {
    let box_of = |(x, y, w, h): (f32, f32, f32, f32)| PixelBox::new(x, y, x + w, y + h);
    (
        (0f32..600.0, 0f32..400.0, 5f32..120.0, 5f32..160.0).prop_map(box_of),
        select(RoadUserClass::ALL.to_vec()),
        0f32..1.0,
        proptest::option::of(any::<u8>().prop_map(|c| Appearance([c; 18]))),
    )
        .prop_map(|(bbox, class, score, appearance)| Detection {
            bbox,
            class,
            score,
            appearance,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn ids_are_unique_and_nobody_is_in_two_places(
        frames in vec(vec(any_detection(), 0..25), 1..25),
        fps in select(vec![5.0, 10.0, 30.0]),
    ) {
        let mut last_new = TrackId(0);
        for observations in track(&frames, fps) {
            let ids: Vec<TrackId> = observations.iter().map(|o| o.track).collect();
            prop_assert!(ids.windows(2).all(|w| w[0] < w[1]), "ids twice or out of order: {:?}", ids);
            for id in ids {
                last_new = last_new.max(id);
            }
            for (i, a) in observations.iter().enumerate() {
                prop_assert!(a.bbox.is_proper() && (0.0..=1.0).contains(&a.score));
                let twin = observations[i + 1..].iter().find(|b| b.bbox == a.bbox);
                prop_assert!(twin.is_none(), "two tracks in one box: {:?} {:?}", a, twin);
            }
        }
    }

    #[test]
    fn the_order_of_detections_changes_nothing_and_the_same_gives_the_same(
        frames in vec(vec(any_detection(), 0..20), 1..15),
        turn in 0usize..20,
    ) {
        let turned: Vec<Vec<Detection>> = frames
            .iter()
            .map(|seen| {
                let mut seen = seen.clone();
                seen.reverse();
                let by = turn % seen.len().max(1);
                seen.rotate_left(by);
                seen
            })
            .collect();
        let first = track(&frames, 6.0);
        prop_assert_eq!(&first, &track(&frames, 6.0));
        prop_assert_eq!(&first, &track(&turned, 6.0));
    }
}

/// What a case shows in frame `n` at `fps` frames a second.
type Shown = fn(n: u64, fps: f64) -> Vec<Detection>;

struct Case {
    name: &'static str,
    shown: Shown,
    seconds: f64,
    /// Tracks that last, a third of a second and three sightings: a double is found out by then.
    tracks: usize,
    class: RoadUserClass,
}

const CASES: &[Case] = &[
    Case {
        name: "a rider faster than its own width between frames",
        shown: |n, fps| vec![bike(50.0 + 240.0 * (n as f64 / fps) as f32, 300.0, 90)],
        seconds: 2.0,
        tracks: 1,
        class: Motorbike,
    },
    Case {
        name: "now the rider, now the machine, now both",
        shown: |n, fps| {
            let x = 100.0 + 60.0 * (n as f64 / fps) as f32;
            let rider = seen(Pedestrian, [x - 15.0, 210.0, x + 15.0, 265.0], 90);
            let machine = seen(Motorbike, [x - 20.0, 240.0, x + 20.0, 300.0], 80);
            match (6.0 * n as f64 / fps) as u64 % 3 {
                0 => vec![rider, machine],
                1 => vec![rider],
                _ => vec![machine],
            }
        },
        seconds: 3.0,
        tracks: 1,
        class: Motorbike,
    },
    Case {
        name: "a rider that is seen as a person only",
        shown: |n, fps| {
            let y = 100.0 + 150.0 * (n as f64 / fps) as f32;
            vec![seen(Pedestrian, [300.0, y - 60.0, 325.0, y], 90)]
        },
        seconds: 3.0,
        tracks: 1,
        class: Motorbike,
    },
    Case {
        name: "somebody who walks",
        shown: |n, fps| {
            let x = 100.0 + 30.0 * (n as f64 / fps) as f32;
            vec![seen(Pedestrian, [x, 200.0, x + 25.0, 260.0], 90)]
        },
        seconds: 4.0,
        tracks: 1,
        class: Pedestrian,
    },
    Case {
        name: "a lorry that is now a truck, now a car, with its driver behind glass",
        shown: |n, fps| {
            let x = 50.0 + 80.0 * (n as f64 / fps) as f32;
            let class = if n % 3 == 0 { Car } else { Truck };
            vec![
                seen(class, [x, 100.0, x + 200.0, 250.0], 120),
                seen(Pedestrian, [x + 150.0, 120.0, x + 175.0, 160.0], 60),
            ]
        },
        seconds: 3.0,
        tracks: 1,
        class: Truck,
    },
    Case {
        name: "a cargo bike, often taken for a truck",
        shown: |n, fps| {
            let y = 500.0 - 100.0 * (n as f64 / fps) as f32;
            let bbox = [300.0, y - 100.0, 370.0, y];
            let class = [Truck, Truck, Motorbike, Truck, Pedestrian][n as usize % 5];
            vec![seen(class, bbox, 140)]
        },
        seconds: 3.0,
        tracks: 1,
        class: Motorbike,
    },
    Case {
        name: "two riders who pass one another",
        shown: |n, fps| {
            let along = 120.0 * (n as f64 / fps) as f32;
            vec![bike(50.0 + along, 300.0, 40), bike(530.0 - along, 330.0, 200)]
        },
        seconds: 4.0,
        tracks: 2,
        class: Motorbike,
    },
];

#[test]
fn each_road_user_is_one_track_of_the_right_class() {
    for case in CASES {
        for fps in [5.0, 10.0, 30.0] {
            let frames: Vec<Vec<Detection>> =
                (0..(case.seconds * fps) as u64).map(|n| (case.shown)(n, fps)).collect();
            let observed: Vec<TrackObservation> =
                track(&frames, fps).into_iter().flatten().collect();
            let mut ids: Vec<TrackId> = observed.iter().map(|o| o.track).collect();
            ids.sort_unstable();
            ids.dedup();
            let lasting = (fps / 3.0).max(3.0) as usize;
            ids.retain(|id| observed.iter().filter(|o| o.track == *id).count() >= lasting);
            assert_eq!(ids.len(), case.tracks, "{} at {fps} frames a second", case.name);
            for id in ids {
                let last = observed.iter().rfind(|o| o.track == id).unwrap();
                assert_eq!(last.class, case.class, "{} at {fps} frames a second", case.name);
            }
        }
    }
}

#[test]
fn in_a_queue_nobody_takes_the_place_of_the_next() {
    // Three riders stand in a row, half hiding one another; the middle one is not seen for a second
    // and its neighbours flicker. Nobody may move meanwhile.
    let colours = [40u8, 110, 200];
    let frames: Vec<Vec<Detection>> = (0..60u64)
        .map(|n| {
            (0..3u64)
                .filter(|&i| !(i == 1 && (20..26).contains(&n)) && (n + i) % 7 != 0)
                .map(|i| bike(300.0, 300.0 + 45.0 * i as f32, colours[i as usize]))
                .collect()
        })
        .collect();
    let observed: Vec<TrackObservation> = track(&frames, 6.0).into_iter().flatten().collect();
    for first in observed.iter().filter(|o| o.frame <= 3) {
        let heads: Vec<f32> =
            observed.iter().filter(|o| o.track == first.track).map(|o| o.bbox.y1).collect();
        assert!(
            heads.iter().all(|head| (head - first.bbox.y1).abs() < 15.0),
            "track {} moved: {heads:?}",
            first.track
        );
    }
}

#[test]
fn colours_tell_two_riders_apart_where_places_do_not() {
    // Between two frames the first has gone and another came half a length behind.
    let frame = |x: f32, colour: u8| vec![bike(x, 300.0, colour)];
    let mut frames = vec![frame(300.0, 30); 6];
    frames.extend(vec![frame(312.0, 30); 3]);
    frames.extend(vec![frame(324.0, 220); 6]);
    let observed = track(&frames, 6.0);
    let id_in = |frame: usize| observed[frame].first().map(|o| o.track);
    assert_eq!(id_in(0), id_in(8), "the same colours half a width on are the same rider");
    assert_ne!(id_in(8), id_in(14), "other colours are another rider");
}

#[test]
fn confirmed_tracks_end_with_a_summary_and_flickers_without() {
    let mut tracker = Tracker::new(TrackerSettings::default());
    let mut ended = Vec::new();
    for frame in 0..40 {
        let mut seen = Vec::new();
        if frame < 12 {
            seen.push(bike(100.0 + 10.0 * frame as f32, 300.0, 90));
        }
        if frame == 5 {
            seen.push(bike(500.0, 300.0, 90));
        }
        ended.extend(tracker.observe(at(frame, 6.0), &seen).ended);
    }
    assert_eq!(ended.len(), 1);
    assert_eq!((ended[0].first_frame, ended[0].last_frame, ended[0].detections), (0, 11, 12));
    assert!(tracker.finish().is_empty());
}

#[test]
fn a_rider_seen_in_part_and_then_whole_keeps_its_track() {
    let frames: Vec<Vec<Detection>> = (0..60)
        .map(|frame| {
            let wheels = 600.0 - 3.0 * frame as f32;
            let height = if frame < 30 { 50.0 } else { 115.0 };
            vec![seen(Motorbike, [480.0, wheels - height, 525.0, wheels], 90)]
        })
        .collect();
    let observed = track(&frames, 30.0);
    let ids: std::collections::BTreeSet<TrackId> =
        observed.iter().flatten().map(|o| o.track).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert!(observed.iter().skip(1).all(|frame| frame.len() == 1));
}
