//! Codecs, containers and pixel formats: every frame out once, in order, with its time.

mod common;

use common::{Recipe, first_frame, pixels, read_all, record};
use ffmpeg::format::Pixel;
use giaolo_domain::{MediaTime, PixelRect};
use giaolo_media::{FileSource, MediaError, MediaWarning, OpenOptions, Scaler, probe};

#[test]
fn every_codec_in_every_container_gives_all_frames_with_their_times() {
    let folder = tempfile::tempdir().unwrap();
    let codecs = [
        ("libx264", 2, Pixel::YUV420P),
        ("libx264", 0, Pixel::YUV420P),
        ("libx265", 2, Pixel::YUV420P),
        ("mpeg4", 0, Pixel::YUV420P),
        ("mpeg4", 2, Pixel::YUV420P),
        ("mjpeg", 0, Pixel::YUVJ420P),
    ];
    for (encoder, b_frames, format) in codecs {
        for container in ["mp4", "mkv", "avi", "ts"] {
            // What FFmpeg's muxers cannot write.
            if [("mjpeg", "ts"), ("libx265", "avi")].contains(&(encoder, container)) {
                continue;
            }
            let name = format!("{encoder}-{b_frames}.{container}");
            let path = folder.path().join(&name);
            record(&path, &Recipe { encoder, b_frames, format, ..Recipe::default() });
            let read = read_all(&path);
            assert!(read.end.is_ok(), "{name}: {:?}", read.end);
            assert_eq!(read.frames.len(), 50, "{name}");
            assert_eq!(read.packets.len(), 50, "{name}");
            for (number, decoded) in read.frames.iter().enumerate() {
                let stamp = decoded.frame.stamp();
                assert_eq!(stamp.frame, number as u64, "{name}");
                let off = stamp.time.0 - number as i64 * 40_000;
                assert!(off.abs() <= 1000, "{name}: frame {number} at {stamp:?}");
                assert!(!decoded.corrupt, "{name}: frame {number}");
            }
            let info = read.source.info();
            assert_eq!((info.width, info.height), (96, 64), "{name}");
            let others = read.source.warnings();
            let others = others.iter().filter(|w| **w != MediaWarning::TimesFromDecodingOrder);
            assert_eq!(others.count(), 0, "{name}: {:?}", read.source.warnings());
            assert_eq!(info.nominal_fps, Some(25.0), "{name}");
        }
    }
}

#[test]
fn a_variable_rate_keeps_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let times_ms = vec![0, 40, 70, 250, 260, 900, 940, 1000, 1500, 1501];
    for name in ["vfr.mp4", "vfr.mkv", "vfr.ts"] {
        let path = folder.path().join(name);
        record(&path, &Recipe { frames: 10, times_ms: times_ms.clone(), ..Recipe::default() });
        let read = read_all(&path);
        let given: Vec<i64> =
            read.frames.iter().map(|decoded| (decoded.frame.stamp().time.0 + 500) / 1000).collect();
        assert_eq!(given, times_ms, "{name}");
        assert_eq!(read.source.warnings(), [], "{name}");
    }
}

/// A grey picture of full range is 0 to 255; the same numbers in the limited range are stretched.
#[test]
fn pixel_formats_give_the_colours_that_were_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("libx264", Pixel::YUV420P, "yuv420p"),
        ("libx264", Pixel::YUVJ420P, "yuvj420p"),
        ("libx264", Pixel::YUV422P, "yuv422p"),
        ("libx264", Pixel::YUV444P, "yuv444p"),
        ("libx264", Pixel::YUV420P10LE, "yuv420p10le"),
        ("libx264", Pixel::NV12, "yuv420p"),
        ("mjpeg", Pixel::YUVJ422P, "yuvj422p"),
    ];
    for (encoder, format, stored) in cases {
        // x264 wants whole chroma samples.
        let (width, height) = if encoder == "mjpeg" { (97, 63) } else { (98, 66) };
        let path = folder.path().join(format!("{encoder}-{stored}-{format:?}.mkv"));
        record(
            &path,
            &Recipe {
                encoder,
                format,
                frames: 3,
                b_frames: 0,
                width,
                height,
                encoder_options: match encoder {
                    "libx264" => vec![("crf", "1")],
                    _ => vec![("qmin", "1"), ("qmax", "1")],
                },
                ..Recipe::default()
            },
        );
        let frame = first_frame(&path);
        assert_eq!(frame.pixel_format(), stored);
        assert_eq!((frame.width(), frame.height()), (width, height));

        // The block at the top left has luma 220, chroma 100 or so: compare with the formulas of
        // BT.601 (ITU-R BT.601-7, 2.5) on the very numbers that were painted.
        let rgb = frame.rgb(PixelRect { x: 2, y: 2, width: 3, height: 3 }).unwrap();
        let full = stored.starts_with("yuvj");
        let painted = |y: f64, u: f64, v: f64| match full {
            true => [y + 1.402 * (v - 128.0), y + 1.772 * (u - 128.0)],
            false => {
                [1.164 * (y - 16.0) + 1.596 * (v - 128.0), 1.164 * (y - 16.0) + 2.017 * (u - 128.0)]
            }
        };
        // NV12 paints U and V side by side; both lie near 102 in this corner.
        let expected = painted(220.0, 102.0, 102.0);
        let pixel = rgb.get_pixel(1, 1).0;
        for (got, expected) in [pixel[0], pixel[2]].into_iter().zip(expected) {
            let off = f64::from(got) - expected.clamp(0.0, 255.0);
            assert!(off.abs() < 9.0, "{stored} of {encoder}: {pixel:?}, {expected:?}");
        }
    }
}

#[test]
fn rotated_recordings_come_out_upright() {
    let folder = tempfile::tempdir().unwrap();
    const ONE: i32 = 1 << 16;
    let cases: [(&str, [i32; 4], u16); 4] = [
        ("as stored", [ONE, 0, 0, ONE], 0),
        ("quarter", [0, ONE, -ONE, 0], 90),
        ("half", [-ONE, 0, 0, -ONE], 180),
        ("three quarters", [0, -ONE, ONE, 0], 270),
    ];
    // 4:2:2 cannot be turned as it is and becomes 4:2:0.
    for format in [Pixel::YUV420P, Pixel::YUV420P10LE, Pixel::YUV422P] {
        for (name, [a, b, c, d], degrees) in cases {
            let path = folder.path().join(format!("{name}-{format:?}.mp4"));
            let recipe = Recipe {
                format,
                frames: 4,
                matrix: Some([a, b, 0, c, d, 0, 0, 0, 1 << 30]),
                ..Recipe::default()
            };
            record(&path, &recipe);
            let plain = folder.path().join("plain.mp4");
            record(&plain, &Recipe { matrix: None, ..recipe });
            let stored = first_frame(&plain);
            let stored = stored.rgb(stored.whole()).unwrap();
            let expected = match degrees {
                90 => image::imageops::rotate90(&stored),
                180 => image::imageops::rotate180(&stored),
                270 => image::imageops::rotate270(&stored),
                _ => stored,
            };
            let upright = first_frame(&path);
            let info = probe(&path).unwrap();
            assert_eq!(info.rotation_degrees, degrees, "{name}");
            assert_eq!((info.width, info.height), expected.dimensions(), "{name}");
            let upright = upright.rgb(upright.whole()).unwrap();
            let off = expected.as_raw().iter().zip(upright.as_raw());
            let mean = off.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>()
                / upright.as_raw().len() as f64;
            // Chroma is interpolated along other axes, so a little differs; a wrong turn differs
            // by 40 and more.
            assert!(mean < 8.0, "{name} {format:?}: {mean}");
        }
    }
}

#[test]
fn a_part_has_the_colours_of_the_whole_and_scaling_keeps_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("parts.mkv");
    record(
        &path,
        &Recipe {
            encoder: "mpeg4",
            b_frames: 0,
            width: 321,
            height: 241,
            frames: 1,
            ..Recipe::default()
        },
    );
    let frame = first_frame(&path);
    let whole = frame.rgb(frame.whole()).unwrap();
    let mut scaler = Scaler::new();
    for region in [(0, 0, 321, 241), (7, 9, 31, 33), (320, 240, 1, 1), (101, 50, 64, 64)] {
        let (x, y, width, height) = region;
        let region = PixelRect { x, y, width, height };
        let part = scaler.rgb_small(&frame, region).unwrap();
        assert_eq!(part.dimensions(), (width, height));
        // Away from the edges, where chroma has its neighbours, the pixels are the same
        // but for the rounding of chroma's interpolation.
        for (px, py) in [(width / 2, height / 2), (width / 3, height / 3)] {
            let there = whole.get_pixel(x + px, y + py).0;
            let here = part.get_pixel(px, py).0;
            let off = there.iter().zip(here).map(|(a, b)| a.abs_diff(b)).max().unwrap();
            assert!(off <= if width > 2 { 4 } else { 40 }, "{region:?}: {there:?} {here:?}");
        }
        // Scaled to its own size it is itself, plane by plane.
        let used = PixelRect { x: x - x % 2, y: y - y % 2, width: 0, height: 0 };
        let (w, h) = (x + width - used.x, y + height - used.y);
        let (w, h) = ((w + w % 2).min(321 - used.x), (h + h % 2).min(241 - used.y));
        let mut planes = vec![0; (3 * w * h) as usize];
        let got = scaler.rgb_planes(&frame, region, w, h, &mut planes).unwrap();
        assert_eq!(got, PixelRect { x: used.x, y: used.y, width: w, height: h });
        let area = (w * h) as usize;
        let at = ((h / 2) * w + w / 2) as usize;
        let there = whole.get_pixel(used.x + w / 2, used.y + h / 2).0;
        for (channel, there) in there.into_iter().enumerate() {
            assert!(planes[channel * area + at].abs_diff(there) <= 8, "{region:?}");
        }
    }
}

#[test]
fn regions_and_buffers_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.mkv");
    record(&path, &Recipe { frames: 1, ..Recipe::default() });
    let frame = first_frame(&path);
    let mut scaler = Scaler::new();
    for (x, y, width, height) in [(0, 0, 97, 64), (96, 0, 1, 1), (0, 0, 0, 5), (u32::MAX, 0, 2, 2)]
    {
        let region = PixelRect { x, y, width, height };
        let error = scaler.rgb_small(&frame, region).unwrap_err();
        assert!(matches!(error, MediaError::RegionOutside { .. }), "{error}");
    }
    for (w, h, bytes) in [(8, 8, 191), (8, 8, 193), (0, 8, 0)] {
        let mut out = vec![0; bytes];
        let error = scaler.rgb_planes(&frame, frame.whole(), w, h, &mut out).unwrap_err();
        assert!(matches!(error, MediaError::WrongBuffer { .. }), "{error}");
    }
}

#[test]
fn several_decoding_threads_give_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("threads.mp4");
    record(&path, &Recipe::default());
    let one: Vec<u64> = read_all(&path).frames.iter().map(|d| pixels(&d.frame)).collect();
    let options = OpenOptions { decode_threads: 3, ..OpenOptions::default() };
    let mut source = FileSource::open(&path, &options).unwrap();
    let mut three = Vec::new();
    let mut last = MediaTime(-1);
    while let Some(decoded) = source.next().unwrap() {
        assert!(decoded.frame.stamp().time > last);
        last = decoded.frame.stamp().time;
        three.push(pixels(&decoded.frame));
    }
    assert_eq!(one, three);
    assert!(one.windows(2).all(|pair| pair[0] != pair[1]), "frames differ from each other");
}
