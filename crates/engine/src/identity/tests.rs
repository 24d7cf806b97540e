use balefire_core::identity::Standing;
use balefire_core::severity::Severity;

use super::*;
use crate::roster::Roster;

const NOW: Time = Time::from_secs(1_795_249_800);

fn document(more: &str) -> String {
    format!(
        "
accounts:
  app: {{kind: wecom_app, corp_id: ww0123456789abcdef, secret: s3cr3ts3cr3t, agent_id: 1000002}}
  bot: {{kind: slack_bot, token: xoxb-1-2-3}}
people:
  ada: {{phone: '13800138001', email: ada@example.com, contact: {{critical: [{{by: wecom}}, {{by: slack, after: 2m}}]}}}}
  bob: {{name: 老鲍, wecom: bob, phone: '13800138002'}}
  cai: {{}}
teams: {{night: {{people: [bob, cai]}}}}
schedules:
  ops: {{timezone: UTC, layers: [{{rotation: weekly, starts: '2026-01-05T09:00', people: [bob]}}]}}
escalations:
  ops: {{steps: [{{notify: [{{person: ada}}]}}, {{notify: [{{person: bob}}, {{team: night}}]}}]}}
receivers: [{{name: ops, inbox_configs: [{{mention: bob}}]}}]
route: {{receiver: ops}}
{more}
"
    )
}

fn plan(more: &str) -> Plan {
    read(&document(more))
}

fn read(text: &str) -> Plan {
    let loaded = balefire_config::load(text, "balefire.yml", &BTreeMap::new());
    loaded
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .plan
}

fn question(plan: &Plan, key: &str, platform: Platform) -> Option<Question> {
    Question::of(&plan.people[key], platform)
}

/// What a platform would have said of somebody.
fn said(of: &Identities, question: &Question, id: &str, standing: Standing) {
    let identity = Identity {
        asked: question.asked,
        id: id.to_owned(),
        standing,
        said: String::new(),
        asked_at: NOW,
        found_at: NOW,
    };
    of.known.lock().insert(question.key(), identity);
}

fn ways(person: &Person) -> Vec<&str> {
    person.ways.keys().map(|way| &**way).collect()
}

#[test]
fn an_id_that_was_looked_up_is_a_way_of_that_person_as_long_as_they_are_there() {
    let mut plan = plan("");
    let identities = Identities::default();
    let wecom = question(&plan, "ada", Platform::Wecom).expect("asked");
    assert_eq!(&*wecom.account, "app");
    let by = |plan: &Plan| {
        let contacts = plan.people["ada"].rules.contacts(Severity::Critical);
        contacts
            .iter()
            .map(|one| one.by.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!((ways(&plan.people["ada"]), by(&plan)), (vec![], vec![]));
    assert!(!identities.differ(&plan));

    said(&identities, &wecom, "ada.liu", Standing::Active);
    assert!(identities.differ(&plan));
    identities.known_by(&mut plan);
    assert!(!identities.differ(&plan));
    assert_eq!(plan.people["ada"].contact.wecom, "ada.liu");
    assert_eq!(
        (ways(&plan.people["ada"]), by(&plan)),
        (vec!["wecom"], vec!["wecom".to_owned()])
    );
    // The question stays the same, so that it is not asked anew.
    assert_eq!(question(&plan, "ada", Platform::Wecom), Some(wecom.clone()));

    said(&identities, &wecom, "ada.liu", Standing::Left);
    identities.known_by(&mut plan);
    assert_eq!(plan.people["ada"].contact.wecom, "");
    assert!(ways(&plan.people["ada"]).is_empty());
}

#[test]
fn an_id_in_the_document_wins_and_what_was_said_of_another_address_says_nothing() {
    let mut plan = plan("");
    let identities = Identities::default();
    let bob = question(&plan, "bob", Platform::Wecom).expect("asked");
    assert_eq!(bob.what, What::Written("bob".to_owned()));
    said(&identities, &bob, "robert", Standing::Active);
    identities.known_by(&mut plan);
    assert_eq!(plan.people["bob"].contact.wecom, "bob");
    // Slack is not asked by number, and nothing is known of Cai.
    assert_eq!(question(&plan, "bob", Platform::Slack), None);
    assert_eq!(question(&plan, "cai", Platform::Wecom), None);
    let mut other = question(&plan, "ada", Platform::Slack).expect("asked");
    other.asked = [0; 16];
    said(&identities, &other, "U0ADA", Standing::Active);
    assert!(!identities.differ(&plan));
}

#[test]
fn nobody_is_asked_about_where_the_document_says_so() {
    // Without looking, ada has neither way, and a contact by one would be refused.
    let contact = ", contact: {critical: [{by: wecom}, {by: slack, after: 2m}]}";
    let text = document("contacts: {look_up: false}");
    let plan = read(&text.replace(contact, ""));
    for key in plan.people.keys() {
        for platform in Platform::ALL {
            assert_eq!(question(&plan, key, platform), None, "{key}");
        }
    }
    assert!(plan.people["ada"].pending.is_empty());
}

#[test]
fn a_failure_is_not_asked_again_before_its_time() {
    let plan = plan("");
    let identities = Identities::default();
    let one = question(&plan, "ada", Platform::Wecom).expect("asked");
    assert!(identities.is_due(&one, NOW));
    identities.fail(
        &one,
        "60011: no privilege".to_owned(),
        NOW.after(std::time::Duration::from_mins(10)),
    );
    assert!(!identities.is_due(&one, NOW));
    assert_eq!(
        identities.failure(&one).as_deref(),
        Some("60011: no privilege")
    );
    assert!(identities.is_due(&one, NOW.after(std::time::Duration::from_mins(10))));
}

#[test]
fn everything_that_names_somebody_is_told_with_their_next_shift() {
    let roster = Roster::new(&Arc::new(plan("")), &Arc::default(), &Arc::default());
    let places = named(&roster, "bob", NOW);
    let shift = "schedule ops (on call now, until 2";
    assert!(places[0].starts_with(shift), "{places:?}");
    let others = [
        "escalation ops step 2",
        "team night",
        "mentions of receiver ops",
    ];
    assert_eq!(places[1..], others);
    assert_eq!(named(&roster, "ada", NOW), ["escalation ops step 1"]);
}
