//! `spread:type`: tasks go evenly to the types of a group, and leave the fullest one first.

use crate::program::Folder;

/// One m5.large; after it two m5.xlarge, since AWS is short of the other. The service wants two
/// tasks, after ten minutes six, and after twenty three.
const TYPES: &str = r#"name = "types"
horizon = "1h"
[[task_definition]]
name = "web"
cpu = 256
memory = 256
[[service]]
name = "web"
task_definition = "web"
desired = 2
placement = ["spread:type"]
[service.scaling]
min = 2
max = 10
schedule = [{ at = "10m", min = 6 }, { at = "20m", min = 2, max = 3 }]
[[shortage]]
of = "instances"
instance_type = "m5.large"
at = "1m"
for = "10m"
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = ["m5.large", "m5.xlarge"]
zones = 1
min = 1
max = 3
scaling = "none"
schedule = [{ at = "2m", desired = 3 }]
"#;

#[test]
fn tasks_spread_over_the_types_of_a_group() {
    let folder = Folder::new("spread_types");
    folder.write("types.toml", TYPES);
    folder.fine(&["run", "types.toml", "-q", "--no-charts"]);
    let instances = folder.table("output/types/clusters/ec2/instances.csv");
    let types = ["i0", "i1", "i2"].map(|id| instances.row(id).text("instance_type").to_owned());
    assert_eq!(types, ["m5.large", "m5.xlarge", "m5.xlarge"]);
    let tasks = folder.table("output/types/clusters/ec2/tasks.csv");
    let place = |number| {
        let row = tasks.row(&format!("web-{number}"));
        (row.text("instance").to_owned(), row.whole("stopped_ms"))
    };
    let at = |instance: &str, stopped| (instance.to_owned(), stopped);
    // Two on the only type; then two to one, two to two, three to two, three to three. Which of the
    // two of a type does not matter to this strategy alone: the one launched first.
    let here = (0..6).map(place).collect::<Vec<_>>();
    let went = Some(1_200_000);
    let expected = [
        at("i0", None),
        at("i0", None),
        at("i1", None),
        at("i1", went),
        at("i0", went),
        at("i1", went),
    ];
    // Three go: the newest of three and three, the newest of the fuller type, the newest again.
    assert_eq!(here, expected);
}
