//! Number plates: read on pictures, and scored against a person's list.

mod eval;
mod still;
mod truth;

use giaolo_plate::Grammar;

pub use self::{
    eval::{PlateReport, eval_plates, pictures_in},
    still::{Still, StillPlate, StillReader, StillVehicle, read_picture},
    truth::{TruthPlate, read_plate_truth},
};
use crate::{error::PipelineError, settings::Installation};

/// Reads the grammar of plates.
///
/// # Errors
/// A file that cannot be read, or all the mistakes in it.
pub fn read_grammar(installation: &Installation) -> Result<Grammar, PipelineError> {
    let path = &installation.plates;
    let text = std::fs::read_to_string(path).map_err(PipelineError::io("read", path))?;
    Grammar::from_toml(&text)
        .map_err(|errors| PipelineError::Table { path: path.clone(), reason: errors.to_string() })
}
