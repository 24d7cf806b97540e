//! Telephone numbers: read as people write them, kept in one form.

use std::fmt;
use std::sync::Arc;

use phonenumber::{Mode, country};

/// A valid number. Shown and compared as E.164: `+8613800138000`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    e164: Arc<str>,
    mainland: Option<Arc<str>>,
}

/// A text that is no telephone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no telephone number{why}")]
pub struct PhoneError {
    text: String,
    why: &'static str,
}

/// Longest text that is looked at.
const LONGEST: usize = 40;
/// Digits of short numbers within a company's contract.
const SHORT: std::ops::RangeInclusive<usize> = 3..=6;
/// Characters of a service code: `*72` and a number behind it.
const CODE: usize = 24;
/// What to write where [`dialled`] refuses a text.
pub(crate) const DIALLED: &str = "write the number as it is dialled: \"13800138000\", \"+442079460958\", \"66123\" or \"*7213800138000\"";

impl Phone {
    /// Reads a number: `+8613800138000`, `0086 138 0013 8000`, or without a country as one of China's mainland
    /// (`138-0013-8000`, `0571 8888 8888`). The plan of its country must know such a number; extensions are refused.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let fail = |why| PhoneError {
            text: text.chars().take(LONGEST).collect(),
            why,
        };
        let plain = |c: char| c.is_ascii_digit() || " -()+.".contains(c);
        if text.len() > LONGEST || !text.chars().all(plain) {
            return Err(fail(": only digits, blanks and + - ( ) . may stand there"));
        }
        let number =
            phonenumber::parse(Some(country::Id::CN), text.trim()).map_err(|_| fail(""))?;
        if !number.is_valid() {
            return Err(fail(" of its country's plan"));
        }
        let form = |mode| number.format().mode(mode).to_string();
        let mainland = (number.code().value() == 86).then(|| {
            let national = form(Mode::National);
            national.chars().filter(char::is_ascii_digit).collect()
        });
        Ok(Self {
            e164: form(Mode::E164).into(),
            mainland: mainland.map(|digits: String| digits.into()),
        })
    }

    /// `+8613800138000`.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The digits of E.164 without the plus.
    pub fn digits(&self) -> &str {
        self.e164.trim_start_matches('+')
    }

    /// As it is dialled within China's mainland, `13800138000` or `057188888888`; `None` for other countries.
    pub fn mainland(&self) -> Option<&str> {
        self.mainland.as_deref()
    }
}

/// A number as a telephone of the mainland dials it: within the country for the mainland's own, short numbers and
/// service codes as they are. It holds nothing but digits, `+`, `*` and `#`.
pub(crate) fn dialled(text: &str) -> Result<Arc<str>, PhoneError> {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let service = |c: char| c.is_ascii_digit() || "*#+".contains(c);
    let is_short = SHORT.contains(&text.len()) && digits(text);
    let is_code = text.starts_with(['*', '#']) && text.len() <= CODE && text.chars().all(service);
    if is_short || is_code {
        return Ok(text.into());
    }
    let phone = Phone::parse(text)?;
    Ok(phone.mainland().unwrap_or(phone.e164()).into())
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_written_in_many_ways_is_one_number() {
        for text in [
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "+8613800138000",
            "+86 138 0013 8000",
            "008613800138000",
            "8613800138000",
            "(+86) 138.0013.8000",
        ] {
            let phone = Phone::parse(text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(phone.e164(), "+8613800138000", "{text}");
            assert_eq!(phone.digits(), "8613800138000");
            assert_eq!(phone.mainland(), Some("13800138000"));
        }
    }

    #[test]
    fn lines_at_a_desk_keep_their_trunk_prefix_within_the_country() {
        for text in ["0571-88888888", "+86 571 8888 8888", "(0571) 88888888"] {
            let phone = Phone::parse(text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(phone.e164(), "+8657188888888", "{text}");
            assert_eq!(phone.mainland(), Some("057188888888"));
        }
    }

    #[test]
    fn numbers_of_other_countries_are_not_of_the_mainland() {
        for text in ["+44 20 7946 0958", "+85251234567", "+1 212 555 2368"] {
            let phone = Phone::parse(text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(phone.mainland(), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_can_call_is_refused_with_the_text() {
        for text in [
            "",
            " ",
            "+",
            "1380013800",
            "138001380001",
            "12345678901",
            "+999123456",
            "call me",
            "13800138000 ext. 7",
            "13800138000,13900139000",
            "1-800-FLOWERS",
            "{{ .Phone }}",
        ] {
            let error = Phone::parse(text).expect_err(text).to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
        let long = "1".repeat(5_000);
        assert!(Phone::parse(&long).expect_err("long").to_string().len() < 200);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9 +().x#*;=一-]{0,24}|\\PC{0,24}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.e164()), Ok(phone.clone()));
                prop_assert!(phone.digits().bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
