//! `legacy`: the older services, with the accounts they go through.

mod access;
mod alarm_v2;
mod autocall;
mod reminders;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::accounts::Accounts;
use super::{Compiler, section};
use crate::check::said;
use crate::legacy::{AccountName, AppTools, GrafanaWecom, Legacy, Push};
use crate::plan::AccessRule;
use crate::problem::Path;
use crate::tree::Node;

const MAIL: &[&str] = &["smtp"];
const SMS: &[&str] = &["aliyun_sms", "tencent_sms"];
const VOICE: &[&str] = &["aliyun_voice", "tencent_voice"];
const SLACK: &[&str] = &["slack_webhook"];
const ROBOT: &[&str] = &["dingtalk_robot"];
const DINGTALK_APP: &[&str] = &["dingtalk_app"];
const WECOM_APP: &[&str] = &["wecom_app"];
const GROUP_CHAT: &[&str] = &["wecom_groupchat"];
const WECHAT: &[&str] = &[
    "serverchan",
    "pushplus",
    "wxpusher",
    "wecom_robot",
    "wecom_app",
];

/// Bytes of an attachment that most mail servers still take.
const MAIL_BYTES: u64 = 25 << 20;

/// One service's mapping and where it stands.
struct Service<'c, 'a, 'n> {
    compiler: &'c mut Compiler<'a>,
    accounts: &'c Accounts<'a>,
    node: &'n Node,
    path: Path<'c>,
}

/// The older services that are on, and who may call them.
pub(super) fn compile<'a>(
    compiler: &mut Compiler<'a>,
    accounts: &Accounts<'a>,
) -> (Legacy, Vec<AccessRule>) {
    let Some(node) = compiler.find(&["legacy"]) else {
        return (Legacy::default(), Vec::new());
    };
    let legacy = section("legacy");
    let mut rules = Vec::new();
    let mut at = |compiler: &mut Compiler<'a>, name: &'static str| {
        let service = node.at(name)?;
        let path = legacy.key(name);
        rules.extend(access::rules(compiler, name, service, &path));
        Some((compiler.older(name)?, path))
    };
    let reminders = node
        .at("apptools")
        .map(|apptools| reminders::compile(compiler, apptools, &legacy.key("apptools")))
        .unwrap_or_default();
    let apptools = at(compiler, "apptools");
    let push = at(compiler, "push");
    let alarm_v2 = at(compiler, "alarm_v2");
    let grafana = at(compiler, "grafana_wecom");
    let autocall = at(compiler, "autocall");
    let legacy = Legacy {
        apptools: apptools.map(|at| Service::new(compiler, accounts, at).apptools()),
        push: push.map(|at| Service::new(compiler, accounts, at).push()),
        alarm_v2: alarm_v2.map(|at| Service::new(compiler, accounts, at).alarm_v2()),
        grafana_wecom: grafana.and_then(|at| Service::new(compiler, accounts, at).grafana_wecom()),
        autocall: autocall.map(|at| Service::new(compiler, accounts, at).autocall()),
        reminders,
    };
    (legacy, rules)
}

impl<'c, 'a, 'n> Service<'c, 'a, 'n> {
    fn new(
        compiler: &'c mut Compiler<'a>,
        accounts: &'c Accounts<'a>,
        (node, path): (&'n Node, Path<'c>),
    ) -> Self {
        Self {
            compiler,
            accounts,
            node,
            path,
        }
    }
}

impl Service<'_, '_, '_> {
    fn apptools(mut self) -> AppTools {
        AppTools {
            mail: self.account("mail", MAIL),
            sms: self.account("sms", SMS),
            dingtalk: self.account("dingtalk", ROBOT),
            wechat: self.account("wechat", WECHAT),
            upload_bytes: number(self.node, "upload_bytes"),
            mail_bytes: number(self.node, "mail_bytes").unwrap_or(MAIL_BYTES),
            public_files: self.node.bool_at("public_files").unwrap_or(false),
            escalation: super::escalation::named(self.compiler, self.node, &self.path),
        }
    }

    fn push(mut self) -> Push {
        let slack = self.node.at("slack").map(Node::entries).unwrap_or_default();
        let path = self.path.key("slack");
        let slack: BTreeMap<String, AccountName> = slack
            .iter()
            .filter_map(|entry| {
                let spot = path.key(&entry.key);
                let found = named(self.compiler, self.accounts, &entry.value, &spot, SLACK)?;
                Some((entry.key.clone(), found))
            })
            .collect();
        Push {
            mail: self.account("mail", MAIL),
            mail_from: texts(self.node, "mail_from"),
            slack,
            dingtalk: self.account("dingtalk", ROBOT),
            wecom: self.account("wecom", WECOM_APP),
            ding: self.account("ding", DINGTALK_APP),
            sms: self.account("sms", SMS),
            voice: self.account("voice", VOICE),
        }
    }

    fn grafana_wecom(mut self) -> Option<GrafanaWecom> {
        let people = texts(self.node, "people");
        let people_from = self.node.text_at("people_from").map(PathBuf::from);
        let chat_id = self.node.text_at("chat_id");
        let group_chat = self.account("group_chat", GROUP_CHAT);
        if group_chat.is_some() && chat_id.is_none() {
            let hint = "set chat_id to the answer of appchat/create";
            let message = "the group chat has no chat_id";
            self.compiler
                .findings
                .problem(self.node.place, &self.path, message, hint);
        }
        let group_chat = group_chat.zip(chat_id.map(ToOwned::to_owned));
        if people.is_empty() && people_from.is_none() && group_chat.is_none() {
            let hint = "name people, people_from or a group_chat";
            self.compiler.findings.problem(
                self.node.place,
                &self.path,
                "nobody gets the cards".to_owned(),
                hint,
            );
        }
        Some(GrafanaWecom {
            account: self.account("account", WECOM_APP)?,
            people,
            people_from,
            group_chat,
        })
    }

    /// The account a key names.
    fn account(&mut self, key: &str, kinds: &[&str]) -> Option<AccountName> {
        let name = self.node.at(key)?;
        named(
            self.compiler,
            self.accounts,
            name,
            &self.path.key(key),
            kinds,
        )
    }
}

/// The account of this name, when it is of one of these kinds.
fn named(
    compiler: &mut Compiler<'_>,
    accounts: &Accounts<'_>,
    name: &Node,
    path: &Path<'_>,
    kinds: &[&str],
) -> Option<AccountName> {
    let text = name.text()?;
    let Some(ready) = accounts.find(text) else {
        // An account of an unknown kind is in the document and has been reported there.
        if compiler.find(&["accounts", text]).is_none() {
            let fitting = accounts
                .iter()
                .filter(|(_, r)| kinds.contains(&r.spec.kind));
            let hint = compiler
                .findings
                .nearest(text, fitting.map(|(name, _)| name));
            let message = format!("no account is named {}", said(name));
            compiler.findings.problem(name.place, path, message, hint);
        }
        return None;
    };
    if !kinds.contains(&ready.spec.kind) {
        let message = format!("the account {} is of kind {}", said(name), ready.spec.kind);
        let hint = format!("an account of kind {} goes here", kinds.join(" or "));
        compiler.findings.problem(name.place, path, message, hint);
        return None;
    }
    Some(Arc::from(text))
}

fn text(node: &Node, key: &str) -> String {
    node.text_at(key).unwrap_or_default().to_owned()
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    let list = node.at(key).map(Node::texts).unwrap_or_default();
    list.into_iter().map(ToOwned::to_owned).collect()
}

fn whole<N: std::str::FromStr>(node: &Node) -> Option<N> {
    node.text()?.parse().ok()
}

fn number<N: std::str::FromStr>(node: &Node, key: &str) -> Option<N> {
    whole(node.at(key)?)
}
