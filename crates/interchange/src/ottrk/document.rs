//! The JSON of an `.ottrk`, its records handed over one by one: a file may hold millions, and a tree
//! of them would take ten times the memory.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    meta::{Metadata, Moment},
    read::{Records, place},
};

/// One entry of `data.detections`.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub class: String,
    pub confidence: f64,
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
    pub frame: f64,
    pub occurrence: Moment,
    #[serde(default)]
    pub input_file_path: String,
    #[serde(default, rename = "interpolated-detection")]
    pub interpolated: bool,
    #[serde(rename = "track-id")]
    pub track: u64,
}

/// `{"metadata": ..., "data": {"detections": [...]}}`, its records taken one by one.
pub(super) struct DocumentSeed<'r, 'f>(pub &'r mut Records<'f>);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_, '_> {
    type Value = Metadata;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<Metadata, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_, '_> {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `metadata` and `data`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Metadata, A::Error> {
        let (mut metadata, mut data) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metadata" => metadata = Some(map.next_value()?),
                "data" if data.is_none() => data = Some(map.next_value_seed(DataSeed(self.0))?),
                "data" => return Err(A::Error::duplicate_field("data")),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        data.ok_or_else(|| A::Error::missing_field("data"))?;
        metadata.ok_or_else(|| A::Error::missing_field("metadata"))
    }
}

struct DataSeed<'r, 'f>(&'r mut Records<'f>);

impl<'de> DeserializeSeed<'de> for DataSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`data`, an object with `detections`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let mut detections = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "detections" if detections.is_none() => {
                    detections = Some(map.next_value_seed(ListSeed(self.0))?);
                }
                "detections" => return Err(A::Error::duplicate_field("detections")),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        detections.ok_or_else(|| A::Error::missing_field("detections"))
    }
}

struct ListSeed<'r, 'f>(&'r mut Records<'f>);

impl<'de> DeserializeSeed<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`detections`, a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        for number in 0.. {
            let next = list
                .next_element::<Entry>()
                .map_err(|e| A::Error::custom(format!("{}: {e}", place(number))))?;
            let Some(entry) = next else { break };
            if let Err(failure) = self.0.push(number, entry) {
                let text = failure.to_string();
                self.0.failure = Some(failure);
                return Err(A::Error::custom(text));
            }
        }
        Ok(())
    }
}
