//! When to try again.

use std::time::Duration;

use balefire_core::time::Time;

/// The longest wait after each failed try; the last one repeats.
///
/// Shorter than the schedules for webhooks in general (wire/webhook.md): a page that is an hour late is
/// worth nothing, and the breaker and the quota keep a provider that is down from being asked often.
pub const STEPS: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_mins(1),
];

/// A provider's wish is honoured up to this.
pub const MAX_WISH: Duration = Duration::from_hours(1);

/// The time of the next try after try number `attempt` (from 1) failed at `now`.
///
/// Full jitter: anywhere between now and the step, so that what failed together does not come back
/// together. A provider's wish (`Retry-After`) is a floor, with a tenth of it (10 s at most) of jitter on
/// top. `seed` is any number that differs between notifications; the same seed and try give the same time.
pub fn next_try(attempt: u32, now: Time, wish: Option<Duration>, seed: u64) -> Time {
    let step = STEPS[(attempt.max(1) as usize - 1).min(STEPS.len() - 1)];
    let random = scramble(seed ^ u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let wait = match wish {
        Some(wish) => {
            let wish = wish.min(MAX_WISH);
            wish + part((wish / 10).min(Duration::from_secs(10)), random)
        }
        None => part(step, random),
    };
    now.after(wait)
}

/// A share of `span` between 0 and all of it.
fn part(span: Duration, random: u64) -> Duration {
    let micros = span.as_micros() * u128::from(random) / u128::from(u64::MAX);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// `SplitMix64`'s finaliser: spreads close numbers over all 64 bits.
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time::from_secs(1_800_000_000);

    #[test]
    fn the_first_wait_is_a_second_and_the_last_a_minute() {
        let longest = |attempt| {
            (0..2000)
                .map(|s| next_try(attempt, NOW, None, s).since(NOW))
                .max()
        };
        let first = longest(1).expect("2000 tries");
        assert!(first <= Duration::from_secs(1) && first > Duration::from_millis(900));
        let last = longest(40).expect("2000 tries");
        assert!(last <= Duration::from_mins(1) && last > Duration::from_secs(55));
    }

    #[test]
    fn waits_of_many_notifications_are_spread_evenly() {
        let early = (0..4000)
            .filter(|seed| next_try(6, NOW, None, *seed).since(NOW) < Duration::from_secs(15))
            .count();
        assert!(
            (1800..2200).contains(&early),
            "{early} of 4000 in the first half"
        );
    }

    proptest! {
        #[test]
        fn never_before_the_wish_and_never_after_the_step(
            attempt in 0_u32..100,
            wish in proptest::option::of(0_u64..10_000),
            seed in any::<u64>(),
        ) {
            let wait = next_try(attempt, NOW, wish.map(Duration::from_secs), seed).since(NOW);
            match wish {
                Some(wish) => {
                    let wish = Duration::from_secs(wish.min(3600));
                    prop_assert!(wait >= wish && wait <= wish + Duration::from_secs(10));
                }
                None => prop_assert!(wait <= Duration::from_mins(1)),
            }
        }
    }
}
