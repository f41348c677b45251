//! One entry of the registry: the head that all models share, and what its task decides.

use std::path::{Component, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use toml::Table;

use super::task::{RoadUserDetector, Task, TextFinder, TextReader};
use crate::error::VisionError;

/// One model.
#[derive(Clone, Debug)]
pub struct ModelEntry {
    /// The name that scenes and `--model` use.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Where the weights come from.
    pub source: String,
    /// Licence of the weights.
    pub licence: String,
    /// What must be said with `--accept-licence` before it is used.
    pub accept_licence: Option<String>,
    /// Strengths and weaknesses.
    pub about: String,
    /// Precision where nothing else is asked for.
    pub default_precision: Precision,
    /// What goes in.
    pub input: InputFormat,
    /// The files there are.
    pub files: Vec<ModelFile>,
    /// What it is for, with what only that task needs.
    pub task: Task,
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
    /// Grey around the picture, 0..255; `None` for text models, whose inputs the picture fills.
    #[serde(default)]
    pub pad: Option<u8>,
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
    /// Input width and height; `None` for a model that takes any.
    #[serde(default)]
    pub size: Option<(u32, u32)>,
    /// How it is stored.
    pub precision: Precision,
    /// Where, from the weights folder.
    pub path: PathBuf,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl ModelFile {
    /// Size and precision for people: `640x384 int8`, `any size fp32`.
    pub fn variant(&self) -> String {
        let size = self
            .size
            .map_or_else(|| "any size".to_owned(), |(width, height)| format!("{width}x{height}"));
        format!("{size} {}", self.precision.as_str())
    }
}

/// The keys that every entry has. They are taken out of the file's table first, so that what is left
/// is the task's alone and an unknown key is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    task: String,
    title: String,
    source: String,
    licence: String,
    #[serde(default)]
    accept_licence: Option<String>,
    #[serde(default)]
    about: String,
    default_precision: Precision,
    input: InputFormat,
    #[serde(default)]
    files: Vec<ModelFile>,
}

impl Head {
    const KEYS: [&str; 10] = [
        "name",
        "task",
        "title",
        "source",
        "licence",
        "accept_licence",
        "about",
        "default_precision",
        "input",
        "files",
    ];

    fn check(&self) -> Result<(), String> {
        let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let input = &self.input;
        if !finite(&[input.scale]) || !finite(&input.mean) || !finite(&input.std) {
            return Err("input: scale, mean and std must be finite numbers".to_owned());
        }
        if input.std.contains(&0.0) {
            return Err("input.std: no channel may be 0".to_owned());
        }
        for file in &self.files {
            if let Some((width, height)) = file.size
                && (!(32..=4096).contains(&width) || !(32..=4096).contains(&height))
            {
                return Err(format!("files: size {width}x{height} is not within 32 to 4096"));
            }
            let path = &file.path;
            if !path.components().all(|c| matches!(c, Component::Normal(_))) {
                return Err(format!("files: path {} leaves the weights folder", path.display()));
            }
        }
        Ok(())
    }

    fn task(&self, rest: Table) -> Result<Task, String> {
        match self.task.as_str() {
            Task::DETECT_ROAD_USERS => {
                let detector: RoadUserDetector = part(rest)?;
                if self.input.pad.is_none() {
                    return Err("input.pad: a detector needs it, 0 to 255".to_owned());
                }
                detector.check(&self.files)?;
                Ok(Task::DetectRoadUsers(detector))
            }
            Task::FIND_TEXT => {
                let finder: TextFinder = part(rest)?;
                finder.check(&self.files)?;
                Ok(Task::FindText(finder))
            }
            Task::READ_TEXT => {
                let reader: TextReader = part(rest)?;
                reader.check(&self.files)?;
                Ok(Task::ReadText(reader))
            }
            other => Err(format!(
                "task: `{other}` is none of {}, {}, {}",
                Task::DETECT_ROAD_USERS,
                Task::FIND_TEXT,
                Task::READ_TEXT
            )),
        }
    }
}

fn part<T: DeserializeOwned>(table: Table) -> Result<T, String> {
    table.try_into().map_err(|error: toml::de::Error| error.to_string().trim_end().to_owned())
}

impl ModelEntry {
    /// Reads an entry and checks what TOML alone cannot say.
    ///
    /// # Errors
    /// The first mistake, with its key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let mut head = Table::new();
        for key in Head::KEYS {
            if let Some(value) = rest.remove(key) {
                head.insert(key.to_owned(), value);
            }
        }
        let head: Head = part(head)?;
        head.check()?;
        let task = head.task(rest)?;
        Ok(Self {
            name: head.name,
            title: head.title,
            source: head.source,
            licence: head.licence,
            accept_licence: head.accept_licence,
            about: head.about,
            default_precision: head.default_precision,
            input: head.input,
            files: head.files,
            task,
        })
    }

    /// The file for an input size and precision, `None` meaning the entry's defaults. A model that
    /// takes any size has one file for all of them.
    ///
    /// # Errors
    /// `Licence` unless it is accepted, `NoSuchFile` with the files there are.
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
        let default_size = match &self.task {
            Task::DetectRoadUsers(detector) => Some(detector.default_size),
            Task::FindText(_) | Task::ReadText(_) => None,
        };
        let size = size.or(default_size);
        let precision = precision.unwrap_or(self.default_precision);
        let fits = |file: &&ModelFile| {
            file.precision == precision && (file.size.is_none() || file.size == size)
        };
        self.files.iter().find(fits).ok_or_else(|| {
            let size =
                size.map_or("any size".to_owned(), |(width, height)| format!("{width}x{height}"));
            VisionError::NoSuchFile {
                name: self.name.clone(),
                wanted: format!("{size} {}", precision.as_str()),
                known: self.files.iter().map(ModelFile::variant).collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// What a detector of road users has.
    ///
    /// # Errors
    /// `WrongTask`.
    pub fn road_user_detector(&self) -> Result<&RoadUserDetector, VisionError> {
        match &self.task {
            Task::DetectRoadUsers(detector) => Ok(detector),
            _ => Err(self.wrong_task(Task::DETECT_ROAD_USERS)),
        }
    }

    /// What a finder of text has.
    ///
    /// # Errors
    /// `WrongTask`.
    pub fn text_finder(&self) -> Result<&TextFinder, VisionError> {
        match &self.task {
            Task::FindText(finder) => Ok(finder),
            _ => Err(self.wrong_task(Task::FIND_TEXT)),
        }
    }

    /// What a reader of text has.
    ///
    /// # Errors
    /// `WrongTask`.
    pub fn text_reader(&self) -> Result<&TextReader, VisionError> {
        match &self.task {
            Task::ReadText(reader) => Ok(reader),
            _ => Err(self.wrong_task(Task::READ_TEXT)),
        }
    }

    fn wrong_task(&self, wanted: &'static str) -> VisionError {
        VisionError::WrongTask { name: self.name.clone(), task: self.task.as_str(), wanted }
    }
}
