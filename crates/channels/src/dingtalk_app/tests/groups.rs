//! Making groups, and making them anew.

use super::*;

fn groups(site: &Site) -> Groups {
    built(&site.account, &Value::Null, Groups::of).expect("an account")
}

fn wanted(users: &[&str]) -> NewGroup {
    NewGroup {
        name: "运维 P1 告警群 with a very long name".to_owned(),
        owner: "u1".to_owned(),
        users: users.iter().map(|&user| user.to_owned()).collect(),
        ..NewGroup::default()
    }
}

#[tokio::test]
async fn a_group_is_made_of_its_owner_and_members() {
    let site = site().await;
    let org = &site.simulator.dingtalk_app().org;
    let made = groups(&site).create(&wanted(&["u2", "u1"]), site.now).await;
    let made = made.expect("a group");
    assert_eq!(made.conversation_id, "cid-sim-1");
    assert_eq!(
        (made.chat_id.as_str(), made.left_out),
        ("chat-cid-sim-1", Vec::new())
    );
    let body = org.requests()[0].json();
    assert_eq!(body["useridlist"], json!(["u1", "u2"]));
    let name = body["name"].as_str().expect("a name");
    assert!(
        name.chars().count() <= 20 && name.starts_with("运维 P1"),
        "{name}"
    );
}

#[tokio::test]
async fn those_who_left_the_company_are_left_out_and_told_one_by_one() {
    let site = site().await;
    let org = &site.simulator.dingtalk_app().org;
    org.set_people(&["u2", "u4"]);
    let made = groups(&site)
        .create(&wanted(&["u2", "u3", "u4"]), site.now)
        .await;
    let made = made.expect("a group");
    let left: Vec<(&str, &str)> = made
        .left_out
        .iter()
        .map(|(user, error)| (user.as_str(), error.detail.as_str()))
        .collect();
    assert_eq!(
        left,
        [("u1", "60121 找不到该用户"), ("u3", "60121 找不到该用户")]
    );
    let body = org.requests().pop().expect("a request").json();
    assert_eq!(
        body["owner"], "u2",
        "the owner is gone: the first who is there takes its place"
    );
    assert_eq!(body["useridlist"], json!(["u2", "u4"]));
    org.set_people(&["u9"]);
    let nobody = groups(&site).create(&wanted(&["u2"]), site.now).await;
    assert_eq!(
        nobody.expect_err("nobody is there").kind,
        ErrorKind::Rejected
    );
}

#[tokio::test]
async fn a_scene_group_has_its_robot_and_is_made_once_for_one_id() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    let wanted = NewGroup {
        template: Some(app.org.template().to_owned()),
        id: "alarm-7".to_owned(),
        ..wanted(&["u2"])
    };
    let groups = groups(&site);
    let made = groups.create(&wanted, site.now).await.expect("a group");
    let again = groups.create(&wanted, site.now).await.expect("the same");
    assert_eq!(made, again);
    let receiver = json!({"via": "group", "conversation_id": made.conversation_id});
    let channel = site.open(&receiver);
    assert!(site.send(&*channel).await[0].contains(" ok "));
    app.robot.disband(&made.conversation_id);
    let delivery = Delivery {
        message: &message(),
        targets: &channel.targets(),
        id: "bf_01234567",
        attempt: 1,
        now: site.now,
    };
    let error = channel
        .send(&delivery)
        .await
        .remove(0)
        .expect_err("it is gone");
    assert!(Groups::is_gone(&error), "{error}");
    assert!(!Groups::is_gone(&SendError::new(
        ErrorKind::Transient,
        "system.error: x"
    )));
}

#[tokio::test]
async fn a_stale_token_is_renewed_once_and_other_failures_are_the_answer() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    let groups = groups(&site);
    groups
        .create(&wanted(&["u2"]), site.now)
        .await
        .expect("a group");
    app.token.expire_tokens();
    groups
        .create(&wanted(&["u2"]), site.now)
        .await
        .expect("another");
    assert_eq!(app.token.counts().requests, 2);
    app.org
        .fail_with(Mode::ErrCode(500, "system.error".to_owned()));
    let error = groups
        .create(&wanted(&["u2"]), site.now)
        .await
        .expect_err("a fault");
    assert_eq!(error.kind, ErrorKind::Transient);
    app.org.fail_with(Mode::ResetAfterBody);
    let error = groups
        .create(&wanted(&["u2"]), site.now)
        .await
        .expect_err("a cut");
    assert_eq!(error.kind, ErrorKind::UnknownOutcome);
    let nobody = groups.create(&NewGroup::default(), site.now).await;
    assert_eq!(nobody.expect_err("nobody").detail, "a group needs members");
}
