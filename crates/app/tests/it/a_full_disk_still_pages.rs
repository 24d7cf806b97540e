//! The disk is full: new alerts are refused at once and nothing is acknowledged that is not stored; what was taken
//! before is still told, and so is the trouble; with room again all goes on by itself (reliability test R07).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};

use super::ask::{self, becomes};
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

const WAYS: &str = r"
meta: {receiver: meta}
receivers:
- {name: told, dingtalk_configs: [{account: ding}]}
- {name: meta, feishu_configs: [{account: feishu}]}
route: {receiver: told, group_by: [alertname], group_wait: 4s, group_interval: 1s}
";

/// A refusal takes no longer; 100 ms where nothing else runs.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// With room again, alerts are taken after this time; 2 s where nothing else runs.
const WELL_WITHIN: Duration = Duration::from_secs(5);

/// A file system of its own in memory; gone when this goes.
struct Disk(PathBuf);

impl Disk {
    fn mount(path: &Path) -> Self {
        std::fs::create_dir(path).expect("a mount point");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=16m", "balefire-test"])
            .arg(path);
        let status = mount.status().expect("mount");
        assert!(status.success(), "mounting a tmpfs needs root");
        Self(path.to_owned())
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.0.join("ballast"))
            .expect("a file");
        // Smaller and smaller pieces until nothing fits.
        for size in [1 << 20, 1 << 16, 4096, 1] {
            while ballast.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("the ballast");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since the node may not be quite gone; an error leaves a mount behind and hides no failure.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Posts an alert of this name; the status.
async fn alert(node: &Node, name: &str) -> u16 {
    let body = json!([{"labels": {"alertname": name}, "endsAt": "2099-01-01T00:00:00Z"}]);
    let (status, said) = ask::post(node, "/api/v2/alerts", ask::JSON, body.to_string()).await;
    assert!(status == 200 || status == 507, "{status} {said}");
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_still_pages() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let disk = Disk::mount(&folder.path().join("data"));
    let document = format!("{}{WAYS}", accounts(&sim));
    let node = Node::start(folder.path(), &document).await;
    let mut taken = BTreeSet::from(["before".to_owned()]);
    assert_eq!(alert(&node, "before").await, 200);

    // Its group waits; the disk fills up. The store has a little room of its own left until it asks for more.
    disk.fill();
    let mut refused = 0;
    for i in 0.. {
        let began = Instant::now();
        let name = format!("while-full-{i}");
        if alert(&node, &name).await == 200 {
            taken.insert(name);
        } else {
            refused += 1;
        }
        assert!(began.elapsed() < REFUSED_WITHIN, "{:?}", began.elapsed());
        if refused == 20 {
            break;
        }
        assert!(i < 10_000, "the disk never was full");
    }
    let (status, _) = ask::answer(node.client.get(node.url("/-/ready"))).await;
    assert_eq!(status, 503, "senders go elsewhere");
    // What was owed is told, and so is the trouble.
    let told = timeout(Duration::from_secs(20), sim.dingtalk().wait_for(1)).await;
    told.expect("the page goes out on the full disk");
    let trouble = eventually("the meta-alert", async || sim.feishu().received().pop()).await;
    assert!(trouble.text().contains("disk"), "{}", trouble.text());

    disk.free();
    let began = Instant::now();
    eventually("alerts are taken again", async || {
        (alert(&node, "after").await == 200).then_some(())
    })
    .await;
    assert!(began.elapsed() < WELL_WITHIN, "{:?}", began.elapsed());
    taken.insert("after".to_owned());
    eventually("it is ready again", async || {
        let (status, _) = ask::answer(node.client.get(node.url("/-/ready"))).await;
        (status == 200).then_some(())
    })
    .await;
    becomes("what was taken is there", &taken, async || {
        ask::names(&node).await
    })
    .await;

    // On disk, too, and nothing that was refused.
    node.kill().await;
    let node = Node::start(folder.path(), &document).await;
    becomes("what was taken is there again", &taken, async || {
        ask::names(&node).await
    })
    .await;
    node.kill().await;
}
