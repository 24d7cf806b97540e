use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn draft(title: &str) -> Draft {
    Draft {
        key: Some("fault/db".to_owned()),
        severity: Severity::Error,
        title: title.to_owned(),
        started_at: Some(at(50)),
        fields: Vec::new(),
    }
}

fn opened() -> Incident {
    let opened = Incident::open(draft("db is down"), "chen", at(100)).expect("opens");
    assert_eq!(opened.entries.len(), 1);
    opened.incident
}

fn acknowledge() -> Change {
    Change::Acknowledge {
        text: String::new(),
    }
}

fn resolve(ended_at: Option<i64>) -> Change {
    Change::Resolve {
        ended_at: ended_at.map(at),
        text: String::new(),
    }
}

fn reopen() -> Change {
    Change::Reopen {
        text: String::new(),
    }
}

fn refusal(incident: &Incident, change: &Change) -> Refused {
    incident
        .change(change, "chen", at(200))
        .expect_err("refused")
}

#[test]
fn an_incident_begins_when_it_is_opened_unless_somebody_knows_better() {
    let known = opened();
    assert_eq!((known.started_at, known.opened_at), (at(50), at(100)));
    let mut words = draft("x");
    words.started_at = None;
    let now = Incident::open(words, "chen", at(100)).expect("opens");
    assert_eq!(now.incident.started_at, at(100));
    assert_eq!(now.incident.duration(), None);
}

#[test]
fn the_first_who_acknowledges_keeps_it() {
    let first = opened()
        .change(&acknowledge(), "chen", at(110))
        .expect("acknowledged");
    let again = first.incident.change(&acknowledge(), "chen", at(120));
    let again = again.expect("harmless");
    assert_eq!(
        (again.incident, again.entries.len()),
        (first.incident.clone(), 0)
    );
    let second = first.incident.change(&acknowledge(), "li", at(130));
    let second = second.expect("written down");
    assert_eq!(second.entries[0].kind, EntryKind::AlsoAcknowledged);
    assert_eq!(second.entries[0].actor, "li");
    let held = second.incident.acknowledged.expect("acknowledged");
    assert_eq!((held.by.as_str(), held.at), ("chen", at(110)));
}

#[test]
fn an_end_is_the_one_that_is_said_or_that_stands_or_now() {
    for (case, expected, said, ends) in [
        ("nothing is known", None, None, 200),
        ("said", None, Some(150), 150),
        ("it stands", Some(180), None, 180),
        ("it was expected later", Some(900), None, 200),
        ("said otherwise", Some(180), Some(190), 190),
        ("said, still to come", None, Some(300), 300),
    ] {
        let mut incident = opened();
        incident.ended_at = expected.map(at);
        let done = incident.change(&resolve(said), "chen", at(200));
        let done = done.expect(case).incident;
        assert_eq!(done.ended_at, Some(at(ends)), "{case}");
        assert_eq!(done.duration(), Some(Duration::from_secs(ends as u64 - 50)));
    }
    // One that starts later than now is over when it starts.
    let mut later = opened();
    later.started_at = at(500);
    let done = later.change(&resolve(None), "chen", at(200)).expect("done");
    assert_eq!(done.incident.ended_at, Some(at(500)));
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason() {
    let open = opened();
    let over = open.change(&resolve(None), "chen", at(150)).expect("over");
    let over = over.incident;
    assert_eq!(
        refusal(&over, &acknowledge()),
        Refused::AcknowledgedAfterEnd
    );
    assert_eq!(refusal(&over, &resolve(None)), Refused::AlreadyResolved);
    assert_eq!(refusal(&open, &reopen()), Refused::NotResolved);
    assert_eq!(refusal(&open, &resolve(Some(49))), Refused::EndsBeforeStart);
    let edit = |field| Change::Edit(vec![field]);
    let unended = edit(Field::EndedAt(None));
    assert_eq!(refusal(&over, &unended), Refused::ResolvedWithoutEnd);
    let late = edit(Field::StartedAt(at(151)));
    assert_eq!(refusal(&over, &late), Refused::EndsBeforeStart);
    let blank = edit(Field::Title(" ".to_owned()));
    assert_eq!(refusal(&open, &blank), Refused::Empty("title"));
    let long = edit(Field::Worker(Some("陈".repeat(MAX_NAME + 1))));
    assert_eq!(
        refusal(&open, &long),
        Refused::TooLong {
            field: "worker",
            most: MAX_NAME
        }
    );
    let fits = edit(Field::Worker(Some("陈".repeat(MAX_NAME))));
    assert!(open.change(&fits, "chen", at(200)).is_ok());
    let nul = edit(Field::Cause(Some("a\0b".to_owned())));
    assert_eq!(refusal(&open, &nul), Refused::Nul("cause"));
    let note = Change::Note {
        text: String::new(),
    };
    assert_eq!(refusal(&open, &note), Refused::Empty("text"));
    assert_eq!(
        open.change(&acknowledge(), "", at(1)).map(|_| ()),
        Err(Refused::Empty("by"))
    );
}

#[test]
fn a_key_has_a_namespace() {
    for (key, is) in [
        ("fault/磁盘 / 满", Ok(())),
        ("group/db", Ok(())),
        ("db", Err(Refused::BadKey)),
        ("/db", Err(Refused::BadKey)),
        ("fault/", Err(Refused::BadKey)),
        ("Fault/db", Err(Refused::BadKey)),
    ] {
        assert_eq!(check_key(key), is, "{key}");
    }
    let long = format!("fault/{}", "长".repeat(MAX_KEY));
    assert!(matches!(check_key(&long), Err(Refused::TooLong { .. })));
}

#[test]
fn an_edit_tells_what_it_changed_and_nothing_else() {
    let edit = Change::Edit(vec![
        Field::Severity(Severity::Error),
        Field::Worker(Some("li".to_owned())),
        Field::EndedAt(Some(at(900))),
        Field::Report(Some("长".repeat(5000))),
    ]);
    let edited = opened().change(&edit, "chen", at(120)).expect("edited");
    assert_eq!(edited.incident.changed_at, at(120));
    let changes = &edited.entries[0].detail.changes;
    let fields: Vec<&str> = changes.iter().map(|c| c.field.as_str()).collect();
    assert_eq!(fields, ["worker", "report", "endedAt"]);
    assert_eq!(changes[0].to.as_deref(), Some("li"));
    let kept = changes[1].to.as_deref().map(|text| text.chars().count());
    assert_eq!(kept, Some(2001), "the beginning and a mark");
    let again = edited.incident.change(&edit, "li", at(130)).expect("same");
    assert!(again.entries.is_empty());
    assert_eq!(again.incident.changed_at, at(120));
}

/// Something a person does, for the model.
#[derive(Clone, Debug)]
enum Deed {
    Acknowledge(u8),
    Resolve(u8, Option<i64>),
    Reopen(u8),
    Note(u8),
    Start(u8, i64),
    End(u8, Option<i64>),
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = 0..3_u8;
    let second = 0..60_i64;
    prop_oneof![
        who.clone().prop_map(Deed::Acknowledge),
        (who.clone(), prop::option::of(second.clone())).prop_map(|(w, t)| Deed::Resolve(w, t)),
        who.clone().prop_map(Deed::Reopen),
        who.clone().prop_map(Deed::Note),
        (who.clone(), second.clone()).prop_map(|(w, t)| Deed::Start(w, t)),
        (who, prop::option::of(second)).prop_map(|(w, t)| Deed::End(w, t)),
    ]
}

impl Deed {
    fn change(&self) -> (u8, Change) {
        match self {
            Self::Acknowledge(who) => (*who, acknowledge()),
            Self::Resolve(who, end) => (*who, resolve(*end)),
            Self::Reopen(who) => (*who, reopen()),
            Self::Note(who) => (
                *who,
                Change::Note {
                    text: "n".to_owned(),
                },
            ),
            Self::Start(who, time) => (*who, Change::Edit(vec![Field::StartedAt(at(*time))])),
            Self::End(who, time) => (*who, Change::Edit(vec![Field::EndedAt(time.map(at))])),
        }
    }
}

/// What must be true after the deeds that were taken, read from their history alone.
fn story_of(taken: &[(i64, Deed)]) -> (bool, Option<(u8, i64)>) {
    let is_over = |deed: &Deed| match deed {
        Deed::Resolve(..) => Some(true),
        Deed::Reopen(_) => Some(false),
        _ => None,
    };
    let over = taken.iter().rev().find_map(|(_, deed)| is_over(deed));
    let since = taken
        .iter()
        .rposition(|(_, deed)| matches!(deed, Deed::Reopen(_)))
        .map_or(0, |place| place + 1);
    let held = taken[since..].iter().find_map(|(when, deed)| match deed {
        Deed::Acknowledge(who) => Some((*who, *when)),
        _ => None,
    });
    (over.unwrap_or(false), held)
}

proptest! {
    #[test]
    fn any_history_leads_where_its_own_words_say(deeds in prop::collection::vec(deed(), 0..40)) {
        let mut words = draft("x");
        words.started_at = Some(at(0));
        let mut incident = Incident::open(words, "p0", at(0)).expect("opens").incident;
        let mut taken: Vec<(i64, Deed)> = Vec::new();
        let mut entries = 0;
        for (when, deed) in (1_i64..).zip(deeds) {
            let (who, change) = deed.change();
            let (over, held) = story_of(&taken);
            let before = incident.clone();
            let Ok(changed) = incident.change(&change, &format!("p{who}"), at(when)) else {
                let fits = match deed {
                    Deed::Acknowledge(_) => !over,
                    Deed::Reopen(_) => over,
                    Deed::Note(_) => true,
                    Deed::Resolve(_, end) => {
                        !over && end.is_none_or(|end| at(end) >= before.started_at)
                    }
                    Deed::Start(_, start) => before.ended_at.is_none_or(|end| at(start) <= end),
                    Deed::End(_, end) => match end {
                        Some(end) => at(end) >= before.started_at,
                        None => !over,
                    },
                };
                prop_assert!(!fits, "{deed:?} was refused on {before:?}");
                continue;
            };
            if let (Deed::Acknowledge(who), Some((first, _))) = (&deed, held) {
                prop_assert_eq!(changed.entries.len(), usize::from(*who != first));
            }
            if changed.entries.is_empty() {
                prop_assert_eq!(&changed.incident, &before);
            }
            entries += changed.entries.len();
            incident = changed.incident;
            taken.push((when, deed));

            let (over, held) = story_of(&taken);
            prop_assert_eq!(incident.state == IncidentState::Resolved, over);
            let says = incident.acknowledged.clone().map(|a| (a.by, a.at));
            prop_assert_eq!(says, held.map(|(who, when)| (format!("p{who}"), at(when))));
            if !over {
                prop_assert_eq!(incident.state == IncidentState::Acknowledged, held.is_some());
            }
            prop_assert!(incident.ended_at.is_none_or(|end| end >= incident.started_at));
            prop_assert!(!over || incident.ended_at.is_some());
            prop_assert!(entries <= taken.len());
        }
    }

    #[test]
    fn several_changes_at_once_are_the_same_as_one_after_the_other(deeds in prop::collection::vec(deed(), 0..6)) {
        let incident = opened();
        let changes: Vec<Change> = deeds.iter().map(|deed| deed.change().1).collect();
        let together = incident.changes(&changes, "li", at(300));
        let mut one_by_one = Ok((incident, Vec::new()));
        for change in &changes {
            one_by_one = one_by_one.and_then(|(incident, mut entries)| {
                let changed = incident.change(change, "li", at(300))?;
                entries.extend(changed.entries);
                Ok((changed.incident, entries))
            });
        }
        prop_assert_eq!(together.map(|c| (c.incident, c.entries)), one_by_one);
    }

    #[test]
    fn no_text_panics_and_what_is_taken_fits(text in any::<String>(), long in 0_usize..400) {
        let mut words = draft(&text.repeat(1 + long / 100));
        words.key = Some(text.clone());
        words.fields = vec![Field::Worker(Some(text.repeat(long)))];
        if let Ok(opened) = Incident::open(words, &text, at(1)) {
            let incident = opened.incident;
            prop_assert!(incident.title.chars().count() <= MAX_TITLE);
            prop_assert!(incident.worker.is_none_or(|worker| worker.chars().count() <= MAX_NAME));
        }
    }
}
