//! Debian's Prometheus with a firing rule, configured with only our address: the alert reaches a DingTalk robot,
//! a WeCom app, a Slack webhook and a real mail server; amtool silences it and the page stops; amtool
//! expires the silence, the target comes up, and the resolved notice follows everywhere.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_testkit::received::Received;
use balefire_testkit::simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::node::{Node, eventually, free_port};

/// A child that ends with the test.
struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(program: &str, arguments: &[&str]) -> Server {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; run `cargo xtask test --install`"));
    Server(child)
}

/// A real mail server that puts what it gets into a maildir.
fn mail_server(port: u16, maildir: &Path) -> Server {
    let address = format!("127.0.0.1:{port}");
    let maildir = maildir.display().to_string();
    let arguments = [
        "-m",
        "aiosmtpd",
        "-n",
        "-l",
        &address,
        "-c",
        "aiosmtpd.handlers.Mailbox",
        &maildir,
    ];
    spawn("/usr/bin/python3", &arguments)
}

/// Prometheus with one rule: a target that does not answer.
fn prometheus(folder: &Path, target: u16, node: &Node) -> Server {
    let rules = "groups:\n- name: targets\n  interval: 1s\n  rules:\n  - alert: TargetDown\n    expr: up{job=\"fixture\"} == 0\n    labels: {severity: critical}\n    annotations: {summary: \"{{ $labels.instance }} does not answer\"}\n  - alert: Watchdog\n    expr: vector(1)\n    labels: {severity: info}\n";
    std::fs::write(folder.join("rules.yml"), rules).expect("rules");
    let document = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\nrule_files: [rules.yml]\nalerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{}\"]}}]}}]}}\nscrape_configs: [{{job_name: fixture, static_configs: [{{targets: [\"127.0.0.1:{target}\"]}}]}}]\n",
        node.address
    );
    let file = folder.join("prometheus.yml");
    std::fs::write(&file, document).expect("document");
    spawn(
        "prometheus",
        &[
            &format!("--config.file={}", file.display()),
            &format!("--storage.tsdb.path={}", folder.join("tsdb").display()),
            &format!("--web.listen-address=127.0.0.1:{}", free_port()),
            "--rules.alert.resend-delay=2s",
        ],
    )
}

/// A target that Prometheus finds up.
async fn target(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the target's port");
    loop {
        let (mut stream, _) = listener.accept().await.expect("accept");
        tokio::spawn(async move {
            let mut request = [0; 4096];
            // Prometheus reads whatever comes; a broken scrape is repeated a second later.
            let _ = stream.read(&mut request).await;
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 10\r\nConnection: close\r\n\r\nfixture 1\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        });
    }
}

fn amtool(node: &Node, arguments: &[&str]) -> String {
    let output = Command::new("amtool")
        .arg(format!("--alertmanager.url=http://{}", node.address))
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("amtool: {error}; run `cargo xtask test --install`"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "amtool {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// The mails in a maildir, as text.
fn mails(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("new")) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| std::fs::read(entry.ok()?.path()).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

fn document(sim: &Simulator, mail_port: u16) -> String {
    format!(
        r#"
accounts:
  robot: {{kind: dingtalk_robot, url: "{}", secret: "{}"}}
  wecom: {{kind: wecom_app, base_url: "{}", corp_id: "{}", secret: "{}", agent_id: {}}}
  mail: {{kind: smtp, host: 127.0.0.1, port: {mail_port}, tls: none_loopback, from: "balefire@example.com"}}
receivers:
- name: ops
  dingtalk_configs: [{{account: robot}}]
  wechat_configs: [{{account: wecom, to_user: chenmin, send_resolved: true}}]
  slack_configs: [{{api_url: "{}", send_resolved: true}}]
  email_configs: [{{account: mail, to: ops@example.com, send_resolved: true}}]
- name: control
  webhook_configs: [{{url: "{}"}}]
route:
  receiver: ops
  group_by: [alertname]
  group_wait: 0s
  group_interval: 3s
  repeat_interval: 3s
  routes: [{{matchers: [alertname="Watchdog"], receiver: control, group_interval: 1s, repeat_interval: 1s}}]
"#,
        sim.dingtalk().url(),
        sim.dingtalk().secret(),
        sim.wecom_app().base_url(),
        sim.wecom_app().corp_id(),
        sim.wecom_app().secret(),
        sim.wecom_app().agent_id(),
        sim.slack_hook().url(),
        sim.webhook().url("control"),
    )
}

/// The rule's name, the instance and the rule's own words.
struct Words {
    instance: String,
}

impl Words {
    fn said(&self, text: &str) -> bool {
        text.contains("TargetDown") && text.contains(&self.instance)
    }

    fn resolved(&self, text: &str) -> bool {
        self.said(text) && text.contains("RESOLVED")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_rule_reaches_every_channel() {
    let folder = tempfile::tempdir().expect("folder");
    let clock = Arc::new(SystemClock);
    let sim = Simulator::builder()
        .clock(clock)
        .unlimited()
        .start()
        .await
        .expect("simulator");
    let (maildir, mail_port) = (folder.path().join("mail"), free_port());
    let _mail = mail_server(mail_port, &maildir);
    let node = Node::start(folder.path(), &document(&sim, mail_port)).await;
    let target_port = free_port();
    let _prometheus = prometheus(folder.path(), target_port, &node);
    let words = Words {
        instance: format!("127.0.0.1:{target_port}"),
    };
    all_are_told(&sim, &maildir, &words).await;
    a_silence_stops_the_page(&sim, &node).await;
    tokio::spawn(target(target_port));
    all_are_told_of_the_end(&sim, &maildir, &words).await;
    node.kill().await;
}

async fn all_are_told(sim: &Simulator, maildir: &Path, words: &Words) {
    let ding = eventually("DingTalk", async || {
        sim.dingtalk().received().into_iter().next()
    })
    .await;
    let ding = ding.json();
    assert_eq!(ding["msgtype"], "markdown");
    let title = ding["markdown"]["title"].as_str().unwrap_or_default();
    assert!(
        title.contains("TargetDown") && title.contains("FIRING"),
        "{title}"
    );
    let text = ding["markdown"]["text"].as_str().unwrap_or_default();
    assert!(
        words.said(text) && text.contains("does not answer"),
        "{text}"
    );
    assert!(text.contains("Critical"), "{text}");

    let wecom = eventually("WeCom", async || {
        sim.wecom_app().received().into_iter().next()
    })
    .await;
    assert_eq!(wecom.json()["touser"], "chenmin");
    assert_eq!(wecom.json()["agentid"], sim.wecom_app().agent_id());
    assert!(words.said(&wecom.text()), "{}", wecom.text());

    let slack = eventually("Slack", async || {
        sim.slack_hook().received().into_iter().next()
    })
    .await;
    assert!(words.said(&slack.text()), "{}", slack.text());

    let mail = eventually("mail", async || mails(maildir).into_iter().next()).await;
    assert!(
        mail.contains("To: ops@example.com") && mail.contains("TargetDown"),
        "{mail}"
    );
}

/// amtool silences it; a control alert goes on being told, and this one no longer is until amtool expires the
/// silence.
async fn a_silence_stops_the_page(sim: &Simulator, node: &Node) {
    let matcher = "alertname=TargetDown";
    let author = ["--author=chenmin", "--comment=upgrade", "--duration=10m"];
    let id = amtool(
        node,
        &[&["silence", "add"], &author[..], &[matcher]].concat(),
    );
    assert!(amtool(node, &["silence", "query"]).contains("chenmin"));
    let control = sim.webhook().counts().requests;
    sim.webhook().wait_for_requests(control + 2).await;
    let told = sim.dingtalk().counts().requests;
    sim.webhook().wait_for_requests(control + 9).await;
    let now = sim.dingtalk().counts().requests;
    assert_eq!(now, told, "the page went on although it was silenced");
    amtool(node, &["silence", "expire", id.trim()]);
    eventually("the page again", async || {
        (sim.dingtalk().counts().requests > told).then_some(())
    })
    .await;
}

async fn all_are_told_of_the_end(sim: &Simulator, maildir: &Path, words: &Words) {
    let over = |received: Vec<Received>| {
        received
            .iter()
            .any(|request| words.resolved(&request.text()))
            .then_some(())
    };
    eventually("DingTalk resolved", async || {
        over(sim.dingtalk().received())
    })
    .await;
    eventually("WeCom resolved", async || over(sim.wecom_app().received())).await;
    eventually("Slack resolved", async || over(sim.slack_hook().received())).await;
    eventually("mail resolved", async || {
        mails(maildir)
            .iter()
            .any(|mail| mail.contains("RESOLVED"))
            .then_some(())
    })
    .await;
}
