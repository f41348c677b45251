//! Runs the model, and nothing else.

use crossbeam_channel::{Receiver, Sender};
use giaolo_vision::{DetectorSession, RawOutputs};

use crate::{
    decode_stage::Ready,
    error::PipelineError,
    metrics::{CameraMetrics, Stage},
};

/// A frame with what the model said.
pub(crate) struct Inferred {
    pub ready: Ready,
    pub outputs: RawOutputs,
}

/// Runs until no frame comes any more or nobody takes them.
///
/// # Errors
/// Where the model refuses an input.
pub(crate) fn run(
    session: &mut DetectorSession,
    metrics: &CameraMetrics,
    ready: &Receiver<Ready>,
    inferred: &Sender<Inferred>,
) -> Result<(), PipelineError> {
    for frame in ready {
        let outputs = metrics.timed(Stage::Infer, || session.run(&frame.prepared))?;
        if inferred.send(Inferred { ready: frame, outputs }).is_err() {
            break;
        }
    }
    Ok(())
}
