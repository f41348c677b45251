//! Opens source, scene and model, and checks that they fit each other, before anything is written.

use std::path::Path;

use giaolo_domain::PixelBox;
use giaolo_evidence::ModelUsed;
use giaolo_media::{FileSource, OpenOptions};
use giaolo_plate::Grammar;
use giaolo_scene::{Scene, ZoneKind};
use giaolo_vision::{DetectorSession, InputFormat, InputPlan, PlateReader, Registry, Runtime};

use crate::{
    error::PipelineError,
    plates::read_grammar,
    settings::{AnalyseSettings, Installation},
};

/// The model used where neither scene nor command line names one.
pub(crate) const DEFAULT_MODEL: &str = "nanodet-g";

/// Everything that an analysis reads from.
pub(crate) struct Opened {
    pub scene: Scene,
    pub scene_text: String,
    pub source: FileSource,
    /// At least one.
    pub sessions: Vec<DetectorSession>,
    pub plan: InputPlan,
    pub input: InputFormat,
    pub model: ModelUsed,
    /// `None` where plates are not read.
    pub plates: Option<(PlateReader, Grammar)>,
}

/// Reads a scene file; its text comes with it, for the store.
///
/// # Errors
/// A file that cannot be read, or all the mistakes in it.
pub fn read_scene(path: &Path) -> Result<(Scene, String), PipelineError> {
    let text = std::fs::read_to_string(path).map_err(PipelineError::io("read", path))?;
    let scene = Scene::from_toml(&text)
        .map_err(|errors| PipelineError::Scene { path: path.to_owned(), errors })?;
    Ok((scene, text))
}

pub(crate) fn open(
    settings: &AnalyseSettings,
    installation: &Installation,
) -> Result<Opened, PipelineError> {
    let (scene, scene_text) = read_scene(&settings.scene)?;
    let options = OpenOptions { start: settings.start, ..OpenOptions::default() };
    let source = FileSource::open(&settings.source, &options)?;
    let picture = (source.info().width, source.info().height);
    scene.check_picture(picture.0, picture.1)?;
    let registry = Registry::load(&installation.models, &installation.weights)?;
    let name = settings.model.as_deref().or(scene.detector.model.as_deref());
    let entry = registry.entry(name.unwrap_or(DEFAULT_MODEL))?;
    let file = entry.file(scene.detector.input_size, None, &settings.accepted_licences)?;
    let runtime = Runtime::load(&installation.onnxruntime)?;
    let sessions = (0..settings.threads.max(1))
        .map(|_| {
            DetectorSession::open(
                &runtime,
                &registry,
                entry,
                scene.detector.input_size,
                settings.provider,
                &settings.accepted_licences,
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    let size = sessions[0].size();
    let plan = InputPlan::new(picture, region_of(&scene), scene.detector.tiles, size);
    let model = ModelUsed {
        name: entry.name.clone(),
        sha256: file.sha256.clone(),
        precision: file.precision.as_str().to_owned(),
    };
    let input = entry.input.clone();
    let plates = if settings.plates.enabled {
        let reader = PlateReader::open(&runtime, &registry, settings.provider)
            .map_err(PipelineError::Plates)?;
        Some((reader, read_grammar(installation)?))
    } else {
        None
    };
    Ok(Opened { scene, scene_text, source, sessions, plan, input, model, plates })
}

/// The part of the picture that the detector looks at: the scene's, or the box around its regions
/// of interest.
fn region_of(scene: &Scene) -> Option<PixelBox> {
    scene.detector.region.or_else(|| {
        scene
            .zones_of(ZoneKind::RegionOfInterest)
            .flat_map(|zone| &zone.points)
            .map(|p| PixelBox::new(p.x, p.y, p.x, p.y))
            .reduce(|a, b| a.union(&b))
    })
}
