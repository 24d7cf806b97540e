//! Schedules as the node shows them.

use balefire_core::time::Time;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) name: String,
}

/// Who is on call in a schedule: with the rest of it, or by itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OnCall {
    pub(super) name: String,
    /// As the list of schedules has it.
    #[serde(rename = "onCall")]
    nested: Option<Why>,
    /// As the list of who is on call at an instant has it.
    #[serde(flatten)]
    why: Why,
    #[serde(default)]
    pub(super) next_handover: Option<Handover>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Why {
    people: Vec<Person>,
    layer: Option<String>,
    overrides: Vec<String>,
}

impl OnCall {
    fn why(&self) -> &Why {
        self.nested.as_ref().unwrap_or(&self.why)
    }

    /// Who, as people call them.
    pub(super) fn who(&self) -> String {
        names(&self.why().people)
    }

    /// What says so.
    pub(super) fn by(&self) -> String {
        by(self.why().layer.as_deref(), &self.why().overrides)
    }
}

#[derive(Deserialize)]
pub(super) struct Handover {
    pub(super) at: Time,
    pub(super) people: Vec<Person>,
}

/// A shift.
#[derive(Deserialize)]
pub(super) struct Shift {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) people: Vec<Person>,
    layer: Option<String>,
    overrides: Vec<String>,
}

impl Shift {
    /// What says so.
    pub(super) fn by(&self) -> String {
        by(self.layer.as_deref(), &self.overrides)
    }
}

fn by(layer: Option<&str>, overrides: &[String]) -> String {
    match (layer, overrides) {
        (_, [_, ..]) => "override".to_owned(),
        (layer, []) => layer.unwrap_or_default().to_owned(),
    }
}

/// People as they are known; nobody is a word, too.
pub(super) fn names(people: &[Person]) -> String {
    if people.is_empty() {
        return "nobody".to_owned();
    }
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    names.join(", ")
}
