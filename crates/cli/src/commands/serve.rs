//! `giaolo serve`

use std::{
    io::Write,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use giaolo_web::{App, Settings};
use miette::{Result, miette};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::plain;
use crate::{args::ServeArgs, installation::installation};

/// `giaolo serve`
pub fn run(args: &ServeArgs) -> Result<ExitCode> {
    let database = database(args)?;
    let evidence = evidence(args)?;
    let grammar = giaolo_pipeline::plates::read_grammar(&installation(None)).map_err(plain)?;
    let mut settings = Settings::new(evidence, grammar);
    settings.insecure_cookies = args.insecure_cookies;
    settings.trusted_proxies.clone_from(&args.trusted_proxies);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| miette!("cannot start the server's threads: {error}"))?;
    runtime.block_on(serve(&database, settings, args.listen))?;
    // A look into an evidence folder on a share that hangs must not keep the program from ending.
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

async fn serve(database: &str, settings: Settings, listen: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        miette!(
            "cannot listen on {listen}: {error}; is another program there? --listen takes another"
        )
    })?;
    let at = listener.local_addr().map_err(|error| miette!("cannot tell the address: {error}"))?;
    let mut stops = Stops::new()?;
    let app = App::open(database, settings).await.map_err(plain)?;
    let code = app.first_run_code().await.map_err(plain)?;
    tell(at, code.as_deref()).map_err(|error| miette!("cannot write to stdout: {error}"))?;
    let stop = async move { stops.next().await };
    giaolo_web::serve(app, listener, stop)
        .await
        .map_err(|error| miette!("the server failed: {error}"))
}

/// What whoever started it needs to know, on stdout. The code stands nowhere else.
fn tell(at: SocketAddr, code: Option<&str>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let shown = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => format!("127.0.0.1:{}", at.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("[::1]:{}", at.port()),
        _ => at.to_string(),
    };
    writeln!(out, "giaolo: http://{shown}/ is open; Ctrl-C ends it")?;
    if let Some(code) = code {
        writeln!(
            out,
            "giaolo: nobody has an account yet. Open the address and make the administrator's"
        )?;
        writeln!(out, "giaolo: with this code, which holds until then: {code}")?;
    }
    writeln!(
        out,
        "giaolo: cases to decide are under /review, counts under /stats, cameras under /cameras"
    )?;
    writeln!(out, "giaolo: the interface for programs is described at /api/docs (signed in)")?;
    if !at.ip().is_loopback() {
        writeln!(
            out,
            "giaolo: other machines can reach it: put a proxy with TLS in front (docs/web.md)"
        )?;
    }
    out.flush()
}

struct Stops {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stops {
    fn new() -> Result<Self> {
        let listen =
            |kind| signal(kind).map_err(|error| miette!("cannot listen for signals: {error}"));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        eprintln!("giaolo: stopping");
    }
}

/// Opening makes a file where there is none, and an empty server would be taken for an empty town.
fn database(args: &ServeArgs) -> Result<String> {
    if let Some(database) = &args.database {
        return Ok(database.clone());
    }
    let file = args.data.join("giaolo.db");
    if !file.is_file() {
        return Err(miette!(
            "there is no {}; --data names the folder that `giaolo analyse --out` filled, --database \
             another database",
            file.display()
        ));
    }
    Ok(format!("sqlite:{}", file.display()))
}

fn evidence(args: &ServeArgs) -> Result<PathBuf> {
    let folder = args.evidence.clone().unwrap_or_else(|| args.data.join("evidence"));
    if folder.exists() && !folder.is_dir() {
        return Err(miette!(
            "{} is no folder; --evidence names the one with evidence",
            folder.display()
        ));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_database_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut args = ServeArgs {
            data: folder.path().to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: None,
            evidence: None,
            insecure_cookies: false,
            trusted_proxies: Vec::new(),
        };
        let error = run(&args).unwrap_err().to_string();
        assert!(error.contains("giaolo.db") && error.contains("--data"), "{error}");
        assert!(!folder.path().join("giaolo.db").exists());
        args.database = Some("postgres://a:b@c/d".to_owned());
        assert_eq!(database(&args).unwrap(), "postgres://a:b@c/d");
        std::fs::write(folder.path().join("evidence"), "").unwrap();
        assert!(evidence(&args).unwrap_err().to_string().contains("--evidence"));
    }
}
