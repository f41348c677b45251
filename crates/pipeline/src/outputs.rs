//! The files of an analysis: written beside their names, renamed when whole.
//!
//! A folder holds either the files of a finished analysis or none of a broken one; a file that ends
//! in `.partial` is of an analysis that is going on or was killed, and is written anew by the next.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use giaolo_domain::{CameraId, ClockSource, Crossing, Event, TimeOrigin, UtcTime};
use giaolo_interchange::{OtEvent, OtEventsSource, write_otevents};
use giaolo_scene::Scene;
use giaolo_store::{Count, CountRow};
use serde::Serialize;

use crate::{error::PipelineError, judge::JudgeFiles, summary::Summary};

/// The annotated video's name.
pub(crate) const ANNOTATED: &str = "annotated.mp4";

/// The name of the file of plate readings.
pub(crate) const READINGS: &str = "readings.jsonl";

/// Removes what an earlier analysis left in the folder but for database and evidence: a folder must
/// not show a new summary beside an old video, nor an old one as if it were of a failed analysis.
pub(crate) fn remove_former(out: &Path) -> Result<(), PipelineError> {
    let names = ["summary.json", "events.jsonl", "tracks.jsonl", READINGS, "counts.csv", ANNOTATED];
    for name in names {
        let path = out.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(PipelineError::io("remove", path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A file that gets its name when it is whole. Dropped before, it is removed.
pub(crate) struct WholeFile {
    path: PathBuf,
    partial: PathBuf,
    out: BufWriter<File>,
}

impl WholeFile {
    pub(crate) fn create(path: PathBuf) -> Result<Self, PipelineError> {
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(PipelineError::io("create", &partial))?;
        Ok(Self { path, partial, out: BufWriter::with_capacity(1 << 16, file) })
    }

    pub(crate) fn line(&mut self, line: &str) -> Result<(), PipelineError> {
        self.out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(PipelineError::io("write", &self.partial))
    }

    /// Syncs the file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<(), PipelineError> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .map_err(PipelineError::io("write", &self.partial))?;
        std::fs::rename(&self.partial, &self.path).map_err(PipelineError::io("name", &self.path))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // After `finish` there is nothing of that name any more.
        let _ = std::fs::remove_file(&self.partial);
    }
}

/// Gives all files of an analysis their names; `summary.json` comes last and says that it is whole.
#[expect(clippy::too_many_arguments, reason = "everything that ends up in the folder")]
pub(crate) fn finish(
    files: JudgeFiles,
    readings: Option<WholeFile>,
    out: &Path,
    source: &Path,
    scene: &Scene,
    origin: TimeOrigin,
    crossings: &[Crossing],
    counts: &[CountRow],
    summary: &Summary,
) -> Result<(), PipelineError> {
    files.events.finish()?;
    files.tracks.finish()?.finish()?;
    readings.map_or(Ok(()), WholeFile::finish)?;
    let mut csv = WholeFile::create(out.join("counts.csv"))?;
    counts_csv(&mut csv, counts).map_err(|error| PipelineError::Table {
        path: out.join("counts.csv"),
        reason: error.to_string(),
    })?;
    csv.finish()?;
    if let Some(ottrk) = files.ottrk {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let mut file = WholeFile::create(out.join(format!("{stem}.ottrk")))?;
        for note in ottrk.finish(&mut file)? {
            tracing::warn!("{}", note.en);
        }
        file.finish()?;
        let events: Vec<OtEvent<'_>> =
            crossings.iter().map(|crossing| OtEvent { crossing, direction: None }).collect();
        let source = OtEventsSource {
            video: file_name(source),
            origin,
            program_version: summary.program_version.clone(),
        };
        let mut file = WholeFile::create(out.join(format!("{stem}.otevents")))?;
        write_otevents(&mut file, &source, scene, &events)?;
        file.finish()?;
    }
    let json = serde_json::to_string_pretty(summary)
        .map_err(|error| PipelineError::Stage { stage: "summary", reason: error.to_string() })?;
    let mut file = WholeFile::create(out.join("summary.json"))?;
    file.line(&json)?;
    file.finish()
}

/// One row for each line, way, movement, class and quarter of an hour.
fn counts_csv(out: &mut WholeFile, counts: &[CountRow]) -> Result<(), csv::Error> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["quarter_start", "line", "way", "movement", "class", "count", "coverage"])?;
    for row in counts {
        // What is not known is an empty cell, never a 0.
        let count = match row.count {
            Count::Known(count) => count.to_string(),
            Count::NotAnalysed | Count::Overlapping => String::new(),
        };
        csv.write_record([
            row.quarter.to_string().as_str(),
            row.line.as_str(),
            row.way.as_str(),
            row.movement.as_ref().map_or("", |movement| movement.as_str()),
            row.class.as_str(),
            &count,
            &format!("{:.4}", row.coverage),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// The last part of a path, for people.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}

/// A line of `events.jsonl`: the event with its camera and, where a clock is known, its wall time.
#[derive(Serialize)]
struct EventLine<'a> {
    #[serde(flatten)]
    event: &'a Event,
    camera: &'a CameraId,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_at: Option<UtcTime>,
}

/// An event as one line of JSON.
pub(crate) fn event_line(
    event: &Event,
    camera: &CameraId,
    origin: &TimeOrigin,
) -> Result<String, PipelineError> {
    let known = origin.clock != ClockSource::Unknown;
    let taken_at = known.then(|| origin.start.plus(event.at().time));
    serde_json::to_string(&EventLine { event, camera, taken_at })
        .map_err(|error| PipelineError::Stage { stage: "events", reason: error.to_string() })
}

/// SHA-256 and size of a file.
pub(crate) fn hash_file(path: &Path) -> Result<(String, u64), PipelineError> {
    use sha2::{Digest, Sha256};
    let mut file = File::open(path).map_err(PipelineError::io("open", path))?;
    let mut hasher = Sha256::new();
    let bytes = std::io::copy(&mut file, &mut hasher).map_err(PipelineError::io("read", path))?;
    let hash = hasher.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok((hash, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut file = WholeFile::create(path.clone()).unwrap();
        file.line("{}").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut file = WholeFile::create(path.clone()).unwrap();
        file.line("{}").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
        assert_eq!(hash_file(&path).unwrap().1, 3);
    }
}
