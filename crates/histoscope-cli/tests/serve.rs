//! `histoscope serve` as a process: it listens, answers as `predict` does, and stops when told to.
#![cfg(all(feature = "serve", unix))]

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Ends the process however the test ends.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_histoscope"))
            .args(["serve", "--port", "0", "--log", "json"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
        let line: Value = serde_json::from_str(&first).unwrap();
        let said = line["fields"]["message"].as_str().unwrap();
        assert!(said.ends_with("for research use only; not a medical device"), "{said}");
        let address = said.trim_start_matches("http://").split(' ').next().unwrap().to_owned();
        Self { child, address }
    }

    /// Status line, headers and body.
    fn ask(&self, request: &[u8]) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.into(), body.into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn without_times(text: &str) -> Value {
    let mut report: Value = serde_json::from_str(text).unwrap();
    report.as_object_mut().unwrap().remove("timings_ms").unwrap();
    report
}

/// A request with one file.
fn post(path: &str, name: &str, image: &[u8]) -> Vec<u8> {
    let part = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    let form = [format!("--x\r\n{part}\r\n\r\n").as_bytes(), image, b"\r\n--x--\r\n"].concat();
    let mut request = head(path, form.len()).into_bytes();
    request.extend(form);
    request
}

fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \
         multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n"
    )
}

fn predicted(image: &Path, more: &[&str]) -> Value {
    let program = Command::new(env!("CARGO_BIN_EXE_histoscope"))
        .args(["predict", "--json"])
        .args(more)
        .arg(image)
        .output()
        .unwrap();
    without_times(&String::from_utf8(program.stdout).unwrap())
}

#[test]
fn it_answers_as_predict_does_and_stops_when_told_to() {
    let mut server = Server::start(&["--workers", "2"]);
    let image = common::fixture("good").join("grid_700x460.jpg");
    let request = post("/predict/single", "grid_700x460.jpg", &std::fs::read(&image).unwrap());
    let (head, body) = server.ask(&request);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}\n{body}");

    assert_eq!(without_times(&body), predicted(&image, &[]));

    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert!(TcpStream::connect(&server.address).is_err());
}

#[test]
fn a_lesson_judges_where_it_is_asked_for() {
    let folder = common::empty_folder("serve_lesson");
    let study = common::root().join("www/public/demo-study");
    let lesson = folder.join("drawn.lesson.json");
    let lesson = lesson.to_str().unwrap();
    let mut labels = "file,label,patient\n".to_owned();
    for row in common::json(&study.join("study.json")).as_array().unwrap() {
        let [file, label] = ["file", "label"].map(|key| row[key].as_str().unwrap());
        writeln!(labels, "{file},{label},{}", row["patient"]).unwrap();
    }
    let table = folder.join("labels.csv");
    std::fs::write(&table, labels).unwrap();
    let taught = Command::new(env!("CARGO_BIN_EXE_histoscope"))
        .args(["teach", "--out", lesson, "--labels"])
        .args([&table, &study])
        .output()
        .unwrap();
    assert!(taught.status.success(), "{taught:?}");

    let image = study.join("drawn-6-1.jpg");
    let bytes = std::fs::read(&image).unwrap();
    let ask = |server: &Server, query: &str| {
        let path = format!("/predict/single{query}");
        server.ask(&post(&path, "drawn-6-1.jpg", &bytes))
    };
    let (by_lesson, plain) = (predicted(&image, &["--lesson", lesson]), predicted(&image, &[]));
    assert_ne!(by_lesson["verdict"], plain["verdict"]);

    let named = Server::start(&["--lesson", &format!("drawn={lesson}")]);
    assert_eq!(without_times(&ask(&named, "?lesson=drawn").1), by_lesson);
    assert_eq!(without_times(&ask(&named, "").1), plain);
    let (head, body) = ask(&named, "?lesson=other");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(body.contains("there are drawn, none"), "{body}");
    let (_, api) = named.ask(b"GET /api HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let api: Value = serde_json::from_str(&api).unwrap();
    assert_eq!(api["lessons"], serde_json::json!(["drawn"]));

    let usual = Server::start(&["--lesson", lesson]);
    assert_eq!(without_times(&ask(&usual, "").1), by_lesson);
    assert_eq!(without_times(&ask(&usual, "?lesson=none").1), plain);
}

/// Of a body of a gigabyte no more is read than a file may have, in whichever field it comes.
#[test]
fn bodies_of_a_gigabyte_are_refused_and_take_no_memory() {
    const GIGABYTE: usize = 1 << 30;
    let server = Server::start(&["--workers", "1"]);
    for field in ["file", "other"] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(head("/predict/single", GIGABYTE).as_bytes()).unwrap();
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"");
        stream.write_all(format!("{part}; filename=\"a\"\r\n\r\n").as_bytes()).unwrap();
        let chunk = vec![7; 1 << 20];
        // The server closes when it has had enough.
        let sent = (0..GIGABYTE / chunk.len()).take_while(|_| stream.write_all(&chunk).is_ok());
        assert!(sent.count() < 200);
        let mut answer = [0; 12];
        // What was sent and not read may have reset the connection before the answer was read.
        if stream.read_exact(&mut answer).is_ok() {
            assert_eq!(&answer, b"HTTP/1.1 413", "{field}");
        }
    }
    let (_, metrics) = server.ask(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(metrics.contains("status=\"413\"} 2"), "{metrics}");
    if cfg!(target_os = "linux") {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(kib < 300 << 10, "{line}");
    }
}

#[test]
fn the_page_is_a_file_that_a_person_may_name() {
    let folder = common::empty_folder("serve_page");
    let page = folder.join("page.html");
    std::fs::write(&page, "<!doctype html><title>a page</title>").unwrap();
    let server = Server::start(&["--page", page.to_str().unwrap()]);
    let (head, body) = server.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(head.to_lowercase().contains("content-type: text/html"), "{head}");
    assert_eq!(body, "<!doctype html><title>a page</title>");
}

#[test]
fn wrong_options_are_named() {
    let folder = common::empty_folder("serve_options");
    let blank = folder.join("blank.txt");
    std::fs::write(&blank, "two words\n").unwrap();
    let blank = blank.to_str().unwrap();
    for (arguments, said) in [
        (["--workers", "0"], "--workers: 0 is less than 1"),
        (["--allow-origin", "*"], "--allow-origin: \"*\" is none"),
        (["--allow-origin", "https://a/b"], "--allow-origin"),
        (["--token-file", blank], "--token-file: its first line is no token"),
        (["--token-file", "/no/such/file"], "--token-file: /no/such/file"),
        (["--page", "/dev/zero"], "--page: /dev/zero is"),
        (["--lesson", "none=a.json"], "--lesson: the name none is taken"),
        (["--host", "192.0.2.1"], "the server cannot listen at 192.0.2.1"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_histoscope"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .output()
            .unwrap();
        let error = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{error}");
        assert!(error.contains(said), "{error}");
    }
}
