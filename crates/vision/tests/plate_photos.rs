//! Real photos of plates, cut to about what a vehicle detector would cut, held to a floor.
//!
//! The photos are people's own and no part of the repository: where they are not beside it, this
//! test says so and ends.
#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use std::path::{Path, PathBuf};

use giaolo_domain::{PixelBox, TextLine};
use giaolo_vision::{ExecutionProvider, PlateReader, Registry, Runtime};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage, imageops};

/// Of 53 plates, those whose every line is read exactly at 320 pixels, without any correction: 51
/// were when this was written. A character more or less is the processor's arithmetic.
const FLOOR: usize = 49;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// As the camera was held: phones write that into the file instead of turning the pixels.
fn photo(path: &Path) -> RgbImage {
    let reader = ImageReader::open(path).unwrap().with_guessed_format().unwrap();
    let mut decoder = reader.into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap();
    let mut photo = DynamicImage::from_decoder(decoder).unwrap();
    photo.apply_orientation(orientation);
    photo.to_rgb8()
}

/// About the vehicle around a plate, inside a picture of that size.
fn vehicle(plate: PixelBox, motorbike: bool, (width, height): (u32, u32)) -> PixelBox {
    let (wide, high) = if motorbike { (3.6, 5.4) } else { (4.5, 4.0) };
    let (half, tall) = (plate.width() * wide / 2.0, plate.width() * high);
    let middle = (plate.x1 + plate.x2) / 2.0;
    let top = plate.y1 - 0.55 * tall;
    PixelBox::new(middle - half, top, middle + half, top + tall)
        .clamped(width as f32, height as f32)
}

#[test]
fn the_lines_of_real_plates_are_read() {
    let folder = root().join("../shared/datasets/plates");
    let Ok(truth) = std::fs::read_to_string(folder.join("truth.csv")) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let runtime = Runtime::load(&root().join("var/lib/onnxruntime/libonnxruntime.so")).unwrap();
    let registry = Registry::load(&root().join("models"), &root().join("var/models")).unwrap();
    let mut reader = PlateReader::open(&runtime, &registry, ExecutionProvider::Cpu).unwrap();
    let (mut plates, mut right) = (0, 0);
    for row in truth.lines().skip(1) {
        let [file, plate, _, kind, x1, y1, x2, y2, ..] = *row.split(',').collect::<Vec<_>>() else {
            panic!("{row}");
        };
        let number = |text: &str| text.parse::<f32>().unwrap();
        let place = PixelBox::new(number(x1), number(y1), number(x2), number(y2));
        let photo = photo(&folder.join("images").join(file));
        let cut = vehicle(place, kind == "motorbike", photo.dimensions());
        let (width, height) = (cut.width() as u32, cut.height() as u32);
        let crop =
            imageops::crop_imm(&photo, cut.x1 as u32, cut.y1 as u32, width, height).to_image();
        let read: Vec<String> = reader.lines(&crop).unwrap().iter().map(TextLine::text).collect();
        let is_read = |line: &str| {
            let plain: String = line.chars().filter(char::is_ascii_alphanumeric).collect();
            read.contains(&plain)
        };
        plates += 1;
        right += usize::from(plate.split('/').all(is_read));
    }
    println!("{right} of {plates} plates, {:?}", reader.timings());
    assert!(right >= FLOOR, "{right} of {plates}");
}
