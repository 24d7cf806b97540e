//! Which provider a request is for, by its path.

use http::request::Parts;

use super::Stage;
use crate::provider::Desk;
use crate::received::Received;
use crate::smtp::{Mail, SmtpSim};

impl Stage {
    /// Every provider, in the order they are shown.
    pub(super) fn desks(&self) -> Vec<&dyn Desk> {
        let mut desks: Vec<&dyn Desk> = vec![
            &self.dingtalk,
            &self.wecom_robot,
            &self.wecom_token,
            &self.wecom_app,
            &self.wecom_contact,
            &self.feishu,
            &self.slack_hook,
            &self.slack_bot,
            &self.slack_users,
            &self.aliyun,
            &self.tencent,
            &self.webhook,
        ];
        desks.extend(self.dingtalk_app.desks());
        desks.extend(self.personal.desks());
        desks.extend(self.chats.desks());
        desks.extend(self.push.desks());
        desks.extend(self.incidents.desks());
        desks.extend(self.phones.desks());
        desks.extend(self.feishu_app.desks());
        desks.push(&self.strays);
        desks
    }

    /// The provider that answers a path.
    pub(super) fn desk(&self, path: &str) -> &dyn Desk {
        if let Some(desk) = self.dingtalk_app.desk(path) {
            return desk;
        }
        if let Some(desk) = self.personal.desk(path) {
            return desk;
        }
        if let Some(desk) = self.chats.desk(path) {
            return desk;
        }
        if let Some(desk) = self.push.desk(path) {
            return desk;
        }
        if let Some(desk) = self.incidents.desk(path) {
            return desk;
        }
        if let Some(desk) = self.phones.desk(path) {
            return desk;
        }
        if let Some(desk) = self.feishu_app.desk(path) {
            return desk;
        }
        match path {
            "/robot/send" => &self.dingtalk,
            "/cgi-bin/webhook/send" | "/cgi-bin/webhook/upload_media" => &self.wecom_robot,
            "/cgi-bin/user/get" | "/cgi-bin/user/get_userid_by_email" => &self.wecom_contact,
            "/cgi-bin/gettoken" => &self.wecom_token,
            "/cgi-bin/message/send"
            | "/cgi-bin/message/update_template_card"
            | "/cgi-bin/user/getuserid"
            | "/cgi-bin/appchat/create"
            | "/cgi-bin/appchat/send"
            | "/cgi-bin/media/upload" => &self.wecom_app,
            _ if path
                .strip_prefix("/open-apis/bot/v2/hook/")
                .is_some_and(is_name) =>
            {
                &self.feishu
            }
            _ if path.starts_with("/services/") => &self.slack_hook,
            "/api/users.info" | "/api/users.lookupByEmail" => &self.slack_users,
            _ if path.strip_prefix("/api/").is_some_and(is_name) => &self.slack_bot,
            _ if path.strip_prefix("/upload/v1/").is_some_and(is_name) => &self.slack_bot,
            _ if path.strip_prefix("/webhook/").is_some_and(is_name) => &self.webhook,
            _ => &self.strays,
        }
    }

    /// Whom a call to `/` is for: the clouds have that path alone, and ntfy takes JSON there.
    pub(super) fn at_root(&self, call: &Parts) -> Option<&dyn Desk> {
        if call.uri.path() != "/" {
            return None;
        }
        let of_aliyun = call.headers.contains_key("x-acs-action");
        let json = call.headers.get("content-type");
        let json = json.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if call.headers.contains_key("x-tc-action") {
            Some(&self.tencent)
        } else if json && !of_aliyun {
            Some(&self.push.ntfy)
        } else {
            Some(&self.aliyun)
        }
    }

    pub(super) fn named(&self, provider: &str) -> Option<&dyn Desk> {
        self.desks()
            .into_iter()
            .find(|desk| desk.book().name == provider)
    }

    pub(super) fn mails(&self) -> Vec<Mail> {
        self.mail
            .as_ref()
            .map(SmtpSim::received)
            .unwrap_or_default()
    }

    pub(super) fn requests(&self) -> Vec<Received> {
        let mut all: Vec<Received> = self
            .desks()
            .into_iter()
            .flat_map(|desk| desk.book().kept(|_| true))
            .collect();
        all.sort_by_key(|received| received.seq);
        all
    }
}

/// One path segment.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}
