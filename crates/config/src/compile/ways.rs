//! `ways`: by which accounts people are paged, and where each kind of account wants a person's address.
//!
//! Without a word about it, `email`, `sms`, `voice` and the chats are there as soon as exactly one account fits.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_channels::spec::ChannelSpec;
use balefire_core::message::Mention;
use serde_json::{Map, Value, json};

use super::accounts::Accounts;
use super::{Compiler, section};
use crate::check::said;
use crate::json;
use crate::legacy::Autocall;
use crate::problem::Path;
use crate::schema::form::Form;
use crate::tree::Node;

/// Ways that need not be written down, with the kinds of account that they go through.
const USUAL: [(&str, &[&str]); 9] = [
    ("email", &["smtp"]),
    (
        "sms",
        &[
            "aliyun_sms",
            "tencent_sms",
            "huawei_sms",
            "twilio_sms",
            "vonage_sms",
            "smpp",
        ],
    ),
    (
        "voice",
        &["aliyun_voice", "tencent_voice", "twilio_voice", "autocall"],
    ),
    ("autocall", &["autocall"]),
    ("wecom", &["wecom_app"]),
    ("dingtalk", &["dingtalk_app"]),
    ("feishu", &["feishu_app"]),
    ("slack", &["slack_bot"]),
    ("telegram", &["telegram"]),
];

/// A way before it is anybody's.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) account: String,
    pub(super) options: Map<String, Value>,
    /// Whether the document says so itself.
    pub(super) is_written: bool,
}

/// The ways of the document.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) routes: BTreeMap<Arc<str>, Route>,
    /// Usual ways that more than one account could be, with these.
    pub(super) unclear: BTreeMap<&'static str, Vec<String>>,
}

/// The ways of the document, and the usual ones.
pub(super) fn compile(compiler: &mut Compiler<'_>, accounts: &Accounts<'_>) -> Ways {
    let mut ways = Ways::default();
    for (name, kinds) in USUAL {
        match fitting(accounts, kinds).as_slice() {
            [] => {}
            [only] => {
                let route = Route {
                    account: only.clone(),
                    options: of_service(compiler, only),
                    is_written: false,
                };
                ways.routes.insert(name.into(), route);
            }
            several => _ = ways.unclear.insert(name, several.to_vec()),
        }
    }
    let entries = compiler
        .find(&["ways"])
        .map(Node::entries)
        .unwrap_or_default();
    let path = section("ways");
    for entry in entries {
        let path = path.key(&entry.key);
        let known = ways.routes.get(&*entry.key).cloned();
        if let Some(route) = route(compiler, accounts, (&entry.key, &entry.value), known, &path) {
            ways.unclear.remove(&*entry.key);
            ways.routes.insert(entry.key.as_str().into(), route);
        }
    }
    ways
}

/// The accounts of these kinds; a telephone of one's own only when there is no other.
fn fitting(accounts: &Accounts<'_>, kinds: &[&str]) -> Vec<String> {
    let named = accounts.iter();
    let fit = named.filter(|(_, ready)| ready.sound && kinds.contains(&ready.spec.kind));
    let mut found: Vec<String> = fit.map(|(name, _)| name.to_owned()).collect();
    if found.is_empty() && kinds.contains(&"autocall") && accounts.find(Autocall::ACCOUNT).is_some()
    {
        found.push(Autocall::ACCOUNT.to_owned());
    }
    found
}

/// A way as it is written, over what it would be without a word.
pub(super) fn route(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    (name, node): (&str, &Node),
    known: Option<Route>,
    path: &Path<'_>,
) -> Option<Route> {
    let account = match (node.at("account"), &known) {
        (Some(account), _) => {
            let text = account.text()?;
            if accounts.find(text).is_none() {
                let names = accounts.iter().map(|(name, _)| name);
                let hint = compiler.findings.nearest(text, names);
                let message = format!("no account is named {}", said(account));
                let path = path.key("account");
                compiler
                    .findings
                    .problem(account.place, &path, message, hint);
                return None;
            }
            text.to_owned()
        }
        (None, Some(known)) => known.account.clone(),
        (None, None) if accounts.find(name).is_some() => name.to_owned(),
        (None, None) => {
            let message = "no account is named, and none fits the way's name";
            let hint = "write account: with the name of one of accounts";
            compiler.findings.problem(node.place, path, message, hint);
            return None;
        }
    };
    let same = known.filter(|known| known.account == account);
    let mut options = same.map_or_else(|| of_service(compiler, &account), |known| known.options);
    if let Some(given) = node.at("options") {
        let fields = accounts.find(&account)?.spec.receiver_fields;
        let before = compiler.findings.count();
        let path = path.key("options");
        crate::check::check(given, &Form::tables(vec![fields]), &path, compiler.findings);
        if compiler.findings.count() > before {
            return None;
        }
        options.extend(json::record(given, fields));
    }
    Some(Route {
        account,
        options,
        is_written: true,
    })
}

/// What `legacy.autocall` says of calls.
fn of_service(compiler: &Compiler<'_>, account: &str) -> Map<String, Value> {
    let mut options = Map::new();
    let service = compiler.older("autocall");
    let Some(service) = service.filter(|_| account == Autocall::ACCOUNT) else {
        return options;
    };
    for key in ["rounds", "max_age"] {
        if let Some(text) = service.text_at(key) {
            let number = text.parse::<i64>().map(Value::from);
            options.insert(key.to_owned(), number.unwrap_or_else(|_| text.into()));
        }
    }
    options
}

/// Where a kind of account wants a person's address, and which it is; the address is empty where it is not known.
/// `None` for kinds that reach no single person by an address of theirs.
pub(super) fn address(spec: &ChannelSpec, contact: &Mention) -> Option<(&'static str, Value)> {
    let listed = |text: &str| match text {
        "" => Value::Null,
        text => json!([text]),
    };
    let plain = |text: &str| match text {
        "" => Value::Null,
        text => text.into(),
    };
    Some(match spec.kind {
        "smtp" => ("to", listed(&contact.email)),
        "wecom_app" => ("to_user", listed(&contact.wecom)),
        "dingtalk_app" => ("to_user", listed(&contact.dingtalk)),
        "feishu_app" => ("to_user", listed(&contact.feishu)),
        "slack_bot" => ("channel", plain(&contact.slack)),
        "telegram" => ("chat_id", plain(&contact.telegram)),
        "autocall" | "smpp" => ("phones", listed(&contact.phone)),
        kind if kind.ends_with("_sms") || kind.ends_with("_voice") => {
            ("phones", listed(&contact.phone))
        }
        _ => return None,
    })
}

/// Whether a kind of account rings.
pub(super) fn rings(spec: &ChannelSpec) -> bool {
    spec.kind == "autocall" || spec.kind.ends_with("_voice")
}
