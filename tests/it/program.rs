//! The program as its users run it: the real binary, in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An empty folder that is gone after the test.
pub(crate) struct Folder {
    path: PathBuf,
}

/// What a run of the program left behind on its streams.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A CSV file, by row and column.
pub(crate) struct Table {
    columns: BTreeMap<String, usize>,
    rows: Vec<csv::StringRecord>,
}

impl Folder {
    /// A folder for the test of this name.
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the folder of temporary files can be written");
        Self { path }
    }

    /// A scenario of an hour with a small task on a group on Spot with these keys, whose prices are in
    /// `spot.csv`.
    pub(crate) fn write_spot_group(&self, name: &str, keys: &str) {
        self.write(
            "one.csv",
            "id,arrival,cpu,memory,duration\na,0,256,256,1h\n",
        );
        let scenario = format!(
            r#"name = "{name}"
horizon = "1h"
workload = [{{ name = "one", trace = "one.csv" }}]
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
root_volume = "0 GiB"
spot = {{ series = "spot.csv" }}
launch_times = {{ pending = "0s" }}
{keys}
"#
        );
        self.write(&format!("{name}.toml"), scenario);
    }

    /// The program, about to run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsim"));
        command.args(arguments).current_dir(&self.path);
        command
    }

    /// Runs the program here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("it can be run");
        let text = |bytes| String::from_utf8(bytes).expect("all output is UTF-8");
        Ran {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs the program here and expects it to do what it is told.
    #[track_caller]
    pub(crate) fn fine(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}\n{}", ran.err);
        ran
    }

    /// Runs the program here and expects it to refuse with exactly this talk, and no output.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], talk: &str) {
        let ran = self.run(arguments);
        assert!(
            ran.err == talk,
            "--- said\n{}\n--- expected\n{talk}",
            ran.err
        );
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(path), bytes).expect("a file can be written");
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[track_caller]
    pub(crate) fn table(&self, path: &str) -> Table {
        Table::of(&self.read(path))
    }

    /// Every file below `folder` with its bytes, by its path from there; hidden ones too.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let top = self.path(folder);
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.expect("an entry can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&top).expect("it is below");
                    let name = name.display().to_string();
                    files.insert(name, fs::read(&path).expect("a file can be read"));
                }
            }
        }
        files
    }

    /// The names of what is in the folder, in order; hidden ones too.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.expect("an entry can be read");
            entry.file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Table {
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().expect("there is a header").clone();
        let columns = heads.iter().enumerate();
        Self {
            columns: columns.map(|(at, name)| (name.to_owned(), at)).collect(),
            rows: reader.records().map(|row| row.expect("a row")).collect(),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row { table: self, row })
    }

    /// The row whose first column says `name`.
    #[track_caller]
    pub(crate) fn row(&self, name: &str) -> Row<'_> {
        let found = self.rows().find(|row| &row.row[0] == name);
        found.unwrap_or_else(|| panic!("there is no row {name}"))
    }
}

/// A row of a CSV file.
pub(crate) struct Row<'a> {
    table: &'a Table,
    row: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    #[track_caller]
    pub(crate) fn text(&self, column: &str) -> &'a str {
        match self.table.columns.get(column) {
            Some(at) => &self.row[*at],
            None => panic!("there is no column {column}"),
        }
    }

    /// A whole number, or `None` where the field is empty.
    #[track_caller]
    pub(crate) fn whole(&self, column: &str) -> Option<u64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column}: {text}")))
    }

    /// A number with `places` decimals, in units of the last of them.
    #[track_caller]
    pub(crate) fn decimal(&self, column: &str, places: usize) -> u128 {
        let text = self.text(column);
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        assert!(rest.len() <= places, "{column}: {text}");
        format!("{whole}{rest:0<places$}").parse().expect("digits")
    }

    /// Dollars with nine decimals, in nano-dollars.
    #[track_caller]
    pub(crate) fn dollars(&self, column: &str) -> u128 {
        self.decimal(column, 9)
    }
}
