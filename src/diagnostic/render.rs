//! Diagnostics as text, with the source line and a caret.

use std::fmt::Write;

use super::{Diagnostic, Line, Report, Severity};

/// Lines longer than this are shown as a window around the stretch.
const WIDTH_MAX: usize = 100;

/// All kept diagnostics as the user sees them, one blank line apart, with a closing count of those
/// left out. Plain text: readable without colour.
///
/// ```text
/// error[T0103]: 512 MiB is too little memory for 1024 CPU units on Fargate
///   --> scenarios/spike.csv:118:31
///     |
/// 118 | 2026-03-01T00:04:10Z,web,1024,512,90s
///     |                               ^^^
/// hint: 1024 CPU units take 2048 to 8192 MiB
/// ```
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for (index, diagnostic) in report.diagnostics().iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        render_one(&mut out, diagnostic);
    }
    if report.dropped() > 0 {
        let _ = writeln!(out, "\n… and {} more of the same kinds", report.dropped());
    }
    out
}

fn render_one(out: &mut String, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let _ = writeln!(
        out,
        "{severity}[{}]: {}",
        diagnostic.code.id, diagnostic.message
    );
    if let Some(place) = &diagnostic.place {
        match &place.line {
            None => {
                let _ = writeln!(out, "  --> {}", place.file);
            }
            Some(line) => render_line(out, &place.file, line),
        }
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(out, "hint: {hint}");
    }
}

fn render_line(out: &mut String, file: &str, line: &Line) {
    let number = (line.number + 1).to_string();
    let start = floor_boundary(&line.text, line.start);
    let end = ceil_boundary(&line.text, (line.start + line.length).max(start));
    let column = line.text[..start].chars().count() + 1;
    let (before, under, after) = window(&line.text, start, end);
    let gutter = " ".repeat(number.len());
    let carets = "^".repeat(under.chars().count().max(1));
    let blanks = " ".repeat(before.chars().count());
    let _ = writeln!(out, "{gutter}--> {file}:{number}:{column}");
    let _ = writeln!(out, "{gutter} |");
    let _ = writeln!(out, "{number} | {before}{under}{after}");
    let _ = writeln!(out, "{gutter} | {blanks}{carets}");
}

/// Cuts a long line to what stands around `start..end`, with dots where something is left out.
/// Control characters become visible blanks, so that the caret stays below its character.
fn window(text: &str, start: usize, end: usize) -> (String, String, String) {
    let clean = |part: &str| {
        part.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    };
    if text.chars().count() <= WIDTH_MAX {
        return (
            clean(&text[..start]),
            clean(&text[start..end]),
            clean(&text[end..]),
        );
    }
    let before: Vec<char> = text[..start].chars().collect();
    let under: String = text[start..end].chars().take(60).collect();
    let mut shown_before: String = before[before.len().saturating_sub(30)..].iter().collect();
    if before.len() > 30 {
        shown_before.insert(0, '…');
    }
    let mut shown_after: String = text[end..].chars().take(30).collect();
    if text[end..].chars().count() > 30 {
        shown_after.push('…');
    }
    (clean(&shown_before), clean(&under), clean(&shown_after))
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}

fn ceil_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (at..=text.len())
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Place};
    use super::*;

    fn shown(text: &str, start: usize, length: usize) -> String {
        let code = Code {
            id: "T0103",
            meaning: "",
        };
        let place = Place::line(&"a.csv".into(), 117, text, start, length);
        let mut report = Report::new();
        report.push(
            Diagnostic::error(code, "too little")
                .at(place)
                .hint("take more"),
        );
        render(&report)
    }

    #[test]
    fn the_caret_stands_below_the_mistake() {
        let expected = "error[T0103]: too little\n   --> a.csv:118:7\n    |\n118 | web,1,512,90s\n    |       ^^^\nhint: take more\n";
        assert_eq!(shown("web,1,512,90s", 6, 3), expected);
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert!(shown("é,x", 3, 1).contains("a.csv:118:3"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_mistake() {
        let text = format!("{}BAD{}", "x".repeat(500), "y".repeat(500));
        let out = shown(&text, 500, 3);
        assert!(out.contains("…xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxBADyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…"));
        assert!(out.contains("a.csv:118:501"));
    }

    #[test]
    fn an_empty_stretch_at_the_end_still_gets_a_caret() {
        assert!(shown("web,", 4, 0).ends_with("118 | web,\n    |     ^\nhint: take more\n"));
    }
}
