//! Text for a terminal: nothing that others wrote may steer it.

/// The text with control characters made visible, but for line feeds.
pub(crate) fn printable(text: &str) -> String {
    let is_harmful = |c: char| c.is_control() && c != '\n' || is_bidirectional(c);
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Characters that change the order in which others are shown.
const fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Columns under their heads, as wide as they need to be; what is beyond the heads is not shown.
pub(crate) fn table(heads: impl IntoIterator<Item: Into<String>>, rows: &[impl AsRef<[String]>]) -> String {
    let cell = |text: &String| printable(text).replace('\n', " ");
    let mut lines: Vec<Vec<String>> = vec![heads.into_iter().map(Into::into).collect()];
    lines.extend(rows.iter().map(|row| row.as_ref().iter().map(cell).collect()));
    let mut widths = vec![0; lines.first().map_or(0, Vec::len)];
    for line in &lines {
        for (width, text) in widths.iter_mut().zip(line) {
            *width = text.chars().count().max(*width);
        }
    }
    let mut table = String::new();
    for line in &lines {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(text, &width)| format!("{text:width$}")).collect();
        table.push_str(padded.join("  ").trim_end());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_do_not_steer_the_terminal() {
        assert_eq!(printable("plain ä\nnext"), "plain ä\nnext");
        assert_eq!(printable("\u{1b}[2J\r\u{9b}\u{202e}"), "\\u{1b}[2J\\u{d}\\u{9b}\\u{202e}");
    }

    #[test]
    fn columns() {
        let rows = [["1".to_owned(), "long name".to_owned()], ["22\n".to_owned(), String::new()]];
        assert_eq!(table(["ID", "NAME"], &rows), "ID   NAME\n1    long name\n22\n");
    }
}
