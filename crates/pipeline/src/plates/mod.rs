//! Number plates: read on the best crops of every track of a recording, read on pictures, and scored
//! against a person's list.
//!
//! In a recording the judge's [`select`] says which parts of which frames are worth keeping; the
//! [`stage`], on its own thread, keeps them at its [`desk`], spends a [`budget`] of looks on them, and
//! makes sure by [`zone`] that a plate is read on the vehicle that carries it.

mod budget;
pub(crate) mod desk;
mod eval;
pub(crate) mod look;
pub(crate) mod select;
pub(crate) mod stage;
mod still;
mod summary;
mod truth;
pub(crate) mod zone;

use giaolo_plate::Grammar;

pub use self::{
    eval::{PlateReport, eval_plates, pictures_in},
    still::{Still, StillPlate, StillReader, StillVehicle, read_picture},
    summary::PlateTotals,
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
