//! The pictures of a violation: stills as the camera gave them, the explained one, and the vehicle.
//!
//! Stills and vehicle can be made as soon as the rule has fired. The explained one tells what was read
//! of the plate, so it waits for that, and is drawn on the very picture that is in the folder.

use giaolo_domain::{
    FrameTime, MediaTime, PixelBox, PixelRect, SignalState, TimeOrigin, Violation,
};
use giaolo_evidence::{
    FileRole, encode_jpeg,
    overlay::{
        Caption, CaptionSource, LampShape, LineShape, Meaning, Overlay, OverviewDrawing, ZoneShape,
        render_overview,
    },
};
use giaolo_media::{Frame, MediaError, PacketRing, PacketSpan, RingLimits, Scaler, decode_span};
use giaolo_scene::{LineKind, ZoneKind};
use image::RgbImage;

use crate::{
    error::PipelineError,
    evidence_stage::{EvidenceStage, Job},
    plate_pictures::PlateShown,
};

/// JPEG quality of stills: no block is visible at a plate's size.
const QUALITY: u8 = 92;
/// The name of the still of the act.
const ACT: &str = "act.jpg";
/// Room around the vehicle in its crop, as a share of its box.
const CROP_MARGIN: f32 = 0.15;
/// A span is at most a ring long, so nothing of it is let go.
const EVERYTHING: RingLimits = RingLimits { seconds: 1e6, bytes: usize::MAX };

/// What is made anew for no violation: fonts, glyphs and the scaler's tables.
pub(crate) struct Tools {
    overlay: Overlay,
    pub(crate) scaler: Scaler,
}

/// A picture as it goes into the folder.
pub(crate) struct Picture {
    pub name: &'static str,
    pub role: FileRole,
    pub jpeg: Vec<u8>,
}

/// The three stills of a violation, in full colour.
struct Stills {
    before: RgbImage,
    act: RgbImage,
    after: RgbImage,
}

impl Tools {
    pub(crate) fn new() -> Result<Self, PipelineError> {
        Ok(Self { overlay: Overlay::new()?, scaler: Scaler::new() })
    }
}

impl EvidenceStage<'_> {
    fn stills(&self, scaler: &mut Scaler, job: &Job) -> Result<Stills, PipelineError> {
        let Violation { before, act, after, .. } = &job.violation;
        let wanted = [before.time, act.time, after.time];
        let decode = |span: &PacketSpan| -> Result<Vec<Frame>, MediaError> {
            let mut found = Vec::new();
            decode_span(self.codec, span, &wanted, &mut |frame| found.push(frame))?;
            Ok(found)
        };
        let found = match decode(&narrowed(&job.span, before.time, after.time)) {
            // Some streams refresh their pictures bit by bit and need more than the last keyframe.
            Err(MediaError::FrameNotInSpan { .. }) => decode(&job.span)?,
            found => found?,
        };
        let mut still = |at: &FrameTime| -> Result<RgbImage, PipelineError> {
            let frame = found.iter().find(|frame| frame.stamp().time == at.time);
            let frame = frame.ok_or_else(|| PipelineError::Unprovable {
                id: job.id.clone(),
                reason: format!("frame {} did not come out of the kept packets", at.frame),
            })?;
            Ok(scaler.rgb_small(frame, frame.whole())?)
        };
        Ok(Stills { before: still(before)?, act: still(act)?, after: still(after)? })
    }

    /// Stills and vehicle.
    pub(crate) fn early_pictures(
        &self,
        tools: &mut Tools,
        job: &Job,
    ) -> Result<Vec<Picture>, PipelineError> {
        let stills = self.stills(&mut tools.scaler, job)?;
        let crop = crop(&stills.act, &job.violation.box_act);
        [
            (ACT, FileRole::StillAct, &stills.act),
            ("before.jpg", FileRole::StillBefore, &stills.before),
            ("after.jpg", FileRole::StillAfter, &stills.after),
            ("vehicle.jpg", FileRole::VehicleCrop, &crop),
        ]
        .into_iter()
        .map(|(name, role, picture)| encoded(job, name, role, picture))
        .collect()
    }

    /// All of them, from those that were made already, and whether the plate is among them.
    pub(crate) fn all_pictures(
        &self,
        tools: &mut Tools,
        job: &Job,
        early: Option<Vec<Picture>>,
    ) -> Result<(Vec<Picture>, PlateShown), PipelineError> {
        let mut pictures = match early {
            Some(pictures) => pictures,
            None => self.early_pictures(tools, job)?,
        };
        let act = decoded(job, &pictures)?;
        let overview = self.overview(&mut tools.overlay, job, &act)?;
        pictures.push(encoded(job, "overview.jpg", FileRole::Overview, &overview)?);
        let shown = self.plate_pictures(tools, job, &mut pictures)?;
        Ok((pictures, shown))
    }

    fn overview(
        &self,
        overlay: &mut Overlay,
        job: &Job,
        still: &RgbImage,
    ) -> Result<RgbImage, PipelineError> {
        let violation = &job.violation;
        let lines: Vec<LineShape<'_>> = self
            .scene
            .lines
            .iter()
            .map(|line| {
                let ruled = Some(&line.id) == violation.line.as_ref();
                LineShape {
                    points: line.points,
                    meaning: if ruled { Meaning::Rule } else { Meaning::Context },
                    label: ruled.then(|| line_label(line.kind)),
                }
            })
            .collect();
        let zones: Vec<ZoneShape<'_>> = self
            .scene
            .zones
            .iter()
            .filter(|zone| Some(&zone.id) == violation.zone.as_ref())
            .map(|zone| ZoneShape {
                corners: &zone.points,
                direction: zone.direction,
                meaning: Meaning::Rule,
                label: Some(zone_label(zone.kind)),
            })
            .collect();
        let state = |head| {
            job.signal_timeline
                .iter()
                .find(|s| &s.head == head && s.from <= violation.act && s.to >= violation.act)
                .map_or(SignalState::Unknown, |span| span.state)
        };
        let lamp = violation.head.as_ref().and_then(|id| {
            let head = self.scene.heads.iter().find(|head| &head.id == id)?;
            Some(LampShape { region: head.region, state: state(id) })
        });
        let caption = Caption::of_violation(&CaptionSource {
            place: &self.scene.place,
            point: None,
            camera: &self.scene.camera,
            source_class: None,
            clock: &self.origin,
            violation,
            signal: lamp.map(|lamp| lamp.state),
            plate: job.plate.as_ref(),
        });
        let title = format!("{} · {}", self.scene.place, self.scene.camera);
        let time = local_time(&self.origin, violation.act);
        let label_vi = format!("{} #{}", violation.class.vietnamese(), violation.track);
        let label_en = format!("{} #{}", violation.class, violation.track);
        let drawing = OverviewDrawing {
            title: &title,
            time: &time,
            lines: &lines,
            zones: &zones,
            subject: violation.box_act,
            subject_label: (&label_vi, &label_en),
            past: &job.past,
            later: &job.later,
            lamp,
        };
        Ok(render_overview(overlay, still, &drawing, &caption)?)
    }
}

/// A picture as it goes into the folder.
pub(crate) fn encoded(
    job: &Job,
    name: &'static str,
    role: FileRole,
    picture: &RgbImage,
) -> Result<Picture, PipelineError> {
    let jpeg = encode_jpeg(picture, QUALITY).map_err(|reason| unprovable(job, name, &reason))?;
    Ok(Picture { name, role, jpeg })
}

/// The still of the act, as everybody will see it.
fn decoded(job: &Job, pictures: &[Picture]) -> Result<RgbImage, PipelineError> {
    let act = pictures.iter().find(|picture| picture.role == FileRole::StillAct);
    let act = act.ok_or_else(|| unprovable(job, ACT, &"was not made"))?;
    image::load_from_memory_with_format(&act.jpeg, image::ImageFormat::Jpeg)
        .map(image::DynamicImage::into_rgb8)
        .map_err(|error| unprovable(job, ACT, &error))
}

fn unprovable(job: &Job, name: &str, reason: &dyn std::fmt::Display) -> PipelineError {
    PipelineError::Unprovable { id: job.id.clone(), reason: format!("{name}: {reason}") }
}

fn line_label(kind: LineKind) -> (&'static str, &'static str) {
    match kind {
        LineKind::Stop => ("vạch dừng", "stop line"),
        LineKind::Count => ("vạch đếm", "counting line"),
    }
}

fn zone_label(kind: ZoneKind) -> (&'static str, &'static str) {
    match kind {
        ZoneKind::Lane => ("làn đường", "lane"),
        ZoneKind::Junction => ("nơi đường giao nhau", "junction"),
        ZoneKind::NoStopping => ("cấm dừng xe", "no stopping"),
        ZoneKind::Closed => ("khu vực cấm", "closed zone"),
        ZoneKind::RegionOfInterest => ("vùng quan tâm", "region of interest"),
        ZoneKind::Ignore => ("bỏ qua", "ignored"),
    }
}

/// Local time where a clock is known, else the time in the recording.
pub(crate) fn local_time(origin: &TimeOrigin, at: FrameTime) -> String {
    if origin.clock == giaolo_domain::ClockSource::Unknown {
        let seconds = at.time.seconds();
        let minutes = (seconds / 60.0).floor();
        return format!("{minutes:02.0}:{:06.3}", seconds - minutes * 60.0);
    }
    origin.start.plus(at.time).in_viet_nam()
}

/// The packets from the last keyframe before the first still on: the clip's lead-in need not be decoded
/// again.
pub(crate) fn narrowed(span: &PacketSpan, from: MediaTime, to: MediaTime) -> PacketSpan {
    let mut ring = PacketRing::new(EVERYTHING);
    for packet in span.packets() {
        ring.push(packet.clone());
    }
    ring.span(from, to).unwrap_or_else(|| span.clone())
}

/// The vehicle with some room around it.
fn crop(still: &RgbImage, bbox: &PixelBox) -> RgbImage {
    crop_with_room(still, bbox, bbox.width() * CROP_MARGIN, bbox.height() * CROP_MARGIN)
}

/// A box with `dx` and `dy` pixels of room on each side, cut out of a still.
pub(crate) fn crop_with_room(still: &RgbImage, bbox: &PixelBox, dx: f32, dy: f32) -> RgbImage {
    let picture = PixelRect { x: 0, y: 0, width: still.width(), height: still.height() };
    let PixelRect { x, y, width, height } = crop_rect(bbox, dx, dy, picture);
    image::imageops::crop_imm(still, x, y, width, height).to_image()
}

/// A box with room around it, in whole pixels of the picture. A box that motion completed beyond the
/// picture's edge is cut there.
fn crop_rect(bbox: &PixelBox, dx: f32, dy: f32, picture: PixelRect) -> PixelRect {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let wide = PixelBox::new(bbox.x1 - dx, bbox.y1 - dy, bbox.x2 + dx, bbox.y2 + dy)
        .clamped(width, height);
    let x = (wide.x1 as u32).min(picture.width - 1);
    let y = (wide.y1 as u32).min(picture.height - 1);
    PixelRect {
        x,
        y,
        width: (wide.x2.ceil() as u32).clamp(x + 1, picture.width) - x,
        height: (wide.y2.ceil() as u32).clamp(y + 1, picture.height) - y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::{ClockSource, UtcTime};

    #[test]
    fn a_crop_is_cut_from_the_still_and_nowhere_else() {
        let still = RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let piece = crop(&still, &PixelBox::new(20.0, 10.0, 40.0, 30.0));
        assert_eq!(piece.dimensions(), (26, 26));
        assert_eq!(piece.get_pixel(0, 0).0, [17, 7, 9]);
        assert_eq!(piece.get_pixel(25, 25).0, [42, 32, 9]);
    }

    #[test]
    fn a_crop_stays_in_the_picture() {
        let picture = PixelRect { x: 0, y: 0, width: 640, height: 480 };
        for (bbox, expected) in [
            ([100.0, 100.0, 200.0, 300.0], (85, 70, 130, 260)),
            ([600.0, 400.0, 700.0, 520.0], (585, 382, 55, 98)),
            ([-50.0, -50.0, -10.0, -10.0], (0, 0, 1, 1)),
        ] {
            let bbox: PixelBox = bbox.into();
            let (dx, dy) = (bbox.width() * CROP_MARGIN, bbox.height() * CROP_MARGIN);
            let rect = crop_rect(&bbox, dx, dy, picture);
            assert_eq!((rect.x, rect.y, rect.width, rect.height), expected, "{bbox:?}");
        }
    }

    #[test]
    fn an_unknown_clock_shows_the_time_in_the_recording() {
        let at = FrameTime { frame: 9, time: MediaTime::from_seconds(83.25) };
        assert_eq!(local_time(&TimeOrigin::UNKNOWN, at), "01:23.250");
        let start = UtcTime::parse("2026-11-24T07:00:00+07:00").unwrap();
        let known = TimeOrigin { start, clock: ClockSource::Operator, uncertainty_s: None };
        assert_eq!(local_time(&known, at), "2026-11-24 07:01:23.250");
    }
}
