//! The HTTP API as its clients meet it: the Python server's names and status codes, and what becomes
//! of requests that are broken, too many, too slow or given up.

mod common;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use histoscope::options::Options;
use histoscope_server::{Lessons, Limits, Service, Settings, router, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

use common::{
    BOUNDARY, FAMILIARITY, FIELD, TRUNCATED, ask, classifier, form, get, loaded, post, text,
};

/// A report of the core, without what another run has otherwise.
fn expected(name: &str) -> Value {
    let report = classifier()
        .classify(FIELD, name, &Options::default(), &|| 0.0, &mut |_, _| {})
        .expect("a report");
    without_times(serde_json::to_value(report).expect("JSON"))
}

fn without_times(mut report: Value) -> Value {
    report.as_object_mut().expect("an object").remove("timings_ms").expect("times");
    report
}

#[tokio::test]
async fn one_image_gives_the_report_of_the_core() {
    let server = loaded(Limits::for_workers(2));
    let (status, report) =
        ask(&server, post("/predict/single", form(&[("file", "a.png", FIELD)]))).await;
    assert_eq!(status, StatusCode::OK);
    // The names that clients of the Python server read.
    let sum = report["probabilities"]["benign"].as_f64().expect("a number")
        + report["probabilities"]["malignant"].as_f64().expect("a number");
    assert!((sum - 1.0).abs() < 1e-9);
    assert!(report["patch_breakdown"]["benign_patches"].is_u64());
    assert!(report["prediction_idx"].is_u64());
    assert_eq!(without_times(report), expected("a.png"));
}

#[tokio::test]
async fn a_folder_keeps_its_order_and_its_failures() {
    let server = loaded(Limits::for_workers(2));
    let files: [(&str, &str, &[u8]); 4] = [
        ("files", "p/a.png", FIELD),
        ("files", "p/broken.png", TRUNCATED),
        ("other", "ignored", b"text"),
        ("files", "p/b.png", FIELD),
    ];
    let (status, folder) = ask(&server, post("/predict/folder", form(&files))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(folder["num_images"], 3);
    let results = folder["individual_results"].as_array().expect("results");
    let names: Vec<_> = results.iter().map(|result| result["filename"].clone()).collect();
    assert_eq!(names, ["p/a.png", "p/broken.png", "p/b.png"]);
    assert_eq!(results[1]["success"], false);
    assert_eq!(results[1]["error"]["code"], "image_truncated_or_corrupt");
    // The same bytes vote once.
    assert_eq!(results[2]["duplicate_of"], 0);
    let all = ask(&server, post("/predict/folder?keep_duplicates=true", form(&files))).await.1;
    assert!(all["individual_results"][2].get("duplicate_of").is_none());
}

#[tokio::test]
async fn unfamiliar_images_vote_unless_the_request_says_otherwise() {
    let service = Service::new(Limits::for_workers(1));
    let knowing = classifier().with_familiarity(FAMILIARITY).expect("the shipped statistics");
    service.load(knowing, Lessons::default());
    let server = router(service, Settings::default());
    let files = form(&[("files", "a.png", FIELD)]);
    let ask_with = async |query: &str| {
        let address = format!("/predict/folder{query}");
        ask(&server, post(&address, files.clone())).await.1
    };
    let usual = ask_with("").await;
    // A drawn field is like nothing that the model has learned.
    assert_eq!(usual["num_unfamiliar"], 1);
    assert_eq!(usual["count_unfamiliar"], true);
    assert!(usual["aggregated_diagnosis"].is_object());
    assert_eq!(ask_with("?count_unfamiliar=true").await["verdict"], usual["verdict"]);
    let strict = ask_with("?count_unfamiliar=false").await;
    assert_eq!(strict["count_unfamiliar"], false);
    assert_eq!(strict["verdict"], "unfamiliar");
    assert!(strict["aggregated_diagnosis"].is_null());
}

#[tokio::test]
async fn several_patients_have_a_diagnosis_each_unless_the_request_says_that_they_are_one() {
    let server = loaded(Limits::for_workers(1));
    let names = ["SOB_B_A-14-1-40-001.png", "SOB_M_DC-14-2-40-001.png"];
    let files = form(&names.map(|name| ("files", name, FIELD)));
    let ask_with = async |query: &str| {
        let address = format!("/predict/folder?keep_duplicates=true{query}");
        ask(&server, post(&address, files.clone())).await.1
    };
    let several = ask_with("").await;
    assert!(several["aggregated_diagnosis"].is_null() && several["verdict"].is_null());
    assert_eq!(several["no_verdict"], "several patients");
    assert_eq!(several["patients"][1]["patient"], "14-2");
    let one = ask_with("&one_patient=true").await;
    assert_eq!(one["aggregated_diagnosis"], several["patients"][1]["aggregated_diagnosis"]);
    assert!(one.get("no_verdict").is_none() && one.get("patients").is_none());
}

#[tokio::test]
async fn what_is_wrong_with_a_request_has_its_status_and_its_sentence() {
    let limits = Limits { upload_bytes: 1 << 20, folder_files: 2, ..Limits::for_workers(1) };
    let server = loaded(limits);
    let zeros = vec![0; (1 << 20) + 1];
    let three: [(&str, &str, &[u8]); 3] =
        [("files", "a", b"1"), ("files", "b", b"2"), ("files", "c", b"3")];
    let good = form(&[("file", "a.png", FIELD)]);
    let cases: Vec<(Request<Body>, u16, &str)> = vec![
        (post("/predict/single", form(&[])), 400, "no_file"),
        (post("/predict/single", form(&[("image", "a.png", FIELD)])), 400, "no_file"),
        (post("/predict/single", form(&[("file", "a.png", b"")])), 400, "image_empty"),
        (
            post("/predict/single", form(&[("file", "a.png", b"hello")])),
            400,
            "image_not_recognised",
        ),
        (
            post("/predict/single", form(&[("file", "a.png", TRUNCATED)])),
            400,
            "image_truncated_or_corrupt",
        ),
        (post("/predict/single", form(&[("file", "a.png", &zeros)])), 413, "upload_too_large"),
        (post("/predict/single", "no form at all"), 400, "no_form"),
        (post("/predict/single", good[..good.len() / 2].to_vec()), 400, "no_form"),
        (Request::post("/predict/single").body(Body::empty()).expect("one"), 400, "no_form"),
        (post("/predict/single?max_patches=0", good.clone()), 400, "options_invalid"),
        (post("/predict/single?max_patches=many", good.clone()), 400, "options_invalid"),
        (post("/predict/single?no_such=1", good.clone()), 400, "options_invalid"),
        (post("/predict/single?uncertain_below=2", good.clone()), 400, "options_invalid"),
        (post("/predict/folder", form(&[])), 400, "no_file"),
        (post("/predict/folder", form(&three)), 413, "too_many_files"),
        (get("/nothing"), 404, "not_found"),
        (get("/predict/single"), 405, "method_not_allowed"),
    ];
    for (request, status, code) in cases {
        let what = format!("{} {}", request.method(), request.uri());
        let (found, body) = ask(&server, request).await;
        assert_eq!(
            (found.as_u16(), &body["error"]["code"]),
            (status, &code.into()),
            "{what}: {body}"
        );
        assert_eq!(body["success"], false, "{what}");
        assert!(body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{what}");
    }
    // After all that the server is as it was.
    assert_eq!(ask(&server, post("/predict/single", good)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn without_a_model_it_says_so() {
    let service = Service::new(Limits::for_workers(1));
    let server = router(Arc::clone(&service), Settings::default());
    let (status, health) = ask(&server, get("/health")).await;
    assert_eq!((status, &health["model_loaded"]), (StatusCode::SERVICE_UNAVAILABLE, &false.into()));
    let response = server
        .clone()
        .oneshot(post("/predict/single", form(&[("file", "a.png", FIELD)])))
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");

    service.load(classifier(), Lessons::default());
    let (status, health) = ask(&server, get("/health")).await;
    assert_eq!(status, StatusCode::OK);
    let expected = serde_json::json!({"status": "healthy", "model_loaded": true, "device": "cpu"});
    assert_eq!(health, expected);
}

#[tokio::test]
async fn beyond_the_bound_a_client_is_told_to_come_again() {
    let limits = Limits { images: 1, ..Limits::for_workers(1) };
    let server = loaded(limits);
    // The first holds the only place, for its body has not ended.
    let (hold, held) = oneshot::channel::<()>();
    let (read, reading) = oneshot::channel::<()>();
    let start = form(&[("file", "a.png", FIELD)]);
    let slow = futures_body(start[..100].to_vec(), start[100..].to_vec(), read, held);
    let first = tokio::spawn(server.clone().oneshot(post("/predict/single", slow)));
    reading.await.expect("the first is being read");
    let second = server
        .clone()
        .oneshot(post("/predict/single", form(&[("file", "b.png", FIELD)])))
        .await
        .expect("an answer");
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(second.headers()[header::RETRY_AFTER], "1");
    hold.send(()).expect("the first still reads");
    assert_eq!(first.await.expect("no panic").expect("an answer").status(), StatusCode::OK);
    let third = ask(&server, post("/predict/single", form(&[("file", "c.png", FIELD)]))).await;
    assert_eq!(third.0, StatusCode::OK);
}

/// A body that tells when its first part was read, and ends when told to.
fn futures_body(
    first: Vec<u8>,
    rest: Vec<u8>,
    read: oneshot::Sender<()>,
    held: oneshot::Receiver<()>,
) -> Body {
    let (sender, body) = http_body_util::channel::Channel::<axum::body::Bytes>::new(1);
    tokio::spawn(async move {
        let mut sender = sender;
        sender.send_data(first.into()).await.expect("a reader");
        let _ = read.send(());
        let _ = held.await;
        let _ = sender.send_data(rest.into()).await;
    });
    Body::new(body)
}

#[tokio::test]
async fn only_who_bears_the_token_may_ask() {
    let service = Service::new(Limits::for_workers(1));
    service.load(classifier(), Lessons::default());
    let secret = Settings { token: Some("a secret".into()), ..Settings::default() };
    let server = router(service, secret);
    let image = || post("/predict/single", form(&[("file", "a.png", FIELD)]));
    let with = |token: &str| {
        let mut request = image();
        request.headers_mut().insert(header::AUTHORIZATION, token.parse().expect("a header"));
        request
    };
    for request in
        [image(), with("Bearer another!"), with("Bearer "), with("a secret"), get("/metrics")]
    {
        let (status, body) = ask(&server, request).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (StatusCode::UNAUTHORIZED, &"unauthorised".into())
        );
    }
    assert_eq!(ask(&server, with("Bearer a secret")).await.0, StatusCode::OK);
    assert_eq!(ask(&server, get("/health")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn other_sites_may_ask_only_where_they_are_named() {
    let named = Settings {
        allow_origins: vec!["https://example.org".parse().expect("a header")],
        ..Settings::default()
    };
    let servers = [
        (router(Service::new(Limits::for_workers(1)), Settings::default()), None),
        (router(Service::new(Limits::for_workers(1)), named), Some("https://example.org")),
    ];
    for (server, allowed) in servers {
        for origin in ["https://example.org", "https://example.com"] {
            let mut request = get("/api");
            request.headers_mut().insert(header::ORIGIN, origin.parse().expect("a header"));
            let response = server.clone().oneshot(request).await.expect("an answer");
            let header = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            let expected = allowed.filter(|allowed| *allowed == origin);
            assert_eq!(header.map(|value| value.to_str().expect("text")), expected, "{origin}");
        }
    }
}

#[tokio::test]
async fn what_is_described_is_what_there_is() {
    let server = loaded(Limits::for_workers(1));
    let document = ask(&server, get("/openapi.json")).await.1;
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 8);
    let page = text(server.clone().oneshot(get("/docs")).await.expect("an answer")).await;
    let api = ask(&server, get("/api")).await.1;
    assert_eq!(api["model"]["name"], "histoscope-lite0");
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            let upper = method.to_uppercase();
            assert!(page.contains(&format!("{upper} {path}")), "{path}");
            assert!(api["endpoints"][format!("{upper} {path}")].is_string(), "{path}");
            let request = Request::builder().method(upper.as_str()).uri(path);
            let request = request.body(Body::empty()).expect("a request");
            let status = server.clone().oneshot(request).await.expect("an answer").status();
            assert!(
                !matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED),
                "{path}: {status}"
            );
        }
    }
    // Each reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().expect("a pointer");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn counts_are_kept_without_names() {
    let server = loaded(Limits::for_workers(1));
    ask(&server, post("/predict/single", form(&[("file", "secret-name.png", FIELD)]))).await;
    ask(&server, post("/predict/single", form(&[("file", "secret-name.png", TRUNCATED)]))).await;
    let counts = text(server.clone().oneshot(get("/metrics")).await.expect("an answer")).await;
    for line in [
        "histoscope_images_total{end=\"Classified\"} 1",
        "histoscope_images_total{end=\"Failed\"} 1",
        "histoscope_images_taken 0",
        "histoscope_requests_total{route=\"/predict/single\",status=\"200\"} 1",
        "histoscope_requests_total{route=\"/predict/single\",status=\"400\"} 1",
        "# EOF",
    ] {
        assert!(counts.lines().any(|found| found == line), "{line}\n{counts}");
    }
    assert!(!counts.contains("secret-name"));
}

/// A real server on a free port: its address, what stops it, and its end.
async fn listening(
    limits: Limits,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let router = loaded(limits);
    let server = tokio::spawn(serve(listener, router, async {
        let _ = stopped.await;
    }));
    (address, stop, server)
}

fn head(length: usize) -> String {
    format!(
        "POST /predict/single HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \
         multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
    )
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8(answer).expect("text")
}

#[tokio::test]
async fn a_stopped_server_answers_what_it_has_taken() {
    let (address, stop, server) = listening(Limits::for_workers(1)).await;
    let body = form(&[("file", "a.png", FIELD)]);
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head(body.len()).as_bytes()).await.expect("sent");
    stream.write_all(&body[..body.len() / 2]).await.expect("sent");
    // The head was taken once its place counts.
    let mut other = TcpStream::connect(address).await.expect("a connection");
    loop {
        other.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
        let mut counts = [0; 4096];
        let read = other.read(&mut counts).await.expect("counts");
        if String::from_utf8_lossy(&counts[..read]).contains("histoscope_images_taken 1") {
            break;
        }
    }
    drop(other);
    stop.send(()).expect("it runs");
    stream.write_all(&body[body.len() / 2..]).await.expect("sent");
    let answered = answer(&mut stream).await;
    assert!(answered.starts_with("HTTP/1.1 200 OK"), "{answered}");
    assert!(answered.contains("\"success\":true"), "{answered}");
    server.await.expect("no panic").expect("a quiet end");
    assert!(TcpStream::connect(address).await.is_err(), "it listens no more");
}

#[tokio::test]
async fn a_silent_client_loses_its_place() {
    let limits =
        Limits { images: 1, silence: Duration::from_millis(200), ..Limits::for_workers(1) };
    let (address, _stop, _server) = listening(limits).await;
    let body = form(&[("file", "a.png", FIELD)]);
    let mut silent = TcpStream::connect(address).await.expect("a connection");
    silent.write_all(head(body.len()).as_bytes()).await.expect("sent");
    silent.write_all(&body[..10]).await.expect("sent");
    let answered = answer(&mut silent).await;
    assert!(answered.starts_with("HTTP/1.1 408"), "{answered}");
    let mut next = TcpStream::connect(address).await.expect("a connection");
    next.write_all(head(body.len()).as_bytes()).await.expect("sent");
    next.write_all(&body).await.expect("sent");
    assert!(answer(&mut next).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn who_goes_makes_room() {
    let limits = Limits { images: 1, ..Limits::for_workers(1) };
    let (address, _stop, _server) = listening(limits).await;
    let body = form(&[("file", "a.png", FIELD)]);
    let mut gone = TcpStream::connect(address).await.expect("a connection");
    gone.write_all(head(body.len()).as_bytes()).await.expect("sent");
    gone.write_all(&body[..10]).await.expect("sent");
    drop(gone);
    // The place is free as soon as the server has seen it.
    loop {
        let mut next = TcpStream::connect(address).await.expect("a connection");
        next.write_all(head(body.len()).as_bytes()).await.expect("sent");
        next.write_all(&body).await.expect("sent");
        let answered = answer(&mut next).await;
        if answered.starts_with("HTTP/1.1 200 OK") {
            break;
        }
        assert!(answered.starts_with("HTTP/1.1 429"), "{answered}");
    }
}
