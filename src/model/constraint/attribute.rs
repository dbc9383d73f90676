//! Attributes of container instances: the names that ECS sets by itself, and what a name and a
//! value may look like.
//!
//! Names stand here without `attribute:`, as [`QuerySubject::attribute`](super::QuerySubject) is
//! asked for them.
//!
//! Source: ECS Developer Guide, container instance attributes; ECS API, `Attribute`.

/// The Availability Zone: `us-east-1a`.
pub const AVAILABILITY_ZONE: &str = "ecs.availability-zone";
/// The EC2 instance type: `m5.large`.
pub const INSTANCE_TYPE: &str = "ecs.instance-type";
/// The operating system: `linux` or `windows`.
pub const OS_TYPE: &str = "ecs.os-type";
/// The operating system with its version: `LINUX`, `WINDOWS_SERVER_2022_CORE`.
pub const OS_FAMILY: &str = "ecs.os-family";
/// The processors: `x86_64` or `arm64`.
pub const CPU_ARCHITECTURE: &str = "ecs.cpu-architecture";
/// The machine image: `ami-0abcdef1234567890`.
pub const AMI_ID: &str = "ecs.ami-id";
/// The VPC: `vpc-0abcdef1234567890`.
pub const VPC_ID: &str = "ecs.vpc-id";
/// The subnet: `subnet-0abcdef1234567890`.
pub const SUBNET_ID: &str = "ecs.subnet-id";

/// Names that ECS gives a value by itself.
///
/// Source: ECS Developer Guide, container instance attributes.
pub const OF_ECS: [&str; 8] = [
    AVAILABILITY_ZONE,
    INSTANCE_TYPE,
    OS_TYPE,
    OS_FAMILY,
    CPU_ARCHITECTURE,
    AMI_ID,
    VPC_ID,
    SUBNET_ID,
];

/// Bytes that a name and a value can have.
pub const LENGTH_MAX: usize = 128;

/// Whether an attribute can have this name: 1 to 128 letters, digits, `-`, `_`, `/`, `\` and `.`.
pub fn is_name(name: &str) -> bool {
    (1..=LENGTH_MAX).contains(&name.len()) && name.bytes().all(is_name_byte)
}

/// Whether an attribute can have this value: 1 to 128 letters, digits, `-`, `_`, `.`, `@`, `/`,
/// `\`, `:` and blanks, no blank at either end.
pub fn is_value(value: &str) -> bool {
    (1..=LENGTH_MAX).contains(&value.len())
        && value.trim() == value
        && value
            .bytes()
            .all(|byte| is_name_byte(byte) || matches!(byte, b'@' | b':' | b' '))
}

pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'\\' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_those_that_the_api_takes() {
        let longest = "x".repeat(128);
        for name in ["a", "ecs.os-type", "team/web_1", "a\\b", &longest] {
            assert!(is_name(name), "{name}");
        }
        let too_long = "x".repeat(129);
        for name in ["", "a b", "a:b", "ä", "a=b", &too_long] {
            assert!(!is_name(name), "{name}");
        }
        for value in ["1", "my prod", "me@here:80", "a/b\\c.d-e_f", &longest] {
            assert!(is_value(value), "{value}");
        }
        for value in ["", " a", "a ", "a(b)", "ä", &too_long] {
            assert!(!is_value(value), "{value}");
        }
    }
}
