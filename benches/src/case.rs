//! A case and how it is measured: ours and the bare limit in turns, several rounds, medians.

use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

use crate::Failure;

/// Does some work and says how many units (frames, pictures, rows) that was.
pub type Work = Box<dyn FnMut() -> Result<u64, Failure>>;

/// How long one side of one round lasts at least.
const SLICE: Duration = Duration::from_millis(40);
/// Rounds; each gives one ratio.
const ROUNDS: usize = 7;

/// What counts as cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Processor time of the whole process: for work that only computes, and the steadier one on a
    /// machine that others use.
    Processor,
    /// Time on the wall: for work that waits for the disk.
    Wall,
}

impl Clock {
    /// Its word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processor => "cpu",
            Self::Wall => "wall",
        }
    }
}

/// The least that could do the same.
pub struct Bare {
    /// What it is.
    pub what: &'static str,
    /// The work.
    pub work: Work,
}

/// One measured piece of work.
pub struct Case {
    /// Number and name of the stage; cases are listed in this order.
    pub stage: (u8, &'static str),
    /// What is done, and on what.
    pub what: String,
    /// What a unit is.
    pub unit: &'static str,
    /// What counts as cost.
    pub clock: Clock,
    /// Seconds of video in a unit, where "times real time" means something.
    pub video_s: Option<f64>,
    /// Ours.
    pub ours: Work,
    /// The limit, where there is one.
    pub bare: Option<Bare>,
}

/// What rounds gave, in milliseconds for a unit.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Ours, one for each round, ascending.
    pub ours_ms: Vec<f64>,
    /// The limit's, ascending.
    pub bare_ms: Vec<f64>,
    /// Ours over the limit's of the same round, ascending.
    pub ratios: Vec<f64>,
}

impl Case {
    /// Measures both sides in turns.
    ///
    /// # Errors
    /// Whatever the work meets.
    pub fn measure(&mut self) -> Result<Measured, Failure> {
        let named = |error: Failure| -> Failure { format!("{}: {error}", self.what).into() };
        // Caches and lazily made buffers belong to neither.
        (self.ours)().map_err(named)?;
        if let Some(bare) = &mut self.bare {
            (bare.work)()?;
        }
        let mut measured =
            Measured { ours_ms: Vec::new(), bare_ms: Vec::new(), ratios: Vec::new() };
        for _ in 0..ROUNDS {
            let ours = slice(self.clock, &mut self.ours)?;
            measured.ours_ms.push(ours);
            if let Some(bare) = &mut self.bare {
                let bare = slice(self.clock, &mut bare.work)?;
                measured.bare_ms.push(bare);
                measured.ratios.push(ours / bare);
            }
        }
        for values in [&mut measured.ours_ms, &mut measured.bare_ms, &mut measured.ratios] {
            values.sort_by(f64::total_cmp);
        }
        Ok(measured)
    }
}

/// Milliseconds for a unit over one slice.
fn slice(clock: Clock, work: &mut Work) -> Result<f64, Failure> {
    let began = Instant::now();
    let cpu_began = giaolo_pipeline::process_cpu();
    let mut units = 0;
    while began.elapsed() < SLICE {
        units.add_assign(work()?);
    }
    let cost = match clock {
        Clock::Processor => giaolo_pipeline::process_cpu().saturating_sub(cpu_began),
        Clock::Wall => began.elapsed(),
    };
    if units == 0 {
        return Err("the work did nothing".into());
    }
    Ok(cost.as_secs_f64() * 1e3 / units as f64)
}

/// The middle of ascending values, 0 of none.
pub fn median(ascending: &[f64]) -> f64 {
    match ascending.len() {
        0 => 0.0,
        length => (ascending[(length - 1) / 2] + ascending[length / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        for (values, expected) in
            [(&[][..], 0.0), (&[3.0], 3.0), (&[1.0, 3.0], 2.0), (&[1.0, 3.0, 90.0], 3.0)]
        {
            assert_eq!(median(values), expected, "{values:?}");
        }
    }

    #[test]
    fn both_sides_are_measured_by_the_unit_and_failures_are_told() {
        let busy = |turns: u64, units: u64| -> Work {
            Box::new(move || {
                std::hint::black_box((0..turns).fold(1u64, |a, v| a.wrapping_mul(v ^ a)));
                Ok(units)
            })
        };
        let mut case = Case {
            stage: (0, "test"),
            what: "twice the work in half the units".to_owned(),
            unit: "turn",
            clock: Clock::Processor,
            video_s: None,
            ours: busy(200_000, 1),
            bare: Some(Bare { what: "half", work: busy(100_000, 2) }),
        };
        let ratio = median(&case.measure().unwrap().ratios);
        assert!((2.5..6.5).contains(&ratio), "{ratio}");
        case.ours = Box::new(|| Ok(0));
        assert!(case.measure().is_err());
    }
}
