//! Decoding and scaling, against libav's own loop, its scaler alone, and a copy of the bytes.

use std::path::{Path, PathBuf};

use ffmpeg::{
    codec::context::Context as Codec,
    format::Pixel,
    frame::Video,
    media::Type,
    software::scaling::{Context as Scaling, Flags},
};
use giaolo_domain::PixelRect;
use giaolo_media::{FileSource, OpenOptions, Scaler};
use giaolo_vision::Preparer;

use crate::{Bare, Case, Clock, Failure, Recording, Work};

/// Frames of a clip that one turn decodes, opening it anew: a turn must be short.
const DECODED: u64 = 48;

pub(crate) fn cases(recording: &Recording) -> Result<Vec<Case>, Failure> {
    let size = recording.size();
    let codec = &recording.info.codec;
    let path = recording.clip.path.clone();
    let view = recording.plan.views.first().ok_or("the plan has no part of the picture")?;
    let (region, to) = (view.source, (view.width, view.height));
    let sides = format!("{size} -> {}x{}", to.0, to.1);
    Ok(vec![
        Case {
            stage: (1, "decode"),
            what: format!("{codec} {size}, packets and times kept"),
            unit: "frame",
            clock: Clock::Processor,
            video_s: None,
            ours: decode(path.clone()),
            bare: Some(Bare {
                what: "libav: read, send, receive",
                work: bare_decode(path.clone()),
            }),
        },
        Case {
            stage: (2, "scale"),
            what: format!("{sides}, RGB planes"),
            unit: "frame",
            clock: Clock::Processor,
            video_s: None,
            ours: scale(recording, region, to),
            bare: Some(Bare {
                what: "swscale alone, same flags",
                work: bare_scale(&path, region, to)?,
            }),
        },
        Case {
            stage: (2, "scale"),
            what: format!("{sides}, to the model's floats"),
            unit: "frame",
            clock: Clock::Processor,
            video_s: None,
            ours: prepare(recording),
            bare: Some(Bare { what: "copy of the bytes read and written", work: copy(recording) }),
        },
    ])
}

fn decode(path: PathBuf) -> Work {
    Box::new(move || {
        let mut source = FileSource::open(&path, &OpenOptions::default())?;
        let mut frames = 0;
        while frames < DECODED && source.next()?.is_some() {
            frames += 1;
        }
        Ok(frames)
    })
}

fn bare_decode(path: PathBuf) -> Work {
    Box::new(move || decode_with_libav(&path, DECODED, &mut |_| {}))
}

fn decode_with_libav(
    path: &Path,
    most: u64,
    on_frame: &mut dyn FnMut(&Video),
) -> Result<u64, Failure> {
    let mut input = ffmpeg::format::input(path)?;
    let stream = input.streams().best(Type::Video).ok_or("no video stream")?;
    let index = stream.index();
    let mut codec = Codec::from_parameters(stream.parameters())?;
    codec.set_threading(ffmpeg::codec::threading::Config { count: 1, ..Default::default() });
    let mut decoder = codec.decoder().video()?;
    let mut frames = 0;
    let mut take = |decoder: &mut ffmpeg::decoder::Video| {
        let mut picture = Video::empty();
        while frames < most && decoder.receive_frame(&mut picture).is_ok() {
            on_frame(&picture);
            frames += 1;
        }
        frames
    };
    for read in input.packets() {
        let (stream, packet) = read?;
        if stream.index() != index {
            continue;
        }
        decoder.send_packet(&packet)?;
        if take(&mut decoder) >= most {
            return Ok(most);
        }
    }
    decoder.send_eof()?;
    Ok(take(&mut decoder))
}

fn scale(recording: &Recording, region: PixelRect, to: (u32, u32)) -> Work {
    let pictures = recording.pictures.clone();
    let mut scaler = Scaler::new();
    let mut planes = vec![0; 3 * (to.0 * to.1) as usize];
    Box::new(move || {
        for picture in &pictures {
            scaler.rgb_planes(picture, region, to.0, to.1, &mut planes)?;
        }
        Ok(pictures.len() as u64)
    })
}

/// The scaler alone, over pictures of exactly the region's size.
fn bare_scale(path: &Path, region: PixelRect, to: (u32, u32)) -> Result<Work, Failure> {
    let mut pictures = Vec::new();
    let mut cut = None;
    decode_with_libav(path, 12, &mut |picture| {
        cut.get_or_insert_with(|| {
            Scaling::get(
                picture.format(),
                picture.width(),
                picture.height(),
                Pixel::YUV420P,
                region.width,
                region.height,
                Flags::POINT,
            )
        });
        let mut part = Video::empty();
        if let Some(Ok(cut)) = &mut cut
            && cut.run(picture, &mut part).is_ok()
        {
            pictures.push(part);
        }
    })?;
    if pictures.is_empty() {
        return Err("no picture for the bare scaler".into());
    }
    let mut scaler = Scaling::get(
        Pixel::YUV420P,
        region.width,
        region.height,
        Pixel::GBRP,
        to.0,
        to.1,
        Flags::AREA | Flags::ACCURATE_RND | Flags::FULL_CHR_H_INT,
    )?;
    let mut scaled = Video::empty();
    Ok(Box::new(move || {
        for picture in &pictures {
            scaler.run(picture, &mut scaled)?;
        }
        Ok(pictures.len() as u64)
    }))
}

fn prepare(recording: &Recording) -> Work {
    let pictures = recording.pictures.clone();
    let mut preparer = Preparer::new(recording.plan.clone(), &recording.entry.input);
    let mut prepared = preparer.empty();
    Box::new(move || {
        for picture in &pictures {
            preparer.fill(picture, &mut prepared)?;
        }
        Ok(pictures.len() as u64)
    })
}

/// As many bytes as the picture has and as the input takes, copied once each.
fn copy(recording: &Recording) -> Work {
    let picture = (recording.info.width * recording.info.height * 3 / 2) as usize;
    let input = recording.plan.batch_len() * size_of::<f32>();
    let from: Vec<Vec<u8>> = recording.pictures.iter().map(|_| vec![7; picture + input]).collect();
    let mut to = vec![0; picture + input];
    Box::new(move || {
        for bytes in &from {
            to.copy_from_slice(std::hint::black_box(bytes));
            std::hint::black_box(&to);
        }
        Ok(from.len() as u64)
    })
}
