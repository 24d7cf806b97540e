//! The short code of a page.

use std::collections::BTreeSet;
use std::fmt;

/// Digits of a code: 9000 of them, none with a zero in front, which people leave out.
pub const DIGITS: usize = 4;
const FIRST: u16 = 1_000;
const LAST: u16 = 9_999;

/// A code, such as 4711.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// One that is not taken, by a random number; `None` when all are.
    pub fn draw(random: u64, taken: &[Self]) -> Option<Self> {
        let taken: BTreeSet<Self> = taken.iter().copied().collect();
        let mut free = (FIRST..=LAST)
            .map(Self)
            .filter(|code| !taken.contains(code));
        let count = u64::from(LAST - FIRST + 1).saturating_sub(taken.len() as u64);
        let nth = random.checked_rem(count)?;
        free.nth(usize::try_from(nth).ok()?)
    }

    /// Reads four digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != DIGITS || !text.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().and_then(Self::from_number)
    }

    /// From the number that is kept.
    pub fn from_number(number: i64) -> Option<Self> {
        let number = u16::try_from(number).ok()?;
        (FIRST..=LAST).contains(&number).then_some(Self(number))
    }

    /// The number that is kept.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
