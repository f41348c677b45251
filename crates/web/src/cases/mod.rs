//! Cases: the queue, one case with everything that decides it, what officers do to it, and its proof.

pub mod acts;
mod clip;
mod detail;
mod law;
mod list;
pub mod proof;

pub use detail::one;
pub use list::{CaseItem, CaseListQuery, cursor, list};

/// A manifest to change for a test.
#[cfg(test)]
fn manifest_for_tests() -> giaolo_evidence::Manifest {
    giaolo_evidence::Manifest::read(include_bytes!("../../tests/data/manifest.json"))
        .unwrap_or_else(|error| {
            panic!("tests/data/manifest.json: {error}");
        })
}
