//! One entry of a receiver's `…_configs`: which account it goes through, what Alertmanager's
//! `global` adds, and the channel built from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_channels::channel::Channel;
use balefire_channels::spec::{BuildError, ChannelSpec};
use balefire_channels::{autocall, registry};
use balefire_core::field::{Field, Kind};
use serde_json::{Map, Value};

use super::accounts::Accounts;
use super::{Compiler, called, ends, inherits, section};
use crate::check::{meaning, said};
use crate::json;
use crate::plan::Person;
use crate::problem::Path;
use crate::schema::people::ENTRY;
use crate::tree::Node;
use crate::words::Words;

/// An entry with its way out.
pub(super) struct Built {
    pub(super) spec: &'static ChannelSpec,
    /// `None` for the inbox.
    pub(super) account: Option<Arc<str>>,
    pub(super) channel: Arc<dyn Channel>,
    /// Its Go templates, when it has any.
    pub(super) words: Option<Words>,
    /// The options it was built from; they hold secrets.
    pub(super) options: Value,
    /// Whether the end of an alert is told.
    pub(super) send_resolved: bool,
}

/// Where an entry stands.
pub(super) struct Spot<'p> {
    /// The receiver's name.
    pub(super) receiver: &'p str,
    /// The receiver's key, as in `slack_configs`.
    pub(super) key: &'p str,
    /// The entry's number.
    pub(super) index: usize,
    /// The entry's path.
    pub(super) path: &'p Path<'p>,
}

/// Whose credentials an entry uses.
enum Through {
    /// A configured account's.
    Account(String),
    /// Its own, with `global` filling in what it leaves out.
    Own,
    /// Those of `global`.
    Global,
    /// Nobody's: the inbox, and what telephones ask for.
    Nothing,
}

/// Builds an entry; what is wrong with it is noted.
pub(super) fn build(
    compiler: &mut Compiler<'_>,
    accounts: &mut Accounts<'_>,
    people: &BTreeMap<String, Person>,
    node: &Node,
    spot: &Spot<'_>,
) -> Option<Built> {
    let (spec, through) = resolve(compiler, accounts, node, spot)?;
    let mut options = json::record(node, spec.receiver_fields);
    if spec.kind == autocall::SPEC.kind {
        called::fill(compiler, people, node, &mut options, spot.path);
    }
    if matches!(through, Through::Own | Through::Global) {
        inherits::fill(compiler, spec, spot.key, &mut options);
    }
    check_keys(compiler, node, spec, &options, spot);
    let options = Value::Object(options);
    let send_resolved = ends::told(compiler, node, spec, &options, spot.path);
    let http = match node.at("http_config") {
        Some(own) => Some(super::http::client(
            compiler,
            own,
            &spot.path.key("http_config"),
        )?),
        None => None,
    };
    let account = account(compiler, accounts, spec, &through, spot)?;
    let ready = accounts.find(&account)?;
    let global = section("global");
    let inherited =
        matches!(through, Through::Own | Through::Global) && compiler.findings.any_below(&global);
    if !ready.sound || inherited || compiler.findings.any_below(spot.path) {
        return None;
    }
    let words = Words::of(
        spot.key,
        spec.receiver_fields,
        &options,
        ready.opener(http.clone()),
    );
    match ready.build(&options, http) {
        Ok(channel) => {
            let account = (spec.kind != "inbox").then(|| Arc::from(account.as_str()));
            Some(Built {
                spec,
                account,
                channel,
                words,
                options,
                send_resolved,
            })
        }
        Err(errors) => {
            let of_account = ready.node;
            for error in errors {
                report(
                    compiler,
                    &error,
                    node,
                    of_account.map(|node| (account.as_str(), node)),
                    spot,
                );
            }
            None
        }
    }
}

/// Its own fields, then the account it names, then `global`, then the only account of that kind.
fn resolve(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    node: &Node,
    spot: &Spot<'_>,
) -> Option<(&'static ChannelSpec, Through)> {
    let kinds: Vec<_> = registry::for_receiver_key(spot.key).collect();
    if let Some(name) = node.at("account") {
        return named(compiler, accounts, name, &kinds, spot);
    }
    let inherits = inherits::of(spot.key);
    let knows = |key: &str| {
        kinds
            .iter()
            .copied()
            .find(|spec| spec.receiver_fields.iter().any(|field| field.name == key))
    };
    let own = inherits.map(|inherits| inherits.own).unwrap_or_default();
    if let Some(spec) = own
        .iter()
        .filter(|key| has(node, key))
        .find_map(|key| knows(key))
    {
        return Some((spec, Through::Own));
    }
    let own_url = kinds.iter().copied().find(|spec| {
        let url = |field: &&Field| matches!(field.kind, Kind::SecretUrl) && has(node, field.name);
        spec.receiver_fields.iter().any(|field| url(&field))
    });
    if let Some(spec) = own_url {
        return Some((spec, Through::Own));
    }
    let global = inherits.map(|inherits| inherits.global).unwrap_or_default();
    let given = global.iter().find(|(key, local)| {
        own.contains(local)
            && compiler
                .find(&["global"])
                .is_some_and(|global| has(global, key))
    });
    if let Some(spec) = given.and_then(|(_, local)| knows(local)) {
        return Some((spec, Through::Global));
    }
    if let [only] = kinds.as_slice()
        && only.account_fields.is_empty()
    {
        let through = if only.has_account() {
            Through::Own
        } else {
            Through::Nothing
        };
        return Some((only, through));
    }
    // By the document, so that a broken account counts as the one that was meant.
    let written = compiler
        .find(&["accounts"])
        .map(Node::entries)
        .unwrap_or_default();
    let fitting: Vec<&str> = written
        .iter()
        .filter(|entry| {
            let kind = entry.value.text_at("kind");
            kinds.iter().any(|spec| Some(spec.kind) == kind)
        })
        .map(|entry| entry.key.as_str())
        .collect();
    if let [name] = fitting.as_slice() {
        let ready = accounts.find(name)?;
        return Some((ready.spec, Through::Account((*name).to_owned())));
    }
    let names = fitting;
    no_account(compiler, node, &kinds, &names, own, spot);
    None
}

/// Whether an entry has a key, or the file that its value could not be read from.
fn has(node: &Node, key: &str) -> bool {
    node.at(key).is_some() || node.at(&format!("{key}_file")).is_some()
}

fn no_account(
    compiler: &mut Compiler<'_>,
    node: &Node,
    kinds: &[&'static ChannelSpec],
    names: &[&str],
    own: &[&str],
    spot: &Spot<'_>,
) {
    let words: Vec<&str> = kinds.iter().map(|spec| spec.kind).collect();
    let (message, hint) = if names.is_empty() {
        let own = own
            .first()
            .map(|key| format!("{key} here, or "))
            .unwrap_or_default();
        let message = "nothing says through which account this goes".to_owned();
        (
            message,
            format!("give {own}an account of kind {}", words.join(" or ")),
        )
    } else {
        let message = "several accounts fit".to_owned();
        (
            message,
            format!("write account: one of {}", names.join(", ")),
        )
    };
    compiler
        .findings
        .problem(node.place, spot.path, message, hint);
}

/// The account an entry names.
fn named(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    name: &Node,
    kinds: &[&'static ChannelSpec],
    spot: &Spot<'_>,
) -> Option<(&'static ChannelSpec, Through)> {
    let text = name.text()?;
    let path = spot.path.key("account");
    let fits = |spec: &ChannelSpec| kinds.iter().any(|kind| kind.kind == spec.kind);
    match accounts.find(text).filter(|ready| ready.node.is_some()) {
        Some(ready) if fits(ready.spec) => Some((ready.spec, Through::Account(text.to_owned()))),
        Some(ready) => {
            let words: Vec<&str> = kinds.iter().map(|spec| spec.kind).collect();
            let message = format!("the account {} is of kind {}", said(name), ready.spec.kind);
            let hint = format!("{} takes {}", spot.key, words.join(" or "));
            compiler.findings.problem(name.place, &path, message, hint);
            None
        }
        None => {
            // An account of an unknown kind is in the document and has been reported there.
            if compiler.find(&["accounts", text]).is_none() {
                let fitting = accounts.iter().filter(|(_, ready)| fits(ready.spec));
                let hint = compiler
                    .findings
                    .nearest(text, fitting.map(|(name, _)| name));
                let message = format!("no account is named {}", said(name));
                compiler.findings.problem(name.place, &path, message, hint);
            }
            None
        }
    }
}

/// Keys of another kind that shares the receiver's key, and required ones that nobody gave.
fn check_keys(
    compiler: &mut Compiler<'_>,
    node: &Node,
    spec: &ChannelSpec,
    options: &Map<String, Value>,
    spot: &Spot<'_>,
) {
    for entry in node.entries() {
        let own = spec
            .receiver_fields
            .iter()
            .any(|field| field.name == entry.key);
        let path = spot.path.key(&entry.key);
        if !own
            && !ENTRY.iter().any(|field| field.name == entry.key)
            && !compiler.findings.any_below(&path)
        {
            let message = format!("unknown key for an account of kind {}", spec.kind);
            let hint = compiler.findings.nearest(
                &entry.key,
                spec.receiver_fields.iter().map(|field| field.name),
            );
            compiler.findings.problem(entry.place, &path, message, hint);
        }
    }
    for field in spec.receiver_fields.iter().filter(|field| field.required) {
        if !options.contains_key(field.name) && !has(node, field.name) {
            let message = format!("the key {:?} is missing", field.name);
            compiler
                .findings
                .problem(node.place, spot.path, message, meaning(field));
        }
    }
}

/// The account's name; an entry with its own credentials gets one that is named after its place.
fn account(
    compiler: &mut Compiler<'_>,
    accounts: &mut Accounts<'_>,
    spec: &'static ChannelSpec,
    through: &Through,
    spot: &Spot<'_>,
) -> Option<String> {
    let name = match through {
        Through::Account(name) => return Some(name.clone()),
        Through::Own => format!("{}/{}[{}]", spot.receiver, spot.key, spot.index),
        Through::Global => format!("global/{}", spec.kind),
        // No account of a document can be named so.
        Through::Nothing => format!("/{}", spec.kind),
    };
    let http = accounts.http(compiler)?;
    accounts.implicit(&name, spec, http);
    Some(name)
}

/// Notes a channel's own objection at the key it names.
fn report(
    compiler: &mut Compiler<'_>,
    error: &BuildError,
    node: &Node,
    account: Option<(&str, &Node)>,
    spot: &Spot<'_>,
) {
    if let (Some(key), Some((name, account))) = (error.key.strip_prefix("account."), account) {
        let accounts = section("accounts");
        let path = accounts.key(name);
        let place = deepest(account, key).place;
        compiler.findings.problem(
            place,
            &path.key(key),
            error.problem.as_str(),
            error.fix.as_str(),
        );
        return;
    }
    let place = deepest(node, &error.key).place;
    let (key, below) = error.key.split_once('.').unwrap_or((&error.key, ""));
    let path = spot.path.key(key);
    let inner = path.key(below);
    let path = match (key, below) {
        ("", _) => spot.path,
        (_, "") => &path,
        _ => &inner,
    };
    compiler
        .findings
        .problem(place, path, error.problem.as_str(), error.fix.as_str());
}

/// The node at a dotted key, or as far down as there is one.
fn deepest<'n>(node: &'n Node, key: &str) -> &'n Node {
    key.split('.')
        .try_fold(node, |node, part| node.at(part).ok_or(node))
        .unwrap_or_else(|node| node)
}
