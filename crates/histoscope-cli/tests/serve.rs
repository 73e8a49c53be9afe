//! `histoscope serve` as a process: it listens, answers as `predict` does, and stops when told to.
#![cfg(all(feature = "serve", unix))]

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
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

#[test]
fn it_answers_as_predict_does_and_stops_when_told_to() {
    let mut server = Server::start(&["--workers", "2"]);
    let image = common::fixture("good").join("grid_700x460.jpg");
    let mut form = b"--x\r\nContent-Disposition: form-data; name=\"file\"; \
        filename=\"grid_700x460.jpg\"\r\n\r\n"
        .to_vec();
    form.extend(std::fs::read(&image).unwrap());
    form.extend(b"\r\n--x--\r\n");
    let mut request = format!(
        "POST /predict/single HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \
         multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        form.len()
    )
    .into_bytes();
    request.extend(form);
    let (head, body) = server.ask(&request);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}\n{body}");

    let predicted = Command::new(env!("CARGO_BIN_EXE_histoscope"))
        .args(["predict", "--json"])
        .arg(&image)
        .output()
        .unwrap();
    assert_eq!(without_times(&body), without_times(&String::from_utf8(predicted.stdout).unwrap()));

    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert!(TcpStream::connect(&server.address).is_err());
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
