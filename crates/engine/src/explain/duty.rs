//! Who was on call at an instant, and why.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::explain::Duty;
use balefire_core::time::Time;

use super::Gathering;

/// The beginning and the end of a shift are looked for so far; a longer one is cut there.
const AROUND: Duration = Duration::from_hours(7 * 24);

impl Gathering<'_> {
    /// By the schedules as they stand, with what is booked; `None` when there is no such schedule.
    pub(super) fn duty(&self, name: &Arc<str>, at: Time) -> Option<Duty> {
        let schedule = self.roster.schedule(name)?;
        let on_call = schedule.on_call_at(at);
        let shifts = schedule.shifts(at.before(AROUND), at.after(AROUND));
        let shift = shifts.unwrap_or_default().into_iter();
        let mut shift = shift.filter(|shift| shift.stretch.contains(at));
        let layer = on_call.layer.map(|layer| schedule.layer_name(layer));
        Some(Duty {
            at,
            schedule: Arc::clone(name),
            who: on_call.people.to_vec(),
            layer: layer.map(|layer| layer.to_string().into()),
            overrides: on_call.overrides,
            shift: shift.next().map(|one| (one.stretch.from, one.stretch.to)),
        })
    }
}
