//! A PostgreSQL server for one test: its own folder, port and password, gone with the test.
//!
//! The server refuses to run as root, so root starts it as the account `postgres`. It is a child of
//! this process and is stopped by its id when the test ends in whatever way; the kernel does so where
//! this process is killed itself.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

use crate::{Store, StoreError};

const PASSWORD: &str = "mat-khau-bi-mat";

pub(super) struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// `None`, with a plain line, where no server is installed; that is a failure in CI.
    pub(super) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "no PostgreSQL server is installed; CI must have one"
            );
            eprintln!("SKIPPED: no PostgreSQL server is installed, nothing was tested over it");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let account = server_account();
        let password_file = folder.path().join("password");
        fs::write(&password_file, PASSWORD).unwrap();
        if let Some((user, group)) = account {
            chown(folder.path(), Some(user), Some(group)).unwrap();
            chown(&password_file, Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let made = as_account(&programs.join("initdb"), account)
            .args(["--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"])
            .arg(format!("--pwfile={}", password_file.display()))
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = as_account(&programs.join("postgres"), account);
        command
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(log);
        let process = command.spawn().unwrap();
        let server = Self { process, port, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start in 30 s");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    pub(super) fn url(&self, database: &str) -> String {
        let port = self.port;
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// Makes an empty database and returns its URL.
    pub(super) async fn create_database(&self, name: &str) -> String {
        self.administer("postgres", &format!("CREATE DATABASE {name}")).await;
        self.url(name)
    }

    async fn administer(&self, database: &str, sql: &str) {
        let options = PgConnectOptions::from_str(&self.url(database)).unwrap();
        // The port answers a moment before the server does.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut connection = loop {
            match options.connect().await {
                Ok(connection) => break connection,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT: the server ends its sessions and stops, without waiting for clients.
        let process_id = self.process.id() as libc::pid_t;
        // SAFETY: the child has not been waited for, so its id cannot have passed to another.
        unsafe { libc::kill(process_id, libc::SIGINT) };
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What only a server can refuse: each error names it, and none its password.
pub(super) async fn refusals(server: &Server) {
    let newer = server.create_database("newer").await;
    Store::open(&newer).await.unwrap().close().await;
    let later = "INSERT INTO _sqlx_migrations
                 (version, description, installed_on, success, checksum, execution_time)
                 VALUES (9999, 'later', now(), true, '\\x00', 0)";
    server.administer("newer", later).await;

    let right = server.url("postgres");
    let wrong = [
        ("no such database", server.url("nowhere"), "/nowhere"),
        ("wrong password", right.replace(PASSWORD, "geheim"), "/postgres"),
        ("nobody listens", format!("postgres://u:geheim@127.0.0.1:{}/x", free_port()), "/x"),
        ("newer", newer, "newer giaolo"),
    ];
    for (what, url, named) in wrong {
        let error = Store::open(&url).await.err().expect(what);
        let is_newer = matches!(error, StoreError::Newer { found: 9999, .. });
        assert_eq!(is_newer, what == "newer", "{what}: {error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(named), "{what}: {text}");
        assert!(!text.contains("geheim"), "{what}: {text}");
        assert!(!text.contains(PASSWORD), "{what}: {text}");
    }
}

/// The newest installed server's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .collect();
    folders.sort();
    folders.pop()
}

/// User and group to run the server as, where this process is root.
fn server_account() -> Option<(u32, u32)> {
    // SAFETY: reads a number of this process.
    if unsafe { libc::geteuid() } != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let line = accounts
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .expect("the package postgresql makes the account `postgres`");
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

fn as_account(program: &Path, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    // SAFETY: one system call, allowed between fork and exec; it outlives the exec.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
            Ok(())
        });
    }
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
