//! Who is on call: the one place that everybody asks who decides whom to page.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::schedule::Schedule;

/// The schedules as they hold now, by name.
pub(crate) fn schedules(plan: &Plan) -> BTreeMap<Arc<str>, Schedule> {
    let schedules = plan.schedules.iter();
    let named = schedules.map(|(name, schedule)| (Arc::from(name.as_str()), schedule.clone()));
    named.collect()
}
