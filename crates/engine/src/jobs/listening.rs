//! Keeps the connections open over which providers say what became of what they took, as long as something is awaited: also
//! after a start and when the other side was gone, before the first message goes out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Channel;
use balefire_channels::registry;
use balefire_config::plan::{Account, Plan};
use balefire_store::StoreError;

use crate::engine::Engine;

/// How often it is looked whether they are open.
const EVERY: Duration = Duration::from_secs(15);
/// What an SMSC says of a text, it says within this time: texts live for three days at most.
const AWAITED: Duration = Duration::from_hours(72);

pub(crate) async fn run(engine: Engine) {
    if engine.is_shadow() {
        return;
    }
    let mut complained = BTreeMap::new();
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            looked = look(&engine, &mut complained) => looked,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "whether receipts are awaited could not be read, the next look makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Opens what is not open; each reason why it cannot be is told once.
async fn look(
    engine: &Engine,
    complained: &mut BTreeMap<Arc<str>, String>,
) -> Result<(), StoreError> {
    let (plan, since) = (engine.plan(), engine.now().before(AWAITED));
    for account in plan.accounts.values() {
        if !registry::listens(account.spec)
            || !engine.store().awaits_receipts(&account.name, since).await?
        {
            continue;
        }
        let Some(channel) = channel_of(&plan, account) else {
            continue;
        };
        match channel.listen().await {
            Ok(_) => {
                complained.remove(&account.name);
            }
            Err(error) => {
                let why = error.to_string();
                if complained.get(&account.name) != Some(&why) {
                    tracing::warn!(account = &*account.name, %error, "receipts cannot come, it is tried again");
                    complained.insert(Arc::clone(&account.name), why);
                }
            }
        }
    }
    Ok(())
}

/// A channel through the account: that of any entry, which all share the connection, or of any way of a person.
fn channel_of(plan: &Plan, account: &Account) -> Option<Arc<dyn Channel>> {
    let mut entries = plan
        .receivers
        .iter()
        .flat_map(|receiver| &receiver.integrations);
    let entry = entries.find(|entry| entry.account.as_ref() == Some(&account.name));
    if let Some(entry) = entry {
        return Some(Arc::clone(&entry.channel));
    }
    let mut ways = plan.people.values().flat_map(|person| person.ways.values());
    let way = ways.find(|way| way.account == account.name)?;
    (account.open)(&way.options).ok()
}
