//! What expressions mean, what is wrong with others, and a naive reader that has to agree.

mod meaning;
mod mistakes;
mod oracle;

use super::*;

/// An instance with two attributes of its own, one of them without a value.
struct Instance {
    running_tasks: u32,
    groups: &'static [&'static str],
}

const BUSY: Instance = Instance {
    running_tasks: 3,
    groups: &["service:web", "family:job"],
};

impl QuerySubject for Instance {
    fn attribute(&self, name: &str) -> Option<&str> {
        match name {
            attribute::INSTANCE_TYPE => Some("g2.2xlarge"),
            attribute::AVAILABILITY_ZONE => Some("us-east-1a"),
            "stack" => Some("my prod"),
            "disk" => Some("100"),
            "retiring" => Some(""),
            _ => None,
        }
    }

    fn agent_version(&self) -> &'static str {
        "1.14.5"
    }

    fn is_agent_connected(&self) -> bool {
        true
    }

    fn instance_id(&self) -> &'static str {
        "i-abcd1234"
    }

    fn registered_at_unix_ms(&self) -> i64 {
        1_529_360_908_000 // 2018-06-18T22:28:28Z
    }

    fn running_tasks(&self) -> u32 {
        self.running_tasks
    }

    fn has_group_where(&self, is_meant: &mut dyn FnMut(&str) -> bool) -> bool {
        self.groups.iter().any(|group| is_meant(group))
    }
}

#[track_caller]
fn read(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"))
}
