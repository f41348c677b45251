//! The arguments of `giaolo plates`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use giaolo_domain::{CameraId, PlateVerdict, UtcTime};
use giaolo_plate::Pattern;
use jiff::{
    civil::{Date, Time},
    fmt::temporal::Pieces,
    tz,
};

#[derive(ClapArgs)]
pub struct PlatesArgs {
    #[command(subcommand)]
    pub command: PlatesCommand,
}

#[derive(Subcommand)]
pub enum PlatesCommand {
    /// Read the plates on pictures
    Read(PlatesReadArgs),
    /// Read the plates on a folder of pictures and score them against a person's list
    Eval(PlatesEvalArgs),
    /// Find the readings that are, or may be, a plate
    #[command(after_help = SEARCH_EXAMPLES)]
    Search(PlatesSearchArgs),
    /// Tell a vehicle's way through the town, as far as its plate was read
    #[command(after_help = JOURNEY_EXAMPLES)]
    Journey(PlatesJourneyArgs),
    /// Be told from now on when a plate is read
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(PlatesWatchArgs),
    /// Show what the watch list was waiting for and found, or say that somebody has seen it
    #[command(after_help = ALERTS_EXAMPLES)]
    Alerts(PlatesAlertsArgs),
}

const SEARCH_EXAMPLES: &str = "\
Patterns: `?` is one character, `*` any number of them; spaces, dots and dashes do not count.
Put them in quotes, or the shell replaces them by names of files.

Times are Viet Nam's unless they say otherwise: 2026-11-24, 2026-11-24T07:00,
2026-11-24T00:00:00Z. A day as the end is that whole day. Recordings of which nobody knows
when they were made are found only without --from and --until.

  giaolo plates search 61A-123.45 --reason \"hit and run\" --case VA-17
  giaolo plates search \"61?1 234*\" --reason \"a witness saw part of it\" --one-wrong
  giaolo plates search \"*461.01\" --from 2026-11-24T07:00 --until 2026-11-24T09:00 \\
      --camera TU15-C1 --camera TU16-C1 --reason \"stolen motorbike\" --json";

const JOURNEY_EXAMPLES: &str = "\
Only what was read is told: between two sightings nobody knows where the vehicle was, and a
doubtful one may be another vehicle's.

  giaolo plates journey 61A-123.45 --from 2026-11-24 --until 2026-11-24 --reason \"hit and run\"";

const WATCH_EXAMPLES: &str = "\
  giaolo plates watch add 61A-123.45 --until 2026-12-24 --reason \"stolen\" --case VA-17
  giaolo plates watch list --reason \"handing over the shift\"
  giaolo plates watch remove 3 --reason \"found\"";

const ALERTS_EXAMPLES: &str = "\
  giaolo plates alerts --reason \"start of the shift\"
  giaolo plates alerts --seen 12 --reason \"patrol sent\"";

#[derive(ClapArgs)]
pub struct PlatesReadArgs {
    /// Pictures, or folders of them
    #[arg(required = true)]
    pub pictures: Vec<PathBuf>,
    /// Print one line of JSON for each picture
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs)]
pub struct PlatesEvalArgs {
    /// The folder of pictures
    pub folder: PathBuf,
    /// CSV with at least the columns file and plate
    #[arg(long)]
    pub truth: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which database, and who looks into its plates for what. All of it goes into the audit log.
#[derive(ClapArgs)]
pub struct AccessArgs {
    /// The database that `analyse` filled: a file, or postgres://USER:PASSWORD@HOST:PORT/NAME
    #[arg(long, env = "GIAOLO_DATABASE", hide_env_values = true)]
    pub database: String,
    /// Why you look, in your own words; it goes into the audit log
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The case or file that it is for
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// Your account, where it is not the one that you are signed in with on this machine
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// When, in Viet Nam's time unless an offset is given.
#[derive(ClapArgs)]
pub struct SpanArgs {
    /// Read at this time or later
    #[arg(long, value_name = "TIME", value_parser = first_moment)]
    pub from: Option<UtcTime>,
    /// Read before this time; a day counts whole
    #[arg(long, value_name = "TIME", value_parser = end)]
    pub until: Option<UtcTime>,
}

#[derive(ClapArgs)]
pub struct PlatesSearchArgs {
    /// A plate, or a pattern like "61?1 234*"
    #[arg(value_parser = Pattern::parse)]
    pub pattern: Pattern,
    #[command(flatten)]
    pub span: SpanArgs,
    /// Only at this camera (may be repeated)
    #[arg(long = "camera", value_name = "ID", value_parser = camera)]
    pub cameras: Vec<CameraId>,
    /// Only readings with this verdict (may be repeated)
    #[arg(long = "verdict", value_enum)]
    pub verdicts: Vec<VerdictArg>,
    /// Also plates with one other character, after the rest
    #[arg(long)]
    pub one_wrong: bool,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    /// All that are found, however many
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    #[command(flatten)]
    pub access: AccessArgs,
}

#[derive(ClapArgs)]
pub struct PlatesJourneyArgs {
    /// One whole plate, without wildcards
    #[arg(value_parser = whole_plate)]
    pub plate: Pattern,
    #[command(flatten)]
    pub span: SpanArgs,
    #[command(flatten)]
    pub access: AccessArgs,
}

#[derive(ClapArgs)]
pub struct PlatesWatchArgs {
    #[command(subcommand)]
    pub command: PlatesWatchCommand,
}

#[derive(Subcommand)]
pub enum PlatesWatchCommand {
    /// Put a plate or a pattern on the watch list
    Add {
        /// A plate, or a pattern of at least four characters
        #[arg(value_parser = Pattern::parse)]
        pattern: Pattern,
        /// When it ends, at most 366 days from now; a day counts whole
        #[arg(long, value_name = "TIME", value_parser = end)]
        until: UtcTime,
        #[command(flatten)]
        access: AccessArgs,
    },
    /// Show what is looked for
    List {
        /// Also what has ended or was removed
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        access: AccessArgs,
    },
    /// Take an entry off the watch list; its alerts stay
    Remove {
        /// Its number
        id: i64,
        #[command(flatten)]
        access: AccessArgs,
    },
}

#[derive(ClapArgs)]
pub struct PlatesAlertsArgs {
    /// Say that you have seen these alerts (may be repeated), in place of showing them
    #[arg(long, value_name = "ID", conflicts_with_all = ["all", "before", "limit"])]
    pub seen: Vec<i64>,
    /// Also those that somebody has seen
    #[arg(long)]
    pub all: bool,
    /// Only those older than this one
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    #[command(flatten)]
    pub access: AccessArgs,
}

/// A verdict under which a plate has a text: an unreadable one is never found.
#[derive(Clone, Copy, ValueEnum)]
pub enum VerdictArg {
    /// Every character is known
    Sure,
    /// Some characters are doubtful
    Doubtful,
}

impl From<VerdictArg> for PlateVerdict {
    fn from(verdict: VerdictArg) -> Self {
        match verdict {
            VerdictArg::Sure => Self::Sure,
            VerdictArg::Doubtful => Self::Doubtful,
        }
    }
}

fn camera(text: &str) -> Result<CameraId, String> {
    if text.trim().is_empty() {
        return Err("it is empty; name a camera like TU15-C1".to_owned());
    }
    Ok(CameraId::new(text.trim()))
}

fn whole_plate(text: &str) -> Result<Pattern, String> {
    let pattern = Pattern::parse(text).map_err(|error| error.to_string())?;
    if !pattern.is_exact() {
        return Err(format!(
            "`{text}` may be many plates; find them with `giaolo plates search`, and ask for the way of one"
        ));
    }
    Ok(pattern)
}

/// A time where something begins: a day begins at midnight.
fn first_moment(text: &str) -> Result<UtcTime, String> {
    moment(text, Ok)
}

/// A time where something ends: a day ends where the next one begins, or the day that somebody names
/// as the last would be missing.
fn end(text: &str) -> Result<UtcTime, String> {
    moment(text, |day| day.tomorrow().map_err(|error| error.to_string()))
}

fn moment(
    text: &str,
    midnight_after: impl Fn(Date) -> Result<Date, String>,
) -> Result<UtcTime, String> {
    let wrong = || {
        format!(
            "`{text}` is no time like 2026-11-24, 2026-11-24T07:00 (both in Viet Nam) or 2026-11-24T00:00:00Z"
        )
    };
    let pieces = Pieces::parse(text.trim()).map_err(|_| wrong())?;
    if pieces.offset().is_some() {
        return UtcTime::parse(text.trim()).map_err(|_| wrong());
    }
    if pieces.time_zone_annotation().is_some() {
        return Err(wrong());
    }
    let local = match pieces.time() {
        Some(time) => pieces.date().to_datetime(time),
        None => midnight_after(pieces.date()).map_err(|_| wrong())?.to_datetime(Time::midnight()),
    };
    let timestamp = tz::offset(7).to_timestamp(local).map_err(|_| wrong())?;
    Ok(UtcTime::from_micros(timestamp.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_viet_nams_and_a_last_day_counts_whole() {
        let cases = [
            ("2026-11-24", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z"),
            ("2026-12-31", "2026-12-30T17:00:00Z", "2026-12-31T17:00:00Z"),
            ("2026-11-24T07:00", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-11-24 07:30:05.250", "2026-11-24T00:30:05.25Z", "2026-11-24T00:30:05.25Z"),
            ("2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z"),
            (" 2026-11-24T07:00:00+09:00 ", "2026-11-23T22:00:00Z", "2026-11-23T22:00:00Z"),
        ];
        for (text, begins, ends) in cases {
            assert_eq!(first_moment(text), Ok(UtcTime::parse(begins).unwrap()), "{text}");
            assert_eq!(end(text), Ok(UtcTime::parse(ends).unwrap()), "{text}");
        }
        let wrong = [
            "",
            "yesterday",
            "24/11/2026",
            "2026-13-01",
            "2026-02-30",
            "2026-11-24T25:00",
            "07:00",
            "1764000000",
            "2026-11-24T07:00[Europe/Berlin]",
            "2026-11-24T07:00+99:00",
            "9999-12-31",
        ];
        for text in wrong {
            for parsed in [first_moment(text), end(text)] {
                let allowed = text == "9999-12-31" && parsed.is_ok();
                assert!(
                    allowed || parsed.is_err_and(|e| e.contains(&format!("`{text}`"))),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_way_is_of_one_plate() {
        assert_eq!(whole_plate("61a-123.45").unwrap().glob(), "61A12345");
        for wrong in ["61A*", "", "61A12?45", "61%"] {
            assert!(whole_plate(wrong).is_err(), "{wrong}");
        }
    }
}
