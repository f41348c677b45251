//! Which of the lines on a vehicle are its plate.

mod common;

use common::{at, line, shipped, tilted};
use giaolo_domain::{PlateColour, PlateLayout, PlateLook, RoadUserClass, TextLine};
use giaolo_plate::find_plate;

use RoadUserClass::{Bus, Car, Motorbike, Truck};

fn found(lines: &[TextLine], class: Option<RoadUserClass>) -> Option<PlateLook> {
    find_plate(&shipped(), lines, at(3), class, &mut |_| Some(PlateColour::White))
}

/// The found plate's lines with ` / ` between them, or nothing.
fn text(lines: &[TextLine], class: Option<RoadUserClass>) -> Option<String> {
    let look = found(lines, class)?;
    Some(look.lines.iter().map(TextLine::text).collect::<Vec<_>>().join(" / "))
}

fn motorbike() -> [TextLine; 2] {
    [
        line("59T1", 0.95, (200.0, 300.0), (80.0, 30.0)),
        line("46101", 0.95, (200.0, 335.0), (100.0, 30.0)),
    ]
}

/// Its name, the lines on the vehicle, the vehicle, and the plate.
type Case = (&'static str, Vec<TextLine>, Option<RoadUserClass>, Option<&'static str>);

#[test]
fn plates_among_other_text() {
    let [upper, lower] = motorbike();
    let phone = line("0912345678", 0.99, (200.0, 200.0), (200.0, 30.0));
    let firm = line("VANTAIBINHAN", 0.99, (200.0, 100.0), (300.0, 60.0));
    let hotline = line("19001234", 0.99, (200.0, 240.0), (160.0, 30.0));
    let model = line("SH150I", 0.99, (200.0, 260.0), (90.0, 24.0));
    let long = line("51F15585", 0.9, (200.0, 400.0), (160.0, 34.0));
    let cases: &[Case] = &[
        ("two lines", vec![upper.clone(), lower.clone()], Some(Motorbike), Some("59T1 / 46101")),
        (
            "in any order, with a firm, a phone and a model around it",
            vec![lower.clone(), phone.clone(), model.clone(), firm.clone(), upper.clone()],
            Some(Motorbike),
            Some("59T1 / 46101"),
        ),
        (
            "one line",
            vec![phone.clone(), long.clone(), firm.clone()],
            Some(Truck),
            Some("51F15585"),
        ),
        (
            "two parts of one line",
            vec![
                line("15585", 0.9, (250.0, 400.0), (100.0, 34.0)),
                line("51F", 0.9, (150.0, 402.0), (60.0, 34.0)),
            ],
            Some(Car),
            Some("51F15585"),
        ),
        (
            "the first line in two parts",
            vec![
                line("59", 0.9, (175.0, 300.0), (36.0, 30.0)),
                line("T1", 0.9, (225.0, 300.0), (36.0, 30.0)),
                lower.clone(),
            ],
            Some(Motorbike),
            Some("59T1 / 46101"),
        ),
        ("a phone", vec![phone.clone()], Some(Car), None),
        ("a hotline", vec![hotline.clone()], Some(Car), None),
        (
            "a phone in two lines",
            vec![
                line("0912", 0.9, (200.0, 300.0), (80.0, 30.0)),
                line("345678", 0.9, (200.0, 335.0), (100.0, 30.0)),
            ],
            Some(Car),
            None,
        ),
        (
            "a service number in two lines",
            vec![
                line("1900", 0.9, (200.0, 300.0), (80.0, 30.0)),
                line("54545", 0.9, (200.0, 335.0), (100.0, 30.0)),
            ],
            Some(Bus),
            None,
        ),
        ("a fleet number", vec![line("A123", 0.99, (0.0, 0.0), (80.0, 30.0))], Some(Bus), None),
        ("a firm", vec![firm.clone(), model.clone()], Some(Truck), None),
        (
            "another alphabet",
            vec![
                line("京A12345", 0.99, (0.0, 0.0), (80.0, 30.0)),
                line("ПРИВЕТ", 0.9, (0.0, 40.0), (80.0, 30.0)),
            ],
            Some(Car),
            None,
        ),
        ("nothing", vec![], None, None),
    ];
    for (name, lines, class, expected) in cases {
        assert_eq!(text(lines, *class).as_deref(), *expected, "{name}");
    }
}

#[test]
fn lines_that_do_not_stand_like_a_plate_are_none() {
    let upper = |x, y, w, h| line("59T1", 0.95, (x, y), (w, h));
    let lower = line("46101", 0.95, (200.0, 335.0), (100.0, 30.0));
    let cases = [
        ("as it should", upper(200.0, 300.0, 80.0, 30.0), true),
        ("under it", upper(200.0, 370.0, 80.0, 30.0), false),
        ("far above", upper(200.0, 250.0, 80.0, 30.0), false),
        ("far to the side", upper(270.0, 300.0, 80.0, 30.0), false),
        ("on it", upper(200.0, 335.0, 80.0, 30.0), false),
        ("much higher letters", upper(200.0, 295.0, 180.0, 70.0), false),
        ("another direction", tilted("59T1", 0.95, (290.0, 190.0), (80.0, 30.0), 30.0), false),
    ];
    for (name, upper, is_plate) in cases {
        let look = found(&[upper, lower.clone()], Some(Motorbike));
        let stacked = look.is_some_and(|look| look.layout == PlateLayout::TwoLine);
        assert_eq!(stacked, is_plate, "{name}");
    }
}

#[test]
fn tilted_plates() {
    for degrees in [-25.0, -10.0, 10.0, 25.0] {
        let lines = [
            tilted("59T1", 0.95, (200.0, 300.0), (80.0, 30.0), degrees),
            tilted("46101", 0.95, (200.0, 335.0), (100.0, 30.0), degrees),
        ];
        assert_eq!(text(&lines, Some(Motorbike)).as_deref(), Some("59T1 / 46101"), "{degrees}");
        let parts = [
            tilted("51F", 0.9, (150.0, 400.0), (60.0, 34.0), degrees),
            tilted("15585", 0.9, (250.0, 400.0), (100.0, 34.0), degrees),
        ];
        assert_eq!(text(&parts, Some(Car)).as_deref(), Some("51F15585"), "{degrees}");
    }
    let lying = [
        tilted("59T1", 0.95, (200.0, 300.0), (80.0, 30.0), 80.0),
        tilted("46101", 0.95, (200.0, 335.0), (100.0, 30.0), 80.0),
    ];
    assert_eq!(text(&lying, Some(Motorbike)), None);
}

#[test]
fn the_plate_and_not_the_number_painted_above_it() {
    let painted = line("61B34543", 0.99, (200.0, 100.0), (300.0, 60.0));
    let plate = [
        line("61B", 0.8, (200.0, 300.0), (50.0, 24.0)),
        line("34543", 0.8, (200.0, 326.0), (80.0, 24.0)),
    ];
    let lines = [painted.clone(), plate[0].clone(), plate[1].clone()];
    let look = found(&lines, Some(Bus)).unwrap();
    assert_eq!(look.layout, PlateLayout::TwoLine);
    assert_eq!(look.width_px, 80.0);
    // One character misread does not make it another vehicle's.
    let misread = line("34548", 0.8, (200.0, 326.0), (80.0, 24.0));
    let look = found(&[painted, plate[0].clone(), misread], Some(Bus)).unwrap();
    assert_eq!(look.layout, PlateLayout::TwoLine);
}

#[test]
fn what_stands_like_a_plate_is_kept_for_other_looks() {
    // The code 42 was never allocated: a misread, but surely a plate.
    let lines = [
        line("42T1", 0.6, (200.0, 300.0), (80.0, 30.0)),
        line("46101", 0.95, (200.0, 335.0), (100.0, 30.0)),
    ];
    assert_eq!(text(&lines, Some(Motorbike)).as_deref(), Some("42T1 / 46101"));
    // A lost character.
    let lines = [
        line("59T1", 0.95, (200.0, 300.0), (80.0, 30.0)),
        line("461", 0.95, (200.0, 335.0), (60.0, 30.0)),
    ];
    assert_eq!(text(&lines, Some(Motorbike)).as_deref(), Some("59T1 / 461"));
}

#[test]
fn a_plate_made_of_noise_does_not_hide_one_that_lost_a_character() {
    let lines = [
        line("61A12345", 0.3, (200.0, 400.0), (160.0, 34.0)),
        line("59T1", 0.95, (200.0, 300.0), (80.0, 30.0)),
        line("461", 0.95, (200.0, 335.0), (60.0, 30.0)),
    ];
    assert_eq!(text(&lines, Some(Motorbike)).as_deref(), Some("59T1 / 461"));
}

#[test]
fn army_plates_are_told_by_their_colour() {
    let lines = [
        line("QA1234", 0.95, (200.0, 300.0), (160.0, 34.0)),
        line("KAMAZ", 0.9, (200.0, 100.0), (160.0, 34.0)),
    ];
    let grammar = shipped();
    let mut asked = 0;
    let look = find_plate(&grammar, &lines, at(0), Some(Truck), &mut |ground| {
        asked += 1;
        assert_eq!(ground[0].text(), "QA1234");
        Some(PlateColour::Red)
    });
    assert_eq!(look.unwrap().colour, Some(PlateColour::Red));
    assert_eq!(asked, 1);
    let look = find_plate(&grammar, &lines, at(0), Some(Truck), &mut |_| Some(PlateColour::White));
    assert_eq!(look, None);
}

#[test]
fn the_look_says_where_and_when() {
    let [upper, lower] = motorbike();
    let look = found(&[lower.clone(), upper.clone()], Some(Motorbike)).unwrap();
    let expected = PlateLook {
        at: at(3),
        lines: vec![upper, lower],
        layout: PlateLayout::TwoLine,
        width_px: 100.0,
        colour: Some(PlateColour::White),
    };
    assert_eq!(look, expected);
}

#[test]
fn walls_of_text_and_broken_corners_are_survived() {
    let mut lines = Vec::new();
    for index in 0..2000 {
        let y = index as f32 % 40.0;
        lines.push(line("59T1", 0.9, (200.0, 300.0 + y), (80.0, 30.0)));
        lines.push(line("46101", 0.9, (200.0, 335.0 + y), (100.0, 30.0)));
    }
    assert!(found(&lines, Some(Motorbike)).is_some());
    for value in [f32::NAN, f32::INFINITY, -1e30, 0.0] {
        let mut lines = motorbike();
        lines.iter_mut().flat_map(|line| &mut line.corners).for_each(|corner| corner.x = value);
        assert_eq!(found(&lines, Some(Motorbike)), None, "{value}");
    }
    let endless = line(&"1".repeat(100_000), 0.9, (0.0, 0.0), (100.0, 30.0));
    assert_eq!(found(&[endless], None), None);
}
