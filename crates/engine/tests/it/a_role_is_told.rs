//! Whoever is given a part in an incident hears of it; whoever takes one knows.

use balefire_core::incident::{Draft, Role};
use balefire_core::severity::Severity;
use balefire_store::Which;

use super::nobody_answers::{LINE, reached};
use super::world::{Node, World};

impl Node<'_> {
    fn gives(&self, to: &str, by: &str) {
        let role = Role::of("commander").expect("a role");
        let given = self
            .engine()
            .give_role(Which::Id(1), (role, to.to_owned()), String::new(), by);
        let incident = self.run(given).expect("given");
        assert_eq!(incident.roles[0].who, to);
        self.settle();
    }
}

#[test]
fn a_role_is_told_to_whoever_is_given_it_and_to_nobody_else() {
    let mut world = World::new(&LINE.replace(
        "people:\n",
        "server: {external_url: https://b.example.com}\npeople:\n",
    ));
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    let draft = Draft {
        key: None,
        severity: Severity::Error,
        title: "the database is down".to_owned(),
        started_at: None,
        fields: Vec::new(),
    };
    node.run(node.engine().open_incident(draft, &[], "ada"))
        .expect("opened");

    node.gives("bob", "ada");
    node.until(|| reached(&mail) == ["bob@example.com"]);
    let told = mail.taken()[0].message.clone();
    assert!(
        told.title.contains("艾达") && told.title.contains("the database is down"),
        "{}",
        told.title
    );
    let link = told.link.map(|link| link.url);
    assert_eq!(link.as_deref(), Some("https://b.example.com/incidents/1"));

    // Taken by themself, and given to a name that nobody here has.
    node.gives("cai", "cai");
    node.gives("the bridge", "ada");
    node.settle();
    assert_eq!((reached(&mail).len(), text.calls().len()), (1, 0));

    // A provider that refuses costs no role.
    mail.always(super::world::Answer::fail(
        balefire_channels::error::ErrorKind::Rejected,
    ));
    node.gives("bob", "ada");
}
