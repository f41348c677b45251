//! Labels that stand beside what they name and cover neither it nor each other, where there is room.

use giaolo_domain::{PixelBox, SignalState};
use image::RgbImage;

use super::{Colour, Overlay, Scale, TextStyle, Weight, palette};

/// The places of a picture that labels must keep clear of.
#[derive(Clone, Debug)]
pub struct Labels {
    bounds: PixelBox,
    taken: Vec<PixelBox>,
}

impl Labels {
    /// All of a picture is free but what `taken` covers.
    pub fn new(bounds: PixelBox, taken: Vec<PixelBox>) -> Self {
        Self { bounds, taken }
    }

    /// Keeps a place clear of labels to come.
    pub fn take(&mut self, place: PixelBox) {
        self.taken.push(place);
    }

    /// A place of that size beside `named`: the first free one of above, below, right and left, or
    /// the one that covers the least.
    pub fn place(&mut self, named: &PixelBox, width: f32, height: f32, gap: f32) -> PixelBox {
        let PixelBox { x1, y1, x2, y2 } = *named;
        let (above, below) = (y1 - gap - height, y2 + gap);
        let (right, left) = (x2 + gap, x1 - gap - width);
        let middle = (x1 + x2 - width) * 0.5;
        let corners = [
            (x1, above),
            (x1, below),
            (right, y1),
            (left, y1),
            (x2 - width, above),
            (x2 - width, below),
            (middle, above),
            (right, y2 - height),
            (left, y2 - height),
            (x1, above - height - gap),
            (x1, below + height + gap),
        ];
        let bounds = self.bounds;
        let candidates = corners.map(|(x, y)| {
            let x = x.min(bounds.x2 - width).max(bounds.x1);
            let y = y.min(bounds.y2 - height).max(bounds.y1);
            PixelBox::new(x, y, x + width, y + height)
        });
        let cost = |place: &PixelBox| {
            let covered: f32 = self.taken.iter().map(|t| t.intersection_area(place)).sum();
            covered + 2.0 * named.intersection_area(place)
        };
        let mut best = candidates[0];
        let mut least = f32::INFINITY;
        for candidate in candidates {
            let cost = cost(&candidate);
            if cost < least {
                (best, least) = (candidate, cost);
            }
        }
        self.take(best);
        best
    }
}

impl Overlay {
    /// A dark plate with a bar of the accent colour and one or two lines (the second smaller and
    /// quieter), beside what it names. Returns where it stands.
    #[expect(clippy::too_many_arguments, reason = "one label is these eight things")]
    pub fn label(
        &mut self,
        image: &mut RgbImage,
        labels: &mut Labels,
        named: &PixelBox,
        accent: Colour,
        first: &str,
        second: Option<&str>,
        text_px: f32,
    ) -> PixelBox {
        let unit = Scale::of_width(image.width()).unit;
        let main = TextStyle::new(text_px, Weight::Bold, palette::PAPER);
        let small = TextStyle::new((text_px * 0.82).max(10.5), Weight::Regular, palette::QUIET);
        let pad = (text_px * 0.35).round();
        let bar = (2.5 * unit).round().max(2.0);
        let widest = second
            .map_or(0.0, |text| self.text_width(text, &small))
            .max(self.text_width(first, &main));
        let width = (widest + 2.0 * pad + bar + 2.0).ceil();
        let second_height = second.map_or(0.0, |_| small.line_height());
        let height = (main.line_height() + second_height + pad).ceil();
        let place = labels.place(named, width, height, (4.0 * unit).round());
        self.plate(image, &place, 3.0 * unit, palette::INK, 0.8);
        let accent_bar = PixelBox::new(place.x1, place.y1, place.x1 + bar, place.y2);
        self.plate(image, &accent_bar, bar * 0.5, accent, 1.0);
        let x = place.x1 + bar + pad;
        let top = place.y1 + (pad * 0.5).round();
        self.text(image, x, top, first, &main);
        if let Some(text) = second {
            self.text(image, x, top + main.line_height(), text, &small);
        }
        place
    }

    /// A plate with a lamp and its word in Vietnamese. `beside` is the head in the picture.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn lamp_badge(
        &mut self,
        image: &mut RgbImage,
        labels: &mut Labels,
        beside: &PixelBox,
        state: SignalState,
        text_px: f32,
    ) -> crate::Result<PixelBox> {
        let unit = Scale::of_width(image.width()).unit;
        let style = TextStyle::new(text_px, Weight::Bold, palette::PAPER);
        let word = state.vietnamese();
        let pad = (text_px * 0.4).round();
        let lamp = (text_px * 0.38).max(4.0);
        let height = (style.line_height() + pad).ceil();
        let width = (3.0 * pad + 2.0 * lamp + self.text_width(word, &style) + 2.0).ceil();
        let place = labels.place(beside, width, height, (4.0 * unit).round());
        self.plate(image, &place, height * 0.5, palette::INK, 0.85);
        let at = giaolo_domain::PixelPoint::new(place.x1 + pad + lamp, place.centre().y);
        let colour = palette::lamp(state);
        let is_lit = !matches!(state, SignalState::Unlit | SignalState::Unknown);
        self.dot(image, at, lamp, colour, if is_lit { 1.0 } else { 0.0 })?;
        if state == SignalState::Unlit {
            // A dark lamp is a ring, not a grey light.
            self.dot(image, at, lamp * 0.62, palette::INK, 0.0)?;
        }
        let x = place.x1 + 2.0 * (pad + lamp);
        self.text(image, x, place.y1 + (pad * 0.5).round(), word, &style);
        Ok(place)
    }

    /// A dark bar along the top of the picture: a name at the left, a time at the right.
    pub fn header_bar(&mut self, image: &mut RgbImage, left: &str, right: &str) -> PixelBox {
        let height = self.bar_height(image.width());
        let bar = PixelBox::new(0.0, 0.0, image.width() as f32, height);
        self.bar(image, bar, left, right, Weight::Bold);
        bar
    }

    /// The same along the bottom, quieter.
    pub fn footer_bar(&mut self, image: &mut RgbImage, left: &str, right: &str) -> PixelBox {
        let height = self.bar_height(image.width());
        let bottom = image.height() as f32;
        let bar = PixelBox::new(0.0, (bottom - height).max(0.0), image.width() as f32, bottom);
        self.bar(image, bar, left, right, Weight::Regular);
        bar
    }

    pub(super) fn bar_height(&self, width: u32) -> f32 {
        (Scale::of_width(width).text_px * 1.75).round()
    }

    fn bar(
        &mut self,
        image: &mut RgbImage,
        bar: PixelBox,
        left: &str,
        right: &str,
        weight: Weight,
    ) {
        let px = Scale::of_width(image.width()).text_px;
        // Cameras write a time of their own at the edge; what shines through would blur both.
        self.plate(image, &bar, 0.0, palette::INK, 0.88);
        let style = TextStyle::new(px, weight, palette::PAPER);
        let quiet = TextStyle::new(px, Weight::Regular, palette::PAPER);
        let pad = px * 0.75;
        let top = bar.y1 + ((bar.height() - style.px) * 0.5).floor();
        let right_width = self.text_width(right, &quiet);
        let room = bar.width() - 3.0 * pad - right_width;
        let left = self.text.shorten(left, &style, room);
        self.text(image, pad, top, &left, &style);
        self.text(image, bar.x2 - pad - right_width, top, right, &quiet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_clear_of_what_they_name_and_of_each_other() {
        let bounds = PixelBox::new(0.0, 0.0, 640.0, 480.0);
        let boxes = [
            PixelBox::new(100.0, 0.0, 160.0, 90.0),
            PixelBox::new(0.0, 200.0, 60.0, 300.0),
            PixelBox::new(600.0, 400.0, 640.0, 480.0),
            PixelBox::new(300.0, 200.0, 340.0, 260.0),
            PixelBox::new(310.0, 210.0, 350.0, 270.0),
        ];
        let mut labels = Labels::new(bounds, boxes.to_vec());
        let mut placed: Vec<PixelBox> = Vec::new();
        for named in &boxes {
            let place = labels.place(named, 120.0, 22.0, 4.0);
            assert!((place.share_within(&bounds) - 1.0).abs() < 1e-4);
            for other in boxes.iter().chain(&placed) {
                assert_eq!(place.intersection_area(other), 0.0, "{place:?} on {other:?}");
            }
            placed.push(place);
        }
    }

    #[test]
    fn without_room_a_label_still_stands_in_the_picture() {
        let bounds = PixelBox::new(0.0, 0.0, 100.0, 60.0);
        let mut labels = Labels::new(bounds, vec![bounds]);
        let place = labels.place(&bounds, 80.0, 20.0, 4.0);
        assert!((place.share_within(&bounds) - 1.0).abs() < 1e-4);
    }
}
