//! Feeds arbitrary bytes to every reader of tracks and sections: each must give values in order or
//! an error, in bounded memory, and what it gives must be writable and come back the same.
//!
//! The first byte chooses the reader, so that one corpus serves all.
#![no_main]

use giaolo_interchange::{
    BoxOrigin, FrameTracks, ReadOptions, TracksReader, TracksWriter, import_otflow, read_ottrk,
    read_signal_text,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let options = ReadOptions {
        max_bytes: 1 << 20,
        box_origin: (choice & 0x80 != 0).then_some(BoxOrigin::Centre),
        text_fps: Some(25.0),
        ..ReadOptions::default()
    };
    match choice & 0x03 {
        0 => {
            if let Ok(reader) = TracksReader::new(bytes, "fuzz", &options) {
                let header = reader.header().clone();
                let frames: Vec<FrameTracks> = reader.map_while(Result::ok).collect();
                comes_back(&frames, &giaolo_interchange::TracksHeader {
                    frames: None,
                    ..header
                });
            }
        }
        1 => {
            if let Ok(tracks) = read_ottrk(bytes, "fuzz", &options) {
                in_order(&tracks.collect::<Vec<_>>());
            }
        }
        2 => {
            if let Ok((_, frames)) = read_signal_text(bytes, "fuzz", &options) {
                in_order(&frames);
            }
        }
        _ => {
            if let Ok((scene, _)) = import_otflow(bytes, (800, 600)) {
                for line in &scene.lines {
                    assert!(line.forward_distance(line.forward_to) > 0.0, "{line:?}");
                }
            }
        }
    }
});

fn in_order(frames: &[FrameTracks]) {
    for pair in frames.windows(2) {
        assert!(pair[0].at.frame < pair[1].at.frame && pair[0].at.time <= pair[1].at.time);
    }
}

fn comes_back(frames: &[FrameTracks], header: &giaolo_interchange::TracksHeader) {
    in_order(frames);
    let mut writer = TracksWriter::new(Vec::new(), header).expect("a header that was read");
    for frame in frames {
        writer.write(frame).expect("a frame that was read");
    }
    let bytes = writer.finish().expect("memory takes all bytes");
    let reader = TracksReader::new(&bytes[..], "fuzz", &ReadOptions::default());
    let back = reader.expect("our own header").collect::<Result<Vec<_>, _>>();
    let back = back.expect("our own frames");
    for (ours, theirs) in back.iter().zip(frames) {
        assert_eq!((ours.at, &ours.tracks), (theirs.at, &theirs.tracks));
    }
    assert_eq!(back.len(), frames.len());
}
