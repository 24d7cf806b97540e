//! Every kind of channel there is, in one table.

pub mod directories;

use serde_json::Value;

use crate::callback::Callback;
use crate::click::Clicks;
use crate::dial;
use crate::spec::{Build, Built, ChannelSpec};

/// All kinds, in the order the documentation lists them.
pub static CHANNELS: &[&ChannelSpec] = &[
    &crate::inbox::SPEC,
    &crate::webhook::SPEC,
    &crate::http_request::SPEC,
    &crate::command::SPEC,
    &crate::email::SPEC,
    &crate::dingtalk_robot::SPEC,
    &crate::dingtalk_app::SPEC,
    &crate::wecom::robot::SPEC,
    &crate::wecom::app::SPEC,
    &crate::wecom::groupchat::SPEC,
    &crate::feishu_robot::SPEC,
    &crate::feishu_app::SPEC,
    &crate::slack::hook::SPEC,
    &crate::slack::bot::SPEC,
    &crate::telegram::SPEC,
    &crate::discord::SPEC,
    &crate::teams::SPEC,
    &crate::mattermost::hook::SPEC,
    &crate::mattermost::bot::SPEC,
    &crate::googlechat::SPEC,
    &crate::matrix::SPEC,
    &crate::personal::serverchan::SPEC,
    &crate::personal::pushplus::SPEC,
    &crate::personal::wxpusher::SPEC,
    &crate::push::ntfy::SPEC,
    &crate::push::gotify::SPEC,
    &crate::push::pushover::SPEC,
    &crate::push::bark::SPEC,
    &crate::pagerduty::SPEC,
    &crate::opsgenie::SPEC,
    &crate::twilio::sms::SPEC,
    &crate::twilio::voice::SPEC,
    &crate::vonage::SPEC,
    &crate::smpp::SPEC,
    &crate::huawei::SPEC,
    &crate::aliyun::sms::SPEC,
    &crate::aliyun::voice::SPEC,
    &crate::tencent::sms::SPEC,
    &crate::tencent::voice::SPEC,
    &crate::autocall::SPEC,
];

/// The kind of this name, as in `kind: dingtalk_robot`.
pub fn find(kind: &str) -> Option<&'static ChannelSpec> {
    CHANNELS.iter().copied().find(|spec| spec.kind == kind)
}

/// How a kind's callbacks are read; `None` for those whose providers say nothing afterwards.
pub fn callback_of(spec: &ChannelSpec) -> Option<&'static Callback> {
    match spec.kind {
        "aliyun_sms" => Some(&crate::aliyun::callback::SMS),
        "aliyun_voice" => Some(&crate::aliyun::callback::VOICE),
        "tencent_sms" => Some(&crate::tencent::callback::SMS),
        "tencent_voice" => Some(&crate::tencent::callback::VOICE),
        "vonage_sms" => Some(&crate::vonage::callback::SMS),
        "twilio_sms" => Some(&crate::twilio::callback::SMS),
        "twilio_voice" => Some(&crate::twilio::callback::VOICE),
        _ => None,
    }
}

/// Whether a kind's provider says afterwards what became of what it took, over a connection that we hold open.
pub fn listens(spec: &ChannelSpec) -> bool {
    spec.kind == crate::smpp::SPEC.kind
}

/// Whether somebody who gets a text message of this account may answer it by another: what they write comes back to us.
/// `options` are the receiver's.
pub fn hears_texts(spec: &ChannelSpec, account: &Value, options: &Value) -> bool {
    let has_path = account["callback_token"]
        .as_str()
        .is_some_and(|token| !token.is_empty());
    let hears = callback_of(spec).is_some_and(|callback| callback.hears_texts);
    hears && has_path && !dial::is_asked(spec, options)
}

/// How clicks on messages of a kind are read; `None` for those without buttons.
pub fn clicks_of(spec: &ChannelSpec) -> Option<&'static Clicks> {
    match spec.kind {
        "slack_bot" => Some(&crate::slack::click::CLICKS),
        "telegram" => Some(&crate::telegram::click::CLICKS),
        "feishu_app" => Some(&crate::feishu_app::click::CLICKS),
        "wecom_app" => Some(&crate::wecom::click::CLICKS),
        "dingtalk_app" => Some(&crate::dingtalk_app::click::CLICKS),
        "mattermost" | "mattermost_bot" => Some(&crate::mattermost::click::CLICKS),
        _ => None,
    }
}

/// The kinds that a receiver's key may mean, as in `slack_configs`.
pub fn for_receiver_key(key: &str) -> impl Iterator<Item = &'static ChannelSpec> {
    CHANNELS
        .iter()
        .copied()
        .filter(move |spec| spec.receiver_key == key)
}

/// Builds the channel of one receiver entry, or of a direct message's options: the kind's own, or where `dial` is
/// said one that has a telephone dial through it.
pub fn open(spec: &ChannelSpec, build: &Build<'_>) -> Built {
    if dial::is_asked(spec, build.receiver) {
        dial::build(spec, build)
    } else {
        (spec.build)(build)
    }
}
