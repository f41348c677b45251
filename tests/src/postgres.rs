//! A PostgreSQL server for one test: its own folder, port and password, gone with the test.
//!
//! It refuses to run as root, so root starts it as the account `postgres`.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The password of its one user; it must never be shown.
pub const PASSWORD: &str = "mat-khau-bi-mat";

/// A running server.
pub struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// `None`, with a plain line, where none is installed; that is a failure in CI.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let in_ci = std::env::var("CI").as_deref() == Ok("true");
            assert!(!in_ci, "no PostgreSQL server is installed; CI must have one");
            eprintln!("SKIPPED: no PostgreSQL server is installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder for the server");
        let account = account();
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).expect("the password can be written");
        if let Some((user, group)) = account {
            for path in [folder.path(), &password] {
                chown(path, Some(user), Some(group)).expect("root may give it away");
            }
        }
        let data = folder.path().join("data");
        let made = command(&programs.join("initdb"), account)
            .args(["--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        drop(listener);
        let process = command(&programs.join("postgres"), account)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).expect("a log"))
            .spawn()
            .expect("postgres starts");
        let server = Self { process, port, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_ready(&data) {
            assert!(Instant::now() < deadline, "PostgreSQL did not start in 30 s");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    /// The URL of the database that every server has.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SAFETY: the child has not been waited for, so its id cannot have passed to another.
        unsafe { libc::kill(self.process.id() as libc::pid_t, libc::SIGINT) };
        let _ = self.process.wait();
    }
}

/// Whether a server takes questions: it takes connections earlier, and refuses them while it starts.
/// It says so in the eighth line of its lock file, as `pg_ctl` reads it.
fn is_ready(data: &Path) -> bool {
    let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    lock.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

/// The newest server that Debian's packages or the path have.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    versions.extend(std::env::split_paths(&on_path));
    versions.into_iter().rev().find(|folder| folder.join("initdb").is_file())
}

/// The account that runs the server where we are root.
fn account() -> Option<(u32, u32)> {
    // SAFETY: cannot fail and touches nothing.
    if unsafe { libc::geteuid() } != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("the list of accounts");
    let line = accounts.lines().find(|line| line.starts_with("postgres:"));
    let fields: Vec<&str> = line.expect("the account `postgres`").split(':').collect();
    Some((fields[2].parse().expect("a user id"), fields[3].parse().expect("a group id")))
}

fn command(program: &Path, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    // SAFETY: one system call, allowed between fork and exec; the kernel ends the server with us.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
            Ok(())
        });
    }
    command
}
