//! The plate reader with its real models: made-up plates, malformed crops, damaged model folders.
//! Needs what `make deps` fetches.
#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use giaolo_domain::{PlateColour, TextLine};
use giaolo_plate_render::{Camera, Form, Plate, Vehicle, VehicleKind};
use giaolo_vision::{
    ExecutionProvider, PlateReader, PlateReaderSettings, Registry, Runtime, VisionError,
    plate_colour,
};
use image::{Rgb, RgbImage};
use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn runtime() -> Runtime {
    Runtime::load(&root().join("var/lib/onnxruntime/libonnxruntime.so")).unwrap()
}

fn open(settings: PlateReaderSettings) -> Result<PlateReader, VisionError> {
    open_in(&root().join("models"), &root().join("var/models"), settings)
}

fn open_in(
    models: &Path,
    weights: &Path,
    settings: PlateReaderSettings,
) -> Result<PlateReader, VisionError> {
    let registry = Registry::load(models, weights)?;
    PlateReader::open_with(&runtime(), &registry, ExecutionProvider::Cpu, settings)
}

fn reader() -> PlateReader {
    open(PlateReaderSettings::default()).unwrap()
}

fn line<'a>(lines: &'a [TextLine], text: &str) -> &'a TextLine {
    lines.iter().find(|line| line.text() == text).unwrap_or_else(|| {
        panic!("no {text} in {:?}", lines.iter().map(TextLine::text).collect::<Vec<_>>())
    })
}

#[test]
fn the_lines_of_a_plate_are_read_among_other_writing() {
    let mut reader = reader();
    for (kind, form, ground, upper, lower) in [
        (VehicleKind::Motorbike, Form::Motorbike, PlateColour::White, "61-A1", "123.21"),
        (VehicleKind::Truck, Form::CarShort, PlateColour::Yellow, "61C", "345.67"),
        (VehicleKind::Car, Form::CarShort, PlateColour::Blue, "80B", "445.66"),
    ] {
        let plate = Plate::new(form, ground, &[upper, lower]).unwrap();
        let drawn = Vehicle::with_usual_lettering(kind).with_plate(plate).draw(420).unwrap();
        let lines = reader.lines(&drawn.picture).unwrap();
        let plain = |text: &str| text.replace(['-', '.'], "");
        let upper = line(&lines, &plain(upper));
        let lower = line(&lines, &plain(lower));

        let corners = drawn.plate.unwrap();
        let (left, right) = (corners[0].x, corners[1].x);
        for line in [upper, lower] {
            let centre = line.centre();
            assert!(centre.x > left && centre.x < right, "{kind:?} {line:?}");
            assert!(line.found > 0.5 && !line.cut, "{kind:?} {line:?}");
            assert!(line.chars.iter().all(|c| c.score > 0.5), "{kind:?} {line:?}");
            let places: Vec<f32> = line.chars.iter().map(|c| c.at).collect();
            assert!(places.is_sorted() && places[0] > 0.0 && places[0] < 0.3, "{places:?}");
        }
        assert!(upper.centre().y < lower.centre().y);
        assert_eq!(plate_colour(&drawn.picture, &[upper, lower]), Some(ground), "{kind:?}");
    }
    let timings = reader.timings();
    assert_eq!(timings.crops, 3);
    assert!(timings.lines_read >= 6 && timings.lines_read <= timings.lines_found);
    assert!(timings.detector_us > 0 && timings.recogniser_us > 0);
}

#[test]
fn a_blurred_character_names_its_rivals() {
    let plate = Plate::new(Form::Motorbike, PlateColour::White, &["61-B8", "888.33"]).unwrap();
    let drawn =
        Vehicle::with_usual_lettering(VehicleKind::Motorbike).with_plate(plate).draw(300).unwrap();
    let blurred = Camera { blur_px: 2.0, ..Camera::default() }.expose(&drawn.picture).unwrap();
    let lines = reader().lines(&blurred).unwrap();
    let chars: Vec<_> = lines.iter().flat_map(|line| &line.chars).collect();
    assert!(chars.iter().any(|c| !c.others.is_empty()), "{chars:?}");
    for c in chars {
        assert!(c.others.len() <= 3 && c.others.iter().all(|o| o.1 >= 0.02 && o.1 <= c.score));
        assert!(c.others.is_sorted_by(|a, b| a.1 >= b.1), "{c:?}");
    }
}

#[test]
fn a_line_at_the_edge_is_marked() {
    let plate = Plate::new(Form::CarLong, PlateColour::White, &["61A-123.21"]).unwrap();
    let drawn =
        Vehicle::with_usual_lettering(VehicleKind::Car).with_plate(plate).draw(420).unwrap();
    let [tl, tr, br, _] = drawn.plate.unwrap();
    let half = (tl.x + tr.x) / 2.0;
    let cut = image::imageops::crop_imm(&drawn.picture, 0, 0, half as u32, drawn.picture.height())
        .to_image();
    let lines = reader().lines(&cut).unwrap();
    let on_plate =
        |l: &&TextLine| l.centre().y > tl.y && l.centre().y < br.y && l.centre().x > tl.x;
    let found: Vec<&TextLine> = lines.iter().filter(on_plate).collect();
    assert!(!found.is_empty() && found.iter().all(|line| line.cut), "{lines:?}");
}

#[test]
fn no_crop_is_too_odd() {
    let mut reader = reader();
    let noise = RgbImage::from_fn(300, 200, |x, y| {
        let v = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97) as u8;
        Rgb([v, v.rotate_left(3), v.rotate_left(5)])
    });
    let stripes = RgbImage::from_fn(8000, 20, |x, _| Rgb([((x / 4) % 2 * 255) as u8; 3]));
    for (what, crop) in [
        ("no pixels", RgbImage::new(0, 0)),
        ("no height", RgbImage::new(50, 0)),
        ("a pixel", RgbImage::new(1, 1)),
        ("a wide one", stripes),
        ("a high one", RgbImage::new(20, 8000)),
        ("black", RgbImage::new(400, 300)),
        ("white", RgbImage::from_pixel(400, 300, Rgb([255; 3]))),
        ("large", RgbImage::from_pixel(4000, 3000, Rgb([90, 91, 92]))),
        ("noise", noise),
    ] {
        let lines = reader.lines(&crop).unwrap();
        assert!(lines.len() <= reader.settings().max_lines, "{what}: {}", lines.len());
        let chars = lines.iter().map(|line| line.chars.len()).sum::<usize>();
        assert!(what == "noise" || what == "a wide one" || chars == 0, "{what}: {lines:?}");
    }
    let error = reader.lines_at(&RgbImage::new(40, 40), 9000).unwrap_err().to_string();
    assert!(error.contains("detector_side: 9000"), "{error}");
}

/// A copy of the text models' entries and weights that a test may spoil.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for name in ["ppocr-v6-det", "ppocr-v4-rec"] {
            let entry = format!("{name}.toml");
            fs::copy(root().join("models").join(&entry), copy.path().join(entry)).unwrap();
            fs::create_dir(copy.path().join(name)).unwrap();
            for file in fs::read_dir(root().join("var/models").join(name)).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), copy.path().join(name).join(file.file_name())).unwrap();
            }
        }
        copy
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn change(&self, entry: &str, changes: &[(&str, &str)]) {
        let path = self.path().join(entry);
        let mut text = fs::read_to_string(&path).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from} is not in {entry}");
            text = text.replace(from, to);
        }
        fs::write(path, text).unwrap();
    }

    fn refuses(&self, said: &[&str]) {
        let opened = open_in(self.path(), self.path(), PlateReaderSettings::default());
        let error = opened.err().map(|error| error.to_string()).unwrap();
        for part in said {
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
    }
}

const DETECTOR: &str = "ppocr-v6-det/PP-OCRv6_det_small.onnx";
const DETECTOR_SHA: &str = "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f";
const RECOGNISER: &str = "ppocr-v4-rec/ch_PP-OCRv4_rec_infer.onnx";
const RECOGNISER_SHA: &str = "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b";

#[test]
fn an_empty_model_folder_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let error = open_in(&root().join("models"), empty.path(), PlateReaderSettings::default());
    let error = error.err().unwrap().to_string();
    assert!(error.contains(DETECTOR) && error.contains("giaolo models fetch"), "{error}");
    let error = open_in(empty.path(), empty.path(), PlateReaderSettings::default());
    let error = error.err().unwrap().to_string();
    assert!(error.contains("ppocr-v6-det"), "{error}");
}

#[test]
fn damaged_and_wrong_models_are_named() {
    let copy = Copy::new();
    let mut bytes = fs::read(copy.path().join(RECOGNISER)).unwrap();
    bytes[5000] ^= 1;
    fs::write(copy.path().join(RECOGNISER), bytes).unwrap();
    copy.refuses(&[RECOGNISER, "SHA-256", "giaolo models fetch"]);

    // The registry agrees with each of these; only the model is another one.
    let copy = Copy::new();
    copy.change("ppocr-v6-det.toml", &[(DETECTOR, RECOGNISER), (DETECTOR_SHA, RECOGNISER_SHA)]);
    copy.refuses(&[RECOGNISER, "`fetch_name_0` is missing"]);

    let copy = Copy::new();
    let changes = [
        (DETECTOR, RECOGNISER),
        (DETECTOR_SHA, RECOGNISER_SHA),
        ("fetch_name_0", "softmax_11.tmp_0"),
    ];
    copy.change("ppocr-v6-det.toml", &changes);
    copy.refuses(&[RECOGNISER, "does not fit its registry entry"]);

    let copy = Copy::new();
    let changes = [
        (RECOGNISER, DETECTOR),
        (RECOGNISER_SHA, DETECTOR_SHA),
        ("softmax_11.tmp_0", "fetch_name_0"),
    ];
    copy.change("ppocr-v4-rec.toml", &changes);
    copy.refuses(&[DETECTOR, "`character`"]);

    let copy = Copy::new();
    copy.change("ppocr-v6-det.toml", &[("name = \"x\"", "name = \"images\"")]);
    copy.refuses(&["`images`", "[\"x\"]"]);

    let copy = Copy::new();
    let no_model = b"this is no model";
    fs::write(copy.path().join(DETECTOR), no_model).unwrap();
    let sha: String = Sha256::digest(no_model).iter().map(|byte| format!("{byte:02x}")).collect();
    copy.change("ppocr-v6-det.toml", &[(DETECTOR_SHA, &sha)]);
    copy.refuses(&["cannot load model", DETECTOR]);
}

#[test]
fn the_wrong_task_and_an_unknown_name_are_said() {
    for (settings, said) in [
        (
            PlateReaderSettings {
                detector: "ppocr-v4-rec".to_owned(),
                ..PlateReaderSettings::default()
            },
            "`ppocr-v4-rec` is for read-text; a model for find-text is needed",
        ),
        (
            PlateReaderSettings {
                recogniser: "nanodet-g".to_owned(),
                ..PlateReaderSettings::default()
            },
            "`nanodet-g` is for detect-road-users",
        ),
        (
            PlateReaderSettings { recogniser: "alpr".to_owned(), ..PlateReaderSettings::default() },
            "no model is named `alpr`",
        ),
    ] {
        let error = open(settings).err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
    }
}
