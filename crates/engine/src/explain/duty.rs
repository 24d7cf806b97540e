//! Who was on call at an instant, and why.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::explain::Duty;
use balefire_core::schedule::Schedule;
use balefire_core::time::Time;

use super::Gathering;

/// The beginning and the end of a shift are looked for so far, and further when they lie beyond; one of more than two years
/// is cut there.
const AROUND: [Duration; 3] = [
    Duration::from_hours(7 * 24),
    Duration::from_hours(60 * 24),
    Duration::from_hours(731 * 24),
];

impl Gathering<'_> {
    /// By the schedules as they stand, with what is booked; `None` when there is no such schedule.
    pub(super) fn duty(&self, name: &Arc<str>, at: Time) -> Option<Duty> {
        let schedule = self.roster.schedule(name)?;
        let on_call = schedule.on_call_at(at);
        let layer = on_call.layer.map(|layer| schedule.layer_name(layer));
        Some(Duty {
            at,
            schedule: Arc::clone(name),
            who: on_call.people.to_vec(),
            layer: layer.map(|layer| layer.to_string().into()),
            overrides: on_call.overrides,
            shift: whole(schedule, at),
        })
    }
}

/// The shift at an instant from its beginning to its end.
fn whole(schedule: &Schedule, at: Time) -> Option<(Time, Time)> {
    let mut found = None;
    for around in AROUND {
        let (from, to) = (at.before(around), at.after(around));
        let shifts = schedule.shifts(from, to).unwrap_or_default();
        let mut shifts = shifts.into_iter().map(|shift| shift.stretch);
        let shift = shifts.find(|stretch| stretch.contains(at))?;
        found = Some((shift.from, shift.to));
        if from < shift.from && shift.to < to {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use balefire_core::schedule::ScheduleSpec;

    use super::*;

    fn at(text: &str) -> Time {
        text.parse::<jiff::Timestamp>().expect(text).into()
    }

    #[test]
    fn a_shift_of_a_month_is_told_from_its_beginning_to_its_end() {
        let spec: ScheduleSpec = serde_json::from_str(
            r#"{"timezone": "UTC", "layers": [{"rotation": "monthly", "starts": "2026-01-01T09:00", "people": ["ada", "bob"]}]}"#,
        )
        .expect("a schedule");
        let schedule = Schedule::new("ops", &spec, &|_| true).expect("a schedule");
        let shift = whole(&schedule, at("2026-03-02T12:00:00Z")).expect("a shift");
        assert_eq!(
            shift,
            (at("2026-03-01T09:00:00Z"), at("2026-04-01T09:00:00Z"))
        );
        assert_eq!(whole(&schedule, at("2025-03-02T12:00:00Z")), None);
    }
}
