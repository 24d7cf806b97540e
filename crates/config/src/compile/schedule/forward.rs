//! `forward` of a schedule: telephones that are told when who is on call changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use balefire_channels::dial;
use balefire_channels::phone::Phone;
use balefire_channels::spec::ChannelSpec;
use serde_json::{Map, Value, json};

use super::super::accounts::{Accounts, Ready};
use super::{Compiler, People, section};
use crate::check::{check, said};
use crate::forward::Forward;
use crate::json;
use crate::problem::Path;
use crate::schema::form::Form;
use crate::tree::{Entry as TreeEntry, Node, Shape};

/// What forwards calls at carriers that take a code without `#`, which the app cannot dial.
const CODE: &str = "*72";
/// A number for trying whether a command would fit; the longest that are dialled in the mainland.
const SAMPLE: &str = "13800138000";
/// Options that other keys say.
const OURS: [&str; 2] = ["phones", "dial"];

/// All of the document.
pub(in crate::compile) fn compile<'a>(
    compiler: &mut Compiler<'a>,
    people: &People,
    accounts: &Accounts<'a>,
) -> Vec<Forward> {
    let schedules = compiler
        .find(&["schedules"])
        .map(Node::entries)
        .unwrap_or_default();
    let all = section("schedules");
    let (mut forwards, mut agents) = (Vec::new(), BTreeSet::new());
    for schedule in schedules {
        let entries = schedule.value.at("forward");
        let entries = entries.map(Node::items).unwrap_or_default();
        let path = all.key(&schedule.key);
        let path = path.key("forward");
        for (index, node) in entries.iter().enumerate() {
            let path = path.index(index);
            let mut entry = Entry {
                compiler: &mut *compiler,
                accounts,
                node,
                path: &path,
            };
            let Some(forward) = entry.read(&schedule.key) else {
                continue;
            };
            if !agents.insert((Arc::clone(&forward.agent), Arc::clone(&forward.code))) {
                let words = "this telephone is told by another entry, too, and the two would undo each other";
                entry.say("agent", words, "name each telephone once");
            }
            forwards.push(forward);
        }
        if !entries.is_empty() {
            warn(compiler, &schedule.value, people, &path);
        }
    }
    forwards
}

struct Entry<'e, 'a> {
    compiler: &'e mut Compiler<'a>,
    accounts: &'e Accounts<'a>,
    node: &'e Node,
    path: &'e Path<'e>,
}

impl<'e, 'a> Entry<'e, 'a> {
    fn say(&mut self, key: &str, words: impl Into<String>, hint: &str) {
        let place = self.node.at(key).unwrap_or(self.node).place;
        let path = self.path.key(key);
        self.compiler
            .findings
            .problem(place, &path, words.into(), hint);
    }

    fn read(&mut self, schedule: &str) -> Option<Forward> {
        let agent = self.agent();
        let code = self.code();
        let otherwise = self.otherwise();
        let (name, ready) = self.account()?;
        let options = self.options(ready.spec)?;
        let forward = Forward {
            schedule: schedule.into(),
            account: name.into(),
            agent: agent?,
            code: code?,
            otherwise: otherwise.ok()?,
            options,
        };
        if ready.sound {
            self.try_out(ready, &forward);
        }
        Some(forward)
    }

    fn agent(&mut self) -> Option<Arc<str>> {
        match Phone::parse(self.node.text_at("agent")?) {
            Ok(phone) => Some(phone.e164().into()),
            Err(error) => {
                let hint =
                    "write the number of the telephone that dials, as text: \"+8613800138000\"";
                self.say("agent", error.to_string(), hint);
                None
            }
        }
    }

    fn code(&mut self) -> Option<Arc<str>> {
        let code = self.node.text_at("code").unwrap_or(CODE);
        if !code.is_empty() && dial::with_code(code, SAMPLE).is_err() {
            let words = format!("{code:?} is no code that a telephone dials before a number");
            let hint = "write a code such as \"*72\", or \"\" to call whoever is on call";
            self.say("code", words, hint);
            return None;
        }
        Some(code.into())
    }

    /// An error when it is wrong, which has been noted.
    fn otherwise(&mut self) -> Result<Option<Arc<str>>, ()> {
        let Some(text) = self.node.text_at("otherwise") else {
            return Ok(None);
        };
        if let Err(error) = dial::with_code("", text) {
            let hint = "write a number that can be called, as \"+8613800138000\"";
            self.say("otherwise", error.to_string(), hint);
            return Err(());
        }
        Ok(Some(text.into()))
    }

    fn account(&mut self) -> Option<(String, &'e Ready<'a>)> {
        let name = self.node.at("account")?;
        let text = name.text()?;
        let texts = |ready: &Ready<'_>| dial::can(ready.spec);
        let accounts = self.accounts;
        match accounts.find(text).filter(|ready| ready.node.is_some()) {
            Some(ready) if texts(ready) => Some((text.to_owned(), ready)),
            Some(ready) => {
                let words = format!("the account {} is of kind {}", said(name), ready.spec.kind);
                self.say("account", words, "an account of text messages goes here");
                None
            }
            None => {
                // An account of an unknown kind is in the document and has been reported there.
                if self.compiler.find(&["accounts", text]).is_none() {
                    let fitting = accounts.iter().filter(|(_, ready)| texts(ready));
                    let names = fitting.map(|(name, _)| name);
                    let hint = self.compiler.findings.nearest(text, names);
                    self.say(
                        "account",
                        format!("no account is named {}", said(name)),
                        &hint,
                    );
                }
                None
            }
        }
    }

    /// The kind's own options with what makes the telephone dial; `None` when they have no form.
    fn options(&mut self, spec: &'static ChannelSpec) -> Option<Value> {
        let mut options = Map::new();
        if let Some(node) = self.node.at("options") {
            let path = self.path.key("options");
            if !matches!(node.shape, Shape::Map(_)) {
                self.say("options", "is no mapping", "write {template_code: SMS_1}");
                return None;
            }
            let before = self.compiler.findings.count();
            for entry in node.entries() {
                self.option(entry, spec, &path.key(&entry.key));
            }
            if self.compiler.findings.count() != before {
                return None;
            }
            options = json::record(node, spec.receiver_fields);
        }
        let mut dial = json!({"agent": self.node.text_at("agent")?});
        if let Some(word) = self.node.text_at("keyword") {
            dial["keyword"] = word.into();
        }
        if let Some(units) = self.node.text_at("sign_units") {
            dial["sign_units"] = units.parse::<u64>().ok()?.into();
        }
        options.insert("dial".to_owned(), dial);
        Some(Value::Object(options))
    }

    /// One of the kind's own options.
    fn option(&mut self, entry: &TreeEntry, spec: &'static ChannelSpec, path: &Path<'_>) {
        let findings = &mut *self.compiler.findings;
        let mut fields = spec.receiver_fields.iter();
        let field = fields.find(|field| field.name == entry.key && !OURS.contains(&field.name));
        if let Some(field) = field {
            check(&entry.value, &Form::of(&field.kind), path, findings);
            return;
        }
        let words = format!("unknown key for an account of kind {}", spec.kind);
        let others = spec.receiver_fields.iter().map(|field| field.name);
        let hint = findings.nearest(&entry.key, others.filter(|name| !OURS.contains(name)));
        findings.problem(entry.place, path, words, hint);
    }

    /// Whether the command for somebody would go out.
    fn try_out(&mut self, ready: &Ready<'_>, forward: &Forward) {
        let sample = dial::with_code(&forward.code, SAMPLE);
        let Ok(sample) = sample else {
            return;
        };
        let Err(errors) = ready.build(&forward.options_for(&sample), None) else {
            return;
        };
        for error in errors
            .into_iter()
            .filter(|error| !error.key.starts_with("account."))
        {
            let key = match error.key.strip_prefix("dial.") {
                Some("agent") => "agent",
                Some("keyword") => "keyword",
                Some("sign_units") => "sign_units",
                _ => "options",
            };
            let words = if key == "options" {
                format!("{}: {}", error.key, error.problem)
            } else {
                error.problem
            };
            self.say(key, words, &error.fix);
        }
    }
}

/// Tells of people of the schedule whom no call can reach.
fn warn(compiler: &mut Compiler<'_>, schedule: &Node, people: &People, path: &Path<'_>) {
    let layers = schedule.at("layers").map(Node::items).unwrap_or_default();
    let overrides = schedule.at("overrides").map(Node::items);
    let parts = layers.iter().chain(overrides.unwrap_or_default());
    let turns = parts.filter_map(|part| part.at("people"));
    let names: BTreeSet<&str> = turns
        .flat_map(|turns| turns.items().iter().chain([turns]))
        .flat_map(Node::texts)
        .collect();
    for name in names {
        let Some(person) = people.get(name) else {
            continue;
        };
        if dial::with_code("", &person.contact.phone).is_err() {
            let words = format!("{name} has no number, so that no call is forwarded to them");
            let hint = "give them a phone under people";
            compiler.findings.warning(schedule.place, path, words, hint);
        }
    }
}
