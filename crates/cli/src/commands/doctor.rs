//! `giaolo doctor`: what this machine has, what it lacks, and what to do about it.

use std::{path::Path, process::ExitCode};

use giaolo_vision::{DetectorSession, ExecutionProvider, PlateReader, Registry, Runtime};
use miette::Result;

use crate::installation::{home, installation};

/// Free space below which evidence will soon not fit.
const LEAST_FREE_BYTES: u64 = 2 << 30;

struct Finding {
    name: &'static str,
    good: bool,
    said: String,
}

pub fn run() -> Result<ExitCode> {
    let findings = [
        onnxruntime(),
        models(),
        plates(),
        video(),
        processor(),
        fonts(),
        disk(&home()),
        clock(),
        signing_key(),
    ];
    for finding in &findings {
        let mark = if finding.good { "ok  " } else { "FAIL" };
        println!("{mark}  {:<14} {}", finding.name, finding.said);
    }
    let good = findings.iter().all(|finding| finding.good);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn found(name: &'static str, result: Result<String, String>) -> Finding {
    let good = result.is_ok();
    Finding { name, good, said: result.unwrap_or_else(|said| said) }
}

fn onnxruntime() -> Finding {
    let library = installation(None).onnxruntime;
    let loaded = Runtime::load(&library).map(|runtime| {
        let real = std::fs::canonicalize(runtime.library());
        real.unwrap_or_else(|_| library.clone()).display().to_string()
    });
    found("ONNX Runtime", loaded.map_err(|error| error.to_string()))
}

/// Loads the default model and runs it once: a checksum alone does not say that it works here.
fn models() -> Finding {
    let installation = installation(None);
    let tried = || -> Result<String, giaolo_vision::VisionError> {
        let registry = Registry::load(&installation.models, &installation.weights)?;
        let entry = registry.entry("nanodet-g")?;
        let runtime = Runtime::load(&installation.onnxruntime)?;
        let session =
            DetectorSession::open(&runtime, &registry, entry, None, ExecutionProvider::Cpu, &[])?;
        let (width, height) = session.size();
        Ok(format!("{} {width}x{height} runs", entry.title))
    };
    found("models", tried().map_err(|error| error.to_string()))
}

/// The same for the two models that read plates.
fn plates() -> Finding {
    let installation = installation(None);
    let tried = || -> Result<String, giaolo_vision::VisionError> {
        let registry = Registry::load(&installation.models, &installation.weights)?;
        let runtime = Runtime::load(&installation.onnxruntime)?;
        let reader = PlateReader::open(&runtime, &registry, ExecutionProvider::Cpu)?;
        let [finder, reader] = reader.models();
        Ok(format!("{} and {} run", finder.name, reader.name))
    };
    found("plates", tried().map_err(|error| error.to_string()))
}

fn video() -> Finding {
    found("video", Ok(format!("FFmpeg libraries {}", giaolo_media::library_version())))
}

fn processor() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    #[cfg(target_arch = "x86_64")]
    let (quick, features) = {
        let vnni = std::is_x86_feature_detected!("avx512vnni");
        let avx2 = std::is_x86_feature_detected!("avx2");
        let features = match (vnni, avx2) {
            (true, _) => "AVX-512 VNNI (int8 models run at full speed)",
            (false, true) => "AVX2 (int8 models gain less)",
            (false, false) => "neither AVX2 nor AVX-512 VNNI: expect a tenth of the speed",
        };
        (avx2, features)
    };
    #[cfg(not(target_arch = "x86_64"))]
    let (quick, features) = (true, std::env::consts::ARCH);
    let said = format!("{cores} core(s), {features}");
    found("processor", if quick { Ok(said) } else { Err(said) })
}

fn fonts() -> Finding {
    let overlay = giaolo_evidence::overlay::Overlay::new();
    let said = overlay.map(|_| "DejaVu Sans, built in".to_owned());
    found("fonts", said.map_err(|error| error.to_string()))
}

fn disk(folder: &Path) -> Finding {
    let Ok(path) = std::ffi::CString::new(folder.as_os_str().as_encoded_bytes()) else {
        return found("disk", Err(format!("{} has no proper name", folder.display())));
    };
    // SAFETY: statvfs is plain numbers, for which zero is a value.
    let mut space: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: `path` ends in NUL and `space` is writable; both outlive the call.
    if unsafe { libc::statvfs(path.as_ptr(), &mut space) } != 0 {
        let error = std::io::Error::last_os_error();
        return found("disk", Err(format!("{}: {error}", folder.display())));
    }
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let said = format!("{:.1} GiB free at {}", free as f64 / (1u64 << 30) as f64, folder.display());
    let enough = free >= LEAST_FREE_BYTES;
    found("disk", if enough { Ok(said) } else { Err(format!("{said}; 2 GiB are needed")) })
}

/// A clock that is years off makes evidence of the wrong day and the wrong law.
fn clock() -> Finding {
    let now = giaolo_pipeline::now();
    let said = format!("{} in Viet Nam; {}", now.in_viet_nam(), synchronised());
    // Nothing that this program reads is older than itself.
    let plausible = now.date_in_viet_nam().as_str() >= "2026-01-01";
    found("clock", if plausible { Ok(said) } else { Err(format!("{said}; it cannot be so early")) })
}

fn synchronised() -> &'static str {
    // SAFETY: timex is plain numbers, for which zero is a value; modes 0 only reads.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: `timex` is writable and outlives the call.
    match unsafe { libc::adjtimex(&mut timex) } {
        libc::TIME_ERROR => "not synchronised, as far as the kernel knows",
        -1 => "synchronisation unknown",
        _ => "synchronised",
    }
}

fn signing_key() -> Finding {
    let path = installation(None).signing_key;
    if !path.exists() {
        return found(
            "signing key",
            Ok(format!("none yet; made at first use: {}", path.display())),
        );
    }
    let key = giaolo_evidence::SigningKey::load_or_create(&path);
    let said = key.map(|key| format!("{} ({})", key.fingerprint(), path.display()));
    found("signing key", said.map_err(|error| error.to_string()))
}
