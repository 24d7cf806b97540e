//! Names that were made to do harm, and files that say they are something else.

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> String {
    FileName::of(text).as_str().to_owned()
}

#[test]
fn a_clients_name_is_reduced_to_a_harmless_one() {
    for (given, kept) in [
        ("report.pdf", "report.pdf"),
        ("月报 (3).xlsx", "月报 (3).xlsx"),
        ("../../../../etc/cron.d/x", "x"),
        ("..\\..\\x", "x"),
        ("C:\\Users\\li\\a.txt", "a.txt"),
        ("x.png/../../y", "y"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("a\0.png", "a.png"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux .h", "_Aux .h"),
        ("LPT1.a.b", "_LPT1.a.b"),
        ("com¹", "_com¹"),
        ("COM10", "COM10"),
        ("console.log", "console.log"),
        (".htaccess", "_.htaccess"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        (" ", "file"),
        ("a/", "file"),
        ("x. . ", "x"),
        ("a.txt:stream", "a.txt_stream"),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("a\u{2028}b\u{200b}c\u{feff}", "abc"),
        ("\u{a0}a\u{3000}b ", "a b"),
    ] {
        assert_eq!(name(given), kept, "{given:?}");
    }
}

#[test]
fn a_long_name_keeps_its_ending() {
    let kept = name(&format!("{}.pdf", "报".repeat(4096)));
    assert_eq!(kept.chars().count(), 190);
    assert!(kept.ends_with("报.pdf"));
    let kept = name(&format!("a.{}", "b".repeat(4096)));
    assert_eq!(kept.chars().count(), 190);
}

#[test]
fn a_path_is_no_name_to_ask_for() {
    for path in [
        "", ".", "..", "...", " .. ", "../x", "/x", "x/", "..\\x", "a\0", "a\nb",
    ] {
        assert_eq!(FileName::asked(path), None, "{path:?}");
    }
    for plain in ["x", "a..b", "CON", ".htaccess", "%2e%2e%2fx"] {
        assert_eq!(FileName::asked(plain), Some(FileName::of(plain)));
    }
}

#[test]
fn a_file_is_what_its_first_bytes_say() {
    for (head, kind) in [
        (&b"\x89PNG\r\n\x1a\n\0"[..], "image/png"),
        (b"GIF89a/*", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", "application/octet-stream"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (
            b"<html><script>alert(1)</script>",
            "text/plain; charset=utf-8",
        ),
        (b"<svg onload='x'/>", "text/plain; charset=utf-8"),
        ("磁盘".as_bytes(), "text/plain; charset=utf-8"),
        (&"磁盘".as_bytes()[..5], "text/plain; charset=utf-8"),
        (b"\xb4\xc5\xc5\xcc", "application/octet-stream"),
        (b"a\x1b[31m", "application/octet-stream"),
        (b"MZ\x90\0", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ] {
        assert_eq!(
            media_type(head),
            kind,
            "{:?}",
            String::from_utf8_lossy(head)
        );
    }
}

proptest! {
    #[test]
    fn a_name_has_no_path_no_control_character_and_no_special_meaning(
        text in "(?s)([./\\\\: \\x00-\\x1f]|[a-z]|\\PC|.|(?i)con|lpt1|\u{202e}){0,400}",
    ) {
        let kept = name(&text);
        prop_assert!(!kept.contains(['/', '\\', ':', '"']));
        let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        prop_assert!(!kept.chars().any(hidden));
        prop_assert!((1..=190).contains(&kept.chars().count()));
        prop_assert!(!kept.starts_with(['.', ' ']) && !kept.ends_with(['.', ' ']));
        let stem = kept.split('.').next().unwrap_or_default().to_lowercase();
        prop_assert!(!["con", "prn", "aux", "nul", "lpt1"].contains(&stem.as_str()));
        prop_assert_eq!(name(&kept), kept.clone());
        prop_assert_eq!(FileName::asked(&kept), Some(FileName::of(&text)));
    }
}
