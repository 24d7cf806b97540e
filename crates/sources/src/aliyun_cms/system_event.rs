//! The older callback of a system event rule: `Instance:SystemFailure.Reboot:Executing`.
//!
//! The last part of the name is the stage. `Executing` is on; `Executed`, `Avoided` and `Failed`
//! end it; events without a stage are told once.

use balefire_core::severity::Severity;
use serde_json::Value;

use super::text_of;
use super::threshold::ZONE;
use crate::draft::Draft;
use crate::json::fields::{object, scalar};
use crate::parsed::{Complaint, Signal};

pub(super) fn is(body: &Value) -> bool {
    let has = |key| body.get(key).is_some();
    has("product") && has("name") && (has("resourceId") || has("traceId"))
}

pub(super) fn read(body: &Value) -> Result<Draft<'_>, Complaint> {
    let name =
        text_of(body, "name").ok_or_else(|| Complaint::new("name", "the event has no name"))?;
    let (event, stage) = name.rsplit_once(':').unwrap_or((&name, ""));
    let signal = match stage {
        "Executing" | "Scheduled" | "Inquiring" => Signal::Firing,
        "Executed" | "Avoided" | "Failed" | "Canceled" => Signal::Resolved,
        _ => Signal::Event,
    };
    let mut draft = Draft::new("", signal);
    let event = if signal == Signal::Event {
        &*name
    } else {
        event
    };
    draft.label("alertname", event.to_owned());
    let level = text_of(body, "level");
    draft.severity(
        level
            .and_then(|word| Severity::from_word(&word))
            .unwrap_or(Severity::Warning),
    );
    let resource = text_of(body, "resourceId");
    if signal != Signal::Event {
        draft.key(format!("{}/{event}", resource.as_deref().unwrap_or("")));
    }
    for (label, key) in [
        ("instance", "instanceName"),
        ("product", "product"),
        ("region", "regionId"),
        ("resource", "resourceId"),
    ] {
        draft.label_if(label, text_of(body, key));
    }
    draft.annotation("summary", name.clone());
    draft.annotation_if("status", text_of(body, "status"));
    for (key, value) in object(body, "content").into_iter().flatten() {
        if let Some(value) = scalar(value) {
            draft.annotation(key, value);
        }
    }
    let time = text_of(body, "eventTime");
    if signal == Signal::Resolved {
        draft.ends(time.as_deref(), ZONE);
    } else {
        draft.starts(time.as_deref(), ZONE);
    }
    Ok(draft)
}
