//! What one webhook costs: the body made, sent over a connection that stands, and the answer read.

use std::sync::Arc;

use balefire_channels::channel::Delivery;
use balefire_channels::http::{Http, HttpSettings};
use balefire_channels::spec::Build;
use balefire_channels::token::Tokens;
use balefire_channels::webhook;
use balefire_core::message::{Answering, Locale, Mentions, Message, Occasion};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

fn message() -> Message {
    Message {
        occasion: Occasion::Test,
        severity: Severity::Warning,
        title: "InstanceDown 10.0.4.11:9100".to_owned(),
        body: Vec::new(),
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::En,
        zone: "UTC".to_owned(),
        link: None,
        thread: "{}:{alertname=\"InstanceDown\"}".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

/// Answers 200 to each request: whatever ends with the body's last brace.
async fn answer(mut stream: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read) = stream.read(&mut buffer).await
        && read > 0
    {
        let whole = buffer[..read].ends_with(b"}");
        if whole
            && stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await
                .is_err()
        {
            return;
        }
    }
}

fn receiver(runtime: &Runtime) -> String {
    let listener = runtime
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    format!("http://{address}/hook/k3y")
}

fn one_call(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let url = receiver(&runtime);
    let channel = (webhook::SPEC.build)(&Build {
        account_name: "bench",
        account: &json!({}),
        receiver: &json!({ "url": url }),
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    })
    .expect("a channel");
    let (message, targets) = (message(), channel.targets());
    let delivery = Delivery {
        message: &message,
        targets: &targets,
        id: "n_0123456789abcdef",
        attempt: 1,
        now: Time::from_secs(1_772_590_500),
    };
    criterion.bench_function("webhook", |bencher| {
        bencher.iter(|| {
            let outcomes = runtime.block_on(channel.send(&delivery));
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        });
    });
}

criterion_group!(benches, one_call);
criterion_main!(benches);
