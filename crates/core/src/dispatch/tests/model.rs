//! A second dispatcher, slow and plain: lists instead of indices, and a clock that counts every
//! second. In `strict` mode it is Alertmanager as written, without our deviations.

use super::{INTERVAL, REPEAT, WAIT};

/// A moment in microseconds.
pub(super) type Micros = i64;
pub(super) const SECOND: Micros = 1_000_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) name: char,
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) timeout: bool,
}

#[derive(Clone, Debug)]
struct Known {
    sent: Sent,
    /// The episode: the start it was first seen with.
    since: Micros,
}

#[derive(Clone, Debug)]
struct Group {
    key: char,
    next: Micros,
    flushed: bool,
    /// Alertmanager keeps one state per alert, whatever its episode.
    members: Vec<(char, Micros)>,
}

/// What an integration was told last of a group.
#[derive(Clone, Debug)]
struct Entry {
    group: char,
    integration: &'static str,
    at: Micros,
    firing: Vec<(char, Micros)>,
    resolved: Vec<(char, Micros)>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    strict: bool,
    known: Vec<Known>,
    groups: Vec<Group>,
    log: Vec<Entry>,
    /// Name, start, end.
    pub(super) silences: Vec<(char, Micros, Micros)>,
    integrations: Vec<(&'static str, bool)>,
    pub(super) heard: Vec<(i64, String)>,
}

/// The group of an alert.
pub(super) fn group_of(name: char) -> char {
    if name < 'c' { 'g' } else { 'h' }
}

impl Model {
    pub(super) fn new(strict: bool, integrations: &[(&'static str, bool)]) -> Self {
        Self {
            strict,
            known: Vec::new(),
            groups: Vec::new(),
            log: Vec::new(),
            silences: Vec::new(),
            integrations: integrations.to_vec(),
            heard: Vec::new(),
        }
    }

    fn find(&self, name: char) -> Option<&Known> {
        self.known.iter().find(|known| known.sent.name == name)
    }

    /// What is known of an alert, unless it ended long ago and is in no group.
    fn remembered(&self, name: char, now: Micros) -> Option<Known> {
        let in_group = self
            .groups
            .iter()
            .any(|g| g.members.iter().any(|m| m.0 == name));
        let recent = |known: &&Known| in_group || known.sent.end.saturating_add(900 * SECOND) > now;
        self.find(name).filter(recent).cloned()
    }

    pub(super) fn refresh(&mut self, name: char, end: Micros, now: Micros) {
        if let Some(known) = self.remembered(name, now) {
            self.post(
                &Sent {
                    end,
                    timeout: true,
                    ..known.sent
                },
                now,
            );
        }
    }

    pub(super) fn post(&mut self, sent: &Sent, now: Micros) {
        let name = sent.name;
        let fires = sent.end > now;
        let mut since = sent.start;
        let mut stands = sent.clone();
        if let Some(old) = self.remembered(name, now) {
            let was_over = old.sent.end <= now;
            if !self.strict && fires && was_over && sent.start >= old.sent.end {
                since = since.max(old.since + 1);
            } else {
                since = old.since;
                stands = merge(&old.sent, sent, now);
            }
        }
        self.known.retain(|known| known.sent.name != name);
        self.known.push(Known {
            sent: stands.clone(),
            since,
        });
        if self.strict || stands.end > now {
            self.join(&stands, since, now);
        }
    }

    fn join(&mut self, sent: &Sent, since: Micros, now: Micros) {
        let key = group_of(sent.name);
        if !self.groups.iter().any(|group| group.key == key) {
            let next = now + WAIT * SECOND;
            self.groups.push(Group {
                key,
                next,
                flushed: false,
                members: Vec::new(),
            });
        }
        let group = self
            .groups
            .iter_mut()
            .find(|group| group.key == key)
            .expect("just made");
        group.members.retain(|member| member.0 != sent.name);
        group.members.push((sent.name, since));
        if !group.flushed && sent.start + WAIT * SECOND < now {
            group.next = group.next.min(now);
        }
    }

    /// Looks at every group whose time has come.
    pub(super) fn flush_due(&mut self, now: Micros) {
        let mut due: Vec<(Micros, char)> = self
            .groups
            .iter()
            .filter(|g| g.next <= now)
            .map(|g| (g.next, g.key))
            .collect();
        due.sort_unstable();
        for (_, key) in due {
            self.flush(key, now);
        }
    }

    fn flush(&mut self, key: char, now: Micros) {
        let place = self
            .groups
            .iter()
            .position(|group| group.key == key)
            .expect("due");
        self.groups[place].next = now + INTERVAL * SECOND;
        self.groups[place].flushed = true;
        let members = self.groups[place].members.clone();
        let passed: Vec<Known> = members
            .iter()
            .map(|(name, _)| self.find(*name).expect("known").clone())
            .filter(|known| !self.quiet(known.sent.name, now))
            .collect();
        let (firing, resolved): (Vec<Known>, Vec<Known>) =
            passed.into_iter().partition(|known| known.sent.end > now);
        for (integration, send_resolved) in self.integrations.clone() {
            if firing.is_empty() && resolved.is_empty() {
                continue;
            }
            if self.strict {
                self.tell_strictly(key, integration, send_resolved, (&firing, &resolved), now);
            } else {
                self.tell(key, integration, send_resolved, (&firing, &resolved), now);
            }
        }
        let over: Vec<char> = members
            .iter()
            .map(|member| member.0)
            .filter(|name| self.find(*name).is_none_or(|known| known.sent.end <= now))
            .collect();
        let group = &mut self.groups[place];
        group.members.retain(|member| !over.contains(&member.0));
        if !self.strict && !over.is_empty() {
            let members = group.members.clone();
            for entry in self.log.iter_mut().filter(|entry| entry.group == key) {
                entry.firing.retain(|told| members.contains(told));
            }
            self.log
                .retain(|entry| entry.group != key || !entry.firing.is_empty());
        }
        if group.members.is_empty() {
            self.groups.remove(place);
        }
    }

    fn quiet(&self, name: char, at: Micros) -> bool {
        let silenced = |(who, from, until): &(char, Micros, Micros)| {
            *who == name && *from <= at && at < *until
        };
        let inhibited = name == 'b' && self.find('a').is_some_and(|a| a.sent.end > at);
        inhibited || self.silences.iter().any(silenced)
    }

    fn entry(&self, group: char, integration: &str, now: Micros) -> Option<Entry> {
        let entry = self
            .log
            .iter()
            .find(|e| e.group == group && e.integration == integration);
        entry
            .filter(|entry| entry.at + 2 * REPEAT * SECOND > now)
            .cloned()
    }

    /// Alertmanager's `needsUpdate`, line by line.
    fn tell_strictly(
        &mut self,
        key: char,
        integration: &'static str,
        send_resolved: bool,
        (firing, resolved): (&[Known], &[Known]),
        now: Micros,
    ) {
        let names = |list: &[Known]| -> Vec<(char, Micros)> {
            list.iter().map(|known| (known.sent.name, 0)).collect()
        };
        let (fires, over) = (names(firing), names(resolved));
        let why = match self.entry(key, integration, now) {
            None if fires.is_empty() => return,
            None => "first notification",
            Some(entry) if !fires.iter().all(|name| entry.firing.contains(name)) => {
                if entry.firing.is_empty() {
                    "first notification"
                } else {
                    "new alerts added"
                }
            }
            Some(entry) if fires.is_empty() => {
                if entry.firing.is_empty() {
                    return;
                }
                "all alerts resolved"
            }
            Some(entry)
                if send_resolved && !over.iter().all(|name| entry.resolved.contains(name)) =>
            {
                "some alerts resolved"
            }
            Some(entry) if entry.at < now - REPEAT * SECOND => "repeat interval elapsed",
            Some(_) => return,
        };
        self.write(key, integration, now, fires.clone(), over);
        let ends = if send_resolved { resolved } else { &[] };
        if !(fires.is_empty() && ends.is_empty()) {
            self.say(now, integration, why, firing, &[ends, &[]]);
        }
    }

    fn tell(
        &mut self,
        key: char,
        integration: &'static str,
        send_resolved: bool,
        (firing, resolved): (&[Known], &[Known]),
        now: Micros,
    ) {
        let entry = self.entry(key, integration, now);
        let heard = |known: &Known| {
            let episode = (known.sent.name, known.since);
            entry
                .as_ref()
                .is_some_and(|entry| entry.firing.contains(&episode))
        };
        let knows = entry.as_ref().is_some_and(|entry| !entry.firing.is_empty());
        let last_moment = |known: &Known| (known.sent.end - 1).max(known.sent.start);
        let (ends, unheard): (Vec<Known>, Vec<Known>) =
            resolved.iter().cloned().partition(|known| heard(known));
        let ends: Vec<Known> = ends.into_iter().filter(|_| send_resolved).collect();
        let missed: Vec<Known> = unheard
            .into_iter()
            .filter(|known| !self.quiet(known.sent.name, last_moment(known)))
            .collect();
        let over = !ends.is_empty() || !missed.is_empty();
        let news = firing.iter().any(|known| !heard(known));
        let repeat = entry
            .as_ref()
            .is_some_and(|entry| entry.at < now - REPEAT * SECOND);
        let why = match (news, over, firing.is_empty()) {
            (true, _, _) | (false, true, true) if !knows => "first notification",
            (true, _, _) => "new alerts added",
            (false, true, true) => "all alerts resolved",
            (false, true, false) => "some alerts resolved",
            (false, false, false) if repeat => "repeat interval elapsed",
            _ => return,
        };
        let episodes = firing
            .iter()
            .map(|known| (known.sent.name, known.since))
            .collect();
        self.write(key, integration, now, episodes, Vec::new());
        self.say(now, integration, why, firing, &[&ends, &missed]);
    }

    fn write(
        &mut self,
        group: char,
        integration: &'static str,
        at: Micros,
        firing: Vec<(char, Micros)>,
        resolved: Vec<(char, Micros)>,
    ) {
        self.log
            .retain(|entry| entry.group != group || entry.integration != integration);
        self.log.push(Entry {
            group,
            integration,
            at,
            firing,
            resolved,
        });
    }

    fn say(
        &mut self,
        now: Micros,
        integration: &str,
        why: &str,
        firing: &[Known],
        over: &[&[Known]; 2],
    ) {
        let strict = self.strict;
        let words = move |list: &[Known], word: &str| -> Vec<String> {
            let since = |known: &Known| {
                if strict {
                    known.sent.start
                } else {
                    known.since
                }
            };
            list.iter()
                .map(|known| {
                    format!(
                        "{}@{} {word}",
                        known.sent.name,
                        since(known).div_euclid(SECOND)
                    )
                })
                .collect()
        };
        let mut told = words(firing, "firing");
        told.extend(words(over[0], "resolved"));
        told.extend(words(over[1], "missed"));
        told.sort_unstable();
        self.heard.push((
            now / SECOND,
            format!("{integration} {why}: {}", told.join(", ")),
        ));
    }
}

/// Alertmanager's merge of two reports of one alert.
fn merge(old: &Sent, new: &Sent, now: Micros) -> Sent {
    let inside = |moment: Micros| moment > old.start && moment < old.end;
    if !inside(new.end) && !inside(new.start) {
        return new.clone();
    }
    let mut merged = Sent {
        start: old.start.min(new.start),
        ..new.clone()
    };
    if new.end <= now {
        if old.end <= now {
            merged.end = new.end.max(old.end);
        }
    } else if old.end > new.end && !old.timeout {
        merged.end = old.end;
    }
    merged
}
