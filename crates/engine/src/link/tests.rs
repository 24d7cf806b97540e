use balefire_core::time::Time;

use super::*;

const NOW: Time = Time::from_secs(1_795_342_445);

fn links() -> Links {
    let links = Links::default();
    links.0.store(Key::made().map(Arc::new));
    links
}

fn claim(purpose: Purpose) -> Claim {
    let person = Some(Arc::from("chen-min"));
    Claim::new(purpose, Subject::Group(0xfeed_face_cafe_beef), person, NOW)
}

fn hours(hours: i64) -> Time {
    Time::from_secs(NOW.secs() + 3_600 * hours)
}

#[test]
fn a_link_says_what_it_was_made_for_until_it_is_over() {
    let links = links();
    for purpose in [Purpose::Page, Purpose::Button, Purpose::Key] {
        let token = links.sign(&claim(purpose)).expect("a token");
        assert_eq!(links.read(&token, purpose, NOW), Ok(claim(purpose)));
        assert!(links.read(&token, purpose, hours(71)).is_ok());
        let late = links.read(&token, purpose, hours(72));
        assert_eq!(late, Err(LinkError::Expired));
    }
}

#[test]
fn a_link_for_one_purpose_is_worth_nothing_for_another() {
    let links = links();
    let token = links.sign(&claim(Purpose::Button)).expect("a token");
    for purpose in [Purpose::Page, Purpose::Key] {
        let read = links.read(&token, purpose, NOW);
        assert_eq!(read, Err(LinkError::Forged), "{purpose:?}");
    }
}

#[test]
fn no_character_of_a_link_can_be_changed_left_out_or_added() {
    let links = links();
    let token = links.sign(&claim(Purpose::Page)).expect("a token");
    let read = |token: &str| links.read(token, Purpose::Page, NOW);
    for at in 0..token.len() {
        let (head, tail) = token.split_at(at);
        let (old, tail) = tail.split_at(1);
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for new in letters.chars().filter(|new| !old.contains(*new)) {
            let changed = format!("{head}{new}{tail}");
            assert_eq!(read(&changed), Err(LinkError::Forged), "{changed}");
        }
        assert_eq!(read(&format!("{head}{tail}")), Err(LinkError::Forged));
        assert_eq!(read(head), Err(LinkError::Forged));
    }
    for more in ["A", "=", "/", "%", "字"] {
        assert_eq!(read(&format!("{token}{more}")), Err(LinkError::Forged));
    }
    assert_eq!(read(&token.repeat(1_000)), Err(LinkError::Forged));
    assert_eq!(read(""), Err(LinkError::Forged));
}

#[test]
fn a_mailbox_fits_its_limit_survives_capitals_and_cannot_be_changed() {
    let links = links();
    let claim = Claim::new(Purpose::Mail, Subject::Notification(u64::MAX), None, NOW);
    let token = links.sign_for_mail(&claim).expect("a token");
    assert!(token.len() + "ack+".len() <= 64, "{token}");
    let read = |token: &str| links.read(token, Purpose::Mail, NOW);
    assert_eq!(read(&token), Ok(claim.clone()));
    assert_eq!(read(&token.to_ascii_uppercase()), Ok(claim));
    for at in 0..token.len() {
        let mut changed = token.clone();
        let other = if token[at..].starts_with('a') {
            "b"
        } else {
            "a"
        };
        changed.replace_range(at..=at, other);
        assert_eq!(read(&changed), Err(LinkError::Forged), "{changed}");
    }
    assert_eq!(read(""), Err(LinkError::Forged));
    let page = links.sign(&self::claim(Purpose::Page)).expect("a token");
    assert_eq!(read(&page), Err(LinkError::Forged));
}

#[test]
fn another_key_makes_links_that_were_handed_out_worthless() {
    let (old, new) = (links(), links());
    let token = old.sign(&claim(Purpose::Page)).expect("a token");
    assert_eq!(new.read(&token, Purpose::Page, NOW), Err(LinkError::Forged));
    let none = Links::default();
    assert_eq!(none.sign(&claim(Purpose::Page)), None);
    assert_eq!(
        none.read(&token, Purpose::Page, NOW),
        Err(LinkError::Forged)
    );
}

#[test]
fn a_key_is_read_as_it_was_written_and_never_shown() {
    let key = Key::made().expect("a key");
    let text = key.text();
    assert_eq!(format!("{key:?}"), "<secret>");
    assert_eq!(Key::read(&text), Some(key));
    for other in ["", "short", "*", &text[1..]] {
        assert_eq!(Key::read(other), None);
    }
}
