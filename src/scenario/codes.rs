//! The kinds of problem a scenario can have. Numbers are stable and never reused.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $meaning:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code { id: $id, meaning: $meaning };)*

        /// Every code this module raises, by number.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    /// The file is no TOML.
    SYNTAX = "S0001", "The scenario is not valid TOML.";
    /// A key that means nothing here.
    UNKNOWN_KEY = "S0002", "A key that is not known in its section.";
    /// A key that has no default is not there.
    MISSING_KEY = "S0003", "A required key is missing.";
    /// Text where a number belongs, and the like.
    WRONG_TYPE = "S0004", "A value has another type than its key.";
    /// A text that is no time, size, rate, share or date.
    BAD_QUANTITY = "S0005", "A time, size, rate, share or date cannot be read.";
    /// Too small or too large.
    OUT_OF_RANGE = "S0006", "A value is outside its range.";
    /// A word that is not on the list.
    UNKNOWN_WORD = "S0007", "A word is not one of those its key knows.";
    /// A name that could not name a folder, or that AWS keeps for itself.
    BAD_NAME = "S0008", "A name is not fit for a folder, or AWS would not have it.";
    /// Two keys of which only one can hold.
    CONFLICT = "S0009", "Keys exclude each other.";
    /// Two things of one name.
    DUPLICATE_NAME = "S0010", "Two of a kind have the same name.";
    /// An override without a key or a value.
    BAD_OVERRIDE = "S0011", "A `--set` is not of the form `key=value`.";
    /// An override of something that is not there.
    UNKNOWN_PATH = "S0012", "A `--set` names nothing in the scenario.";
    /// A minimum above its maximum, and the like.
    DISORDERED = "S0013", "Values that belong together are in the wrong order.";
    /// What would go on for ever.
    UNBOUNDED = "S0014", "A generator, a cron expression or a group has no end.";
    /// An instance type the catalog does not have.
    UNKNOWN_INSTANCE_TYPE = "S0015", "An instance type is not in the catalog.";
    /// A region the price book does not have.
    UNKNOWN_REGION = "S0016", "A region is not in the price book.";
    /// A price that is needed and not known.
    MISSING_PRICE = "S0017", "A cluster needs a price that the price book does not have.";
    /// A size that Fargate does not sell, where only exact sizes are wanted.
    NO_FARGATE_SIZE = "S0018", "A generated task has no Fargate size, and `sizing` is `exact`.";
    /// A name or a value that no attribute can have.
    BAD_ATTRIBUTE = "S0030", "An attribute of container instances has no fit name or value.";
    /// A cron expression with a mistake.
    BAD_SCHEDULE = "S0031", "A cron expression cannot be read.";
    /// A zone that the region does not have.
    UNKNOWN_ZONE = "S0050", "A zone has no letter, is of another region, or is one that no cluster has.";
    /// Two windows of one thing at one time.
    OVERLAP = "S0051", "Two outages of a zone, or shortages of the same, overlap.";
    /// Something that goes wrong when nobody is there any more.
    AFTER_END = "S0052", "An outage, a shortage or an incident begins when the run is over.";
    /// A file of ECS's that is no JSON.
    ECS_SYNTAX = "S0201", "An ECS file is not valid JSON.";
    /// A file of ECS's that holds something else.
    ECS_KIND = "S0202", "An ECS file holds neither task definitions nor services.";
    /// No container, too many, two of one name, or none essential.
    CONTAINERS = "S0203", "A task definition has no fit set of containers.";
    /// Sums over limits, and limits against each other.
    CONTAINER_SIZES = "S0204", "CPU or memory of containers and task contradict each other.";
    /// A port that is taken, or cannot be had in this network mode.
    PORTS = "S0205", "A port of a task definition cannot be had.";
    /// A dependency that is unknown, in a circle, or never fulfilled.
    WAITS_IN_VAIN = "S0206", "A container waits for what will not come.";
    /// Written for Fargate, and cannot run there.
    NOT_ON_FARGATE = "S0207", "A task definition or service is for Fargate and cannot run there.";
    /// A capacity provider strategy that names no provider for some task.
    BAD_STRATEGY = "S0208", "A capacity provider strategy cannot be followed.";
    /// A file that is not there.
    NO_FILE = "S0301", "A file that the scenario names cannot be opened.";
    /// A file that does not hold what is wanted of it.
    NOT_IN_FILE = "S0302", "A file of ECS's does not hold what the scenario wants of it.";
    /// A task definition that nobody has defined.
    UNKNOWN_DEFINITION = "S0303", "A task definition is not known.";
    /// An expression that cannot be read.
    BAD_QUERY = "S0304", "An expression of the cluster query language cannot be read.";
    /// Steps with gaps, overlaps or missing ends.
    BAD_STEPS = "S0306", "The steps of a scaling policy do not fit together.";
    /// More requests than a run can count.
    TOO_MUCH_DEMAND = "S0307", "A service has more requests than can be replayed.";
    /// Too many services.
    TOO_MANY = "S0308", "There are too many services.";
    /// A key that changes nothing beside the others.
    NO_EFFECT = "S0101", "Warning: a key has no effect beside the others.";
    /// A task that a cluster could never hold.
    NEVER_FITS = "S0102", "Warning: a generated task is too large for a cluster.";
    /// Tasks that begin over a limit of their own.
    KILLED_AT_ONCE = "S0103", "Warning: all tasks of a kind are killed at once for the memory they use.";
    /// A window that the run does not see the end of.
    CUT_OFF = "S0104", "Warning: an outage, a shortage or an incident lasts longer than the run.";
    /// Windows of different things that have something in common.
    OVERLAP_IN_PART = "S0105", "Warning: two shortages or incidents overlap in part of what they are about.";
    /// Instances that are taken back before they are ready.
    GONE_BEFORE_ACTIVE = "S0106", "Warning: instances of a group are taken back before they can take a task.";
    /// A service that a cluster has no place for.
    RUNS_NOWHERE = "S0351", "Warning: tasks of a service can never run on a cluster.";
    /// A host port that belongs to the instance itself.
    RESERVED_PORT = "S0352", "Warning: a host port of a task definition is reserved on instances.";
    /// Fields of a file of ECS's that are left out.
    ECS_FIELDS = "S0251", "Warning: fields of an ECS file have no effect.";
    /// An answer of ECS's that says it is not whole.
    ECS_FAILURES = "S0252", "Warning: ECS did not find all that it was asked for.";
}
