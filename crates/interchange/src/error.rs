//! What can be wrong with a file, said so that its owner can mend it.

use std::io;

use thiserror::Error;

/// The result of reading or writing a file.
pub type Result<T> = std::result::Result<T, InterchangeError>;

/// What is wrong with a file. `file` is the name that the caller gave.
#[derive(Debug, Error)]
pub enum InterchangeError {
    /// The operating system did not give the bytes.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The operating system did not take the bytes.
    #[error("cannot write {what}: {source}")]
    Write {
        /// What was being written.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file ends early or is damaged.
    #[error("{file}: the bzip2 data is cut short or damaged ({detail}); fetch or write it again")]
    Compression {
        /// Which file.
        file: String,
        /// What the decompressor said.
        detail: String,
    },
    /// More bytes than a file of its kind should have, after decompression.
    #[error("{file}: has more than {limit} bytes decompressed; raise the limit if that is right")]
    TooLarge {
        /// Which file.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Not a file that this crate knows.
    #[error(
        "{file}: starts with {start}; known are tracks.jsonl, .ottrk (JSON, also in bzip2) and lines of `frame,id,class,x1,x2,y1,y2`"
    )]
    UnknownFormat {
        /// Which file.
        file: String,
        /// Its first characters, quoted.
        start: String,
    },
    /// The text is not of the format's form: no JSON, a missing key, an unknown key.
    #[error("{file}: {place}: {problem}")]
    Form {
        /// Which file.
        file: String,
        /// Line or record.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that cannot be.
    #[error("{file}: {place}: `{key}` is {value}; {expected}")]
    Value {
        /// Which file.
        file: String,
        /// Line or record.
        place: String,
        /// The key.
        key: String,
        /// Its value as read.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// What the caller wants written would not be a valid file.
    #[error("{what} cannot be written: {problem}")]
    Unwritable {
        /// What was being written.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
}

/// Makes errors of one file.
#[derive(Clone, Debug)]
pub(crate) struct FileName(pub String);

impl FileName {
    pub fn form(&self, place: impl Into<String>, problem: impl Into<String>) -> InterchangeError {
        InterchangeError::Form {
            file: self.0.clone(),
            place: place.into(),
            problem: problem.into(),
        }
    }

    pub fn value(
        &self,
        place: impl Into<String>,
        key: &str,
        value: impl ToString,
        expected: impl Into<String>,
    ) -> InterchangeError {
        InterchangeError::Value {
            file: self.0.clone(),
            place: place.into(),
            key: key.to_owned(),
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    pub fn read(&self, source: io::Error) -> InterchangeError {
        InterchangeError::Read { file: self.0.clone(), source }
    }
}
