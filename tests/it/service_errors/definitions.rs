//! Task definitions: sizes, ports, containers, constraints, names.

use super::{add, check};

#[test]
fn sizes_of_containers_fit_the_task() {
    add(
        r#"name = "job""#,
        r#"cpu = 128
memory = "256 MiB""#,
        r#"
error[S0204]: the containers have 256 CPU units together, but the task 128
  --> shop.toml:11:7
   |
11 | cpu = 128
   |       ^^^
hint: give the task at least 256 CPU units, or its containers less

error[S0204]: the hard limit of 512 MiB is above the task's 256 MiB
  --> shop.toml:16:10
   |
16 | memory = "512 MiB"
   |          ^^^^^^^^^
hint: give the task at least 512 MiB, or this container less
"#,
    );
}

#[test]
fn somebody_says_how_much_memory_there_is() {
    check(
        &[(
            r#"cpu = 256
memory = "512 MiB""#,
            "cpu = 256",
        )],
        r"
error[S0204]: neither the task nor this container says how much memory it has
  --> shop.toml:11:1
   |
11 | [[task_definition.container]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: give the container a hard limit or a reservation, or the task a size
",
    );
}

#[test]
fn what_does_not_read_is_told_once() {
    check(
        &[(
            r#"cpu = 256
memory = "512 MiB""#,
            r#"cpu = 256
memory = "5 parsecs""#,
        )],
        r#"
error[S0005]: `memory` is no amount of memory: its unit is not MiB (a plain number), `GiB` or `TiB`
  --> shop.toml:14:10
   |
14 | memory = "5 parsecs"
   |          ^^^^^^^^^^^
hint: write it like `"512 MiB"` or `"2 GiB"`
"#,
    );
    check(
        &[(
            "[[task_definition.container]]",
            "[[task_definition.containers]]",
        )],
        r"
error[S0002]: `containers` is not a key of `task_definition`
  --> shop.toml:11:19
   |
11 | [[task_definition.containers]]
   |                   ^^^^^^^^^^
hint: did you mean `container`?
",
    );
}

#[test]
fn a_host_port_is_taken_once() {
    add(
        r#"memory = "512 MiB""#,
        "ports = [{ container = 80, host = 8080 }, { container = 81, host = 8080 }]",
        r"
error[S0205]: port 8080/tcp on the instance is taken by container `app`
  --> shop.toml:15:68
   |
15 | ports = [{ container = 80, host = 8080 }, { container = 81, host = 8080 }]
   |                                                                    ^^^^
hint: take another host port, or leave it out for a dynamic one
",
    );
}

#[test]
fn in_mode_awsvpc_host_ports_are_those_of_the_container() {
    add(
        r#"memory = "1 GiB""#,
        r#"network = "awsvpc"
ports = [{ container = 80, host = 8080 }]"#,
        r"
error[S0205]: in mode `awsvpc`, host port 8080 cannot differ from port 80
 --> shop.toml:9:35
  |
9 | ports = [{ container = 80, host = 8080 }]
  |                                   ^^^^
hint: leave the host port out: it is the same as the container port
",
    );
}

#[test]
fn a_container_waits_for_one_that_is_there() {
    add(
        r#"memory = "512 MiB""#,
        r#"depends_on = [{ container = "ap", condition = "start" }]"#,
        r#"
error[S0206]: there is no container called `ap`
  --> shop.toml:15:29
   |
15 | depends_on = [{ container = "ap", condition = "start" }]
   |                             ^^^^
hint: the containers are `app`
"#,
    );
}

#[test]
fn keys_of_the_only_container_are_not_for_several() {
    add(
        r#"name = "job""#,
        r#"image_size = "1 GB""#,
        r#"
error[S0009]: `image_size` cannot stand beside `container`
  --> shop.toml:11:14
   |
11 | image_size = "1 GB"
   |              ^^^^^^
hint: put it into the `[[task_definition.container]]` that it is about
"#,
    );
}

#[test]
fn layers_are_part_of_their_image() {
    add(
        r#"memory = "1 GiB""#,
        r#"image_size = "1 GB"
image_layers = { jdk = "700 MB", debian = "0.4 GB" }"#,
        r#"
error[S0009]: the layers of image `web` have 1100000 kB together, and it 1000000 kB
 --> shop.toml:8:14
  |
8 | image_size = "1 GB"
  |              ^^^^^^
hint: `image_size` is that of the whole image, its layers included
"#,
    );
    add(
        r#"memory = "1 GiB""#,
        r#"image_layers = { jdk = "700 MB" }"#,
        r"
error[S0009]: image `web` has no size, but its layers have
 --> shop.toml:4:1
  |
4 | [[task_definition]]
  | ^^^^^^^^^^^^^^^^^^^
hint: add `image_size`: that of the whole image, its layers included
",
    );
    add(
        r#"memory = "1 GiB""#,
        "image_layers = { jdk = 700 }",
        r#"
error[S0004]: `jdk` must be an image size with its unit, but this is a whole number
 --> shop.toml:8:24
  |
8 | image_layers = { jdk = 700 }
  |                        ^^^
hint: write it like `"350 MB"` or `"1.2 GB"`
"#,
    );
}

#[test]
fn images_and_layers_of_one_name_are_the_same_everywhere() {
    let web = |more: &'static str| (r#"memory = "1 GiB""#, more);
    let job = |more: &'static str| (r#"memory = "512 MiB""#, more);
    check(
        &[
            web(r#"memory = "1 GiB"
image = "shop:1"
image_size = "600 MB"
image_layers = { jdk = "300 MB", debian = "100 MB" }"#),
            job(r#"memory = "512 MiB"
image = "shop:1"
image_size = "600 MB"
image_layers = { debian = "100 MB", jdk = "300 MB" }"#),
        ],
        "",
    );
    check(
        &[
            web(r#"memory = "1 GiB"
image = "shop:1"
image_size = "0.6 GB""#),
            job(r#"memory = "512 MiB"
image = "shop:1"
image_size = "600500 kB""#),
        ],
        r#"
error[S0009]: image `shop:1` has 600500 kB here, and 600 MB in task definition `web`
  --> shop.toml:18:14
   |
18 | image_size = "600500 kB"
   |              ^^^^^^^^^^^
hint: an image of one name is the same everywhere: give another one another name or tag
"#,
    );
    check(
        &[
            web(r#"memory = "1 GiB"
image = "shop:1"
image_size = "600 MB"
image_layers = { jdk = "300 MB" }"#),
            job(r#"memory = "512 MiB"
image = "shop:1"
image_size = "600 MB""#),
        ],
        r#"
error[S0009]: image `shop:1` has other layers here than in task definition `web`
  --> shop.toml:19:14
   |
19 | image_size = "600 MB"
   |              ^^^^^^^^
hint: an image of one name is the same everywhere: give another one another name or tag
"#,
    );
    check(
        &[
            web(r#"memory = "1 GiB"
image_size = "600 MB"
image_layers = { jdk = "300 MB" }"#),
            job(r#"memory = "512 MiB"
image_size = "600 MB"
image_layers = { jdk = "30 MB" }"#),
        ],
        r#"
error[S0009]: layer `jdk` has 30 MB here, and 300 MB in image `web`
  --> shop.toml:18:24
   |
18 | image_layers = { jdk = "30 MB" }
   |                        ^^^^^^^
hint: a layer of one name is the same everywhere: give another one another name
"#,
    );
}

#[test]
fn a_query_shows_its_mistake_inside_the_text() {
    add(
        r#"memory = "1 GiB""#,
        r#"constraints = ["attribute:stack = prod", "distinctInstance"]"#,
        r#"
error[S0009]: `distinctInstance` is no constraint of a task definition
 --> shop.toml:8:15
  |
8 | constraints = ["attribute:stack = prod", "distinctInstance"]
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: put it on the service; a task definition takes `memberOf` alone

error[S0304]: `=` is not an operator
 --> shop.toml:8:33
  |
8 | constraints = ["attribute:stack = prod", "distinctInstance"]
  |                                 ^
hint: did you mean `==`?
"#,
    );
    add(
        "desired = 4",
        r#"constraints = ["attribute:ecs.instance-type =~ m5.* adn runningTasksCount > 1"]"#,
        r#"
error[S0304]: `adn` stands where `and`, `or` or the end is expected
  --> shop.toml:27:53
   |
27 | constraints = ["attribute:ecs.instance-type =~ m5.* adn runningTasksCount > 1"]
   |                                                     ^^^
hint: join conditions with `and` or `or`; a value with a blank needs quotes
"#,
    );
}

#[test]
fn a_definition_needs_a_name_that_ecs_takes() {
    check(
        &[(
            r#"name = "web"
cpu"#,
            r#"name = "we b"
cpu"#,
        )],
        r#"
error[S0008]: `we b` is no name of a task definition
 --> shop.toml:5:8
  |
5 | name = "we b"
  |        ^^^^^^
hint: take letters, digits, `-` and `_`, and a revision if you like: `web:2`

error[S0303]: there is no task definition `web`
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^
hint: did you mean `we b`?
"#,
    );
}

#[test]
fn a_definition_stands_in_one_place() {
    add(
        r#"name = "jobs""#,
        r#"task_definition = "job""#,
        r#"
error[S0009]: `task_definition` stands beside `trace`, or inside `generate`
  --> shop.toml:18:19
   |
18 | task_definition = "job"
   |                   ^^^^^
hint: move it to `[workload.generate]`, where it replaces `cpu` and `memory`
"#,
    );
}

#[test]
fn storage_of_a_definition_needs_a_price() {
    check(
        &[
            ("horizon", "region = \"eu-west-1\"\nhorizon"),
            (
                r#"memory = "1 GiB""#,
                "memory = \"1 GiB\"\nephemeral_storage = \"50 GiB\"",
            ),
        ],
        r#"
error[S0017]: there is no price for Fargate ephemeral storage on x86_64 in eu-west-1
 --> shop.toml:9:21
  |
9 | ephemeral_storage = "50 GiB"
  |                     ^^^^^^^^
hint: `us-west-2` has a price for Fargate ephemeral storage on x86_64
"#,
    );
}

#[test]
fn a_workload_says_how_its_tasks_are_placed() {
    add(
        "name = \"jobs\"",
        r#"placement = ["spread:instance"]
constraints = ["distinctInstance", "attribute:ecs.instance-type =~ m5.*"]"#,
        "",
    );
    add(
        "name = \"jobs\"",
        r#"constraints = ["attribute:stack = prod"]"#,
        r#"
error[S0304]: `=` is not an operator
  --> shop.toml:18:33
   |
18 | constraints = ["attribute:stack = prod"]
   |                                 ^
hint: did you mean `==`?
"#,
    );
}

#[test]
fn constraints_are_written_as_the_scenario_takes_them() {
    add(
        r#"memory = "1 GiB""#,
        r#"constraints = ["distinctInstances", "memberOf(attribute:stack == prod)"]"#,
        r#"
error[S0304]: `distinctInstances` is no constraint
 --> shop.toml:8:16
  |
8 | constraints = ["distinctInstances", "memberOf(attribute:stack == prod)"]
  |                ^^^^^^^^^^^^^^^^^^^
hint: did you mean `distinctInstance`?

error[S0304]: `memberOf(attribute:stack == prod)` is no constraint
 --> shop.toml:8:37
  |
8 | constraints = ["distinctInstances", "memberOf(attribute:stack == prod)"]
  |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: write the expression alone: `attribute:stack == prod`
"#,
    );
}
