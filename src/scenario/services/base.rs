//! What a service is before its own keys are looked at: what a file says, or the defaults.

use std::rc::Rc;

use super::super::codes::BAD_NAME;
use super::super::definitions::{Definitions, choose, constraints_of_file};
use super::super::document::{Origin, Problems};
use super::super::ecs_json::{Documents, ServiceDraft};
use super::super::files::Files;
use super::super::launch::InFile;
use super::super::reader::Reader;
use super::super::values;
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{
    Constraint, DeploymentRule, Launch, PlacementStrategy, Scheduling, TargetGroup,
};
use crate::units::SimDuration;

/// The parts of a service that a file may have.
pub(super) struct Base {
    pub(super) name: Option<String>,
    pub(super) definition: Option<usize>,
    pub(super) scheduling: Option<Scheduling>,
    /// `None` without a file: ECS's defaults, which depend on the scheduling.
    pub(super) deployment: Option<DeploymentRule>,
    pub(super) placement: Option<Vec<PlacementStrategy>>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) launch: Launch,
    /// Where a file says so.
    pub(super) launch_in_file: Option<InFile>,
    pub(super) health_check_grace: SimDuration,
    pub(super) zone_rebalancing: bool,
    pub(super) target_group: Option<TargetGroup>,
}

/// A service of a file.
struct FromFile {
    documents: Rc<Documents>,
    number: usize,
    origin: Origin,
}

/// What a service begins with; `None` when its file cannot be read.
pub(super) fn base(
    reader: Reader<'_>,
    (definitions, files): (&Definitions, &mut Files<'_>),
    problems: &mut Problems,
) -> Option<Base> {
    let from_file = match reader.given("json") {
        Some(_) => Some(from_file(reader, files, problems)?),
        None => None,
    };
    for key in ["name", "task_definition"] {
        if from_file.is_none() && reader.given(key).is_none() {
            reader.missing(key, problems);
        }
    }
    let draft = from_file.as_ref().map(FromFile::draft);
    let definition = match (reader.given("task_definition"), &from_file) {
        (None, Some(file)) => file.definition(definitions, problems),
        (_, _) => definitions.named(reader, "task_definition", problems),
    };
    let name = match (reader.given("name"), &from_file) {
        (None, Some(file)) => file.name(problems),
        (_, _) => reader.name("name").map(str::to_owned),
    };
    let lb = draft.filter(|draft| draft.has_load_balancer);
    let target_group = lb.and_then(|_| reader.inner("target_group"));
    let constraints = from_file.as_ref().map(|file| file.constraints(problems));
    let scheduling = scheduling(reader, draft, problems);
    let is_daemon = |scheduling: Scheduling| scheduling == Scheduling::Daemon;
    // What a file says of replicas is not for a daemon, nor the other way round.
    let of_kind = draft.filter(|it| Some(is_daemon(it.scheduling)) == scheduling.map(is_daemon));
    Some(Base {
        name,
        definition,
        scheduling,
        deployment: of_kind.map(|draft| draft.deployment),
        placement: draft.and_then(|draft| draft.placement.clone()),
        constraints: constraints.unwrap_or_default(),
        launch: draft.map_or(Launch::Cluster, |draft| draft.launch.clone()),
        launch_in_file: from_file.as_ref().map(FromFile::launch),
        health_check_grace: match draft {
            Some(draft) => draft.health_check_grace,
            None => reader.duration("health_check_grace").unwrap_or_default(),
        },
        zone_rebalancing: match draft {
            Some(draft) => draft.zone_rebalancing,
            None => reader.flag("zone_rebalancing").unwrap_or_default(),
        },
        target_group: target_group
            .and_then(|group| super::deployment::target_group(group, problems)),
    })
}

fn from_file(
    reader: Reader<'_>,
    files: &mut Files<'_>,
    problems: &mut Problems,
) -> Option<FromFile> {
    let origin = reader.given("json")?.origin.clone();
    let documents = files.documents(reader, problems)?;
    let services = documents.services.iter();
    let names: Vec<&str> = services.map(|it| it.name.as_str()).collect();
    let number = choose(reader, &names, ("service", "task definition"), problems)?;
    Some(FromFile {
        documents,
        number,
        origin,
    })
}

fn scheduling(
    reader: Reader<'_>,
    draft: Option<&ServiceDraft>,
    problems: &mut Problems,
) -> Option<Scheduling> {
    let is_daemon = reader.given("daemon").map(|_| reader.flag("daemon"));
    let written = draft.map(|draft| draft.scheduling);
    match (is_daemon, written) {
        (Some(None), _) => return None,
        (Some(Some(true)), _) | (None, Some(Scheduling::Daemon)) => {
            return Some(Scheduling::Daemon);
        }
        (Some(Some(false)) | None, _) => {}
    }
    if reader.given("desired").is_some() {
        let desired = reader.whole_32("desired")?;
        return Some(Scheduling::Replica { desired });
    }
    if let Some(replica @ Scheduling::Replica { .. }) = written {
        return Some(replica);
    }
    reader.missing("desired", problems);
    None
}

impl FromFile {
    fn draft(&self) -> &ServiceDraft {
        &self.documents.services[self.number]
    }

    fn report(&self, diagnostic: Diagnostic, range: std::ops::Range<usize>) -> Report {
        let mut report = Report::new();
        report.push(diagnostic.at(self.documents.place(range)));
        report
    }

    /// Where the file says which capacity it asks for.
    fn launch(&self) -> InFile {
        let ranges = self.draft().launch_ranges.iter();
        InFile {
            named: self.origin.clone(),
            places: ranges
                .map(|range| self.documents.place(range.clone()))
                .collect(),
        }
    }

    /// Its name, which must be fit for a folder.
    fn name(&self, problems: &mut Problems) -> Option<String> {
        let draft = self.draft();
        if values::is_name(&draft.name) {
            return Some(draft.name.clone());
        }
        let message = format!("`{}` cannot name a folder", draft.name);
        let hint = "give the service a `name` in the scenario, of 64 letters or fewer";
        let diagnostic = Diagnostic::error(BAD_NAME, message).hint(hint);
        problems.push_elsewhere(
            &self.origin,
            self.report(diagnostic, draft.name_range.clone()),
        );
        None
    }

    /// The number of its task definition.
    fn definition(&self, definitions: &Definitions, problems: &mut Problems) -> Option<usize> {
        let draft = self.draft();
        let found = definitions.find(&draft.definition);
        if found.is_none()
            && let Some(diagnostic) = definitions.unknown(&draft.definition)
        {
            let report = self.report(diagnostic, draft.definition_range.clone());
            problems.push_elsewhere(&self.origin, report);
        }
        found
    }

    fn constraints(&self, problems: &mut Problems) -> Vec<Constraint> {
        match constraints_of_file(&self.documents, &self.draft().constraints) {
            Ok(constraints) => constraints,
            Err(report) => {
                problems.push_elsewhere(&self.origin, report);
                Vec::new()
            }
        }
    }
}
