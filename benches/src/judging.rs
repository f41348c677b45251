//! Tracking, the scene's rules, and replay, over what the model once saw.

use std::{fs, path::Path, rc::Rc};

use giaolo_interchange::{TracksHeader, TracksWriter, open_tracks};
use giaolo_pipeline::{Law, Replay};
use giaolo_scene::{Engine, FrameInput};
use giaolo_tracking::{Tracker, TrackerSettings};

use crate::{Bare, Case, Clock, Failure, Recording, Work, footage::installation};

pub(crate) fn cases(recording: &Recording, scratch: &Path) -> Result<Vec<Case>, Failure> {
    fs::create_dir_all(scratch)?;
    let about = format!("{:.0} boxes a frame ({})", recording.density(), recording.clip.name);
    let frame_s = recording.frame_s();
    let case = |stage, what, ours, bare| Case {
        stage,
        what,
        unit: "frame",
        clock: Clock::Processor,
        video_s: frame_s,
        ours,
        bare,
    };
    let tracks = scratch.join("tracks.jsonl");
    write_tracks(recording, &tracks)?;
    Ok(vec![
        case((5, "track"), about.clone(), track(recording), None),
        case((6, "rules"), about.clone(), rules(recording)?, None),
        case(
            (7, "replay"),
            about.clone(),
            replay(recording, &tracks)?,
            Some(Bare { what: "reading tracks.jsonl only", work: read(&tracks) }),
        ),
        case(
            (7, "replay"),
            format!("reading tracks.jsonl, {about}"),
            read(&tracks),
            Some(Bare { what: "serde_json to plain values", work: parse(recording, &tracks)? }),
        ),
    ])
}

fn read(tracks: &Path) -> Work {
    let tracks = tracks.to_owned();
    Box::new(move || {
        let mut frames = 0;
        for frame in open_tracks(&tracks)?.frames {
            std::hint::black_box(frame?);
            frames += 1;
        }
        Ok(frames)
    })
}

fn parse(recording: &Recording, tracks: &Path) -> Result<Work, Failure> {
    let (bytes, frames) = (fs::read(tracks)?, recording.tracks.len() as u64);
    Ok(Box::new(move || {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            std::hint::black_box(serde_json::from_slice::<serde_json::Value>(line)?);
        }
        Ok(frames)
    }))
}

fn track(recording: &Recording) -> Work {
    let detections = Rc::clone(&recording.detections);
    Box::new(move || {
        let mut tracker = Tracker::new(TrackerSettings::default());
        for (at, seen) in detections.iter() {
            std::hint::black_box(tracker.observe(*at, seen));
        }
        Ok(detections.len() as u64)
    })
}

fn rules(recording: &Recording) -> Result<Work, Failure> {
    let (tracks, scene) = (Rc::clone(&recording.tracks), recording.scene.clone());
    let (origin, road) = (recording.info.origin, road(recording)?);
    Ok(Box::new(move || {
        let mut engine = Engine::new(scene.clone(), origin, road);
        for frame in tracks.iter() {
            let input = FrameInput { at: frame.at, tracks: &frame.tracks, signals: &frame.signals };
            std::hint::black_box(engine.observe(&input));
        }
        Ok(tracks.len() as u64)
    }))
}

/// As `giaolo replay` does it: read, run, turn events into lines.
fn replay(recording: &Recording, tracks: &Path) -> Result<Work, Failure> {
    let (tracks, scene) = (tracks.to_owned(), recording.scene.clone());
    let (origin, road) = (recording.info.origin, road(recording)?);
    let installed = installation(Path::new(""));
    let law = Law::load(&installed.sanctions, &installed.violations)?;
    Ok(Box::new(move || {
        let mut replay = Replay::new(scene.clone(), origin, road, &law);
        let mut frames = 0;
        for frame in open_tracks(&tracks)?.frames {
            for event in replay.frame(&frame?).events {
                std::hint::black_box(replay.line(&event)?);
            }
            frames += 1;
        }
        std::hint::black_box(replay.finish());
        Ok(frames)
    }))
}

fn road(recording: &Recording) -> Result<Option<giaolo_domain::RoadTransform>, Failure> {
    let calibration = recording.scene.calibration.as_ref();
    Ok(calibration.map(giaolo_vision::calibrate).transpose()?.map(|fit| fit.transform))
}

fn write_tracks(recording: &Recording, path: &Path) -> Result<(), Failure> {
    let header = TracksHeader {
        camera: recording.scene.camera.clone(),
        size: (recording.info.width, recording.info.height),
        fps: recording.info.nominal_fps.unwrap_or(25.0),
        frames: None,
        origin: recording.info.origin,
    };
    let out = std::io::BufWriter::new(fs::File::create(path)?);
    let mut writer = TracksWriter::new(out, &header)?;
    for frame in recording.tracks.iter() {
        writer.write(frame)?;
    }
    writer.finish()?;
    Ok(())
}
