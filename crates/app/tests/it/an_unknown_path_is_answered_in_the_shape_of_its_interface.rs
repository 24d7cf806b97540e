//! What is not there: each interface says so in its own shape, and no path leads out of the binary.

use serde_json::json;

use super::ask::{self, answer};
use super::node::Node;

const DOCUMENT: &str = "\
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
sources: {gen: {kind: generic}}
";

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_answered_in_the_shape_of_its_interface() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let (status, body) = ask::post(&node, "/in/nobody", ask::JSON, "{}").await;
    assert_eq!((status, &body["code"]), (404, &json!("not_found")));
    let detail = body["detail"].as_str().expect("a detail");
    assert!(
        detail.contains("\"nobody\"") && detail.contains("inbox"),
        "{detail}"
    );
    assert_eq!(ask::last_refusal(&node).await["source"], "unknown");
    let (status, body) = ask::post(&node, "/api/v2/nothing", ask::JSON, "{}").await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({"code": 404, "message": "path /api/v2/nothing was not found"})
    );
    for path in ["/api/v1/nothing", "/prometheusalert", "/x"] {
        let (status, body) = ask::post(&node, path, ask::JSON, "{}").await;
        assert_eq!(
            (status, &body["status"]),
            (404, &json!(404)),
            "{path}: {body}"
        );
        assert_eq!(body["detail"], format!("there is nothing at {path}"));
    }
    for (path, service) in [
        ("/alarm_v2", "alarm_v2"),
        ("/api/model/send_sms/", "grafana_wecom"),
        ("/sendmail", "apptools"),
    ] {
        let (status, body) = ask::post(&node, path, ask::JSON, "{}").await;
        assert_eq!(status, 404, "{path}: {body}");
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains(&format!("legacy.{service}")),
            "{path}: {body}"
        );
    }
    // S42: pages and assets are inside the binary, so there is no folder to climb out of.
    for path in [
        "/assets/../data/balefire.db",
        "/assets/%2e%2e/balefire.yml",
        "/dashboard..",
        "/..;/",
        "/%00",
        "/assets/..%2f..%2fetc/passwd",
    ] {
        let target = format!("http://{}{path}", node.address);
        let (status, body) = answer(node.client.get(target)).await;
        assert_eq!(status, 404, "{path}: {body}");
    }
    // A method that is not there is answered in the same shapes.
    let (status, body) = answer(node.client.delete(node.url("/in/gen"))).await;
    assert_eq!((status, &body["code"]), (405, &json!("method")), "{body}");
    let (status, body) = answer(node.client.delete(node.url("/api/v2/alerts"))).await;
    assert_eq!((status, &body["code"]), (405, &json!(405)), "{body}");
    let (status, body) = answer(node.client.delete(node.url("/api/v1/rejected"))).await;
    assert_eq!((status, &body["code"]), (405, &json!("method")), "{body}");
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|d| d.contains("DELETE")),
        "{body}"
    );
    node.kill().await;
}
