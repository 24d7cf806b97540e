//! What Tencent Cloud's codes mean: <https://cloud.tencent.com/document/api/382/59177> for text messages,
//! <https://cloud.tencent.com/document/api/1128/37531> for calls, and those of API 3.0 itself.

use std::time::Duration;

use crate::cloud::Meaning;
use crate::error::ErrorKind;

/// The window of the shortest frequency limit for one person.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_hours(1);

/// A person's limit of an hour or a day is a refusal of this number, not a quota: to wait would keep everybody
/// else's messages back with theirs.
pub(super) static TABLE: &[Meaning] = &[
    Meaning::quota(
        "LimitExceeded.DeliveryFrequencyLimit",
        HALF_A_MINUTE,
        FREQUENCY,
    ),
    Meaning::quota(
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        HALF_A_MINUTE,
        FREQUENCY,
    ),
    Meaning::message("LimitExceeded.PhoneNumberOneHourLimit", FREQUENCY),
    Meaning::message("LimitExceeded.PhoneNumberDailyLimit", FREQUENCY),
    Meaning::message("LimitExceeded.PhoneNumberSameContentDailyLimit", FREQUENCY),
    Meaning::message(
        "LimitExceeded.PhoneNumberCountLimit",
        "too many numbers in one call",
    ),
    Meaning::quota(
        "LimitExceeded*",
        HOUR,
        "the application's cap is reached: raise it in the console (应用管理 → 发送超量)",
    ),
    Meaning::new(
        "RequestLimitExceeded*",
        ErrorKind::RateLimited,
        "Tencent Cloud takes fewer calls a second of this account: set its quotas, or group more",
    ),
    Meaning::account("FailedOperation.InsufficientBalance*", MONEY),
    Meaning::account("UnauthorizedOperation.ServiceSuspendDueToArrears", MONEY),
    Meaning::account(
        "FailedOperation.SignatureIncorrectOrUnapproved",
        "sign_name must be the text of an approved signature of this application (签名管理)",
    ),
    Meaning::account("FailedOperation.TemplateIncorrectOrUnapproved", TEMPLATE),
    Meaning::account("FailedOperation.TemplateUnapprovedOrNotExist", TEMPLATE),
    Meaning::account(
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
        MAPPING,
    ),
    Meaning::account("InvalidParameterValue.TemplateParameter*", MAPPING),
    Meaning::account(
        "FailedOperation.PhonenumberUnappliedOrExpired",
        "the number that calls is not bought, or its time is over",
    ),
    Meaning::account(
        "FailedOperation.MarketingSendTimeConstraint",
        "marketing may only be sent by day: use a template for notices (通知类)",
    ),
    Meaning::message("FailedOperation.ContainSensitiveWord", WORDING),
    Meaning::message(
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
        WORDING,
    ),
    Meaning::message(
        "FailedOperation.PhoneNumberInBlacklist",
        "this person has unsubscribed: take the number off the console's list (黑名单)",
    ),
    Meaning::message(
        "InvalidParameterValue.IncorrectPhoneNumber",
        "this number takes no message: correct it",
    ),
    Meaning::message(
        "InvalidParameterValue.CalledNumberVerifyFail",
        "this number takes no calls: correct it",
    ),
    Meaning::message(
        "InvalidParameterValue.ContentLengthLimit",
        "the whole text is too long: lower param_limit",
    ),
    Meaning::account("InvalidParameterValue.SdkAppIdNotExist", APP),
    Meaning::account("InvalidParameterValue.SdkAppidNotExist", APP),
    Meaning::account("UnauthorizedOperation.SdkAppIdIsDisabled", APP),
    Meaning::account("UnauthorizedOperation.SmsSdkAppIdVerifyFail", APP),
    Meaning::account("UnauthorizedOperation.VoiceSdkAppidVerifyFail", APP),
    Meaning::account("UnauthorizedOperation.RequestIpNotInWhitelist", ADDRESS),
    Meaning::account("IpNotInWhitelist", ADDRESS),
    Meaning::account("UnauthorizedOperation*", RIGHTS),
    Meaning::account("AuthFailure.UnauthorizedOperation", RIGHTS),
    Meaning::account("AuthFailure.SignatureExpire", CLOCK),
    Meaning::account("InternalError.RequestTimeException", CLOCK),
    Meaning::account(
        "AuthFailure*",
        "check secret_id and secret_key, and token where the key is temporary",
    ),
    // The vendor says that these may have been sent all the same.
    Meaning::new(
        "FailedOperation.AccessUpstreamTimeout",
        ErrorKind::UnknownOutcome,
        "",
    ),
    Meaning::new("InternalError.Timeout", ErrorKind::UnknownOutcome, ""),
    Meaning::new(
        "InternalError.SendAndRecvFail",
        ErrorKind::UnknownOutcome,
        "",
    ),
    Meaning::new(
        "InternalError.SsoSendRecvFail",
        ErrorKind::UnknownOutcome,
        "",
    ),
    Meaning::passing("InternalError*"),
    Meaning::passing("ServiceUnavailable*"),
];

const FREQUENCY: &str =
    "this person got the most that one person may get: raise it in the console (频率限制)";
const MONEY: &str = "the account has no money or package left: buy one";
const TEMPLATE: &str =
    "template_id must be an approved template of this application (正文模板管理)";
const MAPPING: &str = "template_params must fill the template's variables, all and in order, none longer than it takes (param_limit)";
const WORDING: &str = "the provider's filter refuses words of this alert: give the variable other words in template_params, such as label:alertname";
const APP: &str =
    "check sdk_app_id: it must be an application of this account that is in use (应用管理)";
const ADDRESS: &str = "this address may not call: put our outgoing address on the console's list of addresses (IP 白名单)";
const RIGHTS: &str = "grant the user QcloudSMSFullAccess for text messages, QcloudVMSFullAccess for calls (访问管理)";
const CLOCK: &str = "this machine's clock is off by more than 5 minutes: set it (NTP)";
