//! Looking into the plates of a database: only into one that is there, never without a name and a
//! reason; and the words and JSON in which a stored reading is told.

use std::{collections::BTreeMap, ffi::CStr, path::Path};

use giaolo_domain::{CameraId, ClockSource, PlateReading, UtcTime};
use giaolo_scene::Scene;
use giaolo_store::{Access, Store, StoredReading};
use miette::{Result, miette};
use serde_json::{Value, json};

use super::plain;
use crate::args::AccessArgs;

/// Uncertainty of a clock, in seconds, from which it is told: a smaller one changes nothing for
/// whoever looks for a vehicle.
const TOLD_UNCERTAINTY_S: f64 = 1.0;

/// Opens the database and does the work with leave to look into its plates.
pub fn look<T>(
    args: &AccessArgs,
    work: impl AsyncFnOnce(&Store, &Access) -> Result<T>,
) -> Result<T> {
    let who = args.who.clone().unwrap_or_else(login_name);
    let access = Access::new(now()?, &who, &args.reason, args.case.as_deref()).map_err(plain)?;
    must_be_there(&args.database)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| miette!("cannot start the database runtime: {error}"))?;
    runtime.block_on(async {
        let store = Store::open(&args.database).await.map_err(plain)?;
        let done = work(&store, &access).await;
        store.close().await;
        done
    })
}

fn now() -> Result<UtcTime> {
    // What is written into the audit log; with a clock before 1970 it would say nothing.
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_err(|_| miette!("this machine's clock is before 1970; set it"))?;
    let micros = i64::try_from(since_1970.as_micros())
        .map_err(|_| miette!("this machine's clock is far in the future; set it"))?;
    Ok(UtcTime::from_micros(micros))
}

/// The account that the program runs under as the system knows it, and not as `$USER` claims.
fn login_name() -> String {
    // SAFETY: called before any other thread is started, so nobody else asks for an entry; what it
    // points to is copied before the next call.
    unsafe {
        let uid = libc::getuid();
        let entry = libc::getpwuid(uid);
        if entry.is_null() || (*entry).pw_name.is_null() {
            return format!("uid {uid}");
        }
        CStr::from_ptr((*entry).pw_name).to_string_lossy().into_owned()
    }
}

/// Opening makes a file where there is none, and a search of an empty one finds nothing: a mistyped
/// path would be taken for an answer.
fn must_be_there(database: &str) -> Result<()> {
    let is_url = |scheme: &str| database.starts_with(scheme);
    if is_url("postgres://") || is_url("postgresql://") {
        return Ok(());
    }
    if database == "sqlite::memory:" {
        return Err(miette!("a database in memory is empty; name one that `analyse` filled"));
    }
    let path = match database.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        // The store tells what it knows of such an address.
        None if database.contains("://") => return Ok(()),
        None => database,
    };
    let path = Path::new(path);
    if path.is_dir() {
        let inside = path.join("giaolo.db");
        let hint = if inside.is_file() {
            format!("did you mean {}", inside.display())
        } else {
            "name the file, like out/clip/giaolo.db".to_owned()
        };
        return Err(miette!("{} is a folder; {hint}", path.display()));
    }
    let about = std::fs::metadata(path).map_err(|error| {
        miette!(
            "there is no database {}: {error}; name one that `analyse` filled, with --database or \
             GIAOLO_DATABASE",
            path.display()
        )
    })?;
    if about.len() == 0 {
        return Err(miette!("{} is an empty file and no database", path.display()));
    }
    Ok(())
}

/// Says so where nothing can be found because nothing was ever put in.
pub async fn note_if_empty(store: &Store) -> Result<()> {
    if store.cameras().await.map_err(plain)?.is_empty() {
        eprintln!("giaolo: note: nothing has been analysed into {} yet", store.name());
    }
    Ok(())
}

/// Refuses cameras that the database does not know: nothing would be found there, and that would be
/// taken for an answer.
pub async fn must_be_known(store: &Store, cameras: &[CameraId]) -> Result<()> {
    const NAMED: usize = 8;
    let known = store.cameras().await.map_err(plain)?;
    for camera in cameras {
        if known.iter().all(|known| known.id != *camera) {
            let names: Vec<&str> =
                known.iter().take(NAMED).map(|known| known.id.as_str()).collect();
            let more = known.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            return Err(miette!(
                "database {} knows no camera `{camera}`; known are {}{more}",
                store.name(),
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            ));
        }
    }
    Ok(())
}

/// Where cameras stand, as their newest scenes say; by the register's point without one.
pub async fn places(
    store: &Store,
    cameras: impl Iterator<Item = &CameraId>,
) -> Result<BTreeMap<CameraId, String>> {
    let register = store.cameras().await.map_err(plain)?;
    let mut places = BTreeMap::new();
    for camera in cameras {
        if places.contains_key(camera) {
            continue;
        }
        let scenes = store.scene_versions(camera).await.map_err(plain)?;
        let drawn = scenes.last().and_then(|scene| Scene::from_toml(&scene.toml).ok());
        let point = register.iter().find(|known| known.id == *camera);
        let point = point.and_then(|camera| camera.point.clone());
        if let Some(place) = drawn.map(|scene| scene.place).or(point) {
            places.insert(camera.clone(), place);
        }
    }
    Ok(places)
}

/// A camera with its place.
pub fn camera_at(camera: &CameraId, place: Option<&str>) -> String {
    match place {
        Some(place) => format!("{camera} {}", one_line(place)),
        None => camera.to_string(),
    }
}

/// A moment as it is said in Viet Nam, with what is to be known of its clock.
pub fn when(at: UtcTime, clock: ClockSource, uncertainty_s: Option<f64>) -> String {
    if clock == ClockSource::Unknown {
        return format!("{:.1} s into a recording of unknown time", at.micros() as f64 / 1e6);
    }
    let mut said = at.in_viet_nam();
    if let Some(seconds) = uncertainty_s.filter(|seconds| *seconds >= TOLD_UNCERTAINTY_S) {
        said.push_str(&format!(" ± {seconds:.0} s"));
    }
    if clock == ClockSource::FileModified {
        said.push_str(" (by the file's date, a hint only)");
    }
    said
}

/// A time that a person gave, without the fraction that he did not give.
pub fn given_time(at: UtcTime) -> String {
    let text = at.in_viet_nam();
    text.strip_suffix(".000").unwrap_or(&text).to_owned()
}

/// What is to be known of a reading beside its plate.
pub fn about(reading: &PlateReading) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(reading.colour.map(|colour| colour.as_str().to_owned()));
    words.extend(reading.kind.clone());
    if reading.manual {
        words.push("for a person to decide".to_owned());
    }
    for character in reading.characters.iter().filter(|character| character.doubtful) {
        let others: Vec<String> =
            character.others.iter().map(|(symbol, _)| format!(" or {symbol}")).collect();
        words.push(format!("`?` may be {}{}", character.symbol, others.concat()));
    }
    words
}

/// The keys of a stored reading.
pub fn reading_json(stored: &StoredReading, place: Option<&str>) -> Value {
    json!({
        "run": stored.run.0,
        "camera": stored.camera,
        "place": place,
        "track": stored.row.track,
        "class": stored.row.class,
        "read_at": stored.read_at,
        "first_at": stored.first_at,
        "last_at": stored.last_at,
        "clock": stored.clock,
        "clock_uncertainty_s": stored.clock_uncertainty_s,
        "shown": stored.row.reading.shown(),
        "violations": stored.violations,
        "reading": stored.row.reading,
    })
}

/// The keys that every answer begins with: who asked, when and why.
pub fn access_json(access: &Access) -> Value {
    json!({
        "at": access.at(),
        "who": access.who(),
        "reason": access.reason(),
        "case": access.case(),
    })
}

/// A person's text without line breaks and what else steers a terminal.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_say_what_their_clock_is_worth() {
        let at = UtcTime::parse("2026-11-24T00:30:00.25Z").unwrap();
        let cases = [
            (ClockSource::Operator, None, "2026-11-24 07:30:00.250"),
            (ClockSource::Operator, Some(0.5), "2026-11-24 07:30:00.250"),
            (ClockSource::CameraRtcp, Some(2.0), "2026-11-24 07:30:00.250 ± 2 s"),
            (
                ClockSource::FileModified,
                None,
                "2026-11-24 07:30:00.250 (by the file's date, a hint only)",
            ),
        ];
        for (clock, uncertainty_s, said) in cases {
            assert_eq!(when(at, clock, uncertainty_s), said);
        }
        let unknown = when(UtcTime::from_micros(12_300_000), ClockSource::Unknown, None);
        assert_eq!(unknown, "12.3 s into a recording of unknown time");
        assert!(!unknown.contains("1970"));
    }

    #[test]
    fn no_text_of_another_person_steers_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a [2Jb c");
    }

    #[test]
    fn only_a_database_that_is_there_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("empty.db"), "").unwrap();
        std::fs::write(path("some.db"), "something").unwrap();
        std::fs::create_dir(path("out")).unwrap();
        std::fs::write(path("out/giaolo.db"), "something").unwrap();
        let wrong = [
            (path("none.db"), "no database"),
            (format!("sqlite:{}", path("none.db")), "no database"),
            (path("empty.db"), "empty file"),
            (path("out"), "out/giaolo.db"),
            ("sqlite::memory:".to_owned(), "memory"),
        ];
        for (database, problem) in wrong {
            let error = must_be_there(&database).unwrap_err().to_string();
            assert!(error.contains(problem), "{database}: {error}");
        }
        for right in [path("some.db"), format!("sqlite:{}", path("some.db"))] {
            assert!(must_be_there(&right).is_ok(), "{right}");
        }
        assert!(!Path::new(&path("none.db")).exists());
    }
}
