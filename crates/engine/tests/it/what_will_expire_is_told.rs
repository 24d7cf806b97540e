//! Reminders: told once for each stage, in working hours, across restarts, troubles and changes.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::reminder::{Edit, Handled, Reminder, ThroughAccount, ToReceiver, Way};
use balefire_core::time::Time;
use balefire_store::NotificationState::{DeadLettered, Delivered};
use balefire_store::{ReminderKey, ReminderPut};

use super::world::{Answer, Node, Provider, World};

/// One mail account; a receiver of which nothing is told here; a server in Shanghai.
const MAIL: &str = "
server: {timezone: Asia/Shanghai, locale: zh-CN}
accounts:
  m: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  d: {kind: webhook, url: http://127.0.0.1:1/}
receivers: [{name: ops, webhook_configs: [{account: d}]}]
route: {receiver: ops}
legacy: {apptools: {mail: m}}
";
const DAY: i64 = 86_400;
/// 2026-12-21 12:00 in Shanghai, a month after every world begins.
const EXPIRES: Time = Time::from_secs(1_797_825_600);

fn reminder(name: &str, ways: Vec<Way>) -> Reminder {
    Reminder {
        id: 0,
        name: name.to_owned(),
        content: "www.example.com".to_owned(),
        email: "ops@example.com".to_owned(),
        ways,
        owner: None,
        advance_days: 30,
        expires_at: EXPIRES,
        handled: None,
        created_at: Time::EPOCH,
        changed_at: Time::EPOCH,
    }
}

fn through(account: &str) -> Way {
    Way::Account(ThroughAccount {
        account: account.to_owned(),
        options: serde_json::Map::new(),
    })
}

fn add(node: &Node<'_>, new: Reminder) -> ReminderKey {
    let writer = node.engine().store().writer();
    match node
        .run(writer.add_reminder(new, node.now()))
        .expect("stored")
    {
        ReminderPut::Stored(made) => ReminderKey::Id(made.id),
        other => panic!("{other:?}"),
    }
}

fn edit(node: &Node<'_>, key: &ReminderKey, edit: Edit) {
    let writer = node.engine().store().writer();
    let put = node.run(writer.edit_reminder(key.clone(), edit, node.now()));
    assert!(matches!(put, Ok(ReminderPut::Stored(_))), "{put:?}");
}

/// Lets days pass, three hours at a time.
fn days(node: &Node<'_>, days: u32) {
    for _ in 0..days * 8 {
        node.leap(Duration::from_hours(3));
    }
}

/// The titles a provider took, with the day of December they came on and the hour, both in Shanghai.
fn told(provider: &Provider) -> Vec<(String, i64, i64)> {
    let december = 1_796_083_200 - 8 * 3_600;
    let taken = provider.taken().into_iter();
    taken
        .map(|call| {
            let since = call.at.secs() - december;
            let (day, hour) = (since.div_euclid(DAY) + 1, since.rem_euclid(DAY) / 3_600);
            (call.message.title, day, hour)
        })
        .collect()
}

fn titles(provider: &Provider) -> Vec<String> {
    told(provider)
        .into_iter()
        .map(|(title, ..)| title)
        .collect()
}

#[test]
fn each_stage_is_told_once_in_working_hours_across_restarts() {
    let mut world = World::new(MAIL);
    let mail = world.provider("m");
    for life in 0..8 {
        let node = world.start();
        if life == 0 {
            add(&node, reminder("SSL 证书", Vec::new()));
            node.leap(Duration::from_mins(1));
        }
        days(&node, 5);
        if life % 2 == 0 {
            node.crash();
        } else {
            node.stop(Duration::from_secs(8));
        }
    }
    let told = told(&mail);
    let expected = [
        ("[提醒] SSL 证书 还有 30 天到期", -9),
        ("[提醒] SSL 证书 还有 7 天到期", 14),
        ("[提醒] SSL 证书 还有 3 天到期", 18),
        ("[提醒] SSL 证书 还有 1 天到期", 20),
        ("[提醒] SSL 证书 今天到期", 21),
    ];
    let found: Vec<_> = told
        .iter()
        .map(|(title, day, _)| (&**title, *day))
        .collect();
    assert_eq!(found, expected);
    assert!(
        told.iter().all(|(_, _, hour)| (9..18).contains(hour)),
        "{told:?}"
    );
}

#[test]
fn after_a_pause_only_the_most_urgent_stage_is_told() {
    let mut world = World::new(MAIL);
    let mail = world.provider("m");
    let node = world.start();
    add(&node, reminder("a", Vec::new()));
    node.leap(Duration::from_mins(1));
    node.until(|| mail.taken().len() == 1);
    node.leap(Duration::from_hours(24 * 28));
    node.until(|| mail.taken().len() == 2);
    days(&node, 1);
    assert_eq!(
        titles(&mail)[1..],
        ["[提醒] a 还有 2 天到期", "[提醒] a 还有 1 天到期"]
    );
}

#[test]
fn nothing_is_told_of_what_was_seen_to_until_its_date_is_moved() {
    let mut world = World::new(&MAIL.replace("mail: m", "mail: m, reminders: {overdue: daily}"));
    let mail = world.provider("m");
    let node = world.start();
    let key = add(&node, reminder("a", Vec::new()));
    node.leap(Duration::from_mins(1));
    node.until(|| mail.taken().len() == 1);
    let handled = Edit {
        handled: Some(Some(Handled {
            at: node.now(),
            by: "chen".to_owned(),
        })),
        ..Edit::default()
    };
    edit(&node, &key, handled);
    node.leap(Duration::from_hours(24 * 32));
    days(&node, 2);
    assert_eq!(mail.taken().len(), 1);
    let moved = Edit {
        expires_at: Some(node.now().after(Duration::from_hours(48))),
        ..Edit::default()
    };
    edit(&node, &key, moved);
    node.leap(Duration::from_mins(1));
    days(&node, 3);
    assert_eq!(
        titles(&mail)[1..],
        [
            "[提醒] a 还有 2 天到期",
            "[提醒] a 还有 1 天到期",
            "[提醒] a 今天到期",
            "[提醒] a 已过期 1 天",
        ]
    );
}

#[test]
fn a_way_that_fails_keeps_no_other_and_is_not_told_twice() {
    let mut world = World::new(MAIL);
    let (mail, hook) = (world.provider("m"), world.provider("d"));
    hook.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    add(&node, reminder("a", vec![through("d")]));
    node.leap(Duration::from_mins(1));
    node.until(|| mail.taken().len() == 1);
    hook.heal();
    node.pass_until(120, || hook.taken().len() == 1);
    days(&node, 2);
    assert_eq!((mail.taken().len(), hook.taken().len()), (1, 1));
}

#[test]
fn what_an_account_that_is_missing_should_have_told_is_told_when_it_is_there() {
    let watched = MAIL.replace("route:", "meta: {receiver: ops}\nroute:");
    let mut world = World::new(&watched);
    let (mail, meta, gone) = (
        world.provider("m"),
        world.provider("d"),
        world.provider("e"),
    );
    let node = world.start();
    let receiver = Way::Receiver(ToReceiver {
        receiver: "nobody".to_owned(),
    });
    add(&node, reminder("a", vec![through("e"), receiver]));
    node.leap(Duration::from_mins(1));
    node.until(|| mail.taken().len() == 1);
    node.until(|| meta.taken().len() == 2);
    days(&node, 1);
    assert_eq!(meta.taken().len(), 2, "each is complained of once");
    let alarms = format!("{:?}", meta.taken());
    assert!(alarms.contains("no account is named"), "{alarms}");
    assert!(alarms.contains("no receiver is named"), "{alarms}");
    assert!(!alarms.contains("example.com"), "{alarms}");
    node.reload(&watched.replace(
        "  d:",
        "  e: {kind: webhook, url: http://127.0.0.1:2/}\n  d:",
    ));
    days(&node, 1);
    assert_eq!(titles(&gone), ["[提醒] a 还有 28 天到期"]);
    assert_eq!(mail.taken().len(), 1);
    // Without any account for its mail nothing is lost either.
    let other = reminder("b", Vec::new());
    node.reload(&watched.replace("mail: m", ""));
    add(&node, other);
    days(&node, 1);
    assert_eq!(meta.taken().len(), 3);
    node.reload(&watched);
    days(&node, 1);
    assert_eq!(titles(&mail).len(), 2);
}

#[test]
fn a_reminder_is_told_by_its_owners_clock_and_in_their_language() {
    let people = "people: {li: {name: Li, locale: en, timezone: America/New_York}}\nroute:";
    let mut world = World::new(&MAIL.replace("route:", people));
    let mail = world.provider("m");
    let node = world.start();
    let new = Reminder {
        owner: Some("li".to_owned()),
        advance_days: 7,
        ..reminder("a", Vec::new())
    };
    add(&node, new);
    days(&node, 24);
    // In New York it expires on the 20th at 23:00, so that seven days ahead is the 13th, from 22:00 on in Shanghai.
    assert_eq!(
        told(&mail),
        [("[Reminder] a expires in 7 days".to_owned(), 13, 22)]
    );
}

#[test]
fn a_test_is_told_now_once_and_changes_nothing() {
    let mut world = World::new(MAIL);
    let (mail, hook) = (world.provider("m"), world.provider("d"));
    hook.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    let late = Reminder {
        expires_at: EXPIRES.after(Duration::from_hours(240)),
        ..reminder("a", vec![through("d"), through("e")])
    };
    let key = add(&node, late);
    let read = node
        .run(node.engine().store().reminder(&key))
        .expect("read");
    let made = read.expect("it is there");
    let tested = node.run(node.engine().test_reminder(&made));
    assert_eq!(titles(&mail), ["[提醒测试] a 还有 40 天到期"]);
    let ways: Vec<_> = tested.iter().map(|test| &*test.way).collect();
    assert_eq!(ways, ["m", "d", "e"]);
    let states = tested.iter().filter_map(|test| test.sent.as_ref().ok());
    let states: Vec<_> = states.map(|sent| sent[0].state).collect();
    assert_eq!(states, [Delivered, DeadLettered]);
    assert!(tested[2].sent.is_err());
    assert_eq!(hook.calls().len(), 1, "it is not tried again");
    let next = node
        .run(node.engine().next_reminding(&made))
        .expect("asked");
    // Ten days on, at nine in Shanghai.
    assert_eq!(next, Some(Time::from_secs(1_796_086_800)));
    hook.heal();
    node.leap(Duration::from_hours(24 * 10));
    node.until(|| mail.taken().len() == 2 && hook.taken().len() == 1);
}

#[test]
fn in_shadow_mode_reminders_stay_untold() {
    let mut world = World::new(MAIL);
    world.shadow = true;
    let mail = world.provider("m");
    let node = world.start();
    add(&node, reminder("a", Vec::new()));
    days(&node, 1);
    assert_eq!(mail.calls().len(), 0);
    node.crash();
    world.shadow = false;
    let node = world.start();
    days(&node, 1);
    assert_eq!(mail.taken().len(), 1);
}
