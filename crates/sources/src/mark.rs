//! What a title written for people says of its alert: `[FIRING:2] DiskFull`, `RESOLVED: DiskFull`, `【恢复】磁盘`.

use crate::generic::State;

/// A title, read.
#[derive(Debug, PartialEq)]
pub(crate) struct Marked<'a> {
    /// Whether it says that something is on or over.
    pub(crate) state: Option<State>,
    /// The title without that mark; with neither of them two reports of one alert would differ.
    pub(crate) title: &'a str,
}

/// Reads a title. Only a word in brackets, or one of few before a colon, is a mark: all others are words.
pub(crate) fn read(title: &str) -> Marked<'_> {
    let plain = title.trim();
    let inner = plain.trim_start_matches(|c: char| !c.is_alphanumeric() && !"[【(（".contains(c));
    let marked = bracketed(inner).or_else(|| headed(inner));
    match marked {
        Some((state, rest)) if !rest.is_empty() => Marked {
            state: Some(state),
            title: rest,
        },
        _ => Marked {
            state: None,
            title: plain,
        },
    }
}

/// `[FIRING:2] …`
fn bracketed(text: &str) -> Option<(State, &str)> {
    let (open, close) = [('[', ']'), ('【', '】'), ('(', ')'), ('（', '）')]
        .into_iter()
        .find(|(open, _)| text.starts_with(*open))?;
    let (word, rest) = text[open.len_utf8()..].split_once(close)?;
    let word = word.split([':', '：']).next()?.trim().to_lowercase();
    let state = match word.as_str() {
        "ok" | "up" | "closed" | "normal" => State::Resolved,
        "down" | "open" | "alert" | "alarm" => State::Firing,
        word => strong(word)?,
    };
    Some((state, rest.trim_start_matches([' ', ':', '-', '：']).trim()))
}

/// `RESOLVED: …`
fn headed(text: &str) -> Option<(State, &str)> {
    let (word, rest) = text.split_once([':', '：'])?;
    let state = strong(&word.trim().to_lowercase())?;
    Some((state, rest.trim()))
}

/// Words that are nothing else but a mark.
fn strong(word: &str) -> Option<State> {
    Some(match word {
        "firing" | "alerting" | "problem" | "triggered" | "告警" | "报警" | "故障" => {
            State::Firing
        }
        "resolved" | "recovered" | "recovery" | "恢复" | "已恢复" | "告警恢复" => {
            State::Resolved
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_on_or_over_and_is_no_part_of_the_title() {
        for (title, state, rest) in [
            ("[FIRING:2] DiskFull", Some(State::Firing), "DiskFull"),
            ("[RESOLVED] DiskFull", Some(State::Resolved), "DiskFull"),
            ("✅ [OK] CPU", Some(State::Resolved), "CPU"),
            ("[Alerting] - CPU", Some(State::Firing), "CPU"),
            ("🔥 PROBLEM: ping", Some(State::Firing), "ping"),
            ("Recovered: ping: slow", Some(State::Resolved), "ping: slow"),
            ("【告警】磁盘已满", Some(State::Firing), "磁盘已满"),
            ("【恢复】磁盘已满", Some(State::Resolved), "磁盘已满"),
            ("✅ Backup done", None, "✅ Backup done"),
            ("[db-1] disk full", None, "[db-1] disk full"),
            ("[CRITICAL] disk full", None, "[CRITICAL] disk full"),
            ("open: the door", None, "open: the door"),
            ("[FIRING:1]", None, "[FIRING:1]"),
            ("[", None, "["),
            ("", None, ""),
        ] {
            assert_eq!(read(title), Marked { state, title: rest }, "{title}");
        }
    }
}
