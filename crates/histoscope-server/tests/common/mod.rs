//! A server with the shipped model, and requests to it.
#![allow(dead_code, reason = "not every test binary needs all of it")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use histoscope::manifest::{Manifest, Variant};
use histoscope::pipeline::Classifier;
use histoscope_server::{Lessons, Limits, Service, Settings, router};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

const MANIFEST: &str = include_str!("../../../../models/histoscope-v0.json");
const MODEL: &[u8] = include_bytes!("../../../../models/histoscope-v0.int8.onnx");
pub(crate) const FAMILIARITY: &[u8] =
    include_bytes!("../../../../models/histoscope-v0.familiarity.json");
pub(crate) const FIELD: &[u8] = include_bytes!("../../../../tests/fixtures/good/png_rgb8.png");
pub(crate) const TRUNCATED: &[u8] = include_bytes!("../../../../tests/fixtures/bad/truncated.png");
pub(crate) const BOUNDARY: &str = "a-boundary";

pub(crate) fn classifier() -> Classifier {
    let manifest = Manifest::from_json(MANIFEST).expect("the shipped manifest");
    Classifier::new(MODEL, manifest, Variant::Int8).expect("the shipped model")
}

/// A server with the shipped model.
pub(crate) fn loaded(limits: Limits) -> Router {
    let service = Service::new(limits);
    service.load(classifier(), Lessons::default());
    router(service, Settings::default())
}

/// A form with these files, each of a field, a name and bytes.
pub(crate) fn form(files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = vec![];
    for (field, name, bytes) in files {
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; \
                 filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            )
            .bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(body.into())
        .expect("a request")
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a request")
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    (status, serde_json::from_str(&text(response).await).expect("JSON"))
}
