//! What people write back to pages by text message. Their number says who they are, their words what they mean
//! (`balefire_core::reply`), and what they acknowledge goes the way of every other answer.

use std::collections::{BTreeMap, VecDeque};

use balefire_channels::callback::Text;
use balefire_config::plan::Plan;
use balefire_core::incident::{Incident, IncidentState};
use balefire_core::reply::{Answerable, GUESSES, GUESSES_FORGOTTEN, Reply, Verdict, judge};
use balefire_core::time::Time;
use balefire_store::{ReplyCode, StoreError, Which};
use balefire_template::compose;
use balefire_template::i18n::Argument;
use parking_lot::Mutex;

use super::{AnswerFailure, Deed, Engine, IncidentFailure};
use crate::link::Subject;

/// Texts that are remembered with what was said to them.
const REMEMBERED: usize = 1_024;
/// Numbers whose wrong answers are counted.
const COUNTED: usize = 4_096;
/// Of a number's pages so many are looked at, the newest first.
const LOOKED_AT: usize = 50;
/// Pages that an answer lists.
const LISTED: usize = 5;
/// Longest title in an answer, in characters: two of them fit a part of a message.
const TITLE: usize = 40;

/// What came of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replied {
    /// What whoever wrote it hears; empty when nothing is said.
    pub words: String,
    /// Why it did nothing, for the record; `None` when it did, or was repeated.
    pub refused: Option<&'static str>,
}

/// Texts that were taken, so that one that comes twice does nothing twice; and wrong answers, by number.
#[derive(Debug, Default)]
pub(super) struct Listening {
    taken: Mutex<VecDeque<(String, String)>>,
    wrong: Mutex<BTreeMap<String, Vec<Time>>>,
}

impl Listening {
    fn said_to(&self, id: &str) -> Option<String> {
        let taken = self.taken.lock();
        let known = taken.iter().find(|(known, _)| known == id);
        known.map(|(_, words)| words.clone())
    }

    fn remember(&self, id: String, words: &str) {
        let mut taken = self.taken.lock();
        taken.truncate(REMEMBERED - 1);
        taken.push_front((id, words.to_owned()));
    }

    /// Whether a number has answered wrongly too often of late.
    fn is_deaf(&self, phone: &str, now: Time) -> bool {
        let mut wrong = self.wrong.lock();
        let Some(times) = wrong.get_mut(phone) else {
            return false;
        };
        times.retain(|at| now.since(*at) < GUESSES_FORGOTTEN);
        times.len() >= GUESSES
    }

    fn guessed(&self, phone: &str, now: Time) {
        let mut wrong = self.wrong.lock();
        if wrong.len() >= COUNTED && !wrong.contains_key(phone) {
            wrong.retain(|_, times| times.iter().any(|at| now.since(*at) < GUESSES_FORGOTTEN));
        }
        if wrong.len() < COUNTED || wrong.contains_key(phone) {
            wrong.entry(phone.to_owned()).or_default().push(now);
        }
    }
}

/// A code with the incidents that it is about.
struct Coded {
    row: ReplyCode,
    incidents: Vec<Incident>,
}

impl Coded {
    fn is_open(&self) -> bool {
        let open = |incident: &Incident| incident.state == IncidentState::Open;
        self.incidents.iter().any(open)
    }
}

impl Engine {
    /// Takes in a text that came to a number of this account's. What was done is on disk when this resolves.
    pub async fn take_text(&self, account: &str, text: &Text) -> Result<Replied, StoreError> {
        let listening = &self.inner.listening;
        let id = format!("{account}\0{}\0{}", text.from, text.id);
        if let Some(words) = listening.said_to(&id) {
            return Ok(Replied {
                words,
                refused: None,
            });
        }
        let replied = self.listen(text).await?;
        listening.remember(id, &replied.words);
        Ok(replied)
    }

    async fn listen(&self, text: &Text) -> Result<Replied, StoreError> {
        let (now, plan) = (self.now(), self.plan());
        let listening = &self.inner.listening;
        if listening.is_deaf(&text.from, now) {
            return Ok(refused(
                "a number answered wrongly too often",
                String::new(),
            ));
        }
        let pages = self.coded(&text.from, now).await?;
        let answerable: Vec<Answerable> = pages
            .iter()
            .map(|page| Answerable {
                code: page.row.code,
                is_open: page.is_open(),
            })
            .collect();
        let newest = pages.first().map_or("", |page| &*page.row.person);
        let reader = reader(&plan, newest);
        let wrong = |why, key: &str| {
            listening.guessed(&text.from, now);
            Ok(refused(why, reader.word(key)))
        };
        match judge(Reply::read(&text.text), &answerable) {
            Verdict::Takes(at) => match pages.get(at) {
                Some(page) => {
                    let words = self.take(page, &text.text, (&plan, &reader)).await?;
                    Ok(Replied {
                        words,
                        refused: None,
                    })
                }
                None => wrong("no page to this number has the code", "reply-wrong"),
            },
            Verdict::Which => Ok(refused(
                "a text that may mean several pages",
                listed(&pages, &reader),
            )),
            Verdict::NothingOpen => Ok(refused(
                "a text although nothing is open",
                reader.word("reply-nothing"),
            )),
            Verdict::WrongCode => wrong("no page to this number has the code", "reply-wrong"),
            Verdict::NoAnswer => wrong("a text that is no answer", "reply-unclear"),
            Verdict::Stranger => Ok(refused(
                "a text from a number that was not paged",
                String::new(),
            )),
        }
    }

    /// The codes of a number with what they are about, the newest first.
    async fn coded(&self, phone: &str, now: Time) -> Result<Vec<Coded>, StoreError> {
        let mut pages = Vec::new();
        let rows = self.store().reply_codes(phone, now).await?;
        for row in rows.into_iter().take(LOOKED_AT) {
            let mut incidents = Vec::new();
            for id in &row.incidents {
                incidents.extend(self.incident(&Which::Id(*id)).await?);
            }
            pages.push(Coded { row, incidents });
        }
        Ok(pages)
    }

    /// Acknowledges all that a page is about; what whoever wrote hears.
    async fn take(
        &self,
        page: &Coded,
        text: &str,
        (plan, reader): (&Plan, &compose::Reader),
    ) -> Result<String, StoreError> {
        let said = format!("SMS: {text}");
        for incident in &page.incidents {
            if incident.state == IncidentState::Resolved {
                continue;
            }
            let subject = Subject::Incident(incident.id);
            let answered = self.answer_saying(subject, Deed::Acknowledge, &page.row.person, &said);
            match answered.await {
                Err(
                    AnswerFailure::Store(error)
                    | AnswerFailure::Incident(IncidentFailure::Store(error)),
                ) => return Err(error),
                Err(why) => tracing::debug!(%why, "a text acknowledges nothing"),
                Ok(()) => {}
            }
        }
        let open = |incident: &&Incident| incident.state == IncidentState::Open;
        let first = page.incidents.iter().find(open).or(page.incidents.first());
        let Some(before) = first else {
            return Ok(reader.word("reply-gone"));
        };
        let Some(incident) = self.incident(&Which::Id(before.id)).await? else {
            return Ok(reader.word("reply-gone"));
        };
        let title = title(&page.incidents, &incident, reader);
        let held = incident.acknowledged.as_ref();
        let held = held.filter(|_| incident.state == IncidentState::Acknowledged);
        let Some(held) = held else {
            return Ok(reader.text("reply-over", &[("title", title.into())]));
        };
        let is_theirs = held.by == *page.row.person;
        let key = match (is_theirs, before.state) {
            (true, IncidentState::Open) => "reply-taken",
            (true, _) => "reply-taken-before",
            (false, _) => "reply-others",
        };
        let by = plan.people.get(&held.by).map(|person| &person.contact.name);
        let by = by.filter(|name| !name.is_empty()).unwrap_or(&held.by);
        let words: [(&str, Argument<'_>); 3] = [
            ("title", title.into()),
            ("by", by.as_str().into()),
            ("at", reader.time(held.at).into()),
        ];
        Ok(reader.text(key, &words))
    }
}

fn refused(why: &'static str, words: String) -> Replied {
    Replied {
        words,
        refused: Some(why),
    }
}

fn reader(plan: &Plan, person: &str) -> compose::Reader {
    let person = plan.people.get(person);
    let reader = person.map_or(&plan.server.reader, |person| &person.reader);
    crate::escalator::reader(reader)
}

/// The title of one incident, with how many others the page names.
fn title(all: &[Incident], one: &Incident, reader: &compose::Reader) -> String {
    let line: String = one.title.chars().take(TITLE).collect();
    match all.len().saturating_sub(1) {
        0 => line,
        more => reader.text(
            "page-several",
            &[("title", line.into()), ("more", more.into())],
        ),
    }
}

/// The open pages with their codes.
fn listed(pages: &[Coded], reader: &compose::Reader) -> String {
    let open: Vec<&Coded> = pages.iter().filter(|page| page.is_open()).collect();
    let mut lines = vec![reader.word("reply-which")];
    for page in open.iter().take(LISTED) {
        let Some(first) = page.incidents.first() else {
            continue;
        };
        let words: [(&str, Argument<'_>); 2] = [
            ("code", page.row.code.to_string().into()),
            ("title", title(&page.incidents, first, reader).into()),
        ];
        lines.push(reader.text("reply-one", &words));
    }
    if let Some(more) = open.len().checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(reader.text("reply-more", &[("count", more.into())]));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_answers_are_counted_by_number_and_forgotten_after_an_hour() {
        let listening = Listening::default();
        let at = Time::from_secs;
        for minute in 0..5 {
            assert!(!listening.is_deaf("+1", at(60 * minute)));
            listening.guessed("+1", at(60 * minute));
        }
        assert!(listening.is_deaf("+1", at(300)) && !listening.is_deaf("+2", at(300)));
        assert!(
            !listening.is_deaf("+1", at(3_600)),
            "the first is forgotten"
        );
        for other in 0..COUNTED * 2 {
            listening.guessed(&format!("+{other}"), at(300));
        }
        assert!(listening.wrong.lock().len() <= COUNTED);
    }

    #[test]
    fn a_text_that_comes_twice_hears_the_same() {
        let listening = Listening::default();
        assert_eq!(listening.said_to("a"), None);
        listening.remember("a".to_owned(), "yes");
        assert_eq!(listening.said_to("a").as_deref(), Some("yes"));
        for other in 0..REMEMBERED {
            listening.remember(other.to_string(), "");
        }
        assert_eq!(listening.said_to("a"), None);
    }
}
