//! A container instance as the cluster query language sees one.

/// What an expression can ask of a container instance.
pub trait QuerySubject {
    /// The value of an attribute, built in or custom, named without `attribute:`. `None` if the
    /// instance lacks it, the empty text if it has it without a value.
    fn attribute(&self, name: &str) -> Option<&str>;

    /// `agentVersion`: numbers with dots, such as `1.86.0`.
    fn agent_version(&self) -> &str;

    /// `agentConnected`. Placement takes no other instance anyway.
    fn is_agent_connected(&self) -> bool;

    /// `ec2InstanceId`.
    fn instance_id(&self) -> &str;

    /// `registeredAt`, in milliseconds since 1970-01-01T00:00:00Z.
    fn registered_at_unix_ms(&self) -> i64;

    /// `runningTasksCount`: tasks that are RUNNING, those on their way not counted.
    fn running_tasks(&self) -> u32;

    /// `task:group`: whether a task of some group that passes `is_meant` is on the instance.
    fn has_group_where(&self, is_meant: &mut dyn FnMut(&str) -> bool) -> bool;

    /// Whether a task of this group is on the instance. To be overridden by those who can tell
    /// without asking all groups.
    fn has_task_of_group(&self, group: &str) -> bool {
        self.has_group_where(&mut |there| there == group)
    }
}
