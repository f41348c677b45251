//! How much one address and one session may ask: a bucket of tokens each, filled again all the time.
//!
//! Reading is free enough for a wall of screens and a script (2,000 requests a second of an address);
//! changing things is a person's pace. Wrong passwords and codes have their own, much smaller bucket.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use giaolo_domain::UtcTime;

/// Buckets kept; full ones are dropped first, so that a flood of addresses finds an end.
const MOST_BUCKETS: usize = 20_000;

/// A bucket's size and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Tokens of a full bucket.
    pub burst: f64,
    /// Tokens a second.
    pub per_second: f64,
}

/// Requests of one address.
pub const OF_AN_ADDRESS: Allowance = Allowance { burst: 4_000.0, per_second: 2_000.0 };
/// Requests of one session.
pub const OF_A_SESSION: Allowance = Allowance { burst: 3_000.0, per_second: 1_500.0 };
/// Changes by one session or, before anybody is signed in, of one address.
pub const CHANGES: Allowance = Allowance { burst: 120.0, per_second: 10.0 };
/// Wrong passwords of one address: 20, then one in 45 seconds.
pub const WRONG_PASSWORDS: Allowance = Allowance { burst: 20.0, per_second: 20.0 / 900.0 };

/// Whose bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// All requests of an address.
    Address(IpAddr),
    /// Its changes.
    ChangesOf(IpAddr),
    /// Its wrong passwords.
    WrongPasswordsOf(IpAddr),
    /// All requests of a session, by its token.
    Session(String),
    /// Its changes.
    ChangesOfSession(String),
}

struct Bucket {
    tokens: f64,
    at: UtcTime,
    allowance: Allowance,
}

impl Bucket {
    fn fill(&mut self, now: UtcTime) {
        let seconds = (now.micros() - self.at.micros()).max(0) as f64 / 1e6;
        self.tokens = (self.tokens + seconds * self.allowance.per_second).min(self.allowance.burst);
        self.at = self.at.max(now);
    }
}

/// All buckets.
#[derive(Default)]
pub struct Limiter {
    buckets: Mutex<HashMap<Whose, Bucket>>,
}

impl Limiter {
    /// Takes a token out of a bucket.
    ///
    /// # Errors
    /// Seconds until there is one again, at least 1.
    pub fn take(&self, whose: Whose, allowance: Allowance, now: UtcTime) -> Result<(), u64> {
        self.with(whose, allowance, now, |bucket| {
            if bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
                return Ok(());
            }
            Err(wait(bucket))
        })
    }

    /// As [`Self::take`], but leaves the token where it is.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn look(&self, whose: Whose, allowance: Allowance, now: UtcTime) -> Result<(), u64> {
        let has_one =
            |bucket: &mut Bucket| if bucket.tokens >= 1.0 { Ok(()) } else { Err(wait(bucket)) };
        self.with(whose, allowance, now, has_one)
    }

    fn with<T>(
        &self,
        whose: Whose,
        allowance: Allowance,
        now: UtcTime,
        ask: impl FnOnce(&mut Bucket) -> T,
    ) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS {
            buckets.retain(|_, bucket| {
                bucket.fill(now);
                bucket.tokens < bucket.allowance.burst
            });
        }
        let full = Bucket { tokens: allowance.burst, at: now, allowance };
        let bucket = buckets.entry(whose).or_insert(full);
        bucket.fill(now);
        ask(bucket)
    }
}

fn wait(bucket: &Bucket) -> u64 {
    let seconds = (1.0 - bucket.tokens) / bucket.allowance.per_second;
    (seconds.ceil() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> UtcTime {
        UtcTime::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_bucket_empties_fills_again_and_is_its_owners_alone() {
        let limiter = Limiter::default();
        let small = Allowance { burst: 3.0, per_second: 0.5 };
        let one = || Whose::WrongPasswordsOf(IpAddr::from([10, 0, 0, 1]));
        for _ in 0..3 {
            assert_eq!(limiter.take(one(), small, at(100)), Ok(()));
        }
        assert_eq!(limiter.take(one(), small, at(100)), Err(2));
        assert_eq!(limiter.look(one(), small, at(101)), Err(1));
        assert_eq!(limiter.take(Whose::Session("a".to_owned()), small, at(101)), Ok(()));
        // A clock that was set back neither fills nor empties it.
        assert_eq!(limiter.take(one(), small, at(50)), Err(2).or(Err(1)));
        assert_eq!(limiter.take(one(), small, at(102)), Ok(()));
        assert_eq!(limiter.take(one(), small, at(102)), Err(2));
    }

    #[test]
    fn a_thousand_reads_a_second_go_on_for_ever() {
        let limiter = Limiter::default();
        for millisecond in 0..20_000 {
            let now = UtcTime::from_micros(millisecond * 1_000);
            let whose = Whose::Session("a".to_owned());
            assert_eq!(limiter.take(whose, OF_A_SESSION, now), Ok(()), "{millisecond}");
        }
    }

    #[test]
    fn a_flood_of_addresses_finds_an_end() {
        let limiter = Limiter::default();
        for number in 0..(MOST_BUCKETS as u32 + 500) {
            let whose = Whose::Address(IpAddr::from(number.to_be_bytes()));
            let _ = limiter.take(whose, OF_AN_ADDRESS, at(i64::from(number)));
        }
        assert!(limiter.buckets.lock().unwrap().len() <= MOST_BUCKETS);
    }
}
