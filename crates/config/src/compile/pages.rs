//! How each person is paged: their ways with their addresses, their contacts by severity, their quiet hours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_channels::registry::directories;
use balefire_core::identity::Platform;
use balefire_core::person::{self, ContactSpec, PersonError, PersonSpec};
use balefire_core::severity::Severity;
use serde_json::Value;

use super::accounts::{Accounts, Ready};
use super::ways::{self, Route, Ways};
use super::{Compiler, contacts, quiet, schedule, section};
use crate::plan::{Pending, Person, Way};
use crate::problem::Path;
use crate::tree::Node;

/// An id that stands for one that is still to be looked up.
const STAND_IN: &str = "ou_0";

/// A way of a person before it is looked at.
struct Wanted<'n> {
    route: Route,
    /// Where the person says so.
    own: Option<&'n Node>,
}

/// By what people can be paged.
struct By<'w> {
    accounts: &'w Accounts<'w>,
    routes: &'w Ways,
    /// Whether ids that are left out are asked for.
    look_up: bool,
}

/// A way that is there, or will be as soon as an id is known.
enum Made {
    Way(Way),
    Pending(Pending),
}

/// Completes the people.
pub(super) fn fill(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    routes: &Ways,
    people: &mut BTreeMap<String, Person>,
) {
    let by = &By {
        accounts,
        routes,
        look_up: contacts::compile(compiler).look_up,
    };
    let entries = compiler
        .find(&["people"])
        .map(Node::entries)
        .unwrap_or_default();
    let section = section("people");
    for entry in entries {
        let path = section.key(&entry.key);
        let Some(person) = people.get_mut(&entry.key) else {
            continue;
        };
        let wanted = wanted(compiler, by, &entry.value, &path);
        if by.look_up {
            person.books = books(by.accounts, &wanted);
        }
        for (name, wanted) in wanted {
            let node = (&name, wanted, &entry.value);
            match way(compiler, by, person, node, &path) {
                Some(Made::Way(way)) => _ = person.ways.insert(name, way),
                Some(Made::Pending(pending)) => _ = person.pending.insert(name, pending),
                None => {}
            }
        }
        rules(compiler, person, &entry.value, &path);
    }
    warn_of_quiet_accounts(compiler, accounts, people);
}

/// A page is told in an account's quiet hours, too: who counts on being left alone by them is told so.
fn warn_of_quiet_accounts(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    people: &BTreeMap<String, Person>,
) {
    if compiler.find(&["escalations"]).is_none() {
        return;
    }
    let section = section("accounts");
    for (name, ready) in accounts.iter().filter(|(_, ready)| ready.has_quiet_hours()) {
        let ways = people.values().flat_map(|person| &person.ways);
        let paged: BTreeSet<&str> = ways
            .filter(|(_, way)| *way.account == *name)
            .map(|(way, _)| &**way)
            .collect();
        let Some(quiet) = ready
            .node
            .and_then(|node| node.at("quiet"))
            .filter(|_| !paged.is_empty())
        else {
            continue;
        };
        let paged: Vec<&str> = paged.into_iter().collect();
        let message = format!(
            "pages of escalations go through this account by {}, and do not wait for the end of these hours",
            paged.join(", ")
        );
        let hint = "who is not to be woken has people.….quiet";
        let account = section.key(name);
        compiler
            .findings
            .warning(quiet.place, &account.key("quiet"), message, hint);
    }
}

/// For each platform the account that is asked about somebody: that of their way there, else the only one of its kind.
fn books(
    accounts: &Accounts<'_>,
    wanted: &BTreeMap<Arc<str>, Wanted<'_>>,
) -> BTreeMap<Platform, Arc<str>> {
    let sound = |name: &str| {
        let ready = accounts.find(name).filter(|ready| ready.sound)?;
        directories::platform(ready.spec.kind)
    };
    let mut books: BTreeMap<Platform, Vec<Arc<str>>> = BTreeMap::new();
    for (name, _) in accounts.iter() {
        if let Some(platform) = sound(name) {
            books.entry(platform).or_default().push(name.into());
        }
    }
    let only = |(platform, names): (Platform, Vec<Arc<str>>)| {
        let of_ways = wanted.values().map(|wanted| &*wanted.route.account);
        let mut of_ways = of_ways.filter(|name| sound(name) == Some(platform));
        if let Some(name) = of_ways.next() {
            return Some((platform, name.into()));
        }
        match <[Arc<str>; 1]>::try_from(names) {
            Ok([only]) => Some((platform, only)),
            Err(_) => None,
        }
    };
    books.into_iter().filter_map(only).collect()
}

/// The ways of the document and those that a person's own entry names.
fn wanted<'n>(
    compiler: &mut Compiler<'_>,
    by: &By<'_>,
    node: &'n Node,
    path: &Path<'_>,
) -> BTreeMap<Arc<str>, Wanted<'n>> {
    let accounts = by.accounts;
    let mut wanted: BTreeMap<Arc<str>, Wanted<'n>> = BTreeMap::new();
    for (name, route) in &by.routes.routes {
        let route = route.clone();
        wanted.insert(Arc::clone(name), Wanted { route, own: None });
    }
    let own = node.at("ways").map(Node::entries).unwrap_or_default();
    let own_path = path.key("ways");
    for entry in own {
        let spot = own_path.key(&entry.key);
        let known = wanted.get(&*entry.key).map(|wanted| wanted.route.clone());
        let named = (entry.key.as_str(), &entry.value);
        if let Some(route) = ways::route(compiler, accounts, named, known, &spot) {
            let own = Some(&entry.value);
            wanted.insert(entry.key.as_str().into(), Wanted { route, own });
        }
    }
    wanted
}

/// A way with the person's address; `None` when they cannot be reached by it, which is a problem where somebody counts on
/// it.
fn way(
    compiler: &mut Compiler<'_>,
    by: &By<'_>,
    person: &Person,
    (name, wanted, node): (&Arc<str>, Wanted<'_>, &Node),
    path: &Path<'_>,
) -> Option<Made> {
    let Wanted { route, own } = wanted;
    let ready = by
        .accounts
        .find(&route.account)
        .filter(|ready| ready.sound)?;
    let mut options = route.options;
    let address = ways::address(ready.spec, &person.contact);
    let has_own = |key: &str| options.contains_key(key);
    let mut lacks = false;
    let mut pending = None;
    match address {
        Some((key, _)) if has_own(key) => {}
        Some((key, Value::Null)) => {
            let platform = directories::platform(ready.spec.kind).filter(|_| by.look_up);
            pending = platform
                .filter(|platform| platform.can_find(&person.contact))
                .map(|platform| (platform, key));
            lacks = pending.is_none();
        }
        Some((key, address)) => _ = options.insert(key.to_owned(), address),
        // Anybody's own robot or device is nobody else's.
        None => lacks = own.is_none() && !route.is_written,
    }
    let place = own.map_or(node.place, |own| own.place);
    let ways_path = path.key("ways");
    let spot = ways_path.key(name);
    if lacks {
        if own.is_some() {
            let message = format!("{} needs their address", ready.spec.kind);
            let hint = "give them one, such as phone, email or wecom";
            compiler.findings.problem(place, &spot, message, hint);
        }
        return None;
    }
    let mut way = Way {
        account: route.account.as_str().into(),
        options: Value::Object(options),
        rings: ways::rings(ready.spec),
    };
    let pending = pending.map(|(platform, key)| Pending {
        platform,
        way: way.clone(),
        option: (key, platform != Platform::Slack),
    });
    if let Some(pending) = &pending {
        // Everything but the id has to be right already.
        way = pending.of(STAND_IN);
    }
    match problem(ready, &way.options) {
        None => Some(match pending {
            Some(pending) => Made::Pending(pending),
            None => Made::Way(way),
        }),
        Some((message, hint)) => {
            let counted_on = own.is_some() || compiler.find(&["escalations"]).is_some();
            if counted_on {
                let spot = if own.is_some() { &spot } else { path };
                let message = format!("they cannot be paged by {name}: {message}");
                compiler.findings.problem(place, spot, message, hint);
            }
            None
        }
    }
}

/// What keeps a channel from being opened with these options.
fn problem(ready: &Ready<'_>, options: &Value) -> Option<(String, String)> {
    match ready.build(options, None) {
        Ok(channel) if channel.targets().is_empty() => {
            let hint = "options: name a target, as a receiver's entry would";
            Some(("it names nobody".to_owned(), hint.to_owned()))
        }
        Ok(_) => None,
        Err(errors) => {
            let error = errors.into_iter().next()?;
            Some((format!("{}: {}", error.key, error.problem), error.fix))
        }
    }
}

/// Reads the contacts and quiet hours; what is wrong with them is noted.
fn rules(compiler: &mut Compiler<'_>, person: &mut Person, node: &Node, path: &Path<'_>) {
    let ways = person.ways.keys().chain(person.pending.keys());
    let ways: BTreeSet<Arc<str>> = ways.cloned().collect();
    let spec = PersonSpec {
        contact: contacts(node),
        quiet: node.at("quiet").and_then(|quiet| {
            quiet::hours(compiler, &person.reader.zone, quiet, &path.key("quiet"))
        }),
    };
    match person::Person::new(&spec, ways) {
        Ok(rules) => person.rules = rules.without(|way| !person.ways.contains_key(way)),
        Err(errors) => {
            for error in errors {
                refused(compiler, node, path, &error);
            }
        }
    }
}

fn contacts(node: &Node) -> BTreeMap<Severity, Vec<ContactSpec>> {
    let Some(node) = node.at("contact") else {
        return BTreeMap::new();
    };
    let contact = |item: &Node| {
        Some(ContactSpec {
            by: item.text_at("by")?.into(),
            after: item.text_at("after").map(ToOwned::to_owned),
        })
    };
    let listed = |severity: Severity| {
        let list = node.at(severity.as_str())?;
        Some((severity, list.items().iter().filter_map(contact).collect()))
    };
    Severity::ALL.into_iter().filter_map(listed).collect()
}

/// Tells what core refuses at the key it is about.
fn refused(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>, error: &PersonError) {
    let words = error.to_string();
    let (severity, inner) = match error {
        PersonError::NotAWay { severity, .. }
        | PersonError::After { severity, .. }
        | PersonError::Count { severity, .. } => {
            let prefix = format!("contact: {}: ", severity.as_str());
            let rest = words.strip_prefix(&prefix).unwrap_or(&words);
            (severity.as_str(), rest.to_owned())
        }
        PersonError::Quiet(error) => return quiet::refused(compiler, node, path, error),
    };
    let path = path.key("contact");
    let list = node.at("contact").and_then(|all| all.at(severity));
    let wrong = |item: &&Node| match error {
        PersonError::NotAWay { by, .. } => item.text_at("by") == Some(&**by),
        PersonError::After { after, .. } => item.text_at("after") == Some(after),
        _ => false,
    };
    let item = list.and_then(|list| list.items().iter().find(wrong));
    let place = item.or(list).map_or(node.place, |node| node.place);
    schedule::say(compiler, place, &path.key(severity), &inner);
}
