//! All looks at one vehicle's plate, combined.
use giaolo_domain::{PlateLook, PlateReading, RoadUserClass, Unreadable};

use crate::{Grammar, VerdictSettings};

/// The looks of one track.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    looks: Vec<PlateLook>,
}

impl Votes {
    /// No look yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a look.
    pub fn add(&mut self, look: PlateLook) {
        self.looks.push(look);
    }

    /// What all looks say together.
    pub fn reading(
        &self,
        _grammar: &Grammar,
        _class: Option<RoadUserClass>,
        _settings: &VerdictSettings,
    ) -> PlateReading {
        PlateReading::unreadable(if self.looks.is_empty() {
            Unreadable::NoPlate
        } else {
            Unreadable::Blurred
        })
    }
}
