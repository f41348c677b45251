//! The tracker itself: one call for each analysed frame, in order of time.

use std::collections::{BTreeMap, VecDeque};

use giaolo_domain::{
    Appearance, Detection, FrameTime, MediaTime, PixelBox, PixelPoint, TrackId, TrackObservation,
    TrackSummary,
};

use crate::{
    association::{Expected, Offered, assign},
    candidate::{Candidate, merge},
    class_vote::ClassVote,
    motion::Motion,
    settings::TrackerSettings,
    whole::Whole,
};

/// What one frame did to the tracks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameTracks {
    /// Every track seen in this frame, by id. A track's first frames are here too: whoever counts
    /// asks how often it was seen.
    pub observations: Vec<TrackObservation>,
    /// Confirmed tracks that ended with this frame.
    pub ended: Vec<TrackSummary>,
}

/// Follows the road users of one camera.
pub struct Tracker {
    settings: TrackerSettings,
    tracks: Vec<Track>,
    next_id: u64,
    /// For how many frames in a row two tracks have shared one place.
    doubles: BTreeMap<(TrackId, TrackId), u32>,
}

#[derive(Clone)]
struct Track {
    id: TrackId,
    motion: Motion,
    vote: ClassVote,
    whole: Whole,
    appearance: Option<Appearance>,
    /// Mean difference of colours from one sighting to the next, lately.
    unlike: f32,
    detections: u32,
    score_sum: f32,
    first: (FrameTime, PixelBox),
    last: (FrameTime, PixelBox),
    /// Ground points of the last second, for speed.
    path: VecDeque<(MediaTime, PixelPoint, f32)>,
    fast_since: Option<MediaTime>,
}

/// How fast a track's colours follow what is seen.
const APPEARANCE_GAIN: f32 = 0.2;
/// Seconds over which the change of a track's colours is averaged.
const UNLIKE_OVER_S: f32 = 0.5;
/// Seconds after which a track stands for somebody of its own.
const YOUNG_S: f64 = 0.5;
/// Mean difference of colours under which two tracks look like one road user.
const LOOKS_LIKE: f32 = 18.0;
/// Seconds of path that a road user's speed is taken over.
const SPEED_WINDOW_S: f64 = 0.6;
/// Share of a box inside a tracked road user's from which it starts no track of its own.
const START_WITHIN: f32 = 0.7;
/// Overlap from which two tracks are in one place.
const DOUBLE_IOU: f32 = 0.5;
/// Difference of velocities from which two tracks pass one another, in scales a second: more than
/// the jitter of two boxes on one road user looks like at 30 frames a second.
const PASSING_SPEED: f32 = 2.5;
/// Share of the width that two boxes of one road user have in common ...
const DOUBLE_WIDTH: f32 = 0.7;
/// ... and how far apart their heads or wheels are, in heights of the larger.
const DOUBLE_HEADS_APART: f32 = 0.4;
/// Seconds for which a track that is not seen still holds its place.
const HOLDS_PLACE_S: f64 = 0.35;
/// Share of the smaller box inside the larger from which two tracks of a kind are in one place.
const DOUBLE_WITHIN: f32 = 0.8;

impl Tracker {
    /// A tracker without tracks.
    pub fn new(settings: TrackerSettings) -> Self {
        Self { settings, tracks: Vec::new(), next_id: 1, doubles: BTreeMap::new() }
    }

    /// Takes in the detections of one frame. Frames come in order of time; their distance may vary.
    pub fn observe(&mut self, at: FrameTime, detections: &[Detection]) -> FrameTracks {
        let candidates = merge(detections, &self.settings);
        let taken = self.associate(at, &candidates);
        self.start_tracks(at, &candidates, &taken);
        self.adopt_young(at);
        self.drop_doubles(at);
        let ended = self.end_unseen(at);
        let observations = self
            .tracks
            .iter()
            .filter(|track| track.last.0 == at)
            .map(|track| track.observation())
            .collect();
        FrameTracks { observations, ended }
    }

    /// Ends every track: the source is at its end.
    pub fn finish(&mut self) -> Vec<TrackSummary> {
        self.doubles.clear();
        std::mem::take(&mut self.tracks)
            .into_iter()
            .filter(|track| track.detections >= self.settings.confirm_detections)
            .map(|track| track.summary())
            .collect()
    }

    /// Matches in three rounds, the surest first: confirmed tracks with good boxes, confirmed
    /// tracks with weak boxes, young tracks with what is left. Returns which candidates were taken.
    fn associate(&mut self, at: FrameTime, candidates: &[Candidate]) -> Vec<bool> {
        let mut taken = vec![false; candidates.len()];
        let mut matched = vec![false; self.tracks.len()];
        let high = self.settings.high_score;
        let confirm = self.settings.confirm_detections;
        for (confirmed, good) in [(true, true), (true, false), (false, true), (false, false)] {
            let rows: Vec<usize> = (0..self.tracks.len())
                .filter(|&t| !matched[t] && (self.tracks[t].detections >= confirm) == confirmed)
                .collect();
            let columns: Vec<usize> = (0..candidates.len())
                .filter(|&c| !taken[c] && (candidates[c].score >= high) == good)
                .collect();
            let expected: Vec<Expected> =
                rows.iter().map(|&t| self.tracks[t].expected(at.time, &self.settings)).collect();
            let offered: Vec<Offered> = columns.iter().map(|&c| offer(&candidates[c])).collect();
            for (row, column) in assign(&expected, &offered) {
                let (t, c) = (rows[row], columns[column]);
                self.tracks[t].take(at, &candidates[c], &self.settings);
                matched[t] = true;
                taken[c] = true;
            }
        }
        taken
    }

    fn start_tracks(&mut self, at: FrameTime, candidates: &[Candidate], taken: &[bool]) {
        for (candidate, _) in candidates.iter().zip(taken).filter(|(_, taken)| !**taken) {
            if candidate.score < self.settings.high_score {
                continue;
            }
            let inside_another = self.tracks.iter().any(|track| {
                track.last.0 == at
                    && is_kin(track, candidate.is_four_wheeler())
                    && (candidate.bbox.share_within(&track.last.1) > START_WITHIN
                        || is_one_place(&candidate.bbox, &track.last.1, true))
            });
            if inside_another {
                continue;
            }
            self.tracks.push(Track::start(TrackId(self.next_id), at, candidate));
            self.next_id += 1;
        }
    }

    /// A track that was not seen, while a young one has just begun in its place and looks like it, is
    /// that young one: the detector changed from a part to the whole. The old one goes on from there.
    fn adopt_young(&mut self, at: FrameTime) {
        let confirm = self.settings.confirm_detections;
        let mut gone = vec![false; self.tracks.len()];
        for old in 0..self.tracks.len() {
            if self.tracks[old].detections < confirm || self.tracks[old].last.0 == at {
                continue;
            }
            let Some(place) = self.tracks[old].place(at.time) else { continue };
            let young = (old + 1..self.tracks.len()).find(|&young| {
                !gone[young] && self.tracks[old].continues_as(&place, &self.tracks[young], at)
            });
            if let Some(young) = young {
                let from = self.tracks[young].clone();
                self.tracks[old].go_on_from(from);
                gone[young] = true;
            }
        }
        let mut index = 0;
        self.tracks.retain(|_| {
            index += 1;
            !gone[index - 1]
        });
    }

    /// Two tracks that keep to one place are one road user: the one with fewer detections goes, and
    /// leaves its votes. The detector may give one of them its box now and the other the next time,
    /// so a track that was just not seen is where it should be.
    fn drop_doubles(&mut self, at: FrameTime) {
        let mut still = BTreeMap::new();
        let mut drop: Vec<(usize, usize)> = Vec::new();
        let places: Vec<Option<PixelBox>> =
            self.tracks.iter().map(|track| track.place(at.time)).collect();
        for older in 0..self.tracks.len() {
            for younger in older + 1..self.tracks.len() {
                let (Some(place_a), Some(place_b)) = (places[older], places[younger]) else {
                    continue;
                };
                let (a, b) = (&self.tracks[older], &self.tracks[younger]);
                let before = self.doubles.get(&(a.id, b.id)).copied().unwrap_or(0);
                let kin = is_kin(a, b.vote.winner().0.is_four_wheeler());
                // Who rides past somebody is in the same place for a moment, but does not stay.
                let passes = a.motion.differs_from(&b.motion)
                    > PASSING_SPEED * place_a.scale().max(place_b.scale());
                let frames = if !passes && is_one_place(&place_a, &place_b, kin) {
                    before + 1
                } else {
                    before.saturating_sub(1)
                };
                if frames >= self.settings.double_frames {
                    drop.push(if b.detections > a.detections {
                        (older, younger)
                    } else {
                        (younger, older)
                    });
                } else if frames > 0 {
                    still.insert((a.id, b.id), frames);
                }
            }
        }
        self.doubles = still;
        let mut gone = vec![false; self.tracks.len()];
        for (from, into) in drop {
            if !gone[from] && !gone[into] {
                let vote = self.tracks[from].vote.clone();
                self.tracks[into].vote.absorb(&vote);
                gone[from] = true;
            }
        }
        let mut index = 0;
        self.tracks.retain(|_| {
            index += 1;
            !gone[index - 1]
        });
    }

    fn end_unseen(&mut self, at: FrameTime) -> Vec<TrackSummary> {
        let mut ended = Vec::new();
        let settings = &self.settings;
        self.tracks.retain(|track| {
            let confirmed = track.detections >= settings.confirm_detections;
            // Nobody is waited for longer than he was seen: a flicker would find another rider.
            let seen_s = track.last.0.time.seconds_since(track.first.0.time);
            let keep_s = settings.keep_unseen_s.min(seen_s).max(settings.keep_tentative_s);
            let keep = at.time.seconds_since(track.last.0.time) <= keep_s;
            if !keep && confirmed {
                ended.push(track.summary());
            }
            keep
        });
        ended
    }
}

fn offer(candidate: &Candidate) -> Offered {
    Offered {
        bbox: candidate.bbox,
        four_wheeler: candidate.is_four_wheeler(),
        appearance: candidate.appearance,
    }
}

/// Whether a box of this kind could be a second box on the track's vehicle.
fn is_kin(track: &Track, four_wheeler: bool) -> bool {
    track.vote.winner().0.is_four_wheeler() == four_wheeler
}

/// Whether two boxes are on one road user; `kin` where both are ridden or both have four wheels.
fn is_one_place(a: &PixelBox, b: &PixelBox, kin: bool) -> bool {
    if a.iou(b) > DOUBLE_IOU {
        return true;
    }
    let (small, large) = if a.area() < b.area() { (a, b) } else { (b, a) };
    if !kin || small.area() < 0.25 * large.area() {
        return false;
    }
    // One over the other: halves of one two-wheeler share their sides and nearly their head; riders
    // in a row are further apart than that.
    let shared_width = (a.x2.min(b.x2) - a.x1.max(b.x1)) / a.width().max(b.width());
    let heads_apart = (a.y1 - b.y1).abs().min((a.y2 - b.y2).abs()) / large.height();
    small.share_within(large) > DOUBLE_WITHIN
        || (shared_width > DOUBLE_WIDTH && heads_apart < DOUBLE_HEADS_APART)
}

impl Track {
    fn start(id: TrackId, at: FrameTime, candidate: &Candidate) -> Self {
        let mut vote = ClassVote::default();
        vote.add(&candidate.votes);
        let bbox = candidate.bbox;
        Self {
            id,
            motion: Motion::start(&bbox, at.time),
            vote,
            whole: Whole::start(&bbox),
            appearance: candidate.appearance,
            unlike: 0.0,
            detections: 1,
            score_sum: candidate.score,
            first: (at, bbox),
            last: (at, bbox),
            path: VecDeque::from([(at.time, bbox.ground_point(), bbox.height())]),
            fast_since: None,
        }
    }

    fn expected(&self, now: MediaTime, settings: &TrackerSettings) -> Expected {
        let unseen_s = now.seconds_since(self.last.0.time) as f32;
        let bbox = self.motion.predict(now);
        let gate = self.gate(&bbox, unseen_s, settings);
        let class = self.vote.winner().0;
        Expected {
            bbox,
            gate,
            last: self.last.1,
            heading: self.motion.heading(settings.surely_moves),
            four_wheeler: class.is_four_wheeler(),
            two_wheeler: class.is_two_wheeler(),
            appearance: self.appearance,
        }
    }

    /// How far off the prediction a box may be, in scales: the jitter of boxes, the doubt about the
    /// speed, and what a road user can do in the time unseen.
    fn gate(&self, predicted: &PixelBox, unseen_s: f32, settings: &TrackerSettings) -> f32 {
        if !self.motion.has_velocity() {
            return settings.first_match_gate + settings.first_match_speed * unseen_s;
        }
        let speed = self.motion.speed() / predicted.scale().max(1.0);
        let moving = (speed / settings.surely_moves).min(1.0);
        let between = |standing: f32, riding: f32| standing + (riding - standing) * moving;
        let jitter = between(settings.gate, settings.moving_gate);
        let widest = between(settings.widest_gate, settings.widest_moving_gate);
        let doubt = settings.speed_doubt * speed
            + settings.young_speed_doubt / (self.detections as f32 - 1.0).max(1.0);
        let manoeuvre = 0.5 * settings.acceleration * unseen_s * unseen_s;
        (jitter + doubt * unseen_s + manoeuvre).min(widest)
    }

    /// Whether the young track is this one, which should be at `place` now.
    fn continues_as(&self, place: &PixelBox, young: &Self, at: FrameTime) -> bool {
        let alike = match (&self.appearance, &young.appearance) {
            (Some(mine), Some(theirs)) => mine.difference(theirs) < LOOKS_LIKE,
            _ => true,
        };
        let kin = is_kin(self, young.vote.winner().0.is_four_wheeler());
        young.last.0 == at
            && at.time.seconds_since(young.first.0.time) <= YOUNG_S
            && alike
            && kin
            && (is_one_place(place, &young.last.1, kin)
                || place.share_within(&young.last.1) > START_WITHIN)
    }

    fn go_on_from(&mut self, young: Self) {
        self.motion = young.motion;
        self.whole = young.whole;
        self.appearance = young.appearance;
        self.vote.absorb(&young.vote);
        self.detections += young.detections;
        self.score_sum += young.score_sum;
        self.last = young.last;
        self.path = young.path;
    }

    /// Where it is now, or should be if it was seen just before.
    fn place(&self, now: MediaTime) -> Option<PixelBox> {
        let unseen_s = now.seconds_since(self.last.0.time);
        if unseen_s == 0.0 {
            Some(self.last.1)
        } else {
            (unseen_s <= HOLDS_PLACE_S).then(|| self.motion.predict(now))
        }
    }

    fn take(&mut self, at: FrameTime, candidate: &Candidate, settings: &TrackerSettings) {
        self.vote.add(&candidate.votes);
        match (&mut self.appearance, candidate.appearance) {
            (Some(mine), Some(seen)) => {
                let dt_s = at.time.seconds_since(self.last.0.time) as f32;
                let share = (dt_s / UNLIKE_OVER_S).min(1.0);
                self.unlike += share * (mine.difference(&seen) - self.unlike);
                mine.blend(&seen, APPEARANCE_GAIN);
            }
            (mine, seen) => *mine = mine.or(seen),
        }
        let bbox = if self.vote.winner().0.is_four_wheeler() {
            candidate.bbox
        } else {
            let dt_s = at.time.seconds_since(self.last.0.time) as f32;
            let moves = self.motion.heading(settings.surely_moves).is_some();
            self.whole.complete(&candidate.bbox, &self.motion.predict(at.time), moves, dt_s)
        };
        self.motion.update(&bbox, at.time, !self.vote.winner().0.is_four_wheeler());
        self.detections += 1;
        self.score_sum += candidate.score;
        self.last = (at, bbox);
        self.path.push_back((at.time, bbox.ground_point(), bbox.height()));
        while self.path.len() > 2 && at.time.seconds_since(self.path[1].0) >= SPEED_WINDOW_S {
            self.path.pop_front();
        }
        self.note_speed(at.time, settings);
    }

    fn note_speed(&mut self, now: MediaTime, settings: &TrackerSettings) {
        let (since, from, height) = self.path[0];
        let (_, to, height_now) = self.path[self.path.len() - 1];
        let seconds = now.seconds_since(since) as f32;
        if f64::from(seconds) < SPEED_WINDOW_S * 0.8 {
            return;
        }
        let speed = from.distance(to) / (0.5 * (height + height_now)).max(1.0) / seconds;
        if speed < settings.rider_speed {
            self.fast_since = None;
            return;
        }
        let since = *self.fast_since.get_or_insert(now);
        if now.seconds_since(since) >= settings.rider_speed_for_s {
            self.vote.moves_like_a_vehicle();
        }
    }

    fn observation(&self) -> TrackObservation {
        TrackObservation {
            frame: self.last.0.frame,
            time: self.last.0.time,
            track: self.id,
            bbox: self.last.1,
            class: self.vote.winner().0,
            score: self.score_sum / self.detections as f32,
            unlike: (self.unlike * 10.0).round() / 10.0,
            predicted: false,
        }
    }

    fn summary(&self) -> TrackSummary {
        let (class, class_share) = self.vote.winner();
        TrackSummary {
            track: self.id,
            class,
            class_share,
            first_frame: self.first.0.frame,
            last_frame: self.last.0.frame,
            first_time: self.first.0.time,
            last_time: self.last.0.time,
            detections: self.detections,
            mean_score: self.score_sum / self.detections as f32,
            first_box: self.first.1,
            last_box: self.last.1,
        }
    }
}
