//! What every kind of channel is, as JSON: `cargo xtask reference` makes the pages below `docs/channels` of it.

use std::io::{self, Write as _};

use balefire_channels::registry::{self, CHANNELS};
use balefire_channels::spec::{ChannelSpec, Length};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let kinds: Vec<Value> = CHANNELS.iter().map(|spec| kind(spec)).collect();
    let text = serde_json::to_string(&kinds)?;
    writeln!(io::stdout(), "{text}")
}

fn kind(spec: &ChannelSpec) -> Value {
    let quotas = spec.quotas.iter().map(|quota| {
        json!({
            "calls": quota.calls,
            "seconds": quota.per.as_secs(),
            "penalty": quota.penalty.as_secs(),
        })
    });
    json!({
        "kind": spec.kind,
        "receiver_key": spec.receiver_key,
        "title": spec.title.0,
        "title_zh": spec.title.1,
        "vendor_page": spec.vendor_page,
        "has_account": spec.has_account(),
        "send_resolved": spec.send_resolved,
        "markup": format!("{:?}", spec.dialect),
        "longest_title": length(spec.limits.title),
        "longest_text": length(spec.limits.text),
        "targets": spec.limits.max_targets_per_call,
        "quotas": quotas.collect::<Vec<_>>(),
        "concurrency": spec.concurrency,
        "timeout": spec.timeout.as_secs(),
        "buttons": registry::clicks_of(spec).is_some(),
        "receipts": registry::callback_of(spec).is_some() || registry::listens(spec),
    })
}

fn length(length: Length) -> String {
    match length {
        Length::Unlimited => "no limit known".to_owned(),
        Length::Bytes(most) => format!("{most} bytes"),
        Length::Chars(most) => format!("{most} characters"),
        Length::Utf16(most) => format!("{most} UTF-16 units"),
    }
}
