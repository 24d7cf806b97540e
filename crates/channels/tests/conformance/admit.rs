//! Makes the simulated providers know the samples' credentials.

use balefire_channels::spec::ChannelSpec;
use balefire_testkit::Simulator;
use balefire_testkit::provider::{dingtalk, feishu};
use serde_json::Value;

/// Makes the provider know the sample's credentials, or the sample those of the provider where these are fixed.
pub(crate) fn admit(spec: &ChannelSpec, simulator: &Simulator, account: &mut Value) {
    match spec.kind {
        "webhook" => {
            let secret = account["secret"].as_str().expect("a secret").to_owned();
            assert!(simulator.webhook().require_signature("s3cret", &secret));
        }
        // Everybody may post there.
        "http" => {}
        "dingtalk_robot" => simulator.dingtalk().add_robot(dingtalk::Robot {
            token: "s3cret0123456789".to_owned(),
            secret: account["secret"].as_str().map(ToOwned::to_owned),
            keywords: vec!["Balefire".to_owned()],
        }),
        "dingtalk_app" => {
            let secret = simulator.dingtalk_app().token.client_secret();
            account["client_secret"] = secret.into();
        }
        "serverchan" => simulator
            .personal()
            .serverchan
            .add_key("SCTs3cret0123456789"),
        "pushplus" => simulator
            .personal()
            .pushplus
            .add_token("s3cret0123456789abcdef"),
        "wxpusher" => simulator
            .personal()
            .wxpusher
            .add_token("AT_s3cret0123456789"),
        "wecom_robot" => simulator.wecom_robot().add_robot("s3cret-7aoc-4bc4-97a0"),
        "wecom_app" | "wecom_groupchat" => {
            account["secret"] = simulator.wecom_app().secret().into();
        }
        "feishu_robot" => simulator.feishu().add_bot(feishu::Bot {
            token: "s3cret-5b7a-4e2c".to_owned(),
            secret: account["secret"].as_str().map(ToOwned::to_owned),
            keywords: Vec::new(),
        }),
        "slack_webhook" => simulator
            .slack_hook()
            .add_hook("T0SIM00001/B0SIM00001/s3cret000000001"),
        "slack_bot" => account["token"] = simulator.slack_bot().token().into(),
        "tencent_sms" | "tencent_voice" => {
            let word = |key: &str| account[key].as_str().expect("a key").to_owned();
            let (id, key) = (word("secret_id"), word("secret_key"));
            simulator.tencent().add_key(&id, &key);
        }
        "aliyun_sms" | "aliyun_voice" => {
            let word = |key: &str| account[key].as_str().expect("a key").to_owned();
            let (id, secret) = (word("access_key_id"), word("access_key_secret"));
            simulator.aliyun().add_key(&id, &secret);
        }
        _ => admit_to_chats(spec, simulator, account),
    }
}

/// The same for the platforms of the simulator's `chats`.
fn admit_to_chats(spec: &ChannelSpec, simulator: &Simulator, account: &Value) {
    let chats = simulator.chats();
    match spec.kind {
        "telegram" => {
            let token = account["bot_token"].as_str().expect("a token");
            chats.telegram.add_token(token);
        }
        "discord" => chats
            .discord
            .add_hook("223704706495545344/s3cret0123456789abcdef"),
        "teams" => chats
            .teams
            .add_flow("abcdef0123456789", "s3cret-0123456789"),
        "mattermost" => chats.mattermost.add_key("s3cretkey0000000000000001"),
        "mattermost_bot" => {
            let token = account["token"].as_str().expect("a token");
            chats.mattermost_bot.add_token(token);
        }
        "googlechat" => {
            chats
                .googlechat
                .add_space("AAAAs3cret", "AIza-s3cret-key", "s3cret-token-0123");
        }
        "matrix" => {
            let token = account["access_token"].as_str().expect("a token");
            chats.matrix.add_token(token);
        }
        _ => admit_to_services(spec, simulator, account),
    }
}

/// The same for push, incidents and telephones.
fn admit_to_services(spec: &ChannelSpec, simulator: &Simulator, account: &Value) {
    let word = |key: &str| account[key].as_str().expect("a key").to_owned();
    match spec.kind {
        "ntfy" => simulator
            .push()
            .ntfy
            .protect("ops-a8F3kP", "tk_s3cret0123456789"),
        "gotify" => simulator.push().gotify.add_token("As3cret0123456789"),
        "pushover" => simulator.push().pushover.add(
            "s3crettoken0123456789abcdefghi",
            "s3cretuser0123456789abcdefghij",
        ),
        "bark" => simulator.push().bark.add_device("kQ3s3cretDeviceKey"),
        // Every key of the right length is one there.
        "pagerduty" => {}
        "opsgenie" => {
            let key = account["api_key"].as_str().expect("a key");
            simulator.incidents().opsgenie.add_key(key);
        }
        "twilio_sms" | "twilio_voice" => {
            let (sid, token) = (word("account_sid"), word("auth_token"));
            simulator.phones().twilio.add_account(&sid, &token);
        }
        "vonage_sms" => simulator
            .phones()
            .vonage
            .add_account("abcd1234", "s3cret0123456789"),
        "huawei_sms" => simulator
            .phones()
            .huawei
            .add_key("s3cretAppKey0123", "s3cretAppSecret0123"),
        "feishu_app" => {
            let (id, secret) = (word("app_id"), word("app_secret"));
            simulator.feishu_app().token.add_app(&id, &secret);
        }
        other => panic!("no provider is simulated for {other}: add it here"),
    }
}
