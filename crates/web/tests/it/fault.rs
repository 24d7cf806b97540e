//! AppTools' `/fault`: statuses, texts and page as its clients know them, kept as incidents.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use balefire_testkit::ManualClock;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const DOCUMENT: &str = "
server: {timezone: Asia/Shanghai}
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
legacy: {apptools: {}}
";

async fn site() -> Site {
    // 2026-01-02 03:04:05 in Shanghai.
    let clock = ManualClock::at(Time::from_secs(1_767_294_245));
    Site::with(DOCUMENT, Arc::new(clock)).await
}

fn disk() -> Value {
    json!({
        "fault_name": "磁盘 <满>", "fault_level": "1", "fault_state": 1, "fault_penson": "陈敏",
        "fault_start_time": "2018-11-22 10:00:00", "fault_end_time": "2018/11/22 11:30:05",
    })
}

async fn ask(site: &Site, method: &str, body: &Value) -> Value {
    // The stock client sends no content type.
    let request = Request::builder().method(method).uri("/fault");
    let answer = site.ask(request, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn with(fields: &[(&str, Value)]) -> Value {
    let mut fault = disk();
    for (name, value) in fields {
        fault[name] = value.clone();
    }
    fault
}

fn outcome(answer: &Value) -> (i64, String) {
    let text = answer["msg"].as_str().unwrap_or_default().to_owned();
    (answer["status"].as_i64().expect("a number"), text)
}

async fn faults(site: &Site, query: &str) -> Value {
    let answer = site.get(&format!("/fault?format=json{query}")).await;
    answer.json()
}

#[tokio::test]
async fn a_fault_is_added_once_changed_and_removed() {
    let site = site().await;
    let added = ask(&site, "POST", &disk()).await;
    assert_eq!(outcome(&added), (0, "Name: 磁盘 <满> 添加成功".to_owned()));
    let keys: Vec<&str> = added
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, ["status", "data", "datetime", "msg"]);
    assert_eq!(added["data"], disk());
    assert_eq!(added["datetime"], "2026-01-02 03:04:05");
    let again = ask(&site, "POST", &disk()).await;
    assert_eq!(outcome(&again), (-2, "Name: 磁盘 <满> 已经存在".to_owned()));

    let name = json!("磁盘 <满>");
    let changed = json!({"fault_name": name, "processing_penson": "li", "fault_issue": "日志"});
    assert_eq!(
        outcome(&ask(&site, "PUT", &changed).await),
        (0, "更新成功".to_owned())
    );
    let closed = json!({"fault_name": name, "fault_state": "0"});
    assert_eq!(outcome(&ask(&site, "PUT", &closed).await).0, 0);
    let found = faults(&site, "").await;
    assert_eq!(found["total"], 1);
    assert_eq!(
        found["data"][0],
        json!({
            "id": 1, "fault_name": "磁盘 <满>", "fault_level": 1, "fault_state": 0, "fault_penson": "陈敏",
            "processing_penson": "li", "fault_report": null, "fault_start_time": "2018-11-22 10:00:00",
            "fault_end_time": "2018-11-22 11:30:05", "fault_duration": "90", "duration": "1:30:05",
            "fault_issue": "日志", "fault_summary": null, "create_at": "2026-01-02 03:04:05",
            "update_at": "2026-01-02 03:04:05",
        })
    );
    // Opened again, it keeps the end that nobody spoke of.
    let open = json!({"fault_name": name, "fault_state": 1, "fault_issue": null});
    assert_eq!(outcome(&ask(&site, "PUT", &open).await).0, 0);
    let found = faults(&site, "").await;
    assert_eq!(found["data"][0]["fault_end_time"], "2018-11-22 11:30:05");
    assert_eq!(found["data"][0]["fault_issue"], Value::Null);

    let incident = site.get("/api/v1/incidents/1").await.json();
    assert_eq!(
        (&incident["key"], &incident["severity"]),
        (&json!("fault/磁盘 <满>"), &json!("critical"))
    );
    let timeline = incident["timeline"].as_array().expect("a timeline");
    let kinds: Vec<&str> = timeline
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        ["opened", "edited", "resolved", "reopened", "edited"]
    );
    assert_eq!(timeline[0]["by"], "apptools");

    for _ in 0..2 {
        let gone = ask(&site, "DELETE", &json!({"fault_name": name})).await;
        assert_eq!(outcome(&gone), (0, "删除成功".to_owned()));
    }
    assert_eq!(site.get("/api/v1/incidents/1").await.status, 404);
    let unknown = ask(&site, "PUT", &closed).await;
    assert_eq!(outcome(&unknown), (-2, "Name: 磁盘 <满> 不存在".to_owned()));
}

#[tokio::test]
async fn what_is_missing_is_minus_one_and_what_is_wrong_is_named() {
    let site = site().await;
    let empty = (-1, "参数不能为空".to_owned());
    for field in [
        "fault_name",
        "fault_level",
        "fault_state",
        "fault_penson",
        "fault_start_time",
        "fault_end_time",
    ] {
        for nothing in [Value::Null, json!("")] {
            let fault = with(&[(field, nothing)]);
            assert_eq!(outcome(&ask(&site, "POST", &fault).await), empty, "{field}");
        }
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(
            outcome(&ask(&site, method, &json!({})).await),
            empty,
            "{method}"
        );
    }
    for (field, value) in [
        ("fault_level", json!(0)),
        ("fault_level", json!("high")),
        ("fault_state", json!(7)),
        ("fault_penson", json!("长".repeat(101))),
        ("fault_name", json!("长".repeat(101))),
        ("processing_penson", json!(["a"])),
        ("fault_start_time", json!("2018-02-30")),
        ("fault_end_time", json!("2018-11-22 09:59:59")),
        ("fault_summary", json!({"a": 1})),
    ] {
        let refused = ask(&site, "POST", &with(&[(field, value.clone())])).await;
        assert_eq!(refused["status"], -3, "{field} {value}");
        let why = refused["msg"].as_str().expect("words");
        assert!(why.starts_with(field), "{why}");
    }
    assert_eq!(faults(&site, "").await["total"], 0);
    ask(&site, "POST", &disk()).await;
    let refused = json!({"fault_name": "磁盘 <满>", "fault_level": null, "fault_issue": "x"});
    assert_eq!(ask(&site, "PUT", &refused).await["status"], -3);
    assert_eq!(
        faults(&site, "").await["data"][0]["fault_issue"],
        Value::Null,
        "all or nothing"
    );
    for body in ["fault_name=a", "", "[1]", "{\"fault_name\": \"a\""] {
        let answer = site.ask(Request::post("/fault"), body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn of_many_who_add_a_name_at_once_one_has_added_it() {
    let site = Arc::new(site().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let site = Arc::clone(&site);
            tokio::spawn(async move { ask(&site, "POST", &disk()).await["status"].clone() })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        match task.await.expect("no panic").as_i64() {
            Some(0) => added += 1,
            other => assert_eq!(other, Some(-2)),
        }
    }
    assert_eq!((added, &faults(&site, "").await["total"]), (1, &json!(1)));
}

fn cells(page: &Answer) -> Vec<Vec<String>> {
    let rows = page.text.split("<tr><td>").skip(1);
    let row = |row: &str| {
        let row = row.split("</td></tr>").next().unwrap_or_default();
        row.split("</td><td>").map(str::to_owned).collect()
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn the_page_shows_eleven_columns_in_which_nothing_is_markup() {
    let site = site().await;
    ask(&site, "POST", &disk()).await;
    let long = with(&[
        ("fault_name", json!("<script>alert('1')</script>")),
        ("fault_end_time", json!("2018-11-24T10:00:00")),
        ("fault_report", json!("a&b \"c\"")),
    ]);
    ask(&site, "POST", &long).await;
    let page = site.get("/fault").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(
        page.text.contains("<title>Fault Info V0.1</title>"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Welcome to FaultInfo"));
    assert_eq!(page.text.matches("<th>").count(), 11);
    let rows = cells(&page);
    assert_eq!(
        rows[0],
        [
            "磁盘 &lt;满&gt;",
            "1",
            "1",
            "陈敏",
            "None",
            "None",
            "2018-11-22 10:00:00",
            "2018-11-22 11:30:05",
            "1:30:05",
            "None",
            "None",
        ]
    );
    assert_eq!(
        rows[1][0],
        "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"
    );
    assert_eq!(
        (rows[1][5].as_str(), rows[1][8].as_str()),
        ("a&amp;b &quot;c&quot;", "2 days, 0:00:00")
    );
    // A browser gets the page, a program that says so gets JSON.
    let program = Request::get("/fault").header("accept", "application/json");
    let json = site.ask(program, "").await.json();
    assert_eq!((&json["status"], &json["total"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn faults_come_in_pages_and_are_found_by_a_whole_value() {
    let site = site().await;
    for i in 1..=5 {
        let fault = with(&[
            ("fault_name", json!(format!("f{i}"))),
            ("fault_level", json!(1 + i % 2)),
            ("fault_state", json!(i % 2)),
            ("processing_penson", json!(format!("p{}", i % 3))),
        ]);
        ask(&site, "POST", &fault).await;
    }
    let names = async |query: &str| -> (u64, Vec<String>) {
        let found = faults(&site, query).await;
        let data = found["data"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| panic!("{found}"));
        let name = |fault: &Value| fault["fault_name"].as_str().map(str::to_owned);
        (
            found["total"].as_u64().expect("a total"),
            data.iter().filter_map(name).collect(),
        )
    };
    let all = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, (5, all(&["f1", "f2", "f3", "f4", "f5"])));
    assert_eq!(names("&page=2&limit=2").await, (5, all(&["f3", "f4"])));
    assert_eq!(names("&page=9&limit=2").await, (5, vec![]));
    assert_eq!(names("&key=fault_name&value=f2").await, (1, all(&["f2"])));
    assert_eq!(names("&key=fault_name&value=f%25").await, (0, vec![]));
    assert_eq!(
        names("&key=fault_state&value=0").await,
        (2, all(&["f2", "f4"]))
    );
    assert_eq!(
        names("&key=fault_level&value=2&limit=1").await,
        (3, all(&["f1"]))
    );
    assert_eq!(
        names("&key=processing_penson&value=p0").await,
        (1, all(&["f3"]))
    );
    assert_eq!(names("&key=fault_level&value=9").await, (0, vec![]));
    for query in ["&key=id%27--&value=1", "&limit=0", "&page=x"] {
        assert_eq!(faults(&site, query).await["status"], -3, "{query}");
    }
    let page = site.get("/fault?page=1&limit=2").await;
    assert_eq!(cells(&page).len(), 2);
    assert!(page.text.contains("共 5 条"), "{}", page.text);
}

#[tokio::test]
async fn what_looks_like_a_statement_is_kept_as_it_is() {
    let site = site().await;
    let texts = [
        "' OR 1=1--",
        "\"; DROP TABLE fault;--",
        "%",
        "\\'",
        "1;SELECT pg_sleep(5)",
        "{{7*7}}",
        "😀",
    ];
    for text in texts {
        let fault = with(&[
            ("fault_name", json!(text)),
            ("fault_penson", json!(text)),
            ("processing_penson", json!(text)),
            ("fault_report", json!(text)),
            ("fault_issue", json!(text)),
            ("fault_summary", json!(text)),
            ("id", json!(1)),
            ("tenant_id", json!(2)),
        ]);
        let started = tokio::time::Instant::now();
        assert_eq!(ask(&site, "POST", &fault).await["status"], 0, "{text}");
        let value: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for key in ["fault_name", "fault_issue"] {
            let found = faults(&site, &format!("&key={key}&value={value}")).await;
            assert_eq!(
                (&found["total"], &found["data"][0]["fault_report"]),
                (&json!(1), &json!(text))
            );
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{text} slept");
    }
    let gone = ask(&site, "DELETE", &json!({"fault_name": "' OR 1=1--"})).await;
    assert_eq!(gone["status"], 0);
    assert_eq!(faults(&site, "").await["total"], texts.len() - 1);
}

#[tokio::test]
async fn a_page_that_is_too_large_says_so_instead_of_growing() {
    let site = site().await;
    let report = "r".repeat(900_000);
    for i in 0..12 {
        let fault = with(&[
            ("fault_name", json!(format!("f{i}"))),
            ("fault_report", json!(report)),
        ]);
        assert_eq!(ask(&site, "POST", &fault).await["status"], 0);
    }
    let refused = faults(&site, "").await;
    assert_eq!(refused["status"], -3);
    assert!(
        refused["msg"]
            .as_str()
            .is_some_and(|why| why.contains("limit"))
    );
    let one = faults(&site, "&limit=1").await;
    assert_eq!(one["data"][0]["fault_report"], report.as_str());
}

#[tokio::test]
async fn without_its_name_in_the_document_it_is_not_there() {
    let site = Site::start().await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let request = Request::builder().method(method).uri("/fault");
        assert_eq!(site.ask(request, "{}").await.status, 404, "{method}");
    }
}
