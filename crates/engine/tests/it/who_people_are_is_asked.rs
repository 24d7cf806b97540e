//! Address books are asked who people are once a day and no more, whoever has left is told of once a day, and a platform
//! that has enough of questions is left alone.

use std::time::Duration;

use balefire_channels::error::{ErrorKind, SendError};
use balefire_core::identity::Standing;
use balefire_engine::engine::{IdentityStanding, PersonStanding};

use super::world::{Node, World};

const MINUTE: Duration = Duration::from_mins(1);

/// Ada has an id at WeCom, Bob and Cai are looked up.
const DOCUMENT: &str = "
accounts:
  w: {kind: wecom_app, corp_id: c, secret: s, agent_id: 1}
  meta: {kind: webhook, url: http://127.0.0.1:1/}
people:
  ada: {wecom: ada}
  bob: {phone: '13800138002'}
  cai: {email: cai@example.com}
teams: {night: {people: [ada, bob, cai]}}
receivers:
- {name: ops, wechat_configs: [{account: w, to_user: ada}]}
- {name: meta, webhook_configs: [{account: meta}]}
meta: {receiver: meta}
route: {receiver: ops, group_by: [n]}
";

impl Node<'_> {
    /// Lets a look-up that is due then have its turn after so many minutes, and time for its questions.
    fn minutes(&self, minutes: u64) {
        self.leap(MINUTE * u32::try_from(minutes).expect("few"));
        self.pass(10);
    }

    /// Lets so many hours pass, each with its turn.
    fn hours(&self, hours: u64) {
        for _ in 0..hours {
            self.minutes(60);
        }
    }

    /// Whom the platforms do not know any more.
    fn lost(&self) -> Vec<String> {
        let people = self.run(self.engine().people()).expect("people");
        let lost =
            |person: &PersonStanding| person.identities.iter().any(IdentityStanding::is_lost);
        let people = people.into_iter().filter(lost);
        people.map(|person| person.key).collect()
    }
}

fn sorted(mut asked: Vec<String>) -> Vec<String> {
    asked.sort_unstable();
    asked
}

const ALL: [&str; 5] = [
    "how is ada",
    "how is bob.li",
    "how is cai.wu",
    "who has 13800138002",
    "who has cai@example.com",
];

#[test]
fn everybody_is_asked_about_once_a_day_and_a_start_asks_nobody_again() {
    let mut world = World::new(DOCUMENT);
    let book = world.book("w");
    book.has("13800138002", "bob.li");
    book.has("cai@example.com", "cai.wu");
    let node = world.start();
    node.minutes(2);
    assert_eq!(sorted(book.asked()), ALL);
    node.minutes(60);
    node.crash();
    let node = world.start();
    node.hours(22);
    assert_eq!(book.asked(), Vec::<String>::new(), "within the day");
    node.hours(2);
    assert_eq!(sorted(book.asked()), ALL, "the day after");
}

#[test]
fn whoever_leaves_is_told_of_once_a_day_until_they_are_back() {
    let mut world = World::new(DOCUMENT);
    let (book, meta) = (world.book("w"), world.provider("meta"));
    book.has("13800138002", "bob.li");
    book.has("cai@example.com", "cai.wu");
    let node = world.start();
    node.minutes(60);
    assert_eq!((node.lost(), meta.calls().len()), (vec![], 0));
    book.stands("ada", Standing::Left);
    node.hours(24);
    let about = || {
        let calls = meta.taken().into_iter();
        let texts = calls.map(|call| format!("{:?}", call.message));
        texts.filter(|text| text.contains("team night")).count()
    };
    node.until(|| about() == 1);
    assert_eq!(node.lost(), ["ada"]);
    node.hours(24);
    node.until(|| about() >= 2);
    assert!(about() <= 3, "{}", about());
    book.stands("ada", Standing::Active);
    node.hours(24);
    assert_eq!(node.lost(), Vec::<String>::new());
}

#[test]
fn an_address_book_that_has_enough_is_left_alone_for_as_long_as_it_says() {
    let mut world = World::new(DOCUMENT);
    let book = world.book("w");
    let mut enough = SendError::new(ErrorKind::RateLimited, "enough");
    enough.retry_after = Some(Duration::from_hours(6));
    book.refuses(Some(enough));
    let node = world.start();
    node.minutes(1);
    node.hours(5);
    assert_eq!(book.asked().len(), 1, "no second question after it");
    assert_eq!(
        node.lost(),
        Vec::<String>::new(),
        "which says nothing of anybody"
    );
    book.refuses(None);
    node.hours(1);
    assert!(!book.asked().is_empty());
}

#[test]
fn a_failure_that_may_pass_is_asked_again_soon_and_a_missing_right_the_day_after() {
    let mut world = World::new(DOCUMENT);
    let book = world.book("w");
    let soon = SendError::new(ErrorKind::Transient, "busy");
    book.refuses(Some(soon));
    let node = world.start();
    node.minutes(9);
    let asked = book.asked().len();
    assert_eq!(asked, 3, "three in a row, and no more for now");
    book.refuses(Some(SendError::new(ErrorKind::Rejected, "no such right")));
    node.minutes(20);
    assert_eq!(book.asked().len(), 3);
    node.hours(23);
    assert_eq!(book.asked().len(), 0, "it is no use within the day");
    node.hours(2);
    assert_eq!(book.asked().len(), 3);
    assert_eq!(node.lost(), Vec::<String>::new());
}

#[test]
fn numbers_that_nobody_has_are_not_asked_for_in_a_row() {
    let person = |n| format!("  p{n}: {{phone: '1380013900{n}'}}\n");
    let many: Vec<String> = (0..6).map(person).collect();
    let many = many.concat();
    let document = DOCUMENT.replace("people:\n", &format!("people:\n{many}"));
    let mut world = World::new(&document);
    let book = world.book("w");
    let node = world.start();
    node.minutes(60);
    let asked = book.asked();
    let searches = asked.iter().filter(|one| one.starts_with("who has"));
    assert_eq!(searches.count(), 3, "{asked:?}");
    assert!(asked.contains(&"how is ada".to_owned()), "{asked:?}");
    node.hours(24);
    let asked = book.asked();
    let searches = asked.iter().filter(|one| one.starts_with("who has"));
    assert_eq!(
        searches.count(),
        3,
        "the next three, the day after: {asked:?}"
    );
}

#[test]
fn questions_keep_their_distance() {
    let mut world = World::new(DOCUMENT);
    let book = world.book("w");
    book.has("13800138002", "bob.li");
    let node = world.start();
    for _ in 0..200 {
        node.leap(Duration::from_millis(50));
    }
    let times = book.times();
    let first_of_each = [0, 1, 3];
    let apart = first_of_each.map(|at| times[at]);
    assert!(apart[1].since(apart[0]) >= Duration::from_millis(100));
    assert!(apart[2].since(apart[1]) >= Duration::from_millis(100));
}
