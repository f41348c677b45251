//! The staged clip itself: the plate is where its truth says, and the product follows its car.

use giaolo_domain::{PlateColour, RoadUserClass, TrackId};
use giaolo_media::{FileSource, OpenOptions};
use giaolo_plate_render::{Form, Plate};
use giaolo_tests::{
    program::analyse,
    results::Results,
    staged::{StagedClip, Staging, staged_clip},
};

#[test]
fn the_plate_rides_on_one_car_that_is_followed_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing else in this clip is as yellow.
    let plate = Plate::new(Form::CarLong, PlateColour::Yellow, &["61A-345.67"]).unwrap();
    let clip = staged_clip(folder.path(), &Staging { plate, ..Staging::default() });
    the_plate_is_where_the_truth_says(&clip);

    let out = folder.path().join("out");
    analyse(&clip.video, &clip.scene, &out).succeed();
    let results = Results::read(&out);
    let carrier = clip.track_in(&results);
    assert_eq!(class_of(&results, carrier), RoadUserClass::Car);
    assert!(results.crossings().iter().any(|crossing| crossing.track == carrier));
    assert!(results.violations().iter().any(|violation| violation.track == carrier));
    // The one without a plate is followed too, and is another one.
    let two_wheelers = [RoadUserClass::Motorbike, RoadUserClass::Bicycle];
    let violations = results.violations();
    let cyclist = violations.iter().find(|v| two_wheelers.contains(&class_of(&results, v.track)));
    assert_ne!(cyclist.unwrap().track, carrier);
}

fn the_plate_is_where_the_truth_says(clip: &StagedClip) {
    let mut source = FileSource::open(&clip.video, &OpenOptions::default()).unwrap();
    let mut frames = clip.corners.iter().enumerate();
    while let Some(decoded) = source.next().unwrap() {
        let frame = decoded.frame;
        let (number, [tl, tr, br, bl]) = frames.next().unwrap();
        assert_eq!((frame.width(), frame.height()), clip.size);
        let picture = frame.rgb(frame.whole()).unwrap();
        // Left of the first character, right of the last.
        for across in [0.05, 0.95] {
            let at = tl.lerp(*tr, across).lerp(bl.lerp(*br, across), 0.5);
            let [red, _, blue] = picture.get_pixel(at.x as u32, at.y as u32).0;
            assert!(red > blue.saturating_add(90), "frame {number}, {at:?}: {red} {blue}");
        }
    }
    assert_eq!(frames.next(), None, "the clip is shorter than its truth");
}

fn class_of(results: &Results, track: TrackId) -> RoadUserClass {
    let seen = results.frames.iter().rev().flat_map(|frame| &frame.tracks);
    let mut seen = seen.filter(|seen| seen.track == track);
    seen.next().unwrap().class
}
