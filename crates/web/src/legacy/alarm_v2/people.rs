//! Who of a group can be reached; whoever cannot is a finding, and the others are told.

use balefire_config::legacy::AlarmGroup;
use balefire_config::plan::Plan;
use balefire_engine::engine::Engine;
use balefire_engine::meta::Trouble;

use super::group::{DINGTALK, EMAIL, WECOM, addresses};

/// The addresses of a group's people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct People {
    pub(super) dingtalk: Vec<String>,
    pub(super) wecom: Vec<String>,
    pub(super) email: Vec<String>,
}

/// The people of a group; a gap is told to the operator, by its place and not by name.
pub(super) fn of(engine: &Engine, plan: &Plan, group: &AlarmGroup) -> People {
    let (dingtalk, mut missing) = addresses(plan, &group.dingtalk_people, DINGTALK);
    let (wecom, more) = addresses(plan, &group.wecom_people, WECOM);
    missing.extend(more);
    let (email, more) = addresses(plan, &group.email_people, EMAIL);
    missing.extend(more);
    if !missing.is_empty() {
        let (owner, level) = (&group.owner, group.level);
        let text = format!(
            "alarms of {owner} level {level} do not reach {}: nobody under people has that key or name and an address there; correct the group, or people",
            missing.join(", ")
        );
        let subject = format!("alarm_v2 {owner} {level}");
        let findings = engine.findings();
        findings.report(engine.now(), Trouble::Recipient, &subject, text);
    }
    People {
        dingtalk,
        wecom,
        email,
    }
}
