//! Whether a file is as long as its own container says. FFmpeg reads a cut file up to the cut and
//! then often reports a plain end: analysis of half a recording would pass for the whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How the file is cut short, or `None` where it is whole or the container cannot tell (a live
/// recording without lengths, bare streams).
pub(crate) fn cut_short(file: &mut File) -> io::Result<Option<String>> {
    let length = file.metadata()?.len();
    let Some(head) = read_at::<12>(file, 0, length)? else {
        return Ok(None);
    };
    if &head[..4] == b"RIFF" && &head[8..] == b"AVI " {
        return cut_avi(file, length);
    }
    if head[..4] == [0x1a, 0x45, 0xdf, 0xa3] {
        return cut_matroska(file, length);
    }
    if &head[4..8] == b"ftyp" {
        return cut_mp4(file, length);
    }
    if head[0] == TS_SYNC && read_at::<1>(file, TS_PACKET, length)? == Some([TS_SYNC]) {
        return Ok(cut_transport_stream(length));
    }
    Ok(None)
}

/// Whether this is an mp4 in which no whole `moov` box stands.
pub(crate) fn is_mp4_without_index(file: &mut File) -> bool {
    let has_index = (|| -> io::Result<bool> {
        let length = file.metadata()?.len();
        let mut at = 0u64;
        while let Some(head) = read_at::<8>(file, at, length)? {
            let Some(size) = box_size(file, at, length, head)? else {
                break;
            };
            at = at.saturating_add(size);
            if &head[4..8] == b"moov" {
                return Ok(at <= length);
            }
        }
        // What does not even begin as an mp4 misses more than its index.
        Ok(read_at::<8>(file, 0, length)?.is_none_or(|head| &head[4..8] != b"ftyp"))
    })();
    !has_index.unwrap_or(true)
}

const TS_SYNC: u8 = 0x47;
const TS_PACKET: u64 = 188;

/// ISO/IEC 14496-12, 4.2: boxes with their size in front, up to the end of the file.
fn cut_mp4(file: &mut File, length: u64) -> io::Result<Option<String>> {
    let mut at = 0u64;
    while let Some(head) = read_at::<8>(file, at, length)? {
        let Some(size) = box_size(file, at, length, head)? else {
            return Ok(None);
        };
        at = at.saturating_add(size);
    }
    Ok(missing(at, length))
}

/// The size of the box at `at`; `None` where it runs to the end of the file (0), or is no box but
/// something that somebody appended.
fn box_size(file: &mut File, at: u64, length: u64, head: [u8; 8]) -> io::Result<Option<u64>> {
    if !head[4..].iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        return Ok(None);
    }
    let size = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
        1 => match read_at::<8>(file, at + 8, length)? {
            Some(wide) => u64::from_be_bytes(wide),
            // Cut in the middle of its own head.
            None => 16,
        },
        size => u64::from(size),
    };
    Ok((size >= 8).then_some(size))
}

/// OpenDML AVI 2.0: one or more RIFF chunks.
fn cut_avi(file: &mut File, length: u64) -> io::Result<Option<String>> {
    let mut at = 0u64;
    while let Some(head) = read_at::<8>(file, at, length)? {
        if &head[..4] != b"RIFF" {
            return Ok(None);
        }
        let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        if size == 0 {
            return Ok(Some("the recorder never closed the file".to_owned()));
        }
        at += 8 + size + size % 2;
    }
    // The padding byte of the last chunk is often left out.
    Ok(missing(at.saturating_sub(1), length))
}

/// RFC 8794, 4 and 6: element ids and sizes of variable length. The segment is the second element.
fn cut_matroska(file: &mut File, length: u64) -> io::Result<Option<String>> {
    let Some((size, bytes)) = ebml_size(file, 4, length)? else {
        return Ok(None);
    };
    let Some(size) = size else { return Ok(None) };
    let segment = 4 + bytes + size;
    match read_at::<4>(file, segment, length)? {
        Some([0x18, 0x53, 0x80, 0x67]) => {}
        _ => return Ok(None),
    }
    Ok(match ebml_size(file, segment + 4, length)? {
        Some((Some(size), bytes)) => missing((segment + 4 + bytes).saturating_add(size), length),
        _ => None,
    })
}

/// A size (`None`: unknown, as live recorders write) and the bytes it takes.
fn ebml_size(file: &mut File, at: u64, length: u64) -> io::Result<Option<(Option<u64>, u64)>> {
    let Some([first]) = read_at::<1>(file, at, length)? else {
        return Ok(None);
    };
    let bytes = u64::from(first.leading_zeros()) + 1;
    if bytes > 8 {
        return Ok(None);
    }
    let mut size = u64::from(first) & ((1 << (8 - bytes)) - 1);
    for offset in 1..bytes {
        let Some([next]) = read_at::<1>(file, at + offset, length)? else {
            return Ok(None);
        };
        size = size << 8 | u64::from(next);
    }
    let unknown = (1u64 << (7 * bytes)) - 1;
    Ok(Some(((size != unknown).then_some(size), bytes)))
}

/// ISO/IEC 13818-1: packets of 188 bytes. A cut between two packets cannot be seen.
fn cut_transport_stream(length: u64) -> Option<String> {
    let rest = length % TS_PACKET;
    (rest != 0).then(|| format!("its last transport packet has {rest} of {TS_PACKET} bytes"))
}

fn missing(end: u64, length: u64) -> Option<String> {
    (end > length).then(|| format!("{} bytes are missing at its end", end - length))
}

/// `N` bytes at `at`, `None` where the file ends before.
fn read_at<const N: usize>(file: &mut File, at: u64, length: u64) -> io::Result<Option<[u8; N]>> {
    if at.saturating_add(N as u64) > length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
