//! `ecsim schema`, `defaults` and `completions`, and the generated pages of the documentation.

use std::fmt::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::exit::{Exit, Failure};
use super::terminal;
use crate::diagnostic::Code;
use crate::{billing, experiment, scenario, trace};

/// Prints the JSON Schema of scenario files.
pub(super) fn schema() -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(&scenario::schema());
    terminal::print(&(text.expect("a schema is plain JSON") + "\n"))?;
    Ok(Exit::Fine)
}

/// Prints the defaults of scenario files.
pub(super) fn defaults() -> Result<Exit, Failure> {
    terminal::print(scenario::DEFAULTS)?;
    Ok(Exit::Fine)
}

/// Prints a completion script.
pub(super) fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "ecsim", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

/// Writes the pages that are made from the code: `scenario.md` and `diagnostics.md`.
///
/// # Errors
///
/// A page cannot be written.
pub(super) fn write_pages(folder: &Path) -> Result<Exit, Failure> {
    for (name, text) in [
        ("scenario.md", scenario::reference()),
        ("diagnostics.md", diagnostics_page()),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .map_err(|error| Failure::world("cannot write", &path, &error))?;
    }
    Ok(Exit::Fine)
}

/// `docs/diagnostics.md`: every code with its meaning.
pub fn diagnostics_page() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nEvery problem that ecsim reports has a stable code. This page is made \
         from the code that raises them; `ecsim documents docs` writes it anew.\n\nA problem is \
         shown with its place and a way out:\n\n```text\nerror[T0103]: 512 MiB is too little \
         memory for 1024 CPU units on Fargate\n   --> spike.csv:118:12\n    |\n118 | \
         web-7,250,1024,512,90s\n    |                ^^^\nhint: 1024 CPU units take 2048 to 8192 \
         MiB\n```\n\nErrors (exit code 2) forbid the run; warnings do not. At most 50 are shown, \
         the rest is counted.\n",
    );
    let sections: [(&str, &[&[Code]]); 3] = [
        ("Scenario files (S)", &[scenario::CODES]),
        (
            "Traces (T) and imports (I)",
            &[trace::CODES, experiment::CODES],
        ),
        ("Price files (P)", &[billing::PRICE_FILE_CODES]),
    ];
    for (title, lists) in sections {
        let _ = write!(out, "\n## {title}\n\n| code | meaning |\n| --- | --- |\n");
        let mut codes: Vec<&Code> = lists.iter().flat_map(|list| list.iter()).collect();
        codes.sort_by_key(|code| code.id);
        for code in codes {
            let _ = writeln!(out, "| {} | {} |", code.id, code.meaning);
        }
    }
    out
}
