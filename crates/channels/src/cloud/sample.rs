//! A message for the tests of the clouds' channels.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{
    AlertView, Answering, Attachment, Block, Enclosed, GroupView, Link, Locale, Mentions, Message,
    Occasion, Status,
};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::channel::{Channel, Delivery, Outcome};
use crate::http::{Http, HttpReply, HttpSettings};
use crate::spec::{Build, Built, ChannelSpec};
use crate::token::Tokens;

/// Two alerts of one group fire.
pub(crate) fn message() -> Message {
    let alerts: Vec<AlertView> = ["db-1", "db-2"].into_iter().map(alert).collect();
    let group = GroupView {
        receiver: "ops".into(),
        status: Status::Firing,
        common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        alerts,
        group_labels: Labels::from_pairs([("alertname", "DiskFull")]).expect("labels"),
        external_url: "https://gw.example.com".into(),
        group_key: "{}:{alertname=\"DiskFull\"}".into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: "first notification".into(),
    };
    let link = Link {
        text: "打开".to_owned(),
        url: "https://gw.example.com/?group=1".to_owned(),
    };
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: "🔴 [告警:2] 磁盘将满".to_owned(),
        body: vec![
            Block::Facts(vec![("实例".to_owned(), "db-1".to_owned())]),
            Block::List(vec!["db-1.example.com /var 99 %".to_owned()]),
            Block::Link(link.clone()),
        ],
        group: Some(Arc::new(group)),
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::ZhCn,
        zone: "Asia/Shanghai".to_owned(),
        link: Some(link),
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn alert(instance: &str) -> AlertView {
    let pairs = [("alertname", "DiskFull"), ("instance", instance)];
    let labels = Labels::from_pairs(pairs).expect("labels");
    AlertView {
        status: Status::Firing,
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::annotations([("summary", "/var 99 %")]).expect("annotations"),
        starts_at: Time::from_secs(1_795_249_500),
        ends_at: None,
        generator_url: "".into(),
        lifecycle: Lifecycle::Refreshing,
        missed: false,
    }
}

/// A picture that was fetched, by its name.
pub(crate) fn picture(name: &str, content: Vec<u8>) -> Attachment {
    let ending = name.rsplit('.').next().unwrap_or_default();
    Attachment {
        name: name.to_owned(),
        media_type: format!("image/{}", ending.replace("jpg", "jpeg")),
        enclosed: Enclosed::Picture {
            url: format!("https://grafana.example.com/{name}"),
            content,
        },
    }
}

/// The first bytes of a PNG, and some more.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

/// An answer.
pub(crate) fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        whole: true,
    }
}

/// Builds a channel.
pub(crate) fn build(spec: &ChannelSpec, account: &Value, receiver: &Value) -> Built {
    let http = Http::new(HttpSettings::default()).expect("a client");
    build_with(http, spec, account, receiver)
}

/// Builds a channel with this client.
pub(crate) fn build_with(
    http: Http,
    spec: &ChannelSpec,
    account: &Value,
    receiver: &Value,
) -> Built {
    (spec.build)(&Build {
        account_name: "a",
        account,
        receiver,
        http,
        tokens: Arc::new(Tokens::new()),
    })
}

/// Tells all of its targets.
pub(crate) async fn send(channel: &dyn Channel, message: &Message, now: Time) -> Vec<Outcome> {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "bf_0123456789abcdef0123456789abcdef",
        attempt: 1,
        now,
    };
    channel.send(&delivery).await
}
