//! A heartbeat in words, as a document or a person writes it, and the rules that it keeps either way.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cron, Pace, Rhythm};
use crate::duration;
use crate::label::Labels;
use crate::wall::Zone;

/// Longest name, in characters; it stands in URLs.
pub const LONGEST_NAME: usize = 64;
/// Longest description, in characters.
pub const LONGEST_WORDS: usize = 2_000;
/// Severities that its alert may have, mildest first.
pub const SEVERITIES: [&str; 4] = ["info", "warning", "error", "critical"];
/// Periods and graces: shorter ones are a load, longer ones a mistake.
const SPANS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(24 * 366));
/// The usual grace.
const GRACE: Duration = Duration::from_mins(5);
/// Most labels besides its own, and the longest value of one, in characters.
const LABELS: (usize, usize) = (64, 1_000);
/// Labels that it has by itself.
const OWN: [&str; 3] = ["alertname", "heartbeat", "severity"];

/// What is asked of a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// How long after a success the next one is due, as in `5m`; this or `cron`.
    pub period: Option<String>,
    /// When it is due, as in `0 2 * * *`; this or `period`.
    pub cron: Option<String>,
    /// The IANA zone of `cron`; the server's without it.
    pub timezone: Option<String>,
    /// How long it may be late; five minutes without it.
    pub grace: Option<String>,
    /// How bad it is when it is missed, one of [`SEVERITIES`]; critical without it.
    pub severity: Option<String>,
    /// Further labels of its alert.
    pub labels: BTreeMap<String, String>,
    /// What it is about, for people; may be empty.
    pub description: String,
}

/// What a heartbeat comes to that keeps the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// When it is due and missed.
    pub pace: Pace,
    /// The labels of its alert, its own among them.
    pub labels: Labels,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field as [`Wanted`] names it; empty when it is none of them alone.
    pub field: &'static str,
    /// The label, where it is one of `labels`.
    pub label: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What would be right; may be empty.
    pub fix: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.field)?;
        if let Some(label) = &self.label {
            write!(f, ".{label}")?;
        }
        if !self.field.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.reason)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}

/// Whether a name can stand in a path as it is.
pub fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && name.bytes().all(plain)
}

impl Wanted {
    /// What it comes to, `zone` being the server's; or all that is wrong with it.
    pub fn agree(&self, zone: &str) -> Result<Agreed, Vec<Fault>> {
        let mut faults = Faults(Vec::new());
        if !is_plain(&self.name) {
            let fix = format!("use letters, digits, '-', '_' and '.', at most {LONGEST_NAME}");
            faults.add("name", "a heartbeat's name stands in URLs", fix);
        }
        let rhythm = self.rhythm(zone, &mut faults);
        let grace = match &self.grace {
            None => Some(GRACE),
            Some(text) => faults.span("grace", text),
        };
        let labels = self.alert_labels(&mut faults);
        if self.description.chars().count() > LONGEST_WORDS || self.description.contains('\0') {
            let reason =
                format!("a description has at most {LONGEST_WORDS} characters, and no NUL");
            faults.add("description", reason, "");
        }
        match (rhythm, grace, labels) {
            (Some(rhythm), Some(grace), Some(labels)) if faults.0.is_empty() => Ok(Agreed {
                pace: Pace { rhythm, grace },
                labels,
            }),
            _ => Err(faults.0),
        }
    }

    fn rhythm(&self, zone: &str, faults: &mut Faults) -> Option<Rhythm> {
        match (&self.period, &self.cron) {
            (Some(period), None) => faults.span("period", period).map(Rhythm::Every),
            (None, Some(cron)) => self.cron(cron, zone, faults),
            (period, _) => {
                let reason = match period {
                    Some(_) => "both a period and a cron expression",
                    None => "neither a period nor a cron expression",
                };
                let fix = "write one of period: 5m and cron: \"0 2 * * *\"";
                faults.add("", reason, fix);
                None
            }
        }
    }

    fn cron(&self, text: &str, zone: &str, faults: &mut Faults) -> Option<Rhythm> {
        let named = self.timezone.as_deref();
        let Ok(zone) = Zone::named(named.unwrap_or(zone)) else {
            let named = named.unwrap_or(zone);
            let reason = format!("{named:?} is not a time zone");
            faults.add("timezone", reason, "write one as Asia/Shanghai or UTC");
            return None;
        };
        match Cron::new(text, zone) {
            Ok(cron) => Some(Rhythm::Cron(Box::new(cron))),
            Err(error) => {
                let fix = "write minute, hour, day, month and weekday, as in \"0 2 * * *\"";
                faults.add("cron", format!("{text:?}: {error}"), fix);
                None
            }
        }
    }

    /// The alert's labels: those that are its own stand over what was asked for.
    fn alert_labels(&self, faults: &mut Faults) -> Option<Labels> {
        let (most, longest) = LABELS;
        if self.labels.len() > most {
            let reason = format!("{} labels are more than {most}", self.labels.len());
            faults.add("labels", reason, "");
        }
        for (name, value) in &self.labels {
            if OWN.contains(&name.as_str()) {
                let fix = match name.as_str() {
                    "severity" => "write severity beside labels",
                    _ => "leave it out",
                };
                let reason = format!("{name} is a label that a heartbeat has by itself");
                faults.add_label(name, reason, fix);
            } else if value.chars().count() > longest || name.chars().count() > longest {
                let reason = format!("a label has at most {longest} characters");
                faults.add_label(&name.chars().take(40).collect::<String>(), reason, "");
            }
        }
        let severity = self.severity.as_deref().unwrap_or("critical");
        if !SEVERITIES.contains(&severity) {
            let reason = format!("{severity:?} is no severity");
            faults.add(
                "severity",
                reason,
                format!("write {}", SEVERITIES.join(", ")),
            );
        }
        let pairs = self.labels.iter().map(|(name, value)| (&**name, &**value));
        let asked = Labels::from_pairs(pairs);
        let own = Labels::from_pairs([
            ("alertname", "HeartbeatMissed"),
            ("heartbeat", self.name.as_str()),
            ("severity", severity),
        ]);
        match (asked, own) {
            (Ok(asked), Ok(own)) => Some(asked.overlaid(&own)),
            // What is wrong with a name or a severity was said.
            (Ok(_), Err(_)) => None,
            (Err(error), _) => {
                faults.add("labels", error.to_string(), "");
                None
            }
        }
    }
}

/// What is wrong so far.
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, field: &'static str, reason: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Fault {
            field,
            label: None,
            reason: reason.into(),
            fix: fix.into(),
        });
    }

    fn add_label(&mut self, label: &str, reason: String, fix: &str) {
        self.0.push(Fault {
            field: "labels",
            label: Some(label.to_owned()),
            reason,
            fix: fix.to_owned(),
        });
    }

    fn span(&mut self, field: &'static str, text: &str) -> Option<Duration> {
        let given = match duration::parse(text) {
            Ok(given) => given,
            Err(error) => {
                self.add(field, error.to_string(), "");
                return None;
            }
        };
        let (least, most) = SPANS;
        if (least..=most).contains(&given) {
            return Some(given);
        }
        let [given, least, most] = [given, least, most].map(duration::format);
        self.add(
            field,
            format!("{given} is not within {least} to {most}"),
            "",
        );
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(name: &str) -> Wanted {
        Wanted {
            name: name.to_owned(),
            period: Some("5m".to_owned()),
            ..Wanted::default()
        }
    }

    fn faults(wanted: &Wanted) -> String {
        let faults = wanted.agree("Asia/Shanghai").expect_err("it breaks a rule");
        let lines = faults.iter().map(ToString::to_string);
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_left_out_has_its_usual_value_and_its_own_labels_stand_over_others() {
        let asked = Wanted {
            labels: BTreeMap::from([("team".to_owned(), "db".to_owned())]),
            ..wanted("backup")
        };
        let agreed = asked.agree("Asia/Shanghai").expect("good");
        assert_eq!(agreed.pace.grace, Duration::from_mins(5));
        assert_eq!(
            agreed.labels.to_string(),
            r#"{alertname="HeartbeatMissed", heartbeat="backup", severity="critical", team="db"}"#
        );
        let daily = Wanted {
            period: None,
            cron: Some("0 2 * * *".to_owned()),
            ..asked
        };
        let agreed = daily.agree("Asia/Shanghai").expect("good");
        assert_eq!(agreed.pace.rhythm.to_string(), "0 2 * * * Asia/Shanghai");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_by_field() {
        let asked = Wanted {
            cron: Some("0 2 * * *".to_owned()),
            grace: Some("soon".to_owned()),
            severity: Some("page".to_owned()),
            labels: BTreeMap::from([("heartbeat".to_owned(), "x".to_owned())]),
            description: "x".repeat(2_001),
            ..wanted("a/b")
        };
        let expected = [
            "name: a heartbeat's name stands in URLs; use letters, digits, '-', '_' and '.', at most 64",
            "both a period and a cron expression; write one of period: 5m and cron: \"0 2 * * *\"",
            "grace: not a valid duration string: \"soon\"; write 30s, 5m or 1h30m",
            "labels.heartbeat: heartbeat is a label that a heartbeat has by itself; leave it out",
            "severity: \"page\" is no severity; write info, warning, error, critical",
            "description: a description has at most 2000 characters, and no NUL",
        ];
        assert_eq!(faults(&asked), expected.join("\n"));
        let asked = Wanted {
            period: None,
            cron: Some("0 2 * *".to_owned()),
            timezone: Some("Asia/Shanhai".to_owned()),
            ..wanted("a")
        };
        assert!(
            faults(&asked).starts_with("timezone: "),
            "{}",
            faults(&asked)
        );
    }

    proptest! {
        #[test]
        fn what_keeps_the_rules_has_a_pace_and_survives_being_kept(
            name in "[a-zA-Z0-9_-]{1,64}", period in 1_u32..31_622_400, grace in 1_u32..31_622_400,
            value in any::<String>(), description in any::<String>(),
        ) {
            let asked = Wanted {
                period: Some(format!("{period}s")),
                grace: Some(format!("{grace}s")),
                labels: BTreeMap::from([("n".to_owned(), value)]),
                description,
                ..wanted(&name)
            };
            let kept: Wanted = serde_json::from_str(&serde_json::to_string(&asked).expect("JSON")).expect("read");
            prop_assert_eq!(&kept, &asked);
            match asked.agree("UTC") {
                Ok(agreed) => prop_assert_eq!(agreed.labels.get("heartbeat"), Some(name.as_str())),
                Err(faults) => {
                    let nul = |text: &str| text.contains('\0');
                    prop_assert!(nul(&asked.labels["n"]) || nul(&asked.description), "{:?}", faults);
                }
            }
        }
    }
}
