//! Reads the plates on a photo or a still: no track, no votes over time, and no scene.
//!
//! Photos are often close-ups, on which a detector that was made for streets sees no vehicle. So the
//! whole picture is looked at once, and then each vehicle that showed no sure plate by itself. A plate
//! that is still not sure gets one more look from near.

use std::{io::Cursor, path::Path, time::Duration};

use giaolo_domain::{
    ClassGroup, Detection, FrameTime, MediaTime, PixelBox, PixelRect, PlateLook, PlateReading,
    RoadUserClass, TextLine,
};
use giaolo_media::Frame;
use giaolo_plate::{Grammar, VerdictSettings, Votes, find_plate, is_settled};
use giaolo_vision::{
    DetectorSession, ExecutionProvider, InputPlan, PlateReader, PlateReaderSettings, Preparer,
    Registry, Runtime, plate_colour,
};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};
use serde::Serialize;

use crate::{
    clock::process_cpu,
    error::PipelineError,
    open::DEFAULT_MODEL,
    plates::{
        look::{goes_on_outside, moved},
        read_grammar,
        zone::pixels_of,
    },
    settings::Installation,
};

/// Score from which a detection is looked at.
const LEAST_SCORE: f32 = 0.3;
/// Two detections of whatever class that overlap so much are one vehicle.
const SAME_VEHICLE: f32 = 0.6;
/// Two boxes of plates that overlap so much are one plate.
const SAME_PLATE: f32 = 0.2;
/// Longer side to which the whole picture is scaled, in pixels.
const WHOLE_SIDE: u32 = 576;
/// Longer side to which a vehicle and a plate from near are scaled, in pixels.
const NEAR_SIDE: u32 = 320;
/// The same for a bus or lorry, on which a plate is small beside the whole, and the upper share of it
/// that is not looked at.
const HEAVY_SIDE: u32 = 480;
const HEAVY_UPPER: f32 = 0.4;
/// How much a vehicle's box grows on each side: detectors cut a plate at the bumper now and then.
const VEHICLE_MARGIN: f32 = 0.06;
/// Room around a plate that is looked at again, as a share of its width.
const NEAR_MARGIN: f32 = 0.6;
/// A picture with fewer pixels on a side shows nothing that could be read.
const LEAST_SIDE: u32 = 16;
/// Pixels that a picture may have: 100 megapixels, 300 MB as colours.
const MOST_BYTES: u64 = 400 << 20;
const MOST_SIDE: u32 = 20_000;

/// A plate on a picture.
#[derive(Clone, Debug, Serialize)]
pub struct StillPlate {
    /// The box around its text, in pixels of the picture.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
    /// The vehicle that carries it, where one was detected.
    pub vehicle: Option<StillVehicle>,
    /// What it says.
    pub reading: PlateReading,
}

/// A vehicle on a picture.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StillVehicle {
    /// What it is.
    pub class: RoadUserClass,
    /// How sure that is, 0 to 1.
    pub score: f32,
    /// Where, in pixels of the picture.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
}

/// All that was found on a picture.
#[derive(Clone, Debug, Default)]
pub struct Still {
    /// Vehicles whose plate was looked for, detected or not.
    pub vehicles: u64,
    /// Plates, the left ones first.
    pub plates: Vec<StillPlate>,
    /// Processor time spent on finding and reading text, without the vehicle detector.
    pub cpu: Duration,
}

/// Reads pictures, one after another.
pub struct StillReader {
    detector: DetectorSession,
    reader: PlateReader,
    grammar: Grammar,
    verdicts: VerdictSettings,
}

/// Reads a picture file: JPEG or PNG, upright as its EXIF says.
///
/// # Errors
/// A file that cannot be read, is no picture, is broken or is too large.
pub fn read_picture(path: &Path) -> Result<RgbImage, PipelineError> {
    let wrong = |reason: String| PipelineError::Table { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(PipelineError::io("read", path))?;
    if is_cut_jpeg(&bytes) {
        return Err(wrong("the file ends in the middle of the picture".to_owned()));
    }
    let reader = ImageReader::new(Cursor::new(bytes));
    let mut reader = reader.with_guessed_format().map_err(PipelineError::io("read", path))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader
        .into_decoder()
        .map_err(|error| wrong(format!("it is no JPEG or PNG picture: {error}")))?;
    let orientation = decoder.orientation().map_err(|error| wrong(error.to_string()))?;
    let mut picture = DynamicImage::from_decoder(decoder)
        .map_err(|error| wrong(format!("the picture is broken: {error}")))?;
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// Whether a JPEG has no end: the decoder would fill what is missing with grey and say nothing.
///
/// Walks from marker to marker up to the end of the image; what cameras append behind it is not
/// looked at. Broken in another way is for the decoder to tell.
fn is_cut_jpeg(bytes: &[u8]) -> bool {
    const END_OF_IMAGE: u8 = 0xD9;
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return false;
    }
    let mut at = 2;
    while let Some(marker) = bytes.get(at + 1) {
        match (bytes[at], *marker) {
            (0xFF, END_OF_IMAGE) => return false,
            // A marker with a segment, whose length stands behind it.
            (0xFF, 0xC0..=0xCF | 0xDA..=0xFE) => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return true };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
            // Everything else lies within a scan: data, stuffed bytes, restarts, padding.
            _ => at += 1,
        }
    }
    true
}

impl StillReader {
    /// Opens the default detector, the plate reader and the grammar.
    ///
    /// # Errors
    /// Models that are not there or do not fit, and mistakes in the grammar.
    pub fn open(
        installation: &Installation,
        provider: ExecutionProvider,
    ) -> Result<Self, PipelineError> {
        let registry = Registry::load(&installation.models, &installation.weights)?;
        let runtime = Runtime::load(&installation.onnxruntime)?;
        let entry = registry.entry(DEFAULT_MODEL)?;
        let detector = DetectorSession::open(&runtime, &registry, entry, None, provider, &[])?;
        let mut settings = PlateReaderSettings { max_lines: 12, ..PlateReaderSettings::default() };
        // A picture may show a plate and nothing else.
        settings.geometry.most_height_share = 1.0;
        let reader = PlateReader::open_with(&runtime, &registry, provider, settings)?;
        let grammar = read_grammar(installation)?;
        let verdicts = grammar.verdict_settings().clone();
        Ok(Self { detector, reader, grammar, verdicts })
    }

    /// Reads all plates on a picture.
    ///
    /// # Errors
    /// Where a model refuses the picture.
    pub fn read(&mut self, picture: &RgbImage) -> Result<Still, PipelineError> {
        let (width, height) = picture.dimensions();
        if width < LEAST_SIDE || height < LEAST_SIDE {
            return Ok(Still::default());
        }
        let vehicles = self.vehicles(picture)?;
        let began = process_cpu();
        let whole = PixelRect { x: 0, y: 0, width, height };
        let mut found = Found::default();
        self.look(picture, whole, WHOLE_SIDE, &vehicles, &mut found)?;
        let mut nowhere = 0;
        for vehicle in &vehicles {
            // Lorries and buses carry their number in large letters too: a sure read may be those.
            let heavy = vehicle.class.group() == ClassGroup::Heavy;
            let answered = found
                .plates
                .iter()
                .any(|plate| contains(&vehicle.bbox, &plate.bbox) && self.is_settled(plate));
            if heavy || !answered {
                let (x, y) = (vehicle.bbox.width(), vehicle.bbox.height());
                let mut part = vehicle.bbox;
                part.y1 += if heavy { HEAVY_UPPER * y } else { 0.0 };
                let side = if heavy { HEAVY_SIDE } else { NEAR_SIDE };
                let rect = grown(&part, VEHICLE_MARGIN * x, VEHICLE_MARGIN * y, (width, height));
                self.look(picture, rect, side, &vehicles, &mut found)?;
            }
        }
        for at in 0..found.plates.len() {
            let plate = &found.plates[at];
            if !self.is_settled(plate) {
                let margin = NEAR_MARGIN * plate.bbox.width();
                let rect = grown(&plate.bbox, margin, margin, (width, height));
                self.look(picture, rect, NEAR_SIDE, &vehicles, &mut found)?;
            }
        }
        let mut plates: Vec<StillPlate> = Vec::new();
        for plate in &found.plates {
            let vehicle = carrier(&vehicles, &plate.bbox);
            nowhere += u64::from(vehicle.is_none());
            let reading = self.reading(plate);
            plates.push(StillPlate { bbox: plate.bbox, vehicle, reading });
        }
        drop_painted(&mut plates);
        plates.sort_by(|a, b| a.bbox.x1.total_cmp(&b.bbox.x1));
        let cpu = process_cpu().saturating_sub(began);
        Ok(Still { vehicles: vehicles.len() as u64 + nowhere, plates, cpu })
    }

    fn vehicles(&mut self, picture: &RgbImage) -> Result<Vec<StillVehicle>, PipelineError> {
        let frame = Frame::from_rgb(picture, FrameTime { frame: 0, time: MediaTime(0) })?;
        let plan = InputPlan::new(picture.dimensions(), None, (1, 1), self.detector.size());
        let mut preparer = Preparer::new(plan, &self.detector.entry().input);
        let mut prepared = preparer.empty();
        preparer.fill(&frame, &mut prepared)?;
        let outputs = self.detector.run(&prepared)?;
        let mut seen = giaolo_vision::finish(outputs, &prepared);
        seen.retain(|d| d.score >= LEAST_SCORE && d.class != RoadUserClass::Pedestrian);
        seen.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut vehicles: Vec<StillVehicle> = Vec::new();
        for Detection { bbox, class, score, .. } in seen {
            if vehicles.iter().all(|other| other.bbox.iou(&bbox) < SAME_VEHICLE) {
                vehicles.push(StillVehicle { class, score, bbox });
            }
        }
        Ok(vehicles)
    }

    /// Looks for plates in a part of the picture and adds what it sees.
    fn look(
        &mut self,
        picture: &RgbImage,
        rect: PixelRect,
        side: u32,
        vehicles: &[StillVehicle],
        found: &mut Found,
    ) -> Result<(), PipelineError> {
        if rect.width < LEAST_SIDE || rect.height < LEAST_SIDE {
            return Ok(());
        }
        let part =
            image::imageops::crop_imm(picture, rect.x, rect.y, rect.width, rect.height).to_image();
        let mut lines = self.reader.lines_at(&part, side)?;
        // It is seen whole by another look.
        lines.retain(|line| !goes_on_outside(line, rect, picture.dimensions()));
        let at = FrameTime { frame: 0, time: MediaTime(0) };
        loop {
            let class = None;
            let mut colour = |lines: &[&TextLine]| plate_colour(&part, lines);
            let Some(look) = find_plate(&self.grammar, &lines, at, class, &mut colour) else {
                return Ok(());
            };
            lines.retain(|line| !look.lines.contains(line));
            found.add(moved(look, rect), vehicles);
        }
    }

    fn reading(&self, plate: &FoundPlate) -> PlateReading {
        plate.votes.reading(&self.grammar, plate.class, &self.verdicts)
    }

    fn is_settled(&self, plate: &FoundPlate) -> bool {
        is_settled(&self.reading(plate))
    }
}

#[derive(Default)]
struct Found {
    plates: Vec<FoundPlate>,
}

struct FoundPlate {
    bbox: PixelBox,
    class: Option<RoadUserClass>,
    votes: Votes,
}

impl Found {
    fn add(&mut self, look: PlateLook, vehicles: &[StillVehicle]) {
        let bbox = look.bbox();
        match self.plates.iter_mut().find(|plate| plate.bbox.iou(&bbox) >= SAME_PLATE) {
            Some(plate) => plate.votes.add(look),
            None => {
                let mut votes = Votes::new();
                votes.add(look);
                let class = carrier(vehicles, &bbox).map(|vehicle| vehicle.class);
                self.plates.push(FoundPlate { bbox, class, votes });
            }
        }
    }
}

/// Of one text twice on one vehicle the lower one is the plate, the other is painted on the body.
fn drop_painted(plates: &mut Vec<StillPlate>) {
    let painted = |upper: &StillPlate, all: &[StillPlate]| {
        let Some(vehicle) = &upper.vehicle else { return false };
        all.iter().any(|lower| {
            lower.bbox.y1 > upper.bbox.y1
                && lower.reading.text == upper.reading.text
                && !lower.reading.text.is_empty()
                && contains(&vehicle.bbox, &lower.bbox)
        })
    };
    let all = plates.clone();
    plates.retain(|plate| !painted(plate, &all));
}

/// The smallest vehicle around a plate: a rider in front of a bus is within the bus's box too.
fn carrier(vehicles: &[StillVehicle], plate: &PixelBox) -> Option<StillVehicle> {
    let around = vehicles.iter().filter(|vehicle| contains(&vehicle.bbox, plate));
    around.min_by(|a, b| a.bbox.area().total_cmp(&b.bbox.area())).copied()
}

fn contains(vehicle: &PixelBox, plate: &PixelBox) -> bool {
    let (x, y) = ((plate.x1 + plate.x2) / 2.0, (plate.y1 + plate.y2) / 2.0);
    (vehicle.x1..=vehicle.x2).contains(&x) && (vehicle.y1..=vehicle.y2).contains(&y)
}

fn grown(bbox: &PixelBox, by_x: f32, by_y: f32, picture: (u32, u32)) -> PixelRect {
    let wide = PixelBox::new(bbox.x1 - by_x, bbox.y1 - by_y, bbox.x2 + by_x, bbox.y2 + by_y);
    pixels_of(&wide, picture)
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;

    use super::*;

    #[test]
    fn a_jpeg_that_ends_too_early_is_told_from_a_whole_one() {
        let picture = RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 3, y as u8 * 5, 7]));
        let mut whole = Vec::new();
        JpegEncoder::new(&mut whole).encode_image(&picture).unwrap();
        assert!(!is_cut_jpeg(&whole));
        for share in [0.2, 0.5, 0.9] {
            let part = &whole[..(whole.len() as f64 * share) as usize];
            assert!(is_cut_jpeg(part), "{share}");
        }
        // What cameras append behind the picture does not make it broken, even where it looks like a
        // scan, and a PNG is no JPEG.
        whole.extend_from_slice(b"appended \xFF\xDA by a telephone");
        assert!(!is_cut_jpeg(&whole) && !is_cut_jpeg(b"\x89PNG"));
    }
}
