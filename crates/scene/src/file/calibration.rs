//! Pairs of points that tie the picture to the road, and whether they can: a plane needs four
//! points of which no three lie in a row, and a camera never shows the road inside out.

use giaolo_domain::{PixelPoint, RoadPoint};

use super::pixels::Picture;
use super::problems::Problems;
use super::reader::Section;
use super::shapes::{point, slenderness, turn};
use crate::Calibration;

/// The most pairs.
pub(super) const MAX_PAIRS: usize = 64;
/// The largest coordinate on the road, in metres; UTM northings stay below it.
const MAX_ROAD_M: f64 = 1e8;
/// Three points lie in a row where their triangle is flatter than this share of its longest side.
const IN_A_ROW: f64 = 0.01;
/// Triangles flatter than this may turn over by the error of the survey alone.
const SURELY_TURNED: f64 = 0.05;

pub(super) const CALIBRATION_KEYS: &[&str] = &["points"];
pub(super) const PAIR_KEYS: &[&str] = &["picture", "road_m"];

type Pair = (PixelPoint, RoadPoint);

pub(super) fn read(
    root: &Section<'_>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<Calibration> {
    let section = root.get("calibration")?.table(CALIBRATION_KEYS, problems)?;
    let expected =
        format!("a list of 4 to {MAX_PAIRS} pairs, `{{ picture = [x, y], road_m = [x, y] }}`");
    let remedy = "give 4 pairs or more, `points = [{ picture = [x, y], road_m = [x, y] }, …]`";
    let node = section.require("points", remedy, problems)?;
    let items = node.items(&expected, problems)?;
    if !(4..=MAX_PAIRS).contains(&items.len()) {
        node.wrong(&expected, problems);
        return None;
    }
    let mut pairs: Vec<Option<Pair>> = Vec::with_capacity(items.len());
    for item in &items {
        let pair =
            item.table(PAIR_KEYS, problems).and_then(|section| pair(&section, picture, problems));
        pairs.push(pair);
    }
    let pairs: Vec<Pair> = pairs.into_iter().collect::<Option<_>>()?;
    if let Some(problem) = problem_of(&pairs) {
        node.problem(problem, problems);
        return None;
    }
    Some(Calibration { pairs })
}

fn pair(section: &Section<'_>, picture: Picture, problems: &mut Problems) -> Option<Pair> {
    let in_picture = section
        .require("picture", "give the point in the picture, `picture = [x, y]` in pixels", problems)
        .and_then(|node| node.point(picture, problems));
    let on_road = section
        .require("road_m", "give the same point on the road, `road_m = [x, y]` in metres", problems)
        .and_then(|node| {
            let (x_m, y_m) = node.number_pair(problems)?;
            if x_m.abs().max(y_m.abs()) <= MAX_ROAD_M {
                return Some(RoadPoint { x_m, y_m });
            }
            node.problem(
                format!("[{x_m}, {y_m}] is farther than {MAX_ROAD_M} metres from the origin; give metres, not millimetres"),
                problems,
            );
            None
        });
    Some((in_picture?, on_road?))
}

/// Why these pairs tie no picture to a road. Pairs are counted from 1.
fn problem_of(pairs: &[Pair]) -> Option<String> {
    for (position, pair) in pairs.iter().enumerate() {
        let earlier =
            pairs[..position].iter().position(|other| other.0 == pair.0 || other.1 == pair.1);
        if let Some(earlier) = earlier {
            return Some(format!(
                "pairs {} and {} have a point in common; each pair is another point of the road",
                earlier + 1,
                position + 1
            ));
        }
    }
    if !has_frame(pairs) {
        return Some(
            "of any four points three lie in a row (in the picture or on the road), which fixes no plane; \
             choose points like the corners of a large rectangle"
                .to_owned(),
        );
    }
    turned_over(pairs)
}

fn flatness([a, b, c]: [&Pair; 3]) -> f64 {
    let picture = slenderness(point(a.0), point(b.0), point(c.0));
    let road = slenderness(road(a.1), road(b.1), road(c.1));
    picture.min(road)
}

fn road(p: RoadPoint) -> (f64, f64) {
    (p.x_m, p.y_m)
}

/// Whether there are four pairs of which no three lie in a row.
fn has_frame(pairs: &[Pair]) -> bool {
    let spread = |triple| flatness(triple) >= IN_A_ROW;
    for (i, a) in pairs.iter().enumerate() {
        for (j, b) in pairs.iter().enumerate().skip(i + 1) {
            for (k, c) in pairs.iter().enumerate().skip(j + 1) {
                if !spread([a, b, c]) {
                    continue;
                }
                let fourth = pairs
                    .iter()
                    .skip(k + 1)
                    .any(|d| spread([a, b, d]) && spread([a, c, d]) && spread([b, c, d]));
                if fourth {
                    return true;
                }
            }
        }
    }
    false
}

/// A camera in front of which the whole road lies shows every triangle of it the same way round
/// (or, with a mirrored road axis, every one the other way round): Hartley and Zisserman, *Multiple
/// View Geometry*, section 21.1. Two pairs that were swapped break that.
fn turned_over(pairs: &[Pair]) -> Option<String> {
    let mut first: Option<(bool, [usize; 3])> = None;
    for i in 0..pairs.len() {
        for j in i + 1..pairs.len() {
            for k in j + 1..pairs.len() {
                let [a, b, c] = [&pairs[i], &pairs[j], &pairs[k]];
                if flatness([a, b, c]) < SURELY_TURNED {
                    continue;
                }
                let in_picture = turn(point(a.0), point(b.0), point(c.0));
                let on_road = turn(road(a.1), road(b.1), road(c.1));
                let same = (in_picture > 0.0) == (on_road > 0.0);
                let (expected, triple) = *first.get_or_insert((same, [i, j, k]));
                if same != expected {
                    return Some(format!(
                        "pairs {}, {}, {} run round the road in the other sense than pairs {}, {}, {}; \
                         the road points of two pairs are probably swapped",
                        triple[0] + 1,
                        triple[1] + 1,
                        triple[2] + 1,
                        i + 1,
                        j + 1,
                        k + 1
                    ));
                }
            }
        }
    }
    None
}
