//! The annotated film: every picture in it, at its time, at its size.

mod common;

use common::{millis, read_all};
use giaolo_media::{MediaError, VideoWriter};
use image::{Rgb, RgbImage};

#[test]
fn pictures_come_back_at_their_times_and_odd_sizes_are_padded() {
    let folder = tempfile::tempdir().unwrap();
    for (width, height, padded) in [(96, 64, (96, 64)), (97, 63, (98, 64)), (1, 1, (2, 2))] {
        let path = folder.path().join(format!("{width}.mp4"));
        let mut film = VideoWriter::create(&path, width, height, Some(10.0)).unwrap();
        let times = [0, 100, 150, 151, 900, 1000];
        for (number, &time) in times.iter().enumerate() {
            let shade = Rgb([200, 20 + 10 * number as u8, 40]);
            film.write(&RgbImage::from_pixel(width, height, shade), millis(time)).unwrap();
        }
        film.finish().unwrap();

        let read = read_all(&path);
        assert!(read.end.is_ok() && read.source.warnings().is_empty());
        let given: Vec<i64> =
            read.frames.iter().map(|d| (d.frame.stamp().time.0 + 500) / 1000).collect();
        assert_eq!(given, times);
        for (number, decoded) in read.frames.iter().enumerate() {
            let frame = &decoded.frame;
            assert_eq!((frame.width(), frame.height()), padded);
            let last = frame.rgb(frame.whole()).unwrap();
            let pixel = last.get_pixel(padded.0 - 1, padded.1 - 1).0;
            for (got, painted) in pixel.into_iter().zip([200, 20 + 10 * number as u8, 40]) {
                assert!(got.abs_diff(painted) <= 8, "{pixel:?}");
            }
        }
    }
}

#[test]
fn wrong_pictures_and_times_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut film = VideoWriter::create(&folder.path().join("a.mp4"), 32, 32, None).unwrap();
    let picture = RgbImage::new(32, 32);
    film.write(&picture, millis(40)).unwrap();
    let error = film.write(&picture, millis(40)).unwrap_err();
    assert!(matches!(error, MediaError::TimeOrder { .. }), "{error}");
    let error = film.write(&RgbImage::new(32, 31), millis(80)).unwrap_err();
    assert!(matches!(error, MediaError::PictureSize { .. }), "{error}");

    let nowhere = folder.path().join("no-such-folder/a.mp4");
    let error = VideoWriter::create(&nowhere, 32, 32, None).err().unwrap();
    assert!(error.to_string().contains("no-such-folder"), "{error}");
}
