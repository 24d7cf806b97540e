//! A simulated provider with one configured channel in front of it.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Channel, Delivery, Outcome};
use balefire_channels::http::{Http, HttpRequest, HttpSettings};
use balefire_channels::spec::{Build, ChannelSpec};
use balefire_channels::token::Tokens;
use balefire_core::clock::Clock as _;
use balefire_core::message::Message;
use balefire_core::time::Time;
use balefire_testkit::{Mode, Received, Simulator};
use serde_json::{Value, json};

use crate::admit::admit;
use crate::sample::sample;

/// Calls a method of the simulated provider of a kind, whatever its type.
macro_rules! provider {
    ($stage:expr, $sim:ident => $call:expr) => {
        match $stage.spec.kind {
            "webhook" | "http" => {
                let $sim = $stage.simulator.webhook();
                $call
            }
            "dingtalk_robot" => {
                let $sim = $stage.simulator.dingtalk();
                $call
            }
            "dingtalk_app" => {
                let $sim = &$stage.simulator.dingtalk_app().notice;
                $call
            }
            "serverchan" => {
                let $sim = &$stage.simulator.personal().serverchan;
                $call
            }
            "pushplus" => {
                let $sim = &$stage.simulator.personal().pushplus;
                $call
            }
            "wxpusher" => {
                let $sim = &$stage.simulator.personal().wxpusher;
                $call
            }
            "telegram" => {
                let $sim = &$stage.simulator.chats().telegram;
                $call
            }
            "discord" => {
                let $sim = &$stage.simulator.chats().discord;
                $call
            }
            "teams" => {
                let $sim = &$stage.simulator.chats().teams;
                $call
            }
            "mattermost_bot" => {
                let $sim = &$stage.simulator.chats().mattermost_bot;
                $call
            }
            "mattermost" => {
                let $sim = &$stage.simulator.chats().mattermost;
                $call
            }
            "googlechat" => {
                let $sim = &$stage.simulator.chats().googlechat;
                $call
            }
            "matrix" => {
                let $sim = &$stage.simulator.chats().matrix;
                $call
            }
            "ntfy" => {
                let $sim = &$stage.simulator.push().ntfy;
                $call
            }
            "gotify" => {
                let $sim = &$stage.simulator.push().gotify;
                $call
            }
            "pushover" => {
                let $sim = &$stage.simulator.push().pushover;
                $call
            }
            "bark" => {
                let $sim = &$stage.simulator.push().bark;
                $call
            }
            "pagerduty" => {
                let $sim = &$stage.simulator.incidents().pagerduty;
                $call
            }
            "opsgenie" => {
                let $sim = &$stage.simulator.incidents().opsgenie;
                $call
            }
            "twilio_sms" | "twilio_voice" => {
                let $sim = &$stage.simulator.phones().twilio;
                $call
            }
            "vonage_sms" => {
                let $sim = &$stage.simulator.phones().vonage;
                $call
            }
            "huawei_sms" => {
                let $sim = &$stage.simulator.phones().huawei;
                $call
            }
            "feishu_app" => {
                let $sim = &$stage.simulator.feishu_app().message;
                $call
            }
            "wecom_robot" => {
                let $sim = $stage.simulator.wecom_robot();
                $call
            }
            "wecom_app" | "wecom_groupchat" => {
                let $sim = $stage.simulator.wecom_app();
                $call
            }
            "feishu_robot" => {
                let $sim = $stage.simulator.feishu();
                $call
            }
            "slack_webhook" => {
                let $sim = $stage.simulator.slack_hook();
                $call
            }
            "slack_bot" => {
                let $sim = $stage.simulator.slack_bot();
                $call
            }
            "tencent_sms" | "tencent_voice" => {
                let $sim = $stage.simulator.tencent();
                $call
            }
            "aliyun_sms" | "aliyun_voice" => {
                let $sim = $stage.simulator.aliyun();
                $call
            }
            other => panic!("no provider is simulated for {other}: add it here"),
        }
    };
}

pub(crate) struct Stage {
    pub(crate) spec: &'static ChannelSpec,
    pub(crate) simulator: Simulator,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) now: Time,
    /// What must not show anywhere.
    pub(crate) secrets: Vec<String>,
}

impl Stage {
    /// The sample of a kind, with the credentials that its simulated provider knows.
    pub(crate) async fn of(spec: &'static ChannelSpec) -> Self {
        Self::with(spec, &json!({"account": {}, "receiver": {}})).await
    }

    /// The same with more keys.
    pub(crate) async fn with(spec: &'static ChannelSpec, more: &Value) -> Self {
        let simulator = Simulator::builder()
            .unlimited()
            .start()
            .await
            .expect("a simulator");
        let mut sample = sample(spec, simulator.url());
        admit(spec, &simulator, &mut sample["account"]);
        for part in ["account", "receiver"] {
            for (key, value) in more[part].as_object().into_iter().flatten() {
                sample[part][key] = value.clone();
            }
        }
        let http = Http::new(HttpSettings::default()).expect("a client");
        if spec.kind == "wecom_groupchat" {
            found_chat(&simulator, &http).await;
        }
        let channel = build(spec, &sample, http);
        let now = simulator.clock().expect("its own clock").now();
        let secrets = [
            "s3cret",
            simulator.wecom_app().secret(),
            simulator.slack_bot().token(),
            simulator.dingtalk_app().token.client_secret(),
        ];
        let stage = Self {
            spec,
            channel,
            now,
            secrets: secrets.map(ToOwned::to_owned).to_vec(),
            simulator,
        };
        provider!(stage, sim => sim.clear());
        stage
    }

    pub(crate) async fn send(&self, message: &Message) -> Vec<Outcome> {
        let targets = self.channel.targets();
        let message = &with_body(message, self.channel.body_template().is_some());
        let delivery = Delivery {
            message,
            targets: &targets,
            id: "n_0123456789",
            attempt: 1,
            now: self.now,
        };
        let outcomes = self.channel.send(&delivery).await;
        assert_eq!(outcomes.len(), targets.len(), "{}", self.spec.kind);
        outcomes
    }

    /// What the provider does with the sending call from now on.
    pub(crate) fn fail_with(&self, mode: Mode) {
        provider!(self, sim => sim.fail_with(mode));
    }

    /// Every sending call, refused or not.
    pub(crate) fn requests(&self) -> Vec<Received> {
        provider!(self, sim => sim.requests())
    }

    pub(crate) async fn wait_for_requests(&self, n: u64) {
        let wait = async { provider!(self, sim => sim.wait_for_requests(n).await) };
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .expect("the request arrives");
    }

    pub(crate) fn shows_no_secret(&self, text: &str, what: &str) {
        for secret in &self.secrets {
            assert!(
                !text.contains(secret),
                "{}: {what} shows {secret}: {text}",
                self.spec.kind
            );
        }
    }
}

/// The message with a body, where the channel's own template makes one; a template is rendered outside of channels.
pub(crate) fn with_body(message: &Message, is_templated: bool) -> Message {
    let mut message = message.clone();
    if is_templated {
        let body = json!({"text": message.title, "level": message.severity.as_str()});
        message.custom.get_or_insert_default().body = Some(body.to_string());
    }
    message
}

/// The sample of a kind, with the provider at this address.
pub(crate) fn open(spec: &'static ChannelSpec, provider: &str) -> Arc<dyn Channel> {
    let sample = sample(spec, provider);
    build(
        spec,
        &sample,
        Http::new(HttpSettings::default()).expect("a client"),
    )
}

fn build(spec: &'static ChannelSpec, sample: &Value, http: Http) -> Arc<dyn Channel> {
    (spec.build)(&Build {
        account_name: "sample",
        account: &sample["account"],
        receiver: &sample["receiver"],
        http,
        tokens: Arc::new(Tokens::new()),
    })
    .unwrap_or_else(|errors| panic!("{}: {errors:?}", spec.kind))
}

/// Makes the group that the sample writes to.
async fn found_chat(simulator: &Simulator, http: &Http) {
    let app = simulator.wecom_app();
    let base = simulator.url();
    let (corp, secret) = (app.corp_id(), app.secret());
    let url = format!("{base}/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}");
    let total = Duration::from_secs(5);
    let reply = http
        .send(HttpRequest::get(url), total)
        .await
        .expect("an answer");
    let token: Value = reply.json().expect("JSON");
    let token = token["access_token"].as_str().expect("a token");
    let url = format!("{base}/cgi-bin/appchat/create?access_token={token}");
    let group = json!({"name": "alerts", "owner": "a", "userlist": ["a", "b"], "chatid": "alerts"});
    let request = HttpRequest::post_json(url, &group);
    let reply = http.send(request, total).await.expect("an answer");
    assert!(reply.excerpt().contains("alerts"), "{}", reply.excerpt());
}
