//! Lines of text on a vehicle's crop: found, cut out of the full-resolution crop, read.
//!
//! There is no plate detector: a finder of text ([`finder`]) marks every line on the crop, geometry
//! alone ([`geometry`]) rejects what cannot be a line of a plate, each line that is left is warped out
//! of the crop ([`warp`]) and read ([`reader`]). Which lines are a plate is not decided here. Costs
//! are one run of the finder for a crop and one of the reader for a line; both on the calling thread.

mod colour;
mod ctc;
mod finder;
mod geometry;
mod islands;
mod reader;
mod session;
mod settings;
mod sharpness;
mod warp;

use std::time::Instant;

use giaolo_domain::TextLine;
use image::RgbImage;
use opencv::core::{Mat, Vec3b};

pub use colour::plate_colour;
pub use settings::{LineGeometry, PlateReaderSettings, PlateTimings};
pub use sharpness::sharpness;

use crate::{
    error::VisionError,
    registry::{Precision, Registry},
    runtime::{ExecutionProvider, Runtime},
};
use finder::Finder;
use reader::Reader;

/// A crop that is smaller than this in a direction holds no line that could be read.
const LEAST_CROP_PX: u32 = 12;

/// Finds and reads lines of text, for one thread.
pub struct PlateReader {
    finder: Finder,
    reader: Reader,
    settings: PlateReaderSettings,
    timings: PlateTimings,
}

/// A model file that took part, for the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUsed {
    /// Its name in the registry.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// How it is stored.
    pub precision: Precision,
}

impl PlateReader {
    /// Opens both models of the default settings, checked, and tries each once.
    ///
    /// # Errors
    /// Everything of [`VisionError`] that concerns a model.
    pub fn open(
        runtime: &Runtime,
        registry: &Registry,
        provider: ExecutionProvider,
    ) -> Result<Self, VisionError> {
        Self::open_with(runtime, registry, provider, PlateReaderSettings::default())
    }

    /// The same with other settings.
    ///
    /// # Errors
    /// `Setting` for a setting out of its range; everything that concerns a model.
    pub fn open_with(
        runtime: &Runtime,
        registry: &Registry,
        provider: ExecutionProvider,
        settings: PlateReaderSettings,
    ) -> Result<Self, VisionError> {
        settings.check()?;
        let finder = Finder::open(runtime, registry, provider, &settings)?;
        let reader = Reader::open(runtime, registry, provider, &settings)?;
        Ok(Self { finder, reader, settings, timings: PlateTimings::default() })
    }

    /// The lines of text on `crop`, from top to bottom, corners in its pixels. A line on which no
    /// character of A to Z and 0 to 9 stands out has no characters.
    ///
    /// # Errors
    /// `Run` or `Crop` where ONNX Runtime or OpenCV fails; a crop without text is none.
    pub fn lines(&mut self, crop: &RgbImage) -> Result<Vec<TextLine>, VisionError> {
        self.lines_at(crop, self.settings.detector_side)
    }

    /// The same, with another size of the finder's input than that of the settings: a track's best
    /// crop is worth more pixels.
    ///
    /// # Errors
    /// As [`Self::lines`], and `Setting` for a side out of its range.
    pub fn lines_at(
        &mut self,
        crop: &RgbImage,
        detector_side: u32,
    ) -> Result<Vec<TextLine>, VisionError> {
        settings::check_side(detector_side)?;
        self.timings.crops += 1;
        let (width, height) = crop.dimensions();
        if width < LEAST_CROP_PX || height < LEAST_CROP_PX {
            return Ok(Vec::new());
        }
        let failed = session::picture_error(width as i32, height as i32);
        let pixels = Mat::new_rows_cols_with_bytes::<Vec3b>(
            height as i32,
            width as i32,
            crop.as_raw().as_slice(),
        )
        .map_err(&failed)?;

        let started = Instant::now();
        let found = self.finder.find(&pixels, detector_side)?;
        self.timings.detector_us += micros_since(started);
        self.timings.lines_found += found.len() as u64;

        let mut lines = geometry::choose(found, (width, height), &self.settings);
        let started = Instant::now();
        for line in &mut lines {
            let cut =
                warp::cut_line(&pixels, &line.corners, self.reader.height()).map_err(&failed)?;
            line.chars = self.reader.read(&cut)?;
        }
        self.timings.recogniser_us += micros_since(started);
        self.timings.lines_read += lines.len() as u64;
        Ok(lines)
    }

    /// What it did and how long it took since it was opened.
    pub fn timings(&self) -> PlateTimings {
        self.timings
    }

    /// The settings it was opened with.
    pub fn settings(&self) -> &PlateReaderSettings {
        &self.settings
    }

    /// The files that find and read, in this order.
    pub fn models(&self) -> [&ModelUsed; 2] {
        [self.finder.model(), self.reader.model()]
    }
}

fn micros_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}
