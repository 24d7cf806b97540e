//! What the address of a schedule's page asks for: which days, and what the form begins with.

use balefire_core::schedule::Stretch;
use balefire_core::time::Time;
use balefire_core::wall::Zone;
use jiff::Span;
use jiff::civil::{Date, Weekday};
use url::form_urlencoded;

/// What part of a calendar is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// Monday to Sunday.
    #[default]
    Week,
    /// A calendar month.
    Month,
}

impl View {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// The query. People edit addresses by hand, so what is not known is passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) lang: Option<String>,
    pub(super) view: View,
    pub(super) day: Option<Date>,
    /// What the form begins with.
    pub(super) from: Option<Time>,
    pub(super) to: Option<Time>,
}

impl Asked {
    pub(super) fn of(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(16) {
            let time = || value.parse::<jiff::Timestamp>().ok().map(Time::from);
            match &*name {
                "lang" if !value.is_empty() => asked.lang = Some(value.into_owned()),
                "view" if value == "month" => asked.view = View::Month,
                "day" => asked.day = value.parse().ok().filter(|day| is_usual(*day)),
                "from" => asked.from = time(),
                "to" => asked.to = time(),
                _ => {}
            }
        }
        asked
    }

    /// The days that are shown: the first, and the first after them.
    pub(super) fn days(&self, zone: &Zone, now: Time) -> (Date, Date) {
        let day = self.day.unwrap_or_else(|| zone.clock(now).date());
        match self.view {
            View::Week => {
                let since = i64::from(day.weekday().since(Weekday::Monday));
                let first = day.saturating_sub(Span::new().days(since));
                (first, first.saturating_add(Span::new().days(7)))
            }
            View::Month => (
                day.first_of_month(),
                day.last_of_month().saturating_add(Span::new().days(1)),
            ),
        }
    }
}

/// Calendars end; a page does not go there.
fn is_usual(day: Date) -> bool {
    (1900..2200).contains(&day.year())
}

/// The part of time that days are.
pub(super) fn stretch(zone: &Zone, (first, after): (Date, Date)) -> Stretch {
    let begin = |day: Date| zone.first(day.at(0, 0, 0, 0));
    Stretch {
        from: begin(first),
        to: begin(after),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        let zone = Zone::named("Asia/Shanghai").expect("a zone");
        let now = Time::from_secs(1_795_399_200);
        let week = Asked::of(Some("day=2026-11-29"));
        let (first, after) = week.days(&zone, now);
        assert_eq!((first, after), (date(2026, 11, 23), date(2026, 11, 30)));
        let month = Asked::of(Some("view=month&day=x&lang=&zz=1"));
        assert_eq!(
            month.days(&zone, now),
            (date(2026, 11, 1), date(2026, 12, 1))
        );
        assert_eq!(Asked::of(Some("day=9999-01-01")).day, None);
    }
}
