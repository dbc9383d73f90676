//! Price files with something wrong: everything at once, with its place and a way out.

use ecsim::billing::{Day, PriceBook, read_prices};
use ecsim::diagnostic::render;
use proptest::prelude::*;

use super::shop;

/// What is said about a file.
#[track_caller]
fn check(text: &str, expected: &str) {
    let shown = match read_prices(text, "own.csv") {
        Ok(_) => String::new(),
        Err(report) => render(&report),
    };
    assert!(
        shown == expected,
        "--- said\n{shown}\n--- expected\n{expected}"
    );
}

/// The first lines of what is said, without places and ways out.
fn heads(text: &str) -> Vec<String> {
    let report = read_prices(text, "own.csv").unwrap_err();
    let shown = render(&report);
    let heads = shown.lines().filter(|line| line.contains("]: "));
    heads.map(str::to_owned).collect()
}

#[test]
fn every_slip_of_every_row_is_told() {
    check(
        "region,item,list_usd,contracted_usd,discount,unit,currency,from,until\n\
         us-esat-1,ec2/m5.larg,0.1,,,,,,\n\
         us-east-1,ec2/m5.large,0.1,,,month,EUR,,\n\
         us-east-1,fargate/*,,0.03,12%,,,2026-02-30,\n\
         ,nat/data,1e3,,,,,2026-02-01,2026-01-31\n",
        "\
error[P0007]: AWS has no region `us-esat-1`
 --> own.csv:2:1
  |
2 | us-esat-1,ec2/m5.larg,0.1,,,,,,
  | ^^^^^^^^^
hint: did you mean `us-east-1`?

error[P0008]: there is no item `ec2/m5.larg`
 --> own.csv:2:11
  |
2 | us-esat-1,ec2/m5.larg,0.1,,,,,,
  |           ^^^^^^^^^^^
hint: did you mean `ec2/m5.large`?

error[P0013]: m5.large is not priced by `month`
 --> own.csv:3:30
  |
3 | us-east-1,ec2/m5.large,0.1,,,month,EUR,,
  |                              ^^^^^
hint: give the price by `instance-hour`

error[P0014]: the price is in `EUR`, but all prices are in USD
 --> own.csv:3:36
  |
3 | us-east-1,ec2/m5.large,0.1,,,month,EUR,,
  |                                    ^^^
hint: AWS bills in US dollars; give the price in them, and convert the result

error[P0006]: a price is for one item, not for many
 --> own.csv:4:22
  |
4 | us-east-1,fargate/*,,0.03,12%,,,2026-02-30,
  |                      ^^^^
hint: name the item without `*`, or give a `discount` instead

error[P0006]: `contracted_usd` and `discount` both say what is paid
 --> own.csv:4:27
  |
4 | us-east-1,fargate/*,,0.03,12%,,,2026-02-30,
  |                           ^^^
hint: keep one of them; a discount is off the list price

error[P0012]: `2026-02-30` is no day
 --> own.csv:4:33
  |
4 | us-east-1,fargate/*,,0.03,12%,,,2026-02-30,
  |                                 ^^^^^^^^^^
hint: write it like `2026-09-01`

error[P0005]: the row has no `region`
 --> own.csv:5:1
  |
5 | ,nat/data,1e3,,,,,2026-02-01,2026-01-31
  | ^
hint: name the region, or write `*` for all

error[P0009]: `1e3` is no price: not a decimal number
 --> own.csv:5:11
  |
5 | ,nat/data,1e3,,,,,2026-02-01,2026-01-31
  |           ^^^
hint: write dollars like `0.0864`, without a sign

error[P0012]: it ends on 2026-01-31, before it begins on 2026-02-01
 --> own.csv:5:30
  |
5 | ,nat/data,1e3,,,,,2026-02-01,2026-01-31
  |                              ^^^^^^^^^^
hint: `from` is the first day on which it holds, `until` the last
",
    );
}

#[test]
fn amounts_are_dollars_and_percentages() {
    let found = heads(
        "region,item,list_usd,discount\n\
         us-east-1,nat/data,$0.045,\n\
         us-east-1,nat/hour,0.0000000000001,\n\
         us-east-1,alb/hour,,12\n\
         us-east-1,alb/lcu,,101%\n\
         us-east-1,nlb/hour,,-5%\n\
         us-east-1,nlb/lcu,,\n\
         us-east-1,ecs/managed-instances,1.5,\n\
         us-east-1,lambda/*,,5%\n\
         us-east-1,ec2/m5.large,0,08,\n",
    );
    let expected = [
        "error[P0009]: `$0.045` is no price: not a decimal number",
        "error[P0009]: `0.0000000000001` is no price: a price has at most twelve decimals and is below 18 \
         million dollars",
        "error[P0011]: `12` is no discount: it has no `%`",
        "error[P0011]: `101%` is no discount: it takes off more than all",
        "error[P0011]: `-5%` is no discount: it is negative",
        "error[P0005]: the row does not say how much",
        "error[P0009]: `1.5` is no price: a price has at most twelve decimals and is below 18 million \
         dollars",
        "error[P0008]: there is nothing whose name begins with `lambda/`",
        "error[P0001]: the header has 4 columns, this row has 5",
    ];
    assert_eq!(found, expected);
}

#[test]
fn rows_about_one_thing_leave_no_gap_and_do_not_overlap() {
    check(
        "region,item,list_usd,discount,from,until\n\
         us-east-1,nat/data,0.05,,2026-01-01,2026-03-31\n\
         us-east-1,nat/data,0.06,,2026-03-01,\n\
         us-east-1,nat/data,0.07,,2026-03-01,\n\
         *,ec2/*,,5%,,2025-12-31\n\
         *,ec2/*,,6%,2026-02-01,\n",
        "\
error[P0015]: on 2026-03-01 the row on line 2 still holds for `nat/data`
 --> own.csv:3:11
  |
3 | us-east-1,nat/data,0.06,,2026-03-01,
  |           ^^^^^^^^
hint: let that one end on 2026-02-28, or leave out its `until`

error[P0015]: line 3 already says what `nat/data` costs from 2026-03-01 on
 --> own.csv:4:11
  |
4 | us-east-1,nat/data,0.07,,2026-03-01,
  |           ^^^^^^^^
hint: keep one of the two, or give the later one its first day in `from`

error[P0016]: from 2026-01-01 to 2026-01-31 nothing is said about `ec2/*`
 --> own.csv:6:3
  |
6 | *,ec2/*,,6%,2026-02-01,
  |   ^^^^^
hint: let the row on line 5 end on 2026-01-31, or add one for these days: `discount` 0% is the list price
",
    );
    // What AWS asks and what is paid have times of their own; so have regions and items.
    check(
        "region,item,list_usd,contracted_usd,discount,from,until\n\
         us-east-1,nat/data,0.05,,,2026-01-01,2026-03-31\n\
         us-east-1,nat/data,,0.04,,2026-02-01,2026-03-31\n\
         us-east-1,nat/data,,,5%,2026-04-01,\n\
         us-east-2,nat/data,0.05,,,2026-01-01,\n\
         us-east-1,nat/*,,,5%,2026-02-01,\n",
        "",
    );
    // A row that says both is wrong once.
    let twice =
        "region,item,list_usd,contracted_usd\nus-east-1,nat/data,1,1\nus-east-1,nat/data,1,1\n";
    assert_eq!(heads(twice).len(), 1);
}

#[test]
fn a_header_is_judged_as_a_whole() {
    check(
        "regoin,item,price,item\nus-east-1,ec2/m5.large,0.1,\n",
        "\
error[P0003]: `regoin` is no column of a price file
 --> own.csv:1:1
  |
1 | regoin,item,price,item
  | ^^^^^^
hint: did you mean `region`?

error[P0003]: `price` is no column of a price file
 --> own.csv:1:13
  |
1 | regoin,item,price,item
  |             ^^^^^
hint: it can be `region`, `item`, `list_usd`, `contracted_usd`, `discount`, `unit`, `currency`, `from`, `until`, `note`; put what is for people into `note`

error[P0003]: `item` stands here twice
 --> own.csv:1:19
  |
1 | regoin,item,price,item
  |                   ^^^^
hint: keep one of the two

error[P0004]: there is no column `region`
 --> own.csv:1:23
  |
1 | regoin,item,price,item
  |                       ^
hint: name the columns as in `region,item,list_usd,contracted_usd,discount,from,until,note`

error[P0004]: there is no column that says how much
 --> own.csv:1:23
  |
1 | regoin,item,price,item
  |                       ^
hint: add `list_usd`, `contracted_usd` or `discount`
",
    );
    let one = |text: &str| heads(text).join("\n");
    assert_eq!(one(""), "error[P0001]: the file is empty");
    assert_eq!(
        one("region,item,discount\n\n,,\n"),
        "error[P0002]: the file has no prices in it"
    );
    assert_eq!(
        one("region,item,discount\nus-east-1,\"ec2/*,5%\n"),
        "error[P0001]: this quote is not closed on its line"
    );
    // What spreadsheets add does not matter.
    check(
        "\u{feff}Region,ITEM,discount\r\n\r\nus-east-1,ec2/*,5%\r\n,,\r\n",
        "",
    );
}

#[test]
fn json_is_judged_alike() {
    check(
        r#"[
  {"region": "us-east-1", "item": "ec2/m5.large", "list_usd": -0.1},
  {"region": "us-east-1", "itme": "ec2/*", "discount": "5%"},
  {"region": "us-east-1", "item": "ec2/*", "discount": ["5%"]},
  {"item": "ec2/*", "discount": "5%"},
  7
]"#,
        r#"error[P0010]: `-0.1` is no price: a price cannot be negative
 --> own.csv:2:63
  |
2 |   {"region": "us-east-1", "item": "ec2/m5.large", "list_usd": -0.1},
  |                                                               ^^^^
hint: what costs nothing costs `0`

error[P0003]: `itme` is no column of a price file
 --> own.csv:3:27
  |
3 |   {"region": "us-east-1", "itme": "ec2/*", "discount": "5%"},
  |                           ^^^^^^
hint: did you mean `item`?

error[P0001]: `discount` must be text or a number
 --> own.csv:4:56
  |
4 |   {"region": "us-east-1", "item": "ec2/*", "discount": ["5%"]},
  |                                                        ^^^^^^
hint: write a list of objects, each as `{ "region": "us-east-1", "item": "ec2/m5.large", "discount": "12%" }`

error[P0005]: the row has no `region`
 --> own.csv:5:3
  |
5 |   {"item": "ec2/*", "discount": "5%"},
  |   ^
hint: name the region, or write `*` for all

error[P0001]: this is no price
 --> own.csv:6:3
  |
6 |   7
  |   ^
hint: write a list of objects, each as `{ "region": "us-east-1", "item": "ec2/m5.large", "discount": "12%" }`
"#,
    );
    let one = |text: &str| heads(text).join("\n");
    assert_eq!(
        one("{\"price\": []}"),
        "error[P0001]: this is no list of prices"
    );
    assert_eq!(one("[]"), "error[P0002]: the file has no prices in it");
    assert!(one("[{]").starts_with("error[P0001]: "));
}

#[test]
fn a_scenario_shows_what_is_wrong_in_its_files_beside_its_own() {
    let folder = shop(
        "prices_wrong",
        "region,item,list_usd\nus-east-1,ec2/m5.larg,0.1\n",
    );
    let scenario =
        super::SCENARIO.replace("\"own.csv\"", "[\"own.csv\", \"gone.csv\", \"own.csv\"]");
    folder.write("shop.toml", scenario.replace("count = 1", "cuont = 1"));
    let ran = folder.run(&["shop.toml"]);
    let heads: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.contains("]: "))
        .collect();
    assert_eq!(
        heads,
        [
            "error[P0008]: there is no item `ec2/m5.larg`",
            "error[S0301]: `gone.csv` cannot be opened: No such file or directory (os error 2)",
            "error[S0010]: `own.csv` is named twice",
            "error[S0003]: `cluster.ec2` needs `count` or `min` and `max`",
            "error[S0002]: `cuont` is not a key of `cluster.ec2`",
        ]
    );
    assert_eq!(ran.code, Some(2));
    // A day is a day.
    folder.write("own.csv", "region,item,discount\nus-east-1,ec2/*,5%\n");
    folder.write("shop.toml", super::SCENARIO);
    let ran = folder.run(&["shop.toml", "--set", "prices_at=2026-03-02T00:00:00Z"]);
    let head =
        "error[S0005]: `prices_at` is no day: it is no date of the calendar without a time\n";
    assert!(ran.err.starts_with(head), "{}", ran.err);
    let plain = super::SCENARIO.replace("prices = \"own.csv\"", "prices_at = 2026-03-02");
    folder.write("shop.toml", plain);
    let ran = folder.fine(&["shop.toml", "--no-charts"]);
    let head = "warning[S0101]: `prices_at` has no effect without `prices`\n";
    assert!(ran.err.starts_with(head), "{}", ran.err);
}

/// Pieces of price files; put together at random they are nearly right.
const PIECES: [&str; 25] = [
    "us-east-1",
    "*",
    "ec2/m5.large",
    "fargate/*",
    "nat/data",
    "0.05",
    "12%",
    "2026-01-01",
    "2026-02-28",
    ",",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\"",
    "é",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\"item\"",
    "\"discount\"",
    " ",
];

proptest! {
    #[test]
    fn any_text_is_a_price_file_or_refused_with_reasons(
        head in 0..3_usize,
        pieces in prop::collection::vec(0..PIECES.len(), 0..60),
    ) {
        let head = ["", "region,item,list_usd,discount,from,until\n", "[{"][head];
        let body: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        match read_prices(&format!("{head}{body}"), "own.csv") {
            Ok(file) => {
                prop_assert!(file.rows() > 0);
                for day in file.days() {
                    prop_assert!((1..=file.rows()).contains(&file.in_force(day)));
                    let book = PriceBook::embedded_for("us-east-1");
                    let (book, report) = book.with_files(std::slice::from_ref(&file), day);
                    prop_assert_eq!(book.regions().count(), 1);
                    render(&report);
                }
                prop_assert!(file.in_force(Day::of_epoch_ms(0)) <= file.rows());
            }
            Err(report) => {
                prop_assert!(report.has_errors());
                prop_assert!(!render(&report).is_empty());
            }
        }
    }
}
