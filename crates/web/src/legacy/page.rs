//! The HTML tables that older services show.

use std::fmt::Write as _;

use axum::response::Html;

/// A page with one table; every text is escaped.
pub(super) fn table(
    (title, heading): (&str, &str),
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Html<String> {
    let mut page = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"UTF-8\">\n<title>{}</title>\n</head>\n\
         <body>\n<h1>{}</h1>\n<table border=\"1\">\n",
        escape(title),
        escape(heading)
    );
    line(&mut page, "th", columns);
    for row in rows {
        line(&mut page, "td", &row);
    }
    page.push_str("</table>\n</body>\n</html>\n");
    Html(page)
}

fn line(page: &mut String, tag: &str, cells: &[impl AsRef<str>]) {
    page.push_str("<tr>");
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(page, "<{tag}>{}</{tag}>", escape(cell.as_ref()));
    }
    page.push_str("</tr>\n");
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_cell_is_never_markup() {
        let row = vec!["<script>alert('x')</script>\"&".to_owned()];
        let Html(page) = table(("T<", "H"), &["a"], [row]);
        assert!(page.contains(
            "<tr><td>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;</td></tr>"
        ));
        assert!(page.contains("<title>T&lt;</title>"));
        assert!(page.contains("<tr><th>a</th></tr>"));
    }
}
