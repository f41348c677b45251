//! Writes what the detector sees in a recording, a line of JSON for each frame, for work on the
//! tracker: `cargo run --release -p giaolo-pipeline --example detections -- VIDEO SCENE > FILE`.
//!
//! Lines have `frame`, `t_us`, `size` and `detections`, after suppression and with colours, as the
//! tracker gets them.

use std::{error::Error, io::Write, path::PathBuf};

use giaolo_media::{FileSource, OpenOptions};
use giaolo_vision::{
    DetectorSession, ExecutionProvider, InputPlan, Preparer, Registry, Runtime, finish,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(video), Some(scene)) = (arguments.next(), arguments.next()) else {
        return Err("usage: detections VIDEO SCENE".into());
    };
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (scene, _) = giaolo_pipeline::read_scene(&scene)?;
    let mut source = FileSource::open(&video, &OpenOptions::default())?;
    let registry = Registry::load(&home.join("models"), &home.join("var/models"))?;
    let entry = registry.entry(scene.detector.model.as_deref().unwrap_or("nanodet-g"))?;
    let runtime = Runtime::load(&home.join("var/lib/onnxruntime/libonnxruntime.so"))?;
    let size = scene.detector.input_size;
    let mut session =
        DetectorSession::open(&runtime, &registry, entry, size, ExecutionProvider::Cpu, &[])?;
    let detector = &scene.detector;
    let plan = InputPlan::new(scene.size, detector.region, detector.tiles, session.size());
    let mut preparer = Preparer::new(plan, &entry.input);
    let mut prepared = preparer.empty();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    while let Some(decoded) = source.next()? {
        preparer.fill(&decoded.frame, &mut prepared)?;
        let detections = finish(session.run(&prepared)?, &prepared);
        let at = decoded.frame.stamp();
        let line = serde_json::json!({
            "frame": at.frame, "t_us": at.time, "size": scene.size, "detections": detections,
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
