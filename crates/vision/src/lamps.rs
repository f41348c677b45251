//! What a signal head shows in one frame, from the colour of its lamps.
//!
//! For each lamp: how strongly its own colour stands out in the brightest third of its box, against
//! what that same box has shown before. A lamp is lit where it stands clearly over its own dark
//! level, dark where it does not, and neither in between. A dark lamp that is suddenly as bright as
//! a bus is covered. The head's state follows only where the lamps agree: red over green, or a lamp
//! that is neither lit nor dark, is unknown. Filtering over time is not done here
//! (`giaolo_scene::Engine` does it), so that stored readings replay to the same states.

use giaolo_domain::{HeadId, PixelBox, PixelRect, SignalReading, SignalState};
use giaolo_media::{Frame, Scaler};
use giaolo_scene::{Scene, SignalHead};

use crate::error::VisionError;

/// Strength from which a lamp that was never seen in its other state is lit.
const SURELY_LIT: f32 = 45.0;
/// Strength under which such a lamp is dark.
const SURELY_DARK: f32 = 25.0;
/// Least strength over its dark level for a lamp to be lit, however faint it always was.
const LEAST_CONTRAST: f32 = 18.0;
/// Share of the way from dark level to lit level above which a lamp is lit, and below which dark.
const LIT_SHARE: f32 = 0.5;
const DARK_SHARE: f32 = 0.35;
/// How far the brightness of a dark lamp may be from its usual one before something covers it.
const COVERED: f32 = 50.0;
/// How fast levels follow what is seen.
const LEVEL_GAIN: f32 = 0.05;
/// Share of a lamp's pixels, the strongest, that count: rims and housing do not shine.
const STRONGEST: f32 = 0.3;
/// Smallest lamp that colours can be told of, in pixels a side.
const SMALLEST_SIDE: u32 = 3;

/// Reads all heads of a scene, frame by frame.
pub struct LampReader {
    heads: Vec<Head>,
    scaler: Scaler,
}

struct Head {
    id: HeadId,
    lamps: Vec<Lamp>,
}

struct Lamp {
    colour: SignalState,
    rect: PixelRect,
    /// Usual strength while dark and while lit, once seen.
    dark_level: Option<f32>,
    lit_level: Option<f32>,
    /// Usual brightness while dark.
    dark_brightness: Option<f32>,
}

/// What one lamp shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    Lit(f32),
    Dark(f32),
    Unclear,
}

impl LampReader {
    /// For the heads of a scene on pictures of the scene's size.
    pub fn new(scene: &Scene) -> Self {
        Self {
            heads: scene.heads.iter().map(|head| Head::new(head, scene.size)).collect(),
            scaler: Scaler::new(),
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// What every head shows in this frame, in the scene's order.
    ///
    /// # Errors
    /// Where the frame has another size than the scene.
    pub fn read(&mut self, frame: &Frame) -> Result<Vec<(HeadId, SignalReading)>, VisionError> {
        let Self { heads, scaler } = self;
        let mut readings = Vec::with_capacity(heads.len());
        for head in heads {
            let mut shows = Vec::with_capacity(head.lamps.len());
            for lamp in &mut head.lamps {
                let picture = scaler.rgb_small(frame, lamp.rect)?;
                shows.push((lamp.colour, lamp.look(picture.as_raw())));
            }
            readings.push((head.id.clone(), agree(&shows)));
        }
        Ok(readings)
    }
}

impl Head {
    fn new(head: &SignalHead, picture: (u32, u32)) -> Self {
        let colours = [SignalState::Red, SignalState::Amber, SignalState::Green];
        let lamps = colours
            .into_iter()
            .zip(&head.lamps)
            .filter_map(|(colour, lamp)| Some(Lamp::new(colour, lamp.as_ref()?, picture)))
            .collect();
        Self { id: head.id.clone(), lamps }
    }
}

impl Lamp {
    fn new(colour: SignalState, bbox: &PixelBox, picture: (u32, u32)) -> Self {
        let side = |from: f32, to: f32, most: u32| {
            let start = (from.max(0.0) as u32).min(most.saturating_sub(SMALLEST_SIDE));
            let length = ((to - from).round() as u32).max(SMALLEST_SIDE).min(most - start);
            (start, length)
        };
        let (x, width) = side(bbox.x1, bbox.x2, picture.0);
        let (y, height) = side(bbox.y1, bbox.y2, picture.1);
        Self {
            colour,
            rect: PixelRect { x, y, width, height },
            dark_level: None,
            lit_level: None,
            dark_brightness: None,
        }
    }

    fn look(&mut self, rgb: &[u8]) -> Shows {
        let strength = strength(self.colour, rgb);
        let brightness = brightness(rgb);
        let (lit_from, dark_below) = match (self.dark_level, self.lit_level) {
            (Some(dark), Some(lit)) if lit > dark + LEAST_CONTRAST => (
                (dark + LIT_SHARE * (lit - dark)).max(dark + LEAST_CONTRAST),
                dark + DARK_SHARE * (lit - dark),
            ),
            // A lens of its own colour is no light: an unlit red one may reach 30.
            (Some(dark), None) => ((dark + LEAST_CONTRAST).max(SURELY_LIT), SURELY_DARK.max(dark)),
            _ => (SURELY_LIT, SURELY_DARK),
        };
        let follow = |level: &mut Option<f32>, seen: f32| {
            *level = Some(level.map_or(seen, |known| known + LEVEL_GAIN * (seen - known)));
        };
        if strength >= lit_from {
            follow(&mut self.lit_level, strength);
            let clear = (strength - dark_below) / (2.0 * (lit_from - dark_below)).max(1.0);
            Shows::Lit(clear.clamp(0.0, 1.0))
        } else if strength < dark_below {
            let usual = self.dark_brightness.unwrap_or(brightness);
            if (brightness - usual).abs() > COVERED {
                return Shows::Unclear;
            }
            follow(&mut self.dark_level, strength);
            follow(&mut self.dark_brightness, brightness);
            Shows::Dark(((lit_from - strength) / lit_from.max(1.0)).clamp(0.0, 1.0))
        } else {
            Shows::Unclear
        }
    }
}

/// How strongly a colour stands out, 0 to 255: the mean over the strongest pixels of the distance
/// of the lamp's channels from the others. Signal green is nearly cyan, so blue may go with it.
fn strength(colour: SignalState, rgb: &[u8]) -> f32 {
    let mut strengths: Vec<i16> = rgb
        .chunks_exact(3)
        .map(|p| {
            let (r, g, b) = (i16::from(p[0]), i16::from(p[1]), i16::from(p[2]));
            let stands_out = match colour {
                SignalState::Red => r - g.max(b),
                SignalState::Amber => r.min(g + 40).min(g * 2) - b.max(g / 2),
                // A blue jacket is not a green lamp.
                _ if b * 10 > g * 13 => 0,
                _ => g - r,
            };
            stands_out.max(0)
        })
        .collect();
    if strengths.is_empty() {
        return 0.0;
    }
    strengths.sort_unstable_by(|a, b| b.cmp(a));
    let count = ((strengths.len() as f32 * STRONGEST) as usize).max(1);
    let sum: i32 = strengths[..count].iter().map(|&s| i32::from(s)).sum();
    sum as f32 / count as f32
}

fn brightness(rgb: &[u8]) -> f32 {
    let sum: u64 = rgb.iter().map(|&v| u64::from(v)).sum();
    sum as f32 / rgb.len().max(1) as f32
}

/// The head's state, where its lamps agree on one.
fn agree(shows: &[(SignalState, Shows)]) -> SignalReading {
    let unknown = SignalReading { state: SignalState::Unknown, confidence: 0.0 };
    let lit = |colour: SignalState| {
        shows.iter().find_map(|(c, s)| match s {
            Shows::Lit(confidence) if *c == colour => Some(*confidence),
            _ => None,
        })
    };
    let (red, amber, green) =
        (lit(SignalState::Red), lit(SignalState::Amber), lit(SignalState::Green));
    match (red, amber, green) {
        (Some(_), _, Some(_)) => unknown,
        (Some(confidence), _, None) => SignalReading { state: SignalState::Red, confidence },
        (None, None, Some(confidence)) => SignalReading { state: SignalState::Green, confidence },
        (None, Some(confidence), None) => SignalReading { state: SignalState::Amber, confidence },
        (None, Some(_), Some(_)) => unknown,
        (None, None, None) => {
            let darkness = shows.iter().map(|(_, s)| match s {
                Shows::Dark(confidence) => Some(*confidence),
                _ => None,
            });
            let all: Option<Vec<f32>> = darkness.collect();
            match all {
                Some(all) if !all.is_empty() => SignalReading {
                    state: SignalState::Unlit,
                    confidence: all.into_iter().fold(1.0, f32::min),
                },
                _ => unknown,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignalState::{Amber, Green, Red, Unknown, Unlit};

    fn patch(rgb: [u8; 3]) -> Vec<u8> {
        rgb.repeat(64)
    }

    fn head() -> Vec<Lamp> {
        [Red, Amber, Green]
            .into_iter()
            .map(|colour| Lamp::new(colour, &PixelBox::new(0.0, 0.0, 8.0, 8.0), (640, 480)))
            .collect()
    }

    fn read(lamps: &mut [Lamp], colours: [[u8; 3]; 3]) -> SignalState {
        let shows: Vec<_> = lamps
            .iter_mut()
            .zip(colours)
            .map(|(lamp, rgb)| (lamp.colour, lamp.look(&patch(rgb))))
            .collect();
        agree(&shows).state
    }

    #[test]
    fn lamps_as_pole_cameras_see_them() {
        let (dark_red, dark) = ([45, 22, 30], [28, 30, 38]);
        for (name, colours, expected) in [
            ("green, nearly cyan", [dark_red, dark, [15, 140, 130]], Green),
            ("red, a little pink", [[235, 30, 70], dark, dark], Red),
            ("amber", [dark_red, [240, 170, 40], dark], Amber),
            ("red with amber", [[235, 30, 70], [240, 170, 40], dark], Red),
            ("all dark", [dark_red, dark, dark], Unlit),
            ("red and green at once", [[235, 30, 70], dark, [15, 140, 130]], Unknown),
            ("a blue jacket where green should be", [dark_red, dark, [20, 60, 160]], Unlit),
        ] {
            assert_eq!(read(&mut head(), colours), expected, "{name}");
        }
    }

    #[test]
    fn a_bus_before_the_head_is_not_an_unlit_head() {
        let (dark_red, dark) = ([45, 22, 30], [28, 30, 38]);
        let mut lamps = head();
        for _ in 0..20 {
            assert_eq!(read(&mut lamps, [dark_red, dark, dark]), Unlit);
        }
        assert_eq!(read(&mut lamps, [[200, 200, 205]; 3]), Unknown);
        assert_eq!(read(&mut lamps, [dark_red, dark, dark]), Unlit);
    }

    #[test]
    fn a_faint_lamp_is_known_by_its_own_history() {
        let dark = [20, 18, 18];
        let mut lamps = head();
        for _ in 0..10 {
            assert_eq!(read(&mut lamps, [[90, 35, 35], dark, dark]), Red);
            assert_eq!(read(&mut lamps, [dark, dark, dark]), Unlit);
        }
        assert_eq!(read(&mut lamps, [[62, 25, 25], dark, dark]), Red);
    }
}
