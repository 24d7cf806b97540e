//! Sessions: what keeps them, what ends them, in which roles and over which connection they are bound.

use super::*;

/// Looks until it has come true; time stands still meanwhile where it is a test's own.
async fn until(come_true: impl Fn() -> bool) {
    while !come_true() {
        tokio::task::yield_now().await;
    }
}

/// Keeps paused time from passing by itself while the other side's bytes are on their way.
fn hold_time() -> std::sync::mpsc::Sender<()> {
    let (hold, released) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || released.recv());
    hold
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_gives_no_sign_of_life_twice_is_left_and_bound_anew() {
    let _hold = hold_time();
    let site = site().await;
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    channel.listen().await.expect("bound");
    // Whoever has answered this has read everything before it, and waits from now on.
    let has_read = async |asked: usize| {
        site.smsc.ask_for_life();
        until(|| site.smsc.lives() > asked).await;
    };
    has_read(0).await;
    // What is alive is asked, and kept.
    for asked in 1..=4 {
        tokio::time::advance(Duration::from_secs(30)).await;
        until(|| site.smsc.enquiries() == asked).await;
        has_read(asked).await;
    }
    channel.listen().await.expect("still bound");
    assert_eq!(site.smsc.binds(), 1);
    site.smsc.set_deaf(true);
    for asked in 5..=6 {
        tokio::time::advance(Duration::from_secs(30)).await;
        until(|| site.smsc.enquiries() == asked).await;
    }
    assert_eq!(site.smsc.hearers(), 1, "it may still come back");
    tokio::time::advance(Duration::from_secs(30)).await;
    until(|| site.smsc.hearers() == 0).await;
    site.smsc.set_deaf(false);
    while site.smsc.binds() < 2 {
        channel.listen().await.expect("bound anew");
        tokio::task::yield_now().await;
    }
    send(&*channel, &saying("hello"))
        .await
        .remove(0)
        .expect("taken");
    assert_eq!(site.smsc.binds(), 2);
}

#[tokio::test]
async fn what_was_said_while_nobody_heard_comes_with_a_fresh_bind() {
    let site = site().await;
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    send(&*channel, &saying("hello"))
        .await
        .remove(0)
        .expect("taken");
    site.smsc.hang_up();
    until(|| site.smsc.hearers() == 0).await;
    // In another base than it was given out in, over the session before.
    let number = u64::from_str_radix(&SmscSim::id(0), 16).expect("a number");
    site.smsc.say(&number.to_string(), "DELIVRD");
    let reports = site.tokens.reports();
    let heard = async {
        loop {
            channel.listen().await.expect("bound");
            tokio::select! {
                heard = reports.next() => return heard,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    let heard = heard.await;
    assert_eq!(heard.report.provider_id, SmscSim::id(0));
    heard.taken();
    assert_eq!(site.smsc.answers(1).await, [0]);
    assert_eq!((site.smsc.binds(), site.smsc.submits().len()), (2, 1));
}

#[tokio::test]
async fn an_smsc_without_transceivers_is_bound_once_for_each_way() {
    let site = site().await;
    site.smsc.refuse_transceivers();
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    send(&*channel, &saying("hello"))
        .await
        .remove(0)
        .expect("taken");
    assert_eq!((site.smsc.binds(), site.smsc.hearers()), (1, 0));
    site.smsc.say(&SmscSim::id(0), "DELIVRD");
    channel.listen().await.expect("bound to hear");
    let heard = site.tokens.reports().next().await;
    assert_eq!(heard.report.said, Said::Delivered);
    heard.taken();
    assert_eq!(site.smsc.answers(1).await, [0]);
    send(&*channel, &saying("again"))
        .await
        .remove(0)
        .expect("taken");
    channel.listen().await.expect("still bound");
    assert_eq!((site.smsc.binds(), site.smsc.hearers()), (2, 1));
    // What was found out once is not tried again.
    site.smsc.hang_up();
    until(|| site.smsc.hearers() == 0).await;
    let other = site.open(&json!({"phones": ["+442079460958"]}));
    while site.smsc.binds() < 3 {
        other.listen().await.expect("bound anew");
        tokio::task::yield_now().await;
    }
    assert_eq!(site.smsc.refused(), 0);
}

#[tokio::test]
async fn an_smsc_behind_tls_is_known_by_its_own_authority_and_no_other() {
    let smsc = SmscSim::start_tls().await.expect("an SMSC");
    let authority = smsc.authority().to_owned();
    let mut site = site_of(smsc);
    site.account["tls"] = "required".into();
    let stranger = SmscSim::start_tls().await.expect("another one");
    for (pem, is_taken) in [
        (Some(authority), true),
        (Some(stranger.authority().to_owned()), false),
        (None, false),
    ] {
        let mut settings = HttpSettings::default();
        settings.tls.ca_pem = pem;
        site.http = Http::new(settings).expect("a client");
        let channel = site.open(&json!({"phones": ["+8613800138000"]}));
        let outcome = send(&*channel, &saying("hello")).await.remove(0);
        match outcome {
            Ok(_) => assert!(is_taken),
            Err(error) => {
                assert!(!is_taken, "{error}");
                assert!(error.detail.contains("TLS with 127.0.0.1"), "{error}");
                assert!(error.fix.contains("ca_file"), "{error}");
            }
        }
    }
    assert_eq!(site.smsc.submits().len(), 1);
    site.account["port"] = json!(SmscSim::start().await.expect("without TLS").port());
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    let error = send(&*channel, &saying("hello")).await.remove(0);
    assert!(error.is_err(), "a peer without TLS gets no password");
}
