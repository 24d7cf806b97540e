//! The alert of a heartbeat that is missed, in the server's language.

use std::sync::Arc;

use balefire_config::heartbeat::Heartbeat;
use balefire_config::plan::Plan;
use balefire_core::heartbeat::{Down, Why};
use balefire_core::label::{Annotations, Labels};
use balefire_sources::parsed::{Identity, ParsedAlert, Signal};
use balefire_template::compose::Reader;
use balefire_template::i18n::{self, Argument};

/// The alert that a heartbeat is down.
pub(crate) fn raised(plan: &Plan, heartbeat: &Heartbeat, down: Down) -> ParsedAlert {
    let reader = Reader {
        locale: plan.server.reader.locale,
        zone: plan.server.reader.zone.clone(),
    };
    let since = reader.time(down.since);
    let code = down.why.code().map(|code| code.to_string());
    let key = match down.why {
        Why::Late => "heartbeat-late",
        Why::Unended => "heartbeat-unended",
        Why::Failed(None) => "heartbeat-failed",
        Why::Failed(Some(_)) => "heartbeat-failed-code",
    };
    let arguments: [(&str, Argument<'_>); 3] = [
        ("name", (&*heartbeat.name).into()),
        ("time", since.as_str().into()),
        ("code", code.as_deref().unwrap_or_default().into()),
    ];
    let summary = i18n::text(reader.locale, key, &arguments);
    ParsedAlert {
        starts_at: Some(down.since),
        ..alert(
            plan,
            heartbeat.labels.clone(),
            Signal::Firing,
            &[
                ("summary", &summary),
                ("description", &heartbeat.description),
            ],
        )
    }
}

/// That the alert of these labels is over.
pub(crate) fn over(plan: &Plan, name: &str, labels: Labels) -> ParsedAlert {
    let locale = plan.server.reader.locale;
    let summary = i18n::text(locale, "heartbeat-back", &[("name", name.into())]);
    alert(plan, labels, Signal::Resolved, &[("summary", &summary)])
}

fn alert(plan: &Plan, labels: Labels, signal: Signal, words: &[(&str, &str)]) -> ParsedAlert {
    let words = words.iter().filter(|(_, text)| !text.is_empty()).copied();
    let url = plan.server.external_url.trim_end_matches('/');
    let page: Arc<str> = if url.is_empty() {
        "".into()
    } else {
        format!("{url}/heartbeats").into()
    };
    ParsedAlert {
        identity: Identity::Labels,
        signal,
        labels,
        annotations: Annotations::annotations(words).unwrap_or_else(|_| Annotations::empty()),
        starts_at: None,
        ends_at: None,
        generator_url: page,
    }
}
