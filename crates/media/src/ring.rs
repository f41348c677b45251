//! The last seconds of a source as packets, so that a film or a single frame can still be had after
//! it is known that something happened.
//!
//! Packets leave by whole groups of pictures, as nothing can be decoded without its keyframe: the
//! ring holds at least `seconds` (one group more), and never more than `bytes`.

use std::collections::VecDeque;

use giaolo_domain::MediaTime;

use crate::packet::Packet;

/// How much a ring keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RingLimits {
    /// Time that is surely kept while `bytes` allows it.
    pub seconds: f64,
    /// Bytes of coded video, never exceeded by more than one packet.
    pub bytes: usize,
}

impl Default for RingLimits {
    fn default() -> Self {
        Self { seconds: 60.0, bytes: 64 << 20 }
    }
}

/// The newest packets of one source, in decoding order.
#[derive(Debug)]
pub struct PacketRing {
    limits: RingLimits,
    packets: VecDeque<Packet>,
    bytes: usize,
    newest: MediaTime,
    dropped: u64,
}

impl PacketRing {
    /// An empty ring.
    pub fn new(limits: RingLimits) -> Self {
        Self { limits, packets: VecDeque::new(), bytes: 0, newest: MediaTime(i64::MIN), dropped: 0 }
    }

    /// Adds the next packet in decoding order and lets go of what is too old.
    pub fn push(&mut self, packet: Packet) {
        self.newest = self.newest.max(packet.pts());
        self.bytes += packet.size();
        self.packets.push_back(packet);
        while self.bytes > self.limits.bytes && !self.packets.is_empty() {
            self.drop_group();
        }
        while self.second_group_suffices() {
            self.drop_group();
        }
    }

    /// Bytes kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets let go so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The packets that show `from` to `to`: they begin with the last keyframe shown at or before
    /// `from`, and hold all that is needed to decode every frame up to `to`, as far as it was read.
    ///
    /// Before the source's first keyframe there is nothing to show, so a `from` there gives the
    /// packets from it on. `None` where the keyframe was let go already, or there is none.
    pub fn span(&self, from: MediaTime, to: MediaTime) -> Option<PacketSpan> {
        let keys = || (0..self.packets.len()).filter(|&at| self.packets[at].is_key());
        let begin = keys()
            .rfind(|&at| self.packets[at].pts() <= from)
            .or_else(|| keys().next().filter(|_| self.dropped == 0))?;
        let end = self.end_of_span(begin, to.max(self.packets[begin].pts()));
        Some(PacketSpan { packets: self.packets.range(begin..=end).cloned().collect(), from, to })
    }

    /// The last packet to take: every frame up to `to`, and no gap before the latest frame that came
    /// along because others refer to it.
    fn end_of_span(&self, begin: usize, to: MediaTime) -> usize {
        let mut end =
            (begin..self.packets.len()).rfind(|&at| self.packets[at].pts() <= to).unwrap_or(begin);
        let latest = self.packets.range(begin..=end).map(Packet::pts).max();
        // Past the next keyframe nothing is missing from this group.
        while let Some(next) = self.packets.get(end + 1)
            && latest.is_some_and(|latest| next.pts() < latest)
            && !next.is_key()
        {
            end += 1;
        }
        end
    }

    /// Whether what follows the first group is long enough already.
    fn second_group_suffices(&self) -> bool {
        let kept = MediaTime::from_seconds(self.limits.seconds);
        let keep_from = self.newest.0.saturating_sub(kept.0);
        self.packets
            .iter()
            .skip(1)
            .find(|packet| packet.is_key())
            .is_some_and(|key| key.pts().0 <= keep_from)
    }

    /// Drops everything up to the next keyframe.
    fn drop_group(&mut self) {
        let next = self.packets.iter().skip(1).position(Packet::is_key);
        let count = next.map_or(self.packets.len(), |at| at + 1);
        for packet in self.packets.drain(..count) {
            self.bytes -= packet.size();
            self.dropped += 1;
        }
    }
}

/// Packets in decoding order that begin with a keyframe.
#[derive(Clone, Debug)]
pub struct PacketSpan {
    packets: Vec<Packet>,
    from: MediaTime,
    to: MediaTime,
}

impl PacketSpan {
    /// The packets, in decoding order; the first is a keyframe.
    pub fn packets(&self) -> &[Packet] {
        &self.packets
    }

    /// The first time asked for.
    pub fn from(&self) -> MediaTime {
        self.from
    }

    /// The last time asked for; the packets may end before it, where the source does.
    pub fn to(&self) -> MediaTime {
        self.to
    }

    /// Time of the first frame shown: the keyframe.
    pub fn start(&self) -> MediaTime {
        self.packets.first().map_or(self.from, Packet::pts)
    }

    /// Time of the last frame.
    pub fn end(&self) -> MediaTime {
        let latest = self.packets.iter().map(Packet::pts).max();
        latest.unwrap_or(self.from)
    }
}
