//! A whole site in process: a real engine on a store in a temporary folder, asked through the router.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use balefire_core::clock::Clock;
use balefire_engine::clock::SystemClock;
use balefire_engine::engine::{Engine, Setup};
use balefire_engine::node;
use balefire_store::{Options, Store, StoreUrl};
use balefire_template::sandbox::{Sandbox, WorkerCommand};
use balefire_web::router::router;
use balefire_web::state::WebState;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// Nothing in these tests takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running site.
pub(crate) struct Site {
    pub(crate) engine: Engine,
    pub(crate) router: Router,
    _folder: TempDir,
}

/// What the site answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
}

impl Site {
    /// A site as `balefire serve` without a document is.
    pub(crate) async fn start() -> Self {
        Self::with(balefire_config::default_document(), Arc::new(SystemClock)).await
    }

    /// A site with this document and clock.
    pub(crate) async fn with(document: &str, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let env = BTreeMap::new();
        let loaded = balefire_config::load(document, "test.yml", &env);
        let mut plan = loaded
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
            .plan;
        if plan.server.external_url.is_empty() {
            "http://127.0.0.1:9119".clone_into(&mut plan.server.external_url);
        }
        let url = StoreUrl::Embedded(folder.path().to_owned());
        let store = Store::open(&url, Options::default())
            .await
            .expect("a store");
        // No test here has a template of its own.
        let worker = WorkerCommand {
            program: "/nonexistent".into(),
            arguments: Vec::new(),
        };
        let engine = node::start(Setup {
            plan: Arc::new(plan),
            store,
            clock,
            sandbox: Sandbox::new(worker, 1),
            shadow: false,
        })
        .await
        .expect("a node");
        let state = WebState {
            engine: engine.clone(),
            reload: Arc::new(|| Box::pin(async { Ok(()) })),
            check: Arc::new(|text| {
                let env = BTreeMap::new();
                balefire_config::load(text, "document", &env)
                    .map(|loaded| loaded.plan)
                    .map_err(|problems| problems.iter().map(ToString::to_string).collect())
            }),
        };
        Self {
            engine,
            router: router(state),
            _folder: folder,
        }
    }

    async fn answer(&self, request: http::request::Builder, body: &str) -> Response {
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        let request = request
            .extension(ConnectInfo(peer))
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer")
    }

    /// The body of an answer that does not end by itself.
    pub(crate) async fn open(&self, path: &str) -> Body {
        self.answer(Request::get(path), "").await.into_body()
    }

    /// Sends a request from this machine.
    pub(crate) async fn ask(&self, request: http::request::Builder, body: &str) -> Answer {
        let (head, body) = self.answer(request, body).await.into_parts();
        let body = Limited::new(body, 4 << 20).collect().await.expect("a body");
        let text = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        Answer {
            status: head.status,
            headers: head.headers,
            text,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path), "").await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        self.ask(request, &body.to_string()).await
    }

    /// Posts a text to the inbox, as `curl -d` does.
    pub(crate) async fn tell(&self, text: &str) {
        let form = "application/x-www-form-urlencoded";
        let request = Request::post("/in/inbox").header("content-type", form);
        let answer = self.ask(request, text).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Posts one Prometheus alert that fires, or is over.
    pub(crate) async fn report(&self, labels: &Value, over: bool) {
        let now = self.engine.now();
        let mut alert = serde_json::json!({
            "labels": labels,
            "annotations": {"summary": "what happened"},
            "startsAt": now.before(Duration::from_mins(1)).to_string(),
        });
        if over {
            alert["endsAt"] = now.to_string().into();
        }
        let answer = self
            .post_json("/api/v2/alerts", &serde_json::json!([alert]))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Asks for `path` again whenever something has changed, until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let mut changes = self.engine.changes();
        let waiting = async {
            loop {
                changes.mark_unchanged();
                let answer = self.get(path).await;
                if wanted(&answer) {
                    return answer;
                }
                changes.changed().await.expect("a running engine");
            }
        };
        let Ok(answer) = tokio::time::timeout(PATIENCE, waiting).await else {
            panic!("{path} stayed {}", self.get(path).await.text);
        };
        answer
    }

    /// Waits for a notification in this state; answers it.
    pub(crate) async fn notification(&self, query: &str) -> Value {
        let path = format!("/api/v1/notifications?{query}");
        let some = |answer: &Answer| !answer.json()["notifications"][0].is_null();
        let answer = self.until(&path, some).await;
        answer.json()["notifications"][0].clone()
    }
}
