//! Who somebody is at a chat platform: an id that the document names, or one that the platform's address book gives for
//! their telephone number or mail address; and whether they are still there.
//!
//! An id in the document always wins. What was looked up is believed for [`AGAIN`] and asked for anew; a number that
//! nobody has only after [`MISSED`], since platforms shut out whoever asks for too many of those.

use std::time::Duration;

use crate::message::Mention;
use crate::time::Time;

/// How long an answer of an address book is believed.
pub const AGAIN: Duration = Duration::from_hours(24);
/// How long it is believed that nobody has a number or an address.
pub const MISSED: Duration = Duration::from_hours(7 * 24);

/// A platform whose address book can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// WeCom (企业微信).
    Wecom,
    /// DingTalk (钉钉).
    Dingtalk,
    /// Feishu (飞书).
    Feishu,
    /// Slack.
    Slack,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wecom, Self::Dingtalk, Self::Feishu, Self::Slack];

    /// The key of a person in the document, and the word in the store and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Slack => "slack",
        }
    }

    /// The platform of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Somebody's id there; empty where none is known.
    pub fn id(self, contact: &Mention) -> &str {
        match self {
            Self::Wecom => &contact.wecom,
            Self::Dingtalk => &contact.dingtalk,
            Self::Feishu => &contact.feishu,
            Self::Slack => &contact.slack,
        }
    }

    /// Writes somebody's id there.
    pub fn set(self, contact: &mut Mention, id: &str) {
        let known = match self {
            Self::Wecom => &mut contact.wecom,
            Self::Dingtalk => &mut contact.dingtalk,
            Self::Feishu => &mut contact.feishu,
            Self::Slack => &mut contact.slack,
        };
        id.clone_into(known);
    }

    /// Whether its address book is asked by telephone number.
    pub const fn by_phone(self) -> bool {
        !matches!(self, Self::Slack)
    }

    /// Whether its address book is asked by mail address.
    pub const fn by_email(self) -> bool {
        !matches!(self, Self::Dingtalk)
    }

    /// Whether its address book can be asked for somebody's id by what is known of them.
    pub fn can_find(self, contact: &Mention) -> bool {
        (self.by_phone() && !contact.phone.is_empty())
            || (self.by_email() && !contact.email.is_empty())
    }
}

/// How somebody stands at a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// They are there.
    Active,
    /// They have an account and have never used it: nothing reaches them yet.
    Inactive,
    /// Their account is shut, for now or for good.
    Disabled,
    /// They have left.
    Left,
    /// Nobody has this id, any more or ever.
    Gone,
    /// Nobody has this number or address.
    Nobody,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::Inactive,
        Self::Disabled,
        Self::Left,
        Self::Gone,
        Self::Nobody,
    ];

    /// The word in the store and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Disabled => "disabled",
            Self::Left => "left",
            Self::Gone => "gone",
            Self::Nobody => "nobody",
        }
    }

    /// The standing of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether somebody who stands so is not reached and has to be told of.
    pub const fn is_lost(self) -> bool {
        matches!(
            self,
            Self::Inactive | Self::Disabled | Self::Left | Self::Gone
        )
    }
}

/// A hash of what an address book was asked about.
pub type Asked = [u8; 16];

/// What an address book said last of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it was asked about: the account, and the address or the document's own id.
    pub asked: Asked,
    /// Their id; empty where nobody was found.
    pub id: String,
    /// How they stand.
    pub standing: Standing,
    /// What the platform said to it, without private data; may be empty.
    pub said: String,
    /// When it was asked last.
    pub asked_at: Time,
    /// Since when this id is known; the epoch where nobody was found.
    pub found_at: Time,
}

impl Identity {
    /// When it is to be asked again.
    pub fn next_at(&self) -> Time {
        let span = match self.standing {
            Standing::Nobody => MISSED,
            _ => AGAIN,
        };
        self.asked_at.after(span)
    }

    /// Whether it is to be asked now: its time has come, or the clock was set back to before the answer.
    pub fn is_due(&self, now: Time) -> bool {
        now < self.asked_at || self.next_at() <= now
    }
}

/// Whether an address book is to be asked now about what has this hash, by what it said last. What it said of something
/// else says nothing.
pub fn is_due(known: Option<&Identity>, asked: &Asked, now: Time) -> bool {
    known
        .filter(|known| known.asked == *asked)
        .is_none_or(|known| known.is_due(now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known(standing: Standing, asked_at: i64) -> Identity {
        Identity {
            asked: [1; 16],
            id: String::new(),
            standing,
            said: String::new(),
            asked_at: Time::from_secs(asked_at),
            found_at: Time::EPOCH,
        }
    }

    #[test]
    fn a_platform_is_asked_by_what_it_takes() {
        let by_mail = Mention {
            email: "chenmin@example.com".to_owned(),
            ..Mention::default()
        };
        let by_phone = Mention {
            phone: "+8618712345678".to_owned(),
            ..Mention::default()
        };
        let can = |contact: &Mention| Platform::ALL.map(|platform| platform.can_find(contact));
        assert_eq!(can(&by_mail), [true, false, true, true]);
        assert_eq!(can(&by_phone), [true, true, true, false]);
        assert_eq!(can(&Mention::default()), [false; 4]);
    }

    #[test]
    fn every_word_is_read_back() {
        for platform in Platform::ALL {
            assert_eq!(Platform::of(platform.as_str()), Some(platform));
            let mut contact = Mention::default();
            platform.set(&mut contact, "u1");
            let ids = Platform::ALL.map(|one| one.id(&contact).to_owned());
            assert_eq!(ids.iter().filter(|id| *id == "u1").count(), 1);
            assert_eq!(platform.id(&contact), "u1");
        }
        for standing in Standing::ALL {
            assert_eq!(Standing::of(standing.as_str()), Some(standing));
        }
    }

    proptest! {
        #[test]
        fn nothing_is_asked_again_before_its_time_and_everything_is_after(
            (asked_at, ahead) in (0..10_000_000_i64, -1_000_000..2_000_000_i64),
            nth in 0..6_usize,
        ) {
            let known = known(Standing::ALL[nth], asked_at);
            let now = Time::from_secs(asked_at + ahead);
            let span = if known.standing == Standing::Nobody { MISSED } else { AGAIN };
            let believed = ahead >= 0 && ahead < span.as_secs().cast_signed();
            prop_assert_eq!(is_due(Some(&known), &[1; 16], now), !believed);
            prop_assert!(is_due(Some(&known), &[2; 16], now), "another address");
            prop_assert!(is_due(None, &[1; 16], now));
        }
    }
}
