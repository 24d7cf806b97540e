//! `accounts`: configured credentials, and the implicit ones of entries that bring their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::autocall;
use balefire_channels::channel::Channel;
use balefire_channels::dingtalk_app::{self, Groups};
use balefire_channels::http::Http;
use balefire_channels::registry::{self, directories};
use balefire_channels::spec::{Build, BuildError, ChannelSpec, Quota};
use balefire_channels::token::Tokens;
use balefire_core::person::Quiet;
use balefire_core::secret::Secret;
use serde_json::{Map, Value};

use super::access::check_token;
use super::clients::Clients;
use super::limits::{quotas, timeout};
use super::sources::plain_name;
use super::{Compiler, body, command, quiet, section};
use crate::check::said;
use crate::json;
use crate::legacy::Autocall;
use crate::plan::{Account, OpenDirectory, OpenGroups};
use crate::problem::Path;
use crate::tree::Node;
use crate::words::Open;

/// The key that lets a provider call us.
const CALLBACK_TOKEN: &str = "callback_token";

/// The accounts while receivers are compiled.
pub(super) struct Accounts<'a> {
    named: BTreeMap<String, Ready<'a>>,
    clients: Clients,
}

/// An account that channels can be built through.
pub(super) struct Ready<'a> {
    /// Its kind.
    pub(super) spec: &'static ChannelSpec,
    /// Where it stands; `None` for an implicit one.
    pub(super) node: Option<&'a Node>,
    /// Whether it is whole: a broken one has been reported, and nothing is built through it.
    pub(super) sound: bool,
    account: Account,
    parts: Parts,
}

/// What a build takes besides the receiver's options.
#[derive(Clone)]
struct Parts {
    name: Arc<str>,
    spec: &'static ChannelSpec,
    value: Value,
    http: Http,
    tokens: Arc<Tokens>,
    /// The operator's own limit for a try.
    timeout: Option<Duration>,
}

impl Parts {
    fn build(&self, receiver: &Value) -> Result<Arc<dyn Channel>, Vec<BuildError>> {
        registry::open(self.spec, &self.with(receiver))
    }

    fn with<'p>(&'p self, receiver: &'p Value) -> Build<'p> {
        let http = self.http.clone();
        Build {
            account_name: &self.name,
            account: &self.value,
            receiver,
            http: match self.timeout {
                Some(timeout) => http.within(timeout),
                None => http,
            },
            tokens: Arc::clone(&self.tokens),
        }
    }

    /// What makes groups as this account, with its token and its limits.
    fn groups(&self) -> Option<OpenGroups> {
        let parts = self.clone();
        let is_app = self.spec.kind == dingtalk_app::SPEC.kind;
        is_app.then(|| -> OpenGroups {
            Arc::new(move || Groups::of(&parts.with(&Value::Object(Map::new()))))
        })
    }

    /// What opens this account's address book, with its token and its limits.
    fn directory(&self) -> Option<OpenDirectory> {
        let (parts, open) = (self.clone(), directories::opener(self.spec.kind)?);
        Some(Arc::new(move || {
            open(&parts.with(&Value::Object(Map::new())))
        }))
    }

    fn account(&self, quotas: Vec<Quota>, concurrency: usize, quiet: Option<Quiet>) -> Account {
        let parts = self.clone();
        Account {
            name: Arc::clone(&self.name),
            spec: self.spec,
            value: self.value.clone(),
            callback_token: self.value[CALLBACK_TOKEN].as_str().map(Secret::new),
            reports: self.tokens.reports(),
            quotas,
            concurrency,
            timeout: self.timeout.unwrap_or(self.spec.timeout),
            quiet,
            open: Arc::new(move |receiver| parts.build(receiver)),
            groups: self.groups(),
            directory: self.directory(),
        }
    }
}

impl<'a> Accounts<'a> {
    /// The account of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Ready<'a>> {
        self.named.get(name)
    }

    /// The configured accounts in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Ready<'a>)> {
        self.named
            .iter()
            .filter(|(_, ready)| ready.node.is_some())
            .map(|(name, ready)| (name.as_str(), ready))
    }

    /// The client for what has no settings of its own.
    pub(super) fn http(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        self.clients.usual(compiler)
    }

    /// The clients that calls without an account go through.
    pub(super) fn clients(&mut self) -> &mut Clients {
        &mut self.clients
    }

    /// Adds the account of an entry that brings its own credentials; answers the same one when the
    /// name is known.
    pub(super) fn implicit(&mut self, name: &str, spec: &'static ChannelSpec, http: Http) {
        self.named.entry(name.to_owned()).or_insert_with(|| {
            let parts = Parts {
                name: Arc::from(name),
                spec,
                value: Value::Object(Map::new()),
                http,
                tokens: Arc::new(Tokens::new()),
                timeout: None,
            };
            let account = parts.account(spec.quotas.to_vec(), spec.concurrency, None);
            Ready {
                spec,
                node: None,
                sound: true,
                account,
                parts,
            }
        });
    }

    /// What the plan keeps.
    pub(super) fn into_plan(self) -> BTreeMap<String, Account> {
        let named = self
            .named
            .into_iter()
            .filter(|(_, ready)| ready.spec.kind != "inbox");
        named.map(|(name, ready)| (name, ready.account)).collect()
    }
}

impl Ready<'_> {
    /// Whether it has hours in which its groups' notices wait.
    pub(super) fn has_quiet_hours(&self) -> bool {
        self.account.quiet.is_some()
    }

    /// Builds channels later; `http` when the entry has settings of its own.
    pub(super) fn opener(&self, http: Option<Http>) -> Open {
        let mut parts = self.parts.clone();
        parts.http = http.unwrap_or(parts.http);
        Arc::new(move |receiver| parts.build(receiver))
    }

    /// Builds a channel with these receiver options; `http` when the entry has settings of its own.
    pub(super) fn build(
        &self,
        receiver: &Value,
        http: Option<Http>,
    ) -> Result<Arc<dyn Channel>, Vec<BuildError>> {
        match http {
            None => self.parts.build(receiver),
            Some(http) => Parts {
                http,
                ..self.parts.clone()
            }
            .build(receiver),
        }
    }
}

/// The configured accounts.
pub(super) fn compile<'a>(compiler: &mut Compiler<'a>) -> Accounts<'a> {
    let mut accounts = Accounts {
        named: BTreeMap::new(),
        clients: Clients::compile(compiler),
    };
    let entries = compiler
        .find(&["accounts"])
        .map(Node::entries)
        .unwrap_or_default();
    for entry in entries {
        let accounts_path = section("accounts");
        let path = accounts_path.key(&entry.key);
        if !plain_name(&entry.key) {
            let hint = "use letters, digits, '-', '_' and '.', at most 64";
            compiler
                .findings
                .problem(entry.place, &path, "not a name for an account", hint);
        }
        let Some(spec) = kind(compiler, &entry.value, &path) else {
            continue;
        };
        if let Some(ready) = ready(compiler, &mut accounts, &entry.key, &entry.value, spec) {
            accounts.named.insert(entry.key.clone(), ready);
        }
    }
    // Calls may be asked for without a receiver that places any.
    if compiler.older("autocall").is_some()
        && let Some(http) = accounts.http(compiler)
    {
        accounts.implicit(Autocall::ACCOUNT, &autocall::SPEC, http);
    }
    accounts
}

fn kind(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<&'static ChannelSpec> {
    let kind = node.at("kind")?;
    let word = kind.text()?;
    let (kinds, built_in): (Vec<_>, Vec<_>) = registry::CHANNELS
        .iter()
        .copied()
        .partition(|spec| spec.has_account());
    let found = kinds.iter().copied().find(|spec| spec.kind == word);
    if found.is_none() {
        let built_in = built_in.iter().find(|spec| spec.kind == word);
        let (message, hint) = if let Some(spec) = built_in {
            let hint = format!("write {}: [{{}}]", spec.receiver_key);
            (format!("{} needs no account", said(kind)), hint)
        } else {
            let kinds = kinds.iter().map(|spec| spec.kind);
            let hint = compiler.findings.nearest(word, kinds);
            (format!("{} is no kind of account", said(kind)), hint)
        };
        compiler
            .findings
            .problem(kind.place, &path.key("kind"), message, hint);
    }
    found
}

fn ready<'a>(
    compiler: &mut Compiler<'a>,
    accounts: &mut Accounts<'_>,
    name: &str,
    node: &'a Node,
    spec: &'static ChannelSpec,
) -> Option<Ready<'a>> {
    let accounts_path = section("accounts");
    let path = accounts_path.key(name);
    let own = node
        .at("http_config")
        .map(|own| super::http::client(compiler, own, &path.key("http_config")));
    let quotas = quotas(compiler, node, spec, &path);
    let timeout = timeout(compiler, node, spec, &path);
    let quiet = quiet::of_account(compiler, node, &path);
    match spec.kind {
        "command" => command::check_account(compiler, node, &path),
        "http" => body::check(compiler, node, &path),
        _ => {}
    }
    let mut value = json::record(node, spec.account_fields);
    if let Some((token, url)) = callback(compiler, node, name, spec, &path) {
        value.insert(CALLBACK_TOKEN.to_owned(), token.into());
        value.insert("callback_url".to_owned(), url.into());
    }
    let sound = !compiler.findings.any_below(&path);
    let parts = Parts {
        name: Arc::from(name),
        spec,
        value: Value::Object(value),
        http: own.unwrap_or_else(|| accounts.http(compiler))?,
        tokens: Arc::new(Tokens::new()),
        timeout,
    };
    let concurrency = node
        .text_at("concurrency")
        .and_then(|text| text.parse().ok())
        .unwrap_or(spec.concurrency);
    let account = parts.account(quotas, concurrency, quiet);
    Some(Ready {
        spec,
        node: Some(node),
        sound,
        account,
        parts,
    })
}

/// The token of an account's callbacks, and where they come in.
fn callback(
    compiler: &mut Compiler<'_>,
    node: &Node,
    name: &str,
    spec: &ChannelSpec,
    path: &Path<'_>,
) -> Option<(String, String)> {
    let given = node.at(CALLBACK_TOKEN)?;
    let token = given.text()?;
    let path = path.key(CALLBACK_TOKEN);
    check_token(compiler, given.place, &path, token);
    let stands_in_a_path = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    if !token.chars().all(stands_in_a_path) {
        let message = "the token stands in an address: letters, digits, '-', '_', '.' and '~'";
        let hint = "make one with: openssl rand -hex 24";
        compiler.findings.problem(given.place, &path, message, hint);
    }
    if registry::callback_of(spec).is_none() && registry::clicks_of(spec).is_none() {
        let message = format!("nothing is read that {} says afterwards", spec.kind);
        compiler
            .findings
            .problem(given.place, &path, message, "leave it out");
    }
    let Some(base) = compiler
        .find(&["server", "external_url"])
        .and_then(Node::text)
    else {
        let message = "the provider must know where to call";
        let hint = "name server.external_url";
        compiler.findings.problem(given.place, &path, message, hint);
        return None;
    };
    let base = base.trim_end_matches('/');
    Some((token.to_owned(), format!("{base}/callback/{name}/{token}")))
}
