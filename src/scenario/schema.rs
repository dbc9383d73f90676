//! The table of keys as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::document::{self, Node, Table};
use super::keys::{DISTRIBUTION, Key, Kind, MEMORY_USE, Need, ROOT, Section, Word};

const DURATION: &str =
    r"^\s*(\d+(\.\d*)?|\.\d+)\s*[A-Za-z]+(\s*(\d+(\.\d*)?|\.\d+)\s*[A-Za-z]+)*\s*$";
const CPU: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*([Vv][Cc][Pp][Uu][Ss]?)?\s*$";
const MEMORY: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*([MmGgTt][Ii]?[Bb])?\s*$";
const VOLUME: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*[MmGgTt][Ii]?[Bb]\s*$";
const RATE: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*/\s*(s|sec|second|m|min|minute|h|hour)\s*$";
const CHANCE: &str = r"^\s*((\d+(\.\d*)?|\.\d+)\s*%?|\d+\s*/\s*\d+)\s*$";
const PERCENT: &str = r"^\s*(\d+(\.\d?)?|\.\d)\s*%\s*$";
const WHOLE_PERCENT: &str = r"^\s*\d+\s*%\s*$";
const BANDWIDTH: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*[kKMG]B\s*/\s*s\s*$";
const IMAGE_SIZE: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*[KkMmGg][Bb]\s*$";
const FOOTPRINT: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*[KkMmGg][Ii]?[Bb]\s*$";
const CPU_TIME: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*(us|ms|s|min|h)\s*$";
const LEVEL: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*(%|/\s*(s|sec|second|m|min|minute|h|hour))\s*$";
const OFFSET: &str =
    r"^\s*[+-]?\s*(\d+(\.\d*)?|\.\d+)\s*(%|/\s*(s|sec|second|m|min|minute|h|hour))\s*$";
const CHANGE: &str = r"^\s*[+-]?\s*(\d+(\.\d*)?|\.\d+)\s*%\s*$";
const MEMORY_USED: &str = r"^\s*(\d+(\.\d*)?|\.\d+)\s*([KkMmGg][Ii]?[Bb]|%)\s*$";
const GROWTH: &str =
    r"^\s*(\d+(\.\d*)?|\.\d+)\s*[KkMmGg][Ii]?[Bb]\s*/\s*(s|sec|second|m|min|minute|h|hour)\s*$";
const NUMBER: &str = r"^\s*(\d+(\.\d{0,3})?|\.\d{1,3})\s*$";
const NAME: &str = r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_-])?$";

/// A JSON Schema (draft 2020-12) of scenario files.
///
/// It says what one value can say about itself: types, words, patterns, bounds, and which keys go
/// together. What needs the whole picture, such as unique names or prices, only
/// [`parse`](super::parse) checks.
pub fn schema() -> Value {
    let mut schema = section(&ROOT, Some(&document::defaults()));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("ecsim scenario");
    schema["$defs"] = json!({
        "duration": { "type": "string", "pattern": DURATION },
        "distribution": {
            "oneOf": [{ "$ref": "#/$defs/duration" }, section(&DISTRIBUTION, None)],
        },
        "memory_use": {
            "oneOf": [{ "type": "string", "pattern": MEMORY_USED }, section(&MEMORY_USE, None)],
        },
    });
    schema
}

fn section(section: &Section, defaults: Option<&Table>) -> Value {
    let mut properties = Map::new();
    for key in section.keys {
        properties.insert(key.name.to_owned(), property(key, defaults));
    }
    let required: Vec<&str> = section
        .keys
        .iter()
        .filter(|key| key.need == Need::Required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": section.meaning,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !section.alternatives.is_empty() {
        let branches = (0..section.alternatives.len()).map(|chosen| branch(section, chosen));
        schema["oneOf"] = branches.collect();
    }
    schema
}

/// One group of keys is there, and none of the other groups.
fn branch(section: &Section, chosen: usize) -> Value {
    let mut required: Vec<&str> = Vec::new();
    let mut forbidden = Map::new();
    for (index, group) in section.alternatives.iter().enumerate() {
        for name in *group {
            let is_needed = section
                .key(name)
                .is_some_and(|key| key.need == Need::InGroup);
            if index != chosen {
                forbidden.insert((*name).to_owned(), json!(false));
            } else if is_needed {
                required.push(name);
            }
        }
    }
    json!({ "required": required, "properties": forbidden })
}

fn property(key: &Key, defaults: Option<&Table>) -> Value {
    let inner_defaults = defaults.and_then(|table| table.table(key.name));
    let mut schema = kind(key.kind, inner_defaults);
    let meaning = match (key.need, defaults.and_then(|table| table.get(key.name))) {
        (Need::Absent(otherwise), _) => format!("{} Left out: {otherwise}.", key.meaning),
        (Need::Default, Some(node)) => {
            if let Some(default) = plain(node) {
                schema["default"] = default;
            }
            key.meaning.to_owned()
        }
        (Need::Default | Need::Required | Need::InGroup, _) => key.meaning.to_owned(),
    };
    schema["description"] = json!(meaning);
    schema
}

fn kind(kind: Kind, defaults: Option<&Table>) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Name => json!({ "type": "string", "pattern": NAME }),
        Kind::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Duration { .. } => json!({ "$ref": "#/$defs/duration" }),
        Kind::Durations => {
            json!({ "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/duration" } })
        }
        Kind::Cpu => json!({ "oneOf": [{ "type": "string", "pattern": CPU }, positive(1)] }),
        Kind::Memory { min } => {
            json!({ "oneOf": [{ "type": "string", "pattern": MEMORY }, positive(min)] })
        }
        Kind::Volume { .. } => json!({ "type": "string", "pattern": VOLUME }),
        Kind::Rate { .. } => json!({ "type": "string", "pattern": RATE }),
        Kind::Chance => json!({ "type": "string", "pattern": CHANCE }),
        Kind::Percent { .. } => json!({ "type": "string", "pattern": PERCENT }),
        Kind::Number { max_milli } => json!({ "oneOf": [
            { "type": "string", "pattern": NUMBER },
            { "type": "number", "minimum": 0, "maximum": max_milli.div_euclid(1_000) },
        ] }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::WholePercent { .. } => json!({ "type": "string", "pattern": WHOLE_PERCENT }),
        Kind::Bandwidth => json!({ "type": "string", "pattern": BANDWIDTH }),
        Kind::OneOrMore { max } => json!({ "oneOf": [
            { "type": "string" },
            { "type": "array", "minItems": 1, "maxItems": max, "items": { "type": "string" } },
        ] }),
        Kind::Sizes => json!({
            "type": "object",
            "additionalProperties": { "type": "string", "pattern": IMAGE_SIZE },
        }),
        Kind::Pairs => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Date => json!({ "type": "string", "format": "date-time" }),
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Word(known) => words(known),
        Kind::Words { known, max } => {
            json!({ "type": "array", "maxItems": max, "items": words(known) })
        }
        Kind::Texts { max } => {
            json!({ "type": "array", "maxItems": max, "items": { "type": "string" } })
        }
        Kind::ImageSize => json!({ "type": "string", "pattern": IMAGE_SIZE }),
        Kind::Footprint => json!({ "type": "string", "pattern": FOOTPRINT }),
        Kind::CpuTime => json!({ "type": "string", "pattern": CPU_TIME }),
        Kind::Level { .. } => json!({ "type": "string", "pattern": LEVEL }),
        Kind::Offset => json!({ "type": "string", "pattern": OFFSET }),
        Kind::Change => {
            json!({ "oneOf": [{ "type": "integer" }, { "type": "string", "pattern": CHANGE }] })
        }
        Kind::MemoryUse => json!({ "$ref": "#/$defs/memory_use" }),
        Kind::MemoryGrowth => json!({ "type": "string", "pattern": GROWTH }),
        Kind::Distribution => json!({ "$ref": "#/$defs/distribution" }),
        Kind::Section(inner) => section(inner, defaults),
        Kind::Sections(inner) => {
            json!({ "type": "array", "minItems": 1, "items": section(inner, defaults) })
        }
    }
}

fn positive(min: u32) -> Value {
    json!({ "type": "integer", "minimum": min, "maximum": u32::MAX })
}

fn words(known: &[Word]) -> Value {
    let words: Vec<&str> = known.iter().map(|word| word.text).collect();
    json!({ "enum": words })
}

/// A default as JSON, where JSON has a word for it.
fn plain(node: &Node) -> Option<Value> {
    match &node.value {
        document::Value::Text(text) | document::Value::Date(text) => Some(json!(text)),
        document::Value::Whole(number) => Some(json!(i64::try_from((*number)?).ok()?)),
        document::Value::Boolean(is_true) => Some(json!(is_true)),
        document::Value::List(nodes) => nodes.iter().map(plain).collect(),
        document::Value::Decimal(_) | document::Value::Table(_) => None,
    }
}
