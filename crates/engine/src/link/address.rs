//! Where links lead, and for whom they are made.

use balefire_config::plan::{Person, Plan};
use balefire_core::alert::Lifecycle;
use balefire_core::call::same_number;
use balefire_core::message::{GroupView, Status};
use balefire_core::time::Time;
use serde_json::Value;

use super::{Claim, Links, Purpose, Subject};

/// The link's address below the one under which others reach us; `None` when the document does not name that, or
/// there is no key.
pub(crate) fn address(plan: &Plan, links: &Links, claim: &Claim) -> Option<String> {
    if !plan.server.has_external_url {
        return None;
    }
    let token = links.sign(claim)?;
    let base = plan.server.external_url.trim_end_matches('/');
    Some(format!("{base}/a/{token}"))
}

/// The address to which somebody answers a notification by mail; `None` where the document names no domain for it.
pub(crate) fn mailbox(plan: &Plan, links: &Links, notification: u64, now: Time) -> Option<String> {
    let domain = plan.server.smtp.as_ref()?.reply_domain.as_ref()?;
    let subject = Subject::Notification(notification);
    let token = links.sign_for_mail(&Claim::new(Purpose::Mail, subject, None, now))?;
    Some(format!("ack+{token}@{domain}"))
}

/// Whether a mail address is a person's: theirs in the document, or that of one of their ways.
pub(crate) fn theirs(person: &Person, address: &str) -> bool {
    let is_it = |text: &str| !text.is_empty() && text.eq_ignore_ascii_case(address);
    let own = person.ways.values().map(|way| &way.options["to"]);
    let mut own = own.flat_map(|to| match to {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    });
    is_it(&person.contact.email) || own.any(is_it)
}

/// Lets whoever reads a group's message answer for it, by a link and by the buttons of a chat; not where there is
/// nothing to answer for. A message to one person alone is answered for by that person: `target` is where it goes, where
/// that is one place.
pub(crate) fn let_answer(
    plan: &Plan,
    links: &Links,
    view: &mut GroupView,
    (group, target): (u64, Option<&str>),
    now: Time,
) {
    let fires = |status, lifecycle| status == Status::Firing && lifecycle != Lifecycle::Event;
    let mut alerts = view.alerts.iter();
    if !alerts.any(|alert| fires(alert.status, alert.lifecycle)) {
        return;
    }
    let person = target.and_then(|target| reader(plan, target));
    let person = person.map(|person| person.key.as_str().into());
    let subject = Subject::Group(group);
    let page = Claim::new(Purpose::Page, subject, person, now);
    let button = Claim::new(Purpose::Button, subject, None, now);
    view.acknowledge_url = address(plan, links, &page).unwrap_or_default().into();
    view.answer_token = links.sign(&button).unwrap_or_default().into();
}

/// The person that a way out's target is; `None` for chats, and for what more than one person goes by.
fn reader<'p>(plan: &'p Plan, target: &str) -> Option<&'p Person> {
    let is_number = target
        .chars()
        .all(|c| c.is_ascii_digit() || "+- ".contains(c));
    let is_theirs = |person: &&Person| {
        let contact = &person.contact;
        let names = [
            &contact.dingtalk,
            &contact.wecom,
            &contact.feishu,
            &contact.slack,
            &contact.telegram,
            &contact.matrix,
        ];
        names
            .into_iter()
            .any(|name| !name.is_empty() && name == target)
            || (!contact.email.is_empty() && contact.email.eq_ignore_ascii_case(target))
            || (is_number && same_number(&contact.phone, target))
    };
    let mut theirs = plan.people.values().filter(is_theirs);
    let first = theirs.next()?;
    theirs.next().is_none().then_some(first)
}
