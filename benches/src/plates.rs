//! One look at a vehicle's plate, beside the runs of the two models that it cannot do without.
//!
//! Vehicles are made up, three kinds, with plates of 60 to 100 pixels and the writing that such
//! vehicles carry. The bare side runs the same files on inputs of the shapes that the look gives them,
//! made before: one run of the finder for a vehicle, one of the recogniser for each line.

use giaolo_domain::{FrameTime, MediaTime, PlateReading, RoadUserClass, TextLine};
use giaolo_pipeline::plates::read_grammar;
use giaolo_plate::{Grammar, Votes, find_plate};
use giaolo_plate_render::{Kind, PlateMaker, Vehicle, VehicleKind};
use giaolo_vision::{ExecutionProvider, ModelEntry, PlateReader, Registry, Runtime, plate_colour};
use image::{RgbImage, imageops};
use ort::{
    session::{Session, builder::GraphOptimizationLevel},
    value::TensorRef,
};

use crate::{Bare, Case, Clock, Failure, footage::installation};

/// The upper part of a vehicle that the plate stage leaves out, and the road around it.
const UPPER: f32 = 0.3;

/// A vehicle as the plate stage cuts it out.
struct Crop {
    picture: RgbImage,
    class: RoadUserClass,
}

/// A tensor `[1, 3, height, width]`.
struct Input {
    values: Vec<f32>,
    width: u32,
    height: u32,
}

pub(crate) fn cases() -> Result<Vec<Case>, Failure> {
    let installed = installation(std::path::Path::new(""));
    let runtime = Runtime::load(&installed.onnxruntime)?;
    let registry = Registry::load(&installed.models, &installed.weights)?;
    let mut reader = PlateReader::open(&runtime, &registry, ExecutionProvider::Cpu)?;
    let grammar = read_grammar(&installed)?;
    let crops = crops()?;

    let (side, names) = (reader.settings().detector_side, reader.models().map(|m| m.name.clone()));
    let [finder, recogniser] = [registry.entry(&names[0])?, registry.entry(&names[1])?];
    let mut finds = Vec::new();
    let mut reads = Vec::new();
    for crop in &crops {
        finds.push(finder_input(&crop.picture, finder, side)?);
        for line in reader.lines(&crop.picture)? {
            reads.push(reader_input(&line, &crop.picture, recogniser)?);
        }
    }
    let (vehicles, lines) = (crops.len() as u64, reads.len());
    let mut bare_finder = bare(&runtime, &registry, finder)?;
    let mut bare_recogniser = bare(&runtime, &registry, recogniser)?;
    let ours = move || {
        for crop in &crops {
            std::hint::black_box(look(&mut reader, &grammar, crop)?);
        }
        Ok(vehicles)
    };
    let bare = move || {
        for input in &finds {
            run(&mut bare_finder, input)?;
        }
        for input in &reads {
            run(&mut bare_recogniser, input)?;
        }
        Ok(vehicles)
    };
    Ok(vec![Case {
        stage: (7, "plate look"),
        what: format!(
            "lines, plate, verdict of {vehicles} vehicles, {:.1} lines each",
            lines as f64 / vehicles as f64
        ),
        unit: "vehicle",
        clock: Clock::Processor,
        video_s: None,
        ours: Box::new(ours),
        bare: Some(Bare { what: "the two models alone, same shapes", work: Box::new(bare) }),
    }])
}

/// As the plate stage does it, with the verdict of this one look.
fn look(reader: &mut PlateReader, grammar: &Grammar, crop: &Crop) -> Result<PlateReading, Failure> {
    let lines = reader.lines(&crop.picture)?;
    let at = FrameTime { frame: 0, time: MediaTime(0) };
    let mut colour = |lines: &[&TextLine]| plate_colour(&crop.picture, lines);
    let mut votes = Votes::new();
    if let Some(look) = find_plate(grammar, &lines, at, Some(crop.class), &mut colour) {
        votes.add(look);
    }
    Ok(votes.reading(grammar, Some(crop.class), grammar.verdict_settings()))
}

fn crops() -> Result<Vec<Crop>, Failure> {
    let mut maker = PlateMaker::new(11);
    let mut crops = Vec::new();
    for (kind, class, plates) in [
        (
            VehicleKind::Motorbike,
            RoadUserClass::Motorbike,
            [Kind::Motorbike, Kind::MotorbikeBefore2025],
        ),
        (VehicleKind::Car, RoadUserClass::Car, [Kind::Car, Kind::CommercialCar]),
        (VehicleKind::Truck, RoadUserClass::Truck, [Kind::CommercialCar, Kind::Trailer]),
    ] {
        for (plate_kind, width_px) in plates.into_iter().zip([60.0, 100.0]) {
            let plate = maker.of(plate_kind);
            let scale = width_px / plate.form().geometry().width;
            let vehicle = Vehicle::with_usual_lettering(kind).with_plate(plate);
            let drawn = vehicle.draw((kind.picture_mm().0 * scale) as u32)?;
            let body = drawn.body;
            let top = body.at_share(0.0, UPPER).y as u32;
            let (x, width) = (body.x1 as u32, body.width() as u32);
            let height = body.y2 as u32 - top;
            let picture = imageops::crop_imm(&drawn.picture, x, top, width, height).to_image();
            crops.push(Crop { picture, class });
        }
    }
    Ok(crops)
}

/// A session with the settings that the product's have.
fn bare(runtime: &Runtime, registry: &Registry, entry: &ModelEntry) -> Result<Session, Failure> {
    let model = registry.read(entry.file(None, None, &[])?)?;
    Ok(session(runtime, &model)?)
}

fn session(runtime: &Runtime, model: &[u8]) -> ort::Result<Session> {
    Session::builder(runtime.environment())?
        .with_optimization_level(GraphOptimizationLevel::Level3)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_memory_pattern(false)?
        .commit_from_memory(model)
}

fn run(session: &mut Session, input: &Input) -> Result<(), Failure> {
    let shape = [1, 3, input.height as usize, input.width as usize];
    let tensor = TensorRef::from_array_view((shape, input.values.as_slice()))?;
    std::hint::black_box(session.run(ort::inputs![tensor])?);
    Ok(())
}

/// The crop with its longer side scaled to `side`, rounded to the model's multiple.
fn finder_input(picture: &RgbImage, entry: &ModelEntry, side: u32) -> Result<Input, Failure> {
    let multiple = entry.text_finder()?.multiple as f32;
    let (width, height) = picture.dimensions();
    let scale = side as f32 / width.max(height) as f32;
    let fit = |length: u32| (multiple * (length as f32 * scale / multiple).round().max(1.0)) as u32;
    Ok(input(picture, fit(width), fit(height), fit(width), entry))
}

/// The line's upright box, as high as the model reads it.
fn reader_input(line: &TextLine, crop: &RgbImage, entry: &ModelEntry) -> Result<Input, Failure> {
    let task = entry.text_reader()?;
    let [x, y] = [line.corners[0].x, line.corners[0].y].map(|at| at.max(0.0) as u32);
    let [across, down] = [line.width(), line.height()].map(|side| side.max(1.0));
    let part = imageops::crop_imm(crop, x, y, across as u32, down as u32).to_image();
    let width = ((across / down * task.height as f32).round() as u32).max(16);
    Ok(input(&part, width, task.height, width.max(task.least_width), entry))
}

/// The picture scaled to width and height, in a tensor so wide as `filled`.
fn input(picture: &RgbImage, width: u32, height: u32, filled: u32, entry: &ModelEntry) -> Input {
    let scaled = imageops::resize(picture, width, height, imageops::FilterType::Triangle);
    let format = &entry.input;
    let plane = (filled * height) as usize;
    let mut values = vec![0.0; 3 * plane];
    for (x, y, pixel) in scaled.enumerate_pixels() {
        for channel in 0..3 {
            let value = f32::from(pixel[channel]) * format.scale - format.mean[channel];
            values[channel * plane + (y * filled + x) as usize] = value / format.std[channel];
        }
    }
    Input { values, width: filled, height }
}
