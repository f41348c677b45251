//! The explained still: what the rule saw drawn on a copy of the picture, the words in a panel below.

use giaolo_domain::{PixelBox, PixelPoint, SignalState};
use image::{RgbImage, imageops};

use super::{
    Bilingual, Caption, Labels, Overlay, Scale, Stroke, palette,
    panel::{Inset, panel},
};
use crate::Result;

/// Why a line or zone is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The rule that fired stands on it.
    Rule,
    /// It helps to read the picture.
    Context,
}

/// A line of the scene.
#[derive(Clone, Copy, Debug)]
pub struct LineShape<'a> {
    /// Both ends.
    pub points: [PixelPoint; 2],
    /// Why it is drawn.
    pub meaning: Meaning,
    /// What stands beside it, Vietnamese and English; `None` for nothing.
    pub label: Option<(&'a str, &'a str)>,
}

/// A zone of the scene.
#[derive(Clone, Copy, Debug)]
pub struct ZoneShape<'a> {
    /// Corners.
    pub corners: &'a [PixelPoint],
    /// The way of its traffic, from a point to a point, where that matters.
    pub direction: Option<[PixelPoint; 2]>,
    /// Why it is drawn.
    pub meaning: Meaning,
    /// What stands beside it, Vietnamese and English; `None` for nothing.
    pub label: Option<(&'a str, &'a str)>,
}

/// The signal head at the act.
#[derive(Clone, Copy, Debug)]
pub struct LampShape {
    /// Box around the head.
    pub region: PixelBox,
    /// What it showed.
    pub state: SignalState,
}

/// Everything that is drawn on the still.
#[derive(Clone, Copy, Debug)]
pub struct OverviewDrawing<'a> {
    /// Place and camera, at the left above the still.
    pub title: &'a str,
    /// Local time, at the right above the still.
    pub time: &'a str,
    /// Lines.
    pub lines: &'a [LineShape<'a>],
    /// Zones.
    pub zones: &'a [ZoneShape<'a>],
    /// The road user's box in this still.
    pub subject: PixelBox,
    /// What stands beside it, Vietnamese and English.
    pub subject_label: (&'a str, &'a str),
    /// Its ground points up to this still, the oldest first.
    pub past: &'a [PixelPoint],
    /// Its ground points from this still on.
    pub later: &'a [PixelPoint],
    /// The signal head, for rules about signals.
    pub lamp: Option<LampShape>,
}

/// The explained picture: a bar with title and time, the still with its drawing, the caption in a
/// dark panel. As wide as the still, and as high as still and words need. The bar stands above the
/// still and not on it, because a camera writes its own time there.
///
/// # Errors
/// Where OpenCV fails.
pub fn render_overview(
    overlay: &mut Overlay,
    still: &RgbImage,
    drawing: &OverviewDrawing<'_>,
    caption: &Caption,
) -> Result<RgbImage> {
    let mut picture = still.clone();
    draw(overlay, &mut picture, drawing)?;
    let insets = insets(still, drawing);
    let panel = panel(overlay, still.width(), caption, &insets);
    let bar_height = overlay.bar_height(still.width()) as u32;
    let mut bar = RgbImage::from_pixel(still.width(), bar_height, palette::INK);
    overlay.header_bar(&mut bar, drawing.title, drawing.time);
    Ok(stacked(&[bar, picture, panel]))
}

/// One under the other; all are equally wide.
fn stacked(pictures: &[RgbImage]) -> RgbImage {
    let width = pictures.first().map_or(0, RgbImage::width);
    let height = pictures.iter().map(RgbImage::height).sum();
    let mut whole = RgbImage::new(width, height);
    let mut rest: &mut [u8] = &mut whole;
    for picture in pictures {
        let (place, below) = rest.split_at_mut(picture.as_raw().len());
        place.copy_from_slice(picture.as_raw());
        rest = below;
    }
    whole
}

fn draw(overlay: &mut Overlay, image: &mut RgbImage, drawing: &OverviewDrawing<'_>) -> Result<()> {
    let scale = Scale::of_width(image.width());
    let unit = scale.unit;
    for zone in drawing.zones {
        if zone.meaning == Meaning::Rule {
            overlay.fill(image, zone.corners, palette::RULE, 0.14)?;
        }
        overlay.zone_outline(image, zone, scale)?;
        if let Some([from, to]) = zone.direction {
            let stroke = Stroke::new(palette::CONTEXT, 2.0 * unit).opacity(0.9);
            overlay.arrow(image, from, to, &stroke)?;
        }
    }
    for line in drawing.lines {
        overlay.scene_line(image, line, scale)?;
    }
    draw_way(overlay, image, drawing, unit)?;
    let stroke = Stroke::new(palette::SUBJECT, (2.2 * unit).max(2.0));
    overlay.corner_box(image, &drawing.subject, &stroke)?;
    if let Some(lamp) = drawing.lamp {
        let stroke = Stroke::new(palette::lamp(lamp.state), (1.6 * unit).max(1.5));
        overlay.corner_box(image, &lamp.region, &stroke)?;
    }
    draw_words(overlay, image, drawing, scale)
}

/// Solid and fading where it came from, dashed with an arrow where it went.
fn draw_way(
    overlay: &mut Overlay,
    image: &mut RgbImage,
    drawing: &OverviewDrawing<'_>,
    unit: f32,
) -> Result<()> {
    let width = (2.0 * unit).max(1.8);
    let later = Stroke::new(palette::SUBJECT, width).opacity(0.95).dashed(7.0 * unit, 5.0 * unit);
    overlay.polyline(image, drawing.later, false, &later)?;
    if let [.., last] = drawing.later {
        // Neighbouring points wobble; the arrow points along the last stretch of some length.
        let back = drawing.later.iter().rev().find(|p| p.distance(*last) > 14.0 * unit);
        if let Some(back) = back {
            let from = last.lerp(*back, (14.0 * unit / last.distance(*back)).min(1.0));
            overlay.arrow(image, from, *last, &Stroke::new(palette::SUBJECT, width))?;
        }
    }
    overlay.trail(image, drawing.past, &Stroke::new(palette::SUBJECT, width))?;
    let foot = drawing.subject.ground_point();
    overlay.dot(image, foot, 2.4 * unit, palette::SUBJECT, 1.0)
}

fn draw_words(
    overlay: &mut Overlay,
    image: &mut RgbImage,
    drawing: &OverviewDrawing<'_>,
    scale: Scale,
) -> Result<()> {
    let size = PixelBox::new(0.0, 0.0, image.width() as f32, image.height() as f32);
    let mut taken = vec![drawing.subject];
    taken.extend(drawing.lamp.map(|lamp| lamp.region));
    let way = drawing.past.iter().chain(drawing.later);
    let around = 3.0 * scale.unit;
    taken
        .extend(way.map(|p| PixelBox::new(p.x - around, p.y - around, p.x + around, p.y + around)));
    let mut labels = Labels::new(size, taken);

    let px = scale.text_px;
    let (vi, en) = drawing.subject_label;
    overlay.label(image, &mut labels, &drawing.subject, palette::SUBJECT, vi, Some(en), px);
    if let Some(lamp) = drawing.lamp {
        overlay.lamp_badge(image, &mut labels, &lamp.region, lamp.state, px)?;
    }
    for line in drawing.lines {
        if let Some((vi, en)) = line.label {
            let named = bounds(&line.points);
            let colour = colour(line.meaning);
            let end = end_of(&named, &line.points);
            overlay.label(image, &mut labels, &end, colour, vi, Some(en), px * 0.92);
        }
    }
    for zone in drawing.zones {
        if let (Some((vi, en)), [first, ..]) = (zone.label, zone.corners) {
            let corner = PixelBox::new(first.x, first.y, first.x + 1.0, first.y + 1.0);
            let colour = colour(zone.meaning);
            overlay.label(image, &mut labels, &corner, colour, vi, Some(en), px * 0.92);
        }
    }
    Ok(())
}

fn colour(meaning: Meaning) -> super::Colour {
    match meaning {
        Meaning::Rule => palette::RULE,
        Meaning::Context => palette::CONTEXT,
    }
}

fn bounds(points: &[PixelPoint; 2]) -> PixelBox {
    let [a, b] = points;
    PixelBox::new(a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y))
}

/// The stretch at a line's left end, which its label stands beside, clear of the whole line's height.
fn end_of(all: &PixelBox, points: &[PixelPoint; 2]) -> PixelBox {
    let left = if points[0].x <= points[1].x { points[0] } else { points[1] };
    let stretch = (all.width() * 0.12).max(1.0);
    PixelBox::new(left.x, left.y - 3.0, left.x + stretch, left.y + 3.0)
}

/// Road user and lamp from the clean still, magnified by whole numbers so that no pixel is invented.
fn insets(still: &RgbImage, drawing: &OverviewDrawing<'_>) -> Vec<Inset> {
    let room = still.width() as f32;
    let height = (room * 0.15).clamp(96.0, 480.0);
    let mut insets = Vec::new();
    if let Some(picture) = magnified(still, &drawing.subject, 0.12, room * 0.16, height) {
        insets.push(Inset {
            picture,
            caption: Bilingual::new("Đối tượng", "Road user"),
            colour: palette::SUBJECT,
        });
    }
    if let Some(lamp) = drawing.lamp
        && let Some(picture) = magnified(still, &lamp.region, 0.2, room * 0.12, height)
    {
        insets.push(Inset {
            picture,
            caption: Bilingual::new("Đèn", "Signal"),
            colour: palette::lamp(lamp.state),
        });
    }
    insets
}

fn magnified(
    still: &RgbImage,
    place: &PixelBox,
    margin: f32,
    width: f32,
    height: f32,
) -> Option<RgbImage> {
    let (dx, dy) = (place.width() * margin, place.height() * margin);
    let wide = PixelBox::new(place.x1 - dx, place.y1 - dy, place.x2 + dx, place.y2 + dy)
        .clamped(still.width() as f32, still.height() as f32);
    if !wide.is_proper() {
        return None;
    }
    let (x, y) = (wide.x1.floor() as u32, wide.y1.floor() as u32);
    let (w, h) = (wide.x2.ceil() as u32 - x, wide.y2.ceil() as u32 - y);
    let piece = imageops::crop_imm(still, x, y, w, h).to_image();
    let share = (width / w as f32).min(height / h as f32);
    if share >= 1.0 {
        let times = share.floor() as u32;
        return Some(imageops::resize(&piece, w * times, h * times, imageops::FilterType::Nearest));
    }
    let (w, h) = ((w as f32 * share) as u32, (h as f32 * share) as u32);
    Some(imageops::resize(&piece, w.max(1), h.max(1), imageops::FilterType::Triangle))
}
