//! The instance types of a group: in the catalog, of one architecture, with memory to give.

use super::super::codes::{CONFLICT, DUPLICATE_NAME, UNKNOWN_INSTANCE_TYPE};
use super::super::document::{Node, Problems};
use super::super::reader::Reader;
use super::super::values::{self, listed};
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Catalog, InstanceType};
use crate::units::Mib;

pub(super) fn all(reader: Reader<'_>, problems: &mut Problems) -> Option<Vec<InstanceType>> {
    let catalog = Catalog::embedded();
    let nodes = reader.one_or_more("instance_type")?;
    let mut known: Vec<InstanceType> = Vec::new();
    let mut are_all_known = true;
    for node in nodes {
        let Ok(typed) = values::text(&node.value) else {
            are_all_known = false;
            continue;
        };
        match find(typed, &known, &catalog) {
            Ok(found) => known.push(found.clone()),
            Err(diagnostic) => {
                problems.push(&node.origin, *diagnostic);
                are_all_known = false;
            }
        }
    }
    if !are_all_known || known.is_empty() {
        return None;
    }
    let is_of_one_kind = check_architectures(&known, nodes, problems);
    let has_memory =
        measured_memory(reader, &mut known, problems) && leaves_memory(reader, &known, problems);
    (is_of_one_kind && has_memory).then_some(known)
}

/// The name of an instance type outside a group; one that the catalog does not have is reported.
pub(in crate::scenario) fn check_type(node: &Node, problems: &mut Problems) -> Option<String> {
    let typed = values::text(&node.value).ok()?;
    match find(typed, &[], &Catalog::embedded()) {
        Ok(found) => Some(found.name.clone()),
        Err(diagnostic) => {
            problems.push(&node.origin, *diagnostic);
            None
        }
    }
}

fn find<'c>(
    typed: &str,
    before: &[InstanceType],
    catalog: &'c Catalog,
) -> Result<&'c InstanceType, Box<Diagnostic>> {
    if before.iter().any(|known| known.name == typed) {
        let message = format!("`{typed}` is in this list already");
        let diagnostic = Diagnostic::error(DUPLICATE_NAME, message);
        return Err(Box::new(diagnostic.hint("leave one of the two out")));
    }
    catalog.find(typed).ok_or_else(|| {
        let message = format!("the catalog has no instance type `{typed}`");
        let diagnostic = Diagnostic::error(UNKNOWN_INSTANCE_TYPE, message);
        Box::new(diagnostic.hint(type_hint(typed, catalog)))
    })
}

/// The nearest type; else the other sizes of its family; else the way to all of them.
fn type_hint(typed: &str, catalog: &Catalog) -> String {
    let family = typed.split('.').next().unwrap_or_default();
    let sizes: Vec<&str> = catalog
        .names()
        .filter(|name| name.split('.').next() == Some(family))
        .collect();
    // Within a known family the size is what is wrong, and the nearest size is what was meant.
    let near = nearest(typed, sizes.iter().copied()).or_else(|| nearest(typed, catalog.names()));
    match near {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if sizes.is_empty() => {
            let families = catalog
                .names()
                .filter(|name| name.split('.').nth(1) == Some("large"));
            format!("types look like {}", listed(families.take(4)))
        }
        None => format!("{family} comes as {}", listed(sizes)),
    }
}

/// A group boots one machine image, which is made for one kind of processor.
fn check_architectures(known: &[InstanceType], nodes: &[Node], problems: &mut Problems) -> bool {
    let first = &known[0];
    let is_other = |one: &InstanceType| one.architecture != first.architecture;
    let Some(at) = known.iter().position(is_other) else {
        return true;
    };
    let other = &known[at];
    let message = format!(
        "{} is {}, but {} is {}",
        other.name,
        other.architecture.name(),
        first.name,
        first.architecture.name()
    );
    let diagnostic = Diagnostic::error(CONFLICT, message).hint(
        "a group has one machine image and so one architecture; write the other as a \
         `[[cluster.provider]]` of its own",
    );
    problems.push(&nodes[at].origin, diagnostic);
    false
}

/// Takes over what the user has measured. Whether that can be.
fn measured_memory(
    reader: Reader<'_>,
    known: &mut [InstanceType],
    problems: &mut Problems,
) -> bool {
    let Some(memory) = reader.memory("registered_memory") else {
        return true;
    };
    let [only] = known else {
        let message = "`registered_memory` cannot stand beside several instance types";
        let diagnostic = Diagnostic::error(CONFLICT, message)
            .hint("each type registers its own; `reserved_memory` holds for all");
        reader.problem("registered_memory", diagnostic, problems);
        return false;
    };
    if memory > only.nominal.memory {
        let (name, nominal) = (&only.name, only.nominal.memory);
        let message = format!("`registered_memory` is {memory}, but {name} has {nominal}");
        let hint = "take what `aws ecs describe-container-instances` shows as registered";
        reader.out_of_range("registered_memory", message, hint, problems);
        return false;
    }
    only.registered.memory = memory;
    true
}

/// Whether the agent leaves something for tasks on every type.
fn leaves_memory(reader: Reader<'_>, known: &[InstanceType], problems: &mut Problems) -> bool {
    let reserved = reader.memory("reserved_memory").unwrap_or(Mib(0));
    let is_empty = |one: &&InstanceType| reserved >= one.registered.memory;
    let Some(empty) = known.iter().find(is_empty) else {
        return true;
    };
    let message = format!(
        "`reserved_memory` is {reserved}, which leaves nothing of the {} that {} registers",
        empty.registered.memory, empty.name
    );
    let hint = "take less than that, or a larger instance type";
    reader.out_of_range("reserved_memory", message, hint, problems);
    false
}
