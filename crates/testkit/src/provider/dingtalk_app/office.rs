//! The four desks of one application, and which of them a path belongs to.

use super::Company;
use super::notice::{DingTalkNotice, DingTalkNoticeSim};
use super::org::{DingTalkOrg, DingTalkOrgSim};
use super::robot::{DingTalkRobot, DingTalkRobotSim};
use super::token::{DingTalkToken, DingTalkTokenSim};
use crate::provider::{Desk, Sim, Site};
use crate::received::Book;

/// The simulated application.
#[derive(Debug)]
pub struct DingTalkApp {
    /// Its access tokens.
    pub token: DingTalkTokenSim,
    /// Its work notices.
    pub notice: DingTalkNoticeSim,
    /// Its robot: messages to people and groups, and DING.
    pub robot: DingTalkRobotSim,
    /// The company: address book and groups.
    pub org: DingTalkOrgSim,
}

impl DingTalkApp {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        let company = Company::new();
        let notice = DingTalkNotice::new(site.clone(), &company);
        let robot = DingTalkRobot::new(site.clone(), &company);
        Self {
            token: Sim::new(book("dingtalk_token"), DingTalkToken::new(&company)),
            notice: Sim::new(book("dingtalk_notice"), notice),
            robot: Sim::new(book("dingtalk_app_robot"), robot),
            org: Sim::new(book("dingtalk_org"), DingTalkOrg::new(&company)),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 4] {
        [&self.token, &self.notice, &self.robot, &self.org]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        match path {
            "/topapi/message/corpconversation/asyncsend_v2"
            | "/topapi/message/corpconversation/getsendresult" => Some(&self.notice),
            "/v1.0/robot/oToMessages/batchSend"
            | "/v1.0/robot/groupMessages/send"
            | "/v1.0/robot/ding/send"
            | "/v1.0/card/instances"
            | "/v1.0/card/instances/createAndDeliver"
            | "/v1.0/card/callbacks/register" => Some(&self.robot),
            "/topapi/v2/user/getbymobile"
            | "/topapi/v2/user/get"
            | "/v1.0/im/group/create"
            | "/v1.0/im/sceneGroup/create" => Some(&self.org),
            _ if path.starts_with("/v1.0/oauth2/") => Some(&self.token),
            _ => None,
        }
    }
}
