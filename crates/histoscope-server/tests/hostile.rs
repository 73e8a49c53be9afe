//! Ten thousand requests that are cut, flipped and spliced: each gets a status, none ends the server.

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use histoscope_server::Limits;
use tower::ServiceExt;

use common::{BOUNDARY, FIELD, ask, form, loaded, post};

const REQUESTS: usize = 10_000;

/// A generator of Lehmer's kind (Park and Miller, 1988): the same requests in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as usize % most
    }
}

fn spoil(chance: &mut Chance, body: &mut Vec<u8>) {
    for _ in 0..=chance.below(4) {
        if body.is_empty() {
            return;
        }
        let at = chance.below(body.len());
        match chance.below(5) {
            0 => body[at] ^= 1 << chance.below(8),
            1 => body.truncate(at),
            2 => {
                let end = (at + chance.below(40)).min(body.len());
                body.drain(at..end);
            }
            3 => {
                let part = body[at..(at + chance.below(200)).min(body.len())].to_vec();
                let to = chance.below(body.len());
                body.splice(to..to, part);
            }
            _ => {
                let to = chance.below(body.len());
                body.splice(to..to, format!("\r\n--{BOUNDARY}\r\n").into_bytes());
            }
        }
    }
}

#[tokio::test]
async fn every_spoilt_request_has_its_status() {
    let server = loaded(Limits { upload_bytes: 1 << 20, ..Limits::for_workers(2) });
    let mut chance = Chance(1);
    // Small bodies, so that the form is spoilt as often as the picture.
    let seeds = [
        form(&[("file", "a.png", b"hello")]),
        form(&[("files", "a.png", b"\x89PNG\r\n\x1a\n"), ("files", "b", b"")]),
        form(&[("file", "a.png", &FIELD[..200])]),
    ];
    let mut seen = std::collections::BTreeMap::new();
    for turn in 0..REQUESTS {
        let mut body = seeds[chance.below(seeds.len())].clone();
        spoil(&mut chance, &mut body);
        let path = ["/predict/single", "/predict/folder"][turn % 2];
        let request = match chance.below(20) {
            0 => Request::post(path).body(Body::from(body)).expect("a request"),
            1 => Request::post(path)
                .header(header::CONTENT_TYPE, "multipart/form-data")
                .body(Body::from(body))
                .expect("a request"),
            _ => post(path, body),
        };
        let response = server.clone().oneshot(request).await.expect("an answer");
        *seen.entry(response.status().as_u16()).or_insert(0) += 1;
    }
    let allowed = [200, 400, 413];
    assert!(seen.keys().all(|status| allowed.contains(status)), "{seen:?}");
    assert!(seen[&400] > REQUESTS / 2, "{seen:?}");
    let good = ask(&server, post("/predict/single", form(&[("file", "a.png", FIELD)]))).await;
    assert_eq!(good.0, StatusCode::OK);
}
