//! The five forms of a robot's message.

use balefire_core::message::{Block, Link, Message};
use serde_json::{Value, json};

use super::SPEC;
use crate::chat::{fit, headline, page, without_main_link};
use crate::click::buttons;
use crate::markup::{Dialect, safe_url, title_of};
use crate::spec::Length;

/// The words of `msgtype`.
pub(super) const MSGTYPES: &[&str] = &["text", "markdown", "action_card", "link", "feed_card"];

/// Largest body.
const MOST: usize = 20_000;
/// Most people that one message may call.
const MOST_PEOPLE: usize = 50;
/// Most entries of a feed card.
const MOST_FEEDS: usize = 5;

/// What every message of a receiver's entry is made with.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) msgtype: String,
    pub(super) keyword: String,
    pub(super) mobiles: Vec<String>,
    pub(super) user_ids: Vec<String>,
    pub(super) picture: Option<String>,
}

/// Who is called by name.
#[derive(Debug, Default)]
struct Called {
    mobiles: Vec<String>,
    user_ids: Vec<String>,
    everyone: bool,
}

impl Called {
    fn nobody(&self) -> bool {
        !self.everyone && self.mobiles.is_empty() && self.user_ids.is_empty()
    }
}

impl Form {
    /// The body, at most 20 000 bytes of JSON.
    pub(super) fn body(&self, message: &Message, id: &str) -> Value {
        let called = self.called(message);
        fit(SPEC.limits.text.most(), MOST, |room| {
            let mut body = self.content(message, &called, room);
            body["at"] = json!({
                "atMobiles": called.mobiles,
                "atUserIds": called.user_ids,
                "isAtAll": called.everyone,
            });
            body["msgUuid"] = id.into();
            body
        })
    }

    fn content(&self, message: &Message, called: &Called, room: usize) -> Value {
        let title = title_of(message, Dialect::Plain, SPEC.limits.title);
        let title = if title.is_empty() {
            "Balefire".to_owned()
        } else {
            title
        };
        let link = message.link.as_ref().and_then(web);
        match (self.msgtype.as_str(), link) {
            ("text", _) => {
                let text = self.page(message, Dialect::Plain, called, room);
                json!({"msgtype": "text", "text": {"content": text}})
            }
            ("action_card", Some(link)) => {
                let answer = answering(message);
                let mut bare = without_main_link(message);
                let at = |block: &Block| match block {
                    Block::Link(link) => {
                        answer.as_ref().is_some_and(|answer| link.url == answer.url)
                    }
                    _ => false,
                };
                bare.body.retain(|block| !at(block));
                let text = self.page(&bare, Dialect::DingTalkMarkdown, called, room);
                let mut card = json!({"title": title, "text": text});
                // Where there is a single button, DingTalk shows no others.
                if let Some(answer) = answer {
                    let button = |link: &Link| json!({"title": link.text, "actionURL": link.url});
                    card["btnOrientation"] = "1".into();
                    card["btns"] = json!([button(&answer), button(&link)]);
                } else {
                    card["singleTitle"] = link.text.into();
                    card["singleURL"] = link.url.into();
                }
                json!({"msgtype": "actionCard", "actionCard": card})
            }
            ("link", Some(link)) if called.nobody() => {
                let tail = self.tail(&title, &[]);
                let text = page(message, Dialect::Plain, Length::Bytes(room), "", &tail);
                json!({"msgtype": "link", "link": {
                    "title": title,
                    "text": if text.is_empty() { &title } else { &text },
                    "messageUrl": link.url,
                    "picUrl": self.picture(message).unwrap_or_default(),
                }})
            }
            ("feed_card", Some(link)) if called.nobody() && self.picture(message).is_some() => {
                json!({"msgtype": "feedCard", "feedCard": {"links": self.feeds(message, &title, &link)}})
            }
            _ => json!({"msgtype": "markdown", "markdown": {
                "title": title,
                "text": self.page(message, Dialect::DingTalkMarkdown, called, room),
            }}),
        }
    }

    fn page(&self, message: &Message, dialect: Dialect, called: &Called, room: usize) -> String {
        let mut title = headline(message, dialect, SPEC.limits.title);
        if dialect == Dialect::DingTalkMarkdown {
            title.insert_str(0, "### ");
        }
        // Only those who stand in the text light up there.
        let names: Vec<String> = called
            .mobiles
            .iter()
            .chain(&called.user_ids)
            .map(|name| format!("@{name}"))
            .collect();
        let tail = self.tail(&title, &names);
        page(message, dialect, Length::Bytes(room), &title, &tail)
    }

    /// Names, and the keyword unless the title has it; the text may yet be shortened.
    fn tail(&self, title: &str, names: &[String]) -> String {
        let mut parts = names.join(" ");
        if !self.keyword.is_empty() && !title.contains(&self.keyword) {
            if !parts.is_empty() {
                parts.push(' ');
            }
            parts.push_str(&self.keyword);
        }
        parts
    }

    fn feeds(&self, message: &Message, title: &str, link: &Link) -> Vec<Value> {
        let picture = self.picture(message).unwrap_or_default();
        let keyword = self.tail(title, &[]);
        let title = format!("{title} {keyword}");
        let more = message.body.iter().filter_map(|block| match block {
            Block::Link(more) if more.url != link.url => web(more),
            _ => None,
        });
        std::iter::once((title.trim().to_owned(), link.url.clone()))
            .chain(more.map(|more| (more.text, more.url)))
            .take(MOST_FEEDS)
            .map(|(title, url)| json!({"title": title, "messageURL": url, "picURL": picture}))
            .collect()
    }

    /// The message's first picture, else the configured one.
    fn picture(&self, message: &Message) -> Option<String> {
        let shown = message.body.iter().find_map(|block| match block {
            Block::Image(url) => safe_url(url),
            _ => None,
        });
        shown.or_else(|| self.picture.clone())
    }

    /// People are called by user id where it is known, else by number, at most fifty.
    fn called(&self, message: &Message) -> Called {
        let mentions = &message.mentions;
        let mut called = Called {
            everyone: mentions.everyone,
            ..Called::default()
        };
        let ids = mentions
            .people
            .iter()
            .map(|person| person.dingtalk.as_str());
        let numbers = mentions
            .people
            .iter()
            .filter(|person| person.dingtalk.is_empty())
            .map(|person| person.phone.as_str());
        for id in self.user_ids.iter().map(String::as_str).chain(ids) {
            add(&mut called.user_ids, id);
        }
        for number in self.mobiles.iter().map(String::as_str).chain(numbers) {
            // Mainland numbers stand in DingTalk without their country.
            add(
                &mut called.mobiles,
                number.strip_prefix("+86").unwrap_or(number),
            );
        }
        called.user_ids.truncate(MOST_PEOPLE);
        called.mobiles.truncate(MOST_PEOPLE - called.user_ids.len());
        called
    }
}

fn add(list: &mut Vec<String>, name: &str) {
    if !name.is_empty() && !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

/// A link that may be followed, with something to show.
/// The page on which a reader answers, which a robot's card can only lead to.
fn answering(message: &Message) -> Option<Link> {
    let url = safe_url(&message.group.as_ref()?.acknowledge_url)?;
    let (_, text) = buttons(message).next()?;
    Some(Link {
        text: text.to_owned(),
        url,
    })
}

fn web(link: &Link) -> Option<Link> {
    let url = safe_url(&link.url)?;
    let text = crate::markup::one_line(&link.text);
    let text = if text.is_empty() { url.clone() } else { text };
    Some(Link { text, url })
}
