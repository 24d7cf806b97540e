//! Whether the time that checking a signature of alarm_v2 takes says how much of it was right: Welch's t-test as in dudect
//! (<https://eprint.iacr.org/2016/1123>) over signatures that are wrong from the first and in the last character. |t| below
//! 4.5 shows no difference.
//!
//! `cargo run --release -p balefire-web --example signature_timing -- 1000000`

#[expect(dead_code, reason = "only the comparison is measured")]
#[path = "../src/legacy/alarm_v2/signature.rs"]
mod signature;

use std::hint::black_box;

use balefire_core::secret::Secret;
use tokio::time::Instant;

const TEXT: &str = "houkp1test";
/// MD5 of the text and the salt below.
const GOOD: &str = "640e25ac190ce3749df1a715835b3332";

/// Mean and variance as figures come in (Welford).
#[derive(Default)]
struct Class {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Class {
    fn push(&mut self, nanos: f64) {
        self.count += 1.0;
        let off = nanos - self.mean;
        self.mean += off / self.count;
        self.squares += off * (nanos - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

/// A xorshift generator: which class is next must follow no pattern, and nothing else hangs on it.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn nanos(sign: &str, salt: &Secret) -> f64 {
    let began = Instant::now();
    black_box(signature::is_sign_of(
        black_box(TEXT),
        salt,
        black_box(sign),
    ));
    began.elapsed().as_nanos() as f64
}

/// t over all figures up to `most` nanoseconds: what took longer was the machine's doing.
fn t(figures: &[(bool, f64)], most: f64) -> f64 {
    let mut classes = [Class::default(), Class::default()];
    for (class, nanos) in figures.iter().filter(|(_, nanos)| *nanos <= most) {
        classes[usize::from(*class)].push(*nanos);
    }
    let [first, last] = &classes;
    (first.mean - last.mean)
        / (first.variance() / first.count + last.variance() / last.count).sqrt()
}

#[expect(clippy::print_stdout, reason = "an example says what it found")]
fn main() {
    let given = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count: usize = given.unwrap_or(1_000_000);
    let salt = Secret::new("balefire-test-salt");
    assert!(signature::is_sign_of(TEXT, &salt, GOOD), "the salt fits");
    let wrong = ["f".repeat(32), format!("{}f", &GOOD[..31])];
    let mut state = 0x9E37_79B9_7F4A_7C15;
    let mut figures = Vec::with_capacity(count);
    for _ in 0..count {
        let last = next(&mut state) & 1 == 1;
        figures.push((last, nanos(&wrong[usize::from(last)], &salt)));
    }
    let mut sorted: Vec<f64> = figures.iter().map(|(_, nanos)| *nanos).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    println!("{count} checks, median {} ns", sorted[count / 2]);
    for percent in [50, 75, 90, 95, 99, 100] {
        let most = sorted[(count * percent / 100).min(count) - 1];
        println!("t = {:+.2} over the fastest {percent} %", t(&figures, most));
    }
}
