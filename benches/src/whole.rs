//! The whole of `analyse` against bare inference, in turns.
//!
//! Each analysis runs in a process of its own, so that its peak memory is its own; the bare limit is
//! the same session fed with ready inputs, before and after it.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use giaolo_media::{FileSource, OpenOptions};
use giaolo_pipeline::{Metrics, analyse, read_scene};
use giaolo_vision::{DetectorSession, InputPlan, Prepared, Preparer};
use serde_json::Value;

use crate::{
    Clip, Failure,
    case::median,
    footage::{installation, settings},
    recording::open_model,
};

/// The first argument of a process that is to analyse: then come name, recording, scene, folder.
pub const CHILD_FLAG: &str = "--analyse-one";
/// How long the bare limit is measured, each time.
const BARE: Duration = Duration::from_millis(900);
/// Different inputs that are fed in turn: one alone would stay in the cache.
const INPUTS: usize = 8;
/// Frames over which a clip is analysed at least, in as many rounds as that takes.
const FRAMES: u64 = 240;
/// Rounds at least and at most.
const ROUNDS: (u64, u64) = (2, 5);

/// What a clip's rounds gave. Lists are ascending.
#[derive(Clone, Debug)]
pub struct WholeResult {
    /// Width and height of the picture.
    pub size: (u32, u32),
    /// Frames analysed in one round.
    pub frames: u64,
    /// Violations proven in one round.
    pub proven: u64,
    /// Frames a second of the whole.
    pub frames_per_s: Vec<f64>,
    /// Frames a second of the bare session around it.
    pub bare_frames_per_s: Vec<f64>,
    /// The first over the second, round by round.
    pub ratios: Vec<f64>,
    /// Processor milliseconds for each frame besides the model and besides evidence.
    pub besides_ms: Vec<f64>,
    /// Processor milliseconds for each proven violation.
    pub evidence_ms: Vec<f64>,
    /// Processor milliseconds by stage for each frame, of the last round.
    pub stages_ms: Vec<(String, f64)>,
    /// Most memory, in MiB, of all rounds.
    pub peak_mib: f64,
}

/// Analyses a clip several times, each time between two measurements of the bare limit.
///
/// # Errors
/// Whatever stops one of them.
pub fn measure_whole(clip: &Clip, scratch: &Path) -> Result<WholeResult, Failure> {
    let mut bare = BareSession::of(clip)?;
    let mut result = WholeResult {
        size: bare.size,
        frames: 0,
        proven: 0,
        frames_per_s: Vec::new(),
        bare_frames_per_s: Vec::new(),
        ratios: Vec::new(),
        besides_ms: Vec::new(),
        evidence_ms: Vec::new(),
        stages_ms: Vec::new(),
        peak_mib: 0.0,
    };
    let mut before = bare.frames_per_s()?;
    let (mut analysed, mut round) = (0, 0);
    while round < ROUNDS.0 || (analysed < FRAMES && round < ROUNDS.1) {
        round += 1;
        let summary = analyse_in_child(clip, &scratch.join(format!("{}-{round}", clip.name)))?;
        let after = bare.frames_per_s()?;
        result.add(&summary, 2.0 / (1.0 / before + 1.0 / after))?;
        before = after;
        analysed += result.frames;
    }
    for values in [
        &mut result.frames_per_s,
        &mut result.bare_frames_per_s,
        &mut result.ratios,
        &mut result.besides_ms,
        &mut result.evidence_ms,
    ] {
        values.sort_by(f64::total_cmp);
    }
    Ok(result)
}

impl WholeResult {
    fn add(&mut self, summary: &Value, bare: f64) -> Result<(), Failure> {
        let number = |pointer: &str| -> Result<f64, Failure> {
            let value = summary.pointer(pointer).and_then(Value::as_f64);
            value.ok_or_else(|| format!("the analysis' summary lacks {pointer}").into())
        };
        self.frames = number("/frames/analysed")? as u64;
        self.proven = number("/evidence_new")? as u64;
        let frames_per_s = number("/speed/frames_per_s")?;
        self.frames_per_s.push(frames_per_s);
        self.bare_frames_per_s.push(bare);
        self.ratios.push(frames_per_s / bare);
        let infer = number("/speed/stages_cpu_ms/infer")?;
        let evidence = number("/speed/stages_cpu_ms/evidence")?;
        self.besides_ms.push(number("/speed/cpu_ms_per_frame")? - infer - evidence);
        if self.proven > 0 {
            self.evidence_ms.push(evidence * self.frames as f64 / self.proven as f64);
        }
        self.stages_ms = summary
            .pointer("/speed/stages_cpu_ms")
            .and_then(Value::as_object)
            .map(|stages| {
                stages.iter().map(|(k, v)| (k.clone(), v.as_f64().unwrap_or(0.0))).collect()
            })
            .unwrap_or_default();
        self.peak_mib = self.peak_mib.max(number("/speed/peak_rss_mb")?);
        Ok(())
    }

    /// The middle ratio.
    pub fn ratio(&self) -> f64 {
        median(&self.ratios)
    }
}

/// Starts this program again for one analysis and reads the summary that it wrote.
fn analyse_in_child(clip: &Clip, out: &Path) -> Result<Value, Failure> {
    let status = Command::new(std::env::current_exe()?)
        .args([CHILD_FLAG, &clip.name])
        .args([clip.path.as_os_str(), clip.scene.as_os_str(), out.as_os_str()])
        .status()?;
    if !status.success() {
        return Err(format!("analysing {} ended with {status}", clip.name).into());
    }
    Ok(serde_json::from_slice(&std::fs::read(out.join("summary.json"))?)?)
}

/// What the child does with the arguments after [`CHILD_FLAG`].
///
/// # Errors
/// Other arguments than four, or whatever stops the analysis.
pub fn analyse_in_this_process(arguments: &[String]) -> Result<(), Failure> {
    let [name, path, scene, out] = arguments else {
        return Err("expected the clip's name, its recording, its scene and a folder".into());
    };
    let clip = Clip { name: name.clone(), path: path.into(), scene: scene.into() };
    let out = Path::new(out);
    std::fs::create_dir_all(out)?;
    analyse(&settings(&clip, out), &installation(out), &Metrics::new()?, &mut |_| {}, &mut |_| {})?;
    Ok(())
}

/// A session with inputs that are ready.
struct BareSession {
    session: DetectorSession,
    inputs: Vec<Prepared>,
    size: (u32, u32),
}

impl BareSession {
    fn of(clip: &Clip) -> Result<Self, Failure> {
        let (scene, _) = read_scene(&clip.scene)?;
        let mut source = FileSource::open(&clip.path, &OpenOptions::default())?;
        let size = (source.info().width, source.info().height);
        let (entry, session) = open_model(scene.detector.input_size)?;
        let plan =
            InputPlan::new(size, scene.detector.region, scene.detector.tiles, session.size());
        let mut preparer = Preparer::new(plan, &entry.input);
        let mut inputs = Vec::new();
        while inputs.len() < INPUTS {
            let Some(decoded) = source.next()? else { break };
            let mut prepared = preparer.empty();
            preparer.fill(&decoded.frame, &mut prepared)?;
            inputs.push(prepared);
        }
        Ok(Self { session, inputs, size })
    }

    fn frames_per_s(&mut self) -> Result<f64, Failure> {
        let began = Instant::now();
        let mut runs = 0u32;
        while began.elapsed() < BARE {
            for prepared in &self.inputs {
                self.session.run(prepared)?;
                runs += 1;
            }
        }
        Ok(f64::from(runs) / began.elapsed().as_secs_f64())
    }
}
