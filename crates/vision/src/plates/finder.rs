//! Where lines of text stand on a crop: the model that gives each pixel a probability.

use giaolo_domain::{PixelPoint, TextLine};
use opencv::{
    core::{CV_8UC3, Mat, MatTraitConst, Scalar, Size, ToInputArray},
    imgproc,
};

use super::{
    ModelUsed, PlateReaderSettings,
    islands::{self, Thresholds},
    session::{TextSession, picture_error, trial},
};
use crate::{
    error::VisionError,
    registry::Registry,
    runtime::{ExecutionProvider, Runtime},
};

pub(super) struct Finder {
    session: TextSession,
    multiple: u32,
    thresholds: Thresholds,
    tensor: Vec<f32>,
}

impl Finder {
    pub fn open(
        runtime: &Runtime,
        registry: &Registry,
        provider: ExecutionProvider,
        settings: &PlateReaderSettings,
    ) -> Result<Self, VisionError> {
        let entry = registry.entry(&settings.detector)?;
        let task = entry.text_finder()?;
        let session = TextSession::open(runtime, registry, provider, entry, &task.output)?;
        let thresholds = Thresholds {
            pixel: settings.pixel_score,
            line: settings.box_score,
            unclip: settings.unclip,
        };
        let mut finder = Self { session, multiple: task.multiple, thresholds, tensor: Vec::new() };
        // Not square, so that a model that swaps width and height is found out.
        let (width, height) = (96, 64);
        let grey = Mat::new_rows_cols_with_default(height, width, CV_8UC3, Scalar::all(114.0))
            .map_err(picture_error(width, height))?;
        trial(finder.find(&grey, 96))?;
        Ok(finder)
    }

    pub fn model(&self) -> &ModelUsed {
        self.session.model()
    }

    /// Lines on a picture (8 bit, red first), their corners in its pixels, nothing read. The picture
    /// is scaled so that its longer side has `side` pixels, and stretched to whole multiples.
    pub fn find(
        &mut self,
        picture: &(impl MatTraitConst + ToInputArray),
        side: u32,
    ) -> Result<Vec<TextLine>, VisionError> {
        let (width, height) = (picture.cols(), picture.rows());
        let failed = picture_error(width, height);
        let scale = side as f32 / width.max(height) as f32;
        let fit = |length: i32| {
            let multiple = self.multiple as f32;
            (multiple * (length as f32 * scale / multiple).round().max(1.0)) as i32
        };
        let (across, down) = (fit(width), fit(height));
        let how = if scale < 1.0 { imgproc::INTER_AREA } else { imgproc::INTER_LINEAR };
        let mut scaled = Mat::default();
        imgproc::resize(picture, &mut scaled, Size::new(across, down), 0.0, 0.0, how)
            .map_err(&failed)?;

        let (columns, rows) = (across as usize, down as usize);
        self.tensor.resize(3 * columns * rows, 0.0);
        self.session.fill(&scaled, &mut self.tensor, columns).map_err(&failed)?;
        let thresholds = self.thresholds;
        let mut lines = self.session.run(&self.tensor, (columns, rows), |map| {
            if map.shape() != [1, 1, rows, columns] {
                let shape = map.shape();
                return Err(format!("its output is {shape:?}, expected [1, 1, {rows}, {columns}]"));
            }
            let map = map.as_standard_layout();
            let map = map.as_slice().ok_or("its output is not in one piece")?;
            islands::lines(map, columns, thresholds).map_err(|error| error.message)
        })?;
        let (x_scale, y_scale) = (width as f32 / across as f32, height as f32 / down as f32);
        for line in &mut lines {
            line.corners = islands::in_reading_order(
                line.corners.map(|p| PixelPoint { x: p.x * x_scale, y: p.y * y_scale }),
            );
            line.cut = reaches_the_edge(&line.corners, width as f32, height as f32);
        }
        Ok(lines)
    }
}

/// Whether a line ends less than a pixel from the edge of its picture: it may go on beyond.
fn reaches_the_edge(corners: &[PixelPoint; 4], width: f32, height: f32) -> bool {
    corners.iter().any(|p| p.x < 1.0 || p.y < 1.0 || p.x > width - 1.0 || p.y > height - 1.0)
}
