//! Layers that images share are pulled once by each instance, and by each task on Fargate.

use crate::program::Folder;

/// 60 of 120 MB of one image, and of 180 MB of another; 2 s and 60 MB a second.
const LAYERS: &str = r#"name = "layers"
horizon = "10m"
[[task_definition]]
name = "web"
cpu = 256
memory = 256
image_size = "120 MB"
image_layers = { jdk = "60 MB" }
[[task_definition]]
name = "api"
cpu = 256
memory = 256
image_size = "180 MB"
image_layers = { jdk = "60 MB" }
[[workload]]
name = "web"
trace = "web.csv"
task_definition = "web"
[[workload]]
name = "api"
trace = "api.csv"
task_definition = "api"
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
zones = 1
count = 1
[cluster.ec2.task_times]
pre_pull = "0s"
start = "0s"
[[cluster]]
name = "fargate"
[cluster.fargate]
[cluster.fargate.task_times]
pre_pull = "0s"
start = "0s"
"#;

#[test]
fn an_instance_pulls_a_shared_layer_once() {
    let folder = Folder::new("image_layers");
    folder.write("layers.toml", LAYERS);
    let head = "id,arrival,cpu,memory,duration\n";
    folder.write(
        "web.csv",
        format!("{head}w0,0,256,256,1m\nw1,2m,256,256,1m\n"),
    );
    folder.write(
        "api.csv",
        format!("{head}a0,1m,256,256,1m\na1,3m,256,256,1m\n"),
    );
    folder.fine(&["run", "layers.toml", "-q", "--no-charts"]);
    let pulls = |cluster: &str| {
        let tasks = folder.table(&format!("output/layers/clusters/{cluster}/tasks.csv"));
        ["w0", "a0", "w1", "a1"].map(|id| {
            let row = tasks.row(id);
            let (from, until) = (row.whole("pull_started_ms"), row.whole("started_ms"));
            until.zip(from).map(|(until, from)| until - from)
        })
    };
    // The second image lacks 120 MB on the instance; after that, each image is there.
    assert_eq!(pulls("ec2"), [4_000, 4_000, 500, 500].map(Some));
    assert_eq!(pulls("fargate"), [4_000, 5_000, 4_000, 5_000].map(Some));
}
