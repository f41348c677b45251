//! A clip with a known plate: the demo clip "Cars-Cyclist", enlarged, with a made-up plate drawn onto
//! the front of the silver car frame by frame.
//!
//! Who is in it, all through its 60 frames: the silver car that comes nearer with the drawn plate; a
//! cyclist, mostly taken for a motorbike, without any plate; a red car with a foreign plate of some
//! twenty pixels that nobody can read. Where the silver car's own plate is was measured by eye in
//! seven frames, so that the drawn one does not depend on what any detector finds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use giaolo_domain::{PixelBox, PixelPoint, PlateColour, TrackId};
use giaolo_media::{FileSource, Frame, OpenOptions, VideoWriter};
use giaolo_plate_render::{Form, Plate, Wear, place};
use image::{DynamicImage, RgbImage, imageops::FilterType};

use crate::{footage::demo_clips, results::Results};

/// What to draw.
pub struct Staging {
    /// The plate.
    pub plate: Plate,
    /// What happened to it.
    pub wear: Wear,
    /// How many times larger the clip becomes; it was 800x600.
    pub enlarge: u32,
    /// Width of the plate in the last frame, in pixels of the clip. In the first it is two thirds.
    pub width_px: f32,
}

impl Default for Staging {
    /// A clean plate of one line that a person reads easily: 72 to 110 pixels wide in 2400x1800.
    fn default() -> Self {
        let plate = Plate::new(Form::CarLong, PlateColour::White, &["61A-345.67"]).unwrap();
        Self { plate, wear: Wear::default(), enlarge: 3, width_px: 110.0 }
    }
}

/// A clip and what is true of it.
pub struct StagedClip {
    /// The recording, 20 frames a second.
    pub video: PathBuf,
    /// A scene for it: one counting line and one closed zone, both in the silver car's way.
    pub scene: PathBuf,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The plate.
    pub plate: Plate,
    /// Its corners in every frame, in pixels: top left, top right, bottom right, bottom left.
    pub corners: Vec<[PixelPoint; 4]>,
}

/// Frames of the demo clip in which the silver car's own plate was measured, with its corners in
/// pixels of 800x600.
const MEASURED: [(usize, [[f32; 2]; 4]); 7] = [
    (0, [[165.1, 145.9], [181.9, 144.6], [181.9, 148.7], [165.1, 150.4]]),
    (10, [[191.4, 153.0], [208.7, 151.7], [208.7, 156.1], [191.4, 157.5]]),
    (20, [[226.0, 162.8], [244.8, 161.3], [244.8, 166.1], [226.0, 167.7]]),
    (30, [[273.6, 176.9], [293.7, 175.1], [293.7, 180.3], [273.6, 182.5]]),
    (40, [[335.8, 194.3], [356.8, 191.2], [356.8, 197.1], [335.8, 200.7]]),
    (50, [[418.0, 224.1], [441.1, 219.0], [441.1, 226.6], [418.0, 231.6]]),
    (59, [[520.7, 257.1], [546.2, 249.0], [546.2, 258.2], [520.7, 267.2]]),
];

/// The form of the measured plate, in millimetres: the European one is as large as the long one here.
const MEASURED_MM: (f32, f32) = (520.0, 110.0);

/// Draws the clip and its scene into `folder`.
pub fn staged_clip(folder: &Path, staging: &Staging) -> StagedClip {
    let [_, demo] = demo_clips();
    let mut source = FileSource::open(&demo.video, &OpenOptions::default()).unwrap();
    let (width, height) =
        (source.info().width * staging.enlarge, source.info().height * staging.enlarge);
    let video = folder.join("staged.mp4");
    let fps = source.info().nominal_fps;
    let mut film = VideoWriter::create(&video, width, height, fps).unwrap();
    let mut corners = Vec::new();
    while let Some(decoded) = source.next().unwrap() {
        let frame = decoded.frame;
        let mut picture = enlarged(&frame, width, height);
        let at = plate_corners(staging, corners.len());
        place(&mut picture, &staging.plate, &staging.wear, at).unwrap();
        film.write(&picture, frame.stamp().time).unwrap();
        corners.push(at);
    }
    film.finish().unwrap();
    let scene = folder.join("staged.toml");
    fs::write(&scene, scene_text(staging.enlarge)).unwrap();
    StagedClip { video, scene, size: (width, height), plate: staging.plate.clone(), corners }
}

impl StagedClip {
    /// The upright box around the plate in a frame.
    pub fn plate_box(&self, frame: usize) -> PixelBox {
        let boxes = self.corners[frame].map(|p| PixelBox::new(p.x, p.y, p.x, p.y));
        boxes.into_iter().reduce(|all, one| all.union(&one)).unwrap()
    }

    /// The track that carries the plate: the one whose boxes hold the whole plate in most frames. The
    /// cyclist's, who rides by in front of it, do so in a few.
    pub fn track_in(&self, results: &Results) -> TrackId {
        let mut frames_of = std::collections::BTreeMap::<TrackId, usize>::new();
        for frame in &results.frames {
            let plate = self.plate_box(frame.at.frame as usize);
            for seen in &frame.tracks {
                if plate.share_within(&seen.bbox) > 0.95 {
                    *frames_of.entry(seen.track).or_default() += 1;
                }
            }
        }
        let (track, frames) = frames_of.into_iter().max_by_key(|(_, frames)| *frames).unwrap();
        assert!(frames * 2 > self.corners.len(), "track {track} holds it in {frames} frames only");
        track
    }
}

/// By a method that the image library has compiled itself: in a test's own build, a loop over so many
/// pixels takes seconds.
fn enlarged(frame: &Frame, width: u32, height: u32) -> RgbImage {
    let picture = DynamicImage::ImageRgb8(frame.rgb(frame.whole()).unwrap());
    picture.resize_exact(width, height, FilterType::Triangle).into_rgb8()
}

/// The corners of the staged plate in a frame: where the car's own plate is, but of the staged form
/// and size.
fn plate_corners(staging: &Staging, frame: usize) -> [PixelPoint; 4] {
    let sizes = staging.plate.form().geometry();
    let last = measured_corners(MEASURED[MEASURED.len() - 1].0);
    let own_width = (last[0].distance(last[1]) + last[3].distance(last[2])) / 2.0;
    let across = staging.width_px / (own_width * staging.enlarge as f32);
    let down = across * sizes.height / sizes.width * MEASURED_MM.0 / MEASURED_MM.1;
    let [tl, tr, br, bl] = measured_corners(frame);
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(side, end)| {
        let (u, v) = (0.5 + side * across / 2.0, 0.5 + end * down / 2.0);
        let p = tl.lerp(tr, u).lerp(bl.lerp(br, u), v);
        let enlarge = staging.enlarge as f32;
        PixelPoint::new(p.x * enlarge, p.y * enlarge)
    })
}

/// The car's own plate in any frame, in pixels of 800x600: a smooth curve through the measured ones
/// (Catmull and Rom 1974), as the car turns and comes nearer evenly.
fn measured_corners(frame: usize) -> [PixelPoint; 4] {
    let after = MEASURED.iter().position(|(at, _)| *at >= frame).unwrap_or(MEASURED.len() - 1);
    let before = after.saturating_sub(1);
    let key = |index: usize| (MEASURED[index].0 as f32, MEASURED[index].1);
    let ((t1, p1), (t2, p2)) = (key(before), key(after.max(1)));
    let ((t0, p0), (t3, p3)) =
        (key(before.saturating_sub(1)), key((after.max(1) + 1).min(MEASURED.len() - 1)));
    let t = (frame as f32 - t1) / (t2 - t1);
    std::array::from_fn(|corner| {
        let value = |axis: usize| {
            let [v0, v1, v2, v3] = [p0, p1, p2, p3].map(|p| p[corner][axis]);
            let slope1 = (v2 - v0) / (t2 - t0) * (t2 - t1);
            let slope2 = (v3 - v1) / (t3 - t1) * (t2 - t1);
            let (t2, t3) = (t * t, t * t * t);
            v1 * (2.0 * t3 - 3.0 * t2 + 1.0)
                + slope1 * (t3 - 2.0 * t2 + t)
                + v2 * (3.0 * t2 - 2.0 * t3)
                + slope2 * (t3 - t2)
        };
        PixelPoint::new(value(0), value(1))
    })
}

fn scene_text(enlarge: u32) -> String {
    let points = |points: &[[u32; 2]]| {
        let enlarged: Vec<[u32; 2]> =
            points.iter().map(|point| point.map(|at| at * enlarge)).collect();
        format!("{enlarged:?}")
    };
    let line = points(&[[250, 330], [330, 120]]);
    let forward_to = points(&[[600, 300]]);
    let forward_to = forward_to.trim_start_matches('[').trim_end_matches(']');
    let zone = points(&[[250, 150], [800, 150], [800, 599], [200, 599]]);
    let size = [800 * enlarge, 600 * enlarge];
    format!(
        "# Drawn for a test; see tests/src/staged.rs.\n\
         [scene]\ncamera = \"STAGED\"\nplace = \"Staged\"\nsize = {size:?}\n\
         \n[[line]]\nid = \"across\"\nkind = \"count\"\npoints = {line}\nforward_to = [{forward_to}]\n\
         \n[[zone]]\nid = \"closed\"\nkind = \"closed\"\npoints = {zone}\n\
         \n[[rule]]\nid = \"closed\"\nkind = \"closed_zone\"\nzone = \"closed\"\ndwell_s = 0.5\n"
    )
}
