//! The project's own habits, checked: layers, bans, lengths, stories and assumptions.
//!
//! Each check is a function from text to complaints, and is shown a bad sample as well as the
//! project, so that a check which has gone blind is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a file of `src` may have, its tests included.
const SOURCE_LINES_MAX: usize = 500;

/// Lines that a file of tests or benches may have: tables of cases are long and easy to read.
const TEST_LINES_MAX: usize = 600;

/// Words that have no place anywhere. This file, which must name them, is not looked at.
const BANNED: [&str; 5] = ["todo!", "unimplemented!", "dbg!", "#[ignore", "FIXME"];

/// Words of code in `src`, and the modules that may use them.
const CONFINED: [(&str, &[&str]); 25] = [
    ("HashMap", &[]),
    ("HashSet", &[]),
    ("Instant", &[]),
    ("SystemTime", &[]),
    ("unsafe", &[]),
    ("static mut", &[]),
    ("thread_local!", &[]),
    ("OnceLock", &[]),
    ("LazyLock", &[]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("std::fs", &["cli"]),
    ("File::open", &["cli"]),
    ("File::create", &["cli"]),
    ("std::env", &["cli"]),
    ("std::process", &["cli", "main.rs"]),
    ("std::thread", &["cli"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("rayon", &["experiment"]),
    ("rand_chacha", &["rng"]),
    ("plotters", &["report"]),
    ("toml::", &["scenario"]),
    ("serde", &["scenario", "trace", "report"]),
    ("serde_json", &["scenario", "trace", "report", "cli"]),
];

struct Source {
    /// Its path from the project's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        Self { path, text }
    }

    /// The names of the folders and the file below `src`.
    fn parts(&self) -> Vec<&str> {
        self.path.trim_start_matches("src/").split('/').collect()
    }

    /// The layer it belongs to; `lib.rs` and `main.rs` are their own.
    fn module(&self) -> &str {
        self.parts()[0]
    }

    /// Whether it is nothing but tests.
    fn is_test(&self) -> bool {
        let parts = self.parts();
        parts.contains(&"tests") || parts.last() == Some(&"tests.rs")
    }

    /// Its code without comments, and without the tests at its end.
    fn code(&self) -> String {
        let mut code = String::new();
        let mut lines = self.text.lines().peekable();
        while let Some(line) = lines.next() {
            let next_is_module = |next: &&str| next.starts_with("mod ") && next.ends_with('{');
            if line == "#[cfg(test)]" && lines.peek().is_some_and(next_is_module) {
                break;
            }
            if !line.trim_start().starts_with("//") {
                code.push_str(line.split(" // ").next().unwrap_or_default());
                code.push('\n');
            }
        }
        code
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files below a folder, by path.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
                found.push(Source::new(
                    &name.replace('\\', "/"),
                    &fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "there is no code in {folder}");
    found
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The texts in backticks.
fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The table of layers: in its order, each module with those it may import.
fn layers(document: &str) -> Vec<(&str, Vec<&str>)> {
    let head = "| module | what it is for | may import |";
    let rows = document.lines().skip_while(|line| *line != head).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            let module = ticked(cells[1]).next().expect("a module in backticks");
            (module, ticked(cells[3]).collect())
        })
        .collect()
}

/// Arrows of the table that do not point to an earlier row.
fn upward(layers: &[(&str, Vec<&str>)]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut above = BTreeSet::new();
    for (module, imports) in layers {
        for import in imports.iter().filter(|import| !above.contains(*import)) {
            complaints.push(format!("`{module}` may import `{import}`, not above it"));
        }
        above.insert(*module);
    }
    complaints
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether `word` stands in `code` by itself.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let goes_on_before = code[..at].ends_with(|c| is_in_word(c) || c == '\'');
        let rest = &code[at + word.len()..];
        let goes_on_behind = word.ends_with(is_in_word) && rest.starts_with(is_in_word);
        !goes_on_before && !goes_on_behind
    })
}

/// The modules that a piece of code reaches by `crate::`.
fn reached(code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        if code[..at].ends_with(is_in_word) {
            continue;
        }
        let rest = &code[at + found.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            modules.insert(rest.split(|c| !is_in_word(c)).next().unwrap().to_owned());
            continue;
        };
        let mut depth = 0;
        let mut names = String::new();
        for letter in group.chars() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                _ if depth == 0 => names.push(letter),
                _ => {}
            }
        }
        let first = |path: &str| path.trim().split("::").next().unwrap().to_owned();
        modules.extend(names.split(',').map(first).filter(|name| !name.is_empty()));
    }
    modules
}

/// Imports that the table of layers does not allow, and paths that reach around it.
fn against_layers(source: &Source, layers: &[(&str, Vec<&str>)]) -> Vec<String> {
    let (path, module, code) = (&source.path, source.module(), source.code());
    if source.is_test() || ["lib.rs", "main.rs"].contains(&module) {
        return Vec::new();
    }
    let Some((_, allowed)) = layers.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{path}: `{module}` is not in the table of layers")];
    };
    let mut complaints: Vec<String> = reached(&code)
        .into_iter()
        .filter(|reached| reached != module && !allowed.contains(&reached.as_str()))
        .map(|reached| format!("{path}: `{module}` may not import `{reached}`"))
        .collect();
    let is_folder = source.parts().last() == Some(&"mod.rs");
    let depth = source.parts().len() - usize::from(is_folder);
    if code.contains(&"super::".repeat(depth)) {
        complaints.push(format!("{path}: leaves its module by `super`; say `crate`"));
    }
    complaints
}

fn confined(source: &Source) -> Vec<String> {
    let (path, code) = (&source.path, source.code());
    if source.is_test() {
        return Vec::new();
    }
    CONFINED
        .iter()
        .filter(|(word, modules)| has_word(&code, word) && !modules.contains(&source.module()))
        .map(|(word, _)| format!("{path}: `{word}` has no place here"))
        .collect()
}

fn banned(source: &Source) -> Vec<String> {
    let found = BANNED.iter().filter(|word| source.text.contains(**word));
    found
        .map(|word| format!("{}: `{word}`", source.path))
        .collect()
}

fn too_long(source: &Source, lines_max: usize) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > lines_max).then(|| format!("{}: {lines} lines, not {lines_max}", source.path))
}

fn without_story(source: &Source) -> Option<String> {
    let has_story = source.text.starts_with("//! ");
    (!has_story).then(|| format!("{}: begins without a story", source.path))
}

/// Codes of diagnostics that are declared more than once.
fn repeated_codes(sources: &[Source]) -> Vec<String> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in sources {
        for line in source.code().lines() {
            let id = line.trim().strip_prefix("id: \"");
            if let Some(id) = id.and_then(|rest| rest.strip_suffix("\",")) {
                owners.entry(id.to_owned()).or_default().push(&source.path);
            }
        }
    }
    let repeated = owners.into_iter().filter(|(_, paths)| paths.len() > 1);
    repeated
        .map(|(id, paths)| format!("{id}: {}", paths.join(", ")))
        .collect()
}

/// Text with each run of blanks as one.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The assumptions of a Rust file: each from its mark to the end of its sentence.
fn assumptions(source: &Source) -> Vec<String> {
    let comments: Vec<&str> = source
        .text
        .lines()
        .map(str::trim_start)
        .map(|line| {
            line.strip_prefix("//")
                .map_or("\n", |text| text.trim_start_matches(['/', '!']))
        })
        .collect();
    let comments = comments.join(" ");
    let marked = comments.split("Assumption:").skip(1);
    marked
        .map(|text| {
            let text = text.split('\n').next().unwrap_or_default();
            let text = flat(text.trim_start_matches('`'));
            text.split(". ")
                .next()
                .unwrap_or_default()
                .trim_end_matches('.')
                .to_owned()
        })
        .collect()
}

/// The keys of the defaults whose comment, beside or above them, calls them an assumption.
fn assumed_defaults(text: &str) -> Vec<String> {
    let (mut section, mut is_assumed) = (String::new(), false);
    let mut keys = Vec::new();
    for line in text.lines() {
        let is_marked = line
            .split_once('#')
            .is_some_and(|(_, note)| note.contains("Assumption"));
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned() + ".";
        } else if line.is_empty() {
            is_assumed = false;
        } else if line.starts_with('#') {
            is_assumed |= is_marked;
        } else {
            if is_assumed || is_marked {
                let key = line.split('=').next().unwrap_or_default().trim();
                keys.push(format!("{section}{key}"));
            }
            is_assumed = false;
        }
    }
    keys
}

fn sample(path: &str, text: &str) -> Source {
    Source::new(path, text)
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let document = read("ARCHITECTURE.md");
    let layers = layers(&document);
    assert_none(&upward(&layers));
    let sources = sources("src");
    let complaints = sources
        .iter()
        .flat_map(|source| against_layers(source, &layers));
    assert_none(&complaints.collect::<Vec<_>>());
    let modules: BTreeSet<&str> = sources.iter().map(Source::module).collect();
    for (module, _) in &layers {
        assert!(modules.contains(module), "`{module}` is in the table alone");
    }
}

#[test]
fn a_forbidden_import_is_found() {
    let table = "| module | what it is for | may import |\n| --- | --- | --- |\n\
                 | `units` | numbers | – |\n| `sim` | when | `units`, `audit` |\n| `audit` | x | – |\n";
    let layers = layers(table);
    assert_eq!(layers[1], ("sim", vec!["units", "audit"]));
    assert_eq!(upward(&layers).len(), 1);
    let complaints = |path: &str, text: &str| against_layers(&sample(path, text), &layers).len();
    assert_eq!(complaints("src/sim/a.rs", "use crate::units::Money;\n"), 0);
    assert_eq!(
        complaints("src/audit/a.rs", "use crate::units::Money;\n"),
        1
    );
    assert_eq!(
        complaints(
            "src/audit/a.rs",
            "use crate::{audit::b, sim::{c, d}, units};\n"
        ),
        2
    );
    assert_eq!(
        complaints("src/audit/a.rs", "fn f() { crate::sim::run() }\n"),
        1
    );
    assert_eq!(
        complaints("src/audit/a.rs", "// crate::sim\nuse my_crate::sim;\n"),
        0
    );
    assert_eq!(complaints("src/audit/a.rs", "use super::super::sim;\n"), 1);
    assert_eq!(complaints("src/audit/mod.rs", "use super::sim;\n"), 1);
    assert_eq!(complaints("src/audit/a/b.rs", "use super::super::c;\n"), 0);
    assert_eq!(complaints("src/audit/tests.rs", "use crate::sim;\n"), 0);
    assert_eq!(
        complaints(
            "src/audit/a.rs",
            "#[cfg(test)]\nmod tests {\nuse crate::sim;\n"
        ),
        0
    );
    assert_eq!(
        complaints(
            "src/audit/a.rs",
            "#[cfg(test)]\nmod tests;\nuse crate::sim;\n"
        ),
        1
    );
    assert_eq!(complaints("src/new/a.rs", ""), 1);
}

#[test]
fn files_clocks_threads_and_formats_stay_where_they_belong() {
    assert_none(&sources("src").iter().flat_map(confined).collect::<Vec<_>>());
    let complaints = |text: &str| confined(&sample("src/sim/a.rs", text)).len();
    assert_eq!(complaints("use std::collections::HashMap;\n"), 1);
    assert_eq!(complaints("let now = Instant::now();\n"), 1);
    assert_eq!(complaints("    println!(\"x\");\n"), 1);
    assert_eq!(complaints("let file = std::fs::File::open(path)?;\n"), 2);
    assert_eq!(complaints("use rayon::prelude::*;\n"), 1);
    assert_eq!(complaints("use serde::Serialize;\n"), 1);
    assert_eq!(complaints("static mut COUNT: u64 = 0;\n"), 1);
    assert_eq!(
        complaints("/// No HashMap here.\nfn f(x: &'static str) -> Instantly {}\n"),
        0
    );
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let all = ["src", "tests", "benches"].map(sources);
    let all = all
        .iter()
        .flatten()
        .filter(|source| source.path != "tests/it/tidy.rs");
    assert_none(&all.flat_map(banned).collect::<Vec<_>>());
    assert_eq!(
        banned(&sample("a.rs", "fn f() { todo!() } // FIXME")).len(),
        2
    );
    assert_eq!(
        banned(&sample("a.rs", "#[test]\n#[ignore = \"slow\"]\n")).len(),
        1
    );
}

#[test]
fn files_are_short_and_begin_with_their_story() {
    let code = sources("src");
    let mut complaints: Vec<String> = code
        .iter()
        .filter_map(|source| too_long(source, SOURCE_LINES_MAX))
        .collect();
    let others = ["tests", "benches"].map(sources);
    let others = others.iter().flatten();
    complaints.extend(
        others
            .clone()
            .filter_map(|source| too_long(source, TEST_LINES_MAX)),
    );
    complaints.extend(code.iter().chain(others).filter_map(without_story));
    assert_none(&complaints);
    assert!(too_long(&sample("a.rs", &"x\n".repeat(501)), 500).is_some());
    assert!(too_long(&sample("a.rs", &"x\n".repeat(500)), 500).is_none());
    assert!(without_story(&sample("a.rs", "use std::io;\n")).is_some());
}

#[test]
fn every_diagnostic_has_a_code_of_its_own() {
    assert_none(&repeated_codes(&sources("src")));
    let one = "const A: Code = Code {\n    id: \"T0001\",\n};\n";
    assert_eq!(
        repeated_codes(&[sample("a.rs", one), sample("b.rs", one)]).len(),
        1
    );
}

#[test]
fn every_assumption_is_listed() {
    let page = flat(&read("docs/assumptions.md"));
    let mut complaints = Vec::new();
    for source in sources("src") {
        for assumption in assumptions(&source) {
            if !page.contains(&assumption) {
                complaints.push(format!("{}: {assumption}", source.path));
            }
        }
    }
    for key in assumed_defaults(&read("src/scenario/defaults.toml")) {
        if !page.contains(&format!("| `{key}` |")) {
            complaints.push(format!("defaults.toml: `{key}`"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn assumptions_are_found_wherever_they_stand() {
    let text = "/// Known. `Assumption:` it goes\n/// on for two lines. And more.\nfn f() {}\n\
                //! Assumption: the last\nfn g() {}\n";
    let found = assumptions(&sample("a.rs", text));
    assert_eq!(found, ["it goes on for two lines", "the last"]);
    let toml = "# Assumption.\nstart = 1\n\n[cluster.ec2]\n# Known.\na = 1\n# Assumption: b,\n\
                # really.\nb = 2\nc = 3\nd = 4 # Assumption\n";
    let found = assumed_defaults(toml);
    assert_eq!(found, ["start", "cluster.ec2.b", "cluster.ec2.d"]);
}
