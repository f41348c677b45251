//! What `manifest.json` says: the facts of a violation, the files that prove it, and its place in
//! the chain. Writing and reading it; judging it is [`crate::verify`]'s work.

use giaolo_domain::{
    CameraId, FrameTime, PlateReading, Reason, SignalSpan, TimeOrigin, UtcTime, Violation,
};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, canonical};

/// The name that `format.name` always has.
pub(crate) const FORMAT_NAME: &str = "giaolo-evidence";
/// The version that this program writes, and the only one that it can judge.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// The signed facts.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The signature over the exact bytes of [`MANIFEST`].
pub(crate) const SIGNATURE: &str = "manifest.sig";

/// Everything that the caller knows about a violation, as it stands in the manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestFacts {
    /// When the evidence was made, by the clock of the machine that made it.
    pub created_at: UtcTime,
    /// Which camera.
    pub camera: CameraId,
    /// The point that the camera belongs to, where it is registered.
    pub point: Option<String>,
    /// The place in words ("Giảng Võ - Láng Hạ").
    pub place: String,
    /// What kind of source it is before the law; `None` where nobody has said.
    pub source_class: Option<SourceClass>,
    /// When the source's first frame was taken, by which clock, how sure.
    pub clock: TimeOrigin,
    /// What the rule saw.
    pub violation: Violation,
    /// Which frame each still was made of.
    pub stills: Vec<StillFrame>,
    /// What the signal heads showed around the act.
    pub signal_timeline: Vec<SignalSpan>,
    /// What was read of the road user's plate, or why nothing was: characters with scores, what was
    /// corrected, votes, verdict, doubts. `None` where plates were not read at all, or the road user
    /// has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<PlateReading>,
    /// Why `plate` names a place in a frame and no picture of it is in the folder; `None` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_not_shown: Option<Reason>,
    /// The scene that the rule stands in.
    pub scene: SceneVersion,
    /// The recording.
    pub source: SourceFile,
    /// The detector.
    pub model: ModelUsed,
    /// The program.
    pub program: Program,
}

/// What kind of source a camera is before the law (`domain/procedure.md`, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceClass {
    /// A registered technical device.
    ProfessionalDevice,
    /// A camera of the traffic surveillance system.
    TrafficSurveillanceSystem,
    /// A security camera of the state.
    StateSecurityCamera,
    /// Data that people or organisations gave.
    CitizenData,
}

impl SourceClass {
    /// The words on Vietnamese screens.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::ProfessionalDevice => "thiết bị kỹ thuật nghiệp vụ",
            Self::TrafficSurveillanceSystem => "hệ thống giám sát giao thông",
            Self::StateSecurityCamera => "camera an ninh của Nhà nước",
            Self::CitizenData => "dữ liệu do cá nhân, tổ chức cung cấp",
        }
    }

    /// The words on English screens.
    pub const fn english(self) -> &'static str {
        match self {
            Self::ProfessionalDevice => "professional device",
            Self::TrafficSurveillanceSystem => "traffic surveillance system",
            Self::StateSecurityCamera => "state security camera",
            Self::CitizenData => "data given by people or organisations",
        }
    }
}

/// The frame that a still shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillFrame {
    /// The still's file name.
    pub file: String,
    /// Number and time in the source.
    #[serde(flatten)]
    pub frame: FrameTime,
    /// When it was taken, by `clock`.
    pub taken_at: UtcTime,
}

/// A scene file at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneVersion {
    /// File name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// The recording that was analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// File name or address without credentials.
    pub name: String,
    /// SHA-256 of the file; `None` for a live stream, which has no bytes to hash.
    pub sha256: Option<String>,
    /// Size of the file; `None` for a live stream.
    pub bytes: Option<u64>,
    /// Video codec ("h264").
    pub codec: String,
    /// Width of its picture in pixels.
    pub width: u32,
    /// Height of its picture in pixels.
    pub height: u32,
}

/// The detector that saw the road user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUsed {
    /// Its name in the registry.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Precision of its weights ("int8", "fp32").
    pub precision: String,
}

/// The program that made the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// The commit that it was built from, where the build knew.
    pub commit: Option<String>,
}

/// What a file is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The whole picture before the act, nothing drawn on it.
    StillBefore,
    /// The whole picture at the act, nothing drawn on it.
    StillAct,
    /// The whole picture after the act, nothing drawn on it.
    StillAfter,
    /// The whole picture in which the plate was read best, nothing drawn on it.
    StillPlate,
    /// The explained picture: drawn on, for people.
    Overview,
    /// The road user cut out of a still.
    VehicleCrop,
    /// The plate cut out of [`Self::StillPlate`].
    PlateCrop,
    /// The video around the act.
    Clip,
    /// Anything else.
    Other,
}

impl FileRole {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StillBefore => "still_before",
            Self::StillAct => "still_act",
            Self::StillAfter => "still_after",
            Self::StillPlate => "still_plate",
            Self::Overview => "overview",
            Self::VehicleCrop => "vehicle_crop",
            Self::PlateCrop => "plate_crop",
            Self::Clip => "clip",
            Self::Other => "other",
        }
    }

    /// Whether this is the whole picture as the camera gave it.
    pub const fn is_clean_still(self) -> bool {
        matches!(self, Self::StillBefore | Self::StillAct | Self::StillAfter | Self::StillPlate)
    }
}

/// Name and version of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// Always `giaolo-evidence`.
    pub name: String,
    /// Counts up with every change that an older verifier could misread.
    pub version: u32,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Always `ed25519`.
    pub algorithm: String,
    /// The public key's 32 bytes in base64.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// Size of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// One file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name in the folder.
    pub name: String,
    /// What it shows.
    pub role: FileRole,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its media type ("image/jpeg").
    pub media_type: String,
    /// Size of the picture, for JPEG files.
    pub picture: Option<PictureSize>,
}

/// A manifest: number and hash that the next one points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// Number in the chain, from 1.
    pub sequence: u64,
    /// SHA-256 of `manifest.json`.
    pub manifest_sha256: String,
}

/// The whole of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which format.
    pub format: Format,
    /// Identity of the violation, the second half of the folder's name.
    pub id: String,
    /// Number in the chain, from 1.
    pub sequence: u64,
    /// SHA-256 of the manifest before, 64 zeros for the first.
    pub previous_manifest_sha256: String,
    /// Who signed.
    pub signer: Signer,
    /// The files, in the order of their names.
    pub files: Vec<FileEntry>,
    /// What happened.
    pub facts: ManifestFacts,
}

impl Manifest {
    /// Reads the bytes of a `manifest.json` without judging them; [`crate::verify`] does that.
    ///
    /// # Errors
    /// Where the bytes are not this version's JSON.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|error| Error::Manifest { id: MANIFEST.to_owned(), reason: error.to_string() })
    }

    /// The canonical bytes, checked to read back as the same facts: NaN and infinity do not exist
    /// in JSON and must not turn into "unknown" on the way.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let wrong = |reason: String| Error::Manifest { id: self.id.clone(), reason };
        let bytes = canonical::to_bytes(self).map_err(|error| wrong(error.to_string()))?;
        let again: Self = serde_json::from_slice(&bytes).map_err(|error| {
            wrong(format!("a fact cannot be written as JSON, is a number not finite? {error}"))
        })?;
        if again != *self {
            return Err(wrong(
                "a fact does not read back as it was written, is a number not finite?".to_owned(),
            ));
        }
        Ok(bytes)
    }
}
