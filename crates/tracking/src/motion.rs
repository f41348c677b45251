//! Where a track is, how fast it moves, and where it will be.
//!
//! An alpha-beta filter (constant velocity, gains fixed): with 5 to 30 frames a second and boxes that
//! jitter by a tenth of their size it is as good as a Kalman filter, has nothing to tune per camera,
//! and uses the true time between frames. The velocity is that of the end of the box that is surest:
//! the head of whoever rides or walks, because in a queue the lower edge is anybody's; the wheels of
//! a car, because roofs come and go with the light.

use giaolo_domain::{MediaTime, PixelBox, PixelPoint};

/// Gain for the position: how much of the innovation is believed at once.
const POSITION_GAIN: f32 = 0.7;
/// Gain for the velocity once the first two positions have set it.
const VELOCITY_GAIN: f32 = 0.35;
/// Gain for the width.
const WIDTH_GAIN: f32 = 0.5;
/// Seconds for which a velocity holds in full without a sighting; beyond, half of it: a road user
/// that brakes behind a bus must not fly on through the picture.
const VELOCITY_HOLDS_S: f32 = 0.4;

/// The filtered state of one track.
#[derive(Clone, Debug)]
pub(crate) struct Motion {
    x: f32,
    top: f32,
    bottom: f32,
    width: f32,
    /// Pixels a second; `None` until a second position came.
    velocity: Option<PixelPoint>,
    time: MediaTime,
}

impl Motion {
    /// A road user seen for the first time.
    pub(crate) fn start(bbox: &PixelBox, time: MediaTime) -> Self {
        Self {
            x: bbox.centre().x,
            top: bbox.y1,
            bottom: bbox.y2,
            width: bbox.width(),
            velocity: None,
            time,
        }
    }

    /// Whether a velocity is known.
    pub(crate) fn has_velocity(&self) -> bool {
        self.velocity.is_some()
    }

    /// Speed in pixels a second, zero while unknown.
    pub(crate) fn speed(&self) -> f32 {
        self.velocity.map_or(0.0, |v| v.x.hypot(v.y))
    }

    /// How differently two road users move, in pixels a second.
    pub(crate) fn differs_from(&self, other: &Self) -> f32 {
        self.velocity.unwrap_or_default().distance(other.velocity.unwrap_or_default())
    }

    /// The unit vector of travel where the speed is at least `surely`, in scales a second.
    pub(crate) fn heading(&self, surely: f32) -> Option<PixelPoint> {
        let v = self.velocity?;
        let speed = self.speed();
        let scale = (self.width * (self.bottom - self.top)).max(0.0).sqrt();
        (speed > 0.0 && speed >= surely * scale).then(|| PixelPoint::new(v.x / speed, v.y / speed))
    }

    /// The box where the track should be at `time`.
    pub(crate) fn predict(&self, time: MediaTime) -> PixelBox {
        let dt = time.seconds_since(self.time) as f32;
        let trusted = dt.min(VELOCITY_HOLDS_S) + (dt - VELOCITY_HOLDS_S).max(0.0) * 0.5;
        let v = self.velocity.unwrap_or_default();
        let (x, dy, half) = (self.x + v.x * trusted, v.y * trusted, self.width * 0.5);
        PixelBox::new(x - half, self.top + dy, x + half, self.bottom + dy)
    }

    /// Takes in a sighting; `by_head` where the upper end of the box is the surer one.
    pub(crate) fn update(&mut self, bbox: &PixelBox, time: MediaTime, by_head: bool) {
        let dt = time.seconds_since(self.time) as f32;
        let (x, end, seen_end) = (
            bbox.centre().x,
            if by_head { self.top } else { self.bottom },
            if by_head { bbox.y1 } else { bbox.y2 },
        );
        match self.velocity {
            None if dt > 0.0 => {
                self.velocity = Some(PixelPoint::new((x - self.x) / dt, (seen_end - end) / dt));
                (self.x, self.top, self.bottom) = (x, bbox.y1, bbox.y2);
            }
            Some(v) if dt > 0.0 => {
                let (rx, ry) = (x - (self.x + v.x * dt), seen_end - (end + v.y * dt));
                let follow = |from: f32, seen: f32, v: f32| {
                    let expected = from + v * dt;
                    expected + POSITION_GAIN * (seen - expected)
                };
                self.x = follow(self.x, x, v.x);
                self.top = follow(self.top, bbox.y1, v.y);
                self.bottom = follow(self.bottom, bbox.y2, v.y);
                self.velocity = Some(PixelPoint::new(
                    v.x + VELOCITY_GAIN * rx / dt,
                    v.y + VELOCITY_GAIN * ry / dt,
                ));
            }
            _ => (self.x, self.top, self.bottom) = (x, bbox.y1, bbox.y2),
        }
        self.width += WIDTH_GAIN * (bbox.width() - self.width);
        self.time = time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32) -> PixelBox {
        PixelBox::new(x - 10.0, y - 40.0, x + 10.0, y)
    }

    #[test]
    fn a_steady_ride_is_predicted_through_a_gap_at_irregular_times() {
        for by_head in [true, false] {
            let mut motion = Motion::start(&at(100.0, 400.0), MediaTime(0));
            for ms in [160, 340, 480, 700] {
                let y = 400.0 - 0.1 * ms as f32;
                motion.update(&at(100.0, y), MediaTime(ms * 1000), by_head);
            }
            let predicted = motion.predict(MediaTime(1_000_000)).ground_point();
            assert!((predicted.y - 300.0).abs() < 3.0, "{predicted:?}");
            assert!((motion.speed() - 100.0).abs() < 5.0);
            assert_eq!(motion.heading(1.0), Some(PixelPoint::new(0.0, -1.0)));
        }
    }

    #[test]
    fn a_flickering_lower_edge_does_not_move_a_rider() {
        let mut motion = Motion::start(&at(100.0, 400.0), MediaTime(0));
        for frame in 1..20 {
            let mut bbox = at(100.0, 400.0);
            bbox.y2 += if frame % 3 == 0 { 20.0 } else { 0.0 };
            motion.update(&bbox, MediaTime(frame * 160_000), true);
        }
        assert!(motion.speed() < 0.01);
    }

    #[test]
    fn two_frames_of_one_time_do_not_make_infinite_speed() {
        let mut motion = Motion::start(&at(100.0, 400.0), MediaTime(0));
        motion.update(&at(120.0, 400.0), MediaTime(0), true);
        assert!(!motion.has_velocity());
        motion.update(&at(130.0, 400.0), MediaTime(100_000), true);
        assert!((motion.speed() - 100.0).abs() < 1.0);
    }
}
