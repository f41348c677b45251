//! The model registry: one TOML file for each model in `models/`, weights in a folder beside.
//!
//! A site adds a model by adding an entry; nothing here knows a model by name. Weights are checked
//! against the entry's SHA-256 before they are loaded, every time: they are small, and evidence
//! names them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use giaolo_domain::RoadUserClass;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{decode::Decoder, error::VisionError};

/// All entries of a folder.
#[derive(Clone, Debug)]
pub struct Registry {
    entries: BTreeMap<String, ModelEntry>,
    weights: PathBuf,
}

/// One model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// The name that scenes and `--model` use.
    pub name: String,
    /// What it is for; this program uses `detect-road-users`.
    pub task: String,
    /// One line for people.
    pub title: String,
    /// Where the weights come from.
    pub source: String,
    /// Licence of the weights.
    pub licence: String,
    /// What must be said with `--accept-licence` before it is used.
    #[serde(default)]
    pub accept_licence: Option<String>,
    /// Strengths and weaknesses.
    #[serde(default)]
    pub about: String,
    /// How its outputs are read.
    pub decoder: Decoder,
    /// Input width and height where a scene names none.
    pub default_size: (u32, u32),
    /// Precision where nothing else is asked for.
    pub default_precision: Precision,
    /// What goes in.
    pub input: InputFormat,
    /// Names of the outputs that the decoder reads, by its own names for them.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// Scores below which boxes are not even looked at.
    pub thresholds: Thresholds,
    /// The model's class numbers that are road users.
    #[serde(deserialize_with = "class_map")]
    pub classes: BTreeMap<usize, RoadUserClass>,
    /// The files there are.
    #[serde(default)]
    pub files: Vec<ModelFile>,
}

/// What a model's input wants: `value = (pixel * scale - mean) / std`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFormat {
    /// The input's name.
    pub name: String,
    /// Order of the channels.
    pub channels: Channels,
    /// Factor on 0..255.
    pub scale: f32,
    /// Mean by channel, in the order of `channels`.
    pub mean: [f32; 3],
    /// Standard deviation by channel.
    pub std: [f32; 3],
    /// Grey around the picture, 0..255.
    pub pad: u8,
}

/// Order of colour channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
}

/// Scores of a model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Lowest score that leaves the decoder, 0 to 1.
    pub score: f32,
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32-bit floats.
    Fp32,
    /// 8-bit integers, quantised.
    Int8,
}

impl Precision {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Int8 => "int8",
        }
    }
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Input width and height.
    pub size: (u32, u32),
    /// How it is stored.
    pub precision: Precision,
    /// Where, from the weights folder.
    pub path: PathBuf,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

fn class_map<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<usize, RoadUserClass>, D::Error> {
    use serde::de::Error;
    let raw = BTreeMap::<String, RoadUserClass>::deserialize(deserializer)?;
    raw.into_iter()
        .map(|(number, class)| {
            let number = number.parse().map_err(|_| {
                D::Error::custom(format!("classes: `{number}` is no class number of the model"))
            })?;
            Ok((number, class))
        })
        .collect()
}

impl Registry {
    /// Reads every `*.toml` of `folder` and of its `optional` folder; weights lie in `weights`.
    ///
    /// # Errors
    /// Names the first file that cannot be read or is not an entry.
    pub fn load(folder: &Path, weights: &Path) -> Result<Self, VisionError> {
        let mut entries = BTreeMap::new();
        let mut files = toml_files(folder)?;
        let optional = folder.join("optional");
        if optional.is_dir() {
            files.extend(toml_files(&optional)?);
        }
        for path in files {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| VisionError::Read { path: path.clone(), source })?;
            let entry = ModelEntry::parse(&text)
                .map_err(|reason| VisionError::Registry { path: path.clone(), reason })?;
            let name = entry.name.clone();
            if entries.insert(name.clone(), entry).is_some() {
                let reason = format!("name: `{name}` is used by another file already");
                return Err(VisionError::Registry { path, reason });
            }
        }
        Ok(Self { entries, weights: weights.to_owned() })
    }

    /// All entries, by name.
    pub fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        self.entries.values()
    }

    /// The entry of that name.
    ///
    /// # Errors
    /// `UnknownModel` with the names there are.
    pub fn entry(&self, name: &str) -> Result<&ModelEntry, VisionError> {
        self.entries.get(name).ok_or_else(|| VisionError::UnknownModel {
            name: name.to_owned(),
            known: self.entries.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// Where a file of an entry lies.
    pub fn path_of(&self, file: &ModelFile) -> PathBuf {
        self.weights.join(&file.path)
    }

    /// Reads a file's bytes after checking them.
    ///
    /// # Errors
    /// `NotFetched`, `Read` or `Checksum`.
    pub fn read(&self, file: &ModelFile) -> Result<Vec<u8>, VisionError> {
        let path = self.path_of(file);
        if !path.is_file() {
            return Err(VisionError::NotFetched { path });
        }
        let bytes = std::fs::read(&path)
            .map_err(|source| VisionError::Read { path: path.clone(), source })?;
        let found = hex(&Sha256::digest(&bytes));
        if found == file.sha256 {
            Ok(bytes)
        } else {
            Err(VisionError::Checksum { path, found, expected: file.sha256.clone() })
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, VisionError> {
    let read = |source| VisionError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for item in std::fs::read_dir(folder).map_err(read)? {
        let path = item.map_err(read)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl ModelEntry {
    /// Reads an entry and checks what TOML alone cannot say; the error names the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entry: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
        if !finite(&[entry.input.scale]) || !finite(&entry.input.mean) || !finite(&entry.input.std)
        {
            return Err("input: scale, mean and std must be finite numbers".to_owned());
        }
        if entry.input.std.contains(&0.0) {
            return Err("input.std: no channel may be 0".to_owned());
        }
        let score = entry.thresholds.score;
        if !(0.0..1.0).contains(&score) {
            return Err(format!("thresholds.score: {score} is not from 0 to below 1"));
        }
        if entry.classes.is_empty() {
            return Err("classes: no class of the model is a road user".to_owned());
        }
        for file in &entry.files {
            let (width, height) = file.size;
            if !(32..=4096).contains(&width) || !(32..=4096).contains(&height) {
                return Err(format!("files: size {width}x{height} is not within 32 to 4096"));
            }
            let path = &file.path;
            let inside = path.components().all(|c| matches!(c, std::path::Component::Normal(_)));
            if !inside {
                return Err(format!("files: path {} leaves the weights folder", path.display()));
            }
        }
        Ok(entry)
    }

    /// The file for an input size and precision, `None` meaning the entry's defaults.
    ///
    /// # Errors
    /// `Licence` unless it is accepted, `NoSuchSize` with the sizes there are.
    pub fn file(
        &self,
        size: Option<(u32, u32)>,
        precision: Option<Precision>,
        accepted_licences: &[String],
    ) -> Result<&ModelFile, VisionError> {
        if let Some(accept) = &self.accept_licence
            && !accepted_licences.contains(accept)
        {
            return Err(VisionError::Licence {
                name: self.name.clone(),
                licence: self.licence.clone(),
                accept: accept.clone(),
            });
        }
        let (width, height) = size.unwrap_or(self.default_size);
        let precision = precision.unwrap_or(self.default_precision);
        self.files
            .iter()
            .find(|file| file.size == (width, height) && file.precision == precision)
            .ok_or_else(|| VisionError::NoSuchSize {
                name: self.name.clone(),
                width,
                height,
                known: self
                    .files
                    .iter()
                    .map(|f| format!("{}x{} {}", f.size.0, f.size.1, f.precision.as_str()))
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The model's own name of an output that the decoder calls `name`.
    pub(crate) fn output_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.outputs.get(name).map_or(name, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"
name = "small"
task = "detect-road-users"
title = "t"
source = "s"
licence = "Apache-2.0"
decoder = "nanodet"
default_size = [640, 384]
default_precision = "int8"
[input]
name = "images"
channels = "rgb"
scale = 1.0
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
pad = 114
[thresholds]
score = 0.2
[classes]
0 = "pedestrian"
3 = "motorbike"
[[files]]
size = [640, 384]
precision = "int8"
path = "small/a.onnx"
sha256 = "00"
bytes = 3
"#;

    #[test]
    fn an_entry_is_read_and_its_mistakes_are_named() {
        let entry = ModelEntry::parse(ENTRY).unwrap();
        assert_eq!(entry.classes[&3], RoadUserClass::Motorbike);
        assert!(entry.file(None, None, &[]).is_ok());
        for (from, to, message) in [
            ("\"nanodet\"", "\"telepathy\"", "telepathy"),
            ("std = [1.0, 1.0, 1.0]", "std = [1.0, 0.0, 1.0]", "input.std"),
            ("scale = 1.0", "scale = nan", "input"),
            ("score = 0.2", "score = 1.5", "thresholds.score"),
            ("3 = \"motorbike\"", "three = \"motorbike\"", "`three`"),
            ("3 = \"motorbike\"", "3 = \"tank\"", "tank"),
            ("small/a.onnx", "../a.onnx", "leaves the weights folder"),
            ("size = [640, 384]\nprecision", "size = [0, 384]\nprecision", "0x384"),
            ("pad = 114", "pad = 114\ncolour = 3", "colour"),
        ] {
            let error = ModelEntry::parse(&ENTRY.replace(from, to)).unwrap_err();
            assert!(error.contains(message), "{to}: {error}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        let entry = ModelEntry::parse(ENTRY).unwrap();
        let error = entry.file(Some((64, 64)), None, &[]).unwrap_err().to_string();
        assert!(error.contains("64x64") && error.contains("640x384 int8"), "{error}");
        let closed = ENTRY.replace("decoder", "accept_licence = \"agpl-3.0\"\ndecoder");
        let closed = ModelEntry::parse(&closed).unwrap();
        let error = closed.file(None, None, &[]).unwrap_err().to_string();
        assert!(error.contains("--accept-licence agpl-3.0"), "{error}");
        assert!(closed.file(None, None, &["agpl-3.0".to_owned()]).is_ok());
    }

    #[test]
    fn a_tampered_file_is_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("small.toml"), ENTRY).unwrap();
        std::fs::create_dir(folder.path().join("small")).unwrap();
        std::fs::write(folder.path().join("small/a.onnx"), b"abc").unwrap();
        let registry = Registry::load(folder.path(), folder.path()).unwrap();
        let file = registry.entry("small").unwrap().file(None, None, &[]).unwrap();
        let error = registry.read(file).unwrap_err().to_string();
        assert!(error.contains("ba7816bf") && error.contains("models fetch"), "{error}");
        assert!(registry.entry("large").unwrap_err().to_string().contains("small"));
    }
}
