//! Answers after the registries' forms, and whatever else a server may say.

use balefire_core::time::Time;
use jiff::civil;
use proptest::prelude::*;

use super::*;

fn seen(domain: &str, said: &str) -> Seen {
    let top = domain.rsplit('.').next().unwrap_or_default();
    answer::read(said, domain, top).expect(domain)
}

fn refused(domain: &str, said: &str) -> String {
    let top = domain.rsplit('.').next().unwrap_or_default();
    answer::read(said, domain, top).expect_err(domain)
}

/// What each registry prints, and what it means in UTC; forms as the registries' own pages and answers have them.
const DATES: [(&str, &str, &str); 30] = [
    (
        "cn",
        "Expiration Time: 2027-03-17 12:20:05",
        "2027-03-17T04:20:05.000Z",
    ),
    (
        "com",
        "   Registry Expiry Date: 2027-08-13T04:00:00Z",
        "2027-08-13T04:00:00.000Z",
    ),
    (
        "jp",
        "[Expires on]                    2027/03/31",
        "2027-03-30T15:00:00.000Z",
    ),
    (
        "jp",
        "[State]                         Connected (2027/03/31)",
        "2027-03-30T15:00:00.000Z",
    ),
    (
        "kr",
        "Expiration Date             : 2027. 03. 17.",
        "2027-03-16T15:00:00.000Z",
    ),
    (
        "ru",
        "paid-till:     2027-03-17T21:00:00Z",
        "2027-03-17T21:00:00.000Z",
    ),
    (
        "uk",
        "        Expiry date:  14-Feb-2027",
        "2027-02-14T00:00:00.000Z",
    ),
    (
        "tw",
        "   Record expires on 2027-03-17 12:20:05 (UTC+8)",
        "2027-03-17T04:20:05.000Z",
    ),
    (
        "tw",
        "   Record expires on 2027-03-17 (YYYY-MM-DD)",
        "2027-03-16T16:00:00.000Z",
    ),
    ("hk", "Expiry Date: 17-03-2027", "2027-03-16T16:00:00.000Z"),
    (
        "sg",
        "Expiration Date:\t17-Mar-2027 12:00:00",
        "2027-03-17T04:00:00.000Z",
    ),
    (
        "th",
        "Exp date:         17 Mar 2027",
        "2027-03-16T17:00:00.000Z",
    ),
    (
        "it",
        "Expire Date:        2027-03-17",
        "2027-03-16T23:00:00.000Z",
    ),
    (
        "fr",
        "Expiry Date:                   2027-03-17T12:20:05Z",
        "2027-03-17T12:20:05.000Z",
    ),
    (
        "se",
        "expires:          2027-03-17",
        "2027-03-17T00:00:00.000Z",
    ),
    (
        "fi",
        "expires............:  17.3.2027 12:20:05",
        "2027-03-17T10:20:05.000Z",
    ),
    (
        "pl",
        "renewal date:          2027.03.17 12:20:05",
        "2027-03-17T11:20:05.000Z",
    ),
    ("cz", "expire:       17.03.2027", "2027-03-16T23:00:00.000Z"),
    ("br", "expires:     20270317", "2027-03-17T03:00:00.000Z"),
    (
        "tr",
        "Expires on..............: 2027-Mar-17.",
        "2027-03-16T21:00:00.000Z",
    ),
    (
        "ua",
        "expires:          2027-03-17 12:20:05+02",
        "2027-03-17T10:20:05.000Z",
    ),
    (
        "sk",
        "Valid Until:                  2027-03-17",
        "2027-03-17T00:00:00.000Z",
    ),
    ("il", "validity:     17-03-2027", "2027-03-16T22:00:00.000Z"),
    ("ir", "expire-date:\t2027-03-17", "2027-03-17T00:00:00.000Z"),
    (
        "is",
        "expires:      March 17 2027",
        "2027-03-17T00:00:00.000Z",
    ),
    (
        "cl",
        "Expiration date: 2027-03-17 12:20:05 CLST",
        "2027-03-17T15:20:05.000Z",
    ),
    (
        "eu",
        "Registry Expiry Date: 2027-03-17T12:20:05+01:00",
        "2027-03-17T11:20:05.000Z",
    ),
    (
        "cn",
        "Expiration Time: 2027-03-17 12:20:05 UTC",
        "2027-03-17T12:20:05.000Z",
    ),
    (
        "zz",
        "expires: 2027-03-17T12:20:05 (GMT+8)",
        "2027-03-17T04:20:05.000Z",
    ),
    ("zz", "expires: 17-OCT-2027", "2027-10-17T00:00:00.000Z"),
];

#[test]
fn the_dates_of_registries_are_read_as_they_print_them() {
    for (top, line, expected) in DATES {
        let domain = format!("example.{top}");
        let said = format!("% Terms\r\nDomain: {domain}\r\n{line}\r\n");
        assert_eq!(
            seen(&domain, &said).expires_at.to_string(),
            expected,
            "{line}"
        );
    }
}

const CNNIC: &str = "Domain Name: example.com.cn
ROID: 20030312s10001s00000000-cn
Domain Status: clientTransferProhibited
Registrant: 示例有限公司
Sponsoring Registrar: 示例注册商有限公司
Name Server: ns1.example.net
Registration Time: 2003-03-17 12:20:05
Expiration Time: 2027-03-17 12:20:05
DNSSEC: unsigned
";

const NOMINET: &str = "
    Domain name:
        example.co.uk

    Registrar:
        Sample Names Ltd [Tag = SAMPLE]
        URL: https://names.example

    Relevant dates:
        Registered on: 26-Nov-1996
        Expiry date:  13-Dec-2026
        Last updated:  12-Nov-2025
";

#[test]
fn the_registrar_is_named_where_the_registry_does() {
    let seen_cn = seen("example.com.cn", CNNIC);
    assert_eq!(seen_cn.expires_at.to_string(), "2027-03-17T04:20:05.000Z");
    assert_eq!(seen_cn.detail, "示例注册商有限公司");
    let seen_uk = seen("example.co.uk", NOMINET);
    assert_eq!(seen_uk.expires_at.to_string(), "2026-12-13T00:00:00.000Z");
    assert_eq!(seen_uk.detail, "Sample Names Ltd [Tag = SAMPLE]");
}

#[test]
fn the_registrys_date_counts_before_a_registrars() {
    let said = "Registrar Registration Expiration Date: 2026-01-01T00:00:00Z\nRegistry Expiry Date: 2027-01-01T00:00:00Z\n";
    assert_eq!(
        seen("a.com", said).expires_at.to_string(),
        "2027-01-01T00:00:00.000Z"
    );
}

#[test]
fn what_is_no_date_is_told_in_the_servers_words() {
    for (said, words) in [
        (
            "No matching record.\r\n",
            "nobody has registered example.cn",
        ),
        (
            "% Note\n\nthe query rate exceeded the limit\n",
            "the query rate exceeded the limit",
        ),
        ("Expiration Time: soon\n", "expiration time: \"soon\""),
        ("", "it said nothing"),
        ("Domain: example.de\nStatus: connect\n", "kind: date"),
    ] {
        let why = refused("example.cn", said);
        assert!(why.contains(words), "{why}");
    }
    let long = refused("example.cn", &"x".repeat(60_000));
    assert!(long.chars().count() < 500, "{long}");
}

#[test]
fn the_server_is_what_iana_names() {
    let said =
        "% IANA WHOIS server\n\ndomain:       CN\nwhois:        whois.cnnic.cn\n\nstatus: ACTIVE\n";
    assert_eq!(answer::referral(said).as_deref(), Some("whois.cnnic.cn"));
    for none in [
        "",
        "whois:\n",
        "whois: a b.c\n",
        "whois: http://x.example/\n",
        "whois: localhost\n",
    ] {
        assert_eq!(answer::referral(none), None, "{none}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(said in any::<String>(), top in prop::sample::select(vec!["cn", "jp", "uk", "zz"])) {
        let domain = format!("example.{top}");
        let _ = answer::read(&said, &domain, top);
        let _ = answer::referral(&said);
        for word in ["Expiry Date: ", "[Expires on] ", "Record expires on ", "expires: ", "[State] x ("] {
            let _ = answer::read(&format!("{word}{said}"), &domain, top);
        }
    }

    #[test]
    fn no_date_makes_it_panic(text in "[0-9TZ:+. /()A-Za-z-]{0,60}") {
        let _ = date::read(&text, "cn");
    }

    #[test]
    fn a_day_reads_back_in_every_form(year in 1990_i16..2100, month in 1_i8..=12, day in 1_i8..=28) {
        let date = civil::date(year, month, day);
        let expected = date.to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp();
        for form in ["%Y-%m-%d", "%Y/%m/%d", "%Y. %m. %d.", "%d-%b-%Y", "%d.%m.%Y", "%Y%m%d", "%B %d %Y", "%d %B %Y", "%Y-%b-%d."] {
            let text = date.strftime(form).to_string();
            prop_assert_eq!(date::read(&text, "zz"), Some(Time::from(expected)), "{}", text);
        }
    }
}
