//! What there is, for programs (OpenAPI) and for people (a page of plain HTML, nothing fetched).

use std::fmt::Write;

use serde_json::{Map, Value};

pub(crate) const NOTICE: &str = "Research use only. Not a medical device, not a diagnosis.";

const OPENAPI: &str = include_str!("openapi.json");

/// The OpenAPI document.
pub(crate) fn openapi() -> Value {
    let mut document: Value = serde_json::from_str(OPENAPI).expect("a test reads it");
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document
}

/// Method and path of each operation, with its summary.
pub(crate) fn endpoints() -> Value {
    let mut all = Map::new();
    for (method, path, operation) in operations(&openapi()) {
        all.insert(format!("{} {path}", method.to_uppercase()), operation["summary"].clone());
    }
    Value::Object(all)
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .into_iter()
                .flatten()
                .map(move |(method, operation)| (method.clone(), path.clone(), operation.clone()))
        })
        .collect()
}

/// The same for people.
pub(crate) fn page() -> String {
    let document = openapi();
    let mut body = String::new();
    for (method, path, operation) in operations(&document) {
        let summary = text(&operation["summary"]);
        let about = text(&operation["description"]);
        let _ = write!(
            body,
            "<h2><code>{} {}</code></h2><p>{summary}</p><p>{about}</p>",
            escape(&method.to_uppercase()),
            escape(&path)
        );
        rows(&mut body, "Query", &operation["parameters"], |parameter| {
            (text(&parameter["name"]), text(&parameter["description"]))
        });
        let answers: Vec<(String, String)> = operation["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, answer)| (escape(status), text(&answer["description"])))
            .collect();
        table(&mut body, "Answer", &answers);
    }
    html("Histoscope: HTTP API", &format!("<p>{NOTICE}</p>{body}"))
}

/// In the place of the page, in a program that was built without it.
pub(crate) fn without_page() -> String {
    html(
        "Histoscope",
        &format!(
            "<p>{NOTICE}</p><p>This program was built without the page. \
             <a href=\"docs\">The HTTP API</a></p>"
        ),
    )
}

fn rows(out: &mut String, title: &str, list: &Value, row: impl Fn(&Value) -> (String, String)) {
    let list: Vec<_> = list.as_array().into_iter().flatten().map(row).collect();
    table(out, title, &list);
}

fn table(out: &mut String, title: &str, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "<table><caption>{title}</caption>");
    for (name, about) in rows {
        let _ = write!(out, "<tr><th scope=\"row\"><code>{name}</code></th><td>{about}</td></tr>");
    }
    out.push_str("</table>");
}

fn html(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>body{{font:1rem/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem;\
         color-scheme:light dark}}th{{text-align:left;padding-right:1rem;vertical-align:top}}\
         caption{{text-align:left;font-weight:bold}}</style><h1>{title}</h1>{body}</html>"
    )
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
