//! A task definition of ECS's JSON as a draft, with the place of each of its fields.

use std::ops::Range;

use jsonc_parser::ast::Object;

use super::super::codes::{CONFLICT, UNKNOWN_WORD};
use super::codes;
use super::container;
use super::reading::{Found, Reading, Section, error, unknown_word};
use super::tree::Fields;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Architecture, DefinitionField, NetworkMode, OperatingSystem, TaskDefinitionDraft,
};
use crate::units::quantity;

const DEFINITION: Section = Section {
    read: &[
        "containerDefinitions",
        "cpu",
        "ephemeralStorage",
        "family",
        "memory",
        "networkMode",
        "placementConstraints",
        "requiresCompatibilities",
        "revision",
        "runtimePlatform",
        "taskDefinitionArn",
    ],
    idle: &[
        "compatibilities",
        "deleteRequestedAt",
        "deregisteredAt",
        "enableFaultInjection",
        "executionRoleArn",
        "inferenceAccelerators",
        "ipcMode",
        "pidMode",
        "proxyConfiguration",
        "registeredAt",
        "registeredBy",
        "requiresAttributes",
        "status",
        "tags",
        "taskRoleArn",
        "volumes",
    ],
};

const PLATFORM: Section = Section {
    read: &["cpuArchitecture", "operatingSystemFamily"],
    idle: &[],
};

const STORAGE: Section = Section {
    read: &["sizeInGiB"],
    idle: &[],
};

/// A placement constraint of a definition or a service.
const CONSTRAINT: Section = Section {
    read: &["expression", "type"],
    idle: &[],
};

/// A task definition of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionDocument {
    /// What it says, without its placement constraints. Images have no sizes: ECS does not say
    /// them.
    pub draft: TaskDefinitionDraft,
    /// Its placement constraints, `memberOf` only.
    pub constraints: Vec<ConstraintDraft>,
    places: Places,
}

/// A placement constraint whose expression nobody has read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintDraft {
    /// `distinctInstance`.
    DistinctInstance,
    /// `memberOf`, with its expression.
    MemberOf(Expression),
}

/// An expression of the cluster query language, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The text.
    pub text: String,
    /// Where it stands in the file, in bytes, without its quotes. Offsets into `text` can be added
    /// as long as nothing in it is escaped.
    pub range: Range<usize>,
}

/// Where the fields of a definition stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    whole: Range<usize>,
    containers: Vec<Range<usize>>,
    fields: Vec<(Option<usize>, DefinitionField, Range<usize>)>,
}

impl DefinitionDocument {
    /// Where a field stands in the file, in bytes: of the definition or, by its number, of a
    /// container. For a field that is not there, the name of what should have it.
    pub fn range(&self, container: Option<usize>, field: DefinitionField) -> Range<usize> {
        self.places.range(container, field)
    }
}

impl Places {
    pub(super) fn add(
        &mut self,
        container: Option<usize>,
        field: DefinitionField,
        range: Range<usize>,
    ) {
        self.fields.push((container, field, range));
    }

    pub(super) fn add_container(&mut self, range: Range<usize>) {
        self.containers.push(range);
    }

    /// Keeps the place of a value, and gives the value.
    pub(super) fn keep<T>(
        &mut self,
        container: Option<usize>,
        field: DefinitionField,
        found: Option<Found<T>>,
    ) -> Option<T> {
        let found = found?;
        self.add(container, field, found.range);
        Some(found.value)
    }

    fn written(&self, container: Option<usize>, field: DefinitionField) -> Option<&Range<usize>> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(of, which, _)| *of == container && *which == field);
        found.map(|(_, _, range)| range)
    }

    fn range(&self, container: Option<usize>, field: DefinitionField) -> Range<usize> {
        let holder = || match container {
            Some(index) => self.containers.get(index).unwrap_or(&self.whole),
            None => &self.whole,
        };
        self.written(container, field)
            .unwrap_or_else(holder)
            .clone()
    }
}

/// Reads one, and checks it.
pub(super) fn take<'a>(object: &'a Object<'a>, reading: &mut Reading<'a>) -> DefinitionDocument {
    let before = reading.count();
    let fields = reading.open(object, &DEFINITION);
    let mut places = Places::default();
    let name = name(fields, &mut places, reading);
    let platform = fields.section("runtimePlatform", &PLATFORM, reading);
    let architecture = platform
        .and_then(|it| it.word("cpuArchitecture", &ARCHITECTURES, reading))
        .and_then(|it| places.keep(None, DefinitionField::Architecture, Some(it)));
    let os = platform.and_then(|it| operating_system(it, reading));
    let storage = fields.section("ephemeralStorage", &STORAGE, reading);
    let storage = storage.and_then(|it| it.whole("sizeInGiB", 0..=u32::MAX, reading));
    let network = fields.word("networkMode", &NETWORK_MODES, reading);
    let cpu = fields.quantity("cpu", quantity::parse_cpu, reading);
    let memory = fields.quantity("memory", quantity::parse_memory, reading);
    let constraints = constraints(fields, reading);
    let range = fields.key_range("placementConstraints");
    places.add(None, DefinitionField::Constraints, range);
    let range = fields.key_range("containerDefinitions");
    places.add(None, DefinitionField::Containers, range);
    let draft = TaskDefinitionDraft {
        name,
        cpu: places.keep(None, DefinitionField::Cpu, cpu),
        memory: places.keep(None, DefinitionField::Memory, memory),
        network: places.keep(None, DefinitionField::Network, network),
        architecture,
        os: os.unwrap_or_default(),
        ephemeral_storage_gib: places.keep(None, DefinitionField::EphemeralStorage, storage),
        containers: container::take_all(fields, &mut places, reading),
        constraints: Vec::new(),
        start_on: Vec::new(),
        failures: None,
        requires_fargate: requires_fargate(fields, reading),
        threads: 0,
    };
    let document = DefinitionDocument {
        draft,
        constraints,
        places,
    };
    judge(&document, reading.count() > before, reading);
    document
}

/// Reports what contradicts itself. A field that is missing may only have been misread: in a
/// definition with such problems that is no news.
fn judge(document: &DefinitionDocument, is_misread: bool, reading: &mut Reading<'_>) {
    let of_definition = |it: &&ConstraintDraft| matches!(it, ConstraintDraft::DistinctInstance);
    if document.constraints.iter().any(|it| of_definition(&it)) {
        let range = document.range(None, DefinitionField::Constraints);
        let message = "`distinctInstance` is no constraint of a task definition";
        let hint = "put it on the service; a task definition takes `memberOf` alone";
        reading.push(&range, error(CONFLICT, message, hint));
    }
    for problem in document.draft.check().err().unwrap_or_default() {
        let written = document.places.written(problem.container, problem.field);
        if written.is_none() && is_misread {
            continue;
        }
        let range = document.range(problem.container, problem.field);
        let diagnostic = Diagnostic::error(codes::of(&problem.fault), problem.to_string());
        reading.push(&range, diagnostic.hint(problem.hint()));
    }
}

/// `family:revision`, or what is known of it.
fn name(fields: Fields<'_>, places: &mut Places, reading: &mut Reading<'_>) -> String {
    let family = fields.text("family", reading);
    let revision = fields.whole("revision", 0..=u32::MAX, reading);
    let arn = fields.text("taskDefinitionArn", reading);
    let revision = revision.filter(|it| it.value > 0);
    match (family, revision, arn) {
        (Some(family), revision, _) => {
            places.whole = family.range;
            revision.map_or(family.value.clone(), |it| {
                format!("{}:{}", family.value, it.value)
            })
        }
        (None, _, Some(arn)) => {
            places.whole = arn.range;
            name_of_arn(&arn.value).to_owned()
        }
        (None, _, None) => {
            places.whole = fields.range();
            reading.missing(("family", "\"web\""), &places.whole);
            String::new()
        }
    }
}

/// `family:revision` of an ARN; anything else as it is.
pub(super) fn name_of_arn(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

const ARCHITECTURES: [(&str, Architecture); 2] = [
    ("X86_64", Architecture::X86_64),
    ("ARM64", Architecture::Arm64),
];

/// Windows calls its NAT `default`; it is bridge by another name.
const NETWORK_MODES: [(&str, NetworkMode); 5] = [
    ("bridge", NetworkMode::Bridge),
    ("host", NetworkMode::Host),
    ("awsvpc", NetworkMode::Awsvpc),
    ("none", NetworkMode::None),
    ("default", NetworkMode::Bridge),
];

/// Source: ECS API, `RuntimePlatform`: `LINUX`, and Windows Server by version and edition.
fn operating_system(platform: Fields<'_>, reading: &mut Reading<'_>) -> Option<OperatingSystem> {
    let family = platform.text("operatingSystemFamily", reading)?;
    if family.value == "LINUX" {
        return Some(OperatingSystem::Linux);
    }
    if family.value.starts_with("WINDOWS_SERVER_") {
        return Some(OperatingSystem::Windows);
    }
    let known = ["LINUX", "WINDOWS_SERVER_2022_CORE"];
    unknown_word("operatingSystemFamily", &family, known.into_iter(), reading);
    None
}

fn requires_fargate(fields: Fields<'_>, reading: &mut Reading<'_>) -> bool {
    let name = "requiresCompatibilities";
    let mut requires_fargate = false;
    for element in fields.list(name, reading) {
        match element.as_string_lit().map(|text| text.value.as_ref()) {
            Some("FARGATE") => requires_fargate = true,
            Some("EC2" | "EXTERNAL" | "MANAGED_INSTANCES") => {}
            Some(other) => {
                let message = format!("`{name}` does not know `{other}`");
                let hint = "it knows `EC2`, `FARGATE`, `EXTERNAL` and `MANAGED_INSTANCES`";
                let range = super::span_of(element);
                reading.push(&range, error(UNKNOWN_WORD, message, hint));
            }
            None => reading.wrong_type(name, "a list of texts", element),
        }
    }
    requires_fargate
}

/// The placement constraints of a definition or a service.
pub(super) fn constraints<'a>(
    fields: Fields<'a>,
    reading: &mut Reading<'a>,
) -> Vec<ConstraintDraft> {
    let mut found = Vec::new();
    for item in fields.sections("placementConstraints", &CONSTRAINT, reading) {
        let known = [("distinctInstance", false), ("memberOf", true)];
        let expression = item.text("expression", reading);
        match (item.word("type", &known, reading), expression) {
            (Some(Found { value: true, .. }), Some(text)) => {
                let range = text.range.start + 1..text.range.end - 1;
                let text = text.value;
                found.push(ConstraintDraft::MemberOf(Expression { text, range }));
            }
            (Some(Found { value: true, .. }), None) => reading.missing(
                ("expression", "\"attribute:ecs.instance-type == m5.large\""),
                &item.range(),
            ),
            (Some(Found { value: false, .. }), Some(text)) => {
                let message = "`distinctInstance` has no expression";
                let hint = "leave it out, or take `memberOf`";
                reading.push(&text.range, error(CONFLICT, message, hint));
            }
            (Some(Found { value: false, .. }), None) => {
                found.push(ConstraintDraft::DistinctInstance);
            }
            (None, _) if item.value("type").is_none() => {
                reading.missing(("type", "\"memberOf\""), &item.range());
            }
            (None, _) => {}
        }
    }
    found
}
