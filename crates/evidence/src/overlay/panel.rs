//! The dark panel under an explained still, as high as its words need.

use giaolo_domain::PixelBox;
use image::RgbImage;

use super::{Bilingual, Caption, Colour, Overlay, Scale, TextStyle, Weight, palette};

/// From this width on, facts and reasons stand side by side.
const TWO_COLUMNS_FROM: f32 = 1000.0;

/// One line of text at its place in the panel.
struct Line {
    x: f32,
    top: f32,
    text: String,
    style: TextStyle,
}

/// A bar of colour beside a block of text.
struct Bar {
    place: PixelBox,
    colour: Colour,
}

/// A magnified piece of the still, to stand in the panel.
pub(super) struct Inset {
    pub(super) picture: RgbImage,
    pub(super) caption: Bilingual,
    pub(super) colour: Colour,
}

#[derive(Default)]
struct Layout {
    lines: Vec<Line>,
    bars: Vec<Bar>,
}

#[derive(Clone, Copy)]
struct Styles {
    title: TextStyle,
    main: TextStyle,
    label: TextStyle,
    small: TextStyle,
    gap: f32,
    bar: f32,
}

impl Styles {
    fn of(scale: Scale) -> Self {
        let px = scale.text_px;
        let small = (px * 0.8).max(10.5);
        Self {
            title: TextStyle::new(px * 1.3, Weight::Bold, palette::PAPER),
            main: TextStyle::new(px, Weight::Regular, palette::PAPER),
            label: TextStyle::new(small, Weight::Regular, palette::QUIET),
            small: TextStyle::new(small, Weight::Regular, palette::QUIET),
            gap: (px * 0.45).round(),
            bar: (2.5 * scale.unit).round().max(2.0),
        }
    }
}

/// Draws the panel for a picture of that width.
pub(super) fn panel(
    overlay: &mut Overlay,
    width: u32,
    caption: &Caption,
    insets: &[Inset],
) -> RgbImage {
    let scale = Scale::of_width(width);
    let styles = Styles::of(scale);
    let pad = (scale.text_px * 1.1).round();
    let full = width as f32;
    let mut layout = Layout::default();

    let insets_width: f32 = insets.iter().map(|inset| inset.picture.width() as f32 + pad).sum();
    let text_width = (full - 2.0 * pad - insets_width).max(full * 0.4);
    let mut top = pad;
    top = layout.title(overlay, &styles, caption, pad, top, text_width);
    top += styles.gap * 1.5;
    let bottom = if full >= TWO_COLUMNS_FROM {
        let left_width = (text_width - 2.0 * pad) * 0.5;
        let right = pad + left_width + 2.0 * pad;
        let left_end = layout.rows(overlay, &styles, caption, pad, top, left_width);
        let right_end = layout.findings(overlay, &styles, caption, right, top, left_width);
        left_end.max(right_end)
    } else {
        let end = layout.rows(overlay, &styles, caption, pad, top, text_width);
        // Below the insets the whole width is free.
        let end = (end + styles.gap).max(insets_end(insets, &styles, pad));
        layout.findings(overlay, &styles, caption, pad, end, full - 2.0 * pad)
    };
    let bottom = (bottom + styles.gap).max(insets_end(insets, &styles, pad));
    let bottom = layout.footer(overlay, &styles, caption, pad, bottom, full - 2.0 * pad);

    let height = (bottom + pad * 0.8).ceil() as u32;
    let mut image = RgbImage::from_pixel(width, height, palette::INK);
    let rule = PixelBox::new(0.0, 0.0, full, styles.bar);
    overlay.plate(&mut image, &rule, 0.0, palette::RULE, 1.0);
    for bar in &layout.bars {
        overlay.plate(&mut image, &bar.place, styles.bar * 0.5, bar.colour, 1.0);
    }
    for line in &layout.lines {
        overlay.text(&mut image, line.x, line.top, &line.text, &line.style);
    }
    draw_insets(overlay, &mut image, insets, &styles, pad);
    image
}

impl Layout {
    /// Adds wrapped text; returns where the next line may begin.
    fn text(
        &mut self,
        overlay: &Overlay,
        text: &str,
        style: &TextStyle,
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let mut top = top;
        for text in overlay.text.wrap(text, style, width) {
            self.lines.push(Line { x, top, text, style: *style });
            top += style.line_height();
        }
        top
    }

    /// Vietnamese, and English under it.
    fn both(
        &mut self,
        overlay: &Overlay,
        text: &Bilingual,
        [vi, en]: [&TextStyle; 2],
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let top = self.text(overlay, &text.vi, vi, x, top, width);
        self.text(overlay, &text.en, en, x, top, width)
    }

    fn title(
        &mut self,
        overlay: &Overlay,
        styles: &Styles,
        caption: &Caption,
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let both = [&styles.title, &styles.small];
        self.both(overlay, &caption.title, both, x, top, width)
    }

    fn rows(
        &mut self,
        overlay: &Overlay,
        styles: &Styles,
        caption: &Caption,
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let widest = caption
            .rows
            .iter()
            .flat_map(|row| [&row.label.vi, &row.label.en])
            .map(|label| overlay.text_width(label, &styles.label))
            .fold(0.0, f32::max);
        let value_x = x + (widest + styles.gap * 2.0).min(width * 0.4).round();
        let value_width = x + width - value_x;
        let label_width = value_x - x - styles.gap;
        // Labels are smaller: they stand on the baseline of what they name.
        let drop = ((styles.main.px - styles.label.px) * 0.8).round();
        let mut top = top;
        for row in &caption.rows {
            self.text(overlay, &row.label.vi, &styles.label, x, top + drop, label_width);
            let english =
                self.text(overlay, &row.value.vi, &styles.main, value_x, top, value_width);
            self.text(overlay, &row.label.en, &styles.small, x, english, label_width);
            top = self.text(overlay, &row.value.en, &styles.small, value_x, english, value_width);
            top += styles.gap * 0.7;
        }
        top - styles.gap * 0.7
    }

    /// Reasons and verdict, each block with its bar.
    fn findings(
        &mut self,
        overlay: &Overlay,
        styles: &Styles,
        caption: &Caption,
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let blocks =
            [(&caption.reasons, palette::RULE), (&caption.verdict, caption.verdict_colour)];
        let mut top = top;
        for (texts, colour) in blocks {
            if texts.is_empty() {
                continue;
            }
            let first = top;
            let indent = styles.bar + styles.gap * 1.5;
            for (position, text) in texts.iter().enumerate() {
                let mut main = styles.main;
                if colour == caption.verdict_colour && position == 0 {
                    main.weight = Weight::Bold;
                }
                let both = [&main, &styles.small];
                top = self.both(overlay, text, both, x + indent, top, width - indent);
                top += styles.gap * 0.6;
            }
            top -= styles.gap * 0.6;
            self.bars.push(Bar { place: PixelBox::new(x, first, x + styles.bar, top), colour });
            top += styles.gap * 1.5;
        }
        top - styles.gap * 1.5
    }

    fn footer(
        &mut self,
        overlay: &Overlay,
        styles: &Styles,
        caption: &Caption,
        x: f32,
        top: f32,
        width: f32,
    ) -> f32 {
        let rule = PixelBox::new(x, top.round(), x + width, top.round() + 1.0);
        self.bars.push(Bar { place: rule, colour: image::Rgb([52, 62, 74]) });
        let both = [&styles.small, &styles.small];
        self.both(overlay, &caption.footer, both, x, top + styles.gap, width)
    }
}

fn insets_end(insets: &[Inset], styles: &Styles, pad: f32) -> f32 {
    insets
        .iter()
        .map(|inset| {
            let words = styles.label.line_height() + styles.small.line_height();
            pad + inset.picture.height() as f32 + words + styles.gap * 2.0
        })
        .fold(0.0, f32::max)
}

/// From the right edge to the left, each with its caption under it.
fn draw_insets(
    overlay: &mut Overlay,
    image: &mut RgbImage,
    insets: &[Inset],
    styles: &Styles,
    pad: f32,
) {
    let mut right = image.width() as f32 - pad;
    for inset in insets.iter().rev() {
        let (width, height) = (inset.picture.width() as f32, inset.picture.height() as f32);
        let left = right - width;
        let frame = PixelBox::new(left, pad, right, pad + height);
        let edge = PixelBox::new(left - 2.0, pad - 2.0, right + 2.0, pad + height + 2.0);
        overlay.plate(image, &edge, 2.0, inset.colour, 1.0);
        image::imageops::replace(image, &inset.picture, left as i64, pad as i64);
        let vi = TextStyle::new(styles.label.px, Weight::Regular, palette::PAPER);
        let top = frame.y2 + styles.gap;
        let words = [(&inset.caption.vi, vi), (&inset.caption.en, styles.small)];
        for (line, (text, style)) in words.into_iter().enumerate() {
            let text = overlay.text.shorten(text, &style, width);
            overlay.text(image, left, top + line as f32 * style.line_height(), &text, &style);
        }
        right = left - pad;
    }
}
