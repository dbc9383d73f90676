//! The pages against the program: commands run, shown output is real, columns are explained,
//! generated pages are fresh, links lead somewhere.
//!
//! With `ECSIM_BLESS=1` in the environment, what the program makes is written into the pages
//! instead of compared with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Pages with commands in them.
const TAUGHT: [&str; 4] = [
    "README.md",
    "docs/guide.md",
    "docs/prices.md",
    "docs/trace-format.md",
];

/// The page whose commands draw its pictures.
const LESSONS: &str = "docs/lessons.md";

/// Every page that people read.
const PAGES: [&str; 14] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "output/README.md",
    "docs/assumptions.md",
    "docs/diagnostics.md",
    "docs/guide.md",
    "docs/lessons.md",
    "docs/outputs.md",
    "docs/prices.md",
    "docs/scenario.md",
    "docs/trace-format.md",
    "docs/validation.md",
    "fuzz/README.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_blessing() -> bool {
    std::env::var_os("ECSIM_BLESS").is_some()
}

/// Compares a page with what it should be, or makes it so.
fn hold(path: &str, expected: &str) {
    if is_blessing() {
        fs::write(root().join(path), expected).unwrap();
    }
    assert!(
        read(path) == expected,
        "{path} is not what the program makes; `just docs` writes it anew"
    );
}

/// A folder of its own with the scenarios in it, taken away at the end.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let name = format!("ecsim-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("scenarios")).unwrap();
        for entry in fs::read_dir(root().join("scenarios")).unwrap() {
            let path = entry.unwrap().path();
            let copy = folder.join("scenarios").join(path.file_name().unwrap());
            fs::copy(&path, copy).unwrap();
        }
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    /// Runs `ecsim` with these arguments; it must succeed.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsim"));
        let output = command
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "ecsim {arguments:?} failed:\n{told}"
        );
        output
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What cannot be taken away stays in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A fenced block: its language, its text, and the comment on the line above, if there is one.
#[derive(Debug, PartialEq, Eq)]
struct Block<'a> {
    language: &'a str,
    text: String,
    note: Option<&'a str>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    let mut above = "";
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let note = above.strip_prefix("<!-- ");
            found.push(Block {
                language,
                text: text.join("\n") + "\n",
                note: note.and_then(|note| note.strip_suffix(" -->")),
            });
        }
        above = line;
    }
    found
}

/// The arguments of a command line that we run, or `None` if it is not ours.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let mut words = line.split_whitespace().peekable();
    match words.next()? {
        "ecsim" => {}
        "cargo" if words.next() == Some("run") && words.next() == Some("--release") => {
            if words.peek() == Some(&"--") {
                words.next();
            }
        }
        _ => return None,
    }
    Some(words.map(|word| word.trim_matches('\'')).collect())
}

/// The part of a page under the heading that begins with this name in backticks.
fn section<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let heading = format!("\n## `{name}`\n");
    let rest = &page[page.find(&heading)? + heading.len()..];
    Some(rest.split("\n## ").next().unwrap_or_default())
}

/// The names in the first cells of a section's tables.
fn explained(section: &str) -> BTreeSet<&str> {
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = cells.map(|rest| rest.split(" |").next().unwrap_or_default());
    cells
        .flat_map(|cell| cell.trim_end_matches('`').split("`, `"))
        .collect()
}

/// The keys of every object in a JSON value; those of `except` are not looked into.
fn keys<'a>(value: &'a serde_json::Value, except: &str, into: &mut BTreeSet<&'a str>) {
    if let Some(object) = value.as_object() {
        for (key, value) in object {
            into.insert(key);
            if key != except {
                keys(value, except, into);
            }
        }
    }
    for value in value.as_array().into_iter().flatten() {
        keys(value, except, into);
    }
}

/// The columns of every CSV and the keys of every JSON file of a result, by the name under which
/// `docs/outputs.md` explains them. The clusters are `ec2` and `fargate`.
fn written(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (part, prefix) in [
        ("", ""),
        ("charts", "charts/"),
        ("clusters/ec2", ""),
        ("clusters/fargate", ""),
    ] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let stem = stem.trim_end_matches("-ec2").trim_end_matches("-fargate");
            let is_of_cluster = path.file_stem().unwrap().len() > stem.len();
            let ending = path.extension().unwrap_or_default().to_str().unwrap();
            let columns = match ending {
                "csv" => {
                    let text = fs::read_to_string(&path).unwrap();
                    let header = text.lines().next().unwrap();
                    header.split(',').map(str::to_owned).collect()
                }
                "json" => {
                    let value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                    let mut found = BTreeSet::new();
                    keys(&value, "clusters", &mut found);
                    found.into_iter().map(str::to_owned).collect()
                }
                _ => continue,
            };
            let cluster = if is_of_cluster { "-<cluster>" } else { "" };
            let name = format!("{prefix}{stem}{cluster}.{ending}");
            written.entry(name).or_default().extend::<Vec<_>>(columns);
        }
    }
    written
}

#[test]
fn generated_pages_are_what_the_code_makes() {
    let desk = Desk::new("pages");
    desk.run(&["documents", "."]);
    for name in ["scenario.md", "diagnostics.md"] {
        hold(
            &format!("docs/{name}"),
            &fs::read_to_string(desk.0.join(name)).unwrap(),
        );
    }
}

#[test]
fn every_command_of_the_pages_runs() {
    for page in TAUGHT {
        let text = read(page);
        let desk = Desk::new(&page.replace(['/', '.'], "-"));
        let blocks = blocks(&text);
        for block in &blocks {
            if let Some(name) = block.note.and_then(|note| note.strip_prefix("file: ")) {
                desk.write(name, &block.text);
            }
        }
        let mut count = 0;
        let is_run = |block: &&Block| {
            let is_marked = block.note.is_some_and(|note| note.starts_with("not run: "));
            block.language == "sh" && !is_marked
        };
        for block in blocks.iter().filter(is_run) {
            for line in block.text.lines().filter(|line| !line.starts_with('#')) {
                let command = line.split(" # ").next().unwrap_or_default();
                let arguments = arguments(command).unwrap_or_else(|| {
                    panic!("{page}: cannot run `{line}`; mark it `not run: why`")
                });
                desk.run(&arguments);
                count += 1;
            }
        }
        assert!(count > 0, "{page} has no command");
    }
}

#[test]
fn the_readme_shows_what_its_commands_print_and_the_quickstart_draws() {
    let desk = Desk::new("quickstart");
    let mut page = read("README.md");
    let mut commands = Vec::new();
    for block in blocks(&page) {
        let Some(note) = block.note else { continue };
        if let Some(name) = note.strip_prefix("file: ") {
            desk.write(name, &block.text);
        }
        commands.extend(note.strip_prefix("printed: ").map(str::to_owned));
    }
    assert!(!commands.is_empty());
    for command in commands {
        let output = desk.run(&arguments(&command).unwrap());
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let head = format!("<!-- printed: {command} -->\n```text\n");
        let (before, rest) = page.split_once(&head).unwrap();
        let (_, after) = rest.split_once("```\n").unwrap();
        page = format!("{before}{head}{shown}```\n{after}");
    }
    hold("README.md", &page);
    let mut pictures = 0;
    for entry in fs::read_dir(root().join("docs/images")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let made = desk.0.join("output/quickstart/charts").join(&name);
        hold(
            &format!("docs/images/{name}"),
            &fs::read_to_string(made).unwrap(),
        );
        pictures += 1;
    }
    assert!(pictures > 0);
}

/// A command of the lessons, and the pictures below it: the chart's name and the picture's.
struct Drawing<'a> {
    arguments: Vec<&'a str>,
    pictures: Vec<(&'a str, &'a str)>,
}

/// The commands of the lessons. `<!-- drawn: NAME -->` above a picture says which chart of the last
/// command it is.
fn drawings(page: &str) -> Vec<Drawing<'_>> {
    let mut found: Vec<Drawing<'_>> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(arguments) = arguments(line) {
            let pictures = Vec::new();
            found.push(Drawing {
                arguments,
                pictures,
            });
        }
        if let Some(name) = line.strip_prefix("<!-- drawn: ") {
            let chart = name.strip_suffix(" -->").unwrap();
            let (_, link) = lines.next().unwrap().split_once("](images/").unwrap();
            let picture = link.strip_suffix(')').unwrap();
            found.last_mut().unwrap().pictures.push((chart, picture));
        }
    }
    found
}

#[test]
fn the_lessons_show_what_their_commands_draw() {
    let desk = Desk::new("lessons");
    let text = read(LESSONS);
    let mut shown = BTreeSet::new();
    for drawing in drawings(&text) {
        let mut arguments = drawing.arguments;
        let scenario = Path::new(arguments[0]).file_stem().unwrap();
        let charts = desk.0.join("output").join(scenario).join("charts");
        arguments.push("--no-tasks");
        if drawing.pictures.is_empty() {
            arguments.push("--no-charts");
        }
        desk.run(&arguments);
        for (chart, picture) in drawing.pictures {
            let made = fs::read_to_string(charts.join(chart).with_extension("svg")).unwrap();
            hold(&format!("docs/images/{picture}"), &made);
            shown.insert(picture.to_owned());
        }
    }
    let all = fs::read_dir(root().join("docs/images/lessons")).unwrap();
    let all = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let all: BTreeSet<String> = all.map(|name| format!("lessons/{name}")).collect();
    assert_eq!(shown, all, "every picture is shown");
    assert_eq!(
        text.matches("](images/").count(),
        all.len(),
        "none is shown unchecked"
    );
}

#[test]
fn every_column_is_explained_and_every_explanation_has_its_column() {
    let desk = Desk::new("columns");
    desk.write("t.csv", "id,arrival,cpu,memory,duration\na,0,256,512,60s\n");
    desk.write(
        "t.toml",
        "name = \"t\"\nworkload = [{ name = \"w\", trace = \"t.csv\", memory_use = \"50%\" }]\ncluster = [\n\
         { name = \"ec2\", cpu = \"shared\", ec2 = { instance_type = \"t3.large\", count = 1 } },\n\
         { name = \"fargate\", fargate = {} },\n]\n",
    );
    desk.run(&["t.toml"]);
    let written = written(&desk.0.join("output/t"));
    let page = read("docs/outputs.md");
    assert!(written.len() >= 11, "{:?}", written.keys());
    for (file, columns) in &written {
        let Some(section) = section(&page, file) else {
            panic!("docs/outputs.md does not explain {file}");
        };
        let columns: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
        assert_eq!(explained(section), columns, "{file}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in PAGES {
        let text = read(page);
        let folder = Path::new(page).parent().unwrap();
        for link in text.split("](").skip(1).chain(text.split("src=\"").skip(1)) {
            let link = link.split([')', '"', '#']).next().unwrap();
            let is_outside = link.starts_with("https://") || link.is_empty();
            let target = root().join(folder).join(link);
            assert!(
                is_outside || target.exists(),
                "{page}: {link} leads nowhere"
            );
        }
    }
}

#[test]
fn pages_are_taken_apart_correctly() {
    let page =
        "# T\n<!-- file: a.toml -->\n```toml\nx = 1\n```\ntext\n```sh\necsim run a.toml\n```\n";
    let found = blocks(page);
    assert_eq!(found[0].note, Some("file: a.toml"));
    assert_eq!(found[0].text, "x = 1\n");
    assert_eq!((found[1].language, found[1].note), ("sh", None));
    assert_eq!(
        arguments("cargo run --release -- run a.toml"),
        Some(vec!["run", "a.toml"])
    );
    assert_eq!(arguments("cargo run --release"), Some(vec![]));
    assert_eq!(arguments("cargo test"), None);
    assert_eq!(
        arguments("ecsim a --set 'b=[1]'"),
        Some(vec!["a", "--set", "b=[1]"])
    );
    let page =
        "\n## `a.csv`\n\n| column |\n| --- |\n| `b`, `c` | s |\n| `d` | x |\n\n## `e`\n| `f` |\n";
    let found = explained(section(page, "a.csv").unwrap());
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["b", "c", "d"]);
    assert_eq!(section(page, "b.csv"), None);
}
