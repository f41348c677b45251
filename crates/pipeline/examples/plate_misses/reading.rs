//! Reads one staged vehicle as the plate stage reads a track: crop, lines, plate, votes; again with the
//! next crop until it is sure or has had its looks. Crop and number of looks are those of
//! `plates/zone.rs` and `plates/desk/held.rs`; whose plate it is, is no question here.

use std::path::PathBuf;

use giaolo_domain::{
    ClassGroup, FrameTime, MediaTime, PixelBox, PlateReading, PlateVerdict, RoadUserClass,
    TextLine, Unreadable,
};
use giaolo_pipeline::{Installation, plates::read_grammar};
use giaolo_plate::{Grammar, Votes, find_plate};
use giaolo_vision::{ExecutionProvider, PlateReader, Registry, Runtime, plate_colour};
use image::{RgbImage, imageops};

use crate::{Failure, staged::Staged};

const CROP_MARGIN: f32 = 0.06;
const MOST_LOOKS: usize = 3;
const FEW_LOOKS: usize = 2;
const NARROW_PX: f32 = 45.0;

/// A vehicle and what was read of it.
pub struct Outcome {
    pub staged: Staged,
    pub reading: PlateReading,
    pub looks: u32,
    /// The plate with some room, as the first look saw it.
    pub shown: RgbImage,
}

impl Outcome {
    pub fn is(&self, verdict: PlateVerdict) -> bool {
        self.reading.verdict == verdict
    }

    pub fn right(&self) -> bool {
        self.reading.text == self.staged.plate.normal()
    }

    /// For a list.
    pub fn in_words(&self) -> String {
        let Self { staged, reading, .. } = self;
        format!(
            "{} was read as {} ({}, score {:.3}), {:.0} px, {}, {:?}, {} looks, raw `{}`",
            staged.plate.printed(),
            reading.printed,
            reading.verdict.as_str(),
            reading.score,
            staged.width_px,
            staged.difficulty.in_words(),
            staged.kind,
            self.looks,
            reading.raw,
        )
    }
}

/// The models and the grammar.
pub struct Eyes {
    reader: PlateReader,
    grammar: Grammar,
}

impl Eyes {
    pub fn open() -> Result<Self, Failure> {
        let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let installation = Installation {
            models: home.join("models"),
            weights: home.join("var/models"),
            onnxruntime: home.join("var/lib/onnxruntime/libonnxruntime.so"),
            sanctions: home.join("configs/sanctions.csv"),
            violations: home.join("configs/violations.toml"),
            plates: home.join("configs/plates.toml"),
            signing_key: PathBuf::new(),
        };
        let runtime = Runtime::load(&installation.onnxruntime)?;
        let registry = Registry::load(&installation.models, &installation.weights)?;
        let reader = PlateReader::open(&runtime, &registry, ExecutionProvider::Cpu)?;
        Ok(Self { reader, grammar: read_grammar(&installation)? })
    }

    pub fn read(&mut self, staged: Staged) -> Result<Outcome, Failure> {
        let class = staged.class();
        let mut votes = Votes::new();
        let mut reading = PlateReading::unreadable(Unreadable::NoPlate);
        let mut shown = RgbImage::new(1, 1);
        let mut looks = 0;
        loop {
            let sight = staged.sight(looks)?;
            let crop = crop_of(class, &sight.body, &sight.picture);
            if looks == 0 {
                shown = around(&sight.plate, &sight.picture);
            }
            let mut lines = self.reader.lines_at(&crop, finder_side(class))?;
            // None of these crops ends at the picture's edge: a cut line goes on outside of it.
            lines.retain(|line| !line.cut);
            let at = FrameTime { frame: looks as u64, time: MediaTime(looks as i64 * 250_000) };
            let mut colour = |lines: &[&TextLine]| plate_colour(&crop, lines);
            if let Some(look) = find_plate(&self.grammar, &lines, at, Some(class), &mut colour) {
                votes.add(look);
            }
            if !votes.is_empty() {
                let settings = self.grammar.verdict_settings();
                reading = votes.reading(&self.grammar, Some(class), settings);
            }
            looks += 1;
            let narrow = staged.width_px < NARROW_PX;
            let most = match (votes.is_empty(), narrow) {
                (true, true) => 1,
                (true, false) | (false, true) => FEW_LOOKS,
                (false, false) => MOST_LOOKS,
            };
            if reading.verdict == PlateVerdict::Sure || looks >= most {
                return Ok(Outcome { staged, reading, looks: looks as u32, shown });
            }
        }
    }
}

/// As `finder_side` of the plate stage.
fn finder_side(class: RoadUserClass) -> u32 {
    match class.group() {
        ClassGroup::Car | ClassGroup::Heavy => 480,
        ClassGroup::TwoWheeler | ClassGroup::Pedestrian => 320,
    }
}

/// What the plate stage cuts out of a frame.
fn crop_of(class: RoadUserClass, body: &PixelBox, picture: &RgbImage) -> RgbImage {
    let left_out = match class {
        RoadUserClass::Motorbike => 0.25,
        RoadUserClass::Truck | RoadUserClass::Bus => 0.40,
        _ => 0.30,
    };
    let (dx, dy) = (body.width() * CROP_MARGIN, body.height() * CROP_MARGIN);
    let top = body.at_share(0.0, left_out).y;
    cut(&PixelBox::new(body.x1 - dx, top, body.x2 + dx, body.y2 + dy), picture)
}

fn around(plate: &PixelBox, picture: &RgbImage) -> RgbImage {
    let room = plate.width() * 0.12;
    let (x1, y1) = (plate.x1 - room, plate.y1 - room);
    cut(&PixelBox::new(x1, y1, plate.x2 + room, plate.y2 + room), picture)
}

fn cut(part: &PixelBox, picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let part = part.clamped(width as f32, height as f32);
    let (x, y) = (part.x1 as u32, part.y1 as u32);
    let (right, bottom) = ((part.x2.ceil() as u32).min(width), (part.y2.ceil() as u32).min(height));
    imageops::crop_imm(picture, x, y, right - x, bottom - y).to_image()
}
