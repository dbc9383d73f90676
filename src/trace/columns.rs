//! The header line: which column holds what, and in which unit.
//!
//! Columns are known by name and may stand in any order. A column nobody knows is passed over,
//! with a warning that says so; one that is missing or stands there twice is an error.

use std::sync::Arc;

use super::text::BAD_QUOTE;
use crate::diagnostic::fields::{self, Field};
use crate::diagnostic::{Code, Diagnostic, Place, Report, nearest};

/// A required column is not in the header.
pub(super) const MISSING_COLUMN: Code = Code {
    id: "T0010",
    meaning: "a required column is missing",
};

/// Two columns of the header hold the same thing.
pub(super) const REPEATED_COLUMN: Code = Code {
    id: "T0011",
    meaning: "two columns hold the same thing",
};

/// A column that is not read.
pub(super) const UNKNOWN_COLUMN: Code = Code {
    id: "T0012",
    meaning: "a column is not known and not read",
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Arrival,
    Cpu,
    Memory,
    Duration,
    Group,
    Definition,
    Priority,
    Exit,
    MemoryUsed,
    Ignored,
}

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) role: Role,
    /// How many base units a bare number counts: 1024 in `vcpu`, 1000 in `duration_s`.
    pub(super) scale: u32,
}

/// The columns of a file in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// Whether the required columns come first, in the usual order and in base units.
    pub(super) is_usual: bool,
}

/// Every accepted name: the one that comes first for its role is the one we recommend.
const ACCEPTED: [(&str, Role, u32); 23] = [
    ("id", Role::Id, 1),
    ("task_id", Role::Id, 1),
    ("arrival", Role::Arrival, 1),
    ("arrival_ms", Role::Arrival, 1),
    ("arrival_s", Role::Arrival, 1_000),
    ("cpu", Role::Cpu, 1),
    ("cpu_units", Role::Cpu, 1),
    ("vcpu", Role::Cpu, 1_024),
    ("memory", Role::Memory, 1),
    ("memory_mib", Role::Memory, 1),
    ("memory_gib", Role::Memory, 1_024),
    ("duration", Role::Duration, 1),
    ("duration_ms", Role::Duration, 1),
    ("duration_s", Role::Duration, 1_000),
    ("group", Role::Group, 1),
    ("task_definition", Role::Definition, 1),
    ("definition", Role::Definition, 1),
    ("priority", Role::Priority, 1),
    ("exit", Role::Exit, 1),
    ("exit_code", Role::Exit, 1),
    ("memory_used", Role::MemoryUsed, 1),
    ("memory_used_mib", Role::MemoryUsed, 1),
    ("memory_used_gib", Role::MemoryUsed, 1_024),
];

const REQUIRED: [Role; 5] = [
    Role::Id,
    Role::Arrival,
    Role::Cpu,
    Role::Memory,
    Role::Duration,
];

impl Role {
    /// What the column holds, after "the".
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Arrival => "arrival",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Duration => "duration",
            Self::Group => "group",
            Self::Definition => "task definition",
            Self::Priority => "priority",
            Self::Exit => "exit",
            Self::MemoryUsed => "amount of memory",
            Self::Ignored => "ignored column",
        }
    }
}

impl Layout {
    /// Reads the header line, or says everything that is wrong with it and returns `None`.
    /// Warnings alone do not stop it.
    pub(super) fn read(line: &str, file: &Arc<str>, report: &mut Report) -> Option<Self> {
        let mut fields = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut fields) {
            let place = Place::line(file, 0, line, error.at(), 1);
            let found = Diagnostic::error(BAD_QUOTE, error.message()).hint(fields::QUOTED);
            report.push(found.at(place));
            return None;
        }
        let errors_before = report.errors();
        let mut columns: Vec<Column> = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let name = column_name(*field, line);
            let column = known(&name);
            let place = Place::line(file, 0, line, field.start, field.end - field.start);
            if let Some(earlier) = columns[..index]
                .iter()
                .position(|other| other.role == column.role && column.role != Role::Ignored)
            {
                report.push(repeated(&name, &column_name(fields[earlier], line)).at(place));
            } else if column.role == Role::Ignored {
                let names = ACCEPTED.iter().map(|(accepted, _, _)| *accepted);
                report.push(unknown_column(&name, names).at(place));
            }
            columns.push(column);
        }
        for role in REQUIRED {
            if !columns.iter().any(|column| column.role == role) {
                let place = Place::line(file, 0, line, line.len(), 0);
                report.push(missing(role).at(place));
            }
        }
        (report.errors() == errors_before).then(|| Self {
            is_usual: columns
                .iter()
                .take(REQUIRED.len())
                .eq(REQUIRED.map(|role| Column { role, scale: 1 }).iter()),
            columns,
        })
    }

    /// Whether there is a column for the memory that tasks really use.
    pub(super) fn tells_memory(&self) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| column.role == Role::MemoryUsed)
    }

    /// Where the ids stand.
    pub(super) fn id_column(&self) -> usize {
        let id = self.columns.iter().position(|it| it.role == Role::Id);
        id.expect("a layout has every required column")
    }
}

fn column_name(field: Field, line: &str) -> String {
    let mut room = String::new();
    field.text(line, &mut room).trim().to_ascii_lowercase()
}

fn known(name: &str) -> Column {
    ACCEPTED
        .iter()
        .find(|(accepted, _, _)| *accepted == name)
        .map_or(
            Column {
                role: Role::Ignored,
                scale: 1,
            },
            |(_, role, scale)| Column {
                role: *role,
                scale: *scale,
            },
        )
}

/// A column whose name is none of the accepted ones.
pub(super) fn unknown_column<'n>(
    name: &str,
    accepted: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let hint = nearest(name, accepted).map_or_else(
        || "remove it, or leave it: nothing depends on it".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    let message = format!("column `{name}` is not known and not read");
    Diagnostic::warning(UNKNOWN_COLUMN, message).hint(hint)
}

fn repeated(name: &str, earlier: &str) -> Diagnostic {
    let message = if name == earlier {
        format!("column `{name}` stands here twice")
    } else {
        format!("column `{name}` holds the same as `{earlier}`")
    };
    Diagnostic::error(REPEATED_COLUMN, message).hint("keep one of the two")
}

fn missing(role: Role) -> Diagnostic {
    let names: Vec<String> = ACCEPTED
        .iter()
        .filter(|(_, accepted, _)| *accepted == role)
        .map(|(name, _, _)| format!("`{name}`"))
        .collect();
    let (last, others) = names.split_last().expect("every role has a name");
    let message = format!("there is no column with each task's {}", role.noun());
    Diagnostic::error(MISSING_COLUMN, message)
        .hint(format!("name it {} or {last}", others.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Option<Layout>, Report) {
        let mut report = Report::new();
        let layout = Layout::read(line, &"t.csv".into(), &mut report);
        (layout, report)
    }

    #[test]
    fn order_case_and_blanks_do_not_matter() {
        let (layout, report) = read("Duration_S, memory_gib,vCPU,\"arrival\",id");
        assert!(report.is_empty());
        let layout = layout.unwrap();
        assert_eq!(layout.id_column(), 4);
        let scales: Vec<u32> = layout.columns.iter().map(|column| column.scale).collect();
        assert_eq!(scales, [1_000, 1_024, 1_024, 1, 1]);
    }

    #[test]
    fn a_spare_column_is_a_warning_and_two_of_a_kind_an_error() {
        let (layout, report) = read("id,arrival,cpu,memory,duration,colour");
        assert!(layout.is_some());
        assert_eq!((report.errors(), report.warnings()), (0, 1));
        let (layout, report) = read("id,arrival,cpu,memory,memory_mib,duration");
        assert!(layout.is_none());
        assert_eq!(
            report.diagnostics()[0].message,
            "column `memory_mib` holds the same as `memory`"
        );
    }
}
