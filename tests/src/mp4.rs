//! Makes broken recordings out of whole ones: boxes of an mp4 file moved, emptied, cut.
//!
//! An mp4 file is a row of boxes: four bytes of length, four of kind, then the content.

use std::ops::Range;

/// The file with its index (`moov`) before the pictures (`mdat`), so that it can be opened although
/// its end is missing. Chunk offsets in the index are moved by its length.
pub fn index_first(file: &[u8]) -> Vec<u8> {
    let (first, index) = (top_box(file, b"ftyp"), top_box(file, b"moov"));
    assert!(index.start > first.end, "the index is in front already");
    let mut moov = file[index.clone()].to_vec();
    let offsets = find(&moov, b"stco") + 8;
    let count = number(&moov, offsets);
    for at in (0..count as usize).map(|chunk| offsets + 4 + 4 * chunk) {
        let moved = number(&moov, at) + moov.len() as u32;
        moov[at..at + 4].copy_from_slice(&moved.to_be_bytes());
    }
    [&file[..first.end], &moov, &file[first.end..index.start], &file[index.end..]].concat()
}

/// The file with an index that names no pictures.
pub fn without_frames(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    // Where the number of entries stands, counted from the box's kind.
    for (kind, count_at) in [(b"stsz", 12), (b"stts", 8), (b"stsc", 8), (b"stco", 8)] {
        let at = find(&file, kind) + count_at;
        file[at..at + 4].fill(0);
    }
    file
}

/// Where the pictures' bytes are.
pub fn pictures(file: &[u8]) -> Range<usize> {
    let pictures = top_box(file, b"mdat");
    pictures.start + 8..pictures.end
}

fn top_box(file: &[u8], kind: &[u8; 4]) -> Range<usize> {
    let mut at = 0;
    while at + 8 <= file.len() {
        let end = at + number(file, at) as usize;
        if &file[at + 4..at + 8] == kind {
            return at..end;
        }
        assert!(end > at, "box of an extended size");
        at = end;
    }
    panic!("no box {}", String::from_utf8_lossy(kind));
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn find(bytes: &[u8], kind: &[u8; 4]) -> usize {
    let index = bytes.windows(4).position(|window| window == kind);
    index.unwrap_or_else(|| panic!("no box {}", String::from_utf8_lossy(kind)))
}
