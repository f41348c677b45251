//! Reads what an analysis left, and holds its parts against one another: files, database, evidence.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use giaolo_domain::{CameraId, Crossing, Event, TimeOrigin, UtcTime, Violation};
use giaolo_evidence::{Manifest, ProblemCode, VerifyOptions, jpeg_size, verify};
use giaolo_interchange::{FrameTracks, TracksInfo, open_tracks};
use giaolo_media::{FileSource, OpenOptions};
use giaolo_store::{Count, EvidenceRow, Page, RunId, RunRow, RunState, Store, ViolationFilter};
use serde_json::Value;

/// The files of a finished analysis.
pub struct Results {
    /// Where they are.
    pub folder: PathBuf,
    /// `events.jsonl`, line by line.
    pub lines: Vec<String>,
    /// The same, read.
    pub events: Vec<Event>,
    /// `summary.json`
    pub summary: Value,
    /// `counts.csv`: the number for each line, way and class.
    pub counts: BTreeMap<String, u64>,
    /// The head of `tracks.jsonl`.
    pub tracks_info: TracksInfo,
    /// Its frames.
    pub frames: Vec<FrameTracks>,
}

impl Results {
    /// Reads the files, each of which must be there and sound.
    pub fn read(folder: &Path) -> Self {
        let text = |name: &str| {
            fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        let lines: Vec<String> = text("events.jsonl").lines().map(str::to_owned).collect();
        let event = |line: &String| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        let tracks = open_tracks(&folder.join("tracks.jsonl")).unwrap();
        Self {
            folder: folder.to_owned(),
            events: lines.iter().map(event).collect(),
            lines,
            summary: serde_json::from_str(&text("summary.json")).unwrap(),
            counts: counts(&text("counts.csv")),
            tracks_info: tracks.info,
            frames: tracks.frames.map(Result::unwrap).collect(),
        }
    }

    /// The crossings among the events.
    pub fn crossings(&self) -> Vec<&Crossing> {
        let events = self.events.iter();
        events
            .filter_map(|event| if let Event::Crossing(c) = event { Some(c) } else { None })
            .collect()
    }

    /// The violations among the events.
    pub fn violations(&self) -> Vec<&Violation> {
        let events = self.events.iter();
        events
            .filter_map(|event| if let Event::Violation(v) = event { Some(&**v) } else { None })
            .collect()
    }

    /// When the recording began.
    pub fn origin(&self) -> TimeOrigin {
        serde_json::from_value(self.summary["origin"].clone()).unwrap()
    }

    /// The evidence directory.
    pub fn evidence(&self) -> PathBuf {
        self.folder.join("evidence")
    }

    /// Holds events, tracks, counts and summary against one another.
    pub fn agree(&self) {
        let summary = &self.summary;
        let number = |value: &Value| value.as_u64().unwrap();
        let frames = &summary["frames"];
        let parts = ["analysed", "not_due", "corrupt"].map(|outcome| number(&frames[outcome]));
        assert_eq!(number(&frames["read"]), parts.iter().sum::<u64>());
        assert_eq!(self.frames.len() as u64, number(&frames["analysed"]), "frames in tracks.jsonl");

        let mut crossings: BTreeMap<String, u64> = BTreeMap::new();
        for crossing in self.crossings() {
            let (line, way) = (&crossing.line, crossing.way.as_str());
            *crossings.entry(format!("{line}/{way}/{}", crossing.class)).or_default() += 1;
        }
        assert_eq!(crossings, numbers(&summary["crossings"]), "events and summary");
        let counted: BTreeMap<String, u64> =
            self.counts.iter().filter(|(_, n)| **n > 0).map(|(k, n)| (k.clone(), *n)).collect();
        assert_eq!(crossings, counted, "events and counts.csv");

        let mut violations: BTreeMap<String, u64> = BTreeMap::new();
        for violation in self.violations() {
            *violations.entry(violation.kind.to_string()).or_default() += 1;
        }
        assert_eq!(violations, numbers(&summary["violations"]), "violations");
        assert_eq!(summary["unproven"], Value::Array(Vec::new()));

        let origin = self.origin();
        for (line, event) in self.lines.iter().zip(&self.events) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["camera"], summary["camera"]);
            let taken_at: UtcTime = serde_json::from_value(line["taken_at"].clone()).unwrap();
            assert_eq!(taken_at, origin.start.plus(event.at().time));
        }
    }

    /// Where the boxes of a violation are not those of its own track in the frames that it names: its
    /// evidence would show somebody else there. Empty for good evidence.
    pub fn strangers(&self) -> Vec<String> {
        let mut strangers = Vec::new();
        for violation in self.violations() {
            for (what, at, bbox) in [
                ("before", violation.before, violation.box_before),
                ("act", violation.act, violation.box_act),
                ("after", violation.after, violation.box_after),
            ] {
                let frame = self.frames.iter().find(|frame| frame.at == at);
                let mut seen = frame.into_iter().flat_map(|frame| &frame.tracks);
                if !seen.any(|seen| seen.track == violation.track && seen.bbox == bbox) {
                    let (kind, track) = (violation.kind, violation.track);
                    strangers.push(format!("{kind} of track {track}: {what} at {}", at.frame));
                }
            }
        }
        strangers
    }

    /// Holds the database, with the newest run of this source in it, against the files. Violations
    /// may be of an earlier run of the same source.
    pub fn agree_with(&self, database: &str) {
        block_on(async {
            let store = Store::open(database).await.unwrap();
            let source = self.summary["source_sha256"].as_str().unwrap().to_owned();
            let row = newest_run(&store, &source).await;
            let run = row.id;
            assert_eq!(row.state, RunState::Complete, "{:?}", row.failure);
            assert_eq!(
                row.end.unwrap().frames,
                self.summary["frames"]["analysed"].as_u64().unwrap()
            );

            let tracks = store.tracks(run).await.unwrap();
            assert_eq!(tracks.len() as u64, self.summary["tracks"].as_u64().unwrap());
            let seen: BTreeSet<_> =
                self.frames.iter().flat_map(|f| &f.tracks).map(|seen| seen.track).collect();
            assert!(tracks.iter().all(|track| seen.contains(&track.track)));

            let mut crossings: Vec<Crossing> = self.crossings().into_iter().cloned().collect();
            crossings.sort_by_key(|c| (c.at.frame, c.track, c.line.clone(), c.way.as_str()));
            let stored = store.crossings(run).await.unwrap();
            let mut stored: Vec<Crossing> = stored.into_iter().map(|s| s.crossing).collect();
            stored.sort_by_key(|c| (c.at.frame, c.track, c.line.clone(), c.way.as_str()));
            assert_eq!(crossings, stored);

            let camera = CameraId::new(self.summary["camera"].as_str().unwrap());
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let (from, until) = (UtcTime::from_micros(0), UtcTime::from_micros(i64::MAX / 4));
            for row in store.counts(&camera, from, until).await.unwrap() {
                let Count::Known(count) = row.count else { panic!("{row:?}") };
                let key = format!("{}/{}/{}", row.line, row.way.as_str(), row.class);
                *counts.entry(key).or_default() += count;
            }
            assert_eq!(self.counts, counts, "counts.csv and the database");

            let of_source =
                ViolationFilter { source_sha256: Some(source), ..ViolationFilter::default() };
            let page = Page { after: None, limit: 1000 };
            let stored = store.violations(&of_source, &page).await.unwrap();
            let mut facts: Vec<Violation> = stored
                .iter()
                .map(|row| serde_json::from_value(row.facts.clone()).unwrap())
                .collect();
            let mut found: Vec<Violation> = self.violations().into_iter().cloned().collect();
            for list in [&mut facts, &mut found] {
                list.sort_by_key(|v| (v.act, v.track, v.rule.clone()));
            }
            assert_eq!(facts, found, "violations in the database and in events.jsonl");
            for row in &stored {
                let evidence = store.evidence_of(&row.id).await.unwrap().expect("its evidence");
                assert!(self.evidence().join(&evidence.folder).is_dir(), "{}", evidence.folder);
            }
            assert!(store.audit_verify().await.unwrap().broken.is_none());
            store.close().await;
        });
    }

    /// The names of the evidence folders. Beside them may lie only what says whose they are.
    pub fn evidence_folders(&self) -> BTreeSet<String> {
        let mut folders = names(&self.evidence());
        folders.remove(".database");
        folders
    }

    /// Holds each folder of evidence against the events and looks at its pictures and its clip.
    pub fn evidence_shows_the_events(&self) {
        let report = verify(&self.evidence(), &VerifyOptions::default()).unwrap();
        assert!(
            report.is_good() && report.notes.iter().all(|note| note.code != ProblemCode::DraftLeft),
            "{report:?}"
        );
        let mut proven = Vec::new();
        for name in self.evidence_folders() {
            let folder = self.evidence().join(&name);
            let manifest =
                Manifest::read(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
            assert_eq!(name, format!("{:08}-{}", manifest.sequence, manifest.id));
            let facts = manifest.facts;
            let violation = &facts.violation;
            let mut frames: Vec<_> = facts.stills.iter().map(|still| still.frame).collect();
            frames.sort_unstable();
            let best = facts.plate.as_ref().and_then(|plate| plate.best);
            let mut expected = vec![violation.before, violation.act, violation.after];
            expected.extend(best.map(|best| best.at));
            expected.sort_unstable();
            assert_eq!(frames, expected, "{name}: a plate that was read is shown");
            assert_eq!(facts.plate_not_shown, None, "{name}");
            assert_eq!(folder.join("plate.jpg").is_file(), best.is_some(), "{name}");
            if let Some(best) = best {
                let plate = jpeg_size(&fs::read(folder.join("plate.jpg")).unwrap()).unwrap();
                let (width, height) = (best.bbox.width(), best.bbox.height());
                assert!(plate.width as f32 >= width && plate.height as f32 >= height, "{name}");
            }
            let size = self.tracks_info.size.unwrap();
            for still in &facts.stills {
                let picture = jpeg_size(&fs::read(folder.join(&still.file)).unwrap()).unwrap();
                assert_eq!((picture.width, picture.height), size, "{name}/{}", still.file);
                assert_eq!(still.taken_at, facts.clock.start.plus(still.frame.time));
            }
            let vehicle = jpeg_size(&fs::read(folder.join("vehicle.jpg")).unwrap()).unwrap();
            let bbox = violation.box_act;
            assert!(vehicle.width as f32 >= bbox.width() && vehicle.height as f32 >= bbox.height());
            let clip = decode(&folder.join("clip.mp4"));
            assert_eq!(clip.size, size, "{name}/clip.mp4");
            let span_s = violation.after.time.seconds_since(violation.before.time);
            assert!(clip.seconds >= span_s, "{name}/clip.mp4: {} s for {span_s} s", clip.seconds);
            proven.push(facts.violation);
        }
        let mut found: Vec<Violation> = self.violations().into_iter().cloned().collect();
        for list in [&mut proven, &mut found] {
            list.sort_by_key(|v| (v.act, v.track, v.rule.clone()));
        }
        assert_eq!(proven, found, "manifests and events.jsonl");
    }
}

/// What a video is found to be when every frame of it is decoded.
pub struct Film {
    /// Width and height.
    pub size: (u32, u32),
    /// Frames that came out.
    pub frames: u64,
    /// From the first to the last, in seconds.
    pub seconds: f64,
}

/// The newest run of a source. Run numbers count up, with gaps where one was taken over.
pub async fn newest_run(store: &Store, source_sha256: &str) -> RunRow {
    const MOST: i64 = 200;
    for id in (1..=MOST).rev() {
        if let Some(row) = store.run(RunId(id)).await.unwrap()
            && row.begun.source_sha256 == source_sha256
        {
            return row;
        }
    }
    panic!("no run of {source_sha256}");
}

/// Decodes a whole video, in which no frame may be damaged.
pub fn decode(path: &Path) -> Film {
    let mut source = FileSource::open(path, &OpenOptions::default()).unwrap();
    let size = (source.info().width, source.info().height);
    let mut film = Film { size, frames: 0, seconds: 0.0 };
    while let Some(decoded) = source.next().unwrap() {
        assert!(!decoded.corrupt, "{}: frame {} is damaged", path.display(), film.frames);
        film.frames += 1;
        film.seconds = decoded.frame.stamp().time.seconds();
    }
    film
}

/// The names in a folder.
pub fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The database in an output folder, as `Store::open` takes it.
pub fn database_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("giaolo.db").display())
}

/// After a crash, before any start mends anything: each row has its folder, whole. Returns how many
/// there are.
pub fn stored_is_proven(out: &Path) -> usize {
    let rows = rows_as_left(out);
    for row in &rows {
        let report = verify(&out.join("evidence").join(&row.folder), &VerifyOptions::default());
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", row.folder));
        assert!(report.is_good(), "{report:?}");
        assert_eq!(report.evidence[0].manifest_sha256, row.manifest_sha256);
    }
    rows.len()
}

/// The chain in the database as a crash left it, read from a copy: opening it would mend it.
fn rows_as_left(out: &Path) -> Vec<EvidenceRow> {
    let database = out.join("giaolo.db");
    if !database.is_file() {
        return Vec::new();
    }
    let copy = tempfile::tempdir().unwrap();
    for name in ["giaolo.db", "giaolo.db-wal"] {
        if out.join(name).is_file() {
            fs::copy(out.join(name), copy.path().join(name)).unwrap();
        }
    }
    chain(&database_in(copy.path()))
}

/// The evidence chain in a database.
pub fn chain(database: &str) -> Vec<EvidenceRow> {
    block_on(async {
        let store = Store::open(database).await.unwrap();
        let rows = store.evidence(0, 10_000).await.unwrap();
        store.close().await;
        rows
    })
}

/// Waits for a future of the store.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.unwrap().block_on(future)
}

fn numbers(object: &Value) -> BTreeMap<String, u64> {
    let entries = object.as_object().unwrap().iter();
    entries.map(|(key, value)| (key.clone(), value.as_u64().unwrap())).collect()
}

fn counts(text: &str) -> BTreeMap<String, u64> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = ["quarter_start", "line", "way", "movement", "class", "count", "coverage"];
    assert_eq!(reader.headers().unwrap(), &csv::StringRecord::from(header.to_vec()));
    let mut counts = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        UtcTime::parse(&record[0]).unwrap();
        let coverage: f64 = record[6].parse().unwrap();
        assert!((0.0..=1.0).contains(&coverage), "{record:?}");
        // Of a quarter with no video there is no number; what is analysed here has one.
        let count: u64 = record[5].parse().unwrap();
        let key = format!("{}/{}/{}", &record[1], &record[2], &record[4]);
        *counts.entry(key).or_default() += count;
    }
    counts
}
