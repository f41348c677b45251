//! `plates read` and `plates eval`: drawn plates, writing that is no plate, pictures that are none,
//! and how right the program is on real photos where they are.

use std::{fs, path::Path};

use giaolo_domain::PlateColour;
use giaolo_plate_render::{
    Camera, Form, Kind, Plate, PlateMaker, Vehicle, VehicleKind, Wear, photograph,
};
use giaolo_tests::{
    footage::dataset,
    program::{Run, giaolo, root},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

/// The lines of `plates read --json`.
fn read(path: &Path) -> Vec<Value> {
    lines(&giaolo(["plates", "read", "--json"]).arg(path).succeed())
}

fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn picture_named<'v>(lines: &'v [Value], name: &str) -> &'v Value {
    let named = |line: &&Value| line["file"].as_str().unwrap().ends_with(name);
    lines.iter().find(named).unwrap_or_else(|| panic!("no {name} in {lines:?}"))
}

/// Verdict and normal form of each plate on a picture.
fn readings(line: &Value) -> Vec<(&str, &str)> {
    let plates = line["plates"].as_array().unwrap().iter();
    plates
        .map(|plate| {
            let reading = &plate["reading"];
            (reading["verdict"].as_str().unwrap(), reading["text"].as_str().unwrap())
        })
        .collect()
}

fn save(picture: &RgbImage, path: &Path) {
    picture.save(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

#[test]
fn drawn_plates_are_read_and_what_is_sure_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut maker = PlateMaker::new(7);
    let mut truth = Vec::new();
    for kind in [
        Kind::Car,
        Kind::CarFourDigits,
        Kind::CommercialCar,
        Kind::StateCar,
        Kind::Motorbike,
        Kind::MotorbikeBefore2025,
    ] {
        for turn in [0.0_f32, 12.0] {
            let plate = maker.of(kind);
            let camera =
                Camera { width_px: 200.0, yaw_deg: turn, margin: 1.0, ..Camera::default() };
            let photo = photograph(&plate, &Wear::default(), &camera).unwrap();
            let name = format!("{kind:?}-{turn}.png");
            save(&photo.picture, &folder.path().join(&name));
            truth.push((name, plate.normal()));
        }
    }
    let printed = read(folder.path());
    let mut sure = 0;
    for (name, text) in &truth {
        for (verdict, read) in readings(picture_named(&printed, name)) {
            if verdict == "sure" {
                assert_eq!(read, text, "{name}");
                sure += 1;
            }
        }
    }
    assert!(sure * 4 >= truth.len() * 3, "{sure} of {} are sure: {printed:#?}", truth.len());
}

#[test]
fn telephone_numbers_and_advertisements_are_no_plates() {
    let folder = tempfile::tempdir().unwrap();
    for kind in VehicleKind::ALL {
        let bare = Vehicle::with_usual_lettering(kind).draw(640).unwrap();
        save(&bare.picture, &folder.path().join(format!("{kind:?}-bare.png")));
        let form = if kind == VehicleKind::Motorbike { Form::Motorbike } else { Form::CarShort };
        let upper = if kind == VehicleKind::Motorbike { "61-A1" } else { "61C" };
        let plate = Plate::new(form, PlateColour::White, &[upper, "345.67"]).unwrap();
        let with = Vehicle::with_usual_lettering(kind).with_plate(plate).draw(640).unwrap();
        save(&with.picture, &folder.path().join(format!("{kind:?}-with.png")));
    }
    let printed = read(folder.path());
    for kind in VehicleKind::ALL {
        let bare = readings(picture_named(&printed, &format!("{kind:?}-bare.png")));
        let shown: Vec<_> = bare.iter().filter(|(verdict, _)| *verdict != "unreadable").collect();
        assert!(shown.is_empty(), "{kind:?}: writing was taken for a plate: {shown:?}");
        let text = if kind == VehicleKind::Motorbike { "61A134567" } else { "61C34567" };
        let with = readings(picture_named(&printed, &format!("{kind:?}-with.png")));
        let shown: Vec<_> = with.iter().filter(|(verdict, _)| *verdict != "unreadable").collect();
        assert_eq!(shown.len(), 1, "{kind:?}: {with:?}");
        assert_eq!(shown[0].1, text, "{kind:?}");
    }
}

#[test]
fn broken_pictures_are_named_and_hide_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let plate = Plate::new(Form::CarLong, PlateColour::White, &["61A-345.67"]).unwrap();
    let camera = Camera { width_px: 220.0, margin: 1.0, ..Camera::default() };
    let photo = photograph(&plate, &Wear::default(), &camera).unwrap().picture;
    let jpeg = path("good.jpg");
    photo.save_with_format(&jpeg, ImageFormat::Jpeg).unwrap();
    let bytes = fs::read(&jpeg).unwrap();
    let broken = ["empty.jpg", "text.jpg", "header.jpg", "header.png", "cut.png"];
    fs::write(path("empty.jpg"), "").unwrap();
    fs::write(path("text.jpg"), "Biển số 61A-345.67").unwrap();
    fs::write(path("header.jpg"), &bytes[..100]).unwrap();
    photo.save(path("cut.png")).unwrap();
    let whole = fs::read(path("cut.png")).unwrap();
    fs::write(path("cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(path("header.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff").unwrap();
    save(&RgbImage::from_pixel(1, 1, Rgb([9, 9, 9])), &path("dot.png"));
    save(&RgbImage::from_pixel(12_000, 10, Rgb([200, 200, 200])), &path("strip.png"));
    let grey = DynamicImage::ImageRgb8(photo).into_luma16();
    DynamicImage::ImageLuma16(grey).save(path("grey16.png")).unwrap();

    let run = giaolo(["plates", "read", "--json"]).arg(folder.path()).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let printed = lines(&run.stdout);
    assert_eq!(printed.len(), 4, "{printed:#?}");
    for name in ["good.jpg", "grey16.png"] {
        assert_eq!(readings(picture_named(&printed, name))[0].1, "61A34567", "{name}");
    }
    for name in ["dot.png", "strip.png"] {
        assert_eq!(readings(picture_named(&printed, name)), [], "{name}");
    }
    let errors: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(errors.len(), broken.len(), "{}", run.stderr);
    for name in broken {
        assert!(errors.iter().any(|line| line.contains(name)), "{name}: {}", run.stderr);
    }
    let said = giaolo(["plates", "read"]).arg(&jpeg).arg(path("dot.png")).succeed();
    assert!(said.contains("61A-345.67") && said.contains("no plate"), "{said}");
    let missing = giaolo(["plates", "read"]).arg(path("none.jpg")).run();
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("none.jpg"), "{}", missing.stderr);
}

#[test]
fn a_cut_jpeg_is_broken_and_not_without_plates() {
    let folder = tempfile::tempdir().unwrap();
    let plate = Plate::new(Form::CarLong, PlateColour::White, &["61A-345.67"]).unwrap();
    let camera = Camera { width_px: 220.0, margin: 1.0, ..Camera::default() };
    let photo = photograph(&plate, &Wear::default(), &camera).unwrap().picture;
    let jpeg = folder.path().join("cut.jpg");
    photo.save_with_format(&jpeg, ImageFormat::Jpeg).unwrap();
    let bytes = fs::read(&jpeg).unwrap();
    for percent in [20, 45, 50, 55, 60, 90] {
        fs::write(&jpeg, &bytes[..bytes.len() * percent / 100]).unwrap();
        let run = giaolo(["plates", "read", "--json"]).arg(&jpeg).run();
        assert_eq!(run.code, Some(1), "{percent} %: {}", run.stdout);
        assert!(run.stderr.contains("cut.jpg"), "{percent} %: {}", run.stderr);
    }
}

#[test]
fn without_models_it_says_how_to_fetch_them() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["models", "configs"] {
        std::os::unix::fs::symlink(root().join(part), folder.path().join(part)).unwrap();
    }
    let picture = folder.path().join("grey.png");
    save(&RgbImage::from_pixel(64, 64, Rgb([90, 90, 90])), &picture);
    let library = root().join("var/lib/onnxruntime/libonnxruntime.so");
    let run = |words: &[&str]| -> Run {
        giaolo(["plates"].iter().chain(words))
            .arg(&picture)
            .env("GIAOLO_HOME", folder.path())
            .env("GIAOLO_ONNXRUNTIME", &library)
            .run()
    };
    let run = run(&["read"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("giaolo models fetch"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_list_is_scored_and_a_broken_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    let plate = Plate::new(Form::CarLong, PlateColour::White, &["61A-345.67"]).unwrap();
    let camera = Camera { width_px: 220.0, margin: 1.0, ..Camera::default() };
    let photo = photograph(&plate, &Wear::default(), &camera).unwrap().picture;
    for name in ["right.png", "wrong.png"] {
        save(&photo, &pictures.join(name));
    }
    let truth = folder.path().join("truth.csv");
    fs::write(&truth, "file,plate\nright.png,61A-345.67\nwrong.png,61A-345.68\ngone.png,61A-1\n")
        .unwrap();
    let eval = || giaolo(["plates", "eval", "--quiet"]).arg(&pictures).arg("--truth").arg(&truth);
    let report: Value = serde_json::from_str(&eval().arg("--json").succeed()).unwrap();
    assert_eq!((&report["plates"], &report["exact"]), (&2.into(), &1.into()), "{report:#}");
    assert_eq!(report["absent"], serde_json::json!(["gone.png"]));
    let wrong = report["wrong_sure"].as_array().unwrap();
    assert_eq!(wrong.len(), 1, "{report:#}");
    assert_eq!((&wrong[0]["file"], &wrong[0]["read"]), (&"wrong.png".into(), &"61A34567".into()));

    for (text, named) in [
        ("", "truth.csv"),
        ("picture,plate\na.png,61A-345.67\n", "file"),
        ("file,number\na.png,61A-345.67\n", "plate"),
        ("file,plate,x1\na.png,61A-345.67,left\n", "truth.csv"),
    ] {
        fs::write(&truth, text).unwrap();
        let run = eval().run();
        assert_eq!(run.code, Some(1), "{text:?}: {}", run.stdout);
        assert!(run.stderr.contains(named), "{text:?} should name {named}: {}", run.stderr);
    }
}

/// The figures that a release has to reach; the photos are never part of the repository.
#[test]
fn real_photos_are_read_as_well_as_is_promised() {
    let (Some(folder), Some(truth)) = (dataset("plates/images"), dataset("plates/truth.csv"))
    else {
        return;
    };
    let printed =
        giaolo(["plates", "eval", "--json"]).arg(&folder).arg("--truth").arg(&truth).succeed();
    let report: Value = serde_json::from_str(&printed).unwrap();
    let share = |value: &Value| value.as_f64().unwrap();
    assert_eq!(report["plates"], 53, "{}", report["absent"]);
    assert!(share(&report["exact_share"]) >= 0.92, "{:#}", report["missed"]);
    let sure = &report["sure"];
    assert!(share(&sure["right_share"]) >= 0.985, "{sure} {:#}", report["wrong_sure"]);
    let wrong = sure["count"].as_u64().unwrap() - sure["right"].as_u64().unwrap();
    let listed = report["wrong_sure"].as_array().unwrap().len() as u64;
    assert_eq!(listed, wrong, "sure on what is no plate: {:#}", report["wrong_sure"]);
    // Reading nothing at all must not pass for being right.
    assert!(sure["count"].as_u64().unwrap() >= 25, "{sure}");
}
