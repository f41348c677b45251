//! One text model in one session: opened, checked against its entry, fed with pixels.

use std::path::{Path, PathBuf};

use ndarray::ArrayViewD;
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, Vec3b};
use ort::{session::Session, value::TensorRef};

use super::ModelUsed;
use crate::{
    error::VisionError,
    registry::{Channels, InputFormat, ModelEntry, Registry},
    runtime::{ExecutionProvider, Runtime, Shapes},
};

/// A model with one picture as input and one array as output.
pub(super) struct TextSession {
    session: Session,
    path: PathBuf,
    model: ModelUsed,
    output: String,
    /// Values of the input for 0..255, by the model's channel.
    values: [[f32; 256]; 3],
    channels: Channels,
}

impl TextSession {
    pub fn open(
        runtime: &Runtime,
        registry: &Registry,
        provider: ExecutionProvider,
        entry: &ModelEntry,
        output: &str,
    ) -> Result<Self, VisionError> {
        let file = entry.file(None, None, &[])?;
        let path = registry.path_of(file);
        let bytes = registry.read(file)?;
        let session = runtime.session(&bytes, &path, provider, Shapes::Any)?;
        check_names(&session, &path, &entry.input.name, output)?;
        let model = ModelUsed {
            name: entry.name.clone(),
            sha256: file.sha256.clone(),
            precision: file.precision,
        };
        let output = output.to_owned();
        let (values, channels) = (values_of(&entry.input), entry.input.channels);
        Ok(Self { session, path, model, output, values, channels })
    }

    pub fn model(&self) -> &ModelUsed {
        &self.model
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A text of the file's metadata.
    pub fn metadata(&self, key: &str) -> Result<String, VisionError> {
        let wrong = |reason| VisionError::Shape { path: self.path.clone(), reason };
        let metadata = self.session.metadata().map_err(|error| wrong(error.to_string()))?;
        metadata.custom(key).ok_or_else(|| wrong(format!("its metadata have no `{key}`")))
    }

    /// Writes a picture (8 bit, red first) into the upper left of planes of `width` pixels a row.
    pub fn fill(&self, picture: &Mat, tensor: &mut [f32], width: usize) -> opencv::Result<()> {
        let rows = picture.rows();
        let plane = tensor.len() / 3;
        for y in 0..rows {
            let row = picture.at_row::<Vec3b>(y)?;
            let at = y as usize * width;
            for (channel, values) in self.values.iter().enumerate() {
                let from = match self.channels {
                    Channels::Rgb => channel,
                    Channels::Bgr => 2 - channel,
                };
                let into = &mut tensor[channel * plane + at..][..row.len()];
                for (value, pixel) in into.iter_mut().zip(row) {
                    *value = values[usize::from(pixel[from])];
                }
            }
        }
        Ok(())
    }

    /// Runs the model on a tensor `[1, 3, height, width]` and reads its output.
    ///
    /// # Errors
    /// `Run` where ONNX Runtime refuses the input or `read` the output.
    pub fn run<T>(
        &mut self,
        tensor: &[f32],
        (width, height): (usize, usize),
        read: impl FnOnce(ArrayViewD<'_, f32>) -> Result<T, String>,
    ) -> Result<T, VisionError> {
        let Self { session, path, output, .. } = self;
        let failed = |reason: String| VisionError::Run { path: path.clone(), reason };
        let input = TensorRef::from_array_view(([1, 3, height, width], tensor))
            .map_err(|error| failed(error.to_string()))?;
        let outputs =
            session.run(ort::inputs![input]).map_err(|error| failed(error.to_string()))?;
        let value =
            outputs.get(&*output).ok_or_else(|| failed(format!("output `{output}` is missing")))?;
        let array = value.try_extract_array::<f32>().map_err(|error| failed(error.to_string()))?;
        read(array).map_err(failed)
    }
}

/// An error of OpenCV on a picture of that size.
pub(super) fn picture_error(width: i32, height: i32) -> impl Fn(opencv::Error) -> VisionError {
    let (width, height) = (width.unsigned_abs(), height.unsigned_abs());
    move |error| VisionError::Crop { width, height, reason: error.message }
}

/// A failed trial run says that the file does not fit its entry.
pub(super) fn trial<T>(result: Result<T, VisionError>) -> Result<T, VisionError> {
    result.map_err(|error| match error {
        VisionError::Run { path, reason } => VisionError::Shape { path, reason },
        other => other,
    })
}

fn check_names(
    session: &Session,
    path: &Path,
    input: &str,
    output: &str,
) -> Result<(), VisionError> {
    let wrong = |reason| Err(VisionError::Shape { path: path.to_owned(), reason });
    let inputs: Vec<&str> = session.inputs().iter().map(|i| i.name()).collect();
    if inputs != [input] {
        return wrong(format!("it has the inputs {inputs:?}, the registry names `{input}`"));
    }
    let outputs: Vec<&str> = session.outputs().iter().map(|o| o.name()).collect();
    if !outputs.contains(&output) {
        return wrong(format!("it has the outputs {outputs:?}, `{output}` is missing"));
    }
    Ok(())
}

fn values_of(format: &InputFormat) -> [[f32; 256]; 3] {
    let mut values = [[0.0; 256]; 3];
    for (channel, values) in values.iter_mut().enumerate() {
        for (pixel, value) in values.iter_mut().enumerate() {
            *value = (pixel as f32 * format.scale - format.mean[channel]) / format.std[channel];
        }
    }
    values
}
