//! Which code stands for which fault of a task definition, whoever reads it.

use super::super::codes::{
    CONFLICT, CONTAINER_SIZES, CONTAINERS, NOT_ON_FARGATE, OUT_OF_RANGE, PORTS, WAITS_IN_VAIN,
};
use crate::diagnostic::Code;
use crate::model::DefinitionFault;

pub(super) const fn of(fault: &DefinitionFault) -> Code {
    match fault {
        DefinitionFault::NoContainers
        | DefinitionFault::TooManyContainers { .. }
        | DefinitionFault::NameTaken { .. }
        | DefinitionFault::NothingEssential => CONTAINERS,
        DefinitionFault::ImageWithoutSize { .. }
        | DefinitionFault::ImageSizesDiffer { .. }
        | DefinitionFault::LayersOverSize { .. }
        | DefinitionFault::DistinctInstance
        | DefinitionFault::NotOnWindows { .. }
        | DefinitionFault::WindowsOn { .. } => CONFLICT,
        DefinitionFault::TooManyConstraints { .. } | DefinitionFault::OutOfRange { .. } => {
            OUT_OF_RANGE
        }
        DefinitionFault::Size(_) => CONTAINER_SIZES,
        DefinitionFault::Port(_) => PORTS,
        DefinitionFault::Waiting(_) => WAITS_IN_VAIN,
        DefinitionFault::Fargate(_) => NOT_ON_FARGATE,
    }
}
