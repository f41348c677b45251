//! ONNX Runtime, loaded once for the process from the library that set-up fetched.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ort::{
    environment::Environment,
    session::{Session, builder::GraphOptimizationLevel},
};

use crate::error::VisionError;

/// Where a model runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutionProvider {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA card through CUDA. Needs a library of ONNX Runtime that was built with it.
    Cuda,
}

impl ExecutionProvider {
    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Which inputs a session gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shapes {
    /// All of one width and height.
    One,
    /// Of any. ONNX Runtime would keep a plan of its memory for each that it ever met.
    Any,
}

/// The loaded library. ONNX Runtime allows one environment for each process, so there is one.
#[derive(Clone, Copy)]
pub struct Runtime(&'static Loaded);

struct Loaded {
    environment: Environment,
    library: PathBuf,
}

static LOADED: Mutex<Option<&'static Loaded>> = Mutex::new(None);

impl Runtime {
    /// Loads the library at `library`, or gives it again.
    ///
    /// # Errors
    /// `Library` where it is missing, is no library, is of another version of the interface, or
    /// where another one was loaded before.
    pub fn load(library: &Path) -> Result<Self, VisionError> {
        let failed = |reason: String| VisionError::Library { path: library.to_owned(), reason };
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = *loaded {
            return if loaded.library == library {
                Ok(Self(loaded))
            } else {
                Err(failed(format!("{} is loaded already", loaded.library.display())))
            };
        }
        if !library.is_file() {
            return Err(failed("there is no such file".to_owned()));
        }
        let environment = ort::init_from(library)
            .map_err(|error| failed(error.to_string()))?
            .with_name("giaolo")
            .with_telemetry(false)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        // It lives as long as the process: a library cannot be unloaded under its sessions.
        let fresh: &'static Loaded =
            Box::leak(Box::new(Loaded { environment, library: library.to_owned() }));
        *loaded = Some(fresh);
        Ok(Self(fresh))
    }

    /// The library's path.
    pub fn library(&self) -> &Path {
        &self.0.library
    }

    /// ONNX Runtime's environment, for measurements that hold ours against a session of their own.
    pub fn environment(&self) -> &'static Environment {
        &self.0.environment
    }

    /// A session over `model` that uses one thread and does not spin: one session per core was
    /// faster than one session over all of them.
    pub(crate) fn session(
        &self,
        model: &[u8],
        path: &Path,
        provider: ExecutionProvider,
        shapes: Shapes,
    ) -> Result<Session, VisionError> {
        if provider == ExecutionProvider::Cuda {
            // The session would fall back to the processor without a word.
            return Err(VisionError::Provider {
                provider: provider.as_str().to_owned(),
                reason: format!(
                    "{} was built for the processor only, and so is this program",
                    self.0.library.display()
                ),
            });
        }
        self.build(model, shapes)
            .map_err(|error| VisionError::Load { path: path.to_owned(), reason: error.to_string() })
    }

    fn build(&self, model: &[u8], shapes: Shapes) -> ort::Result<Session> {
        Session::builder(&self.0.environment)?
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .with_memory_pattern(shapes == Shapes::One)?
            .commit_from_memory(model)
    }
}
