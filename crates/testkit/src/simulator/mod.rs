//! All simulated HTTP providers behind one loopback listener, each under its real path.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use balefire_core::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::{self, ManualClock};
use crate::provider::aliyun::{Aliyun, AliyunSim};
use crate::provider::chats::Chats;
use crate::provider::dingtalk::{DingTalk, DingTalkSim};
use crate::provider::dingtalk_app::office::DingTalkApp;
use crate::provider::feishu::app::FeishuApp;
use crate::provider::feishu::{Feishu, FeishuSim};
use crate::provider::incidents::Incidents;
use crate::provider::personal::Personal;
use crate::provider::phones::Phones;
use crate::provider::push::Push;
use crate::provider::slack::bot::{SlackBot, SlackBotSim};
use crate::provider::slack::hook::{SlackHook, SlackHookSim};
use crate::provider::slack::users::{SlackUsers, SlackUsersSim};
use crate::provider::tencent::{Tencent, TencentSim};
use crate::provider::webhook::{Webhook, WebhookSim};
use crate::provider::wecom::app::{WeComApp, WeComAppSim};
use crate::provider::wecom::contact::{WeComContact, WeComContactSim};
use crate::provider::wecom::robot::{WeComRobot, WeComRobotSim};
use crate::provider::wecom::token::{WeComToken, WeComTokenSim};
use crate::provider::{Rules, Sim, Site};
use crate::received::{Book, Keep, Received, Verdict};
use crate::reply::Reply;
use crate::smtp::SmtpSim;

mod control;
mod desks;
mod listener;
mod page;

/// The running simulator. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct Simulator {
    stage: Arc<Stage>,
    manual: Option<ManualClock>,
    _stop: Arc<DropGuard>,
}

/// What the listener's tasks work with.
pub(crate) struct Stage {
    base: Arc<str>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    dingtalk: DingTalkSim,
    dingtalk_app: DingTalkApp,
    personal: Personal,
    chats: Chats,
    push: Push,
    incidents: Incidents,
    phones: Phones,
    wecom_robot: WeComRobotSim,
    wecom_token: WeComTokenSim,
    wecom_app: WeComAppSim,
    wecom_contact: WeComContactSim,
    feishu: FeishuSim,
    feishu_app: FeishuApp,
    slack_hook: SlackHookSim,
    slack_bot: SlackBotSim,
    slack_users: SlackUsersSim,
    aliyun: AliyunSim,
    tencent: TencentSim,
    webhook: WebhookSim,
    /// Requests to no provider's path.
    strays: Sim<Nobody>,
    /// The mail server whose mails are shown too.
    mail: Option<SmtpSim>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// How a [`Simulator`] is to be started.
#[must_use]
pub struct SimulatorBuilder {
    address: SocketAddr,
    clock: Option<Arc<dyn Clock>>,
    keep: Keep,
    unlimited: bool,
    mail: Option<SmtpSim>,
}

impl SimulatorBuilder {
    /// Listens here instead of a free port of 127.0.0.1. Only loopback addresses are accepted.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Takes the time from here instead of from a [`ManualClock`] of its own.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Leaves out the vendors' rate limits, for benchmarks.
    pub fn unlimited(mut self) -> Self {
        self.unlimited = true;
        self
    }

    /// Shows this server's mails on the page and at `/_sim/mails`; it lives as long as the simulator.
    pub fn mail(mut self, server: &SmtpSim) -> Self {
        self.mail = Some(server.clone());
        self
    }

    /// Keeps so many requests of each provider (10 000 unless told), and at most 64 MiB of bodies.
    pub fn keep(mut self, requests: usize) -> Self {
        self.keep.requests = requests;
        self
    }

    /// Binds and starts to answer.
    pub async fn start(self) -> io::Result<Simulator> {
        if !self.address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "the simulator listens on loopback only, not on {}",
                    self.address.ip()
                ),
            ));
        }
        let listener = TcpListener::bind(self.address).await?;
        let base: Arc<str> = format!("http://{}", listener.local_addr()?).into();
        let (clock, manual) = clock::or_manual(self.clock);
        let stop = CancellationToken::new();
        let site = Site {
            base: Arc::clone(&base),
            unlimited: self.unlimited,
        };
        let seq = Arc::new(AtomicU64::new(0));
        let book = |name| Book::new(name, self.keep, Arc::clone(&seq));
        let token = WeComToken::new();
        let stage = Arc::new(Stage {
            base,
            clock,
            stop: stop.clone(),
            dingtalk: Sim::new(book("dingtalk_robot"), DingTalk::new(site.clone())),
            dingtalk_app: DingTalkApp::new(book, &site),
            personal: Personal::new(book, &site),
            chats: Chats::new(book, &site),
            push: Push::new(book, &site),
            incidents: Incidents::new(book, &site),
            phones: Phones::new(book, &site),
            wecom_robot: Sim::new(book("wecom_robot"), WeComRobot::new(site.clone())),
            wecom_app: Sim::new(book("wecom_app"), WeComApp::new(site.clone(), &token)),
            wecom_contact: Sim::new(book("wecom_contact"), WeComContact::new(&token)),
            wecom_token: Sim::new(book("wecom_token"), token),
            feishu: Sim::new(book("feishu_robot"), Feishu::new(site.clone())),
            feishu_app: FeishuApp::new(book, &site),
            slack_hook: Sim::new(book("slack_webhook"), SlackHook::new(site.clone())),
            slack_bot: Sim::new(book("slack_bot"), SlackBot::new(site.clone())),
            slack_users: Sim::new(book("slack_users"), SlackUsers::default()),
            aliyun: Sim::new(book("aliyun"), Aliyun::new(site.clone())),
            tencent: Sim::new(book("tencent"), Tencent::new(site.clone())),
            webhook: Sim::new(book("webhook"), Webhook::new(site)),
            strays: Sim::new(book("unknown"), Nobody),
            mail: self.mail,
        });
        tokio::spawn(listener::accept(listener, Arc::clone(&stage)));
        Ok(Simulator {
            stage,
            manual,
            _stop: Arc::new(stop.drop_guard()),
        })
    }
}

impl Simulator {
    /// Starts on a free port of 127.0.0.1 with a [`ManualClock`] at the time of the test vectors.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// How to start otherwise.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: None,
            keep: Keep::default(),
            unlimited: false,
            mail: None,
        }
    }

    /// `http://127.0.0.1:port`, without a slash at the end: the `base_url` of every account.
    pub fn url(&self) -> &str {
        &self.stage.base
    }

    /// The simulator's own clock, if it was not given one.
    pub fn clock(&self) -> Option<&ManualClock> {
        self.manual.as_ref()
    }

    /// The custom robots of DingTalk.
    pub fn dingtalk(&self) -> &DingTalkSim {
        &self.stage.dingtalk
    }

    /// The enterprise application of DingTalk.
    pub fn dingtalk_app(&self) -> &DingTalkApp {
        &self.stage.dingtalk_app
    }

    /// The services that push to one person's WeChat.
    pub fn personal(&self) -> &Personal {
        &self.stage.personal
    }

    /// The chat platforms that have no account of their own above.
    pub fn chats(&self) -> &Chats {
        &self.stage.chats
    }

    /// The services that push to a person's phone.
    pub fn push(&self) -> &Push {
        &self.stage.push
    }

    /// The services that keep incidents.
    pub fn incidents(&self) -> &Incidents {
        &self.stage.incidents
    }

    /// Text messages and calls beyond the two clouds below.
    pub fn phones(&self) -> &Phones {
        &self.stage.phones
    }

    /// The group robots of WeCom.
    pub fn wecom_robot(&self) -> &WeComRobotSim {
        &self.stage.wecom_robot
    }

    /// WeCom's access tokens: count its requests to see whether tokens are cached.
    pub fn wecom_token(&self) -> &WeComTokenSim {
        &self.stage.wecom_token
    }

    /// WeCom's address book.
    pub fn wecom_contact(&self) -> &WeComContactSim {
        &self.stage.wecom_contact
    }

    /// The members of Slack's workspace.
    pub fn slack_users(&self) -> &SlackUsersSim {
        &self.stage.slack_users
    }

    /// The application of WeCom.
    pub fn wecom_app(&self) -> &WeComAppSim {
        &self.stage.wecom_app
    }

    /// The custom bots of Feishu.
    pub fn feishu(&self) -> &FeishuSim {
        &self.stage.feishu
    }

    /// The application of Feishu.
    pub fn feishu_app(&self) -> &FeishuApp {
        &self.stage.feishu_app
    }

    /// The incoming webhooks of Slack.
    pub fn slack_hook(&self) -> &SlackHookSim {
        &self.stage.slack_hook
    }

    /// The methods of a Slack bot.
    pub fn slack_bot(&self) -> &SlackBotSim {
        &self.stage.slack_bot
    }

    /// The text messages and calls of Alibaba Cloud.
    pub fn aliyun(&self) -> &AliyunSim {
        &self.stage.aliyun
    }

    /// The text messages and calls of Tencent Cloud.
    pub fn tencent(&self) -> &TencentSim {
        &self.stage.tencent
    }

    /// The receivers of generic webhooks.
    pub fn webhook(&self) -> &WebhookSim {
        &self.stage.webhook
    }

    /// Requests to a path that no provider has: a channel that calls a wrong address shows here.
    pub fn strays(&self) -> Vec<Received> {
        self.stage.strays.requests()
    }

    /// Everything that arrived at any provider, in order of arrival, as far as it is kept.
    pub fn requests(&self) -> Vec<Received> {
        self.stage.requests()
    }
}

/// Answers what has no provider.
#[derive(Debug)]
struct Nobody;

impl Rules for Nobody {
    fn judge(
        &self,
        call: &crate::provider::Call,
        _now: balefire_core::time::Time,
    ) -> crate::provider::Judged {
        let why = format!("404 no provider has the path {}", call.uri.path());
        let reply = Reply::text(404, why.clone());
        crate::provider::Judged::new(Verdict::Refused(why), "", reply)
    }

    fn fault(&self, _fault: &crate::provider::Fault) -> Reply {
        Reply::text(404, "not found")
    }

    fn shown(&self, _body: &serde_json::Value) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests;
