//! Damage to a JSON document: values replaced, members gone, twice or renamed, nested too deeply.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{extreme, times};

pub(super) fn spoil(start: &[u8], random: &mut Rng) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(start) else { return start.to_vec() };
    for _ in 0..times(random) {
        if random.bool() {
            descend(&mut value, random);
        } else {
            let places = count(&value);
            let mut at = random.usize(..places);
            change(&mut value, &mut at, random);
        }
    }
    let mut text = serde_json::to_vec(&value).unwrap_or_default();
    if text.len() > 1 << 20 {
        return start.to_vec();
    }
    if random.u8(..) < 4 {
        // Deeper than any parser should follow.
        let depth = 1 << random.u8(4..16);
        text = [vec![b'['; depth], text, vec![b']'; depth]].concat();
    }
    text
}

/// Values in `value`, itself among them.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Changes the value that is number `at` in the order of [`count`].
fn change(value: &mut Value, at: &mut usize, random: &mut Rng) -> bool {
    if *at == 0 {
        replace(value, random);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(item, at, random)),
        Value::Object(members) => members.values_mut().any(|member| change(member, at, random)),
        _ => false,
    }
}

/// Changes a value that is found from above, level by level: of a lesson nearly all values are weights, beside which none
/// of its other fields would be found.
fn descend(value: &mut Value, random: &mut Rng) {
    let inner = match value {
        Value::Array(items) if !items.is_empty() => {
            let at = random.usize(..items.len());
            items.get_mut(at)
        }
        Value::Object(members) if !members.is_empty() => {
            let at = random.usize(..members.len());
            members.values_mut().nth(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) if random.u8(..4) > 0 => descend(inner, random),
        _ => replace(value, random),
    }
}

fn replace(value: &mut Value, random: &mut Rng) {
    // A few kilobytes: what is large tests the mutations.
    const LONG: usize = 2048;
    match (random.u8(..4), &mut *value) {
        (0, Value::Object(members)) => alter(members, random),
        (0 | 1, Value::Array(items)) if !items.is_empty() => {
            let at = random.usize(..items.len());
            if random.bool() || items.len() > LONG {
                items.remove(at);
            } else {
                let copy = items[at].clone();
                items.extend(vec![copy; 1 << random.u8(..6)]);
            }
        }
        (0 | 1, Value::String(text)) => {
            *text = match random.u8(..4) {
                0 => String::new(),
                1 if text.len() < LONG => text.repeat(1 << random.u8(..10)),
                2 => format!("{text}\u{0}\u{202e}"),
                _ => {
                    ["benign", "malignant", "NaN", "../../x", "\u{1F52C}"][random.usize(..5)].into()
                }
            };
        }
        _ => {
            *value = match random.u8(..8) {
                0 => Value::Null,
                1 => json!(random.bool()),
                2 | 3 => json!(extreme(random)),
                4 => json!(f64::from_bits(random.u64(..))),
                5 => json!(random.f64() * 2.0 - 0.5),
                6 => json!([]),
                _ => json!({}),
            };
        }
    }
}

fn alter(members: &mut Map<String, Value>, random: &mut Rng) {
    let keys: Vec<String> = members.keys().cloned().collect();
    let Some(key) = random.choice(&keys) else { return };
    match random.u8(..3) {
        0 => drop(members.remove(key)),
        1 => {
            let value = members.remove(key).unwrap_or_default();
            members.insert(format!("{key}_"), value);
        }
        _ => {
            let value = members[key].clone();
            members.insert("unknown".into(), value);
        }
    }
}
