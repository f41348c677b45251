//! A person's list of plates on pictures: CSV with at least `file` and `plate`.
//!
//! `layout` (`one-line`, `two-line`), the box (`x1`, `y1`, `x2`, `y2`), `legible` (`sure`, `doubtful`,
//! `no`) and `frame` are read where the file has them. A `?` stands for a character that the person
//! could not tell; a row without a plate marks one that nobody could read.

use std::path::Path;

use giaolo_domain::PixelBox;
use giaolo_plate::Grammar;
use serde::Deserialize;

use crate::error::PipelineError;

/// One plate that a person saw.
#[derive(Clone, Debug)]
pub struct TruthPlate {
    /// The picture's file name, or the clip's.
    pub file: String,
    /// The frame of a clip, from 0.
    pub frame: Option<u64>,
    /// Normal form, `?` for a character that could not be told; empty where nobody could read it.
    pub text: String,
    /// `one-line`, `two-line`, or whatever the file says.
    pub layout: String,
    /// Where, in pixels of the picture.
    pub bbox: Option<PixelBox>,
    /// Whether the person was sure of every character.
    pub legible: bool,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    plate: String,
    #[serde(default)]
    frame: Option<u64>,
    #[serde(default)]
    layout: String,
    #[serde(default)]
    x1: Option<f32>,
    #[serde(default)]
    y1: Option<f32>,
    #[serde(default)]
    x2: Option<f32>,
    #[serde(default)]
    y2: Option<f32>,
    #[serde(default)]
    legible: Option<String>,
}

/// Reads a list.
///
/// # Errors
/// Names the line and what is wrong with it.
pub fn read_plate_truth(path: &Path) -> Result<Vec<TruthPlate>, PipelineError> {
    let wrong = |reason: String| PipelineError::Table { path: path.to_owned(), reason };
    let file = std::fs::File::open(path).map_err(PipelineError::io("read", path))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|error| wrong(error.to_string()))?;
    for needed in ["file", "plate"] {
        if !headers.iter().any(|name| name == needed) {
            let there = headers.iter().collect::<Vec<_>>().join(", ");
            return Err(wrong(format!("the column `{needed}` is missing; there are {there}")));
        }
    }
    let mut plates = Vec::new();
    for (at, row) in reader.deserialize::<Row>().enumerate() {
        let line = at + 2;
        let row = row.map_err(|error| wrong(error.to_string()))?;
        if row.file.is_empty() || Path::new(&row.file).components().count() != 1 {
            return Err(wrong(format!(
                "line {line}: `{}` is no file name in the folder of pictures",
                row.file
            )));
        }
        let bbox = match (row.x1, row.y1, row.x2, row.y2) {
            (Some(x1), Some(y1), Some(x2), Some(y2)) if x2 > x1 && y2 > y1 => {
                Some(PixelBox::new(x1, y1, x2, y2))
            }
            (None, None, None, None) => None,
            _ => {
                return Err(wrong(format!(
                    "line {line}: x1, y1, x2, y2 must all be there, with x2 > x1 and y2 > y1"
                )));
            }
        };
        let text = normal(&row.plate);
        let legible = match row.legible.as_deref() {
            None | Some("" | "sure") => !text.is_empty() && !text.contains('?'),
            Some("doubtful" | "no") => false,
            Some(other) => {
                return Err(wrong(format!(
                    "line {line}: legible is `{other}`; it can be sure, doubtful or no"
                )));
            }
        };
        plates.push(TruthPlate {
            file: row.file,
            frame: row.frame,
            text,
            layout: row.layout,
            bbox,
            legible,
        });
    }
    if plates.is_empty() {
        return Err(wrong("it lists no plate".to_owned()));
    }
    Ok(plates)
}

/// The normal form with the person's question marks left in.
fn normal(written: &str) -> String {
    written.split('?').map(Grammar::normal_form).collect::<Vec<_>>().join("?")
}

impl TruthPlate {
    /// Whether `text` is what the person read, `?` standing for any character.
    pub fn agrees(&self, text: &str) -> bool {
        self.text.chars().count() == text.chars().count()
            && self
                .text
                .chars()
                .zip(text.chars())
                .all(|(truth, read)| truth == '?' || truth == read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<Vec<TruthPlate>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read_plate_truth(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_read_with_what_they_have() {
        let plates = read("file,plate\na.jpg,61-B1 / 123.45\nb.png,\n").unwrap();
        assert_eq!(plates[0].text, "61B112345");
        assert!(plates[0].legible && plates[0].bbox.is_none());
        assert!(!plates[1].legible, "an unread plate is not legible");
        let plates = read(
            "file,frame,plate,layout,x1,y1,x2,y2,legible\n\
             a.mp4,7,61A-1?3.45,one-line,1,2,30,9,doubtful\n",
        )
        .unwrap();
        assert_eq!(plates[0].frame, Some(7));
        assert!(plates[0].agrees("61A10345") && !plates[0].agrees("61A1034"));
        assert!(!plates[0].agrees("61A10346") && !plates[0].legible);
    }

    #[test]
    fn mistakes_name_the_line() {
        for (text, said) in [
            ("file,text\na.jpg,61A-123.45\n", "`plate` is missing"),
            ("file,plate\n", "no plate"),
            ("file,plate\n../a.jpg,61A-123.45\n", "line 2"),
            ("file,plate\n,61A-123.45\n", "line 2"),
            ("file,plate,x1,y1,x2,y2\na.jpg,61A-123.45,1,2,3,\n", "line 2"),
            ("file,plate,x1,y1,x2,y2\na.jpg,61A-123.45,9,2,3,4\n", "x2 > x1"),
            ("file,plate,legible\na.jpg,61A-123.45,maybe\n", "`maybe`"),
            ("file,plate,frame\na.jpg,61A-123.45,-1\n", "line: 2"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(
            read_plate_truth(Path::new("/nowhere.csv"))
                .unwrap_err()
                .to_string()
                .contains("/nowhere.csv")
        );
    }
}
