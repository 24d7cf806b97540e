//! The mail itself: as it leaves, and that no content breaks its frame.

use balefire_core::message::Custom;
use proptest::prelude::*;

use super::*;

#[test]
fn the_mail_as_it_leaves() {
    let email = built(&json!({}), &options(25)).expect("a channel");
    let message = Message {
        attachments: vec![Attachment {
            name: "../告警 \"x\".json".to_owned(),
            media_type: "application/json".to_owned(),
            enclosed: Enclosed::Content(b"{}".to_vec()),
        }],
        ..message()
    };
    let delivery = Delivery {
        message: &message,
        targets: &[],
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let mail = compose::mail(&email.head, &delivery, true).expect("a mail");
    insta::assert_snapshot!(
        String::from_utf8(mail)
            .expect("ASCII")
            .replace("\r\n", "\n")
    );
}

#[test]
fn the_page_of_a_mail() {
    insta::assert_snapshot!(page::html(&message()));
    insta::assert_snapshot!(page::plain(&message()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_content_adds_a_header_or_breaks_the_frame(title in "(?s).{0,300}", text in "(?s).{0,300}", custom in any::<bool>()) {
        let email = built(&json!({}), &options(25)).expect("a channel");
        let plain = Message { title: "t".to_owned(), body: Vec::new(), ..message() };
        let own = Custom { title: Some(title.clone()), text: Some(text.clone()), ..Custom::default() };
        let hostile = Message {
            title: title.clone(),
            body: vec![Block::Text(text.clone()), Block::List(vec![text])],
            custom: custom.then_some(own),
            ..message()
        };
        let names = |message: &Message| -> Vec<String> {
            let delivery = Delivery { message, targets: &[], id: "n_0123456789abcdef", attempt: 1, now: NOW };
            let mail = compose::mail(&email.head, &delivery, true).expect("a mail");
            assert!(mail.is_ascii());
            let mail = String::from_utf8(mail).expect("ASCII");
            assert!(!mail.replace("\r\n", "").contains(['\r', '\n']), "bare line ends");
            assert!(mail.split("\r\n").all(|line| line.len() <= 998));
            let head = mail.split("\r\n\r\n").next().expect("a head").to_owned();
            let fields = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
            fields.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
        };
        prop_assert_eq!(names(&hostile), names(&plain));
    }
}

#[test]
fn a_file_that_cannot_go_with_the_mail_is_named_in_it() {
    let email = built(&json!({}), &options(25)).expect("a channel");
    let file = |name: &str, enclosed| Attachment {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        enclosed,
    };
    let page = "<html><body><b>see</b></BODY></html>";
    let message = Message {
        attachments: vec![
            file("a.txt", Enclosed::Content(b"one\ntwo\r\n".to_vec())),
            file("<gone>.txt", Enclosed::File("0123".into())),
        ],
        custom: Some(Custom {
            title: None,
            text: Some("see".to_owned()),
            html: Some(page.to_owned()),
            ..Custom::default()
        }),
        locale: Locale::ZhCn,
        ..message()
    };
    let delivery = Delivery {
        message: &message,
        targets: &[],
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let mail = |attach| {
        let mail = compose::mail(&email.head, &delivery, attach).expect("a mail");
        String::from_utf8(mail).expect("ASCII")
    };
    let with = mail(true);
    // Line ends are as they were; the file has one media type.
    assert!(with.contains("b25lCnR3bw0K"), "{with}");
    assert_eq!(with.matches("Content-Disposition: attachment").count(), 1);
    assert_eq!(mail(false).matches("Content-Disposition").count(), 0);
    for (attach, lines) in [
        (true, vec!["未附上：<gone>.txt（文件已不在）"]),
        (
            false,
            vec![
                "未附上：a.txt（邮件服务器不接受这么大的邮件）",
                "未附上：<gone>.txt（文件已不在）",
            ],
        ),
    ] {
        let words = enclosed::sort(&message, attach).words;
        let plain = page::plain(&words);
        let html = page::html(&words);
        for line in lines {
            assert!(plain.contains(line), "{plain}");
            let line = line.replace('<', "&lt;").replace('>', "&gt;");
            assert!(html.contains(&format!("<p>{line}</p>")), "{html}");
        }
        assert!(html.ends_with("</BODY></html>"), "{html}");
    }
}

#[test]
fn a_picture_stands_in_the_page_where_its_address_stood() {
    let email = built(&json!({}), &options(25)).expect("a channel");
    let url = "https://grafana.example.com/render/a.png?x=1&y=2";
    let message = Message {
        body: vec![
            Block::Text("CPU".to_owned()),
            Block::Image(url.to_owned()),
            Block::Image("https://grafana.example.com/late.png".to_owned()),
        ],
        attachments: vec![Attachment {
            name: "picture-1.png".to_owned(),
            media_type: "image/png".to_owned(),
            enclosed: Enclosed::Picture {
                url: url.to_owned(),
                content: b"\x89PNG\r\n\x1a\n0123".to_vec(),
            },
        }],
        ..message()
    };
    let delivery = Delivery {
        message: &message,
        targets: &[],
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let mail = |attach| {
        let mail = compose::mail(&email.head, &delivery, attach).expect("a mail");
        String::from_utf8(mail).expect("ASCII").replace("=\r\n", "")
    };
    let whole = mail(true);
    assert!(whole.contains("multipart/related"), "{whole}");
    let name = "p1.n_0123456789abcdef@balefire";
    assert!(whole.contains(&format!("Content-ID: <{name}>")), "{whole}");
    assert!(whole.contains(&format!("src=3D\"cid:{name}\"")), "{whole}");
    assert!(whole.contains("iVBORw0KGgowMTIz"), "its bytes");
    assert!(
        whole.contains("late.png"),
        "one that did not come is an address"
    );
    assert!(
        !whole.contains("<img src=3D\"https://grafana.example.com/render"),
        "{whole}"
    );
    let bare = mail(false);
    assert!(!bare.contains("cid:"), "{bare}");
    assert!(bare.contains("render/a.png"), "{bare}");
}
