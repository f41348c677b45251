//! The desk with somebody else's eyes: what they see stands in a table.

use std::{cell::RefCell, rc::Rc};

use giaolo_domain::{FrameTime, PixelBox, PixelPoint, PixelRect, PlateLayout, ReadChar, TextLine};

use super::*;

type Sees = Box<dyn FnMut(&Crop) -> Looked>;

pub(in crate::plates) struct FakeEyes {
    sees: Sees,
}

impl FakeEyes {
    pub(in crate::plates) fn new(sees: impl FnMut(&Crop) -> Looked + 'static) -> Self {
        Self { sees: Box::new(sees) }
    }
}

impl Eyes for FakeEyes {
    /// Brightness stands for sharpness.
    fn sharpness(&self, crop: &RgbImage) -> f32 {
        f32::from(crop.as_raw()[0]) / 255.0
    }

    fn look(&mut self, crop: &Crop, _class: RoadUserClass) -> Result<Looked, PipelineError> {
        Ok((self.sees)(crop))
    }
}

pub(in crate::plates) fn grammar() -> Grammar {
    Grammar::from_toml(include_str!("../../../../../configs/plates.toml")).unwrap()
}

fn at(seconds: f64) -> FrameTime {
    FrameTime { frame: (seconds * 25.0).round() as u64, time: MediaTime::from_seconds(seconds) }
}

/// A plate in one line, each character with that score, in the middle of the crop.
pub(in crate::plates) fn plate(crop: &Crop, text: &str, score: f32, width: f32) -> PlateLook {
    let (x, y) = (crop.rect.x as f32 + 10.0, crop.rect.y as f32 + 10.0);
    let corner = PixelPoint::new;
    let count = text.chars().count() as f32;
    let chars = text.chars().enumerate().map(|(index, symbol)| ReadChar {
        symbol,
        score,
        at: (index as f32 + 0.5) / count,
        others: Vec::new(),
    });
    let height = width / 5.0;
    PlateLook {
        at: crop.at,
        lines: vec![TextLine {
            corners: [
                corner(x, y),
                corner(x + width, y),
                corner(x + width, y + height),
                corner(x, y + height),
            ],
            found: 0.9,
            chars: chars.collect(),
            cut: false,
        }],
        layout: PlateLayout::OneLine,
        width_px: width,
        colour: None,
    }
}

fn wish(track: u64, slot: u32, expected_px: f32) -> Wish {
    Wish {
        track: TrackId(track),
        class: RoadUserClass::Car,
        crop: PixelRect { x: 100, y: 100, width: 200, height: 100 },
        slot,
        expected_px,
        quality: expected_px,
        hindrance: None,
        oncoming: false,
    }
}

fn crop(seconds: f64, wish: &Wish) -> Crop {
    let picture = RgbImage::from_pixel(4, 4, image::Rgb([255; 3]));
    Crop { at: at(seconds), picture, rect: wish.crop, frame: (1600, 1200) }
}

/// The tracks alone in a frame, in one another's place: nobody's plate can be another's.
fn alone(track: u64) -> Arc<[SeenBox]> {
    let bbox = PixelBox::new(90.0, 60.0, 310.0, 210.0);
    Arc::new([SeenBox { track: TrackId(track), class: RoadUserClass::Car, bbox }])
}

fn summary(track: u64, class: RoadUserClass, first: f64, last: f64) -> TrackSummary {
    let bbox = PixelBox::new(0.0, 0.0, 1.0, 1.0);
    TrackSummary {
        track: TrackId(track),
        class,
        class_share: 1.0,
        first_frame: at(first).frame,
        last_frame: at(last).frame,
        first_time: at(first).time,
        last_time: at(last).time,
        detections: 9,
        mean_score: 0.9,
        first_box: bbox,
        last_box: bbox,
    }
}

struct Try {
    offers: Vec<Wish>,
    raised: bool,
    sees: fn(&Crop) -> Looked,
}

/// Offers crops a second apart, ends the track, and tells the reading and how many looks it took.
fn tried(case: &Try) -> (PlateReading, u64) {
    let grammar = grammar();
    let sees = case.sees;
    let mut desk = Desk::new(FakeEyes::new(sees), &grammar, &PlateSettings::default());
    for (second, offer) in case.offers.iter().enumerate() {
        let seconds = second as f64;
        desk.advance(at(seconds).time).unwrap();
        desk.offer(*offer, crop(seconds, offer), alone(1)).unwrap();
        if case.raised && second == 0 {
            desk.raised(TrackId(1)).unwrap();
        }
    }
    let end = summary(1, RoadUserClass::Car, 0.0, 9.0);
    desk.ended(&end, Unreadable::TooSmall).unwrap();
    let last = desk.take_new().pop_back().unwrap();
    assert!(last.ended && desk.tracks.is_empty() && desk.bytes == 0);
    (last.reading, desk.totals().looks)
}

const SURE: fn(&Crop) -> Looked = |crop| Looked::Plate(plate(crop, "61A12345", 0.999, 100.0));
const DIM: fn(&Crop) -> Looked = |crop| Looked::Plate(plate(crop, "61A12345", 0.6, 100.0));
const NOTHING: fn(&Crop) -> Looked = |_| Looked::Nothing(Unreadable::NoPlate);

#[test]
fn as_few_looks_as_it_takes() {
    let crops = |expected: f32, count: u32| (0..count).map(|n| wish(1, n, expected)).collect();
    let oncoming = |count: u32| -> Vec<Wish> {
        (0..count).map(|n| Wish { oncoming: true, ..wish(1, n, 60.0) }).collect()
    };
    let fading = |factor: f32| -> Vec<Wish> {
        (0..3).map(|n| wish(1, n, 80.0 * factor.powi(n as i32))).collect()
    };
    // (what, crops, whether a rule fired, what is seen, looks)
    type Case = (&'static str, Vec<Wish>, bool, fn(&Crop) -> Looked, u64);
    let cases: [Case; 13] = [
        ("nothing offered", vec![], false, SURE, 0),
        ("sure at once", crops(60.0, 3), false, SURE, 1),
        ("doubtful", crops(60.0, 3), false, DIM, 3),
        ("doubtful, more crops than places", crops(60.0, 9), false, DIM, 3),
        ("narrow", crops(30.0, 3), false, DIM, 2),
        ("narrow, no plate", crops(30.0, 3), false, NOTHING, 1),
        ("no plate", crops(60.0, 3), false, NOTHING, 2),
        ("from the front", oncoming(3), false, NOTHING, 1),
        ("from the front, in a violation", oncoming(3), true, NOTHING, 3),
        ("in a violation", crops(60.0, 9), true, DIM, 4),
        ("the others are much worse", fading(0.5), false, DIM, 1),
        ("wide: at once, at the next only if better", crops(120.0, 3), false, DIM, 3),
        ("wide and sure", crops(120.0, 9), false, SURE, 1),
    ];
    for (what, offers, raised, sees, looks) in cases {
        assert_eq!(tried(&Try { offers, raised, sees }).1, looks, "{what}");
    }
}

#[test]
fn a_track_that_ends_has_a_reading_or_the_true_reason() {
    let hindered = |why| vec![Wish { hindrance: Some(why), ..wish(1, 0, 60.0) }];
    // Half beside the vehicle's box.
    let beside: fn(&Crop) -> Looked = |crop| {
        let mut look = plate(crop, "61A12345", 0.999, 100.0);
        for corner in look.lines.iter_mut().flat_map(|line| &mut line.corners) {
            corner.x += 190.0;
        }
        Looked::Plate(look)
    };
    let words: fn(&Crop) -> Looked = |_| Looked::Nothing(Unreadable::NotAPlate);
    let good = || vec![wish(1, 0, 60.0)];
    for (what, offers, sees, expected) in [
        ("never worth a crop", vec![], NOTHING, Unreadable::TooSmall),
        ("no plate", good(), NOTHING, Unreadable::NoPlate),
        ("a text", good(), words, Unreadable::NotAPlate),
        ("cut", hindered(Unreadable::Cut), NOTHING, Unreadable::Cut),
        ("covered", hindered(Unreadable::Covered), words, Unreadable::Covered),
        ("another's plate", good(), beside, Unreadable::Covered),
    ] {
        let (reading, _) = tried(&Try { offers, raised: false, sees });
        assert_eq!(reading.unreadable, Some(expected), "{what}");
        assert!(reading.text.is_empty() && reading.best.is_none(), "{what}");
    }
    let (reading, _) = tried(&Try { offers: good(), raised: false, sees: SURE });
    assert_eq!((reading.verdict, reading.text.as_str()), (PlateVerdict::Sure, "61A12345"));
    assert_eq!(reading.best.unwrap().at, at(0.0), "the frame that it was cut from");
}

#[test]
fn what_carries_no_plate_has_no_reading() {
    let grammar = grammar();
    let mut desk = Desk::new(FakeEyes::new(NOTHING), &grammar, &PlateSettings::default());
    for (track, class) in [(1, RoadUserClass::Pedestrian), (2, RoadUserClass::Bicycle)] {
        desk.ended(&summary(track, class, 0.0, 1.0), Unreadable::NoPlate).unwrap();
        let reading = desk.reading_now(TrackId(track), class, Unreadable::NoPlate).unwrap();
        assert_eq!(reading, None);
    }
    assert!(desk.take_new().is_empty() && desk.totals().vehicles == 0);
}

#[test]
fn the_best_crop_of_a_place_is_looked_at_and_blur_counts() {
    let grammar = grammar();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&seen);
    let eyes = FakeEyes::new(move |crop| {
        noted.borrow_mut().push(crop.at.frame);
        Looked::Nothing(Unreadable::NoPlate)
    });
    let mut desk = Desk::new(eyes, &grammar, &PlateSettings::default());
    for (seconds, slot, expected_px, grey) in [
        (0.0, 0, 50.0, 255),
        (0.2, 0, 60.0, 255),
        // Larger, and blurred.
        (1.0, 1, 70.0, 0),
        (2.0, 2, 55.0, 255),
        (3.0, 3, 40.0, 255),
    ] {
        let wish = wish(1, slot, expected_px);
        let mut crop = crop(seconds, &wish);
        crop.picture.fill(grey);
        desk.offer(wish, crop, alone(1)).unwrap();
    }
    desk.due(TrackId(1)).unwrap();
    assert_eq!(*seen.borrow(), [5, 50], "the sharp ones, the best first");
}

#[test]
fn a_rule_may_fire_before_during_and_after_the_last_look() {
    let grammar = grammar();
    let mut desk = Desk::new(FakeEyes::new(SURE), &grammar, &PlateSettings::default());
    let class = RoadUserClass::Car;
    let now = |desk: &mut Desk<'_, FakeEyes>, track| {
        let reading = desk.reading_now(TrackId(track), class, Unreadable::TooSmall).unwrap();
        reading.map(|reading| (reading.verdict, reading.unreadable)).unwrap()
    };
    let too_small = (PlateVerdict::Unreadable, Some(Unreadable::TooSmall));
    assert_eq!(now(&mut desk, 1), too_small, "nothing of it was worth keeping");
    let offered = wish(1, 0, 60.0);
    desk.offer(offered, crop(1.0, &offered), alone(1)).unwrap();
    assert_eq!(desk.totals().looks, 0, "it may come nearer");
    assert_eq!(now(&mut desk, 1), (PlateVerdict::Sure, None), "what is there is looked at");
    let told = desk.take_new();
    assert!(!told[0].ended, "somebody may be watching for it");
    desk.ended(&summary(1, class, 0.0, 2.0), Unreadable::TooSmall).unwrap();
    assert_eq!(now(&mut desk, 1), (PlateVerdict::Sure, None), "and remembered");
    assert_eq!(desk.totals().looks, 1);
}

#[test]
fn an_ended_track_does_not_wait_for_ever() {
    let grammar = grammar();
    let settings = PlateSettings { looks_per_second: 0.0, burst: 1.0, ..PlateSettings::default() };
    let mut desk = Desk::new(FakeEyes::new(NOTHING), &grammar, &settings);
    for track in [1, 2] {
        let offered = wish(track, 0, 60.0);
        desk.offer(offered, crop(1.0, &offered), alone(track)).unwrap();
        desk.ended(&summary(track, RoadUserClass::Car, 0.0, 1.0), Unreadable::NoPlate).unwrap();
    }
    let why = |desk: &mut Desk<'_, FakeEyes>| -> Vec<_> {
        desk.take_new().iter().map(|read| (read.track.0, read.reading.unreadable)).collect()
    };
    assert_eq!(why(&mut desk), [(1, Some(Unreadable::NoPlate))]);
    desk.advance(at(10.0).time).unwrap();
    assert_eq!(why(&mut desk), []);
    desk.advance(at(12.0).time).unwrap();
    assert_eq!(why(&mut desk), [(2, Some(Unreadable::Budget))]);
    assert_eq!(desk.totals().shed, 1);
}

#[test]
fn what_waits_at_the_end_of_the_source_is_still_looked_at() {
    let grammar = grammar();
    let settings = PlateSettings { looks_per_second: 0.0, burst: 0.0, ..PlateSettings::default() };
    let mut desk = Desk::new(FakeEyes::new(SURE), &grammar, &settings);
    let offered = wish(1, 0, 60.0);
    desk.offer(offered, crop(1.0, &offered), alone(1)).unwrap();
    desk.ended(&summary(1, RoadUserClass::Car, 0.0, 1.0), Unreadable::NoPlate).unwrap();
    assert!(desk.take_new().is_empty());
    desk.finish().unwrap();
    assert_eq!(desk.take_new().pop_back().unwrap().reading.verdict, PlateVerdict::Sure);
}

/// Ten times what the fullest road carries: the queue does not grow, and who broke a rule is read.
#[test]
fn ten_thousand_vehicles_a_minute() {
    const VEHICLES: u64 = 10_000;
    const EACH_S: f64 = 60.0 / VEHICLES as f64;
    const IN_VIEW: u64 = 300;
    let grammar = grammar();
    let settings = PlateSettings::default();
    let mut desk = Desk::new(FakeEyes::new(SURE), &grammar, &settings);
    let offer = |desk: &mut Desk<'_, FakeEyes>, track: u64, slot, seconds| {
        // 30 to 79 pixels, of all sizes at once.
        let offered = wish(track, slot, 30.0 + (track * 37 % 50) as f32);
        let mut crop = crop(seconds, &offered);
        crop.picture = RgbImage::from_pixel(40, 30, image::Rgb([255; 3]));
        desk.offer(offered, crop, alone(track)).unwrap();
    };
    let is_raised = |track: u64| track % 100 == 7;
    let mut most_tracks = 0;
    let (mut verdicts, mut raised_sure) = (0, 0);
    for step in 0..VEHICLES + IN_VIEW {
        let seconds = step as f64 * EACH_S;
        desk.advance(at(seconds).time).unwrap();
        if step < VEHICLES {
            // 30 to 79 pixels, of all sizes at once.
            offer(&mut desk, step, 0, seconds);
        }
        // A rule fires half a second later, and the next crop comes after that.
        if let Some(track) = step.checked_sub(IN_VIEW / 3)
            && is_raised(track)
        {
            desk.raised(TrackId(track)).unwrap();
            offer(&mut desk, track, 1, seconds);
        }
        if let Some(gone) = step.checked_sub(IN_VIEW) {
            let summary = summary(gone, RoadUserClass::Car, seconds - 1.8, seconds);
            desk.ended(&summary, Unreadable::NoPlate).unwrap();
        }
        most_tracks = most_tracks.max(desk.tracks.len());
        for read in desk.take_new().into_iter().filter(|read| read.ended) {
            verdicts += 1;
            let sure = read.reading.verdict == PlateVerdict::Sure;
            raised_sure += u64::from(sure && is_raised(read.track.0));
        }
    }
    desk.finish().unwrap();
    verdicts += desk.take_new().iter().filter(|read| read.ended).count() as u64;
    let totals = desk.totals();
    assert_eq!(verdicts, VEHICLES, "each has a reading or a reason");
    assert_eq!(raised_sure, VEHICLES / 100, "violations are read");
    let budget = (settings.looks_per_second * 62.0 + settings.burst * 1.5) as u64;
    assert!(totals.looks <= budget + MOST_TRACKS as u64, "{totals:?}");
    assert!(totals.sure >= 450, "the budget was used: {totals:?}");
    assert!(totals.shed > 8_000 && totals.unreadable["budget"] > 8_000, "{totals:?}");
    // Those in view and those that still wait.
    assert!(most_tracks as u64 <= IN_VIEW + MOST_TRACKS as u64 + 1, "{most_tracks}");
}

#[test]
fn crops_take_no_more_memory_than_they_may() {
    let grammar = grammar();
    let settings = PlateSettings { looks_per_second: 0.0, burst: 0.0, ..PlateSettings::default() };
    let mut desk = Desk::new(FakeEyes::new(NOTHING), &grammar, &settings);
    let large = RgbImage::from_pixel(2000, 1000, image::Rgb([255; 3]));
    for track in 0..20 {
        let offered = wish(track, 0, 40.0 + track as f32);
        let crop = Crop { picture: large.clone(), ..crop(1.0, &offered) };
        desk.offer(offered, crop, alone(track)).unwrap();
        assert!(desk.bytes <= MOST_BYTES);
    }
    let kept: Vec<u64> =
        desk.tracks.iter().filter(|(_, held)| !held.crops.is_empty()).map(|(t, _)| t.0).collect();
    assert_eq!(kept, (4..20).collect::<Vec<_>>(), "the widest plates stay");
}
