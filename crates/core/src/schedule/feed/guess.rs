//! Guesses whom a calendar means, for somebody who brings one over: attendees by their addresses, else the names that
//! are left of summaries without the words that say what the event is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::EventsError;
use super::draft::{Draft, drafts};
use super::event::cut;
use super::line::{Line, lines};
use crate::wall::Zone;

/// Most people that are guessed: more are not names.
const MAX_PEOPLE: usize = 200;

/// Words that say what an event is, and what stands between names.
static NO_NAMES: LazyLock<Regex> = LazyLock::new(|| {
    let words = r"(?i)\b(?:on[- ]?call|on duty|duty|primary|secondary|backup|escalation|shift|rotation|schedule|week|level \d+|l\d)\b";
    let chinese = "值班|主班|备班|轮值|当班|一线|二线|周";
    let between = r"[,;:|/&+()\[\]、，：；（）–—]|\s-+\s|^\s*-|-\s*$|\sand\s|\swith\s";
    // The three are one pattern of our own, which is well formed.
    Regex::new(&format!("{words}|{chinese}|{between}")).unwrap_or_else(|_| unreachable_pattern())
});

/// Matches nothing.
fn unreachable_pattern() -> Regex {
    #[expect(clippy::unwrap_used, reason = "an empty class is a good pattern")]
    Regex::new(r"[^\s\S]").unwrap()
}

/// Somebody whom a calendar seems to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuessedPerson {
    /// A key for `people`.
    pub key: Arc<str>,
    /// As the calendar calls them.
    pub name: String,
    /// Their address; empty when the calendar has none.
    pub email: String,
}

/// What a calendar seems to mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarGuess {
    /// Its zone: what it says of itself, else the zone of most of its events.
    pub timezone: Option<String>,
    /// Those it names, in the order in which it does.
    pub people: Vec<GuessedPerson>,
    /// Other names that they go by, in small letters, with their key.
    pub names: BTreeMap<String, Arc<str>>,
}

impl CalendarGuess {
    /// Guesses whom a calendar means, and by which clock.
    pub fn of(text: &str) -> Result<Self, EventsError> {
        let mut found = Found::default();
        let mut zones: BTreeMap<String, usize> = BTreeMap::new();
        for draft in drafts(text)? {
            found.event(&draft);
            let start = draft.all("DTSTART").next();
            if let Some(zone) = start.and_then(|line| line.parameter("TZID")) {
                *zones.entry(zone.to_owned()).or_default() += 1;
            }
        }
        let said = lines(text).find(|line| line.name == "X-WR-TIMEZONE");
        let said = said.map(|line| line.text().trim().to_owned());
        let usual = zones.into_iter().max_by_key(|(_, events)| *events);
        let known = said.into_iter().chain(usual.map(|(zone, _)| zone));
        let mut known = known.filter_map(|zone| super::event::zone(&zone));
        Ok(Self {
            timezone: known.next().map(|zone: Zone| zone.name().to_owned()),
            people: found.people,
            names: found.names,
        })
    }

    /// All names in small letters, with the keys of whom they mean.
    pub fn everything(&self) -> BTreeMap<String, Arc<str>> {
        let mut names = self.names.clone();
        for person in &self.people {
            for name in [&*person.key, &person.name, &person.email] {
                if !name.is_empty() {
                    names.insert(name.to_lowercase(), Arc::clone(&person.key));
                }
            }
        }
        names
    }
}

#[derive(Default)]
struct Found {
    people: Vec<GuessedPerson>,
    names: BTreeMap<String, Arc<str>>,
    keys: BTreeSet<String>,
}

impl Found {
    fn event(&mut self, draft: &Draft) {
        let mut is_attended = false;
        for line in draft.all("ATTENDEE") {
            let is = |name: &str, words: &[&str]| {
                let said = line.parameter(name).unwrap_or_default();
                words.iter().any(|word| said.eq_ignore_ascii_case(word))
            };
            if is("PARTSTAT", &["DECLINED"]) || is("CUTYPE", &["ROOM", "RESOURCE"]) {
                continue;
            }
            is_attended |= self.attendee(line);
        }
        if is_attended {
            return;
        }
        let summary = draft.all("SUMMARY").next().map(Line::text);
        for name in NO_NAMES.split(&summary.unwrap_or_default()) {
            let name = name.trim_matches(|c: char| !c.is_alphanumeric());
            if name.chars().any(char::is_alphabetic) {
                self.add(&cut(name), "");
            }
        }
    }

    /// Somebody by their address.
    fn attendee(&mut self, line: &Line) -> bool {
        let address = line.value.trim().to_lowercase();
        let address = address.strip_prefix("mailto:").unwrap_or(&address);
        if !address.contains('@') {
            return false;
        }
        let name = line.parameter("CN").unwrap_or_default().trim();
        self.add(name, address);
        true
    }

    fn add(&mut self, name: &str, email: &str) {
        let small = name.to_lowercase();
        let alike = |one: &&GuessedPerson| {
            (!email.is_empty() && one.email == email)
                || (email.is_empty() && one.name.to_lowercase() == small)
        };
        if let Some(known) = self.people.iter().find(alike) {
            if !name.is_empty() && known.name.to_lowercase() != small && small != email {
                self.names.insert(small, Arc::clone(&known.key));
            }
            return;
        }
        if self.people.len() >= MAX_PEOPLE || (email.is_empty() && self.names.contains_key(&small))
        {
            return;
        }
        let local = email.split('@').next().unwrap_or_default();
        let key = self.free_key(if local.is_empty() { name } else { local });
        let name = if name.is_empty() || small == email {
            local
        } else {
            name
        };
        self.people.push(GuessedPerson {
            key: key.into(),
            name: name.to_owned(),
            email: email.to_owned(),
        });
    }

    fn free_key(&mut self, name: &str) -> String {
        let letters = name.to_lowercase();
        let words = letters.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let base = match words.join("-") {
            // These two have a meaning of their own in mention.
            base if matches!(base.as_str(), "" | "all" | "oncall") => "person".to_owned(),
            base => base,
        };
        let mut key = base.clone();
        let mut number = 2;
        while !self.keys.insert(key.clone()) {
            key = format!("{base}-{number}");
            number += 1;
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(events: &[&str]) -> CalendarGuess {
        let events = events.iter().map(|event| {
            format!("BEGIN:VEVENT\nDTSTART;TZID=China Standard Time:20260105T090000\n{event}\nEND:VEVENT\n")
        });
        let text = format!(
            "BEGIN:VCALENDAR\n{}END:VCALENDAR\n",
            events.collect::<String>()
        );
        CalendarGuess::of(&text).expect("a calendar")
    }

    fn told(guess: &CalendarGuess) -> Vec<String> {
        let people = guess.people.iter();
        let told = people.map(|one| format!("{}={} {}", one.key, one.name, one.email));
        told.map(|one| one.trim().to_owned()).collect()
    }

    #[test]
    fn names_are_what_is_left_of_summaries() {
        let found = guess(&[
            "SUMMARY:On Call - 陈敏 - Primary",
            "SUMMARY:Li Wei on-call",
            "SUMMARY:On call: Ada\\, Bob",
            "SUMMARY:值班：张三、李四",
            "SUMMARY:LI WEI",
            "SUMMARY:Jean-Luc (backup)",
            "SUMMARY:Shift",
        ]);
        let people = [
            "陈敏=陈敏",
            "li-wei=Li Wei",
            "ada=Ada",
            "bob=Bob",
            "张三=张三",
            "李四=李四",
            "jean-luc=Jean-Luc",
        ];
        assert_eq!(told(&found), people);
        assert_eq!(found.timezone.as_deref(), Some("Asia/Shanghai"));
        assert!(found.names.is_empty());
        assert_eq!(
            found.everything().get("li wei").map(|key| &**key),
            Some("li-wei")
        );
    }

    #[test]
    fn attendees_are_known_by_their_addresses() {
        let found = guess(&[
            "ATTENDEE;CN=陈敏:mailto:ChenMin@example.com\nATTENDEE;CN=Room 1;CUTYPE=ROOM:mailto:room@example.com\nSUMMARY:Week 12",
            "ATTENDEE;CN=Chen Min:mailto:chenmin@example.com\nSUMMARY:x",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:dan@example.com\nATTENDEE:mailto:bob@example.com",
            "ATTENDEE:mailto:bob@example.org",
        ]);
        let people = [
            "chenmin=陈敏 chenmin@example.com",
            "bob=bob bob@example.com",
            "bob-2=bob bob@example.org",
        ];
        assert_eq!(told(&found), people);
        let names: Vec<_> = found
            .names
            .iter()
            .map(|(name, key)| format!("{name} {key}"))
            .collect();
        assert_eq!(names, ["chen min chenmin"]);
    }
}
