//! Cases: the queue, one case with everything that decides it, what officers do to it, and its proof.

pub mod acts;
mod clip;
mod detail;
mod law;
mod list;
pub mod proof;

pub use detail::one;
pub use list::{CaseItem, CaseListQuery, cursor, list};
