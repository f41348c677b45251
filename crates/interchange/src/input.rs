//! Bytes from a file: decompressed where it is bzip2, never more than a limit, and with the reason
//! kept when they stop coming.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;

use crate::{InterchangeError, Result, error::FileName};

/// How a bzip2 file starts.
pub(crate) const BZIP2_MAGIC: &[u8] = b"BZh";

/// A reader of at most `limit` bytes. serde_json folds a failure of its reader into an error of its
/// own, so the cause stays here and [`Input::cause`] gives it back.
pub(crate) struct Input<'a> {
    bytes: Box<dyn Read + Send + 'a>,
    file: FileName,
    compressed: bool,
    limit: u64,
    left: u64,
    failure: Option<InterchangeError>,
}

impl<'a> Input<'a> {
    /// Decompresses `source` if it starts like bzip2.
    pub fn new(mut source: impl BufRead + Send + 'a, file: &FileName, limit: u64) -> Result<Self> {
        let start = source.fill_buf().map_err(|e| file.read(e))?;
        let compressed = start.starts_with(BZIP2_MAGIC);
        let bytes: Box<dyn Read + Send + 'a> = if compressed {
            Box::new(BufReader::with_capacity(1 << 16, MultiBzDecoder::new(source)))
        } else {
            Box::new(source)
        };
        Ok(Self { bytes, file: file.clone(), compressed, limit, left: limit, failure: None })
    }

    /// Why reading stopped, if it was not the text's fault.
    pub fn cause(&mut self) -> Option<InterchangeError> {
        self.failure.take()
    }

    /// Everything as text.
    pub fn text(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        if let Err(source) = self.read_to_end(&mut bytes) {
            return Err(self.cause().unwrap_or_else(|| self.file.read(source)));
        }
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            self.file.form(format!("byte {at}"), "is not UTF-8 text")
        })
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.bytes.read(buffer) {
            Ok(count) => count as u64,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Err(e),
            Err(e) => {
                let kind = e.kind();
                self.failure = Some(if self.compressed {
                    InterchangeError::Compression {
                        file: self.file.0.clone(),
                        detail: e.to_string(),
                    }
                } else {
                    self.file.read(e)
                });
                return Err(kind.into());
            }
        };
        if count > self.left {
            self.failure =
                Some(InterchangeError::TooLarge { file: self.file.0.clone(), limit: self.limit });
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.left -= count;
        Ok(count as usize)
    }
}
