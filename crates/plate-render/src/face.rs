//! The face of the plates: every character as strokes of one width, so that height, width and stroke
//! are those of the standard in every form. Drawn by eye after plates on the road.
//!
//! A stroke is a row of points `(x, y, round)`: x and y from 0 to 1 over the box of the strokes'
//! middle lines, top left first; `round` is how far before and behind the point the corner is cut
//! off, as a share of that box's width.

use crate::shape::Point;

type Corner = (f32, f32, f32);

struct Stroke {
    closed: bool,
    corners: &'static [Corner],
}

const fn open(corners: &'static [Corner]) -> Stroke {
    Stroke { closed: false, corners }
}

const fn ring(corners: &'static [Corner]) -> Stroke {
    Stroke { closed: true, corners }
}

const BOWL: &[Stroke] =
    &[ring(&[(0.0, 0.0, 0.5), (1.0, 0.0, 0.5), (1.0, 1.0, 0.5), (0.0, 1.0, 0.5)])];

const D: &[Stroke] = &[ring(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.5), (1.0, 1.0, 0.5), (0.0, 1.0, 0.0)])];

const P: Stroke = open(&[
    (0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0),
    (1.0, 0.0, 0.45),
    (1.0, 0.52, 0.45),
    (0.0, 0.52, 0.0),
]);

/// The strokes of every character.
const FACE: &[(char, &[Stroke])] = &[
    ('0', BOWL),
    ('O', BOWL),
    ('1', &[open(&[(0.1, 0.24, 0.0), (0.62, 0.0, 0.0), (0.62, 1.0, 0.0)])]),
    (
        '2',
        &[open(&[
            (0.0, 0.24, 0.0),
            (0.0, 0.0, 0.5),
            (1.0, 0.0, 0.5),
            (1.0, 0.44, 0.35),
            (0.0, 1.0, 0.0),
            (1.0, 1.0, 0.0),
        ])],
    ),
    (
        '3',
        &[
            open(&[
                (0.0, 0.2, 0.0),
                (0.0, 0.0, 0.5),
                (1.0, 0.0, 0.5),
                (1.0, 0.47, 0.4),
                (0.4, 0.47, 0.0),
            ]),
            open(&[
                (0.4, 0.47, 0.0),
                (1.0, 0.47, 0.4),
                (1.0, 1.0, 0.5),
                (0.0, 1.0, 0.5),
                (0.0, 0.8, 0.0),
            ]),
        ],
    ),
    ('4', &[open(&[(0.72, 1.0, 0.0), (0.72, 0.0, 0.0), (0.0, 0.74, 0.0), (1.0, 0.74, 0.0)])]),
    (
        '5',
        &[open(&[
            (0.95, 0.0, 0.0),
            (0.1, 0.0, 0.0),
            (0.04, 0.46, 0.0),
            (0.2, 0.37, 0.15),
            (1.0, 0.37, 0.5),
            (1.0, 1.0, 0.5),
            (0.0, 1.0, 0.5),
            (0.0, 0.8, 0.0),
        ])],
    ),
    (
        '6',
        &[open(&[
            (1.0, 0.2, 0.0),
            (1.0, 0.0, 0.5),
            (0.0, 0.0, 0.5),
            (0.0, 1.0, 0.5),
            (1.0, 1.0, 0.5),
            (1.0, 0.42, 0.5),
            (0.0, 0.42, 0.5),
            (0.0, 0.65, 0.0),
        ])],
    ),
    ('7', &[open(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.35, 1.0, 0.0)])]),
    (
        '8',
        &[
            ring(&[(0.06, 0.0, 0.44), (0.94, 0.0, 0.44), (0.94, 0.46, 0.4), (0.06, 0.46, 0.4)]),
            ring(&[(0.0, 0.46, 0.45), (1.0, 0.46, 0.45), (1.0, 1.0, 0.5), (0.0, 1.0, 0.5)]),
        ],
    ),
    (
        '9',
        &[open(&[
            (0.0, 0.8, 0.0),
            (0.0, 1.0, 0.5),
            (1.0, 1.0, 0.5),
            (1.0, 0.0, 0.5),
            (0.0, 0.0, 0.5),
            (0.0, 0.58, 0.5),
            (1.0, 0.58, 0.5),
            (1.0, 0.35, 0.0),
        ])],
    ),
    (
        'A',
        &[
            open(&[(0.0, 1.0, 0.0), (0.5, 0.0, 0.0), (1.0, 1.0, 0.0)]),
            open(&[(0.16, 0.68, 0.0), (0.84, 0.68, 0.0)]),
        ],
    ),
    (
        'B',
        &[
            ring(&[(0.0, 0.0, 0.0), (0.92, 0.0, 0.42), (0.92, 0.47, 0.4), (0.0, 0.47, 0.0)]),
            ring(&[(0.0, 0.47, 0.0), (1.0, 0.47, 0.42), (1.0, 1.0, 0.45), (0.0, 1.0, 0.0)]),
        ],
    ),
    (
        'C',
        &[open(&[
            (1.0, 0.25, 0.0),
            (1.0, 0.0, 0.5),
            (0.0, 0.0, 0.5),
            (0.0, 1.0, 0.5),
            (1.0, 1.0, 0.5),
            (1.0, 0.75, 0.0),
        ])],
    ),
    ('D', D),
    (
        'Đ',
        &[
            ring(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.5), (1.0, 1.0, 0.5), (0.0, 1.0, 0.0)]),
            open(&[(-0.1, 0.48, 0.0), (0.5, 0.48, 0.0)]),
        ],
    ),
    (
        'E',
        &[
            open(&[(1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0)]),
            open(&[(0.0, 0.48, 0.0), (0.85, 0.48, 0.0)]),
        ],
    ),
    (
        'F',
        &[
            open(&[(1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)]),
            open(&[(0.0, 0.48, 0.0), (0.85, 0.48, 0.0)]),
        ],
    ),
    (
        'G',
        &[open(&[
            (1.0, 0.2, 0.0),
            (1.0, 0.0, 0.5),
            (0.0, 0.0, 0.5),
            (0.0, 1.0, 0.5),
            (1.0, 1.0, 0.5),
            (1.0, 0.6, 0.0),
            (0.62, 0.6, 0.0),
        ])],
    ),
    (
        'H',
        &[
            open(&[(0.0, 0.0, 0.0), (0.0, 1.0, 0.0)]),
            open(&[(1.0, 0.0, 0.0), (1.0, 1.0, 0.0)]),
            open(&[(0.0, 0.48, 0.0), (1.0, 0.48, 0.0)]),
        ],
    ),
    ('I', &[open(&[(0.5, 0.0, 0.0), (0.5, 1.0, 0.0)])]),
    ('J', &[open(&[(1.0, 0.0, 0.0), (1.0, 1.0, 0.5), (0.0, 1.0, 0.5), (0.0, 0.75, 0.0)])]),
    (
        'K',
        &[
            open(&[(0.0, 0.0, 0.0), (0.0, 1.0, 0.0)]),
            open(&[(1.0, 0.0, 0.0), (0.0, 0.62, 0.0)]),
            open(&[(0.38, 0.4, 0.0), (1.0, 1.0, 0.0)]),
        ],
    ),
    ('L', &[open(&[(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0)])]),
    (
        'M',
        &[open(&[
            (0.0, 1.0, 0.0),
            (0.0, 0.0, 0.0),
            (0.5, 0.65, 0.0),
            (1.0, 0.0, 0.0),
            (1.0, 1.0, 0.0),
        ])],
    ),
    ('N', &[open(&[(0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0)])]),
    ('P', &[P]),
    (
        'Q',
        &[
            ring(&[(0.0, 0.0, 0.5), (1.0, 0.0, 0.5), (1.0, 1.0, 0.5), (0.0, 1.0, 0.5)]),
            open(&[(0.55, 0.75, 0.0), (1.0, 1.0, 0.0)]),
        ],
    ),
    ('R', &[P, open(&[(0.45, 0.52, 0.0), (1.0, 1.0, 0.0)])]),
    (
        'S',
        &[open(&[
            (1.0, 0.2, 0.0),
            (1.0, 0.0, 0.5),
            (0.0, 0.0, 0.5),
            (0.0, 0.46, 0.45),
            (1.0, 0.52, 0.45),
            (1.0, 1.0, 0.5),
            (0.0, 1.0, 0.5),
            (0.0, 0.8, 0.0),
        ])],
    ),
    ('T', &[open(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)]), open(&[(0.5, 0.0, 0.0), (0.5, 1.0, 0.0)])]),
    ('U', &[open(&[(0.0, 0.0, 0.0), (0.0, 1.0, 0.5), (1.0, 1.0, 0.5), (1.0, 0.0, 0.0)])]),
    ('V', &[open(&[(0.0, 0.0, 0.0), (0.5, 1.0, 0.0), (1.0, 0.0, 0.0)])]),
    (
        'W',
        &[open(&[
            (0.0, 0.0, 0.0),
            (0.25, 1.0, 0.0),
            (0.5, 0.35, 0.0),
            (0.75, 1.0, 0.0),
            (1.0, 0.0, 0.0),
        ])],
    ),
    ('X', &[open(&[(0.0, 0.0, 0.0), (1.0, 1.0, 0.0)]), open(&[(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])]),
    (
        'Y',
        &[
            open(&[(0.0, 0.0, 0.0), (0.5, 0.5, 0.0), (1.0, 0.0, 0.0)]),
            open(&[(0.5, 0.5, 0.0), (0.5, 1.0, 0.0)]),
        ],
    ),
    ('Z', &[open(&[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0)])]),
];

fn strokes(symbol: char) -> Option<&'static [Stroke]> {
    FACE.iter().find(|(c, _)| *c == symbol).map(|(_, strokes)| *strokes)
}

/// Whether the face has the character.
pub(crate) fn has(symbol: char) -> bool {
    strokes(symbol).is_some()
}

/// Straight pieces of a character's middle lines in a box of `width` x `height` at the origin.
pub(crate) fn pieces(symbol: char, width: f32, height: f32) -> Vec<(Point, Point)> {
    let mut pieces = Vec::new();
    for stroke in strokes(symbol).unwrap_or_default() {
        let line = rounded(stroke, width, height);
        pieces.extend(line.windows(2).map(|pair| (pair[0], pair[1])));
    }
    pieces
}

/// How many straight pieces stand for one round corner.
const CORNER_PIECES: usize = 8;

/// How far the two handles of a Bézier curve reach towards the corner for a quarter of a circle.
const QUARTER_CIRCLE: f32 = 0.552_3;

fn rounded(stroke: &Stroke, width: f32, height: f32) -> Vec<Point> {
    let corners = stroke.corners;
    let count = corners.len();
    let at = |index: usize| {
        let (x, y, _) = corners[index % count];
        Point::new(x * width, y * height)
    };
    let mut line = Vec::new();
    for (index, &(_, _, round)) in corners.iter().enumerate() {
        let here = at(index);
        let is_end = !stroke.closed && (index == 0 || index + 1 == count);
        if round == 0.0 || is_end {
            line.push(here);
            continue;
        }
        let (before, behind) = (at(index + count - 1), at(index + 1));
        let cut = |to: Point| {
            // Two round corners share the edge between them.
            let share = (round * width / here.distance(to)).min(0.5);
            here.lerp(to, share)
        };
        let (from, to) = (cut(before), cut(behind));
        let handles = (from.lerp(here, QUARTER_CIRCLE), to.lerp(here, QUARTER_CIRCLE));
        for piece in 0..=CORNER_PIECES {
            let t = piece as f32 / CORNER_PIECES as f32;
            let (a, b, c) =
                (from.lerp(handles.0, t), handles.0.lerp(handles.1, t), handles.1.lerp(to, t));
            line.push(a.lerp(b, t).lerp(b.lerp(c, t), t));
        }
    }
    if stroke.closed
        && let Some(&first) = line.first()
    {
        line.push(first);
    }
    line
}
