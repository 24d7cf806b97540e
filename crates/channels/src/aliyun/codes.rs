//! What Alibaba Cloud's codes mean: <https://help.aliyun.com/document_detail/101346.html> for text messages,
//! <https://help.aliyun.com/document_detail/178344.html> for calls, and the gateway's own.

use std::time::Duration;

use balefire_core::time::Time;

use crate::cloud::{self, Meaning, Refusal};
use crate::error::ErrorKind;
use crate::http::HttpReply;

const HOUR: Duration = Duration::from_hours(1);
/// The shortest window of the frequency limits for one person.
const MINUTE: Duration = Duration::from_mins(1);
/// One person got what one person may get.
const FREQUENCY: &str = "isv.BUSINESS_LIMIT_CONTROL";

/// The meaning of a refusal.
pub(super) fn refusal(code: &str, words: &str, reply: &HttpReply, now: Time) -> Refusal {
    let mut refusal = cloud::refusal(code, words, reply, now, TABLE);
    if code == FREQUENCY && has_long_window(words) {
        // To wait would keep everybody else's messages back with this person's.
        refusal.error.kind = ErrorKind::Rejected;
        refusal.error.retry_after = None;
    }
    refusal
}

/// `触发天级流控Permits:50`: the words name the window. An hour or a day is longer than anybody waits for an alert.
fn has_long_window(words: &str) -> bool {
    ["小时", "天", "日", "月"]
        .iter()
        .any(|window| words.contains(window))
}

static TABLE: &[Meaning] = &[
    FREQUENCY_MEANING,
    Meaning::quota(
        "isv.DAY_LIMIT_CONTROL",
        HOUR,
        "the account's own daily cap is reached: raise it in the console (通用设置 → 发送量设置)",
    ),
    Meaning::quota(
        "isv.MONTH_LIMIT_CONTROL",
        HOUR,
        "the account's own monthly cap is reached: raise it in the console (通用设置 → 发送量设置)",
    ),
    Meaning::new(
        "Throttling*",
        ErrorKind::RateLimited,
        "Alibaba Cloud takes fewer calls a second of this account: set its quotas, or group more",
    ),
    Meaning::account("isv.OUT_OF_SERVICE", MONEY),
    Meaning::account("isv.AMOUNT_NOT_ENOUGH", MONEY),
    Meaning::account("isv.PRODUCT_UN*", "open the product in the console first"),
    Meaning::account(
        "isv.ACCOUNT_*",
        "Alibaba Cloud has closed this account or does not know it: ask its support",
    ),
    Meaning::account(
        "isv.BILLID_NOT_EXIST",
        "the account has no billing id for this product: ask Alibaba Cloud's support",
    ),
    Meaning::account("isp.RAM_PERMISSION_DENY", RIGHTS),
    Meaning::account("Forbidden*", RIGHTS),
    Meaning::account("NoPermission", RIGHTS),
    Meaning::account("isv.SMS_SIGN*", SIGN),
    Meaning::account("isv.SIGN_*", SIGN),
    Meaning::account("isv.SMS_TEMPLATE_ILLEGAL", TEMPLATE),
    Meaning::account("isv.TTS_TEMPLATE_ILLEGAL", TEMPLATE),
    Meaning::account(
        "isv.VOICE_FILE*",
        "use a voice file of this account that is approved (语音文件管理)",
    ),
    Meaning::account("isv.TEMPLATE_MISSING_PARAMETERS", MAPPING),
    Meaning::account("isv.TEMPLATE_PARAMS_ILLEGAL", MAPPING),
    Meaning::account("isv.INVALID_JSON_PARAM", MAPPING),
    Meaning::account(
        "isv.PARAM_LENGTH_LIMIT",
        "set param_limit to what the template's variables take (its page in the console says it)",
    ),
    Meaning::account(
        "isv.DISPLAY_NUMBER_ILLEGAL",
        "called_show_number must be a number of this account; leave it out in shared-number mode (公共模式)",
    ),
    Meaning::account(
        "isv.DENY_IP_RANGE",
        "this address may not call: allow our outgoing address in the console, or call from the mainland",
    ),
    Meaning::account(
        "isv.EXTEND_CODE_ERROR",
        "the extension code is not one of this account",
    ),
    Meaning::message("isv.PARAM_NOT_SUPPORT_URL", WORDING),
    Meaning::message("isv.BLACK_KEY_CONTROL_LIMIT", WORDING),
    Meaning::message("isv.SMS_CONTENT_ILLEGAL", WORDING),
    Meaning::number(
        "isv.MOBILE_NUMBER_ILLEGAL",
        "this number takes no message: correct it",
    ),
    Meaning::number(
        "isv.MOBILE_COUNT_OVER_LIMIT",
        "too many numbers in one call",
    ),
    Meaning::number(
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
        "the template is for other countries: use one for the mainland, or another number",
    ),
    Meaning::number(
        "isv.COMPLAINT_REJECT",
        "this person has complained about calls before: choose another way to tell them",
    ),
    Meaning::passing_after("isv.VOICE_CALL_FAIL", MINUTE),
    Meaning::passing("isp.SYSTEM_ERROR"),
    Meaning::passing("ServiceUnavailable*"),
    Meaning::passing("InternalError*"),
    Meaning::new(
        "SignatureNonceUsed",
        ErrorKind::UnknownOutcome,
        "something between us and Alibaba Cloud repeats requests",
    ),
    Meaning::account(
        "InvalidTimeStamp*",
        "this machine's clock is off by more than 15 minutes: set it (NTP)",
    ),
    Meaning::account("SignatureDoesNotMatch", "check access_key_secret"),
    Meaning::account("IncompleteSignature", "check access_key_secret"),
    Meaning::account(
        "InvalidAccessKey*",
        "this access key does not exist, or is disabled: check access_key_id",
    ),
    Meaning::account(
        "InvalidSecurityToken*",
        "the security_token is over or wrong: give a new one, or a key that needs none",
    ),
    Meaning::account(
        "MissingSecurityToken",
        "a temporary key needs its security_token",
    ),
];

const FREQUENCY_MEANING: Meaning = Meaning::one_persons_quota(
    FREQUENCY,
    MINUTE,
    "this person got the most that one person may get: raise it in the console (通用设置 → 发送频率设置; for calls 呼出流控)",
);
const MONEY: &str = "the account has no money left: top it up";
const RIGHTS: &str =
    "grant the RAM user AliyunDysmsFullAccess for text messages, AliyunDyvmsFullAccess for calls";
const SIGN: &str = "sign_name must be the text of an approved signature of this account that fits the template's kind (签名管理)";
const TEMPLATE: &str = "use the code of an approved template of this account (模板管理)";
const MAPPING: &str = "template_params must name exactly the template's variables";
const WORDING: &str = "the provider's filter refuses words of this alert: give the variable other words in template_params, such as label:alertname";
