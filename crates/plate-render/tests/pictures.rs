//! What spoils a plate does so by its units, always the same, and refuses values that make no sense.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use giaolo_domain::{PixelBox, PixelPoint, PlateColour};
use giaolo_plate_render::{
    Camera, Cover, Error, Form, Glare, Kind, Lettering, Motion, Plate, PlateMaker, Shadow, Vehicle,
    VehicleKind, Wear, ground, photograph, place,
};
use image::{Rgb, RgbImage};

fn plate() -> Plate {
    PlateMaker::new(3).of(Kind::MotorbikeBefore2025)
}

fn level(picture: &RgbImage) -> f32 {
    let sum: f32 = picture.iter().map(|value| f32::from(*value)).sum();
    sum / picture.len() as f32
}

/// Sum of differences between neighbours in a row: sharpness.
fn edges(picture: &RgbImage, (dx, dy): (u32, u32)) -> f32 {
    let mut sum = 0.0;
    for y in dy..picture.height() {
        for x in dx..picture.width() {
            let pair = [picture.get_pixel(x, y), picture.get_pixel(x - dx, y - dy)];
            sum += f32::from(pair[0].0[1].abs_diff(pair[1].0[1]));
        }
    }
    sum
}

fn shot(camera: &Camera) -> RgbImage {
    photograph(&plate(), &Wear::default(), camera).unwrap().picture
}

#[test]
fn the_plate_has_the_asked_width_and_turn() {
    for width_px in [8.0, 20.0, 45.0, 200.0] {
        for (roll_deg, yaw_deg, pitch_deg) in
            [(0.0, 0.0, 0.0), (25.0, 0.0, 0.0), (0.0, 50.0, 0.0), (-10.0, -30.0, 40.0)]
        {
            let camera = Camera { width_px, roll_deg, yaw_deg, pitch_deg, ..Camera::default() };
            let photo = photograph(&plate(), &Wear::default(), &camera).unwrap();
            let [tl, tr, br, bl] = photo.corners;
            let mean = (tl.distance(tr) + bl.distance(br)) / 2.0;
            assert!((mean - width_px).abs() < 0.01 * width_px, "{camera:?}: {mean}");
            let (width, height) = photo.picture.dimensions();
            for p in photo.corners {
                assert!((0.0..width as f32).contains(&p.x) && (0.0..height as f32).contains(&p.y));
            }
            if yaw_deg > 0.0 {
                assert!(tr.distance(br) < tl.distance(bl), "the right edge is farther away");
            }
            if roll_deg == 25.0 {
                let turn = (tr.y - tl.y).atan2(tr.x - tl.x).to_degrees();
                assert!((turn - 25.0).abs() < 0.1, "{turn}");
            }
            // The plate is there: its ground is, brighter than what surrounds it.
            let middle = tl.lerp(br, 0.5).lerp(tr.lerp(bl, 0.5), 0.5);
            let around = photo.picture.get_pixel(0, 0).0;
            let there = photo.picture.enumerate_pixels().any(|(x, y, p)| {
                PixelPoint::new(x as f32, y as f32).distance(middle) < width_px / 2.0
                    && p.0[0] > around[0] + 60
            });
            assert!(there, "{camera:?}");
        }
    }
}

#[test]
fn each_spoiling_does_what_its_name_says() {
    let base = Camera { width_px: 150.0, ..Camera::default() };
    let plain = shot(&base);
    let blurred = |blur_px| edges(&shot(&Camera { blur_px, ..base.clone() }), (1, 0));
    let sharpness = [0.0, 1.5, 4.0].map(blurred);
    assert!(sharpness[0] > 1.2 * sharpness[1], "{sharpness:?}");
    assert!(sharpness[1] > 1.5 * sharpness[2], "{sharpness:?}");

    let moved = |angle_deg| {
        let motion = Some(Motion { length_px: 12.0, angle_deg });
        let picture = shot(&Camera { motion, ..base.clone() });
        (
            edges(&picture, (1, 0)) / edges(&plain, (1, 0)),
            edges(&picture, (0, 1)) / edges(&plain, (0, 1)),
        )
    };
    let (level_motion, upright_motion) = (moved(0.0), moved(90.0));
    assert!(level_motion.0 < 0.6 * level_motion.1, "{level_motion:?}");
    assert!(upright_motion.1 < 0.6 * upright_motion.0, "{upright_motion:?}");

    let brighter = level(&shot(&Camera { brightness: 30.0, ..base.clone() })) - level(&plain);
    assert!((18.0..=30.5).contains(&brighter), "{brighter}: some levels were white already");
    let flat = shot(&Camera { contrast: 0.0, ..base.clone() });
    assert!(flat.iter().all(|value| *value == 128));
    assert!(level(&shot(&Camera { gamma: 2.2, ..base.clone() })) < level(&plain) - 20.0);

    let noisy = shot(&Camera { noise_sigma: 20.0, contrast: 0.0, ..base.clone() });
    let deviation = noisy.iter().map(|v| (f32::from(*v) - 128.0).powi(2)).sum::<f32>();
    let sigma = (deviation / noisy.len() as f32).sqrt();
    assert!((19.0..21.0).contains(&sigma), "{sigma}");

    let jpeg = |quality| {
        let picture = shot(&Camera { jpeg_quality: Some(quality), ..base.clone() });
        picture.iter().zip(plain.iter()).map(|(a, b)| f32::from(a.abs_diff(*b))).sum::<f32>()
    };
    assert!(jpeg(5) > 2.0 * jpeg(95) && jpeg(95) > 0.0);
}

#[test]
fn wear_covers_the_share_it_names() {
    let white = || RgbImage::from_pixel(190, 140, Rgb([255; 3]));
    let after = |wear: &Wear| {
        let mut picture = white();
        wear.apply(&mut picture).unwrap();
        picture
    };
    let changed = |picture: &RgbImage| {
        let count = picture.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
        count as f32 / picture.pixels().len() as f32
    };
    assert_eq!(after(&Wear::default()), white());
    for dirt in [0.1, 0.4, 0.9] {
        let share = changed(&after(&Wear { dirt, seed: 9, ..Wear::default() }));
        assert!((dirt..dirt + 0.03).contains(&share), "{dirt}: {share}");
    }
    let cover = Cover { left: 0.5, top: 0.5, right: 1.0, bottom: 1.0, colour: [10, 20, 30] };
    let covered = after(&Wear { cover: Some(cover), ..Wear::default() });
    assert!((changed(&covered) - 0.25).abs() < 0.01);
    assert_eq!(covered.get_pixel(189, 139).0, [10, 20, 30]);
    let shadow = Shadow { at: 0.4, tilt_deg: 0.0, light: 0.5 };
    let shaded = after(&Wear { shadow: Some(shadow), ..Wear::default() });
    assert_eq!((shaded.get_pixel(2, 70).0, shaded.get_pixel(180, 70).0), ([128; 3], [255; 3]));
    let mut grey = RgbImage::from_pixel(190, 140, Rgb([40; 3]));
    let glare = Glare { x: 0.25, y: 0.5, radius: 0.2, strength: 2.0 };
    Wear { glare: Some(glare), ..Wear::default() }.apply(&mut grey).unwrap();
    assert!(grey.get_pixel(47, 70).0[0] > 250 && grey.get_pixel(180, 70).0 == [40; 3]);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let wear = |seed| Wear { dirt: 0.2, seed, ..Wear::default() };
    let camera = |seed| Camera {
        noise_sigma: 9.0,
        blur_px: 0.7,
        jpeg_quality: Some(60),
        yaw_deg: 20.0,
        seed,
        ..Camera::default()
    };
    let photo = |dirt, noise| photograph(&plate(), &wear(dirt), &camera(noise)).unwrap();
    assert_eq!(photo(1, 1), photo(1, 1));
    assert_ne!(photo(1, 1), photo(2, 1));
    assert_ne!(photo(1, 1), photo(1, 2));
    let drawn = || {
        Vehicle::with_usual_lettering(VehicleKind::Truck)
            .with_plate(PlateMaker::new(4).in_form(Kind::CommercialCar, Form::CarShort))
    };
    assert_eq!(drawn().draw(300).unwrap(), drawn().draw(300).unwrap());
}

fn corners(at: [[f32; 2]; 4]) -> [PixelPoint; 4] {
    at.map(PixelPoint::from)
}

#[test]
fn a_placed_plate_fills_its_corners_and_nothing_else() {
    let before = RgbImage::from_pixel(300, 200, Rgb([0, 90, 0]));
    let mut picture = before.clone();
    let at = corners([[60.0, 40.0], [220.0, 60.0], [210.0, 150.0], [70.0, 160.0]]);
    let plate = Plate::new(Form::CarShort, PlateColour::Yellow, &["61A", "123.21"]).unwrap();
    place(&mut picture, &plate, &Wear::default(), at).unwrap();
    for (x, y, pixel) in picture.enumerate_pixels() {
        let is_outside = !(60..=220).contains(&x) || !(40..=160).contains(&y);
        assert!(!is_outside || *pixel == Rgb([0, 90, 0]), "{x} {y}");
    }
    let near = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 12);
    assert!(near(picture.get_pixel(80, 65).0, ground(PlateColour::Yellow)));
    // Round corners show what is behind.
    assert_eq!(picture.get_pixel(60, 40).0, [0, 90, 0]);
    // Upside down is a turned plate, not an error; the line order turns with it.
    let mut turned = before.clone();
    let [tl, tr, br, bl] = at;
    place(&mut turned, &plate, &Wear::default(), [br, bl, tl, tr]).unwrap();
    assert_ne!(turned, picture);
    // Half outside is cut off, wholly outside changes nothing.
    let mut cut = before.clone();
    let half = at.map(|p| PixelPoint::new(p.x - 140.0, p.y));
    place(&mut cut, &plate, &Wear::default(), half).unwrap();
    assert_eq!(cut.get_pixel(40, 100), picture.get_pixel(180, 100));
    assert_ne!(cut.get_pixel(40, 100), before.get_pixel(40, 100));
    let mut outside = before.clone();
    place(&mut outside, &plate, &Wear::default(), at.map(|p| PixelPoint::new(p.x + 900.0, p.y)))
        .unwrap();
    assert_eq!(outside, before);
}

#[test]
fn impossible_corners_are_refused() {
    let plate = plate();
    let cases = [
        ("a point", [[5.0, 5.0]; 4]),
        ("a line", [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0]]),
        ("crossed", [[0.0, 0.0], [50.0, 0.0], [0.0, 50.0], [50.0, 50.0]]),
        ("mirrored", [[50.0, 0.0], [0.0, 0.0], [0.0, 50.0], [50.0, 50.0]]),
        ("dented", [[0.0, 0.0], [50.0, 0.0], [10.0, 10.0], [0.0, 50.0]]),
        ("not a number", [[0.0, 0.0], [50.0, f32::NAN], [50.0, 50.0], [0.0, 50.0]]),
        ("infinite", [[0.0, 0.0], [f32::INFINITY, 0.0], [50.0, 50.0], [0.0, 50.0]]),
        ("huge", [[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]]),
    ];
    for (name, at) in cases {
        let mut picture = RgbImage::new(60, 60);
        let error = place(&mut picture, &plate, &Wear::default(), corners(at)).unwrap_err();
        assert!(matches!(error, Error::Corners { .. }), "{name}: {error}");
        assert!(picture.iter().all(|value| *value == 0), "{name} left something");
    }
    let mut none = RgbImage::new(0, 60);
    let at = corners([[0.0, 0.0], [50.0, 0.0], [50.0, 50.0], [0.0, 50.0]]);
    let error = place(&mut none, &plate, &Wear::default(), at).unwrap_err();
    assert_eq!(error, Error::Empty { width: 0, height: 60 });
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    let base = Camera::default;
    let motion = |length_px, angle_deg| Some(Motion { length_px, angle_deg });
    let cameras = [
        ("width", Camera { width_px: 0.0, ..base() }),
        ("width", Camera { width_px: 1e9, ..base() }),
        ("width", Camera { width_px: f32::NAN, ..base() }),
        ("margin", Camera { margin: -0.1, ..base() }),
        ("roll", Camera { roll_deg: 181.0, ..base() }),
        ("yaw", Camera { yaw_deg: 90.0, ..base() }),
        ("pitch", Camera { pitch_deg: f32::INFINITY, ..base() }),
        ("blur", Camera { blur_px: -1.0, ..base() }),
        ("motion in pixels", Camera { motion: motion(1e6, 0.0), ..base() }),
        ("motion in degrees", Camera { motion: motion(1.0, f32::NAN), ..base() }),
        ("contrast", Camera { contrast: 5.0, ..base() }),
        ("brightness", Camera { brightness: 300.0, ..base() }),
        ("gamma", Camera { gamma: 0.0, ..base() }),
        ("noise", Camera { noise_sigma: -1.0, ..base() }),
        ("quality", Camera { jpeg_quality: Some(0), ..base() }),
        ("quality", Camera { jpeg_quality: Some(101), ..base() }),
    ];
    for (name, camera) in cameras {
        let error = photograph(&plate(), &Wear::default(), &camera).unwrap_err();
        assert!(
            matches!(error, Error::Value { .. }) && error.to_string().contains(name),
            "{error}"
        );
    }
    let cover = Cover { left: 0.6, top: 0.0, right: 0.5, bottom: 1.0, colour: [0; 3] };
    let shadow = Shadow { at: 0.5, tilt_deg: 90.0, light: 0.5 };
    let glare = Glare { x: 0.5, y: 0.5, radius: 0.0, strength: 1.0 };
    let wears = [
        ("dirt", Wear { dirt: 1.0, ..Wear::default() }),
        ("dirt", Wear { dirt: f32::NAN, ..Wear::default() }),
        ("cover right", Wear { cover: Some(cover), ..Wear::default() }),
        ("shadow tilt", Wear { shadow: Some(shadow), ..Wear::default() }),
        ("glare radius", Wear { glare: Some(glare), ..Wear::default() }),
    ];
    for (name, wear) in wears {
        let error = photograph(&plate(), &wear, &base()).unwrap_err();
        assert!(
            matches!(error, Error::Value { .. }) && error.to_string().contains(name),
            "{error}"
        );
    }
    let empty = RgbImage::new(5, 0);
    assert_eq!(base().expose(&empty), Err(Error::Empty { width: 5, height: 0 }));
    assert_eq!(
        Wear::default().apply(&mut empty.clone()),
        Err(Error::Empty { width: 5, height: 0 })
    );
}

#[test]
fn a_vehicle_has_its_plate_and_its_lettering_apart() {
    for kind in VehicleKind::ALL {
        let (plate_kind, form) = match kind {
            VehicleKind::Motorbike => (Kind::Motorbike, Form::Motorbike),
            VehicleKind::Car => (Kind::Car, Form::CarLong),
            VehicleKind::Truck => (Kind::CommercialCar, Form::CarShort),
        };
        let bare = Vehicle::with_usual_lettering(kind);
        let without = bare.clone().draw(640).unwrap();
        assert_eq!(without.plate, None);
        let drawn =
            bare.with_plate(PlateMaker::new(8).in_form(plate_kind, form)).draw(640).unwrap();
        assert_eq!(drawn.body, without.body);
        let [tl, _, br, _] = drawn.plate.unwrap();
        let plate = PixelBox::new(tl.x, tl.y, br.x, br.y);
        assert_eq!(plate.share_within(&drawn.body), 1.0, "{kind:?}");
        let pixel_mm = kind.picture_mm().0 / 640.0;
        assert!((plate.width() * pixel_mm - form.geometry().width).abs() < 0.1);
        assert!(drawn.lettering.len() >= 3);
        for line in &drawn.lettering {
            assert_eq!(line.intersection_area(&plate), 0.0, "{kind:?}");
            assert!(line.share_within(&drawn.body) > 0.99, "{kind:?}: {line:?}");
        }
        // The plate changes its own place only.
        for (x, y, pixel) in drawn.picture.enumerate_pixels() {
            let at = PixelPoint::new(x as f32 + 0.5, y as f32 + 0.5);
            let is_in = (tl.x - 1.0..br.x + 1.0).contains(&at.x)
                && (tl.y - 1.0..br.y + 1.0).contains(&at.y);
            assert!(is_in || pixel == without.picture.get_pixel(x, y), "{kind:?} {x} {y}");
        }
    }
}

#[test]
fn vehicles_that_cannot_be_drawn_are_refused() {
    let vehicle = || Vehicle::with_usual_lettering(VehicleKind::Motorbike);
    for width in [0, 15, 8192, u32::MAX] {
        let error = vehicle().draw(width).unwrap_err();
        assert!(error.to_string().contains("vehicle width"), "{error}");
    }
    // A plate of two pixels is still drawn; a picture for it can be had.
    assert!(vehicle().with_plate(plate()).draw(16).is_ok());
    for (at_mm, height_mm, name) in [
        ([f32::NAN, 0.0], 40.0, "lettering x"),
        ([0.0, 1e9], 40.0, "lettering y"),
        ([0.0, 0.0], 0.0, "lettering height"),
        ([0.0, 0.0], f32::INFINITY, "lettering height"),
    ] {
        let mut lettered = vehicle();
        let text = "MỘT".to_owned();
        lettered.lettering = vec![Lettering { text, at_mm, height_mm, colour: [0; 3] }];
        let error = lettered.draw(100).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
