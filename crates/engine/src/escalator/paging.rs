//! From what an escalation asks for to notifications.

use std::sync::Arc;

use balefire_config::plan::{Person, Reader};
use balefire_core::escalation::{Action, At, WhyExhausted, WhyPassed};
use balefire_core::incident::{EntryKind, Incident};
use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;
use balefire_store::{Notification, Page, PageOutcome, StoreError, paged};
use balefire_template::compose::{self, PageAnswers};

use super::turn::Turn;
use crate::delivery::content::Content;
use crate::delivery::rows::{Draft, Way, rows, rows_of};
use crate::meta::Trouble;

/// A contact that could not be made: the incident, whom, by what.
type Failed = (u64, Arc<str>, Arc<str>);

/// A page that an escalation asks for.
struct Wanted {
    person: Arc<str>,
    by: Vec<Arc<str>>,
    incidents: Vec<u64>,
    /// For each of the incidents.
    ats: Vec<At>,
}

pub(crate) fn reader(reader: &Reader) -> compose::Reader {
    compose::Reader {
        locale: reader.locale,
        zone: reader.zone.clone(),
    }
}

/// A step as people read it.
pub(super) fn step_text(at: &At) -> String {
    let round = match at.round {
        0 => String::new(),
        round => format!(", round {}", round + 1),
    };
    format!("{} step {}{round}", at.policy, at.step + 1)
}

/// The step, from 1, of this policy's first round that such a text tells of.
pub(crate) fn step_in(text: &str, policy: &str) -> Option<usize> {
    let (before, rest) = text.rsplit_once(&format!("{policy} step "))?;
    // The name of another policy may end in this one's.
    if !(before.is_empty() || before.ends_with('(')) {
        return None;
    }
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
    number
        .parse()
        .ok()
        .filter(|_| !after.starts_with(", round"))
}

impl Turn<'_> {
    /// Does what escalations ask for; the contacts that cannot be made are the answer.
    pub(super) async fn act(&mut self, actions: Vec<Action>) -> Result<Vec<Failed>, StoreError> {
        let mut failed = Vec::new();
        for action in actions {
            match action {
                Action::Page {
                    person,
                    by,
                    incidents,
                    ats,
                } => {
                    let wanted = Wanted {
                        person,
                        by,
                        incidents,
                        ats,
                    };
                    self.page(&wanted, &mut failed).await?;
                }
                Action::Held {
                    person,
                    incident,
                    until,
                    at,
                } => self.hold_page(&person, incident, until, &at),
                Action::Tell {
                    receiver,
                    incident,
                    at,
                } => self.tell(&receiver, incident, &at).await?,
                Action::Taken { incident, at } => {
                    let text = step_text(&at);
                    self.note(incident, EntryKind::StepTaken, &at.policy, &text);
                }
                Action::Passed { incident, at, why } => self.pass(incident, &at, why),
                Action::Exhausted { incident, why } => self.exhaust(incident, why).await?,
            }
        }
        Ok(failed)
    }

    async fn page(&mut self, wanted: &Wanted, failed: &mut Vec<Failed>) -> Result<(), StoreError> {
        let mut incidents: Vec<Incident> = Vec::new();
        for id in &wanted.incidents {
            incidents.extend(self.incident(*id).await?);
        }
        let plan = Arc::clone(&self.plan);
        let person = plan.people.get(&*wanted.person);
        for way in &wanted.by {
            let made = match person {
                None => Err("nobody is known by that key any more".to_owned()),
                Some(person) => {
                    let answers = self.answers(person, way, &incidents).await?;
                    self.rows_by(person, way, &incidents, &answers)
                }
            };
            match made {
                Ok(made) => {
                    self.add_pages(wanted, way, made);
                    self.doubt(wanted, way);
                }
                Err(why) => {
                    let text = format!("{}: {way} – {why}", wanted.person);
                    for (id, at) in wanted.incidents.iter().zip(&wanted.ats) {
                        self.note(*id, EntryKind::PageFailed, &at.policy, &text);
                        failed.push((*id, Arc::clone(&wanted.person), Arc::clone(way)));
                    }
                    let text = format!("{} cannot be paged by {way}: {why}", wanted.person);
                    self.findings
                        .push((Trouble::Escalation, wanted.person.to_string(), text));
                }
            }
        }
        Ok(())
    }

    /// Says of a page that nobody has verified its way, or that others were passed over for that; once for a person and an
    /// incident in a turn.
    fn doubt(&mut self, wanted: &Wanted, way: &Arc<str>) {
        let person = &wanted.person;
        let passed_over = self.unverified.passed_over(person);
        let words = if self.unverified.is(person, way) {
            format!("{person}: {way} was used, and nobody has verified that it reaches them")
        } else if passed_over.is_empty() {
            return;
        } else {
            let ways = passed_over.join(", ");
            format!("{person}: {ways} was passed over, as nobody has verified it; {way} was used")
        };
        for (incident, at) in wanted.incidents.iter().zip(&wanted.ats) {
            if self.doubted.insert((*incident, Arc::clone(person))) {
                self.note(*incident, EntryKind::WayUnverified, &at.policy, &words);
            }
        }
        if passed_over.is_empty() {
            let text = format!("{words}: balefire people verify {person} {way}");
            self.findings
                .push((Trouble::People, person.to_string(), text));
        }
    }

    fn add_pages(&mut self, wanted: &Wanted, way: &Arc<str>, made: Vec<Notification>) {
        let digest = match wanted.incidents.len().saturating_sub(1) {
            0 => String::new(),
            1 => ", told in a digest with 1 other".to_owned(),
            others => format!(", told in a digest with {others} others"),
        };
        for row in made {
            let nth = self.rows.len();
            self.paging.push(nth);
            self.rows.push(row);
            for incident in &wanted.incidents {
                let page = Page {
                    incident: *incident,
                    seq: 0,
                    person: Arc::clone(&wanted.person),
                    way: Arc::clone(way),
                    at: self.now,
                    outcome: PageOutcome::Waiting,
                };
                self.facts.push(paged(&page, nth));
            }
        }
        for (incident, at) in wanted.incidents.iter().zip(&wanted.ats) {
            let text = format!("{}: {way} ({}){digest}", wanted.person, step_text(at));
            self.note(*incident, EntryKind::Paged, &at.policy, &text);
        }
    }

    /// The notifications of a page by one way, or why there are none.
    fn rows_by(
        &self,
        person: &Person,
        way: &str,
        incidents: &[Incident],
        answers: &PageAnswers,
    ) -> Result<Vec<Notification>, String> {
        let url = &self.plan.server.external_url;
        let message = compose::compose_page(incidents, answers, url, &reader(&person.reader));
        let ids: Vec<u64> = incidents.iter().map(|incident| incident.id).collect();
        let key: Arc<str> = person.key.as_str().into();
        let own = person.ways.get(way).ok_or("they have no such way")?;
        let content = Content::page(&message, &own.options, (&key, &ids));
        self.rows_through(person, way, &content, message.severity)
    }

    /// The notifications of a ready content by one way of a person.
    pub(super) fn rows_through(
        &self,
        person: &Person,
        way: &str,
        content: &Content,
        severity: Severity,
    ) -> Result<Vec<Notification>, String> {
        let own = person.ways.get(way).ok_or("they have no such way")?;
        let account = self.plan.accounts.get(&*own.account);
        let account = account.ok_or_else(|| format!("no account is named {:?}", own.account))?;
        let channel = (account.open)(&own.options).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            problems.join("; ")
        })?;
        let none: Arc<str> = Arc::from("");
        let through = Way {
            receiver: &none,
            integration: &none,
            lane: &account.name,
        };
        // The next contact and the next step are what a page falls back to, so it is not tried for an hour.
        let draft = self.draft(severity, true);
        let made = rows(self.shared, &through, channel.targets(), content, &draft);
        if made.is_empty() {
            return Err("it names nobody".to_owned());
        }
        Ok(made)
    }

    fn draft(&self, severity: Severity, has_fallback: bool) -> Draft {
        Draft {
            group: 0,
            ordinal: self.shared.ordinal(),
            occasion: Occasion::Direct,
            severity,
            now: self.now,
            deliver_within: None,
            has_fallback,
            fallback_of: None,
        }
    }

    /// Tells a receiver of an incident.
    async fn tell(&mut self, name: &str, incident: u64, at: &At) -> Result<(), StoreError> {
        let Some(about) = self.incident(incident).await? else {
            return Ok(());
        };
        let plan = Arc::clone(&self.plan);
        let receiver = plan.receivers.iter().find(|r| &*r.name == name);
        let words = receiver.map_or(&plan.server.reader, |receiver| &receiver.reader);
        let url = &plan.server.external_url;
        let message = compose::compose_page(
            std::slice::from_ref(&about),
            &PageAnswers::default(),
            url,
            &reader(words),
        );
        let told = self.tell_receiver(name, &message);
        let text = format!("{name} ({})", step_text(at));
        self.note(incident, EntryKind::Told, &at.policy, &text);
        if told == 0 {
            let text = format!(
                "{} tells the receiver {name:?}, which has no way out",
                at.policy
            );
            self.findings
                .push((Trouble::Escalation, at.policy.to_string(), text));
        }
        Ok(())
    }

    /// Makes the notifications of a receiver; how many there are.
    fn tell_receiver(&mut self, name: &str, message: &Message) -> usize {
        let plan = Arc::clone(&self.plan);
        let Some(receiver) = plan.receivers.iter().find(|r| &*r.name == name) else {
            return 0;
        };
        let draft = Draft {
            occasion: message.occasion,
            deliver_within: receiver.deliver_within,
            ..self.draft(message.severity, receiver.fallback.is_some())
        };
        let content = Content::fixed(message);
        let before = self.rows.len();
        for entry in &receiver.integrations {
            let made = rows_of(self.shared, receiver, entry, &content, &draft);
            self.rows.extend(made);
        }
        self.rows.len() - before
    }

    fn pass(&mut self, incident: u64, at: &At, why: WhyPassed) {
        let words = match why {
            WhyPassed::Condition => "its condition does not hold",
            WhyPassed::NobodyThere => "nobody is on call, or in the team",
            WhyPassed::AllAcknowledged => "its people have acknowledged",
            WhyPassed::NobodyReachable => "nobody of it can be reached that way",
        };
        let text = format!("{}: {words}", step_text(at));
        self.note(incident, EntryKind::StepPassed, &at.policy, &text);
        if matches!(why, WhyPassed::NobodyThere | WhyPassed::NobodyReachable) {
            let text = format!("incident {incident}: {text}; the next step was taken at once");
            let subject = format!("{} step {}", at.policy, at.step + 1);
            self.findings.push((Trouble::Escalation, subject, text));
        }
    }

    /// Nobody is left: those who run Balefire hear of it in the same decision, so that no crash keeps it from them.
    async fn exhaust(&mut self, incident: u64, why: WhyExhausted) -> Result<(), StoreError> {
        let words = match why {
            WhyExhausted::NotAnswered => "nobody has answered, and nobody is left to be paged",
            WhyExhausted::NobodyToTell => "there was nobody to page",
            WhyExhausted::PolicyGone => "its escalation is gone from the configuration",
        };
        let policy = self.all.get(incident).map(|e| Arc::clone(e.home()));
        let policy = policy.unwrap_or_else(|| "escalation".into());
        self.note(incident, EntryKind::EscalationExhausted, &policy, words);
        let title = self.incident(incident).await?.map(|about| about.title);
        let title = title.unwrap_or_default();
        let text = format!("incident {incident} ({title}): {words}");
        tracing::warn!(incident, policy = &*policy, "{words}");
        let plan = Arc::clone(&self.plan);
        if let Some(receiver) = &plan.meta.receiver {
            let words = reader(&plan.server.reader);
            let severity = Severity::Critical;
            let message = compose::compose_meta("escalation", &policy, &text, severity, &words);
            self.tell_receiver(receiver, &message);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_in_a_text_of_the_timeline_is_found_again() {
        let at = |round, step| At {
            policy: "ops".into(),
            round,
            step,
        };
        let paged = format!("ada: wecom ({})", step_text(&at(0, 11)));
        assert_eq!(step_in(&paged, "ops"), Some(12));
        let passed = format!("{}: nobody is on call", step_text(&at(0, 0)));
        assert_eq!(step_in(&passed, "ops"), Some(1));
        assert_eq!(step_in(&step_text(&at(1, 0)), "ops"), None, "a later round");
        assert_eq!(step_in(&paged, "dba"), None);
        assert_eq!(step_in(&paged, "s"), None, "the end of a name");
        assert_eq!(step_in("", "ops"), None);
    }
}
