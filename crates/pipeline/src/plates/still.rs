//! Reads the plates on a photo or a still: no track, no votes over time, and no scene.
//!
//! Photos are often close-ups, on which a detector that was made for streets sees no vehicle. So the
//! whole picture is looked at once, and then each vehicle that showed no sure plate by itself. A plate
//! that is still not sure gets one more look from near.

use std::{path::Path, time::Duration};

use giaolo_domain::{
    Detection, FrameTime, MediaTime, PixelBox, PixelRect, PlateLook, PlateReading, PlateVerdict,
    RoadUserClass, TextLine,
};
use giaolo_media::Frame;
use giaolo_plate::{Grammar, VerdictSettings, Votes, find_plate};
use giaolo_vision::{
    DetectorSession, ExecutionProvider, InputPlan, PlateReader, PlateReaderSettings, Preparer,
    Registry, Runtime, plate_colour,
};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};
use serde::Serialize;

use crate::{
    clock::process_cpu, error::PipelineError, open::DEFAULT_MODEL, plates::read_grammar,
    settings::Installation,
};

/// Score from which a detection is looked at.
const LEAST_SCORE: f32 = 0.3;
/// Two detections of whatever class that overlap so much are one vehicle.
const SAME_VEHICLE: f32 = 0.6;
/// Two boxes of plates that overlap so much are one plate.
const SAME_PLATE: f32 = 0.2;
/// Longer side to which the whole picture is scaled, in pixels.
const WHOLE_SIDE: u32 = 640;
/// Longer side to which a vehicle and a plate from near are scaled, in pixels.
const NEAR_SIDE: u32 = 320;
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
    let reader = ImageReader::open(path).map_err(PipelineError::io("read", path))?;
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
        let settings = PlateReaderSettings { max_lines: 12, ..PlateReaderSettings::default() };
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
            let inside = found
                .plates
                .iter()
                .any(|plate| self.is_sure(plate) && contains(&vehicle.bbox, &plate.bbox));
            if !inside {
                let rect = grown(
                    &vehicle.bbox,
                    VEHICLE_MARGIN * vehicle.bbox.width(),
                    VEHICLE_MARGIN * vehicle.bbox.height(),
                    whole,
                );
                self.look(picture, rect, NEAR_SIDE, &vehicles, &mut found)?;
            }
        }
        for at in 0..found.plates.len() {
            let plate = &found.plates[at];
            if !self.is_sure(plate) {
                let margin = NEAR_MARGIN * plate.bbox.width();
                let rect = grown(&plate.bbox, margin, margin, whole);
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
        // At the part's own edge a line goes on outside it, and is seen whole by another look.
        lines.retain(|line| !line.cut || is_at_edge(line, rect, picture.dimensions()));
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

    fn is_sure(&self, plate: &FoundPlate) -> bool {
        self.reading(plate).verdict == PlateVerdict::Sure
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

/// The smallest vehicle around a plate: a rider in front of a bus is within the bus's box too.
fn carrier(vehicles: &[StillVehicle], plate: &PixelBox) -> Option<StillVehicle> {
    let around = vehicles.iter().filter(|vehicle| contains(&vehicle.bbox, plate));
    around.min_by(|a, b| a.bbox.area().total_cmp(&b.bbox.area())).copied()
}

fn contains(vehicle: &PixelBox, plate: &PixelBox) -> bool {
    let (x, y) = ((plate.x1 + plate.x2) / 2.0, (plate.y1 + plate.y2) / 2.0);
    (vehicle.x1..=vehicle.x2).contains(&x) && (vehicle.y1..=vehicle.y2).contains(&y)
}

fn moved(mut look: PlateLook, rect: PixelRect) -> PlateLook {
    for corner in look.lines.iter_mut().flat_map(|line| &mut line.corners) {
        corner.x += rect.x as f32;
        corner.y += rect.y as f32;
    }
    look
}

/// Whether a cut line is cut by the picture itself.
fn is_at_edge(line: &TextLine, rect: PixelRect, (width, height): (u32, u32)) -> bool {
    let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
    let beyond = |inside: &dyn Fn(f32, f32) -> bool| line.corners.iter().any(|c| inside(c.x, c.y));
    let by_left = beyond(&|x, _| x <= 1.0);
    let by_top = beyond(&|_, y| y <= 1.0);
    let by_right = beyond(&|x, _| x >= rect.width as f32 - 1.0);
    let by_bottom = beyond(&|_, y| y >= rect.height as f32 - 1.0);
    let inner = (by_left && rect.x > 0)
        || (by_top && rect.y > 0)
        || (by_right && right < width)
        || (by_bottom && bottom < height);
    !inner
}

fn grown(bbox: &PixelBox, by_x: f32, by_y: f32, picture: PixelRect) -> PixelRect {
    let wide = PixelBox::new(bbox.x1 - by_x, bbox.y1 - by_y, bbox.x2 + by_x, bbox.y2 + by_y)
        .clamped(picture.width as f32, picture.height as f32);
    let (x, y) = (wide.x1 as u32, wide.y1 as u32);
    PixelRect {
        x,
        y,
        width: (wide.x2.ceil() as u32).min(picture.width).saturating_sub(x),
        height: (wide.y2.ceil() as u32).min(picture.height).saturating_sub(y),
    }
}
