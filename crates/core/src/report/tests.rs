use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn handled() -> impl Strategy<Value = Handled> {
    (
        0..1000_i64,
        0..100_i64,
        prop::option::of(0..500_i64),
        prop::option::of(0..900_i64),
        0..4_usize,
    )
        .prop_map(|(start, late, acknowledged, lasted, severity)| Handled {
            id: 1,
            title: "x".to_owned(),
            severity: Severity::ALL[severity],
            started_at: at(start),
            opened_at: at(start + late),
            acknowledged_at: acknowledged.map(|after| at(start + late + after)),
            ended_at: lasted.map(|after| at(start + after)),
        })
}

/// How many of the lengths are no longer than one.
fn reached(all: &[Duration], one: Duration) -> usize {
    all.iter().filter(|span| **span <= one).count()
}

proptest! {
    #[test]
    fn means_and_ranks_are_what_counting_one_by_one_gives(spans in prop::collection::vec(0..10_000_u64, 0..60)) {
        let all: Vec<Duration> = spans.iter().copied().map(Duration::from_secs).collect();
        let found = Spans::of(all.clone());
        for (percent, rank) in [(50, found.median), (95, found.p95), (100, found.longest)] {
            // The shortest of them that enough do not exceed, tried one after the other.
            let wanted = all
                .iter()
                .copied()
                .filter(|one| reached(&all, *one) * 100 >= all.len() * percent)
                .min();
            prop_assert_eq!(rank, wanted);
        }
        let mut sum = 0_u64;
        for span in &spans {
            sum += span * 1_000_000;
        }
        let wanted = (!spans.is_empty()).then(|| Duration::from_micros(sum / spans.len() as u64));
        prop_assert_eq!(found.mean, wanted);
    }

    #[test]
    fn every_incident_counts_once_in_the_whole_and_once_in_its_severity(all in prop::collection::vec(handled(), 0..40)) {
        let whole = Figures::of(all.iter());
        let parts = Figures::by_severity(&all);
        let sum = |of: fn(&Figures) -> usize| parts.iter().map(|(_, figures)| of(figures)).sum::<usize>();
        prop_assert_eq!(whole.opened, all.len());
        prop_assert_eq!(sum(|figures| figures.opened), whole.opened);
        prop_assert_eq!(sum(|figures| figures.acknowledged), whole.acknowledged);
        prop_assert_eq!(sum(|figures| figures.resolved), whole.resolved);
        let mut total = 0;
        let mut count = 0;
        for one in &all {
            if let Some(end) = one.ended_at {
                total += end.secs() - one.started_at.secs();
                count += 1;
            }
        }
        let mean = whole.to_resolve.mean.map(|mean| mean.as_secs_f64());
        let wanted = (count > 0).then(|| f64::from(total as i32) / f64::from(count));
        prop_assert_eq!(mean.is_some(), wanted.is_some());
        if let (Some(mean), Some(wanted)) = (mean, wanted) {
            prop_assert!((mean - wanted).abs() < 1e-5, "{mean} {wanted}");
        }
        let worst = parts.iter().map(|(severity, _)| severity.grade());
        prop_assert!(worst.is_sorted());
    }

    #[test]
    fn days_and_nights_are_counted_as_by_hand(
        hours in prop::collection::vec(-100..2000_i64, 0..50),
        offset in prop::sample::select(vec![("UTC", 0), ("Asia/Shanghai", 8), ("Asia/Tokyo", 9)]),
    ) {
        let (name, ahead) = offset;
        let zone = Zone::named(name).expect("a zone");
        // From 2026-01-01 on; none of the zones changes its clocks.
        let start = 1_767_225_600;
        let time = |hour: &i64| at(start + hour * 3600);
        let within = Stretch::new(at(start), at(start + 1000 * 3600)).expect("a stretch");
        let days = per_day(&zone, within, hours.iter().map(time));
        let inside = hours.iter().filter(|hour| (0..1000).contains(*hour));
        prop_assert_eq!(days.iter().map(|(_, count)| count).sum::<usize>(), inside.clone().count());
        for (number, (_, count)) in days.iter().enumerate() {
            let number = i64::try_from(number).expect("few");
            let on_it = inside.clone().filter(|hour| (**hour + ahead) / 24 == number);
            prop_assert_eq!(*count, on_it.count());
        }
        let pages: Vec<Page> = hours
            .iter()
            .map(|hour| Page { at: time(hour), person: if hour % 3 == 0 { "a" } else { "b" }.into() })
            .collect();
        let found = paged(&pages, &|_| zone.clone());
        for who in found {
            let mine = hours.iter().filter(|hour| (**hour % 3 == 0) == (&*who.person == "a"));
            prop_assert_eq!(who.pages, mine.clone().count());
            let night = mine.filter(|hour| [22, 23, 0, 1, 2, 3, 4, 5].contains(&(**hour + ahead).rem_euclid(24)));
            prop_assert_eq!(who.at_night, night.count());
        }
    }

    #[test]
    fn the_noisiest_come_first_and_nothing_louder_is_left_out(told in prop::collection::vec(0..12_u8, 0..80), most in 0..6_usize) {
        let words: Vec<Arc<str>> = told.iter().map(|one| one.to_string().into()).collect();
        let found = noisiest(words.iter().cloned(), most);
        let count = |what: &str| words.iter().filter(|word| ***word == *what).count();
        prop_assert!(found.len() <= most);
        for one in &found {
            prop_assert_eq!(one.notifications, count(&one.what));
        }
        prop_assert!(found.is_sorted_by(|a, b| a.notifications >= b.notifications));
        let quietest = found.last().map_or(0, |one| one.notifications);
        for word in &words {
            let is_in = found.iter().any(|one| one.what == *word);
            prop_assert!(is_in || found.len() == most);
            prop_assert!(is_in || count(word) <= quietest || most == 0);
        }
    }
}

#[test]
fn without_incidents_there_are_no_means() {
    let none = Figures::of(std::iter::empty());
    assert_eq!((none.opened, none.to_resolve.mean), (0, None));
    assert_eq!(Figures::by_severity(&[]), []);
}
