//! The model at each size that is installed, and what is done with its outputs.

use std::{cell::RefCell, rc::Rc};

use giaolo_vision::{InputPlan, Preparer, Registry, finish};

use crate::{Case, Clock, Failure, Recording, Work, footage::installation, recording::open_model};

pub(crate) fn cases(recording: &Recording) -> Result<Vec<Case>, Failure> {
    let inferred = Rc::clone(&recording.inferred);
    let ours: Work = Box::new(move || {
        for (prepared, outputs) in inferred.iter() {
            std::hint::black_box(finish(outputs.clone(), prepared));
        }
        Ok(inferred.len() as u64)
    });
    Ok(vec![Case {
        stage: (4, "finish"),
        what: format!("suppression, colours, {:.0} boxes a frame", recording.density()),
        unit: "frame",
        clock: Clock::Processor,
        video_s: None,
        ours,
        bare: None,
    }])
}

/// One case for each installed size; this is the limit that the whole is held against.
pub(crate) fn inference(recording: &Recording) -> Result<Vec<Case>, Failure> {
    let installed = installation(std::path::Path::new(""));
    let registry = Registry::load(&installed.models, &installed.weights)?;
    let entry = &recording.entry;
    let mut cases = Vec::new();
    for file in &entry.files {
        if file.precision != entry.default_precision || !registry.path_of(file).is_file() {
            continue;
        }
        let Some(size) = file.size else { continue };
        let (_, session) = open_model(Some(size))?;
        let session = RefCell::new(session);
        let plan =
            InputPlan::new(recording.plan.picture, recording.scene.detector.region, (1, 1), size);
        let mut preparer = Preparer::new(plan, &entry.input);
        let mut inputs = Vec::new();
        for picture in recording.pictures.iter().take(4) {
            let mut prepared = preparer.empty();
            preparer.fill(picture, &mut prepared)?;
            inputs.push(prepared);
        }
        cases.push(Case {
            stage: (3, "inference"),
            what: format!("{} {}x{} {}", entry.name, size.0, size.1, file.precision.as_str()),
            unit: "frame",
            clock: Clock::Processor,
            video_s: None,
            ours: Box::new(move || {
                for prepared in &inputs {
                    session.borrow_mut().run(prepared)?;
                }
                Ok(inputs.len() as u64)
            }),
            bare: None,
        });
    }
    Ok(cases)
}
