//! A detector's session, and what happens to its outputs.
//!
//! [`DetectorSession::run`] does nothing but run the model and copy what passed the threshold, so
//! that the thread that owns it stays on the model. [`finish`] can run elsewhere.

use std::path::PathBuf;

use giaolo_domain::Detection;
use ort::{session::Session, value::TensorRef};

use crate::{
    appearance::appearance,
    decode::{Named, RawBox},
    error::VisionError,
    input::{InputPlan, Prepared},
    nms::suppress,
    registry::{ModelEntry, Registry, RoadUserDetector},
    runtime::{ExecutionProvider, Runtime, Shapes},
};

/// One model in one session, for one thread.
pub struct DetectorSession {
    session: Session,
    entry: ModelEntry,
    task: RoadUserDetector,
    size: (u32, u32),
    path: PathBuf,
    sha256: String,
}

/// The boxes of each input, before suppression, in input pixels.
#[derive(Clone, Debug, Default)]
pub struct RawOutputs(pub(crate) Vec<Vec<RawBox>>);

impl DetectorSession {
    /// Opens the file of `entry` for `size`, checked, and tries it on a grey input: a model of the
    /// wrong shape is found here and not in the middle of a night.
    ///
    /// # Errors
    /// Everything of [`VisionError`] that concerns a model.
    pub fn open(
        runtime: &Runtime,
        registry: &Registry,
        entry: &ModelEntry,
        size: Option<(u32, u32)>,
        provider: ExecutionProvider,
        accepted_licences: &[String],
    ) -> Result<Self, VisionError> {
        let task = entry.road_user_detector()?;
        let file = entry.file(size, None, accepted_licences)?;
        let size = file.size.unwrap_or(task.default_size);
        let path = registry.path_of(file);
        let bytes = registry.read(file)?;
        let session = runtime.session(&bytes, &path, provider, Shapes::One)?;
        let mut detector = Self {
            session,
            entry: entry.clone(),
            task: task.clone(),
            size,
            path,
            sha256: file.sha256.clone(),
        };
        detector.check_names()?;
        let grey = vec![0.0; 3 * size.0 as usize * size.1 as usize];
        detector.run_batch(&grey, 1).map_err(|error| match error {
            VisionError::Run { path, reason } => VisionError::Shape { path, reason },
            other => other,
        })?;
        Ok(detector)
    }

    /// Input width and height.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The registry entry.
    pub fn entry(&self) -> &ModelEntry {
        &self.entry
    }

    /// SHA-256 of the weights, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    fn check_names(&self) -> Result<(), VisionError> {
        let wrong = |reason| Err(VisionError::Shape { path: self.path.clone(), reason });
        let inputs: Vec<&str> = self.session.inputs().iter().map(|i| i.name()).collect();
        if inputs != [self.entry.input.name.as_str()] {
            return wrong(format!(
                "it has the inputs {inputs:?}, the registry names `{}`",
                self.entry.input.name
            ));
        }
        let outputs: Vec<&str> = self.session.outputs().iter().map(|o| o.name()).collect();
        for name in self.task.decoder.outputs() {
            let wanted = self.task.output_name(name);
            if !outputs.contains(&wanted) {
                return wrong(format!("it has the outputs {outputs:?}, `{wanted}` is missing"));
            }
        }
        Ok(())
    }

    /// Runs the model on a frame's inputs.
    ///
    /// # Errors
    /// `Run` where ONNX Runtime refuses the input or the outputs have another shape.
    pub fn run(&mut self, prepared: &Prepared) -> Result<RawOutputs, VisionError> {
        self.run_batch(&prepared.tensor, prepared.plan.views.len())
    }

    fn run_batch(&mut self, tensor: &[f32], batch: usize) -> Result<RawOutputs, VisionError> {
        let Self { session, task, size, path, .. } = self;
        let failed = |reason: String| VisionError::Run { path: path.clone(), reason };
        let shape = [batch, 3, size.1 as usize, size.0 as usize];
        let input = TensorRef::from_array_view((shape, tensor))
            .map_err(|error| failed(error.to_string()))?;
        let outputs =
            session.run(ort::inputs![input]).map_err(|error| failed(error.to_string()))?;
        let mut named: Vec<Named<'_>> = Vec::new();
        for name in task.decoder.outputs() {
            let own = task.output_name(name);
            let value =
                outputs.get(own).ok_or_else(|| failed(format!("output `{own}` is missing")))?;
            let array =
                value.try_extract_array::<f32>().map_err(|error| failed(error.to_string()))?;
            named.push((name, array));
        }
        task.decoder.decode(&named, task, *size).map(RawOutputs).map_err(failed)
    }
}

/// Detections of a frame in picture pixels, one for each thing seen, with their colours.
pub fn finish(outputs: RawOutputs, prepared: &Prepared) -> Vec<Detection> {
    let plan: &InputPlan = &prepared.plan;
    let mut detections = Vec::new();
    let mut planes = prepared.planes.as_slice();
    for (view, boxes) in plan.views.iter().zip(outputs.0) {
        let (own, rest) = planes.split_at(3 * (view.width * view.height) as usize);
        planes = rest;
        let in_view: Vec<(Detection, RawBox)> = boxes
            .into_iter()
            .map(|raw| {
                let bbox = view.to_picture(&raw.bbox);
                (Detection { bbox, class: raw.class, score: raw.score, appearance: None }, raw)
            })
            .filter(|(detection, _)| {
                plan.views.len() == 1 || !view.is_cut(&detection.bbox, plan.picture)
            })
            .collect();
        // Suppressing before colours are taken spares a hundred look-ups a frame.
        for mut kept in suppress(in_view.iter().map(|(detection, _)| *detection).collect()) {
            let raw = in_view.iter().find(|(detection, _)| *detection == kept);
            kept.appearance = raw.map(|(_, raw)| appearance(own, view, &raw.bbox));
            detections.push(kept);
        }
    }
    if plan.views.len() > 1 { suppress(detections) } else { detections }
}
