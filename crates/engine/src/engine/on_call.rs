//! Who is on call: the one place that knows all that has a say in it.

use balefire_core::schedule::OnCall;
use balefire_core::time::Time;

use super::Engine;

impl Engine {
    /// Who is on call in a schedule at an instant, overrides included; `None` when there is no such schedule.
    pub fn on_call(&self, schedule: &str, at: Time) -> Option<OnCall> {
        let plan = self.plan();
        let schedule = plan.schedules.get(schedule)?;
        Some(schedule.on_call_at(at))
    }
}
