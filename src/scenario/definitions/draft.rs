//! A definition on its way: what the file says, what the keys say, and where each of it stands.

use super::super::codes::{BAD_QUANTITY, BAD_QUERY, CONFLICT};
use super::super::document::{Origin, Problems};
use super::super::ecs_json::definition_code;
use super::super::failures;
use super::super::files::Files;
use super::super::memory;
use super::super::reader::Reader;
use super::images::WrittenImage;
use super::json::{self, FromFile};
use super::{WrittenUse, check_name, container, query};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::model::{
    Architecture, Constraint, ContainerInstanceId, DefinitionField, DefinitionProblem, MemoryUse,
    NetworkMode, OperatingSystem, TaskDefinition, TaskDefinitionDraft, TaskFailures,
};

/// Keys that are of the only container where no container is written.
const SHORT_FORM: [&str; 10] = [
    "memory_use",
    "image",
    "image_size",
    "image_layers",
    "gpus",
    "ports",
    "health_check",
    "stop_timeout",
    "starts_in",
    "exits_in",
];

/// A definition being read.
pub(super) struct Making {
    pub(super) draft: TaskDefinitionDraft,
    /// Where the fields stand that the scenario has: of the definition or, by its number, of a
    /// container.
    places: Vec<(Option<usize>, DefinitionField, Origin)>,
    /// Where the containers stand that the scenario has.
    containers: Vec<(usize, Origin)>,
    /// What is written of the memory that containers use.
    uses: Vec<WrittenUse>,
    /// Images whose size is written.
    pub(super) images: Vec<WrittenImage>,
    /// Whether something was written that does not read.
    is_misread: bool,
}

/// What came of a definition.
#[derive(Default)]
pub(super) struct Read {
    pub(super) name: Option<String>,
    /// Itself, if nothing is wrong with it.
    pub(super) definition: Option<TaskDefinition>,
    /// What is written of the memory that its containers use.
    pub(super) uses: Vec<WrittenUse>,
    /// Its images whose size is written.
    pub(super) images: Vec<WrittenImage>,
}

pub(super) fn definition(
    reader: Reader<'_>,
    files: &mut Files<'_>,
    problems: &mut Problems,
) -> Read {
    let written = reader.text("name");
    let from_file = json::document(reader, files, problems);
    if reader.given("json").is_some() && from_file.is_none() {
        return Read {
            name: written.map(str::to_owned),
            ..Read::default()
        };
    }
    if from_file.is_none() && reader.given("name").is_none() {
        reader.missing("name", problems);
    }
    let draft = from_file.as_ref().map(|it| it.draft(problems));
    let mut making = Making {
        draft: draft.unwrap_or_default(),
        places: Vec::new(),
        containers: Vec::new(),
        uses: Vec::new(),
        images: Vec::new(),
        is_misread: false,
    };
    if let Some(name) = written {
        check_name(reader, name, problems);
        name.clone_into(&mut making.draft.name);
    }
    making.take_task(reader, problems);
    making.take_containers(reader, problems);
    let name = (!making.draft.name.is_empty()).then(|| making.draft.name.clone());
    let definition = making.judge(reader, from_file.as_ref(), problems);
    let definition = definition.filter(|_| !making.is_misread && name.is_some());
    Read {
        name,
        definition,
        uses: making.uses,
        images: making.images,
    }
}

impl Making {
    /// What the reader has under a key, if it was written; its place is kept.
    pub(super) fn take<T>(
        &mut self,
        reader: Reader<'_>,
        (key, container, field): (&str, Option<usize>, DefinitionField),
        value: Option<T>,
    ) -> Option<T> {
        let node = reader.given(key)?;
        if value.is_some() {
            self.places.push((container, field, node.origin.clone()));
        } else {
            self.is_misread = true;
        }
        value
    }

    /// The same for what has no rule of its own to break.
    pub(super) fn plain<T>(
        &mut self,
        reader: Reader<'_>,
        key: &str,
        value: Option<T>,
    ) -> Option<T> {
        reader.given(key)?;
        self.is_misread |= value.is_none();
        value
    }

    /// Notes where a field stands that is deeper than a key.
    pub(super) fn place(&mut self, container: usize, field: DefinitionField, origin: &Origin) {
        self.places.push((Some(container), field, origin.clone()));
    }

    /// A part of the definition did not read.
    pub(super) const fn misread(&mut self) {
        self.is_misread = true;
    }

    /// What is said of failures, if anything.
    pub(super) fn failures(
        &mut self,
        reader: Reader<'_>,
        problems: &mut Problems,
    ) -> Option<TaskFailures> {
        let inner = reader.given_inner("failures")?;
        let failures = failures::of_definition(inner, problems);
        self.is_misread |= failures.is_none();
        failures
    }

    /// What is said of the memory that a container uses, if anything.
    pub(super) fn memory_use(
        &mut self,
        reader: Reader<'_>,
        container: usize,
        problems: &mut Problems,
    ) -> Option<MemoryUse> {
        let used = memory::given(reader, problems)?;
        self.is_misread |= used.is_none();
        if let Some(node) = reader.given("memory_use") {
            self.uses.push(WrittenUse {
                container,
                name: self.draft.containers[container].name.clone(),
                origin: node.origin.clone(),
            });
        }
        used
    }

    /// The keys of the task as a whole.
    fn take_task(&mut self, reader: Reader<'_>, problems: &mut Problems) {
        let of = |key, field| (key, None, field);
        let place = of("cpu", DefinitionField::Cpu);
        let cpu = self.take(reader, place, reader.cpu("cpu"));
        let place = of("memory", DefinitionField::Memory);
        let memory = self.take(reader, place, reader.memory("memory"));
        let place = of("network", DefinitionField::Network);
        let network = self.take(reader, place, reader.word("network").map(network));
        let place = of("architecture", DefinitionField::Architecture);
        let architecture = reader.word("architecture").map(architecture);
        let architecture = self.take(reader, place, architecture);
        let place = of("ephemeral_storage", DefinitionField::EphemeralStorage);
        let storage = reader.volume("ephemeral_storage");
        let storage = self.take(reader, place, storage);
        let os = self.plain(reader, "os", reader.word("os").map(operating_system));
        let threads = reader
            .whole("threads")
            .and_then(|it| u16::try_from(it).ok());
        let threads = self.plain(reader, "threads", threads);
        let draft = &mut self.draft;
        draft.threads = threads.unwrap_or(draft.threads);
        draft.cpu = cpu.or(draft.cpu);
        draft.memory = memory.or(draft.memory);
        draft.network = network.or(draft.network);
        draft.architecture = architecture.or(draft.architecture);
        draft.os = os.unwrap_or(draft.os);
        draft.ephemeral_storage_gib = storage.or(draft.ephemeral_storage_gib);
        let place = of("constraints", DefinitionField::Constraints);
        if let Some(texts) = self.take(reader, place, reader.texts("constraints")) {
            let (read, is_whole) = constraints(&texts, problems);
            self.is_misread |= !is_whole;
            self.draft.constraints = read;
        }
        self.draft.failures = self.failures(reader, problems);
        if let Some(texts) = reader.texts("start_on") {
            let read = texts.iter().map(|text| named_instance(*text, problems));
            let read: Vec<ContainerInstanceId> = read.flatten().collect();
            self.is_misread |= read.len() < texts.len();
            self.draft.start_on = read;
        }
    }

    fn take_containers(&mut self, reader: Reader<'_>, problems: &mut Problems) {
        self.is_misread |= reader.has_unknown();
        let short = SHORT_FORM.iter().find(|key| reader.given(key).is_some());
        if let Some(node) = reader.given("container") {
            self.places
                .push((None, DefinitionField::Containers, node.origin.clone()));
            let readers = reader.list("container");
            for container in &readers {
                let container = *container;
                let name = container.text("name").unwrap_or_default();
                self.is_misread |= name.is_empty() || container.has_unknown();
                let number = self.container(name, container.origin());
                container::own(self, container, number, problems);
                container::shared(self, container, number, problems);
            }
            container::check_health(self, &readers, problems);
        }
        let count = self.draft.containers.len();
        match short {
            Some(key) if reader.given("container").is_some() || count > 1 => {
                let beside = match reader.given("container") {
                    Some(_) => "`container`",
                    None => "several containers",
                };
                let message = format!("`{key}` cannot stand beside {beside}");
                let hint = "put it into the `[[task_definition.container]]` that it is about";
                let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
                reader.problem(key, diagnostic, problems);
                self.misread();
            }
            None if count > 0 => {}
            Some(_) | None => {
                let name = match self.draft.containers.first() {
                    Some(only) => only.name.clone(),
                    None => self.draft.name.clone(),
                };
                let number = self.container(&name, reader.origin());
                container::shared(self, reader, number, problems);
            }
        }
    }

    /// The number of the container of this name: one of the file's, or a new one.
    fn container(&mut self, name: &str, origin: &Origin) -> usize {
        let of_file = |(number, it): (usize, &crate::model::ContainerDraft)| {
            let is_new = self.containers.iter().any(|(other, _)| *other == number);
            (it.name == name && !is_new).then_some(number)
        };
        let mut known = self.draft.containers.iter().enumerate();
        let number = known.find_map(of_file).unwrap_or_else(|| {
            let new = crate::model::ContainerDraft::new(name);
            self.draft.containers.push(new);
            self.draft.containers.len() - 1
        });
        self.containers.push((number, origin.clone()));
        number
    }

    /// Reports what contradicts itself. A field that is missing may only have been misread: in a
    /// definition with such problems that is no news, and neither is what the file's reader said.
    fn judge(
        &self,
        reader: Reader<'_>,
        from_file: Option<&FromFile>,
        problems: &mut Problems,
    ) -> Option<TaskDefinition> {
        let found = match self.draft.check() {
            Ok(definition) => return Some(definition),
            Err(found) => found,
        };
        let told = from_file.map_or_else(Vec::new, FromFile::told);
        for problem in found.iter().filter(|problem| !told.contains(problem)) {
            let code = definition_code(&problem.fault);
            let diagnostic = Diagnostic::error(code, problem.to_string()).hint(problem.hint());
            match (self.written(problem), from_file) {
                (Some(origin), _) => problems.push(origin, diagnostic),
                (None, _) if self.is_misread => {}
                (None, Some(file)) if self.is_of_file(problem) => {
                    let mut report = Report::new();
                    report.push(diagnostic.at(file.place(problem)));
                    let origin = reader
                        .given("json")
                        .map_or(reader.origin(), |it| &it.origin);
                    problems.push_elsewhere(origin, report);
                }
                (None, _) => problems.push(self.holder(problem, reader), diagnostic),
            }
        }
        None
    }

    /// Where the scenario has what a problem is about.
    fn written(&self, problem: &DefinitionProblem) -> Option<&Origin> {
        let mut places = self.places.iter();
        let found = places.find(|(container, field, _)| {
            (*container, *field) == (problem.container, problem.field)
        });
        found.map(|(_, _, origin)| origin)
    }

    /// Whether the file alone has the container that a problem is about.
    fn is_of_file(&self, problem: &DefinitionProblem) -> bool {
        problem
            .container
            .is_none_or(|number| self.containers.iter().all(|(other, _)| *other != number))
    }

    /// The container that a problem is about, else the definition.
    fn holder<'a>(&'a self, problem: &DefinitionProblem, reader: Reader<'a>) -> &'a Origin {
        let of = |number| self.containers.iter().find(|(other, _)| *other == number);
        let container = problem.container.and_then(of);
        container.map_or(reader.origin(), |(_, origin)| origin)
    }
}

/// The constraint that has no expression.
const DISTINCT: &str = "distinctInstance";

/// What is meant for a constraint and written in another way than the scenario takes it.
fn near_constraint(text: &str) -> Option<Diagnostic> {
    let text = text.trim();
    let inside = text
        .strip_prefix("memberOf")
        .map(|rest| rest.trim_start_matches([' ', ':']).trim());
    let hint = match inside {
        Some(inside) => {
            let bare = inside.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
            format!("write the expression alone: `{}`", bare.unwrap_or(inside))
        }
        None => format!("did you mean `{}`?", nearest(text, [DISTINCT])?),
    };
    let message = format!("`{text}` is no constraint");
    Some(Diagnostic::error(BAD_QUERY, message).hint(hint))
}

/// Placement constraints as the scenario writes them, as far as they read, and whether all do.
pub(in crate::scenario) fn constraints(
    texts: &[(&str, &Origin)],
    problems: &mut Problems,
) -> (Vec<Constraint>, bool) {
    let read = texts.iter().map(|(text, origin)| {
        if *text == DISTINCT {
            Some(Constraint::DistinctInstance)
        } else if let Some(diagnostic) = near_constraint(text) {
            problems.push(origin, diagnostic);
            None
        } else {
            query(text, origin, problems).map(Constraint::MemberOf)
        }
    });
    let read: Vec<Constraint> = read.flatten().collect();
    let is_whole = read.len() == texts.len();
    (read, is_whole)
}

/// An instance by its name in the tables: `i0` is the one launched first.
fn named_instance(
    (text, origin): (&str, &Origin),
    problems: &mut Problems,
) -> Option<ContainerInstanceId> {
    let number = text
        .strip_prefix('i')
        .and_then(|digits| digits.parse().ok());
    if number.is_none() {
        let message = format!("`{text}` names no instance");
        let diagnostic = Diagnostic::error(BAD_QUANTITY, message)
            .hint("instances are called `i0`, `i1` and so on, in order of launch");
        problems.push(origin, diagnostic);
    }
    number.map(ContainerInstanceId)
}

fn network(word: &str) -> NetworkMode {
    match word {
        "awsvpc" => NetworkMode::Awsvpc,
        "host" => NetworkMode::Host,
        "none" => NetworkMode::None,
        _ => NetworkMode::Bridge,
    }
}

fn architecture(word: &str) -> Architecture {
    match word {
        "arm64" => Architecture::Arm64,
        _ => Architecture::X86_64,
    }
}

fn operating_system(word: &str) -> OperatingSystem {
    match word {
        "windows" => OperatingSystem::Windows,
        _ => OperatingSystem::Linux,
    }
}
