//! The work that benches measure: each stage on real footage, beside the least that could do the same.
//!
//! A [`Case`] is one piece of work of ours and, where there is one, its bare limit. The `table` bench
//! (`make bench`) takes them in turns within one run, because a ratio is the only number that
//! survives a machine whose speed drifts; the `stages` bench gives the same cases to criterion.
//! Everything but the look at a plate is made from a [`Recording`]: a clip decoded and run through the
//! model once.

mod case;
mod evidence;
mod footage;
mod judging;
mod machine;
mod media;
mod plates;
mod recording;
mod storing;
mod vision;
mod whole;

pub use case::{Bare, Case, Clock, Measured, Work, median};
pub use footage::{Clip, clips};
pub use machine::Machine;
pub use recording::Recording;
pub use whole::{CHILD_FLAG, WholeResult, analyse_in_this_process, measure_whole};

/// What went wrong, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Clips for the two picture sizes that the goals name, and for a quiet and a crowded road.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// Narrow picture, many motorbikes.
    pub small: &'a Clip,
    /// Wide picture, plates legible.
    pub large: &'a Clip,
    /// Few road users.
    pub sparse: &'a Clip,
}

/// Picks them; where the shared clips are not there, the demo's clip stands in for all.
pub fn choose(clips: &[Clip]) -> Result<Chosen<'_>, Failure> {
    let usual = clips.first().ok_or("there is no footage; run `make footage`")?;
    let named = |name: &str| clips.iter().find(|clip| clip.name == name).unwrap_or(usual);
    Ok(Chosen {
        small: named("hanoi-giang-vo-red-light"),
        large: named("hanoi-junction-1600x1200"),
        sparse: named("german-junction-131100"),
    })
}

/// All cases, in the order of a frame's way; `scratch` takes their files.
pub fn cases(chosen: &Chosen<'_>, scratch: &std::path::Path) -> Result<Vec<Case>, Failure> {
    let small = Recording::of(chosen.small)?;
    let mut cases = media::cases(&small)?;
    cases.extend(vision::cases(&small)?);
    let is_other = |clip: &Clip| clip.name != chosen.small.name;
    if is_other(chosen.large) {
        let large = Recording::of(chosen.large)?;
        cases.extend(media::cases(&large)?);
        cases.extend(evidence::cases(&large, &scratch.join("large"))?);
    }
    cases.extend(vision::inference(&small)?);
    if is_other(chosen.sparse) {
        let sparse = Recording::of(chosen.sparse)?;
        cases.extend(judging::cases(&sparse, &scratch.join("sparse"))?);
    }
    cases.extend(judging::cases(&small, &scratch.join("dense"))?);
    cases.extend(plates::cases()?);
    cases.extend(evidence::cases(&small, &scratch.join("small"))?);
    cases.extend(storing::cases(&small, &scratch.join("store"))?);
    cases.sort_by_key(|case| case.stage);
    Ok(cases)
}
