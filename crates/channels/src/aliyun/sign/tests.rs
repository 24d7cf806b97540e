use super::*;
use crate::tests::sdk::{cases, text};

// Vectors of wire/vectors.json (`aliyun_v3`, `aliyun_v1`), checked there with the vendor's own libraries, and
// of spec/seeds.md 000.2.

const ID: &str = "LTAI5tTestKeyId0001";
const SECRET: &str = "TestKeySecret0001abcdefghijklmn";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn pairs(list: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    list.iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

fn sms() -> Vec<(&'static str, String)> {
    pairs(&[
        ("PhoneNumbers", "13800138000,13900139000"),
        ("SignName", "测试签名"),
        ("TemplateCode", "SMS_123456789"),
        ("TemplateParam", r#"{"name":"磁盘告警","level":"P1"}"#),
        ("OutId", "alert-42"),
    ])
}

fn signed(action: &str, host: &str, query: &str, body: &str, content_type: Option<&str>) -> String {
    let hash = sha256_hex(body.as_bytes());
    let mut headers = vec![
        ("host", host),
        ("x-acs-action", action),
        ("x-acs-content-sha256", hash.as_str()),
        ("x-acs-date", "2026-11-21T08:30:00Z"),
        ("x-acs-signature-nonce", "b2f1c0de9a7e4c55a1d2c3b4e5f60718"),
        ("x-acs-version", "2017-05-25"),
    ];
    headers.extend(content_type.map(|kind| ("content-type", kind)));
    let request = Request {
        method: "POST",
        path: "/",
        query,
        headers: &headers,
        body,
    };
    v3(&request, ID, SECRET)
}

#[test]
fn a_text_message_in_the_query_and_as_a_form() {
    let host = "dysmsapi.aliyuncs.com";
    assert_eq!(
        signed("SendSms", host, &joined(&sms()), "", None),
        "ACS3-HMAC-SHA256 Credential=LTAI5tTestKeyId0001,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=3c498bc60e6c2b3d32448737601233db9aa9445e72904dd8f5dc572e2c930ffe"
    );
    let form = Some("application/x-www-form-urlencoded");
    assert!(
        signed("SendSms", host, "", &joined(&sms()), form).ends_with(
            "Signature=41d20d9a84c764c91f9f492e477d4d195f5724b06c666845bc84ab54fd2612ee"
        )
    );
}

#[test]
fn a_call_and_tricky_characters() {
    let call = pairs(&[
        ("CalledNumber", "13800138000"),
        ("CalledShowNumber", "01088886666"),
        ("TtsCode", "TTS_10001"),
        ("TtsParam", r#"{"svc":"db-1"}"#),
        ("PlayTimes", "3"),
        ("OutId", "alert-42"),
    ]);
    let host = "dyvmsapi.aliyuncs.com";
    assert!(
        signed("SingleCallByTts", host, &joined(&call), "", None)
            .ends_with("=73d4ef0eecfcfb9b23ceab984e3adce232d4b636247554167d2aa05907360d31")
    );
    let tricky = pairs(&[
        ("PhoneNumbers", "8613800138000"),
        ("SignName", "A b*c~(d)'!"),
        ("TemplateCode", "SMS_1"),
        ("TemplateParam", r#"{"k":"a+b/c=%"}"#),
    ]);
    let host = "dysmsapi.aliyuncs.com";
    assert!(
        signed("SendSms", host, &joined(&tricky), "", None)
            .ends_with("=59fa071c1e9af153b2dae09fe9ee84fe59d39c7898dd4bf6009a6cf306035030")
    );
}

#[test]
fn the_vendors_published_example_of_v3() {
    let headers = [
        ("host", "ecs.cn-shanghai.aliyuncs.com"),
        ("x-acs-action", "RunInstances"),
        ("x-acs-content-sha256", EMPTY),
        ("x-acs-date", "2023-10-26T10:22:32Z"),
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ("x-acs-version", "2014-05-26"),
    ];
    let request = Request {
        method: "POST",
        path: "/",
        query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        headers: &headers,
        body: "",
    };
    assert!(
        v3(&request, "YourAccessKeyId", "YourAccessKeySecret")
            .ends_with("=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    );
}

#[test]
fn v1_of_the_vendor_of_our_own_and_of_the_gateway_that_is_replaced() {
    let published = pairs(&[
        ("AccessKeyId", "testId"),
        ("Action", "SendSms"),
        ("Format", "XML"),
        ("OutId", "123"),
        ("PhoneNumbers", "15300000001"),
        ("RegionId", "cn-hangzhou"),
        ("SignName", "阿里云短信测试专用"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "45e25e9b-0a6f-4070-8c85-2956eda1b466"),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", "SMS_71390007"),
        ("TemplateParam", r#"{"customer":"test"}"#),
        ("Timestamp", "2017-07-12T02:42:19Z"),
        ("Version", "2017-05-25"),
    ]);
    assert_eq!(
        v1("GET", &published, "testSecret"),
        "zJDF+Lrzhj/ThnlvIToysFRq6t4="
    );
    let mut own = sms();
    own.extend(pairs(&[
        ("AccessKeyId", ID),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "b2f1c0de9a7e4c55a1d2c3b4e5f60718"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "2026-11-21T08:30:00Z"),
        ("Version", "2017-05-25"),
    ]));
    assert_eq!(v1("POST", &own, SECRET), "lwRyj1oMbU9eAAchWAdTFKrV7q4=");
    let seed = pairs(&[
        ("AccessKeyId", "testid"),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("OutId", "id1"),
        ("PhoneNumbers", "10000000000,10000000001"),
        ("RegionId", "cn-hangzhou"),
        ("SignName", "签名"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "n1"),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", "SMS_1"),
        ("TemplateParam", r#"{"msg":"hi"}"#),
        ("Timestamp", "2018-11-12T09:00:00Z"),
        ("Version", "2017-05-25"),
    ]);
    assert_eq!(
        v1("GET", &seed, "testsecret"),
        "Pnd942GmDqA4HY4NKOQHTT6Lo20="
    );
}

#[test]
fn alibabas_own_library_signs_random_requests_the_same() {
    for case in cases("aliyun") {
        let pairs: Vec<(&str, String)> = case["query"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let headers: Vec<(&str, &str)> = case["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
            .collect();
        let request = Request {
            method: "POST",
            path: "/",
            query: &joined(&pairs),
            headers: &headers,
            body: text(&case, "body"),
        };
        let signed = v3(&request, text(&case, "id"), text(&case, "secret"));
        assert_eq!(signed, text(&case, "authorization"), "{case}");
    }
}
