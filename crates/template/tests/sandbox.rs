//! The pool with real worker processes: honest templates, bombs, and what the workers may not do.

use std::time::Duration;

use balefire_core::message::{Custom, Locale};
use balefire_template::compose::Reader;
use balefire_template::escape::Escape;
use balefire_template::sample;
use balefire_template::sandbox::{Limits, Sandbox, WorkerCommand};
use balefire_template::template::{Limit, Part, RenderError, Template};

fn worker() -> WorkerCommand {
    WorkerCommand {
        program: env!("CARGO_BIN_EXE_balefire-template-worker").into(),
        arguments: Vec::new(),
    }
}

/// The product's limits, but with time to spare where a loaded machine must not fail a test.
fn patient() -> Limits {
    let ample = Duration::from_secs(20);
    Limits {
        wait: ample,
        render: ample,
        check: ample,
        start: ample,
        ..Limits::default()
    }
}

fn sandbox() -> Sandbox {
    Sandbox::with_limits(worker(), patient())
}

fn text(source: &str) -> Template {
    Template {
        title: None,
        text: Some(source.to_owned()),
    }
}

fn reader() -> Reader {
    Reader {
        locale: Locale::ZhCn,
        zone: "Asia/Shanghai".to_owned(),
    }
}

async fn render(sandbox: &Sandbox, source: &str) -> Result<Custom, RenderError> {
    sandbox
        .render(&text(source), &sample::firing(), &reader(), Escape::None)
        .await
}

async fn words(sandbox: &Sandbox, source: &str) -> String {
    render(sandbox, source)
        .await
        .expect("words")
        .text
        .unwrap_or_default()
}

#[tokio::test]
async fn an_honest_template_gives_its_words() {
    let template = Template {
        title: Some("{{ severity|severity_icon }} {{ group_labels.alertname }}\n".to_owned()),
        text: Some(
            "{% for a in firing %}{{ a.labels.instance }} {{ a.starts_at|time }}\n{% endfor %}"
                .to_owned(),
        ),
    };
    let custom = sandbox()
        .render(&template, &sample::firing(), &reader(), Escape::None)
        .await
        .expect("words");
    assert_eq!(custom.title.as_deref(), Some("🔴 HighLatency"));
    assert_eq!(
        custom.text.as_deref(),
        Some("api-1 2026-11-22 18:14:05 UTC+8\napi-2 2026-11-22 18:14:05 UTC+8")
    );
}

#[tokio::test]
async fn zones_are_known_without_any_file() {
    assert_eq!(
        words(
            &sandbox(),
            "{{ alerts[0].starts_at|time('%H:%M', zone='America/New_York') }}"
        )
        .await,
        "05:14"
    );
}

/// The bombs of the security notes, section 3, and their relatives: each ends within a second, costs at most
/// its worker, and the next honest template renders.
#[tokio::test]
async fn every_bomb_is_a_limit_and_the_pool_lives_on() {
    let sandbox = Sandbox::new(worker(), 1);
    words_of_warm_up(&sandbox).await;
    let process = std::process::id();
    for bomb in [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for i in range(100000000) %}{% endfor %}",
        "{{ 'a' * 100000000 }}",
        "{% set ns=namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(26) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
        "{% set ns=namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{{ ns.s|length }}{% endfor %}",
        "{% set a='a'*100000 %}{{ a|replace('a', a) }}",
        "{% set a='a'*100000 %}{{ a|replace('', a) }}",
        "{% for i in range(1000) %}{{ 'a' * 1000 }}{% endfor %}",
        "{{ [0] * 100000000 }}",
        "{{ ('a' * 1000000)|list|map('upper')|join('a' * 1000) }}",
        "{{ '%999999999d'|format(1) }}",
    ] {
        let started = tokio::time::Instant::now();
        let outcome = render(&sandbox, bomb).await;
        let took = started.elapsed();
        let refused = outcome.as_ref().is_err_and(RenderError::is_limit);
        assert!(refused, "{bomb}: {outcome:?}");
        assert!(took < Duration::from_secs(1), "{bomb}: {took:?}");
        words_of_warm_up(&sandbox).await;
    }
    assert_eq!(std::process::id(), process);
}

/// A worker that starts anew on a busy machine may need longer than a rendering has.
async fn words_of_warm_up(sandbox: &Sandbox) {
    for attempt in 0..20 {
        match render(sandbox, &format!("{attempt} {{{{ status }}}}")).await {
            Ok(custom) => {
                assert_eq!(custom.text, Some(format!("{attempt} firing")));
                return;
            }
            Err(error) => assert_eq!(error, RenderError::Timeout),
        }
    }
    panic!("no honest template came through");
}

#[tokio::test]
async fn parentheses_without_end_are_a_syntax_error() {
    let bomb = format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000));
    let error = render(&sandbox(), &bomb).await.expect_err("a refusal");
    assert!(matches!(error, RenderError::Syntax { .. }), "{error:?}");
}

#[tokio::test]
async fn memory_ends_at_the_limit_and_says_so() {
    let source = "{% set ns=namespace(s='a'*1000000) %}{% for i in range(12) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}";
    assert_eq!(
        render(&sandbox(), source).await,
        Err(RenderError::Limit(Limit::Memory))
    );
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let limits = Limits {
        render: Duration::from_millis(1),
        ..patient()
    };
    let sandbox = Sandbox::with_limits(worker(), limits);
    let slow = "{% for i in range(9000) %}{{ ('a' * 100000)|upper|length }}{% endfor %}";
    assert_eq!(render(&sandbox, slow).await, Err(RenderError::Timeout));
}

#[tokio::test]
async fn a_template_that_keeps_killing_workers_is_held_back_and_others_are_not() {
    let sandbox = sandbox();
    let bomb = "{% set ns=namespace(s='a'*1000000) %}{% for i in range(12) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}";
    for _ in 0..5 {
        assert_eq!(
            render(&sandbox, bomb).await,
            Err(RenderError::Limit(Limit::Memory))
        );
    }
    assert_eq!(render(&sandbox, bomb).await, Err(RenderError::HeldBack));
    assert_eq!(words(&sandbox, "{{ status }}").await, "firing");
}

#[tokio::test]
async fn source_and_output_are_capped_at_64_kib() {
    let sandbox = sandbox();
    let long = "x".repeat(64 * 1024);
    assert_eq!(words(&sandbox, &long).await.len(), 64 * 1024);
    assert_eq!(
        render(&sandbox, &format!("{long}x")).await,
        Err(RenderError::Limit(Limit::Source))
    );
    let output = "{{ 'x' * 65537 }}";
    assert_eq!(
        render(&sandbox, output).await,
        Err(RenderError::Limit(Limit::Output))
    );
}

#[tokio::test]
async fn errors_name_part_line_and_column() {
    let error = render(
        &sandbox(),
        "line one\n{{ alerts[0].labels.nothing.deeper }}",
    )
    .await
    .expect_err("an error");
    let at = error.position().expect("a position");
    assert!(matches!(error, RenderError::Undefined { .. }), "{error:?}");
    assert_eq!((at.part, at.line), (Part::Text, 2));
    let files = render(&sandbox(), "{% include '/etc/passwd' %}")
        .await
        .expect_err("an error");
    assert!(matches!(files, RenderError::Failed { .. }), "{files:?}");
}

#[tokio::test]
async fn a_check_in_a_worker_tells_problems_and_limits() {
    let sandbox = sandbox();
    let check = |source: &'static str| {
        let sandbox = sandbox.clone();
        async move {
            sandbox
                .check(&text(source), &reader(), Escape::None)
                .await
                .expect("a check")
        }
    };
    assert_eq!(check("{{ status }}").await, []);
    assert_eq!(check("{{ status").await.len(), 1);
    let bomb = check("{% set ns=namespace(s='a'*1000000) %}{% for i in range(12) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}").await;
    assert_eq!(bomb[0].message, "limit: too much memory");
}

#[tokio::test]
async fn more_callers_than_workers_all_get_their_words() {
    let sandbox = sandbox();
    let calls = (0..40).map(|n| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { words(&sandbox, &format!("{n} {{{{ status }}}}")).await })
    });
    for (n, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(call.await.expect("a task"), format!("{n} firing"));
    }
}

#[tokio::test]
async fn a_full_queue_turns_the_next_caller_away() {
    let limits = Limits {
        workers: 1,
        waiting: 0,
        ..patient()
    };
    let sandbox = Sandbox::with_limits(worker(), limits);
    let (first, second) = tokio::join!(
        render(&sandbox, "{{ status }}"),
        render(&sandbox, "{{ status }}")
    );
    let outcomes = [first.is_ok(), second == Err(RenderError::Busy)];
    assert_eq!(outcomes, [true, true]);
}

#[tokio::test]
async fn workers_are_replaced_after_their_share_of_renderings() {
    let limits = Limits {
        workers: 1,
        renderings: 2,
        ..patient()
    };
    let sandbox = Sandbox::with_limits(worker(), limits);
    for _ in 0..5 {
        assert_eq!(words(&sandbox, "{{ status }}").await, "firing");
    }
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_unavailable() {
    for program in ["/no/such/program", "/bin/echo", "/bin/false"] {
        let command = WorkerCommand {
            program: program.into(),
            arguments: Vec::new(),
        };
        let outcome = render(&Sandbox::with_limits(command, patient()), "{{ status }}").await;
        assert!(
            matches!(outcome, Err(RenderError::Unavailable(_))),
            "{program}: {outcome:?}"
        );
    }
}

/// What the kernel says of a worker that has told it is ready.
#[cfg(target_os = "linux")]
#[test]
fn a_ready_worker_has_given_everything_up() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let mut child = Command::new(worker().program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a worker");
    let mut output = child.stdout.take().expect("its output");
    let mut length = [0; 4];
    output.read_exact(&mut length).expect("a length");
    let mut ready = vec![0; u32::from_be_bytes(length) as usize];
    output.read_exact(&mut ready).expect("a reply");
    assert_eq!(
        String::from_utf8(ready).expect("text"),
        r#"{"ready":{"filtered":true}}"#
    );
    let told = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).expect("a file of /proc")
    };
    let fields = |text: &str, name: &str| -> Vec<String> {
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .expect("a line");
        line[name.len()..]
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect()
    };
    let status = told("status");
    assert_eq!(fields(&status, "NoNewPrivs:"), ["1"]);
    assert_eq!(fields(&status, "Seccomp:"), ["2"]);
    let limits = told("limits");
    for (name, most) in [
        ("Max open files", "0"),
        ("Max processes", "0"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max cpu time", "60"),
        ("Max address space", "268435456"),
    ] {
        assert_eq!(fields(&limits, name)[..2], [most, most], "{name}");
    }
    drop(child.stdin.take());
    assert!(child.wait().expect("its end").success());
}
