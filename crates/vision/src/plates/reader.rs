//! The characters of one line: the model that gives each character at each step a probability.

use giaolo_domain::ReadChar;
use opencv::core::{CV_8UC3, Mat, MatTraitConst, Scalar};

use super::{
    ModelUsed, PlateReaderSettings,
    ctc::Alphabet,
    session::{TextSession, picture_error, trial},
};
use crate::{
    error::VisionError,
    registry::Registry,
    runtime::{ExecutionProvider, Runtime},
};

pub(super) struct Reader {
    session: TextSession,
    alphabet: Alphabet,
    height: u32,
    least_width: usize,
    tensor: Vec<f32>,
}

impl Reader {
    pub fn open(
        runtime: &Runtime,
        registry: &Registry,
        provider: ExecutionProvider,
        settings: &PlateReaderSettings,
    ) -> Result<Self, VisionError> {
        let entry = registry.entry(&settings.recogniser)?;
        let task = entry.text_reader()?;
        let session = TextSession::open(runtime, registry, provider, entry, &task.output)?;
        let characters = session.metadata("character")?;
        let alphabet = Alphabet::new(&characters, settings.char_score, settings.other_score)
            .map_err(|reason| VisionError::Shape { path: session.path().to_owned(), reason })?;
        let mut reader = Self {
            session,
            alphabet,
            height: task.height,
            least_width: task.least_width as usize,
            tensor: Vec::new(),
        };
        let (width, height) = (task.least_width as i32, task.height as i32);
        let grey = Mat::new_rows_cols_with_default(height, width, CV_8UC3, Scalar::all(114.0))
            .map_err(picture_error(width, height))?;
        trial(reader.read(&grey))?;
        Ok(reader)
    }

    pub fn model(&self) -> &ModelUsed {
        self.session.model()
    }

    /// Height in pixels of the lines that it reads.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The characters of a line (8 bit, red first, [`Self::height`] high), from left to right.
    pub fn read(&mut self, line: &Mat) -> Result<Vec<ReadChar>, VisionError> {
        let width = self.least_width.max(line.cols() as usize);
        let height = self.height as usize;
        self.tensor.clear();
        self.tensor.resize(3 * width * height, 0.0);
        self.session
            .fill(line, &mut self.tensor, width)
            .map_err(picture_error(line.cols(), line.rows()))?;
        let Self { session, alphabet, tensor, .. } = self;
        let filled = line.cols() as f32 / width as f32;
        session.run(tensor, (width, height), |steps| alphabet.read(steps, filled))
    }
}
