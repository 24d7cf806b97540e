//! Parts that people play in an incident: who commands, who writes down what happens, who tells the others.
//!
//! A role is a name, and one person at most has it at a time. Three are known everywhere; an organisation may use others.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::check::{MAX_NAME, MAX_TEXT, check_text, check_words};
use super::{Entry, EntryKind, FieldChange, Incident, Refused};
use crate::time::Time;

/// Longest name of a role, in characters.
pub const MAX_ROLE: usize = 40;
/// Most roles of one incident that somebody has.
pub const MAX_ROLES: usize = 20;

/// What stands before the role's name where the timeline tells of it as a fact.
const FACT: &str = "role:";

/// The roles that are known everywhere, by the words they may be called by; the first is their name.
const KNOWN: [&[&str]; 3] = [
    &["commander", "指挥"],
    &["scribe", "记录"],
    &["communications", "comms", "沟通"],
];

/// A role's name: one of the known ones, or one of an organisation's own, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(String);

impl Role {
    /// The role of that name, in any case; the known ones by their Chinese names, too.
    pub fn of(name: &str) -> Result<Self, Refused> {
        let name = name.trim().to_lowercase();
        check_words("role", &name, MAX_ROLE)?;
        if name
            .chars()
            .any(|c| c.is_control() || matches!(c, ':' | '/'))
        {
            return Err(Refused::BadRole);
        }
        let known = KNOWN.iter().find(|words| words.contains(&name.as_str()));
        let known = known.and_then(|words| words.first().copied());
        Ok(Self(known.map_or(name, ToOwned::to_owned)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of the roles that are known everywhere.
    pub fn known() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().filter_map(|words| words.first().copied())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleHeld {
    /// Which.
    pub role: Role,
    /// Who: the key of a person, or a name.
    pub who: String,
    /// Since when.
    pub since: Time,
}

impl RoleHeld {
    /// Several as one text, for the store: JSON; `None` when nobody has any.
    pub fn written(held: &[Self]) -> Option<String> {
        // Texts and times always have a JSON form.
        (!held.is_empty()).then(|| serde_json::to_string(held).unwrap_or_default())
    }

    /// What was [`Self::written`], nothing for an empty text; `None` when it is something else.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        match text {
            "" => Some(Vec::new()),
            text => serde_json::from_str(text).ok(),
        }
    }
}

impl FieldChange {
    /// The name of the role that it tells of; `None` for other facts.
    pub fn role(&self) -> Option<&str> {
        self.field.strip_prefix(FACT)
    }
}

impl Incident {
    /// Who has a role.
    pub fn has_role(&self, role: &Role) -> Option<&RoleHeld> {
        self.roles.iter().find(|held| held.role == *role)
    }

    /// Gives a role to somebody, who has it in place of whoever had it; to nobody, it is given back.
    pub(super) fn give_role(
        &mut self,
        (role, to): (&Role, Option<&str>),
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Option<Entry>, Refused> {
        check_text("text", text, MAX_TEXT)?;
        let before = self.roles.clone();
        let had = self.has_role(role).map(|held| held.who.clone());
        self.roles.retain(|held| held.role != *role);
        let kind = match to.map(str::trim) {
            None if had.is_none() => return Err(Refused::NobodyHasRole),
            None => EntryKind::RoleReturned,
            Some(who) => {
                check_words("to", who, MAX_NAME)?;
                if had.as_deref() == Some(who) {
                    self.roles = before;
                    return Ok(None);
                }
                if self.roles.len() >= MAX_ROLES {
                    return Err(Refused::TooManyRoles);
                }
                self.roles.push(RoleHeld {
                    role: role.clone(),
                    who: who.to_owned(),
                    since: now,
                });
                EntryKind::RoleGiven
            }
        };
        // In the order of their names, wherever they are shown.
        self.roles.sort_by(|a, b| a.role.cmp(&b.role));
        let mut entry = Entry::new(kind, actor, text, now);
        entry.detail.changes = role_differences(&before, &self.roles);
        Ok(Some(entry))
    }

    /// Takes over those roles of another incident that nobody has here, as far as there is room.
    pub(super) fn take_roles(&mut self, other: &Self) {
        for held in &other.roles {
            if self.has_role(&held.role).is_none() && self.roles.len() < MAX_ROLES {
                self.roles.push(held.clone());
            }
        }
        self.roles.sort_by(|a, b| a.role.cmp(&b.role));
    }
}

/// The roles in which two states of an incident differ.
pub(super) fn role_differences(before: &[RoleHeld], after: &[RoleHeld]) -> Vec<FieldChange> {
    let who = |held: &[RoleHeld], role: &Role| {
        let held = held.iter().find(|held| held.role == *role);
        held.map(|held| held.who.clone())
    };
    let mut roles: Vec<&Role> = before.iter().chain(after).map(|held| &held.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let change = |role: &Role| {
        let (from, to) = (who(before, role), who(after, role));
        let field = format!("{FACT}{role}");
        (from != to).then(|| FieldChange::new(&field, from.as_deref(), to.as_deref()))
    };
    roles.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::incident::{Change, Draft};
    use crate::severity::Severity;

    fn incident() -> Incident {
        let draft = Draft {
            key: None,
            severity: Severity::Critical,
            title: "db is down".to_owned(),
            started_at: None,
            fields: Vec::new(),
        };
        let opened = Incident::open(draft, "chen", Time::from_secs(100)).expect("opens");
        opened.incident
    }

    fn role(name: &str) -> Role {
        Role::of(name).expect("a role")
    }

    fn give(name: &str, to: Option<&str>) -> Change {
        Change::Role {
            role: role(name),
            to: to.map(ToOwned::to_owned),
            text: String::new(),
        }
    }

    #[test]
    fn a_known_role_is_the_same_by_each_of_its_names() {
        for name in ["commander", " Commander ", "指挥"] {
            assert_eq!(role(name).as_str(), "commander");
        }
        assert_eq!(role("Comms"), role("沟通"));
        assert_eq!(role("DBA lead").as_str(), "dba lead");
        assert_eq!(Role::of("  "), Err(Refused::Empty("role")));
        assert_eq!(Role::of("a:b"), Err(Refused::BadRole));
        let long = "长".repeat(MAX_ROLE + 1);
        assert!(matches!(Role::of(&long), Err(Refused::TooLong { .. })));
    }

    #[test]
    fn a_role_passes_from_one_to_the_next_and_back_to_nobody() {
        let now = Time::from_secs(200);
        let given = incident().change(&give("commander", Some("li")), "chen", now);
        let given = given.expect("given");
        let entry = &given.entries[0];
        assert_eq!((entry.kind, &*entry.actor), (EntryKind::RoleGiven, "chen"));
        assert_eq!(entry.detail.changes[0].role(), Some("commander"));
        let again = given.incident.change(&give("指挥", Some("li")), "li", now);
        assert!(again.expect("nothing").entries.is_empty());
        let taken = given
            .incident
            .change(&give("commander", Some("wang")), "wang", now);
        let taken = taken.expect("taken");
        let change = &taken.entries[0].detail.changes[0];
        assert_eq!(
            (change.from.as_deref(), change.to.as_deref()),
            (Some("li"), Some("wang"))
        );
        let back = taken.incident.change(&give("commander", None), "wang", now);
        let back = back.expect("given back");
        assert_eq!(back.entries[0].kind, EntryKind::RoleReturned);
        assert!(back.incident.roles.is_empty());
        let twice = back.incident.change(&give("commander", None), "wang", now);
        assert_eq!(twice, Err(Refused::NobodyHasRole));
        let nobody = back
            .incident
            .change(&give("scribe", Some(" ")), "wang", now);
        assert_eq!(nobody, Err(Refused::Empty("to")));
    }

    #[test]
    fn a_merged_incident_brings_the_roles_that_nobody_has_there() {
        let now = Time::from_secs(300);
        let roles = [give("commander", Some("li")), give("scribe", Some("zhao"))];
        let one = incident().changes(&roles, "chen", now).expect("given");
        let other = incident().change(&give("commander", Some("wang")), "chen", now);
        let other = Incident {
            id: 2,
            ..other.expect("given").incident
        };
        let merged = one.incident.merge_into(&other, "chen", "", now);
        let kept = merged.expect("merges").kept;
        let who = |name: &str| kept.incident.has_role(&role(name)).map(|held| &*held.who);
        assert_eq!(
            (who("commander"), who("scribe")),
            (Some("wang"), Some("zhao"))
        );
        let told: Vec<_> = kept.entries[0].detail.changes.iter().collect();
        assert!(told.iter().any(|change| change.role() == Some("scribe")));
    }

    proptest! {
        #[test]
        fn whoever_was_named_last_has_the_role_and_the_timeline_says_so(
            steps in proptest::collection::vec((0..4_usize, proptest::option::of(0..3_usize)), 0..40),
        ) {
            let names = ["commander", "scribe", "communications", "dba"];
            let people = ["chen", "li", "wang"];
            let mut stands = incident();
            let mut model: [Option<usize>; 4] = [None; 4];
            for (nth, to) in steps {
                let change = give(names[nth], to.map(|who| people[who]));
                match stands.change(&change, "chen", Time::from_secs(200)) {
                    Ok(changed) => {
                        prop_assert_eq!(changed.entries.is_empty(), model[nth] == to);
                        model[nth] = to;
                        stands = changed.incident;
                    }
                    Err(refused) => {
                        prop_assert_eq!(refused, Refused::NobodyHasRole);
                        prop_assert!(to.is_none() && model[nth].is_none());
                    }
                }
            }
            for (nth, name) in names.iter().enumerate() {
                let held = stands.has_role(&role(name)).map(|held| &*held.who);
                prop_assert_eq!(held, model[nth].map(|who| people[who]));
            }
            prop_assert!(stands.roles.is_sorted_by(|a, b| a.role < b.role));
        }
    }
}
