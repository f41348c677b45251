//! The command line.

mod plates;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use giaolo_domain::UtcTime;

pub use self::plates::{
    AccessArgs, PlatesAlertsArgs, PlatesArgs, PlatesCommand, PlatesEvalArgs, PlatesJourneyArgs,
    PlatesReadArgs, PlatesSearchArgs, PlatesWatchArgs, PlatesWatchCommand, SpanArgs,
};

/// Giao Lộ: traffic cameras to counts and proven violations.
#[derive(Parser)]
#[command(name = "giaolo", version, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Analyse a recording under a scene: crossings, violations, counts, evidence
    Analyse(AnalyseArgs),
    /// Analyse a recording and score it against a person's truth
    Eval(EvalArgs),
    /// Run a scene's lines and rules over stored tracks, without video
    Replay(ReplayArgs),
    /// Make a scene from an OpenTrafficCam .otflow
    ImportOtflow(ImportOtflowArgs),
    /// Check a scene file, or print its JSON Schema
    Scene(SceneArgs),
    /// Verify or export evidence, offline
    Evidence(EvidenceArgs),
    /// Read number plates on pictures, find vehicles by their plate, watch for some
    Plates(PlatesArgs),
    /// Serve the screens: review, counts, scenes, cameras, the audit log
    Serve(ServeArgs),
    /// List, fetch or verify models
    Models(ModelsArgs),
    /// Check this machine: libraries, models, processor, fonts, disk, clock
    Doctor,
}

#[derive(ClapArgs)]
pub struct RunArgs {
    /// The recording
    pub source: PathBuf,
    /// The scene file
    #[arg(long)]
    pub scene: PathBuf,
    /// A model other than the scene's (see `giaolo models list`)
    #[arg(long)]
    pub model: Option<String>,
    /// Threads that run the model; one or two cores are enough for a recording
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,
    /// Where the model runs
    #[arg(long, value_enum, default_value_t = Provider::Cpu)]
    pub provider: Provider,
    /// When the recording began, like 2026-11-24T07:30:00+07:00
    #[arg(long, value_parser = UtcTime::parse)]
    pub start: Option<UtcTime>,
    /// Accept a model's licence, like agpl-3.0 (may be repeated)
    #[arg(long = "accept-licence", value_name = "LICENCE")]
    pub accepted_licences: Vec<String>,
    /// A database other than giaolo.db in the output folder (postgres://… or a file)
    #[arg(long, env = "GIAOLO_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// A folder for evidence other than evidence/ in the output folder; one database has one
    #[arg(long, env = "GIAOLO_EVIDENCE")]
    pub evidence: Option<PathBuf>,
    /// The key that signs evidence; made at the first use
    #[arg(long, env = "GIAOLO_KEY")]
    pub key: Option<PathBuf>,
    /// Read no number plates
    #[arg(long)]
    pub no_plates: bool,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ClapArgs)]
pub struct AnalyseArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// The folder for everything that comes out
    #[arg(long)]
    pub out: PathBuf,
    /// Also make annotated.mp4
    #[arg(long)]
    pub annotate: bool,
    /// Other formats to write beside our own
    #[arg(long, value_enum)]
    pub format: Option<OtherFormat>,
}

#[derive(ClapArgs)]
pub struct EvalArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// What a person saw
    #[arg(long)]
    pub truth: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Keep what the analysis writes in this folder
    #[arg(long)]
    pub out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct ReplayArgs {
    /// tracks.jsonl, .ottrk, or signal tracks as text
    pub tracks: PathBuf,
    /// The scene file
    #[arg(long)]
    pub scene: PathBuf,
    /// Frames a second, for files that do not say
    #[arg(long)]
    pub fps: Option<f64>,
    /// What x and y are in an .ottrk that does not say
    #[arg(long, value_enum)]
    pub box_origin: Option<BoxOriginArg>,
    /// Also print, on stderr, each change of sides that did not count or came later, and why
    #[arg(long)]
    pub explain: bool,
}

#[derive(ClapArgs)]
pub struct ImportOtflowArgs {
    /// The .otflow
    pub file: PathBuf,
    /// Width and height of the picture, like 800x600
    #[arg(long, value_parser = size)]
    pub size: (u32, u32),
}

#[derive(ClapArgs)]
pub struct SceneArgs {
    #[command(subcommand)]
    pub command: SceneCommand,
}

#[derive(Subcommand)]
pub enum SceneCommand {
    /// Report every mistake in scene files, with key, line and column
    Check {
        /// Scene files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of scene files
    Schema,
}

#[derive(ClapArgs)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    pub command: EvidenceCommand,
}

#[derive(Subcommand)]
pub enum EvidenceCommand {
    /// Check a folder, a zip or a whole evidence directory; needs nothing but its bytes
    Verify {
        /// What to check
        path: PathBuf,
        /// Only this signer is right: its fingerprint (sha256:…) or public key (may be repeated)
        #[arg(long = "trusted-key", value_name = "KEY")]
        trusted_keys: Vec<giaolo_evidence::TrustedKey>,
        /// The chain must end with this: SEQUENCE:MANIFEST_SHA256
        #[arg(long, value_parser = chain_link)]
        expected_head: Option<giaolo_evidence::ChainLink>,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Pack one folder as a zip that verifies as well
    Export {
        /// The evidence folder
        folder: PathBuf,
        /// The zip to write
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(ClapArgs)]
pub struct ServeArgs {
    /// The folder with giaolo.db and evidence/, as `analyse --out` filled it
    #[arg(long)]
    pub data: PathBuf,
    /// The address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// A database other than giaolo.db in the data folder (postgres://… or a file)
    #[arg(long, env = "GIAOLO_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// A folder of evidence other than evidence/ in the data folder
    #[arg(long, env = "GIAOLO_EVIDENCE")]
    pub evidence: Option<PathBuf>,
    /// Send cookies over plain HTTP to other machines too; only for tests
    #[arg(long)]
    pub insecure_cookies: bool,
    /// A proxy on another machine whose x-forwarded-for is believed (may be repeated)
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    pub trusted_proxies: Vec<IpAddr>,
}

#[derive(ClapArgs)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub command: ModelsCommand,
}

#[derive(Subcommand)]
pub enum ModelsCommand {
    /// What there is, under which licence, and whether it is fetched
    List,
    /// Fetch, convert and check what is missing
    Fetch {
        /// Only this model
        name: Option<String>,
        /// Only this input size, like 640x384
        #[arg(long)]
        size: Option<String>,
        /// Accept a model's licence, like agpl-3.0
        #[arg(long = "accept-licence", value_name = "LICENCE")]
        accepted_licences: Vec<String>,
    },
    /// Check every fetched file against its SHA-256
    Verify,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Provider {
    /// The processor
    Cpu,
    /// An NVIDIA card
    Cuda,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OtherFormat {
    /// OpenTrafficCam: .ottrk and .otevents
    Otc,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum BoxOriginArg {
    /// The box's top left corner
    TopLeft,
    /// The box's centre
    Centre,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let wrong = || format!("`{text}` is no size like 800x600");
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let side = |side: &str| side.parse().ok().filter(|side| (1..=16_384).contains(side));
    Ok((side(width).ok_or_else(wrong)?, side(height).ok_or_else(wrong)?))
}

fn chain_link(text: &str) -> Result<giaolo_evidence::ChainLink, String> {
    let wrong = || format!("`{text}` is no SEQUENCE:MANIFEST_SHA256");
    let (sequence, manifest_sha256) = text.split_once(':').ok_or_else(wrong)?;
    let is_hash =
        manifest_sha256.len() == 64 && manifest_sha256.bytes().all(|b| b.is_ascii_hexdigit());
    match sequence.parse() {
        Ok(sequence) if is_hash => Ok(giaolo_evidence::ChainLink {
            sequence,
            manifest_sha256: manifest_sha256.to_ascii_lowercase(),
        }),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
        assert_eq!(size("800x600"), Ok((800, 600)));
        for wrong in ["800", "0x600", "800x", "x", "800x600x2", "99999x1"] {
            assert!(size(wrong).unwrap_err().contains(wrong));
        }
        assert!(chain_link(&format!("3:{}", "a".repeat(64))).is_ok());
        for wrong in ["3", "x:aa", "3:zz"] {
            assert!(chain_link(wrong).is_err());
        }
    }
}
