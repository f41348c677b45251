//! How right plate reading is: whole pictures in, our own vehicle detector in front, against a
//! person's list.
//!
//! The report's keys are stable. Plates that the list does not name are not wrong (a person lists what
//! matters, not every plate far away), but a *sure* one on a picture without any legible plate is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use giaolo_domain::{PixelBox, PlateVerdict};
use giaolo_media::{FileSource, OpenOptions};
use image::RgbImage;
use serde::Serialize;

use crate::{
    error::PipelineError,
    plates::{
        still::{Still, StillPlate, StillReader, read_picture},
        truth::TruthPlate,
    },
};

/// A read belongs to a listed plate from this overlap on.
const SAME_PLATE: f32 = 0.2;
/// Upper ends of the classes of plate width, in pixels; the last has none.
const WIDTHS_PX: [(f32, &str); 5] =
    [(30.0, "0-30"), (45.0, "30-45"), (60.0, "45-60"), (100.0, "60-100"), (f32::INFINITY, "100-")];

/// The whole report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlateReport {
    /// Pictures that were looked at.
    pub pictures: u64,
    /// Listed plates of which the person was sure.
    pub plates: u64,
    /// Those at which a plate was read, whatever it said.
    pub found: u64,
    /// Those that were read exactly.
    pub exact: u64,
    /// `exact` over `plates`.
    pub exact_share: Option<f64>,
    /// All sure reads.
    pub sure: SureScore,
    /// Sure reads that are wrong.
    pub wrong_sure: Vec<WrongRead>,
    /// The same by layout.
    pub by_layout: BTreeMap<String, PartScore>,
    /// The same by width of the plate, where the list has boxes.
    pub by_width: BTreeMap<&'static str, PartScore>,
    /// Listed plates that were not read exactly.
    pub missed: Vec<WrongRead>,
    /// Listed plates that the person read in part, or not at all.
    pub doubtful: DoubtfulScore,
    /// Plates that are not on the list.
    pub not_listed: u64,
    /// Vehicles whose plate was looked for.
    pub vehicles: u64,
    /// Processor milliseconds of finding and reading text for each of them.
    pub cpu_ms_per_vehicle: Option<f64>,
    /// Listed files that are not in the folder; their plates are not in `plates`.
    pub absent: Vec<String>,
    /// Pictures that cannot be read, and why; their plates count as missed.
    pub broken: Vec<String>,
}

/// Sure reads.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SureScore {
    /// How many.
    pub count: u64,
    /// How many of them are right.
    pub right: u64,
    /// `right` over `count`.
    pub right_share: Option<f64>,
    /// Sure reads of plates that the list does not name, on pictures that have others: neither right
    /// nor wrong, and not in `count`.
    pub not_listed: u64,
}

/// A part of the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PartScore {
    /// Listed plates of which the person was sure.
    pub plates: u64,
    /// Those at which a plate was read.
    pub found: u64,
    /// Those that were read exactly.
    pub exact: u64,
    /// `exact` over `plates`.
    pub exact_share: Option<f64>,
}

/// Plates that a person could not read, or not wholly.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DoubtfulScore {
    /// How many are listed.
    pub plates: u64,
    /// Those at which a plate was read.
    pub found: u64,
    /// Those whose read agrees with the characters that the person could tell.
    pub agree: u64,
    /// Sure reads among them: the program cannot be surer than a person.
    pub sure: u64,
}

/// A read that differs from the list.
#[derive(Clone, Debug, Serialize)]
pub struct WrongRead {
    /// The picture.
    pub file: String,
    /// The frame of a clip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// What the list says, empty where it says nothing.
    pub truth: String,
    /// What was read, empty where nothing was.
    pub read: String,
    /// The verdict on it.
    pub verdict: PlateVerdict,
    /// Its score, 0 to 1.
    pub score: f32,
}

/// Reads every listed picture in `folder`, and every picture in it that is not listed, and scores.
///
/// # Errors
/// A folder that cannot be listed, or a model that fails. A picture that cannot be read is in the report.
pub fn eval_plates(
    reader: &mut StillReader,
    folder: &Path,
    truth: &[TruthPlate],
    on_picture: &mut dyn FnMut(&str, usize, usize),
) -> Result<PlateReport, PipelineError> {
    let mut report = PlateReport::default();
    let mut cpu = Duration::ZERO;
    let mut wanted: BTreeSet<(String, Option<u64>)> =
        truth.iter().map(|plate| (plate.file.clone(), plate.frame)).collect();
    wanted.extend(pictures_in(folder)?.into_iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, None))
    }));
    let total = wanted.len();
    let mut clip: Option<Clip> = None;
    for (at, (file, frame)) in wanted.into_iter().enumerate() {
        on_picture(&file, at, total);
        let path = folder.join(&file);
        if !path.is_file() {
            if !report.absent.contains(&file) {
                report.absent.push(file);
            }
            continue;
        }
        let picture = match frame {
            None => read_picture(&path),
            Some(number) => frame_of(&path, number, &mut clip),
        };
        let listed: Vec<&TruthPlate> =
            truth.iter().filter(|p| p.file == file && p.frame == frame).collect();
        let still = match picture {
            Ok(picture) => reader.read(&picture)?,
            Err(error) => {
                report.broken.push(error.to_string());
                report.picture(&file, frame, &listed, &Still::default());
                continue;
            }
        };
        cpu += still.cpu;
        report.pictures += 1;
        report.vehicles += still.vehicles;
        report.picture(&file, frame, &listed, &still);
    }
    report.finish(cpu);
    Ok(report)
}

impl PlateReport {
    fn picture(&mut self, file: &str, frame: Option<u64>, listed: &[&TruthPlate], still: &Still) {
        let matched = matches(listed, &still.plates);
        let legible = listed.iter().any(|plate| plate.legible);
        for (truth, at) in listed.iter().zip(&matched) {
            let read = at.map(|at| &still.plates[at].reading);
            let text = read.map_or("", |reading| reading.text.as_str());
            let found = !text.is_empty();
            let exact = truth.agrees(text);
            let sure = read.is_some_and(|reading| reading.verdict == PlateVerdict::Sure);
            let wrong = || WrongRead {
                file: file.to_owned(),
                frame,
                truth: truth.text.clone(),
                read: text.to_owned(),
                verdict: read.map_or(PlateVerdict::Unreadable, |reading| reading.verdict),
                score: read.map_or(0.0, |reading| reading.score),
            };
            if sure {
                self.sure.count += 1;
                if exact && !truth.text.is_empty() {
                    self.sure.right += 1;
                } else {
                    self.wrong_sure.push(wrong());
                }
            }
            if !truth.legible {
                self.doubtful.plates += 1;
                self.doubtful.found += u64::from(found);
                self.doubtful.agree += u64::from(found && exact);
                self.doubtful.sure += u64::from(sure);
                continue;
            }
            let width = truth.bbox.map(|bbox| bbox.width());
            let class = width
                .map(|w| WIDTHS_PX.iter().find(|(end, _)| w < *end).unwrap_or(&WIDTHS_PX[4]).1);
            let layout = self.by_layout.entry(truth.layout.clone()).or_default();
            layout.add(found, exact);
            if let Some(class) = class {
                self.by_width.entry(class).or_default().add(found, exact);
            }
            self.plates += 1;
            self.found += u64::from(found);
            self.exact += u64::from(exact);
            if !exact {
                self.missed.push(wrong());
            }
        }
        for (at, plate) in still.plates.iter().enumerate() {
            if matched.contains(&Some(at)) || plate.reading.text.is_empty() {
                continue;
            }
            self.not_listed += 1;
            if plate.reading.verdict != PlateVerdict::Sure {
                continue;
            }
            if legible {
                self.sure.not_listed += 1;
            } else {
                self.sure.count += 1;
                self.wrong_sure.push(WrongRead {
                    file: file.to_owned(),
                    frame,
                    truth: String::new(),
                    read: plate.reading.text.clone(),
                    verdict: plate.reading.verdict,
                    score: plate.reading.score,
                });
            }
        }
    }

    fn finish(&mut self, cpu: Duration) {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        self.exact_share = share(self.exact, self.plates);
        self.sure.right_share = share(self.sure.right, self.sure.count);
        for part in self.by_layout.values_mut().chain(self.by_width.values_mut()) {
            part.exact_share = share(part.exact, part.plates);
        }
        let vehicles = self.vehicles;
        self.cpu_ms_per_vehicle = (vehicles > 0).then(|| cpu.as_secs_f64() * 1e3 / vehicles as f64);
    }
}

impl PartScore {
    fn add(&mut self, found: bool, exact: bool) {
        self.plates += 1;
        self.found += u64::from(found);
        self.exact += u64::from(exact);
    }
}

/// For each listed plate the read that belongs to it: by place where the list has boxes, else by text.
fn matches(listed: &[&TruthPlate], plates: &[StillPlate]) -> Vec<Option<usize>> {
    let mut taken = vec![false; plates.len()];
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (l, truth) in listed.iter().enumerate() {
        for (p, plate) in plates.iter().enumerate() {
            let likeness = match truth.bbox {
                Some(bbox) => overlap(&bbox, &plate.bbox),
                None if truth.agrees(&plate.reading.text) => 2.0,
                None => alike(&truth.text, &plate.reading.text),
            };
            if likeness >= SAME_PLATE {
                pairs.push((likeness, l, p));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut matched = vec![None; listed.len()];
    for (_, l, p) in pairs {
        if matched[l].is_none() && !taken[p] {
            matched[l] = Some(p);
            taken[p] = true;
        }
    }
    matched
}

/// Intersection over union, or a half where the read lies wholly within: one line of two was read.
fn overlap(truth: &PixelBox, read: &PixelBox) -> f32 {
    let within = if read.share_within(truth) > 0.7 { 0.5 } else { 0.0 };
    truth.iou(read).max(within)
}

/// Share of places with the same character; below a half it is another plate.
fn alike(truth: &str, read: &str) -> f32 {
    let longer = truth.chars().count().max(read.chars().count());
    let same = truth.chars().zip(read.chars()).filter(|(a, b)| a == b).count();
    let share = same as f32 / longer.max(1) as f32;
    if share >= 0.5 { share } else { 0.0 }
}

/// Pictures of a folder, by name.
///
/// # Errors
/// A folder that cannot be listed.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, PipelineError> {
    let mut pictures = Vec::new();
    for item in std::fs::read_dir(folder).map_err(PipelineError::io("list", folder))? {
        let path = item.map_err(PipelineError::io("list", folder))?.path();
        let kind = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        if path.is_file() && matches!(kind.as_deref(), Some("jpg" | "jpeg" | "png")) {
            pictures.push(path);
        }
    }
    pictures.sort();
    Ok(pictures)
}

/// The clip that is being read: listed frames come in rising order.
struct Clip {
    path: PathBuf,
    source: FileSource,
}

/// A frame of a clip.
fn frame_of(path: &Path, number: u64, clip: &mut Option<Clip>) -> Result<RgbImage, PipelineError> {
    let same = clip.take().filter(|open| open.path == path);
    let mut open = match same {
        Some(open) => open,
        None => {
            Clip { path: path.to_owned(), source: FileSource::open(path, &OpenOptions::default())? }
        }
    };
    while let Some(decoded) = open.source.next()? {
        if decoded.frame.stamp().frame == number {
            *clip = Some(open);
            return Ok(decoded.frame.rgb(decoded.frame.whole())?);
        }
    }
    Err(PipelineError::Table {
        path: path.to_owned(),
        reason: format!("the list names frame {number}, which the clip does not have"),
    })
}
