//! The codes of the answer, as its documentation numbers them.

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    Done,
    NotAnObject,
    Missing,
    NotJson,
    OldWrongMethod,
    WrongMethod,
    Suppressed,
    Repeated,
    Replayed,
    WrongSignature,
    UnknownDepartment,
    UnknownEnvironment,
    NotAText,
    NotStored,
    Nobody,
    DingTalkAccount,
    DingTalkGroup,
    DingTalk,
    WeComAccount,
    WeCom,
    Mail,
}

impl Code {
    /// Its number.
    pub(super) const fn number(self) -> u16 {
        match self {
            Self::Done => 0,
            Self::NotAnObject => 1000,
            Self::Missing => 1001,
            Self::NotJson => 1002,
            Self::OldWrongMethod => 1003,
            Self::WrongMethod => 1004,
            Self::Suppressed | Self::Repeated | Self::Replayed => 1010,
            Self::WrongSignature => 2000,
            Self::UnknownDepartment => 2002,
            Self::UnknownEnvironment => 2003,
            Self::NotAText => 2009,
            Self::NotStored => 3000,
            Self::Nobody => 3001,
            Self::DingTalkAccount => 4000,
            Self::DingTalkGroup => 4001,
            Self::DingTalk => 4002,
            Self::WeComAccount => 4003,
            Self::WeCom => 4004,
            Self::Mail => 4005,
        }
    }

    /// What is recorded of a request that was not told.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Done => "told",
            Self::NotAnObject => "1000: the body is not a JSON object",
            Self::Missing => "1001: one of id, level, dep, env, sign is missing or empty",
            Self::NotJson => "1002: the body is not JSON in UTF-8, or holds NUL",
            Self::OldWrongMethod => "1003: send GET or POST",
            Self::WrongMethod => "1004: send POST",
            Self::Suppressed => "1010: the same text was told often enough",
            Self::Repeated => "1010: this webhook-id was taken before",
            Self::Replayed => "1010: this signature was taken before, within replay_window",
            Self::WrongSignature => {
                "2000: the signature does not fit the department's salt or signing secret"
            }
            Self::UnknownDepartment => {
                "2002: neither legacy.alarm_v2.departments nor /api/v1/alarm-departments has this department"
            }
            Self::UnknownEnvironment => "2003: env is prod, pre or dev",
            Self::NotAText => "2009: every value is a text",
            Self::NotStored => "3000: it could not be stored",
            Self::Nobody => {
                "3001: legacy.alarm_v2.groups and /api/v1/alarm-groups name nobody for this id and level"
            }
            Self::DingTalkAccount => "4000: the DingTalk account cannot be used",
            Self::DingTalkGroup => "4001: DingTalk did not make the group",
            Self::DingTalk => "4002: DingTalk did not take it",
            Self::WeComAccount => "4003: the WeCom account cannot be used",
            Self::WeCom => "4004: WeCom did not take it",
            Self::Mail => "4005: the mail server did not take it",
        }
    }
}
