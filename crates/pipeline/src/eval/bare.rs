//! The bare limit: the same sessions fed with ready tensors, as fast as they take them.

use std::time::{Duration, Instant};

use giaolo_vision::{Prepared, Preparer};

use crate::{
    error::PipelineError,
    open::{Opened, open},
    settings::{AnalyseSettings, Installation},
};

/// Different frames that are fed in turn: one alone would stay in the cache.
const FRAMES: usize = 8;
/// How long is measured.
const MEASURED: Duration = Duration::from_millis(2_500);

/// Frames a second of all sessions together.
pub(super) fn bare_inference(
    settings: &AnalyseSettings,
    installation: &Installation,
) -> Result<f64, PipelineError> {
    let Opened { mut source, mut sessions, plan, input, .. } = open(settings, installation)?;
    let mut preparer = Preparer::new(plan, &input);
    let mut inputs: Vec<Prepared> = Vec::new();
    while inputs.len() < FRAMES {
        let Some(decoded) = source.next()? else { break };
        let mut prepared = preparer.empty();
        preparer.fill(&decoded.frame, &mut prepared)?;
        inputs.push(prepared);
    }
    drop(source);
    let inputs = &inputs;
    let began = Instant::now();
    let runs = std::thread::scope(|scope| {
        let threads: Vec<_> = sessions
            .iter_mut()
            .map(|session| {
                scope.spawn(move || -> Result<u64, PipelineError> {
                    let mut runs = 0;
                    for prepared in inputs.iter().cycle() {
                        if began.elapsed() >= MEASURED {
                            break;
                        }
                        session.run(prepared)?;
                        runs += 1;
                    }
                    Ok(runs)
                })
            })
            .collect();
        threads.into_iter().try_fold(0, |sum, thread| match thread.join() {
            Ok(runs) => Ok(sum + runs?),
            Err(_) => Err(PipelineError::Stage {
                stage: "bare inference",
                reason: "its thread fell".to_owned(),
            }),
        })
    })?;
    Ok(runs as f64 / began.elapsed().as_secs_f64())
}
