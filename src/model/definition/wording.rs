//! The words for what is wrong with a task definition, and the ways out.

use std::fmt;

use super::NetworkMode;
use super::problem::{
    DefinitionFault, DefinitionField, DefinitionProblem, PortFault, SizeFault, WaitingFault,
};

impl DefinitionField {
    /// What it is called in a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Containers => "the number of containers",
            Self::Name => "the name",
            Self::Image => "the image",
            Self::Essential => "whether it is essential",
            Self::Cpu => "the CPU",
            Self::Memory => "the memory",
            Self::MemoryReservation => "the memory reservation",
            Self::Gpus => "the number of GPUs",
            Self::Network => "the network mode",
            Self::PortMapping(_) => "the container port",
            Self::DependsOn(_) => "what it waits for",
            Self::StopTimeout => "the stop timeout",
            Self::StartTimeout => "the start timeout",
            Self::HealthCheckInterval => "the interval of the health check",
            Self::HealthCheckRetries => "the number of retries of the health check",
            Self::HealthCheckStartPeriod => "the start period of the health check",
            Self::RunsFor => "how long it runs",
            Self::Architecture => "the architecture",
            Self::EphemeralStorage => "the ephemeral storage",
            Self::Constraints => "the placement constraints",
        }
    }
}

impl fmt::Display for DefinitionProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = self.field.noun();
        match &self.fault {
            DefinitionFault::NoContainers => out.write_str("the task definition has no container"),
            DefinitionFault::TooManyContainers { count } => {
                let may = "but may have 10 at most";
                write!(out, "the task definition has {count} containers, {may}")
            }
            DefinitionFault::NameTaken { name } => {
                write!(out, "there is already a container called `{name}`")
            }
            DefinitionFault::NothingEssential => out.write_str("no container is essential"),
            DefinitionFault::ImageWithoutSize { name, has_layers } => {
                let others = if *has_layers {
                    "its layers"
                } else {
                    "other images"
                };
                write!(out, "image `{name}` has no size, but {others} have")
            }
            DefinitionFault::ImageSizesDiffer { name } => {
                write!(
                    out,
                    "image `{name}` had another size or other layers before"
                )
            }
            DefinitionFault::LayersOverSize {
                name,
                layers,
                kilobytes,
            } => {
                let compared = format_args!("{layers} kB together, and it {kilobytes} kB");
                write!(out, "the layers of image `{name}` have {compared}")
            }
            DefinitionFault::TooManyConstraints { count } => {
                let may = "but may have 10 at most";
                write!(out, "the task definition has {count} constraints, {may}")
            }
            DefinitionFault::DistinctInstance => {
                out.write_str("`distinctInstance` is no constraint of a task definition")
            }
            DefinitionFault::NotOnWindows { mode } => {
                let mode = mode.name();
                write!(out, "network mode `{mode}` does not exist on Windows")
            }
            DefinitionFault::WindowsOn { architecture } => {
                let architecture = architecture.name();
                write!(out, "Windows containers do not run on {architecture}")
            }
            DefinitionFault::OutOfRange {
                value,
                min,
                max,
                unit,
            } => {
                let unit = Counted(unit);
                write!(
                    out,
                    "{noun} is {value}{unit}, but must be {min} to {max}{unit}"
                )
            }
            DefinitionFault::Size(fault) => fault.fmt(out),
            DefinitionFault::Port(fault) => fault.fmt(out),
            DefinitionFault::Waiting(fault) => fault.fmt(out),
            DefinitionFault::Fargate(misfit) => write!(out, "Fargate cannot run it: {misfit}"),
        }
    }
}

impl DefinitionProblem {
    /// The way out, in one sentence.
    pub fn hint(&self) -> String {
        match &self.fault {
            DefinitionFault::NoContainers => "a task has 1 to 10 containers".to_owned(),
            DefinitionFault::TooManyContainers { .. } => {
                "split it into several task definitions".to_owned()
            }
            DefinitionFault::NameTaken { .. } => {
                "each container needs a name of its own".to_owned()
            }
            DefinitionFault::NothingEssential => {
                "make the container essential whose end is the end of the task".to_owned()
            }
            DefinitionFault::ImageWithoutSize {
                has_layers: true, ..
            } => "add `image_size`: that of the whole image, its layers included".to_owned(),
            DefinitionFault::ImageWithoutSize {
                has_layers: false, ..
            } => {
                "give every image a size, or none and let the cluster's `pull` time hold".to_owned()
            }
            DefinitionFault::ImageSizesDiffer { .. } => {
                "an image has one size; give different images different names".to_owned()
            }
            DefinitionFault::LayersOverSize { .. } => {
                "`image_size` is that of the whole image, its layers included".to_owned()
            }
            DefinitionFault::TooManyConstraints { .. } => {
                "join expressions with `and` to need fewer".to_owned()
            }
            DefinitionFault::DistinctInstance => {
                "put it on the service; a task definition takes `memberOf` alone".to_owned()
            }
            DefinitionFault::NotOnWindows { .. } => {
                "take `bridge` (which Windows calls `default`) or `awsvpc`".to_owned()
            }
            DefinitionFault::WindowsOn { .. } => "take `x86_64`, or Linux".to_owned(),
            DefinitionFault::OutOfRange { min, max, .. } => self.hint_for_range(*min, *max),
            DefinitionFault::Size(fault) => fault.hint(),
            DefinitionFault::Port(fault) => fault.hint(),
            DefinitionFault::Waiting(fault) => fault.hint(),
            DefinitionFault::Fargate(misfit) => misfit.hint(),
        }
    }

    fn hint_for_range(&self, min: u64, max: u64) -> String {
        if self.field == DefinitionField::EphemeralStorage {
            return "leave it out for the 20 GiB that every task has free of charge".to_owned();
        }
        format!("ECS takes {min} to {max}")
    }
}

/// A unit behind its number, with a blank between them; nothing when there is no unit.
struct Counted<'a>(&'a str);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(out, " {}", self.0)
    }
}

impl fmt::Display for SizeFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CpuOverTask { sum, task } => {
                let task = task.0;
                write!(
                    out,
                    "the containers have {sum} CPU units together, but the task {task}"
                )
            }
            Self::HardLimitOverTask { limit, task } => {
                write!(out, "the hard limit of {limit} is above the task's {task}")
            }
            Self::ReservedOverTask { sum, task } => {
                let task = task.0;
                write!(
                    out,
                    "the containers reserve {sum} MiB together, but the task has {task} MiB"
                )
            }
            Self::HardNotOverSoft { hard, soft } => {
                write!(
                    out,
                    "the hard limit of {hard} is not above the reservation of {soft}"
                )
            }
            Self::NoMemory => {
                out.write_str("neither the task nor this container says how much memory it has")
            }
            Self::TooLittleMemory { memory } => {
                write!(out, "{memory} is less memory than a container can have")
            }
        }
    }
}

impl SizeFault {
    fn hint(self) -> String {
        match self {
            Self::CpuOverTask { sum, .. } => {
                format!("give the task at least {sum} CPU units, or its containers less")
            }
            Self::HardLimitOverTask { limit, .. } => {
                format!(
                    "give the task at least {} MiB, or this container less",
                    limit.0
                )
            }
            Self::ReservedOverTask { sum, .. } => {
                format!("give the task at least {sum} MiB, or its containers less")
            }
            Self::HardNotOverSoft { .. } => {
                "if both limits are the same, leave the reservation out".to_owned()
            }
            Self::NoMemory => {
                "give the container a hard limit or a reservation, or the task a size".to_owned()
            }
            Self::TooLittleMemory { .. } => "Docker takes 6 MiB at least".to_owned(),
        }
    }
}

impl fmt::Display for PortFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { port, by, mode } => {
                let place = match mode {
                    NetworkMode::Bridge | NetworkMode::Host => "on the instance",
                    NetworkMode::Awsvpc | NetworkMode::None => "in the task's network",
                };
                write!(out, "port {port} {place} is taken by container `{by}`")
            }
            Self::Differ { mode, host: 0, .. } => write!(
                out,
                "there are no dynamic host ports in mode `{}`",
                mode.name()
            ),
            Self::Differ {
                mode,
                container,
                host,
            } => {
                let mode = mode.name();
                write!(
                    out,
                    "in mode `{mode}`, host port {host} cannot differ from port {container}"
                )
            }
            Self::NoNetwork => out.write_str("a port needs a network, but mode `none` has none"),
        }
    }
}

impl PortFault {
    fn hint(&self) -> String {
        match self {
            Self::Taken {
                mode: NetworkMode::Bridge,
                ..
            } => "take another host port, or leave it out for a dynamic one".to_owned(),
            Self::Taken { .. } => {
                "containers that share a network listen on different ports".to_owned()
            }
            Self::Differ { .. } => {
                "leave the host port out: it is the same as the container port".to_owned()
            }
            Self::NoNetwork => "leave the ports out, or take mode `bridge` or `awsvpc`".to_owned(),
        }
    }
}

impl fmt::Display for WaitingFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(out, "there is no container called `{name}`"),
            Self::Cycle { names } => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(out, "containers wait for each other: {}", names.join(" → "))
            }
            Self::EndOfEssential { name, condition } => {
                let condition = condition.name();
                let but = "but its end ends the task";
                write!(out, "it waits until `{name}` is {condition}, {but}")
            }
            Self::NoHealthCheck { name } => {
                write!(
                    out,
                    "it waits until `{name}` is HEALTHY, which has no health check"
                )
            }
            Self::EndsBeforeCheck { name, after, check } => {
                write!(
                    out,
                    "`{name}` ends after {after}, before its first check at {check}: it is never HEALTHY"
                )
            }
            Self::GivesUp {
                waiter,
                condition,
                needs,
                timeout,
            } => {
                let condition = condition.name();
                let wait = format!("`{waiter}` gives up waiting for {condition} after {timeout}");
                write!(out, "{wait}, but that takes {needs}: the task never starts")
            }
            Self::EssentialEnds { after } => {
                write!(
                    out,
                    "an essential container ends by itself after {after}, and the task too"
                )
            }
        }
    }
}

impl WaitingFault {
    fn hint(&self) -> String {
        match self {
            Self::Unknown { known, .. } => {
                let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                format!("the containers are {}", known.join(", "))
            }
            Self::Cycle { .. } => "one of them must start without waiting".to_owned(),
            Self::EndOfEssential { name, .. } => {
                format!("make `{name}` not essential, or wait for START or HEALTHY")
            }
            Self::NoHealthCheck { name } => {
                format!("give `{name}` a health check, or wait for START")
            }
            Self::EndsBeforeCheck { name, .. } => {
                format!("let `{name}` run on, check it sooner, or wait for its end")
            }
            Self::GivesUp { needs, .. } => format!("make the start timeout {needs} or more"),
            Self::EssentialEnds { .. } => "make it not essential, or let it run on".to_owned(),
        }
    }
}
