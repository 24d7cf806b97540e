//! The HTML part: one self-contained page with inline styles, as mail readers want it.

use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;

use crate::cut::cut;
use crate::markup::{Dialect, clean, render_within, without_mentions};
use crate::spec::Length;

/// Gmail cuts a mail off at 102 KB; this leaves room for the frame.
const MOST: Length = Length::Bytes(90_000);
/// Longest plain part.
const MOST_PLAIN: Length = Length::Bytes(60_000);

/// The colour of a message's bar, dark enough for white text (contrast ≥ 4.5).
fn colour(message: &Message) -> &'static str {
    match (message.occasion, message.severity) {
        (Occasion::Resolved, _) => "#2e7d32",
        (Occasion::Test | Occasion::Meta, Severity::Info) => "#546070",
        (_, Severity::Critical) => "#b71c1c",
        (_, Severity::Error) => "#c2410c",
        (_, Severity::Warning) => "#92600a",
        (_, Severity::Info) => "#1d5fa8",
    }
}

/// The HTML part: the sender's own page as it is, else ours, in which everything is escaped and an operator's own
/// words are shown as text.
pub(super) fn html(message: &Message) -> String {
    let own = message.custom.as_ref();
    if let Some(page) = own.and_then(|custom| custom.html.as_ref()) {
        return page.clone();
    }
    let escape = |text: &str| Dialect::Html.escape(text);
    let body = match own_words(message) {
        Some(text) => {
            let text = escape(&cut(&text, Length::Bytes(40_000)));
            format!("<div style=\"white-space:pre-wrap;line-height:1.5\">{text}</div>")
        }
        None => render_within(&message.body, Dialect::Html, MOST, message.locale).text,
    };
    let button = message
        .link
        .as_ref()
        .map_or_else(String::new, |link| button(message, link));
    let colour = colour(message);
    let title = escape(&super::compose::title(message));
    let lang = match message.locale {
        balefire_core::message::Locale::En => "en",
        balefire_core::message::Locale::ZhCn => "zh-CN",
    };
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light\"><title>{title}</title></head>\n\
         <body style=\"margin:0;padding:0;background:#f3f5f7;color:#1f2730;font-size:14px;\
         font-family:-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\" \
         style=\"padding:24px 12px\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
         style=\"max-width:640px;background:#ffffff;border:1px solid #e3e6ea;border-radius:8px\">\n\
         <tr><td style=\"background:{colour};border-radius:8px 8px 0 0;padding:16px 20px;color:#ffffff;\
         font-size:17px;font-weight:600;line-height:1.4;word-break:break-word\">{title}</td></tr>\n\
         <tr><td style=\"padding:20px;word-break:break-word\">\n{body}\n{button}</td></tr>\n\
         </table>\n</td></tr></table>\n</body></html>\n"
    )
}

fn button(message: &Message, link: &balefire_core::message::Link) -> String {
    let Some(url) = crate::markup::safe_url(&link.url) else {
        return String::new();
    };
    let (url, text) = (Dialect::Html.escape(&url), Dialect::Html.escape(&link.text));
    let colour = colour(message);
    format!(
        "<p style=\"margin:16px 0 0\"><a href=\"{url}\" rel=\"noopener\" style=\"display:inline-block;\
         background:{colour};color:#ffffff;text-decoration:none;padding:9px 16px;border-radius:6px;\
         font-weight:600\">{text}</a></p>\n"
    )
}

/// The plain part.
pub(super) fn plain(message: &Message) -> String {
    let body = match own_words(message) {
        Some(text) => cut(&text, MOST_PLAIN).into_owned(),
        None => render_within(&message.body, Dialect::Plain, MOST_PLAIN, message.locale).text,
    };
    let own = message.custom.as_ref();
    if own.is_some_and(|custom| custom.title.is_some() && custom.text.is_some()) {
        // Own words from the subject to the end need no frame.
        return body + "\n";
    }
    let mut text = format!("{}\n\n{body}\n", super::compose::title(message));
    if let Some(link) = &message.link {
        text.push('\n');
        text.push_str(&Dialect::Plain.link(link));
        text.push('\n');
    }
    text
}

fn own_words(message: &Message) -> Option<String> {
    let text = message.custom.as_ref()?.text.as_deref()?;
    Some(without_mentions(&clean(text)))
}
