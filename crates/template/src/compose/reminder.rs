//! Reminders: what expires, and in how many days.

use balefire_core::message::{Block, Message, Occasion};
use balefire_core::reminder::Reminder;
use balefire_core::severity::Severity;

use super::Reader;
use super::notice::{TITLE, notice};
use crate::clean::{one_line, running_text};

/// Longest content, in characters: all that a reminder may have.
const CONTENT: usize = 2_000;

/// A reminder as it is told, `days_left` days before its date; negative after it.
pub fn compose_reminder(reminder: &Reminder, days_left: i64, reader: &Reader) -> Message {
    words(reminder, days_left, reader, Occasion::Direct)
}

/// The same, to see whether and how it arrives.
pub fn compose_reminder_test(reminder: &Reminder, days_left: i64, reader: &Reader) -> Message {
    words(reminder, days_left, reader, Occasion::Test)
}

fn words(reminder: &Reminder, days_left: i64, reader: &Reader, occasion: Occasion) -> Message {
    let name = one_line(&reminder.name, TITLE);
    let named = |key: &str, days: u64| {
        reader.text(
            key,
            &[("name", name.as_str().into()), ("days", days.into())],
        )
    };
    let line = match days_left {
        0 => named("reminder-today", 0),
        1.. => named("reminder-left", days_left.unsigned_abs()),
        _ => named("reminder-over", days_left.unsigned_abs()),
    };
    let tag = if occasion == Occasion::Test {
        reader.word("reminder-test-tag")
    } else {
        reader.word("reminder-tag")
    };
    let tag = reader.text("title-tag", &[("words", tag.into())]);
    let severity = if days_left > 0 {
        Severity::Info
    } else {
        Severity::Warning
    };
    let content = running_text(&reminder.content, CONTENT);
    let mut facts = vec![(reader.word("reminder-name"), name)];
    if !content.is_empty() {
        facts.push((reader.word("reminder-content"), content));
    }
    let expires = reader.time(reminder.expires_at);
    facts.push((reader.word("reminder-expires"), expires));
    let title = one_line(&format!("{tag} {line}"), TITLE);
    let mut message = notice(occasion, severity, title, vec![Block::Facts(facts)], reader);
    message.thread = format!("reminder-{}", reminder.id);
    message
}

#[cfg(test)]
mod tests {
    use balefire_core::message::Locale;
    use balefire_core::time::Time;

    use super::*;

    fn title(days_left: i64, locale: Locale) -> String {
        let reader = Reader {
            locale,
            zone: "Asia/Shanghai".to_owned(),
        };
        compose_reminder(&sample(), days_left, &reader).title
    }

    fn sample() -> Reminder {
        Reminder {
            id: 7,
            name: "SSL 证书".to_owned(),
            content: "<b>www</b>\nexample.com".to_owned(),
            email: "ops@example.com".to_owned(),
            ways: Vec::new(),
            owner: None,
            advance_days: 7,
            expires_at: Time::from_secs(1_795_342_445),
            handled: None,
            created_at: Time::EPOCH,
            changed_at: Time::EPOCH,
        }
    }

    #[test]
    fn the_title_says_how_many_days_are_left() {
        assert_eq!(title(7, Locale::ZhCn), "[提醒] SSL 证书 还有 7 天到期");
        assert_eq!(title(0, Locale::ZhCn), "[提醒] SSL 证书 今天到期");
        assert_eq!(title(-2, Locale::ZhCn), "[提醒] SSL 证书 已过期 2 天");
        assert_eq!(
            title(7, Locale::En),
            "[Reminder] SSL 证书 expires in 7 days"
        );
        assert_eq!(title(1, Locale::En), "[Reminder] SSL 证书 expires in 1 day");
        assert_eq!(title(0, Locale::En), "[Reminder] SSL 证书 expires today");
        assert_eq!(
            title(-1, Locale::En),
            "[Reminder] SSL 证书 expired 1 day ago"
        );
    }

    #[test]
    fn what_it_is_about_stands_below_as_it_was_written() {
        let reader = Reader {
            locale: Locale::ZhCn,
            zone: "Asia/Shanghai".to_owned(),
        };
        let message = compose_reminder_test(&sample(), 3, &reader);
        assert_eq!(message.occasion, Occasion::Test);
        assert_eq!(message.title, "[提醒测试] SSL 证书 还有 3 天到期");
        let facts = [
            ("事件名称", "SSL 证书"),
            ("事件内容", "<b>www</b>\nexample.com"),
            ("过期时间", "2026-11-22 18:14:05 UTC+8"),
        ];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(message.body, [Block::Facts(facts.to_vec())]);
    }
}
