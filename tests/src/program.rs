//! Runs `giaolo` as a user would, but with a limit on its time and an environment of its own.
//!
//! The binary is `GIAOLO_BIN`, else `target/release/giaolo`, which cargo brings up to date first: the
//! tests must never speak of an older program than the sources.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Read, Seek},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Longer than anything here takes on a slow machine; a program that hangs must fail its test.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// The repository.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
    })
}

fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("GIAOLO_BIN") {
            let given = PathBuf::from(given);
            assert!(given.is_file(), "GIAOLO_BIN is {}, which is no file", given.display());
            return given;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--release", "--locked", "--quiet", "--package", "giaolo-cli"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "the program does not build:\n{said}");
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        root().join(target).join("release/giaolo")
    })
}

/// A command of the program, not yet run.
pub struct Giaolo {
    command: Command,
    args: Vec<OsString>,
}

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// All of standard output.
    pub stdout: String,
    /// All of standard error.
    pub stderr: String,
    /// Wall time.
    pub took: Duration,
}

/// A run under way.
pub struct Running {
    child: Child,
    stdout: File,
    stderr: File,
    began: Instant,
    args: Vec<OsString>,
}

/// `giaolo` with arguments: this repository's models and configuration, and a signing key that all
/// tests of this process share.
pub fn giaolo<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Giaolo {
    let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIAOLO_") {
            command.env_remove(name);
        }
    }
    command
        .args(&args)
        .current_dir(root())
        .env("GIAOLO_HOME", root())
        .env("GIAOLO_KEY", own_folder().join("evidence.key"))
        .env("XDG_CONFIG_HOME", own_folder());
    Giaolo { command, args }
}

/// A folder for the key, used again by the next run of the tests: nobody would remove one at exit.
fn own_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = root().join("target/tmp/giaolo-tests");
        std::fs::create_dir_all(&folder).expect("a folder for the key can be made");
        folder
    })
}

/// `giaolo analyse VIDEO --scene SCENE --out OUT --quiet`
pub fn analyse(video: &Path, scene: &Path, out: &Path) -> Giaolo {
    giaolo([OsStr::new("analyse"), video.as_os_str()])
        .arg("--scene")
        .arg(scene)
        .arg("--out")
        .arg(out)
        .arg("--quiet")
}

impl Giaolo {
    /// One argument more.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self.command.arg(arg);
        self
    }

    /// Another environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let stdout = tempfile::tempfile().expect("a file for its output");
        let stderr = tempfile::tempfile().expect("a file for its errors");
        self.command
            .stdin(Stdio::null())
            .stdout(stdout.try_clone().expect("a second handle"))
            .stderr(stderr.try_clone().expect("a second handle"));
        let child = self.command.spawn().expect("the program starts");
        Running { child, stdout, stderr, began: Instant::now(), args: self.args }
    }

    /// Runs it to its end.
    pub fn run(self) -> Run {
        self.start().wait()
    }

    /// Runs it to its end, which must be a good one; returns what it printed.
    pub fn succeed(self) -> String {
        let args = self.args.clone();
        let run = self.run();
        assert_eq!(run.code, Some(0), "{args:?} failed:\n{}", run.stderr);
        run.stdout
    }
}

impl Running {
    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the program can be asked").is_some()
    }

    /// Since it was started.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Ends it by SIGKILL; returns whether that came in time to end it.
    pub fn kill(mut self) -> bool {
        let in_time = !self.has_ended();
        self.child.kill().expect("the program can be killed");
        let status = self.child.wait().expect("the program can be waited for");
        in_time && status.code().is_none()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Run {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the program can be asked") {
                break status;
            }
            if self.began.elapsed() > TIME_LIMIT {
                let _ = self.child.kill();
                let _ = self.child.wait();
                let said = all(&mut self.stderr);
                panic!("{:?} did not end in {TIME_LIMIT:?}; it said:\n{said}", self.args);
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Run {
            code: status.code(),
            took: self.began.elapsed(),
            stdout: all(&mut self.stdout),
            stderr: all(&mut self.stderr),
        }
    }
}

fn all(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().expect("its output can be read");
    file.read_to_string(&mut text).expect("its output is text");
    text
}
