//! One frame of the annotated video.

use giaolo_domain::{PixelBox, PixelPoint, RoadUserClass, SignalState, TrackId};
use image::RgbImage;

use super::{Labels, LineShape, Meaning, Overlay, Scale, Stroke, ZoneShape, palette};
use crate::Result;

/// A road user in a frame.
#[derive(Clone, Copy, Debug)]
pub struct TrackShape<'a> {
    /// Whose.
    pub track: TrackId,
    /// Where it is.
    pub bbox: PixelBox,
    /// What it is.
    pub class: RoadUserClass,
    /// Where it was, the oldest first, this frame last.
    pub trail: &'a [PixelPoint],
    /// Whether a rule fired on it.
    pub is_subject: bool,
    /// Whether its box is predicted, not detected: drawn fainter.
    pub predicted: bool,
}

/// A signal head in a frame.
#[derive(Clone, Copy, Debug)]
pub struct HeadShape {
    /// Box around it.
    pub region: PixelBox,
    /// What it shows.
    pub state: SignalState,
}

/// Everything that is drawn on one frame of the annotated video.
#[derive(Clone, Copy, Debug)]
pub struct FrameDrawing<'a> {
    /// Place and camera, at the top left.
    pub title: &'a str,
    /// Time, at the top right.
    pub time: &'a str,
    /// Counts and the like, at the bottom left; empty for no footer.
    pub footer: &'a str,
    /// Zones; outlines only.
    pub zones: &'a [ZoneShape<'a>],
    /// Lines.
    pub lines: &'a [LineShape<'a>],
    /// Signal heads.
    pub heads: &'a [HeadShape],
    /// Road users.
    pub tracks: &'a [TrackShape<'a>],
}

impl Overlay {
    /// Draws on a frame of the annotated video, about 2 ms for 20 road users at 1600x1200.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn frame(&mut self, image: &mut RgbImage, drawing: &FrameDrawing<'_>) -> Result<()> {
        let scale = Scale::of_width(image.width());
        let size = PixelBox::new(0.0, 0.0, image.width() as f32, image.height() as f32);
        let mut labels = Labels::new(size, drawing.tracks.iter().map(|t| t.bbox).collect());
        for head in drawing.heads {
            labels.take(head.region);
        }
        for zone in drawing.zones {
            self.zone_outline(image, zone, scale)?;
        }
        for line in drawing.lines {
            self.scene_line(image, line, scale)?;
        }
        for track in drawing.tracks {
            self.track(image, track, scale)?;
        }
        let header = self.header_bar(image, drawing.title, drawing.time);
        labels.take(header);
        if !drawing.footer.is_empty() {
            let footer = self.footer_bar(image, drawing.footer, "");
            labels.take(footer);
        }
        for head in drawing.heads {
            let stroke = Stroke::new(palette::lamp(head.state), 1.5 * scale.unit);
            self.corner_box(image, &head.region, &stroke)?;
            self.lamp_badge(image, &mut labels, &head.region, head.state, scale.text_px)?;
        }
        for track in drawing.tracks.iter().filter(|track| track.is_subject) {
            let text = format!("#{} {}", track.track, track.class.vietnamese());
            let px = scale.text_px;
            self.label(image, &mut labels, &track.bbox, palette::SUBJECT, &text, None, px);
        }
        Ok(())
    }

    fn track(&mut self, image: &mut RgbImage, track: &TrackShape<'_>, scale: Scale) -> Result<()> {
        let opacity = if track.predicted { 0.45 } else { 1.0 };
        let (colour, width) = if track.is_subject {
            (palette::SUBJECT, 2.4 * scale.unit)
        } else {
            (palette::road_user(track.class.group()), 1.7 * scale.unit)
        };
        let stroke = Stroke::new(colour, width.max(1.5)).opacity(opacity);
        self.trail(image, track.trail, &stroke.bare())?;
        let stroke = if track.is_subject { stroke } else { stroke.bare() };
        self.corner_box(image, &track.bbox, &stroke)?;
        let foot = track.bbox.ground_point();
        self.dot(image, foot, (1.6 * scale.unit).max(1.5), colour, 0.0)
    }

    pub(super) fn zone_outline(
        &mut self,
        image: &mut RgbImage,
        zone: &ZoneShape<'_>,
        scale: Scale,
    ) -> Result<()> {
        let stroke = match zone.meaning {
            Meaning::Rule => Stroke::new(palette::RULE, (1.5 * scale.unit).max(1.5)),
            Meaning::Context => Stroke::new(palette::CONTEXT, 1.0)
                .bare()
                .opacity(0.6)
                .dashed(7.0 * scale.unit, 5.0 * scale.unit),
        };
        self.polyline(image, zone.corners, true, &stroke)
    }

    pub(super) fn scene_line(
        &mut self,
        image: &mut RgbImage,
        line: &LineShape<'_>,
        scale: Scale,
    ) -> Result<()> {
        let stroke = match line.meaning {
            Meaning::Rule => Stroke::new(palette::RULE, (2.6 * scale.unit).max(2.0)),
            Meaning::Context => {
                Stroke::new(palette::CONTEXT, (1.6 * scale.unit).max(1.5)).bare().opacity(0.8)
            }
        };
        self.polyline(image, &line.points, false, &stroke)
    }
}
