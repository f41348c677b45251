//! How long a clip is and how many frames it has: the two numbers of an mp4 that a player needs before
//! it has loaded it. Reads the boxes of the file's beginning and nothing else.

use std::{io::Read, path::Path};

/// Our clips have their index first; with half a minute of video it has some tens of kilobytes.
const LOOKED_AT: u64 = 1024 * 1024;

/// What the index of a clip says of its video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipLength {
    /// Length in seconds.
    pub duration_s: f64,
    /// Frames.
    pub frames: u32,
}

/// Reads a clip; `None` where it is no such mp4.
pub fn length(path: &Path) -> Option<ClipLength> {
    let mut start = Vec::new();
    std::fs::File::open(path).ok()?.take(LOOKED_AT).read_to_end(&mut start).ok()?;
    of_bytes(&start)
}

fn of_bytes(file: &[u8]) -> Option<ClipLength> {
    let media = within(within(within(file, b"moov")?, b"trak")?, b"mdia")?;
    let header = within(media, b"mdhd")?;
    let (timescale, duration) = match header.first()? {
        0 => (number(header, 12, 4)?, number(header, 16, 4)?),
        1 => (number(header, 20, 4)?, number(header, 24, 8)?),
        _ => return None,
    };
    let samples = within(within(within(media, b"minf")?, b"stbl")?, b"stsz")?;
    let frames = u32::try_from(number(samples, 8, 4)?).ok()?;
    let duration_s = duration as f64 / timescale as f64;
    (timescale > 0 && duration > 0 && frames > 0).then_some(ClipLength { duration_s, frames })
}

/// The content of the first box of a kind.
fn within<'b>(mut boxes: &'b [u8], kind: &[u8; 4]) -> Option<&'b [u8]> {
    loop {
        let (length, header) = match number(boxes, 0, 4)? {
            0 => (boxes.len(), 8),
            1 => (usize::try_from(number(boxes, 8, 8)?).ok()?, 16),
            length => (usize::try_from(length).ok()?, 8),
        };
        let content = boxes.get(header..length.min(boxes.len()))?;
        if boxes.get(4..8)? == kind {
            return Some(content);
        }
        boxes = boxes.get(length..)?;
    }
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32 + 8).to_be_bytes();
        [&length[..], kind, content].concat()
    }

    fn clip(timescale: u32, duration: u32, frames: u32) -> Vec<u8> {
        let numbers = |numbers: &[u32]| -> Vec<u8> {
            numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
        };
        let header = boxed(b"mdhd", &numbers(&[0, 1, 2, timescale, duration, 0]));
        let samples = boxed(b"stbl", &boxed(b"stsz", &numbers(&[0, 0, frames])));
        let media = boxed(b"mdia", &[header, boxed(b"minf", &samples)].concat());
        let movie = [boxed(b"mvhd", &[0; 100]), boxed(b"trak", &media)].concat();
        [boxed(b"ftyp", b"isom"), boxed(b"moov", &movie), boxed(b"mdat", &[7; 50])].concat()
    }

    #[test]
    fn a_clip_tells_its_length_and_anything_else_nothing() {
        let whole = clip(90_000, 360_000, 20);
        let expected = ClipLength { duration_s: 4.0, frames: 20 };
        assert_eq!(of_bytes(&whole), Some(expected));
        assert_eq!(of_bytes(&clip(0, 360_000, 20)), None);
        assert_eq!(of_bytes(&clip(90_000, 0, 20)), None);
        assert_eq!(of_bytes(&clip(90_000, 1, 0)), None);
        let index = whole.len() - 58;
        for end in 0..index {
            assert_eq!(of_bytes(&whole[..end]), None, "cut at {end}");
        }
        assert_eq!(of_bytes(&[0xff; 64]), None);
        assert_eq!(of_bytes(&[0; 64]), None);
        assert_eq!(of_bytes(&[0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), None);
    }
}
