//! Which lines on a crop are worth reading, by their shape and place alone.

use giaolo_domain::TextLine;

use super::PlateReaderSettings;

/// The lines that may be a plate's, from top to bottom. Where there are more than are read, those
/// that look most like a plate's are kept.
pub(super) fn choose(
    found: Vec<TextLine>,
    (_, crop_height): (u32, u32),
    settings: &PlateReaderSettings,
) -> Vec<TextLine> {
    let shape = &settings.geometry;
    let most_height = shape.most_height_share * crop_height as f32;
    let fits = |line: &TextLine| {
        let (width, height) = (line.width(), line.height());
        let aspect = width / height;
        height >= shape.least_height_px
            && height <= most_height
            && aspect >= shape.least_aspect
            && aspect <= shape.most_aspect
    };
    let mut lines: Vec<TextLine> = found.into_iter().filter(fits).collect();
    if lines.len() > settings.max_lines {
        let mut ranked: Vec<(f32, TextLine)> =
            lines.iter().map(|line| (likeness(line, &lines), line.clone())).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.truncate(settings.max_lines);
        lines = ranked.into_iter().map(|(_, line)| line).collect();
    }
    lines.sort_by(|a, b| {
        let (a, b) = (a.centre(), b.centre());
        a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x))
    });
    lines
}

/// How much a line looks like a plate's, 0 to 2: sure to be text, of the width over height of four
/// to nine characters, with another line stacked on it.
fn likeness(line: &TextLine, all: &[TextLine]) -> f32 {
    let aspect = line.width() / line.height();
    let shape = match aspect {
        a if a < 1.5 => 0.6,
        a if a <= 6.0 => 1.0,
        _ => 0.4,
    };
    let stacked = all.iter().any(|other| is_stacked(line, other));
    line.found.clamp(0.0, 1.0) * shape + f32::from(u8::from(stacked))
}

/// Whether two lines stand as the two of a plate do: alike in height, one just above the other.
fn is_stacked(a: &TextLine, b: &TextLine) -> bool {
    let (low, high) = (a.height().min(b.height()), a.height().max(b.height()));
    let (from, to) = (a.centre(), b.centre());
    let (across, down) = ((from.x - to.x).abs(), (from.y - to.y).abs());
    high <= 2.0 * low
        && across <= 0.4 * a.width().max(b.width())
        && down >= 0.5 * low
        && down <= 2.0 * high
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_domain::PixelPoint;

    fn line(left: f32, top: f32, width: f32, height: f32, found: f32) -> TextLine {
        let p = |x, y| PixelPoint { x, y };
        let (right, bottom) = (left + width, top + height);
        TextLine {
            corners: [p(left, top), p(right, top), p(right, bottom), p(left, bottom)],
            found,
            chars: vec![],
            cut: false,
        }
    }

    #[test]
    fn what_cannot_be_a_plates_line_is_not_read() {
        let settings = PlateReaderSettings::default();
        for (what, kept, candidate) in [
            ("a line", true, line(10.0, 10.0, 60.0, 15.0, 0.9)),
            ("too low", false, line(10.0, 10.0, 30.0, 5.9, 0.9)),
            ("upright", false, line(10.0, 10.0, 15.0, 60.0, 0.9)),
            ("square", false, line(10.0, 10.0, 20.0, 20.0, 0.9)),
            ("a wire", false, line(10.0, 10.0, 180.0, 14.0, 0.9)),
            ("as high as the crop", false, line(10.0, 0.0, 190.0, 110.0, 0.9)),
            ("nothing", false, line(10.0, 10.0, 0.0, 0.0, 0.9)),
            ("off the crop", true, line(-10.0, -5.0, 60.0, 15.0, 0.9)),
        ] {
            let chosen = choose(vec![candidate], (200, 200), &settings);
            assert_eq!(chosen.len() == 1, kept, "{what}");
        }
    }

    #[test]
    fn a_stacked_pair_is_read_before_surer_text() {
        let settings = PlateReaderSettings { max_lines: 2, ..PlateReaderSettings::default() };
        let upper = line(80.0, 150.0, 40.0, 14.0, 0.7);
        let lower = line(75.0, 168.0, 50.0, 15.0, 0.7);
        let advertisement = line(10.0, 20.0, 150.0, 18.0, 0.99);
        let maker = line(20.0, 100.0, 40.0, 8.0, 0.95);
        let found = vec![advertisement, lower.clone(), maker, upper.clone()];
        assert_eq!(choose(found, (200, 200), &settings), [upper, lower]);
    }
}
